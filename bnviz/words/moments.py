"""What BN holds still: all that this part of the shift page says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bnviz.words.numbers import significant
from bnviz.words.pair import factor, over_seeds
from bnviz.words.shift import THREE, UNCOMPARED, turn

if TYPE_CHECKING:
    from bnviz.verdicts.moments import MomentsVerdict
    from bnviz.verdicts.shift import ShiftVerdict

MOMENTS = """
What BN sets are the first two moments: on its own mini-batch they are β and |γ|, and move only as
these do. Here is how far mean and deviation of what enters an activation function move in a single
update (the median layer).
"""


def told(verdict: MomentsVerdict, of: ShiftVerdict) -> str:
    """How far one update moves the moments, and what became of the network with noise."""
    if verdict.noisy == "unknown":
        return "Not all networks could be followed to the end, so their moments are not compared."
    named = zip(THREE.values(), verdict.moved, strict=True)
    parts = ", ".join(f"{significant(moved)} in {name}" for name, moved in named)
    said = (
        "The moments: one update moves mean and deviation of what enters an activation function by"
        f" {parts} (in deviations)."
    )
    if not of.noisy_learned:
        return f"{said} Noisy BN did not learn much, so nothing follows from it."
    if verdict.noisy == "not the most":
        return f"{said} The noise is not the largest movement here."
    what = {
        "first": "and learns better than plain",
        "neither": "and learns as well as plain",
        "second": "and learns less than plain",
    }[of.noisy_beside_plain]
    far = "by far " if verdict.noisy == "by far" else ""
    return f"{said} Noisy BN has {far}the least stable layers, {what}."


def beliefs(verdict: MomentsVerdict, of: ShiftVerdict) -> dict[str, str]:
    """What is often believed of the moments, and what this run says of it."""
    still = "BN holds the distributions still, so the layers need not adapt."
    return {still: _still(verdict, of)}


def _still(verdict: MomentsVerdict, of: ShiftVerdict) -> str:
    if not (verdict.compared and of.compared):
        return UNCOMPARED
    plain, batch, _ = verdict.moved
    if not verdict.still:
        return (
            f"Not even the moments: they move by {_deviations(batch)} in one update, in plain by"
            f" {significant(plain)}."
        )
    one = verdict.compared
    return (
        f"The moments, yes: in plain they move {factor(one)} as far ({over_seeds(one)}), because"
        " BN sets them. But the same update still turns the gradient of a layer by"
        f" {turn(of.compared.overall.batch)}: mean and deviation are not all that a layer"
        " depends on."
    )


def _deviations(value: float) -> str:
    """0.37 of a deviation; 2.4 deviations."""
    return f"{significant(value)} {'of a deviation' if value <= 1 else 'deviations'}"
