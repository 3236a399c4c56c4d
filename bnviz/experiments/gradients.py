"""How far the gradient can be trusted: what becomes of it on the way along itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from numpy.typing import NDArray

from bnviz.axes import TREATMENTS
from bnviz.engine.training import recording_steps
from bnviz.engine.walks import walk
from bnviz.experiments.bounds import bounded
from bnviz.experiments.jobs import Report, silent
from bnviz.experiments.pair import diverged_at, fell, stacked, train_pair
from bnviz.experiments.result import Axes, Doubles, Flags, Floats, Result, Whole
from bnviz.experiments.settings import (
    LEARNING_RATES,
    REACHES,
    Depth,
    LayersSettings,
    Reach,
)

RECORDS = 12  # moments of training at which the walk is made; each costs as much as eight steps
MOVED = 3e-8  # seconds, for a weight to be somewhere else on the way, and compared there
SWEPT = slice(4, 14)  # of LEARNING_RATES: 0.01 to 1.8, where plain dies


class GradientsConfig(LayersSettings):
    """The shared settings, which layers have BN, and how far to walk."""

    depth: Depth = 6
    reach: Reach = "½ to 4"

    def work(self) -> float:
        """Training, and at each record a forward and backward pass for every length."""
        records, cost = len(recording_steps(self.steps, RECORDS)), self.cost()
        walked = cost.step(self.seeds, self.in_batch()) + MOVED * cost.weights * self.seeds
        return 2 * (self.training_work(records) + records * len(REACHES[self.reach]) * walked)

    def held(self) -> float:
        """As Settings.held, with the networks on the way and their gradients."""
        lengths = len(REACHES[self.reach])
        walked = self.cost().displaced(self.seeds, lengths, self.in_batch(), gradient=True)
        return self.training_memory(walked)


@dataclass(frozen=True, kw_only=True, repr=False)
class GradientsResult(Result):
    """Both treatments (plain, BN) on the first axis. NaN: after a divergence."""

    config: GradientsConfig
    steps: Annotated[Whole, Axes("step")]
    reach: Annotated[Doubles, Axes("length", "lengths of the walk, in learning rates")]
    loss_here: Annotated[Floats, Axes("treatment seed step", "mini-batch loss before the update")]
    gradient_norm: Annotated[Floats, Axes("treatment seed step", "||g||, g on that mini-batch")]
    distance: Annotated[
        Floats, Axes("treatment seed step length=reach", "||grad L(theta - a g) - g||")
    ]
    cosine: Annotated[Floats, Axes("treatment seed step length=reach", "between the two gradients")]
    diverged_at: Annotated[Whole, Axes("treatment seed", "step; empty: never", maybe=True)]
    fell: Annotated[
        Flags, Axes("treatment seed", "whether the training loss fell to less than half")
    ]

    def predictiveness(self) -> NDArray[np.float32]:
        """The band of gradient predictiveness, lowest and highest over a: (2, 2, seeds, T)."""
        return np.stack([self.distance.min(-1), self.distance.max(-1)])

    def change(self) -> NDArray[np.float32]:
        """The band's upper edge, the largest change of the gradient: (2, seeds, T)."""
        return self.distance.max(-1)

    def smoothness(self) -> NDArray[np.float64]:
        """Effective beta-smoothness, max over a of distance / (a ||g||), (2, seeds, T).

        Where nothing changes, as along a gradient of zero: 0.
        """
        lengths = self.reach * self.config.learning_rate
        norm = self.gradient_norm[..., None].astype(np.float64)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(self.distance == 0, 0.0, self.distance / (lengths * norm)).max(-1)

    def turn(self, length: float) -> NDArray[np.float64]:
        """The angle between the gradient before and after `length` learning rates, in degrees."""
        place = int(np.flatnonzero(self.reach == length)[0])
        return np.degrees(np.arccos(self.cosine[..., place].astype(np.float64)))

    def counts(self) -> NDArray[np.bool_]:
        """The seeds in which both losses fell: only there is smooth against rough a comparison."""
        return self.fell[0] & self.fell[1]


@bounded
def run(config: GradientsConfig, report: Report = silent, workers: int = 2) -> GradientsResult:
    """Train the pairs and walk along the gradient at each record. Pure: same config, same bits."""
    reach = np.array(REACHES[config.reach])
    probe = walk([float(length) for length in reach * config.learning_rate])
    record_at = recording_steps(config.steps, RECORDS)
    histories = train_pair(
        config, config.with_bn(), [probe], report, workers, record_at=record_at, tested=False
    )
    both = [histories[treatment] for treatment in TREATMENTS]
    return GradientsResult(
        config=config,
        steps=both[0].steps,
        reach=reach,
        loss_here=stacked(histories, "loss_here", ()),
        gradient_norm=stacked(histories, "gradient_norm", ()),
        distance=stacked(histories, "distance", reach.shape),
        cosine=stacked(histories, "cosine", reach.shape),
        diverged_at=np.stack([diverged_at(history) for history in both]),
        fell=np.stack([fell(history) for history in both]),
    )


def sweep(config: GradientsConfig) -> list[GradientsConfig]:
    """The same run at other learning rates: each is a setting of the knob."""
    return [config.model_copy(update={"learning_rate": rate}) for rate in LEARNING_RATES[SWEPT]]
