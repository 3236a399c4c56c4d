"""Recurrent networks: all that this part of the page says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bnviz.words.numbers import percent

if TYPE_CHECKING:
    from bnviz.verdicts.recurrent import Longer, RecurrentVerdict, Statistics

PICTURES = ("Image last", "Image first")
READING = """
A recurrent network reads the image row by row, in 8 steps, and names it after the last. BN
normalizes its state at each step, over the mini-batch. For inference it keeps running averages of
**each step**, or **shared** by all. Then sequences are longer than any in training: empty rows
(the mean of all images) come before the image, or after it.
"""
NAMES = {
    "plain": "plain",
    "per step": "BN (per step)",
    "shared": "BN (shared)",
    "layer": "layer norm",
}


def told(verdict: RecurrentVerdict) -> str:
    """What the recurrent networks show."""
    trained = _ends(verdict.trained)
    first = f"Test accuracy on {verdict.image_rows} rows, as in training: {trained}."
    if not verdict.learned:
        return f"{first} None of them learns here."
    said = [
        first,
        _statistics(verdict.statistics) if verdict.statistics else "",
        _late(verdict.late, verdict.image_rows) if verdict.late else "",
        _early(verdict.early) if verdict.early else "",
    ]
    return " ".join(filter(None, said))


def _ends(ends: dict[str, float]) -> str:
    return ", ".join(f"{NAMES[arm]} {_right(accuracy)}" for arm, accuracy in ends.items())


def _right(accuracy: float) -> str:
    return percent(accuracy) if accuracy == accuracy else "diverged"  # NaN


def _statistics(some: Statistics) -> str:
    """Own statistics for each step, or shared ones."""
    said = (
        f"BN has {percent(some.own)} with running averages for each step, {percent(some.shared)}"
        " with those shared by all."
    )
    match some.leader:
        case "first":
            return f"{said} A step needs running averages of its own."
        case "second":
            return f"{said} Here the shared ones are better."
        case "unclear":
            return f"{said} The seeds do not agree which are better."
    return f"{said} Here it makes no clear difference."


def _late(longer: Longer, image_rows: int) -> str:
    """Sequences longer than in training, the image at their end."""
    said = (
        f"After {longer.rows} empty rows, {image_rows + longer.rows} in all, most of them beyond"
        f" any in training: {_ends(longer.ends)}."
    )
    if longer.worse:
        return f"{said} Clearly worse than in training: {_named(longer.worse)}."
    if "per step" not in longer.ends:
        return f"{said} None loses clearly."
    return (
        f"{said} None loses clearly, not even {NAMES['per step']}, which has no running averages"
        f" beyond step {image_rows} and uses those of step {image_rows}."
    )


def _named(arms: tuple[str, ...]) -> str:
    return "; ".join(NAMES[arm] for arm in arms)


def _early(longer: Longer) -> str:
    """The digit first: what must be kept in mind."""
    said = f"With {longer.rows} empty rows after the image: {_ends(longer.ends)}."
    if longer.kept:
        return f"{said} No clear loss: {_named(longer.kept)}."
    if longer.learned:
        return f"{said} All of them lose accuracy: they were never asked to remember."
    return (
        f"{said} All of them lose the image: they were never asked to remember, and no normalizer"
        " does it for them."
    )
