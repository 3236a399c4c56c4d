"""The race: curves, marks and planes. That pictures are accepted, light, in step: test_figures."""

import numpy as np
import pytest

from bnviz.axes import LEVELS
from bnviz.experiments import race
from bnviz.figures import LIGHT
from bnviz.figures import race as pictures
from tests.figures.parts import unpacked
from tests.figures.results import result
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


class TestRace:
    def test_a_cross_for_every_seed_that_diverged(self):
        of = result("race", "some diverged")
        lost = (of.diverged_at[:, :] > 0).sum()
        assert lost
        figure = pictures.loss(of, LIGHT)
        crosses = [t for t in figure["data"] if t.get("marker", {}).get("symbol") == "x"]
        assert sum(len(unpacked(trace["x"])) for trace in crosses) == lost

    def test_a_tick_for_every_seed_that_reached_the_target(self):
        of = race.run(race_config(target=0.1))
        reached = (of.steps_to_target() >= 0).sum()
        assert reached
        ticks = [
            trace
            for trace in pictures.accuracy(of, LIGHT)["data"]
            if trace.get("marker", {}).get("symbol") == "line-ns"
        ]
        assert sum(len(unpacked(trace["x"])) for trace in ticks) == reached
        assert all((unpacked(trace["y"]) == np.float32(0.1)).all() for trace in ticks)

    def test_seconds_stretch_the_axis_of_each_network_by_its_cost(self):
        of = result("race", "tiny")
        steps, seconds = (pictures.loss(of, LIGHT, seconds=s) for s in (False, True))
        for treatment, name in enumerate(("plain", "BN")):
            one, other = (
                next(unpacked(t["x"]) for t in f["data"] if t.get("name") == name)
                for f in (steps, seconds)
            )
            np.testing.assert_allclose(other, one * of.seconds_per_step[treatment], rtol=1e-5)
        assert "step" in steps["layout"]["xaxis"]["title"]["text"]
        assert "seconds" in seconds["layout"]["xaxis"]["title"]["text"]

    def test_the_loss_axis_says_that_it_is_logarithmic(self):
        vertical = pictures.loss(result("race", "tiny"), LIGHT)["layout"]["yaxis"]
        assert vertical["type"] == "log"
        assert "log" in vertical["title"]["text"]
