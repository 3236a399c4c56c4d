"""What is said of moments that move."""

import numpy as np
import pytest

from bnviz.verdicts import moments, shift
from bnviz.words.shift import moments as words
from tests.made.shift import made, made_moments


@pytest.mark.parametrize(
    ("moved", "accuracy", "said"),
    [
        (
            (0.03, 0.002, 0.4),
            (0.9, 0.9, 0.9),
            "change is by far the largest, and it learns as well",
        ),
        ((0.3, 0.002, 0.4), (0.9, 0.9, 0.9), "change is the largest, and it learns as well"),
        ((0.03, 0.002, 0.4), (0.8, 0.9, 0.9), "largest, and it learns better than plain"),
        ((0.03, 0.002, 0.4), (0.9, 0.9, 0.7), "largest, and it learns less than plain"),
        ((0.9, 0.002, 0.4), (0.9, 0.9, 0.9), "not the largest change"),
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
        (
            (0.03, 0.003, 0.4),
            "in plain they change 10.0 times as much as in BN, which sets them. It is more",
        ),
        ((0.003, 0.03, 0.4), "one update changes them by 0.03 of a standard deviation"),
        ((2.0, 1.9, 2.4), "one update changes them by 1.9 standard deviations"),
        ((np.nan, 0.03, 0.4), "cannot say"),
    ],
)
def test_still(moved, said):
    of = shift.judge(made())
    _, met = words.told(moments.judge(made_moments(moved)), of).split("\n\n")
    assert met.startswith("*“BN holds the distributions still")
    assert said in met
