"""Alone is judged, and comes out the other way where the result does."""

import numpy as np
import pytest

from bnviz.verdicts.alone import judge, judge_sizes
from tests.made.alone import made

NAN = float("nan")


@pytest.mark.parametrize(
    ("affine", "everything", "outcome", "level", "gap"),
    [
        ((0.9, 0.9), (0.96, 0.96), "far", "high", "small"),
        ((0.95, 0.96), (0.96, 0.96), "level", "high", "small"),
        ((0.9, 0.9), (0.5, 0.5), "ahead", "high", "small"),
        ((0.7, 0.7), (0.9, 0.9), "far", "middle", "middle"),
        ((0.59, 0.59), (0.95, 0.95), "not enough", "low", "large"),
        ((0.59, 0.59), (0.3, 0.3), "not enough", "low", "small"),
        ((NAN, NAN), (0.9, 0.9), "diverged", "no number", "no number"),
        ((0.9, 0.9), (NAN, NAN), "ahead", "high", "no number"),
        # One of two seeds is no rule, and two medians far apart are not the same.
        ((0.9, 0.72), (0.9, 0.9), "unclear", "high", "small"),
    ],
)
def test_how_far(affine, everything, outcome, level, gap):
    verdict = judge(made(affine=affine, everything=everything))
    assert (verdict.outcome, verdict.level, verdict.gap) == (outcome, level, gap)


@pytest.mark.parametrize(
    ("random", "standing", "score"),
    [
        ((0.8, 0.8), "first", (2, 0)),
        ((0.95, 0.95), "second", (0, 2)),
        ((0.91, 0.89), "same", (0, 0)),
        ((0.6, 0.95), "unclear", (1, 1)),
        ((NAN, NAN), "first", (2, 0)),
    ],
)
def test_beside_random_weights(random, standing, score):
    verdict = judge(made(random=random))
    assert verdict.beside_random == standing
    assert (verdict.ahead_of_random.first, verdict.ahead_of_random.second) == score


def test_beside_the_output_layer():
    assert judge(made()).beside_output == "first"
    assert judge(made(affine=(0.5, 0.5), output=(0.95, 0.95))).beside_output == "second"


@pytest.mark.parametrize(
    ("off", "more"),
    [((0.1, 0.0), "affine"), ((0.0, 0.1), "all"), ((0.05, 0.04), "same")],
)
def test_where_gamma_switches_off_more(off, more):
    verdict = judge(made(off=off))
    assert verdict.off == more
    assert verdict.affine.off.middle == pytest.approx(off[0])


def test_seeds_without_an_end_are_left_out_and_counted():
    verdict = judge(made(affine=(NAN, 0.9, 0.9), output=(0.5,) * 3, random=(0.8,) * 3,
                         everything=(0.96,) * 3))  # fmt: skip
    assert verdict.affine.diverged == 1
    assert verdict.affine.accuracy == pytest.approx(0.9)
    none = judge(made(affine=(NAN, NAN)))
    assert none.off == "no number"
    assert np.isnan(none.affine.off.middle)


def some_sizes():
    return [
        made(affine=(0.3, 0.3), trained=(10, 20, 10, 100), width=8),
        made(affine=(0.85, 0.85), trained=(40, 80, 40, 800), width=16),
        made(affine=(0.86, 0.86), trained=(80, 160, 80, 4000), width=32),
    ]


def test_the_fewest_parameters_with_which_a_part_gets_far():
    reached = judge_sizes(some_sizes(), "width").reached
    assert {one.part: (one.trained, one.size) for one in reached} == {
        "affine": (40, 16), "output": (None, 0), "random": (10, 8), "all": (100, 8),
    }  # fmt: skip


def test_where_gamma_and_beta_end_highest_and_as_which_share():
    best = judge_sizes(some_sizes(), "width").best
    assert best.sizes == (16, 32)  # a point apart is about the same
    assert best.shares == pytest.approx((0.02, 0.05))
    assert (best.smallest, best.of_smallest) == (8, pytest.approx(0.1))
    assert judge_sizes([made(affine=(NAN, NAN))], "depth").best is None
