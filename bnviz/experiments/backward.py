"""How the gradient gets through BN: six equations with numbers."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray

from bnviz.axes import EQUATIONS, TO_EQUATION
from bnviz.experiments.jobs import Report, silent
from bnviz.experiments.minibatch import READY, ByHand, Typed
from bnviz.experiments.minibatch import TRAINED as TRAINED_UNITS
from bnviz.experiments.result import Axes, Doubles, Result, Whole
from bnviz.experiments.settings import Knob
from bnviz.experiments.trained_units import trained_units
from bnviz.experiments.transform import TransformResult, Vector, normalize
from bnviz.experiments.typed import Table, read, write

TRAINED = "trained unit"
SET, LEARNED = "γ as set", "as the unit learned"
STRETCH = 10.0  # times: what the inputs are multiplied by, to see
NAMES = ("x", "∂L/∂y")

_DY = (-1.0, 1.0, -2.0, 0.0, 2.0, 0.0, 1.0, 3.0)


def _with(x: NDArray[np.float64], dy: tuple[float, ...]) -> Table:
    return np.array([x, dy[: len(x)]]).T


_X = READY["well-behaved"][:, 0]


def with_gradients(x: Vector) -> Table:
    """Any numbers with the gradients of the ready-made batches, which begin anew where they end."""
    return np.stack([x, np.resize(_DY, len(x))], axis=1)


BATCHES: dict[str, Table] = {
    "well-behaved": _with(_X, _DY),
    "the same for all rows": _with(_X, (1.0,) * 8),
    "along the normalized values": _with(_X, tuple((_X - 5) / 2)),
    "one row alone has a gradient": _with(_X, (1.0,) + (0.0,) * 7),
    "one outlier": _with(READY["one outlier"][:, 0], _DY),
    "constant feature": _with(READY["constant feature"][:, 1], _DY),
    "two rows": _with(READY["two rows"][:, 0], _DY),
    "a single row": _with(READY["a single row"][:, 0], _DY),
}
"""Ready-made mini-batches with the gradients that arrive at their outputs."""


class BackwardConfig(ByHand):
    """A mini-batch with its incoming gradient, gamma and epsilon."""

    COLUMNS: ClassVar[tuple[int, int]] = (2, 2)

    source: Annotated[
        str,
        Knob(
            "Mini-batch and gradient",
            (*BATCHES, TRAINED),
            "Ready-made numbers; in the table you can change them. The trained unit belongs to a"
            " network that has really been trained: its inputs on a mini-batch of digits, and the"
            " gradient that really arrives there.",
        ),
    ] = "well-behaved"
    gamma: Annotated[
        float,
        Knob(
            "γ, the scale",
            (-2.0, -1.0, -0.5, 0.0, 0.25, 0.5, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0),
            "Multiplies each normalized value, and so each gradient. β does not change any.",
            -1e3,
            1e3,
        ),
    ] = 2.0
    epsilon: Annotated[
        float,
        Knob(
            "ε",
            (1e-12, 1e-8, 1e-5, 1e-3, 0.01, 0.1, 1.0, 10.0, 100.0),
            "Added to the variance.",
            1e-14,
            1e3,
        ),
    ] = 1e-5
    scale: Annotated[
        str,
        Knob("Scale", (SET, LEARNED), "As the unit learned: the γ of the trained unit, with it."),
    ] = SET
    own_gamma: Typed = ""
    own_epsilon: Typed = ""

    @property
    def trained(self) -> bool:
        """Whether the numbers are those of the trained unit."""
        return self.source == TRAINED and not self.table

    @property
    def scale_chosen(self) -> bool:
        return self.trained and self.scale == LEARNED

    def batch(self) -> Table:
        """x and dL/dy, (rows, 2)."""
        return read(self.table) if self.table else ready(self.source)

    def gamma_used(self) -> float:
        """The γ of this run."""
        return float((trained_units().gamma if self.scale_chosen else self.of_each("gamma"))[0])


def ready(source: str) -> Table:
    """A ready-made mini-batch with its gradient, (rows, 2)."""
    if source != TRAINED:
        return BATCHES[source]
    units = trained_units()
    return np.stack([units.inputs[:, 0], units.incoming[:, 0]], axis=1)


@dataclass(frozen=True, kw_only=True, repr=False)
class Gradients(Result):
    """What the six equations give."""

    normalized: Annotated[Doubles, Axes("row", "1: dL/dxh")]
    variance: Annotated[float, Axes("", "2: dL/dv")]
    mean: Annotated[float, Axes("", "3: dL/dmu")]
    x: Annotated[Doubles, Axes("row", "4: dL/dx")]
    gamma: Annotated[float, Axes("", "5")]
    beta: Annotated[float, Axes("", "6")]

    def all(self) -> Vector:
        """Every number in one array."""
        alone = [self.variance, self.mean, self.gamma, self.beta]
        return np.concatenate([self.normalized, self.x, alone])


def by_hand(x: Vector, dy: Vector, gamma: float, epsilon: float) -> Gradients:
    """The six equations of Ioffe & Szegedy 2015, Sec. 3, as they stand there."""
    mean, variance, normalized = (part for part in normalize(x[:, None], epsilon))
    xh, centred, v = normalized[:, 0], x - mean[0], float(variance[0])
    m, root = len(x), math.sqrt(v + epsilon)
    dxh = dy * gamma
    dv = float((dxh * centred).sum()) * -0.5 * (v + epsilon) ** -1.5
    dmu = -float(dxh.sum()) / root + dv * float((-2 * centred).mean())
    dx = dxh / root + dv * 2 * centred / m + dmu / m
    return Gradients(
        normalized=dxh,
        variance=dv,
        mean=dmu,
        x=dx,
        gamma=float((dy * xh).sum()),
        beta=float(dy.sum()),
    )


def by_autograd(x: Vector, dy: Vector, gamma: float, epsilon: float) -> Gradients:
    """The same from torch's autograd, in 64 bits."""
    inputs = torch.tensor(x, requires_grad=True)
    scale, shift = (torch.tensor(value, dtype=torch.float64, requires_grad=True)
                    for value in (gamma, 0.0))  # fmt: skip
    mu = inputs.mean()
    centred = inputs - mu
    v = centred.square().mean()
    xh = centred / torch.sqrt(v + epsilon)
    y = scale * xh + shift
    parts = torch.autograd.grad(y, [xh, v, mu, inputs, scale, shift], torch.tensor(dy))
    dxh, dv, dmu, dx, dgamma, dbeta = (part.numpy() for part in parts)
    return Gradients(
        normalized=dxh,
        variance=float(dv),
        mean=float(dmu),
        x=dx,
        gamma=float(dgamma),
        beta=float(dbeta),
    )


@dataclass(frozen=True, kw_only=True, repr=False)
class BackwardResult(Result):
    """A batch of m rows, the gradient on its way back, and autograd's answer."""

    config: BackwardConfig
    steps: Annotated[Whole, Axes("step", "the places of the clock")]
    x: Annotated[Doubles, Axes("row", "the mini-batch")]
    dy: Annotated[Doubles, Axes("row", "the incoming gradient dL/dy")]
    mean: Annotated[float, Axes()]
    variance: Annotated[float, Axes("", "biased")]
    gamma: Annotated[float, Axes()]
    epsilon: Annotated[float, Axes()]
    normalized: Annotated[Doubles, Axes("row", "(x - mean) / sqrt(variance + epsilon)")]
    hand: Gradients
    autograd: Gradients
    straight: Annotated[
        Doubles, Axes("row", "gamma dy / sqrt(v + eps): dL/dx if mean and variance were constants")
    ]
    slope: Annotated[
        float, Axes("", "mean(straight * normalized): what goes along the normalized values")
    ]
    changed: Annotated[
        Doubles, Axes("row", "|change of dL/dx| if dL/dy of the first row grows by 1")
    ]
    stretch: Annotated[float, Axes("", "all x are multiplied by, to see")]
    stretched: Annotated[float, Axes("", "||dL/dx|| then")]
    network: Annotated[
        Doubles | None,
        Axes("row", "dL/dx by autograd through the network it is from; None: not its"),
    ]

    @property
    def rows(self) -> int:
        return len(self.x)

    @property
    def through(self) -> float:
        """||dL/dx|| / ||straight||: how much of the gradient's length gets through. NaN: of 0."""
        length = float(np.linalg.norm(self.straight))
        return float(np.linalg.norm(self.hand.x)) / length if length else math.nan

    @property
    def difference(self) -> float:
        """The largest |by hand - autograd| of all numbers."""
        return float(np.abs(self.hand.all() - self.autograd.all()).max())


def run(config: BackwardConfig, report: Report = silent, workers: int = 2) -> BackwardResult:
    """The six equations and autograd. The same config gives the same bits."""
    x, dy = config.batch().T
    gamma, epsilon = config.gamma_used(), float(config.of_each("epsilon")[0])
    mean, variance, normalized = normalize(x[:, None], epsilon)
    straight = gamma * dy / math.sqrt(float(variance[0]) + epsilon)
    first = np.zeros(len(x))  # the equations are linear in dL/dy: 1 more makes this difference
    first[0] = 1
    return BackwardResult(
        config=config,
        steps=np.arange(EQUATIONS * TO_EQUATION + 1),
        x=x,
        dy=dy,
        mean=float(mean[0]),
        variance=float(variance[0]),
        gamma=gamma,
        epsilon=epsilon,
        normalized=normalized[:, 0],
        hand=by_hand(x, dy, gamma, epsilon),
        autograd=by_autograd(x, dy, gamma, epsilon),
        straight=straight,
        slope=float((straight * normalized[:, 0]).mean()),
        changed=np.abs(by_hand(x, first, gamma, epsilon).x),
        stretch=STRETCH,
        stretched=float(np.linalg.norm(by_hand(STRETCH * x, dy, gamma, epsilon).x)),
        network=trained_units().outgoing[:, 0] if config.scale_chosen else None,
    )


def onward(of: TransformResult, feature: int) -> dict[str, str]:
    """The link to this lesson with one feature of a batch: the trained unit, or its numbers."""
    if of.config.source == TRAINED_UNITS and not of.config.table and feature == 0:
        return {"backward-source": TRAINED, "backward-scale": LEARNED}
    return {"backward-table": write(with_gradients(of.stages[0, :, feature]))}
