"""The statistics of inference mode: torch.nn and slow loops in float64 are the oracle."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from bnviz.engine.architecture import Architecture
from bnviz.engine.batches import BatchOrder
from bnviz.engine.batchnorm import Options
from bnviz.engine.data import Dataset
from bnviz.engine.networks import Cohort
from bnviz.engine.plan import Plan
from bnviz.engine.statistics import (
    MODULES,
    Averages,
    LeftInInference,
    as_modules,
    following,
    normalizing_with,
    of_buffers,
    precise,
    predicted,
    predicted_in_batches,
)
from bnviz.engine.training import train

FEATURES, CLASSES, DEPTH, WIDTH, BATCH, RATE = 5, 3, 2, 6, 4, 0.2
SEEDS, MOMENTA = (0, 1), (0.03, 0.3, 1.0, None)
LAST_BATCH = Options(momentum=1.0)
BN = Architecture(FEATURES, CLASSES, DEPTH, WIDTH, normalizer="batch", options=LAST_BATCH)


def make_data():
    random = np.random.default_rng(3)
    inputs = random.normal(0.5, 1.5, size=(50, FEATURES)).astype(np.float32)
    labels = random.integers(0, CLASSES, 50)
    return Dataset(
        name="random",
        train_inputs=inputs[:40],
        train_labels=labels[:40],
        test_inputs=inputs[40:],
        test_labels=labels[40:],
        classes=CLASSES,
        kind="table",
    )


DATA = make_data()
INPUTS = torch.tensor(DATA.train_inputs).double()


def followed(architecture=BN, *, steps=7, seeds=SEEDS, rates=None, look=None, momenta=MOMENTA):
    """A trained cohort in float64, and the averages that followed it."""
    cohort = Cohort(architecture, seeds, dtype=torch.float64)
    averages = Averages.started(momenta, len(seeds), DEPTH, WIDTH)
    averages.values = averages.values.double()
    plan = Plan(rates or (RATE,) * len(seeds), steps=steps, batch_size=BATCH)
    probe = following(averages, look or (lambda snapshot, batch: None), steps)
    history = train(cohort, seeds, DATA, plan, record_at=range(steps + 1), probes=[probe])
    return cohort, averages, history


@pytest.fixture(scope="module")
def trained():
    return followed()


def ordinary(seed, momentum, steps=0, evaluating_from=None, architecture=BN):
    """One network in torch.nn from the same start, trained for some steps the ordinary way."""
    start = Cohort(architecture, [seed], dtype=torch.float64)
    network = as_modules(start, of_buffers(start), momentum).double().train()
    optimizer = torch.optim.SGD(network.parameters(), RATE)
    order, labels = BatchOrder([seed], 40, BATCH), torch.tensor(DATA.train_labels)
    for step in range(steps):
        if step == evaluating_from:
            network.eval()
        batch = order.at(step)[0]
        optimizer.zero_grad()
        nn.functional.cross_entropy(network(INPUTS[batch]), labels[batch]).backward()
        optimizer.step()
    return network


def norms(network):
    return [module for module in network if isinstance(module, nn.BatchNorm1d)]


def slow_pass(network, inputs):
    """Inputs of every BN layer, for samples that make one mini-batch in training mode."""
    seen, h = [], inputs
    with torch.no_grad():
        for module in network:
            if isinstance(module, nn.BatchNorm1d):
                seen.append(h)
                mean, variance = h.mean(0), h.var(0, correction=0)
                h = (h - mean) / (variance + module.eps).sqrt() * module.weight + module.bias
            else:
                h = module(h)
    return seen


def modules_of(cohort, replica, statistics, momentum=0.1):
    alone = cohort.select([replica])
    return as_modules(alone, statistics[:, [replica]], momentum).double()


class TestAverages:
    @pytest.mark.parametrize("momentum", MOMENTA)
    @pytest.mark.parametrize("seed", SEEDS)
    def test_are_those_of_torch_after_the_same_training(self, trained, seed, momentum):
        _, averages, _ = trained
        ours = averages.values[MOMENTA.index(momentum), :, seed]
        for place, norm in enumerate(norms(ordinary(seed, momentum, steps=7))):
            torch.testing.assert_close(ours[0, place], norm.running_mean, rtol=1e-9, atol=1e-11)
            torch.testing.assert_close(ours[1, place], norm.running_var, rtol=1e-9, atol=1e-11)

    def test_hold_the_batches_before_the_step_alone(self):
        batches = []
        _, averages, _ = followed(look=lambda snapshot, batch: batches.append(batch.clone()))
        assert len(batches) == 8  # steps 0 to 7; the last one belongs to no update
        torch.testing.assert_close(averages.values[MOMENTA.index(1.0)], batches[6])
        assert not torch.allclose(batches[6], batches[7])
        torch.testing.assert_close(averages.values[-1], torch.stack(batches[:7]).mean(0))

    def test_start_at_mean_0_and_variance_1(self):
        start = Averages.started(MOMENTA, 2, DEPTH, WIDTH).values
        assert (start[:, 0] == 0).all()
        assert (start[:, 1] == 1).all()

    def test_a_replica_that_diverges_stays_where_it_was(self):
        rates = (RATE, 1e200)
        _, both, history = followed(rates=rates)
        lost = history.divergences[1]
        assert lost is not None
        _, alone, _ = followed(seeds=(0,))
        torch.testing.assert_close(both.values[:, :, :1], alone.values, rtol=1e-12, atol=1e-14)
        assert torch.isfinite(both.values[:, :, 1]).all()


class TestStatistics:
    def test_buffers_hold_mean_and_unbiased_variance_of_the_last_batch(self):
        cohort = Cohort(BN, SEEDS, dtype=torch.float64)
        batch = INPUTS[:BATCH]
        cohort.forward(batch.T.expand(2, FEATURES, BATCH), "train")
        for replica in range(2):
            network = modules_of(cohort, replica, of_buffers(cohort))
            for place, values in enumerate(slow_pass(network, batch)):
                ours = of_buffers(cohort)[:, replica, place]
                torch.testing.assert_close(ours[0], values.mean(0))
                torch.testing.assert_close(ours[1], values.var(0, correction=1))

    @pytest.mark.parametrize("size", [2, 4, 7, 40, 99])
    def test_precise_is_the_formula_batch_by_batch(self, trained, size):
        cohort, _, _ = trained
        ours = precise(cohort, INPUTS, size)
        assert ours.shape == (2, 2, DEPTH, WIDTH)
        size = min(size, len(INPUTS))
        for replica in range(2):
            network = modules_of(cohort, replica, ours)
            starts = range(0, len(INPUTS) - size + 1, size)
            passes = [slow_pass(network, INPUTS[start : start + size]) for start in starts]
            for place in range(DEPTH):
                mu = torch.stack([layers[place].mean(0) for layers in passes])
                v = torch.stack([layers[place].var(0, correction=0) for layers in passes])
                expected = mu.mean(0), (mu.square() + v).mean(0) - mu.mean(0).square()
                torch.testing.assert_close(ours[0, replica, place], expected[0])
                torch.testing.assert_close(ours[1, replica, place], expected[1])

    def test_of_the_first_layer_are_those_of_the_whole_training_set_however_it_is_cut(
        self, trained
    ):
        cohort, _, _ = trained
        values = INPUTS @ cohort.layers[0].weight[0].T
        for size in (2, 8, 40):
            ours = precise(cohort, INPUTS, size)[:, 0, 0]
            torch.testing.assert_close(ours[0], values.mean(0))
            torch.testing.assert_close(ours[1], values.var(0, correction=0))
        deep = [precise(cohort, INPUTS, size)[1, 0, 1] for size in (2, 40)]
        assert (deep[0] / deep[1] - 1).abs().max() > 0.05  # there it does depend on the cut

    def test_change_nothing(self, trained):
        cohort, averages, _ = trained
        before = [t.clone() for t in cohort.parameters() + cohort.buffers()]
        architecture = cohort.architecture
        precise(cohort, INPUTS, 8)
        predicted(cohort, INPUTS, averages.values[0])
        predicted_in_batches(cohort, INPUTS, 8)
        with pytest.raises(KeyError), normalizing_with(cohort, averages.values[0]):
            raise KeyError
        assert cohort.architecture is architecture
        for old, new in zip(before, cohort.parameters() + cohort.buffers(), strict=True):
            assert torch.equal(old, new)


@pytest.mark.parametrize("activation", MODULES)
class TestPredictions:
    def test_inference_is_eval_of_torch(self, activation):
        cohort, averages, _ = followed(replace(BN, activation=activation), steps=3)
        for replica in range(2):
            network = modules_of(cohort, replica, averages.values[1]).eval()
            ours = predicted(cohort, INPUTS, averages.values[1])[replica].T
            torch.testing.assert_close(ours, network(INPUTS).detach())

    def test_training_mode_is_train_of_torch_batch_by_batch(self, activation):
        cohort, averages, _ = followed(replace(BN, activation=activation), steps=3)
        network = modules_of(cohort, 1, averages.values[1]).train()
        ours = predicted_in_batches(cohort, INPUTS, 7)[1].T
        filled = torch.cat([INPUTS, INPUTS[:2]])  # 42 = 6 x 7: the first two fill the last batch
        theirs = torch.cat([network(part).detach() for part in filled.split(7)])
        torch.testing.assert_close(ours, theirs[:40])


class TestAlone:
    def test_in_training_mode_every_sample_gets_the_same_answer(self, trained):
        cohort, _, _ = trained
        outputs = predicted_in_batches(cohort, INPUTS, 1)
        assert (outputs == outputs[:, :, :1]).all()

    def test_in_inference_mode_company_does_not_matter(self, trained):
        cohort, averages, _ = trained
        together = predicted(cohort, INPUTS, averages.values[0])[:, :, :1]
        alone = predicted(cohort, INPUTS[:1], averages.values[0])
        torch.testing.assert_close(alone, together)

    def test_a_batch_larger_than_the_test_set_is_the_test_set(self, trained):
        cohort, _, _ = trained
        one, other = (predicted_in_batches(cohort, INPUTS, size) for size in (40, 512))
        torch.testing.assert_close(one, other)


class TestLeftInInference:
    def left(self, since, rates=(RATE, RATE), steps=6):
        cohort = LeftInInference(
            replace(BN, options=Options(momentum=0.1)), SEEDS, dtype=torch.float64
        )
        cohort.since = since
        plan = Plan(rates, steps=steps, batch_size=BATCH)
        return cohort, train(cohort, SEEDS, DATA, plan, record_at=[])

    @pytest.mark.parametrize("since", [0, 2, 99])
    def test_trains_as_torch_does_after_eval(self, since):
        cohort, _ = self.left(since)
        for seed in SEEDS:
            network = ordinary(seed, 0.1, 6, evaluating_from=since)
            mine = [module for module in network if isinstance(module, nn.Linear)]
            for layer, linear in zip(cohort.layers, mine, strict=True):
                torch.testing.assert_close(layer.weight[seed].detach(), linear.weight.detach())
            for place, norm in enumerate(norms(network)):
                torch.testing.assert_close(of_buffers(cohort)[0, seed, place], norm.running_mean)
                torch.testing.assert_close(of_buffers(cohort)[1, seed, place], norm.running_var)

    def test_stays_so_when_another_replica_diverges(self):
        together, history = self.left(1, rates=(RATE, 1e200))
        assert history.divergences[1] is not None
        alone, _ = self.left(1)
        torch.testing.assert_close(together.layers[0].weight[0], alone.layers[0].weight[0])
