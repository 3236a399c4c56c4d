"""Batch normalization against torch.nn.BatchNorm1d, one module per replica, in float64."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.testing import assert_close

from bnviz.engine.normalization import Options, Running, batch_norm

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
