"""The shift lesson's figures: what stands where."""

import base64
from dataclasses import replace

import numpy as np
import pytest

from bnviz.experiments import moments, shift
from bnviz.experiments.moments import MomentsConfig
from bnviz.figures import LIGHT, drawn
from bnviz.figures import shift as pictures
from bnviz.figures.theme import DASH
from tests.made.shift import made, made_linear
from tests.samples import tiny


@pytest.fixture(scope="module")
def of():
    return shift.run(tiny("shift", steps=20, seeds=3, depth=3))


def numbers(spec):
    return np.frombuffer(base64.b64decode(spec["bdata"]), spec["dtype"])


def lines(figure):
    return [t for t in figure["data"] if "lines" in t["mode"] and "dash" in t["line"]]


def at(figure, column):
    """The traces of a figure as they are in this frame."""
    frame, data = figure["frames"][column], [dict(trace) for trace in figure["data"]]
    for place, change in zip(frame["traces"], frame["data"], strict=True):
        data[place] |= change
    return data


@pytest.mark.parametrize("draw", [pictures.accuracy, pictures.turning, pictures.moments])
def test_curves_grow_with_the_clock_and_marks_stand_at_their_ends(of, draw):
    followed = moments.run(MomentsConfig.like(of.config))
    figure = draw(followed if draw is pictures.moments else of, LIGHT)
    curves = [numbers(line["y"]) for line in lines(figure)]
    assert len(curves) == 3
    for column, frame in enumerate(figure["frames"]):
        assert frame["name"] == str(of.steps[column])
        now = at(figure, column)
        for curve, line, mark in zip(curves, lines({"data": now}), now[-3:], strict=True):
            np.testing.assert_array_equal(numbers(line["x"]), of.steps[: column + 1])
            np.testing.assert_array_equal(numbers(line["y"]), curve[: column + 1])
            assert numbers(mark["x"])[0] == of.steps[column]
            assert numbers(mark["y"])[0] == curve[column]


@pytest.mark.parametrize(
    ("angles", "said", "place"),
    [
        (((40, 40), (52, 52), (50, 50)), "BN: 12° more", "bottom"),
        (((52, 52), (40, 40), (50, 50)), "BN: 12° less", "bottom"),
        (((5, 5), (30, 30), (50, 50)), "BN: 25° more", "top"),
        (((5, 5), (45, 45), (50, 50)), "BN: 40° more", "middle"),
        (((40.1, 40.1), (40.2, 40.2), (50, 50)), "", "bottom"),
    ],
)
def test_a_line_from_plain_to_bn_says_how_far_they_are_apart(angles, said, place):
    low, high = sorted((angles[0][0], angles[1][0]))
    figure = pictures.turning(made(angles), LIGHT)
    for column, step in enumerate(made().steps):
        gap = at(figure, column)[-4]
        np.testing.assert_array_equal(numbers(gap["x"]), [step, step, np.nan, step])
        np.testing.assert_allclose(numbers(gap["y"])[:2], [low, high], rtol=1e-4)
        assert gap["text"] == ["", "", "", f"<b>{said}</b>" if said else ""]
        label = numbers(gap["y"])[3]
        assert gap["textposition"].startswith(place)
        assert {"bottom": 0 < label < low, "middle": low < label < high, "top": label > high}[place]


def test_no_line_where_a_gradient_is_missing():
    one = made()
    figure = pictures.turning(replace(one, cosine=np.full_like(one.cosine, np.nan)), LIGHT)
    assert not any(figure["data"][-4]["text"])
    drawn(figure)


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


@pytest.mark.parametrize("count", [1, 2, 3])
def test_deep_linear_networks_as_far_as_they_are_done(count):
    results = [made_linear(arm) for arm in pictures.ARMS[:count]]
    figure = pictures.linear(results, LIGHT)
    assert "frames" not in figure
    assert len(lines(figure)) == 2 * count
    drawn(figure)


def test_a_deep_linear_network_that_exploded_or_was_lost():
    one = made_linear("plain")
    loss = np.array([[1.0, 1e31, np.nan]])
    lost = replace(one, loss=loss, angle=np.where(np.isnan(loss), np.nan, 80.0))
    for one in (lost, replace(lost, loss=loss * np.nan, angle=loss * np.nan)):
        figure = pictures.linear([one], LIGHT)
        low, high = figure["layout"]["yaxis"]["range"]
        assert -4 < low < high < 3
        drawn(figure)
