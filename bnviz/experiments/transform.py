"""What BN computes: four stages on a mini-batch that the reader can type in."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Annotated

import numpy as np
import torch

from bnviz.axes import STAGES, TO_STAGE
from bnviz.experiments.jobs import Report, silent
from bnviz.experiments.minibatch import READY, TRAINED, ByHand, Typed, Vector
from bnviz.experiments.result import Axes, Doubles, Result, Whole
from bnviz.experiments.settings import Knob
from bnviz.experiments.trained_units import Units, trained_units
from bnviz.experiments.typed import Table, read

SET, BACK, LEARNED = "γ and β as set", "give the input back", "as the units learned"
SHIFT = 100.0  # is added to every input, to see what becomes of the outputs


class TransformConfig(ByHand):
    """A mini-batch, and the three numbers that the reader can set: for all features, or each."""

    source: Annotated[
        str,
        Knob(
            "Mini-batch",
            (*READY, TRAINED),
            "Ready-made numbers; in the table you can change them. The trained units are two of a"
            " network with BN that has really been trained, on a real mini-batch of digits.",
        ),
    ] = "well-behaved"
    gamma: Annotated[
        float,
        Knob(
            "γ, the scale",
            (-2.0, -1.0, -0.5, 0.0, 0.25, 0.5, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0),
            "Multiplies each normalized value. Learned in training; it starts at 1.",
            -1e3,
            1e3,
        ),
    ] = 2.0
    beta: Annotated[
        float,
        Knob(
            "β, the shift",
            (-10.0, -5.0, -3.0, -2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0, 3.0, 5.0, 10.0),
            "Added at the end. Learned in training; it starts at 0.",
            -1e3,
            1e3,
        ),
    ] = 1.0
    epsilon: Annotated[
        float,
        Knob(
            "ε",
            (1e-12, 1e-8, 1e-5, 1e-3, 0.01, 0.1, 1.0, 10.0, 100.0),
            "Added to the variance, so that nothing is divided by zero. Usually 0.00001.",
            1e-14,
            1e3,
        ),
    ] = 1e-5
    affine: Annotated[
        str,
        Knob(
            "Scale and shift",
            (SET, BACK, LEARNED),
            "Give the input back: γ = √(v + ε) and β = μ for each feature. As the units learned:"
            " the γ and β of the trained units, where these are the mini-batch.",
        ),
    ] = SET
    own_gamma: Typed = ""
    own_beta: Typed = ""
    own_epsilon: Typed = ""

    @property
    def gives_back(self) -> bool:
        """Whether γ and β are those that undo the normalization."""
        return self.affine == BACK

    @property
    def as_learned(self) -> bool:
        """Whether γ and β are those that the trained units on the screen have learned."""
        return self.affine == LEARNED and self.source == TRAINED and not self.table

    @property
    def scale_chosen(self) -> bool:
        return self.gives_back or self.as_learned

    def batch(self) -> Table:
        """The numbers on the screen, (rows, features)."""
        if self.table:
            return read(self.table)
        return ready(self.source)

    def features(self) -> int:
        return int(self.batch().shape[1])

    def names(self) -> tuple[str, ...]:
        """What the features are called."""
        if not self.table:
            return names_of(self.source)
        return tuple(f"x{place + 1}" for place in range(self.batch().shape[1]))


def ready(source: str) -> Table:
    """A ready-made mini-batch."""
    return trained_units().inputs if source == TRAINED else READY[source]


def names_of(source: str) -> tuple[str, ...]:
    """What the features of a ready-made mini-batch are called."""
    if source == TRAINED:
        return trained_units().names
    return tuple(f"x{place + 1}" for place in range(ready(source).shape[1]))


@dataclass(frozen=True, kw_only=True, repr=False)
class Torch(Result):
    """What torch.nn.BatchNorm1d says of the same batch, in training mode."""

    difference: Annotated[
        float, Axes("", "largest |ours - torch's| of an output, both in 64 bits; NaN: it refused")
    ]
    short: Annotated[
        Doubles,
        Axes("feature=names", "largest |torch in 32 bits - torch in 64|: what rounding alone does"),
    ]
    refused: Annotated[bool, Axes("", "it does a single row")]


STAGE_NAMES = ("x", "x - mean", "normalized", "y")


@dataclass(frozen=True, kw_only=True, repr=False)
class TransformResult(Result):
    """A batch of m rows and f features on its way through the four stages."""

    config: TransformConfig
    steps: Annotated[Whole, Axes("step", "the places of the clock")]
    names: Annotated[tuple[str, ...], Axes("feature")]
    stages: Annotated[
        Doubles,
        Axes("stage=STAGE_NAMES row feature=names", "x; x - mu; (x - mu) / sqrt(v + eps); y"),
    ]
    mean: Annotated[Doubles, Axes("feature=names")]
    variance: Annotated[Doubles, Axes("feature=names", "biased")]
    gamma: Annotated[Doubles, Axes("feature=names")]
    beta: Annotated[Doubles, Axes("feature=names")]
    epsilon: Annotated[Doubles, Axes("feature=names")]
    shift: Annotated[float, Axes("", "is added to every input, to see")]
    moved: Annotated[float, Axes("", "by how much an output moves then, at most")]
    torch: Torch
    units: Units  # of a network that was really trained, to compare with

    @property
    def rows(self) -> int:
        return int(self.stages.shape[1])

    @property
    def features(self) -> int:
        return len(self.names)


def normalize(x: Table, epsilon: float | Vector) -> tuple[Vector, Vector, Table]:
    """mu = mean(x), v = mean((x - mu)^2), xh = (x - mu) / sqrt(v + eps), per column.

    Ioffe & Szegedy 2015, Alg. 1. A column with one value in all rows is its own mean exactly.
    """
    mean = np.where(np.ptp(x, axis=0) == 0, x[0], x.mean(axis=0))
    variance = np.square(x - mean).mean(axis=0)
    return mean, variance, (x - mean) / np.sqrt(variance + epsilon)


def run(config: TransformConfig, report: Report = silent, workers: int = 2) -> TransformResult:
    """The four stages, and what torch.nn says. The same config gives the same bits."""
    x, epsilon = config.batch(), config.of_each("epsilon")
    mean, variance, normalized = normalize(x, epsilon)
    gamma, beta = _affine(config, mean, variance)
    y = gamma * normalized + beta
    again = gamma * normalize(x + SHIFT, epsilon)[2] + beta
    return TransformResult(
        config=config,
        steps=np.arange((STAGES - 1) * TO_STAGE + 1),
        names=config.names(),
        stages=np.stack([x, x - mean, normalized, y]),
        mean=mean,
        variance=variance,
        gamma=gamma,
        beta=beta,
        epsilon=epsilon,
        shift=SHIFT,
        moved=float(np.abs(again - y).max()),
        torch=_torch(x, gamma, beta, epsilon, y),
        units=trained_units(),
    )


def _affine(config: TransformConfig, mean: Vector, variance: Vector) -> tuple[Vector, Vector]:
    if config.gives_back:
        return np.sqrt(variance + config.of_each("epsilon")), mean
    if config.as_learned:
        return trained_units().gamma, trained_units().beta
    return config.of_each("gamma"), config.of_each("beta")


def _torch(x: Table, gamma: Vector, beta: Vector, epsilon: Vector, y: Table) -> Torch:
    """torch.nn.BatchNorm1d in training mode, in 64 and in 32 bits."""
    try:
        theirs = _by_torch(x, gamma, beta, epsilon, torch.float64)
    except ValueError:
        return Torch(difference=math.nan, short=np.full(len(gamma), math.nan), refused=True)
    coarse = _by_torch(x, gamma, beta, epsilon, torch.float32)
    return Torch(
        difference=float(np.abs(theirs - y).max()),
        short=np.abs(coarse - theirs).max(axis=0),
        refused=False,
    )


def _by_torch(x: Table, gamma: Vector, beta: Vector, epsilon: Vector, bits: torch.dtype) -> Table:
    """Its outputs, (m, f). A layer has one epsilon: of several, each feature is from its own."""
    outputs = np.empty_like(x)
    for value in np.unique(epsilon):
        layer = torch.nn.BatchNorm1d(x.shape[1], eps=float(value), dtype=bits)
        with torch.no_grad():
            layer.weight.copy_(torch.tensor(gamma))
            layer.bias.copy_(torch.tensor(beta))
            told = layer(torch.tensor(x, dtype=bits)).double().numpy()
        mine = epsilon == value
        outputs[:, mine] = told[:, mine]
    return outputs
