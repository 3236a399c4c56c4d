"""The loss around the end of any run of the lab, whatever it normalizes."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Annotated

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from bnviz.engine.networks import Cohort, losses
from bnviz.engine.surface import Direction, along, random_directions
from bnviz.engine.threads import one_thread
from bnviz.engine.walks import AT_ONCE
from bnviz.experiments.bounds import bounded
from bnviz.experiments.jobs import Report, side_by_side, silent
from bnviz.experiments.lab_config import LabConfig
from bnviz.experiments.lab_knobs import NOTHING
from bnviz.experiments.lab_probes import mixed
from bnviz.experiments.landscape import MOVED
from bnviz.experiments.measuring import in_chunks
from bnviz.experiments.pair import diverged_at
from bnviz.experiments.result import Axes, Doubles, Floats, Result
from bnviz.experiments.settings import Knob
from bnviz.experiments.surface import BETTER
from bnviz.experiments.training import training

SAMPLES = 256  # training samples on which the loss is taken; every chunk divides it
SECONDS = 12.0  # of one slow core, for one surface
FEWEST = 7  # points along a side, however large the network
TRAINING = 0.5  # of the progress bar


class LabSurfaceConfig(LabConfig):
    """One run, of its first seed alone, and how finely its surroundings are drawn."""

    grid: Annotated[int, Knob("Points along a side", (21, 31), "How fine.", 5, 41)] = 21

    def side(self) -> int:
        """Points along a side: `grid`, or fewer where the network is large."""
        return min(self.grid, max(FEWEST, math.isqrt(int(SECONDS / self._point()))))

    def _point(self) -> float:
        """Seconds of one point."""
        return self.cost().look(1, SAMPLES) + MOVED * self.cost().weights

    def work(self) -> float:
        return super().work() / 2 + self._point() * self.side() ** 2

    def after(self) -> float:
        """Two directions, a network on the way along one, and some along the other."""
        cost = self.cost()
        return 5 * cost.parameters(1) + cost.displaced(1, self.side(), SAMPLES, gradient=False)


@dataclass(frozen=True, kw_only=True, repr=False)
class LabSurface(Result):
    """The loss on a plane through the weights at the end of one run, first seed."""

    config: LabSurfaceConfig
    axis: Annotated[Doubles, Axes("place", "along both directions, in filter norms", drawn=True)]
    loss: Annotated[Floats, Axes("y=axis x=axis", "y, x; not finite where it overflows")]
    diverged_at: Annotated[
        int, Axes("", "step; empty: never: then the weights are those before it", maybe=True)
    ]

    def better_than_guessing(self) -> float:
        """The share of the square where the loss is clearly below that of guessing."""
        return float((self.loss < BETTER * math.log(self.config.data().classes)).mean())


def pieces(a: LabConfig, b: LabConfig) -> list[LabSurfaceConfig]:
    """What to run for both arms; what is measured during training plays no part."""
    alone = {"seeds": 1, "diagnostic": NOTHING}
    return [LabSurfaceConfig(**config.model_dump() | alone) for config in (a, b)]


@bounded
def run(config: LabSurfaceConfig, report: Report = silent, workers: int = 2) -> LabSurface:
    """Train the first seed again and take the loss around it. Pure: same config, same bits.

    L(theta + x d1 + y d2) on mini-batch statistics of SAMPLES training samples, as in training;
    d1 and d2 are random and filter-normalized (Li et al. 2018, section 4), the same draws for all
    runs with layers of these sizes.
    """
    data, side = config.data(), config.side()
    trained = side_by_side(
        {"run": training(config, seeds=[config.first_seed], record_at=[])},
        config.total_steps,
        lambda share: report(TRAINING * share),
        workers,
    )
    cohort, lost = trained["run"].cohort, int(diverged_at(trained["run"])[0])
    order = mixed(len(data.train_labels))[: in_chunks(config, SAMPLES)]
    inputs = torch.tensor(data.train_inputs)[order].T
    labels = torch.tensor(data.train_labels)[order]
    axis = np.linspace(-1.0, 1.0, side)
    one, other = random_directions(cohort, config.first_seed)
    rows = []
    with one_thread():
        for row, y in enumerate(axis):
            shifted = along(cohort, other, np.array([[y]]))
            rows.append(_losses_along(shifted, one, axis, inputs, labels))
            report(TRAINING + (1 - TRAINING) * (row + 1) / side)
    return LabSurface(config=config, axis=axis, loss=np.stack(rows), diverged_at=lost)


def _losses_along(
    cohort: Cohort, direction: Direction, xs: NDArray[np.float64], inputs: Tensor, labels: Tensor
) -> NDArray[np.float32]:
    """L(theta + x d) for every x, (len(xs),), as many points at once as AT_ONCE allows."""
    size = sum(p.numel() * p.element_size() for p in cohort.parameters())
    together, found = max(1, int(AT_ONCE / size)), []
    for start in range(0, len(xs), together):
        some = xs[start : start + together]
        points = along(cohort, direction, some[None])
        shared = inputs.expand(len(some), *inputs.shape)
        with torch.no_grad():
            outputs = points.forward(shared, "batch")
            found.append(losses(outputs, labels.expand(len(some), len(labels))).numpy())
    return np.concatenate(found)
