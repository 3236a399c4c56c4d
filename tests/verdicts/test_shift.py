"""Internal covariate shift, judged at the borders; and what the page claims by itself."""

from dataclasses import replace

import numpy as np
import pytest

from bnviz.axes import NEVER
from bnviz.experiments import shift
from bnviz.experiments.shift import ShiftConfig
from bnviz.verdicts.shift import judge
from bnviz.words.shift import CHALLENGES
from tests.made.shift import ALL, made, undecided


class TestTurns:
    @pytest.mark.parametrize(
        ("angles", "more"),
        [
            (((10, 20), (50, 60), (55, 65)), "batch"),
            (((50, 60), (10, 20), (15, 25)), "plain"),
            (((50, 60), (51, 61), (55, 65)), None),
        ],
    )
    def test_whose_turns_more(self, angles, more):
        overall = judge(made(angles)).compared.overall
        assert (overall.more, overall.open) == (more, False)

    def test_half_of_the_seeds_is_no_rule(self):
        overall = judge(undecided()).compared.overall
        assert overall.seeds == 2
        assert (overall.more, overall.open) == (None, True)

    def test_early_and_late_on_their_own(self):
        compared = judge(made(((10, 60), (50, 20), (5, 5)))).compared
        assert (compared.early.more, compared.late.more) == ("batch", "plain")
        assert (compared.early.plain, compared.late.batch) == pytest.approx((10, 20))

    def test_a_lost_pair_is_not_compared(self):
        lost = ((3, NEVER, NEVER), (NEVER,) * 3, (NEVER,) * 3)
        verdict = judge(made(diverged=lost, fell=((False, True, True), (True,) * 3, (True,) * 3)))
        assert verdict.compared.overall.seeds == 2
        assert [(one.treatment, one.diverged, one.stuck) for one in verdict.lost] == [
            ("plain", 1, 0),
            ("batch", 0, 0),
        ]

    def test_nothing_to_compare(self):
        nobody = judge(made(fell=((False,) * 3, (True,) * 3, (True,) * 3)))
        assert (nobody.compared, nobody.fell, nobody.silent) == (None, (0, 3), False)
        result = made()
        silent = judge(replace(result, cosine=np.full_like(result.cosine, np.nan)))
        assert (silent.compared, silent.silent) == (None, True)

    def test_what_is_drawn_is_the_last_record(self):
        assert judge(made()).drawn == pytest.approx((20, 60, 65), abs=0.01)

    def test_the_largest_turn_of_plain(self):
        assert judge(made()).largest_turn == pytest.approx(20)


class TestNoisy:
    @pytest.mark.parametrize(
        ("accuracy", "noisy"),
        [
            ((0.93, 0.95, 0.94), "as well"),
            ((0.93, 0.95, 0.80), "worse"),
            ((0.93, 0.95, 0.20), "not at all"),  # of ten classes: within 15 points of guessing
            ((0.30, 0.45, 0.44), "as well"),  # both learned a little
            (((0.9,) * 3, (0.95,) * 3, (0.95, 0.92, 0.95)), "as well"),  # a minority of seeds
            (((0.9,) * 3, (0.9, 0.95, 0.8), (0.85, 0.96, 0.82)), "unclear"),  # medians apart
            (((0.9,) * 3, (0.85, 0.96, 0.82), (0.9, 0.95, 0.8)), "as well"),  # noise ahead, if any
        ],
    )
    def test_beside_bn(self, accuracy, noisy):
        assert judge(made(accuracy=accuracy)).noisy == noisy

    def test_of_two_classes_more_is_guessed(self):
        assert judge(made(accuracy=(0.9, 0.9, 0.6), dataset="moons")).noisy == "not at all"

    def test_most_diverged_is_no_result(self):
        lost = ((NEVER,) * 3, (NEVER,) * 3, (7, 7, NEVER))
        verdict = judge(made(diverged=lost, fell=((True,) * 3, (True,) * 3, (False, False, True))))
        assert (verdict.noisy, verdict.noisy_lost) == ("not at all", 2)
        assert np.isnan(verdict.accuracy[2])


class TestAllThree:
    @pytest.mark.parametrize(
        ("angles", "accuracy", "most", "rank"),
        [
            (((10, 10), (40, 40), (60, 60)), (0.9, 0.9, 0.9), ("noisy",), "best"),
            (((10, 10), (50, 50), (52, 52)), (0.9, 0.9, 0.9), ("batch", "noisy"), "best"),
            (((60, 60), (10, 10), (20, 20)), (0.7, 0.9, 0.9), ("plain",), "worst"),
            (((10, 10), (50, 50), (20, 20)), (0.7, 0.8, 0.9), ("batch",), "between"),
            (((10, 10), (50, 50), (52, 52)), (0.9, 0.95, 0.8), ("batch", "noisy"), "between"),
            (((10, 10), (11, 11), (11, 11)), (0.9, 0.9, 0.9), ("plain", "batch", "noisy"), "alike"),
        ],
    )
    def test_who_shifts_most_and_how_accurate_they_are(self, angles, accuracy, most, rank):
        three = judge(made(angles, accuracy=accuracy)).three
        assert (three.most, three.rank) == (most, rank)

    def test_alone_at_the_end(self):
        angles = ((60, 60), (10, 10), (20, 20))
        assert judge(made(angles, accuracy=(0.7, 0.9, 0.9))).three.alone
        assert not judge(made(angles, accuracy=(0.7, 0.9, 0.7))).three.alone

    def test_in_the_seeds_in_which_all_three_learned(self):
        assert judge(made(fell=(*ALL[:2], (False,) * 3))).three is None


@pytest.fixture(scope="module")
def five():
    return shift.run(ShiftConfig(seeds=5))


class TestClaims:
    """At the page's default settings, over five seeds."""

    def test_bn_shifts_more_than_plain_in_every_seed(self, five):
        verdict = judge(five)
        overall = verdict.compared.overall
        assert (overall.more, overall.seeds, overall.turns.larger) == ("batch", 5, 0)
        assert overall.batch > 35 > 28 > overall.plain
        assert verdict.compared.length.ratio.middle < 0.4
        assert verdict.compared.early.turns.larger == 0
        assert np.median(five.cosine[0, :, 0]) > 0.95 > 0.7 > np.median(five.cosine[1, :, 0])

    def test_noise_does_not_harm(self, five):
        verdict = judge(five)
        assert verdict.noisy == "as well"
        assert min(verdict.accuracy) > 0.88
        assert verdict.three.rank == "best"

    @pytest.mark.long
    def test_in_twenty_further_seeds_too(self):
        """As many of them as are measured."""
        agree = seeds = 0
        for first in (5, 15):
            verdict = judge(shift.run(ShiftConfig(seeds=10, first_seed=first)))
            assert verdict.compared.overall.more == "batch"
            assert verdict.noisy == "as well"
            agree += verdict.compared.overall.turns.agree
            seeds += verdict.compared.overall.seeds
        assert agree >= 0.9 * seeds >= 0.9 * 10

    @pytest.mark.parametrize("name", ["relu", "noise", "gain"])
    def test_settings_of_the_challenges(self, name):
        (setting,) = (one.setting for one in CHALLENGES if one.name == name)
        verdict = judge(shift.run(ShiftConfig(**setting)))
        plain, batch, _ = verdict.accuracy
        compared = verdict.compared
        if name == "relu":
            assert (compared.early.more, compared.late.more) == ("batch", "plain")
            assert verdict.drawn[0] > max(verdict.drawn[1:])
        elif name == "gain":
            assert compared.overall.more == "plain"
        else:
            assert compared.overall.more == "batch"
            assert batch <= plain + 0.01

    def test_sigmoids_are_not_compared(self):
        verdict = judge(shift.run(ShiftConfig(activation="sigmoid", seeds=1)))
        plain, batch, _ = verdict.accuracy
        assert verdict.compared is None
        assert plain < 0.2 < 0.85 < batch
