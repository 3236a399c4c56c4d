"""The relatives of BN against torch.nn and slow loops; all of them in a cohort."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from torch import nn
from torch.testing import assert_close

from bnviz.engine.architecture import Architecture
from bnviz.engine.batchnorm import Options, RunningStatistics, batch_norm
from bnviz.engine.data import load
from bnviz.engine.networks import Cohort
from bnviz.engine.normalization import (
    NORMALIZERS,
    group_norm,
    instance_norm,
    layer_norm,
    switchable_norm,
)
from bnviz.engine.plan import Plan
from bnviz.engine.training import train
from tests.engine.some_layers import (
    BATCH,
    UNITS,
    R,
    Renorm,
    copied,
    random,
    sizes,
    some_layer,
    spread,
)


# ------------------------------------------------------------------ layer normalization
@pytest.mark.parametrize("mode", ["train", "batch", "inference"])
@pytest.mark.parametrize("batch", [1, 2, BATCH])
def test_layer_norm_and_its_gradients_are_those_of_torch_nn(mode, batch):
    x, gamma, beta, running = some_layer(batch)
    ours, theirs = [t.clone().requires_grad_() for t in (x, gamma, beta)], x.clone()
    theirs.requires_grad_()
    weights, before = random(R, UNITS, batch, seed=5), copied(running)
    modules = [nn.LayerNorm(UNITS, eps=1e-3, dtype=torch.float64) for _ in range(R)]
    for replica, module in enumerate(modules):
        with torch.no_grad():
            module.weight.copy_(gamma.view(R, UNITS)[replica])
            module.bias.copy_(beta.view(R, UNITS)[replica])
    y = layer_norm(*ours, running, mode, Options(epsilon=1e-3))
    gradients = torch.autograd.grad((y * weights).sum(), ours)
    expected = torch.stack([m(theirs[r].T).T for r, m in enumerate(modules)])
    (expected * weights).sum().backward()
    assert_close(y, expected)
    assert_close(gradients[0], theirs.grad)
    assert_close(gradients[1], torch.cat([m.weight.grad for m in modules]))
    assert_close(gradients[2], torch.cat([m.bias.grad for m in modules]))
    assert torch.equal(running.mean, before.mean)
    assert torch.equal(running.variance, before.variance)
    assert running.updates == 0


def test_layer_norm_of_a_sample_does_not_depend_on_its_batch():
    x, gamma, beta, running = some_layer()
    whole = layer_norm(x, gamma, beta, running, "train", Options())
    alone = layer_norm(x[:, :, 4:5], gamma, beta, running, "inference", Options(ghost_batch_size=5))
    assert torch.equal(whole[:, :, 4:5], alone)
    batch = batch_norm(x, gamma, beta, running, "batch", Options()).view(x.shape)
    assert not torch.allclose(whole, batch, atol=0.1)


@given(spread=spread, size=sizes, offset=sizes)
@settings(deadline=None, max_examples=100)
def test_layer_norm_is_finite_whatever_the_values(spread, size, offset):
    x = (offset + size * torch.tensor(spread, dtype=torch.float64)).view(1, 6, 1)
    gamma, beta = torch.ones(6, dtype=torch.float64), torch.zeros(6, dtype=torch.float64)
    y = layer_norm(x, gamma, beta, RunningStatistics(beta, gamma), "train", Options())
    missed = 40 * torch.finfo(x.dtype).eps * x.abs().max() / math.sqrt(1e-5)
    assert torch.isfinite(y).all()
    assert y.abs().max() <= math.sqrt(5) * (1 + 1e-6) + missed


# ------------------------------------------------------------------ in a cohort
DIGITS = load("digits")
RELATIVES = ("layer", "renorm")
OTHERS = ("group", "instance", "switchable")


def a_network(kind, groups=2, **changes):
    options = Options(rmax=1.5, dmax=0.5, ramp=4, groups=groups)
    return Architecture(64, 10, 2, normalizer=kind, options=options, **changes)


@pytest.mark.parametrize("placement", ["before", "after"])
@pytest.mark.parametrize(
    ("activation", "width", "batch"),
    [("relu", 7, 13), ("tanh", 33, 5), ("sigmoid", 64, 64), ("gelu", 16, 3), ("leaky relu", 5, 2)],
)
@pytest.mark.parametrize("kind", RELATIVES)
def test_a_replica_is_the_same_to_the_bit_in_any_company(kind, activation, width, batch, placement):
    check_company(a_network(kind, activation=activation, width=width, placement=placement), batch)


@pytest.mark.parametrize(
    ("activation", "width", "groups", "batch"),
    [("relu", 7, 7, 13), ("sigmoid", 33, 3, 5), ("gelu", 64, 8, 32), ("tanh", 16, 4, 2)],
)
@pytest.mark.parametrize("kind", OTHERS)
def test_and_so_is_one_of_the_other_relatives(kind, activation, width, groups, batch):
    check_company(a_network(kind, groups, activation=activation, width=width), batch)


def check_company(network, batch):
    rates, seeds = (0.05, 3e38, 0.02), (4, 1, 9)  # the neighbour leaves in the middle
    together = train(Cohort(network, seeds), seeds, DIGITS, Plan(rates, 9, batch, "momentum"))
    assert together.divergences[1] is not None
    for replica in (0, 2):
        plan = Plan(rates[replica : replica + 1], 9, batch, "momentum")
        alone = train(Cohort(network, [seeds[replica]]), [seeds[replica]], DIGITS, plan)
        np.testing.assert_array_equal(together.batch_losses[replica], alone.batch_losses[0])
        np.testing.assert_array_equal(together.test_losses[replica], alone.test_losses[0])
        mine = together.cohort.select([replica])
        pairs = zip(mine.parameters() + mine.buffers(),
                    alone.cohort.parameters() + alone.cohort.buffers(), strict=True)  # fmt: skip
        assert all(torch.equal(a, b) for a, b in pairs)


def as_torch_code(kind, placement, width):
    """The network of a_network as ordinary modules, with tanh."""
    layers = []
    for inputs in (64, width):
        norm = nn.LayerNorm(width) if kind == "layer" else Renorm(width, 1.0, 0.0)
        two = [norm, nn.Tanh()] if placement == "before" else [nn.Tanh(), norm]
        layers += [nn.Linear(inputs, width, bias=placement == "after"), *two]
    return nn.Sequential(*layers, nn.Linear(width, 10)).double()


@pytest.mark.parametrize("placement", ["before", "after"])
@pytest.mark.parametrize("kind", RELATIVES)
def test_every_step_of_training_is_that_of_ordinary_code(kind, placement):
    """Losses and running statistics over eight steps in float64, ramp included."""
    network = a_network(kind, activation="tanh", width=6, placement=placement)
    seeds, rates = [3, 5], (0.3, 0.1)
    cohort, seen = Cohort(network, seeds, dtype=torch.float64), []
    start = cohort.select([1])

    def look(snapshot):
        seen.append((snapshot.inputs[1].T.clone(), snapshot.labels[1].clone()))
        return {}

    history = train(cohort, seeds, DIGITS, Plan(rates, 8, 16), record_at=range(9), probes=[look])
    slow = as_torch_code(kind, placement, 6)
    with torch.no_grad():
        for theirs, ours in zip(slow.parameters(), start.parameters(), strict=True):
            theirs.copy_(ours.view(theirs.shape))
    optimizer = torch.optim.SGD(slow.parameters(), rates[1])
    for step, (inputs, labels) in enumerate(seen[:8]):  # the ninth is looked at, not trained on
        for module in slow:
            if isinstance(module, Renorm):
                module.rmax, module.dmax = network.options.bounds(step)
        loss = nn.functional.cross_entropy(slow(inputs), labels)
        assert history.batch_losses[1, step] == pytest.approx(loss.item(), rel=1e-6)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    ours, theirs = cohort.select([1]), list(slow.parameters())
    for mine, other in zip(ours.parameters(), theirs, strict=True):
        assert_close(mine.detach().view(other.shape), other.detach(), rtol=1e-9, atol=1e-11)
    running = [b for name, b in slow.named_buffers()]
    if kind == "renorm":
        for mine, other in zip(ours.buffers(), running, strict=True):
            assert_close(mine, other, rtol=1e-9, atol=1e-11)
        assert [layer.running.updates for layer in ours.layers[:-1]] == [8, 8]
    else:
        assert not any(layer.running.mean.any() for layer in ours.layers[:-1])


def test_the_count_of_updates_is_restored_and_travels_with_a_replica():
    cohort = Cohort(a_network("renorm", width=4), [0, 1])
    inputs = torch.randn(2, 64, 8, generator=torch.Generator().manual_seed(0))
    cohort.forward(inputs, "train")
    with cohort.untouched():
        cohort.forward(inputs, "train")
        assert cohort.layers[0].running.updates == 2
    assert cohort.layers[0].running.updates == 1
    part = cohort.select([1])
    part.forward(inputs[:1], "train")
    assert (part.layers[1].running.updates, cohort.layers[1].running.updates) == (2, 1)
    cohort.paste(part, [1])
    assert cohort.layers[1].running.updates == 2


@pytest.mark.parametrize("kind", [name for name, one in NORMALIZERS.items() if one])
def test_measuring_updates_nothing(kind):
    cohort = Cohort(a_network(kind, width=4), [0])
    inputs = torch.randn(1, 64, 8, generator=torch.Generator().manual_seed(0))
    cohort.forward(inputs, "train")
    before = [b.clone() for b in cohort.buffers()]
    for mode in ("batch", "inference"):
        cohort.forward(inputs, mode)
    assert all(torch.equal(a, b) for a, b in zip(before, cohort.buffers(), strict=True))
    assert {layer.running.updates for layer in cohort.layers[:-1]} <= {0, 1}


class TestGroupsAndMixtures:
    def values(self, replicas=2, features=6, batch=5):
        generator = torch.Generator().manual_seed(4)
        draw = {"generator": generator, "dtype": torch.float64}
        x = 3 * torch.randn(replicas, features, batch, **draw) + 1
        units = replicas * features
        gamma, beta = torch.rand(units, **draw) + 0.5, torch.randn(units, **draw)
        running = RunningStatistics(torch.randn(units, **draw), torch.rand(units, **draw) + 0.5)
        return x, gamma, beta, running

    @pytest.mark.parametrize("groups", [1, 2, 3, 6])
    @pytest.mark.parametrize("mode", ["train", "batch", "inference"])
    def test_group_norm_is_that_of_torch_for_every_replica(self, groups, mode):
        x, gamma, beta, running = self.values()
        y = group_norm(x, gamma, beta, running, mode, Options(groups=groups))
        for replica in range(2):
            twin = nn.GroupNorm(groups, 6, dtype=torch.float64)
            with torch.no_grad():
                twin.weight.copy_(gamma.view(2, 6)[replica])
                twin.bias.copy_(beta.view(2, 6)[replica])
            assert_close(y[replica].T, twin(x[replica].T), rtol=1e-12, atol=1e-12)

    def test_one_group_is_layer_norm_to_the_bit(self):
        values = self.values()
        one = group_norm(*values, "train", Options(groups=1))
        assert torch.equal(one, layer_norm(*values, "train", Options()))

    def test_groups_that_do_not_divide_the_units_are_refused(self):
        with pytest.raises(ValueError, match="groups is 4; it must divide the 6 units"):
            group_norm(*self.values(), "train", Options(groups=4))
        with pytest.raises(ValueError, match="groups is 0"):
            Options(groups=0)

    def test_a_network_whose_units_do_not_come_out_even_is_refused(self):
        with pytest.raises(ValueError, match="groups is 4; it must divide the width of 6"):
            a_network("group", 4, width=6)
        assert a_network("layer", 4, width=6).options.groups == 4  # which has no groups
        for width in (8, 16, 32, 64, 128, 256):
            assert all(a_network("group", groups, width=width) for groups in (1, 2, 4, 8))

    @pytest.mark.parametrize("mode", ["train", "batch", "inference"])
    @pytest.mark.parametrize("batch", [1, 5])
    def test_instance_norm_of_single_values_is_beta_whatever_comes_in(self, mode, batch):
        x, gamma, beta, running = self.values(batch=batch)
        before = copied(running)
        x.requires_grad_()
        y = instance_norm(x, gamma, beta, running, mode, Options())
        assert torch.equal(y, beta.view(2, 6, 1).expand(x.shape))
        assert not torch.autograd.grad(y.square().sum(), x)[0].any()
        assert torch.equal(running.mean, before.mean)
        with pytest.raises(ValueError, match="more than 1 spatial element"):  # torch.nn refuses
            nn.InstanceNorm1d(6, dtype=torch.float64)(x[0].T[:, :, None])
        one = group_norm(x, gamma, beta, running, mode, Options(groups=6))
        assert torch.equal(one, y)  # as many groups as units

    def test_a_network_with_instance_norm_says_the_same_of_every_sample(self):
        cohort = Cohort(a_network("instance", width=8), [0])
        first = [layer.weight.detach().clone() for layer in cohort.layers[:-1]]
        train(cohort, [0], DIGITS, Plan((0.5,), 5, 16))
        assert all(map(torch.equal, first, [layer.weight for layer in cohort.layers[:-1]]))
        for mode in ("batch", "inference"):
            inputs = torch.tensor(DIGITS.test_inputs[:5]).T[None]
            outputs = cohort.forward(inputs, mode)
            assert torch.equal(outputs, outputs[:, :, :1].expand_as(outputs))

    @pytest.mark.parametrize("mode", ["train", "batch", "inference"])
    @pytest.mark.parametrize("batch", [1, 5])
    def test_switchable_norm_is_its_definition(self, mode, batch):
        x, gamma, beta, running = self.values(batch=batch)
        before = running.mean.view(2, 6).clone(), running.variance.view(2, 6).clone()
        importance_logits = torch.randn(
            8, dtype=torch.float64, generator=torch.Generator().manual_seed(1)
        )
        y = switchable_norm(x, gamma, beta, running, mode, Options(), importance_logits)
        for replica in range(2):
            rows = x[replica].T.numpy()  # (batch, features)
            logits = importance_logits.view(2, 2, 2)[replica].numpy()
            w, w2 = (np.exp(one) / np.exp(one).sum() for one in logits)
            mean, variance = rows.mean(0), rows.var(0)
            if mode == "inference":
                mean, variance = (one[replica].numpy() for one in before)
            mu = w[0] * rows.mean(1)[:, None] + w[1] * mean
            v = w2[0] * rows.var(1)[:, None] + w2[1] * variance
            scale, shift = (one.view(2, 6)[replica].numpy() for one in (gamma, beta))
            expected = scale * (rows - mu) / np.sqrt(v + 1e-5) + shift
            np.testing.assert_allclose(y[replica].T.numpy(), expected, rtol=1e-10, atol=1e-10)
            unbiased = rows.var(0) * batch / max(1, batch - 1)
            kept = 0.9 * before[1][replica].numpy() + 0.1 * unbiased
            expected = kept if mode == "train" else before[1][replica].numpy()
            np.testing.assert_allclose(running.variance.view(2, 6)[replica].numpy(), expected)

    def test_switchable_norm_learns_its_mixture_in_a_cohort(self):
        cohort = Cohort(a_network("switchable", width=4), [0, 1])
        assert all(layer.importance_logits.numel() == 8 for layer in cohort.layers[:-1])
        train(cohort, [0, 1], DIGITS, Plan((0.3, 0.3), 5, 16))
        assert all(layer.importance_logits.abs().sum() > 0 for layer in cohort.layers[:-1])
        alone = Cohort(a_network("switchable", width=4), [1])
        train(alone, [1], DIGITS, Plan((0.3,), 5, 16))
        ours = cohort.layers[0].importance_logits.view(2, -1)[1]
        assert torch.equal(ours, alone.layers[0].importance_logits)
        assert torch.equal(ours, cohort.select([1]).layers[0].importance_logits)
