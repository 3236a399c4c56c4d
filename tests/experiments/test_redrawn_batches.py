"""Redrawn mini-batches: the law against all batches there are, one sample against torch.nn."""

import math
from dataclasses import replace
from itertools import combinations, pairwise

import numpy as np
import pytest
import torch
from torch import nn

from bnviz.engine.networks import Cohort
from bnviz.engine.training import train
from bnviz.experiments import noise
from bnviz.experiments import redrawn_batches as redrawn
from bnviz.experiments.redrawn_batches import AloneConfig
from tests.samples import tiny


def config(**changes):
    return tiny("noise", **changes)


@pytest.fixture(scope="module")
def alone():
    return redrawn.run(AloneConfig.like(config(steps=40)))


class TestLaw:
    VALUES = np.array([0.3, -1.2, 2.5, 0.1, 0.9, -2.0, 4.0])

    @pytest.mark.parametrize("size", [2, 3, 4, 5, 6, 7])
    def test_is_exact_over_all_batches_there_are(self, size):
        x = self.VALUES
        batches = [np.array(batch) for batch in combinations(x, size)]
        kurtosis = ((x - x.mean()) ** 4).mean() / x.var() ** 2
        means, variances = [b.mean() for b in batches], [b.var() for b in batches]
        assert redrawn.mean_theory(size, 7) == pytest.approx(np.std(means) / x.std(), abs=1e-12)
        spread = np.var(variances) / x.var() ** 2
        assert redrawn.variance_theory(size, 7, kurtosis) == pytest.approx(spread, abs=1e-12)

    @pytest.mark.parametrize("size", [2, 3, 8, 100])
    @pytest.mark.parametrize("kurtosis", [1.0, 1.8, 3.0, 9.0])
    def test_is_that_of_independent_draws_for_a_large_training_set(self, size, kurtosis):
        m, k = size, kurtosis
        independent = ((m - 1) / m) ** 2 * (k - (m - 3) / (m - 1)) / m
        assert redrawn.variance_theory(m, 10**9, k) == pytest.approx(
            independent, rel=1e-5, abs=1e-12
        )
        assert redrawn.mean_theory(m, 10**9) == pytest.approx(1 / math.sqrt(m), rel=1e-6)

    def test_measures_what_numpy_measures_batch_by_batch(self):
        cohort, data = Cohort(config().architecture(), [3]), config(train_size=64).data()
        sampling = redrawn.sampling_noise(cohort, data, draws=20)
        assert sampling.samples == 64
        assert sampling.sizes.tolist() == [2, 4, 8, 16, 32]
        weight = cohort.layers[0].weight[0].detach().double().numpy()
        values = data.train_inputs.astype(np.float64) @ weight.T
        scale = values.std(0)
        orders = redrawn._permutations(20, 64, redrawn.LAW_SEED).numpy()
        for row, size in enumerate(sampling.sizes):
            batches = [values[order[:size]] for order in orders]
            assert all(len(set(order[:size])) == size for order in orders)
            for ours, theirs in (
                (sampling.mean, [b.mean(0) / scale for b in batches]),
                (sampling.variance, [b.var(0) / scale**2 for b in batches]),
                (sampling.std, [b.std(0) / scale for b in batches]),
            ):
                np.testing.assert_allclose(ours[row], np.std(theirs, axis=0, ddof=1), rtol=1e-5)
        centred = (values - values.mean(0)) / scale
        np.testing.assert_allclose(sampling.kurtosis, (centred**4).mean(0), rtol=1e-5)

    def test_is_met_within_the_error_of_sampling(self, alone):
        sampling = alone.sampling
        # the deviation of n draws is known to 1/sqrt(2n) if they are normal, less well otherwise
        error = 1 / math.sqrt(2 * redrawn.LAW_DRAWS)
        assert np.abs(sampling.mean / sampling.mean_theory[:, None] - 1).max() < 5 * error
        away = np.abs(sampling.variance / sampling.variance_theory - 1)
        assert np.median(away, axis=1).max() < 3 * error
        assert away.max() < 12 * error

    def test_the_simple_law_is_missed_by_much_more(self, alone):
        sampling = (
            alone.sampling
        )  # so that the test above means something: no factor for the small set
        last = sampling.mean[-1] / (1 / np.sqrt(sampling.sizes[-1])) - 1
        assert np.abs(last).min() > 5 / math.sqrt(2 * redrawn.LAW_DRAWS)

    def test_a_unit_that_is_constant_has_no_spread(self):
        cohort = Cohort(config().architecture(), [0])
        with torch.no_grad():
            cohort.layers[0].weight[0, 3] = 0
        sampling = redrawn.sampling_noise(cohort, config().data(), draws=5)
        assert np.isnan(sampling.mean[:, 3]).all()
        assert np.isfinite(np.delete(sampling.mean, 3, axis=1)).all()


@pytest.fixture(scope="module")
def network():
    """A trained network of one replica, and its data."""
    settings = config(train_size=64)
    data = settings.data()
    cohort = Cohort(settings.architecture(normalizer="batch"), [0])
    train(cohort, [0], data, replace(settings.plan(1), steps=30))
    return cohort, data


class TestOneSample:
    def test_takes_the_classes_in_turn(self):
        data = config().data()
        places = [data.place_of(number) for number in range(12)]
        assert data.test_labels[places].tolist() == [*range(10), 0, 1]
        assert len(set(places)) == 12

    def test_is_what_torch_nn_makes_of_each_batch(self, network):
        cohort, data = network
        in_batches = redrawn.one_sample(cohort, data, 7)
        assert in_batches.label == 7
        place = data.place_of(7)
        sample = torch.tensor(data.test_inputs[[place]])
        orders = redrawn._permutations(redrawn.SAMPLE_DRAWS, 64, redrawn.SAMPLE_SEED)
        slow = as_modules(cohort)
        for row, size in enumerate(in_batches.sizes):
            for draw in (0, 1, 17):
                mates = torch.tensor(data.train_inputs)[orders[draw, : size - 1]]
                batch = torch.cat([sample, mates])
                with torch.no_grad():
                    there = slow(batch)[0].softmax(0)[7]
                    z = (batch.double() @ slow[0].weight.T.double())[:, in_batches.unit]
                assert in_batches.probability[row, draw] == pytest.approx(there.item(), abs=1e-4)
                xh = (z[0] - z.mean()) / (z.var(correction=0) + 1e-5).sqrt()
                assert in_batches.activation["both"][row, draw] == pytest.approx(
                    xh.item(), abs=1e-4
                )

    def test_no_value_is_beyond_its_bound_and_two_leave_only_the_sign(self, alone):
        other = redrawn.run(AloneConfig.like(config(sample=3)))
        for in_batches in (alone.in_batches, other.in_batches):
            values = np.abs(in_batches.activation["both"])
            assert (values <= np.sqrt(in_batches.sizes - 1)[:, None] + 1e-5).all()
            assert (values[0] > 0.98).mean() > 0.95

    def test_both_noises_are_the_product_of_the_two(self, alone):
        in_batches = alone.in_batches
        both, mean, std = (in_batches.activation[part] for part in redrawn.PARTS)
        # (x - mu_B)/s_B = (x - mu_B)/s * s/s_B, and s/s_B = deviation alone / steady
        np.testing.assert_allclose(both, mean * std / in_batches.steady, rtol=1e-3, atol=1e-4)

    def test_the_unit_lies_one_deviation_off(self, network):
        cohort, data = network
        in_batches = redrawn.one_sample(cohort, data, 7)
        weight = cohort.layers[0].weight[0].detach().double().numpy()
        theirs = data.train_inputs @ weight.T
        mine = data.test_inputs[data.place_of(7)] @ weight.T
        steady = (mine - theirs.mean(0)) / theirs.std(0)
        assert in_batches.unit == np.abs(np.abs(steady) - 1).argmin()
        assert in_batches.steady == pytest.approx(steady[in_batches.unit], rel=1e-3)

    def test_more_company_less_jitter(self, alone):
        spread = np.nanstd(alone.in_batches.activation["both"], axis=1)
        assert all(a > b for a, b in pairwise(spread[1:]))

    def test_changes_nothing(self, network):
        cohort, data = network
        before = [t.clone() for t in cohort.parameters() + cohort.buffers()]
        architecture = cohort.architecture
        redrawn.one_sample(cohort, data, 0)
        assert cohort.architecture is architecture
        for old, new in zip(before, cohort.parameters() + cohort.buffers(), strict=True):
            assert torch.equal(old, new)

    def test_large_networks_get_fewer_batches(self):
        big = AloneConfig(depth=3, width=256)
        draws = [big.draws(size) for size in (2, 64, 512)]
        assert draws[0] == redrawn.SAMPLE_DRAWS
        assert draws[-1] == redrawn.FEWEST_DRAWS
        assert draws == sorted(draws, reverse=True)


def as_modules(cohort):
    """The one replica as ordinary modules in training mode, without running statistics."""
    modules = []
    for layer in cohort.layers[:-1]:
        outputs, inputs = layer.weight.shape[1:]
        linear = nn.Linear(inputs, outputs, bias=False)
        norm = nn.BatchNorm1d(outputs, track_running_stats=False)
        with torch.no_grad():
            linear.weight.copy_(layer.weight[0])
            norm.weight.copy_(layer.gamma)
            norm.bias.copy_(layer.beta)
        modules += [linear, norm, nn.ReLU()]
    last = cohort.layers[-1]
    linear = nn.Linear(last.weight.shape[2], last.weight.shape[1])
    with torch.no_grad():
        linear.weight.copy_(last.weight[0])
        linear.bias.copy_(last.bias[0, :, 0])
    return nn.Sequential(*modules, linear)


class TestRun:
    def test_the_one_network_is_that_of_the_whole_batch(self, alone):
        again = redrawn.run(alone.config)
        np.testing.assert_array_equal(again.sampling.variance, alone.sampling.variance)
        np.testing.assert_array_equal(again.in_batches.probability, alone.in_batches.probability)
        of = alone.config
        history = noise.one_training(of, of.chunks()[-1], kept=[0])(lambda step: None)
        in_batches = redrawn.one_sample(history.cohort, of.data(), of.sample)
        np.testing.assert_array_equal(in_batches.probability, alone.in_batches.probability)
