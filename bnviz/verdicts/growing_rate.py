"""Does a learning rate that grows without end do what weight decay does, and for whom?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bnviz.axes import DECAYING, GROWING, PLAIN_GROWING
from bnviz.verdicts import criteria

if TYPE_CHECKING:
    from bnviz.experiments.growing_rate import GrowingResult


@dataclass(frozen=True, kw_only=True)
class Growth:
    """One weight decay, and the growth of the learning rate in its place."""

    decay: float
    growth: float  # times, at every step
    first_rate: float
    last_rate: float
    accuracy: tuple[criteria.Range, criteria.Range, criteria.Range]  # at the end; rows as KINDS
    same: criteria.Standing  # BN's decay ("first") against BN's growth ("second")
    lost: tuple[int, int, int]  # seeds that diverged
    lost_at: tuple[int, int] | None  # first and last step at which plain did; None: nowhere
    seeds: int


@dataclass(frozen=True, kw_only=True)
class GrowingVerdict:
    """All growths that were tried, the slowest first."""

    growths: tuple[Growth, ...]


def judge(results: Sequence[GrowingResult]) -> GrowingVerdict:
    """Each decay beside the growth that replaces it. results: one or more."""
    return GrowingVerdict(growths=tuple(map(_judged, results)))


def _judged(result: GrowingResult) -> Growth:
    last, lost = result.test_accuracy[:, :, -1], criteria.diverged(result.diverged_at)
    steps = result.diverged_at[PLAIN_GROWING][lost[PLAIN_GROWING]]
    decaying, growing, plain = (criteria.over_seeds(row) for row in last)
    return Growth(
        decay=result.config.decay,
        growth=result.config.growth,
        first_rate=result.config.learning_rate,
        last_rate=float(result.rate[-1]),
        accuracy=(decaying, growing, plain),
        same=criteria.standing(last[DECAYING], last[GROWING]),
        lost=(int(lost[DECAYING].sum()), int(lost[GROWING].sum()), int(lost[PLAIN_GROWING].sum())),
        lost_at=(int(np.min(steps)), int(np.max(steps))) if len(steps) else None,
        seeds=result.config.seeds,
    )
