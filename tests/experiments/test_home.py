"""The front door: what is measured."""

import numpy as np

from bnviz.experiments import home
from bnviz.experiments.pair import typical_seed
from tests.samples import home_config


class TestTypicalSeed:
    def test_ends_nearest_to_the_median_in_both_networks(self):
        final = np.array([[0.2, 0.9, 0.9, 0.9, 0.88], [0.95, 0.95, 0.5, 0.94, 0.94]], np.float32)
        assert typical_seed(final) == 3

    def test_a_diverged_seed_is_typical_only_where_most_diverged(self):
        few = np.array([[np.nan, 0.9, 0.9], [0.9, 0.9, 0.9]], np.float32)
        most = np.array([[0.9, np.nan, np.nan], [0.9, 0.9, 0.9]], np.float32)
        assert typical_seed(few) == 1
        assert typical_seed(most) == 1

    def test_is_the_one_that_is_drawn(self):
        result = home.run(home_config(seeds=3, learning_rate=1.0))
        of_it = np.sqrt((result.unit_signal.astype(np.float64) ** 2).mean(-1))
        np.testing.assert_allclose(of_it, result.signal[:, result.typical], rtol=1e-5)
