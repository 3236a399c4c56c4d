"""What it costs to treat mean and variance as constants in the backward pass."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np
import torch
from numpy.typing import NDArray

from bnviz.engine.probes import health
from bnviz.engine.training import History
from bnviz.experiments.bounds import bounded
from bnviz.experiments.jobs import Report, silent
from bnviz.experiments.pair import diverged_at, smoothed, train_arms
from bnviz.experiments.result import Axes, Floats, Result, Whole
from bnviz.experiments.settings import Depth, LearningRate, Settings, Width

ROUTES = ("batch", "batch, constants")
"""BN as it is, and with mean and variance as constants in the backward pass."""


class MistakeConfig(Settings):
    """The shared settings, for networks that differ in their backward pass alone."""

    depth: Depth = 8
    width: Width = 32
    learning_rate: LearningRate = 0.32


BOTH = ("right", "mistaken")


@dataclass(frozen=True, kw_only=True, repr=False)
class MistakeResult(Result):
    """Both backward passes on the first axis: right, mistaken. NaN: after a divergence."""

    config: MistakeConfig
    steps: Annotated[Whole, Axes("step")]
    loss: Annotated[
        Floats,
        Axes("backward=BOTH seed step", "mini-batch loss, mean over the steps since the last"),
    ]
    accuracy: Annotated[Floats, Axes("backward=BOTH seed", "test, at the end, 0 to 1")]
    growth: Annotated[
        Floats,
        Axes("backward=BOTH seed step", "||W|| of all hidden layers, over that at the start"),
    ]
    diverged_at: Annotated[Whole, Axes("backward=BOTH seed", "step; empty: never", maybe=True)]


@bounded
def run(config: MistakeConfig, report: Report = silent, workers: int = 2) -> MistakeResult:
    """Train both from the same weights on the same batches. The same config: the same bits."""
    arms = {route: {"normalizer": route} for route in ROUTES}
    probes = [health(torch.tensor(config.data().train_inputs[:2]))]
    histories = train_arms(config, arms, probes, report, workers)
    both = [histories[route] for route in ROUTES]
    return MistakeResult(
        config=config,
        steps=both[0].steps,
        loss=np.stack([smoothed(history) for history in both]),
        accuracy=np.stack([history.test_accuracies[:, -1] for history in both]),
        growth=np.stack([_growth(history) for history in both]),
        diverged_at=np.stack([diverged_at(history) for history in both]),
    )


def _growth(history: History) -> NDArray[np.float32]:
    if "weight" not in history.probes:  # diverged before the first record
        return np.full(history.test_losses.shape, np.nan, np.float32)
    weights = np.linalg.norm(history.probes["weight"][:, :, :-1], axis=2)
    grown: NDArray[np.float32] = (weights / weights[:, :1]).astype(np.float32)
    return grown


def mistakes(rates: tuple[float, ...] = (0.1, 0.32, 1.0)) -> list[MistakeConfig]:
    """The two networks at several learning rates, one at a time."""
    return [MistakeConfig(learning_rate=rate) for rate in rates]
