"""Where BN breaks is judged, and comes out the other way where the result does."""

import numpy as np
import pytest

from bnviz.experiments import batches
from bnviz.experiments.batches import BatchesConfig
from bnviz.verdicts.batches import judge, judge_full, where
from bnviz.verdicts.criteria import SAME, clearly
from tests.made.batches import made, made_full


@pytest.mark.parametrize(
    ("behind", "expected"),
    [
        ((False, False, False), "nowhere"),
        ((True, True, True), "everywhere"),
        ((True, True, False), "small"),
        ((True, False, True), "elsewhere"),
        ((False, False, True), "elsewhere"),
    ],
)
def test_small_is_from_the_smallest_on(behind, expected):
    assert where(behind) == expected


class TestBehind:
    def test_by_the_medians_and_in_most_seeds(self):
        verdict = judge(made(batch=(0.5, 0.89, 0.92)))
        assert [at.size for at in verdict.behind] == [2]
        assert verdict.where == "small"
        assert verdict.smallest.worse_in == 2

    def test_a_minority_is_not_the_rule(self):
        result = made(seeds=2)
        result.accuracy["batch"][0, 0] = 0.9  # one of two seeds keeps up
        verdict = judge(result)
        assert (verdict.where, verdict.smallest.worse_in) == ("unclear", 1)

    def test_who_diverges_in_most_seeds_is_behind(self):
        assert judge(made(batch=(np.nan, 0.9, 0.92))).where == "small"

    def test_there_is_a_reference_where_layer_norm_learns(self):
        assert judge(made()).reference
        assert judge(made(layer=(0.1, 0.1, 0.6))).reference
        assert not judge(made(layer=(0.1, 0.1, 0.2))).reference
        assert not judge(made(layer=(0.9, 0.9, np.nan))).reference

    def test_ahead(self):
        assert judge(made(layer=(0.9, 0.9, 0.8))).ahead.size == 32
        assert judge(made(batch=(0.5, 0.9, 0.91))).ahead is None


class TestNoise:
    @pytest.mark.parametrize(
        ("changes", "felt"),
        [
            ({}, "alone"),
            ({"plain": (0.6, 0.8, 0.9)}, "more"),
            ({"batch": (0.8, 0.9, 0.9), "plain": (0.7, 0.8, 0.9)}, "no more"),
            ({"batch": (0.91, 0.9, 0.9), "plain": (0.9, 0.8, 0.8)}, "no more"),
            (
                {"batch": (0.92, 0.9, 0.9), "plain": (0.9, 0.8, 0.8), "layer": (0.9, 0.8, 0.8)},
                "less",
            ),
        ],
    )
    def test_who_feels_it(self, changes, felt):
        assert judge(made(**changes)).noise.felt == felt

    def test_of_who_learns_in_neither_nothing_is_lost(self):
        noise = judge(made(plain=(0.1, 0.1, 0.1))).noise
        assert noise.plain is None
        assert noise.batch == pytest.approx(0.42)

    def test_a_batch_of_one_has_none(self):
        noise = judge(made(sizes=(1, 2, 32))).noise
        assert (noise.small, noise.large) == (2, 32)
        assert noise.batch == pytest.approx(0.02, abs=1e-6)

    @pytest.mark.parametrize("changes", [{"plain": (0.9, 0.9, np.nan)}, {"batch": (0.1, 0.1, 0.1)}])
    def test_there_may_be_nothing_to_compare(self, changes):
        assert judge(made(**changes)).noise is None


def test_who_is_ahead_of_plain():
    verdict = judge(made(plain=(0.9, 0.8, 0.6)))
    assert verdict.helped.size == 32
    assert [at.size for at in verdict.plain_ahead] == [2]
    assert verdict.worst_beside_plain.size == 2
    nowhere = judge(made(batch=(0.5, 0.9, 0.91)))
    assert nowhere.helped is None
    assert nowhere.plain_trains
    assert not judge(made(plain=(0.9, 0.3, 0.9))).plain_trains


class TestMending:
    @pytest.mark.parametrize(
        ("precise", "cure"), [(0.5, "none"), (0.51, "none"), (0.55, "some"), (0.8, "much")]
    )
    def test_how_much(self, precise, cure):
        assert judge(made(precise=(precise, 0.9, 0.92))).mending.cure == cure

    def test_a_gain_of_a_minority_is_no_cure(self):
        result = made(batch=(0.5, 0.9, 0.92), precise=(0.5, 0.9, 0.92))
        result.precise[0] = [0.5, 0.7]
        assert judge(result).mending.cure == "in few seeds"

    def test_where_it_gives_most_of_the_sizes_at_which_bn_is_behind(self):
        verdict = judge(made(batch=(0.5, 0.8, 0.92), precise=(0.55, 0.88, 0.99)))
        assert verdict.mending.at.size == 8

    def test_in_the_smallest_batches(self):
        verdict = judge(made(batch=(0.5, 0.8, 0.92), precise=(0.5, 0.88, 0.99)))
        assert (verdict.mending.cure, verdict.cure) == ("much", "none")
        assert judge(made(batch=(0.9, 0.8, 0.92))).cure is None

    def test_nothing_is_broken_or_nothing_is_known(self):
        assert judge(made(batch=(0.9, 0.9, 0.9))).mending is None
        assert judge(made(batch=(np.nan, 0.9, 0.9))).mending is None


@pytest.mark.parametrize(
    ("smallest", "fate"),
    [(0.9, "learned"), (0.5, "little"), (0.1, "nothing"), (np.nan, "diverged")],
)
def test_the_fate_of_bn_in_the_smallest_batches(smallest, fate):
    assert judge(made(batch=(smallest, 0.9, 0.9))).fate == fate


def test_runs_that_diverged():
    result = made()
    result.diverged_at["plain"][2] = 5
    (lost,) = judge(result).lost
    assert (lost.kind, lost.runs, lost.of) == ("plain", 2, 6)


def test_the_whole_training():
    verdict = judge_full([made_full(32, 0.95, 0.9), made_full(2, 0.5, 0.9)])
    assert verdict.size == 2
    assert verdict.behind == (2,)
    assert verdict.ends == pytest.approx({"plain": 0.9, "batch": 0.5, "renorm": 0.8, "layer": 0.9})
    assert judge_full([made_full(4, 0.9, 0.9)]).behind == ()


def ends(chosen, kind, size):
    """Test accuracies at the end of one training of the page, (seeds,)."""
    job = batches.one_training(chosen, kind, size, chosen.updates(size))
    return job(lambda step: None).test_accuracies[:, -1]


class TestWhatThePageClaims:
    """Down to batches of two, over five seeds; and the first claim over twenty others."""

    def test_bn_is_the_worst_of_all_in_small_batches_and_the_best_in_large_ones(self):
        verdict = judge(batches.run(BatchesConfig(batch_size=2)))
        assert verdict.seeds == verdict.smallest.worse_in == 5
        assert verdict.where == "small"
        assert verdict.behind[-1].size == 4
        for at, leader in ((verdict.smallest, "first"), (verdict.largest, "second")):
            assert (at.against_layer, at.against_plain) == (leader, leader)
        assert verdict.smallest.layer - verdict.smallest.batch > 0.4
        assert verdict.helped.size == 32
        assert verdict.noise.felt == "alone"
        assert verdict.mending.cure in {"some", "none"}
        assert verdict.ahead is not None

    @pytest.mark.long
    def test_in_twenty_further_seeds_too(self):
        others = BatchesConfig(first_seed=5, seeds=20)
        small = {kind: ends(others, kind, 2) for kind in ("batch", "layer")}
        assert (small["layer"] - small["batch"] > 0.3).all()
        large = {kind: ends(others, kind, 32) for kind in ("batch", "layer")}
        assert clearly(large["batch"], large["layer"]) == "first"
        assert (large["batch"] - large["layer"] >= SAME).sum() >= 14


def test_two_layers_need_no_bn():
    chosen = BatchesConfig(batch_size=2, depth=2)
    for size in chosen.sizes():
        batch, plain = (np.median(ends(chosen, kind, size)) for kind in ("batch", "plain"))
        assert batch < plain + SAME
