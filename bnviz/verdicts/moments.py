"""How far the moments of a layer move in one update, and what follows from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from bnviz.axes import BATCH
from bnviz.verdicts import criteria
from bnviz.verdicts.criteria import Comparison
from bnviz.verdicts.shift import NOISY

if TYPE_CHECKING:
    from bnviz.experiments.moments import MomentsResult

Restless = Literal["unknown", "not the most", "most", "by far"]

BY_FAR = 3.0
"""Times the next largest movement."""


@dataclass(frozen=True, kw_only=True)
class MomentsVerdict:
    moved: tuple[float, ...]  # of ARMS: deviations in one update, median seed; NaN: none followed
    noisy: Restless  # whether the network with noise has the least stable layers
    compared: Comparison | None  # plain / BN, in the seeds in which both were followed to the end

    @property
    def still(self) -> bool:
        """Whether BN's moments move clearly less than plain's, in most seeds."""
        return bool(self.compared and self.compared.more == "plain")


def judge(result: MomentsResult) -> MomentsVerdict:
    """Whose moments move most; over training, and over the layers."""
    each = result.by_seed()
    followed: NDArray[np.bool_] = np.logical_and.reduce(np.isfinite(each), axis=-1)
    moved = tuple(
        criteria.median(criteria.over_training(arm[known], result.steps))
        for arm, known in zip(each, followed, strict=True)
    )
    both: NDArray[np.bool_] = np.logical_and.reduce(followed[:NOISY])
    pair = each[: BATCH + 1]
    return MomentsVerdict(
        moved=moved,
        noisy=_restless(moved),
        compared=criteria.compare(pair, result.steps, both) if both.any() else None,
    )


def _restless(moved: tuple[float, ...]) -> Restless:
    if not np.isfinite(moved).all():
        return "unknown"
    rest = max(moved[:NOISY])
    if moved[NOISY] <= criteria.ALIKE * rest:
        return "not the most"
    return "by far" if moved[NOISY] >= BY_FAR * rest else "most"
