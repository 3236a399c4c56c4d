"""Inside the layers: what is often believed, and what a run says of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bnviz.words.activations.findings import failed, failure, no_idle
from bnviz.words.belief import Belief
from bnviz.words.numbers import fine_percent, hundredths, noticeable, significant

if TYPE_CHECKING:
    from bnviz.verdicts.activations import ActivationsVerdict


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
    zeros = (
        ""
        if shape.zeros is None
        else f". After the activation function {fine_percent(shape.zeros)} of the values are"
        f" exactly 0{', in the first seed' if verdict.seeds > 1 else ''}"
    )
    return (
        f"{near} BN shifts and stretches the values of a unit and leaves their shape alone: a"
        f" typical unit has a skewness of {significant(shape.skewness)} (as many samples of a"
        f" Gaussian have {significant(shape.of_a_gaussian)}) and an excess kurtosis of"
        f" {significant(shape.kurtosis)}{zeros}."
    )


def _stopped(verdict: ActivationsVerdict) -> str:
    begin = {
        "unknown": "",
        "contrary": "On the contrary",
        "unclear": "The seeds of this run do not agree",
        "as far": "Not here",
        "does": "In this run it does",
        "nearly": "In this run nearly",
        "slows": "It slows them",
    }[verdict.stopped]
    if not begin:
        return "In this run one of the networks diverged before anything could be said."
    batch = verdict.batch
    failures = "".join(f" {failure(one)}." for one in failed(verdict))
    return (
        f"{begin}: BN's moved in its typical layer by {noticeable(batch.moved)} of the initial"
        f" standard deviation, in the one that moved most by {noticeable(batch.most)}; plain's by"
        f" {noticeable(verdict.plain.moved)}.{failures}"
    )


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
    moved = "They have hardly moved yet" if standard.hardly_moved else "They have moved"
    mean, std = (" and ".join(map(hundredths, ends)) for ends in (standard.mean, standard.std))
    return (
        f"{start} {moved}: at the end, nine units in ten have a mean between {mean} and a"
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
    some = f"up to {fine_percent(batch.share)} of layer {batch.layer} at step {batch.step}"
    if verdict.only_plain == "contrary":
        return f"On the contrary: BN has some that are {kind}, {some}; plain has none."
    return (
        f"No: BN has some that are {kind} too, {some}; plain has up to {fine_percent(plain.share)}."
    )
