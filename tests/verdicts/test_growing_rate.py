"""Does a growing rate do what weight decay does?"""

import numpy as np

from bnviz.verdicts.growing_rate import judge
from tests.made.growing_rate import made

NAN = np.nan


def one(**changes):
    (growth,) = judge([made(**changes)]).growths
    return growth


def test_about_the_same_is_no_difference():
    assert one().same == "same"
    assert one(growing=(0.5, 0.5)).same == "first"
    assert one(decaying=(0.5, 0.5)).same == "second"


def test_who_was_lost_and_when():
    growth = one()
    assert growth.lost == (0, 0, 2)
    assert growth.lost_at == (270, 271)
    assert one(plain=(0.9, 0.9)).lost_at is None


def test_the_rates_at_both_ends():
    growth = one(decay=0.1)
    assert growth.first_rate == 0.1
    assert growth.last_rate > 300
