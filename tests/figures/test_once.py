"""Drawn once for the same arrays, again for others, and never more kept than there is room for."""

from dataclasses import dataclass

import numpy as np
import pytest

from bnviz.experiments import race
from bnviz.figures import DARK, LIGHT, once
from bnviz.figures import race as pictures
from tests.samples import race_config


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
