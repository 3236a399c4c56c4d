"""The runs that a reader kept, in words."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from bnviz.words.numbers import percent, seeds

if TYPE_CHECKING:
    from bnviz.experiments.kept import Refusal
    from bnviz.verdicts.lab import Kept

FIELD = "Links or runs, one student a line"
ARMS = {"b": "its arm B", "a": "its arm A", "both": "both arms"}
SOME = "Test accuracy at the end, of the median seed; a seed that diverged is behind every other."


def of_many(drawn: int, shown: int, hidden: int) -> str:
    """That not all runs of the list are in the pictures."""
    said = (
        f"{SOME} The first {drawn} of {shown} runs are in the pictures; the class board below has"
        " all."
    )
    if not hidden:
        return said
    return f"{said} 1 is hidden." if hidden == 1 else f"{said} {hidden} are hidden."


EMPTY = "Nothing yet. **Keep A** and **Keep B** put a run here, into the pictures and the link."
MOST = 60


def refusal(reason: Refusal, place: int | None) -> str:
    """Why a run cannot be kept; `place` is its number where it is kept already."""
    match reason:
        case "own data":
            return "The list stands in the link, and your own data do not."
        case "kept already":
            return f"It is kept already, as run {place}."
        case "no more runs":
            return f"There are {MOST} runs, which is all that fit. Remove one first."
        case "too long a link":
            return "The link would become too long. Remove a run, or give some a shorter name."


HEAD = ("kept run", "what it is", "test accuracy at the end")


def ended(kept: Kept) -> str:
    """Where a run ended: the test accuracy, and how many seeds are left out of it."""
    said = percent(kept.accuracy) if math.isfinite(kept.accuracy) else ""
    if kept.diverged:
        diverged = f"{seeds(kept.diverged, kept.seeds)} diverged"
        return f"{said}, {diverged}" if said else diverged
    return said
