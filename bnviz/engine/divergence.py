"""The end of a replica whose numbers stop being finite: when, in which layer, and on what way."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from bnviz.engine.layers import by_replica
from bnviz.engine.networks import Intermediates

if TYPE_CHECKING:
    from bnviz.engine.training import Snapshot


@dataclass(frozen=True)
class Divergence:
    """The end of a replica whose numbers stopped being finite; its weights stay as before."""

    step: int  # the step whose loss or gradient was not finite
    layer: int  # the first layer, in the order of computation, to overflow; depth + 1: the output
    during: Literal["forward", "backward"]
    signal_sizes: NDArray[np.float32]  # (layers,) root mean square of W h + b at that step


def diagnosis(snapshot: Snapshot, place: int) -> Divergence:
    """Which layer overflowed first, found by one more look at the replica at this place."""
    intermediates = Intermediates()
    with torch.no_grad():
        alone = snapshot.cohort.select([place])
        alone.forward(snapshot.inputs[[place]], "batch", intermediates)
    sizes = np.array([_root_mean_square(z) for z in intermediates.pre_activations], np.float32)
    overflowed = np.flatnonzero(~np.isfinite(sizes))
    during: Literal["forward", "backward"] = "forward"
    if len(overflowed):
        layer = int(overflowed[0]) + 1
    elif not math.isfinite(snapshot.losses[place]):  # the outputs were finite, not their loss
        layer = len(sizes)
    else:
        during, layer = "backward", _last_bad_gradient(snapshot, place)
    return Divergence(step=snapshot.step, layer=layer, during=during, signal_sizes=sizes)


def _last_bad_gradient(snapshot: Snapshot, place: int) -> int:
    """The layer nearest to the output whose gradient overflowed: backward starts there."""
    bad = len(snapshot.cohort.layers)
    for index, layer in enumerate(snapshot.cohort.by_layer(snapshot.gradients), start=1):
        mine = [by_replica(gradient, snapshot.cohort.replicas)[place] for gradient in layer.all()]
        finite = [bool(torch.isfinite(gradient).all()) for gradient in mine]
        bad = bad if all(finite) else index
    return bad


def _root_mean_square(z: Tensor) -> float:
    return float(z.double().square().mean().sqrt().float())
