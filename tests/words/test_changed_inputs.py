"""What is said of changed inputs."""

import numpy as np
import pytest

from bnviz.verdicts.changed_inputs import judge
from bnviz.words import changed_inputs as words
from tests.made.shift import made_inputs

USUAL = (0.9, 0.9, 0.4)


@pytest.mark.parametrize(
    ("accuracy", "said"),
    [
        (
            ((0.9, 0.5, 0.3), (0.8, 0.5, 0.2), USUAL),
            "does not protect from inputs of another kind**: on moved ones it goes from 80 % to"
            " 20 %, plain from 90 % to 30 %",
        ),
        (((0.9, 0.5, 0.3), (0.9, 0.8, 0.8), USUAL), "less than half as much"),
        (((0.9, 0.5, 0.3), (0.9, 0.8, 0.8), USUAL), "plain from 90 % to 30 %, less in all 3 seeds"),
        (((0.9, 0.5, 0.3), (0.9, 0.6, 0.45), USUAL), "**BN loses less than plain where"),
        (((0.9, 0.89, 0.885), (0.9, 0.89, 0.885), (0.9,) * 3), "hardly hurt either network"),
        (((0.1, 0.1, 0.1), (0.2, 0.1, 0.1), (0.1,) * 3), "Neither network has learned"),
        (((0.9, 0.5, 0.3), (0.1, 0.1, 0.1), (0.1,) * 3), "**BN has not learned enough"),
        (
            ((0.1, 0.1, 0.1), (0.9, 0.5, 0.3), USUAL),
            "it goes from 90 % to 30 % (plain has not learned enough to compare)",
        ),
        (((0.3, 0.1, 0.1), (0.9,) * 3, (0.9,) * 3), "hardly hurt BN; plain has not"),
        (((np.nan,) * 3, (0.9, 0.5, 0.3), USUAL), "nothing to test"),
    ],
)
def test_headline(accuracy, said):
    assert said in words.findings(judge(made_inputs(accuracy))).headline


def test_new_statistics_of_a_network_that_never_learned_are_left_out():
    accuracy = ((0.9, 0.5, 0.3), (0.2, 0.1, 0.1), (0.2, 0.2, 0.2))
    assert "in place of those" not in words.findings(judge(made_inputs(accuracy))).text


def test_new_statistics_help_or_not():
    said = words.findings(judge(made_inputs())).text
    assert "BN's 50 % becomes 90 % on fainter ones, as good as before" in said
    assert "30 % becomes 40 % on moved ones, still worse than before" in said
