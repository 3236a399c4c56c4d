"""Who wins the race: in which network does the test accuracy reach the target first?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from bnviz.axes import BATCH, NEVER, PLAIN, TREATMENTS, Treatment
from bnviz.verdicts import criteria

if TYPE_CHECKING:
    from bnviz.experiments.race import RaceResult

Unit = Literal["steps", "seconds"]
UNITS: tuple[Unit, ...] = ("steps", "seconds")
Outcome = Literal["no BN", "neither", "only plain", "only BN", "BN", "plain", "draw"]
Winner = Literal["plain", "BN", "neither"]
Order = Literal["agree", "level", "turned"]

DEARER = 2  # times: a step with BN in the question on the page, which asks nothing measured in time

AS_DEAR = 0.05  # of a step without BN: closer is about as long


@dataclass(frozen=True, kw_only=True)
class Finish:
    """How one treatment did."""

    treatment: Treatment
    reached: int  # seeds that reached the target
    after: float  # the median of these seeds, in the unit; NaN: none did
    best: float  # the best accuracy of all seeds and records; NaN: no number
    diverged: tuple[int, ...]  # steps at which seeds diverged


@dataclass(frozen=True, kw_only=True)
class Cost:
    """What BN costs, and who is first by it."""

    parameters: float  # BN / plain
    step: float  # seconds of one step, BN / plain; measured, and another number at the next run
    seconds_per_step: tuple[float, float]  # of one network: plain, BN
    parameter_counts: tuple[int, int]  # the same
    as_dear: bool  # whether that is about 1
    first_in_seconds: Winner | None  # in most seeds; None: neither, or too close for a clock


@dataclass(frozen=True, kw_only=True)
class RaceVerdict:
    """Plain against BN, counted in `unit`."""

    outcome: Outcome
    unit: Unit
    target: float  # accuracy, 0 to 1
    steps: int  # of the training
    seeds: int
    depth: int
    normalized_layers: str
    plain: Finish
    batch: Finish
    score: criteria.Score  # plain first, BN second
    cost: Cost
    if_dearer: criteria.Score  # the same, if a step with BN took DEARER times as long

    @property
    def medians(self) -> Order:
        """Whether the medians say of the leader of most seeds what these do.

        They leave out the seeds that did not get there, and most seeds may lead by little.
        """
        if self.outcome not in ("plain", "BN"):
            return "agree"
        ahead = self.plain.after - self.batch.after
        if not ahead:
            return "level"
        return "agree" if (ahead > 0) == (self.outcome == "BN") else "turned"

    @property
    def all_arrived(self) -> bool:
        return self.plain.reached == self.batch.reached == self.seeds

    @property
    def finishes(self) -> tuple[Finish, Finish]:
        return self.plain, self.batch


def judge(result: RaceResult, unit: Unit = "steps") -> RaceVerdict:
    """Who reached the target first, in how many seeds, and at what price."""
    config, each = result.config, _each(result, unit)
    plain, batch = (_finish(result, treatment, each) for treatment in (PLAIN, BATCH))
    score = _in_seconds(result) if unit == "seconds" else _score(result, each)
    return RaceVerdict(
        outcome=_outcome(bool(config.with_bn()), plain, batch, score),
        unit=unit,
        target=config.target,
        steps=config.steps,
        seeds=config.seeds,
        depth=config.depth,
        normalized_layers=config.normalized_layers,
        plain=plain,
        batch=batch,
        score=score,
        cost=_cost(result),
        if_dearer=_score(result, np.array([1.0, DEARER])),
    )


def _each(result: RaceResult, unit: Unit) -> NDArray[np.float64]:
    """How much of the unit one step of each treatment takes."""
    return result.seconds_per_step if unit == "seconds" else np.ones(2)


def _finish(result: RaceResult, treatment: int, each: NDArray[np.float64]) -> Finish:
    reached = result.steps_to_target()[treatment]
    there, lost = reached[reached != NEVER], result.diverged_at[treatment]
    accuracy = result.test_accuracy[treatment]
    known = accuracy[np.isfinite(accuracy)]
    return Finish(
        treatment=TREATMENTS[treatment],
        reached=len(there),
        after=criteria.median(there) * float(each[treatment]),
        best=float(known.max()) if known.size else float("nan"),
        diverged=tuple(int(step) for step in lost[lost != NEVER]),
    )


def _outcome(with_bn: bool, plain: Finish, batch: Finish, score: criteria.Score) -> Outcome:
    if not with_bn:
        return "no BN"
    if not (plain.reached or batch.reached):
        return "neither"
    if not plain.reached:
        return "only BN"
    if not batch.reached:
        return "only plain"
    leaders: dict[criteria.Leader, Outcome] = {"first": "plain", "second": "BN", "neither": "draw"}
    return leaders[score.leader]


def _cost(result: RaceResult) -> Cost:
    plain, batch = result.seconds_per_step
    return Cost(
        parameters=float(result.parameters[BATCH] / result.parameters[PLAIN]),
        step=float(batch / plain),
        as_dear=bool(abs(batch / plain - 1) < AS_DEAR),
        seconds_per_step=(float(plain), float(batch)),
        parameter_counts=(int(result.parameters[PLAIN]), int(result.parameters[BATCH])),
        first_in_seconds=_first_in_seconds(result),
    )


def _score(result: RaceResult, each: NDArray[np.float64], apart: float = 1.0) -> criteria.Score:
    """Who is first, seed by seed, where one step takes `each`; a seed that never was is last.

    Less than `apart` times apart is even.
    """
    with np.errstate(divide="ignore"):  # at step 0: before everything else, and even with itself
        arrival = np.log(criteria.late(result.steps_to_target()) * each[:, None])
    return criteria.score(arrival[PLAIN], arrival[BATCH], lowest=True, within=float(np.log(apart)))


def _in_seconds(result: RaceResult) -> criteria.Score:
    """The same by the clock, which tells no closer than ALIKE."""
    return _score(result, result.seconds_per_step, criteria.ALIKE)


def _first_in_seconds(result: RaceResult) -> Winner | None:
    """Who is first in more than half of the seeds, by the clock.

    "neither": neither reached the target in more than half of them, or there is no BN.
    """
    reached = (result.steps_to_target() != NEVER).sum(axis=1)
    if not result.config.with_bn() or not criteria.majority(reached.max(), result.config.seeds):
        return "neither"
    winners: dict[criteria.Leader, Winner | None]
    winners = {"first": "plain", "second": "BN", "neither": None}
    return winners[_in_seconds(result).leader]


def tally(results: Sequence[RaceResult]) -> criteria.Score:
    """Who needed fewer steps, over the seeds of several runs; plain first, BN second."""
    arrival = criteria.late(np.concatenate([one.steps_to_target() for one in results], axis=1))
    return criteria.score(arrival[PLAIN], arrival[BATCH], lowest=True)
