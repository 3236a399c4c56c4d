"""How the values of every layer are distributed: quantiles, moments and sizes, over training."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from bnviz.engine.layers import by_replica
from bnviz.engine.networks import Cohort, Intermediates
from bnviz.engine.probes import as_training_sees, dead_or_saturated_share
from bnviz.engine.training import Probe, Snapshot

QUANTILES = 128
"""A distribution is kept as its values at the shares (k + 1/2) / QUANTILES, k from 0."""

VALUES = 65_536  # of one quantity, over all layers of a network, at one record
SAMPLES, UNITS = 64, 64  # of which a layer's distribution is made, at most
PERCENTILES = (15, 50, 85)  # Ioffe & Szegedy 2015, Fig. 1


def distributions(samples: Tensor, learning_rate: float, replica: int = 0) -> Probe:
    """The distributions of every hidden layer; `samples`: (samples, features).

    As quantiles (R, depth, QUANTILES), of the first SAMPLES samples and UNITS units (fewer units
    where VALUES would be passed) or of as many entries of dL/dW:

    - entering: what enters the activation function, gamma x_hat + beta (plain: W h + b);
    - inner, output, slope: W h + b; what the activation function gives; |dL/dW| on this step's
      batch. Of `replica` alone; the rows of the others are NaN. Where output and slope are never
      negative, exact zeros are left out, and their share is output_zeros, slope_zeros (R, depth).

    Of all samples and units, (R, depth): mean and deviation of what enters the activation
    function (the root mean square, over the units, of their standard deviations); signal, the
    same deviation of the layer's outputs; idle (probes.idle_share); gradient, ||dL/dW||; update,
    std(lr dL/dW) / std(W). And percentiles (R, width, 3): the PERCENTILES of what enters each
    unit of the last hidden layer (Ioffe & Szegedy 2015, Fig. 1). The samples are normalized with
    their own statistics, as a mini-batch is in training.
    """

    def probe(snapshot: Snapshot) -> Mapping[str, Tensor]:
        cohort = snapshot.cohort
        intermediates = as_training_sees(cohort, samples, Intermediates())
        entering, gradients = _entering(intermediates), _of_weights(snapshot)
        weights = [layer.weight.detach() for layer in cohort.layers[:-1]]
        ordered = _sorted(entering)
        found = {
            "entering": torch.from_numpy(_at_ranks(ordered)),
            "percentiles": _percentiles(entering[-1]),
            "mean": torch.stack([values.mean((1, 2)) for values in entering], dim=1),
            "deviation": torch.stack([_spread(values) for values in entering], dim=1),
            "signal": torch.stack([_spread(values) for values in intermediates.outputs], dim=1),
            "idle": dead_or_saturated_share(cohort, intermediates),
            **_sizes(weights, gradients, learning_rate),
        }
        one = [at for at, kept in enumerate(snapshot.kept) if kept == replica]
        inner, output = _in_order(cohort, intermediates, one, ordered[one])
        slopes = _entries([gradient[one].abs() for gradient in gradients])
        alone = _of_one(inner, output, [np.sort(slope, axis=-1) for slope in slopes])
        for name, values in alone.items():
            everyone = values.new_full((cohort.replicas, *values.shape[1:]), torch.nan)
            everyone[one] = values
            found[name] = everyone
        return found

    return probe


def unit_shapes(cohort: Cohort, samples: Tensor) -> dict[str, NDArray[Any]]:
    """Mean, deviation, skewness and excess kurtosis of what enters each hidden unit.

    Each (R, depth, width), over the samples, which are normalized with their own statistics:
    skewness = mean(z^3) and excess kurtosis = mean(z^4) - 3 for z = (x - mean) / deviation, both
    0 for a Gaussian; NaN for a unit that says the same for every sample.
    """
    intermediates = as_training_sees(cohort, samples, Intermediates())
    layers = [_shapes(values.double().numpy()) for values in _entering(intermediates)]
    return {name: np.stack([one[name] for one in layers], axis=1) for name in layers[0]}


def _shapes(values: NDArray[Any]) -> dict[str, NDArray[Any]]:
    """The same of one layer: each (R, width), from (R, width, samples)."""
    with np.errstate(all="ignore"):  # a network that overflows, a unit that is constant
        mean, std = values.mean(-1), values.std(-1)
        constant = std <= 1e-6 * np.abs(values).max(-1)
        z = (values - mean[..., None]) / np.where(constant, np.nan, std)[..., None]
        return {
            "mean": mean,
            "deviation": std,
            "skewness": (z * z * z).mean(-1),
            "kurtosis": (z * z * z * z).mean(-1) - 3,
        }


def quantiles(values: NDArray[Any]) -> NDArray[Any]:
    """The values at the shares (k + 1/2) / QUANTILES of the last axis, in increasing order.

    Of n values, the ones at the ranks floor(n (k + 1/2) / QUANTILES).
    """
    return _at_ranks(np.sort(values, axis=-1))  # ten times faster than torch's


def _at_ranks(ordered: NDArray[Any]) -> NDArray[Any]:
    """The quantiles of values in increasing order."""
    count = ordered.shape[-1]
    ranks = (2 * np.arange(QUANTILES) + 1) * count // (2 * QUANTILES)
    picked: NDArray[Any] = ordered[..., ranks]
    return picked


def positive_quantiles(values: NDArray[Any]) -> tuple[NDArray[Any], NDArray[np.float64]]:
    """The quantiles without the exact zeros, and the share of these.

    For values that are never negative; where some are, nothing is left out. Where all are zero
    the quantiles are NaN.
    """
    return _positive_at_ranks(np.sort(values, axis=-1))


def _positive_at_ranks(ordered: NDArray[Any]) -> tuple[NDArray[Any], NDArray[np.float64]]:
    """The same of values in increasing order."""
    count = ordered.shape[-1]
    zeros = np.where(ordered[..., 0] == 0, (ordered == 0).sum(-1), 0)[..., None]
    ranks = zeros + (2 * np.arange(QUANTILES) + 1) * (count - zeros) // (2 * QUANTILES)
    picked = np.take_along_axis(ordered, np.minimum(ranks, count - 1), axis=-1)
    return np.where(zeros == count, np.nan, picked).astype(ordered.dtype), zeros[..., 0] / count


def distance(one: NDArray[Any], other: NDArray[Any]) -> NDArray[np.float64]:
    """The 1-Wasserstein distance of two distributions, given as quantiles on the last axis.

    W1 = integral of |Q1(p) - Q2(p)| dp: how far the values must be carried on average to make
    one distribution the other.
    """
    apart: NDArray[np.float64] = np.abs(one.astype(np.float64) - other).mean(-1)
    return apart


def _entering(intermediates: Intermediates) -> list[Tensor]:
    """What enters each activation function, (R, width, samples) a layer."""
    inner = intermediates.pre_activations[:-1]
    return [z if y is None else y for z, y in zip(inner, intermediates.normalized, strict=True)]


def _of_weights(snapshot: Snapshot) -> list[Tensor]:
    """dL/dW of the hidden layers."""
    return [g.of_weight for g in snapshot.cohort.by_layer(snapshot.gradients)[:-1]]


def _spread(values: Tensor) -> Tensor:
    """sqrt(mean over the units of their variance over the samples), (R,)."""
    replicas, units, count = values.shape
    centred = (values - values.mean(2, keepdim=True)).reshape(replicas, -1)
    return torch.linalg.vector_norm(centred, dim=1) / (units * max(1, count - 1)) ** 0.5


def _sizes(weights: list[Tensor], gradients: list[Tensor], rate: float) -> dict[str, Tensor]:
    """||dL/dW|| and std(lr dL/dW) / std(W) of every layer, (R, depth)."""
    replicas = len(weights[0])
    flat = [by_replica(gradient, replicas) for gradient in gradients]
    length = torch.stack([torch.linalg.vector_norm(g, dim=1) for g in flat], dim=1)
    moved = torch.stack([rate * _std(g) for g in flat], dim=1)
    spread = torch.stack([_std(by_replica(w, replicas)) for w in weights], dim=1)
    return {"gradient": length, "update": moved / spread}


def _std(flat: Tensor) -> Tensor:
    """The standard deviation over the last axis (torch.std takes three times as long)."""
    centred = flat - flat.mean(1, keepdim=True)
    return torch.linalg.vector_norm(centred, dim=1) / max(1, flat.shape[1] - 1) ** 0.5


def _in_order(
    cohort: Cohort, intermediates: Intermediates, one: list[int], entering: NDArray[Any]
) -> tuple[NDArray[Any], NDArray[Any]]:
    """W h + b, and what the activation function gives, of `one`: each in increasing order.

    `entering` is in order already, and sorting takes longer than all else: what is the same
    values, or the same but for those below zero, is not sorted again.
    """
    plain = all(y is None for y in intermediates.normalized)
    network = cohort.architecture
    inner, output = entering, np.maximum(entering, 0)
    if not plain:
        inner = _sorted([z[one] for z in intermediates.pre_activations[:-1]])
    if network.activation != "relu" or not (plain or network.placement == "before"):
        output = _sorted([values[one] for values in intermediates.activated])
    return inner, output


def _sorted(layers: list[Tensor]) -> NDArray[Any]:
    return np.sort(_sample(layers), axis=-1)


def _of_one(
    inner: NDArray[Any], output: NDArray[Any], slopes: list[NDArray[Any]]
) -> dict[str, Tensor]:
    """The distributions of one replica, or of none: each array's first axis has length 1 or 0.

    Of values in increasing order.
    """
    outputs, output_zeros = _positive_at_ranks(output)
    parts = [_positive_at_ranks(slope) for slope in slopes]
    found = {
        "inner": _at_ranks(inner),
        "output": outputs,
        "output_zeros": output_zeros,
        "slope": np.stack([part for part, _ in parts], axis=1),
        "slope_zeros": np.stack([zeros for _, zeros in parts], axis=1),
    }
    return {name: torch.from_numpy(values) for name, values in found.items()}


def _sample(layers: list[Tensor]) -> NDArray[Any]:
    """Some values of each layer, (R, depth, n), of (R, units, samples) a layer."""
    units = max(1, min(UNITS, VALUES // (SAMPLES * len(layers))))
    parts = [values[:, :units, :SAMPLES].flatten(1) for values in layers]
    sampled: NDArray[Any] = torch.stack(parts, dim=1).numpy()
    return sampled


def _entries(layers: list[Tensor]) -> list[NDArray[Any]]:
    """Some entries of each matrix, (R, n), of (R, out, in) a layer."""
    most = min(SAMPLES * UNITS, VALUES // len(layers))
    flat = [matrix.flatten(1) for matrix in layers]
    return [entries[:, _drawn(entries.shape[1], most)].numpy() for entries in flat]


@cache
def _drawn(count: int, most: int) -> Tensor:
    """Which entries of `count` to look at: the same ones every time, without order."""
    return torch.randperm(count, generator=torch.Generator().manual_seed(0))[:most]


def _percentiles(values: Tensor) -> Tensor:
    """The PERCENTILES over the samples, (R, units, 3), interpolated as numpy.percentile does."""
    ordered = np.sort(values.numpy(), axis=-1)
    place = np.array(PERCENTILES) / 100 * (ordered.shape[-1] - 1)
    below = np.floor(place).astype(np.int64)
    above, share = np.ceil(place).astype(np.int64), (place - below).astype(ordered.dtype)
    with np.errstate(all="ignore"):  # infinities, of a network about to diverge
        between = ordered[..., below] * (1 - share) + ordered[..., above] * share
    return torch.from_numpy(between)
