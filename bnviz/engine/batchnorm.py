"""Batch normalization and batch renormalization, and what all normalizers share.

A normalizer works on all replicas of a cohort at once. Values have the shape (R, features,
batch): replica, unit, sample. gamma, beta and the running statistics are (R * units,), replica
after replica: to the fused kernels, the units of all replicas are channels of one batch.

A unit of a convolution is a channel, with the pixels of its map side by side: features = units *
pixels. In a fully connected layer a unit is one value, and there is no space to average over.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

Mode = Literal["train", "batch", "inference"]
"""train: statistics of the mini-batch, running statistics updated; batch: statistics of the
mini-batch, nothing updated (for measuring); inference: the running statistics."""


Moments = tuple[Tensor, Tensor]
"""Mean and biased variance."""


Seen = tuple[Tensor, Tensor, int]
"""What BN saw of a mini-batch: the mean of each unit and its scale, 1 / sqrt(variance + epsilon),
each (1, R * features), and the numbers behind each."""


@dataclass
class RunningStatistics:
    """Running mean and variance of one layer, each (R * features,)."""

    mean: Tensor
    variance: Tensor
    updates: int = 0  # mini-batches taken in; batch renormalization alone counts them
    waiting: list[Seen] | None = None  # where BN leaves what it saw, until `take_in_all`


@dataclass(frozen=True)
class Options:
    """What a normalizer may be told: all of them see the same options and use what they need."""

    momentum: float = 0.1  # the weight of the NEW value, PyTorch's convention
    epsilon: float = 1e-5
    ghost_batch_size: int | None = (
        None  # ghost batches: samples per set of statistics; None: the whole batch
    )
    rmax: float = 3.0  # batch renormalization: the bounds of r and d …
    dmax: float = 5.0
    ramp: int = 100  # … and the updates over which they rise from 1 and 0, which is BN
    groups: int = 2  # group normalization: into so many groups a sample's units are put

    def __post_init__(self) -> None:
        if self.ghost_batch_size is not None and self.ghost_batch_size < 1:
            raise ValueError(f"ghost_batch_size is {self.ghost_batch_size}; it must be 1 or more")
        for name, least in (("rmax", 1), ("dmax", 0), ("ramp", 0), ("groups", 1)):
            value = getattr(self, name)
            if not value >= least:
                raise ValueError(f"{name} is {value}; it must be {least} or more")

    def bounds(self, updates: int) -> tuple[float, float]:
        """(rmax, dmax) after so many updates: from (1, 0) along a straight line, then constant."""
        share = min(1.0, updates / self.ramp) if self.ramp else 1.0
        return 1 + share * (self.rmax - 1), share * self.dmax


def batch_norm(
    x: Tensor, gamma: Tensor, beta: Tensor, running: RunningStatistics, mode: Mode, options: Options
) -> Tensor:
    """Batch normalization: y = gamma (x - mu) / sqrt(v + eps) + beta, per unit.

    mu and v are the mean and the biased variance of the mini-batch (Ioffe & Szegedy 2015,
    Alg. 1), of all pixels of all samples where there is space, or of each chunk of the samples
    (ghost batches, Hoffer et al. 2017). The running variance averages the unbiased variance, like
    torch.nn.BatchNorm1d and BatchNorm2d; over ghost batches, both running statistics average
    those of the chunks. A single number is its own mean: there y = beta.

    x: (R, features, batch); the same numbers come back, perhaps in another shape (a view would
    keep the activation from writing over them). Raises ValueError where the chunk does not
    divide the batch, or where there are both chunks and space.
    """
    channels = gamma.numel()
    batch = x.numel() // channels
    if mode == "inference":
        return _scaled(x, gamma, beta, (running.mean, running.variance), options.epsilon)
    ghost_batch_size = _ghost_batch_size(x, batch, options)
    if ghost_batch_size == 1:
        return _single_sample(x, gamma, beta, running, mode, options)
    if ghost_batch_size < batch:  # every chunk of every unit is a channel of its own
        gamma, beta = (t.repeat_interleave(batch // ghost_batch_size) for t in (gamma, beta))
    y, mean, scale = _normalized(x, gamma, beta, options.epsilon)
    if mode != "train":
        return y
    if ghost_batch_size == batch and running.waiting is not None:
        running.waiting.append((mean, scale, batch))
        return y
    with torch.no_grad():
        variance = _to_variance(scale.clone(), options.epsilon)
        mean, variance = (t.view(channels, -1).mean(1) for t in (mean, variance))
        take_in(running, mean, variance, ghost_batch_size, options.momentum)
    return y


def _ghost_batch_size(x: Tensor, batch: int, options: Options) -> int:
    """How many numbers of a unit have their statistics together."""
    if options.ghost_batch_size is not None and batch > x.shape[2]:
        raise ValueError(
            f"ghost_batch_size is {options.ghost_batch_size}; chunks are of values without space"
        )
    ghost_batch_size = min(options.ghost_batch_size or batch, batch)
    if batch % ghost_batch_size:
        raise ValueError(
            f"ghost_batch_size is {ghost_batch_size}; it must divide the batch of {batch}"
        )
    return ghost_batch_size


def _normalized(
    x: Tensor, gamma: Tensor, beta: Tensor, epsilon: float
) -> tuple[Tensor, Tensor, Tensor]:
    """y of x, in the shape of x; each channel's mean, and its scale: 1 / sqrt(variance + epsilon).

    By torch's kernel for group normalization, with every channel a group of its own: it takes half
    the time of the one for batch normalization, which adds up number after number.
    """
    channels = gamma.numel()
    sizes = 1, channels, x.numel() // channels, channels  # samples, channels, numbers, groups
    return torch.native_group_norm(x.contiguous(), gamma, beta, *sizes, epsilon)


def _to_variance(scale: Tensor, epsilon: float) -> Tensor:
    """In place: the variance behind 1 / sqrt(variance + epsilon)."""
    return scale.pow_(-2).sub_(epsilon).clamp_min_(0)


def take_in_all(statistics: Tensor, seen: Sequence[Seen], options: Options) -> None:
    """What `take_in` does, for all layers of one pass in a few operations.

    Layer by layer that would take longer than the normalization of a small network. statistics:
    (2, units), running means and variances of all that was seen, in that order.
    """
    means, scales, numbers = zip(*seen, strict=True)
    (count,) = set(numbers)
    with torch.no_grad():
        new = torch.cat([*means, *scales], 1).view(2, -1)
        _to_variance(new[1], options.epsilon).mul_(count / (count - 1))
        statistics.lerp_(new, options.momentum)


def _scaled(x: Tensor, gamma: Tensor, beta: Tensor, fixed: Moments, epsilon: float) -> Tensor:
    """y of x, with a mean and a variance that are given for every channel."""
    channels = gamma.numel()
    shape = (1, channels, x.numel() // channels)
    flat = x if x.shape == shape else x.reshape(shape)
    return torch.batch_norm(flat, gamma, beta, *fixed, False, 0.0, epsilon, False)


def _single_sample(
    x: Tensor, gamma: Tensor, beta: Tensor, running: RunningStatistics, mode: Mode, options: Options
) -> Tensor:
    """torch refuses statistics of one sample; here x - mu is simply zero, and so is v."""
    if mode == "train":
        mean = x.detach().mean(2).view(-1)
        running.mean.lerp_(mean, options.momentum)
        running.variance.mul_(1 - options.momentum)
    shape = (x.shape[0], x.shape[1], 1)
    return (x - x) * gamma.view(shape) + beta.view(shape)


def batch_norm_of_constants(
    x: Tensor, gamma: Tensor, beta: Tensor, running: RunningStatistics, mode: Mode, options: Options
) -> Tensor:
    """Batch normalization with a mistake in the backward pass: mu and v count as constants.

    The outputs and the running statistics are those of batch_norm, but dL/dx = gamma dL/dy /
    sqrt(v + eps): what an update changes in the batch's mean and variance is left out (Ioffe &
    Szegedy 2015, Sec. 2, on normalizing outside of the gradient step). For the lesson on the
    backward pass. Raises ValueError where a chunk is asked for.
    """
    if mode == "inference":
        return batch_norm(x, gamma, beta, running, mode, options)
    ghost_batch_size = options.ghost_batch_size
    if ghost_batch_size is not None:
        raise ValueError(
            f"ghost_batch_size is {ghost_batch_size}; here the statistics are the whole batch's"
        )
    batch = x.shape[2]
    fixed = x.detach().reshape(gamma.numel(), batch)
    mean, variance = fixed.mean(1), fixed.var(1, unbiased=False)
    if mode == "train":
        take_in(running, mean, variance, batch, options.momentum)
    return _scaled(x, gamma, beta, (mean, variance), options.epsilon)


def batch_renorm(
    x: Tensor, gamma: Tensor, beta: Tensor, running: RunningStatistics, mode: Mode, options: Options
) -> Tensor:
    """Batch renormalization: y = gamma ((x - mu_B) / s_B * r + d) + beta (Ioffe 2017, Alg. 1).

    r = clip(s_B / s, 1/rmax, rmax) and d = clip((mu_B - mu) / s, -dmax, dmax) count as constants:
    no gradient goes through them. s_B = sqrt(v_B + eps) is the mini-batch's, with the biased v_B;
    mu and s = sqrt(variance + eps) are the running statistics as they were before this batch.
    Where nothing is clipped, y = gamma (x - mu) / s + beta: what inference computes. With r = 1
    and d = 0 it is BN, to the bit. See Options.bounds for how rmax and dmax rise.

    Running statistics, ghost batches, space and single numbers: as in batch_norm. x: (R, features,
    batch). Raises ValueError where batch_norm does.
    """
    if mode == "inference":
        return batch_norm(x, gamma, beta, running, mode, options)
    channels = gamma.numel()
    batch = x.numel() // channels
    size = _ghost_batch_size(x, batch, options)
    mean, variance = _moments(x.detach().reshape(channels, -1, size))
    r, d = corrections((mean, variance), running, options)
    scale, shift = gamma[:, None] * r, beta[:, None] + gamma[:, None] * d
    if mode == "train":
        take_in(running, mean.mean(1), variance.mean(1), size, options.momentum)
        running.updates += 1
    if size == 1:
        x = x - x  # exactly zero, which the fused kernel reaches only by rounding
    return _normalized(x, scale.flatten(), shift.flatten(), options.epsilon)[0]


def corrections(of: Moments, running: RunningStatistics, options: Options) -> Moments:
    """r and d of batch renormalization, for moments of (R * units, sets of statistics)."""
    rmax, dmax = options.bounds(running.updates)
    old = (running.variance[:, None] + options.epsilon).sqrt()
    r = ((of[1] + options.epsilon).sqrt() / old).clamp(1 / rmax, rmax)
    return r, ((of[0] - running.mean[:, None]) / old).clamp(-dmax, dmax)


def _moments(values: Tensor) -> Moments:
    """Mean and biased variance over the last axis (torch.var_mean takes several times as long)."""
    mean = values.mean(-1)
    norm = torch.linalg.vector_norm(values - mean[..., None], dim=-1)
    return mean, norm.square() / values.shape[-1]


def take_in(
    running: RunningStatistics, mean: Tensor, variance: Tensor, numbers: int, momentum: float
) -> None:
    """Average a mini-batch's mean and biased variance, of so many numbers each, as BN does."""
    running.mean.lerp_(mean, momentum)
    running.variance.lerp_(variance * (numbers / max(1, numbers - 1)), momentum)
