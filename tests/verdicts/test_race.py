"""Who wins the race is judged, and comes out the other way where the result does."""

import numpy as np
import pytest

from bnviz.axes import NEVER
from bnviz.experiments import race
from bnviz.experiments.race import RaceConfig
from bnviz.verdicts.race import judge, tally
from bnviz.words import race as words
from tests.made.race import NOBODY, made, on_a_plane


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


class TestMedians:
    """Who leads in most seeds may have the later median seed."""

    @pytest.mark.parametrize(
        ("plain", "batch", "expected"),
        [
            ((4, 4, 4), (2, 2, 2), "agree"),
            ((2, 4, 8), (1, 4, 4), "level"),
            ((2, 2, 8), (1, 4, 4), "turned"),
            ((2, NEVER, NEVER), (4, 8, 8), "agree"),  # who never arrives is infinitely late
            ((2, 4), (4, 2), "agree"),  # a draw has no leader
        ],
    )
    def test_beside_the_seeds(self, plain, batch, expected):
        result = made(plain, batch, diverged=((NEVER,) * len(plain),) * 2)
        assert judge(result).medians == expected


class TestFinish:
    def test_a_seed_that_never_arrived_is_infinitely_late(self):
        verdict = judge(made((NEVER, 4), (1, 2)))
        assert (verdict.plain.reached, verdict.plain.after) == (1, np.inf)
        assert (verdict.batch.reached, verdict.batch.after) == (2, 1.5)
        assert (verdict.plain.arrives, verdict.batch.arrives) == (False, True)

    def test_nothing_was_ever_measured(self):
        result = made(NOBODY, NOBODY, ((0, 0), (0, 0)))
        result.test_accuracy[:] = np.nan
        finish = judge(result).plain
        assert np.isnan(finish.best)
        assert not finish.arrives
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


class TestPlane:
    def test_counts_the_points_on_the_wrong_side_by_their_distance_from_the_centre(self):
        plane = judge(on_a_plane((0.2, 0.5, 0.3))).plane
        assert plane.wrong == pytest.approx((0.2, 0.5, 0.3))
        assert (plane.worst, plane.seed) == (1, 1)

    def test_reads_the_map_at_the_points(self):
        result = on_a_plane((0.2, 0.5, 0.3))
        result.decision[0, -1, :, 24:] = 0  # class 0 on the right: x is the last axis
        right = result.points[:, 0] > 0
        wrong = np.where(right, result.labels == 1, result.labels == 0).reshape(3, 10).mean(axis=1)
        assert judge(result).plane.wrong == pytest.approx(tuple(wrong))

    def test_there_is_none_without_points_on_a_plane(self):
        assert judge(made()).plane is None


def setting(name):
    (challenge,) = (one for one in words.CHALLENGES if one.name == name)
    return challenge.setting


class TestWhatThePageClaims:
    """At its own settings, over five seeds; and the first claim over twenty others."""

    def test_bn_wins_at_first(self):
        verdict = judge(race.run(RaceConfig()))
        assert verdict.outcome == "BN"
        assert verdict.score.second >= 4

    @pytest.mark.long
    def test_in_twenty_further_seeds_too(self):
        score = tally([race.run(piece) for piece in race.more_seeds(RaceConfig())])
        assert score.seeds == 20
        assert score.second >= 16

    def test_a_rate_at_which_only_bn_learns(self):
        verdict = judge(race.run(RaceConfig(**setting("high"))))
        assert verdict.outcome == "only BN"
        assert verdict.batch.reached == 5

    @pytest.mark.parametrize("name", ["low", "shallow"])
    def test_bn_does_not_help(self, name):
        assert judge(race.run(RaceConfig(**setting(name)))).outcome in {"plain", "only plain"}

    def test_a_step_that_takes_twice_as_long_turns_it_round(self):
        verdict = judge(race.run(RaceConfig(**setting("dearer"))))
        assert verdict.outcome == "BN"
        assert verdict.if_dearer.leader == "first"

    def test_spirals(self):
        verdict = judge(race.run(RaceConfig(**setting("spirals"))))
        assert verdict.outcome in {"BN", "only BN"}
        assert verdict.plane.worst == 0
        assert verdict.plane.wrong[0] > 0.3
