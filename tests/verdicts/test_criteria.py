"""The rules of judgement, at their borders."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from bnviz.axes import NEVER
from bnviz.verdicts import criteria

VALUES = some.lists(some.floats(0, 1) | some.just(float("nan")), min_size=1, max_size=8)


@pytest.mark.parametrize(
    ("accuracy", "classes", "expected"),
    [
        (0.55, 10, "learned"),
        (0.54, 10, "little"),
        (0.25, 10, "nothing"),
        (0.75, 2, "learned"),
        (0.65, 2, "nothing"),
        (float("nan"), 2, "diverged"),
    ],
)
def test_fate(accuracy, classes, expected):
    assert criteria.fate(accuracy, classes) == expected
    assert criteria.learned(accuracy, classes) == (expected == "learned")


def test_about_the_same_is_no_victory():
    assert criteria.better(0.90, 0.915) == "neither"
    assert criteria.better(0.93, 0.90) == "first"
    assert criteria.better(float("nan"), 0.1) == "second"
    assert criteria.better(float("nan"), float("nan")) == "neither"


@pytest.mark.parametrize(("number", "of", "expected"), [(3, 5, True), (2, 4, False), (1, 1, True)])
def test_majority(number, of, expected):
    assert criteria.majority(number, of) is expected


class TestThirds:
    @pytest.mark.parametrize("depth", [1, 2, 3, 8, 50])
    def test_of_a_network(self, depth):
        found = [criteria.third_of(layer, depth) for layer in range(1, depth + 1)]
        assert found == sorted(found)
        assert found == [2 - third for third in reversed(found)]  # the same from both ends
        assert depth < 3 or set(found) == {0, 1, 2}

    def test_what_is_so_in_more_than_half_of_the_seeds_is_the_rule(self):
        assert criteria.rule([1, 0, 2], 3) == 2
        assert criteria.rule([2, 0, 2], 4) is None
        assert criteria.rule([0, 0, 0], 3) is None


class TestScore:
    def test_of_three_seeds(self):
        score = criteria.score([1.0, 2.0, np.nan], [0.5, 2.0, 0.1])
        assert (score.first, score.second, score.even) == (1, 1, 1)
        assert score.leader == "neither"

    def test_where_nobody_leads_most_may_yet_differ(self):
        assert not criteria.score([1.0, 2.0, 3.0], [0.5, 2.5, 3.0]).level
        assert criteria.score([1.0, 2.0, 3.0], [0.5, 2.0, 3.0]).level
        assert not criteria.score([1.0, 2.0], [0.5, 2.0]).level

    def test_lowest_and_within(self):
        score = criteria.score([1.0, 5.0, np.inf], [1.5, 3.0, 7.0], lowest=True, within=1.0)
        assert (score.first, score.second, score.even) == (0, 2, 1)
        assert score.leader == "second"

    @given(VALUES)
    def test_nobody_beats_himself(self, values):
        assert criteria.score(values, values).even == len(values)

    @given(VALUES, some.randoms())
    def test_is_fair(self, values, rng):
        others = rng.sample(values, len(values))
        there, back = criteria.score(values, others), criteria.score(others, values)
        assert (there.first, there.second, there.even) == (back.second, back.first, back.even)
        assert there.seeds == len(values)


class TestOverSeeds:
    def test_what_is_finite(self):
        found = criteria.over_seeds([3.0, np.nan, 1.0, np.inf])
        assert (found.low, found.middle, found.high, found.seeds) == (1, 2, 3, 2)

    def test_nothing(self):
        assert criteria.over_seeds([np.nan]).seeds == 0
        assert np.isnan(criteria.median([np.inf]))

    def test_medians(self):
        values = np.array([[1.0, np.nan, 3.0], [np.nan, np.nan, np.nan]])
        np.testing.assert_array_equal(criteria.medians(values), [2, np.nan])


def test_late():
    np.testing.assert_array_equal(criteria.late([3, NEVER]), [3, np.inf])


def test_a_plateau_is_a_range():
    np.testing.assert_array_equal(criteria.plateau([0.5, 0.90, 0.91, np.nan, 0.895]), [1, 2, 4])
    assert criteria.plateau([np.nan]).size == 0


class TestCompare:
    STEPS = np.array([0, 1, 3])

    def made(self, plain, batch):
        values = np.array([plain, batch], np.float32)[:, :, None] * np.ones(3, np.float32)
        return criteria.compare(values, self.STEPS, np.ones(len(plain), bool))

    def test_the_median_seed_and_how_many_agree(self):
        found = self.made([4.0, 6.0, 1.0], [2.0, 2.0, 2.0])
        assert found.ratio.middle == pytest.approx(2)
        assert (found.ratio.low, found.ratio.high) == pytest.approx((0.5, 3))
        assert (found.larger, found.agree, found.rougher) == (2, 2, "plain")

    def test_turned_where_bn_has_the_larger_one(self):
        found = self.made([1.0, 1.0], [2.0, 4.0])
        assert found.rougher == "batch"
        assert (found.factor.low, found.factor.high) == pytest.approx((2, 4))
        assert found.agree == 2

    def test_alike(self):
        assert self.made([1.0], [1.1]).rougher is None

    def test_half_of_the_seeds_are_no_rule(self):
        assert self.made([4.0, 6.0, 1.0], [2.0, 2.0, 2.0]).more == "plain"
        split = self.made([6.0, 1.0], [1.0, 2.0])
        assert (split.rougher, split.more, split.open) == ("plain", None, True)
        alike = self.made([1.0], [1.1])
        assert (alike.more, alike.open) == (None, False)

    def test_beyond_a_float_and_nothing(self):
        assert np.isfinite(self.made([np.inf], [1.0]).ratio.middle)
        assert self.made([0.0], [0.0]).ratio.middle == 1
        assert np.isinf(self.made([0.0], [1.0]).factor.high)

    def test_only_the_seeds_that_count(self):
        values = np.array([[2.0, 900.0], [1.0, 1.0]], np.float32)[:, :, None] * np.ones(3)
        found = criteria.compare(values, self.STEPS, np.array([True, False]))
        assert (found.ratio.middle, found.ratio.seeds) == (2, 1)

    @pytest.mark.parametrize("lost", [np.nan, np.inf])
    def test_who_overflowed_or_has_no_number_is_the_rougher_one(self, lost):
        assert self.made([lost], [1.0]).rougher == "plain"
        assert self.made([1.0], [lost]).rougher == "batch"
        assert self.made([lost], [lost]).rougher is None

    def test_between_two_records_it_goes_straight(self):
        found = criteria.over_training(np.array([0.0, 1.0, 3.0]), self.STEPS)
        assert found == pytest.approx(1.5)
        assert criteria.over_training(np.array([7.0]), np.array([0])) == 7


def test_losses():
    lost = np.array([[NEVER, 3], [NEVER, NEVER]])
    fell = np.array([[False, False], [True, True]])
    plain, batch = criteria.losses(lost, fell)
    assert (plain.diverged, plain.stuck, plain.seeds) == (1, 1, 2)
    assert (batch.diverged, batch.stuck) == (0, 0)


class TestClearly:
    def test_by_the_medians_and_in_most_seeds(self):
        assert criteria.clearly([0.9, 0.9, 0.9], [0.85, 0.85, 0.95]) == "first"
        assert criteria.clearly([0.85, 0.85, 0.95], [0.9, 0.9, 0.9]) == "second"
        assert criteria.clearly([0.9, 0.9, 0.9], [0.89, 0.89, 0.2]) == "neither"

    def test_medians_apart_are_not_enough(self):
        first, second = [0.50, 0.60, 0.90, 0.91, 0.92], [0.60, 0.70, 0.80, 0.92, 0.93]
        assert criteria.better(0.90, 0.80) == "first"
        assert criteria.clearly(first, second) == "neither"

    def test_the_seeds_may_not_agree(self):
        first, second = [0.50, 0.60, 0.90, 0.91, 0.92], [0.60, 0.70, 0.80, 0.92, 0.93]
        assert criteria.standing(first, second) == "unclear"
        assert criteria.standing([0.9, 0.9], [0.89, 0.91]) == "same"
        assert criteria.standing([0.9, 0.9], [0.8, 0.8]) == "first"
        assert criteria.standing([np.nan] * 2, [np.nan] * 2) == "same"
        assert criteria.standing([np.nan] * 2, [0.8, 0.8]) == "second"

    def test_who_diverges_in_most_seeds_is_behind(self):
        lost = [np.nan, np.nan, 0.9]
        assert np.isnan(criteria.usual(lost))
        assert criteria.usual([np.nan, 0.9]) == 0.9
        assert criteria.clearly(lost, [0.3, 0.3, 0.3]) == "second"
        assert criteria.clearly(lost, lost) == "neither"


class TestMedianSeed:
    @pytest.mark.parametrize(
        ("accuracies", "middle"),
        [
            ([0.9, 0.1, 0.5], 0.5),
            ([0.9, 0.1], 0.1),
            ([0.9, np.nan, 0.8], 0.8),
            ([0.9, np.nan], np.nan),
            ([np.nan, 0.9, np.nan], np.nan),
        ],
    )
    def test_is_a_seed_that_there_is(self, accuracies, middle):
        assert criteria.median_seed(accuracies) == pytest.approx(middle, nan_ok=True)

    def test_is_over_the_last_axis(self):
        found = criteria.median_seed([[[1.0, 2.0, 3.0]], [[4.0, 6.0, 5.0]]])
        np.testing.assert_array_equal(found, [[2.0], [5.0]])
