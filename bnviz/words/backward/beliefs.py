"""How does the gradient get through?: what is often believed, and what the numbers say of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bnviz.words.backward import total
from bnviz.words.belief import Belief
from bnviz.words.numbers import calculated

if TYPE_CHECKING:
    from bnviz.verdicts.backward import BackwardVerdict


def beliefs(verdict: BackwardVerdict) -> dict[str, str]:
    """What is often believed, and what the numbers on the screen say of it."""
    return {
        Belief.STRAIGHT_THROUGH: _straight(verdict),
        Belief.OWN_AFFAIR: _own_affair(verdict),
        Belief.LARGER_INPUTS: _stretched(verdict),
        Belief.SLOW_BIAS: _bias(verdict),
    }


def _straight(verdict: BackwardVerdict) -> str:
    found = verdict.shortcut
    if found is None:
        return "Here no gradient gets through at all."
    return (
        f"Dividing by √(v + ε) alone would give {calculated(found.straight, 3)} in row"
        f" {found.row}; it is {calculated(found.hand, 3)}. In {found.turned or 'none'} of"
        f" {len(verdict.rows)} rows the sign is the opposite one."
    )


def _own_affair(verdict: BackwardVerdict) -> str:
    others = len(verdict.rows) - 1
    if not others:
        return "In a batch of one it is, and it is 0: there is nobody else to be compared with."
    if not verdict.gamma:
        return "Here γ is 0, and no gradient gets through to any row. Choose another γ."
    if others > 1:
        return (
            "We added 1 to ∂L/∂y of row 1 alone: ∂L/∂x changed in"
            f" {verdict.others or 'none'} of the {others} other rows."
        )
    if verdict.others:
        return "We added 1 to ∂L/∂y of row 1 alone: ∂L/∂x changed in the other row, too."
    return "We added 1 to ∂L/∂y of row 1 alone: ∂L/∂x did not change in the other row."


def _stretched(verdict: BackwardVerdict) -> str:
    found = verdict.stretched
    if found.outcome == "nothing":
        return "Here there is nothing to compare: next to nothing gets through."
    if found.outcome == "epsilon":
        return (
            f"With all x multiplied by {found.by:g}, the gradient keeps its length here: ε decides"
            " what is divided by."
        )
    said = (
        f"With all x multiplied by {found.by:g}, the gradient's length is"
        f" {calculated(found.ratio, 3)} times what it was."
    )
    if found.epsilon_counts:
        return f"{said} ε is not small here, so the outputs change, too."
    return f"{said} Outputs stay (nearly) as they are, so the slope towards them must shrink."


def _bias(verdict: BackwardVerdict) -> str:
    return (
        "It does not learn at all: its gradient is the sum of ∂L/∂x over the batch, here"
        f" {total(verdict)}. β, after BN, gets {calculated(verdict.beta, 3)}."
    )
