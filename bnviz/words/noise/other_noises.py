"""Dropout and the batch size: all that these sections of the noise page say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bnviz.words.names import SUBJECTS
from bnviz.words.numbers import listed, percent, points

if TYPE_CHECKING:
    from bnviz.verdicts.other_noises import Dropout, DropoutVerdict, SizesVerdict

DROPOUT = """
Dropout is noise too. Here the same networks have dropout behind every hidden layer; BN's statistics
are over the whole batch.
"""
SWEEP = """
The usual experiment changes the batch size itself, for the same number of epochs. That mixes **two
noises**: that of BN's statistics and that of SGD's gradient, which grows with the rate divided by
the batch size. The plain network has the second noise alone. With a rate in proportion to the
batch, the second noise stays about the same from size to size; with one rate for all, both change.
"""


def dropout(verdict: DropoutVerdict) -> str:
    """Dropout beside ghost batches, in a sentence."""
    said = [_dropout(one) for one in verdict.treatments]
    if verdict.chunks:
        said.append(
            f"BN without dropout, in ghost batches of {verdict.chunks.size}, reaches"
            f" {percent(verdict.chunks.accuracy)}."
        )
    return " ".join(said)


WHO = {"plain": SUBJECTS["plain"], "batch": f"{SUBJECTS['batch']} over the whole batch"}


def _dropout(one: Dropout) -> str:
    name, best, without = WHO[one.treatment], percent(one.best), percent(one.without)
    rates = listed([f"{rate:g}" for rate in one.rates], "or")
    match one.effect:
        case "lost":
            return f"{name} diverged with dropout, in most seeds."
        case "lost without":
            return (
                f"{name} reaches {best} with dropout {rates}, and diverged without it, in most"
                " seeds."
            )
        case "helps":
            return f"{name} gains: it reaches {best} with dropout {rates}, and {without} without."
        case "harms":
            return (
                f"{name} loses: it reaches at best {best} with dropout {rates}, and {without}"
                " without."
            )
    return f"{name} hardly changes: it reaches {best} with dropout {rates}, and {without} without."


def sizes(verdict: SizesVerdict) -> str:
    """BN by batch size beside BN by ghost batch size."""
    if not verdict.sizes:
        return "BN diverged at every batch size, in most seeds."
    some = listed([str(size) for size in verdict.sizes], "or")
    best = f"By batch size, BN does best at {some}: {percent(verdict.best)}."
    return " ".join((best, *_plain(verdict), *_widest(verdict)))


def _plain(verdict: SizesVerdict) -> tuple[str, ...]:
    if not verdict.plain:
        return ()
    low, high = map(percent, verdict.plain)
    if low == high:
        return (f"The plain network, which has the noise of SGD alone, stays at {low}.",)
    return (f"The plain network, which has the noise of SGD alone, lies between {low} and {high}.",)


def _widest(verdict: SizesVerdict) -> tuple[str, ...]:
    if not verdict.widest:
        return ()
    apart, size = verdict.widest
    return (
        f"Batches and ghost batches of the same size differ in test accuracy by {points(apart)} at"
        f" most, at {size}.",
    )
