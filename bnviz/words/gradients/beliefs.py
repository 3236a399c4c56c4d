"""Gradient predictiveness: what is often believed, and what a run says of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bnviz.words.belief import Belief
from bnviz.words.gradients.turns import OWNERS
from bnviz.words.names import NAMES, SUBJECTS
from bnviz.words.numbers import degrees, listed, seeds
from bnviz.words.pair import factor

if TYPE_CHECKING:
    from bnviz.axes import Treatment
    from bnviz.verdicts.criteria import Comparison
    from bnviz.verdicts.gradients import GradientsVerdict


def beliefs(verdict: GradientsVerdict) -> dict[str, str]:
    """What is often believed, and what this run says of it."""
    return {
        Belief.TO_THE_MINIMUM: _points(verdict),
        Belief.MORE_PREDICTABLE: _always(verdict),
        Belief.SMOOTHER_LEARNS: _smoother(verdict),
    }


def _points(verdict: GradientsVerdict) -> str:
    far, little = (listed(_turned(verdict, hardly=hardly)) for hardly in (False, True))
    if not (far or little):
        return "In this run there was no gradient left to follow."
    if not far and verdict.optimizer == "sgd":
        return (
            "At this rate it may look so: one step along it hardly turns it, on average by"
            f" {little}."
        )
    if not far:
        return (
            "At this rate it may look so: one learning rate along it hardly turns it, on average"
            f" by {little}."
        )
    said = f"It says which way is down from here. {_elsewhere(verdict, far)}"
    return f"{said} The other has hardly turned: by {little}." if little else said


def _elsewhere(verdict: GradientsVerdict, far: str) -> str:
    if verdict.optimizer == "sgd":
        return (
            "One step along it, on the very same mini-batch, it points elsewhere already: it has"
            f" turned by {far}, averaged over training."
        )
    return (
        "One learning rate along it, on the very same mini-batch, it points elsewhere already: it"
        f" has turned by {far}, averaged over training."
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
    change, turns = verdict.compared.change, verdict.walk.more
    if turns and turns != change.more:
        return _in_part(change, turns)
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


def _in_part(change: Comparison, turns: Treatment) -> str:
    """Where the direction alone, which the headline is of, says another thing than the change."""
    if change.more:
        return (
            f"In part: in direction and length together, {NAMES[change.more]}'s gradient changes"
            f" {factor(change)} as much as {NAMES[turns]}'s, but in the longest step"
            f" {NAMES[turns]}'s turns more."
        )
    turned = f"In the longest step {NAMES[turns]}'s gradient turns more"
    if change.open:
        return (
            f"{turned}. On how it changes in direction and length together, the seeds do not agree."
        )
    return f"{turned}. In direction and length together, both change about as much."


def _smoother(verdict: GradientsVerdict) -> str:
    if not verdict.smoother:  # about alike; or both have diverged, and are both rough
        return "In this run neither of them is clearly the smoother one."
    own, other = verdict.fell if verdict.smoother == "plain" else verdict.fell[::-1]
    plain, batch = (seeds(number, verdict.seeds) for number in verdict.fell)
    match verdict.most_fell:
        case (False, False):
            return _neither_fell(verdict)
        case (True, True):
            return (
                f"{SUBJECTS[verdict.smoother]} is the smoother one here, and both losses fell:"
                f" plain's in {plain}, BN's in {batch}. Smoothness allows larger steps; it is not"
                " learning itself."
            )
    here = (
        f"{OWNERS[verdict.smoother]} gradient changes less, in direction and length together."
        f" Plain's loss fell by half in {plain}, BN's in {batch}."
    )
    if own < other:
        hardly = "What hardly learns can change hardly at all."
        return f"Not here. {here}" if verdict.compared else f"Not here. {here} {hardly}"
    return (
        f"Here it is. {here} That is one run, not a rule: a network that does not learn at all can"
        " be the smoothest."
    )


def _neither_fell(verdict: GradientsVerdict) -> str:
    assert verdict.smoother
    name = NAMES[verdict.smoother]
    if not any(verdict.fell):
        return f"Here neither loss falls by half, and {name} is the smoother one all the same."
    plain, batch = (seeds(number, verdict.seeds) for number in verdict.fell)
    return (
        f"Here neither loss falls by half in most seeds (plain's in {plain}, BN's in {batch}), and"
        f" {name} is the smoother one all the same."
    )
