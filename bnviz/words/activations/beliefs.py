"""Inside the layers: what is often believed, and what a run says of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bnviz.words.activations.findings import failed, failure, no_idle
from bnviz.words.belief import Belief
from bnviz.words.numbers import fine_percent, hundredths, listed, noticeable, significant

if TYPE_CHECKING:
    from bnviz.verdicts.activations import ActivationsVerdict, Stopped


def beliefs(verdict: ActivationsVerdict) -> dict[str, str]:
    """What is often believed, and what this run says of it."""
    return {
        Belief.GAUSSIAN: _gaussian(verdict),
        Belief.STOPS_MOVING: _stopped(verdict),
        Belief.EVERY_UNIT_STANDARD: _standard(verdict),
        Belief.ONLY_PLAIN_DEAD: _only_plain(verdict),
    }


NO_UNIT = "In this run there is no unit with BN whose values could say."


def _gaussian(verdict: ActivationsVerdict) -> str:
    shape = verdict.shape
    if shape is None:
        return NO_UNIT
    near = "In this run nearly, before the activation function." if shape.nearly_gaussian else "No."
    said = (
        f"{near} BN shifts and stretches the values of a unit and leaves their shape alone: a"
        f" typical unit has a skewness of {significant(shape.skewness)} (as many samples of a"
        f" Gaussian have {significant(shape.of_a_gaussian)}) and an excess kurtosis of"
        f" {significant(shape.kurtosis)}."
    )
    return said if shape.zeros is None else f"{said} {_zeros(shape.zeros, verdict.seeds)}"


def _zeros(share: float, of: int) -> str:
    zeros = fine_percent(share)
    if of == 1:
        return f"After the activation function {zeros} of the values are exactly 0."
    return f"After the activation function {zeros} of the values are exactly 0, in the first seed."


STOPPED: dict[Stopped, str] = {
    "unknown": "In this run one of the networks diverged before anything could be said.",
    "contrary": "On the contrary.",
    "unclear": "The seeds of this run do not agree.",
    "as far": "Not here.",
    "does": "In this run it does.",
    "nearly": "In this run nearly.",
    "slows": "It slows them.",
}


def _stopped(verdict: ActivationsVerdict) -> str:
    said = STOPPED[verdict.stopped]
    if verdict.stopped == "unknown":
        return said
    batch = verdict.batch
    moved = (
        f"BN's moved in its typical layer by {noticeable(batch.moved)} of the initial standard"
        f" deviation, in the one that moved most by {noticeable(batch.most)}; plain's by"
        f" {noticeable(verdict.plain.moved)}."
    )
    return " ".join((said, moved, *map(failure, failed(verdict))))


def _standard(verdict: ActivationsVerdict) -> str:
    standard = verdict.standard
    if standard is None:
        return NO_UNIT
    start = "At the start, yes; then γ and β learn."
    if standard.least_at_start is not None:
        start = (
            "Not even at the start: where units hardly vary, a layer's standard deviation is as"
            f" low as {hundredths(standard.least_at_start)}. Then γ and β learn."
        )
    moved = "They have hardly moved yet." if standard.hardly_moved else "They have moved."
    mean, std = (listed([*map(hundredths, ends)]) for ends in (standard.mean, standard.std))
    return (
        f"{start} {moved} At the end, nine units in ten have a mean between {mean} and a"
        f" standard deviation between {std}."
    )


def _only_plain(verdict: ActivationsVerdict) -> str:
    kind, plain, batch = verdict.kind, verdict.plain.worst, verdict.batch.worst
    if kind is None:
        return f"{no_idle(verdict.activation)} Choose relu, tanh or sigmoid to see."
    match verdict.only_plain:
        case "unknown":
            return "In this run one of the networks diverged before anything could be said."
        case "neither":
            return f"In this run neither network shows any that are {kind}."
        case "so":
            return (
                f"In this run it is so: BN shows none that are {kind}, plain up to"
                f" {fine_percent(plain.share)} of a layer. BN centres a unit before β shifts it;"
                " nothing keeps β from pushing it out."
            )
    most, layer, step = fine_percent(batch.share), batch.layer, batch.step
    if verdict.only_plain == "contrary":
        return (
            f"On the contrary: BN has some that are {kind}, up to {most} of layer {layer} at step"
            f" {step}; plain has none."
        )
    return (
        f"No: BN has some that are {kind} too, up to {most} of layer {layer} at step {step}; plain"
        f" has up to {fine_percent(plain.share)}."
    )
