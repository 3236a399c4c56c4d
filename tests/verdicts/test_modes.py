"""What is said of the two modes is judged, and comes out the other way where the result does."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bnviz.axes import FIRST_MOMENTUM, NEVER, OWN_BATCH, PRECISE
from bnviz.experiments import left_in_inference, modes
from bnviz.experiments.left_in_inference import LeftInInferenceConfig
from bnviz.experiments.modes import ModesConfig
from bnviz.verdicts.mode_sections import judge_mistakes
from bnviz.verdicts.modes import judge, memory, unbiased_over_population
from bnviz.words import modes as words
from tests.made.modes import (
    LOSSES,
    LOST,
    NAN,
    POOR,
    RUNNING,
    made,
    unit,
    with_way,
)


def outcome(*arguments, **changes):
    return judge(made(*arguments, **changes)).outcome


class TestOutcome:
    def test_who_is_better(self):
        assert outcome() == "inference"
        assert outcome(with_way(RUNNING, 0.6)) == "training"
        assert outcome(with_way(OWN_BATCH, 0.89)) == "equal"
        assert outcome(LOST, LOST) == "diverged"

    def test_a_half_is_no_victory(self):
        verdict = judge(made(with_way(OWN_BATCH, (0.95, 0.5))))
        assert verdict.outcome == "mixed"
        assert (verdict.score.first, verdict.score.second) == (1, 1)

    def test_three_of_five_are(self):
        verdict = judge(made(with_way(OWN_BATCH, (0.95, 0.95, 0.5, 0.5, 0.5)), seeds=5))
        assert verdict.outcome == "inference"
        assert (verdict.score.first, verdict.score.second) == (2, 3)

    def test_seeds_that_diverged_are_not_counted(self):
        score = judge(made(with_way(OWN_BATCH, (NAN, 0.5)))).score
        assert (score.first, score.second, score.even) == (0, 1, 0)

    def test_nothing_learned(self):
        assert outcome(POOR) == "no help"
        assert outcome(POOR, plain=0.1) == outcome(POOR, plain=NAN) == "little"
        assert outcome(with_way(PRECISE, 0.7, POOR), plain=0.1) == "inference"  # weights did

    def test_plain_is_ahead_of_both_modes_or_not(self):
        assert not judge(made()).plain_ahead
        assert judge(made(plain=0.95)).plain_ahead
        assert not judge(made(with_way(OWN_BATCH, 0.97), plain=0.95)).plain_ahead
        assert not judge(made(plain=(0.8, 0.99))).plain_ahead  # a half of the seeds
        assert not judge(made(LOST, plain=0.95)).plain_ahead


class TestStatistics:
    @pytest.mark.parametrize(
        ("precise", "better"),
        [(0.3, "precise"), (0.49, "alike"), (0.8, "running"), ((0.1, 0.6), "mixed")],
    )
    def test_precise_ones_are_a_cure_or_not(self, precise, better):
        assert judge(made(loss=with_way(PRECISE, precise, LOSSES))).statistics.better == better

    def test_counts_the_seeds_that_agree(self):
        loss = with_way(PRECISE, (0.3, 0.3, 0.6), LOSSES)
        found = judge(made(loss=loss, seeds=3)).statistics
        assert (found.better, found.agree) == ("precise", 2)

    def test_no_numbers(self):
        verdict = judge(made(LOST, LOST))
        assert verdict.statistics is verdict.momenta is verdict.even is None
        assert not verdict.tells


class TestMomenta:
    def test_best_and_worst(self):
        found = judge(made()).momenta
        assert (found.values[found.best], found.values[found.worst]) == (0.1, 0.9)
        assert found.good == (0.1, 0.3)

    @pytest.mark.parametrize(
        ("losses", "kind"),
        [
            ((0.1, 0.5, 0.5, 0.5, 1.0), "smallest"),
            ((0.8, 0.6, 0.5, 0.52, 1.0), "between"),
            ((0.8, 0.6, 0.5, 0.52, 0.2), "largest"),
            ((0.5, 0.51, 0.6, 0.7, 1.0), "several"),  # the smallest, and one between, as good
            ((0.5,) * 5, "several"),
        ],
    )
    def test_a_best_momentum_is_a_range(self, losses, kind):
        assert judge(made(loss=(*LOSSES[:FIRST_MOMENTUM], *losses))).momenta.kind == kind

    @given(st.floats(0.001, 0.999))
    def test_half_of_the_weight_lies_on_the_newest(self, momentum):
        k = memory(momentum, 100).half_life
        assert 1 - (1 - momentum) ** k >= 0.5 - 1e-9
        assert k == 1 or 1 - (1 - momentum) ** (k - 1) < 0.5

    def test_what_the_averages_rest_on(self):
        assert memory(0.01, 50).rests_on == "start"
        assert memory(0.01, 50).of_start == pytest.approx(0.605, abs=1e-3)
        assert memory(0.01, 100).rests_on == "several"
        assert memory(0.9, 100).rests_on == "newest"

    @pytest.mark.parametrize(
        ("everything", "better"),
        [(0.52, "alike"), (0.9, "running"), (0.3, "even"), ((0.1, 0.9), "mixed")],
    )
    def test_the_average_of_all(self, everything, better):
        assert judge(made(loss=with_way(2, everything, LOSSES))).even.better == better


class TestChosen:
    @pytest.mark.parametrize(
        ("losses", "better"),
        [(0.2, "chosen"), (0.52, "alike"), (0.9, "usual"), ((0.1, 0.9), "mixed")],
    )
    def test_beside_the_usual_momentum(self, losses, better):
        found = judge(made(loss=with_way(7, losses, LOSSES), momentum=0.9)).chosen
        assert found.better == better
        assert found.usual == 0.5

    def test_the_usual_one_is_beside_nothing(self):
        assert judge(made()).chosen is None
        assert judge(made(LOST, LOST, momentum=0.9)).chosen is None


class TestVariances:
    def test_of_layer_1_alone_where_the_last_one_is_like_it(self):
        found = judge(made()).variances
        assert (found.first, found.deep) == (1.25, None)

    def test_a_last_layer_that_differs(self):
        of = made()
        deep = replace(of, units=(unit(of.config, 2, 8.0), unit(of.config, 1)))
        assert judge(deep).variances.deep == 2
        low = replace(of, units=(unit(of.config, 2, 4.1), unit(of.config, 1, 3.3)))
        assert judge(low).variances.deep is None  # more than layer 1, not than the population

    def test_a_batch_of_one_has_none(self):
        assert judge(made(batch_size=1)).variances is None


class TestFewChanges:
    @pytest.mark.parametrize(
        ("changes", "why"),
        [
            ({}, None),
            ({"changed": np.full(2, 0.01), "batch_size": 64}, "many"),
            ({"changed": np.full(2, 0.01)}, "unknown"),  # a batch of 8 does not know so much
            ({"changed": np.full(2, 0.01), "accuracy": POOR}, "alike"),
        ],
    )
    def test_have_a_reason_that_the_run_allows(self, changes, why):
        assert judge(made(**changes)).why_few == why


@pytest.fixture(scope="module")
def default():
    """The page as it opens: five seeds."""
    return modes.run(ModesConfig())


class TestWhatThePageClaims:
    """At its own settings, over five seeds; and the first claim over twenty others."""

    def ends(self, result, way):
        return result.test_accuracy[way, :, -1]

    def test_the_modes_differ_in_every_seed(self, default):
        assert default.config.seeds == 5
        assert (self.ends(default, default.running) - self.ends(default, OWN_BATCH) > 0.08).all()
        assert judge(default).outcome == "inference"

    @pytest.mark.long
    def test_in_twenty_further_seeds_too(self):
        further = [modes.run(ModesConfig(seeds=10, first_seed=first)) for first in (5, 15)]
        scores = [judge(one).score for one in further]
        assert sum(score.seeds for score in scores) == 20
        assert sum(score.second for score in scores) >= 19

    def test_one_sample_alone_in_training_mode_is_a_guess(self, default):
        assert (default.evaluated[:, 0] < 0.2).all()

    def test_neighbours_of_one_class_ruin_it_in_every_seed(self, default):
        place = default.sizes.tolist().index(16)
        assert (default.evaluated[1, place] < default.evaluated[0, place] - 0.4).all()

    def test_the_largest_momentum_is_the_worst_in_every_seed(self, default):
        losses = default.test_loss[FIRST_MOMENTUM:, :, -1]
        assert (losses[-1] > 1.1 * losses[2]).all()
        assert judge(default).momenta.kind == "between"

    def test_trained_in_inference_mode_is_worse_in_every_seed(self, default):
        mistaken = left_in_inference.run(LeftInInferenceConfig.like(default.config))
        always = np.nan_to_num(mistaken.accuracy[0, :, -1], nan=0.0)
        assert (always < self.ends(default, default.running) - 0.1).all()
        assert judge_mistakes(default, mistaken).left.outcome == "worse"

    def test_the_biased_variance_falls_short_in_layer_1(self, default):
        first = unbiased_over_population(default, 1)
        assert first == pytest.approx(1, abs=0.05)
        assert first * 7 / 8 < 0.93

    def test_neighbours_decide_in_most_seeds(self, default):
        sample = judge(default).sample
        assert sample.changing >= 4
        assert sample.right == 5

    @pytest.mark.parametrize(
        "asked", [one for one in words.CHALLENGES if one.expected], ids=lambda one: one.name
    )
    @pytest.mark.long
    def test_challenges_over_five_further_seeds(self, asked):
        run = modes.run(ModesConfig(first_seed=5, **asked.setting))
        verdict = judge(run)
        if asked.on:
            mistaken = left_in_inference.run(LeftInInferenceConfig.like(run.config))
            assert (run.diverged_at[1] == NEVER).all()
            verdict = judge_mistakes(run, mistaken)
        assert asked.outcome(verdict).right == asked.expected
