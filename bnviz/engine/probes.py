"""What can be measured on a cohort in training without changing it.

Each function here makes a probe (training.Probe): it looks at the moment before an update and
returns named tensors whose first axis is the replica.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import torch
from torch import Tensor

from bnviz.engine.layers import by_replica
from bnviz.engine.networks import Cohort, Intermediates
from bnviz.engine.training import Probe, Snapshot

SATURATED = {
    "tanh": lambda out: out.abs() > 0.97,
    "sigmoid": lambda out: (out < 0.03) | (out > 0.97),
}


def as_training_sees(
    cohort: Cohort, samples: Tensor, intermediates: Intermediates
) -> Intermediates:
    """Filled by a pass of (samples, features), which are normalized with their own statistics.

    Nothing is updated, dropout and noise are silent. Batch renormalization also looks at the
    running statistics, as it does in training.
    """
    shared = samples.T.expand(cohort.replicas, samples.shape[1], samples.shape[0])
    with torch.no_grad():
        cohort.forward(shared, "batch", intermediates)
    return intermediates


def dead_or_saturated_share(cohort: Cohort, intermediates: Intermediates) -> Tensor:
    """How much of each hidden layer does nothing, (R, depth), from 0 to 1.

    ReLU: the share of units that give zero for every sample (dead). tanh, sigmoid: the share of
    values with |tanh| > 0.97, or a sigmoid outside (0.03, 0.97) (saturated). Other activations
    have no such state: 0.
    """
    name = cohort.architecture.activation
    if name == "relu":  # the largest value, because torch reduces booleans slowly
        shares = [(out.amax(2) <= 0).float().mean(1) for out in intermediates.activated]
    elif name in SATURATED:
        shares = [
            SATURATED[name](out).float().flatten(1).mean(1) for out in intermediates.activated
        ]
    else:
        shares = [torch.zeros(cohort.replicas) for _ in intermediates.activated]
    return torch.stack(shares, dim=1)


def health(samples: Tensor) -> Probe:
    """Each layer's signal, gradient, weights and idle share; `samples`: (samples, features).

    unit_signal (R, depth, width): standard deviation of a unit's output over the samples;
    idle (R, depth): see idle_share; gradient (R, depth + 1): ||dL/dW|| on this step's batch;
    weight (R, depth + 1): ||W||. The samples are normalized with their own statistics, as a
    mini-batch is in training.
    """

    def probe(snapshot: Snapshot) -> Mapping[str, Tensor]:
        cohort = snapshot.cohort
        intermediates = as_training_sees(cohort, samples, Intermediates(inner=False))
        return {
            "unit_signal": torch.stack([_std(out) for out in intermediates.outputs], dim=1),
            "idle": dead_or_saturated_share(cohort, intermediates),
            "gradient": _norms([g.of_weight for g in cohort.by_layer(snapshot.gradients)]),
            "weight": _norms([layer.weight.detach() for layer in cohort.layers]),
        }

    return probe


def _std(values: Tensor) -> Tensor:
    """The standard deviation over the last axis (torch.std, which is five times slower)."""
    centred = values - values.mean(2, keepdim=True)
    return torch.linalg.vector_norm(centred, dim=2) / max(1, values.shape[2] - 1) ** 0.5


def _norms(tensors: list[Tensor]) -> Tensor:
    """The Euclidean norm of each tensor in each replica, (R, tensors)."""
    replicas = tensors[0].shape[0]
    flat = [torch.linalg.vector_norm(by_replica(t, replicas), dim=1) for t in tensors]
    return torch.stack(flat, dim=1)


def decisions(points: Tensor, replicas: Collection[int] = (0,)) -> Probe:
    """The probability of class 1 at each point, as these replicas would predict it.

    decision (R, points), from 0 to 1, in inference mode with the running statistics of the moment;
    points: (points, features). `replicas` count in the whole cohort. The rows of the others are
    NaN: a map of thousands of points may cost more than the training.
    """

    def probe(snapshot: Snapshot) -> Mapping[str, Tensor]:
        cohort = snapshot.cohort
        decision = torch.full((cohort.replicas, points.shape[0]), torch.nan)
        some = [place for place, replica in enumerate(snapshot.kept) if replica in replicas]
        if some:
            part = cohort if len(some) == cohort.replicas else cohort.select(some)
            # as many points at once as there would be of one replica alone
            pieces = [_of_class_1(part, piece) for piece in points.tensor_split(len(some))]
            decision[some] = torch.cat(pieces, dim=1)
        return {"decision": decision}

    return probe


def _of_class_1(cohort: Cohort, points: Tensor) -> Tensor:
    """The probability of class 1, (R, points), in inference mode."""
    shared = points.T.expand(cohort.replicas, points.shape[1], points.shape[0])
    with torch.no_grad():
        return cohort.forward(shared, "inference").softmax(dim=1)[:, 1]
