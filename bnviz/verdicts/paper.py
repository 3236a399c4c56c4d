"""The experiment of the 2015 paper in small: how many times fewer steps, and how surely."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from bnviz.axes import Treatment
from bnviz.verdicts import criteria

if TYPE_CHECKING:
    from bnviz.experiments.paper import Arm, PaperResult

Steps = Literal["never", "fewer", "as many", "more"]

FIRST, FIVE_TIMES, FASTER = 0, 1, 3
"""The places of plain, of plain at 5 times the rate, and of BN at 5 times the rate."""
AS_MANY = 1.05  # times: two numbers of steps that differ by less are as many


@dataclass(frozen=True, kw_only=True)
class ArmVerdict:
    """One network, here and in the paper."""

    name: str
    treatment: Treatment
    rate: float
    steps: float  # to plain's best accuracy, of the median seed; infinite: never
    fewer: float  # times fewer than plain; 0: it never gets there
    best: float  # accuracy of the median seed
    ensemble: float  # accuracy of the averaged prediction; NaN: all diverged
    diverged: int  # seeds
    published_steps: float  # millions; infinite: never
    published_fewer: float
    published_best: float  # NaN: not given
    published_told: str  # instead of numbers

    @property
    def needed(self) -> Steps:
        """How many steps it needed, beside plain's."""
        if not self.fewer:
            return "never"
        if 1 / AS_MANY < self.fewer < AS_MANY:
            return "as many"
        return "fewer" if self.fewer > 1 else "more"

    @property
    def factor(self) -> float:
        """How many times fewer, or more; of one that gets there."""
        return max(self.fewer, 1 / self.fewer)


@dataclass(frozen=True, kw_only=True)
class BaseVerdict:
    """All arms from one base rate."""

    place: int  # 0: the low one, 1: one that suits plain best
    base: float
    learned: bool  # whether plain did: else its best accuracy is nothing to reach
    target: float  # plain's best accuracy, which all are to reach
    steps: int  # of the training
    seeds: int
    arms: tuple[ArmVerdict, ...]
    faster: criteria.Range  # fewer of BN at 5 times the rate, in the seeds where both get there
    alone: float  # its mean accuracy at the end, of the seeds that are left; NaN: none is


@dataclass(frozen=True, kw_only=True)
class PaperVerdict:
    """The bases that have been trained, the low one first."""

    bases: tuple[BaseVerdict, ...]
    base_decides: bool | None  # whether BN looks faster from the low one; None: nobody can say

    def seen(self, place: int) -> BaseVerdict:
        """This one of the bases, or the last one that has been trained."""
        return self.bases[min(place, len(self.bases) - 1)]


def judge(results: Sequence[PaperResult]) -> PaperVerdict:
    """The arms beside the paper's, from one base or from both."""
    bases = tuple(_base(result, place) for place, result in enumerate(results))
    decides = None
    if len(bases) == 2 and all(base.learned for base in bases):
        low, best = (base.arms[FASTER].fewer for base in bases)
        decides = low > criteria.ALIKE * best
    return PaperVerdict(bases=bases, base_decides=decides)


def curves(result: PaperResult) -> NDArray[np.float64]:
    """Accuracy of the median seed, (6, T); one that diverged has none: 0."""
    return np.nan_to_num(criteria.median_seed(np.swapaxes(result.test_accuracy, 1, 2)))


def steps_to_target(result: PaperResult) -> NDArray[np.float64]:
    """The first recorded step at plain's best accuracy, of the median seed, (6,)."""
    found = curves(result)
    return _arrivals(found, result.steps, float(found[FIRST].max()))


def _arrivals(
    accuracy: NDArray[np.floating], steps: NDArray[np.int64], target: float
) -> NDArray[np.float64]:
    """The first step at which accuracies (…, T) are at the target; infinite: never."""
    reached = accuracy >= target
    return np.where(reached.any(-1), steps[reached.argmax(-1)], np.inf)


def fewer(result: PaperResult) -> NDArray[np.float64]:
    """How many times fewer steps than plain, (6,); 0: it never gets there."""
    needed = np.maximum(steps_to_target(result), 1)
    return needed[FIRST] / needed


def _base(result: PaperResult, place: int) -> BaseVerdict:
    middle = curves(result)
    target = float(middle[FIRST].max())
    ends = result.test_accuracy[FASTER, :, -1].astype(np.float64)
    left = ends[np.isfinite(ends)]
    return BaseVerdict(
        place=place,
        base=result.config.base,
        learned=criteria.learned(target, result.config.data().classes),
        target=target,
        steps=int(result.steps[-1]),
        seeds=result.config.seeds,
        arms=tuple(_arm(result, row, arm) for row, arm in enumerate(result.config.arms())),
        faster=_over_seeds(result, target),
        alone=float(left.mean()) if left.size else float("nan"),
    )


def _over_seeds(result: PaperResult, target: float) -> criteria.Range:
    """How many times fewer steps, seed by seed."""
    accuracy = result.test_accuracy[[FIRST, FASTER]].astype(np.float64)
    plain, batch = np.maximum(_arrivals(accuracy, result.steps, target), 1)
    both = np.isfinite(plain) & np.isfinite(batch)
    return criteria.over_seeds(plain[both] / batch[both])


def _arm(result: PaperResult, place: int, arm: Arm) -> ArmVerdict:
    published = result.config.arms()[FIRST].steps / arm.steps
    return ArmVerdict(
        name=arm.name,
        treatment=arm.treatment,
        rate=arm.times * result.config.base,
        steps=float(steps_to_target(result)[place]),
        fewer=float(fewer(result)[place]),
        best=float(curves(result)[place].max()),
        ensemble=float(result.ensemble[place]),
        diverged=int(criteria.diverged(result.diverged_at[place]).sum()),
        published_steps=arm.steps,
        published_fewer=published,
        published_best=arm.best,
        published_told=arm.told,
    )
