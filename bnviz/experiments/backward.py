"""How the gradient gets through BN: six equations with numbers, and the price of a shortcut."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray

from bnviz.engine.networks import Cohort
from bnviz.engine.probes import health
from bnviz.engine.training import History, train
from bnviz.experiments.bounds import bounded
from bnviz.experiments.minibatch import READY, ByHand, Table, read, trained_units, write
from bnviz.experiments.minibatch import TRAINED as TRAINED_UNITS
from bnviz.experiments.pair import NEVER, diverged_at
from bnviz.experiments.running import Job, Report, side_by_side, silent
from bnviz.experiments.settings import Depth, Knob, LearningRate, Settings, Width
from bnviz.experiments.transform import TransformResult, Vector, normalize, number

TRAINED = "trained unit"
SET, LEARNED = "γ as set", "as the unit learned"
PLACES = 30  # of the clock, from the incoming gradient to the last equation
WAYS = ("∂L/∂y arrives", "equation 1", "equation 2", "equation 3", "equation 4",
           "equation 5", "equation 6")  # fmt: skip
EACH = PLACES // (len(WAYS) - 1)  # places from one to the next
MOMENTS = tuple(WAYS[-(-place // EACH)] for place in range(PLACES + 1))
"""What each place of the clock is called: the equation that it leads to."""
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

    @property
    def trained(self) -> bool:
        """Whether the numbers are those of the trained unit."""
        return self.source == TRAINED and not self.table

    def batch(self) -> Table:
        """x and dL/dy, (rows, 2)."""
        return read(self.table) if self.table else ready(self.source)

    def gamma_used(self) -> float:
        """The γ of this run."""
        learned = self.trained and self.scale == LEARNED
        return float(trained_units().gamma[0]) if learned else self.gamma


def ready(source: str) -> Table:
    """A ready-made mini-batch with its gradient, (rows, 2)."""
    if source != TRAINED:
        return BATCHES[source]
    units = trained_units()
    return np.stack([units.inputs[:, 0], units.incoming[:, 0]], axis=1)


@dataclass(frozen=True)
class Gradients:
    """What the six equations give."""

    normalized: Vector  # (m,) 1: dL/dxh
    variance: float  # 2: dL/dv
    mean: float  # 3: dL/dmu
    x: Vector  # (m,) 4: dL/dx
    gamma: float  # 5
    beta: float  # 6

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
    return Gradients(dxh, dv, dmu, dx, float((dy * xh).sum()), float(dy.sum()))


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
    return Gradients(dxh, float(dv), float(dmu), dx, float(dgamma), float(dbeta))


@dataclass(frozen=True)
class BackwardResult:
    """A batch of m rows, the gradient on its way back, and autograd's answer."""

    config: BackwardConfig
    steps: NDArray[np.int64]  # (PLACES + 1,) the places of the clock
    x: Vector  # (m,)
    dy: Vector  # (m,) the incoming gradient dL/dy
    mean: float
    variance: float  # biased
    gamma: float
    normalized: Vector  # (m,)
    hand: Gradients
    autograd: Gradients
    straight: Vector  # (m,) gamma dy / sqrt(v + eps): dL/dx if mean and variance were constants
    slope: float  # mean(straight * normalized): what goes along the normalized values

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
    gamma, epsilon = config.gamma_used(), config.epsilon
    mean, variance, normalized = normalize(x[:, None], epsilon)
    straight = gamma * dy / math.sqrt(float(variance[0]) + epsilon)
    return BackwardResult(
        config,
        np.arange(PLACES + 1),
        x,
        dy,
        float(mean[0]),
        float(variance[0]),
        gamma,
        normalized[:, 0],
        by_hand(x, dy, gamma, epsilon),
        by_autograd(x, dy, gamma, epsilon),
        straight,
        float((straight * normalized[:, 0]).mean()),
    )


@dataclass(frozen=True)
class Equation:
    """One of the six, with the numbers of the batch."""

    title: str
    latex: str
    hand: float
    autograd: float
    row: int | None  # the row that the numbers are of, from 1; None: of the batch

    def told(self) -> str:
        """Both answers, and their difference."""
        where = f"row {self.row}: " if self.row else ""
        gap = abs(self.hand - self.autograd)
        return (
            f"{where}**{number(self.hand)}**, autograd {number(self.autograd)}"
            f" (difference {number(gap, 1)})"
        )


def equations(result: BackwardResult, row: int) -> list[Equation]:
    """The six, in the order in which they are computed; `row` counts from 1."""
    hand, auto, at = result.hand, result.autograd, row - 1
    dxh = r"\frac{\partial L}{\partial \hat x_i}"
    return [
        Equation(
            "1. Through the scale",
            dxh + r" = \frac{\partial L}{\partial y_i}\,\gamma",
            float(hand.normalized[at]), float(auto.normalized[at]), row,
        ),
        Equation(
            "2. To the variance",
            r"\frac{\partial L}{\partial v} = -\frac{1}{2\sigma^3} \sum_i " + dxh
            + r"\,(x_i-\mu)",
            hand.variance, auto.variance, None,
        ),
        Equation(
            "3. To the mean",
            r"\begin{aligned}\frac{\partial L}{\partial \mu} = &-\frac1\sigma \sum_i "
            + dxh
            + r"\\ &- \frac2m\,\frac{\partial L}{\partial v} \sum_i (x_i-\mu)\end{aligned}",
            hand.mean, auto.mean, None,
        ),
        Equation(
            "4. Along all three ways to the input",
            r"\begin{aligned}\frac{\partial L}{\partial x_i} = &\;\frac1\sigma\," + dxh
            + r"\\ &+ \frac{2(x_i-\mu)}{m}\,\frac{\partial L}{\partial v}"
            + r" + \frac1m\,\frac{\partial L}{\partial \mu}\end{aligned}",
            float(hand.x[at]), float(auto.x[at]), row,
        ),
        Equation(
            "5. To the scale",
            r"\frac{\partial L}{\partial \gamma}"
            r" = \sum_i \frac{\partial L}{\partial y_i}\,\hat x_i",
            hand.gamma, auto.gamma, None,
        ),
        Equation(
            "6. To the shift",
            r"\frac{\partial L}{\partial \beta} = \sum_i \frac{\partial L}{\partial y_i}",
            hand.beta, auto.beta, None,
        ),
    ]  # fmt: skip


def every_row(result: BackwardResult) -> dict[str, list[str]]:
    """A table: each row's numbers on the way back."""
    columns = {
        "x": result.x,
        "normalized": result.normalized,
        "∂L/∂y": result.dy,
        "as if constants": result.straight,
        "∂L/∂x": result.hand.x,
        "autograd": result.autograd.x,
    }
    rows = {"row": [str(row + 1) for row in range(result.rows)]}
    return rows | {name: [number(v) for v in values] for name, values in columns.items()}


NOTHING = 1e-3  # of the gradient's length: less than this is called nothing
NEARLY = 5e-3  # of its length: what is missing of nearly all
ROUNDING = 1e-9
NOISE = 1e-14  # of its terms: a sum below is what their last digits leave


def findings(result: BackwardResult) -> list[str]:
    """What the numbers on the screen show, in sentences, each computed from them."""
    return [
        _headline(result),
        _sum(result),
        _along(result),
        *_neighbours(result),
        _check(result),
        *_network(result),
    ]


def _headline(result: BackwardResult) -> str:
    if not result.straight.any():
        return "**No gradient arrives**: γ or every ∂L/∂y is 0, and so is every ∂L/∂x."
    if result.rows == 1:
        return (
            "**Nothing gets through a batch of one**: whatever x is, the output is β, so the loss"
            " does not depend on x."
        )
    if result.through < NOTHING:
        return (
            "**Nothing gets through**: the incoming gradient asks for a change that the mean and"
            " the variance undo."
        )
    if np.ptp(result.x) == 0:
        grown = number(abs(result.gamma) / math.sqrt(result.config.epsilon), 3)
        return (
            f"**A constant feature multiplies the gradient by {grown}**, once its mean is"
            " subtracted: the variance is 0, and only √ε is left to divide by."
        )
    if result.through > 1 - NEARLY:
        return (
            "**Nearly all of the gradient's length gets through**: it hardly asks for a change that"
            " the mean and the variance would undo."
        )
    percent = number(100 * result.through, 2)
    return (
        f"**{percent} % of the gradient's length gets through.** The rest asks for"
        " changes that the mean and the variance would undo, and is subtracted."
    )


def _sum(result: BackwardResult) -> str:
    before = float(result.straight.sum())
    return (
        f"The gradients of the batch sum to {_total(result)}. With mean and variance as constants"
        f" it would be {number(before)}. Adding the same to all inputs changes no output."
    )


def _total(result: BackwardResult) -> str:
    """The sum of dL/dx, in words where only rounding is left of it."""
    total, size = float(result.hand.x.sum()), float(np.abs(result.straight).sum())
    return "0, up to rounding" if abs(total) <= ROUNDING * size else number(total)


def _along(result: BackwardResult) -> str:
    size = float(np.abs(result.straight) @ np.abs(result.normalized))
    along = _unless_noise(float(result.hand.x @ result.normalized), size)
    before = _unless_noise(float(result.straight @ result.normalized), size)
    left = result.config.epsilon / (result.variance + result.config.epsilon)
    said = (
        f"Along the normalized values, Σ ∂L/∂x · x̂ is {along}; as constants it would be {before}."
    )
    if result.rows == 1 or np.ptp(result.x) == 0:
        return said + " Here every x̂ is 0."
    return said + (
        f" ε leaves ε / (v + ε) = {number(left, 2)} of it: stretching all inputs changes next to"
        " nothing."
        if left < NOTHING
        else f" ε is not small beside the variance here, and leaves {number(left, 2)} of it."
    )


def _unless_noise(value: float, size: float) -> str:
    """A sum of terms of this size, as zero where only rounding is left of it."""
    return number(0.0 if abs(value) <= NOISE * size else value, 3)


def _neighbours(result: BackwardResult) -> list[str]:
    """Rows that get a gradient though none arrived at their own output."""
    size = float(np.abs(result.hand.x).max())
    silent_rows = np.flatnonzero((result.dy == 0) & (np.abs(result.hand.x) > NOTHING * size))
    if not size or not len(silent_rows):
        return []
    row = int(silent_rows[np.abs(result.hand.x[silent_rows]).argmax()])
    return [
        f"No gradient arrives at the output of row {row + 1}, and yet its input gets"
        f" {number(result.hand.x[row], 3)}: it has a share in the others' mean and variance."
    ]


def _check(result: BackwardResult) -> str:
    return (
        f"Of all {len(result.hand.all())} numbers by hand, none differs from autograd's, in 64"
        f" bits, by more than {number(result.difference, 2)}."
    )


def _network(result: BackwardResult) -> list[str]:
    """The same gradient, as the backward pass of the whole trained network gave it."""
    if not result.config.trained or result.config.scale != LEARNED:
        return []
    there = trained_units().outgoing[:, 0]
    gap = float(np.abs(result.hand.x - there).max() / np.abs(there).max())
    return [
        "The backward pass through the whole network, in 32 bits, gave the same ∂L/∂x: the largest"
        f" difference is {number(100 * gap, 1)} % of the largest gradient."
    ]


def misconceptions(result: BackwardResult) -> dict[str, str]:
    """What is often believed, and what the numbers on the screen say of it."""
    return {
        "The gradient passes straight through the normalization": _straight(result),
        "Each sample's gradient is its own affair": _own_affair(result),
        "Larger inputs get larger gradients": _stretched(result),
        "A bias before BN learns, only slowly": _bias(result),
    }


def _straight(result: BackwardResult) -> str:
    if result.rows == 1 or not result.straight.any():
        return "Here no gradient gets through at all."
    size = float(np.abs(result.straight).max())
    there = np.where(np.abs(result.hand.x) <= NOISE * size, 0, result.hand.x)
    turned = int((there * result.straight < 0).sum())
    far = int(np.abs(there - result.straight).argmax())
    return (
        f"Dividing by √(v + ε) alone would give {number(result.straight[far], 3)} in row"
        f" {far + 1}; it is {number(there[far], 3)}. In {turned or 'none'} of {result.rows} rows"
        " the sign is the opposite one."
    )


def _own_affair(result: BackwardResult) -> str:
    if result.rows == 1:
        return "In a batch of one it is, and it is 0: there is nobody else to be compared with."
    if not result.gamma:
        return "Here γ is 0, and no gradient gets through to any row. Choose another γ."
    one = np.zeros(result.rows)  # the equations are linear in ∂L/∂y: 1 more makes this difference
    one[0] = 1
    moved = np.abs(by_hand(result.x, one, result.gamma, result.config.epsilon).x)
    others = int((moved[1:] > ROUNDING * moved.max()).sum())
    where = f"changed in {others or 'none'} of the {result.rows - 1} other rows"
    if result.rows == 2:
        where = "changed in the other row, too" if others else "did not change in the other row"
    return f"We added 1 to ∂L/∂y of row 1 alone: ∂L/∂x {where}."


STRETCH = 10.0
LARGE = 0.02  # of the variance: an ε beyond it changes what comes out of stretched inputs


def _stretched(result: BackwardResult) -> str:
    gamma, epsilon = result.gamma, result.config.epsilon
    there = float(np.linalg.norm(by_hand(STRETCH * result.x, result.dy, gamma, epsilon).x))
    here = float(np.linalg.norm(result.hand.x))
    if result.through < NOTHING or not here or not there:
        return "Here there is nothing to compare: next to nothing gets through."
    said = f"With all x multiplied by {STRETCH:g}, the gradient"
    if there > (1 - NEARLY) * here:
        return f"{said} keeps its length here: ε decides what is divided by."
    said += f"'s length is {number(there / here, 3)} times what it was."
    if epsilon > LARGE * result.variance:
        return f"{said} ε is not small here, so the outputs change, too."
    return f"{said} Outputs stay (nearly) as they are, so the slope towards them must shrink."


def _bias(result: BackwardResult) -> str:
    return (
        "It does not learn at all: its gradient is the sum of ∂L/∂x over the batch, here"
        f" {_total(result)}. β, after BN, gets {number(result.hand.beta, 3)}."
    )


GUESSES = ("the same for all", "more for large inputs", "nothing")


def same_for_all() -> tuple[str, str]:
    """What reaches x if the same gradient arrives in all rows: the right guess, and why."""
    result = run(BackwardConfig(source="the same for all rows"))
    if result.through < NOTHING:
        right = GUESSES[2]
    else:
        right = GUESSES[0] if np.ptp(result.hand.x) < ROUNDING else GUESSES[1]
    largest = float(np.abs(result.hand.x).max())
    return right, (
        f"The largest ∂L/∂x is {number(largest, 1)}. The gradient asks all outputs to move"
        " together; all inputs together move only the mean, which is subtracted."
    )


def onward(of: TransformResult, feature: int) -> dict[str, str]:
    """The link to this lesson with one feature of a batch: the trained unit, or its numbers."""
    if of.config.source == TRAINED_UNITS and not of.config.table and feature == 0:
        return {"backward-source": TRAINED, "backward-scale": LEARNED}
    return {"backward-table": write(with_gradients(of.stages[0, :, feature]))}


# --- what the shortcut costs: the same network, trained with it and without

ROUTES = ("batch", "batch, constants")
"""BN as it is, and with mean and variance as constants in the backward pass."""


class MistakeConfig(Settings):
    """The shared settings, for networks that differ in their backward pass alone."""

    depth: Depth = 8
    width: Width = 32
    learning_rate: LearningRate = 0.32


@dataclass(frozen=True)
class MistakeResult:
    """Both backward passes on the first axis: right, mistaken. NaN: after a divergence."""

    config: MistakeConfig
    steps: NDArray[np.int64]  # (T,)
    loss: NDArray[np.float32]  # (2, seeds, T) mini-batch loss, mean over the steps since the last
    accuracy: NDArray[np.float32]  # (2, seeds) test, at the end, 0 to 1
    growth: NDArray[np.float32]  # (2, seeds, T) ||W|| of all hidden layers, over that at the start
    diverged_at: NDArray[np.int64]  # (2, seeds) step, or NEVER


@bounded
def run_mistake(config: MistakeConfig, report: Report = silent, workers: int = 2) -> MistakeResult:
    """Train both from the same weights on the same batches. The same config: the same bits."""
    data, seeds = config.data(), range(config.first_seed, config.first_seed + config.seeds)

    def job(route: str) -> Job[History]:
        def go(progress: Callable[[int], None]) -> History:
            cohort = Cohort(
                config.architecture(normalizer=route), seeds, [config.gain] * len(seeds)
            )
            probes = [health(torch.tensor(data.train_inputs[:2]))]
            plan = config.plan(len(seeds))
            return train(cohort, seeds, data, plan, probes=probes, progress=progress)

        return go

    histories = side_by_side({route: job(route) for route in ROUTES}, config.steps, report, workers)
    both = [histories[route] for route in ROUTES]
    return MistakeResult(
        config,
        both[0].steps,
        np.stack([_smoothed(history) for history in both]),
        np.stack([history.test_accuracies[:, -1] for history in both]),
        np.stack([_growth(history) for history in both]),
        np.stack([diverged_at(history) for history in both]),
    )


def _smoothed(history: History) -> NDArray[np.float32]:
    """The mini-batch loss at each record: its mean over the steps since the one before."""
    loss, ends = history.batch_losses, history.steps
    starts = [0, *ends[:-1].tolist()]
    last = loss.shape[1] - 1
    columns = [
        loss[:, min(a, last) : max(b, min(a, last) + 1)].mean(1)
        for a, b in zip(starts, ends.tolist(), strict=True)
    ]
    return np.stack(columns, axis=1)


def _growth(history: History) -> NDArray[np.float32]:
    if "weight" not in history.probes:  # diverged before the first record
        return np.full(history.test_losses.shape, np.nan, np.float32)
    weights = np.linalg.norm(history.probes["weight"][:, :, :-1], axis=2)
    grown: NDArray[np.float32] = (weights / weights[:, :1]).astype(np.float32)
    return grown


def mistakes(rates: tuple[float, ...] = (0.1, 0.32, 1.0)) -> list[MistakeConfig]:
    """The two networks at several learning rates, one at a time."""
    return [MistakeConfig(learning_rate=rate) for rate in rates]


def of_mistakes(results: list[MistakeResult]) -> str:
    """What the mistake cost, in sentences."""
    return " ".join(_of_mistake(result) for result in results)


def _of_mistake(result: MistakeResult) -> str:
    seeds, rate = result.config.seeds, f"{result.config.learning_rate:g}"
    lost = (result.diverged_at != NEVER).sum(axis=1)
    if lost.any():
        return (
            f"**Rate {rate}**: of {seeds} networks, {lost[0]} diverged with the right gradient and"
            f" {lost[1]} with the mistaken one."
        )
    worse = int((result.loss[1, :, -1] > result.loss[0, :, -1]).sum())
    losses = [number(float(np.median(row[:, -1])), 2) for row in result.loss]
    percents = [f"{100 * float(np.median(row)):.0f} %" for row in result.accuracy]
    grown = [_grown(float(np.median(row[:, -1])) - 1) for row in result.growth]
    better = seeds - worse
    verdict = (
        f"with the mistake the loss is higher in {worse} of {seeds} seeds"
        if worse >= better
        else f"the mistake does no harm in {better} of {seeds} seeds"
    )
    return (
        f"**Rate {rate}**: {verdict}. Training loss {losses[1]} instead of {losses[0]}, test"
        f" accuracy {percents[1]} instead of {percents[0]}; the weights changed their length by"
        f" {grown[1]} instead of {grown[0]}."
    )


def _grown(share: float) -> str:
    """+38 %; +0.4 %; −12 %."""
    percent = 100 * share
    return f"{percent:+.{0 if abs(percent) >= 1 else 1}f} %".replace("-", "−")
