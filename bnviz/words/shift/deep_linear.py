"""A deep linear network: all that this section of the shift page says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bnviz.words.numbers import loss, seeds
from bnviz.words.shift.turns import turn

if TYPE_CHECKING:
    from bnviz.verdicts.deep_linear import End, LinearVerdict

LINEAR = """
25 layers of 10 x 10, no activation function, 1000 Gaussian inputs in one batch, a linear target.
The three networks one after the other; the noisy one takes a moment.
"""


def told(verdict: LinearVerdict) -> str:
    """What the deep linear networks that are done show."""
    ends = (_end(one, verdict.steps) for one in verdict.ends)
    return " ".join(filter(None, (*ends, _turns(verdict))))


def _end(end: End, steps: int) -> str:
    name, lost = THREE_FIRST[end.arm], seeds(end.diverged, end.seeds)
    if end.diverged == end.seeds:
        return f"{name} diverged in {lost}."
    said = (
        f"{name} ends at a loss of {loss(end.loss)} after {steps} steps; its gradient turned by"
        f" {turn(end.turn)} on average."
    )
    return f"{said} It diverged in {lost}." if end.diverged else said


THREE_FIRST = {"plain": "Plain", "batch": "BN", "noisy": "Noisy BN"}

AT_BOTH = {
    "plain": "Over training, plain's gradient turns more, at the end too.",
    "batch": "Over training, BN's gradient turns more, at the end too.",
    None: "Over training, neither gradient turns clearly more, at the end too.",
}
OVER_TRAINING = {
    "plain": "Over training, plain's gradient turns more.",
    "batch": "Over training, BN's gradient turns more.",
    None: "Over training, neither gradient turns clearly more.",
}
AT_THE_END = {
    "plain": "At the last step plain's gradient turns more.",
    "batch": "At the last step BN's gradient turns more.",
    None: "At the last step neither gradient turns clearly more.",
}


def _turns(verdict: LinearVerdict) -> str:
    if not verdict.both_done:
        return ""
    turns = verdict.turns
    if not turns:
        return "Where one of the two diverges there is nothing to compare."
    if turns.overall == turns.at_the_end:
        return AT_BOTH[turns.overall]
    return f"{OVER_TRAINING[turns.overall]} {AT_THE_END[turns.at_the_end]}"
