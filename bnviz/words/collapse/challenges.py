"""Can the last layer still tell the samples apart?: what the lesson asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bnviz.words.belief import Belief
from bnviz.words.challenge import Challenge, Outcome, Tempting
from bnviz.words.collapse.told import ends, halves, of_halves, skip_sums
from bnviz.words.numbers import hundredths

if TYPE_CHECKING:
    from bnviz.verdicts.collapse import CollapseVerdict, Height

MUCH: dict[Height, str] = {
    "low": "less than 0.7", "middle": "0.7 to 0.95", "high": "more than 0.95",
}  # fmt: skip


SHRINKS = (
    "ReLU makes the angle between two outputs a little smaller in every layer; the size of the"
    " initial weights does not change that."
)


def _how_alike(verdict: CollapseVerdict) -> Outcome:
    shrinks = verdict.activation == "relu" and verdict.plain.way == "rises" and not verdict.skip
    return Outcome(
        right=MUCH.get(verdict.plain.height),
        why=" ".join((ends(verdict), *([SHRINKS] if shrinks else []))),
    )


WAYS = {"level": "about level", "rises": "it rises", "falls": "it falls"}


def _bns_way(verdict: CollapseVerdict) -> Outcome:
    batch = verdict.batch
    return Outcome(
        right=WAYS[batch.way] if batch.state != "nothing left" else None,
        why=" ".join(
            (
                f"BN's mean cosine is {hundredths(batch.first)} in the first hidden layer and"
                f" {hundredths(batch.last.middle)} in the last.",
                *_one_over_pi(verdict),
            )
        ),
    )


def _one_over_pi(verdict: CollapseVerdict) -> list[str]:
    """Where that comes from; the dotted line of the picture."""
    if verdict.activation != "relu" or verdict.batch.way != "level":
        return []
    return ["The dotted line, 1/π, is what ReLU makes of inputs at right angles to each other."]


COLLAPSES = {"alike": "yes, all alike", "closer": "more alike", "apart": "no"}


def _with_tanh(verdict: CollapseVerdict) -> Outcome:
    why = [ends(verdict)]
    if verdict.outcome == "both apart":
        why.append("By this measure BN does not help here; the directions left (below) tell more.")
    if verdict.activation == "tanh" and verdict.plain.state == "apart":
        why.insert(1, "tanh gives values of both signs, so the angles do not shrink on average.")
    return Outcome(right=COLLAPSES.get(verdict.plain.state), why=" ".join(why))


WHICH = {
    "the mean": "subtracting the mean",
    "the standard deviation": "dividing by the standard deviation",
    "both": "neither alone",
}


def _which_half(verdict: CollapseVerdict) -> Outcome:
    right = WHICH.get(verdict.half)
    return Outcome(right=right, why=halves(verdict) if right else of_halves(verdict))


TOGETHER = {"level": "yes", "rises": "no, they become alike", "falls": "even further apart"}


def _with_skip(verdict: CollapseVerdict) -> Outcome:
    right = TOGETHER[verdict.batch.way] if verdict.batch.state != "nothing left" else None
    return Outcome(right=right, why=" ".join((ends(verdict), *skip_sums(verdict))))


CHALLENGES = (
    Challenge(
        name="deep",
        question="Thirty layers instead of four: how large is the last mean cosine of plain?",
        answers=tuple(MUCH.values()),
        setting={"depth": 30},
        outcome=_how_alike,
        expected=MUCH["high"],
        tempting=Tempting(MUCH["low"], Belief.SIZE_IS_CONTENT),
    ),
    Challenge(
        name="level",
        look=True,
        question="Look at BN's curve: what does it do from the first layer to the last?",
        answers=tuple(WAYS.values()),
        setting={"depth": 30},
        outcome=_bns_way,
        expected=WAYS["level"],
        tempting=Tempting(WAYS["rises"], None),
    ),
    Challenge(
        name="tanh",
        question="tanh instead of ReLU, thirty layers: do the samples become alike in plain?",
        answers=tuple(COLLAPSES.values()),
        setting={"activation": "tanh", "depth": 30},
        outcome=_with_tanh,
        expected=COLLAPSES["apart"],
        tempting=Tempting(COLLAPSES["alike"], Belief.ONLY_HELPS),
    ),
    Challenge(
        name="halves",
        question="Fifty layers of ReLU: which half of BN alone does as much as all of it?",
        answers=tuple(WHICH.values()),
        setting={"depth": 50},
        outcome=_which_half,
        expected=WHICH["both"],
        tempting=Tempting(WHICH["the standard deviation"], Belief.ONLY_SIZE),
        opens="parts",
    ),
    Challenge(
        name="skip",
        question="Thirty layers with skip connections: do the samples stay apart with BN?",
        answers=tuple(TOGETHER.values()),
        setting={"depth": 30, "skip": "on"},
        outcome=_with_skip,
        expected=TOGETHER["rises"],
        tempting=Tempting(TOGETHER["level"], Belief.ONLY_HELPS),
    ),
)
