"""Whose values moved farther is judged, and comes out the other way where the result does."""

import numpy as np
import pytest

from bnviz.axes import BATCH, MEASURES, NEVER, PLAIN
from bnviz.experiments import activations
from bnviz.experiments.activations import PROBE_SAMPLES, ActivationsConfig
from bnviz.verdicts.activations import (
    gaussian_skewness,
    judge,
    judge_unit,
    losses_of_signal,
    thirds,
    typical,
)
from bnviz.words import activations as words
from tests.made.activations import NOBODY, UNITS, made, with_signal


def verdict(**changes):
    return judge(made(**changes))


class TestOutcome:
    @pytest.mark.parametrize(
        ("plain", "batch", "outcome"),
        [
            (1.0, 0.1, "plain farther"),
            (0.1, 1.0, "BN farther"),
            (1.1, 1.0, "as far"),
            (1.0, 1.1, "as far"),
            (1.0, 0.0, "BN not at all"),
            (0.0, 0.0, "as far"),
        ],
    )
    def test_by_the_typical_layer(self, plain, batch, outcome):
        assert verdict(moved=((plain, plain), (batch, batch))).outcome == outcome

    def test_half_of_the_seeds_are_no_rule(self):
        result = made()
        result.maps[MEASURES.index("moved"), PLAIN, 1] *= 0.01
        assert judge(result).outcome == judge(result).stopped == "unclear"

    @pytest.mark.parametrize(
        ("diverged", "outcome"),
        [
            (((2, 4), NOBODY), "diverged"),
            ((NOBODY, (2, 4)), "diverged"),
            (((2, NEVER), NOBODY), "plain farther"),
            (((1, 1), NOBODY), "at once"),
        ],
    )
    def test_diverged(self, diverged, outcome):
        assert verdict(diverged=diverged).outcome == outcome

    def test_the_ratio_has_the_range_of_the_seeds(self):
        compared = verdict(diverged=((2, NEVER), NOBODY)).compared
        factor = compared.factor
        assert (factor.low, factor.middle, factor.high) == pytest.approx((2.5, 6.25, 10))
        assert compared.agree == 2

    @pytest.mark.parametrize(
        ("accuracy", "standing"),
        [((0.9, 0.95), "second"), ((0.95, 0.9), "first"), ((0.95, 0.94), "same")],
    )
    def test_accuracy(self, accuracy, standing):
        assert verdict(accuracy=accuracy).standing == standing

    def test_fates(self):
        ended = verdict(accuracy=(0.1, 0.5))
        assert (ended.plain.fate, ended.batch.fate) == ("nothing", "little")
        assert verdict(diverged=((1, 2), NOBODY)).plain.fate == "diverged"


class TestNetwork:
    def test_layers_that_moved_most_and_least(self):
        plain = verdict(moved=((1.0, 0.5), (0.1, 0.1))).plain
        assert (plain.farthest.layer, plain.farthest.by) == (1, 1)
        assert (plain.least.layer, plain.least.by) == (2, 0.5)
        assert plain.most == 1
        assert plain.moved == 0.75

    def test_the_worst_record_of_a_seed(self):
        result = made()
        result.maps[MEASURES.index("idle"), PLAIN, 1, 2, 0] = 0.4
        worst = judge(result).plain.worst
        assert (worst.layer, worst.step) == (1, 2)
        assert worst.share == pytest.approx(0.4)


class TestSignal:
    def test_is_measured_against_the_first_layer_at_the_start(self):
        assert losses_of_signal(with_signal([[20, 1.1]] * 4), 0) == []
        assert losses_of_signal(with_signal([[1, 1], *[[9, 0.4]] * 3]), 0) == []
        assert len(losses_of_signal(with_signal([[20, 0.9]] * 4), 0)) == 2

    def test_step_layer_and_return(self):
        signal = judge(with_signal([[1, 1], [1, 1], [0.04, 0.04], [1, 1]])).plain.signal
        assert (signal.seeds, signal.layer, signal.step, signal.back) == (2, 1, 2, 2)
        signal = judge(with_signal([[1, 0.01]] * 4)).plain.signal
        assert (signal.layer, signal.step, signal.back) == (2, 0, 0)


class TestBeliefs:
    @pytest.mark.parametrize(
        ("moved", "stopped"),
        [
            (((1, 1), (0.1, 0.1)), "slows"),
            (((1, 1), (0.01, 0.02)), "nearly"),
            (((0.1, 0.1), (1, 1)), "contrary"),
            (((1, 1), (1, 1)), "as far"),
            (((1, 1), (0, 0)), "does"),
        ],
    )
    def test_stopped(self, moved, stopped):
        assert verdict(moved=moved).stopped == stopped

    @pytest.mark.parametrize(
        ("plain", "batch", "only"),
        [(0.4, 0.0, "so"), (0.4, 0.2, "no"), (0.0, 0.2, "contrary"), (0.0, 0.0, "neither")],
    )
    def test_only_plain(self, plain, batch, only):
        assert verdict(idle=((0, plain), (0, batch))).only_plain == only

    def test_nearly_gaussian_needs_both(self):
        near = {"skewness": (0.0, 0.12, 0.3), "kurtosis": (-0.4, -0.05, 0.4)}
        assert verdict(units=near).shape.nearly_gaussian
        for name in near:
            assert not verdict(units=near | {name: UNITS[name]}).shape.nearly_gaussian

    def test_what_samples_of_a_gaussian_show(self):
        draws = np.random.default_rng(1).normal(size=(4000, PROBE_SAMPLES))
        z = (draws - draws.mean(1, keepdims=True)) / draws.std(1, keepdims=True)
        median = np.median(np.abs((z**3).mean(1)))
        assert pytest.approx(median, rel=0.06) == gaussian_skewness(PROBE_SAMPLES)

    @pytest.mark.parametrize(("least", "told"), [(0.96, None), (0.7, 0.7)])
    def test_a_layer_that_does_not_start_with_deviation_1(self, least, told):
        result = made()
        result.maps[MEASURES.index("deviation"), 1, 0, 0, 1] = least
        found = judge(result).standard.least_at_start
        assert found == (told and pytest.approx(told))


class TestThirds:
    @pytest.mark.parametrize(("moved", "most"), [((1, 0.5), 0), ((0.5, 1), 2)])
    def test_of_two_layers(self, moved, most):
        found = thirds(made(moved=(moved, (0, 0))), PLAIN)
        assert found.most == most
        assert sum(found.stood) == found.seeds == 2

    def test_seeds_that_do_not_agree(self):
        result = made(moved=((1, 0.5), (0, 0)))
        result.maps[MEASURES.index("moved"), PLAIN, 1] *= np.array([0.1, 10])
        assert thirds(result, PLAIN).stood == (1, 0, 1)
        assert thirds(result, PLAIN).most is None

    def test_of_each_network_and_of_the_seed_that_is_drawn(self):
        result = made(moved=((1, 0.5), (0.5, 1)))
        assert [one.most for one in judge(result).thirds] == [0, 2]
        assert judge(result).drawn == (0, 2)
        result.maps[MEASURES.index("moved"), BATCH, 1] *= np.array([10, 0.1])  # another seed
        assert judge(result).drawn == (0, 2)
        result.maps[MEASURES.index("moved"), BATCH, 0] *= np.array([10, 0.1])
        assert judge(result).drawn == (0, 0)

    def test_of_a_drawn_network_that_diverged_nothing_is_said(self):
        assert verdict(diverged=((0, NEVER), NOBODY)).drawn[PLAIN] is None


def test_a_unit_wandered_between_its_lowest_and_highest_median():
    result = made()
    result.percentiles[0, :, 4, 1] = [0.5, -1.5, 2, np.nan]
    result.percentiles[1] = np.nan
    found = judge_unit(result, 5)
    assert found.plain == (-1.5, 2)
    assert found.batch is None


def asked(name):
    """The run of a challenge."""
    (challenge,) = (one for one in words.CHALLENGES if one.name == name)
    return activations.run(ActivationsConfig(**challenge.setting))


@pytest.fixture(scope="module")
def default():
    return activations.run(ActivationsConfig())


class TestWhatThePageClaims:
    """At its own settings, over five seeds; the first claim over twenty others."""

    def test_plain_moves_farther_and_most_in_its_last_layers(self, default):
        plain, batch = typical(default)
        assert (plain > 4 * batch).all()
        found = judge(default)
        assert found.outcome == "plain farther"
        assert found.compared.agree == 5
        assert found.stopped == "slows"
        assert [one.fate for one in found.networks] == ["learned", "learned"]
        assert not found.shape.nearly_gaussian
        assert found.standard.least_at_start is None
        assert default.map("idle")[0].max() > 0.25  # a layer with a quarter of its units dead
        assert default.map("idle")[1].max() < 0.05

    def test_most_in_the_last_third_of_most_seeds(self, default):
        assert thirds(default, PLAIN).most == 2

    @pytest.mark.long
    def test_in_twenty_further_seeds_too(self):
        config = ActivationsConfig(first_seed=100).model_copy(update={"seeds": 20})
        result = activations.run(config)
        plain, batch = typical(result)
        assert (plain > 3 * batch).all()
        assert judge(result).outcome == "plain farther"
        assert thirds(result, PLAIN).most == 2

    def test_the_network_of_the_paper(self):
        result = asked("paper")
        plain, batch = typical(result)
        assert (plain > 10 * batch).all()
        plain, batch = np.ptp(result.percentiles[:, :, :, 1], axis=1)  # of the median, every unit
        assert np.median(plain) > 3 * np.median(batch)

    def test_at_a_low_rate_bn_holds_still_and_does_not_help(self):
        result = asked("low")
        plain, batch = typical(result)
        assert (batch < 0.05).all()
        assert (plain > 5 * batch).all()
        accuracy = result.test_accuracy[:, :, -1]
        assert (accuracy[0] > accuracy[1]).sum() >= 4
        assert judge(result).standing in ("first", "same")

    def test_a_rate_that_kills_units(self):
        result = asked("dead")
        idle = result.final("idle")
        assert (idle[0].max(-1) > 0.2).sum() >= 3
        assert (idle[1] < 0.05).all()
        found = judge(result)
        assert found.plain.fate != "learned"
        assert found.batch.fate == "learned"

    def test_a_signal_that_fades(self):
        result = asked("fading")
        lost = losses_of_signal(result, 0)
        assert [(step, layer) for step, layer, _ in lost] == [(0, 4)] * 5
        assert losses_of_signal(result, 1) == []
        found = judge(result)
        assert found.plain.fate != "learned"
        assert found.batch.fate == "learned"
