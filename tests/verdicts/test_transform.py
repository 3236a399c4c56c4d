"""What a mini-batch shows of the transform is judged, by the batch."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings

from bnviz.experiments.minibatch import TRAINED
from bnviz.experiments.transform import BACK, LEARNED
from bnviz.verdicts.transform import LINEAR, X, correlation, judge, judge_pair, linear_share
from bnviz.words import transform as words
from tests.made.transform import SOURCES, batches, of


def outcome(table=None, **changes):
    return judge(of(table, **changes)).outcome


class TestOutcome:
    @pytest.mark.parametrize(
        ("table", "expected"),
        [
            (None, "normalized"),
            ([[5]], "one row"),
            ([[1], [9]], "two rows"),
            ([[1], [1.001]], "epsilon"),
            ([[1, 7], [2, 7], [4, 7]], "normalized"),
            ([[7], [7], [7]], "nothing varies"),
        ],
    )
    def test_of_a_table(self, table, expected):
        assert outcome(table) == expected

    def test_given_back(self):
        assert outcome(affine=BACK) == "given back"

    def test_epsilon_too_large_for_one_feature(self):
        verdict = judge(of([[1, 0.1], [9, 0.2], [5, 0.3]], epsilon=1.0))
        assert verdict.outcome == "epsilon"
        assert verdict.worst == ("x2", pytest.approx(0.0066, abs=1e-4))

    def test_constant_features(self):
        assert judge(of([[1, 7], [2, 7], [4, 7]])).constant == ("x2",)
        assert judge(of()).constant == ()

    def test_as_learned(self):
        assert judge(of(source=TRAINED, affine=LEARNED)).as_learned
        assert not judge(of(source=TRAINED)).as_learned


class TestFar:
    def test_from_zero_and_only_then(self):
        assert judge(of()).far is None
        far = judge(of(source="far from zero")).far
        assert far.stds == pytest.approx(26.5)

    def test_what_32_bits_lose_is_measured(self):
        near, far = of([[0], [1], [3]]), of([[1e6], [1e6 + 1], [1e6 + 3]])
        assert far.torch.short[0] > 1e3 * near.torch.short[0]
        assert judge(far).far.off == far.torch.short[0]
        assert far.torch.difference < 1e-6

    def test_where_they_lose_no_more_than_usual_nothing_is_put_down_to_it(self):
        """Whole numbers are exact in 32 bits, however far they lie from zero."""
        assert judge(of(source="far from zero")).far.off is None
        assert judge(of(source="far from zero", affine=BACK)).far.off is None

    def test_what_another_feature_loses_is_not_put_down_to_it(self):
        """A constant one is off by far more; the one that lies far from zero hardly is."""
        both = of([[50, 123456789], [51, 123456789], [53, 123456789]], gamma=1.0, beta=0.0)
        verdict = judge(both)
        assert verdict.far.name == "x1"
        assert verdict.far.off is None or verdict.far.off < 1e-4
        assert verdict.rounded == ("x2", pytest.approx(1040, rel=0.01))


class TestRounded:
    def test_a_constant_feature_in_32_bits_that_torch_gets_wrong(self):
        verdict = judge(of([[123456789]] * 4, gamma=1.0, beta=0.0))
        assert verdict.rounded == ("x1", pytest.approx(1040, rel=0.01))
        assert verdict.difference < 1e-4  # in 64 bits it is right

    @pytest.mark.parametrize("table", [[[7]] * 8, [[0]] * 4, [[123456789]], [[1], [2], [4]]])
    def test_is_told_only_where_it_can_be_seen(self, table):
        assert judge(of(table)).rounded is None

    def test_gamma_0_leaves_nothing_to_be_wrong(self):
        assert judge(of([[123456789]] * 4, gamma=0.0, beta=0.0)).rounded is None


class TestFeature:
    def test_one_row_with_all_of_the_variance(self):
        assert judge(of(source="one outlier")).feature.alone == pytest.approx(0.87, abs=0.01)
        assert judge(of([[1], [2], [5]])).feature.alone == pytest.approx(0.63, abs=0.01)
        assert judge(of()).feature.alone is None
        assert judge(of([[1], [2]])).feature.alone is None  # of two, each has its half

    def test_the_linear_part_of_a_sigmoid(self):
        slope = math.exp(-LINEAR) / (1 + math.exp(-LINEAR)) ** 2
        assert slope == pytest.approx(0.25 / 2, rel=1e-3)
        assert linear_share(np.array([9.0, 10, 11])) == 0
        assert linear_share(np.array([0, 0.1, 2])) == pytest.approx(2 / 3)

    def test_outputs_with_mean_0_and_variance_1(self):
        assert not judge(of()).feature.standard
        assert judge(of(gamma=1.0, beta=0.0)).feature.standard
        noisy = of([[1], [2], [4]], gamma=1.0, beta=0.0)
        assert 0 < abs(noisy.stages[3].mean()) < 1e-15
        assert judge(noisy).feature.output[0] == 0
        far = of([[9989.4841], [9989.8141]], gamma=1.0, beta=0.0, epsilon=1.0)
        assert abs(far.stages[3].mean()) > 1e-13
        assert judge(far).feature.output[0] == 0

    def test_kurtosis(self):
        assert judge(of([[-1], [1], [-1], [1]])).feature.kurtosis == pytest.approx((1, 1))
        assert judge(of([[7], [7]])).feature.kurtosis is None


class TestPair:
    def test_the_next_feature_or_the_one_before_the_last(self):
        three = of([[1, 2, 4], [2, 5, 1], [3, 1, 1]])
        assert [judge_pair(three, place).other for place in range(3)] == [1, 2, 1]
        assert judge_pair(of([[1], [2]]), 0).other is None

    @pytest.mark.parametrize("epsilon", [1e-5, 100.0])
    def test_the_correlation_stays(self, epsilon):
        pair = judge(of(epsilon=epsilon)).pair
        assert pair.same
        assert pair.before == pytest.approx(0.812, abs=1e-3)

    def test_a_feature_that_does_not_vary_has_none(self):
        assert math.isnan(judge(of([[1, 7], [2, 7]])).pair.before)

    @given(batches)
    @settings(max_examples=12, deadline=None)
    def test_correlation_is_numpys(self, table):
        run = of(table)
        ours = correlation(run, X, 0, run.features - 1)
        if np.isfinite(ours) and (run.variance > 1e-9).all():
            theirs = np.corrcoef(run.stages[0].T).reshape(run.features, -1)[0, -1]
            assert ours == pytest.approx(theirs, abs=1e-6)


class TestMovedBy:
    @pytest.mark.parametrize("source", SOURCES)
    def test_nothing(self, source):
        assert judge(of(source=source)).moved_by == "not"

    @pytest.mark.parametrize(
        ("moved", "by"), [(1.0, "not"), (99.0, "shift"), (201.0, "shift times γ")]
    )
    def test_is_what_the_outputs_did(self, moved, by):
        assert judge(replace(of(gamma=2.0), moved=moved)).moved_by == by


def test_what_the_beliefs_say_of_weights():
    _, std = judge(of()).weights
    assert abs(std - 1) > 0.3  # the claim itself


class TestWhatThePageClaims:
    def test_every_challenge_has_the_answer_it_expects(self):
        for challenge in words.CHALLENGES:
            found = judge(of(**challenge.setting))
            assert challenge.outcome(found).right == challenge.expected, challenge.name


def test_how_far_the_outputs_reach():
    assert judge(of(source="two rows")).spans == pytest.approx((4, 4), rel=1e-3)


def test_how_many_rows_lie_below_the_mean():
    assert judge(of()).feature.below == 4
    assert judge(of(source="one outlier")).feature.below == 7
    assert judge(of([[7], [7]])).feature.below == 0
