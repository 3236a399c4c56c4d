"""Many settings at once: rates, gains and seeds are replicas of a few cohorts."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bnviz.engine.networks import Cohort
from bnviz.engine.training import History, recording_steps, tested_together
from bnviz.experiments.jobs import Job, Report, side_by_side, silent
from bnviz.experiments.pair import diverged_at
from bnviz.experiments.settings import Settings
from bnviz.experiments.training import then, training

BLOCK = 65536  # activations of one layer, of all replicas of a cohort: larger is hardly faster
FEWEST, MOST = 8, 128  # replicas of a cohort, as long as they fit in the memory
ROOM = 8e7  # bytes that one cohort may hold in training
HOLES = 1e7  # bytes of the heap that lie unused between the arrays of a cohort

PAIR: Mapping[str, Mapping[str, Any]] = {
    "plain": {"normalizer": "none"},
    "batch": {"normalizer": "batch"},
}
"""What each of two treatments changes in the architecture."""

Ending = Callable[[Cohort], NDArray[np.float32]]
"""Asks something of trained replicas, (R, …); those that diverged are as they were before."""


@dataclass(frozen=True, kw_only=True)
class Start:
    """One run of a sweep: what it differs in from its neighbours."""

    learning_rate: float
    gain: float
    seed: int


@dataclass(frozen=True, kw_only=True)
class Runs:
    """What the runs of one treatment left behind, in the order of their starts.

    Missing after a divergence: NaN.
    """

    steps: NDArray[np.int64]  # (T,) the recorded steps
    batch_losses: NDArray[np.float32]  # (S, steps) mini-batch loss, before each update
    test_losses: NDArray[np.float32]  # (S, T) inference mode
    test_accuracies: NDArray[np.float32]  # (S, T) inference mode, 0 to 1
    diverged_at: NDArray[np.int64]  # (S,) step, or NEVER
    endings: NDArray[np.float32] | None = None  # (S, …) what was asked of the trained networks


def grid(config: Settings, rates: Sequence[float], gains: Sequence[float]) -> list[Start]:
    """Every rate with every gain and every seed of the settings, the seeds innermost."""
    seeds = range(config.first_seed, config.first_seed + config.seeds)
    return [
        Start(learning_rate=rate, gain=gain, seed=seed)
        for rate in rates
        for gain in gains
        for seed in seeds
    ]


def train_sweep(
    config: Settings,
    starts: Sequence[Start],
    treatments: Mapping[str, Mapping[str, Any]],
    report: Report = silent,
    workers: int = 2,
    *,
    record_at: Sequence[int] | None = None,
) -> dict[str, Runs]:
    """Train every start with every treatment; a treatment is what it changes in the architecture.

    Runs of one seed share weights (times their gain) and batches, whatever the treatment. Each
    comes out, to the bit, as it would alone. `config`'s own rate, gain and seeds play no role.
    """
    groups = {name: (starts, changes) for name, changes in treatments.items()}
    return train_groups(config, groups, report, workers, record_at=record_at)


def train_groups(
    config: Settings,
    groups: Mapping[str, tuple[Sequence[Start], Mapping[str, Any]]],
    report: Report = silent,
    workers: int = 2,
    *,
    record_at: Sequence[int] | None = None,
    ending: Ending | None = None,
) -> dict[str, Runs]:
    """The same where each treatment has starts of its own; `ending` looks at what was trained."""
    # The dearest first: what is left for the end should be short.
    order = sorted(groups, key=lambda name: groups[name][1].get("normalizer", "none") == "none")
    parts = {name: blocks(config, len(groups[name][0])) for name in order}
    jobs = {
        f"{name} {place}": _training(
            config, groups[name][0][part], groups[name][1], record_at, ending
        )
        for name in order
        for place, part in enumerate(parts[name])
    }
    done = side_by_side(jobs, config.steps, report, workers)
    return {
        name: _joined([done[f"{name} {place}"] for place in range(len(parts[name]))])
        for name in groups
    }


def blocks(config: Settings, runs: int) -> list[slice]:
    """The runs cut into cohorts of about the same size, small enough for caches and memory."""
    size = min(MOST, max(FEWEST, BLOCK // (config.width * config.in_batch())))
    size = max(1, min(size, int(ROOM / held(config, 1))))
    count = math.ceil(runs / size)
    ends = [round(runs * place / count) for place in range(count + 1)]
    return [slice(a, b) for a, b in pairwise(ends)]


def held(config: Settings, runs: int) -> float:
    """Bytes of a cohort of so many runs, of which some at a time are tested."""
    cost, tested = config.cost(), len(config.data().test_labels)
    some = min(runs, tested_together(cost.network, tested))
    values = max(cost.graph(runs, config.in_batch()), cost.passing(some, tested))
    return cost.own(runs) + values + HOLES * (runs > 1)


def largest(config: Settings, runs: int) -> float:
    """Bytes of the largest cohort when so many runs of each treatment are trained."""
    return held(config, max(part.stop - part.start for part in blocks(config, runs)))


def _training(
    config: Settings,
    starts: Sequence[Start],
    changes: Mapping[str, Any],
    record_at: Sequence[int] | None,
    ending: Ending | None,
) -> Job[Runs]:
    """Training of these starts as one cohort, of which the records alone are kept."""
    rates = tuple(one.learning_rate for one in starts)
    job = training(
        config,
        changes,
        seeds=[one.seed for one in starts],
        gains=[one.gain for one in starts],
        plan=replace(config.plan(len(starts)), learning_rates=rates),
        record_at=record_at,
    )

    def kept(history: History) -> Runs:
        return Runs(
            steps=history.steps,
            batch_losses=history.batch_losses,
            test_losses=history.test_losses,
            test_accuracies=history.test_accuracies,
            diverged_at=diverged_at(history),
            endings=None if ending is None else ending(history.cohort),
        )

    return then(job, kept)


def _joined(parts: Sequence[Runs]) -> Runs:
    endings = [part.endings for part in parts if part.endings is not None]
    return Runs(
        steps=parts[0].steps,
        batch_losses=np.concatenate([part.batch_losses for part in parts]),
        test_losses=np.concatenate([part.test_losses for part in parts]),
        test_accuracies=np.concatenate([part.test_accuracies for part in parts]),
        diverged_at=np.concatenate([part.diverged_at for part in parts]),
        endings=np.concatenate(endings) if endings else None,
    )


def work(config: Settings, runs: int, records: int | None = None) -> float:
    """About how many seconds of one slow core a sweep of so many runs takes, with two treatments.

    As Settings.work, with what the records cost: they look at the whole test set.
    """
    tested = len(recording_steps(config.steps)) if records is None else records
    cohorts, cost = len(blocks(config, runs)), config.cost()
    layers = (cohorts - 1) * cost.layers * (config.steps + tested)
    return 2 * (layers + config.model_copy(update={"seeds": runs}).training_work(tested))
