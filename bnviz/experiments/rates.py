"""The learning rate: how large may it be, and what does the larger one gain?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated

import numpy as np
from numpy.typing import NDArray

from bnviz.axes import NEVER, TREATMENTS
from bnviz.experiments import sweep
from bnviz.experiments.bounds import bounded
from bnviz.experiments.jobs import Report, silent
from bnviz.experiments.result import Axes, Doubles, Floats, Result, Whole
from bnviz.experiments.settings import (
    LEARNING_RATES,
    OTHERWISE,
    Depth,
    LearningRate,
    Seeds,
    Settings,
    Target,
    Width,
)

RECORDS = 12
DEARER = 1.4  # times as long as the sum of its parts: of small networks, the calls take most


class RatesConfig(Settings):
    """The shared settings, and the accuracy to reach. Its own rate is one point of the sweep."""

    depth: Depth = 4
    width: Width = 16
    learning_rate: LearningRate = 0.32
    seeds: Seeds = 3
    target: Target = 0.8

    def swept(self) -> RatesConfig:
        """These settings with everything at its default that no training depends on.

        The sweep trains at every rate; another rate, or another target, is the same sweep.
        """
        fields = type(self).model_fields
        free = {name: fields[name].default for name in ("learning_rate", "target")}
        return self.model_copy(update=free)

    def work(self) -> float:
        """As Settings.work, for all rates."""
        return DEARER * sweep.work(self, self.runs(), len(records_of(self.steps)))

    def held(self) -> float:
        return sweep.largest(self, self.runs())

    def kept(self) -> float:
        """The records alone."""
        return OTHERWISE

    def runs(self) -> int:
        """Networks of each treatment."""
        return len(LEARNING_RATES) * self.seeds


@dataclass(frozen=True, kw_only=True, repr=False)
class RatesResult(Result):
    """Both treatments (plain, BN) on the first axis. NaN: after a divergence."""

    config: RatesConfig
    rates: Annotated[Doubles, Axes("learning_rate", "the learning rates, rising")]
    steps: Annotated[Whole, Axes("step")]
    test_accuracy: Annotated[
        Floats, Axes("treatment learning_rate=rates seed step", "inference mode, 0 to 1")
    ]
    diverged_at: Annotated[
        Whole, Axes("treatment learning_rate=rates seed", "step; empty: never", maybe=True)
    ]

    def at(self, config: RatesConfig) -> RatesResult:
        """The same sweep, seen from another learning rate and another target."""
        seen = {"learning_rate": config.learning_rate, "target": config.target}
        return replace(self, config=self.config.model_copy(update=seen))

    def own(self) -> int:
        """Which of the rates is that of the knob, or the nearest to it."""
        return int(np.abs(np.log(self.rates / self.config.learning_rate)).argmin())

    def seeds_to_target(self) -> NDArray[np.int64]:
        """The first recorded step at the target, (2, L, seeds), or NEVER."""
        reached = self.test_accuracy >= self.config.target
        return np.where(reached.any(-1), self.steps[reached.argmax(-1)], NEVER)


@bounded
def run(config: RatesConfig, report: Report = silent, workers: int = 2) -> RatesResult:
    """Train plain and BN at every learning rate from the same weights. Same config, same bits."""
    starts = sweep.grid(config, LEARNING_RATES, [config.gain])
    records = records_of(config.steps)
    runs = sweep.train_sweep(config, starts, sweep.PAIR, report, workers, record_at=records)
    shape = (len(LEARNING_RATES), config.seeds)
    accuracy = [runs[name].test_accuracies.reshape(*shape, len(records)) for name in TREATMENTS]
    return RatesResult(
        config=config,
        rates=np.array(LEARNING_RATES),
        steps=runs["plain"].steps,
        test_accuracy=np.stack(accuracy),
        diverged_at=np.stack([runs[name].diverged_at.reshape(shape) for name in TREATMENTS]),
    )


def records_of(steps: int) -> list[int]:
    """About RECORDS steps from 0 to the last, closer together at the beginning."""
    spread = np.linspace(0, 1, RECORDS) ** 1.6
    return sorted({round(steps * float(share)) for share in spread})
