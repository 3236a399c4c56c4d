"""Two cohorts that start from the same weights and see the same batches: plain and BN."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bnviz.engine.networks import Cohort
from bnviz.engine.training import History, Probe, train
from bnviz.experiments.running import Job, Report, side_by_side, silent
from bnviz.experiments.settings import Settings

TREATMENTS = ("plain", "batch")
NAMES = {"plain": "plain", "batch": "BN"}
"""What a reader calls the treatments."""
SUBJECTS = {"plain": "Plain", "batch": "BN"}
"""The same at the start of a sentence."""

NEVER = -1  # in place of a step, where something did not happen


def train_pair(
    config: Settings,
    normalized: tuple[int, ...],
    probes: Sequence[Probe] = (),
    report: Report = silent,
    workers: int = 2,
    *,
    record_at: Sequence[int] | None = None,
    **changes: Any,
) -> dict[str, History]:
    """Train `config.seeds` pairs; the BN networks have BN in the hidden layers `normalized`.

    `changes` go to the architecture of both.
    """
    seeds = range(config.first_seed, config.first_seed + config.seeds)
    data = config.data()

    def job(treatment: str) -> Job[History]:
        normalizer = "batch" if treatment == "batch" and normalized else "none"
        architecture = config.architecture(normalizer=normalizer, normalized=normalized, **changes)

        def run(progress: Callable[[int], None]) -> History:
            cohort = Cohort(architecture, seeds, [config.gain] * config.seeds)
            plan = config.plan(config.seeds)
            return train(
                cohort, seeds, data, plan, record_at=record_at, probes=probes, progress=progress
            )

        return run

    return side_by_side({name: job(name) for name in TREATMENTS}, config.steps, report, workers)


FELL = 0.5  # of its first loss: a network below it has learned something
LAST = 0.1  # of the steps, over which the last loss is averaged


def fell(history: History) -> NDArray[np.bool_]:
    """Whether each seed's mini-batch loss fell to less than half of the first, (seeds,)."""
    last = max(1, round(LAST * history.batch_losses.shape[1]))
    end = history.batch_losses[:, -last:].mean(axis=1)  # NaN after a divergence: did not fall
    below: NDArray[np.bool_] = end < FELL * history.batch_losses[:, 0]
    return below


def count(number: int, of: int) -> str:
    """3 of 5 seeds; all 5 seeds; none of 5 seeds; the one seed."""
    if of == 1:
        return "the one seed" if number else "no seed"
    return f"all {of} seeds" if number == of else f"{number or 'none'} of {of} seeds"


def diverged_at(history: History) -> NDArray[np.int64]:
    """The step at which each seed diverged, (seeds,); NEVER where it did not."""
    return np.array([NEVER if d is None else d.step for d in history.divergences])


def stacked(
    histories: dict[str, History], name: str, shape: tuple[int, ...]
) -> NDArray[np.float32]:
    """One probe of all treatments, (treatments, seeds, T, *shape); NaN where nothing was recorded.

    A cohort that diverged before its first record has recorded nothing at all.
    """
    arrays = []
    for treatment in TREATMENTS:
        history = histories[treatment]
        empty = np.full((*history.test_losses.shape, *shape), np.nan, np.float32)
        arrays.append(history.probes.get(name, empty))
    return np.stack(arrays)
