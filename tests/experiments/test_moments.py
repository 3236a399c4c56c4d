"""The moments of the shift lesson: the same networks, followed through one update."""

import numpy as np

from bnviz.experiments import moments, shift
from bnviz.experiments.moments import MomentsConfig
from tests.samples import tiny


def test_the_same_bits_whatever_the_workers_at_the_records_of_the_page():
    asked = MomentsConfig.like(tiny("shift"))
    one, other = (moments.run(asked, workers=workers) for workers in (1, 2))
    np.testing.assert_array_equal(one.moved, other.moved)
    np.testing.assert_array_equal(one.steps, shift.run(tiny("shift")).steps)
    assert one.moved.shape == (3, asked.seeds, len(one.steps), asked.depth)
