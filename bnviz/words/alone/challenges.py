"""How much can γ and β do alone?: what the lesson asks, and what a run answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bnviz.words.alone.told import OFF, everything, off, two
from bnviz.words.belief import Belief
from bnviz.words.challenge import Challenge, Outcome, Tempting
from bnviz.words.numbers import (
    points,
    seeds,
)

if TYPE_CHECKING:
    from bnviz.verdicts.alone import AloneVerdict, Gap, Level
    from bnviz.verdicts.criteria import Score, Standing

LEVELS: dict[Level, str] = {
    "low": "less than 60 %", "middle": "60 to 80 %", "high": "more than 80 %",
}  # fmt: skip


def _how_far(verdict: AloneVerdict) -> Outcome:
    return Outcome(
        right=LEVELS.get(verdict.level),
        why=(
            f"{everything(verdict)} In a narrow network γ and β are a larger share of the"
            " parameters, but fewer numbers, with fewer random directions to combine."
        ),
    )


GAPS: dict[Gap, str] = {
    "small": "under 10 percentage points", "middle": "10 to 30", "large": "over 30",
}  # fmt: skip


def _how_far_below(verdict: AloneVerdict) -> Outcome:
    below = verdict.all.accuracy - verdict.affine.accuracy
    return Outcome(
        right=GAPS.get(verdict.gap),
        why=(
            f"The two lines end {points(below)} apart (medians). Here the network has to change its"
            " weights to become accurate."
            if verdict.gap == "large"
            else f"The two lines end {points(below)} apart (medians)."
        ),
    )


BESIDE_RANDOM: dict[Standing, str] = {
    "first": "γ and β", "second": "the random weights", "same": "about the same",
}  # fmt: skip


def _or_random(verdict: AloneVerdict) -> Outcome:
    return Outcome(
        right=BESIDE_RANDOM.get(verdict.beside_random),
        why=" ".join(
            (
                two(verdict, verdict.random, "random weights"),
                *_ahead(verdict.ahead_of_random),
                *_which_matters(verdict),
                "Why, this run does not tell.",
            )
        ),
    )


def _which_matters(verdict: AloneVerdict) -> list[str]:
    if verdict.beside_random not in ("first", "second"):
        return []
    return ["Both train as many numbers, so it matters which numbers they are."]


BESIDE_OUTPUT: dict[Standing, str] = {
    "first": "γ and β", "second": "the output layer", "same": "about the same",
}  # fmt: skip


def _or_output(verdict: AloneVerdict) -> Outcome:
    return Outcome(
        right=BESIDE_OUTPUT.get(verdict.beside_output),
        why=" ".join(
            (
                two(verdict, verdict.output, "the output layer"),
                *_ahead(verdict.ahead_of_output),
                *_nothing_behind(verdict),
            )
        ),
    )


def _nothing_behind(verdict: AloneVerdict) -> list[str]:
    if verdict.depth > 1 or verdict.beside_output != "second":
        return []
    return [
        "Behind γ and β of a single layer, only a random output layer is left to combine what they"
        " choose."
    ]


def _ahead(score: Score) -> list[str]:
    """In how many seeds the one that leads does so."""
    if score.seeds == 1 or score.leader == "neither":
        return []
    number = score.first if score.leader == "first" else score.second
    return [f"The order is the same in {seeds(number, score.seeds)}."]


def _who_switches_off(verdict: AloneVerdict) -> Outcome:
    return Outcome(right=OFF.get(verdict.off), why=off(verdict) if verdict.off in OFF else "")


CHALLENGES = (
    Challenge(
        name="narrow",
        question="Width 8: γ and β are 9\u00a0% of the parameters. How accurate do they get?",
        answers=tuple(LEVELS.values()),
        setting={"width": 8},
        outcome=_how_far,
        expected=LEVELS["low"],
        tempting=Tempting(LEVELS["high"], Belief.LARGER_SHARE),
    ),
    Challenge(
        name="below",
        look=True,
        question="Look at the picture: how far below “all” does the line of γ and β end?",
        answers=tuple(GAPS.values()),
        setting={"width": 8},
        outcome=_how_far_below,
        expected=GAPS["large"],
        tempting=Tempting(GAPS["middle"], None),
    ),
    Challenge(
        name="tanh",
        question="tanh instead of ReLU: which is more accurate, with as many numbers?",
        answers=tuple(BESIDE_RANDOM.values()),
        setting={"activation": "tanh"},
        outcome=_or_random,
        expected=BESIDE_RANDOM["second"],
        tempting=Tempting(BESIDE_RANDOM["first"], Belief.BEST_PLACED),
    ),
    Challenge(
        name="off",
        question="One hidden layer: in which of the trainings does γ switch off more units?",
        answers=tuple(OFF.values()),
        setting={"depth": 1},
        outcome=_who_switches_off,
        expected=OFF["affine"],
        tempting=Tempting(OFF["same"], Belief.EVERY_UNIT),
        opens="gamma",
    ),
    Challenge(
        name="shallow",
        question="One hidden layer, 256 wide: γ and β alone, or the output layer alone?",
        answers=tuple(BESIDE_OUTPUT.values()),
        setting={"depth": 1, "width": 256},
        outcome=_or_output,
        expected=BESIDE_OUTPUT["second"],
        tempting=Tempting(BESIDE_OUTPUT["first"], Belief.OUTPUT_LEARNS),
    ),
)
