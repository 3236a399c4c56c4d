"""BN, its ghost batches and its renormalization, against torch.nn and slow loops."""

import math
from dataclasses import replace

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.testing import assert_close

from bnviz.engine.batchnorm import Options, RunningStatistics, batch_norm, batch_renorm, take_in_all
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
    y = batch_norm(x, gamma, beta, running, mode, Options(ghost_batch_size=chunk)).view(x.shape)
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
    options = Options(ghost_batch_size=3)
    assert torch.autograd.gradcheck(
        lambda *a: batch_norm(*a, running, "batch", options).view(x.shape), arguments
    )


@pytest.mark.parametrize("chunk", [BATCH, BATCH + 5, None])
def test_a_chunk_of_the_whole_batch_or_more_is_the_whole_batch(chunk):
    x, gamma, beta, running = some_layer()
    expected = batch_norm(x, gamma, beta, running, "batch", Options())
    y = batch_norm(x, gamma, beta, running, "batch", Options(ghost_batch_size=chunk))
    assert torch.equal(y, expected)


@pytest.mark.parametrize("mode", ["train", "batch"])
@pytest.mark.parametrize(("batch", "chunk"), [(1, None), (1, 4), (BATCH, 1)])
def test_a_single_sample_is_its_own_mean_and_gives_beta(mode, batch, chunk):
    x, gamma, beta, running = some_layer(batch)
    x.requires_grad_()
    before = copied(running)
    y = batch_norm(x, gamma, beta, running, mode, Options(ghost_batch_size=chunk)).view(x.shape)
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
    y = batch_norm(x, gamma, beta, running, "inference", Options(ghost_batch_size=5)).flatten()
    expected = gamma * (x.flatten() - running.mean) / (running.variance + 1e-5).sqrt() + beta
    assert_close(y, expected)


@pytest.mark.parametrize("mode", ["train", "batch"])
def test_a_chunk_that_does_not_divide_the_batch_is_refused(mode):
    with pytest.raises(ValueError, match="ghost_batch_size is 5; it must divide the batch of 12"):
        batch_norm(*some_layer(), mode, Options(ghost_batch_size=5))


@pytest.mark.parametrize("chunk", [0, -2])
def test_a_chunk_below_one_is_refused(chunk):
    with pytest.raises(ValueError, match=f"ghost_batch_size is {chunk}; it must be 1 or more"):
        Options(ghost_batch_size=chunk)


@given(spread=spread, size=sizes, offset=sizes, chunk=st.sampled_from([None, 1, 2, 3, 6]))
@settings(deadline=None, max_examples=150)
def test_whatever_the_values_outputs_are_finite_and_bounded(spread, size, offset, chunk):
    x = (offset + size * torch.tensor(spread, dtype=torch.float64)).view(1, 1, 6)
    gamma, beta = torch.ones(1, dtype=torch.float64), torch.zeros(1, dtype=torch.float64)
    running = RunningStatistics(torch.zeros_like(gamma), torch.ones_like(gamma))
    y = batch_norm(x, gamma, beta, running, "train", Options(ghost_batch_size=chunk)).view(x.shape)
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
    running = RunningStatistics(torch.zeros_like(gamma), torch.ones_like(gamma))
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


# ------------------------------------------------------------------ batch renormalization
OPEN = Options(rmax=1e9, dmax=1e9, ramp=0)  # nothing is ever clipped


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
    options = Options(ghost_batch_size=chunk, rmax=1.5, dmax=0.5, ramp=0)
    y = batch_renorm(x, gamma, beta, running, "train", options).view(x.shape)
    for start in range(0, BATCH, chunk):
        part, own = x[:, :, start : start + chunk], copied(before)
        expected = batch_renorm(
            part, gamma, beta, own, "train", replace(options, ghost_batch_size=None)
        )
        assert_close(y[:, :, start : start + chunk], expected.view(part.shape))
        means.append(own.mean)
    assert_close(running.mean, torch.stack(means).mean(0))
    with pytest.raises(ValueError, match="ghost_batch_size is 5; it must divide the batch of 12"):
        batch_renorm(x, gamma, beta, running, "train", Options(ghost_batch_size=5))


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


def test_layers_whose_statistics_wait_take_in_the_same_as_each_alone():
    options, seen, alone, together = Options(momentum=0.3), [], [], []
    for seed in (1, 2):
        x, gamma, beta, running = some_layer()
        x = x + random(*x.shape, seed=seed)
        waiting = replace(copied(running), waiting=seen)
        batch_norm(x, gamma, beta, waiting, "train", options)
        together.append(torch.stack([waiting.mean, waiting.variance]))
        batch_norm(x, gamma, beta, running, "train", options)
        alone.append(torch.stack([running.mean, running.variance]))
    statistics = torch.cat(together, 1)
    take_in_all(statistics, seen, options)
    assert_close(statistics, torch.cat(alone, 1))
