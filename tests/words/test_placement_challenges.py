"""What a run answers to the questions on the place of BN, at the borders between two answers."""

import numpy as np
import pytest

from bnviz.axes import PLACE
from bnviz.experiments.placement import ARMS
from bnviz.verdicts.placement import judge
from bnviz.words import placement as words
from bnviz.words.placement import bias as bias_words
from bnviz.words.placement import branches
from tests.made.placement import bias, place, zero


def outcome(name, result):
    (challenge,) = [one for one in words.CHALLENGES if one.name == name]
    return challenge.outcome(judge(result))


class TestWhoEndsHighest:
    @pytest.mark.parametrize(
        ("before", "after", "own", "plain", "best"),
        [
            (0.95, 0.94, 0.3, 0.2, words.INSIDE),
            (0.95, 0.8, 0.3, 0.2, words.INSIDE),
            (0.8, 0.81, 0.9, 0.2, words.INPUT),
            (0.8, 0.81, 0.9, 0.95, "plain"),
            (0.9, 0.91, 0.3, 0.9, words.NO_WINNER),
            (0.9, 0.8, 0.91, 0.2, words.NO_WINNER),
            (0.3, 0.3, 0.3, 0.2, words.NO_WINNER),
        ],
    )
    def test_is_who_is_clearly_ahead_of_all_others(self, before, after, own, plain, best):
        found = outcome("wild", place(before, after, plain, own))
        assert found.right == best
        assert "%" in found.why

    def test_the_seeds_are_counted_and_the_pixels_blamed_where_they_are_wild(self):
        result = place(0.8, 0.7, own=0.9, features="wild")
        result.test_accuracy[result.place("input only"), 0, -1] = 0.81
        why = outcome("wild", result).why
        assert why.startswith("It is ahead in 2 of 3 seeds, at 90 %. The first layer adds up raw")
        assert "this run does not show" in outcome("wild", place(0.8, 0.7, own=0.9)).why


class TestWhereItHelps:
    @pytest.mark.parametrize(
        ("before", "after", "plain", "right"),
        [
            (0.95, 0.95, 0.9, words.BOTH),
            (0.95, 0.91, 0.9, words.BEFORE),
            (0.91, 0.95, 0.9, words.AFTER),
            (0.91, 0.91, 0.9, words.NEITHER),
            (0.8, 0.7, 0.9, words.NEITHER),
        ],
    )
    def test_is_where_it_is_ahead_of_plain(self, before, after, plain, right):
        found = outcome("low", place(before, after, plain))
        assert found.right == right
        assert ("nothing to mend" in found.why) is (right == words.NEITHER)

    def test_a_minority_of_the_seeds_is_no_help(self):
        result = place(0.9, 0.9, 0.9)
        result.test_accuracy[result.place("before"), 0, -1] = 0.99  # one of three
        assert outcome("low", result).right == words.NEITHER

    def test_where_nobody_learns_it_cannot_tell(self):
        assert outcome("low", place(0.3, 0.3, 0.2)).right is None


class TestWhichLayersLearn:
    @pytest.mark.parametrize(
        ("inside", "right"),
        [
            (0.0, branches.ONLY_FIRST),
            ((0.0, 0.0, 0.1), branches.SOME),
            ((0.0, 0.1, 0.1), branches.ALL),
        ],
    )
    def test_counts_the_branches(self, inside, right):
        assert outcome("closed", zero(inside=inside)).right == right
        assert outcome("smooth", zero(inside=inside, activation="gelu")).right == right

    def test_relu_is_blamed_where_there_is_one(self):
        assert "ReLU gets only zeros" in outcome("closed", zero()).why
        assert "does not show" in outcome("closed", zero(activation="tanh")).why

    def test_without_branches_it_cannot_tell(self):
        assert outcome("closed", zero(depth=1)).right is None


class TestWhoIsLate:
    def arms(self, **ends):
        """Where each curve is at the second of four records."""
        result = zero()
        result.test_accuracy[:, :, :2] = 0.5
        for arm, accuracy in ends.items():
            result.test_accuracy[result.place(arm.replace("_", " ")), :, 1] = accuracy
        result.test_accuracy[1:, :, 2:] = 0.92
        return result

    def test_is_the_last_curve_at_90_percent(self):
        result = self.arms(**{"γ from 0": 0.91, "0, inside": 0.95})
        found = outcome("late", result)
        assert found.right == "γ from 1"
        assert "γ from 1 gets there at step 2, the first of the others at step 1." in found.why

    def test_several_at_once_are_none(self):
        assert outcome("late", self.arms(**{"γ from 0": 0.91})).right is None

    def test_who_never_gets_there_is_the_last(self):
        result = self.arms()
        result.test_accuracy[result.place("0, inside")] = 0.8
        found = outcome("late", result)
        assert found.right == "0, inside"
        assert "never gets there" in found.why


class TestTheGradientOfTheBias:
    @pytest.mark.parametrize(
        ("own", "right"),
        [
            (1e-9, bias_words.ROUNDING),
            (0.9e-6, bias_words.ROUNDING),
            (1.1e-6, bias_words.SMALLER),
            (0.0049, bias_words.SMALLER),
            (0.0051, bias_words.AS_LARGE),
            (np.nan, None),
        ],
    )
    def test_beside_that_of_beta(self, own, right):
        assert outcome("constant", bias(own=own)).right == right

    def test_without_any_gradient_it_cannot_tell(self):
        assert outcome("constant", bias(own=0.0, beta=0.0)).right is None

    def test_counts_the_seeds(self):
        result = bias()
        result.bias[result.place("bias kept"), 0, :, 0] = 0.01
        assert "It is so in 2 of 3 seeds" in outcome("constant", result).why


def test_where_all_diverged_it_cannot_tell():
    result = place(lost=dict.fromkeys(ARMS[PLACE], 3))
    assert outcome("wild", result).right is None
    assert outcome("low", result).right is None
