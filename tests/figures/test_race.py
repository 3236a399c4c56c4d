"""The race: curves, marks and planes. That pictures are accepted, light, in step: test_figures."""

from dataclasses import replace

import numpy as np
import pytest

from bnviz.axes import LEVELS, NEVER
from bnviz.experiments import race
from bnviz.figures import LIGHT
from bnviz.figures import race as pictures
from tests.figures.parts import unpacked
from tests.figures.results import result
from tests.made.race import made
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
    def test_a_cross_for_every_seed_that_diverged_from_then_on(self):
        of = result("race", "some diverged")
        lost = of.diverged_at[of.diverged_at > 0]
        assert len(lost)
        figure = pictures.loss(of, LIGHT)
        places = [
            place
            for place, trace in enumerate(figure["data"])
            if trace.get("marker", {}).get("symbol") == "x"
        ]
        for frame in figure["frames"]:
            shown = [frame["data"][frame["traces"].index(place)]["x"] for place in places]
            there = sum(np.isfinite(unpacked(x)).sum() for x in shown)
            assert there == (lost <= int(frame["name"])).sum()

    def test_a_tick_for_every_seed_that_has_reached_the_target(self):
        of = made((4, 8, NEVER), (1, 2, 4), ((NEVER,) * 3,) * 2)
        figure = pictures.accuracy(of, LIGHT)
        ticks = [
            place
            for place, trace in enumerate(figure["data"])
            if trace.get("marker", {}).get("symbol") == "line-ns"
        ]
        for frame in figure["frames"]:
            now = [unpacked(frame["data"][frame["traces"].index(place)]["x"]) for place in ticks]
            reached = of.steps_to_target()
            for row, xs in enumerate(now):
                arrived = reached[row][(reached[row] >= 0) & (reached[row] <= int(frame["name"]))]
                np.testing.assert_array_equal(xs[np.isfinite(xs)], arrived)

    def test_no_curve_is_ahead_of_the_clock(self):
        of = result("race", "tiny")
        for figure in (pictures.accuracy(of, LIGHT), pictures.loss(of, LIGHT)):
            for frame in figure["frames"]:
                places = np.concatenate([unpacked(part["x"]) for part in frame["data"]])
                assert np.nanmax(places) <= int(frame["name"])

    def test_seconds_stretch_the_axis_of_each_network_by_its_cost(self):
        of = result("race", "tiny")
        steps, seconds = (pictures.accuracy(of, LIGHT, seconds=s) for s in (False, True))
        for treatment, name in enumerate(("plain", "BN")):
            one, other = (
                next(unpacked(t["x"]) for t in f["data"] if t.get("name") == name)
                for f in (steps, seconds)
            )
            np.testing.assert_allclose(other, one * of.seconds_per_step[treatment], rtol=1e-5)
        assert "step" in steps["layout"]["xaxis"]["title"]["text"]
        assert "seconds" in seconds["layout"]["xaxis"]["title"]["text"]

    def test_below_it_stands_what_a_tick_and_a_cross_are(self):
        of = result("race", "tiny")
        of = replace(of, config=of.config.model_copy(update={"target": 0.7}))
        for seconds in (False, True):
            below = pictures.accuracy(of, LIGHT, seconds=seconds)["layout"]["xaxis"]["title"]
            assert below["text"].endswith("<br>tick: one seed at 70 % · ×: one diverged")
        below = pictures.loss(of, LIGHT)["layout"]["xaxis"]["title"]
        assert below["text"].endswith("<br>×: one diverged")

    def test_the_loss_axis_says_that_it_is_logarithmic(self):
        vertical = pictures.loss(result("race", "tiny"), LIGHT)["layout"]["yaxis"]
        assert vertical["type"] == "log"
        assert "log" in vertical["title"]["text"]


def bracket(of):
    """What the bracket says at each step, and where it begins and ends."""
    figure = pictures.accuracy(of, LIGHT)
    (place,) = (p for p, t in enumerate(figure["data"]) if t.get("mode") == "lines+text")
    told = {}
    for frame in figure["frames"]:
        part = frame["data"][frame["traces"].index(place)]
        first, _, last, *_ = unpacked(part["x"])
        told[int(frame["name"])] = part["text"][-1].removeprefix("<b>")[:-4], first, last
    return told


class TestBracket:
    """Between the arrivals of the median seeds: it grows until the second one is there."""

    def test_begins_with_the_first_and_ends_with_the_second(self):
        told = bracket(made((4, 4), (1, 1)))
        assert told[0][0] == ""
        assert np.isnan(told[0][1])
        assert told[1] == ("BN after 1 step", 1, 1)
        assert told[2] == (
            "BN after 1 step",
            1,
            pytest.approx(2 - 0.06 * 8),
        )  # open, it stops before a name
        assert told[4] == told[8] == ("BN after 1 step, plain 3 later", 1, 4)

    def test_the_other_way_round(self):
        assert bracket(made((2, 2), (4, 4)))[8][0] == "plain after 2 steps, BN 2 later"

    def test_of_one_that_never_comes_it_tells_at_the_end(self):
        told = bracket(made((NEVER, NEVER), (2, 2)))
        assert told[4][0] == "BN after 2 steps"
        assert told[8] == ("BN after 2 steps, plain not in 8", 2, pytest.approx(8 - 0.06 * 8))

    def test_where_some_seeds_come_and_most_do_not(self):
        told = bracket(made((NEVER, 4), (2, 2)))
        assert told[4][0] == "BN after 2 steps"
        assert told[8][0] == "BN after 2 steps, plain in 1 of 2 seeds"

    def test_neither_and_both(self):
        told = bracket(made((NEVER, NEVER), (NEVER, NEVER)))
        assert (told[4][0], told[8][0]) == ("", "neither is there")
        assert bracket(made((2, 2), (2, 2)))[8][0] == "both after 2 steps"

    def test_where_neither_median_comes_the_few_seeds_that_did_are_told(self):
        few = bracket(made((NEVER, NEVER, 4), (NEVER, NEVER, 2)))
        assert few[8][0] == "plain in 1 of 3 seeds, BN in 1 of 3 seeds"
        assert bracket(made((NEVER, NEVER), (NEVER, 2)))[8][0] == "BN in 1 of 2 seeds"


def test_above_the_highest_loss_there_is_room_for_the_name_beside_its_dot():
    of = result("race", "tiny")
    low, high = pictures.loss(of, LIGHT)["layout"]["yaxis"]["range"]
    highest = np.log10(np.nanmax(np.clip(of.train_loss, None, 10**high)))
    assert (high - highest) / (high - low) >= 0.09  # 20 of 225 pixels
