"""What is said of a learning rate that grows."""

import numpy as np
import pytest

from bnviz.verdicts.growing_rate import judge
from bnviz.words.scale.growing_rate import findings
from tests.made.growing_rate import made

NAN = np.nan


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({}, "BN ends about as accurate with the growing rate as with weight decay."),
        ({"growing": (0.5, 0.5)}, "BN ends more accurate with weight decay."),
        ({"decaying": (0.5, 0.5)}, "BN ends more accurate with the growing rate."),
        ({"growing": (0.2, 0.92)}, "do not agree"),
        ({}, "diverged in both seeds, at steps 270 to 271."),
        (
            {"plain": (0.9, NAN)},
            "in 1 of 2 seeds, at step 271. Where it did not, it ended",
        ),
        (
            {"plain": (0.9, 0.9)},
            "Plain, at the same growth, diverged in no seed, and ended at 90 %",
        ),
        ({"growing": (0.9, NAN)}, "BN with growth diverged in 1 of 2 seeds."),
    ],
)
def test_findings(changes, told):
    assert told in findings(judge([made(**changes)]))


def test_a_paragraph_for_each_growth():
    text = findings(judge([made(), made(decay=0.1)]))
    assert text.count("**To a rate of") == 2
    assert "5.5" in text
    assert "λ = 0.1" in text
