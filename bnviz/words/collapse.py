"""Collapse: all that its page says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bnviz.words.belief import Belief
from bnviz.words.challenge import Challenge, Outcome, Tempting
from bnviz.words.findings import Findings
from bnviz.words.names import NAMES
from bnviz.words.numbers import apart, seeds

if TYPE_CHECKING:
    from bnviz.verdicts.collapse import CollapseVerdict

INTRODUCTION = """
The two networks of a pair, plain and BN, start from the same weights and see the same mini-batches
in the same order. Whose training loss is lower in the end?
"""

CLOSER = {
    "early": ("Who is ahead early?", "The same training loss, of the first fifth of the steps."),
}

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


def findings(verdict: CollapseVerdict) -> Findings:
    """What this run shows, the most important first."""
    return Findings.told(_headline(verdict), *_ends(verdict), *_lost(verdict))


def _headline(verdict: CollapseVerdict) -> str:
    match verdict.outcome:
        case "no BN":
            return "Neither network has BN: both are the same."
        case "BN":
            return "BN's training loss ends lower."
        case "plain":
            return "BN does not help here: plain's training loss ends lower."
    return "Neither training loss ends lower in more than half of the seeds."


def _ends(verdict: CollapseVerdict) -> list[str]:
    """Where the losses end; and in how many seeds the lower one is lower."""
    plain, batch = apart(verdict.plain.middle, verdict.batch.middle)
    medians = " (medians)" if verdict.seeds > 1 else ""
    told = [f"The last training loss is {plain} without BN and {batch} with it{medians}."]
    if verdict.outcome in ("plain", "BN"):
        ahead = verdict.score.second if verdict.outcome == "BN" else verdict.score.first
        told.append(f"So it is in {seeds(ahead, verdict.seeds)}.")
    return told


def _lost(verdict: CollapseVerdict) -> list[str]:
    return [
        f"The loss of {name} stopped being a number in {seeds(lost, verdict.seeds)}."
        for name, lost in zip(NAMES.values(), verdict.diverged, strict=True)
        if lost
    ]


def beliefs(verdict: CollapseVerdict) -> dict[str, str]:
    """What is often believed, with what this run says of it."""
    told = " ".join(_ends(verdict))
    holds = {
        "BN": "In this run it does.",
        "plain": "Not in this run.",
        "draw": "Not in more than half of the seeds.",
        "no BN": "This run cannot tell: no layer has BN.",
    }
    return {Belief.ONLY_HELPS: f"{holds[verdict.outcome]} {told}"}


LOWER = {"plain": "plain's", "BN": "BN's", "draw": "neither"}


def _whose_ends_lower(verdict: CollapseVerdict) -> Outcome:
    why = " ".join((*_ends(verdict), *_lost(verdict)))
    return Outcome(right=LOWER.get(verdict.outcome), why=why)


ENDS = ("plain's", "BN's", "both", "none")


def _which_curve_ends_early(verdict: CollapseVerdict) -> Outcome:
    """A median's curve goes on as long as one seed of the network does."""
    plain, batch = (lost == verdict.seeds for lost in verdict.diverged)
    right = {(True, False): ENDS[0], (False, True): ENDS[1], (True, True): ENDS[2]}
    return Outcome(
        right=right.get((plain, batch), ENDS[3]),
        why=" ".join(_lost(verdict)) or "Every loss is a number to the end.",
    )


CHALLENGES = (
    Challenge(
        name="fast",
        question="At a learning rate of 10, whose training loss ends lower?",
        answers=tuple(LOWER.values()),
        setting={"learning_rate": 10.0},
        outcome=_whose_ends_lower,
        expected=LOWER["BN"],
        tempting=Tempting(LOWER["draw"], Belief.ONLY_A_BAD_RATE),
    ),
    Challenge(
        name="curves",
        look=True,
        question="Look at the picture: which curve ends before the last step?",
        answers=ENDS,
        setting={"learning_rate": 10.0},
        outcome=_which_curve_ends_early,
        expected=ENDS[0],
        tempting=Tempting(ENDS[2], None),
    ),
    Challenge(
        name="shallow",
        question="One hidden layer instead of eight: whose training loss ends lower?",
        answers=tuple(LOWER.values()),
        setting={"depth": 1},
        outcome=_whose_ends_lower,
        expected=LOWER["plain"],
        tempting=Tempting(LOWER["BN"], Belief.ONLY_HELPS),
    ),
    Challenge(
        name="sigmoid",
        question="Eight layers of sigmoid units: whose training loss ends lower?",
        answers=tuple(LOWER.values()),
        setting={"activation": "sigmoid"},
        outcome=_whose_ends_lower,
        expected=LOWER["BN"],
        tempting=Tempting(LOWER["draw"], Belief.ONLY_A_BAD_RATE),
    ),
)
