"""Collapse: what is measured."""

import numpy as np
import pytest

from bnviz.axes import NEVER
from bnviz.experiments import collapse
from tests.samples import tiny


@pytest.fixture(scope="module")
def result():
    return collapse.run(tiny("collapse"))


def test_shapes(result):
    assert result.steps[0] == 0
    assert result.steps[-1] == result.config.steps
    assert result.loss.shape == (2, 2, len(result.steps))
    assert result.diverged_at.shape == (2, 2)


def test_the_same_config_gives_the_same_bits(result):
    np.testing.assert_array_equal(collapse.run(tiny("collapse")).loss, result.loss)


def test_without_bn_in_any_layer_both_networks_are_the_same():
    result = collapse.run(tiny("collapse", depth=1, normalized_layers="second half"))
    np.testing.assert_array_equal(*result.loss)


def test_a_divergence_is_a_result():
    result = collapse.run(tiny("collapse", depth=6, gain=1e4, learning_rate=1e3))
    assert (result.diverged_at[0] != NEVER).all()
    assert np.isnan(result.loss[0, :, -1]).all()
