"""What a diagnostic of the lab found in two runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from bnviz.verdicts import criteria

if TYPE_CHECKING:
    from bnviz.experiments.diagnostics import Reason
    from bnviz.experiments.lab import LabResult

Letter = Literal["A", "B"]
Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Missing:
    """An arm of which there is nothing to tell."""

    letter: Letter
    reason: Reason | Literal["too large", "diverged", "no number"]


@dataclass(frozen=True, kw_only=True)
class Ratio:
    """How many times one arm's measure is the other's."""

    factor: criteria.Range  # over the seeds: the larger arm's over the other's
    larger: Letter | None  # by the median seed and in more than half of them; None: neither clearly
    agree: int  # in how many seeds this arm's is the larger one
    apart: bool  # whether the median seed's are clearly apart
    zero: bool  # whether the smaller one is 0 in the median seed, so that the factor says nothing


@dataclass(frozen=True, kw_only=True)
class Layers:
    """An arm layer by layer, at the last moment that has a number: medians over the seeds."""

    letter: Letter
    step: int
    values: tuple[float, ...]  # of the first and the last layer measured, or of the only one
    layers: tuple[int, ...]  # which these are, from 1
    output: int  # the number of the output layer


@dataclass(frozen=True, kw_only=True)
class Whole:
    """An arm's one number: averaged over training, the median over the seeds."""

    letter: Letter
    value: float
    complete: bool  # whether any seed has numbers until the end; if not, these end before


@dataclass(frozen=True, kw_only=True)
class Drift:
    """How far the distributions of an arm's first seed moved from where they started."""

    letter: Letter
    moved: float  # the median layer, in its standard deviation at the start; NaN: unknown
    step: int  # of the last moment that has a number


@dataclass(frozen=True, kw_only=True)
class Measured:
    """What a diagnostic found, in the shape that it has; of the arms that have any."""

    diagnostic: str
    layers: tuple[Layers, ...] = ()
    whole: tuple[Whole, ...] = ()
    drift: tuple[Drift, ...] = ()
    ratio: Ratio | None = None  # None: not to be compared so
    missing: tuple[Missing, ...] = ()


def judge(a: LabResult, b: LabResult) -> Measured | None:
    """What was found in both arms; None where there was nothing to measure, or not the same."""
    name = a.config.diagnostic
    if name == "none" or name != b.config.diagnostic:
        return None
    arms: dict[Letter, LabResult] = {"A": a, "B": b}
    missing = tuple(filter(None, (_missing(letter, arm) for letter, arm in arms.items())))
    absent = {one.letter for one in missing}
    there = {letter: arm for letter, arm in arms.items() if letter not in absent}
    if not there:
        return Measured(diagnostic=name, missing=missing)
    match a.diagnostic.shape:
        case "layers":
            return Measured(
                diagnostic=name,
                layers=tuple(_layers(letter, arm) for letter, arm in there.items()),
                ratio=_ratio({letter: _over_layers(arm) for letter, arm in there.items()}, a),
                missing=missing,
            )
        case "run":
            return Measured(
                diagnostic=name,
                whole=tuple(_whole(letter, arm) for letter, arm in there.items()),
                ratio=_ratio({letter: _averaged(arm) for letter, arm in there.items()}, a),
                missing=missing,
            )
        case "ridges":
            drift = tuple(_drift(letter, arm) for letter, arm in there.items())
            return Measured(diagnostic=name, drift=drift, missing=missing)


def _missing(letter: Letter, arm: LabResult) -> Missing | None:
    if reason := arm.why_not():
        return Missing(letter=letter, reason=reason)
    if np.isfinite(_values(arm)).any():
        return None
    lost = criteria.diverged(arm.diverged_at).any()
    return Missing(letter=letter, reason="diverged" if lost else "no number")


def _values(arm: LabResult) -> Floats:
    """(seeds, M, …); of distributions the first seed's alone. One NaN: nothing was recorded."""
    return arm.measured.get("value", np.full((1, 1), np.nan)).astype(np.float64)


def _last(arm: LabResult) -> int:
    """The place of the last moment that has a number."""
    values = _values(arm)
    known = np.isfinite(values).any(axis=(0, *range(2, values.ndim)))
    return int(np.flatnonzero(known)[-1])


def _layers(letter: Letter, arm: LabResult) -> Layers:
    place, numbers = _last(arm), arm.layers()
    rows = sorted({0, len(numbers) - 1})
    now = _values(arm)[:, place]
    return Layers(
        letter=letter,
        step=int(arm.moments[place]),
        values=tuple(criteria.median(now[:, row]) for row in rows),
        layers=tuple(numbers[row] for row in rows),
        output=arm.config.depth + 1,
    )


def _over_layers(arm: LabResult) -> Floats:
    """Of each seed the median over layers and training, (seeds,)."""
    return np.array([criteria.median(seed) for seed in _values(arm)])


def _averaged(arm: LabResult) -> Floats:
    """Of each seed the average over the moments up to its first that has no number, (seeds,)."""
    held = np.clip(_values(arm), -criteria.OVERFLOWED, criteria.OVERFLOWED)
    means = []
    for seed in held:
        gaps = np.flatnonzero(~np.isfinite(seed))
        known = int(gaps[0]) if len(gaps) else len(seed)
        steps = arm.moments[:known]
        means.append(float(criteria.over_training(seed[:known], steps)) if known else np.nan)
    return np.array(means)


def _whole(letter: Letter, arm: LabResult) -> Whole:
    """Where a seed has numbers until the end, only such seeds count."""
    complete = np.isfinite(_values(arm)).all(1)
    means = _averaged(arm)
    some = bool(complete.any())
    value = criteria.median(means[complete] if some else means)
    return Whole(letter=letter, value=value, complete=some)


def _ratio(typical: Mapping[Letter, Floats], result: LabResult) -> Ratio | None:
    """Seed by seed, in a measure that is compared so, where both have a number."""
    if len(typical) < 2 or not result.diagnostic.log:
        return None
    paired = min(len(values) for values in typical.values())
    both = np.array([values[:paired] for values in typical.values()])
    both = both[:, np.isfinite(both).all(0)]
    if not both.size:
        return None
    held = np.clip(both, 1 / criteria.OVERFLOWED, criteria.OVERFLOWED)
    ratios = held[0] / held[1]
    larger: Letter = "A" if np.median(ratios) > 1 else "B"
    factors = ratios if larger == "A" else 1 / ratios
    factor, agree = criteria.over_seeds(factors), int((factors > 1).sum())
    apart = factor.middle >= criteria.ALIKE
    return Ratio(
        factor=factor,
        larger=larger if apart and criteria.majority(agree, len(factors)) else None,
        agree=agree,
        apart=apart,
        zero=float(np.median(both[1 if larger == "A" else 0])) == 0,
    )


def _drift(letter: Letter, arm: LabResult) -> Drift:
    moved = criteria.median(arm.drift())
    return Drift(letter=letter, moved=moved, step=int(arm.moments[_last(arm)]))
