"""What takes no time is computed once, and shared."""

import numpy as np
import pytest

from bnviz.experiments import backward, transform
from bnviz.experiments.backward import BackwardConfig
from bnviz.experiments.transform import TransformConfig
from bnviz.ui.answers import at_once


@pytest.mark.parametrize(
    ("run", "config", "other"),
    [
        (transform.run, TransformConfig(), TransformConfig(epsilon=0.1)),
        (backward.run, BackwardConfig(), BackwardConfig(epsilon=0.1)),
    ],
)
def test_one_object_for_all_who_ask_the_same(run, config, other):
    first = at_once(run, config)
    assert at_once(run, type(config)()) is first
    assert at_once(run, other) is not first
    np.testing.assert_array_equal(first.steps, run(config).steps)


def test_nobody_can_write_into_what_others_share():
    with pytest.raises(ValueError, match="read-only"):
        at_once(backward.run, BackwardConfig()).x[0] = 7
