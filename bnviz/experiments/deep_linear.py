"""The experiment of the paper itself: a deep linear network, plain, with BN and with noisy BN."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from bnviz.engine.architecture import Architecture
from bnviz.engine.networks import Cohort
from bnviz.engine.shifts import compared, gradients_after
from bnviz.engine.threads import one_thread
from bnviz.engine.training import recording_steps
from bnviz.experiments.bounds import Cost, bounded
from bnviz.experiments.jobs import Report, silent
from bnviz.experiments.result import Axes, Doubles, Result, Whole
from bnviz.experiments.settings import (
    OTHERWISE,
    Activation,
    Depth,
    Knob,
    LearningRate,
    Seeds,
    Settings,
    Width,
)
from bnviz.experiments.shift import ARMS, LAYERS, evenly, mean_known

SAMPLES_SEEN = 1000  # by the deep linear network, all of them at every step
UNITS, DEEP = 10, 25  # of it, the output layer among them (Santurkar et al. 2018)
STEPS, RECORDS = 100, 10
RATES = ("0.003", "0.01", "0.03")
"""Learning rates of the deep linear network; the first is the one at the start."""


class LinearConfig(Settings):
    """One of the three deep linear networks. The data, its size and its loss are fixed."""

    depth: Depth = DEEP - 1
    width: Width = UNITS
    activation: Activation = "identity"
    learning_rate: LearningRate = float(RATES[0])
    steps: Annotated[int, Knob("Steps", (STEPS,), "Updates in one run.", 1, 5000)] = STEPS
    seeds: Seeds = 3
    arm: Annotated[str, Knob("Network", tuple(ARMS), "What its hidden layers have.")] = "plain"

    def work(self) -> float:
        """As measured; drawing the noise takes more than all the rest."""
        each = {"plain": 1.5e-4, "batch": 5e-4, "noisy": 1.4e-3}[self.arm]  # seconds
        return each * (self.steps + RECORDS) * self.seeds * (self.depth + 1)

    def held(self) -> float:
        network = Architecture(UNITS, UNITS, self.depth, UNITS, "identity", **ARMS[self.arm])
        cost = Cost(network)
        return cost.own(self.seeds) + cost.halved(self.seeds, LAYERS, SAMPLES_SEEN)

    def kept(self) -> float:
        return OTHERWISE


@dataclass(frozen=True, kw_only=True, repr=False)
class LinearResult(Result):
    """One deep linear network. NaN: after its loss stopped being finite."""

    config: LinearConfig
    steps: Annotated[Whole, Axes("step")]
    loss: Annotated[Doubles, Axes("seed step", "relative: 1 is that of an output of zero")]
    angle: Annotated[
        Doubles, Axes("seed step", "between G and G', in degrees, mean over the layers")
    ]


@bounded
def run(config: LinearConfig, report: Report = silent, workers: int = 1) -> LinearResult:
    """Gradient descent on mean ||W_1 … W_k x - A x||^2 over all samples. Pure: same bits.

    x and A are Gaussian, A divided by sqrt(UNITS). The noise of noisy BN in G' is that of G.
    """
    x, y = _task()
    size = Architecture(UNITS, UNITS, config.depth, UNITS, "identity", **ARMS[config.arm])
    seeds = range(config.first_seed, config.first_seed + config.seeds)
    cohort = Cohort(size, seeds, [config.gain] * config.seeds)
    inputs = x.expand(config.seeds, *x.shape)
    records = recording_steps(config.steps, RECORDS)
    losses, angles = [], []

    def loss(outputs: Tensor, copies: int = 1) -> Tensor:
        return (outputs - y).square().sum(1).mean(1)

    with one_thread():
        for step in range(config.steps + 1):
            random = [generator.get_state() for generator in cohort.generators]
            now = loss(cohort.forward(inputs, "train"))
            gradients = torch.autograd.grad(now.sum(), cohort.parameters())
            moves = zip(cohort.parameters(), gradients, strict=True)
            coming = [p.detach() - config.learning_rate * g for p, g in moves]
            if step in records:
                report(step / config.steps)
                losses.append((now.detach() / y.square().sum(0).mean()).double().numpy())
                angles.append(_turn(cohort, gradients, coming, inputs, loss, random))
            with torch.no_grad():
                for parameter, value in zip(cohort.parameters(), coming, strict=True):
                    parameter.copy_(value)
    kept = np.stack(losses, axis=1)
    alive = np.isfinite(kept)
    return LinearResult(
        config=config,
        steps=np.array(records),
        loss=np.where(alive, kept, np.nan),
        angle=np.where(alive, np.stack(angles, axis=1), np.nan),
    )


def _task() -> tuple[Tensor, Tensor]:
    """The inputs and what they are to become, (UNITS, SAMPLES_SEEN) each: the same in all runs."""
    draw = torch.Generator().manual_seed(2018)
    x = torch.randn(UNITS, SAMPLES_SEEN, generator=draw)
    return x, torch.randn(UNITS, UNITS, generator=draw) / UNITS**0.5 @ x


def _turn(
    cohort: Cohort,
    gradients: Sequence[Tensor],
    coming: Sequence[Tensor],
    inputs: Tensor,
    loss: Callable[..., Tensor],
    random: Sequence[Tensor],
) -> NDArray[np.float64]:
    """How far G turns in one update of the layers below, in degrees: mean of the layers, (seeds,).

    gradients: of the parameters; coming: these after the update.
    """
    layers = evenly(2, len(cohort.layers), LAYERS)
    of = cohort.by_layer(gradients)
    here = [of[layer - 1].of_weight for layer in layers]
    there = gradients_after(cohort, coming, layers, inputs, loss, random)
    return mean_known(np.degrees(np.arccos(compared(here, there)["cosine"].numpy())))


def linear(rate: str) -> list[LinearConfig]:
    """The three networks at this rate, one a piece."""
    return [LinearConfig(learning_rate=float(rate), arm=arm) for arm in ARMS]
