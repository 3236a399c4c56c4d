"""The end of a replica whose numbers stop being finite: when, in which layer, and on what way."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from bnviz.engine.layers import by_replica
from bnviz.engine.networks import Cohort, Intermediates

if TYPE_CHECKING:
    from bnviz.engine.training import Snapshot

TRAIL = 8  # steps of norms kept for a replica that is about to diverge
ALARM = 3.0  # times its first loss: from here on a replica is watched closely


@dataclass(frozen=True)
class Divergence:
    """The end of a replica whose numbers stopped being finite; its weights stay as before."""

    step: int  # the step whose loss or gradient was not finite
    layer: int  # the first layer, in the order of computation, to overflow; depth + 1: the output
    during: Literal["forward", "backward"]
    signal_sizes: NDArray[np.float32]  # (layers,) root mean square of W h + b at that step
    trail_steps: NDArray[np.int64]  # (k,) the last steps before, and that one
    weight_norms: NDArray[np.float32]  # (k, layers) ||W|| at those steps


class Forensics:
    """Follows the losses for signs of a divergence, and finds out afterwards where it began."""

    def __init__(self) -> None:
        self.first_losses: dict[int, float] = {}
        self.trail: deque[tuple[int, dict[int, NDArray[np.float32]]]] = deque(maxlen=TRAIL)

    def alarmed(self, losses: Mapping[int, float]) -> bool:
        """Whether one of these losses, by replica, is ALARM times its first or more."""
        if not self.first_losses:
            self.first_losses = dict(losses)
        return any(loss > ALARM * self.first_losses[replica] for replica, loss in losses.items())

    def note(self, step: int, cohort: Cohort, kept: Sequence[int]) -> None:
        """Write down the norms of the weights at this step, for the trail of who diverges."""
        self.trail.append((step, dict(zip(kept, _weight_norms(cohort), strict=True))))

    def diagnosis(self, snapshot: Snapshot, place: int) -> Divergence:
        """Which layer overflowed first, found by one more look at the replica at this place."""
        replica = snapshot.kept[place]
        alone = snapshot.cohort.select([place])
        intermediates = Intermediates()
        with torch.no_grad():
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
        seen = [(step, norms[replica]) for step, norms in self.trail if replica in norms]
        seen.append((snapshot.step, _weight_norms(alone)[0]))
        return Divergence(
            step=snapshot.step,
            layer=layer,
            during=during,
            signal_sizes=sizes,
            trail_steps=np.array([step for step, _ in seen]),
            weight_norms=np.stack([norms for _, norms in seen]),
        )


def _last_bad_gradient(snapshot: Snapshot, place: int) -> int:
    """The layer nearest to the output whose gradient overflowed: backward starts there."""
    bad = len(snapshot.cohort.layers)
    for index, layer in enumerate(snapshot.cohort.by_layer(snapshot.gradients), start=1):
        mine = [by_replica(gradient, snapshot.cohort.replicas)[place] for gradient in layer.all()]
        finite = [bool(torch.isfinite(gradient).all()) for gradient in mine]
        bad = bad if all(finite) else index
    return bad


def _weight_norms(cohort: Cohort) -> NDArray[np.float32]:
    """||W|| of every layer, (R, layers)."""
    wide = torch.float64  # float32 squares overflow long before the weights do
    norms = [
        torch.linalg.vector_norm(y.weight.detach(), dim=(1, 2), dtype=wide) for y in cohort.layers
    ]
    return torch.stack(norms, dim=1).float().numpy()


def _root_mean_square(z: Tensor) -> float:
    return float(z.double().square().mean().sqrt().float())
