"""What BN does to a mini-batch: what shows of it, and how far the beliefs about it hold."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from bnviz.axes import STAGES

if TYPE_CHECKING:
    from bnviz.experiments.transform import TransformResult

Vector = NDArray[np.float64]
Outcome = Literal["one row", "given back", "nothing varies", "epsilon", "two rows", "normalized"]

LINEAR = 1.763  # the sigmoid's slope is at least half of its largest for |z| up to ln(3 + 2√2)
LARGE = 0.02  # of the normalized variance: what eps may take before it is called too large
FAR = 20  # standard deviations between the mean and zero
USUAL = 3 * 2**-23  # of the largest output: no more is off in 32 bits where nothing is lost
ALONE = 0.95  # of the bound √(m - 1): beyond, one row has nearly all of the variance
SAME = 1e-9  # two correlations closer than this are one
ROUNDING = 2**-50  # of the values' size: what is left of a mean in 64 bits
NEARLY = 0.01  # a mean and a variance within it are called 0 and 1
X, CENTRED, NORMALIZED, OUTPUT = range(STAGES)


@dataclass(frozen=True, kw_only=True)
class Feature:
    """One feature on its way through the four stages."""

    name: str
    mean: float
    variance: float  # biased
    first: tuple[float, ...]  # the first row's number at each stage
    below: int  # rows that lie below the mean
    largest: float  # normalized value, in size
    alone: float | None  # share of the variance that one row has, where it is nearly all
    others: float  # how far from 0 the others' normalized values lie, then
    linear: tuple[float, ...]  # share of the values in a sigmoid's linear part, at each stage
    output: tuple[float, float]  # mean and variance of the outputs
    kurtosis: tuple[float, float] | None  # before and after normalizing; None: it does not vary

    @property
    def standard(self) -> bool:
        """Whether the outputs have mean 0 and variance 1."""
        mean, variance = self.output
        return abs(mean) < NEARLY and abs(variance - 1) < NEARLY


@dataclass(frozen=True, kw_only=True)
class Far:
    """The feature that lies farthest from zero, if it is far."""

    name: str
    stds: float
    off: float | None  # how far torch.nn is off in 32 bits, where that is more than usual


@dataclass(frozen=True, kw_only=True)
class Pair:
    """A feature and the one it is drawn against."""

    names: tuple[str, str]
    other: int | None  # its place; None: there is none
    before: float  # correlation; NaN: one of them does not vary
    after: float

    @property
    def same(self) -> bool:
        return abs(self.before - self.after) < SAME


@dataclass(frozen=True, kw_only=True)
class TransformVerdict:
    """What a mini-batch shows of the transform."""

    outcome: Outcome
    rows: int
    names: tuple[str, ...]
    table: tuple[tuple[float, ...], ...]  # the mini-batch, by row
    gamma: tuple[float, ...]  # by feature
    beta: tuple[float, ...]
    epsilon: tuple[float, ...]  # by feature
    as_learned: bool  # gamma and beta
    spans: tuple[float, ...]  # from the lowest to the highest output, by feature
    gap: float  # the largest difference between an output and its input
    worst: tuple[str, float]  # the feature of which ε takes most, and its normalized variance
    constant: tuple[str, ...]  # features with one value in all rows
    rounded: tuple[str, float] | None  # the one of them where torch.nn in 32 bits is off, how far
    far: Far | None
    feature: Feature
    pair: Pair
    refused: bool  # by torch.nn
    difference: float  # to torch.nn's outputs
    moved: float  # an output, at most, if `shift` is added to every input
    moved_by: Literal["shift", "shift times γ", "not"]
    trained: tuple[str, int]  # a unit of a trained network, and its layer
    weights: tuple[float, float]  # its mean and standard deviation
    inputs: tuple[float, float]  # those of what it computes on a mini-batch


def judge(result: TransformResult, feature: int = 0) -> TransformVerdict:
    """What this batch shows; `feature` is the one that is drawn."""
    constant, units = np.ptp(result.stages[X], axis=0) == 0, result.units
    kept = result.variance / (result.variance + result.epsilon)
    worst = int(np.argmin(np.where(constant, np.inf, kept)))
    return TransformVerdict(
        outcome=_outcome(result, constant, float(kept[worst])),
        rows=result.rows,
        names=result.names,
        table=tuple(map(tuple, result.stages[X].tolist())),
        gamma=tuple(result.gamma.tolist()),
        beta=tuple(result.beta.tolist()),
        epsilon=tuple(result.epsilon.tolist()),
        as_learned=result.config.as_learned,
        spans=tuple(np.ptp(result.stages[OUTPUT], axis=0).tolist()),
        gap=float(np.abs(result.stages[OUTPUT] - result.stages[X]).max()),
        worst=(result.names[worst], float(kept[worst])),
        constant=tuple(name for name, flat in zip(result.names, constant, strict=True) if flat),
        rounded=_rounded(result, constant),
        far=_far(result, constant),
        feature=_feature(result, feature),
        pair=judge_pair(result, feature),
        refused=result.torch.refused,
        difference=result.torch.difference,
        moved=result.moved,
        moved_by=_moved_by(result),
        trained=(units.names[0], units.layer),
        weights=(float(units.weights[0].mean()), float(units.weights[0].std())),
        inputs=(float(units.inputs[:, 0].mean()), float(units.inputs[:, 0].std())),
    )


def _outcome(result: TransformResult, constant: NDArray[np.bool_], kept: float) -> Outcome:
    if result.rows == 1:
        return "one row"
    if result.config.gives_back:
        return "given back"
    if constant.all():
        return "nothing varies"
    if kept < 1 - LARGE:
        return "epsilon"
    return "two rows" if result.rows == 2 else "normalized"


def _far(result: TransformResult, constant: NDArray[np.bool_]) -> Far | None:
    std = np.sqrt(result.variance) + np.finfo(float).tiny
    distance = np.abs(result.mean) / np.where(constant, np.inf, std)
    farthest = int(distance.argmax())
    if result.rows == 1 or distance[farthest] <= FAR:
        return None
    off = float(result.torch.short[farthest])
    lost = off > USUAL * np.abs(result.stages[OUTPUT, :, farthest]).max()
    return Far(
        name=result.names[farthest],
        stds=float(distance[farthest]),
        off=off if lost else None,
    )


def _rounded(result: TransformResult, constant: NDArray[np.bool_]) -> tuple[str, float] | None:
    """Where β is right, and torch.nn in 32 bits gives what can be seen to be another number."""
    off = np.where(constant, result.torch.short, 0.0)
    worst = int(off.argmax())
    size = max(abs(result.gamma[worst]), abs(result.beta[worst]))
    if result.rows == 1 or off[worst] <= NEARLY * size:
        return None
    return result.names[worst], float(off[worst])


def _feature(result: TransformResult, place: int) -> Feature:
    stages = result.stages[:, :, place]
    x, normalized, y = stages[X], stages[NORMALIZED], stages[OUTPUT]
    ordered = np.sort(np.abs(normalized))
    one = result.rows > 2 and ordered[-1] > ALONE * math.sqrt(result.rows - 1)
    mean, divided = float(y.mean()), math.sqrt(result.variance[place] + result.epsilon[place])
    rounding = ROUNDING * max(np.abs(y).max(), abs(result.gamma[place]) * np.abs(x).max() / divided)
    varies = np.ptp(x) > 0 and np.ptp(normalized) > 0
    return Feature(
        name=result.names[place],
        mean=float(result.mean[place]),
        variance=float(result.variance[place]),
        first=tuple(stages[:, 0].tolist()),
        below=int((x < result.mean[place]).sum()),
        largest=float(ordered[-1]),
        alone=float(ordered[-1] ** 2 / (ordered**2).sum()) if one else None,
        others=float(ordered[-2]) if result.rows > 1 else 0.0,
        linear=tuple(linear_share(values) for values in stages),
        output=(0.0 if abs(mean) <= rounding else mean, float(y.var())),
        kurtosis=(kurtosis(x), kurtosis(normalized)) if varies else None,
    )


def linear_share(values: Vector) -> float:
    """How many of the values lie in the sigmoid's linear part, from 0 to 1."""
    return float((np.abs(values) <= LINEAR).mean())


def kurtosis(values: Vector) -> float:
    """mean(c^4) / mean(c^2)^2 with c = x - mean(x), of values that vary."""
    centred = values - values.mean()
    scaled = centred / np.abs(centred).max()
    return float((scaled**4).mean() / (scaled**2).mean() ** 2)


def judge_pair(result: TransformResult, one: int) -> Pair:
    """Of a feature and the next one, or the one before the last."""
    features = len(result.names)
    if features == 1:
        return Pair(names=(result.names[one], ""), other=None, before=math.nan, after=math.nan)
    other = one + 1 if one + 1 < features else one - 1
    return Pair(
        names=(result.names[one], result.names[other]),
        other=other,
        before=correlation(result, X, one, other),
        after=correlation(result, NORMALIZED, one, other),
    )


def correlation(result: TransformResult, stage: int, one: int, other: int) -> float:
    """The correlation of two features at a stage; NaN where one of them does not vary."""
    values = result.stages[stage]
    if result.rows < 2 or (np.ptp(result.stages[X][:, [one, other]], axis=0) == 0).any():
        return math.nan
    centred = values - values.mean(axis=0)
    length = np.linalg.norm(centred, axis=0)
    if not length[[one, other]].all():
        return math.nan
    unit = centred / np.where(length, length, 1)
    # Rounded, so that what the stages do to the last digit does not show as 0.812 and 0.813.
    return round(float(np.clip(unit[:, one] @ unit[:, other], -1, 1)), 12)


def _moved_by(result: TransformResult) -> Literal["shift", "shift times γ", "not"]:
    """Which of the answers to the question is nearest to what the outputs did."""
    gamma = float(np.abs(result.gamma).max())
    off = {"not": 0.0, "shift": result.shift, "shift times γ": result.shift * gamma}
    nearest: Literal["shift", "shift times γ", "not"]
    nearest = min(("not", "shift", "shift times γ"), key=lambda by: abs(result.moved - off[by]))
    return nearest
