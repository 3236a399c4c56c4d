"""Which of two runs is ahead is judged, and comes out the other way where the runs do."""

from functools import cache

import numpy as np
import pytest

from bnviz.axes import NEVER
from bnviz.experiments import lab
from bnviz.experiments.lab_config import LabConfig
from bnviz.experiments.lab_knobs import ARMS
from bnviz.verdicts.lab import accuracies, judge, kept, losses
from tests.made.lab import bn, made


def outcome(a, b):
    return judge(a, b).outcome


class TestOutcome:
    @pytest.mark.parametrize(
        ("a", "b", "expected"),
        [
            ((0.7, 0.8), (0.9, 0.95), "B ahead"),
            ((0.9, 0.95), (0.7, 0.8), "A ahead"),
            ((0.9, 0.9), (0.905, 0.915), "about the same"),
            ((0.9, 0.9), (0.921, 0.921), "B ahead"),  # just more than criteria.SAME
            ((0.1, 0.2), (0.1, 0.12), "neither learned"),
            ((0.4,), (0.1,), "neither learned"),
        ],
    )
    def test_of_the_median_seed(self, a, b, expected):
        assert outcome(made(a), bn(b)) == expected

    def test_undecided(self):
        a, b = (0.6, 0.6, 0.9, 0.9, 0.9), (0.8, 0.8, 0.8, 0.91, 0.91)
        verdict = judge(made(a), bn(b))  # A's median is higher, B ahead in four of five
        assert (verdict.a.accuracy, verdict.b.accuracy) == pytest.approx((0.9, 0.8))
        assert (verdict.score.first, verdict.score.second) == (1, 4)
        assert verdict.outcome == "undecided"
        assert verdict.leader is None

    def test_diverged(self):
        assert outcome(made((0.9,), [3]), bn((0.9,), [4])) == "both diverged"
        assert outcome(made((0.9, 0.9), [3, 4]), bn((0.9, 0.9))) == "A diverged"
        assert outcome(made((0.9, 0.9)), bn((0.9, 0.9), [3, 4])) == "B diverged"

    def test_the_median_seed_decides_whether_an_arm_diverged(self):
        few = judge(made((0.9, 0.9, 0.9), [3, NEVER, NEVER]), bn((0.7, 0.7, 0.7)))
        assert few.outcome == "A ahead"
        assert few.a.accuracy == pytest.approx(0.9)
        assert (few.score.first, few.score.second) == (2, 1)  # who diverged is behind
        many = judge(made((0.9, 0.9, 0.9), [3, 4, NEVER]), bn((0.7, 0.7, 0.7)))
        assert many.outcome == "A diverged"
        assert np.isnan(many.a.accuracy)  # and no 0 %
        assert many.leader == "B"

    def test_the_same_runs(self):
        assert outcome(made((0.9,)), made((0.9,))) == "same runs"
        assert outcome(made((0.9,), [3]), made((0.9,), [3])) == "same runs"

    def test_an_arm_with_fewer_seeds_is_compared_in_those(self):
        verdict = judge(made((0.7, 0.8)), bn((0.9,)))
        assert verdict.score.seeds == 1


class TestNoHelp:
    def test_where_it_is_behind_or_no_better(self):
        assert judge(made((0.9, 0.95)), bn((0.7, 0.8))).no_help == "batch"
        assert judge(bn((0.7, 0.8)), made((0.9, 0.95))).no_help == "batch"
        assert judge(made((0.9,)), bn((0.9,), [3])).no_help == "batch"
        assert judge(made((0.90, 0.912)), bn((0.905, 0.908))).no_help == "batch"

    def test_where_it_helps_or_hardly_but_mostly(self):
        assert judge(made((0.7, 0.8)), bn((0.9, 0.95))).no_help is None
        assert judge(made((0.9,), [3]), bn((0.9,))).no_help is None
        assert judge(made((0.9, 0.9)), bn((0.91, 0.91))).no_help is None

    def test_where_more_differs_nothing_is_blamed_on_it(self):
        assert judge(made((0.9,)), bn((0.7,), learning_rate=1.0)).no_help is None

    def test_where_neither_learned(self):
        assert judge(made((0.2,)), bn((0.1,))).no_help is None


class TestEnd:
    def test_fates(self):
        ends = {0.9: "learned", 0.46: "little", 0.1: "nothing"}
        for accuracy, fate in ends.items():
            assert judge(made((accuracy,)), bn((0.9,), [3])).a.fate == fate

    def test_where_it_diverged(self):
        verdict = judge(made((0.9,) * 3, [3, 5, NEVER]), bn((0.9,), [3], depth=1))
        assert verdict.a.diverged == (3, 5)
        assert (verdict.a.overflowed, verdict.a.output) == (2, 3)
        assert (verdict.b.overflowed, verdict.b.output) == (2, 2)

    def test_in_several_layers_or_nowhere_known_is_none(self):
        result = made((0.9,) * 2, [3, 5])
        for layers in ([1, 2], [1, NEVER]):
            result.overflowed[:] = layers
            assert judge(result, bn((0.9,) * 2)).a.overflowed is None


class TestTurns:
    LONGER = np.array([0, 8, 12])

    def test_what_a_continuation_changed(self):
        one = made((0.9,), pace=0.5, then="0.01x4", steps=self.LONGER)
        (turn,) = judge(one, bn((0.9,))).a.turns
        assert (turn.start, turn.end, turn.before, turn.rate) == (8, 12, 0.32, 0.01)
        assert (turn.was, turn.became) == pytest.approx((0.5, 0.9))
        assert not turn.still

    def test_hardly_anything(self):
        (turn,) = judge(made((0.9,), then="0.01x4", steps=self.LONGER), bn((0.9,))).a.turns
        assert turn.still

    def test_of_the_seeds_that_lived_to_see_it(self):
        one = made((0.9, 0.9, 0.7), [3, NEVER, NEVER], then="0.01x4", steps=self.LONGER)
        (turn,) = judge(one, bn((0.9,))).a.turns
        assert turn.seeds == 2
        assert turn.became == pytest.approx(0.8)
        assert not judge(made((0.9,), [3], then="0.01x4", steps=self.LONGER), bn((0.9,))).a.turns

    def test_each_ends_where_the_next_begins(self):
        steps = np.array([0, 8, 12, 15])
        two = made((0.9,), then="0.01x4_0.001x3", steps=steps)
        turns = judge(two, bn((0.9,))).a.turns
        assert [(turn.start, turn.end, turn.before, turn.rate) for turn in turns] == [
            (8, 12, 0.32, 0.01), (12, 15, 0.01, 0.001),
        ]  # fmt: skip


class TestPace:
    @pytest.mark.parametrize(
        ("a", "b", "leader"), [(0.2, 0.6, "B"), (0.6, 0.2, "A"), (0.6, 0.6, None)]
    )
    def test_who_was_ahead_on_the_way(self, a, b, leader):
        assert judge(made((0.9,), pace=a), bn((0.9,), pace=b)).pace.leader == leader

    def test_the_median_seed_alone_does_not_tell(self):
        some = judge(
            made((0.9,) * 5, pace=(0.6, 0.6, 0.2, 0.2, 0.2)),
            bn((0.9,) * 5, pace=(0.3, 0.3, 0.3, 0.1, 0.1)),
        )
        assert some.pace.b > some.pace.a + 0.02
        assert (some.pace.score.first, some.pace.leader) == (4, None)

    def test_averages_over_steps(self):
        pace = judge(made((0.8,), pace=0.4), bn((0.8,), pace=0.8)).pace
        assert pace.a == pytest.approx((0.4 * 4 + 0.6 * 4) / 8)
        assert pace.b == pytest.approx(0.8)

    def test_in_seeds_in_which_neither_diverged(self):
        pace = judge(made((0.9,) * 3, [3, NEVER, NEVER]), bn((0.9,) * 3)).pace
        assert not pace.all_seeds
        assert pace.score.seeds == 2
        assert judge(made((0.9, 0.9), [3, NEVER]), bn((0.9, 0.9), [NEVER, 3])).pace is None

    def test_runs_of_different_lengths_have_no_common_pace(self):
        longer = bn((0.9,), steps=np.array([0, 8, 16]), then="0.1x8")
        assert judge(made((0.9,)), longer).pace is None

    def test_nor_those_that_learned_nothing(self):
        assert judge(made((0.1,)), bn((0.2,))).pace is None


class TestCost:
    @pytest.mark.parametrize(
        ("seconds", "dearer"), [(0.002, "B"), (0.0005, "A"), (0.001, None), (0.0011, None)]
    )
    def test_whose_step_is_dearer(self, seconds, dearer):
        cost = judge(made((0.9,)), bn((0.9,), seconds=seconds)).cost
        assert cost.dearer == dearer
        assert cost.step == pytest.approx(seconds / 0.001)

    def test_where_seeds_were_lost_the_others_became_dearer(self):
        assert judge(made((0.9,), [3]), bn((0.9,), seconds=0.002)).cost.step is None


def test_where_a_kept_run_ended():
    some = kept(made((0.9, 0.95, 0.8), [NEVER, 3, NEVER]))
    assert (some.accuracy, some.diverged, some.seeds) == (pytest.approx(0.8), 1, 3)
    none = kept(made((0.9,), [3]))
    assert np.isnan(none.accuracy)


RUNS = {
    "one of five diverged": ((0.9, 0.95, 0.5, 0.85, 0.87), [NEVER, NEVER, 3, NEVER, NEVER], 0.87),
    "one of two diverged": ((0.9, 0.5), [NEVER, 3], None),
    "most diverged": ((0.9, 0.9, 0.9), [3, 3, NEVER], None),
    "an even number": ((0.9, 0.8), None, 0.8),
    "none diverged": ((0.9, 0.95, 0.85), None, 0.9),
}


class TestOneNumber:
    """One run has one number: in the verdict, in the list, at the end of its line."""

    @pytest.mark.parametrize(("ends", "lost", "number"), RUNS.values(), ids=list(RUNS))
    def test_everywhere(self, ends, lost, number):
        result, wanted = made(ends, lost), np.float32(np.nan if number is None else number)
        verdict = judge(result, bn((0.7,) * len(ends)))
        found = [verdict.a.accuracy, kept(result).accuracy, accuracies(result)[-1]]
        assert found == pytest.approx([float(wanted)] * 3, nan_ok=True)
        if number is None:
            assert verdict.a.fate == "diverged"

    def test_the_loss_of_the_median_seed(self):
        result = made((0.9, 0.9, 0.9))
        result.losses[:, -1] = (0.1, 0.2, np.nan)
        assert losses(result)[-1] == pytest.approx(0.2)
        result.losses[:, -1] = (0.1, np.nan, np.nan)
        assert np.isnan(losses(result)[-1])
        two = made((0.9, 0.9))
        two.losses[:, -1] = (0.1, 0.4)
        assert losses(two)[-1] == pytest.approx(0.4)


class TestWhatThePageClaims:
    """At the settings with which it opens, and over twenty further seeds."""

    @staticmethod
    @cache
    def verdict(first, seeds):
        shared = {"first_seed": first, "seeds": seeds}
        return judge(*(lab.run(LabConfig(**ARMS[arm], **shared)) for arm in ARMS))

    def test_bn_is_ahead_in_five_of_five_seeds(self):
        verdict = self.verdict(0, 5)
        assert verdict.outcome == "B ahead"
        assert verdict.score.second == 5
        assert verdict.pace.leader == "B"

    @pytest.mark.long
    def test_in_twenty_further_seeds_too(self):
        both = [self.verdict(first, 10) for first in (5, 15)]
        assert sum(one.score.second for one in both) >= 18
        assert all(one.leader == "B" for one in both)
