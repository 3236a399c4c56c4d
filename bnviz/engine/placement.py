"""What the place of a normalization changes: probes for the lesson that moves it around.

Each function here makes a probe (training.Probe); see probes.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace

import torch
from torch import Tensor

from bnviz.engine.layers import Layer, by_replica
from bnviz.engine.networks import Cohort, Intermediates
from bnviz.engine.probes import as_training_sees
from bnviz.engine.training import Probe, Snapshot

LEAST = 1e-30  # of a mean square: below it, a signal is nothing


def constant_share(samples: Tensor) -> Probe:
    """How much of what each layer hands on is the same for every sample, from 0 to 1.

    constant (R, depth): sum of E[h_j]^2 / sum of E[h_j^2] over the units j, E over the samples,
    (samples, features), which are normalized with their own statistics. NaN: a layer that hands
    on nothing at all.
    """

    def probe(snapshot: Snapshot) -> Mapping[str, Tensor]:
        intermediates = as_training_sees(snapshot.cohort, samples, Intermediates(inner=False))
        shares = []
        for out in intermediates.outputs:
            same, all_ = out.mean(2).square().sum(1), out.square().mean(2).sum(1)
            shares.append(same / torch.where(all_ > LEAST, all_, torch.nan))
        return {"constant": torch.stack(shares, dim=1)}

    return probe


def bias_gradients(snapshot: Snapshot) -> Mapping[str, Tensor]:
    """Bias and beta of the hidden layers: gradients on this step's batch, and the bias itself.

    bias (R, 3): root mean square over all hidden units of dL/db, of dL/dbeta and of b. NaN: the
    network has none.
    """
    cohort = snapshot.cohort
    gradients = cohort.by_layer(snapshot.gradients)[:-1]
    measured = [
        _root_mean_square([g.bias for g in gradients], cohort),
        _root_mean_square([g.beta for g in gradients], cohort),
        _root_mean_square([layer.bias for layer in cohort.layers[:-1]], cohort),
    ]
    return {"bias": torch.stack(measured, dim=1)}


def _root_mean_square(tensors: Sequence[Tensor | None], cohort: Cohort) -> Tensor:
    """Over all numbers of the tensors that there are, for each replica, (R,)."""
    flat = [by_replica(t.detach(), cohort.replicas) for t in tensors if t is not None]
    if not flat:
        return torch.full((cohort.replicas,), torch.nan)
    together = torch.cat(flat, dim=1)
    return together.square().mean(1).sqrt()


def moved_gammas(snapshot: Snapshot) -> Mapping[str, Tensor]:
    """How far gamma is from where it started: root mean square over the units of a layer.

    moved (R, depth); NaN: a layer without gamma.
    """
    cohort = snapshot.cohort
    away = [_from_start(cohort, index) for index in range(1, cohort.architecture.depth + 1)]
    return {"moved": torch.stack(away, dim=1)}


def _from_start(cohort: Cohort, index: int) -> Tensor:
    layer = cohort.layers[index - 1]
    if layer.gamma is None:
        return torch.full((cohort.replicas,), torch.nan)
    moved = layer.gamma.detach() - cohort.architecture.first_gamma(index)
    return by_replica(moved, cohort.replicas).square().mean(1).sqrt()


def variance_ratios(samples: Tensor) -> Probe:
    """Variance of what BN is given, in training over in inference (Li et al. 2019).

    ratio (R, depth): the median over the units of a layer of Var(W h) in training mode, dropout
    on, over Var(W h) in inference mode, dropout off; same samples, (samples, features). The
    running statistics of the inference pass are those of the training pass, so that nothing but
    dropout can differ. theory (R, depth): what the layer's own dropout does, with the h that
    training has in front of it and the share p dropped: the median of

        1 + p / (1 - p) * sum_j w_j^2 E[h_j^2] / Var(sum_j w_j h_j).

    NaN: a unit of no variance counts for nothing, and a layer without any other has no number.
    """

    def probe(snapshot: Snapshot) -> Mapping[str, Tensor]:
        cohort = snapshot.cohort
        shared = samples.T.expand(cohort.replicas, samples.shape[1], samples.shape[0])
        training, inference = Intermediates(), Intermediates()
        with cohort.untouched(), torch.no_grad(), _only_the_last_batch(cohort):
            cohort.forward(shared, "train", training)
            for running in (one.running for one in cohort.layers if one.running is not None):
                running.variance *= (len(samples) - 1) / len(samples)  # biased, as in training
            cohort.forward(shared, "inference", inference)
        pairs = zip(training.pre_activations[:-1], inference.pre_activations[:-1], strict=True)
        measured = [_median_ratio(_variance(on), _variance(off)) for on, off in pairs]
        return {
            "ratio": torch.stack(measured, dim=1),
            "theory": torch.stack(_own_dropout(cohort, training), dim=1),
        }

    return probe


@contextmanager
def _only_the_last_batch(cohort: Cohort) -> Iterator[None]:
    """Running statistics forget everything before the last training pass."""
    before = cohort.architecture
    cohort.architecture = replace(before, options=replace(before.options, momentum=1.0))
    try:
        yield
    finally:
        cohort.architecture = before


def _own_dropout(cohort: Cohort, training: Intermediates) -> list[Tensor]:
    """What theory says of every hidden layer; the first has no dropout in front of it."""
    share = cohort.architecture.dropout
    ratios = [torch.ones(cohort.replicas)]
    for layer, h in zip(cohort.layers[1:-1], training.activated[:-1], strict=True):
        ratios.append(_predicted(layer, h, share))
    return ratios


def _predicted(layer: Layer, h: Tensor, share: float) -> Tensor:
    weight = layer.weight.detach()
    whole = _variance(torch.bmm(weight, h))
    noise = torch.bmm(weight.square(), h.square().mean(2, keepdim=True))[:, :, 0]
    return _median_ratio(whole + share / (1 - share) * noise, whole)


def _variance(values: Tensor) -> Tensor:
    """Biased, over the samples: (R, units)."""
    return (values - values.mean(2, keepdim=True)).square().mean(2)


def _median_ratio(above: Tensor, below: Tensor) -> Tensor:
    """The median of the units' ratios, (R,)."""
    return (above / torch.where(below > LEAST, below, torch.nan)).nanmedian(1).values
