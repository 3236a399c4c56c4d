"""The front door: all that its page says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bnviz.verdicts.criteria import majority
from bnviz.words.belief import Belief
from bnviz.words.challenge import Challenge, Outcome, Tempting
from bnviz.words.home.findings import PLAIN, fates, second
from bnviz.words.names import HIGHER
from bnviz.words.numbers import seeds

if TYPE_CHECKING:
    from bnviz.verdicts.home import Halves, HomeVerdict

INTRODUCTION = """
Two networks learn to read digits from the same start; one has **batch normalization (BN)**.
Each column shows a layer, each lamp in it a unit, dark when it no longer reacts to the input.
"""

HALVES = ("those near the input", "those near the output")
DIFFERS = "it differs"
CLOSER = {
    "layers": ("How does every layer fare?", "Signal, gradient and dead units over training.")
}

NOTES = {
    "How it is measured": """
Every lamp is one unit of one seed's network, the seed whose two networks end nearest to the
median test accuracy of all seeds: the standard deviation of its output over 192
training samples, normalized with their own statistics as a mini-batch is in training. A unit that
says the same for every sample is dark, however large its output is. The curves below show the same
by layer (root mean square over its units), with the median of all seeds as a line and their range
as a band; the length of the gradient of the layer's weights on the mini-batch of that step; and the
share of dead units (zero for all 192 samples) or saturated values (|tanh| > 0.97, sigmoid outside
0.03 to 0.97). Curves are held at the edge of their axis.

*Learned* means: in the end closer to being right than to guessing. A layer *fails* when it has
100 times its initial signal, half of its units dead or half of its values saturated, or an output
that varies by less than 0.001; "by" a step is said where the steps just before it were not
recorded. Test accuracy is measured in inference mode.
""",
    "The mathematics": r"""
For each unit, over the samples of the mini-batch (Ioffe & Szegedy 2015, Algorithm 1):

$$
\mu = \frac1m \sum_i x_i \qquad v = \frac1m \sum_i (x_i - \mu)^2 \qquad
\hat x_i = \frac{x_i - \mu}{\sqrt{v + \varepsilon}} \qquad y_i = \gamma\,\hat x_i + \beta
$$

applied to the layer's weighted sum before its activation. Whatever the update did to the size of
the weights, the next layer receives values of the same mean and spread: a step that is too long
can no longer multiply itself from layer to layer.
""",
    "What the papers found": """
Ioffe & Szegedy (2015) trained an Inception network on ImageNet with BN at 5 times the learning
rate, at which the network without it diverges, and reached its 72.2 % accuracy in 2.1 instead of
31 million steps; that network also dropped dropout, weakened its L2 penalty and decayed its rate
faster. Bjorck et al. (2018) found that at a very small rate (0.0001) a ResNet-110 on
CIFAR-10 reaches 81 to 82 % with and without BN: the gain comes from the larger rate that BN allows.
*Why* it allows it is still discussed; that is what the later lessons are about.
""",
}


def _first_gone(verdict: HomeVerdict) -> Outcome:
    halves = verdict.halves
    if not any((*halves.gone, halves.both)):
        return Outcome(right=None, why="No layer of the plain network failed.")
    return Outcome(
        right=DIFFERS if halves.most is None else HALVES[halves.most],
        why=f"{_where(halves)} One step that is too long throws them off, and nothing puts them"
        " back.",
    )


STOOD = {
    (True, False, False): "The first layers to fail stood near the input in {low}.",
    (False, True, False): "The first layers to fail stood near the output in {high}.",
    (False, False, True): "The first layers to fail stood in both halves.",
    (True, True, False): (
        "The first layers to fail stood near the input in {low} and near the output in {high}."
    ),
    (True, False, True): (
        "The first layers to fail stood near the input in {low} and in both halves in the others."
    ),
    (False, True, True): (
        "The first layers to fail stood near the output in {high} and in both halves in the others."
    ),
    (True, True, True): (
        "The first layers to fail stood near the input in {low}, near the output in {high} and in"
        " both halves in the others."
    ),
}
"""By whether in some seeds they stood near the input, near the output, in both halves."""


def _where(halves: Halves) -> str:
    """In which half the first layers to fail stood, seed by seed."""
    low, high = (seeds(number, halves.seeds) for number in halves.gone)
    there = (halves.gone[0] > 0, halves.gone[1] > 0, bool(halves.both))
    return STOOD[there].format(low=low, high=high)


DARK = ("none", "some of them", "all of them")


def _dark(verdict: HomeVerdict) -> Outcome:
    (dark, batch), of = verdict.dark, verdict.depth
    right = DARK[0] if not dark else DARK[2] if dark == of else DARK[1]
    return Outcome(
        right=right,
        why=f"Dark at the end, in the seed that is drawn: {dark or 'none'} of plain's {of} layers,"
        f" {batch or 'none'} of BN's. A dark layer passes nothing of the input on.",
    )


NO, FEW, YES = LEARNS = "no", "in a few seeds only", "yes, in most seeds"


def _does_batch_learn(verdict: HomeVerdict) -> Outcome:
    learned = len(verdict.batch.learned)
    right = YES if majority(learned, verdict.seeds) else FEW if learned else NO
    return Outcome(right=right, why=fates(second(verdict), verdict.batch))


def _one_layer(verdict: HomeVerdict) -> Outcome:
    outcome = _does_batch_learn(verdict)
    if outcome.right == NO:
        return outcome
    return Outcome(
        right=outcome.right,
        why=f"{outcome.why} It gives the layers above it a usable input again. Why this layer is"
        " the one that matters, this run does not tell.",
    )


def _which_ends_higher(verdict: HomeVerdict) -> Outcome:
    why = (
        f"{fates(PLAIN, verdict.plain)} {fates(second(verdict), verdict.batch)} At a rate that"
        " the plain network tolerates, BN has little to mend."
    )
    return Outcome(right=HIGHER[verdict.standing], why=why)


CHALLENGES = (
    Challenge(
        name="break",
        question="Turn the learning rate up to 1. Which layers of the plain network fail first?",
        answers=(*HALVES, DIFFERS),
        setting={"learning_rate": 1.0},
        outcome=_first_gone,
        expected=HALVES[1],
        tempting=Tempting(HALVES[0], Belief.VANISHED_FIRST),
    ),
    Challenge(
        name="dark",
        look=True,
        question="Look at the end of this run: how many of plain's columns are dark?",
        answers=DARK,
        setting={"learning_rate": 1.0},
        outcome=_dark,
        expected=DARK[2],
        tempting=Tempting(DARK[1], None),
    ),
    Challenge(
        name="one-layer",
        question="Still at rate 1, give BN to layer 7 alone. Does the network learn?",
        answers=LEARNS,
        setting={"learning_rate": 1.0, "normalized": (7,)},
        outcome=_one_layer,
        expected=YES,
        tempting=Tempting(NO, Belief.EVERY_LAYER),
    ),
    Challenge(
        name="too-far",
        question="BN in every layer, at a learning rate of 10: does the network with BN learn?",
        answers=LEARNS,
        setting={"learning_rate": 10.0},
        outcome=_does_batch_learn,
        expected=NO,
        tempting=Tempting(YES, Belief.ANY_RATE),
    ),
    Challenge(
        name="low",
        question="Now a low rate, 0.01. Which network ends with the higher test accuracy?",
        answers=tuple(HIGHER.values()),
        setting={"learning_rate": 0.01},
        outcome=_which_ends_higher,
        expected=HIGHER["first"],
        tempting=Tempting(HIGHER["second"], Belief.BETTER_AT_EVERY_RATE),
    ),
)
