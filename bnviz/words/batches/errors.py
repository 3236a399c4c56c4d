"""Test errors, and who diverged: what all parts of the lesson on batches say in the same words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from bnviz.words.names import RELATIVES
from bnviz.words.numbers import listed, percent

if TYPE_CHECKING:
    from bnviz.verdicts.batches import AtSize, BatchesVerdict, Lost, Mending, Noise


def wrong(accuracy: float) -> str:
    """The test error: 30 %; NaN: it diverged."""
    return percent(1 - accuracy)


def capital(name: str) -> str:
    """A name at the beginning of a sentence: Plain, BN, Layer norm."""
    return name[:1].upper() + name[1:]


def sizes(some: Iterable[AtSize]) -> str:
    """2, 4 and 8."""
    return listed([str(at.size) for at in some])


def at_sizes(some: Sequence[int]) -> str:
    """batch size 2; batch sizes 2, 4 and 8."""
    if len(some) == 1:
        return f"batch size {some[0]}"
    return f"batch sizes {listed([str(size) for size in some])}"


def lost(some: Iterable[Lost]) -> str:
    """Who diverged, and how many runs of all."""
    return " ".join(
        f"{capital(RELATIVES[one.kind])} diverged in {one.runs} of {one.of} runs, which are left"
        " out."
        for one in some
    )


def lost_on_mixed(some: Iterable[Lost]) -> str:
    """The same of the networks that are trained on mixed batches, beside those on sorted ones."""
    return " ".join(
        f"{capital(RELATIVES[one.kind])} diverged in {one.runs} of {one.of} runs on mixed batches,"
        " which are left out."
        for one in some
    )


def mends(mending: Mending | None) -> str:
    """What precise statistics give back where they give most."""
    if not mending:
        return ""
    at = mending.at
    told = (
        f"At batch size {at.size} BN's test error is {wrong(at.batch)} with running averages,"
        f" {wrong(at.precise)} with precise statistics."
    )
    match mending.cure:
        case "much":
            return f"Precise statistics at inference mend much of it where they help most. {told}"
        case "some":
            return f"Precise statistics at inference are a partial cure at best. {told}"
        case "in few seeds":
            return f"Precise statistics at inference help, but not in most seeds. {told}"
    return (
        f"Precise statistics at inference do not mend it. {told} The harm is in the training, not"
        " in the running averages."
    )


def pays(verdict: BatchesVerdict) -> str:
    """What small batches cost BN, and those that never look at their neighbours."""
    said = _compared(verdict.noise) if verdict.noise else ""
    if verdict.smallest.size > 1:
        return said
    alone = (
        "In a batch of one, BN's output is β, whatever the input: nothing is left of the sample."
    )
    return f"{alone} {said}" if said else alone


def _compared(noise: Noise) -> str:
    match noise.felt:
        case "no more":
            return "Smaller batches cost BN no more than the others."
        case "less":
            return (
                "Smaller batches mean more updates for equally many samples; the others gain more"
                " from that than BN."
            )
        case "alone":
            return (
                "In small batches every network has a noisier gradient, but only BN gets worse:"
                " its statistics come from so few samples."
            )
    return (
        "In small batches the others lose too, by a noisier gradient. BN loses more: its statistics"
        " come from so few samples."
    )
