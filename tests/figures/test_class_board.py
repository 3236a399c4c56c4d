"""The class board's pictures: every run is there once, told apart without colour."""

import numpy as np
import pytest

from bnviz.experiments.kept import MOST
from bnviz.experiments.settings import LEARNING_RATES
from bnviz.figures import DARK, LIGHT, drawn
from bnviz.figures import class_board as pictures
from bnviz.verdicts.class_board import judge
from tests.figures.parts import unpacked
from tests.made.class_board import by_rate, entries


def names(verdict):
    return [f"{one.number} {one.name}" for one in verdict.students]


def by_name(verdict, theme=LIGHT):
    return pictures.by_name(verdict, names(verdict), names(verdict), theme)


def by_setting(verdict, theme=LIGHT):
    return pictures.by_setting(verdict, verdict.along["Learning rate"], names(verdict), theme)


def stacked(verdict, theme=LIGHT):
    return pictures.stacked(verdict, names(verdict), theme)


def marks_of(figure):
    (found,) = [one for one in figure["data"] if one["mode"] == "markers"]
    return found


CLASS = by_rate({0.1: [0.9, 0.8, 0.85], 1.0: [0.95], 10.0: [None, 0.1]})


@pytest.mark.parametrize("theme", [LIGHT, DARK])
@pytest.mark.parametrize("draw", [by_name, by_setting, stacked])
def test_plotly_takes_it_and_every_run_is_there(draw, theme):
    verdict = judge(CLASS)
    figure = draw(verdict, theme)
    drawn(figure)
    mark = marks_of(figure)
    assert len(mark["marker"]["symbol"]) == len(CLASS) == len(mark["hovertext"])
    assert mark["marker"]["symbol"].count("x") == 1
    for trace in figure["data"]:
        for side in ("x", "y"):
            assert not np.isinf(unpacked(trace[side])).any()


def test_by_name_the_best_is_at_the_top():
    figure = by_name(judge(CLASS))
    ends, rows = (unpacked(marks_of(figure)[side]) for side in ("x", "y"))
    order = np.argsort(rows)
    assert (np.diff(ends[order]) <= 0).all()
    assert figure["layout"]["yaxis"]["range"][0] > figure["layout"]["yaxis"]["range"][1]
    assert figure["layout"]["yaxis"]["ticktext"][0] == "4 S0"


def test_by_setting_each_run_stands_above_its_own():
    verdict = judge(CLASS)
    across = unpacked(marks_of(by_setting(verdict))["x"])
    places = [0, 0, 0, 1, 2, 2]
    assert (np.abs(across - places) < 0.5).all()
    assert len({*np.round(across, 3)}) == len(CLASS)


def test_plain_runs_have_another_mark():
    verdict = judge(
        entries(
            ("A", (0.9,), {"normalizer": "none"}),
            ("B", (0.8,), {"normalizer": "batch"}),
            ("C", (0.8,), {"normalizer": "group"}),
        )
    )
    assert marks_of(by_name(verdict))["marker"]["symbol"] == ["diamond", "circle", "circle"]


def test_median_and_quartiles_are_drawn_where_they_are():
    verdict = judge(CLASS)
    band, line = by_name(verdict)["layout"]["shapes"]
    assert (band["x0"], band["x1"]) == (verdict.lower, verdict.upper)
    assert line["x0"] == line["x1"] == verdict.middle
    (word,) = by_setting(verdict)["layout"]["annotations"]
    assert "80 %" in word["text"]


def test_a_median_that_diverged_stands_below_the_accuracies():
    verdict = judge(by_rate({1.0: [None, None], 10.0: [None, 0.5]}))
    for figure in (by_name(verdict), by_setting(verdict)):
        drawn(figure)
        (word,) = figure["layout"]["annotations"]
        assert "diverged" in word["text"]


def test_one_run_has_no_spread():
    figure = by_name(judge(by_rate({1.0: [0.9]})))
    assert figure["layout"]["shapes"] == []


def test_sixty_are_as_readable_as_six_and_small():
    verdict = judge(by_rate({rate: [0.1, 0.5, 0.9] for rate in LEARNING_RATES[:20]}))
    assert verdict.runs == MOST
    figure = by_name(verdict)
    assert figure["layout"]["height"] < 1200
    assert len(str(figure)) < 40_000


def test_stacked_every_run_has_a_place_of_its_own_near_where_it_ended():
    verdict = judge(by_rate({0.1: [0.9, 0.901, 0.899, 0.5], 1.0: [0.9] * 30, 10.0: [None, None]}))
    figure = stacked(verdict)
    assert figure["layout"]["height"] <= 310
    ends, heights = (unpacked(marks_of(figure)[side]) for side in ("x", "y"))
    assert len(set(zip(np.round(ends, 3), heights, strict=True))) == verdict.runs
    for one, end in zip(verdict.students, ends, strict=True):
        near = pictures.LOST if one.lost else one.end.accuracy
        assert abs(end - near) <= pictures.WIDE / 2 + 1e-9
    assert (heights.min(), heights.max()) == (1, 33)
    low, high = figure["layout"]["yaxis"]["range"]
    assert low < 1 <= 33 < high


def test_an_ampersand_stays_one():
    verdict = judge(entries(("a &lt;b&gt;", (0.9,), {}), ("B", (0.8,), {})))
    assert by_name(verdict)["layout"]["yaxis"]["ticktext"][0] == "1 a &amp;lt;b&amp;gt;"


def test_long_names_are_cut():
    verdict = judge(entries(("x" * 40, (0.9,), {}), ("B", (0.8,), {})))
    assert len(by_name(verdict)["layout"]["yaxis"]["ticktext"][0]) == pictures.LETTERS
