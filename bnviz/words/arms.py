"""How the networks of several arms ended, in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from bnviz.words.numbers import percent, seeds

if TYPE_CHECKING:
    from bnviz.verdicts.arms import Arm, Unlearned


def end(arm: Arm) -> str:
    """87 %; diverged, where most seeds did."""
    return "diverged" if arm.fate == "diverged" else percent(arm.accuracy)


def ended(subject: str, arm: Arm) -> str:
    """The same of a network, as a sentence. subject: what it is called, at the beginning."""
    if arm.fate == "diverged":
        return f"{subject} diverged."
    return f"{subject} ends at {percent(arm.accuracy)} test accuracy."


def unlearned(outcome: Unlearned, treatment: str) -> str:
    """The headline where networks with this treatment do not learn."""
    match outcome:
        case "all diverged":
            return "Every network diverged here: there is nothing to compare."
        case "others learn":
            return f"{treatment} does not help here: it does not learn."
        case "none learns":
            return "No network learns here."


def diverged(arms: Sequence[Arm], of: int) -> tuple[str, ...]:
    """Which networks did, in how many seeds; nothing where none did."""
    return tuple(
        f"The network “{arm.name}” diverged in {seeds(arm.lost, of)}." for arm in arms if arm.lost
    )
