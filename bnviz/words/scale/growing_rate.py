"""A learning rate that grows without end: what the page on scale says of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bnviz.words.numbers import at_steps, percent, seeds, significant

if TYPE_CHECKING:
    from bnviz.verdicts.growing_rate import GrowingVerdict, Growth

GROWING = r"""
Weight decay shortens W at every step, which raises the effective learning rate. So does a learning
rate that grows: **for weights before a BN** SGD with weight decay λ at the rate lr takes the same
steps, up to the length of W, as SGD without decay at a rate that is multiplied by
$(1 - \mathrm{lr}\,\lambda)^{-2}$ at every step (Li & Arora 2020). Here the rate starts at 0.1 and
grows for 400 steps, in the hidden layers alone: γ, β and the output layer, whose scale counts, keep
0.1.
"""

STANDS = {
    "same": "BN ends about as accurate with the growing rate as with weight decay.",
    "first": "BN ends more accurate with weight decay.",
    "second": "BN ends more accurate with the growing rate.",
    "unclear": "The seeds do not agree which of BN's two networks ends more accurate.",
}


def findings(verdict: GrowingVerdict) -> str:
    """A paragraph for each growth."""
    return "\n\n".join(map(_growth, verdict.growths))


def _growth(growth: Growth) -> str:
    return " ".join((_headline(growth), _ends(growth), *_lost(growth)))


def _headline(growth: Growth) -> str:
    last = significant(growth.last_rate)
    return f"**To a rate of {last}, for λ = {growth.decay:g}:** {STANDS[growth.same]}"


def _ends(growth: Growth) -> str:
    decaying, growing, _ = (percent(one.middle) for one in growth.accuracy)
    return f"Median test accuracy: {decaying} with decay, {growing} with growth."


def _lost(growth: Growth) -> list[str]:
    """Who did not bear it."""
    told = [
        f"BN with {name} diverged in {seeds(number, growth.seeds)}."
        for name, number in zip(("weight decay", "growth"), growth.lost[:2], strict=True)
        if number
    ]
    return [*told, *_plain(growth)]


def _plain(growth: Growth) -> tuple[str, ...]:
    end = percent(growth.accuracy[2].middle)
    if growth.lost_at is None:
        return (f"Plain, at the same growth, diverged in no seed, and ended at {end} (median).",)
    lost = (
        f"Plain, at the same growth, diverged in {seeds(growth.lost[2], growth.seeds)}, at"
        f" {at_steps(growth.lost_at)}."
    )
    if growth.lost[2] == growth.seeds:
        return (lost,)
    return lost, f"Where it did not, it ended at {end} (median)."
