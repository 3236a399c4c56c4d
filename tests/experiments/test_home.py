"""The front door: every sentence comes out differently where the result is different."""

from dataclasses import replace

import numpy as np
import pytest

from bnviz.experiments import home
from bnviz.experiments.home import HomeConfig, first_collapse, first_to_go
from bnviz.experiments.pair import NEVER, typical_seed
from bnviz.experiments.settings import complaint, knobs
from bnviz.words import home as words
from tests.samples import home_config

DEPTH, SEEDS, STEPS = 3, 2, (0, 1, 2, 3, 4)


def made(accuracies=((0.9, 0.9), (0.9, 0.9)), diverged=((NEVER, NEVER), (NEVER, NEVER)), **changes):
    """A result by hand: healthy in every layer; `accuracies` at the end, (plain, BN) x seeds."""
    changed = {name: changes.pop(name) for name in list(changes) if name in HomeConfig.model_fields}
    seeds = len(accuracies[0])
    config = home_config(**{"depth": DEPTH, "steps": STEPS[-1], "seeds": seeds} | changed)
    shape = (2, seeds, len(STEPS), config.depth)
    final = np.array(accuracies, np.float32)
    arrays = {
        "test_accuracy": final[:, :, None] * np.linspace(0.5, 1, len(STEPS), dtype=np.float32),
        "typical": 0,
        "unit_signal": np.ones((2, *shape[2:], config.width), np.float32),
        "signal": np.ones(shape, np.float32),
        "gradient": np.full(shape, 0.1, np.float32),
        "weight": np.ones(shape, np.float32),
        "idle": np.zeros(shape, np.float32),
        "diverged_at": np.array(diverged)[:, :seeds],
        "overflowed": np.full((2, seeds), NEVER),
    }
    arrays |= changes
    return home.HomeResult(config, np.array(STEPS), classes=10, **arrays)


def sick(name, value, step, layer, treatment=0, seed=0):
    """One array of a healthy result in which one layer is ill from one step on."""
    array = getattr(made(), name).copy()
    array[treatment, seed, step:, layer - 1] = value
    return {name: array}


BROKEN = ((0.1, 0.1), (0.9, 0.9))


def findings(**changes):
    return home.findings(made(**changes))


class TestTypicalSeed:
    def test_ends_nearest_to_the_median_in_both_networks(self):
        final = np.array([[0.2, 0.9, 0.9, 0.9, 0.88], [0.95, 0.95, 0.5, 0.94, 0.94]], np.float32)
        assert typical_seed(final) == 3

    def test_a_diverged_seed_is_typical_only_where_most_diverged(self):
        few = np.array([[np.nan, 0.9, 0.9], [0.9, 0.9, 0.9]], np.float32)
        most = np.array([[0.9, np.nan, np.nan], [0.9, 0.9, 0.9]], np.float32)
        assert typical_seed(few) == 1
        assert typical_seed(most) == 1

    def test_is_the_one_that_is_drawn_and_told_of(self):
        result = home.run(home_config(seeds=3, learning_rate=1.0))
        of_it = np.sqrt((result.unit_signal.astype(np.float64) ** 2).mean(-1))
        np.testing.assert_allclose(of_it, result.signal[:, result.typical], rtol=1e-5)
        assert "In seed 2 of the plain" in " ".join(findings(accuracies=BROKEN, typical=1))


class TestFates:
    def test_learned_means_closer_to_right_than_to_guessing(self):
        result = made(((0.56, 0.54), (0.1, 1.0)))
        assert result.fates(0) == ["learned", "failed"]
        assert result.fates(1) == ["failed", "learned"]

    def test_with_two_classes_guessing_is_a_half(self):
        result = replace(made(((0.7, 0.76), (0.5, 1.0))), classes=2)
        assert result.fates(0) == ["failed", "learned"]

    def test_a_divergence_is_no_ordinary_failure(self):
        result = made(((0.9, np.nan), (0.9, 0.9)), ((NEVER, 2), (NEVER, NEVER)))
        assert result.fates(0) == ["learned", "diverged"]

    def test_all_learned(self):
        first, second, *_ = findings(accuracies=((0.9, 0.9), (0.95, 0.97)))
        assert first == "**The plain network learned** in all 2 seeds: 90 % test accuracy."
        assert "BN in every layer learned** in all 2 seeds: 95 to 97 %" in second

    def test_each_fate_is_told_with_its_seeds(self):
        accuracies = ((0.9, np.nan, 0.2), (0.9, 0.9, 0.9))
        never = (NEVER,) * 3
        said = findings(accuracies=accuracies, diverged=((NEVER, 2, NEVER), never))[0]
        assert "learned in 1 of 3 seeds (90 % test accuracy)" in said
        assert "diverged in 1 of 3 seeds, at step 2" in said
        assert "did not learn in 1 of 3 seeds (20 %)" in said

    def test_nobody_learned(self):
        said = findings(accuracies=((0.1, 0.2), (0.9, 0.9)))[0]
        assert said == "**The plain network** did not learn in any of 2 seeds (10 to 20 %)."

    def test_divergences_at_different_steps(self):
        nan = np.nan
        said = findings(accuracies=((nan, nan), (0.9, 0.9)), diverged=((1, 3), (NEVER, NEVER)))[0]
        assert "diverged in all 2 seeds, between steps 1 and 3" in said

    @pytest.mark.parametrize(
        ("normalized", "name"),
        [
            ((1, 2, 3), "The network with BN in every layer"),
            ((2,), "The network with BN in layer 2"),
            ((1, 3), "The network with BN in layers 1 and 3"),
            ((), "The second network (no layer has BN)"),
        ],
    )
    def test_the_second_network_is_called_by_its_layers(self, normalized, name):
        assert name in findings(normalized=normalized)[1]


class TestFirstCollapse:
    def test_none_in_a_healthy_network(self):
        assert first_collapse(made(), 0, 0) is None
        assert first_to_go(made()) is None

    @pytest.mark.parametrize(
        ("name", "value", "sign"),
        [("signal", 101.0, "exploded"), ("idle", 0.5, "idle"), ("signal", 1e-4, "faint")],
    )
    def test_each_sign(self, name, value, sign):
        result = made(BROKEN, **sick(name, value, step=2, layer=2))
        found = first_collapse(result, 0, 0)
        assert (found.step, found.layer, found.sign) == (2, 2, sign)
        assert first_collapse(result, 0, 1) is None  # the other seed is well
        assert first_collapse(result, 1, 0) is None  # and so is the other network

    @pytest.mark.parametrize(
        ("name", "value"), [("signal", 99.0), ("idle", 0.49), ("signal", 2e-3)]
    )
    def test_just_within_the_range(self, name, value):
        assert first_collapse(made(**sick(name, value, step=2, layer=2)), 0, 0) is None

    def test_the_earliest_step_counts(self):
        late = sick("idle", 1.0, step=3, layer=1)
        early = sick("signal", 1e-4, step=1, layer=3)
        found = first_collapse(made(BROKEN, **late, **early), 0, 0)
        assert (found.step, found.layer, found.sign) == (1, 3, "faint")

    def test_the_worst_of_several_counts(self):
        array = sick("idle", 0.6, step=2, layer=1)["idle"]
        array[0, 0, 2:, 2] = 0.9
        assert first_collapse(made(BROKEN, idle=array), 0, 0).layer == 3

    def test_an_overflow_where_nothing_was_seen_before(self):
        result = made(
            ((np.nan, 0.9), (0.9, 0.9)),
            ((3, NEVER), (NEVER, NEVER)),
            overflowed=np.array([[2, NEVER], [NEVER, NEVER]]),
        )
        found = first_collapse(result, 0, 0)
        assert (found.step, found.layer, found.sign) == (3, 2, "overflowed")
        said = home.findings(result)[2]
        assert "**layer 2 went first**, at step 3" in said
        assert "32-bit" in said

    def test_the_output_layer_has_its_name(self):
        result = made(
            ((np.nan, 0.9), (0.9, 0.9)),
            ((3, NEVER), (NEVER, NEVER)),
            overflowed=np.array([[DEPTH + 1, NEVER], [NEVER, NEVER]]),
        )
        assert "the output layer went first" in home.findings(result)[2]

    def test_the_first_seed_that_did_not_learn_is_told(self):
        result = made(((0.9, 0.1), (0.9, 0.9)), **sick("idle", 1.0, step=1, layer=3, seed=1))
        assert first_to_go(result).layer == 3
        assert "In seed 2 of the plain network, **layer 3 went first**" in home.findings(result)[2]

    def test_a_collapse_of_a_network_that_learned_all_the_same_is_no_cause(self):
        result = made(**sick("idle", 1.0, step=1, layer=3))
        assert first_to_go(result) is None
        assert not any("went first" in sentence for sentence in home.findings(result))

    def test_causes_of_both_networks(self):
        arrays = sick("idle", 1.0, step=1, layer=3)
        arrays |= sick("signal", 1e-4, step=2, layer=1, treatment=1)
        *_, plain, batch, _ = findings(accuracies=((0.1, 0.1), (0.1, 0.1)), **arrays)
        assert "of the plain network, **layer 3 went first**, at step 1" in plain
        assert "of the BN network, **layer 1 went first**, at step 2" in batch


class TestHowItWent:
    def story(self, **changes):
        return findings(accuracies=BROKEN, **changes)[2]

    def test_exploded(self):
        said = self.story(**sick("signal", 2500.0, step=2, layer=2))
        assert "2,500 times what it had been at the start" in said

    def test_faint(self):
        said = self.story(**sick("signal", 2e-4, step=2, layer=2))
        assert "varies by only 0.0002 from sample to sample" in said

    def test_dead_and_saturated(self):
        ill = sick("idle", 0.75, step=2, layer=2)
        assert "75 % of its units were dead" in self.story(**ill)
        assert "75 % of its values were saturated" in self.story(activation="tanh", **ill)

    def test_blames_the_initialization_where_nothing_was_updated_yet(self):
        said = self.story(**sick("signal", 1e-4, step=0, layer=2))
        assert "the initialization did it, not the learning rate" in said
        assert "initialization" not in self.story(**sick("signal", 1e-4, step=1, layer=2))

    def test_says_how_far_one_update_moved_the_weights(self):
        ill = sick("signal", 2500.0, step=2, layer=2)
        assert "by 10 % of their length" in self.story(learning_rate=1.0, **ill)
        assert "by 5 % of their length" in self.story(learning_rate=0.5, **ill)
        assert "by 0.1 % of their length" in self.story(learning_rate=0.01, **ill)

    @pytest.mark.parametrize("optimizer", ["momentum", "adam"])
    def test_says_nothing_of_an_update_it_cannot_know(self, optimizer):
        said = self.story(optimizer=optimizer, **sick("signal", 2500.0, step=2, layer=2))
        assert "of their length" not in said

    def test_says_nothing_where_steps_before_were_not_recorded(self):
        result = made(BROKEN, **sick("signal", 2500.0, step=2, layer=2))
        sparse = replace(result, steps=np.array([0, 1, 7, 8, 9]))
        assert np.isnan(first_collapse(sparse, 0, 0).moved)
        assert "of their length" not in home.findings(sparse)[2]

    def test_too_low_a_rate(self):
        said = self.story(learning_rate=0.001)
        assert "no layer left its range" in said
        assert "too low for 4 steps" in said

    def test_only_an_accuracy_that_fell_back_does_not_settle(self):
        assert "was never above 10 % in 4 steps" in self.story(learning_rate=1.0)
        restless = made(BROKEN).test_accuracy.copy()
        restless[0, 0, 2] = 0.5
        said = self.story(learning_rate=1.0, test_accuracy=restless)
        assert "after a best of 50 % its accuracy ended at 10 %: it does not settle" in said

    def test_a_batch_of_one_is_no_question_of_the_rate(self):
        *_, told, head = findings(accuracies=((0.1, 0.1), (0.1, 0.1)), batch_size=1)
        assert "of the BN network, every mini-batch is one sample" in told
        assert "neither network learns, and the one with BN cannot: every mini-batch" in head

    def test_no_reason_is_made_up_where_the_update_is_not_known(self):
        said = self.story(learning_rate=0.001, optimizer="adam")
        assert "too low" not in said
        assert "of their length" not in said


class TestHeadline:
    def headline(self, plain, batch, **changes):
        return findings(accuracies=(plain, batch), **changes)[-1]

    @pytest.mark.parametrize(
        ("batch", "gap"),
        [
            (0.95, "BN ends 5 points above plain"),
            (0.85, "BN does not help, it ends 5 points below plain"),
            (0.91, "1 point above plain"),
            (0.89, "1 point below plain"),
            (0.903, "within a point of plain"),
        ],
    )
    def test_both_learn(self, batch, gap):
        said = self.headline((0.9, 0.9), (batch, batch))
        assert "both networks learn" in said
        assert gap in said

    def test_bn_helps(self):
        said = self.headline((0.1, 0.1), (0.9, 0.9), learning_rate=1.0)
        assert said.startswith("At a learning rate of 1 the plain network learns in none of 2")
        assert "every layer in all 2 seeds" in said
        assert "not help" not in said

    def test_bn_helps_in_some_seeds(self):
        said = self.headline((0.1, 0.1), (0.9, 0.1))
        assert "none of 2 seeds" in said
        assert "1 of 2 seeds" in said
        assert "not help" not in said

    @pytest.mark.parametrize(
        ("plain", "batch"), [((0.9, 0.9), (0.1, 0.1)), ((0.9, 0.1), (0.1, 0.9))]
    )
    def test_bn_does_not_help(self, plain, batch):
        assert "BN does not help" in self.headline(plain, batch)

    def test_neither_because_the_rate_is_too_high(self):
        said = self.headline((0.1, 0.1), (0.1, 0.1), learning_rate=10.0)
        assert said == "At a learning rate of 10 neither network learns in 4 steps."
        torn = sick("idle", 1.0, step=1, layer=3, treatment=1)
        said = self.headline((0.1, 0.1), (0.1, 0.1), learning_rate=10.0, **torn)
        assert "neither network learns: BN widens the range of rates" in said
        said = self.headline((0.1, 0.1), (0.1, 0.1), learning_rate=10.0, normalized=(1,), **torn)
        assert "neither network learns: BN in layer 1 is not enough" in said

    @pytest.mark.parametrize("ends", [(0.9, 0.9), (0.1, 0.1)])
    def test_without_bn_nothing_is_said_of_it(self, ends):
        said = findings(accuracies=(ends, ends), normalized=())
        assert said[-1].startswith("No layer has BN, so both are the same network: at a learning")
        assert not any("BN network" in one for one in said)

    def test_neither_because_the_rate_is_too_low(self):
        said = self.headline((0.1, 0.1), (0.1, 0.1), learning_rate=0.001)
        assert "too low for 4 steps" in said
        assert "neither network learns" not in said

    def test_one_seed_that_diverged_at_once_does_not_hide_what_the_others_did(self):
        gradient = made().gradient.copy()
        gradient[0, 0] = np.nan  # it recorded nothing
        gradient[1] *= 50
        for order in (gradient, gradient[:, ::-1]):
            said = self.headline((0.1, 0.1), (0.1, 0.1), learning_rate=0.001, gradient=order)
            assert "too low" not in said


@pytest.mark.parametrize("depth", [1, 2, 3, 8, 50])
def test_thirds(depth):
    thirds = [home.third_of(layer, depth) for layer in range(1, depth + 1)]
    assert thirds == sorted(thirds, key=words.THIRDS.index)
    assert thirds[0] == "the first third"
    assert depth < 3 or set(thirds) == set(words.THIRDS)


class TestPresets:
    @pytest.mark.parametrize("preset", words.PRESETS.values(), ids=list(words.PRESETS))
    def test_are_settings_of_the_knobs(self, preset):
        config = HomeConfig(**preset)
        for name, value in preset.items():
            assert value in knobs(HomeConfig)[name].options, complaint
            assert value != HomeConfig.model_fields[name].default
        assert config != HomeConfig()

    def test_are_two_to_four_one_of_them_without_help_from_bn(self):
        assert 2 <= len(words.PRESETS) <= 4
        assert any("not help" in label for label in words.PRESETS)


def learned(result):
    return [result.fates(treatment).count("learned") for treatment in range(2)]


@pytest.fixture(scope="module")
def rate_one():
    return home.run(HomeConfig(learning_rate=1.0))


class TestWhatThePageClaims:
    """At its own settings, over five seeds."""

    def test_both_learn_at_first(self):
        result = home.run(HomeConfig())
        assert learned(result) == [5, 5]
        assert "both networks learn" in home.findings(result)[-1]

    def test_at_rate_one_only_bn_learns(self, rate_one):
        assert learned(rate_one) == [0, 5]
        assert first_to_go(rate_one).sign != "faint"
        assert 0 < first_to_go(rate_one).layer <= 8

    def test_bn_in_every_second_layer_is_enough(self):
        result = home.run(HomeConfig(learning_rate=1.0, normalized=(2, 4, 6, 8)))
        assert learned(result)[1] >= 4

    def test_bn_in_the_first_layer_alone_is_not(self):
        result = home.run(HomeConfig(learning_rate=1.0, normalized=(1,)))
        assert learned(result)[1] <= 2

    def test_sigmoid_is_dead_before_the_first_step(self):
        preset = words.PRESETS["Sigmoid: dead before the first step"]
        result = home.run(HomeConfig(**preset))
        assert learned(result) == [0, 5]
        first = first_to_go(result)
        assert (first.step, first.sign) == (0, "faint")
        assert any("the initialization did it" in sentence for sentence in home.findings(result))

    def test_rate_ten_is_too_much_for_both(self):
        result = home.run(HomeConfig(learning_rate=10.0))
        assert learned(result) == [0, 0]
        assert "neither network learns" in home.findings(result)[-1]

    def test_at_a_low_rate_bn_does_not_help(self):
        result = home.run(HomeConfig(learning_rate=0.01))
        plain, batch = (float(result.test_accuracy[t, :, -1].mean()) for t in range(2))
        assert batch <= plain
        assert "above plain" not in home.findings(result)[-1]
