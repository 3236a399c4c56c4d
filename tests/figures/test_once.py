"""Drawn once for the same arrays, again for others, and never more kept than there is room for."""

from collections import OrderedDict
from copy import deepcopy
from dataclasses import dataclass, is_dataclass

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from bnviz.experiments import race
from bnviz.figures import DARK, LIGHT, batches, once, relatives
from bnviz.figures import race as pictures
from bnviz.ui.course import written
from tests.browser import ROOT
from tests.samples import LESSONS, closed_sections, race_config


@dataclass(frozen=True)
class Result:
    name: str
    values: np.ndarray


@pytest.fixture(autouse=True)
def nothing_kept():
    once._kept.clear()


@pytest.fixture
def draw():
    drawn = []

    @once.drawn_once
    def draw(*given, **named):
        drawn.append((given, named))
        return {"number": len(drawn)}

    draw.drawn = drawn
    return draw


def test_the_same_arrays_are_drawn_once(draw):
    result = Result("a", np.zeros(3))
    assert draw(result, LIGHT) is draw(result, LIGHT)
    assert len(draw.drawn) == 1


def test_a_wrapper_made_anew_around_the_same_arrays_is_the_same(draw):
    values = np.zeros(3)
    assert draw([Result("a", values)], LIGHT) is draw([Result("a", values)], LIGHT)


def test_an_equal_config_made_anew_is_the_same(draw):
    values = np.zeros(3)
    assert draw(race_config(), values) is draw(race_config(), values)
    assert draw(race_config(depth=3), values) is not draw(race_config(), values)


@pytest.mark.parametrize(
    "other",
    [
        lambda values: ((Result("a", values.copy()), LIGHT), {}),  # equal, but not the same
        lambda values: ((Result("b", values), LIGHT), {}),
        lambda values: ((Result("a", values), DARK), {}),
        lambda values: ((Result("a", values), LIGHT, 1), {}),
        lambda values: ((Result("a", values), LIGHT), {"seconds": True}),
        lambda values: (([Result("a", values)], LIGHT), {}),
    ],
)
def test_anything_else_is_drawn_again(draw, other):
    values = np.zeros(3)
    given, named = other(values)
    assert draw(Result("a", values), LIGHT) is not draw(*given, **named)


def test_an_array_that_is_gone_is_not_taken_for_another_in_its_place(draw):
    for _ in range(20):
        draw(np.zeros(3), LIGHT)  # each may take the place of the last in memory
    assert len(draw.drawn) == 20


def test_no_more_are_kept_than_there_is_room_for(draw, monkeypatch):
    monkeypatch.setattr(once, "KEPT", 3)
    arrays = [np.zeros(3) for _ in range(5)]
    for array in (*arrays, arrays[4], arrays[0]):
        draw(array)
    assert len(draw.drawn) == 6  # the last again, the first anew
    assert len(once._kept) == 3


def test_the_lessons_figures_are():
    result = race.run(race_config())
    assert pictures.accuracy(result, LIGHT, False) is pictures.accuracy(result, LIGHT, False)
    assert pictures.accuracy(result, LIGHT, False) is not pictures.accuracy(result, DARK, False)


def test_no_figure_is_changed_by_another_that_begins_with_it():
    first = deepcopy(batches.published(LIGHT))
    own = deepcopy(relatives.published(LIGHT))
    once._kept.clear()
    kept = batches.published(LIGHT)
    for _ in range(2):
        assert relatives.published(LIGHT) == own
    assert kept == batches.published(LIGHT) == first


@pytest.mark.parametrize("lesson", LESSONS)
def test_what_a_page_drew_is_as_it_was_when_all_of_it_is_drawn(lesson, monkeypatch):
    """Every figure of the page, with all sections open, is as its function left it."""
    left = []

    class Watched(OrderedDict):
        def __setitem__(self, key, drawn):
            if not is_dataclass(drawn):  # a Result that others are drawn from
                left.append((drawn, deepcopy(drawn)))
            super().__setitem__(key, drawn)

    monkeypatch.setattr(once, "_kept", Watched())
    at = AppTest.from_file(ROOT / "app.py", default_timeout=60)
    if lesson != "home":
        at.switch_page(next(one.page for one in written() if one.name == lesson))
    for name, value in {"depth": "2", "width": "8", "steps": "50", "seeds": "1"}.items():
        at.query_params[f"{lesson}-{name}"] = value
    for name in closed_sections(lesson):
        at.query_params[f"{lesson}-{name}"] = "true"
    at.run()
    assert not at.exception
    assert left
    assert all(drawn == before for drawn, before in left)
