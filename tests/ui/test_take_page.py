"""The page as a file: what was shown, in its order; nothing that was typed is more than text."""

import json
import re

import pytest
from streamlit.testing.v1 import AppTest

from bnviz.ui import gathered
from bnviz.ui.gathered import Gathered, Part, Picture
from bnviz.ui.setting_table import Setting, table
from bnviz.ui.take_home import key
from bnviz.ui.take_home.page import whole
from tests.pages import PAGES, ROOT

HOSTILE = "</script><img src=x onerror=alert(1)>"
FIGURE = {"data": [{"type": "scatter", "y": [1, 2]}], "layout": {"height": 200}}
SETTING = Setting("race", "Who wins?", "http://host/race?a=1&b=2", (("Rate", "0.1", True),))


def shown(*parts, **more):
    return Gathered("race", parts=[Part(), *parts], setting=SETTING, **more)


def file_of(*parts, **more):
    """Without what all files have: styles, programs and Plotly's packed one."""
    text = whole(shown(*parts, **more)).decode()
    text = re.sub(r"<style>.*?</style>|<script type=\"module\">.*?</script>", "", text, flags=re.S)
    return re.sub(r'(id="bnviz-plotly">").*?"', r'\1"', text)


def known(text):
    """What the file tells its program."""
    return json.loads(re.search(r'id="bnviz-page">(.*?)</script>', text, re.S)[1])


def test_the_file_has_the_question_the_settings_and_the_link_back():
    text = file_of()
    assert "<title>Who wins? · bnviz</title>" in text
    assert "<h1>Who wins?</h1>" in text
    assert '<tr data-turned><th scope="row">Rate</th><td>0.1</td></tr>' in text
    assert 'href="http://host/race?a=1&amp;b=2"' in text


def test_pictures_and_what_is_said_of_them_stand_in_their_order():
    rows = [Picture(FIGURE, f"Picture {n}.", f"p{n}", row=1) for n in (1, 2)]
    text = file_of(Part("**Why?** Since.", ["## So\n- **one**\n- two", *rows]))
    order = ["<b>Why?</b> Since.", "<h2>So</h2>", "<li><b>one</b></li>", "Picture 1.", "Picture 2."]
    places = [text.index(one) for one in order]
    assert places == sorted(places)
    assert text.count('class="bnviz-row"') == 1
    assert [one["name"] for one in known(text)["pictures"]] == ["bnviz-p1", "bnviz-p2"]
    assert known(text)["pictures"][0]["figure"] == FIGURE


def test_a_section_without_a_picture_is_left_out():
    assert "Only words" not in file_of(Part("Only words", ["said"]))


def test_what_was_typed_is_text_and_nothing_else():
    named = {"data": [], "layout": {"title": {"text": HOSTILE}, "height": 200}}
    part = Part(HOSTILE, [f"{HOSTILE} and `{HOSTILE}`", Picture(named, f'"{HOSTILE}', "k")])
    text = file_of(part, clock={"names": [HOSTILE]})
    assert "<img" not in text
    assert text.count("</script>") == text.count("<script")
    assert known(text)["pictures"][0]["figure"] == named
    assert known(text)["clock"]["names"] == [HOSTILE]
    assert "<img" not in table(Setting("race", HOSTILE, HOSTILE, ((HOSTILE, HOSTILE, True),)))


def test_a_page_that_has_not_come_to_its_end_is_refused():
    with pytest.raises(ValueError, match="not come to its end"):
        whole(Gathered("race"))


def test_without_a_clock_there_is_none():
    assert "bnviz-foot" not in file_of()
    assert "bnviz-foot" in file_of(clock={"steps": [0, 1]})


@pytest.fixture
def asked_for(monkeypatch):
    """What the files on a page would be made of, once somebody asks."""
    found = []
    monkeypatch.setattr("bnviz.ui.take_home.page.partial", lambda make, of: found.append(of) or b"")
    return found


def page_of(lesson, **parameters):
    at = AppTest.from_file(ROOT / "app.py", default_timeout=120)
    at.switch_page(PAGES[lesson])
    for name, value in parameters.items():
        at.query_params[f"{lesson}-{name}"] = value
    return at


def test_a_page_gathers_its_open_sections_and_makes_nothing_yet(asked_for):
    at = page_of("transform", ask="99", sigmoid="true", table="1~2_3~4", gamma="1")
    at.session_state[key("transform")] = True
    at.run()
    assert not at.exception
    (of,) = asked_for
    assert [bool(part.title) for part in of.parts] == [False, True]
    pictures = [one for part in of.parts for one in part.shown if isinstance(one, Picture)]
    assert [one.key for one in pictures] == ["stages", "sigmoid"]
    assert any(isinstance(one, str) and one.startswith("## ") for one in of.parts[0].shown)
    rows = {label: (text, turned) for label, text, turned in of.setting.rows}
    assert rows["The table"] == ("1~2_3~4", True)
    assert rows["γ, the scale"] == ("1", True)
    assert rows["β, the shift"] == ("1", False)
    assert "transform-table=" in of.setting.link


def test_what_is_held_back_is_not_in_the_file(asked_for):
    at = page_of("transform")
    at.query_params["ask"] = "1"
    at.session_state[key("transform")] = True
    at.run()
    (of,) = asked_for
    assert not any(isinstance(one, str) for one in of.parts[0].shown)
    (picture,) = [one for one in of.parts[0].shown if isinstance(one, Picture)]
    assert "told once the answer is" in picture.alternative


def test_outside_of_a_page_nothing_is_gathered():
    gathered.said("to nobody")
    assert gathered.now().parts[-1].shown == []
