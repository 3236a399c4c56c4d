"""Both modes in one unit, where switching is forgotten, and by batch size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from bnviz.axes import NEVER, OWN_BATCH, PRECISE
from bnviz.verdicts import criteria
from bnviz.verdicts.modes import CLOSE, MANY, last_accuracy

if TYPE_CHECKING:
    from bnviz.experiments.left_in_inference import LeftInInferenceResult
    from bnviz.experiments.mode_measures import Unit
    from bnviz.experiments.modes import ModesResult

SHOWN = 16  # test samples in a batch, or the next size there is: the one that is told


@dataclass(frozen=True, kw_only=True)
class Off:
    """How far statistics are from those of the population."""

    mean: float  # in standard deviations of the population
    variance: float  # as a share of the population's


@dataclass(frozen=True, kw_only=True)
class UnitVerdict:
    """One unit at the last step."""

    layer: int
    number: int
    off: tuple[Off, Off] | None  # running averages, last mini-batch; None: nothing to compare


def judge_unit(result: ModesResult, unit: Unit) -> UnitVerdict:
    """How far the running averages and the last mini-batch are off."""
    mean, variance = unit.population[:, -1].astype(np.float64)
    averages = unit.averages(result.config.momentum)[:, -1]
    newest = unit.batch[:, -1].astype(np.float64)
    off = None
    if np.isfinite([mean, variance, *averages, *newest]).all() and variance > 0:
        running, last = (
            Off(
                mean=float(abs(of[0] - mean) / np.sqrt(variance)),
                variance=float(abs(of[1] / variance - 1)),
            )
            for of in (averages, newest)
        )
        off = (running, last)
    return UnitVerdict(layer=unit.layer, number=unit.number, off=off)


@dataclass(frozen=True, kw_only=True)
class EvaluationVerdict:
    """The test set in training mode; test accuracy, medians over the seeds."""

    size: int  # samples in a batch
    alone: float  # one sample at a time
    shuffled: float  # in batches of `size`
    by_class: float  # the same, of a test set that is sorted by class
    running: float  # in inference mode


def _evaluation(result: ModesResult) -> EvaluationVerdict | None:
    shuffled, by_class = criteria.medians(result.evaluated)
    running = float(last_accuracy(result)[result.running])
    if not np.isfinite([*shuffled, *by_class, running]).all():
        return None
    place = int(np.abs(np.log2(result.sizes / SHOWN)).argmin())
    return EvaluationVerdict(
        size=int(result.sizes[place]),
        alone=float(shuffled[0]),
        shuffled=float(shuffled[place]),
        by_class=float(by_class[place]),
        running=running,
    )


@dataclass(frozen=True, kw_only=True)
class Left:
    """Networks that trained in inference mode from the step `since` on."""

    since: int
    accuracy: float  # the last one, median of the seeds that did not diverge
    diverged: int  # seeds
    against: criteria.Leader  # "first": clearly better than trained the right way, in most seeds


@dataclass(frozen=True, kw_only=True)
class LeftVerdict:
    """Trained in inference mode, against trained the right way and tested in inference mode."""

    outcome: Literal["diverged", "better than the averages", "better", "harmless", "worse"]
    right: float  # last test accuracy, median over the seeds; NaN: diverged
    small_batches: bool  # so that to depend on them may be what harms
    seeds: int
    always: Left
    later: Left


def _trained(result: ModesResult, left: LeftInInferenceResult) -> LeftVerdict:
    """Whether the mistake shows, and whether it harms."""
    right = float(last_accuracy(result)[result.running])
    starts = (0, left.config.since())
    always, later = (_left(result, left, row, since) for row, since in enumerate(starts))
    return LeftVerdict(
        outcome=_outcome(result, right, always, later),
        right=right,
        small_batches=result.config.whole() < MANY,
        seeds=left.config.seeds,
        always=always,
        later=later,
    )


@dataclass(frozen=True, kw_only=True)
class MistakesVerdict:
    """Both mistakes."""

    evaluation: EvaluationVerdict | None  # None: BN diverged
    left: LeftVerdict


def judge_mistakes(result: ModesResult, left: LeftInInferenceResult) -> MistakesVerdict:
    """What each of them costs."""
    return MistakesVerdict(evaluation=_evaluation(result), left=_trained(result, left))


def _left(result: ModesResult, left: LeftInInferenceResult, row: int, since: int) -> Left:
    end = left.accuracy[row, :, -1].astype(np.float64)
    right = result.test_accuracy[result.running, :, -1].astype(np.float64)
    known = np.isfinite(right)
    leader = criteria.score(end[known], right[known], within=criteria.SAME).leader
    medians = criteria.better(criteria.median(end), criteria.median(right))
    return Left(
        since=since,
        accuracy=criteria.median(end),
        diverged=int((left.diverged_at[row] != NEVER).sum()),
        against=leader if leader == medians else "neither",
    )


def _outcome(
    result: ModesResult, right: float, always: Left, later: Left
) -> Literal["diverged", "better than the averages", "better", "harmless", "worse"]:
    if not np.isfinite(right):
        return "diverged"
    if always.against == "first":
        exact = float(last_accuracy(result)[PRECISE])
        return "better than the averages" if exact > always.accuracy else "better"
    harmed = any(
        one.diverged or not _as_good(one.accuracy, right) or one.against == "second"
        for one in (always, later)
    )
    if harmed or not criteria.learned(right, result.config.data().classes):
        return "worse"
    return "harmless"


def _as_good(accuracy: float, right: float) -> bool:
    return criteria.better(accuracy, right) != "second"


@dataclass(frozen=True, kw_only=True)
class Cure:
    """What precise statistics do for the test loss, medians over the seeds."""

    sizes: tuple[int, ...]  # at which they clearly lower it
    most: int  # the one at which they do so most
    precise: float  # the loss there
    running: float


@dataclass(frozen=True, kw_only=True)
class SweepVerdict:
    """Both modes by batch size; test accuracy, medians over the seeds."""

    sizes: tuple[int, ...]
    widest: int  # the size with the widest gap
    as_wide: tuple[int, ...]  # all sizes whose gap is about as wide
    own: float  # there
    running: float
    last: int  # the largest size at which BN did not diverge
    last_gap: float
    apart: bool  # whether the widest gap is one
    cure: Cure | None


def judge_sweep(results: Sequence[ModesResult]) -> SweepVerdict | None:
    """Where the modes are furthest apart. None: BN diverged at every size."""
    sizes = [result.config.batch_size for result in results]
    accuracy = np.array([last_accuracy(result)[[OWN_BATCH, result.running]] for result in results])
    gaps = accuracy[:, 1] - accuracy[:, 0]
    if not np.isfinite(gaps).any():
        return None
    widest, last = int(np.nanargmax(np.abs(gaps))), int(np.flatnonzero(np.isfinite(gaps))[-1])
    return SweepVerdict(
        sizes=tuple(sizes),
        widest=sizes[widest],
        as_wide=tuple(sizes[place] for place in criteria.plateau(np.abs(gaps))),
        own=float(accuracy[widest, 0]),
        running=float(accuracy[widest, 1]),
        last=sizes[last],
        last_gap=float(gaps[last]),
        apart=not criteria.same_accuracy(*accuracy[widest]),
        cure=_cure(results, np.array(sizes)),
    )


def _cure(results: Sequence[ModesResult], sizes: NDArray[np.int64]) -> Cure | None:
    loss = [criteria.medians(result.test_loss[..., -1]) for result in results]
    precise = np.array([one[PRECISE] for one in loss])
    running = np.array([one[result.running] for one, result in zip(loss, results, strict=True)])
    with np.errstate(divide="ignore", invalid="ignore"):
        share = precise / running
    if not np.isfinite(share).any():
        return None
    place = int(np.nanargmin(share))
    return Cure(
        sizes=tuple(sizes[CLOSE * share < 1].tolist()),
        most=int(sizes[place]),
        precise=float(precise[place]),
        running=float(running[place]),
    )
