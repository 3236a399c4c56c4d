"""How much of a gradient gets through BN, and what it costs to forget two of the ways."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from bnviz.verdicts import criteria

if TYPE_CHECKING:
    from bnviz.experiments.backward import BackwardResult
    from bnviz.experiments.backward_mistake import MistakeResult

Outcome = Literal["no gradient", "one row", "nothing", "constant", "nearly all", "some"]

NOTHING = 1e-3  # of the gradient's length: less than this is called nothing
NEARLY = 5e-3  # of its length: what is missing of nearly all
ROUNDING = 1e-9  # of its terms, in 64 bits and many steps
NOISE = 1e-14  # of its terms: a sum below is what their last digits leave
LARGE = 0.02  # of the variance: an ε beyond it is not small, and shows in stretched inputs


@dataclass(frozen=True, kw_only=True)
class Number:
    """What one of the six equations gives."""

    hand: float
    autograd: float
    row: int | None  # that it belongs to, from 1; None: to the batch


@dataclass(frozen=True, kw_only=True)
class Row:
    """The numbers of one row on the way back."""

    x: float
    normalized: float
    incoming: float
    straight: float  # ∂L/∂x if mean and variance were constants
    hand: float
    autograd: float


@dataclass(frozen=True, kw_only=True)
class Along:
    """What goes along the normalized values: Σ ∂L/∂x · x̂."""

    through: float
    straight: float  # with mean and variance as constants
    left: float  # ε / (v + ε): the share that ε leaves
    flat: bool  # every x̂ is 0

    @property
    def small(self) -> bool:
        """Whether ε is small beside the variance."""
        return self.left < LARGE


@dataclass(frozen=True, kw_only=True)
class Shortcut:
    """Division by √(v + ε) alone, against the whole backward pass."""

    row: int  # from 1: where the two are farthest apart
    straight: float
    hand: float
    turned: int  # rows in which the sign is the opposite one


@dataclass(frozen=True, kw_only=True)
class Stretched:
    """All inputs multiplied by `by`."""

    outcome: Literal["nothing", "epsilon", "shrinks"]
    by: float
    ratio: float  # of the gradient's length to what it was
    epsilon_counts: bool  # so that the outputs change, too


@dataclass(frozen=True, kw_only=True)
class BackwardVerdict:
    """What gets through, of one batch."""

    outcome: Outcome
    rows: tuple[Row, ...]
    six: tuple[Number, ...]  # equations 1 to 6
    through: float  # share of the gradient's length
    lengthened: float  # length of ∂L/∂x over that of ∂L/∂y; NaN: none arrives
    on_the_line: int  # rows of which mean and slope leave nothing
    reached: int  # rows whose input gets a gradient
    grown: float  # |γ| / √ε: what a constant feature multiplies a gradient by
    total: float  # Σ ∂L/∂x; 0: but for rounding
    straight_total: float
    along: Along
    neighbour: tuple[int, float] | None  # a row without a gradient of its own, and what it gets
    compared: int  # numbers
    difference: float  # the largest one to autograd's
    network: float | None  # the largest difference to the network it is from, of its largest
    shortcut: Shortcut | None
    gamma: float
    others: int  # rows whose ∂L/∂x changes with the ∂L/∂y of row 1
    stretched: Stretched
    beta: float  # ∂L/∂β
    largest: float  # ∂L/∂x, in size
    reaches: Literal["nothing", "the same", "different"]  # the inputs


def judge(result: BackwardResult, row: int = 1) -> BackwardVerdict:
    """What these numbers show; `row`, from 1, is the one on the screen."""
    hand, size = result.hand, float(np.abs(result.straight).sum())
    total = float(hand.x.sum())
    return BackwardVerdict(
        outcome=_outcome(result),
        rows=_rows(result),
        six=_six(result, row),
        through=result.through,
        lengthened=_lengthened(result),
        on_the_line=int((np.abs(hand.x) <= NOTHING * np.abs(result.straight).max()).sum()),
        reached=int((np.abs(hand.x) > NOTHING * np.abs(result.straight).max()).sum()),
        grown=abs(result.gamma) / math.sqrt(result.epsilon),
        total=0.0 if abs(total) <= ROUNDING * size else total,
        straight_total=float(result.straight.sum()),
        along=_along(result),
        neighbour=_neighbour(result),
        compared=len(hand.all()),
        difference=result.difference,
        network=_off_network(result),
        shortcut=_shortcut(result),
        gamma=result.gamma,
        others=int((result.changed[1:] > ROUNDING * result.changed.max()).sum()),
        stretched=_stretched(result),
        beta=hand.beta,
        largest=float(np.abs(hand.x).max()),
        reaches=_reaches(result),
    )


def _lengthened(result: BackwardResult) -> float:
    before, behind = (float(np.linalg.norm(one)) for one in (result.dy, result.hand.x))
    return behind / before if before else math.nan


def _outcome(result: BackwardResult) -> Outcome:
    if not result.straight.any():
        return "no gradient"
    if result.rows == 1:
        return "one row"
    if result.through < NOTHING:
        return "nothing"
    if np.ptp(result.x) == 0:
        return "constant"
    return "nearly all" if result.through > 1 - NEARLY else "some"


def _rows(result: BackwardResult) -> tuple[Row, ...]:
    columns = (
        result.x, result.normalized, result.dy, result.straight, result.hand.x, result.autograd.x,
    )  # fmt: skip
    return tuple(
        Row(x=x, normalized=xh, incoming=dy, straight=straight, hand=hand, autograd=auto)
        for x, xh, dy, straight, hand, auto in np.stack(columns, axis=1).tolist()
    )


def _six(result: BackwardResult, row: int) -> tuple[Number, ...]:
    def of(name: str, place: int | None) -> Number:
        hand, auto = (np.ravel(getattr(one, name)) for one in (result.hand, result.autograd))
        at = 0 if place is None else place - 1
        return Number(hand=float(hand[at]), autograd=float(auto[at]), row=place)

    names = ("normalized", "variance", "mean", "x", "gamma", "beta")
    return tuple(of(name, row if name in {"normalized", "x"} else None) for name in names)


def _along(result: BackwardResult) -> Along:
    size = float(np.abs(result.straight) @ np.abs(result.normalized))

    def known(value: float) -> float:
        return 0.0 if abs(value) <= NOISE * size else value

    return Along(
        through=known(float(result.hand.x @ result.normalized)),
        straight=known(float(result.straight @ result.normalized)),
        left=_left(result),
        flat=result.rows == 1 or np.ptp(result.x) == 0,
    )


def _left(result: BackwardResult) -> float:
    return result.epsilon / (result.variance + result.epsilon)


def _neighbour(result: BackwardResult) -> tuple[int, float] | None:
    """The row that gets most of those at whose own output no gradient arrived."""
    got = np.abs(result.hand.x)
    without = np.flatnonzero((result.dy == 0) & (got > NOTHING * got.max()))
    if not len(without):
        return None
    row = int(without[got[without].argmax()])
    return row + 1, float(result.hand.x[row])


def _off_network(result: BackwardResult) -> float | None:
    there = result.network
    if there is None:
        return None
    return float(np.abs(result.hand.x - there).max() / np.abs(there).max())


def _shortcut(result: BackwardResult) -> Shortcut | None:
    if result.rows == 1 or not result.straight.any():
        return None
    noise = NOISE * float(np.abs(result.straight).max())
    there = np.where(np.abs(result.hand.x) <= noise, 0, result.hand.x)
    far = int(np.abs(there - result.straight).argmax())
    return Shortcut(
        row=far + 1,
        straight=float(result.straight[far]),
        hand=float(there[far]),
        turned=int((there * result.straight < 0).sum()),
    )


def _stretched(result: BackwardResult) -> Stretched:
    here, there = float(np.linalg.norm(result.hand.x)), result.stretched
    outcome: Literal["nothing", "epsilon", "shrinks"] = "shrinks"
    if result.through < NOTHING or not here or not there:
        outcome = "nothing"
    elif there > (1 - NEARLY) * here:
        outcome = "epsilon"
    return Stretched(
        outcome=outcome,
        by=result.stretch,
        ratio=there / here if here else math.nan,
        epsilon_counts=_left(result) >= LARGE,
    )


def _reaches(result: BackwardResult) -> Literal["nothing", "the same", "different"]:
    if not result.through >= NOTHING:  # NaN: none arrived
        return "nothing"
    return "the same" if np.ptp(result.hand.x) < ROUNDING else "different"


@dataclass(frozen=True, kw_only=True)
class MistakeVerdict:
    """The right backward pass, then the mistaken one; medians over the seeds, at the end."""

    outcome: Literal["diverged", "higher", "lower", "mixed"]  # the loss, with the mistake
    rate: float
    seeds: int
    diverged: tuple[int, int]
    score: criteria.Score  # the lower training loss
    loss: tuple[float, float]
    accuracy: tuple[float, float]  # test, 0 to 1
    growth: tuple[float, float]  # ||W|| over that at the start


def judge_mistakes(results: Sequence[MistakeResult]) -> list[MistakeVerdict]:
    """What it cost, at one learning rate after the other."""
    return [_judge_mistake(result) for result in results]


def _judge_mistake(result: MistakeResult) -> MistakeVerdict:
    right, mistaken = result.loss[:, :, -1]
    score = criteria.score(right, mistaken, lowest=True)
    lost = criteria.diverged(result.diverged_at).sum(axis=1)
    outcome: Literal["diverged", "higher", "lower", "mixed"] = "mixed"
    if lost.any():
        outcome = "diverged"
    elif score.leader != "neither":
        outcome = "higher" if score.leader == "first" else "lower"
    return MistakeVerdict(
        outcome=outcome,
        rate=result.config.learning_rate,
        seeds=result.config.seeds,
        diverged=(int(lost[0]), int(lost[1])),
        score=score,
        loss=(criteria.median(right), criteria.median(mistaken)),
        accuracy=(criteria.median(result.accuracy[0]), criteria.median(result.accuracy[1])),
        growth=(
            criteria.median(result.growth[0, :, -1]),
            criteria.median(result.growth[1, :, -1]),
        ),
    )
