"""The loss along the gradient, judged: what the page claims by itself, over five seeds and more."""

import numpy as np
import pytest

from bnviz.experiments import landscape
from bnviz.experiments.landscape import LandscapeConfig
from bnviz.verdicts.landscape import FAR_LONGER, judge, rises
from bnviz.words import landscape as words
from tests.made.landscape import made


@pytest.fixture(scope="module")
def at_the_default():
    return landscape.run(LandscapeConfig())


def setting(name):
    """Of the challenge with this name."""
    (found,) = (one for one in words.CHALLENGES if one.name == name)
    return LandscapeConfig(**found.setting)


def ratios(result):
    """The width of plain's band / BN's, averaged over training, of each seed."""
    low, high = result.variation().astype(np.float64)
    width = np.trapezoid(high - low, result.steps, axis=-1)
    return width[0] / width[1]


class TestClaims:
    def test_plain_varies_more_in_nearly_every_seed(self, at_the_default):
        assert at_the_default.config.seeds == 5
        assert at_the_default.counts().all()
        assert (ratios(at_the_default) > 2).sum() >= 4
        assert judge(at_the_default).rougher == "plain"

    def test_the_loss_rises_ahead_of_plain_in_every_seed_and_ahead_of_bn_in_hardly_any(
        self, at_the_default
    ):
        plain, batch = judge(at_the_default).hills
        assert plain.seeds == 5
        assert plain.times > 3
        assert batch.upwards != "once"

    @pytest.mark.long
    def test_in_twenty_further_seeds_too(self):
        verdict = judge(landscape.run(LandscapeConfig(first_seed=5, seeds=20)))
        assert verdict.rougher == "plain"
        assert verdict.varied.agree >= 0.8 * verdict.varied.ratio.seeds
        assert verdict.bears.ratio.low > FAR_LONGER

    def test_a_tenfold_loss_needs_a_far_longer_step_with_bn(self, at_the_default):
        plain, batch = at_the_default.too_long()
        assert (batch / plain > 5).sum() >= 4
        assert judge(at_the_default).bears.longer == "far longer"

    def test_with_tanh_the_surface_of_bn_is_the_rougher_one(self):
        result = landscape.run(setting("tanh"))
        assert result.counts().sum() >= 4
        assert (ratios(result)[result.counts()] < 1).mean() >= 0.8
        assert judge(result).rougher == "batch"

    def test_at_the_largest_rate_that_plain_survives_the_gap_is_wider(self, at_the_default):
        result = landscape.run(setting("large"))
        assert result.counts().sum() >= 4  # both learn
        wide, usual = judge(result), judge(at_the_default)
        assert wide.rougher == "plain"
        assert wide.varied.ratio.middle > 2 * usual.varied.ratio.middle


@pytest.mark.parametrize("overflowed", [np.nan, np.inf])
def test_what_overflowed_on_the_way_has_risen_too(overflowed):
    result = made()
    one = int(np.flatnonzero(result.reach == 1.0)[0])
    result.loss_there[..., one] = result.loss_here - 1
    assert rises(result) == (0, 0)
    result.loss_there[0, :, :, one] = overflowed
    assert rises(result) == (1, 0)


class TestAhead:
    def test_is_the_median_of_the_seeds_left(self):
        result = made(2.0, 1.0, seeds=3)
        result.loss_there[0, :, 1, 3] = [2.0, 8.0, 6.0]
        result.loss_here[0, 2, 2:], result.loss_there[0, 2, 2:] = np.nan, np.nan
        result.loss_there[0, :2, 2, 3] = [2.0, np.inf]
        result.loss_here[1], result.loss_there[1] = np.nan, np.nan
        ahead = result.ahead()
        assert ahead[0, 1, 3] == 3
        assert ahead[0, 2, 3] == np.inf
        assert ahead[0, 3, 3] == 1
        assert np.isnan(ahead[1]).all()

    def test_the_highest_point(self):
        result = made(1.0, 1.0)
        result.loss_there[0, :, 2, 3] = 5.0
        hill = judge(result).hills[0]
        assert (hill.step, hill.times, hill.upwards, hill.seeds) == (2, 2.5, "once", 2)
        assert hill.length == result.reach[3]

    def test_in_one_seed_of_three_is_hardly_ever(self):
        result = made(seeds=3)
        result.loss_there[:] = 1.0
        result.loss_there[1, 2, 0, 0] = 3.0
        plain, batch = judge(result).hills
        assert (plain.upwards, plain.seeds) == ("never", 0)
        assert (batch.upwards, batch.seeds) == ("hardly ever", 1)

    def test_in_how_much_of_training_counts_steps_not_records(self):
        result = made()
        result.loss_there[:] = 1.0
        assert judge(result).uphill == (0, 0)
        result.loss_there[0, :, :3] = 3.0  # steps 0, 1 and 2 of 10
        assert judge(result).uphill == (pytest.approx((2 + 4) / 10), 0)

    def test_without_any_record(self):
        result = made(fell=False, lost=0)
        result.loss_here[0], result.loss_there[0] = np.nan, np.nan
        verdict = judge(result)
        assert [one.treatment for one in verdict.hills] == ["batch"]
        assert np.isnan(verdict.uphill[0])
