"""A deep linear network: all that this section of the shift page says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bnviz.words.numbers import loss, seeds
from bnviz.words.shift import THREE, turn

if TYPE_CHECKING:
    from bnviz.verdicts.deep_linear import End, LinearVerdict

LINEAR = """
25 layers of 10 x 10, no activation function, 1000 Gaussian inputs in one batch, a linear target.
The three networks one after the other; the noisy one takes a moment.
"""


def told(verdict: LinearVerdict) -> str:
    """What the deep linear networks that are done show."""
    ends = "; ".join(map(_end, verdict.ends))
    return f"After {verdict.steps} steps {ends}.{_turns(verdict)}"


def _end(end: End) -> str:
    name, lost = THREE[end.arm], seeds(end.diverged, end.seeds)
    if end.diverged == end.seeds:
        return f"{name}: diverged in {lost}"
    said = f"{name}: loss {loss(end.loss)}, gradient turned by {turn(end.turn)} on average"
    return f"{said}, diverged in {lost}" if end.diverged else said


def _turns(verdict: LinearVerdict) -> str:
    if not verdict.both_done:
        return ""
    turns = verdict.turns
    if not turns:
        return " Where one of the two diverges there is nothing to compare."
    words = {
        "plain": "plain's turns more",
        "batch": "BN's turns more",
        None: "neither turns clearly more",
    }
    said = f" Over training, {words[turns.overall]}"
    if turns.overall == turns.at_the_end:
        return f"{said}, at the end too."
    return f"{said}; at the last step {words[turns.at_the_end]}."
