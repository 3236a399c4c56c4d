"""Yours: all that its page says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bnviz.words.findings import Findings
from bnviz.words.names import NAMES
from bnviz.words.numbers import apart, loss, seeds

if TYPE_CHECKING:
    from bnviz.verdicts.yours import YoursVerdict

INTRODUCTION = """
The two networks of a pair, plain and BN, start from the same weights and see the same mini-batches
in the same order. Whose training loss is lower in the end?
"""

PRESETS: dict[str, dict[str, Any]] = {
    "A rate at which plain diverges": {"learning_rate": 10.0},
    "One hidden layer": {"depth": 1},
}
GUESS = "Whose training loss is lower in the end, at this setting?"
GUESSES = ("plain", "BN", "neither")

NOTES = {
    "How it is measured": """
The loss is that of the mini-batches, averaged since the record before. Lines are medians over the
seeds, bands their range.
""",
    "The mathematics": r"""
BN gives each unit the mean $\beta$ and the standard deviation $\gamma$ over the mini-batch,
whatever the weights of the layer below:
$$
y = \gamma \frac{x - \mu}{\sqrt{v + \varepsilon}} + \beta
$$
""",
    "What the papers found": """
Ioffe & Szegedy (2015, Section 4.2) report that a network with batch normalization reaches the same
accuracy in fewer steps.
""",
}


def findings(verdict: YoursVerdict) -> Findings:
    """What this run shows."""
    return Findings(headline=_headline(verdict), more=tuple(_lost(verdict)))


def _headline(verdict: YoursVerdict) -> str:
    ends = _ends(verdict)
    match verdict.outcome:
        case "no BN":
            return "**Nothing to compare**: neither network has BN, and both are the same."
        case "BN":
            return f"**BN ends lower in {seeds(verdict.score.second, verdict.seeds)}.** {ends}"
        case "plain":
            return (
                f"**Plain ends lower in {seeds(verdict.score.first, verdict.seeds)}**: here BN does"
                f" not help. {ends}"
            )
    return f"**A draw**: neither ends lower in more than half of the seeds. {ends}"


def _ends(verdict: YoursVerdict) -> str:
    plain, batch = apart(verdict.plain.middle, verdict.batch.middle)
    medians = " (medians)" if verdict.seeds > 1 else ""
    return f"The last training loss is {plain} without BN and {batch} with it{medians}."


def _lost(verdict: YoursVerdict) -> list[str]:
    return [
        f"The loss of {name} stopped being a number in {seeds(lost, verdict.seeds)}."
        for name, lost in zip(NAMES.values(), verdict.diverged, strict=True)
        if lost
    ]


def guess(verdict: YoursVerdict) -> tuple[str, str]:
    """The right answer to GUESS, and why."""
    right = verdict.outcome if verdict.outcome in GUESSES else "neither"
    return (
        right,
        f"Plain's last loss is {loss(verdict.plain.middle)}, BN's {loss(verdict.batch.middle)}.",
    )
