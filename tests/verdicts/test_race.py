"""Who wins the race is judged, and comes out the other way where the result does."""

import numpy as np
import pytest

from bnviz.axes import NEVER
from bnviz.experiments import race
from bnviz.experiments.race import RaceConfig
from bnviz.verdicts.race import judge, tally
from bnviz.words import race as words
from tests.made.race import NOBODY, made


def outcome(*arguments, **changes):
    return judge(made(*arguments, **changes)).outcome


class TestOutcome:
    @pytest.mark.parametrize(
        ("plain", "batch", "expected"),
        [
            ((4, 4), (2, 2), "BN"),
            ((2, 2), (4, 8), "plain"),
            ((4, 4), (4, 4), "draw"),
            ((2, 4), (4, 2), "draw"),
            ((NEVER, NEVER), (8, 8), "only BN"),
            ((8, 8), (NEVER, NEVER), "only plain"),
            ((NEVER, NEVER), (NEVER, NEVER), "neither"),
        ],
    )
    def test_of_two_seeds(self, plain, batch, expected):
        assert outcome(plain, batch, diverged=(NOBODY, NOBODY)) == expected

    def test_a_minority_is_no_victory(self):
        nobody = (NEVER,) * 5
        assert outcome((4, 4, 2, 2, 2), (2, 2, 4, 2, 2), diverged=(nobody, nobody)) == "draw"
        assert outcome((4, 4, 4, 2, 2), (2, 2, 2, 4, 4), diverged=(nobody, nobody)) == "BN"

    def test_who_never_arrives_is_behind_who_does(self):
        verdict = judge(made((NEVER, 2), (8, 2)))
        assert (verdict.score.first, verdict.score.second, verdict.score.even) == (0, 1, 1)

    @pytest.mark.parametrize("none", ["second half", "every second"])
    def test_where_neither_has_bn_there_is_no_race(self, none):
        verdict = judge(made((4, 4), (2, 2), depth=1, normalized_layers=none))
        assert verdict.outcome == "no BN"
        assert verdict.cost.first_in_seconds == "neither"

    def test_a_cheaper_step_can_turn_it_round(self):
        result = made(plain=(4, 4), batch=(2, 2), seconds=(0.001, 0.004))
        assert judge(result).outcome == "BN"
        verdict = judge(result, "seconds")
        assert verdict.outcome == "plain"
        assert (verdict.plain.after, verdict.batch.after) == pytest.approx((0.004, 0.008))

    def test_by_the_clock_less_than_its_own_scatter_is_a_draw(self):
        close = made((4, 4), (2, 2), seconds=(0.001, 0.0019))
        assert judge(close).outcome == "BN"
        assert judge(close, "seconds").outcome == "draw"
        at_once = judge(made((0, 4), (0, 2), seconds=(0.001, 0.0015)), "seconds")
        assert (at_once.score.first, at_once.score.second, at_once.score.even) == (0, 1, 1)

    @pytest.mark.parametrize("seconds", [(0.001, 0.001), (0.001, 0.0018), (0.001, 0.003)])
    @pytest.mark.parametrize(
        ("plain", "batch"),
        [((4, 4, 4), (2, 2, 8)), ((8, NEVER, 1), (4, 2, 2)), ((1, NEVER, NEVER), (4, 8, 8))],
    )
    def test_who_is_first_in_seconds_wins_the_race_in_seconds(self, plain, batch, seconds):
        result = made(plain, batch, diverged=((NEVER,) * 3,) * 2, seconds=seconds)
        first = judge(result).cost.first_in_seconds
        assert judge(result, "seconds").outcome == (first or "draw")


class TestMedians:
    """Of the seeds that arrived; who leads in most seeds may have the later one."""

    @pytest.mark.parametrize(
        ("plain", "batch", "expected", "all_arrived"),
        [
            ((4, 4, 4), (2, 2, 2), "agree", True),
            ((2, 4, 8), (1, 4, 4), "level", True),
            ((2, 2, 8), (1, 4, 4), "turned", True),
            ((2, NEVER, NEVER), (4, 8, 8), "turned", False),
            ((4, 4, NEVER), (NEVER, NEVER, 2), "turned", False),
            ((2, 4), (4, 2), "agree", True),  # a draw has no leader
        ],
    )
    def test_beside_the_seeds(self, plain, batch, expected, all_arrived):
        result = made(plain, batch, diverged=((NEVER,) * len(plain),) * 2)
        verdict = judge(result)
        assert (verdict.medians, verdict.all_arrived) == (expected, all_arrived)


class TestFinish:
    def test_medians_are_those_of_the_seeds_that_arrived(self):
        verdict = judge(made((NEVER, 4), (1, 2)))
        assert (verdict.plain.reached, verdict.plain.after) == (1, 4)
        assert (verdict.batch.reached, verdict.batch.after) == (2, 1.5)

    def test_nothing_was_ever_measured(self):
        result = made(NOBODY, NOBODY, ((0, 0), (0, 0)))
        result.test_accuracy[:] = np.nan
        finish = judge(result).plain
        assert np.isnan(finish.best)
        assert np.isnan(finish.after)
        assert finish.diverged == (0, 0)


class TestCost:
    def test_ratios(self):
        cost = judge(made(seconds=(0.001, 0.0015))).cost
        assert (cost.parameters, cost.step) == pytest.approx((1.015, 1.5))

    @pytest.mark.parametrize(
        ("plain", "batch", "seconds", "winner"),
        [
            ((4, 4), (2, 2), (0.001, 0.0015), "BN"),
            ((4, 4), (2, 2), (0.001, 0.003), "plain"),
            ((4, 4), (2, 2), (0.001, 0.0019), None),  # a measured time tells no closer than that
            (NOBODY, (2, 2), (0.001, 0.002), "BN"),
            ((2, 2), NOBODY, (0.001, 0.002), "plain"),
            (NOBODY, (2, NEVER), (0.001, 0.002), "neither"),
        ],
    )
    def test_first_in_seconds(self, plain, batch, seconds, winner):
        assert judge(made(plain, batch, seconds=seconds)).cost.first_in_seconds == winner

    def test_one_lucky_seed_does_not_beat_many(self):
        nobody = (NEVER,) * 3
        result = made((0, *NOBODY), (4, 4, 4), diverged=(nobody, nobody))
        assert judge(result).cost.first_in_seconds == "BN"


class TestIfDearer:
    """What the page asks must not hang on a clock."""

    @pytest.mark.parametrize(
        ("plain", "batch", "counts"),
        [
            ((8, 8), (2, 2), (0, 2, 0)),
            ((4, 4), (2, 2), (0, 0, 2)),
            ((2, 2), (2, 2), (2, 0, 0)),
            ((NEVER, 2), (8, 2), (1, 1, 0)),
            (NOBODY, NOBODY, (0, 0, 2)),
        ],
    )
    def test_counts_a_step_with_bn_twice(self, plain, batch, counts):
        for seconds in ((1.0, 0.001), (0.001, 1.0)):
            score = judge(made(plain, batch, seconds=seconds)).if_dearer
            assert (score.first, score.second, score.even) == counts


def test_tally():
    score = tally([made((4, NEVER), (2, NEVER)), made((2, 2), (4, NEVER))])
    assert (score.first, score.second, score.even) == (2, 1, 1)


class TestWhatThePageClaims:
    """At its own settings, over five seeds; and the first claim over twenty others."""

    def test_bn_wins_at_first(self):
        verdict = judge(race.run(RaceConfig()))
        assert verdict.outcome == "BN"
        assert verdict.score.second >= 4

    def test_in_twenty_further_seeds_too(self):
        score = tally([race.run(piece) for piece in race.more_seeds(RaceConfig())])
        assert score.seeds == 20
        assert score.second >= 16

    def test_at_the_same_low_rate_it_does_not(self):
        preset = next(p for name, p in words.PRESETS.items() if "not help" in name)
        assert judge(race.run(RaceConfig(**preset))).outcome in {"plain", "only plain", "draw"}

    def test_a_rate_at_which_only_bn_learns(self):
        verdict = judge(race.run(RaceConfig(learning_rate=1.0)))
        assert verdict.outcome == "only BN"
        assert verdict.batch.reached == 5

    def test_spirals(self):
        preset = next(p for p in words.PRESETS.values() if p.get("dataset") == "spirals")
        result = race.run(RaceConfig(**preset))
        assert judge(result).outcome in {"BN", "only BN"}
        assert result.decision is not None
