"""How rough the loss surface is along the gradient: the loss where the next steps could lead."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from numpy.typing import NDArray

from bnviz.axes import TREATMENTS
from bnviz.engine.training import recording_steps
from bnviz.engine.walks import losses_along
from bnviz.experiments.bounds import bounded
from bnviz.experiments.jobs import Report, silent
from bnviz.experiments.pair import diverged_at, fell, stacked, train_pair
from bnviz.experiments.result import Axes, Doubles, Flags, Floats, Result, Whole
from bnviz.experiments.settings import (
    REACHES,
    Depth,
    LayersSettings,
    Reach,
    Skip,
)

RECORDS = 12  # moments of training at which the walk is made; each costs as much as three steps
FIRST_BATCHES = 3  # mini-batches on which the step curve is measured
LENGTHS = np.logspace(-4, 2, 19)  # step lengths of the step curve
TENFOLD = 10.0
MOVED = 1e-8  # seconds, for a weight to be somewhere else on the way


class LandscapeConfig(LayersSettings):
    """The shared settings, which layers have BN, skip connections, and how far to walk."""

    depth: Depth = 6
    reach: Reach = "½ to 4"
    skip: Skip = "off"

    def work(self) -> float:
        """Training, and forward passes at each record and for the step curve."""
        records = len(recording_steps(self.steps, RECORDS))
        passes = records * len(REACHES[self.reach]) + FIRST_BATCHES * len(LENGTHS)
        cost = self.cost()
        walked = cost.look(self.seeds, self.in_batch()) + MOVED * cost.weights * self.seeds
        return 2 * (self.training_work(records) + passes * walked)

    def held(self) -> float:
        """As Settings.held, with the networks on the way."""
        skip = self.skip == "on"
        walked = self.cost().displaced(self.seeds, len(LENGTHS), self.in_batch(), gradient=False)
        return self.training_memory(walked, skip=skip)


@dataclass(frozen=True, kw_only=True, repr=False)
class LandscapeResult(Result):
    """Both treatments (plain, BN) on the first axis. NaN: after a divergence."""

    config: LandscapeConfig
    steps: Annotated[Whole, Axes("step")]
    reach: Annotated[Doubles, Axes("length", "lengths of the walk, in learning rates")]
    loss_here: Annotated[Floats, Axes("treatment seed step", "mini-batch loss before the update")]
    loss_there: Annotated[
        Floats,
        Axes("treatment seed step length=reach", "L(theta - a g), same mini-batch; may be inf"),
    ]
    lengths: Annotated[Doubles, Axes("length", "step lengths of the step curve")]
    growth: Annotated[
        Floats,
        Axes("treatment seed batch length=lengths", "L(theta - a g) / L(theta), first batches"),
    ]
    test_accuracy: Annotated[Floats, Axes("treatment seed step", "inference mode, 0 to 1")]
    diverged_at: Annotated[Whole, Axes("treatment seed", "step; empty: never", maybe=True)]
    fell: Annotated[
        Flags, Axes("treatment seed", "whether the training loss fell to less than half")
    ]

    def variation(self) -> NDArray[np.float32]:
        """The loss-variation band, lowest and highest loss over a: (2, 2, seeds, T)."""
        return np.stack([self.loss_there.min(-1), self.loss_there.max(-1)])

    def counts(self) -> NDArray[np.bool_]:
        """The seeds in which both losses fell: only there is smooth against rough a comparison."""
        return self.fell[0] & self.fell[1]

    def width(self) -> NDArray[np.float64]:
        """How far the loss varies along the walk, (2, seeds, T)."""
        low, high = self.variation().astype(np.float64)
        with np.errstate(invalid="ignore"):
            return high - low

    def ahead(self) -> NDArray[np.float64]:
        """The loss after a step / the loss before it, (2, T, A): the median of the seeds left.

        Infinity: it overflowed on the way; NaN: no seed is left.
        """
        here = np.where(np.isfinite(self.loss_here), self.loss_here.astype(np.float64), np.nan)
        ratios = self.loss_there / np.maximum(here, 1e-12)[..., None]
        ratios = np.where(np.isnan(ratios) & ~np.isnan(here)[..., None], np.inf, ratios)
        left = ~np.isnan(here).all(axis=1)
        middle = np.full((*left.shape, len(self.reach)), np.nan)
        middle[left] = np.nanmedian(ratios.swapaxes(1, 2)[left], axis=1)
        return middle

    def too_long(self) -> NDArray[np.float64]:
        """The step length at which the loss is tenfold, (2, seeds); inf: at none of LENGTHS.

        Median over the first mini-batches; between two lengths, on a line in log and log.
        """
        batches = np.array(
            [[[_crossing(g) for g in seed] for seed in rows] for rows in self.growth]
        )
        known = ~np.isnan(batches).all(axis=-1)
        lengths = np.full(known.shape, LENGTHS[0])  # diverged before its first loss: any step was
        lengths[known] = np.nanmedian(batches[known], axis=-1)
        return lengths


def _crossing(growth: NDArray[np.float32]) -> float:
    """Where L / L_0, (LENGTHS,), first reaches TENFOLD; inf: never; NaN: there was no L_0."""
    if np.isnan(growth[0]):
        return np.nan
    grown = np.where(np.isnan(growth), np.inf, growth.astype(np.float64))
    beyond = np.flatnonzero(grown >= TENFOLD)
    if not len(beyond):
        return np.inf
    place = int(beyond[0])
    if place == 0 or not np.isfinite(grown[place]):
        return float(LENGTHS[place])
    low, high = np.log(np.maximum(grown[place - 1 : place + 1], 1e-12))
    share = (np.log(TENFOLD) - low) / (high - low)
    return float(np.exp(np.interp(share, [0, 1], np.log(LENGTHS[place - 1 : place + 1]))))


@bounded
def run(config: LandscapeConfig, report: Report = silent, workers: int = 2) -> LandscapeResult:
    """Train the pairs and walk along the gradient at each record. Pure: same config, same bits."""
    reach = np.array(REACHES[config.reach])
    probes = [
        losses_along([float(length) for length in reach * config.learning_rate]),
        losses_along([float(length) for length in LENGTHS], until=FIRST_BATCHES - 1),
    ]
    skip = config.skip == "on"
    record_at = recording_steps(config.steps, RECORDS)
    histories = train_pair(
        config, config.with_bn(), probes, report, workers, record_at=record_at, skip=skip
    )
    here = stacked(histories, "loss_here", ())
    early_here = stacked(histories, "early_here", ())[:, :, :FIRST_BATCHES]
    early_there = stacked(histories, "early_there", LENGTHS.shape)[:, :, :FIRST_BATCHES]
    both = [histories[treatment] for treatment in TREATMENTS]
    return LandscapeResult(
        config=config,
        steps=both[0].steps,
        reach=reach,
        loss_here=here,
        loss_there=_overflowed(here, stacked(histories, "loss_there", reach.shape)),
        lengths=LENGTHS,
        growth=_growth(early_here, _overflowed(early_here, early_there)),
        test_accuracy=np.stack([history.test_accuracies for history in both]),
        diverged_at=np.stack([diverged_at(history) for history in both]),
        fell=np.stack([fell(history) for history in both]),
    )


def _overflowed(here: NDArray[np.float32], there: NDArray[np.float32]) -> NDArray[np.float32]:
    """The losses of walks, inf where numbers overflowed on the way; NaN: there was no walk."""
    return np.where(np.isfinite(here)[..., None] & np.isnan(there), np.float32(np.inf), there)


def _growth(here: NDArray[np.float32], there: NDArray[np.float32]) -> NDArray[np.float32]:
    """L(theta - a g) / L(theta), (…, L), from (…,) and (…, L)."""
    with np.errstate(over="ignore"):
        return (there / np.maximum(here, 1e-12)[..., None]).astype(np.float32)
