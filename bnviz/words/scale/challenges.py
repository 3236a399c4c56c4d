"""Why doesn't the scale of the weights matter?: what the lesson asks, and what a run answers."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from bnviz.axes import BATCH
from bnviz.verdicts.scale import BROKEN, TENFOLD
from bnviz.words.belief import Belief
from bnviz.words.challenge import Challenge, Outcome, Tempting
from bnviz.words.names import NAMES
from bnviz.words.numbers import degrees, percent, seeds, significant, times
from bnviz.words.scale.lengths import share

if TYPE_CHECKING:
    from bnviz.verdicts.criteria import Fate
    from bnviz.verdicts.scale import Angle, ScaleVerdict
    from bnviz.verdicts.scale_starts import End, Spared

ABOUT: Final = 1.1  # times: a gradient that is ten times as long, give or take so much
AS_LONG: Final = 2.0  # times: weights that are about as long
HARDLY: Final = 0.5  # of the decades between the starts: where more is left, they hardly met

LENGTHS = ("10 times as long", "about as long", "a tenth as long")


def _tenfold(verdict: ScaleVerdict) -> Outcome:
    """What becomes of BN's gradient when its weights are multiplied by ten."""
    one = verdict.tenfold[BATCH]
    right = None
    if one.length == "the same":
        right = LENGTHS[1]
    for ratio, answer in ((TENFOLD, LENGTHS[0]), (1 / TENFOLD, LENGTHS[2])):
        if ratio / ABOUT < one.gradient.low and one.gradient.high < ratio * ABOUT:
            right = answer
    if right != LENGTHS[2] or one.broken:
        return Outcome(right=right, why=f"BN's outputs change by {_much(one.change.middle)}.")
    return Outcome(
        right=right,
        why=f"It is so in {seeds(verdict.seeds, verdict.seeds)}; BN's outputs change by"
        f" {_much(one.change.middle)}. Longer weights need longer steps for the same change: the"
        " slope is a tenth.",
    )


def _much(change: float) -> str:
    return share(change, "their size") if math.isfinite(change) else "no number"


SIDES = ("left, at small a", "right, at large a", "on both sides", "on neither side")


def _side(verdict: ScaleVerdict) -> Outcome:
    """On which side of a = 1 the median of BN's outputs changes."""
    one = verdict.identity
    right = {"below": SIDES[0], "nowhere": SIDES[3]}.get(one.outcome)
    if one.outcome == "as they are":
        right = SIDES[2] if verdict.tenth.change.middle >= BROKEN else SIDES[1]
    if right != SIDES[0]:
        return Outcome(right=right, why="The line is the median of the seeds.")
    return Outcome(
        right=right,
        why=f"The line, the median of the seeds, is above 1 % at a = {significant(one.factor)}"
        f" and below. There the variance is so small that ε, which BN adds to it, counts.",
    )


LEARNERS = ("plain", "BN", "both", "neither")


def _learns(verdict: ScaleVerdict) -> Outcome:
    """Which networks learn from the smallest weights."""
    plain, batch = (ends[0] for ends in verdict.starts.ends)
    places = {(True, False): 0, (False, True): 1, (True, True): 2, (False, False): 3}
    right = LEARNERS[places[plain.learned, batch.learned]]
    ends = " ".join((_ended("BN's", batch), _ended("Plain's", plain)))
    if right != "BN":
        return Outcome(right=right, why=ends)
    return Outcome(
        right=right,
        why=f"{ends} Plain's signal fades from layer to layer; BN brings it back to its size.",
    )


def _ended(whose: str, end: End) -> str:
    if end.fate == "diverged":
        return f"{whose} median seed diverged."
    return f"{whose} median seed ends at {percent(end.accuracy)} test accuracy."


MET = ("about equally long", "closer, but not alike", "as far apart")


def _met(verdict: ScaleVerdict) -> Outcome:
    """How far apart the lengths of W end, of starts that are far apart."""
    tuning = verdict.starts.tuning
    if tuning is None:
        return Outcome(right=None, why="Too few of the starts lasted to the end.")
    first, last = (math.sqrt(apart) for apart in (tuning.apart_first, tuning.apart_last))
    if last < AS_LONG:
        right = MET[0]
    else:
        right = MET[1] if math.log(last) < HARDLY * math.log(first) else MET[2]
    ends = f"At the end the longest W is {times(last)} as long as the shortest."
    if right != MET[0] or not verdict.decay:
        return Outcome(right=right, why=ends)
    return Outcome(
        right=right,
        why=f"{ends} Gradients lengthen a short W fast, and decay shortens a long one, until the"
        " two are in balance.",
    )


LEARNED: dict[Fate, str] = {
    "learned": "yes",
    "little": "a little",
    "nothing": "no",
    "diverged": "no",
}


def _large(verdict: ScaleVerdict) -> Outcome:
    """Whether BN learns from weights that are much too large."""
    spared = verdict.starts.spared
    right = LEARNED[verdict.starts.large.fate]
    why = (_ended("BN's", verdict.starts.large), *_spared(spared))
    return Outcome(right=right, why=" ".join(why))


def _spared(spared: Spared) -> tuple[str, ...]:
    if not spared.helped:
        return ()
    return (
        "With an output layer of ordinary size it ends at"
        f" {percent(spared.end.accuracy)} test accuracy: no BN follows that layer, and there the"
        " scale does matter.",
    )


UPRIGHT = ("yes", "no")


RIGHT: dict[Angle, str] = {
    "right": UPRIGHT[0],
    "right later": UPRIGHT[0],
    "not right": UPRIGHT[1],
}


def _upright(verdict: ScaleVerdict) -> Outcome:
    """Whether the gradients of BN's units are at right angles to their weights."""
    span = verdict.spans[BATCH]
    right = RIGHT.get(verdict.angle)
    if span is None or right is None:
        return Outcome(right=None, why="BN's hidden layers have no gradient here.")
    far = degrees(max(90 - span.low, span.high - 90))
    by = far if far.startswith("less") else f"up to {far}"
    within = f"For 80 % of the units the angle differs from a right angle by {by}."
    if verdict.angle == "right later":
        return Outcome(
            right=right, why=f"{within} From step {verdict.upright_from} on it is right."
        )
    if right == UPRIGHT[1]:
        return Outcome(right=right, why=within)
    return Outcome(
        right=right,
        why=f"{within} The angle belongs to the function, not to the optimizer. Only the prediction"
        " of ‖W‖² is lost, where steps do not follow the gradient.",
    )


CALM = {"gain": 1.0, "learning_rate": 0.32}
CHALLENGES = (
    Challenge(
        name="tenfold",
        question="Multiply all hidden weights by 10: how long is BN's gradient then?",
        answers=LENGTHS,
        setting=CALM,
        outcome=_tenfold,
        expected=LENGTHS[2],
        tempting=Tempting(LENGTHS[0], Belief.LARGER_WEIGHTS),
        opens="multiplied",
    ),
    Challenge(
        name="side",
        look=True,
        question="Weights times a: on which side of a = 1 do BN's outputs change over 1 %?",
        answers=SIDES,
        setting=CALM,
        outcome=_side,
        expected=SIDES[0],
        tempting=Tempting(SIDES[3], Belief.INITIALIZATION_AT_ALL),
        opens="multiplied",
    ),
    Challenge(
        name="small",
        question="Initial weights 100 times too small: which networks learn?",
        answers=LEARNERS,
        setting={"gain": 0.01},
        outcome=_learns,
        expected=NAMES["batch"],
        tempting=Tempting("neither", Belief.RIGHT_START),
    ),
    Challenge(
        name="decay",
        question="Weights start 10,000 times apart in length: how do they end, with decay?",
        answers=MET,
        setting={"decay": 0.02, "steps": 400},
        outcome=_met,
        expected=MET[0],
        tempting=Tempting(MET[1], Belief.DECAY_SIMPLE),
        opens="tunes",
    ),
    Challenge(
        name="large",
        question="Initial weights 100 times too large: does the network with BN learn?",
        answers=("yes", "a little", "no"),
        setting={"gain": 100.0},
        outcome=_large,
        expected="no",
        tempting=Tempting("yes", Belief.INITIALIZATION_AT_ALL),
    ),
    Challenge(
        name="adam",
        question="With Adam: is BN's gradient still at right angles to its weights?",
        answers=UPRIGHT,
        setting={"optimizer": "adam", "learning_rate": 0.01},
        outcome=_upright,
        expected=UPRIGHT[0],
        tempting=Tempting(UPRIGHT[1], Belief.OPTIMIZER_TURNS),
    ),
)
