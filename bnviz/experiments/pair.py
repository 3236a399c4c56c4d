"""Two cohorts that start from the same weights and see the same batches: plain and BN."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bnviz.axes import NEVER, TREATMENTS
from bnviz.engine.training import History, Probe
from bnviz.experiments.running import Report, side_by_side, silent
from bnviz.experiments.settings import Settings
from bnviz.experiments.training import training


def train_pair(
    config: Settings,
    normalized: tuple[int, ...],
    probes: Sequence[Probe] = (),
    report: Report = silent,
    workers: int = 2,
    *,
    record_at: Sequence[int] | None = None,
    tested: bool = True,
    **changes: Any,
) -> dict[str, History]:
    """Train `config.seeds` pairs; the BN networks have BN in the hidden layers `normalized`.

    `changes` go to the architecture of both.
    """
    both = {"normalized": normalized, **changes}
    arms = {
        "plain": {"normalizer": "none", **both},
        "batch": {"normalizer": "batch" if normalized else "none", **both},
    }
    return train_arms(config, arms, probes, report, workers, record_at=record_at, tested=tested)


def train_arms(
    config: Settings,
    arms: Mapping[str, Mapping[str, Any]],
    probes: Sequence[Probe] = (),
    report: Report = silent,
    workers: int = 2,
    *,
    record_at: Sequence[int] | None = None,
    tested: bool = True,
) -> dict[str, History]:
    """Train `config.seeds` networks of each arm, from the same weights, on the same batches.

    An arm is what it changes in the architecture; `probes` look at all of them.
    """
    jobs = {
        name: training(config, changes, record_at=record_at, probes=probes, tested=tested)
        for name, changes in arms.items()
    }
    return side_by_side(jobs, config.steps, report, workers)


def smoothed(history: History) -> NDArray[np.float32]:
    """The mini-batch loss at each record, (seeds, T): its mean over the steps since the last."""
    loss, ends = history.batch_losses, history.steps
    starts = np.concatenate([[0], ends[:-1]])
    columns = [
        loss[:, min(a, loss.shape[1] - 1) : b].mean(1) if b > a else loss[:, a]
        for a, b in zip(starts, ends, strict=True)
    ]
    return np.stack(columns, axis=1)


FELL = 0.5  # of its first loss: a network below it has learned something
LAST = 0.1  # of the steps, over which the last loss is averaged


def fell(history: History) -> NDArray[np.bool_]:
    """Whether each seed's mini-batch loss fell to less than half of the first, (seeds,)."""
    last = max(1, round(LAST * history.batch_losses.shape[1]))
    end = history.batch_losses[:, -last:].mean(axis=1)  # NaN after a divergence: did not fall
    stayed = diverged_at(history) == NEVER  # a divergence after the last update leaves no NaN
    below: NDArray[np.bool_] = (end < FELL * history.batch_losses[:, 0]) & stayed
    return below


def typical_seed(final: NDArray[np.float32]) -> int:
    """The seed that ends nearest to the median of all, in both treatments together.

    final: (2, seeds) test accuracy; NaN, after a divergence, counts as no right answer at all.
    """
    accuracy = np.nan_to_num(final.astype(np.float64))
    return int(np.abs(accuracy - np.median(accuracy, axis=1, keepdims=True)).sum(axis=0).argmin())


def diverged_at(history: History) -> NDArray[np.int64]:
    """The step at which each seed diverged, (seeds,); NEVER where it did not."""
    return np.array([NEVER if d is None else d.step for d in history.divergences])


def stacked(
    histories: dict[str, History],
    name: str,
    shape: tuple[int, ...],
    arms: Sequence[str] = TREATMENTS,
) -> NDArray[np.float32]:
    """One probe of all arms, (arms, seeds, T, *shape); NaN where nothing was recorded.

    A cohort that diverged before its first record has recorded nothing at all.
    """
    arrays = []
    for arm in arms:
        history = histories[arm]
        found = history.probes.get(name)
        if found is None:
            found = np.full((*history.test_losses.shape, *shape), np.nan, np.float32)
        arrays.append(found)
    return np.stack(arrays)


def keeping(history: History, replicas: Sequence[int] = ()) -> History:
    """The history with these of its trained networks alone, so that the others' memory is free."""
    return replace(history, cohort=history.cohort.select(replicas))
