"""Dropout and batch sizes, judged."""

import pytest

from bnviz.experiments.noise import NoiseConfig
from bnviz.experiments.other_noises import RATES, dropouts, sizes
from bnviz.verdicts.other_noises import judge_dropout, judge_sizes
from tests.made.noise import LOST, NAN, U, made, pairs


class TestDropout:
    def judged(self, plain, batch, accuracy=U):
        result = made(accuracy)
        return judge_dropout(result, pairs(dropouts(result.config), plain, batch))

    def test_the_best_rate_beside_none(self):
        plain, batch = self.judged((0.75, 0.65), (0.7, 0.85)).treatments
        assert (plain.effect, plain.rates) == ("helps", (0.1,))
        assert (batch.effect, batch.rates) == ("helps", (0.2,))
        assert (batch.best, batch.without) == pytest.approx((0.85, 0.8))

    def test_a_best_rate_is_a_range(self):
        plain, _ = self.judged((0.75, 0.76, 0.6), (0.7, 0.7, 0.7)).treatments
        assert plain.rates == (0.1, 0.2)

    def test_little_and_harm(self):
        plain, batch = self.judged((0.71,), (0.7,)).treatments
        assert (plain.effect, batch.effect) == ("little", "harms")

    def test_a_minority_of_seeds_is_no_help(self):
        plain, _ = self.judged(((0.9, 0.5),), (0.7,)).treatments
        assert plain.effect == "little"

    def test_lost(self):
        verdict = self.judged((0.65,), (NAN,), LOST)
        assert [one.effect for one in verdict.treatments] == ["harms", "lost"]
        assert verdict.chunks is None
        assert self.judged((NAN,), (0.8,), LOST).treatments[1].effect == "lost without"


class TestSizes:
    def judged(self, plain, batch, accuracy=U):
        pieces = sizes(NoiseConfig(), RATES[0])
        return judge_sizes(made(accuracy), pairs(pieces, plain, batch))

    def test_the_best_are_a_range_and_chunks_as_large_stand_beside(self):
        verdict = self.judged((0.7, 0.72, 0.7), (0.88, 0.87, 0.7))
        assert verdict.sizes == (4, 8)
        assert verdict.plain == pytest.approx((0.7, 0.72))
        assert verdict.widest == pytest.approx((0.1, 16), abs=1e-6)

    def test_lost(self):
        assert self.judged((NAN,), (NAN,)).sizes == ()
        verdict = self.judged((NAN,), (0.8,), LOST)
        assert (verdict.plain, verdict.widest) == (None, None)
