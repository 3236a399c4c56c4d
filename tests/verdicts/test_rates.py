"""Learning rates: outcomes at their borders, and what the page claims."""

import numpy as np
import pytest

from bnviz.experiments import rates
from bnviz.experiments.rates import RatesConfig
from bnviz.verdicts.rates import bases, judge, small_rates
from bnviz.verdicts.rates_measured import final, first_to_target, plateau, window
from bnviz.words import rates as words
from tests.made.rates import ALL_ALIVE, DIES, FAILS, NARROW, NO_LOSS, RATES, WIDE, made, usual

BATCH, PLAIN = 1, 0


def by_seed(*seeds):
    """A sweep in which each seed has its own accuracies of plain and of BN."""
    result = made(FAILS, FAILS, seeds=len(seeds))
    for seed, rows in enumerate(seeds):
        result.test_accuracy[:, :, seed, 1:] = np.array(rows)[..., None]
    return result


class TestMeasured:
    def test_the_median_seed_and_those_that_diverged(self):
        result = made(NARROW, WIDE, ((0, 0, 1 / 3, 2 / 3, 0, 0, 0), NO_LOSS))
        np.testing.assert_allclose(final(result)[0, :4], [0.3, 0.6, 0.92, np.nan], atol=1e-6)
        assert first_to_target(result)[0, 2] == 10
        assert first_to_target(result)[0, 3] == np.inf

    def test_half_of_the_seeds_leave_no_median_seed(self):
        result = made(NARROW, WIDE, ((0, 0, 0.5, 0, 0, 0, 0), NO_LOSS), seeds=2)
        assert np.flatnonzero(np.isnan(final(result)[0])) == [2]
        assert first_to_target(result)[0, 2] == np.inf  # between reached and never: never

    def test_windows_grow_with_the_steps(self):
        result = usual(slow=2)
        assert [window(result, BATCH, step) for step in (0, 10, 20)] == [None, None, (2, 5)]
        assert window(result, PLAIN) == (2, 3)
        assert window(usual(), BATCH, 10) == (2, 5)

    def test_the_widest_window_and_of_two_the_one_of_larger_rates(self):
        gaps = (0.95, 0.95, 0.1, 0.95, 0.95, 0.1, 0.95)
        assert window(made(gaps, gaps, ALL_ALIVE), PLAIN) == (3, 4)
        first = (0.95, 0.95, 0.95, 0.1, 0.95, 0.95, 0.1)
        assert window(made(first, gaps, ALL_ALIVE), PLAIN) == (0, 2)

    def test_a_plateau_is_all_that_is_about_the_same(self):
        level = (0.1, 0.3, 0.97, 0.98, 0.96, 0.9, 0.1)
        assert plateau(made(level, FAILS, ALL_ALIVE), PLAIN).tolist() == [2, 3]


class TestReach:
    @pytest.mark.parametrize(
        ("plain", "batch", "reach"),
        [
            (NARROW, WIDE, "BN"),
            (WIDE, NARROW, "plain"),
            (NARROW, NARROW, "as wide"),
            (FAILS, WIDE, "only BN"),
            (WIDE, FAILS, "only plain"),
            (FAILS, FAILS, "neither"),
        ],
    )
    def test_of_seeds_that_agree(self, plain, batch, reach):
        assert judge(made(plain, batch, ALL_ALIVE)).reach == reach

    def test_a_minority_of_seeds_is_no_victory(self):
        same, wider = (NARROW, NARROW), (NARROW, WIDE)
        result = by_seed(same, same, wider, wider)
        assert judge(result).wider.second == 2
        assert judge(result).reach == "as wide"

    def test_medians_that_the_seeds_do_not_bear_out(self):
        """BN's median seed gets there at one rate more, though in one seed alone it is wider."""
        low = (0.1, 0.1, 0.95, 0.1, 0.1, 0.1, 0.1)
        high = (0.1, 0.1, 0.1, 0.95, 0.1, 0.1, 0.1)
        wide = (0.1, 0.1, 0.95, 0.95, 0.1, 0.1, 0.1)
        result = by_seed((low, low), (low, high), (low, wide))
        assert judge(result).wider.second == 1
        assert judge(result).reach == "unclear"


class TestTops:
    """The largest rates at which the target is reached."""

    @pytest.mark.parametrize(
        ("plain", "batch", "outcome"),
        [
            (NARROW, WIDE, "BN"),
            (WIDE, NARROW, "plain"),
            (WIDE, WIDE, "level"),
            (FAILS, WIDE, "none"),
            (FAILS, FAILS, "none"),
        ],
    )
    def test_of_seeds_that_agree(self, plain, batch, outcome):
        assert judge(made(plain, batch, ALL_ALIVE)).tops.outcome == outcome

    def test_medians_and_seeds_that_do_not_agree(self):
        pairs = [(NARROW, NARROW), (NARROW, NARROW), (NARROW, WIDE), (NARROW, WIDE)]
        assert judge(by_seed(*pairs)).tops.outcome == "level"
        low = (0.1, 0.1, 0.95, 0.1, 0.1, 0.1, 0.1)
        result = by_seed((low, NARROW), (low, NARROW), (NARROW, low))
        assert judge(result).tops.outcome == "BN"
        result = by_seed((low, low), (low, NARROW), (low, NARROW), (NARROW, low))
        assert judge(result).tops.score.leader == "neither"
        assert judge(result).tops.outcome in {"unclear", "level"}

    def test_how_many_times_as_high_and_whether_the_sweep_ends_there(self):
        tops = judge(usual()).tops
        assert (tops.plain, tops.batch, tops.at_least) == (0.32, 3.2, False)
        assert tops.times == pytest.approx(10)
        cut = judge(made(NARROW, (0.95,) * 7, ALL_ALIVE)).tops
        assert cut.at_least
        assert not judge(made((0.95,) * 7, (0.95,) * 7, ALL_ALIVE)).tops.at_least


class TestBest:
    @pytest.mark.parametrize(
        ("plain", "batch", "order"),
        [
            (3, 2, "smaller"),
            (3, 3, "overlap"),
            (3, 4, "larger"),
            (None, 4, "unknown"),
            (3, None, "unknown"),
        ],
    )
    def test_order(self, plain, batch, order):
        rows = [[0.95 if place == best else 0.1 for place in range(7)] for best in (plain, batch)]
        assert judge(made(*rows, ALL_ALIVE)).order == order

    def test_a_tie_of_many_rates_has_no_order(self):
        level, one = (0.98,) * 5 + (0.1,) * 2, (0.1,) * 4 + (0.99, 0.1, 0.1)
        verdict = judge(made(level, one, ALL_ALIVE))
        assert verdict.order == "overlap"
        best = verdict.best[PLAIN].rates
        assert (best.count, best.low, best.high) == (5, 0.01, 1.0)

    @pytest.mark.parametrize(
        ("at_best", "elsewhere", "outcome", "gain"),
        [
            (0.95, 0.98, "even", "larger"),
            (0.99, 0.98, "better", "none"),
            (0.50, 0.98, "worse", "larger"),
            (0.94, 0.93, "even", "none"),
            (0.955, 0.97, "even", "unplaced"),
        ],
    )
    def test_at_the_rate_that_suits_plain_best(self, at_best, elsewhere, outcome, gain):
        plain = (0.3, 0.6, 0.9, 0.94, 0.5, 0.1, 0.1)
        batch = (0.3, 0.6, 0.9, at_best, elsewhere, 0.1, 0.1)
        there = judge(made(plain, batch, ALL_ALIVE)).at_plains_best
        assert there.outcome == outcome
        if outcome == "even":
            assert there.gain == gain

    def test_two_seeds_of_five_are_not_better(self):
        plain = (0.1, 0.1, 0.1, 0.9, 0.1, 0.1, 0.1)
        ahead, level = (0.1, 0.1, 0.1, 0.97, 0.1, 0.1, 0.1), (0.1, 0.1, 0.1, 0.91, 0.1, 0.1, 0.1)
        seeds = [(plain, ahead)] * 2 + [(plain, level)] * 3
        assert judge(by_seed(*seeds)).at_plains_best.outcome == "even"
        seeds = [(plain, ahead)] * 3 + [(plain, level)] * 2
        assert judge(by_seed(*seeds)).at_plains_best.outcome == "better"

    def test_medians_that_the_seeds_do_not_bear_out_are_even(self):
        def peak(accuracy):
            return (0.1, 0.1, 0.1, accuracy, 0.1, 0.1, 0.1)

        pairs = ((0.90, 0.965), (0.94, 0.945), (0.96, 0.97))
        there = judge(by_seed(*[(peak(p), peak(b)) for p, b in pairs])).at_plains_best
        assert (there.plain, there.batch) == pytest.approx((0.94, 0.965))
        assert there.outcome == "even"

    def test_where_one_or_both_learn_nothing(self):
        assert judge(made(FAILS, WIDE, ALL_ALIVE)).at_plains_best.outcome == "plain nothing"
        assert judge(made(FAILS, FAILS, ALL_ALIVE)).at_plains_best.outcome == "neither"
        assert judge(made(FAILS, FAILS, ALL_ALIVE)).small is None


class TestSmallRates:
    @pytest.mark.parametrize(
        ("first", "second", "outcome"),
        [
            (0.0, 0.0, "same"),
            (0.1, 0.1, "better"),
            (-0.1, -0.1, "worse"),
            (0.1, 0.0, "mixed"),
            (0.1, -0.1, "mixed"),
        ],
    )
    def test_outcomes(self, first, second, outcome):
        plain = (0.3, 0.6, 0.7, 0.94, 0.5, 0.1, 0.1)
        batch = (0.3, 0.6 + first, 0.7 + second, 0.94, 0.98, 0.5, 0.1)
        result = made(plain, batch, ALL_ALIVE)
        assert RATES[small_rates(result)].tolist() == [0.032, 0.1]  # at 0.01 nobody learned
        small = judge(result).small
        assert small.outcome == outcome
        assert small.difference == pytest.approx((first + second) / 2, abs=1e-6)

    def test_are_below_the_smallest_of_the_best(self):
        level = (0.1, 0.6, 0.97, 0.98, 0.5, 0.1, 0.1)
        assert RATES[small_rates(made(level, WIDE, ALL_ALIVE))].tolist() == [0.032]


class TestLargest:
    @pytest.mark.parametrize(
        ("plain", "batch", "outcome"),
        [(3, 5, "larger"), (5, 3, "smaller"), (3, 4, "about the same"), (None, 4, "nobody")],
    )
    def test_by_two_steps_of_the_sweep(self, plain, batch, outcome):
        rows = [
            [0.95 if last is not None and place <= last else 0.1 for place in range(7)]
            for last in (plain, batch)
        ]
        assert judge(made(*rows, ALL_ALIVE)).largest.outcome == outcome

    def test_of_the_median_seed(self):
        one = judge(usual()).largest
        assert (one.plain, one.batch) == (0.32, 3.2)


class TestBeyond:
    def test_lost_and_stuck(self):
        plain, batch = judge(usual()).beyond
        assert (plain.lost.low, plain.lost.to_the_end) == (3.2, True)
        assert (plain.stuck.count, plain.stuck.low, plain.fate) == (1, 1.0, "little")
        assert batch.lost is None
        assert (batch.stuck.low, batch.fate) == (10.0, "nothing")

    def test_a_hole_among_the_best_rates_is_not_beyond_them(self):
        hole = (0.97, 0.1, 0.98, 0.1, 0.1, 0.1, 0.1)
        assert judge(made(hole, WIDE, ALL_ALIVE)).beyond[PLAIN].stuck.low == 0.32

    def test_a_network_that_guesses_is_no_better_than_one_that_diverged(self):
        plain, batch = (0.3, 0.6, 0.9, 0.9, 0.9, 0.9, 0.1), (0.3, 0.6, 0.9, 0.9, 0.9, 0.1, 0.1)
        found = judge(made(plain, batch, (DIES, NO_LOSS))).every
        assert (found.better, found.worse, found.same) == (0, 0, 7)


class TestBases:
    def test_are_the_middle_of_the_best_and_below_all_of_them(self):
        level = (0.1, 0.1, 0.5, 0.97, 0.98, 0.965, 0.1)
        assert bases(made(level, WIDE, ALL_ALIVE)) == (0.01, 1.0)
        assert bases(made((0.95, *FAILS[1:]), WIDE, ALL_ALIVE)) == (0.01, 0.01)

    def test_come_from_the_sweep_and_not_from_the_mark(self):
        assert bases(usual(learning_rate=10.0, target=0.5)) == bases(usual())

    def test_where_everybody_diverged(self):
        everywhere = ((1,) * 7,) * 2
        assert bases(made(FAILS, FAILS, everywhere)) == (0.01, 0.01)
        verdict = judge(made(FAILS, FAILS, everywhere))
        assert verdict.reach == "neither"
        assert verdict.best[0].rates is None


def setting(name):
    (challenge,) = (one for one in words.CHALLENGES if one.name == name)
    return challenge.setting


NEAR_THE_EDGE = (0.032, 0.056, 0.1, 0.18, 0.32, 0.56, 1.8, 3.2)


@pytest.fixture(scope="module")
def of_seeds():
    """A function that runs a setting over some seeds, at the rates where something happens."""

    def run(**changes):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(rates, "LEARNING_RATES", changes.pop("rates", NEAR_THE_EDGE))
            return rates.run(RatesConfig(**{"seeds": 5} | changes))

    return run


@pytest.fixture(scope="module")
def default(of_seeds):
    return of_seeds()


class TestWhatThePageClaims:
    """Over five seeds; and the first claim over twenty others."""

    def test_bn_reaches_the_target_at_more_and_larger_rates(self, default):
        verdict = judge(default)
        plain, batch = verdict.windows
        assert batch.high >= 5 * plain.high
        assert verdict.reach == "BN"
        assert verdict.wider.second == 5
        assert verdict.largest.outcome == "larger"

    @pytest.mark.long
    def test_in_twenty_further_seeds_too(self, of_seeds):
        verdict = judge(of_seeds(seeds=20, first_seed=5, rates=(0.032, 0.1, 0.32, 0.56, 1.8, 3.2)))
        assert verdict.reach == "BN"
        assert verdict.wider.second >= 18
        assert verdict.largest.score.second >= 18

    def test_at_plains_best_rates_and_below_there_is_hardly_a_difference(self, default):
        few = [*small_rates(default), *plateau(default, PLAIN)[:1]]
        more = final(default)[1, few] - final(default)[0, few]
        assert len(few) >= 3
        assert np.abs(more).max() < 0.05

    def test_in_a_wider_network_bn_gains_at_a_larger_rate(self, of_seeds):
        """In steps and in the range of rates; at small rates and in accuracy hardly at all."""
        result = of_seeds(**setting("wide"), rates=tuple(sorted((*NEAR_THE_EDGE, 1.0))))
        verdict, few = judge(result), small_rates(result)
        more = final(result)[1, few] - final(result)[0, few]
        assert len(few) >= 2
        assert more.max() < 0.05
        assert verdict.reach == "BN"
        assert abs(verdict.at_plains_best.batch - verdict.at_plains_best.plain) < 0.02
        fastest = verdict.fastest
        assert fastest.batch_rates.low > fastest.plain_rates.high
        assert fastest.batch < 0.8 * fastest.plain
        assert fastest.batch_there > 1.2 * fastest.batch

    def test_bn_is_faster_at_its_own_rates(self, default):
        fastest = judge(default).fastest
        assert fastest.batch < 0.7 * fastest.plain
        assert fastest.batch_rates.high > fastest.plain_rates.high

    def test_no_rate_suits_a_deep_plain_network_of_sigmoids(self, of_seeds):
        verdict = judge(of_seeds(**setting("sigmoid"), rates=(0.1, 0.56)))
        assert verdict.best[PLAIN].accuracy < 0.2
        assert verdict.best[BATCH].accuracy > 0.9
        assert verdict.largest.outcome == "nobody"

    def test_with_one_hidden_layer_bn_is_worse_at_small_rates(self, of_seeds):
        few = (0.018, 0.032, 0.056, 0.18, 0.32, 0.56)
        small = judge(of_seeds(**setting("one-layer"), rates=few)).small
        assert small.outcome == "worse"
        assert small.rates.count >= 2

    def test_adam_prefers_other_rates(self, of_seeds):
        result = of_seeds(**setting("adam"), rates=(0.0056, 0.01, 0.056, 0.18, 0.56))
        verdict = judge(result)
        assert verdict.best[PLAIN].rates.low <= 0.01
        assert verdict.tops.outcome == "BN"

    def test_with_mini_batches_of_four_bn_is_worse_where_plain_is_best(self, of_seeds):
        verdict = judge(of_seeds(**setting("batch"), rates=(0.032, 0.056, 0.1)))
        assert verdict.at_plains_best.outcome == "worse"
