"""Yours: what is measured. To begin with, how far the training loss of both networks falls."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np

from bnviz.axes import TREATMENTS
from bnviz.experiments.bounds import bounded
from bnviz.experiments.jobs import Report, silent
from bnviz.experiments.pair import diverged_at, smoothed, train_pair
from bnviz.experiments.result import Axes, Floats, Result, Whole
from bnviz.experiments.settings import LayersSettings


class YoursConfig(LayersSettings):
    """The shared settings, and which layers have BN. A knob of your own is one more field."""

    def work(self) -> float:
        """As Settings.work, without the test set, which this lesson does not show."""
        return 2 * self.training_work()


@dataclass(frozen=True, kw_only=True, repr=False)
class YoursResult(Result):
    """Both treatments (plain, BN) on the first axis. NaN: after a divergence."""

    config: YoursConfig
    steps: Annotated[Whole, Axes("step")]
    loss: Annotated[
        Floats, Axes("treatment seed step", "mini-batch loss, mean since the last record")
    ]
    diverged_at: Annotated[Whole, Axes("treatment seed", "step; empty: never", maybe=True)]


@bounded
def run(config: YoursConfig, report: Report = silent, workers: int = 2) -> YoursResult:
    """Train the pairs. The same config gives the same bits."""
    histories = train_pair(config, config.with_bn(), [], report, workers, tested=False)
    both = [histories[treatment] for treatment in TREATMENTS]
    return YoursResult(
        config=config,
        steps=both[0].steps,
        loss=np.stack([smoothed(history) for history in both]),
        diverged_at=np.stack([diverged_at(history) for history in both]),
    )
