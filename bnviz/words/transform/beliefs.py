"""What does BN compute?: what is often believed, and what the batch on the screen says of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bnviz.words.belief import Belief
from bnviz.words.numbers import calculated, listed

if TYPE_CHECKING:
    from bnviz.verdicts.transform import Feature, Pair, TransformVerdict


def beliefs(verdict: TransformVerdict) -> dict[str, str]:
    """What is often believed, and what the batch on the screen says of it."""
    return {
        Belief.WEIGHTS: _of_weights(verdict),
        Belief.WHITENS: _of_whitening(verdict.pair),
        Belief.ALWAYS_0_AND_1: _of_outputs(verdict.feature),
        Belief.NORMALLY_DISTRIBUTED: _of_shape(verdict.feature),
    }


def _of_weights(verdict: TransformVerdict) -> str:
    unit, layer = verdict.trained
    rows = "No weight is in the table: its one row is a sample."
    if verdict.rows > 1:
        rows = f"No weight is in the table: its {verdict.rows} rows are samples."
    weights, inputs = (
        [calculated(value, 2) for value in pair] for pair in (verdict.weights, verdict.inputs)
    )
    return (
        f"{rows} In a network that was"
        f" really trained, the weights of {unit} in layer {layer} have mean"
        f" {weights[0]} and standard deviation {weights[1]}; BN has"
        f" left them alone. What it standardizes is what they compute on a mini-batch: here mean"
        f" {inputs[0]} and standard deviation {inputs[1]} become 0 and 1."
    )


def _of_whitening(of: Pair) -> str:
    if of.other is None:
        return (
            "It would also have to remove the correlation between features. With one feature there"
            " is none to see: “well-behaved” has two."
        )
    names = listed(of.names)
    if of.before != of.before or of.after != of.after:  # NaN
        return (
            f"It would also have to remove correlations. {names} have none to compare here, because"
            " one of them does not vary."
        )
    before, after = calculated(of.before, 3), calculated(of.after, 3)
    if of.same:
        return (
            f"It treats each feature by itself. The correlation of {names} is {after} after"
            " normalizing, as before. Whitening would make it 0."
        )
    return (
        f"It treats each feature by itself. The correlation of {names} is {after} after"
        f" normalizing, before {before}. Whitening would make it 0."
    )


def _of_outputs(of: Feature) -> str:
    mean, variance = (calculated(value, 3) for value in of.output)
    told = f"The outputs of {of.name} have mean {mean} and variance {variance}."
    if of.standard:
        return f"Here yes. {told} But γ and β are learned, and with them it ends."
    return f"Not here. {told} That is β and γ² · v / (v + ε), and the network learns γ and β."


def _of_shape(of: Feature) -> str:
    if of.kurtosis is None:
        return f"Here {of.name} does not even vary."
    before, after = (calculated(value, 3) for value in of.kurtosis)
    return (
        "It shifts and stretches, and keeps the shape. The kurtosis, which is 3 for a normal"
        f" distribution, is {before} for {of.name} before and {after} after."
    )
