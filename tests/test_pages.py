"""Every page: it opens, shows the same again, obeys links, and is put back to its defaults."""

import re
from functools import cache

import pytest
from streamlit.testing.v1 import AppTest

from bnviz.ui import course
from bnviz.ui.frame import BELIEFS
from tests.pages import (
    PAGES,
    ROOT,
    checked,
    default,
    names,
    opened,
    press,
    specs,
    value,
    widgets,
)
from tests.samples import closed_sections

pytestmark = pytest.mark.usefixtures("coarse_map")

LINKS = {
    "transform": {"gamma": "0.5", "epsilon": "0.1"},
    "backward": {"gamma": "0.5", "epsilon": "0.1"},
    "lab": {"a-learning_rate": "0.56", "a-activation": "tanh", "b-gain": "0.5"},
}
"""A link that changes the pictures, where the knobs of a training do not."""


def fold(at, lesson, name):
    """The section of this name in the link."""
    key = f"{lesson}-{name}"
    return next(one for one in at.expander if one.proto.query_param_key == key)


def asks(label):
    """Whether the title of a fold is a question, and then one line on what it shows."""
    return re.fullmatch(r"\*\*[^*]+\?\*\* [^*]+\.", label) or label == " ".join(
        (f"**{BELIEFS[0]}**", BELIEFS[1])
    )


@cache
def as_it_is(lesson):
    """The page small and in a fresh session, which is only looked at: opened once for all tests."""
    return opened(lesson)


@pytest.mark.parametrize(
    "lesson",
    [pytest.param(one, marks=pytest.mark.xdist_group(f"page of {one}")) for one in PAGES],
)
class TestAPage:
    def test_opens_with_a_trained_result_at_its_defaults(self, lesson):
        at = AppTest.from_file(ROOT / "app.py", default_timeout=120)
        if lesson != "home":
            at.switch_page(PAGES[lesson])
        checked(at.run())
        assert at.title[0].value == course.lesson(lesson).question
        assert not at.warning
        shown = widgets(at)
        for name in names(lesson):
            key = f"{lesson}-{name}"
            assert key not in shown or shown[key].value == default(lesson, name), name

    def test_computes_what_is_closed_when_it_is_opened(self, lesson):
        sections = closed_sections(lesson)
        at = opened(lesson, **dict.fromkeys(sections, "false"))
        assert all(not fold(at, lesson, name).children for name in sections)
        for name in sections:
            assert asks(fold(at, lesson, name).label), name
            at.session_state[f"{lesson}-{name}"] = True
            checked(at.run())
            assert fold(at, lesson, name).children
        assert specs(at) == specs(as_it_is(lesson))

    def test_shows_the_same_again_without_training(self, lesson):
        at = opened(lesson)
        before = specs(at)
        assert specs(checked(at.run())) == before

    def test_a_link_sets_the_knobs_and_gives_the_same_figures_in_another_session(self, lesson):
        training = {"learning_rate": "0.56", "activation": "tanh", "gain": "0.5"}
        link = LINKS.get(lesson, training | {"dataset": "moons"})
        link = {name: text for name, text in link.items() if name in names(lesson)}
        assert link
        at = opened(lesson, **link)
        assert not at.warning
        for name, text in link.items():
            assert str(value(at, lesson, name)) == text
        assert specs(at) == specs(opened(lesson, **link))
        assert specs(at) != specs(as_it_is(lesson))

    @pytest.mark.usefixtures("brief")
    def test_reset_puts_every_knob_back(self, lesson):
        at = opened(lesson, **LINKS.get(lesson, {"gain": "0.5"}))
        press(at, "Reset")
        for name in names(lesson):
            assert value(at, lesson, name) == default(lesson, name), name

    def test_notes_fold_away_below(self, lesson):
        titles = [one.label for one in as_it_is(lesson).expander]
        assert {"How it is measured", "The mathematics", "What the papers found"} <= set(titles)
