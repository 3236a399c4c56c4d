"""Deep linear networks, judged; and that BN learns faster there and shifts more."""

import numpy as np
import pytest

from bnviz.experiments import deep_linear
from bnviz.experiments.deep_linear import RATES, LinearConfig
from bnviz.verdicts.deep_linear import judge
from tests.made.shift import made_linear

SMALL, LARGE = (10.0, 10.0, 10.0), (30.0, 30.0, 30.0)


def test_whose_gradient_turns_more_over_training_and_at_the_end():
    turns = judge([made_linear("plain", angles=SMALL), made_linear("batch", angles=LARGE)]).turns
    assert (turns.overall, turns.at_the_end) == ("batch", "batch")
    turns = judge([made_linear("plain", angles=(9, 9, 90)), made_linear("batch")]).turns
    assert turns.at_the_end == "plain"


def test_where_one_is_not_done_or_lost_there_is_nothing_to_compare():
    plain, batch = made_linear("plain"), made_linear("batch")
    assert judge([plain]).turns is None
    assert not judge([plain, made_linear("noisy")]).both_done
    lost = judge([made_linear("plain", loss=np.nan), batch])
    assert lost.both_done
    assert lost.turns is None


def test_ends_of_the_seeds_that_lasted():
    (end,) = judge([made_linear("plain", loss=(0.2, np.nan, 0.4))]).ends
    assert (end.loss, end.diverged, end.seeds) == (pytest.approx(0.3), 1, 3)
    assert end.turn == pytest.approx(20)


def test_bn_learns_faster_and_shifts_more():
    plain, batch = (
        deep_linear.run(LinearConfig(arm=arm, steps=20, seeds=5, learning_rate=float(RATES[0])))
        for arm in ("plain", "batch")
    )
    lasted = np.isfinite(plain.loss[:, -1])
    assert lasted.sum() >= 4
    assert (batch.loss[lasted, -1] < plain.loss[lasted, -1]).all()
    assert (batch.angle[lasted].mean(1) > 2 * plain.angle[lasted].mean(1)).all()
    assert judge([plain, batch]).turns.overall == "batch"
