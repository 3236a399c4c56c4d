"""Scale: what is measured."""

import numpy as np
import pytest
import torch

from bnviz.axes import NEVER
from bnviz.engine.networks import Cohort
from bnviz.engine.training import train
from bnviz.experiments import scale
from bnviz.experiments.scale import FACTORS, ScaleConfig
from bnviz.experiments.settings import GAINS, WORK_LIMIT
from tests.made.scale import NUMBERS, TENFOLD
from tests.samples import tiny


class TestConfig:
    @pytest.mark.parametrize("gain", [0.01, 0.3, 100.0])
    def test_starts_at_both_ends_and_here(self, gain):
        starts = ScaleConfig(gain=gain).starts()
        assert starts == tuple(sorted({0.01, gain, 100.0}))

    @pytest.mark.parametrize("steps", [1, 100, 5000])
    @pytest.mark.parametrize("depth", [4, 50])
    def test_what_a_page_grants_is_within_the_limit(self, steps, depth):
        asked = ScaleConfig(width=256, batch_size=512, depth=depth, steps=steps, seeds=10)
        granted = asked.affordable()
        assert granted.work() <= WORK_LIMIT or granted.steps == 1
        assert granted.affordable() == granted

    @pytest.mark.parametrize(("gain", "instead"), [(0.3, 0.3), (1.0, 1.0), (10.0, 1.0)])
    def test_the_spared_output_layer_starts_like_the_readers_or_from_one(self, gain, instead):
        assert ScaleConfig(gain=gain).spared() == instead

    def test_every_gain_is_a_setting_of_the_knob(self):
        pieces = scale.gains(ScaleConfig(seeds=5))
        assert [p.gain for p in pieces] == [*GAINS, 30.0, 100.0]
        assert all(p.seeds == 5 for p in pieces)

    @pytest.mark.parametrize(
        ("depth", "places"), [(1, [0, 0, 0, 1]), (4, [0, 1, 3, 4]), (5, [0, 2, 4, 5])]
    )
    def test_of_an_even_number_the_earlier_layer_is_in_the_middle(self, depth, places):
        assert [place(depth) for place in scale.LAYERS.values()] == places

    def test_decay_reaches_the_plan(self):
        assert ScaleConfig(decay=0.02).plan(3).weight_decay == 0.02


@pytest.fixture(scope="module")
def small():
    return scale.run(tiny("scale", depth=3, steps=40, seeds=2))


class TestRun:
    def test_shapes(self, small):
        records, factors = len(small.steps), len(FACTORS)
        assert small.output_change.shape == small.gradient_ratio.shape == (2, 2, factors)
        assert small.square.shape == small.predicted.shape == (2, 3, 2, records, 4)
        assert small.angle.shape == (2, 3, 2, records, 4, 3)
        assert small.shrank.shape == (2, 3, 2, 4)
        assert small.spared_growth.shape == (2, 2, 4)
        assert small.accuracy.shape == small.diverged_at.shape == (2, 3, 2)
        assert (small.steps[0], small.steps[-1]) == (0, 40)
        assert records <= scale.RECORDS + 2

    def test_starts_are_multiples_of_one_another(self, small):
        norms = small.square[:, :, :, 0] / small.starts[:, None, None] ** 2
        np.testing.assert_allclose(norms, norms[:1, :1] + 0 * norms, rtol=1e-4)

    def test_predicts_the_normalized_layers_alone(self, small):
        off = np.abs(small.predicted / small.square - 1)[1, small.own, :, -1]
        assert off[:, :-1].max() < 1e-3
        assert off[:, -1].min() > 1e-3

    def test_adds_up_every_step(self):
        """The prediction, from a run in which every step is recorded."""
        result = scale.run(tiny("scale", steps=8, decay=0.02))
        assert list(result.steps) == list(range(9))
        off = np.abs(result.predicted / result.square - 1)[1, result.own, :, :, :-1]
        assert off.max() < 1e-3
        np.testing.assert_array_equal(result.predicted[..., 0, :], result.square[..., 0, :])

    @pytest.mark.parametrize("optimizer", ["momentum", "adam"])
    def test_predicts_sgd_alone(self, optimizer):
        result = scale.run(tiny("scale", optimizer=optimizer))
        assert np.isnan(result.predicted).all()
        assert np.isfinite(result.square[1]).all()

    def test_multiplies_the_networks_of_the_readers_own_start(self):
        """Trained again in torch.nn's own words: the second seed's network, first layer by 10."""
        config = tiny("scale", depth=2, steps=1, learning_rate=1e-6, scaled="the first layer")
        result = scale.run(config)
        data = config.data()
        network = initial(config, seed=1)
        inputs = data.train_inputs[: scale.SAMPLES].astype(np.float64)
        before, after = (outputs(network, inputs, factor) for factor in (1.0, 10.0))
        change = np.linalg.norm(after - before) / np.linalg.norm(before)
        assert result.output_change[0, 1, TENFOLD] == pytest.approx(change, rel=1e-3)

    def test_spares_the_output_layer_alone(self):
        """What is trained last is the BN network from 100, but for its output layer."""
        config = tiny("scale", steps=30, seeds=2)
        cohort = Cohort(config.architecture(normalizer="batch"), [0, 1], [100.0, 100.0])
        with torch.no_grad():
            cohort.layers[-1].weight.mul_(0.3 / 100)
        history = train(cohort, [0, 1], config.data(), config.plan(2), record_at=[30])
        found = scale.run(config).spared[1]
        np.testing.assert_allclose(found, history.test_accuracies[:, 0], atol=0.03)

    def test_spared_weights_grow_as_those_of_their_own_training(self):
        """Where the output layer starts from 100 as well, they are the networks from there."""
        result = scale.run(tiny("scale", steps=30))
        grown = result.square[1, -1, :, -1, :-1] / result.square[1, -1, :, 0, :-1]
        np.testing.assert_allclose(result.spared_growth[1, :, :-1], grown, rtol=0.01)
        assert result.spared_growth[0].max() > 1

    def test_counts_the_steps_at_which_weights_shrank(self):
        result = scale.run(tiny("scale", steps=8, seeds=1))
        falls = result.square[..., 1:, :] < (1 - scale.NOISE) * result.square[..., :-1, :]
        np.testing.assert_array_equal(result.shrank, falls.sum(axis=3))

    def test_a_diverged_seed_has_no_accuracy(self):
        result = scale.run(tiny("scale", depth=6, learning_rate=100.0, steps=20))
        assert (result.diverged_at[0] != NEVER).any()
        np.testing.assert_array_equal(np.isnan(result.accuracy), result.diverged_at != NEVER)

    def test_the_same_config_gives_the_same_bits(self):
        one, other = (scale.run(tiny("scale", steps=4)) for _ in range(2))
        for name in (*NUMBERS, "accuracy", "shrank", "spared_growth"):
            np.testing.assert_array_equal(getattr(one, name), getattr(other, name))

    def test_one_gain_ends_as_it_does_in_company(self):
        config = tiny("scale", steps=20)
        alone, together = scale.run_gain(config), scale.run(config)
        np.testing.assert_allclose(alone.accuracy, together.accuracy[:, together.own], rtol=1e-6)


def initial(config, seed):
    """The plain network as it starts: weights by layer."""
    cohort = Cohort(config.architecture(), [seed], [config.gain])
    return [layer.weight[0].detach().double().numpy() for layer in cohort.layers]


def outputs(weights, inputs, factor):
    h = inputs.T
    for place, weight in enumerate(weights[:-1]):
        h = np.maximum((factor if place == 0 else 1.0) * weight @ h, 0)
    return weights[-1] @ h
