"""How forgiving is it?: what the lesson asks, and what a map answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bnviz.verdicts.forgiveness import PLENTY
from bnviz.words.belief import Belief
from bnviz.words.challenge import Challenge, Outcome, Tempting
from bnviz.words.forgiveness.findings import ahead, counted, headline, row_name, window
from bnviz.words.numbers import listed

if TYPE_CHECKING:
    from bnviz.verdicts.forgiveness import Ahead, ForgivenessVerdict, Row

GROWING = "Not all of the map is trained yet."

MORE = ("fewer", "about as many", "up to 3 times as many", "over 3 times as many")


def _how_many(verdict: ForgivenessVerdict) -> Outcome:
    if not verdict.complete:
        return Outcome(right=None, why=GROWING)
    if not verdict.plain and not verdict.batch:
        return Outcome(right=None, why=headline(verdict))
    ratio = verdict.batch / verdict.plain if verdict.plain else float("inf")
    right = MORE[0] if ratio < 1 / PLENTY else MORE[1] if ratio <= PLENTY else MORE[2]
    why = counted(verdict)
    if ratio > PLENTY and verdict.activation in ("sigmoid", "tanh"):
        steep = "BN brings each unit's input back to where its activation function is steep."
        why = f"{why} {steep}"
    return Outcome(right=MORE[3] if ratio > 3 else right, why=why)


GAINS = ("small weights, gain below 1", "gain 1", "large weights, gain above 1")


def _which_gain(verdict: ForgivenessVerdict) -> Outcome:
    plain = verdict.windows[0]
    if not verdict.complete:
        return Outcome(right=None, why=GROWING)
    if not verdict.gains:
        return Outcome(right=None, why="All networks of this map have the same gain.")
    if not plain.rows:
        return Outcome(right=None, why=window(verdict, plain))
    best = [one.value for one in plain.where]
    named, kinds = [f"{gain:g}" for gain in best], {_kind(gain) for gain in best}
    if len(kinds) > 1:
        level = f"Plain trains at as many rates with the gains {listed(named)}."
        return Outcome(right=None, why=level)
    (right,), gains = kinds, listed(named, "or")
    widest = (
        f"Plain trains at more learning rates with an initial gain of {gains} than with others."
    )
    if right == GAINS[2]:
        widest = f"{widest} With small weights the signal fades from layer to layer."
    return Outcome(right=right, why=widest)


def _kind(gain: float) -> str:
    return GAINS[0] if gain < 1 else GAINS[1] if gain == 1 else GAINS[2]


ANY = ("no", "at a few rates", "at most rates")


def _deepest(verdict: ForgivenessVerdict) -> Outcome:
    if not verdict.complete:
        return Outcome(right=None, why=GROWING)
    if verdict.last.knob != "depth":
        return Outcome(right=None, why="All networks of this map are equally deep.")
    count = verdict.in_last[1]
    right = ANY[0] if not count else ANY[2] if 2 * count > verdict.rates else ANY[1]
    return Outcome(
        right=right,
        why=f"{_deepest_of_all(*verdict.farthest)} Whether more steps would reach deeper, this map"
        " does not tell.",
    )


def _deepest_of_all(plain: Row | None, batch: Row | None) -> str:
    if not plain and not batch:
        return "No network trains, at any depth."
    if not plain:
        assert batch
        return f"The deepest network with BN that trains has {row_name(batch)}; without, none does."
    if not batch:
        return (
            f"The deepest network without BN that trains has {row_name(plain)}; with BN, none does."
        )
    return (
        f"The deepest network that trains at some rate has {row_name(batch)} with BN, and"
        f" {row_name(plain)} without."
    )


WHERE = ("at small batches", "at large batches", "nowhere")


def _lower_half(behind: Ahead) -> str:
    """Where plain is clearly ahead, by the halves of the map."""
    cells, low = behind.cells, behind.low
    if cells == 1 and low:
        return "Plain is clearly ahead in 1 cell, and it is in the lower half of the map."
    if cells == 1:
        return "Plain is clearly ahead in 1 cell, and it is in the upper half of the map."
    if not low:
        return f"Plain is clearly ahead in {cells} cells, none in the lower half of the map."
    if low == cells:
        return f"Plain is clearly ahead in {cells} cells, all in the lower half of the map."
    return f"Plain is clearly ahead in {cells} cells, {low} of them in the lower half of the map."


def _where_plain_leads(verdict: ForgivenessVerdict) -> Outcome:
    behind = verdict.behind
    if not verdict.complete:
        return Outcome(right=None, why=GROWING)
    if verdict.last.knob != "batch_size":
        return Outcome(right=None, why="All networks of this map have the same batch size.")
    if not behind:
        return Outcome(right=WHERE[2], why=ahead(verdict))
    why = _lower_half(behind)
    if 2 * behind.low == behind.cells:
        return Outcome(right=None, why=why)
    if 2 * behind.low < behind.cells:
        return Outcome(right=WHERE[1], why=why)
    noise = "The mean and variance of a few samples are mostly noise."
    return Outcome(right=WHERE[0], why=f"{why} {noise}")


ADAM = (
    "Adam fits each weight's step to its gradient; it does not restore a signal that fades or"
    " explodes."
)
WHO = ("plain", "BN", "about the same")


def _who_trains_more(verdict: ForgivenessVerdict) -> Outcome:
    if not verdict.complete:
        return Outcome(right=None, why=GROWING)
    if verdict.outcome == "nothing trains":
        return Outcome(right=None, why=headline(verdict))
    right = WHO[2]
    if verdict.batch > PLENTY * verdict.plain:
        right = WHO[1]
    elif verdict.plain > PLENTY * verdict.batch:
        right = WHO[0]
    return Outcome(
        right=right,
        why=f"{counted(verdict)} {ADAM}" if verdict.optimizer == "adam" else counted(verdict),
    )


SIGMOID = {"activation": "sigmoid", "depth": 3, "learning_rate": 1.0}
CHALLENGES = (
    Challenge(
        name="sigmoid",
        question="3 sigmoid layers: how many settings train with BN, compared with plain?",
        answers=MORE,
        setting=SIGMOID,
        outcome=_how_many,
        expected=MORE[3],
        tempting=Tempting(MORE[2], Belief.ONLY_A_BAD_RATE),
    ),
    Challenge(
        name="gain",
        look=True,
        question="Which initial weights does the network without BN need here?",
        answers=GAINS,
        setting=SIGMOID,
        outcome=_which_gain,
        expected=GAINS[2],
        tempting=Tempting(GAINS[1], None),
    ),
    Challenge(
        name="deep",
        question="A map of depths: do 20 layers with BN train at any learning rate?",
        answers=ANY,
        setting={"against": "depth", "learning_rate": 0.32},
        outcome=_deepest,
        expected=ANY[0],
        tempting=Tempting(ANY[1], Belief.ANY_RATE),
    ),
    Challenge(
        name="batch",
        question="A map of batch sizes: where is the network without BN ahead?",
        answers=WHERE,
        setting={"against": "batch size", "learning_rate": 0.32},
        opens="difference",
        outcome=_where_plain_leads,
        expected=WHERE[0],
        tempting=Tempting(WHERE[2], Belief.ONLY_HELPS),
    ),
    Challenge(
        name="adam",
        question="Adam fits the step to each weight. Which network trains at more settings?",
        answers=WHO,
        setting={"optimizer": "adam"},
        outcome=_who_trains_more,
        expected=WHO[1],
        tempting=Tempting(WHO[2], Belief.ADAM_DOES_IT),
    ),
)
