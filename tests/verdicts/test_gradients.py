"""How far the gradient can be trusted, judged."""

import numpy as np
import pytest

from bnviz.axes import NEVER
from bnviz.experiments import gradients
from bnviz.experiments.gradients import GradientsConfig
from bnviz.verdicts.gradients import LONGER, STRAIGHT, Turned, comparison, judge
from bnviz.words.gradients import CHALLENGES
from tests.made.gradients import NOBODY, STEPS, made


class TestComparison:
    def test_comparison_is_the_median_of_the_seeds_that_count(self):
        fell = ((True, True, True, True), (True, True, True, False))
        result = made(fell=fell, lost=((NEVER,) * 4,) * 2)
        result.distance[0] *= np.array([0.25, 2.0, 3.0, 1000.0])[:, None, None]
        found = comparison(result, "change")
        assert found.ratio.middle == pytest.approx(4.0)  # of 0.5, 4 and 6; 2000 does not count
        assert (found.larger, found.ratio.seeds) == (2, 3)

    def test_comparison_averages_over_the_steps_and_not_over_the_records(self):
        result = made(change=(1.0, 1.0))
        result.distance[0, :, STEPS <= 4] *= 100  # four of six records, and few of the steps
        expected = (4 * 100 + 4 * (100 + 1) / 2 + 8 * 1) / 16  # straight from 4 to 8
        assert comparison(result, "change").ratio.middle == pytest.approx(expected, rel=1e-5)

    @pytest.mark.parametrize("measure", ["change", "smoothness"])
    def test_comparison_of_each_measure(self, measure):
        result = made(change=(6.0, 1.0), norm=(2.0, 1.0))
        expected = {"change": 6, "smoothness": 3}[measure]
        assert comparison(result, measure).ratio.middle == pytest.approx(expected, rel=1e-5)

    def test_at_first_knows_the_first_steps_alone(self):
        result = made(change=(1.0, 1.0))
        result.distance[0, :, STEPS > 8] *= 100
        assert judge(result).compared.early.ratio.middle == pytest.approx(1)
        assert comparison(result, "change").ratio.middle > 10

    @pytest.mark.parametrize("lost", [np.inf, np.nan])
    def test_a_walk_beyond_all_numbers_is_the_rough_one(self, lost):
        result = made()
        result.distance[0, :, 2, -1] = lost
        found = comparison(result, "change")
        assert found.rougher == "plain"
        assert (found.larger, found.ratio.seeds) == (2, 2)


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        (made((1.3, 1.0)), "plain"),
        (made((1.0, 1.3)), "batch"),
        (made((1.0, 1.1)), None),
        (made((9.0, 1.0), fell=NOBODY), None),
    ],
)
def test_rougher(result, expected):
    assert judge(result).rougher == expected


@pytest.mark.parametrize(
    ("change", "expected"), [((1.0, 1.0), None), ((1.1, 1.0), None), ((1.3, 1.0), "batch")]
)
def test_smoother_of_networks_that_do_not_learn(change, expected):
    assert judge(made(change, fell=NOBODY)).smoother == expected


def test_the_turn_is_averaged_as_the_changes_are():
    result = made(angle=(0, 0))
    result.cosine[0, :, -1] = 0  # 90 degrees at the last record alone
    share = (STEPS[-1] - STEPS[-2]) / 2 / (STEPS[-1] - STEPS[0])
    assert judge(result).near == pytest.approx((90 * share, 0), abs=0.1)


class TestTurned:
    @pytest.mark.parametrize(
        ("plain", "batch", "farther", "more", "unclear"),
        [
            (50.0, 39.0, 5, "plain", False),
            (50.0, 39.0, 3, "plain", False),
            (50.0, 39.0, 2, None, True),
            (50.0, 40.0, 5, None, False),
            (39.0, 50.0, 0, "batch", False),
            (39.0, 50.0, 3, None, True),
            (np.nan, 50.0, 0, None, False),
        ],
    )
    def test_is_told_by_degrees_and_by_most_seeds(self, plain, batch, farther, more, unclear):
        found = Turned(plain=plain, batch=batch, plain_farther=farther, seeds=5)
        assert (found.more, found.open) == (more, unclear)

    def test_counts_the_seeds_that_are_compared(self):
        fell = ((True, True, False), (True, True, True))
        result = made(angle=(80, 40), fell=fell, lost=((NEVER,) * 3,) * 2)
        result.cosine[0, 0] = 1  # hardly turned in one of the two, far in the one that is not
        walk = judge(result).walk
        assert (walk.plain_farther, walk.seeds) == (1, 2)
        assert (walk.plain, walk.batch) == pytest.approx((40, 40), abs=0.1)

    def test_with_none_to_compare_counts_all(self):
        result = made(angle=(80, 40), fell=NOBODY)
        walk = judge(result).walk
        assert (walk.plain, walk.plain_farther, walk.seeds) == (pytest.approx(80, abs=0.1), 2, 2)

    def test_at_first_means_the_first_steps(self):
        result = made(angle=(80, 40))
        result.cosine[0, :, STEPS > 8] = 1
        found = judge(result)
        assert found.first.plain == pytest.approx(80, abs=0.1)
        assert found.walk.plain < 80 - STRAIGHT

    def test_what_is_drawn_is_the_last_record(self):
        result = made(angle=(80, 40))
        result.cosine[1, :, -1] = 0
        assert judge(result).drawn == pytest.approx((80, 90), abs=0.1)


def preset(name):
    return GradientsConfig(**next(one.setting for one in CHALLENGES if one.name == name))


class TestWhatThePageClaims:
    """At its own settings, over five seeds."""

    @pytest.mark.parametrize(("first_seed", "seeds"), [(0, 5), (5, 20)])
    def test_plain_is_the_rougher_one(self, first_seed, seeds):
        """And in twenty further seeds, too."""
        result = gradients.run(GradientsConfig(first_seed=first_seed, seeds=seeds))
        counted = result.counts().sum()
        assert counted >= 0.9 * seeds
        for measure in ("change", "smoothness"):
            assert comparison(result, measure).larger >= 0.8 * counted
        assert comparison(result, "change").ratio.middle > 3
        assert judge(result).rougher == "plain"
        # one step turns plain's gradient further, too
        plain, batch = result.turn(1.0).mean(axis=(1, 2))
        assert plain > batch + 20

    def test_with_tanh_bn_is(self):
        result = gradients.run(preset("tanh"))
        assert result.counts().all()
        for measure in ("change", "smoothness"):
            assert comparison(result, measure).larger <= 1
        assert judge(result).rougher == "batch"

    def test_with_glorot_weights_bn_is_at_first_and_plain_later(self):
        result = gradients.run(preset("glorot"))
        assert result.counts().all()
        verdict = judge(result)
        early = verdict.compared.early
        assert early.rougher == "batch"
        assert early.larger <= 1
        assert comparison(result, "change").larger >= 4
        assert verdict.rougher == "plain"
        assert verdict.compared.longer > LONGER

    def test_at_the_largest_rate_that_plain_survives_it_is_rougher_still(self):
        result = gradients.run(preset("update"))
        assert result.counts().all()
        assert comparison(result, "change").larger >= 4
        assert comparison(result, "change").ratio.middle > 3

    def test_at_a_rate_too_large_for_plain_nothing_is_compared(self):
        result = gradients.run(preset("too-far"))
        assert not result.fell[0].any()
        assert result.fell[1].sum() >= 4
        assert not result.counts().any()
        assert judge(result).compared is None
