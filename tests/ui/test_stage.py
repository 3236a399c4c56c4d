"""How much of a page is shown: to a class, in a frame, or one picture of it."""

import re
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from bnviz.ui import stage
from bnviz.ui.course import lesson
from bnviz.ui.frame import WORDS_ALONE
from tests.samples import LESSONS, module

ROOT = Path(__file__).resolve().parents[2]
LESSONS_THERE = '<nav aria-label="Lessons">'
PICTURES = re.compile(r"\b(?:show|told|both_told|beside|in_a_row|section|inside)\(")


def opened(page="02_transform", **options):
    at = AppTest.from_file(ROOT / "app.py", default_timeout=60)
    at.switch_page(f"pages/{page}.py")
    for name, text in options.items():
        at.query_params[name] = text
    at.run()
    assert not at.exception
    return at


def charts(at):
    return at.get("plotly_chart")


def alternatives(at):
    return [chart.proto.alt for chart in charts(at)]


def warnings(at):
    return [one.value for one in at.warning]


def html(at):
    return "".join(one.proto.body for one in at.get("html"))


def test_at_a_desk_there_is_the_whole_page_with_the_way_into_a_presentation():
    at = opened()
    assert LESSONS_THERE in html(at)
    assert re.search(r'<a class="bnviz-turn" href="\?present=1"[^>]*>Present</a>', html(at))
    assert "How it is measured" in [one.label for one in at.expander]


@pytest.mark.parametrize("option", [{"present": "1"}, {"figure": "first"}])
def test_where_there_is_no_room_sidebar_and_long_texts_are_not_there(option):
    at = opened(**option)
    assert LESSONS_THERE not in html(at)
    assert not at.expander
    assert "bnviz-bar" in html(at)
    assert len(charts(at)) == 1


def test_the_way_out_of_a_presentation_keeps_the_other_options():
    end = re.search(r'<a class="bnviz-turn" href="([^"]*)"[^>]*>End</a>', html(opened(
        present="1", room="qwerty", ask="1")))  # fmt: skip
    assert end.group(1) == "?ask=1&amp;room=qwerty"


@pytest.mark.parametrize("option", [{"present": "1"}, {"ask": "1"}])
def test_words_for_a_picture_do_not_tell_what_is_held_back(option):
    (told,) = alternatives(opened())
    (held,) = alternatives(opened(**option))
    assert held == "The four stages. What it shows is told once the answer is."
    assert told.startswith("The four stages. ")
    assert len(told) > len(held)


@pytest.mark.parametrize(
    ("figure", "begins"),
    [("first", "The four stages."), ("sigmoid", ""), ("pairs", "Two features"), ("first-1", "The")],
)
def test_one_picture_is_shown_at_the_settings_of_the_address(figure, begins):
    at = opened(figure=figure, **{"transform-table": "1~2_5~9"})
    (alternative,) = alternatives(at)
    assert alternative.startswith(begins)
    assert not warnings(at)


@pytest.mark.parametrize("figure", ["nonsense", "first-2", "code", "<b>", "5", "x" * 500])
def test_a_picture_that_is_not_there_is_answered_with_what_is(figure):
    at = opened(figure=figure)
    assert not charts(at)
    (said,) = warnings(at)
    assert "There are: first, sigmoid, pairs." in said
    assert "<b>" not in said.replace("`<b>`", "")
    assert len(said) < 300


def test_a_page_without_pictures_says_so():
    (said,) = warnings(opened("20_glossary", figure="first"))
    assert "There are: none." in said


@pytest.mark.parametrize("name", LESSONS)
def test_every_closed_section_has_a_picture_but_those_of_words_alone(name):
    text = (ROOT / lesson(name).page).read_text(encoding="utf-8")
    _, *blocks = text.split("with closer(")
    found = {re.search(r'"[a-z]+", "([a-z]+)"', one).group(1): one for one in blocks}
    assert set(found) <= set(getattr(module(name, "words"), "CLOSER", {}))
    alone = {
        section
        for section, block in found.items()
        if not PICTURES.search(re.split(r"\n    (?=frame\.)", block)[0])
    }
    assert alone == set(WORDS_ALONE.get(name, ()))


def test_outside_of_a_page_everything_is_shown():
    assert stage.shows()
    assert not stage.alone()
    assert stage.staged("loss") is None
    assert stage.unsaid("A. B.") == "A. B."
