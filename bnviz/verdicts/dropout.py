"""Dropout in front of BN: how far the variances of training and inference disagree."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from bnviz.verdicts import criteria
from bnviz.verdicts.arms import Arms
from bnviz.verdicts.criteria import Range

NO_SHIFT = 0.02  # of a ratio of variances: closer to 1, or to another, is about the same
LOOKED_AT = "20 %"  # the dropout that the sentences speak of


@dataclass(frozen=True, kw_only=True)
class Shift:
    """Variance of BN's input, training over inference, in one layer."""

    layer: int
    measured: float
    predicted: float  # from the layer's own dropout


@dataclass(frozen=True, kw_only=True)
class Dropout:
    kind: Literal["dropout"] = "dropout"
    outcome: Literal["one layer", "diverged", "hardly", "disagree"]
    arm: str = LOOKED_AT
    layer: int  # where the ratio is farthest from 1
    ratio: Range  # there, over the seeds
    without: float  # there, without dropout; NaN: not known
    spread: tuple[float, float]  # the smallest and the largest of the layers behind dropout
    first: Shift | None  # the first layer with dropout in front of it; None: not known
    last: Shift | None  # the last one, where that is another
    inherited: bool  # whether the last one's theory is off by more than the first one's
    learn: Literal["all", "some", "none", "cannot tell"]  # those with dropout


def judge(run: Arms) -> Dropout:
    """Where the two variances differ most, and what theory says of the first and last layer."""
    ratios = np.array(run.layers(LOOKED_AT)[1:])
    none = Range(low=np.nan, middle=np.nan, high=np.nan, seeds=0)
    if not np.isfinite(ratios).any():
        return Dropout(
            outcome="diverged" if ratios.size else "one layer", layer=0, ratio=none,
            without=np.nan, spread=(np.nan, np.nan), first=None, last=None, inherited=False,
            learn=_learn(run),
        )  # fmt: skip
    place = 1 + int(np.nanargmax(np.abs(np.log(ratios))))
    assert run.result.by_layer is not None
    over = run.result.by_layer[run.result.place(LOOKED_AT), :, -1, place]
    first, last = _shift(run, 1), _shift(run, len(ratios))
    return Dropout(
        outcome="hardly" if abs(ratios[place - 1] - 1) < NO_SHIFT else "disagree",
        layer=place + 1,
        ratio=criteria.over_seeds(over),
        without=run.layers("no dropout")[place],
        spread=(float(np.nanmin(ratios)), float(np.nanmax(ratios))),
        first=first,
        last=last if len(ratios) > 1 else None,
        inherited=bool(first and last and _off(last) > max(NO_SHIFT, _off(first))),
        learn=_learn(run),
    )


def _shift(run: Arms, place: int) -> Shift | None:
    measured, predicted = (
        run.layers(LOOKED_AT, values)[place] for values in ("by_layer", "theory")
    )
    if not np.isfinite([measured, predicted]).all():
        return None
    return Shift(layer=place + 1, measured=measured, predicted=predicted)


def _off(shift: Shift) -> float:
    return abs(shift.measured - shift.predicted)


def _learn(run: Arms) -> Literal["all", "some", "none", "cannot tell"]:
    without, *others = (arm.learned for arm in run.each.values())
    if all(others):
        return "all"
    if any(others):
        return "some"
    return "none" if without else "cannot tell"
