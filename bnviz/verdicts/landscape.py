"""How rough the ground is along the gradient, plain against BN."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from bnviz.axes import BATCH, PLAIN, TREATMENTS, Treatment
from bnviz.verdicts import criteria
from bnviz.verdicts.criteria import Comparison, Lost, Range

if TYPE_CHECKING:
    from bnviz.experiments.landscape import LandscapeResult

Upwards = Literal["never", "hardly ever", "once"]
Tenfold = Literal["both", "plain only", "BN only", "neither", "at once"]
Varies = Treatment | Literal["alike", "unclear"]
Longer = Literal["shorter", "alike", "longer", "far longer"]

RISEN = 1e-5
"""Of a loss: what a walk rises by less may be rounding."""

FAR_LONGER = 3.0
"""Times: a step of BN that is longer than this is called far longer."""


@dataclass(frozen=True, kw_only=True)
class Steepest:
    """Where the walk of one treatment led up the most, by the median of the seeds."""

    treatment: Treatment
    upwards: Upwards  # hardly ever: in some seed, though not in the median
    step: int
    start: float  # the loss before the walk
    highest: float  # on it


@dataclass(frozen=True, kw_only=True)
class Bears:
    """From which step length on the loss of the first mini-batches is tenfold."""

    outcome: Tenfold  # whose loss becomes tenfold at all
    plain: float  # length, the median of the seeds; inf: at none that was tried
    batch: float
    shortest: float  # that was tried
    longest: float
    at_once: tuple[Treatment, ...]  # whose loss is tenfold at the shortest already
    ratio: Range  # BN / plain over the seeds where both losses become tenfold
    longer: Longer  # BN's step, beside plain's, among the lengths that were tried
    agree: bool  # whether it is the longer, or the shorter, one in most seeds
    seeds: int


@dataclass(frozen=True, kw_only=True)
class LandscapeVerdict:
    """None in place of a comparison: in no pair did both losses fall."""

    seeds: int
    reach: float  # the longest walk, in learning rates
    varied: Comparison | None  # the width of the band
    varies: Varies  # whose loss varies more
    rougher: Treatment | None  # whose does, and rises on the way; None: neither's
    fell: tuple[int, int]
    lost: tuple[Lost, ...]
    steepest: tuple[Steepest, ...]  # of each treatment that has a record
    bears: Bears
    rises: tuple[float, float]  # share of records where one learning rate raises the loss; or NaN
    accuracy: tuple[float, float]  # at the end, in the seeds compared; NaN: none is
    ahead: criteria.Standing  # by that, and in most of these seeds: plain first, BN second


def judge(result: LandscapeResult) -> LandscapeVerdict:
    """Whose loss varies more along the walk, and how long a step each network bears."""
    counts = result.counts()
    varied = criteria.compare(result.width(), result.steps, counts) if counts.any() else None
    ends = (float("nan"), float("nan"))
    if counts.any():
        plain, batch = np.median(result.test_accuracy[:, counts, -1], axis=1)
        ends = float(plain), float(batch)
    return LandscapeVerdict(
        seeds=result.config.seeds,
        reach=float(result.reach[-1]),
        varied=varied,
        varies=(varies := _varies(varied)),
        rougher=_rougher(result, varies),
        fell=(int(result.fell[PLAIN].sum()), int(result.fell[BATCH].sum())),
        lost=criteria.losses(result.diverged_at, result.fell),
        steepest=tuple(_steepest(result)),
        bears=_bears(result),
        rises=rises(result),
        accuracy=ends,
        ahead=criteria.standing(*result.test_accuracy[:, counts, -1]),
    )


def _varies(compared: Comparison | None) -> Varies:
    """Whose loss clearly varies more, by the median seed and in most seeds."""
    if not compared or not compared.rougher:
        return "alike"
    agree = criteria.majority(compared.agree, compared.ratio.seeds)
    return compared.rougher if agree else "unclear"


def _rougher(result: LandscapeResult, varies: Varies) -> Treatment | None:
    """Whose ground is the rougher one: a loss that only falls varies, but is not rough."""
    if varies == "alike" or varies == "unclear":
        return None
    chosen = TREATMENTS.index(varies), result.counts()
    high, here = result.variation()[1][chosen], result.loss_here[chosen]
    up = _risen(np.median(high.astype(np.float64), axis=0), np.median(here, axis=0))
    return varies if up.any() else None


def _risen(there: NDArray[np.floating], here: NDArray[np.floating]) -> NDArray[np.bool_]:
    """Where a loss is higher than before; what overflowed (NaN), too, has risen."""
    up: NDArray[np.bool_] = ~(there <= (1 + RISEN) * here.astype(np.float64))
    return up


def _steepest(result: LandscapeResult) -> list[Steepest]:
    found = []
    for treatment, name in enumerate(TREATMENTS):
        here = _alive(result.loss_here[treatment])
        high = _alive(result.variation()[1, treatment])
        known = np.isfinite(here)
        if not known.any():
            continue
        rise = np.where(known, high / np.maximum(here, 1e-12), 0.0)
        column = int(np.argmax(rise))
        found.append(
            Steepest(
                treatment=name,
                upwards=_upwards(result, treatment, float(rise[column])),
                step=int(result.steps[column]),
                start=float(here[column]),
                highest=float(high[column]),
            )
        )
    return found


def _alive(losses: NDArray[np.float32]) -> NDArray[np.float64]:
    """The median at each record, (T,), of the seeds that have not diverged (NaN), as it is drawn.

    Infinity, a loss that overflowed on the way, counts as one.
    """
    known = ~np.isnan(losses)
    middle = [
        np.median(column[there].astype(np.float64)) if there.any() else np.nan
        for column, there in zip(losses.T, known.T, strict=True)
    ]
    return np.array(middle)


def _upwards(result: LandscapeResult, treatment: int, rise: float) -> Upwards:
    if rise > 1 + RISEN:
        return "once"
    here, high = result.loss_here[treatment], result.variation()[1, treatment]
    any_seed = np.isfinite(here) & _risen(high, here)
    return "hardly ever" if any_seed.any() else "never"


def _bears(result: LandscapeResult) -> Bears:
    lengths = result.too_long()
    plain, batch = (float(length) for length in np.median(lengths, axis=1))
    at_once = tuple(
        name
        for name, length in zip(TREATMENTS, (plain, batch), strict=True)
        if length <= result.lengths[0]
    )
    longest = float(result.lengths[-1])
    both = np.isfinite(lengths).all(axis=0)
    return Bears(
        outcome=_tenfold(plain, batch, bool(at_once)),
        plain=plain,
        batch=batch,
        shortest=float(result.lengths[0]),
        longest=longest,
        at_once=at_once,
        ratio=criteria.over_seeds(lengths[BATCH, both] / lengths[PLAIN, both]),
        longer=_longer(min(batch, longest) / min(plain, longest)),
        agree=criteria.score(*lengths).leader == ("first" if plain > batch else "second"),
        seeds=lengths.shape[1],
    )


def _tenfold(plain: float, batch: float, at_once: bool) -> Tenfold:
    if at_once:
        return "at once"
    if np.isinf(plain) and np.isinf(batch):
        return "neither"
    if np.isinf(batch):
        return "plain only"
    return "BN only" if np.isinf(plain) else "both"


def _longer(ratio: float) -> Longer:
    if ratio < 1 / criteria.ALIKE:
        return "shorter"
    if ratio <= criteria.ALIKE:
        return "alike"
    return "longer" if ratio <= FAR_LONGER else "far longer"


def rises(result: LandscapeResult) -> tuple[float, float]:
    """How often one learning rate along the gradient raises the loss, share of the records.

    On the same mini-batch; plain, BN; NaN where a treatment has no record.
    """
    one = int(np.flatnonzero(result.reach == 1.0)[0])
    here, there = result.loss_here, result.loss_there[..., one]
    known = np.isfinite(here)
    up = known & _risen(there, here)
    return _share(up[PLAIN], known[PLAIN]), _share(up[BATCH], known[BATCH])


def _share(some: NDArray[np.bool_], of: NDArray[np.bool_]) -> float:
    return float(some.sum() / of.sum()) if of.any() else float("nan")
