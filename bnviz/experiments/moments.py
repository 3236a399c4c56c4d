"""How far the moments of each layer move in one update: what BN holds still, and what not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np
import torch
from numpy.typing import NDArray

from bnviz.engine.shifts import movement
from bnviz.experiments.bounds import bounded
from bnviz.experiments.jobs import Report, silent
from bnviz.experiments.pair import stacked
from bnviz.experiments.result import Axes, Floats, Result, Whole
from bnviz.experiments.shift import ARMS, COPIED, ShiftConfig, mean_known, trained_arms

SAMPLES = 128  # training samples whose moments are followed


class MomentsConfig(ShiftConfig):
    """A question of its own: what BN holds still, in the same three networks."""

    def work(self) -> float:
        """Three networks of each seed, looked at before and after an update."""
        cost = self.cost()
        copied = 2 * self.seeds * COPIED * cost.weights
        return self.trained(4 * SAMPLES) + len(ARMS) * self.records() * (cost.layers + copied)

    def held(self) -> float:
        """Of the noisy network, with its values before and after the update."""
        cost = self.cost(noise_after=True)
        moved = cost.parameters(self.seeds) + 2 * cost.traced(self.seeds, SAMPLES, 4)
        return self.three_held(moved)


@dataclass(frozen=True, kw_only=True, repr=False)
class MomentsResult(Result):
    """How far the moments of a layer move in one update. NaN: diverged."""

    config: MomentsConfig
    steps: Annotated[Whole, Axes("step")]
    moved: Annotated[Floats, Axes("treatment=ARMS seed step layer", "in deviations")]

    def by_seed(self) -> NDArray[np.float64]:
        """The mean over the layers, (3, seeds, T)."""
        return mean_known(self.moved)


@bounded
def run(config: MomentsConfig, report: Report = silent, workers: int = 2) -> MomentsResult:
    """Train all three and follow their moments at each record. Pure: same config, same bits."""
    probe = movement(torch.tensor(config.data().train_inputs[:SAMPLES]))
    histories = trained_arms(config, probe, report, workers)
    moved = stacked(histories, "moved", (config.depth,), tuple(ARMS))
    steps = next(iter(histories.values())).steps
    return MomentsResult(config=config, steps=steps, moved=moved)
