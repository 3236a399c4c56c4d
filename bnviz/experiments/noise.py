"""The noise of batch statistics: the same training, with fewer and fewer samples to a statistic."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated

import numpy as np

from bnviz.engine.batchnorm import Options
from bnviz.engine.plan import Plan
from bnviz.engine.training import History, recording_steps
from bnviz.experiments.bounds import bounded
from bnviz.experiments.data_knobs import TrainSize, WrongLabels
from bnviz.experiments.jobs import Job, Report, side_by_side, silent
from bnviz.experiments.pair import diverged_at, keeping
from bnviz.experiments.result import Axes, Floats, Result, Whole
from bnviz.experiments.settings import (
    OTHERWISE,
    BatchSize,
    Depth,
    Knob,
    LearningRate,
    Optimizer,
    Settings,
)
from bnviz.experiments.training import then, training

RECORDS = 14
SECONDS_PER_STATISTIC = 1e-7  # a mean and variance of their own, forward and backward


class NoiseConfig(Settings):
    """The shared settings, how much there is to learn from and how much of it is wrong."""

    depth: Depth = 2
    learning_rate: LearningRate = 0.1
    batch_size: BatchSize = 32
    optimizer: Optimizer = "momentum"
    steps: Annotated[
        int,
        Knob("Steps", (50, 100, 150, 200, 400, 800), "Updates in one run.", 1, 5000),
    ] = 100
    train_size: TrainSize = 256
    wrong_labels: WrongLabels = 0.2
    sample: Annotated[
        int,
        Knob(
            "The one sample",
            (0, 1, 2, 3, 4, 5, 6, 7, 8, 9),
            "Which test sample to put into many batches: among digits, an image of this digit.",
            0,
            40,
        ),
    ] = 7

    def plan(self, replicas: int) -> Plan:
        """As in the other lessons, with a rate that falls to zero along a cosine."""
        return replace(super().plan(replicas), schedule="cosine")

    def whole(self) -> int:
        """The samples of one update."""
        return min(self.batch_size, len(self.data().train_labels))

    def chunks(self) -> tuple[int, ...]:
        """How many samples share their statistics: powers of two, and the whole batch, last."""
        whole = self.whole()
        powers = (2**k for k in range(1, whole.bit_length()))
        return (*(chunk for chunk in powers if chunk < whole and whole % chunk == 0), whole)

    def networks(self) -> tuple[str, ...]:
        """What is trained: plain, then BN with each size of the chunks."""
        return ("plain", *(f"BN, chunks of {chunk}" for chunk in self.chunks()))

    def work(self) -> float:
        """As Settings.work, for all chunk sizes and plain; small chunks need many statistics."""
        chunks, whole = self.chunks(), self.whole()
        statistics = sum(whole / chunk for chunk in chunks) * self.depth * self.width * self.seeds
        trained = self.training_work(len(recording_steps(self.steps, RECORDS)))
        return trained * (1 + len(chunks)) + SECONDS_PER_STATISTIC * self.steps * statistics

    def held(self) -> float:
        """As Settings.held, with the smallest chunks, which have the most statistics."""
        return self.training_memory(options=Options(ghost_batch_size=self.chunks()[0]))

    def kept(self) -> float:
        """The records alone, and what two threads hold for themselves."""
        return 2 * OTHERWISE


@dataclass(frozen=True, kw_only=True, repr=False)
class NoiseResult(Result):
    """Networks on the first axis: plain (PLAIN), then BN by chunk size. NaN: after a divergence."""

    config: NoiseConfig
    steps: Annotated[Whole, Axes("step")]
    chunks: Annotated[
        Whole, Axes("chunk=chunks", "samples that share their statistics; last: the whole batch")
    ]
    train_loss: Annotated[
        Floats,
        Axes(
            "treatment=networks seed step", "on mini-batches, their statistics; mean since a record"
        ),
    ]
    test_loss: Annotated[Floats, Axes("treatment=networks seed step", "inference mode")]
    test_accuracy: Annotated[Floats, Axes("treatment=networks seed step", "inference mode, 0 to 1")]
    diverged_at: Annotated[Whole, Axes("treatment=networks seed", "step; empty: never", maybe=True)]


@bounded
def run(config: NoiseConfig, report: Report = silent, workers: int = 2) -> NoiseResult:
    """Train plain and every chunk size from the same weights on the same batches. Same bits."""
    chunks = config.chunks()
    jobs = {str(chunk): one_training(config, chunk) for chunk in chunks}
    histories = side_by_side(jobs | {"plain": one_training(config)}, config.steps, report, workers)
    rows = [histories["plain"], *(histories[str(chunk)] for chunk in chunks)]
    return NoiseResult(
        config=config,
        steps=rows[0].steps,
        chunks=np.array(chunks),
        train_loss=np.stack([_since_the_last(row) for row in rows]),
        test_loss=np.stack([row.test_losses for row in rows]),
        test_accuracy=np.stack([row.test_accuracies for row in rows]),
        diverged_at=np.stack([diverged_at(row) for row in rows]),
    )


def one_training(
    config: NoiseConfig, chunk: int | None = None, kept: Sequence[int] = ()
) -> Job[History]:
    """Training with statistics over this many samples; None: without BN. These seeds stay."""
    changes = {
        "normalizer": "none" if chunk is None else "batch",
        "options": Options(ghost_batch_size=chunk),
    }
    job = training(config, changes, record_at=recording_steps(config.steps, RECORDS))
    return then(job, lambda history: keeping(history, kept))


def _since_the_last(history: History) -> Floats:
    """The mini-batch loss at each record: its mean over the steps since the one before."""
    loss, ends = history.batch_losses, history.steps
    starts = [0, *ends[:-1]]
    means = [
        loss[:, a:b].mean(1) if b > a else loss[:, a] for a, b in zip(starts, ends, strict=True)
    ]
    return np.stack(means, axis=1)
