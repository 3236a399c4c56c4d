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


def preset(**wanted):
    """The preset of the page with these values."""
    of_the_walk = LandscapeConfig.model_fields
    for values in words.PRESETS.values():
        if values == wanted:
            return LandscapeConfig(**{n: v for n, v in values.items() if n in of_the_walk})
    raise LookupError(wanted)


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

    def test_in_twenty_further_seeds_too(self):
        verdict = judge(landscape.run(LandscapeConfig(first_seed=5, seeds=20)))
        assert verdict.rougher == "plain"
        assert verdict.varied.agree >= 0.8 * verdict.varied.ratio.seeds
        assert verdict.bears.ratio.low > FAR_LONGER

    def test_a_tenfold_loss_needs_a_far_longer_step_with_bn(self, at_the_default):
        plain, batch = at_the_default.too_long()
        assert (batch / plain > 5).sum() >= 4
        assert judge(at_the_default).bears.longer == "far longer"

    def test_with_tanh_the_ground_of_bn_is_the_rougher_one(self):
        result = landscape.run(preset(activation="tanh", learning_rate=0.32))
        assert result.counts().sum() >= 4
        assert (ratios(result)[result.counts()] < 1).mean() >= 0.8
        assert judge(result).rougher == "batch"

    def test_at_the_largest_rate_that_plain_survives_the_gap_is_wider(self, at_the_default):
        result = landscape.run(preset(learning_rate=0.32))
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
