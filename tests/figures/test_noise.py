"""The noise lesson's figures: what stands where."""

import base64

import numpy as np
import pytest

from bnviz.experiments import noise
from bnviz.figures import LIGHT
from bnviz.figures import noise as pictures
from tests.samples import tiny


@pytest.fixture(scope="module")
def of():
    return noise.run(tiny("noise", steps=30))


@pytest.fixture(scope="module")
def alone(of):
    return noise.run_alone(noise.AloneConfig.like(of.config))


def numbers(spec):
    return np.frombuffer(base64.b64decode(spec["bdata"]), spec["dtype"])


def named(figure, text):
    """The traces that carry this text."""
    return [trace for trace in figure["data"] if text in "".join(trace.get("text", []))]


def test_the_ring_stands_at_the_best_chunks_at_every_step(of):
    figure = pictures.accuracy(of, LIGHT)
    for column, frame in enumerate(figure["frames"]):
        (ring,) = [trace for trace in frame["data"] if "best" in "".join(trace.get("text", []))]
        middle = np.median(of.test_accuracy[1:, :, column], axis=1)
        assert numbers(ring["y"])[0] == pytest.approx(middle.max(), abs=1e-6)
        best = len(middle) - 1 - np.argmax(middle[::-1])
        assert ring["text"] == [f"<b>BN, best: {of.chunks[best]}</b>"]
        assert numbers(ring["x"])[0] == np.log2(of.chunks[best])


def test_the_ring_of_the_last_step_is_the_best_of_the_result(of):
    (ring,) = named(pictures.accuracy(of, LIGHT), "best")
    assert ring["text"] == [f"<b>BN, best: {of.chunks[of.best() - 1]}</b>"]


def test_the_two_ends_of_the_chunk_axis_say_what_they_are(of):
    for figure in (pictures.accuracy(of, LIGHT), pictures.losses(of, LIGHT)):
        ticks = figure["layout"]["xaxis"]["ticktext"]
        assert "±1" in ticks[0]
        assert "whole" in ticks[-1]
        assert len(ticks) == len(of.chunks)


def test_losses_show_training_and_test_of_both(of):
    figure = pictures.losses(of, LIGHT)
    for text in ("plain, test", "plain, training", "BN, test", "BN, training"):
        assert len(named(figure, text)) == 1
    last = [np.median(loss[1:, :, -1], axis=1) for loss in (of.train_loss, of.test_loss)]
    curves = [numbers(t["y"]) for t in figure["data"] if t.get("name") == "BN"]
    np.testing.assert_allclose(curves, last, rtol=1e-5)


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


@pytest.mark.parametrize("part", noise.PARTS)
def test_each_batch_that_was_drawn_is_a_dot_within_the_axis(alone, part):
    figure = pictures.activation(alone, LIGHT, part)
    dots = next(t for t in figure["data"] if t.get("mode") == "markers")
    assert len(numbers(dots["y"])) == np.isfinite(alone.jitter.activation[part]).sum()
    assert np.abs(numbers(dots["y"])).max() <= pictures.EDGE + 1e-6
    assert bool(named(figure, "√(m−1)")) == (part == "both")  # the others know no bound


def test_the_image_is_there_for_images_alone(alone):
    assert any(t["type"] == "heatmap" for t in pictures.activation(alone, LIGHT)["data"])
    plane = noise.run_alone(noise.AloneConfig.like(tiny("noise", dataset="moons")))
    assert not any(t["type"] == "heatmap" for t in pictures.activation(plane, LIGHT)["data"])


def test_dropout_begins_with_the_networks_of_the_page(of):
    pairs = [
        noise.PairResult(piece, np.zeros((2, 2)), np.array([[0.1, 0.1], [0.2, 0.2]]))
        for piece in noise.dropouts(of.config)
    ]
    figure = pictures.dropout(of, pairs, LIGHT)
    for name, row, rest in (("plain", 0, 0.1), ("BN", -1, 0.2)):
        curve = next(t for t in figure["data"] if t.get("name") == name)
        expected = [np.median(of.test_accuracy[row, :, -1]), *[rest] * len(pairs)]
        np.testing.assert_allclose(numbers(curve["y"]), expected, rtol=1e-6)
        np.testing.assert_allclose(numbers(curve["x"]), [0, *noise.DROPOUTS], rtol=1e-6)


def test_the_sweep_lays_batches_over_chunks(of):
    pieces = noise.batch_sizes(of.config, noise.RATES[0])[:2]
    pairs = [noise.PairResult(p, np.zeros((2, 2)), np.full((2, 2), 0.5)) for p in pieces]
    figure = pictures.sweep(of, pairs, LIGHT)
    chunks = next(t for t in figure["data"] if t.get("marker", {}).get("symbol") == "square-open")
    np.testing.assert_allclose(numbers(chunks["x"]), np.log2(of.chunks))
    curve = next(t for t in figure["data"] if t.get("name") == "BN")
    np.testing.assert_allclose(numbers(curve["x"]), np.log2([p.batch_size for p in pieces]))
