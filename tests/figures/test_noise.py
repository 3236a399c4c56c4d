"""The U of the noise lesson: what stands where."""

import base64
import re

import numpy as np
import pytest

from bnviz.experiments import noise
from bnviz.figures import LIGHT
from bnviz.figures import noise as pictures
from bnviz.verdicts.noise import best, level
from tests.made.noise import FLAT, LOST, RISING, U, made
from tests.samples import tiny

GAP = (0.7, 0.8, 0.805, 0.5, 0.8)  # level at 2, 4 and 16


@pytest.fixture(scope="module")
def of():
    return noise.run(tiny("noise", steps=30))


def numbers(spec):
    return np.frombuffer(base64.b64decode(spec["bdata"]), spec["dtype"])


def named(figure, text):
    """The traces that carry this text."""
    return [trace for trace in figure["data"] if text in "".join(trace.get("text", []))]


def rings(traces):
    """Where the rings stand, and their name."""
    (name,) = [trace for trace in traces if "BN, " in "".join(trace.get("text", []))]
    return traces[traces.index(name) - 1], name


def test_rings_stand_at_the_best_chunks_at_every_step(of):
    figure = pictures.accuracy(of, LIGHT)
    for column, frame in enumerate(figure["frames"]):
        ends = of.test_accuracy[:, :, column]
        ring, name = rings(frame["data"])
        places = [row - 1 for row in level(ends)]
        np.testing.assert_allclose(numbers(ring["x"]), np.log2(of.chunks[places]))
        middle = np.median(ends[1:], axis=1)
        np.testing.assert_allclose(numbers(ring["y"]), middle[places], atol=1e-6)
        assert numbers(name["y"])[0] == pytest.approx(middle.max(), abs=1e-6)
        assert numbers(name["x"])[0] == np.log2(of.chunks[best(ends) - 1])


@pytest.mark.parametrize(
    ("accuracy", "said"),
    [(U, "BN, best at 4"), (FLAT, "BN, about level at 4 to 16"), (LOST, ""),
     (GAP, "BN, about level at 2, 4, 16")],
)  # fmt: skip
def test_what_is_level_is_not_told_as_the_best(accuracy, said):
    figure = pictures.accuracy(made(accuracy), LIGHT)
    *_, name, _ = figure["data"]
    named = name["text"]
    assert [re.sub("<.*?>", "", text) for text in named] == [said]


@pytest.mark.parametrize(
    ("accuracy", "said"),
    [(U, ["<b>10 points</b> above<br>the whole batch"]), (FLAT, []), (RISING, []), (LOST, [])],
)
def test_a_clear_lead_over_the_whole_batch_is_told_where_it_is(accuracy, said):
    figure = pictures.accuracy(made(accuracy), LIGHT)
    assert [t["text"][0] for t in named(figure, "above")] == said
    at_the_start = [t for t in figure["frames"][0]["data"] if "above" in "".join(t.get("text", []))]
    assert not at_the_start
    assert all(len(numbers(t["x"])) for frame in figure["frames"] for t in frame["data"][-5:-3])
    (wrong,) = figure["layout"]["annotations"]
    assert wrong["text"] == "20 % of the training labels are wrong"


BELOW_PLAIN = (0.9, 0.85, 0.79, 0.78, 0.82)  # the best at 2
AT_PLAIN = (0.86, 0.85, 0.79, 0.78, 0.82)


def test_the_lead_is_told_below_the_name_of_the_best():
    figure = pictures.accuracy(made(BELOW_PLAIN), LIGHT)
    (lead,), (name,) = named(figure, "above"), named(figure, "BN, best at 2")
    assert name["textposition"] == "bottom right"  # not on the axis
    pixel = 1.12 / (pictures.FIRST - 26 - 60)  # of accuracy
    foot = numbers(name["y"])[0] - (17 / 2 + 14) * pixel
    assert numbers(lead["y"])[0] < foot
    assert lead["textposition"].startswith("bottom")
    (name,) = named(pictures.accuracy(made(AT_PLAIN), LIGHT), "BN, best at 2")
    assert name["textposition"] == "top right"  # where neither line is


def test_no_name_of_a_loss_stands_on_a_curve_or_on_another(of):
    figure = pictures.losses(of, LIGHT)
    last = np.log2(of.chunks[-1])
    low, high = figure["layout"]["yaxis"]["range"]
    for frame in figure["frames"]:
        names = [trace for trace in frame["data"] if "text" in trace]
        assert len(names) == 4
        assert all(numbers(name["x"])[0] > last + 0.4 for name in names)  # beyond the last dot
        heights = np.sort([np.log10(numbers(name["y"])[0]) for name in names])
        assert np.diff(heights).min() > 0.99 * pictures.APART * (high - low)
        assert heights[-1] < high


def test_the_two_ends_of_the_chunk_axis_say_what_they_are(of):
    for figure in (pictures.accuracy(of, LIGHT), pictures.losses(of, LIGHT)):
        ticks = figure["layout"]["xaxis"]["ticktext"]
        assert "±1" in ticks[0]
        assert "whole" in ticks[-1]
        assert len(ticks) == len(of.chunks)


def test_losses_show_training_and_test_of_both(of):
    figure = pictures.losses(of, LIGHT)
    for text in ("plain</b>,<br>test", "plain</b>,<br>training", "BN</b>,<br>test"):
        assert len(named(figure, text)) == 1
    last = [np.median(loss[1:, :, -1], axis=1) for loss in (of.train_loss, of.test_loss)]
    curves = [numbers(t["y"]) for t in figure["data"] if t.get("name") == "BN"]
    np.testing.assert_allclose(curves, last, rtol=1e-5)
