"""Inside the layers: what is measured."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bnviz.axes import ENTRIES, LEVELS, MEASURES, NEVER
from bnviz.engine.distributions import QUANTILES
from bnviz.experiments import activations
from bnviz.experiments.activations import (
    BINS,
    RIDGES,
    ActivationsConfig,
    common_range,
    densities,
    shown_layers,
)
from bnviz.experiments.settings import knobs
from tests.made.activations import made
from tests.samples import tiny


class TestUnits:
    def test_a_typical_one_first(self):
        result = made()
        assert activations.units(result.config)[:2] == ("typical", "1")
        assert activations.units(result.config)[-1] == "8"
        assert activations.unit(result, "typical") == 1
        assert activations.unit(result, "7") == 7

    def test_typical_is_alive_in_both(self):
        result = made()
        result.percentiles[0, -1, 0] = [-3, -2, -0.1]
        result.percentiles[1, -1, 1] = [-3, -2, 0]
        assert result.typical_unit() == 3
        result.percentiles[0, -1] = np.nan
        assert result.typical_unit() == 1
        assert made(activation="tanh").typical_unit() == 1


class TestFinal:
    def test_is_that_of_the_last_record_of_each_seed(self):
        result = made(moved=((1.0, 2.0), (0.5, 0.5)), diverged=((2, NEVER), (1, NEVER)))
        np.testing.assert_allclose(result.final("moved")[0], [[0.25, 0.5], [1.0, 2.0]])
        assert np.isnan(result.final("moved")[1, 0]).all()  # no record but that of the start
        np.testing.assert_allclose(result.final("signal")[1], 1)


def slow_density(values, low, high):
    """One row of densities(), value by value."""
    points = []
    for one, other in pairwise(values):
        points += [one + (other - one) * k / 4 for k in range(4)]
    points.append(values[-1])
    counts = [0] * BINS
    for point in points:
        if low <= point <= high:
            counts[min(BINS - 1, int((point - low) / (high - low) * BINS))] += 1
    weights = {-2: 1, -1: 4, 0: 6, 1: 4, 2: 1}
    smooth = [
        sum(w * counts[k + d] for d, w in weights.items() if 0 <= k + d < BINS) / 16
        for k in range(BINS)
    ]
    return [round(LEVELS * s / max(smooth)) if max(smooth) else 0 for s in smooth]


class TestDensities:
    def test_are_smoothed_histograms(self):
        random = np.random.default_rng(3)
        values = np.sort(random.normal(size=(2, 3, QUANTILES)) * [[[1], [0.1], [9]]], axis=-1)
        found = densities(values, -2.0, 2.0)
        assert found.dtype == np.uint8
        for place in np.ndindex(2, 3):
            expected = slow_density(values[place].tolist(), -2.0, 2.0)
            np.testing.assert_allclose(found[place], expected, atol=1)

    def test_of_nothing_are_flat(self):
        values = np.full((2, QUANTILES), np.nan)
        values[1] = 100.0
        assert densities(values, 0.0, 1.0).max() == 0

    def test_the_last_number_before_infinity_counts(self):
        values = np.full((1, QUANTILES), 0.5)
        values[0, 1:] = np.inf
        assert densities(values, 0.0, 1.0).max() == LEVELS

    def test_of_one_value_are_a_needle_where_it_is(self):
        needle = densities(np.full((1, QUANTILES), 0.5), 0.0, 1.0)[0]
        assert needle.argmax() == BINS // 2
        assert needle.max() == LEVELS
        assert (needle > 0).sum() == 5

    def test_of_a_normal_distribution(self):
        values = np.sort(np.random.default_rng(1).normal(size=100_000))
        bell = densities(activations_quantiles(values), -4.0, 4.0) / LEVELS
        x = (np.arange(BINS) + 0.5) * 8 / BINS - 4
        np.testing.assert_allclose(bell, np.exp(-(x**2) / 2), atol=0.1)


def activations_quantiles(ordered):
    ranks = ((np.arange(QUANTILES) + 0.5) / QUANTILES * len(ordered)).astype(int)
    return ordered[ranks]


class TestCommonRange:
    def test_holds_both(self):
        low, high = common_range(np.array([[-3.0, 0, 3], [-1.0, 2, 4]]))
        assert low < -2.9
        assert high > 3.9

    def test_an_explosion_of_plain_does_not_hide_bn(self):
        low, high = common_range(np.array([[-1e9, 0, 1e9], [-1.0, 0, 1.0]]))
        assert -3.5 < low < -2.5
        assert 2.5 < high < 3.5

    def test_where_bn_diverged_plain_decides(self):
        low, high = common_range(np.array([[0.0, 5.0], [np.nan, np.nan]]))
        assert low < 0.1
        assert high > 4.9

    @given(st.lists(st.floats(-1e30, 1e30) | st.just(np.nan), min_size=4, max_size=4))
    def test_is_always_a_range(self, numbers):
        low, high = common_range(np.array(numbers).reshape(2, 2))
        assert np.isfinite([low, high]).all()
        assert low < high
        assert np.float32(low) < np.float32(high)


@given(st.integers(1, 50))
def test_layers_shown_are_a_few_evenly_chosen(depth):
    layers = shown_layers(depth)
    assert len(set(layers.tolist())) == len(layers) == min(depth, RIDGES)
    assert (layers[0], layers[-1]) == (1, depth)
    if depth > 1:
        assert np.ptp(np.diff(layers)) <= 1


@pytest.fixture(scope="module")
def small():
    return activations.run(tiny("activations", steps=30))


class TestRecords:
    def test_shapes(self, small):
        records, parts = len(small.steps), (len(ENTRIES), 2, len(small.steps), 2)
        assert small.density.shape == (*parts, BINS)
        assert small.zeros.shape == small.outside.shape == parts
        assert small.percentiles.shape == (2, records, 8, 3)
        assert small.maps.shape == (len(MEASURES), 2, 2, records, 2)
        assert all(values.shape == (2, 3) for values in small.units.values())
        assert np.isfinite(small.maps).all()

    def test_the_same_config_gives_the_same_bits(self, small):
        again = activations.run(small.config, workers=1)
        for name in ("density", "zeros", "outside", "percentiles", "maps", "ranges"):
            np.testing.assert_array_equal(getattr(small, name), getattr(again, name))

    def test_nothing_has_moved_at_the_start(self, small):
        assert (small.map("moved")[:, :, 0] == 0).all()
        assert (small.map("moved")[:, :, -1] > 0).all()

    def test_bn_starts_with_mean_0_and_deviation_1(self, small):
        np.testing.assert_allclose(small.map("mean")[1, :, 0], 0, atol=1e-5)
        np.testing.assert_allclose(small.map("deviation")[1, :, 0], 1, atol=0.01)
        assert np.abs(small.map("deviation")[0, :, 0] - 1).min() > 0.02

    def test_before_and_after_bn_are_one_for_plain(self, small):
        inner, entering = (ENTRIES.index(name) for name in ("inner", "entering"))
        np.testing.assert_array_equal(small.zeros[inner, 0], small.zeros[entering, 0])
        config = tiny("activations", normalized_layers="every second", depth=1)
        without = activations.run(config)  # of one layer, none
        for name in ("density", "outside"):
            values = getattr(without, name)
            np.testing.assert_array_equal(values[inner], values[entering])
            np.testing.assert_array_equal(values[:, 0], values[:, 1])
        assert np.isnan(without.units["mean"][1]).all()

    def test_zeros_are_those_of_relu(self, small):
        output = ENTRIES.index("output")
        assert (small.zeros[output] > 0.1).all()
        assert (small.zeros[ENTRIES.index("entering")] == 0).all()
        smooth = activations.run(tiny("activations", activation="gelu"))
        assert (smooth.zeros[output] == 0).all()

    def test_units_with_bn_alone_are_counted(self):
        half = activations.run(tiny("activations", normalized_layers="first only", gain=3.0))
        whole = activations.run(tiny("activations", gain=3.0))
        assert half.units["deviation"][1, 2] < 1.5
        assert half.units["deviation"][0, 2] > 1.5  # plain: all layers
        assert not np.array_equal(half.units["mean"][1], whole.units["mean"][1])


class TestConfig:
    def test_offers_the_network_of_the_paper(self):
        offered = knobs(ActivationsConfig)
        assert 100 in offered["width"].options
        assert 60 in offered["batch_size"].options
        for name in ("width", "batch_size"):
            options = list(offered[name].options)
            assert options == sorted(options)
            assert set(knobs(activations.Settings)[name].options) < set(options)
