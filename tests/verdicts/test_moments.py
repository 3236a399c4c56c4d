"""How far moments move, judged; and that noise makes the layers restless without harm."""

import numpy as np
import pytest

from bnviz.experiments import moments
from bnviz.experiments.moments import MomentsConfig
from bnviz.verdicts.moments import judge
from tests.made.shift import made_moments


@pytest.mark.parametrize(
    ("moved", "noisy"),
    [
        ((0.03, 0.002, 0.4), "by far"),
        ((0.3, 0.002, 0.4), "most"),
        ((0.38, 0.002, 0.4), "not the most"),  # about the same
        ((0.9, 0.002, 0.4), "not the most"),
        ((np.nan, 0.002, 0.4), "unknown"),
    ],
)
def test_whether_the_noise_moves_them_most(moved, noisy):
    assert judge(made_moments(moved)).noisy == noisy


def test_bn_holds_them_still_where_they_move_clearly_less_in_most_seeds():
    assert judge(made_moments((0.03, 0.003, 0.4))).still
    assert judge(made_moments((0.03, 0.003, 0.4))).compared.ratio.middle == pytest.approx(10)
    assert not judge(made_moments((0.003, 0.03, 0.4))).still
    assert not judge(made_moments((2.0, 1.9, 2.4))).still
    assert judge(made_moments((np.nan, 0.03, 0.4))).compared is None


def test_seeds_that_were_not_followed_are_left_out():
    verdict = judge(made_moments(((0.03, np.nan, 0.05), (0.003,) * 3, (0.4,) * 3)))
    assert verdict.moved == pytest.approx((0.04, 0.003, 0.4))
    assert verdict.compared.ratio.seeds == 2


def test_claims_at_the_default():
    verdict = judge(moments.run(MomentsConfig(seeds=5)))
    plain, batch, noisy = verdict.moved
    assert batch < 0.1 * plain
    assert noisy > 5 * plain
    assert verdict.noisy == "by far"
    assert verdict.compared.ratio.low > 5
