"""Who keeps the samples apart, and by which half of BN."""

import numpy as np
import pytest

from bnviz.verdicts.collapse import judge, judge_trained
from tests.made.collapse import made, trained

NAN = np.nan


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        ({}, "BN alone"),
        ({"plain": (0.6, 0.6)}, "BN further apart"),
        # Less alike than plain's, and yet far closer together than in the first layer.
        ({"plain": (1.0, 1.0), "batch": (0.94, 0.94)}, "BN less alike"),
        ({"plain": (0.6, 0.6), "batch": (0.5, 0.5)}, "BN less alike"),
        ({"plain": (0.2, 0.2)}, "plain further apart"),
        ({"plain": (0.97, 0.97), "batch": (0.96, 0.96)}, "both alike"),
        ({"plain": (0.6, 0.6), "batch": (0.58, 0.58)}, "both closer"),
        ({"plain": (0.34, 0.34)}, "both apart"),
        ({"plain": (NAN, NAN)}, "nothing left"),
        ({"batch_size": 1}, "one sample"),
        # One of two seeds is no rule.
        ({"plain": (0.34, 0.9), "batch": (0.33, 0.33)}, "both closer"),
    ],
)
def test_outcome(changes, outcome):
    assert judge(made(**changes)).outcome == outcome


def test_a_tie_is_no_victory():
    verdict = judge(made(plain=(0.34, 0.34)))
    assert (verdict.larger, verdict.smaller) == (0, 0)


@pytest.mark.parametrize(
    ("centred", "divided", "plain", "half"),
    [
        ((0.6, 0.6), (0.8, 0.8), (0.98, 0.98), "both"),
        ((0.34, 0.34), (0.8, 0.8), (0.98, 0.98), "the mean"),
        ((0.6, 0.6), (0.3, 0.3), (0.98, 0.98), "the standard deviation"),
        ((0.34, 0.3), (0.3, 0.3), (0.98, 0.98), "either"),
        ((0.6, 0.6), (0.8, 0.8), (0.3, 0.34), "no need"),
        ((0.3, 0.6), (0.8, 0.8), (0.98, 0.98), "unclear"),
        ((NAN, NAN), (0.8, 0.8), (0.98, 0.98), "unclear"),
    ],
)
def test_which_half(centred, divided, plain, half):
    assert judge(made(centred=centred, divided=divided, plain=plain)).half == half


@pytest.mark.parametrize(
    ("last", "way", "state", "height"),
    [
        (0.33, "level", "apart", "low"),
        (0.40, "rises", "apart", "low"),
        (0.20, "falls", "apart", "low"),
        (0.80, "rises", "closer", "middle"),
        (0.95, "rises", "alike", "middle"),
        (0.96, "rises", "alike", "high"),
    ],
)
def test_what_becomes_of_a_network(last, way, state, height):
    network = judge(made(batch=(last, last))).batch
    assert (network.way, network.state, network.height) == (way, state, height)


def test_a_cosine_near_zero_may_hide_what_is_lost():
    low = {"plain": (0.0, 0.0), "batch": (0.01, -0.01), "first": 0.0}
    verdict = judge(made(**low, directions=(2.0, 13.0)))
    assert verdict.plain.near_zero == "directions lost"
    assert verdict.batch.near_zero == "directions kept"
    assert judge(made()).plain.near_zero == "not near"


@pytest.mark.parametrize(
    ("changes", "learning"),
    [
        ({}, "BN alone"),
        ({"plain": (0.9, 0.9), "batch": (0.2, 0.2)}, "plain alone"),
        ({"plain": (0.9, 0.9)}, "both"),
        ({"batch": (0.2, 0.2)}, "neither"),
        ({"plain": (NAN, NAN)}, "BN alone"),
    ],
)
def test_who_learns(changes, learning):
    assert judge_trained(trained(**changes)).learning == learning


def test_alike_at_the_start_and_yet_ahead():
    assert judge_trained(trained(plain=(0.7, 0.7), batch=(0.4, 0.4))).in_spite
    assert not judge_trained(trained()).in_spite
    level = trained(plain=(0.7, 0.7), batch=(0.4, 0.4), before=(0.33, 0.33))
    assert not judge_trained(level).in_spite
