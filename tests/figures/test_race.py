"""The race's planes. That every picture is accepted, light and in step: test_figures."""

import numpy as np
import pytest

from bnviz.axes import LEVELS
from bnviz.experiments import race
from bnviz.figures import LIGHT
from bnviz.figures import race as pictures
from tests.figures.test_figures import unpacked
from tests.samples import race_config


@pytest.fixture(scope="module")
def planes():
    """A run on the plane that has learned it, and its picture."""
    config = race_config(dataset="moons", width=16, steps=100, learning_rate=0.32, seeds=1)
    result = race.run(config)
    assert result.test_accuracy[1, 0, -1] > 0.9
    return result, pictures.boundaries(result, LIGHT)


def decided(heatmap, x, y):
    """Which class the picture shows at these points."""
    across, up = (unpacked(heatmap[name]) for name in "xy")
    column = np.abs(across[:, None] - x).argmin(axis=0)
    row = np.abs(up[:, None] - y).argmin(axis=0)
    return unpacked(heatmap["z"])[row, column] > LEVELS / 2


def test_the_samples_stand_where_the_picture_decides_for_their_class(planes):
    result, figure = planes
    for treatment in range(2):
        heatmap = figure["data"][treatment]
        samples = [t for t in figure["data"] if t.get("xaxis") == heatmap["xaxis"] and "z" not in t]
        right = [
            decided(heatmap, unpacked(trace["x"]), unpacked(trace["y"])) == label
            for label, trace in enumerate(samples)
        ]
        share = np.concatenate(right).mean()
        assert share == pytest.approx(result.test_accuracy[treatment, 0, -1], abs=0.06)


def test_plain_is_on_the_left(planes):
    _, figure = planes
    names = sorted(figure["layout"]["annotations"], key=lambda note: note["x"])
    assert ["plain" in note["text"] for note in names] == [True, False]
    ends = [figure["layout"][f"xaxis{place}"]["domain"] for place in (1, 2)]
    assert ends[0][1] < ends[1][0]
    result, _ = planes
    for treatment in range(2):
        np.testing.assert_array_equal(
            unpacked(figure["data"][treatment]["z"]), result.decision[treatment, -1]
        )
