"""Is it internal covariate shift? The hypothesis of 2015, tested as Santurkar et al. tested it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray

from bnviz.axes import BATCH, PLAIN
from bnviz.engine.shifts import shift
from bnviz.engine.training import History, Probe, recording_steps
from bnviz.experiments.bounds import SECONDS_PER_DRAW, SECONDS_PER_OPERATION, STATES, bounded
from bnviz.experiments.jobs import Report, silent
from bnviz.experiments.pair import diverged_at, fell, smoothed, stacked, train_arms
from bnviz.experiments.result import Axes, Flags, Floats, Result, Whole
from bnviz.experiments.settings import (
    OTHERWISE,
    Activation,
    Depth,
    LearningRate,
    Seeds,
    Settings,
    Width,
)

ARMS: dict[str, dict[str, Any]] = {
    "plain": {"normalizer": "none"},
    "batch": {"normalizer": "batch"},
    "noisy": {"normalizer": "batch", "noise_after": True},
}
"""What each network has in its hidden layers (Santurkar et al. 2018, Sec. 2.1 and Alg. 1)."""

RECORDS = 9  # moments of training at which the shift is measured
LAYERS = 10  # that are measured, at most …
FEWEST = 3  # … and at least, where each costs much
MEASURING = 8.0  # seconds of one slow core that all measuring may take
COPIED = 2e-8  # seconds of a weight that is copied, updated and compared


class ShiftConfig(Settings):
    """The shared settings, at which all three networks learn."""

    depth: Depth = 8
    width: Width = 32
    activation: Activation = "tanh"
    learning_rate: LearningRate = 0.1
    seeds: Seeds = 3

    def measured(self) -> tuple[tuple[int, ...], int]:
        """The layers (from 2; the first has none below it) and the seeds that are measured.

        Evenly chosen, the second and the output layer among them: fewer where a network is large.
        """
        affordable = int(MEASURING / (len(ARMS) * RECORDS * self._look()))
        layers = min(LAYERS, self.depth, max(FEWEST, affordable))
        return evenly(2, self.depth + 1, layers), max(1, min(self.seeds, affordable // layers))

    def _look(self) -> float:
        """About how many seconds one layer of one network takes to measure."""
        weights = self.width * (74 + (self.depth - 1) * self.width)
        return SECONDS_PER_OPERATION * 6 * weights * self.batch_size

    def work(self) -> float:
        """Three networks of each seed in place of two, the noise, and the measuring."""
        layers, seeds = self.measured()
        cost = self.cost()
        measured = cost.step(len(layers) * seeds, self.in_batch())
        copied = (2 * self.seeds + 2 * len(layers) * seeds) * COPIED * cost.weights
        return self.trained() + len(ARMS) * self.records() * (measured + copied)

    def trained(self, looked_at: int = 0) -> float:
        """Seconds for all three networks, which look at so many samples more at each record."""
        drawn = self.depth * self.width * self.in_batch() * self.seeds * self.steps
        trained = len(ARMS) * self.training_work(self.records(), looked_at)
        return trained + 3 * SECONDS_PER_DRAW * drawn

    def records(self) -> int:
        """The moments of training at which something is measured."""
        return len(recording_steps(self.steps, RECORDS))

    def held(self) -> float:
        """Of the noisy network, with its layers half before and half after the update."""
        layers, seeds = self.measured()
        cost = self.cost(noise_after=True)
        halves = cost.halved(seeds, len(layers), self.in_batch())
        return self.three_held(halves + 2 * cost.parameters(seeds) * (seeds < self.seeds))

    def three_held(self, looking: float) -> float:
        """Bytes of the noisy network, or of the last; the first looks at an update in so many."""
        parameters = self.cost().parameters(self.seeds)
        coming = (3 + STATES[self.optimizer]) * parameters
        noisy = self.training_memory(coming + looking, noise_after=True)
        return max(noisy, self.training_memory() + 2 * parameters)

    def kept(self) -> float:
        """What is recorded; that networks stay counts where the last of the three trains."""
        return OTHERWISE


def evenly(first: int, last: int, most: int) -> tuple[int, ...]:
    """At most so many layers, evenly chosen, the first and the last among them."""
    places = np.rint(np.linspace(first, last, min(most, last - first + 1))).astype(int)
    return tuple(int(place) for place in places)


@dataclass(frozen=True, kw_only=True, repr=False)
class ShiftResult(Result):
    """Plain, BN and noisy BN (ARMS) on the first axis. NaN: diverged, or not measured."""

    config: ShiftConfig
    steps: Annotated[Whole, Axes("step")]
    layers: Annotated[Whole, Axes("layer", "measured, from 2; depth + 1 is the output layer")]
    train_loss: Annotated[
        Floats, Axes("treatment=ARMS seed step", "mini-batch loss, mean since the last record")
    ]
    test_accuracy: Annotated[Floats, Axes("treatment=ARMS seed step", "inference mode, 0 to 1")]
    size: Annotated[Floats, Axes("treatment=ARMS seed step layer=layers", "||G||")]
    distance: Annotated[Floats, Axes("treatment=ARMS seed step layer=layers", "||G - G'||")]
    cosine: Annotated[
        Floats,
        Axes("treatment=ARMS seed step layer=layers", "between G and G'; NaN also: no gradient"),
    ]
    diverged_at: Annotated[Whole, Axes("treatment=ARMS seed", "step; empty: never", maybe=True)]
    fell: Annotated[
        Flags, Axes("treatment=ARMS seed", "whether the training loss fell to less than half")
    ]

    def angle(self) -> NDArray[np.float64]:
        """How far G turns to become G', in degrees: the mean over the layers, (3, seeds, T)."""
        return mean_known(np.degrees(np.arccos(self.cosine.astype(np.float64))))

    def mean_distance(self) -> NDArray[np.float64]:
        """How far G' is from G: the mean over the layers, (3, seeds, T)."""
        return mean_known(self.distance)

    def counts(self, *arms: int) -> NDArray[np.bool_]:
        """The seeds, (seeds,), in which these networks learned and were measured."""
        known = np.isfinite(self.angle()).all(-1) & self.fell
        return np.logical_and.reduce([known[arm] for arm in arms or (PLAIN, BATCH)])


def mean_known(values: NDArray[Any]) -> NDArray[np.float64]:
    """The mean over the last axis of the numbers there are; NaN: none."""
    known = np.isfinite(values)
    total = np.where(known, values, 0).astype(np.float64).sum(-1)
    with np.errstate(invalid="ignore"):
        mean: NDArray[np.float64] = total / np.where(known.any(-1), known.sum(-1), np.nan)
    return mean


@bounded
def run(config: ShiftConfig, report: Report = silent, workers: int = 2) -> ShiftResult:
    """Train all three and measure the shift at each record. Pure: same config, same bits."""
    layers, seeds = config.measured()
    histories = trained_arms(config, shift(layers, seeds), report, workers)
    rows = [histories[name] for name in ARMS]
    size, distance, cosine = (
        stacked(histories, name, (len(layers),), tuple(ARMS))
        for name in ("size", "distance", "cosine")
    )
    return ShiftResult(
        config=config,
        steps=rows[0].steps,
        layers=np.array(layers),
        train_loss=np.stack([smoothed(row) for row in rows]),
        test_accuracy=np.stack([row.test_accuracies for row in rows]),
        size=size,
        distance=distance,
        cosine=cosine,
        diverged_at=np.stack([diverged_at(row) for row in rows]),
        fell=np.stack([fell(row) for row in rows]),
    )


def trained_arms(
    config: ShiftConfig, probe: Probe, report: Report, workers: int
) -> dict[str, History]:
    """All three, looked at in the same moments."""
    records = recording_steps(config.steps, RECORDS)
    # the noisy network first: drawing makes it the dearest, and what is left should be short
    arms = {name: ARMS[name] for name in reversed(ARMS)}
    return train_arms(config, arms, [probe], report, workers, record_at=records)
