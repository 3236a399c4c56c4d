"""What is said of moments that move."""

import numpy as np
import pytest

from bnviz.verdicts import moments, shift
from bnviz.words import moments as words
from tests.made.shift import made, made_moments


@pytest.mark.parametrize(
    ("moved", "accuracy", "said"),
    [
        ((0.03, 0.002, 0.4), (0.9, 0.9, 0.9), "by far the least stable layers, and learns as well"),
        ((0.3, 0.002, 0.4), (0.9, 0.9, 0.9), "BN has the least stable layers, and learns as well"),
        ((0.03, 0.002, 0.4), (0.8, 0.9, 0.9), "least stable layers, and learns better than plain"),
        ((0.03, 0.002, 0.4), (0.9, 0.9, 0.7), "least stable layers, and learns less than plain"),
        ((0.9, 0.002, 0.4), (0.9, 0.9, 0.9), "not the largest movement"),
        ((0.03, 0.002, 0.4), (0.9, 0.9, 0.1), "nothing follows"),
        ((np.nan, 0.002, 0.4), (0.9, 0.9, 0.9), "not compared"),
    ],
)
def test_told(moved, accuracy, said):
    of = shift.judge(made(accuracy=accuracy))
    assert said in words.told(moments.judge(made_moments(moved)), of)


@pytest.mark.parametrize(
    ("moved", "said"),
    [
        ((0.03, 0.003, 0.4), "in plain they move 10.0 times as far (more in all 3 seeds)"),
        ((0.003, 0.03, 0.4), "Not even the moments: they move by 0.03 of a deviation"),
        ((2.0, 1.9, 2.4), "Not even the moments: they move by 1.9 deviations"),
        ((np.nan, 0.03, 0.4), "cannot say"),
    ],
)
def test_still(moved, said):
    of = shift.judge(made())
    (met,) = words.beliefs(moments.judge(made_moments(moved)), of).values()
    assert said in met
