"""The noise of small chunks, judged at the borders; and what the page claims by itself."""

from itertools import pairwise

import numpy as np
import pytest

from bnviz.axes import NEVER
from bnviz.experiments import noise
from bnviz.experiments.noise import NoiseConfig
from bnviz.verdicts.noise import Lost, best, judge, level
from bnviz.words import noise as words
from tests.made.noise import ALONE, FALLING, FLAT, LOST, NAN, RISING, U, made


class TestBest:
    @pytest.mark.parametrize(
        ("accuracy", "row"), [(U, 2), (RISING, 4), (FALLING, 1), (LOST, None), (ALONE, 1)]
    )
    def test_is_the_row_of_the_highest(self, accuracy, row):
        assert best(made(accuracy).test_accuracy[..., -1]) == row

    def test_of_equals_the_one_with_the_least_noise(self):
        assert best(made((0.7, 0.8, 0.9, 0.9, 0.5)).test_accuracy[..., -1]) == 3

    def test_a_lost_seed_is_left_out_and_most_of_them_are_no_result(self):
        some = made((0.7, 0.4, (NAN, 0.95, 0.95), 0.9, 0.8), seeds=3)
        most = made((0.7, 0.4, (NAN, NAN, 0.95), 0.9, 0.8), seeds=3)
        assert [best(one.test_accuracy[..., -1]) for one in (some, most)] == [2, 3]

    def test_a_best_size_is_a_range(self):
        assert level(made(FLAT).test_accuracy[..., -1]) == (2, 3, 4)
        assert level(made(U).test_accuracy[..., -1]) == (2,)
        assert level(made(LOST).test_accuracy[..., -1]) == ()


class TestOutcome:
    @pytest.mark.parametrize(
        ("accuracy", "outcome"),
        [
            (U, "helps"),
            (FALLING, "helps"),
            (RISING, "no help"),
            (FLAT, "little"),
            (LOST, "lost"),
            (ALONE, "one size"),
            ((0.7, 0.4, 0.9, 0.85, NAN), "whole lost"),
            ((0.7, 0.3, 0.5, 0.4, 0.3), "nobody"),
            ((0.7, 0.3, 0.7, 0.4, 0.3), "only smaller"),
            ((0.7, NAN, NAN, NAN, 0.8), "no help"),
            ((0.7, 0.4, 0.81, 0.5, 0.8), "little"),  # ahead, but not clearly
            ((0.7, 0.4, 0.8, 0.5, 0.8), "no help"),  # a draw is no help
        ],
    )
    def test_by_the_best_of_the_smaller_chunks(self, accuracy, outcome):
        assert judge(made(accuracy)).outcome == outcome

    def test_a_minority_of_seeds_is_no_help(self):
        result = made(
            (0.7, 0.4, (0.99, 0.99, 0.87, 0.8, 0.8), 0.5, (0.5, 0.5, 0.86, 0.85, 0.85)), seeds=5
        )
        verdict = judge(result)
        assert verdict.outcome == "little"
        assert (verdict.score.first, verdict.score.second) == (3, 2)

    def test_what_counts_as_learning_depends_on_the_classes(self):
        assert judge(made((0.7, 0.3, 0.7, 0.4, 0.3), dataset="moons")).outcome == "nobody"

    @pytest.mark.parametrize(
        ("accuracy", "tells"),
        [
            (U, "yes"),
            (ALONE, "no chunks"),
            (LOST, "no chunks"),
            ((0.7, 0.4, 0.9, 0.8, NAN), "not learned"),
            ((0.7, 0.4, 0.9, 0.8, 0.1), "not learned"),
        ],
    )
    def test_what_it_can_tell(self, accuracy, tells):
        assert judge(made(accuracy)).tells == tells

    @pytest.mark.parametrize(
        ("accuracy", "where"),
        [
            (U, "between"),
            (RISING, "whole"),
            (FALLING, "two"),
            (FLAT, "several"),
            ((0.7, 0.4, 0.9, 0.89, 0.8), "between"),  # two of a kind
            (LOST, "nowhere"),
            ((0.7, 0.3, 0.5, 0.4, 0.3), "nowhere"),
            (ALONE, "whole"),
        ],
    )
    def test_where_the_best_are(self, accuracy, where):
        assert judge(made(accuracy)).where == where


class TestLosses:
    def change(self, here, whole, seeds=2):
        loss = (9, 9, here, 9, whole)
        return judge(made(U, loss, None, seeds)).fit.change

    def test_by_the_medians_and_in_most_seeds(self):
        assert self.change(0.4, 0.6) == "lower"
        assert self.change(0.6, 0.4) == "higher"
        assert self.change(0.601, 0.6) == "same"
        assert self.change((0.7, 0.1), 0.6) == "open"

    def test_of_the_chunks_in_which_it_is_lowest(self):
        lowest = judge(made(U, None, (0, 2, 0.6, 0.4, 0.5))).lowest
        assert (lowest.size, lowest.change) == (8, "lower")
        assert judge(made(U, None, (0, NAN, NAN, NAN, 0.5))).lowest is None

    def test_overfitting(self):
        assert judge(made(U, (0, 1, 1, 1, 0.1), (0, 1, 1, 1, 0.6))).overfitted
        assert not judge(made(U, (0, 1, 1, 1, 0.5), (0, 1, 1, 1, 0.6))).overfitted


class TestTurning:
    def turned(self, chunked, whole):
        result = made(U)
        result = made(U) if chunked is None else result
        middle = np.stack([np.full_like(result.test_accuracy[..., 0], 0.1)] * 3, axis=-1)
        middle[2, :, 1], middle[-1, :, 1] = chunked, whole
        middle[..., 2] = result.test_accuracy[..., -1]
        arrays = {"steps": np.array([0, 3, 8]), "test_accuracy": middle}
        return judge(type(result)(**vars(result) | arrays)).turning

    def test_the_last_record_at_which_the_whole_batch_was_ahead(self):
        at = self.turned(0.2, 0.5)
        assert (at.step, at.whole) == (3, 0.5)
        assert at.chunked == pytest.approx(0.2)

    def test_clearly_ahead(self):
        assert self.turned(0.49, 0.5) is None
        assert self.turned(0.5, 0.2) is None

    @pytest.mark.parametrize("accuracy", [RISING, ALONE, LOST, FLAT])
    def test_only_where_the_noise_helps_in_the_end(self, accuracy):
        assert judge(made(accuracy)).turning is None


def test_chunks_of_two():
    assert judge(made(U)).pairs == "falls"
    assert judge(made(FALLING)).pairs == "stands"
    assert judge(made(ALONE)).pairs is None
    assert judge(made((0.7, NAN, 0.9, 0.85, 0.8))).pairs is None


def test_which_sizes_end_below_plain():
    assert judge(made(U)).below == (2,)
    assert judge(made(RISING)).below == (2, 4, 8)
    assert judge(made((0.4, 0.4, 0.9, 0.85, 0.8))).below == ()
    assert judge(made((NAN, 0.4, 0.9, 0.85, 0.8))).below is None


def test_ghost_batches_of_4_against_the_whole_batch():
    assert judge(made(U)).four == "first"
    assert judge(made(RISING)).four == "second"
    assert judge(made(FLAT)).four == "neither"
    assert judge(made(ALONE)).four is None
    assert judge(made((0.7, 0.4, NAN, 0.85, 0.8))).four is None


def test_the_lost_are_counted():
    result = made(U)
    assert judge(result).lost == ()
    result.diverged_at[0], result.diverged_at[2, 1] = 5, 3
    assert (result.diverged_at[1] == NEVER).all()
    assert judge(result).lost == (Lost(size=None, seeds=2), Lost(size=4, seeds=1))


@pytest.fixture(scope="module")
def at_first():
    return noise.run(NoiseConfig())


class TestWhatThePageClaims:
    """At its own settings, over five seeds."""

    def test_test_accuracy_is_a_u_upside_down_in_every_seed(self, at_first):
        accuracy, verdict = at_first.test_accuracy[:, :, -1], judge(at_first)
        assert at_first.config.seeds == 5
        assert verdict.best.size in (4, 8)
        row = at_first.chunks.tolist().index(verdict.best.size) + 1
        assert (accuracy[row] - accuracy[-1] > 0.05).all()
        assert (accuracy[row] - accuracy[1] > 0.15).all()
        assert (verdict.outcome, verdict.where, verdict.score.first) == ("helps", "between", 5)

    @pytest.mark.long
    def test_in_twenty_further_seeds_too(self):
        verdict = judge(noise.run(NoiseConfig(first_seed=5, seeds=20)))
        assert (verdict.outcome, verdict.where) == ("helps", "between")
        assert verdict.score.first >= 19
        assert (verdict.fit.change, verdict.new.change) == ("higher", "lower")
        assert verdict.pairs == "falls"

    def test_training_loss_rises_as_chunks_shrink_and_test_loss_is_a_u(self, at_first):
        fit, new = (
            np.median(loss[1:, :, -1], axis=1) for loss in (at_first.train_loss, at_first.test_loss)
        )
        assert all(a > b for a, b in pairwise(fit))
        assert new.argmin() not in (0, len(new) - 1)
        verdict = judge(at_first)
        assert (verdict.fit.change, verdict.new.change) == ("higher", "lower")

    def test_chunks_of_two_collapse_and_the_noise_costs_before_it_helps(self, at_first):
        assert judge(at_first).pairs == "falls"
        assert judge(at_first).turning

    def test_more_wrong_labels_a_deeper_u(self, at_first):
        gains = [
            verdict.smaller.accuracy - verdict.whole.accuracy
            for verdict in (judge(at_first), judge(noise.run(NoiseConfig(wrong_labels=0.4))))
        ]
        assert gains[1] > 1.5 * gains[0] > 0.05

    def test_clean_labels_a_small_u_of_the_test_loss(self):
        clean = NoiseConfig(
            wrong_labels=0.0, train_size=1347, batch_size=64, learning_rate=0.18, steps=150
        )
        verdict = judge(noise.run(clean))
        assert abs(verdict.smaller.accuracy - verdict.whole.accuracy) < 0.01
        assert verdict.outcome in ("little", "no help")
        assert verdict.lowest.change == "lower"
        assert verdict.lowest.here > 0.7 * verdict.lowest.whole

    def test_too_little_training_no_help(self):
        verdict = judge(noise.run(NoiseConfig(wrong_labels=0.0, learning_rate=0.0032)))
        assert verdict.outcome == "no help"
        assert verdict.lowest.change == "higher"
        assert not verdict.overfitted

    @pytest.mark.parametrize("asked", words.CHALLENGES, ids=lambda one: one.name)
    @pytest.mark.long
    def test_challenges_over_five_further_seeds(self, asked):
        verdict = judge(noise.run(NoiseConfig(first_seed=5, **asked.setting)))
        assert asked.outcome(verdict).right == asked.expected
