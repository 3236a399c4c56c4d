"""The race: what is often believed, and what a run says of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bnviz.words.belief import Belief
from bnviz.words.names import NAMES
from bnviz.words.race import leader, paid

if TYPE_CHECKING:
    from bnviz.verdicts.race import RaceVerdict

NO_BN = "This run cannot tell: neither network has BN."
NOBODY = "This run cannot tell: neither network is first in most seeds."


def beliefs(verdict: RaceVerdict) -> dict[str, str]:
    """What is often believed, and what this run says of it."""
    said: dict[str, str] = {
        Belief.FASTER: _faster(verdict),
        Belief.FEWER_STEPS: _less_time(verdict),
        Belief.FIRST_ENDS_HIGHER: _ends_higher(verdict),
    }
    return dict.fromkeys(said, NO_BN) if verdict.outcome == "no BN" else said


def _faster(verdict: RaceVerdict) -> str:
    counted = leader(verdict)
    if verdict.first == "batch":
        return f"It does here. {counted} That is one setting, not every one."
    if verdict.outcome == "neither" or verdict.score.second > verdict.score.first:
        return f"This run cannot tell. {counted}"
    return f"Not here. {counted}"


def _less_time(verdict: RaceVerdict) -> str:
    cost, first = verdict.cost, verdict.first
    if first is None:
        return NOBODY
    if cost.first_in_seconds is None:
        return f"This run cannot tell: in seconds it is too close to call. {paid(cost)}"
    if cost.first_in_seconds == NAMES[first]:
        return f"It is so here: {NAMES[first]} is first in steps and in seconds. {paid(cost)}"
    return (
        f"Not here: {NAMES[first]} is first in steps, {cost.first_in_seconds} in seconds."
        f" {paid(cost)}"
    )


def _ends_higher(verdict: RaceVerdict) -> str:
    first = verdict.first
    if first is None:
        return NOBODY
    who, other = NAMES[first], NAMES["batch" if first == "plain" else "plain"]
    match verdict.higher:
        case "same":
            return f"Not here: {who} is first, and both end with about the same test accuracy."
        case "unclear":
            return f"This run cannot tell: {who} is first, but in the end the seeds do not agree."
    if verdict.higher == ("first" if first == "plain" else "second"):
        return f"It is so here: {who} is first, and ends with the higher test accuracy."
    return f"Not here: {who} is first, and {other} ends with the higher test accuracy."
