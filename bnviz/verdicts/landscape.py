"""How rough the loss surface is along the gradient, plain against BN."""

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

A_LITTLE = 1.05
"""Times the loss before: a rise that is smaller would read as 1.0 times."""

FAR_LONGER = 3.0
"""Times: a step of BN that is longer than this is called far longer."""


@dataclass(frozen=True, kw_only=True)
class Hill:
    """Ahead of one treatment: where a step along the gradient would lead up the most."""

    treatment: Treatment
    upwards: Upwards  # hardly ever: in some seed, though not in the median
    step: int  # of training
    length: float  # of the step ahead, in learning rates
    times: float  # the loss after it / before it, the median of the seeds; may be inf
    seeds: int  # in which it leads up anywhere

    @property
    def a_little(self) -> bool:
        """Whether the loss rises by less than can be written as a factor."""
        return self.times < A_LITTLE


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
    agrees: int  # in how many seeds it is the longer, or the shorter, one
    seeds: int
    held: bool  # whether BN holds the values of every hidden layer, and nothing is added to them

    @property
    def agree(self) -> bool:
        """Whether that is so in most seeds."""
        return criteria.majority(self.agrees, self.seeds)


@dataclass(frozen=True, kw_only=True)
class LandscapeVerdict:
    """None in place of a comparison: in no pair did both losses fall."""

    seeds: int
    depth: int
    normalized_layers: str
    with_bn: bool  # else both networks are the same
    reach: float  # the longest walk, in learning rates
    varied: Comparison | None  # the width of the band
    varies: Varies  # whose loss varies more
    rougher: Treatment | None  # whose does, and rises on the way; None: neither's
    fell: tuple[int, int]
    lost: tuple[Lost, ...]
    hills: tuple[Hill, ...]  # of each treatment that has a record
    uphill: tuple[float, float]  # share of training in which the loss rises somewhere ahead; or NaN
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
        depth=result.config.depth,
        normalized_layers=result.config.normalized_layers,
        with_bn=bool(result.config.with_bn()),
        reach=float(result.reach[-1]),
        varied=varied,
        varies=(varies := _varies(varied)),
        rougher=_rougher(result, varies),
        fell=(int(result.fell[PLAIN].sum()), int(result.fell[BATCH].sum())),
        lost=criteria.losses(result.diverged_at, result.fell),
        hills=tuple(_hills(result)),
        uphill=(_uphill(result, PLAIN), _uphill(result, BATCH)),
        bears=_bears(result),
        rises=rises(result),
        accuracy=ends,
        ahead=criteria.standing(*result.test_accuracy[:, counts, -1]),
    )


def _varies(compared: Comparison | None) -> Varies:
    """Whose loss clearly varies more, by the median seed and in most seeds."""
    if not compared or not compared.rougher:
        return "alike"
    return compared.more or "unclear"


def _rougher(result: LandscapeResult, varies: Varies) -> Treatment | None:
    """Whose loss surface is the rougher one: a loss that only falls varies, but is not rough."""
    if varies == "alike" or varies == "unclear":
        return None
    chosen = TREATMENTS.index(varies), result.counts()
    high, here = result.variation()[1][chosen], result.loss_here[chosen]
    up = risen(np.median(high.astype(np.float64), axis=0), np.median(here, axis=0))
    return varies if up.any() else None


def risen(there: NDArray[np.floating], here: NDArray[np.floating]) -> NDArray[np.bool_]:
    """Where a loss is higher than before; what overflowed (NaN), too, has risen."""
    up: NDArray[np.bool_] = ~(there <= (1 + RISEN) * here.astype(np.float64))
    return up


def _hills(result: LandscapeResult) -> list[Hill]:
    found = []
    for treatment, (name, ahead) in enumerate(zip(TREATMENTS, result.ahead(), strict=True)):
        if np.isnan(ahead).all():
            continue
        column, place = np.unravel_index(np.nanargmax(ahead), ahead.shape)
        up = _up(result, treatment)
        found.append(
            Hill(
                treatment=name,
                upwards=_upwards(float(ahead[column, place]), up),
                step=int(result.steps[column]),
                length=float(result.reach[place]),
                times=float(ahead[column, place]),
                seeds=up,
            )
        )
    return found


def _uphill(result: LandscapeResult, treatment: int) -> float:
    """In how much of training the loss rises somewhere ahead, by the median of the seeds left."""
    highest = result.ahead()[treatment].max(axis=-1)
    known = ~np.isnan(highest)
    if not known.any():
        return float("nan")
    up = (highest[known] > 1 + RISEN).astype(np.float64)
    return float(criteria.over_training(up, result.steps[known]))


def _up(result: LandscapeResult, treatment: int) -> int:
    """In how many seeds the loss rises anywhere ahead."""
    here, high = result.loss_here[treatment], result.variation()[1, treatment]
    return int((np.isfinite(here) & risen(high, here)).any(axis=1).sum())


def _upwards(times: float, seeds: int) -> Upwards:
    if times > 1 + RISEN:
        return "once"
    return "hardly ever" if seeds else "never"


def _bears(result: LandscapeResult) -> Bears:
    lengths = result.too_long()
    plain, batch = (float(length) for length in np.median(lengths, axis=1))
    at_once = tuple(
        name
        for name, length in zip(TREATMENTS, (plain, batch), strict=True)
        if length <= result.lengths[0]
    )
    longest = float(result.lengths[-1])
    both, score = np.isfinite(lengths).all(axis=0), criteria.score(*lengths)
    config = result.config
    return Bears(
        outcome=_tenfold(plain, batch, bool(at_once)),
        plain=plain,
        batch=batch,
        shortest=float(result.lengths[0]),
        longest=longest,
        at_once=at_once,
        ratio=criteria.over_seeds(lengths[BATCH, both] / lengths[PLAIN, both]),
        longer=_longer(min(batch, longest) / min(plain, longest)),
        agrees=score.first if plain > batch else score.second,
        seeds=lengths.shape[1],
        held=len(config.with_bn()) == config.depth and config.skip == "off",
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
    up = known & risen(there, here)
    return _share(up[PLAIN], known[PLAIN]), _share(up[BATCH], known[BATCH])


def _share(some: NDArray[np.bool_], of: NDArray[np.bool_]) -> float:
    return float(some.sum() / of.sum()) if of.any() else float("nan")
