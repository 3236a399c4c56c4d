"""What the lab measures by itself, against slow and independent computations in float64."""

import math
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import torch
from torch import nn

from bnviz.engine.networks import Cohort, losses
from bnviz.engine.training import train
from bnviz.experiments import lab, lab_probes, measuring
from bnviz.experiments.diagnostics import DIAGNOSTICS
from bnviz.experiments.lab_config import LabConfig
from bnviz.experiments.lab_probes import LEAST
from bnviz.experiments.measuring import PROBED, REACH

TINY = {"depth": 3, "width": 8, "steps": 6, "batch_size": 32, "seeds": 2, "normalizer": "batch"}


def config(**changes):
    return LabConfig(**TINY | changes)


def trained(of, name):
    """The moments of a run with the cohort of each, and what the diagnostic found there."""
    probe, seen = DIAGNOSTICS[name].probe(of), []

    def look(snapshot):
        found = {key: value.clone() for key, value in probe(snapshot).items()}
        part = snapshot.cohort.select(range(snapshot.cohort.replicas))
        seen.append((snapshot, part, found))
        return {}

    cohort = Cohort(of.architecture(), range(of.seeds), [of.gain] * of.seeds)
    plan = of.plan(of.seeds)
    train(cohort, range(of.seeds), of.data(), plan, record_at=of.records(), probes=[look])
    return seen


def modules(cohort, replica):
    """One replica, BN before ReLU, as ordinary modules in float64."""
    parts = []
    for layer in cohort.layers:
        outputs, inputs = layer.weight.shape[1:]
        linear = nn.Linear(inputs, outputs, bias=layer.bias is not None).double()
        with torch.no_grad():
            linear.weight.copy_(layer.weight[replica])
            if layer.bias is not None:
                linear.bias.copy_(layer.bias[replica, :, 0])
        parts.append(linear)
        if layer.running is not None:
            norm = nn.BatchNorm1d(outputs).double()
            with torch.no_grad():
                mine = slice(replica * outputs, (replica + 1) * outputs)
                norm.weight.copy_(layer.gamma[mine])
                norm.bias.copy_(layer.beta[mine])
                norm.running_mean.copy_(layer.running.mean[mine])
                norm.running_var.copy_(layer.running.variance[mine])
            parts += [norm, nn.ReLU()]
    return nn.Sequential(*parts)


def sums(network, inputs):
    """What each BN is given, over the samples."""
    seen = []
    hooks = [
        one.register_forward_pre_hook(lambda _, given: seen.append(given[0].detach().numpy()))
        for one in network
        if isinstance(one, nn.BatchNorm1d)
    ]
    network(inputs)
    for hook in hooks:
        hook.remove()
    return seen


def test_update_size_is_what_the_weights_really_do():
    for optimizer in ("sgd", "adam"):
        seen = trained(config(optimizer=optimizer, schedule="cosine"), "update size")
        for (_, now, found), (_, then, _) in pairwise(seen):
            for place, (one, other) in enumerate(zip(now.layers, then.layers, strict=True)):
                before = one.weight.detach().double().flatten(1).numpy()
                after = other.weight.detach().double().flatten(1).numpy()
                ratio = (after - before).std(1, ddof=1) / before.std(1, ddof=1)
                np.testing.assert_allclose(found["value"][:, place], ratio, rtol=1e-3)


def test_noise_of_the_means_is_how_they_scatter():
    of = config(batch_size=16)
    _, cohort, found = trained(of, "noise of the means")[-1]
    data, count = of.data(), measuring.SPREAD_OVER // 16
    for replica in range(of.seeds):
        network = modules(cohort, replica)
        rows = torch.tensor(data.train_inputs)[lab_probes.mixed(len(data.train_labels))].double()
        per_batch = [sums(network, rows[at * 16 : (at + 1) * 16]) for at in range(count)]
        for layer in range(of.depth):
            batches = np.stack([batch[layer] for batch in per_batch])  # (batches, samples, units)
            means, whole = batches.mean(1), batches.reshape(-1, of.width)
            spread = whole.std(0, ddof=1)
            known = spread > LEAST
            ratio = means.std(0, ddof=1)[known] / spread[known]
            expected = np.sort(ratio)[(len(ratio) - 1) // 2]  # torch's median: the lower one
            assert float(found["value"][replica, layer]) == pytest.approx(expected, rel=1e-3)


def test_independent_samples_scatter_as_one_over_the_root_of_their_number():
    """Neighbours in the data are alike: taken in their order, batches of 16 scatter by 1.16 times.

    And less than that law says where the mini-batches are much of all there is.
    """
    seen = trained(config(batch_size=16, steps=1, width=64), "noise of the means")
    assert seen[0][2]["value"][:, 0].numpy() == pytest.approx(1 / math.sqrt(16), rel=0.08)


def test_running_against_batch_is_a_distance_of_moments():
    of = config()
    _, cohort, found = trained(of, "running against batch")[-1]
    samples = torch.tensor(of.data().train_inputs[:PROBED]).double()
    for replica in range(of.seeds):
        network = modules(cohort, replica)
        norms = [one for one in network if isinstance(one, nn.BatchNorm1d)]
        held = [(n.running_mean.clone().numpy(), n.running_var.clone().numpy()) for n in norms]
        for layer, values in enumerate(sums(network, samples)):
            mean, variance = held[layer]
            new = values.std(0, ddof=1)
            way = (mean - values.mean(0)) ** 2 + (np.sqrt(variance) - new) ** 2
            expected = math.sqrt(way.sum() / (new**2).sum())
            assert float(found["value"][replica, layer]) == pytest.approx(expected, rel=1e-3)


def test_two_modes_is_the_difference_of_two_accuracies():
    of = config(batch_size=25)
    data = of.data()
    order = lab_probes.mixed(len(data.test_labels))
    inputs = torch.tensor(data.test_inputs)[order].double()
    labels = torch.tensor(data.test_labels)[order]
    assert len(labels) % 25 == 0
    _, cohort, found = trained(of, "two modes")[-1]
    for replica in range(of.seeds):
        network = modules(cohort, replica)
        inference = (network.eval()(inputs).argmax(1) == labels).double().mean()
        network.train()
        parts = [network(part).argmax(1) for part in inputs.split(25)]
        own = (torch.cat(parts) == labels).double().mean()
        expected = float(own - inference)
        assert float(found["value"][replica]) == pytest.approx(expected, abs=2.1 / len(labels))


@pytest.mark.parametrize("normalizer", ["none", "batch", "renorm", "noisy"])
def test_a_walk_of_no_length_changes_nothing(normalizer, monkeypatch):
    """Neither dropout nor noise nor moving statistics may be taken for a change."""
    monkeypatch.setattr(lab_probes, "REACH", (1e-7, 1e-7))
    monkeypatch.setattr(lab_probes, "ONE", 1)
    of = config(normalizer=normalizer, dropout=0.3)
    for snapshot, _, found in trained(of, "change of the gradient"):
        length = sum(g.flatten(1).square().sum() for g in snapshot.gradients if g.dim() > 1).sqrt()
        assert found["value"].numpy() == pytest.approx(0, abs=1e-2 * float(length))
    for _, _, found in trained(of, "loss along the gradient"):
        np.testing.assert_allclose(found["low"], found["value"], rtol=1e-4)


def test_walks_go_in_learning_rates_of_their_own_piece():
    of = config(learning_rate=0.1, then="0.01x4", steps=2)
    for snapshot, cohort, found in trained(of, "loss along the gradient"):
        rate = 0.1 if snapshot.step < 2 else 0.01
        loss = losses(cohort.forward(snapshot.inputs, "batch"), snapshot.labels)
        slopes = torch.autograd.grad(loss.sum(), cohort.parameters())
        there = []
        for length in REACH:
            part = cohort.select(range(2))
            with torch.no_grad():
                for parameter, slope in zip(part.parameters(), slopes, strict=True):
                    parameter -= length * rate * slope
                there.append(losses(part.forward(snapshot.inputs, "batch"), snapshot.labels))
        values = torch.stack(there)
        np.testing.assert_allclose(found["low"], values.amin(0), rtol=1e-4)
        np.testing.assert_allclose(found["high"], values.amax(0), rtol=1e-4)


def test_the_effective_rate_is_that_of_its_own_piece():
    for snapshot, cohort, found in trained(config(then="0.01x4", steps=2), "effective rate"):
        rate = 0.32 if snapshot.step < 2 else 0.01
        for place, layer in enumerate(cohort.layers):
            square = layer.weight.detach().double().square().sum((1, 2)).numpy()
            np.testing.assert_allclose(found["value"][:, place], rate / square, rtol=1e-4)


@pytest.mark.parametrize(
    ("depth", "layers"), [(1, (2,)), (3, (2, 3, 4)), (20, (2, 6, 10, 13, 17, 21))]
)
def test_shift_is_measured_in_layers_with_others_below(depth, layers):
    assert measuring.moving(config(depth=depth)) == layers


@pytest.mark.parametrize("normalizer", ["batch", "renorm", "noisy"])
def test_without_an_update_there_is_no_shift(normalizer):
    """G' with nothing updated below is G: draws and running statistics do not count as shift."""
    of = config(normalizer=normalizer, dropout=0.3)
    probe, seen = DIAGNOSTICS["shift, change"].probe(of), []

    def look(snapshot):
        still = [p.detach().clone() for p in snapshot.cohort.parameters()]
        seen.append(probe(replace(snapshot, coming=lambda: still))["value"])
        return {}

    cohort = Cohort(of.architecture(), range(2))
    train(cohort, range(2), of.data(), of.plan(2), record_at=[0, 3, 6], probes=[look])
    assert torch.stack(seen).max() < 1e-4


def test_distributions_are_in_order_and_of_the_first_seed():
    for name in ("values entering", "values inside", "values leaving", "gradient entries"):
        *_, found = trained(config(), name)[-1]
        value = found["value"][0]
        assert value.shape == (3, 128)
        assert (value.diff(dim=1) >= 0).all()
        assert ((found["zeros"][0] >= 0) & (found["zeros"][0] < 1)).all()


@pytest.mark.parametrize("name", DIAGNOSTICS)
def test_every_diagnostic_has_a_cost_and_few_moments(name):
    assert DIAGNOSTICS[name].cost(config()) >= 0
    assert 2 <= DIAGNOSTICS[name].most <= 28


@pytest.mark.parametrize(
    ("name", "why", "without", "with_it"),
    [
        ("two modes", "no running statistics", {"normalizer": "layer"}, {"normalizer": "renorm"}),
        ("running against batch", "no running statistics", {"normalizer": "none"},
         {"normalizer": "switchable"}),
        ("way of gamma", "no gamma", {"normalizer": "none"}, {"normalizer": "group"}),
        ("way of gamma", "gamma is frozen", {"affine": "frozen"}, {"affine": "trained"}),
        ("variance shift", "no dropout", {}, {"dropout": 0.3}),
        ("idle units", "never idle", {"activation": "gelu"}, {"activation": "tanh"}),
        ("noise of the means", "one mini-batch", {"batch_size": 1347}, {"batch_size": 512}),
        ("bias gradient", "no bias", {}, {"bias_before": "kept"}),
        ("bias gradient", "no bias", {}, {"placement": "after"}),
        ("bias gradient", "no bias", {}, {"normalized_layers": "first only"}),
        ("bias gradient", "no bias", {}, {"normalizer": "none"}),
    ],
)  # fmt: skip
def test_what_means_nothing_says_why(name, why, without, with_it):
    told = DIAGNOSTICS[name]
    assert told.why_not(config(**without)) == why
    assert told.why_not(config(**with_it)) is None
    *_, found = trained(config(**with_it, steps=2), name)[-1]
    assert torch.isfinite(found["value"]).any()


@pytest.mark.parametrize("name", DIAGNOSTICS)
def test_where_there_are_few_samples_they_fill_whole_ghost_batches(name):
    few = {"dataset": "wine", "normalizer": "batch", "chunk": 8, "batch_size": 16, "dropout": 0.1}
    of = config(**few, diagnostic=name, steps=2)  # 89 to train on
    assert lab.run(of).config.total_steps == 2
