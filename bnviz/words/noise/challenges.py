"""Why does noise help?: what the lesson asks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from bnviz.verdicts.noise import PAIR
from bnviz.words.belief import Belief
from bnviz.words.challenge import Challenge, Outcome, Tempting
from bnviz.words.numbers import listed, percent, points, seeds

if TYPE_CHECKING:
    from bnviz.verdicts.noise import Chunks, NoiseVerdict

CANNOT = "BN diverged, or there are no two ghost batch sizes to compare."

GAINS = ("under 5 percentage points", "5 to 10", "over 10")
SMALL, LARGE = 0.05, 0.1


def _gain(verdict: NoiseVerdict) -> Outcome:
    """How far the best of the smaller ghost batches ends above the whole batch."""
    smaller, whole = verdict.smaller, verdict.whole
    if smaller is None or whole.accuracy != whole.accuracy:  # NaN
        return Outcome(right=None, why=CANNOT)
    gain = smaller.accuracy - whole.accuracy if verdict.outcome == "helps" else 0.0
    right = GAINS[0] if gain < SMALL else GAINS[1] if gain <= LARGE else GAINS[2]
    because = (BY_HEART,) if _fits_less(verdict) else ()
    return Outcome(right=right, why=" ".join((_better(verdict, smaller, gain), *because)))


BY_HEART = "The noise keeps the network from learning the wrong labels by heart."


def _better(verdict: NoiseVerdict, smaller: Chunks, gain: float) -> str:
    better = seeds(verdict.score.first, verdict.seeds)
    if gain < SMALL:
        return (
            f"Ghost batches of {smaller.size}, the best of the smaller ones, are better in"
            f" {better}."
        )
    return (
        f"Ghost batches of {smaller.size} end {points(gain)} above the whole batch: they are better"
        f" in {better}."
    )


def _fits_less(verdict: NoiseVerdict) -> bool:
    """Whether the noise makes the training set harder to fit, and the network better for it."""
    harder = verdict.fit is not None and verdict.fit.change == "higher"
    return verdict.outcome == "helps" and verdict.overfitted and harder


FEW = 2  # sizes that are named one by one
BELOW = ("none", "2 alone", "others as well")


def _below(verdict: NoiseVerdict) -> Outcome:
    below = verdict.below
    if below is None:
        return Outcome(right=None, why="The plain network diverged.")
    if not below:
        return Outcome(right=BELOW[0], why="By the medians, no ghost batch size ends below plain.")
    because = (PAIRS,) if PAIR in below else ()
    return Outcome(
        right=BELOW[1] if below == (PAIR,) else BELOW[2],
        why=" ".join((_which(below, len(verdict.chunks)), *because)),
    )


PAIRS = (
    "In pairs, nearly every normalized value is +1 or −1: with so much noise, BN does worse than no"
    " BN."
)


def _which(below: Sequence[int], of: int) -> str:
    if len(below) > FEW:
        return f"By the medians, {len(below)} of {of} ghost batch sizes end below plain."
    sizes = listed([str(size) for size in below])
    return f"By the medians, ghost batches of {sizes} end below plain."


HELPS = ("yes, it helps", "it hardly matters", "no, it harms")


def _clean(verdict: NoiseVerdict) -> Outcome:
    """Whether the best of the smaller ghost batches beats the whole batch, or loses."""
    smaller, whole = verdict.smaller, verdict.whole
    if smaller is None or whole.accuracy != whole.accuracy:  # NaN
        return Outcome(right=None, why=CANNOT)
    harms = verdict.score.leader == "second" and not verdict.close
    right = HELPS[0] if verdict.outcome == "helps" else HELPS[2] if harms else HELPS[1]
    one, other = percent(smaller.accuracy), percent(whole.accuracy)
    ends = f"Ghost batches of {smaller.size} reach {one}. The whole batch reaches {other}."
    because = (NONE_WRONG,) if right != HELPS[0] and not verdict.wrong else ()
    return Outcome(right=right, why=" ".join((ends, *because)))


NONE_WRONG = "Here are no wrong labels that the network could learn by heart."


FOUR = ("yes", "no, they end below it", "they end level")
OF_FOUR = 4


def _four(verdict: NoiseVerdict, because: str) -> Outcome:
    """Ghost batches of 4 against the whole batch; `because`: where they lose."""
    four, whole = verdict.four, verdict.whole
    if four is None:
        return Outcome(right=None, why=CANNOT)
    kinds = {"first": FOUR[0], "second": FOUR[1], "neither": FOUR[2]}
    accuracy = {one.size: one.accuracy for one in verdict.chunks}[OF_FOUR]
    said = (
        f"Ghost batches of {OF_FOUR} reach {percent(accuracy)}. The whole batch reaches"
        f" {percent(whole.accuracy)}."
    )
    return Outcome(right=kinds[four], why=f"{said} {because}" if four == "second" else said)


def _slow(verdict: NoiseVerdict) -> Outcome:
    return _four(verdict, _overfitted(verdict))


def _noisy(verdict: NoiseVerdict) -> Outcome:
    return _four(verdict, f"A batch of 8 is noisy already. {_overfitted(verdict)}")


def _overfitted(verdict: NoiseVerdict) -> str:
    """Why noise has something to prevent, or nothing."""
    if verdict.overfitted:
        return "The whole batch has overfitted; why noise does not help, this run does not show."
    return "The whole batch has hardly overfitted, so noise has little to prevent."


CHALLENGES = (
    Challenge(
        name="wrong",
        question="40 % wrong labels: how far above the whole batch does BN's noise lift BN?",
        answers=GAINS,
        setting={"wrong_labels": 0.4},
        outcome=_gain,
        expected=GAINS[2],
        tempting=Tempting(GAINS[0], Belief.NUISANCE),
    ),
    Challenge(
        name="below",
        look=True,
        question="Which ghost batch sizes end below the line of plain?",
        answers=BELOW,
        setting={"wrong_labels": 0.4},
        outcome=_below,
        expected=BELOW[1],
        tempting=Tempting(BELOW[0], Belief.WITHOUT_END),
    ),
    Challenge(
        name="clean",
        question="No wrong labels at all: does BN's noise still help?",
        answers=HELPS,
        setting={"wrong_labels": 0.0},
        outcome=_clean,
        expected=HELPS[1],
        tempting=Tempting(HELPS[0], Belief.ALWAYS_REGULARIZE),
    ),
    Challenge(
        name="slow",
        question="Rate 0.0032, 20 % wrong: do ghost batches of 4 beat the whole batch?",
        answers=FOUR,
        setting={"learning_rate": 0.0032},
        outcome=_slow,
        expected=FOUR[1],
        tempting=Tempting(FOUR[0], Belief.ALWAYS_REGULARIZE),
    ),
    Challenge(
        name="eight",
        question="Mini-batches of 8 samples: do ghost batches of 4 beat the whole batch?",
        answers=FOUR,
        setting={"batch_size": 8},
        outcome=_noisy,
        expected=FOUR[1],
        tempting=Tempting(FOUR[0], Belief.WITHOUT_END),
    ),
)
