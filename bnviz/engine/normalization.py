"""NORMALIZERS: what a layer may do to its values to keep them in range.

The shapes are those of batchnorm.py, where batch normalization itself is; here are its relatives.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from bnviz.engine.batchnorm import (
    Mode,
    Moments,
    Options,
    RunningStatistics,
    batch_norm,
    batch_norm_of_constants,
    batch_renorm,
    corrections,
    take_in,
)


def layer_norm(
    x: Tensor, gamma: Tensor, beta: Tensor, running: RunningStatistics, mode: Mode, options: Options
) -> Tensor:
    """Layer normalization: y = gamma (x - mu) / sqrt(v + eps) + beta (Ba et al. 2016).

    mu and v are the mean and the biased variance of one sample over the units of the layer, and
    over their pixels. No sample sees another, so every mode computes the same, whatever the
    batch; running statistics are neither used nor updated. gamma and beta are each unit's own, as
    in Wu & He 2018. (torch.nn.LayerNorm over channels and space has a gamma for each pixel.)

    x: (R, features, batch); y has the same numbers, as (R, units, pixels * batch).
    """
    return _by_sample(x, gamma, beta, 1, options.epsilon)


def group_norm(
    x: Tensor, gamma: Tensor, beta: Tensor, running: RunningStatistics, mode: Mode, options: Options
) -> Tensor:
    """Group normalization: y = gamma (x - mu) / sqrt(v + eps) + beta (Wu & He 2018).

    mu and v are the mean and the biased variance of one sample over one of `options.groups`
    groups of neighbouring units, and over their pixels. One group is layer normalization; as many
    as there are units, instance normalization. For the rest, see layer_norm.

    Raises ValueError where the groups do not divide the units.
    """
    units = gamma.numel() // len(x)
    if units % options.groups:
        raise ValueError(f"groups is {options.groups}; it must divide the {units} units")
    return _by_sample(x, gamma, beta, options.groups, options.epsilon)


def instance_norm(
    x: Tensor, gamma: Tensor, beta: Tensor, running: RunningStatistics, mode: Mode, options: Options
) -> Tensor:
    """Instance normalization: y = gamma (x - mu) / sqrt(v + eps) + beta (Ulyanov et al. 2016).

    mu and v are the mean and the biased variance of one unit of one sample over its pixels. One
    value without space is its own mean, and there y = beta: whatever comes in, the same goes out,
    and no gradient comes back. torch.nn.InstanceNorm1d refuses to train on that; here it is the
    definition, taken at its word. For the rest, see layer_norm.
    """
    return _by_sample(x, gamma, beta, gamma.numel() // len(x), options.epsilon)


def _by_sample(x: Tensor, gamma: Tensor, beta: Tensor, groups: int, epsilon: float) -> Tensor:
    """Each sample by itself, each group of its units by itself."""
    replicas, features, batch = x.shape
    size, units = features // groups, gamma.numel() // replicas
    if size == 1:
        rows = x - x  # exactly zero, which the fused kernel reaches only by rounding
    else:
        rows = x.view(replicas, groups, size, batch).transpose(2, 3)
        rows = torch.layer_norm(rows, (size,), None, None, epsilon).transpose(2, 3)
    # not addcmul, which rounds the last few numbers of an array in another way than the rest
    scaled = rows.reshape(replicas, units, -1) * gamma.view(replicas, units, 1)
    return scaled.add_(beta.view(replicas, units, 1))


def rms_norm(
    x: Tensor,
    gamma: Tensor,
    beta: Tensor | None,
    running: RunningStatistics,
    mode: Mode,
    options: Options,
) -> Tensor:
    """Root mean square normalization: y = gamma x / sqrt(mean(x^2) + eps) (Zhang & Sennrich 2019).

    The mean is over the units of the layer, of one sample; nothing is subtracted, and there is no
    beta. For the rest, see layer_norm.

    x: (R, features, batch), without space; y has the same shape.
    """
    return x / (_averaged(x.square()) + options.epsilon).sqrt() * gamma.view(len(x), -1, 1)


def dynamic_tanh(
    x: Tensor,
    gamma: Tensor,
    beta: Tensor,
    running: RunningStatistics,
    mode: Mode,
    options: Options,
    alpha: Tensor,
) -> Tensor:
    """Dynamic tanh: y = gamma tanh(alpha x) + beta (Zhu et al. 2025, "DyT").

    No mean and no variance: every value by itself is squeezed, by a curve whose slope alpha is
    learned, one for the whole layer. Every mode computes the same.

    x: (R, features, batch), without space; y has the same shape. alpha: (R,).
    """
    squeezed = torch.tanh(x * alpha.view(-1, 1, 1))
    return squeezed * gamma.view(len(x), -1, 1) + beta.view(len(x), -1, 1)


def standardized(weight: Tensor, std: float, epsilon: float) -> Tensor:
    """Weight standardization: std (W - m) / sqrt(v + eps) (Qiao et al. 2019).

    m and v are the mean and the biased variance of the weights that come into one unit. `std` is
    the standard deviation with which they started, so that the signals keep their size where no
    normalization follows (the scaled form of Brock et al. 2021); Qiao et al. have 1.

    weight: (R, out, in), and so is what comes back.
    """
    size = weight.shape[2]
    return std * torch.layer_norm(weight, (size,), None, None, epsilon)


def switchable_norm(
    x: Tensor,
    gamma: Tensor,
    beta: Tensor,
    running: RunningStatistics,
    mode: Mode,
    options: Options,
    importance_logits: Tensor | None = None,
) -> Tensor:
    """Switchable normalization: y = gamma (x - mu) / sqrt(v + eps) + beta (Luo et al. 2018).

    mu = sum_k w_k mu_k and v = sum_k w'_k v_k, with k from instance, layer and batch
    normalization; w and w' are softmaxes of numbers that are learned with the weights. In
    inference the batch's part comes from the running statistics. Values without space have no
    instance statistics of any use: there k is from layer and batch normalization alone.

    x: (R, features, batch); y has the same shape. importance_logits: (R * 2 * kinds,), the numbers
    behind w, then w', each in the order above: of 3 kinds, or of 2 without the first. None: 2,
    all of them equal.
    """
    values = x.view(len(x), gamma.numel() // len(x), -1, x.shape[2])
    kinds = _kinds(values, running if mode == "inference" else None)
    if mode == "train":
        mean, variance = (one.detach().flatten() for one in kinds[2])
        take_in(running, mean, variance, x.numel() // gamma.numel(), options.momentum)
    mean, variance = _mixed(importance_logits, kinds)
    scale = gamma.view(len(x), -1, 1) / (variance + options.epsilon).sqrt()
    shift = beta.view(len(x), -1, 1) - mean * scale
    return (values * scale[:, :, None] + shift[:, :, None]).view(x.shape)


def _kinds(
    values: Tensor, running: RunningStatistics | None = None
) -> tuple[Moments, Moments, Moments]:
    """The statistics of each instance, layer and batch, for values (R, units, pixels, batch).

    (R, units, batch), with 1 where they are shared. The batch's are the running ones, if given.
    """
    replicas, units, pixels, batch = values.shape
    if pixels == 1:
        each = values[:, :, 0], torch.zeros_like(values[:, :, 0])
    else:
        rows = values.reshape(replicas * units, pixels, batch)
        mean = _averaged(rows)
        variance = _averaged((rows - mean).square())
        each = mean.view(replicas, units, batch), variance.view(replicas, units, batch)
    if running is not None:
        shape = (replicas, units, 1)
        return each, _pooled(each), (running.mean.view(shape), running.variance.view(shape))
    mean = each[0].mean(2, keepdim=True)
    variance = (each[1] + (each[0] - mean).square()).mean(2, keepdim=True)
    return each, _pooled(each), (mean, variance)


def _averaged(values: Tensor) -> Tensor:
    """The mean over the axis in the middle, which stays.

    As a product: a replica is then summed in the same order in any company.
    """
    many, size, _ = values.shape
    return torch.bmm(values.new_full((1, 1, 1), 1 / size).expand(many, 1, size), values)


def _pooled(parts: Moments) -> Moments:
    """The moments of neighbours together, from their own: over the axis in the middle, as above."""
    mean = _averaged(parts[0])
    return mean, _averaged(parts[1] + (parts[0] - mean).square())


def _mixed(importance_logits: Tensor | None, kinds: Sequence[Moments]) -> Moments:
    """The learned mixture of means, and that of variances: of the last kinds, as many as in mix."""
    whole = kinds[0][0]
    replicas = len(whole)
    shares = importance_weights(
        whole.new_zeros(4 * replicas) if importance_logits is None else importance_logits, replicas
    )
    mixed = kinds[-shares.shape[2] :]
    stacked = torch.stack([kind[which].expand_as(whole) for which in range(2) for kind in mixed], 1)
    parts = stacked.view(2 * replicas, len(mixed), -1)
    mean, variance = (
        torch.bmm(shares.view(2 * replicas, 1, -1), parts)
        .view(replicas, 2, *whole.shape[1:])
        .unbind(1)
    )
    return mean, variance


def importance_weights(importance_logits: Tensor, replicas: int) -> Tensor:
    """The softmax weights of switchable normalization, (R, 2, kinds): of the means, variances."""
    return importance_logits.view(replicas, 2, -1).softmax(2)


def statistics_of(
    name: str,
    x: Tensor,
    running: RunningStatistics,
    options: Options,
    importance_logits: Tensor | None = None,
) -> Moments:
    """What a normalizer subtracts, and by whose root it divides, in mode "batch".

    y = gamma (x - mean) / sqrt(variance + eps) + beta. Batch renormalization's are those of the
    mini-batch, moved by r and d; where nothing is clipped, the running statistics.

    x: (R, features, batch); each (R, units, batch). Raises ValueError for a name without them.
    """
    replicas, units = len(x), running.mean.numel() // len(x)
    values = x.view(replicas, units, -1, x.shape[2])
    each, by_layer, by_batch = kinds = _kinds(values)
    if name == "group":
        size = units // options.groups
        own, spread = (one.reshape(-1, size, x.shape[2]) for one in each)
        pooled = (one.expand(-1, size, -1) for one in _pooled((own, spread)))
        mean, variance = (one.reshape(each[0].shape) for one in pooled)
    elif name == "switchable":
        mean, variance = _mixed(importance_logits, kinds)
    elif name == "renorm":
        mean, variance = _renormalized(by_batch, running, options)
    else:
        known = {"instance": each, "layer": by_layer, "batch": by_batch}
        if name not in known:
            raise ValueError(f"{name} has no statistics to show")
        mean, variance = known[name]
    return mean.expand_as(each[0]), variance.expand_as(each[0])


def _renormalized(by_batch: Moments, running: RunningStatistics, options: Options) -> Moments:
    """(x - mu_B) / s_B * r + d = (x - mean) / s: what r and d make of the mini-batch's."""
    mean, variance = (one.reshape(-1, 1) for one in by_batch)
    r, d = corrections((mean, variance), running, options)
    std = (variance + options.epsilon).sqrt() / r
    shape = by_batch[0].shape
    moved = mean - d * std, std.square() - options.epsilon
    return moved[0].view(shape), moved[1].view(shape)


Normalizer = Callable[..., Tensor]
"""(x, gamma, beta, running, mode, options); some take one more: logits to mix by, or a slope."""

NORMALIZERS: dict[str, Normalizer | None] = {
    "none": None,
    "batch": batch_norm,
    "batch, constants": batch_norm_of_constants,
    "renorm": batch_renorm,
    "layer": layer_norm,
    "group": group_norm,
    "instance": instance_norm,
    "switchable": switchable_norm,
    "rms": rms_norm,
    "dyt": dynamic_tanh,
}
SHIFTLESS = ("rms",)
"""Those without a beta."""
