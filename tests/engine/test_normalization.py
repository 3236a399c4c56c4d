"""Batch normalization against torch.nn.BatchNorm1d, one module per replica, in float64.

Layer and group normalization against those of torch.nn, batch renormalization against a slow
module that follows its definition.
"""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.testing import assert_close

from bnviz.engine.architecture import Architecture
from bnviz.engine.batchnorm import Options, Running, batch_norm, batch_renorm
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

R, UNITS, BATCH = 2, 3, 12


def random(*shape, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(*shape, dtype=torch.float64, generator=generator)


def some_layer(batch=BATCH):
    """Values, gamma, beta and running statistics of a layer that has seen training."""
    x = 3 + 2 * random(R, UNITS, batch)
    gamma, beta = random(R * UNITS, seed=1), random(R * UNITS, seed=2)
    running = Running(random(R * UNITS, seed=3), 0.5 + random(R * UNITS, seed=4).abs())
    return x, gamma, beta, running


def reference(gamma, beta, running, replica, momentum=0.1):
    """torch's own module in the state of one replica."""
    part = slice(replica * UNITS, (replica + 1) * UNITS)
    module = nn.BatchNorm1d(UNITS, eps=1e-5, momentum=momentum, dtype=torch.float64)
    with torch.no_grad():
        module.weight.copy_(gamma[part])
        module.bias.copy_(beta[part])
        module.running_mean.copy_(running.mean[part])
        module.running_var.copy_(running.variance[part])
    return module


def copied(running):
    return Running(running.mean.clone(), running.variance.clone())


@pytest.mark.parametrize("mode", ["train", "batch", "inference"])
@pytest.mark.parametrize("momentum", [0.1, 0.7])
def test_values_gradients_and_running_statistics_are_those_of_torch(mode, momentum):
    x, gamma, beta, running = some_layer()
    modules = [reference(gamma, beta, running, r, momentum) for r in range(R)]
    ours, theirs = [t.clone().requires_grad_() for t in (x, gamma, beta)], x.clone()
    theirs.requires_grad_()
    weights, before = random(R, UNITS, BATCH, seed=5), copied(running)

    y = batch_norm(*ours, running, mode, Options(momentum=momentum)).view(x.shape)
    gradients = torch.autograd.grad((y * weights).sum(), ours)

    for module in modules:
        module.train(mode != "inference")
    expected = torch.stack([m(theirs[r].T).T for r, m in enumerate(modules)])
    (expected * weights).sum().backward()
    assert_close(y, expected)
    assert_close(gradients[0], theirs.grad)
    assert_close(gradients[1], torch.cat([m.weight.grad for m in modules]))
    assert_close(gradients[2], torch.cat([m.bias.grad for m in modules]))
    if mode == "train":
        assert_close(running.mean, torch.cat([m.running_mean for m in modules]))
        assert_close(running.variance, torch.cat([m.running_var for m in modules]))
        assert not torch.equal(running.mean, before.mean)
    else:
        assert torch.equal(running.mean, before.mean)
        assert torch.equal(running.variance, before.variance)


@pytest.mark.parametrize("mode", ["train", "batch"])
@pytest.mark.parametrize("chunk", [2, 3, 4, 6])
def test_each_ghost_batch_is_normalized_by_itself(mode, chunk):
    x, gamma, beta, running = some_layer()
    before, means, variances = copied(running), [], []
    y = batch_norm(x, gamma, beta, running, mode, Options(chunk=chunk)).view(x.shape)
    for start in range(0, BATCH, chunk):
        modules = [reference(gamma, beta, before, r) for r in range(R)]
        part = x[:, :, start : start + chunk]
        expected = torch.stack([m(part[r].T).T for r, m in enumerate(modules)])
        assert_close(y[:, :, start : start + chunk], expected)
        means.append(torch.cat([m.running_mean for m in modules]))
        variances.append(torch.cat([m.running_var for m in modules]))
    if mode == "train":
        assert_close(running.mean, torch.stack(means).mean(0))
        assert_close(running.variance, torch.stack(variances).mean(0))
    else:
        assert torch.equal(running.mean, before.mean)
        assert torch.equal(running.variance, before.variance)


def test_gradients_of_ghost_batches_are_those_of_finite_differences():
    x, gamma, beta, running = some_layer(batch=6)
    arguments = [t.requires_grad_() for t in (x, gamma, beta)]
    options = Options(chunk=3)
    assert torch.autograd.gradcheck(
        lambda *a: batch_norm(*a, running, "batch", options).view(x.shape), arguments
    )


@pytest.mark.parametrize("chunk", [BATCH, BATCH + 5, None])
def test_a_chunk_of_the_whole_batch_or_more_is_the_whole_batch(chunk):
    x, gamma, beta, running = some_layer()
    expected = batch_norm(x, gamma, beta, running, "batch", Options())
    y = batch_norm(x, gamma, beta, running, "batch", Options(chunk=chunk))
    assert torch.equal(y, expected)


@pytest.mark.parametrize("mode", ["train", "batch"])
@pytest.mark.parametrize(("batch", "chunk"), [(1, None), (1, 4), (BATCH, 1)])
def test_a_single_sample_is_its_own_mean_and_gives_beta(mode, batch, chunk):
    x, gamma, beta, running = some_layer(batch)
    x.requires_grad_()
    before = copied(running)
    y = batch_norm(x, gamma, beta, running, mode, Options(chunk=chunk)).view(x.shape)
    assert torch.equal(y, beta.view(R, UNITS, 1).expand(x.shape))
    assert not torch.autograd.grad(y.square().sum(), x)[0].any()
    if mode == "train":
        mean = x.detach().mean(2).flatten()
        assert_close(running.mean, 0.9 * before.mean + 0.1 * mean)
        assert_close(running.variance, 0.9 * before.variance)
    else:
        assert torch.equal(running.mean, before.mean)
        assert torch.equal(running.variance, before.variance)


def test_inference_takes_a_single_sample_and_ignores_the_chunk():
    x, gamma, beta, running = some_layer(1)
    y = batch_norm(x, gamma, beta, running, "inference", Options(chunk=5)).flatten()
    expected = gamma * (x.flatten() - running.mean) / (running.variance + 1e-5).sqrt() + beta
    assert_close(y, expected)


@pytest.mark.parametrize("mode", ["train", "batch"])
def test_a_chunk_that_does_not_divide_the_batch_is_refused(mode):
    with pytest.raises(ValueError, match="chunk is 5; it must divide the batch of 12"):
        batch_norm(*some_layer(), mode, Options(chunk=5))


@pytest.mark.parametrize("chunk", [0, -2])
def test_a_chunk_below_one_is_refused(chunk):
    with pytest.raises(ValueError, match=f"chunk is {chunk}; it must be 1 or more"):
        Options(chunk=chunk)


sizes = st.sampled_from([0.0, 1e-300, 1e-30, 1e-5, 1.0, 1e4, 1e30, 1e100])
spread = st.lists(st.floats(-1, 1, allow_subnormal=False), min_size=6, max_size=6)


@given(spread=spread, size=sizes, offset=sizes, chunk=st.sampled_from([None, 1, 2, 3, 6]))
@settings(deadline=None, max_examples=150)
def test_whatever_the_values_outputs_are_finite_and_bounded(spread, size, offset, chunk):
    x = (offset + size * torch.tensor(spread, dtype=torch.float64)).view(1, 1, 6)
    gamma, beta = torch.ones(1, dtype=torch.float64), torch.zeros(1, dtype=torch.float64)
    running = Running(torch.zeros_like(gamma), torch.ones_like(gamma))
    y = batch_norm(x, gamma, beta, running, "train", Options(chunk=chunk)).view(x.shape)
    assert torch.isfinite(y).all()
    # The mean of equal values may miss them by a last digit; where their variance is 0, that is
    # multiplied by 1/sqrt(eps), in torch.nn as well.
    missed = 4 * torch.finfo(x.dtype).eps * x.abs().max() / math.sqrt(1e-5)
    assert y.abs().max() <= math.sqrt((chunk or 6) - 1) * (1 + 1e-6) + missed
    assert torch.isfinite(running.mean).all()
    assert torch.isfinite(running.variance).all()
    assert running.variance.item() >= 0


@given(spread=spread, size=st.sampled_from([1e-5, 1.0, 1e4, 1e30]))
@settings(deadline=None, max_examples=100)
def test_ordinary_values_follow_the_formula(spread, size):
    x = (size * torch.tensor(spread, dtype=torch.float64)).view(1, 1, 6)
    gamma, beta = torch.full((1,), 1.5).double(), torch.full((1,), -0.5).double()
    running = Running(torch.zeros_like(gamma), torch.ones_like(gamma))
    y = batch_norm(x, gamma, beta, running, "train", Options()).view(x.shape)
    centred = x - x.mean()
    expected = 1.5 * centred / (centred.square().mean() + 1e-5).sqrt() - 0.5
    if centred.abs().max() > 1e-9 * x.abs().max():  # below, only rounding is left
        assert_close(y, expected, rtol=1e-6, atol=1e-6)


@given(value=st.floats(-1e4, 1e4))
@settings(deadline=None, max_examples=50)
def test_a_constant_feature_gives_beta(value):
    x = torch.full((R, UNITS, 8), value, dtype=torch.float64)
    _, gamma, beta, running = some_layer()
    y = batch_norm(x, gamma, beta, running, "batch", Options()).view(x.shape)
    assert_close(y, beta.view(R, UNITS, 1).expand(x.shape), rtol=0, atol=1e-8)


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
    alone = layer_norm(x[:, :, 4:5], gamma, beta, running, "inference", Options(chunk=5))
    assert torch.equal(whole[:, :, 4:5], alone)
    batch = batch_norm(x, gamma, beta, running, "batch", Options()).view(x.shape)
    assert not torch.allclose(whole, batch, atol=0.1)


@given(spread=spread, size=sizes, offset=sizes)
@settings(deadline=None, max_examples=100)
def test_layer_norm_is_finite_whatever_the_values(spread, size, offset):
    x = (offset + size * torch.tensor(spread, dtype=torch.float64)).view(1, 6, 1)
    gamma, beta = torch.ones(6, dtype=torch.float64), torch.zeros(6, dtype=torch.float64)
    y = layer_norm(x, gamma, beta, Running(beta, gamma), "train", Options())
    missed = 40 * torch.finfo(x.dtype).eps * x.abs().max() / math.sqrt(1e-5)
    assert torch.isfinite(y).all()
    assert y.abs().max() <= math.sqrt(5) * (1 + 1e-6) + missed


# ------------------------------------------------------------------ batch renormalization

OPEN = Options(rmax=1e9, dmax=1e9, ramp=0)  # nothing is ever clipped


class Renorm(nn.Module):
    """Batch renormalization of (batch, units), word by word from the definition."""

    def __init__(self, units, rmax, dmax, momentum=0.1, epsilon=1e-5):
        super().__init__()
        self.weight, self.bias = nn.Parameter(torch.ones(units)), nn.Parameter(torch.zeros(units))
        self.register_buffer("running_mean", torch.zeros(units))
        self.register_buffer("running_var", torch.ones(units))
        self.rmax, self.dmax, self.momentum, self.epsilon = rmax, dmax, momentum, epsilon

    def forward(self, x):
        mean, variance = x.mean(0), x.var(0, correction=0)
        spread, long = (torch.sqrt(v + self.epsilon) for v in (variance, self.running_var))
        with torch.no_grad():
            r = torch.clip(spread / long, 1 / self.rmax, self.rmax)
            d = torch.clip((mean - self.running_mean) / long, -self.dmax, self.dmax)
            unbiased = x.var(0) if len(x) > 1 else torch.zeros_like(mean)
            self.running_mean += self.momentum * (mean - self.running_mean)
            self.running_var += self.momentum * (unbiased - self.running_var)
        return ((x - mean) / spread * r + d) * self.weight + self.bias


def slow_renorm(gamma, beta, running, replica, rmax, dmax):
    part = slice(replica * UNITS, (replica + 1) * UNITS)
    module = Renorm(UNITS, rmax, dmax).double()
    with torch.no_grad():
        for theirs, ours in zip(
            (*module.parameters(), *module.buffers()),
            (gamma, beta, running.mean, running.variance),
            strict=True,
        ):
            theirs.copy_(ours[part])
    return module


@pytest.mark.parametrize("mode", ["train", "batch"])
@pytest.mark.parametrize(("rmax", "dmax"), [(1.0, 0.0), (1.2, 0.3), (3.0, 5.0), (1e9, 1e9)])
@pytest.mark.parametrize("batch", [1, 2, BATCH])
def test_renorm_and_its_gradients_follow_the_definition(mode, rmax, dmax, batch):
    x, gamma, beta, running = some_layer(batch)
    modules = [slow_renorm(gamma, beta, running, r, rmax, dmax) for r in range(R)]
    ours, theirs = [t.clone().requires_grad_() for t in (x, gamma, beta)], x.clone()
    theirs.requires_grad_()
    weights, before = random(R, UNITS, batch, seed=5), copied(running)
    y = batch_renorm(*ours, running, mode, Options(rmax=rmax, dmax=dmax, ramp=0)).view(x.shape)
    gradients = torch.autograd.grad((y * weights).sum(), ours)
    expected = torch.stack([m(theirs[r].T).T for r, m in enumerate(modules)])
    (expected * weights).sum().backward()
    assert_close(y, expected)
    assert_close(gradients[0], theirs.grad)
    assert_close(gradients[1], torch.cat([m.weight.grad for m in modules]))
    assert_close(gradients[2], torch.cat([m.bias.grad for m in modules]))
    if mode == "train":
        assert_close(running.mean, torch.cat([m.running_mean for m in modules]))
        assert_close(running.variance, torch.cat([m.running_var for m in modules]))
        assert running.updates == 1
    else:
        assert torch.equal(running.mean, before.mean)
        assert torch.equal(running.variance, before.variance)
        assert running.updates == 0


def test_with_r_one_and_d_zero_renorm_is_bn_to_the_bit():
    x, gamma, beta, running = some_layer()
    other = copied(running)
    expected = batch_norm(x, gamma, beta, running, "train", Options())
    y = batch_renorm(x, gamma, beta, other, "train", Options(rmax=1, dmax=0))
    assert torch.equal(y, expected)
    assert_close(other.mean, running.mean)
    assert_close(other.variance, running.variance)
    clipped_less = batch_renorm(x, gamma, beta, copied(running), "train", OPEN)
    assert not torch.allclose(clipped_less, expected, atol=0.1)


@pytest.mark.parametrize("mode", ["train", "batch"])
@pytest.mark.parametrize("batch", [1, 2, BATCH])
def test_without_clipping_training_computes_what_inference_computes(mode, batch):
    x, gamma, beta, running = some_layer(batch)
    inference = batch_renorm(x, gamma, beta, running, "inference", Options()).view(x.shape)
    y = batch_renorm(x, gamma, beta, running, mode, OPEN).view(x.shape)
    assert_close(y, inference)


@pytest.mark.parametrize("chunk", [1, 2, 4])
def test_each_chunk_is_renormalized_by_itself(chunk):
    x, gamma, beta, running = some_layer()
    before, means = copied(running), []
    options = Options(chunk=chunk, rmax=1.5, dmax=0.5, ramp=0)
    y = batch_renorm(x, gamma, beta, running, "train", options).view(x.shape)
    for start in range(0, BATCH, chunk):
        part, own = x[:, :, start : start + chunk], copied(before)
        expected = batch_renorm(part, gamma, beta, own, "train", replace(options, chunk=None))
        assert_close(y[:, :, start : start + chunk], expected.view(part.shape))
        means.append(own.mean)
    assert_close(running.mean, torch.stack(means).mean(0))
    with pytest.raises(ValueError, match="chunk is 5; it must divide the batch of 12"):
        batch_renorm(x, gamma, beta, running, "train", Options(chunk=5))


def test_the_bounds_rise_from_bn_over_the_ramp():
    options = Options(rmax=3, dmax=5, ramp=10)
    assert options.bounds(0) == (1, 0)
    assert options.bounds(5) == (2, 2.5)
    assert options.bounds(10) == options.bounds(1000) == (3, 5)
    assert Options(ramp=0).bounds(0) == (3, 5)


@pytest.mark.parametrize(("name", "value"), [("rmax", 0.5), ("dmax", -1.0), ("ramp", -1)])
def test_bounds_that_bound_nothing_are_refused(name, value):
    with pytest.raises(ValueError, match=f"{name} is {value}; it must be"):
        Options(**{name: value})
    with pytest.raises(ValueError, match="rmax is nan"):
        Options(rmax=math.nan)


def test_the_ramp_counts_the_updates_of_training_alone():
    x, gamma, beta, running = some_layer()
    for expected, mode in enumerate(["train", "batch", "inference", "train"], start=1):
        batch_renorm(x, gamma, beta, running, mode, Options())
        assert running.updates == (2 if expected == 4 else 1)


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

    def look(moment):
        seen.append((moment.inputs[1].T.clone(), moment.labels[1].clone()))
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
        running = Running(torch.randn(units, **draw), torch.rand(units, **draw) + 0.5)
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
        mix = torch.randn(8, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
        y = switchable_norm(x, gamma, beta, running, mode, Options(), mix)
        for replica in range(2):
            rows = x[replica].T.numpy()  # (batch, features)
            logits = mix.view(2, 2, 2)[replica].numpy()
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
        assert all(layer.mix.numel() == 8 for layer in cohort.layers[:-1])
        train(cohort, [0, 1], DIGITS, Plan((0.3, 0.3), 5, 16))
        assert all(layer.mix.abs().sum() > 0 for layer in cohort.layers[:-1])
        alone = Cohort(a_network("switchable", width=4), [1])
        train(alone, [1], DIGITS, Plan((0.3,), 5, 16))
        ours = cohort.layers[0].mix.view(2, -1)[1]
        assert torch.equal(ours, alone.layers[0].mix)
        assert torch.equal(ours, cohort.select([1]).layers[0].mix)
