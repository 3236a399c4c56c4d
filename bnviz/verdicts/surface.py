"""What the ground around the weights looks like, over all seeds, plain against BN."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from bnviz.axes import BATCH, PLAIN, TREATMENTS, Treatment
from bnviz.verdicts import criteria
from bnviz.verdicts.criteria import Leader, Range, Score

if TYPE_CHECKING:
    from bnviz.experiments.surface import SurfaceResult

CLEARLY = 0.03
"""Two shares of a square, or of a basin, further apart than this differ."""


@dataclass(frozen=True, kw_only=True)
class Ground:
    """One treatment's, over the seeds."""

    treatment: Treatment
    basin: Range  # share of the square where the loss is clearly better than guessing
    hollow: Range  # share of the basin where the ground curves downwards; seeds: with a basin
    curved: int  # in how many seeds it does so anywhere in the basin
    steps: tuple[int, int]  # earliest and latest, over the seeds, of the weights in the middle
    highest: float  # loss in its square
    explained: float | None  # share of the way there that its plane holds; None: a random plane,
    # or there was no way
    parameters: int


@dataclass(frozen=True, kw_only=True)
class SurfaceVerdict:
    seeds: int
    drawn: int  # the place of the seed whose ground is drawn
    plain: Ground
    batch: Ground
    wider: Score  # whose basin is clearly wider, plain first, BN second
    rougher: Score  # likewise, in whose basin the ground clearly curves downwards more often, in
    # the seeds where both have one
    leads: tuple[Leader, Leader]  # by both of these, if the medians do not say the opposite
    with_bn: bool  # else both networks are the same
    side: int | None  # points along a side, where they are fewer than asked for

    @property
    def grounds(self) -> tuple[Ground, Ground]:
        return self.plain, self.batch


def judge(result: SurfaceResult) -> SurfaceVerdict:
    """The basins and their hollows in every seed."""
    basin, hollow = result.better_than_guessing(), result.hollow()
    side = result.config.side()
    plain, batch = (_ground(result, treatment) for treatment in (PLAIN, BATCH))
    wider = criteria.score(basin[PLAIN], basin[BATCH], within=CLEARLY)
    rougher = _clearly(hollow[PLAIN], hollow[BATCH])
    return SurfaceVerdict(
        seeds=result.losses.shape[1],
        drawn=result.typical,
        plain=plain,
        batch=batch,
        wider=wider,
        rougher=rougher,
        leads=(
            _leader(wider, plain.basin, batch.basin),
            _leader(rougher, plain.hollow, batch.hollow),
        ),
        with_bn=bool(result.config.with_bn()),
        side=side if side < result.config.grid else None,
    )


def _clearly(first: NDArray[np.float64], second: NDArray[np.float64]) -> Score:
    """Whose basin is the rougher one: where a seed has but one basin, there is nothing to compare.

    Hollow shares, (seeds,) each; NaN: no basin.
    """
    both = np.isfinite(first) & np.isfinite(second)
    return criteria.score(first[both], second[both], within=CLEARLY)


def _leader(score: Score, first: Range, second: Range) -> Leader:
    """Who is ahead in most seeds: nobody, where the medians beside it say the opposite."""
    larger = "first" if first.middle > second.middle else "second"
    return "neither" if score.leader != larger and first.middle != second.middle else score.leader


def _ground(result: SurfaceResult, treatment: int) -> Ground:
    hollow, explained = result.hollow()[treatment], result.explained
    there = result.steps_there[treatment]
    return Ground(
        treatment=TREATMENTS[treatment],
        basin=criteria.over_seeds(result.better_than_guessing()[treatment]),
        hollow=criteria.over_seeds(hollow),
        curved=int((np.nan_to_num(hollow) > 0).sum()),
        steps=(int(there.min()), int(there.max())),
        highest=float(result.loss[treatment].max()),
        explained=None if explained is None else _held(explained[treatment, result.typical]),
        parameters=int(result.parameters[treatment]),
    )


def _held(shares: NDArray[np.float64]) -> float | None:
    """What both directions of a plane hold of a way, (2,); None: a network that never moved."""
    return float(shares.sum()) if shares.any() else None


@dataclass(frozen=True, kw_only=True)
class Change:
    """What skip connections do to the hollow share of one treatment's basins."""

    treatment: Treatment
    off: Range  # seeds: with a basin
    on: Range
    score: Score  # off first, on second: in how many seeds which of them is clearly rougher


def judge_skips(results: Sequence[SurfaceResult]) -> tuple[Change, Change] | None:
    """Plain, BN: without and with skip connections; None: one half is still to come."""
    if len(results) < 2:
        return None
    off, on = (one.hollow() for one in results)
    return _change(PLAIN, off[PLAIN], on[PLAIN]), _change(BATCH, off[BATCH], on[BATCH])


def _change(treatment: int, off: NDArray[np.float64], on: NDArray[np.float64]) -> Change:
    return Change(
        treatment=TREATMENTS[treatment],
        off=criteria.over_seeds(off),
        on=criteria.over_seeds(on),
        score=_clearly(off, on),
    )
