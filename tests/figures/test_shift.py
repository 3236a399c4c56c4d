"""The shift lesson's figures: what stands where."""

import base64
from dataclasses import replace

import numpy as np
import pytest

from bnviz.experiments import shift
from bnviz.figures import LIGHT, drawn
from bnviz.figures import shift as pictures
from bnviz.figures.base import over_seeds
from bnviz.figures.theme import DASH
from tests.samples import tiny


@pytest.fixture(scope="module")
def of():
    return shift.run(tiny("shift", steps=20, seeds=3, depth=3))


@pytest.fixture(scope="module")
def changed(of):
    return shift.run_inputs(shift.InputsConfig.like(of.config))


def numbers(spec):
    return np.frombuffer(base64.b64decode(spec["bdata"]), spec["dtype"])


def lines(figure):
    return [t for t in figure["data"] if "lines" in t["mode"] and "dash" in t["line"]]


@pytest.mark.parametrize("draw", [pictures.accuracy, pictures.turning, pictures.moments])
def test_marks_stand_on_their_curves_at_every_step(of, draw):
    moments = shift.run_moments(shift.MomentsConfig.like(of.config))
    figure = draw(moments if draw is pictures.moments else of, LIGHT)
    curves = [numbers(line["y"]) for line in lines(figure)]
    assert len(curves) == 3
    for column, frame in enumerate(figure["frames"]):
        assert frame["name"] == str(of.steps[column])
        for curve, mark in zip(curves, frame["data"], strict=True):
            assert numbers(mark["x"])[0] == of.steps[column]
            assert numbers(mark["y"])[0] == curve[column]


@pytest.mark.parametrize(("draw", "name"), [("cosines", "cosine"), ("distances", "distance")])
def test_layers_at_every_step(of, draw, name):
    figure = getattr(pictures, draw)(of, LIGHT)
    for column, frame in enumerate(figure["frames"]):
        for arm, trace in enumerate(frame["data"][1::2]):
            middle = np.median(getattr(of, name)[arm][:, column], axis=0)
            np.testing.assert_allclose(numbers(trace["y"]), middle, rtol=1e-5)
            np.testing.assert_array_equal(numbers(trace["x"]), of.layers)


def test_each_network_has_its_own_colour_dash_mark_and_name(of):
    for figure in (pictures.accuracy(of, LIGHT), pictures.cosines(of, LIGHT)):
        styles = [(line["line"]["color"], line["line"]["dash"]) for line in lines(figure)]
        assert styles == [(LIGHT.colour(arm), DASH[arm]) for arm in pictures.ARMS]
        assert len(set(styles)) == 3
        (key,) = [a["text"] for a in figure["layout"]["annotations"] if "noisy BN" in a["text"]]
        for arm in pictures.ARMS:
            assert LIGHT.colour(arm) in key
            assert pictures.SIGNS[arm] in key


def test_bars_show_the_medians_and_say_them(changed):
    figure = pictures.worlds(changed, LIGHT)
    middle, *_ = over_seeds(np.moveaxis(changed.accuracy, -1, 0))
    for judge, bars in enumerate(figure["data"]):
        np.testing.assert_allclose(numbers(bars["y"]), middle[judge], rtol=1e-6)
        assert bars["x"] == list(changed.worlds)
    said = [note["text"] for note in figure["layout"]["annotations"]]
    assert said == [f"{100 * value:.0f}" for value in middle.ravel()]


def test_bars_of_networks_that_were_lost(changed):
    lost = changed.accuracy.copy()
    lost[0] = np.nan
    figure = pictures.worlds(replace(changed, accuracy=lost), LIGHT)
    said = [note["text"] for note in figure["layout"]["annotations"]]
    assert said[:3] == ["lost"] * 3
    assert np.isfinite(numbers(figure["data"][0]["y"])).all()


@pytest.mark.parametrize(("dataset", "kind"), [("digits", "heatmap"), ("moons", "scatter")])
def test_samples_stand_beside_their_histograms(dataset, kind):
    small = tiny("shift", dataset=dataset, steps=1, seeds=1)
    of = shift.run_inputs(shift.InputsConfig.like(small))
    figure = pictures.inputs(of, LIGHT)
    samples = figure["data"][2::3]
    assert [trace["type"] for trace in samples] == [kind] * 3
    for row, trace in enumerate(samples):
        for name in ("xaxis", "yaxis"):
            assert trace[name] == f"{name[0]}{row + 4}"
        mine, theirs = (
            figure["layout"][f"yaxis{number if number > 1 else ''}"]["domain"]
            for number in (row + 1, row + 4)
        )
        assert mine == theirs
    if kind == "heatmap":  # drawn from the bottom up
        image = numbers(samples[0]["z"]).reshape(8, 8)
        np.testing.assert_array_equal(image[-1], of.samples[0][:8])
    filled = [numbers(trace["y"]) for trace in figure["data"][::3]]
    np.testing.assert_allclose(filled, of.seen[1:], rtol=1e-6)


@pytest.mark.parametrize("count", [1, 2, 3])
def test_deep_linear_networks_as_far_as_they_are_done(count):
    steps = np.array([0, 5, 10])
    results = [
        shift.LinearResult(shift.LinearConfig(arm=arm), steps, np.ones((2, 3)), np.ones((2, 3)))
        for arm in list(shift.ARMS)[:count]
    ]
    figure = pictures.linear(results, LIGHT)
    assert "frames" not in figure
    assert len(lines(figure)) == 2 * count
    drawn(figure)


def test_a_deep_linear_network_that_exploded_or_was_lost():
    steps, loss = np.array([0, 5, 10]), np.array([[1.0, 1e31, np.nan]])
    config = shift.LinearConfig()
    lost = shift.LinearResult(config, steps, loss, np.where(np.isnan(loss), np.nan, 80.0))
    for one in (lost, replace(lost, loss=loss * np.nan, angle=loss * np.nan)):
        figure = pictures.linear([one], LIGHT)
        low, high = figure["layout"]["yaxis"]["range"]
        assert -4 < low < high < 3
        drawn(figure)
