"""The page as a file: what was shown, in its order; nothing that was typed is more than text."""

import html
import json
import re

import pytest
from streamlit.testing.v1 import AppTest

from bnviz.ui import gathered
from bnviz.ui.frame import FURTHER
from bnviz.ui.gathered import Code, Gathered, Part, Picture, Table, Text, View
from bnviz.ui.setting_table import Setting, table
from bnviz.ui.take_home import key
from bnviz.ui.take_home.page import whole
from bnviz.words.transform import CLOSER
from tests.pages import PAGES, QUICK_ARMS, ROOT, opened
from tests.samples import LESSONS

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
    text = file_of(Part("**Why?** Since.", [Text("## So\n- **one**\n- two"), *rows]))
    order = ["<b>Why?</b> Since.", "<h2>So</h2>", "<li><b>one</b></li>", "Picture 1.", "Picture 2."]
    places = [text.index(one) for one in order]
    assert places == sorted(places)
    assert text.count('class="bnviz-row"') == 1
    assert [one["name"] for one in known(text)["pictures"]] == ["bnviz-p1", "bnviz-p2"]
    assert known(text)["pictures"][0]["figure"] == FIGURE


def test_a_section_without_a_picture_has_its_words_tables_and_code():
    shown = [Text("A table."), Table(["name", "one"], [["first", "1"]]), Code("x = 1 < 2\n  y")]
    text = file_of(Part("**What?** So.", shown))
    assert "<h2><b>What?</b> So.</h2><p>A table.</p>" in text
    assert '<th role="rowheader" scope="row">first</th>' in text
    assert '<td role="cell" data-column="one">1</td>' in text
    assert "<code>x = 1 &lt; 2\n  y</code></pre>" in text


def test_a_section_in_which_nothing_stands_yet_is_left_out():
    assert "Not yet" not in file_of(Part("Not yet"))


def test_only_what_tells_the_end_waits_for_the_clock():
    text = file_of(Part("So", [Text("fixed"), Text("computed", ends=True)]))
    assert "</h2><p>fixed</p>" in text
    assert '<div class="bnviz-end"><p>computed</p></div>' in text


def test_a_formula_stays_as_it_was_written():
    assert "<p>So <code>y = w_1 * w_2 * w_3</code>.</p>" in file_of(
        Part("So", [Text("So $y = w_1 * w_2 * w_3$.")])
    )


def test_what_was_typed_is_text_and_nothing_else():
    named = {"data": [], "layout": {"title": {"text": HOSTILE}, "height": 200}}
    said = Text(f"{HOSTILE} and `{HOSTILE}` and ${HOSTILE}$"), Code(HOSTILE)
    typed = Table([HOSTILE] * 2, [[HOSTILE] * 2]), Picture(named, f'"{HOSTILE}', "k")
    text = file_of(Part(HOSTILE, [*said, *typed]), clock={"names": [HOSTILE]})
    assert "<img" not in text
    assert text.count("</script>") == text.count("<script")
    assert known(text)["pictures"][0]["figure"] == named
    assert known(text)["clock"]["names"] == [HOSTILE]
    views = [View(f'"{HOSTILE}', HOSTILE, True, of) for of in (f'"{HOSTILE}', "")]
    strange = Setting("race", HOSTILE, HOSTILE, ((HOSTILE, HOSTILE, True),), (*views,))
    assert "<img" not in table(strange)
    assert f'data-of="{HOSTILE}' not in table(strange)


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
    asked = [gathered.question(part.title) for part in of.parts]
    assert asked == ["", FURTHER[0], gathered.question(f"**{CLOSER['sigmoid'][0]}** …")]
    pictures = [one for part in of.parts for one in part.shown if isinstance(one, Picture)]
    assert [one.key for one in pictures] == ["stages", "sigmoid"]
    assert any(isinstance(one, Text) and one.text.startswith("## ") for one in of.parts[0].shown)
    rows = {label: (text, turned) for label, text, turned in of.setting.rows}
    assert rows["The table"] == ("1~2_3~4", True)
    assert rows["γ, the scale"] == ("1", True)
    assert rows["β, the shift"] == ("1", False)
    assert "transform-table=" in of.setting.link


def test_what_is_held_back_is_not_in_the_file(asked_for):
    at = page_of("transform", sigmoid="true")
    at.query_params["ask"] = "1"
    at.session_state[key("transform")] = True
    at.run()
    (of,) = asked_for
    assert len(of.parts) == 1  # the open section is not seen on the page, either
    (picture,) = of.parts[0].shown
    assert "told once the answer is" in picture.alternative


def test_outside_of_a_page_nothing_is_gathered():
    gathered.put(Text("to nobody"))
    assert gathered.now().parts[-1].shown == []


def test_what_stands_below_a_section_is_no_part_of_it():
    gathered.begin("race")
    with gathered.section("**Why?** So."):
        gathered.put(Text("inside"), top=False)
        gathered.view("Measure", "loss", turned=True)
    gathered.put(Text("below"), top=False)
    gathered.view("Draw", "x1", turned=False)
    found = gathered.now()
    assert [part.shown for part in found.parts] == [[], [Text("inside")]]
    assert found.views == [View("Measure", "loss", True, "Why?"), View("Draw", "x1", False)]


LEFT = re.compile(r"\*\*|\]\(|^ *\||(?<!\\)\$|^#|:material", re.MULTILINE)
"""Marks of Markdown that a reader would see."""


@pytest.mark.parametrize("lesson", LESSONS)
def test_every_open_section_stands_in_the_file_with_all_that_is_said_there(lesson, asked_for):
    at = opened(lesson, **{"a-diagnostic": "gradients"} if lesson == "lab" else {})
    at.session_state[key(lesson)] = True
    at.run()
    assert not at.exception
    (of,) = asked_for
    text = re.sub(r"<style>.*?</style>|<script.*?</script>", "", whole(of).decode(), flags=re.S)
    for part in (one for one in of.parts[1:] if one.shown):
        assert gathered.question(part.title) in html.unescape(text)
    read = re.sub(r"<code>.*?</code>|<[^>]*>", "", text, flags=re.S)
    assert not LEFT.findall(html.unescape(read)), lesson
    tables = [one for part in of.parts for one in part.shown if isinstance(one, Table)]
    assert len(tables) >= len(at.table)
    programs = [one for part in of.parts for one in part.shown if isinstance(one, Code)]
    assert len(programs) >= (lesson == "transform")


def test_runs_with_a_number_in_the_pictures_of_the_lab_are_named(asked_for):
    name = "N.26.amp.3b.-.2a.x.2a."  # &amp; *x*
    kept = f"nlayer_h2_w8_s50_e1_{name}__nlayer_h2_w8_s50_e1_H"
    at = opened("lab", small=False, **QUICK_ARMS, kept=kept)
    at.session_state[key("lab")] = True
    at.run()
    (of,) = asked_for
    (table,) = [one for one in of.parts[0].shown if isinstance(one, Table)]
    ((number, named, ended),) = table.rows
    assert (number, named) == ("1", "&amp; *x*")
    assert ended.endswith(" %")
    assert '<td role="cell" data-column="what it is">&amp;amp; *x*</td>' in whole(of).decode()
