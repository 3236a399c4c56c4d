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
    updates: int = 0  # mini-batches taken in; batch renormalization alone counts them


@dataclass(frozen=True)
class Options:
    """What a normalizer may be told: all of them see the same options and use what they need."""

    momentum: float = 0.1  # the weight of the NEW value, PyTorch's convention
    epsilon: float = 1e-5
    chunk: int | None = None  # ghost batches: samples per set of statistics; None: the whole batch
    rmax: float = 3.0  # batch renormalization: the bounds of r and d …
    dmax: float = 5.0
    ramp: int = 100  # … and the updates over which they rise from 1 and 0, which is BN
    groups: int = 2  # group normalization: into so many groups a sample's units are put

    def __post_init__(self) -> None:
        if self.chunk is not None and self.chunk < 1:
            raise ValueError(f"chunk is {self.chunk}; it must be 1 or more")
        for name, least in (("rmax", 1), ("dmax", 0), ("ramp", 0), ("groups", 1)):
            value = getattr(self, name)
            if not value >= least:
                raise ValueError(f"{name} is {value}; it must be {least} or more")

    def bounds(self, updates: int) -> tuple[float, float]:
        """(rmax, dmax) after so many updates: from (1, 0) along a straight line, then constant."""
        share = min(1.0, updates / self.ramp) if self.ramp else 1.0
        return 1 + share * (self.rmax - 1), share * self.dmax


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


def batch_renorm(
    x: Tensor, gamma: Tensor, beta: Tensor, running: Running, mode: Mode, options: Options
) -> Tensor:
    """Batch renormalization: y = gamma ((x - mu_B) / s_B * r + d) + beta (Ioffe 2017, Alg. 1).

    r = clip(s_B / s, 1/rmax, rmax) and d = clip((mu_B - mu) / s, -dmax, dmax) count as constants:
    no gradient goes through them. s_B = sqrt(v_B + eps) is the mini-batch's, with the biased v_B;
    mu and s = sqrt(variance + eps) are the running statistics as they were before this batch.
    Where nothing is clipped, y = gamma (x - mu) / s + beta: what inference computes. With r = 1
    and d = 0 it is BN, to the bit. See Options.bounds for how rmax and dmax rise.

    Running statistics, ghost batches and single samples: as in batch_norm. x: (R, features,
    batch). Raises ValueError where the chunk does not divide the batch.
    """
    if mode == "inference":
        return batch_norm(x, gamma, beta, running, mode, options)
    channels, batch = gamma.numel(), x.shape[2]
    size = min(options.chunk or batch, batch)
    if batch % size:
        raise ValueError(f"chunk is {size}; it must divide the batch of {batch}")
    flat = x.reshape(1, channels * (batch // size), size)
    mean, variance = _moments(flat.detach().view(channels, -1, size))
    rmax, dmax = options.bounds(running.updates)
    old = (running.variance[:, None] + options.epsilon).sqrt()
    r = ((variance + options.epsilon).sqrt() / old).clamp(1 / rmax, rmax)
    d = ((mean - running.mean[:, None]) / old).clamp(-dmax, dmax)
    scale, shift = gamma[:, None] * r, beta[:, None] + gamma[:, None] * d
    if mode == "train":
        unbiased = variance * (size / max(1, size - 1))
        running.mean.lerp_(mean.mean(1), options.momentum)
        running.variance.lerp_(unbiased.mean(1), options.momentum)
        running.updates += 1
    if size == 1:
        flat = flat - flat  # exactly zero, which the fused kernel reaches only by rounding
    return _fused(flat, scale.flatten(), shift.flatten(), None, None, True, 0.0, options.epsilon)


def _moments(values: Tensor) -> tuple[Tensor, Tensor]:
    """Mean and biased variance over the last axis (torch.var_mean takes several times as long)."""
    mean = values.mean(-1)
    norm = torch.linalg.vector_norm(values - mean[..., None], dim=-1)
    return mean, norm.square() / values.shape[-1]


def layer_norm(
    x: Tensor, gamma: Tensor, beta: Tensor, running: Running, mode: Mode, options: Options
) -> Tensor:
    """Layer normalization: y = gamma (x - mu) / sqrt(v + eps) + beta (Ba et al. 2016).

    mu and v are the mean and the biased variance of one sample over the units of the layer;
    gamma and beta are each unit's own. No sample sees another, so every mode computes the same,
    whatever the batch; running statistics are neither used nor updated.

    x: (R, features, batch); y has the same shape.
    """
    return _by_sample(x, gamma, beta, 1, options.epsilon)


def group_norm(
    x: Tensor, gamma: Tensor, beta: Tensor, running: Running, mode: Mode, options: Options
) -> Tensor:
    """Group normalization: y = gamma (x - mu) / sqrt(v + eps) + beta (Wu & He 2018).

    mu and v are the mean and the biased variance of one sample over one of `options.groups`
    groups of neighbouring units; one group is layer normalization. gamma and beta are each unit's
    own. As there, no sample sees another, and nothing runs.

    x: (R, features, batch); y has the same shape. Raises ValueError where the groups do not
    divide the features.
    """
    if x.shape[1] % options.groups:
        raise ValueError(f"groups is {options.groups}; it must divide the {x.shape[1]} units")
    return _by_sample(x, gamma, beta, options.groups, options.epsilon)


def _by_sample(x: Tensor, gamma: Tensor, beta: Tensor, groups: int, epsilon: float) -> Tensor:
    """Each sample by itself, each group of its units by itself."""
    replicas, features, batch = x.shape
    scale, shift = gamma.view(replicas, 1, features), beta.view(replicas, 1, features)
    rows, size = x.transpose(1, 2), features // groups
    if groups > 1:
        rows = rows.reshape(replicas, batch, groups, size)
    rows = torch.layer_norm(rows, (size,), None, None, epsilon).view(replicas, batch, features)
    # not addcmul, which rounds the last few numbers of an array in another way than the rest
    return (rows * scale).add_(shift).transpose(1, 2).contiguous()


def switchable_norm(
    x: Tensor,
    gamma: Tensor,
    beta: Tensor,
    running: Running,
    mode: Mode,
    options: Options,
    mix: Tensor | None = None,
) -> Tensor:
    """Switchable normalization: y = gamma (x - mu) / sqrt(v + eps) + beta (Luo et al. 2018).

    mu = sum_k w_k mu_k and v = sum_k w'_k v_k, with k from layer and batch normalization; w and
    w' are softmaxes of numbers that are learned with the weights. In inference the batch's part
    comes from the running statistics. Values without space have no instance statistics, which
    the paper mixes in as well; see images.py for those.

    x: (R, features, batch); mix: (R * 4,), per replica the numbers behind w (layer, batch), then
    w'; None: all of them equal.
    """
    replicas, features, batch = x.shape
    by_sample = x.mean(1, keepdim=True), x.var(1, unbiased=False, keepdim=True)
    if mode == "inference":
        by_unit = tuple(one.view(replicas, features, 1) for one in (running.mean, running.variance))
    else:
        by_unit = x.mean(2, keepdim=True), x.var(2, unbiased=False, keepdim=True)
    if mode == "train":
        take_in(running, by_unit[0].flatten(), by_unit[1].flatten(), batch, options.momentum)
    shares = shares_of(x.new_zeros(4 * replicas) if mix is None else mix, replicas, 2)[..., None]
    mean, variance = (
        shares[:, which, 0, None] * one + shares[:, which, 1, None] * other
        for which, (one, other) in enumerate(zip(by_sample, by_unit, strict=True))
    )
    scale = gamma.view(replicas, features, 1) / (variance + options.epsilon).sqrt()
    return (x - mean) * scale + beta.view(replicas, features, 1)


def shares_of(mix: Tensor, replicas: int, kinds: int) -> Tensor:
    """The softmax weights of switchable normalization, (R, 2, kinds): of the means, variances."""
    return mix.view(replicas, 2, kinds).softmax(2)


def take_in(
    running: Running, mean: Tensor, variance: Tensor, numbers: int, momentum: float
) -> None:
    """Average a mini-batch's mean and biased variance, of so many numbers each, as BN does."""
    running.mean.lerp_(mean.detach(), momentum)
    running.variance.lerp_(variance.detach() * (numbers / max(1, numbers - 1)), momentum)


Normalizer = Callable[..., Tensor]
"""(x, gamma, beta, running, mode, options); one that mixes statistics takes their `mix` as well."""

NORMALIZERS: dict[str, Normalizer | None] = {
    "none": None,
    "batch": batch_norm,
    "batch, constants": batch_norm_of_constants,
    "renorm": batch_renorm,
    "layer": layer_norm,
    "group": group_norm,
    "switchable": switchable_norm,
}
"""Instance normalization is not among them: over the space of one value it gives zero."""
