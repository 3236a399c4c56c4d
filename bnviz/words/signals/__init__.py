"""Why depth is hard: all that its page says."""

from __future__ import annotations

from math import isnan
from typing import TYPE_CHECKING

from bnviz.verdicts.criteria import majority
from bnviz.words.belief import Belief
from bnviz.words.challenge import Challenge, Outcome, Tempting
from bnviz.words.numbers import seeds
from bnviz.words.signals.findings import OnTheWay, arrives, helped, learned, per_layer

if TYPE_CHECKING:
    from bnviz.verdicts.signals import Fate, Network, SignalsVerdict, Way

INTRODUCTION = """
Signals go up through the layers, gradients come back down. Each layer makes them a little smaller
or larger, and so does the next. The **gain** sets how large the weights are before training.
"""

CLOSER = {
    "product": (
        "What if all layers change at once?",
        "One step of a product of weights, predicted and true.",
    ),
    "remedies": (
        "What did one do before BN?",
        "Six remedies for ten sigmoid layers, with BN and without.",
    ),
}

CHAIN = """
The gradient says what a change of **one** weight does while all others stay as they are. An update
changes them all. Take the smallest deep network there is: one unit per layer, no activation, so
that its output is a product of weights, $y = w_1 w_2 \\cdots w_L$. All of them are 1 at first, and
y should become 2.
"""

REMEDIES = (
    "Ten sigmoid layers with small normal weights and a large learning rate (0.56), and what was"
    " used against that, alone and together: each with BN and without, on your data, width and"
    " batch size. 200 steps, three seeds."
)

NOTES = {
    "How it is measured": r"""
At eight recorded steps, or fewer, the first 96 training samples pass through both networks and
back, normalized with their own mean and variance, as a mini-batch is in training. Nothing is
changed by that.

- **Signal** of a layer: the standard deviation of a unit's output over the samples, as the root
  mean square over the units. It says how far different inputs can still be told apart. (The size
  of the outputs, mean included, is something else: with He's weights a plain ReLU layer keeps the
  size, but outputs for different inputs become ever more alike.)
- **Gradient** of a layer: the standard deviation, over samples and units, of $\partial L /
  \partial h$ with $h$ the layer's output and $L$ the mean cross entropy.
- A signal below one millionth of the outputs' own size is lost in the rounding of 32-bit numbers.
  It counts as zero and is drawn on the lower edge.
- The **factor per layer** is the slope of a straight line through the logarithms of all hidden
  layers, for each seed; sentences tell the median of the seeds. Lines are medians, bands the range
  over the seeds, dotted lines the medians at step 0.
- **Learned**: the training loss, averaged over ten steps, fell below half of what guessing costs
  ($\ln 10 = 2.30$ for ten classes), and the network did not diverge.
- **First step**: the change of the mini-batch loss by one learning rate along its own gradient,
  against $-\eta \lVert g \rVert^2$. Momentum and Adam step elsewhere.
""",
    "The mathematics": r"""
**Forward.** A unit's input is a sum of $n$ products, so its variance is $n \sigma_w^2$ times the
mean square of the outputs below. ReLU halves the mean square. A layer therefore multiplies the
mean square by $n \sigma_w^2 / 2$, and $L$ layers by the $L$-th power of that: He et al. choose
$\sigma_w^2 = 2/n$ to make it 1. The gain multiplies $\sigma_w$, so with gain ½ sixteen layers
leave $2^{-16}$, about 1/65,000.

**Backward.** The same sums run the other way: $\partial L / \partial h$ is multiplied by
$\sigma_w \sqrt{n/2}$ per ReLU layer, by far less where a sigmoid has a slope of ¼ at most.

**With BN** the scale of $W$ cancels. The gradient is divided by the standard deviation
of the pre-activation and multiplied by the weights. A ReLU takes in variance 1 and gives out mean
square ½ but variance $\tfrac12 - \tfrac1{2\pi}$. BN divides by the standard deviation that
belongs to the smaller one, and the way back pays for it with $\sqrt{\pi/(\pi-1)} \approx 1.21$
per layer, in wide layers at the start.

**The product.** With $w_i = 1$, the loss $\tfrac12 (y - 2)^2$ and rate $\eta$, every gradient is
$-1$. Together they predict a change of $-\eta L$. The step makes every factor $1 + \eta$ and the
output $(1+\eta)^L$, so the loss changes by $\tfrac12 ((1+\eta)^L - 2)^2 - \tfrac12$. It rises as
soon as $(1+\eta)^L > 3$: the largest useful rate is about $1.1 / L$.
""",
    "What the papers found": r"""
Glorot & Bengio (2010) chose the standard deviation of the weights from the number of inputs and
outputs, He et al. (2015) adapted it to ReLU. Ioffe & Szegedy (2015) report that Inception with
sigmoid units reaches 69.8 % on ImageNet with BN (BN-x5-Sigmoid) and stays at chance without.

Goodfellow, Bengio & Courville (*Deep Learning*, 2016, in the section on batch normalization) use
the product $y = x w_1 w_2 \cdots w_l$ to show what happens when all layers are updated at once.

Yang, Pennington, Rao, Sohl-Dickstein & Schoenholz (*A Mean Field Theory of Batch Normalization*,
2019) show that in wide, fully connected networks with BN the gradient grows exponentially with
depth at initialization, whatever the variance of the weights and the activation function. They
conclude that at large depth such networks cannot be trained without skip connections, and observe
that after a single step the gradients' range becomes dramatically smaller. Kyle Luther (*Why Batch
Norm Causes Exploding Gradients*, 2020) derives the factor $\sqrt{\pi/(\pi-1)}$ for ReLU in a few
lines.
""",
}


GROWTH = ("up to 100 times", "100 to 1,000 times", "over 1,000 times")


def _grown(way: Way, why: str) -> Outcome:
    """How much something grew on its way at the start, and why."""
    if isnan(way.ratio):
        return Outcome(right=None, why="It overflows before it can be measured.")
    place = 0 if way.ratio <= 100 else 1 if way.ratio <= 1000 else 2
    return Outcome(right=GROWTH[place], why=why)


def _explodes(verdict: SignalsVerdict) -> Outcome:
    way, lost = verdict.plain.signal, verdict.plain.diverged
    said = [arrives(way, BEFORE)]
    if way.each.seeds:
        said.append(f"Each layer passes it on {per_layer(way.each.middle)} times as large.")
    if lost:
        said.append(f"Plain then diverged in {seeds(len(lost), verdict.seeds)}.")
    return _grown(way, " ".join(said))


BEFORE = OnTheWay(
    overflows="Before training it overflows before it can be measured.",
    beyond="Before training it grows beyond all numbers.",
    grows="Before training it grows {many}.",
    fades="Before training it fades to {part}.",
    arrives="Before training it arrives at {part}.",
)
BACK = OnTheWay(
    overflows="BN's gradient overflows before it can be measured.",
    beyond="From the last layer to the first, BN's gradient grows beyond all numbers.",
    grows="From the last layer to the first, BN's gradient grows {many}.",
    fades="From the last layer to the first, BN's gradient fades to {part}.",
    arrives="From the last layer to the first, BN's gradient arrives at {part}.",
)

DIRECTIONS: dict[Fate, str] = {
    "fades": "it falls",
    "stays": "it stays about level",
    "grows": "it rises",
}


def _towards_the_input(verdict: SignalsVerdict) -> Outcome:
    """What BN's gradient does at step 0, as the dotted line shows it."""
    way = verdict.batch.gradient
    if verdict.depth == 1 or isnan(way.ratio):
        return Outcome(right=None, why="There is no way between layers that could be measured.")
    return Outcome(
        right=DIRECTIONS[verdict.back],
        why=f"{arrives(way, BACK)} At each layer it is {per_layer(way.each.middle)} times as large."
        " BN keeps the signal, not the gradient.",
    )


NO, FEW, YES = LEARNS = "no", "in a few seeds only", "yes, in most seeds"


def _learns(network: Network, of: int, why: str) -> Outcome:
    right = YES if majority(network.learned, of) else FEW if network.learned else NO
    return Outcome(right=right, why=why)


def _does_plain_learn(verdict: SignalsVerdict) -> Outcome:
    why = learned(verdict)
    if verdict.both_through and not majority(verdict.plain.learned, verdict.seeds):
        missing = (
            "A signal that gets through is not enough; what is missing, this run does not tell."
        )
        why = f"{why} {missing}"
    return _learns(verdict.plain, verdict.seeds, why)


HELPS = ("yes, clearly", "hardly", "no")


def _does_batch_help(verdict: SignalsVerdict) -> Outcome:
    much = verdict.help in ("learns", "sooner", "on its way")
    right = HELPS[0 if much else 1 if verdict.help == "not much" else 2]
    return Outcome(right=right, why=helped(verdict) or learned(verdict))


def _does_batch_learn(verdict: SignalsVerdict) -> Outcome:
    return _learns(verdict.batch, verdict.seeds, helped(verdict) or learned(verdict))


def _skips(verdict: SignalsVerdict) -> Outcome:
    way = verdict.batch.gradient
    return _grown(way, f"{arrives(way, BEFORE)} {SKIPPED}")


SKIPPED = "Each skip connection carries the gradient past a layer as it is."
DEEP = {"depth": 50, "gain": 1.0}
CHALLENGES = (
    Challenge(
        name="explode",
        question="At gain 2, plain's signal nearly doubles per layer. How much does it grow?",
        answers=GROWTH,
        setting={"gain": 2.0},
        outcome=_explodes,
        expected=GROWTH[2],
        tempting=Tempting(GROWTH[0], Belief.LITTLE_BY_LITTLE),
    ),
    Challenge(
        name="back",
        look=True,
        question="In the gradient's picture: what does BN's dotted line do towards layer 1?",
        answers=tuple(DIRECTIONS.values()),
        setting={"gain": 2.0},
        outcome=_towards_the_input,
        expected=DIRECTIONS["grows"],
        tempting=Tempting(DIRECTIONS["stays"], Belief.NEITHER_NOR),
    ),
    Challenge(
        name="right",
        question="Gain 1, the right size for ReLU: does plain learn within 50 steps?",
        answers=LEARNS,
        setting={"gain": 1.0},
        outcome=_does_plain_learn,
        expected=NO,
        tempting=Tempting(YES, Belief.RIGHT_START),
    ),
    Challenge(
        name="tanh",
        question="Now 16 layers of tanh, at gain 1 and for 100 steps. Does BN help?",
        answers=HELPS,
        setting={"activation": "tanh", "gain": 1.0, "steps": 100},
        outcome=_does_batch_help,
        expected=HELPS[1],
        tempting=Tempting(HELPS[0], Belief.ONLY_HELPS),
    ),
    Challenge(
        name="deep",
        question="50 layers of ReLU at gain 1: does the network with BN learn in 50 steps?",
        answers=LEARNS,
        setting=DEEP,
        outcome=_does_batch_learn,
        expected=NO,
        tempting=Tempting(YES, Belief.NEITHER_NOR),
    ),
    Challenge(
        name="skip",
        question="50 layers with skip connections: how much does BN's gradient grow now?",
        answers=GROWTH,
        setting=DEEP | {"skip": "on"},
        outcome=_skips,
        expected=GROWTH[0],
        tempting=Tempting(GROWTH[2], Belief.DEPTH_ALONE),
    ),
)
