"""How far one prediction goes with the batch it stands in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bnviz.verdicts.redrawn_batches import InBatches, likely

if TYPE_CHECKING:
    from bnviz.experiments.company import SampleResult


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
    small, large = (likely(in_batches, place) for place in (0, -1))
    return SampleVerdict(
        dataset=config.dataset,
        label=in_batches.label,
        trained_at=config.sizes()[config.focus()],
        diverged=result.lost,
        ends=(small, large) if small and large else None,
        by_layer=result.by_layer,
    )
