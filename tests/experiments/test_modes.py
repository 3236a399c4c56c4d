"""The two modes: what is measured, against slow ways to do it."""

from itertools import pairwise

import numpy as np
import pytest
import torch
from torch import nn

from bnviz.axes import OWN_BATCH
from bnviz.engine.batchnorm import Options
from bnviz.engine.networks import Cohort, Intermediates
from bnviz.engine.statistics import normalizing_with, predicted_in_batches
from bnviz.engine.training import train
from bnviz.experiments import left_in_inference, modes
from bnviz.experiments.left_in_inference import LeftInInferenceConfig
from bnviz.experiments.mode_measures import Unit
from bnviz.experiments.modes import ModesConfig
from bnviz.experiments.settings import WORK_LIMIT
from tests.samples import tiny


def config(**changes):
    return tiny("modes", **changes)


@pytest.fixture(scope="module")
def small():
    return modes.run(config(steps=30, batch_size=8, momentum=0.3))


class TestConfig:
    def test_the_chosen_momentum_is_followed_with_the_others(self):
        assert config().momenta() == modes.MOMENTA
        assert config(momentum=0.05).momenta() == (0.01, 0.03, 0.05, 0.1, 0.3, 0.9)

    @pytest.mark.parametrize(("steps", "since"), [(1, 0), (8, 4), (100, 20), (1600, 20)])
    def test_model_train_is_forgotten_within_the_run(self, steps, since):
        assert LeftInInferenceConfig.like(config(steps=steps)).since() == since

    def test_everything_is_measured_at_the_default(self):
        assert ModesConfig().measured() == (modes.RECORDS, ModesConfig().seeds)
        assert ModesConfig().affordable() == ModesConfig()

    def test_large_networks_are_measured_less_and_within_the_limit(self):
        huge = ModesConfig(depth=50, width=256, batch_size=2, seeds=10, steps=1600)
        records, seeds = huge.measured()
        assert (records, seeds) == (modes.FEWEST_RECORDS, 1)
        assert huge.affordable().work() <= WORK_LIMIT
        assert huge.affordable().steps > 20


class TestRun:
    def test_shapes(self, small):
        ways, times = 3 + len(modes.MOMENTA), len(small.steps)
        assert small.test_loss.shape == small.test_accuracy.shape == (ways, 2, times)
        assert small.plain_loss.shape == small.plain_accuracy.shape == (2, times)
        assert small.evaluated.shape == (2, len(small.sizes), 2)
        assert small.diverged_at.shape == (2, 2)
        assert small.sizes[-1] == small.test_samples == 450
        assert [unit.layer for unit in small.units] == [2] * 6 + [1] * 6
        assert [unit.number for unit in small.units] == [1, 2, 3, 4, 5, 6] * 2
        assert small.units[0].batch.shape == (2, 30)
        assert small.sample.probability.shape == (times, 5, 10)
        assert small.steps[-1] == 30

    def test_the_sample_is_answered_in_every_seed_at_the_last_step(self, small):
        answers = small.sample.answers
        np.testing.assert_array_equal(answers[:, 0], small.sample.probability[-1].argmax(axis=1))
        other = modes.run(small.config.model_copy(update={"first_seed": 1, "seeds": 1}))
        np.testing.assert_array_equal(answers[:, 1], other.sample.answers[:, 0])

    def test_alone_in_training_mode_every_sample_gets_one_answer(self, small):
        np.testing.assert_array_equal(small.sample.alone, 1)
        right = small.evaluated[0, 0] * small.test_samples  # as many as there are of that class
        assert (right < small.test_samples / 5).all()

    def test_a_seed_that_diverged_has_no_answer(self):
        lost = modes.run(config(gain=1e4, learning_rate=1e3, depth=6))
        unknown = np.isnan(lost.test_loss[0, :, -1])
        np.testing.assert_array_equal((lost.sample.answers < 0).all(axis=0), unknown)

    def test_same_config_same_bits(self, small):
        again = modes.run(small.config, workers=1)
        for name in ("test_loss", "test_accuracy", "plain_loss", "evaluated"):
            np.testing.assert_array_equal(getattr(again, name), getattr(small, name))
        np.testing.assert_array_equal(again.sample.probability, small.sample.probability)
        np.testing.assert_array_equal(again.units[3].population, small.units[3].population)

    def test_who_is_left_in_inference_comes_out_the_same_again(self, small):
        asked = LeftInInferenceConfig.like(small.config)
        one, other = (left_in_inference.run(asked, workers=workers) for workers in (1, 2))
        np.testing.assert_array_equal(one.accuracy, other.accuracy)
        np.testing.assert_array_equal(one.steps, small.steps)
        assert one.accuracy.shape == (2, 2, len(small.steps))
        assert one.diverged_at.shape == (2, 2)

    def test_momentum_does_not_change_the_training(self, small):
        other = modes.run(small.config.model_copy(update={"momentum": 0.01}))
        np.testing.assert_array_equal(other.test_loss, small.test_loss)
        assert other.running != small.running

    def test_the_averages_predict_what_a_network_with_this_momentum_predicts(self, small):
        """An ordinary training with running averages, tested at the end as the engine does."""
        settings = small.config
        architecture = settings.architecture(normalizer="batch", options=Options(momentum=0.3))
        cohort = Cohort(architecture, range(2))
        train(cohort, range(2), settings.data(), settings.plan(2), record_at=[])
        data = settings.data()
        inputs = torch.tensor(data.test_inputs).T
        with torch.no_grad():
            logits = cohort.forward(inputs.expand(2, *inputs.shape), "inference")
        for seed in range(2):
            labels = torch.tensor(data.test_labels)
            loss = nn.functional.cross_entropy(logits[seed].T, labels)
            accuracy = (logits[seed].argmax(0) == labels).float().mean()
            assert small.test_loss[small.running, seed, -1] == pytest.approx(loss, rel=1e-4)
            assert small.test_accuracy[small.running, seed, -1] == pytest.approx(accuracy)

    def test_a_test_set_in_one_batch_does_not_care_for_its_order(self, small):
        np.testing.assert_allclose(small.evaluated[0, -1], small.evaluated[1, -1], atol=0.005)
        np.testing.assert_allclose(small.evaluated[0, 0], small.evaluated[1, 0], atol=1e-6)

    def test_the_size_of_training_batches_is_the_own_batch(self, small):
        place = small.sizes.tolist().index(8)
        np.testing.assert_allclose(
            small.evaluated[0, place], small.test_accuracy[OWN_BATCH, :, -1], atol=1e-6
        )

    def test_differences_to_torch_are_those_of_rounding(self, small):
        assert (small.from_torch < 1e-5).all()
        assert small.from_torch[0] > 0  # it was compared with something computed elsewhere

    def test_reports_and_can_be_stopped(self):
        def stop(share):
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            modes.run(config(steps=2000), stop)


def one_unit(size, batch):
    nothing = np.zeros((2, 2), np.float32)
    return Unit(layer=1, number=1, size=size, batch=batch, population=nothing)


class TestUnit:
    @pytest.mark.parametrize("momentum", [0.01, 0.3, 1.0])
    def test_averages_are_those_of_torch(self, momentum):
        """BatchNorm1d in float64, fed with batches whose statistics the unit knows."""
        random = np.random.default_rng(0)
        batches = random.normal(2, 3, size=(9, 5))
        norm = nn.BatchNorm1d(1, momentum=momentum).double()
        found = np.stack([batches.mean(1), batches.var(1, ddof=1)]).astype(np.float32)
        unit = one_unit(5, found)
        ours = unit.averages(momentum)
        assert ours.shape == (2, 10)
        for step, batch in enumerate(batches):
            np.testing.assert_allclose(ours[0, step], norm.running_mean.item(), rtol=1e-6)
            np.testing.assert_allclose(ours[1, step], norm.running_var.item(), rtol=1e-6)
            norm(torch.tensor(batch)[:, None])

    def test_biased_averages_the_variance_that_normalizes(self):
        batch = np.stack([np.zeros(400), np.full(400, 4.0)]).astype(np.float32)
        unit = one_unit(4, batch)
        assert unit.averages(0.1)[1, -1] == pytest.approx(4)
        assert unit.averages(0.1, biased=True)[1, -1] == pytest.approx(3)  # 3/4 of it

    def test_follows_the_mini_batches_of_the_training(self, small):
        """The running statistics of the whole network, from the statistics of one unit."""
        settings = small.config
        architecture = settings.architecture(normalizer="batch", options=Options(momentum=0.3))
        cohort = Cohort(architecture, [0])
        train(cohort, [0], settings.data(), settings.plan(1), record_at=[])
        for unit in small.units:
            running = cohort.layers[unit.layer - 1].running
            mean, variance = unit.averages(0.3)[:, -1]
            assert mean == pytest.approx(running.mean[unit.number - 1].item(), rel=1e-3, abs=1e-4)
            assert variance == pytest.approx(running.variance[unit.number - 1].item(), rel=1e-3)

    def test_the_population_of_layer_1_is_a_pass_over_the_training_set(self, small):
        settings = small.config
        cohort = Cohort(settings.architecture(normalizer="batch"), [0])
        train(cohort, [0], settings.data(), settings.plan(1), record_at=[])
        inputs = settings.data().train_inputs.astype(np.float64)
        values = inputs @ cohort.layers[0].weight[0].detach().double().numpy().T
        for unit in small.units:
            if unit.layer == 1:  # 1347 = 168 x 8 + 3: three samples are left out
                mean, variance = unit.population[:, -1]
                place = unit.number - 1
                assert mean == pytest.approx(values[:, place].mean(), abs=0.02)
                assert variance == pytest.approx(values[:, place].var(), rel=0.01)


class TestTheFactor:
    """What the notes say of m/(m-1) behind layers with BN."""

    @pytest.mark.parametrize("size", [2, 8])
    def test_overcorrects_and_compounds_with_depth(self, size):
        settings = ModesConfig(depth=5, batch_size=size, seeds=1)
        cohort = Cohort(settings.architecture(normalizer="batch"), [0])
        inputs = torch.tensor(settings.data().train_inputs[:1344])
        train(cohort, [0], settings.data(), settings.plan(1), record_at=[])
        pre = traced(cohort, lambda: predicted_in_batches(cohort, inputs, size))
        batches = [values.reshape(1, 32, -1, size) for values in pre]
        population = [values.var(2, unbiased=False) for values in pre]
        unbiased = [one.var(3).mean(2) for one in batches]
        ratios = [(a / b).median().item() for a, b in zip(unbiased, population, strict=True)]
        factor = size / (size - 1)
        assert ratios[0] == pytest.approx(1, abs=0.05)
        assert ratios[1:] == pytest.approx([factor] * 4, rel=0.02)

        means = torch.stack([one.mean(3).mean(2) for one in batches], dim=1)
        statistics = torch.stack([means, torch.stack(unbiased, dim=1)])
        with normalizing_with(cohort, statistics):
            shared = inputs.T[None]
            pre = traced(cohort, lambda: cohort.forward(shared, "inference"))
        left = [(a.var(2) / b).median().item() for a, b in zip(pre, unbiased, strict=True)]
        assert all(after < before for before, after in pairwise(left))
        for layer, share in enumerate(left):
            assert share >= 0.95 * (1 / factor) ** layer
        assert left[-1] < 1 / factor


def traced(cohort, forward):
    """The inputs of BN in all hidden layers, (1, units, samples), during one pass."""
    intermediates, usual = Intermediates(), cohort.forward
    cohort.forward = lambda inputs, mode: usual(inputs, mode, intermediates)
    try:
        with torch.no_grad():
            forward()
    finally:
        del cohort.forward
    return intermediates.pre_activations[: cohort.architecture.depth]
