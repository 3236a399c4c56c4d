"""Noise: the law against slow sampling, ghost batches against torch.nn, and every sentence."""

import math
from dataclasses import replace
from itertools import combinations, pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from streamlit.runtime.scriptrunner import StopException
from streamlit.testing.v1 import AppTest
from torch import nn

from bnviz.engine.batches import BatchOrder
from bnviz.engine.data import load
from bnviz.engine.networks import Architecture, Cohort
from bnviz.engine.normalization import Options
from bnviz.engine.training import Plan, train
from bnviz.experiments import noise
from bnviz.experiments.noise import NoiseConfig, PairResult
from bnviz.experiments.pair import NEVER
from bnviz.experiments.settings import WORK_LIMIT, knobs
from bnviz.ui.answers import page
from bnviz.words import noise as words
from tests.samples import tiny

ROOT = Path(__file__).resolve().parents[2]


def config(**changes):
    return tiny("noise", **changes)


@pytest.fixture(scope="module")
def small():
    return noise.run(config(steps=40))


@pytest.fixture(scope="module")
def alone():
    return noise.run_alone(noise.AloneConfig.like(config(steps=40)))


class TestConfig:
    @pytest.mark.parametrize(
        ("batch", "chunks"),
        [
            (64, (2, 4, 8, 16, 32, 64)),
            (1, (1,)),
            (2, (2,)),
            (3, (3,)),
            (12, (2, 4, 12)),
            (100, (2, 4, 100)),
        ],
    )
    def test_chunks_divide_the_batch_and_end_with_it(self, batch, chunks):
        assert config(batch_size=batch).chunks() == chunks

    def test_a_batch_is_no_larger_than_the_training_set(self):
        assert config(batch_size=512, train_size=128).chunks()[-1] == 128

    @pytest.mark.parametrize("name", ["digits", "moons"])
    def test_samples_and_wrong_labels(self, name):
        few = config(dataset=name, train_size=256, wrong_labels=0.1).data()
        clean = load(name, 256)
        assert len(few.train_labels) == 256
        assert (few.train_labels != clean.train_labels).sum() == 26
        np.testing.assert_array_equal(few.test_labels, clean.test_labels)

    def test_all_samples_are_as_many_as_there_are(self):
        assert len(config(train_size=1347, dataset="moons").data().train_labels) == 1000
        assert len(config(train_size=1347).data().train_labels) == 1347
        shown = knobs(NoiseConfig)["train_size"].show
        assert [shown(size) for size in (512, 1347)] == ["512", "all"]

    def test_the_rate_falls_to_zero(self):
        plan = config(steps=100, learning_rate=0.5).plan(3)
        assert plan.learning_rates == (0.5, 0.5, 0.5)
        assert plan.factor(0) == 1
        assert plan.factor(50) == pytest.approx(0.5)
        assert plan.factor(99) < 0.001

    def test_all_chunk_sizes_are_in_the_estimate_and_within_the_limit(self):
        one, many = (NoiseConfig(batch_size=64), noise.dropouts(NoiseConfig())[0])
        assert one.work() > 2.5 * many.work()
        assert NoiseConfig().affordable() == NoiseConfig()
        huge = NoiseConfig(depth=50, width=256, batch_size=512, train_size=1347, seeds=3)
        assert huge.work() > WORK_LIMIT
        assert huge.affordable().work() < 1.2 * WORK_LIMIT


class TestLaw:
    VALUES = np.array([0.3, -1.2, 2.5, 0.1, 0.9, -2.0, 4.0])

    @pytest.mark.parametrize("size", [2, 3, 4, 5, 6, 7])
    def test_is_exact_over_all_batches_there_are(self, size):
        x = self.VALUES
        batches = [np.array(batch) for batch in combinations(x, size)]
        kurtosis = ((x - x.mean()) ** 4).mean() / x.var() ** 2
        means, variances = [b.mean() for b in batches], [b.var() for b in batches]
        assert noise.mean_law(size, 7) == pytest.approx(np.std(means) / x.std(), abs=1e-12)
        spread = np.var(variances) / x.var() ** 2
        assert noise.variance_law(size, 7, kurtosis) == pytest.approx(spread, abs=1e-12)

    @pytest.mark.parametrize("size", [2, 3, 8, 100])
    @pytest.mark.parametrize("kurtosis", [1.0, 1.8, 3.0, 9.0])
    def test_is_that_of_independent_draws_for_a_large_training_set(self, size, kurtosis):
        m, k = size, kurtosis
        independent = ((m - 1) / m) ** 2 * (k - (m - 3) / (m - 1)) / m
        assert noise.variance_law(m, 10**9, k) == pytest.approx(independent, rel=1e-5, abs=1e-12)
        assert noise.mean_law(m, 10**9) == pytest.approx(1 / math.sqrt(m), rel=1e-6)

    def test_measures_what_numpy_measures_batch_by_batch(self):
        cohort, data = Cohort(config().architecture(), [3]), config(train_size=64).data()
        law = noise.statistics_law(cohort, data, draws=20)
        assert law.samples == 64
        assert law.sizes.tolist() == [2, 4, 8, 16, 32]
        weight = cohort.layers[0].weight[0].detach().double().numpy()
        values = data.train_inputs.astype(np.float64) @ weight.T
        scale = values.std(0)
        orders = noise._permutations(20, 64, noise.LAW_SEED).numpy()
        for row, size in enumerate(law.sizes):
            batches = [values[order[:size]] for order in orders]
            assert all(len(set(order[:size])) == size for order in orders)
            for ours, theirs in (
                (law.mean, [b.mean(0) / scale for b in batches]),
                (law.variance, [b.var(0) / scale**2 for b in batches]),
                (law.deviation, [b.std(0) / scale for b in batches]),
            ):
                np.testing.assert_allclose(ours[row], np.std(theirs, axis=0, ddof=1), rtol=1e-5)
        centred = (values - values.mean(0)) / scale
        np.testing.assert_allclose(law.kurtosis, (centred**4).mean(0), rtol=1e-5)

    def test_is_met_within_the_error_of_sampling(self, alone):
        law = alone.law
        # the deviation of n draws is known to 1/sqrt(2n) if they are normal, less well otherwise
        error = 1 / math.sqrt(2 * noise.LAW_DRAWS)
        assert np.abs(law.mean / law.mean_law[:, None] - 1).max() < 5 * error
        away = np.abs(law.variance / law.variance_law - 1)
        assert np.median(away, axis=1).max() < 3 * error
        assert away.max() < 12 * error

    def test_the_simple_law_is_missed_by_much_more(self, alone):
        law = alone.law  # so that the test above means something: no factor for the small set
        last = law.mean[-1] / (1 / np.sqrt(law.sizes[-1])) - 1
        assert np.abs(last).min() > 5 / math.sqrt(2 * noise.LAW_DRAWS)

    def test_a_unit_that_is_constant_has_no_spread(self):
        cohort = Cohort(config().architecture(), [0])
        with torch.no_grad():
            cohort.layers[0].weight[0, 3] = 0
        law = noise.statistics_law(cohort, config().data(), draws=5)
        assert np.isnan(law.mean[:, 3]).all()
        assert np.isfinite(np.delete(law.mean, 3, axis=1)).all()


class Ghost(nn.Module):
    """BatchNorm1d, one chunk after the other, each from the same old running statistics."""

    def __init__(self, width, chunk):
        super().__init__()
        self.norm, self.chunk = nn.BatchNorm1d(width), chunk

    def forward(self, z):
        named = dict(self.norm.named_parameters())
        parts, statistics = [], []
        for part in z.split(self.chunk):
            old = {name: buffer.clone() for name, buffer in self.norm.named_buffers()}
            parts.append(torch.func.functional_call(self.norm, named | old, part))
            statistics.append(old)  # by now, with this chunk in them
        for name in ("running_mean", "running_var"):
            getattr(self.norm, name).copy_(torch.stack([one[name] for one in statistics]).mean(0))
        return torch.cat(parts)


@pytest.mark.parametrize("chunk", [2, 4, 8, 16])
def test_ghost_batches_are_batch_norm_chunk_by_chunk(chunk):
    """Some steps of the lesson's training in float64 against torch.nn and torch.optim."""
    data = config(train_size=32).data()
    options = Options(chunk=chunk)
    architecture = Architecture(64, 10, 2, 6, normalizer="batch", options=options)
    cohort = Cohort(architecture, [1], dtype=torch.float64)
    layers = [
        nn.Linear(64, 6, bias=False), Ghost(6, chunk), nn.ReLU(),
        nn.Linear(6, 6, bias=False), Ghost(6, chunk), nn.ReLU(), nn.Linear(6, 10),
    ]  # fmt: skip
    slow = nn.Sequential(*layers).double()
    with torch.no_grad():
        for ours, theirs in zip(cohort.layers, (layers[0], layers[3], layers[6]), strict=True):
            theirs.weight.copy_(ours.weight[0])
        layers[6].bias.zero_()
    plan = Plan((0.1,), 3, 16, "momentum", "cosine")
    history = train(cohort, [1], data, plan, record_at=[])
    order, optimizer = BatchOrder([1], 32, 16), torch.optim.SGD(slow.parameters(), 0.1, 0.9)
    inputs, labels = torch.tensor(data.train_inputs).double(), torch.tensor(data.train_labels)
    for step in range(3):
        batch = order.at(step)[0]
        loss = nn.functional.cross_entropy(slow(inputs[batch]), labels[batch])
        assert history.batch_losses[0, step] == pytest.approx(loss.item(), rel=1e-6)
        optimizer.param_groups[0]["lr"] = 0.1 * plan.factor(step)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    for ours, theirs in zip(cohort.layers, (layers[0], layers[3], layers[6]), strict=True):
        torch.testing.assert_close(ours.weight[0], theirs.weight, rtol=1e-8, atol=1e-10)
    for ours, theirs in zip(cohort.layers[:2], (layers[1].norm, layers[4].norm), strict=True):
        torch.testing.assert_close(ours.running.mean, theirs.running_mean, rtol=1e-8, atol=1e-10)
        torch.testing.assert_close(ours.running.variance, theirs.running_var, rtol=1e-8, atol=1e-10)


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
        places = [noise._place(data, number) for number in range(12)]
        assert data.test_labels[places].tolist() == [*range(10), 0, 1]
        assert len(set(places)) == 12

    def test_is_what_torch_nn_makes_of_each_batch(self, network):
        cohort, data = network
        jitter = noise.one_sample(cohort, data, 7)
        assert jitter.label == 7
        place = noise._place(data, 7)
        sample = torch.tensor(data.test_inputs[[place]])
        orders = noise._permutations(noise.SAMPLE_DRAWS, 64, noise.SAMPLE_SEED)
        slow = as_modules(cohort)
        for row, size in enumerate(jitter.sizes):
            for draw in (0, 1, 17):
                mates = torch.tensor(data.train_inputs)[orders[draw, : size - 1]]
                batch = torch.cat([sample, mates])
                with torch.no_grad():
                    there = slow(batch)[0].softmax(0)[7]
                    z = (batch.double() @ slow[0].weight.T.double())[:, jitter.unit]
                assert jitter.probability[row, draw] == pytest.approx(there.item(), abs=1e-4)
                xh = (z[0] - z.mean()) / (z.var(correction=0) + 1e-5).sqrt()
                assert jitter.activation["both"][row, draw] == pytest.approx(xh.item(), abs=1e-4)

    def test_no_value_is_beyond_its_bound_and_two_leave_only_the_sign(self, alone):
        other = noise.run_alone(noise.AloneConfig.like(config(sample=3)))
        for jitter in (alone.jitter, other.jitter):
            values = np.abs(jitter.activation["both"])
            assert (values <= np.sqrt(jitter.sizes - 1)[:, None] + 1e-5).all()
            assert (values[0] > 0.98).mean() > 0.95

    def test_both_noises_are_the_product_of_the_two(self, alone):
        jitter = alone.jitter
        both, mean, deviation = (jitter.activation[part] for part in noise.PARTS)
        # (x - mu_B)/s_B = (x - mu_B)/s * s/s_B, and s/s_B = deviation alone / steady
        np.testing.assert_allclose(both, mean * deviation / jitter.steady, rtol=1e-3, atol=1e-4)

    def test_the_unit_lies_one_deviation_off(self, network):
        cohort, data = network
        jitter = noise.one_sample(cohort, data, 7)
        weight = cohort.layers[0].weight[0].detach().double().numpy()
        theirs = data.train_inputs @ weight.T
        mine = data.test_inputs[noise._place(data, 7)] @ weight.T
        steady = (mine - theirs.mean(0)) / theirs.std(0)
        assert jitter.unit == np.abs(np.abs(steady) - 1).argmin()
        assert jitter.steady == pytest.approx(steady[jitter.unit], rel=1e-3)

    def test_more_company_less_jitter(self, alone):
        spread = np.nanstd(alone.jitter.activation["both"], axis=1)
        assert all(a > b for a, b in pairwise(spread[1:]))

    def test_changes_nothing(self, network):
        cohort, data = network
        before = [t.clone() for t in cohort.parameters() + cohort.buffers()]
        architecture = cohort.architecture
        noise.one_sample(cohort, data, 0)
        assert cohort.architecture is architecture
        for old, new in zip(before, cohort.parameters() + cohort.buffers(), strict=True):
            assert torch.equal(old, new)

    def test_large_networks_get_fewer_batches(self):
        big = NoiseConfig(depth=3, width=256)
        draws = [big.draws(size) for size in (2, 64, 512)]
        assert draws[0] == noise.SAMPLE_DRAWS
        assert draws[-1] == noise.FEWEST_DRAWS
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
    def test_shapes(self, small):
        rows, records = 1 + len(small.chunks), len(small.steps)
        for values in (small.train_loss, small.test_loss, small.test_accuracy):
            assert values.shape == (rows, 2, records)
        assert small.diverged_at.shape == (rows, 2)
        assert small.chunks.tolist() == [2, 4, 8, 16, 32]
        assert small.steps[-1] == 40

    def test_same_config_same_bits(self, small):
        again = noise.run(small.config, workers=1)
        for name in ("train_loss", "test_loss", "test_accuracy", "diverged_at"):
            np.testing.assert_array_equal(getattr(again, name), getattr(small, name))

    def test_the_one_network_is_that_of_the_whole_batch(self, alone):
        again = noise.run_alone(alone.config)
        np.testing.assert_array_equal(again.law.variance, alone.law.variance)
        np.testing.assert_array_equal(again.jitter.probability, alone.jitter.probability)
        of = alone.config
        history = noise._training(of, of.data(), of.chunks()[-1], kept=[0])(lambda step: None)
        jitter = noise.one_sample(history.cohort, of.data(), of.sample)
        np.testing.assert_array_equal(jitter.probability, alone.jitter.probability)

    def test_the_networks_differ_in_their_chunks_alone(self, small):
        """The whole batch and plain are the pair that any other lesson would train."""
        pair = noise.run_pair(noise.PairConfig.like(small.config, dropout=0.0))
        np.testing.assert_array_equal(small.test_accuracy[[0, -1], :, -1], pair.test_accuracy)
        np.testing.assert_array_equal(small.test_loss[[0, -1], :, -1], pair.test_loss)

    def test_dropout_reaches_both_networks(self, small):
        without, much = (
            noise.run_pair(noise.PairConfig.like(small.config, dropout=rate)) for rate in (0.0, 0.7)
        )
        assert (without.test_loss != much.test_loss).all()

    def test_reports_up_to_the_end_and_can_be_stopped(self):
        def stop(share):
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            noise.run(config(steps=2000), stop)


CHUNKS = (2, 4, 8, 16)


def made(accuracy, train_loss=None, test_loss=None, seeds=2, **changes):
    """A result by hand: plain first, then the chunks; numbers for all seeds, or one for each."""
    rows = len(accuracy)
    settings = {"batch_size": 2 ** (rows - 1), "seeds": seeds} | changes

    def over_seeds(values, default):
        values = [default] * rows if values is None else values
        per_seed = np.stack([np.broadcast_to(v, seeds) for v in values]).astype(np.float32)
        return np.stack([np.full_like(per_seed, 9.0), per_seed], axis=-1)

    of = config(**settings)
    return noise.NoiseResult(
        of, np.array([0, 8]), np.array(of.chunks()), over_seeds(train_loss, 0.5),
        over_seeds(test_loss, 0.5), over_seeds(accuracy, 0.5),
        np.full((rows, seeds), NEVER), 450,
    )  # fmt: skip


def made_alone():
    """What one network makes of redrawn batches, by hand."""
    sizes = np.array([2, 4, 8, 16])
    law = noise.Law(
        512, sizes, np.tile(1 / np.sqrt(sizes)[:, None], (1, 3)), np.full((4, 3), 0.2),
        np.full((4, 3), 0.1), 1 / np.sqrt(sizes), np.full((4, 3), 0.2), np.full(3, 3.0),
    )  # fmt: skip
    probability = np.linspace(0.3, 0.7, 11)[None] + np.zeros((4, 1))
    probability[2:] = 0.5
    parts = {part: np.zeros((4, 11), np.float32) for part in noise.PARTS}
    jitter = noise.Jitter(np.zeros(64), 7, 0, sizes, parts, probability, 1.0, 0.5)
    return noise.AloneResult(noise.AloneConfig(), law, jitter)


NAN = math.nan
U = (0.7, 0.4, 0.9, 0.85, 0.8)  # plain, chunks of 2, 4, 8, 16
RISING = (0.7, 0.4, 0.5, 0.6, 0.8)
FLAT = (0.7, 0.4, 0.805, 0.81, 0.8)
FALLING = (0.7, 0.95, 0.9, 0.85, 0.8)
LOST = (0.7, NAN, NAN, NAN, NAN)
ALONE = (0.7, 0.8)  # plain, and chunks of 2, which are the whole batch


class TestBest:
    @pytest.mark.parametrize(
        ("accuracy", "best"), [(U, 2), (RISING, 4), (FALLING, 1), (LOST, None), (ALONE, 1)]
    )
    def test_is_the_row_of_the_highest(self, accuracy, best):
        assert made(accuracy).best() == best

    def test_of_equals_the_one_with_the_least_noise(self):
        assert made((0.7, 0.8, 0.9, 0.9, 0.5)).best() == 3

    def test_a_lost_seed_is_left_out(self):
        assert made((0.7, 0.4, (NAN, 0.95), 0.9, 0.8)).best() == 2


class TestHeadline:
    def said(self, *arguments, **changes):
        return noise.findings(made(*arguments, **changes))[0]

    def test_noise_helps(self):
        said = self.said(U)
        assert said.startswith("**BN's noise helps**: 90 % test accuracy with chunks of 4, 80 %")
        assert said.endswith("whole batch of 16. Better in all 2 seeds.")

    def test_counts_the_seeds(self):
        assert "Better in 1 of 2 seeds" in self.said((0.7, 0.4, (0.99, 0.79), 0.85, 0.8))

    def test_noise_does_not_help(self):
        said = self.said(RISING)
        assert said.startswith("**Here the noise does not help**: no smaller chunk beats the whole")
        assert "80 % test accuracy. Closest are chunks of 8, with 60 %." in said

    def test_does_not_help_by_little(self):
        said = self.said((0.7, 0.4, 0.79, 0.5, 0.8))
        assert said.startswith("**Here the noise does not help**")
        assert "Closest are chunks of 4, 4 test samples of 450 behind." in said
        assert "a draw" not in said

    def test_a_draw(self):
        said = self.said((0.7, 0.4, 0.8, 0.5, 0.8))
        assert said.startswith("**Here the noise does not help**")
        assert "At best, with chunks of 4, it is a draw." in said

    def test_little_difference(self):
        said = self.said(FLAT)
        assert said.startswith("**The noise makes little difference here**: 81 %")
        assert said.endswith("about 4 test samples of 450.")

    def test_one_sample_is_one(self):
        assert "about 1 test sample of 450" in self.said((0.7, 0.4, 0.802, 0.5, 0.8))
        said = self.said((0.7, 0.4, 0.801, 0.5, 0.8))  # between two seeds of an even number
        assert said.endswith(", less than one test sample of 450.")

    def test_all_diverged(self):
        assert self.said(LOST).startswith("**Every network with BN diverged**")

    def test_the_whole_batch_diverged(self):
        said = self.said((0.7, 0.4, 0.9, 0.85, NAN))
        assert said.startswith("**BN over the whole batch of 16 diverged**; chunks of 4 reached 90")

    def test_nobody_learned(self):
        said = self.said((0.7, 0.3, 0.5, 0.4, 0.3))
        assert said.startswith(
            "**No network with BN learned much here**: the best, in chunks of 4,"
        )

    def test_what_counts_as_learning_depends_on_the_classes(self):
        few = (0.7, 0.3, 0.7, 0.4, 0.3)
        assert self.said(few).startswith("**Only smaller chunks learned much here**: chunks of 4")
        assert self.said(few, dataset="moons").startswith(
            "**No network with BN learned much here**"
        )

    def test_smaller_chunks_diverged(self):
        said = self.said((0.7, NAN, NAN, NAN, 0.8))
        assert said.startswith("**Here the noise does not help**")
        assert said.endswith("80 % test accuracy.")

    def test_no_two_chunk_sizes(self):
        assert self.said(ALONE).startswith("**Nothing to compare**: a batch of 2 has")


class TestSignature:
    def said(self, train_loss, test_loss, accuracy=U):
        return noise._signature(made(accuracy, train_loss, test_loss))

    def test_of_a_regularizer(self):
        said = self.said((0, 2, 1, 0.5, 0.1), (0, 2, 0.4, 0.5, 0.6))
        assert "training loss goes from 0.1 to 1 and test loss from 0.6 to 0.4" in said
        assert "(lower in all 2 seeds)" in said
        assert said.endswith("That is what a regularizer does.")

    def test_where_the_seeds_disagree_it_is_no_sign(self):
        result = made(U, (0, 2, 1, 0.5, 0.1), (0, 2, 0.4, 0.5, 0.6))
        result.test_loss[2, :, -1] = 0.7, 0.1
        assert noise._signature(result).endswith(
            "(lower in 1 of 2 seeds): on new data the seeds disagree."
        )

    def test_harder_to_fit_and_no_better(self):
        said = self.said((0, 2, 1, 0.5, 0.1), (0, 2, 0.9, 0.5, 0.6))
        assert "(lower in none of 2 seeds): harder to fit, and no better on new data." in said
        assert "little overfitting" not in said  # 0.6 is far above 0.1

    def test_nothing_to_prevent(self):
        said = self.said((0, 2, 1, 0.5, 0.5), (0, 2, 0.9, 0.5, 0.6))
        assert "test loss (0.6) is not far above training loss (0.5)" in said
        assert "there is little overfitting to prevent" in said
        assert "is below" in self.said((0, 2, 1, 0.5, 0.7), (0, 2, 0.9, 0.5, 0.6))

    def test_better_on_both(self):
        said = self.said((0, 2, 0.05, 0.5, 0.1), (0, 2, 0.4, 0.5, 0.6))
        assert said.endswith("this is not the work of a regularizer.")

    def test_easier_and_no_better(self):
        said = self.said((0, 2, 0.05, 0.5, 0.1), (0, 2, 0.9, 0.5, 0.6))
        assert "easier to fit, and no better on new data" in said

    @pytest.mark.parametrize("accuracy", [ALONE, LOST])
    def test_says_nothing_where_there_is_nothing(self, accuracy):
        assert noise._signature(made(accuracy)) == ""
        assert self.said((0, 2, NAN, 0.5, 0.1), (0, 2, NAN, 0.5, 0.6)) == ""


class TestTurning:
    def test_the_noise_cost_first(self):
        result = made(U)
        result.steps[0], result.test_accuracy[2, :, 0], result.test_accuracy[-1, :, 0] = 3, 0.2, 0.5
        said = noise._turning(result)
        assert said.startswith("The noise costs first: at step 3 the whole batch was still ahead")
        result.test_accuracy[2, :, 0] = 0.499  # both are 50 %, as it is written
        assert "at step 3" not in noise._turning(result)
        assert "chunks of 4, 50 % against 20 %" in said

    def test_it_never_did(self):
        result = made(U)
        result.test_accuracy[-1, :, 0] = 10.0  # but at step 0, where nobody has learned
        assert noise._turning(result) == ""
        result.steps[0], result.test_accuracy[-1, :, 0] = 3, 0.1
        assert noise._turning(result) == ""

    @pytest.mark.parametrize("accuracy", [RISING, ALONE, LOST])
    def test_says_nothing_where_there_is_nothing(self, accuracy):
        assert noise._turning(made(accuracy)) == ""


class TestPairsOfValues:
    def test_too_much_noise(self):
        said = noise._pairs_of_values(made(U))
        assert said.endswith("that is too much noise, and test accuracy falls to 40 %.")

    def test_even_so(self):
        said = noise._pairs_of_values(made(FALLING))
        assert said.endswith("even so, test accuracy is 95 %.")

    @pytest.mark.parametrize("accuracy", [ALONE, LOST])
    def test_says_nothing_where_there_is_nothing(self, accuracy):
        assert noise._pairs_of_values(made(accuracy)) == ""


class TestReference:
    def test_more_and_less_than_plain(self):
        said = noise._reference(made(U))
        assert "reaches 70 %; BN reaches 10 points more with the whole batch," in said
        assert said.endswith("20 points more with chunks of 4.")
        said = noise._reference(made((0.9, 0.4, 0.8, 0.5, 0.9)))
        assert "the same with the whole batch, 10 points less with chunks of 4" in said

    @pytest.mark.parametrize("accuracy", [ALONE, LOST, (NAN, 0.4, 0.9, 0.8, 0.7)])
    def test_says_nothing_where_there_is_nothing(self, accuracy):
        assert noise._reference(made(accuracy)) == ""


class TestOfTheLaw:
    def test_measured_beside_theory(self):
        law = made_alone().law
        said = noise.of_the_law(law)
        assert "batches of 16 the mean of a unit strays by 0.250 of its standard deviation" in said
        assert "theory says 0.250" in said
        assert "at most 0 % for the mean and 0 % for the variance" in said

    def test_how_far_they_are_apart(self):
        law = made_alone().law
        law.mean[1] *= 1.07
        law.variance[2] *= 0.8
        said = noise.of_the_law(law)
        assert "at most 7 % for the mean and 20 % for the variance" in said

    def test_nothing_varies(self):
        law = made_alone().law
        law.mean[:] = law.variance[:] = NAN
        assert "there is no noise" in noise.of_the_law(law)


class TestOfTheSample:
    def test_in_the_best_chunks_and_in_the_whole_batch(self):
        said = noise.of_the_sample(made(U), made_alone())
        assert said.startswith("The test image of a 7, in the company of different batch-mates")
        assert "from 34 to 66 % in batches of 4, of 50 % in batches of 16" in said

    def test_on_the_plane(self):
        said = noise.of_the_sample(made(U, dataset="moons"), made_alone())
        assert said.startswith("The test point of class 7")

    def test_once_where_both_are_the_same(self):
        assert noise.of_the_sample(made(ALONE), made_alone()).count("in batches of") == 2
        assert noise.of_the_sample(made((0.7, 0.8, 0.9)), made_alone()).count("in batches of") == 2
        one = made_alone()
        one.jitter.probability[:] = NAN
        assert "nan" not in noise.of_the_sample(made((0.7, 0.8, 0.7)), one)


class TestLost:
    def test_nobody(self):
        assert noise._lost(made(U)) == ""

    def test_names_them(self):
        result = made(U)
        result.diverged_at[0] = 5
        result.diverged_at[2, 1] = 3
        said = noise.findings(result)[-1]
        assert said.endswith("plain, all 2 seeds; chunks of 4, 1 of 2 seeds.")


class TestMisconceptions:
    def met(self, word, *arguments):
        (said,) = [
            text
            for belief, text in noise.misconceptions(made(*arguments)).items()
            if word in belief
        ]
        return said

    def test_are_three_or_four(self):
        assert 3 <= len(noise.misconceptions(made(U))) <= 4

    def test_larger_is_better(self):
        assert "statistics over 4 samples give 90 %" in self.met("Larger", U)
        assert self.met("Larger", RISING).startswith("In this run they are")
        assert "differ by 4 test samples of 450" in self.met("Larger", FLAT)

    def test_a_nuisance(self):
        lowest = (0, 2, 0.6, 0.4, 0.5)
        assert "lowest with chunks of 8, 0.4" in self.met("nuisance", U, None, lowest)
        quiet = (0, 2, 0.6, 0.4, 0.3)
        assert "it is one" in self.met("nuisance", U, None, quiet)

    def test_without_end(self):
        assert "chunks of 2 reach 40 %, chunks of 4 reach 90 %" in self.met("without end", U)
        assert "chunks of 2 reach 40 %, chunks of 16 reach 80 %" in self.met("without end", RISING)
        assert "the smallest chunks, of 2, are the best" in self.met("without end", FALLING)

    def test_only_speed(self):
        assert "goes from 40 % to 90 %" in self.met("speed", U)
        assert "hardly differ" in self.met("speed", (0.7, 0.8, 0.81, 0.805, 0.8))

    def test_only_what_it_is(self):
        learned, fit = (0.7, 0.4, 0.9, 0.85, 0.8), (0, 2, 1, 0.5, 0.1)
        assert "by heart" in self.met("Larger", learned, fit)
        assert "by heart" not in self.met("Larger", learned, (0, 2, 0.1, 0.5, 1))

    def test_smallest_chunks_diverged(self):
        accuracy = (0.7, NAN, 0.9, 0.85, 0.8)
        assert self.met("without end", accuracy) == "Here all networks in chunks of 2 diverged."
        assert "90 %" in self.met("Larger", accuracy)

    @pytest.mark.parametrize(
        ("accuracy", "why"),
        [
            (ALONE, noise.NO_CHUNKS),
            (LOST, noise.NO_CHUNKS),
            ((0.7, 0.4, 0.9, 0.8, NAN), noise.NOT_LEARNED),
            ((0.7, 0.4, 0.9, 0.8, 0.1), noise.NOT_LEARNED),
        ],
    )
    def test_cannot_tell(self, accuracy, why):
        losses = [NAN if math.isnan(a) else 0.5 for a in accuracy]
        for said in noise.misconceptions(made(accuracy, losses, losses)).values():
            assert said == why
        result = made(accuracy, losses, losses)
        assert noise._signature(result) == noise._pairs_of_values(result) == ""


class TestGuess:
    @pytest.mark.parametrize(
        ("accuracy", "right"),
        [
            (U, noise.BETWEEN),
            (RISING, noise.LEAST),
            (FALLING, noise.MOST),
            (LOST, noise.NOWHERE),
            ((0.7, 0.3, 0.5, 0.4, 0.3), noise.NOWHERE),
            (ALONE, noise.LEAST),
        ],
    )
    def test_what_is_right(self, accuracy, right):
        said, why = noise.best_guess(made(accuracy))
        assert said == right
        assert said in noise.GUESSES
        assert why == noise.findings(made(accuracy))[0]


def pairs(pieces, plain, batch):
    return [
        PairResult(piece, np.zeros((2, 2)), np.array([[p, p], [b, b]]))
        for piece, p, b in zip(pieces, plain, batch, strict=False)
    ]


class TestDropout:
    def test_pieces_are_settings_that_differ_in_dropout_alone(self):
        of = config(gain=0.5, sample=3)
        pieces = noise.dropouts(of)
        assert [piece.dropout for piece in pieces] == list(noise.DROPOUTS)
        for piece in pieces:
            assert {n: getattr(piece, n) for n in NoiseConfig.model_fields} == of.model_dump()
            assert piece.model_dump_json() != of.model_dump_json()  # another answer in the cache

    def test_said(self):
        some = pairs(noise.dropouts(config()), (0.75, 0.65), (0.7, 0.85))
        said = noise.of_dropout(made(U), some)
        assert "Plain does best with dropout 0.1: 75 %, 5 points more than without." in said
        assert "batch does best with dropout 0.2: 85 %, 5 points more than without." in said
        assert said.endswith("BN without dropout, in chunks of 4: 90 %.")

    def test_said_where_it_does_not_help(self):
        some = pairs(noise.dropouts(config()), (0.65,), (NAN,))
        said = noise.of_dropout(made(U), some)
        assert "65 %, 5 points less than without" in said
        assert "BN over the whole batch diverged with dropout in every seed." in said
        assert "in chunks of" not in noise.of_dropout(made(LOST), some)


class TestBatchSizes:
    @pytest.mark.parametrize("rates", noise.RATES)
    def test_pieces_see_as_many_samples(self, rates):
        of = NoiseConfig()
        pieces = noise.batch_sizes(of, rates)
        assert [piece.batch_size for piece in pieces] == [4, 8, 16, 32, 64, 128, 256]
        for piece in pieces:
            assert piece.steps == pytest.approx(100 * 32 / piece.batch_size, abs=0.5)
            assert (piece.learning_rate == of.learning_rate) == (
                rates == noise.RATES[1] or piece.batch_size == 32
            )
        assert pieces[0].learning_rate == (
            pytest.approx(0.1 * 4 / 32) if rates == noise.RATES[0] else 0.1
        )

    @pytest.mark.parametrize("rates", noise.RATES)
    def test_pieces_are_always_settings(self, rates):
        for changes in (
            {"batch_size": 1, "learning_rate": 100.0, "steps": 800},
            {"batch_size": 512, "learning_rate": 0.001, "steps": 1, "train_size": 128},
        ):
            for piece in noise.batch_sizes(config(**changes), rates):
                assert piece.steps >= 1
                assert piece.batch_size <= changes.get("train_size", 256)

    def test_said(self):
        pieces = noise.batch_sizes(NoiseConfig(), noise.RATES[0])
        said = noise.of_batch_sizes(made(U), pairs(pieces, (0.7, 0.72), (0.88, 0.86)))
        assert said.startswith("By batch size, BN does best at 4: 88 %.")
        assert "moves between 70 % and 72 %" in said
        assert said.endswith("differ in test accuracy by 2 points at most, at 4.")

    def test_said_where_networks_diverged(self):
        pieces = noise.batch_sizes(NoiseConfig(), noise.RATES[0])
        assert noise.of_batch_sizes(made(U), pairs(pieces, (NAN,), (NAN,))) == (
            "BN diverged at every batch size."
        )
        said = noise.of_batch_sizes(made(LOST), pairs(pieces, (NAN,), (0.8,)))
        assert said == "By batch size, BN does best at 4: 80 %."


class TestSections:
    """On the page: what was done before a stop is kept, and going on repeats none of it."""

    @pytest.mark.parametrize("key", ["noise-dropout", "noise-sweep"])
    def test_going_on_repeats_nothing(self, key, monkeypatch):
        page.store().clear()
        trained, leaves = [], ["now"]

        def in_place(piece, report, workers):
            if len(trained) == 2 and leaves:
                leaves.clear()
                raise StopException  # the reader goes away in the middle of the third piece
            trained.append((piece.dropout, piece.batch_size))
            report(1.0)
            return PairResult(piece, np.ones((2, 1)), np.full((2, 1), 0.5))

        in_place.__module__ = "in_place"
        monkeypatch.setattr(noise, "run_pair", in_place)
        at = AppTest.from_file(ROOT / "app.py", default_timeout=120)
        at.switch_page("pages/09_noise.py")
        for name, value in {"depth": "2", "width": "8", "steps": "50", "seeds": "1"}.items():
            at.query_params[f"noise-{name}"] = value
        at.run()
        charts = len(at.get("plotly_chart"))
        at = self.press(at, f"{key}-start")
        assert len(trained) == 2
        at = self.press(at, f"{key}-stop")
        assert self.button(at, f"{key}-start").label.startswith("Go on (2 of")
        assert len(at.get("plotly_chart")) == charts + 1
        at = self.press(at, f"{key}-start")
        assert len(trained) == len(set(trained)) >= 5
        assert self.button(at, f"{key}-start").disabled
        done = len(trained)
        at.run()
        assert len(trained) == done

    def button(self, at, key):
        return next(button for button in at.button if button.key == key)

    def press(self, at, key):
        self.button(at, key).click()
        at.run()
        assert not at.exception
        return at


class TestPresets:
    @pytest.mark.parametrize("preset", words.PRESETS.values(), ids=list(words.PRESETS))
    def test_are_settings_of_the_knobs(self, preset):
        assert NoiseConfig(**preset) != NoiseConfig()
        for name, value in preset.items():
            assert value in knobs(NoiseConfig)[name].options
            assert value != NoiseConfig.model_fields[name].default

    def test_are_two_to_four_one_of_them_without_help(self):
        assert 2 <= len(words.PRESETS) <= 4
        assert any("not help" in label for label in words.PRESETS)


def preset(part):
    return NoiseConfig(**next(p for label, p in words.PRESETS.items() if part in label))


@pytest.fixture(scope="module")
def at_first():
    return noise.run(NoiseConfig())


class TestWhatThePageClaims:
    """At its own settings, over five seeds."""

    def test_test_accuracy_is_a_u_upside_down_in_every_seed(self, at_first):
        accuracy = at_first.test_accuracy[:, :, -1]
        assert at_first.config.seeds == 5
        best = at_first.best()
        assert at_first.chunks[best - 1] in (4, 8)
        assert (accuracy[best] - accuracy[-1] > 0.05).all()
        assert (accuracy[best] - accuracy[1] > 0.15).all()
        assert noise.findings(at_first)[0].startswith("**BN's noise helps**")
        assert "Better in all 5 seeds" in noise.findings(at_first)[0]
        assert noise.best_guess(at_first)[0] == noise.BETWEEN

    def test_training_loss_rises_as_chunks_shrink_and_test_loss_is_a_u(self, at_first):
        fit, new = at_first.final(at_first.train_loss)[1:], at_first.final(at_first.test_loss)[1:]
        assert all(a > b for a, b in pairwise(fit))
        assert new.argmin() not in (0, len(new) - 1)
        assert noise.findings(at_first)[1].endswith("That is what a regularizer does.")

    def test_chunks_of_two_collapse(self, at_first):
        assert "too much noise" in noise._pairs_of_values(at_first)

    def test_the_noise_costs_before_it_helps(self, at_first):
        said = noise._turning(at_first)
        assert said in noise.findings(at_first)
        assert "The noise costs first" in said

    def test_the_prediction_jitters_less_in_larger_batches(self, at_first):
        jitter = noise.run_alone(noise.AloneConfig.like(at_first.config)).jitter
        low, high = np.nanquantile(jitter.probability, [0.1, 0.9], axis=1)
        wide = dict(zip(jitter.sizes.tolist(), high - low, strict=True))
        assert wide[4] > 2 * wide[64] > 4 * wide[256]

    def test_more_wrong_labels_a_deeper_u(self, at_first):
        worse = noise.run(preset("40 %"))
        gains = [
            result.final(result.test_accuracy)[1:].max() - result.final(result.test_accuracy)[-1]
            for result in (at_first, worse)
        ]
        assert gains[1] > 1.5 * gains[0] > 0.1

    def test_clean_labels_a_small_u(self):
        result = noise.run(preset("Clean"))
        accuracy, loss = result.final(result.test_accuracy), result.final(result.test_loss)
        best = np.argmax(accuracy[1:-1]) + 1
        assert abs(accuracy[best] - accuracy[-1]) < 0.01  # a few of 450 images
        assert loss[1:].argmin() not in (0, len(loss) - 2)
        assert loss[1:].min() > 0.7 * loss[-1]
        assert not noise.findings(result)[0].startswith("**BN's noise helps")

    def test_too_little_training_no_help(self):
        result = noise.run(preset("not help"))
        accuracy, loss = result.final(result.test_accuracy)[1:], result.final(result.test_loss)[1:]
        assert accuracy.argmax() == len(accuracy) - 1
        assert all(a > b for a, b in pairwise(loss))
        assert noise.findings(result)[0].startswith("**Here the noise does not help**")
        assert "little overfitting to prevent" in noise.findings(result)[1]
