"""Gradient predictiveness: what is often believed, and what a run says of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bnviz.words.belief import Belief
from bnviz.words.names import NAMES, SUBJECTS
from bnviz.words.numbers import degrees, listed, seeds
from bnviz.words.pair import factor

if TYPE_CHECKING:
    from bnviz.verdicts.gradients import GradientsVerdict


def beliefs(verdict: GradientsVerdict) -> dict[str, str]:
    """What is often believed, and what this run says of it."""
    return {
        Belief.TO_THE_MINIMUM: _points(verdict),
        Belief.MORE_PREDICTABLE: _always(verdict),
        Belief.SMOOTHER_LEARNS: _smoother(verdict),
    }


def _points(verdict: GradientsVerdict) -> str:
    far, little = _turned(verdict, hardly=False), _turned(verdict, hardly=True)
    step = "one step" if verdict.optimizer == "sgd" else "one learning rate"
    if not (far or little):
        return "In this run there was no gradient left to follow."
    if not far:
        return (
            f"At this rate it may look so: {step} along it hardly turns it, on average by"
            f" {listed(little)}."
        )
    besides = f" (hardly turned: {listed(little)})" if little else ""
    return (
        f"It says which way is down from here. {step.capitalize()} along it, on the very same"
        f" mini-batch, it points elsewhere already: it has turned by {listed(far)}, averaged over"
        f" training{besides}."
    )


def _turned(verdict: GradientsVerdict, *, hardly: bool) -> list[str]:
    """By how much one learning rate turns those gradients that it turns, or hardly turns."""
    each = list(zip(verdict.near, verdict.hardly, NAMES.values(), strict=True))
    return [
        f"{degrees(angle)} ({name})" if verdict.with_bn else degrees(angle)
        for angle, little, name in (each if verdict.with_bn else each[:1])
        if little == hardly and angle == angle
    ]


def _always(verdict: GradientsVerdict) -> str:
    if not verdict.with_bn:
        return "This run cannot tell: neither network has BN."
    if not verdict.compared:
        return "This run cannot tell: there is no pair in which both losses fell."
    change = verdict.compared.change
    if change.more == "plain":
        elsewhere = "One run is not always." if verdict.activation == "tanh" else "Try tanh."
        return (
            f"It does in this run: plain's gradient changes {factor(change)} as much as BN's."
            f" {elsewhere}"
        )
    if change.more == "batch":
        return f"Not in this run: BN's gradient changes {factor(change)} as much as plain's."
    if change.open:
        return "Not in this run: the seeds do not agree."
    return "Not in this run: there is hardly a difference."


def _smoother(verdict: GradientsVerdict) -> str:
    if not verdict.smoother:  # about alike; or both have diverged, and are both rough
        return "In this run neither of them is clearly the smoother one."
    name, of = NAMES[verdict.smoother], verdict.seeds
    plain, batch = verdict.fell
    own, other = (plain, batch) if verdict.smoother == "plain" else (batch, plain)
    each = f"plain's in {seeds(plain, of)}, BN's in {seeds(batch, of)}"
    match verdict.most_fell:
        case (False, False):
            where = f" in most seeds ({each})" if own or other else ""
            return (
                f"Here neither loss falls by half{where}, and {name} is the smoother one all the"
                " same."
            )
        case (True, True):
            return (
                f"{SUBJECTS[verdict.smoother]} is the smoother one here, and both losses fell:"
                f" {each}. Smoothness allows larger steps; it is not learning itself."
            )
    each = f"plain's loss fell by half in {seeds(plain, of)}, BN's in {seeds(batch, of)}"
    here = f"{name}'s gradient changes less, in direction and length together; {each}."
    if own < other:
        hardly = "" if verdict.compared else " What hardly learns can change hardly at all."
        return f"Not here: {here}{hardly}"
    return (
        f"Here it is: {here} That is one run, not a rule: a network that does not learn at all can"
        " be the smoothest."
    )
