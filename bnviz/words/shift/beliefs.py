"""Is it internal covariate shift?: what is often believed, and what a run says of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bnviz.words.belief import Belief
from bnviz.words.names import samples
from bnviz.words.numbers import listed, percent
from bnviz.words.shift import THREE, turn

if TYPE_CHECKING:
    from bnviz.verdicts.shift import ShiftVerdict

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
        f"a layer's gradient turns by {turn(overall.batch)} with BN and by"
        f" {turn(overall.plain)} without"
    )
    if overall.open:
        return f"This run leaves it open: {angles}, and the seeds do not agree."
    if overall.more == "plain":
        return (
            f"In this run BN has less of it: {angles}. Whether that is why it trains is another"
            " question: noisy BN was made to answer it."
        )
    amount = "more of it" if overall.more == "batch" else "about as much of it"
    return f"Not here: there is {amount} with BN ({angles})."


def _of_the_inputs(verdict: ShiftVerdict) -> str:
    said = (
        f"No: the {samples(verdict.dataset)} that come in are drawn from the same set at every"
        " step. What changes is what the layers below make of them"
    )
    angle = verdict.largest_turn
    if angle != angle:  # NaN
        return f"{said}."
    up_to = "up to " if angle >= 0.1 else ""
    return f"{said}: in plain, a layer's gradient turns by {up_to}{turn(angle)}."


def _trains_worse(verdict: ShiftVerdict) -> str:
    three = verdict.three
    if not three:
        return "This run cannot say: not all three networks learned in one and the same seed."
    named = zip(THREE.values(), three.turns, verdict.accuracy, strict=True)
    facts = ", ".join(f"{name} {turn(angle)} and {percent(end)}" for name, angle, end in named)
    facts = f"(turn, accuracy: {facts})"
    who = listed([THREE[arm] for arm in three.most])
    most = f"{who} shift{'s' * (len(three.most) == 1)} most"
    match three.rank:
        case "alike":
            return f"This run cannot say: all three shift about as much {facts}."
        case "best":
            return f"Not here: {most}, and no other is clearly better in most seeds {facts}."
        case "worst":
            least = "every other is clearly more accurate"
            least = least if three.alone else "no other is clearly less accurate"
            return f"Here {most}, and {least} {facts}."
    return f"Not in this order: {most}, but others are clearly more and less accurate {facts}."
