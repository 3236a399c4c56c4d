"""The loss landscape: how long one step may be, of the first mini-batches."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bnviz.words.names import NAMES, SUBJECTS
from bnviz.words.numbers import listed, seeds, significant, times, times_between

if TYPE_CHECKING:
    from bnviz.axes import Treatment
    from bnviz.verdicts.landscape import Bears

OWNERS = {"plain": "plain's", "batch": "BN's"}
LONG_STEPS = (
    "Take the gradient of one of the first three mini-batches, and make one step along it, up to"
    " 100 gradient lengths: what happens to the loss of that mini-batch?"
)


def long_steps(verdict: Bears) -> str:
    """What is drawn of long steps, and what it shows."""
    return " ".join(filter(None, (LONG_STEPS, bears(verdict), _spread(verdict))))


def bears(verdict: Bears) -> str:
    """From which step length on the loss of the first mini-batches is tenfold."""
    plain, batch = _lengths(verdict.plain), _lengths(verdict.batch)
    match verdict.outcome:
        case "at once":
            return (
                "On the first mini-batches, the shortest step we tried, of"
                f" {_lengths(verdict.shortest)}, already makes"
                f" {listed([OWNERS[name] for name in verdict.at_once])} loss ten times as large."
            )
        case "neither":
            return (
                f"On the first mini-batches, no step up to {_lengths(verdict.longest)} makes a loss"
                " ten times as large."
            )
        case "plain only":
            return (
                f"On the first mini-batches, a step of {plain} makes plain's loss ten times as"
                " large, none BN's."
            )
        case "BN only":
            return (
                f"On the first mini-batches, a step of {batch} makes BN's loss ten times as large,"
                " none plain's."
            )
    return (
        f"On the first mini-batches, plain's loss is ten times as large after a step of {plain},"
        f" BN's after one of {significant(verdict.batch)}. {_longer(verdict)}"
    )


def _lengths(some: float) -> str:
    """How long a step is: 2.1 gradient lengths."""
    return "one gradient length" if some == 1 else f"{significant(some)} gradient lengths"


def _longer(verdict: Bears) -> str:
    if verdict.longer == "alike":
        return "That is about the same."
    if not verdict.agree:
        return "The seeds do not agree which is the longer one."
    who = SUBJECTS["plain" if verdict.longer == "shorter" else "batch"]
    return f"{who} tolerates the longer step in {seeds(verdict.agrees, verdict.seeds)}."


def _spread(verdict: Bears) -> str:
    """How many times as long, and between what it lies over the seeds where both are tenfold."""
    if verdict.outcome != "both" or verdict.longer == "alike" or not verdict.agree:
        return ""
    one = verdict.ratio
    longer: Treatment = "plain" if verdict.longer == "shorter" else "batch"
    low, middle, high = one.low, verdict.batch / verdict.plain, one.high
    if longer == "plain":
        low, middle, high = 1 / high, 1 / middle, 1 / low
    spread = times_between(low, high)
    if one.seeds < verdict.seeds:  # the medians are of other seeds: their ratio may lie outside
        where = seeds(one.seeds, verdict.seeds)
        return (
            f"Both losses become tenfold in {where}; there {NAMES[longer]} tolerates steps"
            f" {spread} as long."
        )
    if verdict.seeds == 1:
        return f"{SUBJECTS[longer]} tolerates steps {times(middle)} as long."
    return f"{SUBJECTS[longer]} tolerates steps {times(middle)} as long ({spread} over the seeds)."
