"""The network's input, judged."""

from dataclasses import replace

import numpy as np
import pytest

from bnviz.engine.data import DATASETS
from bnviz.experiments import inputs
from bnviz.verdicts.inputs import ROUND, judge, judge_sweep, usual
from tests.made.inputs import swept, wild


class TestGround:
    def test_ratios_and_patience(self):
        one = inputs.ground(wild("digits"))
        verdict = judge(one)
        assert verdict.larger == pytest.approx(one.all_rate[1] / one.all_rate[0])
        assert verdict.patience == (69, 4)
        assert not verdict.nearly_round

    @pytest.mark.parametrize(("condition", "nearly"), [(ROUND, True), (ROUND + 0.1, False)])
    def test_nearly_round(self, condition, nearly):
        one = replace(inputs.ground(wild("digits")), all_condition=np.array([100.0, condition]))
        assert judge(one).nearly_round is nearly

    @pytest.mark.parametrize("name", DATASETS)
    def test_what_the_page_says_holds_for_all_data(self, name):
        verdict = judge(inputs.ground(wild(name)))
        assert verdict.larger > 1
        assert verdict.condition[1] < verdict.condition[0]
        assert verdict.patience[1] < verdict.patience[0]


class TestSweep:
    def test_the_largest_rate_at_which_most_seeds_learn(self):
        rows = [(0.9, 0.9, 0.9), (0.9, 0.9, 0.1), (0.9, 0.1, 0.1)]
        (reached,) = judge_sweep([swept("plain", *rows)]).reached
        assert reached.largest == inputs.RATES[1]
        assert reached.best == pytest.approx(0.9)

    def test_none(self):
        (reached,) = judge_sweep([swept("plain", 0.1, 0.2)]).reached
        assert np.isnan(reached.largest)

    def test_where_most_diverged_nothing_was_reached(self):
        one = swept("plain", (0.9, 0.9, np.nan), (0.9, np.nan, np.nan))
        assert usual(one).tolist() == [pytest.approx(0.9), 0.0]

    @pytest.mark.parametrize(
        ("own", "scaled", "same", "widest"),
        [
            ((0.9, 0.1), (0.8, 0.1), "as far", 0.1),
            ((0.9, 0.1), (0.9, 0.9), "not equally far", 0.8),
            ((0.1, 0.1), (0.9, 0.1), "not equally far", 0.8),
            ((0.1, 0.1), (0.1, 0.3), "neither", 0.2),
        ],
    )
    def test_the_same_as_scaling(self, own, scaled, same, widest):
        verdict = judge_sweep([swept("input only", *own), swept("scaled data", *scaled)])
        assert verdict.same == same
        assert verdict.widest == pytest.approx(widest)

    def test_of_one_alone_nothing_is_said(self):
        verdict = judge_sweep([swept("input only", 0.9)])
        assert verdict.same is None
        assert verdict.inside is None
        assert not verdict.needless

    @pytest.mark.parametrize(
        ("own", "scaled", "needless"),
        [
            ((0.9, 0.5), (0.91, 0.5), True),
            ((0.9, 0.5), (0.9, 0.53), False),  # as far, but another accuracy at one rate
            ((0.1, 0.1), (0.1, 0.1), False),
        ],
    )
    def test_what_is_scaled_needs_nothing_more_only_where_both_are_the_same_at_every_rate(
        self, own, scaled, needless
    ):
        arms = [swept("input only", *own), swept("scaled data", *scaled)]
        assert judge_sweep(arms).needless is needless

    @pytest.mark.parametrize(
        ("hidden", "scaled", "standing", "agree"),
        [
            (((0.7, 0.7, 0.8),), ((0.9, 0.9, 0.9),), "second", 3),
            (((0.7, 0.95, 0.95),), ((0.9, 0.9, 0.9),), "first", 2),
            (((0.9, 0.9, 0.7),), ((0.91, 0.9, 0.9),), "same", 2),
            (((0.6, 0.8, 0.9),), ((0.9, 0.81, 0.7),), "same", 1),
            (((0.6, 0.8, 0.9), (0.9, 0.9, 0.9)), ((0.8, 0.8, 0.8),), "first", 3),
            (((0.6, 0.7, 0.9),), ((0.95, 0.705, 0.9),), "unclear", 0),
            (((np.nan, np.nan, 0.9),), ((0.9, 0.9, 0.9),), "second", 2),
        ],
    )
    def test_bn_inside_beside_scaling_each_at_its_best_rate(self, hidden, scaled, standing, agree):
        inside = judge_sweep([swept("hidden", *hidden), swept("scaled data", *scaled)]).inside
        assert (inside.standing, inside.agree, inside.seeds) == (standing, agree, 3)

    def test_two_that_learn_nothing_are_not_compared(self):
        assert judge_sweep([swept("hidden", 0.1), swept("scaled data", 0.2)]).inside is None
