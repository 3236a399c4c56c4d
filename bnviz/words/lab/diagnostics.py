"""What the lab can measure, and what it found, in words."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bnviz.verdicts.criteria import OVERFLOWED
from bnviz.words.numbers import (
    degrees,
    fine_percent,
    listed,
    power,
    seeds,
    significant,
    times,
)

if TYPE_CHECKING:
    from bnviz.verdicts.diagnostics import Drift, Layers, Letter, Measured, Ratio, Whole


def _points(difference: float) -> str:
    """A difference of two accuracies, with its sign."""
    return f"{100 * difference + 0.0:+.1f} points".replace("-", "−")


@dataclass(frozen=True, kw_only=True)
class Told:
    """How one diagnostic is told."""

    about: str  # one sentence: what is measured
    noun: str  # in a computed sentence: "the … of A is"
    lesson: str  # where it is explained
    write: Callable[[float], str] = significant


DIAGNOSTICS: dict[str, Told] = {
    "signal size": Told(
        about="How much each layer's outputs differ from sample to sample (standard deviation).",
        noun="signal",
        lesson="signals",
    ),
    "gradient size": Told(
        about="The length of each layer's gradient dL/dW on the mini-batch of this step.",
        noun="gradient",
        lesson="signals",
    ),
    "idle units": Told(
        about="The share of each layer that is dead (ReLU) or saturated (tanh, sigmoid).",
        noun="idle share",
        lesson="activations",
        write=fine_percent,
    ),
    "values entering": Told(
        about="The distribution of what enters each activation function, in the first seed.",
        noun="values",
        lesson="activations",
    ),
    "values inside": Told(
        about="The distribution of each layer's weighted sums W h (+ b), in the first seed.",
        noun="weighted sums",
        lesson="activations",
    ),
    "values leaving": Told(
        about="The distribution of what each activation function gives, in the first seed.",
        noun="outputs",
        lesson="activations",
    ),
    "gradient entries": Told(
        about="The distribution of the sizes of the entries of dL/dW, in powers of ten; first"
        " seed.",
        noun="gradient entries",
        lesson="activations",
    ),
    "mean entering": Told(
        about="The mean, over samples and units, of what enters each activation function.",
        noun="mean",
        lesson="activations",
    ),
    "deviation entering": Told(
        about="How much what enters each activation function differs from sample to sample.",
        noun="deviation",
        lesson="activations",
    ),
    "constant share": Told(
        about="How much of what each layer hands on is the same for every sample.",
        noun="constant share",
        lesson="placement",
        write=fine_percent,
    ),
    "update size": Told(
        about="The spread of each update over the spread of the weights it changes; about 0.001 is"
        " thought healthy.",
        noun="update over weights",
        lesson="activations",
    ),
    "length of weights": Told(
        about="The length of each layer's weight matrix.",
        noun="length of the weights",
        lesson="scale",
    ),
    "effective rate": Told(
        about="The learning rate over ‖W‖²: how fast weights turn whose length does not matter.",
        noun="effective rate",
        lesson="scale",
    ),
    "angle of weights": Told(
        about="The angle between a unit's weights and their gradient: 90° where their length does"
        " not matter.",
        noun="angle",
        lesson="scale",
        write=degrees,
    ),
    "shift, turn": Told(
        about="How far a layer's gradient turns when the layers below take their update (internal"
        " covariate shift).",
        noun="turn by the layers below",
        lesson="shift",
        write=degrees,
    ),
    "shift, change": Told(
        about="How much a layer's gradient changes when the layers below take their update, in its"
        " own length.",
        noun="change by the layers below",
        lesson="shift",
    ),
    "shift of moments": Told(
        about="How far mean and deviation of what enters each activation function move in one"
        " update.",
        noun="movement",
        lesson="shift",
    ),
    "loss along the gradient": Told(
        about="The loss of this step, and its range ½ to 4 learning rates further along the"
        " gradient.",
        noun="loss along the gradient",
        lesson="landscape",
    ),
    "change of the gradient": Told(
        about="How much the gradient has changed after ½ to 4 learning rates along itself; the"
        " line: after one.",
        noun="change of the gradient",
        lesson="gradients",
    ),
    "beta-smoothness": Told(
        about="The largest change of the gradient per step length and length of the gradient.",
        noun="effective β-smoothness",
        lesson="gradients",
    ),
    "turn of the gradient": Told(
        about="How far the gradient has turned after one learning rate along itself.",
        noun="turn",
        lesson="gradients",
        write=degrees,
    ),
    "noise of the means": Told(
        about="How much the means of mini-batches scatter around one another, in the deviation of"
        " the values.",
        noun="scatter of the means",
        lesson="noise",
    ),
    "running against batch": Told(
        about="How far the running mean and deviation are from those that the samples have now.",
        noun="lag of the running statistics",
        lesson="modes",
    ),
    "two modes": Told(
        about="Test accuracy with the statistics of each test batch, less that of inference.",
        noun="advantage of batch statistics",
        lesson="modes",
        write=_points,
    ),
    "bias gradient": Told(
        about="The root mean square of the gradients of the hidden layers' biases.",
        noun="gradient of the biases",
        lesson="placement",
    ),
    "way of gamma": Told(
        about="How far gamma is from where it started, in each layer.",
        noun="way of gamma",
        lesson="placement",
    ),
    "variance shift": Told(
        about="With dropout: variance of a layer's weighted sums in training over that in"
        " inference.",
        noun="variance ratio",
        lesson="placement",
    ),
}

REASONS = {
    "too large": "it takes too long in networks this many and this large",
    "no running statistics": "it has no running statistics and computes the same in training and"
    " in inference",
    "no gamma": "it has no gamma",
    "gamma is frozen": "its gamma is frozen",
    "no dropout": "it has no dropout, so both variances are the same",
    "never idle": "units of its activation function are never dead or saturated",
    "one mini-batch": "its mini-batch is all there is, so nothing scatters",
    "no bias": "its hidden layers have no bias, because beta replaces it",
    "diverged": "it diverged before anything could be measured",
    "no number": "there is no such number in it",
}
"""Why there is nothing to tell of a run."""


def missing(measured: Measured | None) -> dict[str, str]:
    """Arm -> why it is not in the picture."""
    return {one.letter: REASONS[one.reason] for one in measured.missing} if measured else {}


def findings(measured: Measured | None) -> list[str]:
    """What was measured in both arms, in sentences."""
    if measured is None:
        return []
    told, said = DIAGNOSTICS[measured.diagnostic], []
    if measured.layers:
        said.append(f"{_by_layer(told, measured.layers)} {_compared(measured.ratio)}".strip())
    if measured.whole:
        said.append(f"{_averaged(told, measured.whole)} {_compared(measured.ratio)}".strip())
    if measured.drift:
        said.append(_drifted(told, measured.drift))
    return said + [f"{letter} is not measured: {why}." for letter, why in missing(measured).items()]


def _written(told: Told, value: float) -> str:
    if not math.isfinite(value):
        return "no number"
    return f"more than {power(OVERFLOWED)}" if value >= OVERFLOWED else told.write(value)


def _by_layer(told: Told, arms: Sequence[Layers]) -> str:
    parts = [f"{_inside(told, arm)} of {arm.letter}" for arm in arms]
    if len({arm.step for arm in arms}) == 1:
        return f"The {told.noun} at step {arms[0].step}: {'; '.join(parts)}."
    parts = [f"{part} (step {arm.step})" for part, arm in zip(parts, arms, strict=True)]
    return f"The {told.noun}: {'; '.join(parts)}."


def _inside(told: Told, arm: Layers) -> str:
    """0.2 in layer 1 and 0.3 in the output layer."""
    return listed(
        [
            f"{_written(told, value)} in {_layer(number, arm.output)}"
            for value, number in zip(arm.values, arm.layers, strict=True)
        ]
    )


def _layer(number: int, output: int) -> str:
    return "the output layer" if number == output else f"layer {number}"


def _averaged(told: Told, arms: Sequence[Whole]) -> str:
    parts = [_average(told, arm) for arm in arms]
    return f"Averaged over training, the {told.noun} is {listed(parts)}."


def _average(told: Told, arm: Whole) -> str:
    value = _written(told, arm.value)
    if arm.complete:
        return f"{value} in {arm.letter}"
    return f"{value} in {arm.letter} (as long as there were numbers)"


def _compared(ratio: Ratio | None) -> str:
    """How many times one is the other, and in how many seeds it is the larger one."""
    if ratio is None:
        return ""
    alone = ratio.factor.seeds == 1
    if not ratio.apart and alone:
        return "Over all that was measured, both are about the same."
    if not ratio.apart:
        return "Over all that was measured, both are about the same in the median seed."
    if ratio.larger is None:
        return "Over all that was measured, neither is larger in more than half of the seeds."
    return _in_one(ratio, ratio.larger) if alone else _in_median(ratio, ratio.larger)


def _in_one(ratio: Ratio, larger: Letter) -> str:
    other = "B" if larger == "A" else "A"
    if ratio.zero:
        return f"Over all that was measured, {other}'s is 0, and {larger}'s the larger one."
    factor = times(ratio.factor.middle)
    return f"Over all that was measured, {larger}'s is {factor} {other}'s."


def _in_median(ratio: Ratio, larger: Letter) -> str:
    other, agree = "B" if larger == "A" else "A", seeds(ratio.agree, ratio.factor.seeds)
    if ratio.zero:
        return (
            f"Over all that was measured, {other}'s is 0 in the median seed, and {larger}'s the"
            f" larger one in {agree}."
        )
    return (
        f"Over all that was measured, {larger}'s is {times(ratio.factor.middle)} {other}'s in the"
        f" median seed, and the larger one in {agree}."
    )


def _drifted(told: Told, arms: Sequence[Drift]) -> str:
    parts = [f"by {_written(told, arm.moved)} in {arm.letter} (step {arm.step})" for arm in arms]
    return (
        f"From the start to the end, the {told.noun} of a typical layer moved {listed(parts)}, in"
        " their deviations at the start (first seed)."
    )
