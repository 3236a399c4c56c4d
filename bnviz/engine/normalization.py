"""NORMALIZERS: what a layer may do to its values to keep them in range.

A normalizer works on all replicas of a cohort at once. Values have the shape (R, features,
batch): replica, unit, sample. gamma, beta and the running statistics are (R * features,), replica
after replica: to the fused kernels, the units of all replicas are channels of one batch.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

Mode = Literal["train", "batch", "inference"]
"""train: statistics of the mini-batch, running statistics updated; batch: statistics of the
mini-batch, nothing updated (for measuring); inference: the running statistics."""


@dataclass
class Running:
    """Running mean and variance of one layer, each (R * features,)."""

    mean: Tensor
    variance: Tensor


@dataclass(frozen=True)
class Options:
    """What a normalizer may be told: all of them see the same options and use what they need."""

    momentum: float = 0.1  # the weight of the NEW value, PyTorch's convention
    epsilon: float = 1e-5
    chunk: int | None = None  # ghost batches: samples per set of statistics; None: the whole batch

    def __post_init__(self) -> None:
        if self.chunk is not None and self.chunk < 1:
            raise ValueError(f"chunk is {self.chunk}; it must be 1 or more")


def batch_norm(
    x: Tensor, gamma: Tensor, beta: Tensor, running: Running, mode: Mode, options: Options
) -> Tensor:
    """Batch normalization: y = gamma (x - mu) / sqrt(v + eps) + beta, per unit.

    mu and v are the mean and the biased variance of the mini-batch (Ioffe & Szegedy 2015,
    Alg. 1), or of each chunk of it (ghost batches, Hoffer et al. 2017). The running variance
    averages the unbiased variance, like torch.nn.BatchNorm1d; over ghost batches, both running
    statistics average those of the chunks. A single sample is its own mean: there y = beta.

    x: (R, features, batch); the same numbers come back, perhaps in another shape (a view would
    keep the activation from writing over them). Raises ValueError where the chunk does not
    divide the batch.
    """
    batch, channels = x.shape[2], gamma.numel()
    if mode == "inference":
        flat, old = _as(x, channels, batch), running
        return _fused(flat, gamma, beta, old.mean, old.variance, False, 0.0, options.epsilon)
    chunk = min(options.chunk or batch, batch)
    if batch % chunk:
        raise ValueError(f"chunk is {chunk}; it must divide the batch of {batch}")
    if chunk == 1:
        return _single_sample(x, gamma, beta, running, mode, options)
    update = options.momentum if mode == "train" else 0.0
    if chunk == batch:
        flat = _as(x, channels, batch)
        mean, variance = (running.mean, running.variance) if update else (None, None)
        return _fused(flat, gamma, beta, mean, variance, True, update, options.epsilon)
    return _ghost_batches(x, gamma, beta, running, update, options.epsilon, batch // chunk)


def _as(x: Tensor, channels: int, batch: int) -> Tensor:
    """All replicas' units as the channels of one batch."""
    return x if len(x) == 1 else x.reshape(1, channels, batch)


def _fused(
    x: Tensor,
    gamma: Tensor,
    beta: Tensor,
    mean: Tensor | None,
    variance: Tensor | None,
    training: bool,
    momentum: float,
    epsilon: float,
) -> Tensor:
    """torch.nn.functional.batch_norm, without its checks."""
    return torch.batch_norm(x, gamma, beta, mean, variance, training, momentum, epsilon, False)


def _ghost_batches(
    x: Tensor,
    gamma: Tensor,
    beta: Tensor,
    running: Running,
    update: float,
    epsilon: float,
    chunks: int,
) -> Tensor:
    """Every chunk of every unit is a channel of its own, with the unit's gamma and beta."""
    mean, variance, scale, shift = (
        t.repeat_interleave(chunks) for t in (running.mean, running.variance, gamma, beta)
    )
    flat = x.reshape(1, gamma.numel() * chunks, -1)
    y = _fused(flat, scale, shift, mean, variance, True, update, epsilon)
    if update:
        running.mean.copy_(mean.view(-1, chunks).mean(1))
        running.variance.copy_(variance.view(-1, chunks).mean(1))
    return y


def _single_sample(
    x: Tensor, gamma: Tensor, beta: Tensor, running: Running, mode: Mode, options: Options
) -> Tensor:
    """torch refuses statistics of one sample; here x - mu is simply zero, and so is v."""
    if mode == "train":
        mean = x.detach().mean(2).view(-1)
        running.mean.lerp_(mean, options.momentum)
        running.variance.mul_(1 - options.momentum)
    shape = (x.shape[0], x.shape[1], 1)
    return (x - x) * gamma.view(shape) + beta.view(shape)


def batch_norm_of_constants(
    x: Tensor, gamma: Tensor, beta: Tensor, running: Running, mode: Mode, options: Options
) -> Tensor:
    """Batch normalization with a mistake in the backward pass: mu and v count as constants.

    The outputs and the running statistics are those of batch_norm, but dL/dx = gamma dL/dy /
    sqrt(v + eps): what an update changes in the batch's mean and variance is left out (Ioffe &
    Szegedy 2015, Sec. 2, on normalizing outside of the gradient step). For the lesson on the
    backward pass. Raises ValueError where a chunk is asked for.
    """
    if mode == "inference":
        return batch_norm(x, gamma, beta, running, mode, options)
    if options.chunk is not None:
        raise ValueError(f"chunk is {options.chunk}; here the statistics are the whole batch's")
    batch = x.shape[2]
    flat = _as(x, gamma.numel(), batch)
    fixed = flat.detach().view(gamma.numel(), batch)
    mean, variance = fixed.mean(1), fixed.var(1, unbiased=False)
    if mode == "train":
        running.mean.lerp_(mean, options.momentum)
        running.variance.lerp_(variance * (batch / max(1, batch - 1)), options.momentum)
    return _fused(flat, gamma, beta, mean, variance, False, 0.0, options.epsilon)


Normalizer = Callable[[Tensor, Tensor, Tensor, Running, Mode, Options], Tensor]

NORMALIZERS: dict[str, Normalizer | None] = {
    "none": None,
    "batch": batch_norm,
    "batch, constants": batch_norm_of_constants,
}
