"""Why does noise help?: what the lesson asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bnviz.verdicts.noise import PAIR
from bnviz.words.belief import Belief
from bnviz.words.challenge import Challenge, Outcome, Tempting
from bnviz.words.numbers import listed, percent, points, seeds

if TYPE_CHECKING:
    from bnviz.verdicts.noise import NoiseVerdict

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
    better = seeds(verdict.score.first, verdict.seeds)
    which, gap = f"Ghost batches of {smaller.size}", points(gain)
    why = f"{which} end {gap} above the whole batch: they are better in {better}."
    if gain < SMALL:
        why = f"{which}, the best of the smaller ones, are better in {better}."
    heart = " The noise keeps the network from learning the wrong labels by heart."
    return Outcome(right=right, why=f"{why}{heart if _fits_less(verdict) else ''}")


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
    right = BELOW[0] if not below else BELOW[1] if below == (PAIR,) else BELOW[2]
    if not below:
        return Outcome(right=right, why="By the medians, no ghost batch size ends below plain.")
    sizes = f"ghost batches of {listed([str(size) for size in below])}"
    if len(below) > FEW:
        sizes = f"{len(below)} of {len(verdict.chunks)} ghost batch sizes"
    pairs = (
        " In pairs, nearly every normalized value is +1 or −1: with so much noise, BN does worse"
        " than no BN."
    )
    because = pairs if PAIR in below else ""
    return Outcome(right=right, why=f"By the medians, {sizes} end below plain.{because}")


HELPS = ("yes, it helps", "it hardly matters", "no, it harms")


def _clean(verdict: NoiseVerdict) -> Outcome:
    """Whether the best of the smaller ghost batches beats the whole batch, or loses."""
    smaller, whole = verdict.smaller, verdict.whole
    if smaller is None or whole.accuracy != whole.accuracy:  # NaN
        return Outcome(right=None, why=CANNOT)
    harms = verdict.score.leader == "second" and not verdict.close
    right = HELPS[0] if verdict.outcome == "helps" else HELPS[2] if harms else HELPS[1]
    one, other = percent(smaller.accuracy), percent(whole.accuracy)
    heart = " Here are no wrong labels that the network could learn by heart."
    because = heart if right != HELPS[0] and not verdict.wrong else ""
    return Outcome(
        right=right,
        why=f"Ghost batches of {smaller.size} reach {one}. The whole batch reaches"
        f" {other}.{because}",
    )


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
    return _four(verdict, f"The whole batch {_how_overfitted(verdict)}")


def _noisy(verdict: NoiseVerdict) -> Outcome:
    return _four(verdict, f"A batch of 8 is noisy already; it {_how_overfitted(verdict)}")


def _how_overfitted(verdict: NoiseVerdict) -> str:
    """Why noise has something to prevent, or nothing."""
    if verdict.overfitted:
        return "has overfitted; why noise does not help, this run does not show."
    return "has hardly overfitted, so noise has little to prevent."


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
