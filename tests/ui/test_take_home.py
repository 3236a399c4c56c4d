"""Take it home: what is behind the button is made for the settings of now, when it is open."""

import json

import pytest
import streamlit as st

from bnviz.experiments.lab_config import LabConfig
from bnviz.script import comparison, library, text
from bnviz.script.notebook import SAID
from bnviz.ui import take_home
from bnviz.ui.course import lesson as lesson_called
from tests.pages import CONFIGS, QUICK, QUICK_ARMS, opened
from tests.samples import BY_HAND, LESSONS

TURNED = {"depth": 2, "width": 8, "steps": 50, "seeds": 1}
TYPED = "1~2_3~4.5"


def small(lesson, **more):
    """A page at small settings, with its closed sections closed."""
    quick = {} if lesson in BY_HAND else QUICK_ARMS if lesson == "lab" else QUICK
    return opened(lesson, small=False, **quick | more)


def of_now(lesson):
    """The Configs of that page."""
    if lesson in BY_HAND:
        return [CONFIGS[lesson]()]
    if lesson != "lab":
        return [CONFIGS[lesson](**TURNED)]
    return [LabConfig(**TURNED), LabConfig(**TURNED, normalizer="batch")]


@pytest.fixture
def saved(monkeypatch):
    """What download buttons on a page would save: file name -> data, or what makes it."""
    found = {}

    def button(label, data, file_name, **options):
        found[file_name] = data

    monkeypatch.setattr(st, "download_button", button)
    return found


def without_link(written):
    """The lines of a script, and the one that has the page's link."""
    lines = written.splitlines()
    (link,) = [line for line in lines if line.startswith("# Link: ")]
    lines.remove(link)
    return lines, link


@pytest.mark.parametrize("lesson", LESSONS)
def test_the_files_are_of_what_the_page_shows(lesson, saved):
    at = small(lesson)
    assert not saved  # nothing is made that nobody has asked for
    at.session_state[take_home.key(lesson)] = True
    at.run()
    assert not at.exception
    question, configs = lesson_called(lesson).question, of_now(lesson)
    with_bnviz = library.program(lesson, question, *configs)
    expected = {f"bnviz-{lesson}-library.py": with_bnviz}
    if lesson in comparison.LESSONS:
        expected[f"bnviz-{lesson}.py"] = text.program(lesson, question, *configs)
    assert {*saved} == {*expected, f"bnviz-{lesson}.ipynb", f"bnviz-{lesson}.html"}
    for name, program in expected.items():
        lines, link = without_link(saved[name])
        assert f"/{lesson}" in link or lesson == "home"
        assert f"{lesson}-" in link or lesson in BY_HAND
        assert lines == program.text.splitlines()
    first = saved.get(f"bnviz-{lesson}.py", saved[f"bnviz-{lesson}-library.py"])
    assert at.code[-1].value == first.rstrip()
    cells = json.loads(saved[f"bnviz-{lesson}.ipynb"]())["cells"]
    assert "".join(cells[0]["source"]).startswith(f"# {question}\n")
    (headline,) = [one.value for one in at.header]
    said = "".join(cells[1]["source"])
    assert said.startswith(f"{SAID}\n\n**{headline}**\n")


def test_while_an_answer_is_held_back_no_notebook_tells_it(saved):
    at = small("race", ask="1")
    at.query_params["ask"] = "1"
    at.session_state[take_home.key("race")] = True
    at.run()
    assert SAID not in saved["bnviz-race.ipynb"]()


def test_by_hand_the_numbers_are_those_that_were_typed(saved):
    at = small("transform", table=TYPED)
    at.session_state[take_home.key("transform")] = True
    at.run()
    assert f"table={TYPED!r}" in saved["bnviz-transform-library.py"]
