"""Scale invariance: what multiplying weights changes, and how long they become in training.

A layer before BN computes BN((aW)u) = BN(Wu): the scale of W is no part of the function (Ioffe
& Szegedy 2015, Sec. 3.3). What follows from it is in Arora, Li & Lyu 2018.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from bnviz.engine.data import Dataset
from bnviz.engine.layers import by_replica
from bnviz.engine.networks import Cohort, Intermediates, accuracies, losses
from bnviz.engine.training import Probe, Snapshot

PERCENTILES = (0.1, 0.5, 0.9)  # of the units of a layer


@dataclass(frozen=True)
class Rescaled:
    """What multiplying weights did, against the weights as they were; float64."""

    output_change: Tensor  # (R, A) ||f(aW) - f(W)|| / ||f(W)||, f: outputs before the softmax
    gradient_ratio: Tensor  # (R, A) ||dL/d(aW)|| / ||dL/dW||, over the multiplied layers
    variance: Tensor  # (R,) of W u over the samples: the median unit of the multiplied layers


def rescaled(
    cohort: Cohort,
    layers: Sequence[int],
    factors: Sequence[float],
    inputs: Tensor,
    labels: Tensor,
) -> Rescaled:
    """Outputs and gradient with the weights of `layers` (from 1) multiplied by each factor a.

    Mini-batch statistics over the samples given: inputs (samples, features), labels (samples,).
    Biases, gamma and beta stay. Computed in float64, so that what is left is epsilon's doing and
    not rounding. The cohort itself is not touched.
    """
    exact = _in_float64(cohort)
    chosen = [exact.layers[layer - 1].weight for layer in layers]
    originals = [weight.detach().clone() for weight in chosen]
    rows = inputs.to(torch.float64).T
    batch = rows.expand(exact.replicas, *rows.shape)
    targets = labels.expand(exact.replicas, len(labels))
    outputs, gradient, variance = _looked_at(exact, layers, chosen, batch, targets)
    change, ratio = [], []
    for factor in factors:
        with torch.no_grad():
            for weight, original in zip(chosen, originals, strict=True):
                torch.mul(original, factor, out=weight)
        there, slope, _ = _looked_at(exact, layers, chosen, batch, targets)
        change.append(_norm([there - outputs]) / _norm([outputs]))
        ratio.append(slope / gradient)
    return Rescaled(torch.stack(change, dim=1), torch.stack(ratio, dim=1), variance)


def _in_float64(cohort: Cohort) -> Cohort:
    exact = Cohort(cohort.architecture, range(cohort.replicas), dtype=torch.float64)
    here, there = exact.parameters() + exact.buffers(), cohort.parameters() + cohort.buffers()
    with torch.no_grad():
        for mine, given in zip(here, there, strict=True):
            mine.copy_(given)
    return exact


def _looked_at(
    cohort: Cohort, layers: Sequence[int], weights: list[Tensor], inputs: Tensor, labels: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """Outputs (R, classes, samples), ||dL/dW|| (R,) and the median unit's variance (R,)."""
    intermediates = Intermediates()
    outputs = cohort.forward(inputs, "batch", intermediates)
    loss = losses(outputs, labels)
    gradients = torch.autograd.grad(loss.sum(), weights)
    spreads = [
        intermediates.pre_activations[layer - 1].detach().var(dim=2, unbiased=False)
        for layer in layers
    ]
    return outputs.detach(), _norm(gradients), torch.cat(spreads, dim=1).median(dim=1).values


def _norm(tensors: Sequence[Tensor]) -> Tensor:
    """The Euclidean norm of each replica's numbers in all tensors together, (R,)."""
    squares = [by_replica(t.contiguous(), len(t)).square().sum(1) for t in tensors]
    return sum(squares[1:], squares[0]).sqrt()


def growth(shown: Collection[int]) -> Probe:
    """How long the weights are and where their gradient points; made to be called at every step.

    square (R, layers): ||W||^2; gradient_square (R, layers): ||dL/dW||^2; the output layer last.
    angle (R, layers, 3), at the steps `shown` and NaN at all others: between the weights of a
    unit and their gradient, in degrees, as the 10th, 50th and 90th percentile of the layer's
    units (of those that have a gradient).
    """

    def probe(snapshot: Snapshot) -> Mapping[str, Tensor]:
        cohort = snapshot.cohort
        gradients = cohort.by_layer(snapshot.gradients)
        layers = zip(cohort.layers, gradients, strict=True)
        pairs = [(layer.weight.detach(), gradient.of_weight) for layer, gradient in layers]
        angle = torch.full((cohort.replicas, len(pairs), len(PERCENTILES)), torch.nan)
        if snapshot.step in shown:
            angle = _angles(pairs)
        return {
            "square": torch.stack([_square(weight) for weight, _ in pairs], dim=1),
            "gradient_square": torch.stack([_square(slope) for _, slope in pairs], dim=1),
            "angle": angle,
        }

    return probe


def inference_accuracy(cohort: Cohort, data: Dataset) -> Tensor:
    """The share of the test set each replica gets right in inference mode, (R,)."""
    inputs = torch.tensor(data.test_inputs, dtype=cohort.layers[0].weight.dtype).T
    labels = torch.tensor(data.test_labels)
    with torch.no_grad():
        logits = cohort.forward(inputs.expand(cohort.replicas, *inputs.shape), "inference")
    return accuracies(logits, labels.expand(cohort.replicas, len(labels)))


def _square(values: Tensor) -> Tensor:
    return torch.linalg.vector_norm(by_replica(values, len(values)), dim=1).square()


def _angles(pairs: Sequence[tuple[Tensor, Tensor]]) -> Tensor:
    """Percentiles over the units of the angle between weights and gradient, (R, layers, 3)."""
    hidden = torch.stack([_cosines(*pair) for pair in pairs[:-1]], dim=1)
    every = [hidden, _cosines(*pairs[-1])[:, None]]  # of the output layer, with its own width
    at = torch.tensor(PERCENTILES, dtype=hidden.dtype)
    degrees = [torch.rad2deg(torch.acos(c)).nanquantile(at, dim=2).movedim(0, 2) for c in every]
    return torch.cat(degrees, dim=1)


def _cosines(weight: Tensor, gradient: Tensor) -> Tensor:
    """The cosine between each unit's weights and gradient, (R, units); NaN without a gradient.

    Each is divided by its largest number first: squares of tiny gradients would be 0.
    """
    rows, slopes = (t / t.abs().amax(2, keepdim=True) for t in (weight, gradient))
    lengths = torch.linalg.vector_norm(rows, dim=2) * torch.linalg.vector_norm(slopes, dim=2)
    return ((rows * slopes).sum(2) / lengths).clamp(-1, 1)
