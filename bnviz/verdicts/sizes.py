"""At which batch sizes BN is behind those of its relatives that need no batch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bnviz.verdicts import relatives
from bnviz.verdicts.criteria import standing
from bnviz.verdicts.relatives import ALONE, end, highest

if TYPE_CHECKING:
    from bnviz.experiments.relatives import RelativesResult


@dataclass(frozen=True, kw_only=True)
class OfSize:
    """BN at one batch size, beside the best of those that need no batch; NaN: it diverged."""

    size: int
    batch: float
    alone: float
    behind: bool  # BN, clearly


@dataclass(frozen=True, kw_only=True)
class SizesVerdict:
    """BN and those that need no batch, by batch size."""

    sizes: tuple[OfSize, ...]  # increasing
    learned: bool  # whether any network did, at any size
    pixels: int  # behind a mean of BN, of each sample

    @property
    def behind(self) -> tuple[int, ...]:
        return tuple(one.size for one in self.sizes if one.behind)


def judge(results: Sequence[RelativesResult]) -> SizesVerdict:
    """At which batch sizes BN is clearly behind the best that needs no batch."""
    ordered = sorted(results, key=lambda one: one.config.batch_size)
    first = ordered[0].config
    return SizesVerdict(
        sizes=tuple(map(_of_size, ordered)),
        learned=any(relatives.judge(one).compared for one in ordered),
        pixels=first.numbers("batch") // first.in_batch(),
    )


def _of_size(result: RelativesResult) -> OfSize:
    alone = {kind: float(np.nan_to_num(end(result, kind))) for kind in ALONE}
    best = highest(alone)
    return OfSize(
        size=result.config.batch_size,
        batch=end(result, "batch"),
        alone=alone[best],
        behind=standing(result.accuracy[best][:, -1], result.accuracy["batch"][:, -1]) == "first",
    )
