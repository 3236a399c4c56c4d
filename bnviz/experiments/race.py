"""The race: plain against BN, to a target accuracy."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated, ClassVar

import numpy as np
from numpy.typing import NDArray

from bnviz.axes import NEVER, TREATMENTS
from bnviz.engine.networks import Cohort
from bnviz.engine.probes import decisions
from bnviz.engine.training import History, recording_steps, train
from bnviz.experiments.bounds import FLOAT, bounded
from bnviz.experiments.data_knobs import DRAWN
from bnviz.experiments.jobs import Report, silent
from bnviz.experiments.own_samples import OwnDataSettings
from bnviz.experiments.pair import diverged_at, smoothed, stacked, train_pair, typical_seed
from bnviz.experiments.plane import GRID, as_bytes, plane_axis, plane_points
from bnviz.experiments.result import Axes, Doubles, Floats, Levels, Result, Whole
from bnviz.experiments.settings import (
    Depth,
    LayersSettings,
    LearningRate,
    Target,
)

TIMED = 12  # steps, to time fresh networks where a run lost some


class RaceConfig(OwnDataSettings, LayersSettings):
    """The shared settings, which layers have BN, and the accuracy that ends the race."""

    read_later: ClassVar[tuple[str, ...]] = ("target",)

    depth: Depth = 6
    learning_rate: LearningRate = 0.32
    target: Target = 0.9

    def work(self) -> float:
        """As Settings.work, with maps of the plane and the steps that are only timed."""
        cost, seeds = self.cost(), self.seeds
        timed = cost.start(seeds) + self.timed() * cost.step(seeds, self.in_batch())
        drawn = seeds * cost.look(1, GRID * GRID) * len(recording_steps(self.steps))
        return super().work() + 2 * (timed + drawn * self._on_a_plane())

    def kept(self) -> float:
        """As Settings.kept, with the maps of the plane."""
        numbers = 6 * self.seeds * len(recording_steps(self.steps)) * GRID * GRID
        return super().kept() + FLOAT * numbers * self._on_a_plane()

    def held(self) -> float:
        cost = self.cost()
        drawn = cost.passing(1, GRID * GRID) + cost.parameters(1)
        return self.training_memory(drawn * self._on_a_plane())

    def after(self) -> float:
        return self.cost().training(self.seeds, self.in_batch())

    def timed(self) -> int:
        """Steps that are timed where a run lost networks."""
        return min(TIMED, self.steps)

    def _on_a_plane(self) -> bool:
        return self.data().on_a_plane


@dataclass(frozen=True, kw_only=True, repr=False)
class RaceResult(Result):
    """Both treatments (plain, BN) on the first axis. NaN: after a divergence."""

    config: RaceConfig
    steps: Annotated[Whole, Axes("step")]
    train_loss: Annotated[
        Floats, Axes("treatment seed step", "mini-batch loss, mean since the last record")
    ]
    test_loss: Annotated[Floats, Axes("treatment seed step", "inference mode")]
    test_accuracy: Annotated[Floats, Axes("treatment seed step", "inference mode, 0 to 1")]
    diverged_at: Annotated[Whole, Axes("treatment seed", "step; empty: never", maybe=True)]
    seconds_per_step: Annotated[
        Doubles, Axes("treatment", "for one network, of one core; measured here")
    ]
    parameters: Annotated[Whole, Axes("treatment", "trainable numbers of one network")]
    decision: Annotated[
        Levels | None,
        Axes("treatment step y x", "of `typical`, P(class 1) x LEVELS; y, x", drawn=True),
    ]
    axis: Annotated[
        Floats | None, Axes("axis place", "coordinates of the map, x and y", drawn=True)
    ]
    points: Annotated[Floats | None, Axes("sample axis", drawn=True)]
    labels: Annotated[Whole | None, Axes("sample", drawn=True)]
    learned: Annotated[
        Floats | None, Axes("sample axis", "training points, of a drawn set alone", drawn=True)
    ] = None
    learned_labels: Annotated[Whole | None, Axes("sample", drawn=True)] = None

    @property
    def typical(self) -> int:
        """The place of the seed whose networks are drawn on the plane: see typical_seed."""
        return typical_seed(self.test_accuracy[..., -1])

    def steps_to_target(self) -> NDArray[np.int64]:
        """The first recorded step at the target accuracy, (2, seeds), or NEVER."""
        reached = self.test_accuracy >= self.config.target
        return np.where(reached.any(-1), self.steps[reached.argmax(-1)], NEVER)


@bounded
def run(config: RaceConfig, report: Report = silent, workers: int = 2) -> RaceResult:
    """Train the pairs. The same config gives the same bits, but for `seconds_per_step`."""
    data = config.data()
    axis = plane_axis(data.train_inputs) if data.on_a_plane else None
    probes = [] if axis is None else [decisions(plane_points(axis), range(config.seeds))]
    histories = train_pair(config, config.with_bn(), probes, report, workers)
    both = [histories[treatment] for treatment in TREATMENTS]
    accuracy = np.stack([history.test_accuracies for history in both])
    decision = None
    if axis is not None:
        found = stacked(histories, "decision", (GRID * GRID,))
        decision = as_bytes(found[:, typical_seed(accuracy[..., -1])])
    return RaceResult(
        config=config,
        steps=both[0].steps,
        train_loss=np.stack([smoothed(history) for history in both]),
        test_loss=np.stack([history.test_losses for history in both]),
        test_accuracy=accuracy,
        diverged_at=np.stack([diverged_at(history) for history in both]),
        seconds_per_step=np.array([_step_cost(history, config) for history in both]),
        parameters=np.array([history.cohort.parameter_count() for history in both]),
        decision=decision,
        axis=axis,
        points=None if axis is None else data.test_inputs,
        labels=None if axis is None else data.test_labels,
        learned=data.train_inputs if config.dataset == DRAWN else None,
        learned_labels=data.train_labels if config.dataset == DRAWN else None,
    )


def _step_cost(history: History, config: RaceConfig) -> float:
    """Processor seconds of one step of one network.

    Where networks were lost on the way, the others' steps were dearer than in full company; then
    a few steps of as many fresh networks are timed instead, at a rate of zero.
    """
    if all(divergence is None for divergence in history.divergences):
        return history.training_seconds / (config.steps * config.seeds)
    seeds, data = range(config.seeds), config.data()
    steps = config.timed()
    plan = replace(config.plan(config.seeds), learning_rates=(0.0,) * config.seeds, steps=steps)
    fresh = train(Cohort(history.cohort.architecture, seeds), seeds, data, plan, record_at=[])
    return fresh.training_seconds / (steps * config.seeds)


def more_seeds(config: RaceConfig, pieces: int = 4) -> list[RaceConfig]:
    """The same race with seeds that the run on the page has not seen, five at a time."""
    first = config.first_seed + config.seeds
    starts = range(first, first + 5 * pieces, 5)
    return [config.model_copy(update={"seeds": 5, "first_seed": start}) for start in starts]
