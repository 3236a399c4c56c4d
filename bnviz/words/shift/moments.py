"""What BN holds still: all that this part of the shift page says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bnviz.words.numbers import significant
from bnviz.words.pair import factor, over_seeds
from bnviz.words.shift.beliefs import UNCOMPARED
from bnviz.words.shift.turns import THREE, turn

if TYPE_CHECKING:
    from bnviz.verdicts.criteria import Leader
    from bnviz.verdicts.moments import MomentsVerdict
    from bnviz.verdicts.shift import ShiftVerdict

MOMENTS = """
BN sets mean and standard deviation (the first two moments): on its own mini-batch they are β and
|γ|, and change only as these do. The picture shows how far a single update changes both, in what
enters an activation function (the median layer).
"""
STILL = "BN holds the distributions still, so the layers need not adapt."


def told(verdict: MomentsVerdict, of: ShiftVerdict) -> str:
    """How far one update changes the moments; then what is often believed of them."""
    return f"{_changes(verdict, of)}\n\n*“{STILL.rstrip('.')}”*? {_still(verdict, of)}"


def _changes(verdict: MomentsVerdict, of: ShiftVerdict) -> str:
    if verdict.noisy == "unknown":
        return "Not all networks could be followed to the end, so their moments are not compared."
    named = zip(THREE.values(), verdict.moved, strict=True)
    parts = ", ".join(f"{significant(moved)} in {name}" for name, moved in named)
    return (
        f"One update changes mean and standard deviation by {parts}, in units of the standard"
        f" deviation. {_noisy(verdict, of)}"
    )


def _noisy(verdict: MomentsVerdict, of: ShiftVerdict) -> str:
    if not of.noisy_learned:
        return "Noisy BN did not learn much, so nothing follows from it."
    if verdict.noisy == "not the most":
        return "Noisy BN's is not the largest change here."
    told = BY_FAR if verdict.noisy == "by far" else LARGEST
    return told[of.noisy_beside_plain]


BY_FAR: dict[Leader, str] = {
    "first": "Noisy BN's change is by far the largest, and it learns better than plain.",
    "neither": "Noisy BN's change is by far the largest, and it learns as well as plain.",
    "second": "Noisy BN's change is by far the largest, and it learns less than plain.",
}
LARGEST: dict[Leader, str] = {
    "first": "Noisy BN's change is the largest, and it learns better than plain.",
    "neither": "Noisy BN's change is the largest, and it learns as well as plain.",
    "second": "Noisy BN's change is the largest, and it learns less than plain.",
}


def _still(verdict: MomentsVerdict, of: ShiftVerdict) -> str:
    if not (verdict.compared and of.compared):
        return UNCOMPARED
    plain, batch, _ = verdict.moved
    if not verdict.still:
        return (
            f"Not even the moments: one update changes them by {_deviations(batch)}, in plain by"
            f" {significant(plain)}."
        )
    one = verdict.compared
    return (
        f"The moments, yes: in plain they change {factor(one)} as much as in BN, which sets them."
        f" {over_seeds(one)} But the same update still turns the gradient of a layer with BN by"
        f" {turn(of.compared.overall.batch)}: mean and standard deviation are not all that a layer"
        " depends on."
    )


def _deviations(value: float) -> str:
    """0.37 of a standard deviation; 2.4 standard deviations."""
    if value <= 1:
        return f"{significant(value)} of a standard deviation"
    return f"{significant(value)} standard deviations"
