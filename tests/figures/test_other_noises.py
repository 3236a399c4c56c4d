"""Dropout and batch sizes: what stands where."""

import base64

import numpy as np
import pytest

from bnviz.experiments import noise
from bnviz.experiments.other_noises import DROPOUTS, RATES, dropouts, sizes
from bnviz.figures import LIGHT
from bnviz.figures import other_noises as pictures
from tests.made.noise import pairs
from tests.samples import tiny


@pytest.fixture(scope="module")
def of():
    return noise.run(tiny("noise"))


def numbers(spec):
    return np.frombuffer(base64.b64decode(spec["bdata"]), spec["dtype"])


def test_dropout_begins_with_the_networks_of_the_page(of):
    some = pairs(dropouts(of.config), [0.1] * len(DROPOUTS), [0.2] * len(DROPOUTS))
    figure = pictures.dropout(of, some, LIGHT)
    for name, row, rest in (("plain", 0, 0.1), ("BN", -1, 0.2)):
        curve = next(t for t in figure["data"] if t.get("name") == name)
        expected = [np.median(of.test_accuracy[row, :, -1]), *[rest] * len(some)]
        np.testing.assert_allclose(numbers(curve["y"]), expected, rtol=1e-6)
        np.testing.assert_allclose(numbers(curve["x"]), [0, *DROPOUTS], rtol=1e-6)


def test_the_sweep_lays_batches_over_chunks(of):
    pieces = sizes(of.config, RATES[0])[:2]
    figure = pictures.sweep(of, pairs(pieces, (0.5, 0.5), (0.5, 0.5)), LIGHT)
    chunks = next(t for t in figure["data"] if t.get("marker", {}).get("symbol") == "square-open")
    np.testing.assert_allclose(numbers(chunks["x"]), np.log2(of.chunks))
    curve = next(t for t in figure["data"] if t.get("name") == "BN")
    np.testing.assert_allclose(numbers(curve["x"]), np.log2([p.batch_size for p in pieces]))
