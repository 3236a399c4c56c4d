"""What is said of changed inputs."""

import numpy as np
import pytest

from bnviz.verdicts.changed_inputs import judge
from bnviz.words.shift import changed_inputs as words
from tests.made.shift import made_inputs

USUAL = (0.9, 0.9, 0.4)


@pytest.mark.parametrize(
    ("accuracy", "said"),
    [
        (((0.9, 0.5, 0.3), (0.8, 0.5, 0.2), USUAL), "does not protect from inputs of another kind"),
        (((0.9, 0.5, 0.3), (0.9, 0.8, 0.8), USUAL), "less than half as much"),
        (((0.9, 0.5, 0.3), (0.9, 0.6, 0.45), USUAL), "**BN loses less than plain where"),
        (((0.9, 0.89, 0.885), (0.9, 0.89, 0.885), (0.9,) * 3), "hardly hurt a network"),
        (((0.1, 0.1, 0.1), (0.2, 0.1, 0.1), (0.1,) * 3), "Neither network has learned"),
        (((0.9, 0.5, 0.3), (0.1, 0.1, 0.1), (0.1,) * 3), "**BN has not learned enough"),
        (((0.1, 0.1, 0.1), (0.9, 0.5, 0.3), USUAL), "does not protect from inputs of another kind"),
        (((0.3, 0.1, 0.1), (0.9,) * 3, (0.9,) * 3), "hardly hurt a network"),
        (((np.nan,) * 3, (0.9, 0.5, 0.3), USUAL), "nothing to test"),
    ],
)
def test_headline_in_one_line_without_numbers(accuracy, said):
    headline = words.findings(judge(made_inputs(accuracy))).headline
    assert said in headline
    assert len(headline) < 85
    assert not any(letter.isdigit() for letter in headline)


def test_both_networks_on_each_test_set():
    accuracy = ((0.9, 0.5, 0.3), (0.8, 0.5, 0.2), USUAL)
    said = words.findings(judge(made_inputs(accuracy))).more
    assert "On the test inputs as they were, plain has 90 % test accuracy, BN 80 %." in said
    assert "On moved inputs, plain has 30 % test accuracy, BN 20 %." in said


def test_how_many_seeds_agree_where_bn_loses_less_and_only_there():
    less = ((0.9, 0.5, 0.3), (0.9, 0.8, 0.8), USUAL)
    expected = "On moved inputs BN loses less than plain in all 3 seeds."
    assert expected in words.findings(judge(made_inputs(less))).more
    more = ((0.9, 0.5, 0.3), (0.8, 0.5, 0.2), USUAL)
    assert "loses less" not in words.findings(judge(made_inputs(more))).text


def test_a_plain_network_that_never_learned_is_no_measure():
    untaught = ((0.1, 0.1, 0.1), (0.9, 0.5, 0.3), USUAL)
    said = "The plain network has not learned enough to compare."
    assert said in words.findings(judge(made_inputs(untaught))).more
    assert said not in words.findings(judge(made_inputs())).more


def test_new_statistics_of_a_network_that_never_learned_are_left_out():
    accuracy = ((0.9, 0.5, 0.3), (0.2, 0.1, 0.1), (0.2, 0.2, 0.2))
    assert (
        "in place of its running averages" not in words.findings(judge(made_inputs(accuracy))).text
    )


def test_new_statistics_help_or_not():
    said = words.findings(judge(made_inputs())).text
    assert (
        "of the fainter inputs, in place of its running averages, BN has 90 %. That is as good as"
        in said
    )
    assert (
        "of the moved inputs, in place of its running averages, BN has 40 %. That is still worse"
        in said
    )
