"""Inside the layers: all that the page says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bnviz.words.activations.findings import accuracy, extent_in_short, headline, idle
from bnviz.words.belief import Belief
from bnviz.words.challenge import Challenge, Outcome, Tempting
from bnviz.words.numbers import seeds

if TYPE_CHECKING:
    from bnviz.verdicts.activations import ActivationsVerdict

INTRODUCTION = """
Each ridge is one hidden layer: the distribution of the values that enter its activation function,
in **plain** on the left, in **BN** on the right. The dotted lines are those of step 0.
"""

CLOSER = {
    "others": ("And the outputs, and the gradients?", "The same ridges, of other values."),
    "layers": ("Which layer changes when?", "A map of layers by training steps."),
    "one": (
        "What happens to one unit of the last hidden layer?",
        "Between which values its input lies, as in the 2015 paper.",
    ),
}
THIRDS = ("the first third", "the middle", "the last third")

NOTES = {
    "How it is measured": r"""
At some 18 recorded steps, the first 192 training samples pass through both networks as one batch,
normalized with their own mean and variance, as a batch is in training. Nothing is changed by
that.

- **Ridges**: the first seed; 64 of the samples and up to 64 units of each layer, up to 12 layers.
  Each ridge is drawn as high as its place allows, so compare widths and positions, not heights.
  Exact zeros (what a ReLU gives below zero, the gradients of a dead unit) are left out and
  counted beside the ridge. The axis holds what lies between the 0.2nd and 99.8th percentile (for
  gradients, above the 3rd), over all steps and layers, of both networks, but no more than three
  times BN's own extent: what lies beyond is counted as "off axis". Gradients are those of the
  mini-batch of that step, each entry's size on a logarithmic axis.
- **One unit**: the 15th, 50th and 85th percentile, over the 192 samples, of what enters a unit of
  the last hidden layer ($\gamma \hat x + \beta$ with BN, $Wh + b$ without), first seed. "Typical"
  is the first unit; with ReLU, the first one above zero for 15 % of the samples at the end in both
  networks, if there is one.
- **How far a distribution moved**: the 1-Wasserstein distance between the values that enter the
  activation function of a layer now and at step 0, divided by their standard deviation at step 0.
  It is computed from 128 quantiles of each, for each seed; the typical layer is the middle one of
  a network, and of the seeds the median is told; how many times as far is the median of their
  ratios. A network that starts with very small values moves far in this unit, even where it moves
  little in absolute numbers.
- **Dead or saturated**: a ReLU is dead when it gives zero for all 192 samples; a tanh is
  saturated beyond $\pm 0.97$, a sigmoid outside 0.03 to 0.97.
- **Signal**: the standard deviation of a unit's output over the samples, as the root mean square
  over a layer's units. A layer has lost the signal where that is below 5 % of the first layer's
  at step 0.
- **Update**: the standard deviation of learning rate times gradient, divided by that of the
  weights. For momentum and Adam this is not the update itself. A common guide is one thousandth.

Maps show the median over the seeds that are left; where all diverged, they are empty.
""",
    "The mathematics": r"""
BN gives each unit, over a batch, mean 0 and variance 1, and then $y = \gamma \hat x + \beta$:
mean $\beta$ and standard deviation $|\gamma|$, whatever the layers below do. These two change only
as fast as they are trained. What BN does **not** fix is the shape: $\hat x$ is $x$ shifted and
stretched, so skewness $E[\hat x^3]$ and kurtosis $E[\hat x^4]$ are those of $x$, and the dependence
between units is free as well.

The distance between two distributions with quantile functions $Q_1, Q_2$ is
$W_1 = \int_0^1 |Q_1(p) - Q_2(p)|\,dp$: how far the values must be carried, on average, to make the
one into the other.
""",
    "What the papers found": """
Ioffe & Szegedy (2015), Figure 1: in a network of 3 layers of 100 sigmoid units on MNIST, trained
for 50 000 steps on batches of 60, the 15th, 50th and 85th percentiles of the inputs to a typical
sigmoid of the last hidden layer stay much steadier with BN. They took it as a sign that BN
reduces *internal covariate shift*. Question 4 above is about that network with our
data, a learning rate of our choice, and far fewer steps.

Santurkar et al. (2018) put noise behind every BN layer, drawn anew at each step. Such a network
has more shift than a plain one and still trains about as well as with BN. Steady distributions go
along with BN, but they are not shown to be the reason why it helps.
""",
}


DEAD = ("fewer than 5 in 100", "5 to 30 in 100", "more than 30 in 100")


def _dead(verdict: ActivationsVerdict) -> Outcome:
    share = verdict.plain.idle
    if verdict.kind != "dead" or share != share:  # NaN
        return Outcome(right=None, why=idle(verdict))
    right = DEAD[0] if share < 0.05 else DEAD[1] if share <= 0.3 else DEAD[2]
    return Outcome(
        right=right,
        why=f"{idle(verdict)} A dead unit gives zero for every sample, so no gradient passes"
        " through it and it cannot come back.",
    )


def _batch_third(verdict: ActivationsVerdict) -> Outcome:
    third, thirds = verdict.drawn[1], verdict.thirds[1]
    if third is None or thirds.farthest is None:
        return Outcome(right=None, why="The network with BN diverged.")
    return Outcome(
        right=THIRDS[third],
        why="That is the seed in the picture. The layer that moved farthest stands there in"
        f" {seeds(thirds.stood[third], thirds.seeds)}. The input of a layer changes with every"
        " layer below it.",
    )


FARTHER = {"plain": "plain's", "batch": "BN's", "neither": "about the same"}


def _stiller(verdict: ActivationsVerdict) -> Outcome:
    """Whose values moved less; and whether that network learned."""
    right = {
        "plain farther": FARTHER["batch"],
        "BN not at all": FARTHER["batch"],
        "BN farther": FARTHER["plain"],
        "as far": FARTHER["neither"],
    }.get(verdict.outcome)
    return Outcome(right=right, why=" ".join((*extent_in_short(verdict), accuracy(verdict))))


HIGHER = {"first": "plain", "second": "BN", "same": "about the same"}


def _higher(verdict: ActivationsVerdict) -> Outcome:
    return Outcome(
        right=HIGHER.get(verdict.standing),
        why=f"{accuracy(verdict)} {headline(verdict)}",
    )


PAPER = {
    "activation": "sigmoid",
    "depth": 3,
    "width": 100,
    "batch_size": 60,
    "initialization": "normal",
    "learning_rate": 1.8,
    "steps": 400,
}
CHALLENGES = (
    Challenge(
        name="dead",
        question="At a learning rate of 1.8, how many of plain's units are dead at the end?",
        answers=DEAD,
        setting={"learning_rate": 1.8},
        outcome=_dead,
        expected=DEAD[2],
        tempting=Tempting(DEAD[1], Belief.RELU_IS_LINEAR),
    ),
    Challenge(
        name="layer",
        look=True,
        question="Which of BN's layers have moved farthest from the dotted line?",
        answers=THIRDS,
        setting={"learning_rate": 1.8},
        outcome=_batch_third,
        expected=THIRDS[2],
        tempting=Tempting(THIRDS[0], Belief.STOPS_MOVING),
    ),
    Challenge(
        name="low",
        question="At rate 0.0056 BN's values hardly move. Which network ends more accurate?",
        answers=tuple(HIGHER.values()),
        setting={"learning_rate": 0.0056, "steps": 400},
        outcome=_higher,
        expected=HIGHER["first"],
        tempting=Tempting(HIGHER["second"], Belief.SHIFT_TRAINS_WORSE),
    ),
    Challenge(
        name="paper",
        question="The 2015 paper's network, three sigmoid layers: whose values move less?",
        answers=tuple(FARTHER.values()),
        setting=PAPER,
        outcome=_stiller,
        expected=FARTHER["batch"],
        tempting=Tempting(FARTHER["neither"], Belief.STOPS_MOVING),
    ),
    Challenge(
        name="fading",
        question="Six sigmoid layers, which weaken the signal: whose values move less?",
        answers=tuple(FARTHER.values()),
        setting={"activation": "sigmoid", "learning_rate": 0.56},
        outcome=_stiller,
        expected=FARTHER["plain"],
        tempting=Tempting(FARTHER["batch"], Belief.STOPS_MOVING),
    ),
)
