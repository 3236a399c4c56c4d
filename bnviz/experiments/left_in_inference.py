"""What becomes of networks that train in inference mode, because model.train() was forgotten."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

import numpy as np

from bnviz.engine.batchnorm import Options
from bnviz.engine.statistics import LeftInInference
from bnviz.engine.training import History, recording_steps
from bnviz.experiments.bounds import bounded
from bnviz.experiments.jobs import Job, Report, side_by_side, silent
from bnviz.experiments.modes import ModesConfig
from bnviz.experiments.pair import diverged_at
from bnviz.experiments.result import Axes, Floats, Result, Whole
from bnviz.experiments.settings import Settings
from bnviz.experiments.training import training

SINCE = 20  # the step from which one network is left in inference mode, or half of the run


class LeftInInferenceConfig(ModesConfig):
    """The settings of the page, for two networks of each seed that are not switched back."""

    def since(self) -> int:
        """The step from which one of the two stays in inference mode."""
        return min(SINCE, self.steps // 2)

    def work(self) -> float:
        """As Settings.work: two networks of each seed."""
        return Settings.work(self)

    def held(self) -> float:
        return Settings.held(self)

    def kept(self) -> float:
        return Settings.kept(self)


def as_on_the_page(config: ModesConfig) -> LeftInInferenceConfig:
    """The same settings, for the networks that are not switched back."""
    return LeftInInferenceConfig.like(config)


SWITCHED = ("always", "from a step on")


@dataclass(frozen=True, kw_only=True, repr=False)
class LeftInInferenceResult(Result):
    """In inference mode always, and from since() on. NaN: after a divergence."""

    config: LeftInInferenceConfig
    steps: Annotated[Whole, Axes("step")]
    accuracy: Annotated[Floats, Axes("inference=SWITCHED seed step", "0 to 1")]
    diverged_at: Annotated[Whole, Axes("inference=SWITCHED seed", "step; empty: never", maybe=True)]


@bounded
def run(
    config: LeftInInferenceConfig, report: Report = silent, workers: int = 2
) -> LeftInInferenceResult:
    """Train both networks of each seed. Pure: the same config, the same bits."""
    records = recording_steps(config.steps, config.measured()[0])
    starts = (0, config.since())
    jobs = {str(since): _training(config, records, since) for since in starts}
    histories = side_by_side(jobs, config.steps, report, workers)
    both = [histories[str(since)] for since in starts]
    return LeftInInferenceResult(
        config=config,
        steps=np.array(records),
        accuracy=np.stack([history.test_accuracies for history in both]),
        diverged_at=np.stack([diverged_at(history) for history in both]),
    )


def _training(config: LeftInInferenceConfig, records: list[int], since: int) -> Job[History]:
    """Training in inference mode from the step `since` on."""
    options = Options(momentum=config.momentum)
    architecture = config.architecture(normalizer="batch", options=options)

    def build(seeds: Sequence[int], gains: Sequence[float]) -> LeftInInference:
        cohort = LeftInInference(architecture, seeds, gains)
        cohort.since = since
        return cohort

    return training(config, build=build, record_at=records)
