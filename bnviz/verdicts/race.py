"""Who wins the race: in which network does the test accuracy reach the target first?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from bnviz.axes import BATCH, LEVELS, NEVER, PLAIN, TREATMENTS, Treatment
from bnviz.verdicts import criteria

if TYPE_CHECKING:
    from bnviz.experiments.race import RaceResult

Outcome = Literal["no BN", "neither", "only plain", "only BN", "BN", "plain", "draw"]
Winner = Literal["plain", "BN", "neither"]
Order = Literal["agree", "level", "turned", "apart"]

DEARER = 2  # times: a step with BN in a question on the page, which asks nothing measured in time

FEWEST_POINTS = 30  # of a test set, of which a third can be looked at
AS_DEAR = 0.05  # of a step without BN: closer is about as long


@dataclass(frozen=True, kw_only=True)
class Finish:
    """How one treatment did."""

    treatment: Treatment
    reached: int  # seeds that reached the target
    after: float  # steps of the median seed; one that never got there is infinitely late
    best: float  # the best accuracy of all seeds and records; NaN: no number
    diverged: tuple[int, ...]  # steps at which seeds diverged

    @property
    def arrives(self) -> bool:
        """Whether the median seed does."""
        return self.after < float("inf")


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
class Plane:
    """Where plain is wrong in the picture of its decisions: test points by their distance from
    the centre, in thirds of all points."""

    seed: int  # that is drawn, from 1
    wrong: tuple[float, float, float]  # shares: near the centre, half-way out, at the outer ends
    worst: int | None  # the third with most; None: there is no one, or no decision


@dataclass(frozen=True, kw_only=True)
class RaceVerdict:
    """Plain against BN, counted in steps."""

    outcome: Outcome
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
    plane: Plane | None  # None: the data are no points on a plane
    higher: criteria.Standing  # of the last test accuracies, plain first

    @property
    def first(self) -> Treatment | None:
        """Who is first in most seeds; None: neither is, or there is no BN."""
        ahead: dict[criteria.Leader, Treatment | None]
        ahead = {"first": "plain", "second": "batch", "neither": None}
        return ahead[self.score.leader]

    @property
    def medians(self) -> Order:
        """Whether the medians say what most seeds do, which may lead by little."""
        if self.outcome == "draw" and self.plain.after != self.batch.after:
            return "apart"
        if self.outcome not in ("plain", "BN"):
            return "agree"
        if self.plain.after == self.batch.after:
            return "level"
        ahead = self.plain.after > self.batch.after
        return "agree" if ahead == (self.outcome == "BN") else "turned"

    @property
    def finishes(self) -> tuple[Finish, Finish]:
        return self.plain, self.batch


def judge(result: RaceResult) -> RaceVerdict:
    """Who reached the target first, in how many seeds, and at what price."""
    config = result.config
    plain, batch = (_finish(result, treatment) for treatment in (PLAIN, BATCH))
    score = _score(result, np.ones(2))
    return RaceVerdict(
        outcome=_outcome(bool(config.with_bn()), plain, batch, score),
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
        plane=_plane(result),
        higher=criteria.standing(*result.test_accuracy[:, :, -1]),
    )


def arrivals(result: RaceResult) -> tuple[float, float]:
    """The steps after which the median seed of plain, and of BN, is at the target; or infinity."""
    plain, batch = np.median(criteria.late(result.steps_to_target()), axis=1)
    return float(plain), float(batch)


def _finish(result: RaceResult, treatment: int) -> Finish:
    reached = result.steps_to_target()[treatment]
    lost = result.diverged_at[treatment]
    accuracy = result.test_accuracy[treatment]
    known = accuracy[np.isfinite(accuracy)]
    return Finish(
        treatment=TREATMENTS[treatment],
        reached=int((reached != NEVER).sum()),
        after=arrivals(result)[treatment],
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


def _plane(result: RaceResult) -> Plane | None:
    if result.decision is None or result.axis is None or result.points is None:
        return None
    if len(result.points) < FEWEST_POINTS:
        return None
    cells = [np.abs(axis[:, None] - along).argmin(axis=0)
             for axis, along in zip(result.axis, result.points.T, strict=True)]  # fmt: skip
    decided = result.decision[PLAIN, -1][cells[1], cells[0]] > LEVELS / 2
    distance = np.linalg.norm(result.points - result.points.mean(axis=0), axis=1)
    thirds = np.array_split((decided != result.labels)[distance.argsort(kind="stable")], 3)
    near, half_way, outer = (float(third.mean()) for third in thirds)
    wrong, gone = (near, half_way, outer), result.diverged_at[PLAIN, result.typical] != NEVER
    alone = wrong.count(max(wrong)) == 1 and not gone
    return Plane(
        seed=result.typical + 1, wrong=wrong, worst=wrong.index(max(wrong)) if alone else None
    )


def tally(results: Sequence[RaceResult]) -> criteria.Score:
    """Who needed fewer steps, over the seeds of several runs; plain first, BN second."""
    arrival = criteria.late(np.concatenate([one.steps_to_target() for one in results], axis=1))
    return criteria.score(arrival[PLAIN], arrival[BATCH], lowest=True)
