"""BN on the network's input: what it does to the ground, and to the rates that networks bear."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from bnviz.verdicts import criteria
from bnviz.verdicts.criteria import Standing

if TYPE_CHECKING:
    from bnviz.experiments.inputs import Ground, InputResult

Reach = Literal["neither", "as far", "not equally far"]

CLOSER = 10.0  # times closer to the lowest point, which the walk takes so many steps for
ROUND = 10.0  # steepest over flattest: up to here the ground is nearly round


@dataclass(frozen=True, kw_only=True)
class GroundVerdict:
    """Each pair: the wild features as they are, and normalized."""

    features: int  # those that vary
    rate: tuple[float, float]  # the largest stable one
    larger: float  # how many times normalizing makes it larger; at most 1: it does not
    closer: float  # times
    patience: tuple[int, int]  # steps until that much closer, with the two features drawn
    condition: tuple[float, float]  # steepest over flattest curvature
    nearly_round: bool  # normalized


def judge(ground: Ground) -> GroundVerdict:
    """How much larger a step the ground bears after normalizing, and how round it is then."""
    before, after = (float(value) for value in ground.all_condition)
    first, then = (float(rate) for rate in ground.all_rate)
    slow, fast = (int(steps) for steps in ground.patience(CLOSER))
    return GroundVerdict(
        features=ground.features,
        rate=(first, then),
        larger=then / first,
        closer=CLOSER,
        patience=(slow, fast),
        condition=(before, after),
        nearly_round=after <= ROUND,
    )


@dataclass(frozen=True, kw_only=True)
class Reached:
    """Up to which rate one arm learns."""

    arm: str
    largest: float  # at which most seeds learn; NaN: at none
    best: float  # the highest test accuracy at any rate, the median of the seeds


@dataclass(frozen=True, kw_only=True)
class Inside:
    """BN in the hidden layers beside scaling the data, each at its best rate."""

    standing: Standing  # the hidden layers are the first
    hidden: float  # test accuracy, the median of the seeds
    scaled: float
    agree: int  # seeds in which it is so; of "unclear", none
    seeds: int


@dataclass(frozen=True, kw_only=True)
class SweepVerdict:
    case: str  # which features
    stable: tuple[float, float]  # largest stable rate of a linear unit: as they are, normalized
    reached: tuple[Reached, ...]  # of the arms that are done
    same: Reach | None  # BN on the input beside scaling beforehand; None: not both are done
    widest: float  # gap between these two in accuracy, at any rate; NaN: not both are done
    needless: bool  # these two are about the same at every rate
    inside: Inside | None  # None: not both are done, or neither learns


def usual(one: InputResult) -> NDArray[np.float64]:
    """Test accuracy at each rate, the median of the seeds; 0 where most of them diverged, (N,)."""
    return np.nan_to_num([criteria.usual(row) for row in one.accuracy])


def judge_sweep(results: Sequence[InputResult]) -> SweepVerdict:
    """Up to which rate each arm learns, and whether BN on the input is the same as scaling."""
    reached = {one.config.arm: _reached(one) for one in results}
    by_arm = {one.config.arm: one for one in results}
    same: Reach | None = None
    widest = float("nan")
    if {"input only", "scaled data"} <= by_arm.keys():
        same = _same(reached["input only"].largest, reached["scaled data"].largest)
        ends = usual(by_arm["input only"]), usual(by_arm["scaled data"])
        widest = float(np.abs(ends[0] - ends[1]).max())
    before, after = (float(rate) for rate in results[0].stable)
    return SweepVerdict(
        case=results[0].case,
        stable=(before, after),
        reached=tuple(reached.values()),
        same=same,
        widest=widest,
        needless=same == "as far" and widest < criteria.SAME,
        inside=_inside(by_arm),
    )


def _inside(by_arm: Mapping[str, InputResult]) -> Inside | None:
    """Whether BN in the hidden layers reaches what scaling the data does."""
    if not {"hidden", "scaled data"} <= by_arm.keys():
        return None
    hidden, scaled = (_at_best(by_arm[arm]) for arm in ("hidden", "scaled data"))
    ends, classes = (criteria.usual(hidden), criteria.usual(scaled)), _classes(by_arm["hidden"])
    if not any(criteria.learned(end, classes) for end in ends):
        return None
    standing = criteria.standing(hidden, scaled)
    counted = criteria.score(hidden, scaled, within=criteria.SAME)
    agree = {"first": counted.first, "second": counted.second, "same": counted.even}
    return Inside(
        standing=standing,
        hidden=ends[0],
        scaled=ends[1],
        agree=agree.get(standing, 0),
        seeds=counted.seeds,
    )


def _at_best(one: InputResult) -> NDArray[np.float64]:
    """Of each seed, the accuracy at the rate that is best for the median of them, (seeds,)."""
    best: NDArray[np.float64] = one.accuracy[int(usual(one).argmax())].astype(np.float64)
    return best


def _classes(one: InputResult) -> int:
    return one.config.data().classes


def _reached(one: InputResult) -> Reached:
    classes = _classes(one)
    each = [[criteria.learned(end, classes) for end in row] for row in one.accuracy]
    most = [criteria.majority(sum(row), len(row)) for row in each]
    there = one.rates[np.flatnonzero(most)]
    return Reached(
        arm=one.config.arm,
        largest=float(there[-1]) if len(there) else float("nan"),
        best=float(usual(one).max()),
    )


def _same(own: float, scaled: float) -> Reach:
    if np.isnan([own, scaled]).all():
        return "neither"
    return "as far" if own == scaled else "not equally far"
