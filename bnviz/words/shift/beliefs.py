"""Is it internal covariate shift?: what is often believed, and what a run says of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bnviz.words.belief import Belief
from bnviz.words.names import samples
from bnviz.words.numbers import listed, percent
from bnviz.words.shift.turns import THREE, turn

if TYPE_CHECKING:
    from bnviz.verdicts.shift import ShiftVerdict, Three

UNCOMPARED = "This run cannot say: there is no pair of networks that both learned."


def beliefs(verdict: ShiftVerdict) -> dict[str, str]:
    """What is often believed, and what this run says of it."""
    return {
        Belief.REMOVES_SHIFT: _removes(verdict),
        Belief.SHIFT_OF_INPUTS: _of_the_inputs(verdict),
        Belief.SHIFT_TRAINS_WORSE: _trains_worse(verdict),
    }


def _removes(verdict: ShiftVerdict) -> str:
    if not verdict.compared:
        return UNCOMPARED
    overall = verdict.compared.overall
    angles = (
        f"A layer's gradient turns by {turn(overall.batch)} with BN and by {turn(overall.plain)}"
        " without."
    )
    if overall.open:
        return f"This run leaves it open, for the seeds do not agree. {angles}"
    if overall.more == "plain":
        return (
            f"In this run BN has less of it. {angles} Whether that is why it trains is another"
            " question: noisy BN was made to answer it."
        )
    if overall.more == "batch":
        return f"Not here: there is more of it with BN. {angles}"
    return f"Not here: there is about as much of it with BN. {angles}"


def _of_the_inputs(verdict: ShiftVerdict) -> str:
    said = (
        f"No: the {samples(verdict.dataset)} that come in are drawn from the same set at every"
        " step. What changes is what the layers below make of them."
    )
    angle = verdict.largest_turn
    if angle != angle:  # NaN
        return said
    if angle >= 0.1:
        return f"{said} In plain, a layer's gradient turns by up to {turn(angle)}."
    return f"{said} In plain, a layer's gradient turns by {turn(angle)}."


def _trains_worse(verdict: ShiftVerdict) -> str:
    three = verdict.three
    if not three:
        return "This run cannot say: not all three networks learned in one and the same seed."
    named = zip(THREE.values(), three.turns, verdict.accuracy, strict=True)
    facts = ", ".join(f"{name} {turn(angle)} and {percent(end)}" for name, angle, end in named)
    return f"{_ranked(three)} Turn and accuracy: {facts}."


def _ranked(three: Three) -> str:
    most = listed([THREE[arm] for arm in three.most])
    match three.rank:
        case "alike":
            return "This run cannot say: all three shift about as much."
        case "best":
            return (
                f"Not here: the most shift is in {most}, and no other is clearly better in most"
                " seeds."
            )
        case "worst" if three.alone:
            return f"Here the most shift is in {most}, and every other is clearly more accurate."
        case "worst":
            return f"Here the most shift is in {most}, and no other is clearly less accurate."
    return (
        f"Not in this order: the most shift is in {most}, but others are clearly more and less"
        " accurate."
    )
