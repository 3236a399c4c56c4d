"""Take it home: what is behind the button is made for the settings of now, when it is open."""

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from bnviz.experiments.lab_config import LabConfig
from bnviz.script.comparison import LESSONS
from bnviz.script.text import script
from bnviz.ui import take_home
from bnviz.ui.course import lesson as lesson_called
from tests.pages import CONFIGS, PAGES, QUICK, QUICK_ARMS, ROOT, opened

TURNED = {"depth": 2, "width": 8, "steps": 50, "seeds": 1}


def small(lesson):
    """A page at small settings, with its closed sections closed."""
    return opened(lesson, small=False, **(QUICK_ARMS if lesson == "lab" else QUICK))


def of_now(lesson):
    """The Configs of that page."""
    if lesson != "lab":
        return [CONFIGS[lesson](**TURNED)]
    return [LabConfig(**TURNED), LabConfig(**TURNED, normalizer="batch")]


@pytest.fixture
def saved(monkeypatch):
    """What download buttons on a page would save: file name -> data."""
    found = {}

    def button(label, data, file_name, **options):
        found[file_name] = data

    monkeypatch.setattr(st, "download_button", button)
    return found


@pytest.mark.parametrize("lesson", LESSONS)
def test_the_file_is_the_script_of_what_the_page_shows(lesson, saved):
    at = small(lesson)
    assert not saved  # nothing is made that nobody has asked for
    at.session_state[take_home.key(lesson)] = True
    at.run()
    (name,) = saved
    assert name == f"bnviz-{lesson}.py"
    lines = saved[name].splitlines()
    (link,) = [line for line in lines if line.startswith("# Link: ")]
    assert f"{lesson}-" in link
    lines.remove(link)
    question = lesson_called(lesson).question
    assert lines == script(lesson, question, *of_now(lesson)).splitlines()
    assert at.code[-1].value == saved[name].rstrip()


def test_a_lesson_without_a_script_has_no_button():
    at = AppTest.from_file(ROOT / "app.py", default_timeout=120)
    at.switch_page(PAGES["transform"])
    at.run()
    assert not at.exception
    assert take_home.key("transform") not in at.session_state
