"""When BN breaks: plain, BN and layer norm by batch size, each on as many samples."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Annotated

import numpy as np
import torch

from bnviz.axes import NEVER
from bnviz.engine import statistics
from bnviz.engine.batchnorm import Options
from bnviz.engine.data import Dataset
from bnviz.engine.networks import accuracies
from bnviz.engine.plan import Plan
from bnviz.engine.threads import one_thread
from bnviz.engine.training import History, Probe
from bnviz.experiments.bounds import PASSING, STATISTICS, bounded
from bnviz.experiments.jobs import Job, Report, side_by_side, silent
from bnviz.experiments.pair import diverged_at, keeping
from bnviz.experiments.result import Axes, Floats, Result, Whole
from bnviz.experiments.settings import (
    LEARNING_RATES,
    OTHERWISE,
    Depth,
    Knob,
    Settings,
)
from bnviz.experiments.training import in_parts, then, training

SIZES = (2, 4, 8, 16, 32)
REFERENCE = 32  # the batch size to which the learning rate belongs
SWEPT = ("plain", "batch", "layer")
FULL = ("plain", "batch", "renorm", "layer")
NORMALIZER = {"plain": "none"}  # all others are called what they are

PERCENTS = (0, 5, 10, 20, 30, 50, 75, 100)  # of a training, at which it is tested
SORTED_SHARE = 2  # one update on sorted batches for so many at batch 2
RAMP = 0.5  # of the updates, over which renormalization leaves BN
PRECISE = 512  # samples behind the precise statistics
FEWEST_TESTED, FEWEST_PRECISE = 60, 256  # samples; large networks are measured on fewer
MEASURING = 1e11  # operations that measuring may take, otherwise
DEARER = 1.35  # times a step of BN: layer norm, ghost batches of two, a batch of few classes
WITH_PRECISE = "precise"  # among the probes: (seeds, 1)
EPOCHS = 4  # in the section


class BatchesConfig(Settings):
    """The shared settings, and how many classes a mini-batch holds where they are sorted."""

    depth: Depth = 4
    batch_size: Annotated[
        int,
        Knob(
            "Smallest batch",
            (1, 2, 4, 8, 16),
            "Samples per update in the smallest of the batches that are compared. Every next"
            f" batch is twice as large, up to {REFERENCE}.",
            1,
            1347,
        ),
    ] = 8
    learning_rate: Annotated[
        float,
        Knob(
            "Learning rate",
            LEARNING_RATES,
            "That of mini-batches of 32. Smaller and larger ones get a rate in"
            " proportion: half the batch, half the rate.",
            1e-6,
            1e3,
        ),
    ] = 0.32
    steps: Annotated[
        int,
        Knob(
            "Steps at batch 2",
            (50, 100, 200, 400, 800),
            "Updates of the networks with mini-batches of 2. The others see as many samples, in"
            " fewer updates.",
            1,
            5000,
        ),
    ] = 100
    classes: Annotated[
        int,
        Knob(
            "Classes in a sorted batch",
            (1, 2, 3, 5),
            "For the part on sorted batches: how many classes each of them holds.",
            1,
            10,
        ),
    ] = 2

    def data(self) -> Dataset:
        """The data; where a network is large, with fewer samples in the test set."""
        data = super().data()
        tested = self._affordable(FEWEST_TESTED, len(data.test_labels))
        kept = np.linspace(0, len(data.test_labels) - 1, tested).round().astype(np.int64)
        return replace(data, test_inputs=data.test_inputs[kept], test_labels=data.test_labels[kept])

    def _affordable(self, fewest: int, all_of_them: int) -> int:
        """How many samples a network is measured on."""
        many = MEASURING / (len(PERCENTS) * 2 * self._weights() * self.seeds * self._runs())
        return int(np.clip(many, min(fewest, all_of_them), all_of_them))

    def _weights(self) -> int:
        data = super().data()
        return self.width * (data.features + (self.depth - 1) * self.width + data.classes)

    def _runs(self) -> int:
        """How many trainings are measured."""
        return len(SWEPT) * len(self.sizes())

    def sizes(self) -> tuple[int, ...]:
        """The batch sizes that are compared, in increasing order: from that of the knob on."""
        smallest = min(self.batch_size, len(super().data().train_labels))
        larger = (size for size in SIZES if size > smallest)
        return tuple(sorted({smallest, *larger, REFERENCE}))

    def focus(self) -> int:
        """Where the batch size of the knob stands among the sizes."""
        return self.sizes().index(min(self.batch_size, len(super().data().train_labels)))

    def updates(self, size: int) -> int:
        """Updates in a run with this batch size, so that all see as many samples."""
        return max(1, round(2 * self.steps / size))

    def rate(self, size: int) -> float:
        """The learning rate, in proportion to the batch size."""
        return self.learning_rate * size / REFERENCE

    def sorted_updates(self) -> int:
        """Updates in a run on sorted batches."""
        return max(1, self.steps // SORTED_SHARE)

    def in_a_batch(self) -> int:
        """Classes in a sorted batch: no more than there are."""
        return min(self.classes, super().data().classes)

    def precise_samples(self) -> int:
        """Training samples behind the precise statistics."""
        return self._affordable(FEWEST_PRECISE, min(PRECISE, len(super().data().train_labels)))

    def plan_for(self, size: int, updates: int, classes: int | None = None) -> Plan:
        """How a run with this batch size trains."""
        return replace(
            self.plan(self.seeds),
            learning_rates=(self.rate(size),) * self.seeds,
            steps=updates,
            batch_size=size,
            classes_per_batch=classes,
        )

    def work(self) -> float:
        """As Settings.work, for all runs, and the measuring."""
        swept = sum(self.one(size, self.updates(size)) for size in self.sizes())
        return len(SWEPT) * DEARER * swept + len(self.sizes()) * self.mending()

    def one(self, size: int, updates: int, looked_at: int = 0) -> float:
        """Seconds of one training, with its records."""
        changed = self.model_copy(update={"batch_size": size, "steps": updates})
        return changed.training_work(len(PERCENTS), looked_at)

    def mending(self) -> float:
        """Seconds of the precise statistics of one training, and of a test with them."""
        return self.cost().look(self.seeds, self.precise_samples() + len(self.data().test_labels))

    def held(self) -> float:
        """Of the dearest training: the largest batches, layer norm, or the precise statistics."""
        samples = len(self.data().test_labels) + self.precise_samples()
        return self.one_held(max(self.sizes()), samples)

    def one_held(self, size: int, samples: int) -> float:
        """Bytes of one training with layer norm, which holds most; so many samples looked at.

        Where these are in batches of two, every two of them have statistics of their own.
        """
        changed = self.model_copy(update={"batch_size": size})
        looking = (1 + STATISTICS / 2 / PASSING) * self.cost().passing(self.seeds, samples)
        return changed.training_memory(looking, normalizer="layer")

    def kept(self) -> float:
        """The records, and what each of two threads does not give back from training to training.

        Of large networks that was, as measured, about one.
        """
        return 2 * self.cost().parameters(1) + OTHERWISE


@dataclass(frozen=True, kw_only=True, repr=False)
class BatchesResult(Result):
    """Test accuracies are from 0 to 1, NaN after a divergence; T: the records, as PERCENTS."""

    config: BatchesConfig
    steps: Annotated[Whole, Axes("step", "percent of each training")]
    sizes: Annotated[Whole, Axes("size", "samples in a mini-batch")]
    accuracy: Annotated[dict[str, Floats], Axes("treatment size=sizes seed step", "inference mode")]
    precise: Annotated[Floats, Axes("size=sizes seed", "BN at the end, with precise statistics")]
    diverged_at: Annotated[
        dict[str, Whole], Axes("treatment size=sizes seed", "update; empty: never", maybe=True)
    ]
    test_samples: Annotated[int, Axes()]


@bounded
def run(config: BatchesConfig, report: Report = silent, workers: int = 2) -> BatchesResult:
    """Train every treatment at every batch size, then measure. Same config, same bits."""
    data, sizes = config.data(), config.sizes()
    jobs = {
        f"{kind} {size}": thinned(
            one_training(config, kind, size, config.updates(size)),
            mending_of(config, data, size) if kind == "batch" else None,
        )
        for size in sizes
        for kind in SWEPT
    }
    histories = side_by_side(jobs, len(PERCENTS), report, workers)
    rows = {kind: [histories[f"{kind} {size}"] for size in sizes] for kind in SWEPT}
    return BatchesResult(
        config=config,
        steps=np.array(PERCENTS),
        sizes=np.array(sizes),
        accuracy={
            kind: np.stack(
                [
                    at_records(history.test_accuracies, history, config.updates(size))
                    for history, size in zip(of, sizes, strict=True)
                ]
            )
            for kind, of in rows.items()
        },
        precise=np.stack([probed(history, WITH_PRECISE)[:, -1] for history in rows["batch"]]),
        diverged_at={
            kind: np.stack([diverged_at(history) for history in of]) for kind, of in rows.items()
        },
        test_samples=len(data.test_labels),
    )


def records(updates: int) -> list[int]:
    """The updates at which a training of so many is tested, (T,); some may be the same."""
    return [round(percent / 100 * updates) for percent in PERCENTS]


def one_training(
    config: BatchesConfig,
    kind: str,
    size: int,
    updates: int,
    classes: int | None = None,
    probes: Sequence[Probe] = (),
) -> Job[History]:
    """Training of all seeds with this treatment and batch size; progress in PERCENTS passed."""
    options = Options(ramp=max(1, round(RAMP * updates)))
    job = training(
        config,
        {"normalizer": NORMALIZER.get(kind, kind), "options": options},
        plan=config.plan_for(size, updates, classes),
        record_at=records(updates),
        probes=probes,
    )
    return in_parts(job, updates, len(PERCENTS))


def thinned(job: Job[History], mended: Callable[[History], Floats] | None = None) -> Job[History]:
    """The training, of whose networks none stays; before, what mends them is measured."""

    def look(history: History) -> History:
        if mended is not None:
            history.probes[WITH_PRECISE] = mended(history)[:, None]
        return keeping(history)

    return then(job, look)


def mending_of(config: BatchesConfig, data: Dataset, size: int) -> Callable[[History], Floats]:
    """Test accuracy with precise statistics at the end of a training, (seeds,)."""

    def mended(history: History) -> Floats:
        with one_thread():
            return _with_precise(history, data, size, config.precise_samples())

    return mended


def at_records(values: Floats, history: History, updates: int) -> Floats:
    """Values at the recorded steps, (seeds, …), as (seeds, T)."""
    return values[:, np.searchsorted(history.steps, records(updates))]


def probed(history: History, name: str) -> Floats:
    """What a probe measured; NaN where everybody diverged before the first record."""
    nothing = np.full_like(history.test_accuracies, np.nan)
    return history.probes.get(name, nothing)


def _with_precise(history: History, data: Dataset, size: int, samples: int) -> Floats:
    """Test accuracy with precise statistics of mini-batches of this size, (seeds,)."""
    cohort = history.cohort
    precise = statistics.precise(cohort, torch.tensor(data.train_inputs[:samples]), size)
    outputs = statistics.predicted(cohort, torch.tensor(data.test_inputs), precise)
    labels = torch.tensor(data.test_labels).expand(cohort.replicas, -1)
    accuracy: Floats = accuracies(outputs, labels).numpy()
    return np.where(diverged_at(history) == NEVER, accuracy, np.float32(np.nan))


class FullConfig(BatchesConfig):
    """One batch size of the section: its own number of updates, on all training samples."""

    def work(self) -> float:
        """All treatments at this size, and the precise statistics."""
        return len(FULL) * DEARER * self.one(self.batch_size, self.steps) + self.mending()

    def held(self) -> float:
        """As in the lesson, at this size alone."""
        return self.one_held(self.batch_size, self.precise_samples())


@dataclass(frozen=True, kw_only=True, repr=False)
class FullResult(Result):
    """One batch size, at the end; NaN: diverged."""

    config: FullConfig
    accuracy: Annotated[dict[str, Floats], Axes("treatment seed", "test accuracy")]
    precise: Annotated[Floats, Axes("seed", "BN with precise statistics")]


def full(config: BatchesConfig) -> list[FullConfig]:
    """EPOCHS epochs at each batch size, the small batches, which take longest, last."""
    samples = EPOCHS * len(config.data().train_labels)
    return [
        FullConfig.like(config, batch_size=size, steps=min(5000, samples // size))
        for size in reversed(SIZES)
    ]


@bounded
def run_full(config: FullConfig, report: Report = silent, workers: int = 2) -> FullResult:
    """Train all treatments at one batch size. Pure: the same config, the same bits."""
    data, size = config.data(), config.batch_size
    mending = mending_of(config, data, size)
    jobs = {
        kind: thinned(
            one_training(config, kind, size, config.steps),
            mending if kind == "batch" else None,
        )
        for kind in FULL
    }
    histories = side_by_side(jobs, len(PERCENTS), report, workers)
    ends = {kind: history.test_accuracies[:, -1] for kind, history in histories.items()}
    precise = probed(histories["batch"], WITH_PRECISE)[:, -1]
    return FullResult(config=config, accuracy=ends, precise=precise)
