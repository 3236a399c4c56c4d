"""The pictures of redrawn batches: what stands where."""

import base64

import numpy as np
import pytest

from bnviz.experiments import redrawn_batches
from bnviz.experiments.redrawn_batches import PARTS, AloneConfig
from bnviz.figures import LIGHT
from bnviz.figures import redrawn_batches as pictures
from tests.samples import tiny


@pytest.fixture(scope="module")
def alone():
    return redrawn_batches.run(AloneConfig.like(tiny("noise", steps=30)))


def numbers(spec):
    return np.frombuffer(base64.b64decode(spec["bdata"]), spec["dtype"])


def named(figure, text):
    """The traces that carry this text."""
    return [trace for trace in figure["data"] if text in "".join(trace.get("text", []))]


def test_the_law_shows_theory_and_measurement(alone):
    law = alone.law
    figure = pictures.law_of_the_mean(law, LIGHT)
    dots = next(t for t in figure["data"] if t.get("mode") == "markers")
    np.testing.assert_allclose(numbers(dots["y"]), np.median(law.mean, axis=1), rtol=1e-5)
    solid = [t for t in figure["data"] if t.get("line", {}).get("dash") == "solid"]
    np.testing.assert_allclose(numbers(solid[0]["y"]), law.mean_law, rtol=1e-5)
    for one in (figure, pictures.law_of_the_variance(law, LIGHT)):
        assert one["layout"]["yaxis"]["type"] == "log"
        assert "(log)" in one["layout"]["yaxis"]["title"]["text"]
        assert "(log)" in one["layout"]["xaxis"]["title"]["text"]


@pytest.mark.parametrize("part", PARTS)
def test_each_batch_that_was_drawn_is_a_dot_within_the_axis(alone, part):
    figure = pictures.activation(alone, LIGHT, part)
    dots = next(t for t in figure["data"] if t.get("mode") == "markers")
    assert len(numbers(dots["y"])) == np.isfinite(alone.jitter.activation[part]).sum()
    assert np.abs(numbers(dots["y"])).max() <= pictures.EDGE + 1e-6
    assert bool(named(figure, "√(m−1)")) == (part == "both")  # the others know no bound


def test_the_image_is_there_for_images_alone(alone):
    assert any(t["type"] == "heatmap" for t in pictures.activation(alone, LIGHT)["data"])
    plane = redrawn_batches.run(AloneConfig.like(tiny("noise", dataset="moons")))
    assert not any(t["type"] == "heatmap" for t in pictures.activation(plane, LIGHT)["data"])
