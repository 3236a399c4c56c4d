"""A learning rate that grows without end, in the place of weight decay: Li & Arora 2020."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray

from bnviz.axes import DECAYING, PLAIN_GROWING
from bnviz.engine.plan import Plan
from bnviz.engine.training import History
from bnviz.experiments.bounds import bounded
from bnviz.experiments.jobs import Job, Report, side_by_side, silent
from bnviz.experiments.pair import diverged_at
from bnviz.experiments.result import Axes, Doubles, Floats, Result, Whole
from bnviz.experiments.settings import NORMALIZED, Knob, Settings
from bnviz.experiments.training import training

RATE, STEPS, SEEDS = 0.1, 400, 5

KINDS = ("BN, weight decay", "BN, growing rate", "plain, growing rate")
"""In the order of axes.DECAYING, GROWING, PLAIN_GROWING."""

Decay = Annotated[
    float,
    Knob(
        "Weight decay λ, or the growth in its place",
        (0.01, 0.02, 0.05, 0.1),
        "One network decays with λ; the others multiply their learning rate by (1 − lr λ)⁻² at"
        " every step.",
        0.0001,
        1.0,
    ),
]


class GrowingConfig(Settings):
    """The shared settings, trained by SGD, and the weight decay that the growth replaces."""

    decay: Decay = 0.05

    @property
    def growth(self) -> float:
        """The factor of the learning rate at every step: (1 − lr λ)^−2."""
        return float((1 - self.learning_rate * self.decay) ** -2)

    def rates(self, steps: NDArray[np.int64]) -> NDArray[np.float64]:
        """The growing learning rate at these steps, lr (1 − lr λ)^(−2t − 1)."""
        return np.asarray(self.learning_rate * self.growth ** (steps + 0.5), np.float64)

    def work(self) -> float:
        """Three kinds of network in the place of a pair."""
        return 1.5 * super().work()

    def kept(self) -> float:
        return 1.5 * super().kept()


@dataclass(frozen=True, kw_only=True, repr=False)
class GrowingResult(Result):
    """Kinds of network on the first axis, in the order of KINDS. NaN: after a divergence."""

    config: GrowingConfig
    steps: Annotated[Whole, Axes("step", "updates so far")]
    rate: Annotated[Doubles, Axes("step", "of the hidden weights, where it grows")]
    test_accuracy: Annotated[Floats, Axes("treatment=KINDS seed step", "inference mode, 0 to 1")]
    diverged_at: Annotated[Whole, Axes("treatment=KINDS seed", "step of divergence", maybe=True)]


@bounded
def run(config: GrowingConfig, report: Report = silent, workers: int = 2) -> GrowingResult:
    """Train all three kinds from the same weights on the same mini-batches."""
    jobs = {kind: _training(config, row) for row, kind in enumerate(KINDS)}
    done = side_by_side(jobs, config.steps, report, workers)
    histories = [done[kind] for kind in KINDS]
    return GrowingResult(
        config=config,
        steps=histories[0].steps,
        rate=config.rates(histories[0].steps),
        test_accuracy=np.stack([history.test_accuracies for history in histories]),
        diverged_at=np.stack([diverged_at(history) for history in histories]),
    )


def plan(config: GrowingConfig, row: int) -> Plan:
    """How a kind trains: with a decay of the hidden weights, or with a rate that grows."""
    constant = replace(config.plan(config.seeds), optimizer="sgd")
    if row == DECAYING:
        return replace(constant, hidden_decay=config.decay)
    return replace(constant, growth=config.growth)


def _training(config: GrowingConfig, row: int) -> Job[History]:
    normalizer = "none" if row == PLAIN_GROWING else "batch"
    changes: dict[str, Any] = {
        "normalizer": normalizer,
        "normalized": NORMALIZED["all"](config.depth),
    }
    return training(config, changes, plan=plan(config, row))


def pieces(config: Settings) -> list[GrowingConfig]:
    """Each λ of the knob at RATE, on the data and the network of the page."""
    common = {"learning_rate": RATE, "steps": STEPS, "seeds": SEEDS, "gain": 1.0}
    fixed = common | {"optimizer": "sgd"}
    return [GrowingConfig.like(config, **fixed, decay=decay) for decay in (0.05, 0.1)]
