"""How far one prediction goes with the batch it stands in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from bnviz.experiments.company import SampleResult

TENTH, NINE_TENTHS = 0.1, 0.9  # quantiles between which the probabilities are told


@dataclass(frozen=True, kw_only=True)
class InBatches:
    """The probability of its class for one sample in batches of one size."""

    size: int
    low: float  # 10th percentile
    high: float  # 90th percentile


@dataclass(frozen=True, kw_only=True)
class SampleVerdict:
    """One test sample in the smallest and in the largest batches."""

    dataset: str
    label: int
    trained_at: int  # batch size of the training
    diverged: bool  # it is then as it was before
    ends: tuple[InBatches, InBatches] | None  # None: no number
    by_layer: float  # what layer norm says in any company; NaN: no number


def judge(result: SampleResult) -> SampleVerdict:
    """How much the prediction for one sample depends on its batch-mates."""
    config, in_batches = result.config, result.in_batches
    known = [row[np.isfinite(row)] for row in in_batches.probability[[0, -1]]]
    ends = None
    if all(row.size for row in known):
        small, large = (
            InBatches(
                size=int(size),
                low=float(np.quantile(row, TENTH)),
                high=float(np.quantile(row, NINE_TENTHS)),
            )
            for size, row in zip(in_batches.sizes[[0, -1]], known, strict=True)
        )
        ends = small, large
    return SampleVerdict(
        dataset=config.dataset,
        label=in_batches.label,
        trained_at=config.sizes()[config.focus()],
        diverged=result.lost,
        ends=ends,
        by_layer=result.by_layer,
    )
