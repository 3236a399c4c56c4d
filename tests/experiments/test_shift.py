"""Shift: what is trained and measured, against ordinary code."""

import numpy as np
import pytest

from bnviz.experiments import shift
from bnviz.experiments.pair import train_arms
from bnviz.experiments.settings import WORK_LIMIT
from bnviz.experiments.shift import ShiftConfig
from bnviz.verdicts.shift import ARMS
from tests.samples import tiny


@pytest.fixture(scope="module")
def small():
    return shift.run(tiny("shift"))


def test_the_rows_are_those_that_are_judged():
    assert tuple(shift.ARMS) == ARMS


class TestConfig:
    def test_measures_every_layer_above_the_first_where_it_is_cheap(self):
        assert ShiftConfig().measured() == (tuple(range(2, 10)), 3)
        assert ShiftConfig(depth=1, seeds=1).measured() == ((2,), 1)

    def test_fewer_layers_and_seeds_of_large_networks(self):
        layers, seeds = ShiftConfig(depth=50, width=256, batch_size=512, seeds=10).measured()
        assert (len(layers), seeds) == (shift.FEWEST, 1)
        assert (layers[0], layers[-1]) == (2, 51)
        layers, _ = ShiftConfig(depth=50).measured()
        assert len(set(layers)) == shift.LAYERS
        assert (layers[0], layers[-1]) == (2, 51)

    def test_the_estimate_counts_the_third_network_and_the_measuring(self):
        small, large = ShiftConfig(), ShiftConfig(seeds=10)
        assert small.affordable() == small
        assert large.work() > 1.3 * small.work()
        assert super(ShiftConfig, small).work() < 0.7 * small.work()
        huge = ShiftConfig(depth=50, width=256, batch_size=512, seeds=10)
        assert huge.work() > WORK_LIMIT
        assert huge.affordable().work() <= WORK_LIMIT


class TestRun:
    def test_the_same_bits_whatever_the_workers(self, small):
        again = shift.run(tiny("shift"), workers=1)
        for name in ("train_loss", "test_accuracy", "size", "distance", "cosine"):
            np.testing.assert_array_equal(getattr(again, name), getattr(small, name))

    def test_shapes(self, small):
        config, records = small.config, len(small.steps)
        assert small.cosine.shape == (3, config.seeds, records, len(small.layers))
        assert small.test_accuracy.shape == (3, config.seeds, records)

    def test_the_noise_is_in_the_third_network_alone(self, small):
        histories = train_arms(
            small.config, {"batch": shift.ARMS["batch"]}, record_at=list(small.steps)
        )
        np.testing.assert_array_equal(small.test_accuracy[1], histories["batch"].test_accuracies)
        assert (small.train_loss[1] != small.train_loss[2]).all()
