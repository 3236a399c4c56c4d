"""Why depth is hard: all that its page says."""

from __future__ import annotations

from math import isfinite, isnan
from typing import TYPE_CHECKING, Any

from bnviz.verdicts.signals import DEEPEST, WIDE_RELU
from bnviz.words.findings import Findings
from bnviz.words.names import NAMES, SUBJECTS
from bnviz.words.numbers import (
    at_steps,
    between,
    fine_percent,
    many,
    percent,
    power,
    seeds,
    steps,
)

if TYPE_CHECKING:
    from bnviz.verdicts.signals import Fate, Network, SignalsVerdict, Way

INTRODUCTION = """
A deep network passes its input through layer after layer, and the gradient of the loss comes back
the same way. If every layer makes it a little smaller, or a little larger, it does so **every
time**. Here all weights start half as large as they should (a **gain** of 0.5): turn the gain to 1,
then to 2, and watch what arrives with BN and without.
"""

CLOSER = {"product": "What if all layers move at once?"}

CHAIN = """
The gradient says what a change of **one** weight does while all others stand still. An update
moves them all. Take the smallest deep network there is: one unit per layer, no activation, so that
its output is a product of weights, $y = w_1 w_2 \\cdots w_L$. All of them are 1 at first, and y
should become 2.
"""

REMEDIES = (
    "What one did before BN",
    "Ten sigmoid layers with small normal weights and a large learning rate (0.56), and what was"
    " used against that, alone and together: each with BN and without, on your data, width and"
    " batch size. 200 steps, three seeds.",
)

PRESETS: dict[str, dict[str, Any]] = {
    "He's weights as they are: gain 1": {"gain": 1.0},
    "Twice as large: plain explodes": {"gain": 2.0},
    "Tanh with its own weights: BN does not help": {
        "activation": "tanh",
        "gain": 1.0,
        "steps": 100,
    },
    "50 layers: BN's gradient explodes": {"depth": 50, "gain": 1.0},
}
DIRECTIONS: dict[Fate, str] = {
    "fades": "it fades",
    "stays": "it stays about the same",
    "grows": "it grows",
}
GUESSES = tuple(DIRECTIONS.values())
GUESS = (
    "What does the gradient of the **BN** network do on its way from the last layer to the first?"
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

**With BN** the scale of $W$ cancels. The gradient is divided by the deviation of the
pre-activation and multiplied by the weights. A ReLU takes in variance 1 and gives out mean square
½ but variance $\tfrac12 - \tfrac1{2\pi}$. BN divides by the deviation that comes from the smaller
one, and the way back pays for it with $\sqrt{\pi/(\pi-1)} \approx 1.21$ per layer, in wide layers
at the start.

**The product.** With $w_i = 1$, the loss $\tfrac12 (y - 2)^2$ and rate $\eta$, every gradient is
$-1$. The promise of $L$ such gradients is $-\eta L$. The step makes every factor $1 + \eta$ and the
output $(1+\eta)^L$, so the loss changes by $\tfrac12 ((1+\eta)^L - 2)^2 - \tfrac12$. It rises as
soon as $(1+\eta)^L > 3$: the largest useful rate is about $1.1 / L$.
""",
    "What the papers found": r"""
Glorot & Bengio (2010) chose the deviation of the weights from the number of inputs and outputs,
He et al. (2015) adapted it to ReLU. Ioffe & Szegedy (2015) report that Inception with sigmoid
units reaches 69.8 % on ImageNet with BN (BN-x5-Sigmoid) and stays at chance without.

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


def findings(verdict: SignalsVerdict) -> Findings:
    """What this run shows."""
    return Findings(
        headline=_signal(verdict),
        more=(
            *_gradient(verdict),
            _trained(verdict),
            *_not_the_gradient(verdict),
            *filter(None, map(_unresolved, verdict.networks)),
            *(_lost(one, verdict.seeds) for one in verdict.networks if one.diverged),
            *_single(verdict),
        ),
    )


def share(ratio: float) -> str:
    """A part of what set out: 45 %, 0.38 %, 1/60,000, some 10⁻¹³, nothing."""
    if ratio >= 1e-3:
        return fine_percent(ratio)
    if ratio >= 1e-9:
        return f"1/{rounded(1 / ratio)}"
    return f"some {power(ratio)}" if ratio > 0 else "nothing"


def rounded(ratio: float) -> str:
    """A number of 2 or more, to two digits: 4.8, 21, 16,000, 10¹²."""
    if ratio >= 1e9:
        return power(ratio) if isfinite(ratio) else "infinitely many"
    two = float(f"{ratio:.2g}")
    return f"{two:,.0f}" if two >= 10 else f"{two:g}"


def _arrives(way: Way) -> str:
    match way.arrival:
        case "overflows":
            return "overflows before it can be measured"
        case "grows beyond all numbers":
            return "grows beyond all numbers"
        case "grows":
            return f"grows {rounded(way.ratio)} times"
        case "fades":
            return f"fades to {share(way.ratio)}"
    return f"arrives at {share(way.ratio)}"


def _signal(verdict: SignalsVerdict) -> str:
    if verdict.depth == 1:
        return "**One hidden layer: on so short a way nothing can fade.** Choose more layers."
    plain, batch = (_arrives(one.signal) for one in verdict.networks)
    begin = f"At the start, over {verdict.depth} layers, "
    if verdict.both_through:
        return f"{begin}**both signals get through**: plain's {plain}, BN's {batch}."
    return f"{begin}**plain's signal {plain}; BN's {batch}.**"


def _gradient(verdict: SignalsVerdict) -> tuple[str, ...]:
    if verdict.depth == 1:
        return ()
    plain, batch = (
        f"{NAMES[one.treatment]}'s gradient {_arrives(one.gradient)}{_each(one.gradient)}"
        for one in verdict.networks
    )
    return (f"On the way back, from the last hidden layer to the first, {plain}; {batch}.",)


def _each(way: Way) -> str:
    """The factor from layer to layer, and between what it lies in the seeds."""
    each = way.each
    if not each.seeds:
        return ""
    spread = between(f"{each.low:.2f}", f"{each.high:.2f}")
    middle = f"{each.middle:.2f}"
    more = "" if spread == middle else f"; {spread} in the seeds"
    return f" ({middle} times per layer{more})"


def _trained(verdict: SignalsVerdict) -> str:
    plain, batch = (seeds(one.learned, verdict.seeds) for one in verdict.networks)
    begin = (
        f"In {steps(verdict.steps)} the training loss fell below half of what guessing costs in"
        f" {plain} without BN and in {batch} with it"
    )
    known = [_accuracy(one, verdict.seeds) for one in verdict.networks if not isnan(one.accuracy)]
    begin += f" (test accuracy in the end: {', '.join(known)})." if known else "."
    return begin if verdict.help == "learns" else f"{begin} {_help(verdict)}"


def _accuracy(network: Network, of: int) -> str:
    """The test accuracy in the end, which is that of the seeds that did not diverge."""
    left = of - len(network.diverged)
    where = f" in the {many(left, 'seed')} left" if left < of else ""
    return f"{NAMES[network.treatment]} {percent(network.accuracy)}{where}"


def _help(verdict: SignalsVerdict) -> str:
    """That BN does not help, or not yet, and why, as far as this run can tell."""
    plain, batch = (after(one.typical) for one in verdict.networks)
    ends = f"the typical seed after {plain} without BN, after {batch} with it"
    match verdict.help:
        case "sooner":
            return f"But BN learns sooner: {ends}."
        case "on its way":
            return "Neither is there yet, but BN is on its way."
        case "torn":
            return (
                "**Here BN does not help either**: its gradient is"
                f" {rounded(verdict.batch.gradient.ratio)} times as large at the first layer as at"
                " the last, and one learning rate has to suit both."
            )
        case "neither":
            return f"**Here BN does not help**: neither of them learns in {steps(verdict.steps)}."
    if all(not isfinite(one.typical) for one in verdict.networks):
        return "**Here BN does not help**: the typical seed learns neither without it nor with it."
    through = verdict.plain.signal.fate() == "stays"
    why = "; the plain signal gets through by itself" if through else ""
    much = " much" if verdict.help == "not much" else ""
    return f"**Here BN does not help{much}**: {ends}{why}."


def after(number: float) -> str:
    return steps(round(number)) if isfinite(number) else "more than there were"


def _not_the_gradient(verdict: SignalsVerdict) -> tuple[str, ...]:
    if not verdict.not_the_gradient:
        return ()
    each = verdict.batch.gradient.each.middle
    relu = verdict.activation == "relu"
    theory = f" (theory for wide ReLU layers: {WIDE_RELU:.2f})" if relu else ""
    deeper = f" Over {DEEPEST} layers that would make {rounded(each ** (DEEPEST - 1))} times."
    return (
        f"BN fixes the signal, **not the gradient**, which grows {each:.2f} times at every layer"
        f" towards the input{theory}." + (deeper if verdict.depth < DEEPEST else ""),
    )


def _unresolved(network: Network) -> str:
    """From which layer on a network's outputs are all alike."""
    if network.unresolved is None:
        return ""
    return (
        f"{SUBJECTS[network.treatment]}: from layer {network.unresolved} on, 32-bit numbers cannot"
        " tell the outputs for different inputs apart."
    )


def _lost(network: Network, of: int) -> str:
    return (
        f"{SUBJECTS[network.treatment]} diverged in {seeds(len(network.diverged), of)}, at"
        f" {at_steps(network.diverged)}."
    )


def _single(verdict: SignalsVerdict) -> tuple[str, ...]:
    if verdict.batch_size > 1:
        return ()
    return (
        "A mini-batch of one sample is its own mean: in training BN then hands on β alone, and"
        f" nothing of the input. The curves are measured on {verdict.probe_samples} samples"
        " together.",
    )


def guess(verdict: SignalsVerdict) -> tuple[str, str]:
    """What BN's gradient does on its way to the input, and why."""
    if verdict.depth == 1:
        why = "There is no way between layers on which it could change."
        return DIRECTIONS["stays"], why
    if verdict.batch.gradient.arrival == "overflows":
        return DIRECTIONS["grows"], "It overflows before it can be measured."
    return DIRECTIONS[verdict.back], _gradient(verdict)[0]
