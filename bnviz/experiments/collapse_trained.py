"""Does a network learn whose samples all look alike at the start? The same pair, trained."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

import numpy as np
import torch
from torch import Tensor

from bnviz.axes import TREATMENTS
from bnviz.engine.networks import Intermediates
from bnviz.engine.training import Probe, Snapshot, recording_steps
from bnviz.experiments.bounds import bounded
from bnviz.experiments.collapse import CollapseConfig, mean_cosine
from bnviz.experiments.jobs import Report, silent
from bnviz.experiments.pair import diverged_at, stacked, train_pair
from bnviz.experiments.result import Axes, Floats, Result, Whole
from bnviz.experiments.settings import Settings

RECORDS = 20


class TrainedConfig(CollapseConfig):
    """The same settings; here learning rate, optimizer and steps count."""

    def work(self) -> float:
        """Training, and at each record a look at one mini-batch."""
        records = len(recording_steps(self.steps, RECORDS))
        return 2 * self.training_work(records, 2 * self.in_batch(), skip=self.skip == "on")

    def held(self) -> float:
        """As Settings.held, with a look at every layer."""
        skip = self.skip == "on"
        look = self.cost(skip=skip).traced(self.seeds, self.in_batch(), 3)
        return self.training_memory(look, skip=skip)

    def kept(self) -> float:
        return Settings.kept(self)

    def shortened(self) -> TrainedConfig:
        return Settings.shortened(self)


@dataclass(frozen=True, kw_only=True, repr=False)
class TrainedResult(Result):
    """Both treatments (plain, BN) on the first axis. NaN: after a divergence."""

    config: TrainedConfig
    steps: Annotated[Whole, Axes("step")]
    cosine: Annotated[
        Floats, Axes("treatment seed step", "last hidden layer, mean over pairs of samples")
    ]
    test_accuracy: Annotated[Floats, Axes("treatment seed step", "inference mode, 0 to 1")]
    diverged_at: Annotated[Whole, Axes("treatment seed", "step; empty: never", maybe=True)]


def alike(samples: Tensor) -> Probe:
    """The mean cosine of the last hidden layer's outputs for these samples, (m, features).

    With the samples' own statistics, as in training.
    """

    def probe(snapshot: Snapshot) -> Mapping[str, Tensor]:
        cohort, intermediates = snapshot.cohort, Intermediates(inner=False)
        shared = samples.T.expand(cohort.replicas, *samples.T.shape)
        with torch.no_grad(), cohort.untouched():
            cohort.forward(shared, "batch", intermediates)
        return {"cosine": mean_cosine(intermediates.outputs[-1].double())}

    return probe


@bounded
def run(config: TrainedConfig, report: Report = silent, workers: int = 2) -> TrainedResult:
    """Train the pairs. The same config gives the same bits."""
    samples = torch.tensor(config.data().train_inputs[: config.in_batch()])
    histories = train_pair(
        config,
        tuple(range(1, config.depth + 1)),
        [alike(samples)],
        report,
        workers,
        record_at=recording_steps(config.steps, RECORDS),
        skip=config.skip == "on",
    )
    both = [histories[treatment] for treatment in TREATMENTS]
    return TrainedResult(
        config=config,
        steps=both[0].steps,
        cosine=stacked(histories, "cosine", ()),
        test_accuracy=np.stack([history.test_accuracies for history in both]),
        diverged_at=np.stack([diverged_at(history) for history in both]),
    )


def pieces(config: CollapseConfig) -> list[TrainedConfig]:
    """What the section trains: this very pair."""
    return [TrainedConfig(**config.model_dump())]
