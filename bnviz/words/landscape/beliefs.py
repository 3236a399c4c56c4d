"""The loss landscape: what is often believed, and what a run says of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bnviz.words.belief import Belief
from bnviz.words.landscape import accuracies
from bnviz.words.names import NAMES
from bnviz.words.numbers import percent

if TYPE_CHECKING:
    from bnviz.verdicts.landscape import LandscapeVerdict


def beliefs(verdict: LandscapeVerdict) -> dict[str, str]:
    """What is often believed, and what this run says of it."""
    return {
        Belief.GRADIENT_FALLS: _falls(verdict),
        Belief.SMOOTHER_FASTER: _faster(verdict),
    }


def _falls(verdict: LandscapeVerdict) -> str:
    named = zip(verdict.rises, NAMES.values(), strict=True)
    known = {name: share for share, name in named if share == share}  # no NaN
    if not known:
        return "This run cannot tell: both networks diverged before their first record."
    if not any(known.values()):
        return (
            "A step of one learning rate along it never raised the loss of its own mini-batch in"
            " this run. A longer one may."
        )
    said = ", ".join(f"{name}'s in {_share(share)}" for name, share in known.items())
    return (
        "Only if the step is short enough. In this run a step of one learning rate raised the loss"
        f" of its own mini-batch in so many of the recorded steps: {said}."
    )


def _share(share: float) -> str:
    return percent(share) if share else "none"


def _faster(verdict: LandscapeVerdict) -> str:
    if not verdict.varied:
        return "This run cannot tell: there is no pair in which both losses fell."
    ends = accuracies(verdict)
    if not verdict.rougher:
        return f"This run cannot tell: neither network has clearly the smoother surface. {ends}"
    smoother = "BN" if verdict.rougher == "plain" else "plain"
    ahead = {"first": "plain", "second": "BN"}.get(verdict.ahead)
    if ahead == smoother:
        return f"Here it goes together: {smoother} has the smoother surface and ends ahead. {ends}"
    if ahead:
        return f"Not here: {smoother} has the smoother surface, but {ahead} ends ahead. {ends}"
    if verdict.ahead == "unclear":
        return (
            f"This run cannot tell: {smoother} has the smoother surface, but neither network is"
            f" ahead in most of the seeds compared. {ends}"
        )
    return (
        f"Not by itself: {smoother} has the smoother surface, and at the same rate both end about"
        f" the same. {ends} What a smooth surface allows is a larger rate."
    )
