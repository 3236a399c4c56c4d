"""The ground around the weights, judged: what the page claims, over five seeds and more."""

import numpy as np
import pytest

from bnviz.experiments import surface
from bnviz.experiments.surface import PLANES, STATISTICS, SurfaceConfig
from bnviz.verdicts.surface import judge, judge_skips
from bnviz.words import landscape as words
from tests.made.surface import BOWL, HALF, LOW_DOME, made, of_seeds


def test_a_seed_without_a_basin_has_no_hollow():
    verdict = judge(of_seeds([(9.0, LOW_DOME), (BOWL, BOWL)]))
    assert (verdict.plain.hollow.seeds, verdict.batch.hollow.seeds) == (1, 2)
    assert (verdict.plain.curved, verdict.batch.curved) == (0, 1)


def test_the_wider_basin_is_counted_seed_by_seed():
    verdict = judge(of_seeds([(HALF, 1.0), (1.0, HALF), (1.0, 1.0)]))
    assert (verdict.wider.first, verdict.wider.second, verdict.wider.even) == (1, 1, 1)


def test_half_of_the_skips_says_nothing():
    assert judge_skips([made()]) is None


@pytest.fixture(scope="module")
def at_the_default():
    return surface.run(SurfaceConfig())


@pytest.fixture(scope="module")
def with_skips():
    return surface.run(SurfaceConfig(skip="on"))


def middle(result):
    half = result.losses.shape[2] // 2
    return result.losses[:, :, half, half]


class TestClaims:
    def test_the_basin_of_bn_is_the_wider_one(self, at_the_default):
        assert judge(at_the_default).wider.second == 5

    @pytest.mark.long
    def test_in_twenty_further_seeds_too(self):
        result = surface.run(SurfaceConfig(first_seed=5, seeds=20, grid=11))
        verdict = judge(result)
        assert verdict.wider.second >= 18
        assert verdict.rougher.second >= 16

    def test_both_networks_have_learned(self, at_the_default):
        assert (middle(at_the_default) < 0.3).all()

    def test_with_statistics_held_fixed_it_is_hardly_wider(self, at_the_default):
        """As the notes say."""
        fixed = judge(surface.run(SurfaceConfig(statistics=STATISTICS[1])))
        free = judge(at_the_default)
        assert fixed.batch.basin.middle - fixed.plain.basin.middle < 0.06
        assert free.batch.basin.middle - free.plain.basin.middle > 0.15

    def test_the_ground_of_bn_curves_downwards_more(self, at_the_default):
        assert judge(at_the_default).rougher.second >= 4

    def test_skip_connections_smooth_the_ground_of_bn(self, at_the_default, with_skips):
        _, batch = judge_skips([at_the_default, with_skips])
        assert batch.score.first >= 4

    def test_with_skip_connections_the_basin_of_bn_is_the_wider_one(self, with_skips):
        """The challenge."""
        (challenge,) = (one for one in words.CHALLENGES if one.on == "surface")
        assert challenge.setting == {"skip": "on"}
        assert judge(with_skips).wider.second == 5

    def test_in_twelve_layers_plain_learns_with_skip_connections_and_not_without(self):
        deep = {"depth": 12, "gain": 0.5, "grid": 5}
        learned = middle(surface.run(SurfaceConfig(skip="on", **deep)))[0]
        stuck = middle(surface.run(SurfaceConfig(**deep)))[0]
        assert (learned < 0.5).sum() >= 4
        assert (stuck > 0.9 * np.log(10)).sum() >= 4

    def test_two_directions_hold_most_of_the_path(self):
        result = surface.run(SurfaceConfig(plane=PLANES[1]))
        assert (result.explained.sum(axis=-1) > 0.8).all()
