"""Why does it behave differently at test time?: what the lesson asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bnviz.verdicts.criteria import majority
from bnviz.words.belief import Belief
from bnviz.words.challenge import Challenge, Outcome, Tempting
from bnviz.words.modes.sections import Fates, fate, of_start, reference, rests_on
from bnviz.words.numbers import apart, loss, percent, seeds

if TYPE_CHECKING:
    from bnviz.verdicts.mode_sections import MistakesVerdict
    from bnviz.verdicts.modes import ModesVerdict

UNLEARNED = "BN has learned too little here to tell."
OWN, ALIKE = "1", "the same as for the 7"


def _alone(verdict: ModesVerdict) -> Outcome:
    sample = verdict.sample
    if not sample.seeds:
        return Outcome(right=None, why="BN diverged.")
    alike = majority(sample.alone_alike, sample.seeds)
    right = ALIKE if alike else OWN if majority(sample.alone_right, sample.seeds) else None
    return Outcome(
        right=right,
        why=f"In {seeds(sample.alone_alike, sample.seeds)} all {verdict.test_samples} test samples"
        " get one and the same answer, alone in training mode. A sample alone is its own mean:"
        " every normalized value is 0, and only β is left.",
    )


ROWS = ("in one or none", "in two or three", "in four or five")


def _rows(verdict: ModesVerdict) -> Outcome:
    sample = verdict.sample
    if sample.answers is None:
        return Outcome(right=None, why="BN diverged in the seed that is drawn.")
    right = sample.rows_right
    return Outcome(
        right=ROWS[0] if right < 2 else ROWS[1] if right < 4 else ROWS[2],
        why=f"The answer is right in {right} of the five rows. Inference mode is right in"
        f" {seeds(sample.right, sample.seeds)}; which neighbours lead training mode to a wrong"
        " answer is chance.",
    )


SAME = "about the same"
MODES = ("training mode", "inference mode", SAME)


def _large(verdict: ModesVerdict) -> Outcome:
    kinds = {"training": MODES[0], "inference": MODES[1], "equal": SAME}
    right = kinds.get(verdict.outcome)
    if not verdict.tells:
        return Outcome(right=right, why=UNLEARNED)
    why = (
        f"Inference mode gets {percent(verdict.running)} right and training mode"
        f" {percent(verdict.own)}."
    )
    near = "The statistics of so many samples are close to those of the whole training set."
    return Outcome(right=right, why=f"{why} {near}" if right == SAME else why)


BETTER = ("better", "worse", SAME)


def _longer(verdict: ModesVerdict) -> Outcome:
    found = verdict.chosen
    if found is None or not verdict.tells:
        return Outcome(right=None, why=UNLEARNED)
    kinds = {"chosen": BETTER[0], "usual": BETTER[1], "alike": SAME}
    chosen, usual = apart(found.loss, found.usual)
    if found.better == "alike":
        chosen, usual = loss(found.loss), loss(found.usual)
    agree = seeds(found.agree, verdict.score.seeds)
    how = {
        "chosen": f"It is clearly lower in {agree}.",
        "usual": f"It is clearly higher in {agree}.",
    }
    said = (
        f"The test loss is {chosen}; with PyTorch's usual momentum it is {usual}.",
        how.get(found.better, ""),
        of_start(verdict.memory) if verdict.memory.counts_start else rests_on(verdict.memory),
    )
    return Outcome(right=kinds.get(found.better), why=" ".join(filter(None, said)))


ALWAYS = Fates(
    reached="Trained in inference mode from the start, it reaches {accuracy}.",
    diverged="Trained in inference mode from the start, it diverged in {seeds}.",
    both="Trained in inference mode from the start, it diverged in {seeds} and otherwise reaches"
    " {accuracy}.",
)
WRONG_MODE = ("it learns as well", "it learns less", "it diverges")


def _wrong_mode(verdict: MistakesVerdict) -> Outcome:
    left = verdict.left
    always = left.always
    if left.outcome == "diverged":
        return Outcome(right=None, why="BN diverged, even when it was trained the right way.")
    if majority(always.diverged, left.seeds):
        right = WRONG_MODE[2]
    else:
        right = WRONG_MODE[1] if always.against == "second" else WRONG_MODE[0]
    why = (
        f"{fate(always, left.seeds, ALWAYS)} Trained the right way, it reaches"
        f" {percent(left.right)}."
    )
    if right == WRONG_MODE[2]:
        why = f"{why} With fixed statistics, nothing brings a growing signal back to its scale."
    return Outcome(right=right, why=why)


WHO = ("BN, training mode", "BN, inference mode", "plain")


def _tiny(verdict: ModesVerdict) -> Outcome:
    kinds = {"training": WHO[0], "inference": WHO[1]}
    right = WHO[2] if verdict.plain_ahead else kinds.get(verdict.outcome)
    best = max(verdict.own, verdict.running)
    return Outcome(
        right=right,
        why=f"{reference(verdict)} BN gets {percent(best)} right in its better mode. In"
        " mini-batches of two, nearly every normalized value is +1 or −1, whatever it was before.",
    )


CHALLENGES = (
    Challenge(
        name="alone",
        question="An image of a 1, alone in training mode: what is it called?",
        answers=(OWN, ALIKE),
        setting={"sample": 1},
        outcome=_alone,
        expected=ALIKE,
        tempting=Tempting(OWN, Belief.ONLY_DROPOUT),
    ),
    Challenge(
        name="rows",
        look=True,
        question="Look at the five rows: in how many is the 1 called 1?",
        answers=ROWS,
        setting={"sample": 1},
        outcome=_rows,
        expected=ROWS[1],
        tempting=Tempting(ROWS[2], Belief.ONLY_DROPOUT),
    ),
    Challenge(
        name="large",
        question="Mini-batches of 128 samples: which mode is more accurate on the test set?",
        answers=MODES,
        setting={"batch_size": 128},
        outcome=_large,
        expected=SAME,
        tempting=Tempting("training mode", Belief.NEEDS_A_BATCH),
    ),
    Challenge(
        name="longer",
        question="With momentum 0.01 the averages remember longer. Is inference mode better?",
        answers=BETTER,
        setting={"momentum": 0.01},
        outcome=_longer,
        expected=BETTER[1],
        tempting=Tempting(BETTER[0], Belief.ALL_OF_TRAINING),
        opens="memory",
    ),
    Challenge(
        name="wrong-mode",
        question="A learning rate of 1, and trained in inference mode by mistake: what happens?",
        answers=WRONG_MODE,
        setting={"learning_rate": 1.0, "batch_size": 16},
        outcome=_wrong_mode,
        expected=WRONG_MODE[2],
        tempting=Tempting(WRONG_MODE[1], Belief.ONLY_DROPOUT),
        opens="mistake",
        on="mistake",
    ),
    Challenge(
        name="two",
        question="Mini-batches of 2 at a learning rate of 0.1: who is most accurate?",
        answers=WHO,
        setting={"batch_size": 2, "learning_rate": 0.1},
        outcome=_tiny,
        expected=WHO[2],
        tempting=Tempting(WHO[1], Belief.NO_REASON_NOT),
    ),
)
