"""Scale: what multiplied weights change, how long W becomes, where its gradient points."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from bnviz.axes import BATCH, PLAIN
from bnviz.verdicts import criteria
from bnviz.verdicts.growing_rate import judge as judge_growing
from bnviz.verdicts.scale_starts import StartsVerdict, judge_gains, judge_starts

if TYPE_CHECKING:
    from bnviz.experiments.scale import ScaleResult

__all__ = ["judge_gains", "judge_growing"]  # each has a file of its own

EPSILON = 1e-5  # of BN
TENFOLD, TENTH = 10.0, 0.1  # what the sentences say of multiplied weights, they say of these two
BROKEN = 0.01  # of the outputs: where they change by more, the identity no longer holds
AS_LONG = 1.05  # times: a gradient whose length changed by less is as long as before
UPRIGHT = 1.0  # degrees: an angle this close to 90 is a right one
STILL = 0.002  # of ||W||^2: a smaller change is called none

Breaks = Literal["unknown", "nowhere", "below", "as they are"]
Length = Literal["unknown", "nothing", "shorter", "the same", "longer"]
Angle = Literal["no gradient", "right", "right later", "not right"]


@dataclass(frozen=True, kw_only=True)
class Multiplied:
    """One treatment, after its trained weights were multiplied by one factor."""

    change: criteria.Range  # of the outputs, relatively
    gradient: criteria.Range  # times as long as before

    @property
    def broken(self) -> bool:
        """Whether the outputs of the median seed changed."""
        return self.change.middle >= BROKEN

    @property
    def everywhere_the_same(self) -> bool:
        """Whether they did not in any seed."""
        return self.change.high < BROKEN

    @property
    def length(self) -> Length:
        """What became of the gradient, in the median seed."""
        ratio = self.gradient.middle
        if np.isnan(ratio):
            return "unknown"
        if ratio == 0:
            return "nothing"
        if 1 / AS_LONG < ratio < AS_LONG:
            return "the same"
        return "longer" if ratio > 1 else "shorter"


@dataclass(frozen=True, kw_only=True)
class Identity:
    """Where epsilon breaks BN((aW)u) = BN(Wu), in the median seed."""

    outcome: Breaks
    factor: float  # the largest a at which it is broken; NaN: there is none
    change: float  # of BN's outputs there
    variance: float  # of what a typical unit adds up, there; "as they are": at a = 1


@dataclass(frozen=True, kw_only=True)
class Span:
    """From the lowest 10th to the highest 90th percentile of the units' angles, in degrees."""

    low: float
    high: float


@dataclass(frozen=True, kw_only=True)
class Growth:
    """||W||^2 at the end over the first, over all hidden layers and the seeds that are left."""

    low: float
    high: float
    off: float | None  # of the prediction, relatively, at most; None: there is none

    @property
    def moved(self) -> float:
        """How far it ended from where it began, relatively, at most."""
        return max(abs(self.low - 1), abs(self.high - 1))

    @property
    def stayed(self) -> bool:
        return self.moved < STILL


@dataclass(frozen=True, kw_only=True)
class ScaleVerdict:
    """Pairs are plain and BN."""

    scaled: str  # which weights are multiplied
    optimizer: str
    decay: float
    seeds: int
    tenfold: tuple[Multiplied, Multiplied]
    tenth: Multiplied  # of BN
    identity: Identity
    angle: Angle  # of BN
    upright_from: int | None  # step: from that record on they are right; None: not at the end
    spans: tuple[Span | None, Span | None]
    growth: tuple[Growth | None, Growth | None]
    shrank: bool  # whether BN's hidden weights did, in any step, layer or seed
    starts: StartsVerdict


def judge(result: ScaleResult) -> ScaleVerdict:
    """Everything the page says of this run."""
    config = result.config
    spans, since = _spans(result), _upright_from(result)
    return ScaleVerdict(
        scaled=config.scaled,
        optimizer=config.optimizer,
        decay=config.decay,
        seeds=config.seeds,
        tenfold=(_multiplied(result, PLAIN, TENFOLD), _multiplied(result, BATCH, TENFOLD)),
        tenth=_multiplied(result, BATCH, TENTH),
        identity=_identity(result),
        angle=_angle(spans[BATCH], since),
        upright_from=since,
        spans=spans,
        growth=(_growth(result, PLAIN), _growth(result, BATCH)),
        shrank=bool(result.shrank[BATCH, result.own, :, :-1].any()),
        starts=judge_starts(result),
    )


# ------------------------------------------------------------------ multiplied weights


def _multiplied(result: ScaleResult, treatment: int, factor: float) -> Multiplied:
    there = int(np.flatnonzero(result.factors == factor)[0])
    return Multiplied(
        change=criteria.over_seeds(result.output_change[treatment, :, there]),
        gradient=criteria.over_seeds(result.gradient_ratio[treatment, :, there]),
    )


def _identity(result: ScaleResult) -> Identity:
    changes = criteria.medians(result.output_change[BATCH].T)
    variance = criteria.median(result.variance[BATCH])
    broken = np.flatnonzero(changes >= BROKEN)
    if np.isnan(changes).any() or not broken.size:
        outcome: Breaks = "nowhere" if np.isfinite(changes).all() else "unknown"
        return Identity(outcome=outcome, factor=np.nan, change=np.nan, variance=variance)
    factor, change = float(result.factors[broken[-1]]), float(changes[broken[-1]])
    if factor > 1:
        return Identity(outcome="as they are", factor=factor, change=change, variance=variance)
    return Identity(outcome="below", factor=factor, change=change, variance=variance * factor**2)


def at_epsilon(result: ScaleResult) -> float:
    """The factor that makes the variance of a typical unit of BN's equal to epsilon."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return criteria.median(np.sqrt(EPSILON / result.variance[BATCH]))


# ------------------------------------------------------------------ over training


def _hidden(values: NDArray[Any], result: ScaleResult, treatment: int) -> NDArray[Any]:
    """The hidden layers alone, from the reader's own start: (seeds, T, depth, …)."""
    own: NDArray[Any] = values[treatment, result.own, :, :, :-1]
    return own


def _spans(result: ScaleResult) -> tuple[Span | None, Span | None]:
    plain, batch = (_span(_hidden(result.angle, result, t)) for t in (PLAIN, BATCH))
    return plain, batch


def _span(angles: NDArray[np.float32]) -> Span | None:
    """Of angles (seeds, T, layers, 3), in the median seed; None: there is no gradient."""
    middle = criteria.medians(np.moveaxis(angles, 0, -1))
    known = middle[np.isfinite(middle).all(axis=-1)]
    if not known.size:
        return None
    return Span(low=float(known[:, 0].min()), high=float(known[:, 2].max()))


def _angle(span: Span | None, since: int | None) -> Angle:
    if span is None:
        return "no gradient"
    if max(90 - span.low, span.high - 90) < UPRIGHT:
        return "right"
    return "not right" if since is None else "right later"


def _upright_from(result: ScaleResult) -> int | None:
    """The first record from which on BN's angles are right in all layers, in the median seed.

    At the very start of small weights epsilon counts, and they are not.
    """
    angles = _hidden(result.angle, result, BATCH)  # (seeds, T, layers, 3)
    middle = criteria.medians(np.moveaxis(angles, 0, -1))
    far = np.maximum(90 - middle[..., 0], middle[..., 2] - 90)
    oblique = np.flatnonzero((far >= UPRIGHT).any(axis=-1))  # not where there is no gradient
    after = int(oblique[-1]) + 1 if oblique.size else 0
    return int(result.steps[after]) if after < len(result.steps) else None


def _growth(result: ScaleResult, treatment: int) -> Growth | None:
    square = _hidden(result.square, result, treatment)
    first, last = square[:, 0], square[:, -1]  # (seeds, layers)
    left = (np.isfinite(first) & np.isfinite(last) & (first > 0) & (last > 0)).all(axis=1)
    if not left.any():
        return None
    times, off = last[left] / first[left], None
    if result.config.optimizer == "sgd":
        predicted = _hidden(result.predicted, result, treatment)[left, -1]
        with np.errstate(invalid="ignore", over="ignore"):
            wrong = float(np.nan_to_num(np.abs(predicted / last[left] - 1), nan=np.inf).max())
        off = wrong if wrong < criteria.OVERFLOWED else float("inf")
    return Growth(low=float(times.min()), high=float(times.max()), off=off)
