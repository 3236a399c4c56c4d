"""Yours: what is measured. To begin with, how far the training loss of both networks falls."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bnviz.axes import TREATMENTS
from bnviz.experiments.bounds import bounded
from bnviz.experiments.jobs import Report, silent
from bnviz.experiments.pair import diverged_at, smoothed, train_pair
from bnviz.experiments.settings import LayersSettings


class YoursConfig(LayersSettings):
    """The shared settings, and which layers have BN. A knob of your own is one more field."""

    def work(self) -> float:
        """As Settings.work, without the test set, which this lesson does not show."""
        return 2 * self.training_work()


@dataclass(frozen=True, kw_only=True)
class YoursResult:
    """Both treatments (plain, BN) on the first axis. NaN: after a divergence."""

    config: YoursConfig
    steps: NDArray[np.int64]  # (T,)
    loss: NDArray[np.float32]  # (2, seeds, T) mini-batch loss, mean since the last record
    diverged_at: NDArray[np.int64]  # (2, seeds) step, or NEVER


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
