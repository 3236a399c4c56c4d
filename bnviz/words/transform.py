"""What does BN compute?: all that its page says."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from bnviz.axes import STAGES, TO_STAGE
from bnviz.words.findings import Findings
from bnviz.words.numbers import calculated, listed, percent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bnviz.verdicts.transform import Far, Feature, Pair, TransformVerdict

INTRODUCTION = """
For one unit of a layer (a **feature**, in the paper), a mini-batch is a column of numbers, one for
each sample. BN does four things to the column, and nothing else. **Type numbers of your own** into
the table and follow them down: a line is a sample, the triangle the mean, the bar one standard
deviation to each side.
"""

PRESETS: dict[str, dict[str, Any]] = {
    "A unit of a trained network": {"source": "trained units", "affine": "as the units learned"},
    "The input back": {"affine": "give the input back"},
    "One outlier": {"source": "one outlier"},
    "A single row: goes wrong": {"source": "a single row"},
}
GUESS = "We add 100 to every number of the batch. How far do the outputs move?"
GUESSES = ("by 100", "by 100 times γ", "not at all")

NAMES = ("x", "centred", "normalized", "scaled, shifted")
PLACES = tuple(
    f"{NAMES[place // TO_STAGE]}{' …' if place % TO_STAGE else ''}"
    for place in range((STAGES - 1) * TO_STAGE + 1)
)
"""What each place of the clock is called."""

SIGMOID = """
In the paper, a sigmoid follows. Normalized values would mostly fall into its nearly straight
middle, and a network of straight lines can do no more than one layer. With γ and β it can leave the
middle, or go back to where the input was.
"""
PAIRS = "Each feature is treated by itself, with its own mean and variance over the rows."
ONWARD = "Follow the gradient back through these numbers"
CODE = "With the numbers on the screen, to copy."

NOTES = {
    "How it is measured": """
The four stages are computed with NumPy in 64 bits, as the equations say. The same numbers go
through `torch.nn.BatchNorm1d` in training mode, once in 64 bits and once in 32; the page shows the
largest difference. Means and variances in the picture are those of the numbers drawn there.

The linear part of a sigmoid is where its slope is at least half of its largest: |z| up to 1.76.

The trained units: a network of 4 layers of 32 ReLU units with BN, trained on the digits for 100
steps at a rate of 0.32. The numbers are what two units of its layer 2 compute on the first 16
training images, just before BN, rounded to six digits.
""",
    "The mathematics": r"""
For the $m$ values $x_1 \dots x_m$ of one unit on one mini-batch (Ioffe & Szegedy 2015, Alg. 1):

$$
\mu = \frac1m\sum_i x_i \qquad v = \frac1m\sum_i (x_i-\mu)^2 \qquad
\hat x_i = \frac{x_i-\mu}{\sqrt{v+\epsilon}} \qquad y_i = \gamma\,\hat x_i + \beta
$$

The small constant $\epsilon$ only keeps the division possible where the variance is nearly 0. The
variance is the biased one, divided by $m$. PyTorch normalizes with it too; its `running_var`, used
at test time, averages the unbiased one, divided by $m-1$. Its `momentum` of 0.1 is the weight of
the **new** value; in many texts the same thing is called 0.9.

The mean of $\hat x$ is 0 and its variance $v/(v+\epsilon)$. No $|\hat x_i|$ exceeds
$\sqrt{m-1}$: that is what a single value gets which differs from $m-1$ equal ones. With
$\gamma=\sqrt{v+\epsilon}$ and $\beta=\mu$, $y_i = x_i$. A constant added to all $x_i$ is
subtracted with $\mu$, so a layer followed by BN needs no bias: $\beta$ takes its place.
""",
    "What the papers found": """
Ioffe & Szegedy (2015) put the transform between a layer's weights and its nonlinearity. They
normalize each feature by itself because whitening all of them together would be costly and is not
differentiable everywhere, and they add γ and β so that the transform can represent the identity:
normalizing alone would hold a sigmoid in its linear part.
""",
}


def findings(verdict: TransformVerdict) -> Findings:
    """What the batch on the screen shows."""
    more = (
        by_hand(verdict),
        _constant(verdict),
        _far(verdict.far),
        _bound(verdict),
        sigmoid(verdict.feature),
        _check(verdict),
    )
    return Findings(headline=_headline(verdict), more=tuple(filter(None, more)))


def _headline(verdict: TransformVerdict) -> str:
    match verdict.outcome:
        case "one row":
            return (
                "**A batch of one is its own mean**: every normalized value is 0, and the output"
                " is β, whatever you type."
            )
        case "given back":
            return (
                "**γ = √(v + ε) and β = μ give the input back**: no output differs from its input"
                f" by more than {calculated(verdict.gap, 2)}. Normalizing takes nothing away that"
                " cannot be learned back."
            )
        case "nothing varies":
            return (
                "**Nothing varies here**: the variance is 0, every normalized value is 0, and the"
                " output is β."
            )
        case "epsilon":
            name, kept = verdict.worst
            return (
                f"**ε is too large for the variance of {name}**: the normalized values"
                f" have variance {calculated(kept, 2)} instead of 1."
            )
        case "two rows":
            return (
                "**Of two rows, only their order is left**: any two numbers of a feature that"
                " differ by much more than √ε become +1 and −1."
            )
    everywhere = "what varies has" if verdict.constant else "each feature has"
    return f"**Normalized, {everywhere} mean 0 and variance 1**. {_scaled(verdict)}"


def _scaled(verdict: TransformVerdict) -> str:
    if verdict.as_learned:
        pieces = zip(verdict.gamma, verdict.beta, verdict.names, strict=True)
        told = [
            f"γ = {calculated(gamma, 3)}, β = {calculated(beta, 2)} of {name}"
            for gamma, beta, name in pieces
        ]
        return f"Then the network applies what it has learned: {listed(told)}."
    gamma, beta = verdict.gamma[0], verdict.beta[0]
    if gamma == 1 and beta == 0:
        return "With γ = 1 and β = 0 it stays so."
    output = "its output" if verdict.constant else "the output"
    return (
        f"With γ = {calculated(gamma)} and β = {calculated(beta)} {output} has mean"
        f" {calculated(beta)} and variance {calculated(gamma * gamma)}."
    )


def by_hand(verdict: TransformVerdict) -> str:
    """The numbers of the feature that is drawn, as one would compute them."""
    rows, of = verdict.rows, verdict.feature
    mean, variance = calculated(of.mean), calculated(of.variance)
    if rows == 1:
        return f"{of.name}: one number, so the mean is {mean} and the variance 0."
    unbiased = calculated(of.variance * rows / (rows - 1))
    return (
        f"{of.name}: the mean of its {rows} numbers is {mean}, their variance {variance}, divided"
        f" by {rows} and not by {rows - 1}, which would give {unbiased}. Its first number goes"
        f" {' → '.join(calculated(value) for value in of.first)}."
    )


def _constant(verdict: TransformVerdict) -> str:
    if verdict.rows == 1 or not verdict.constant:
        return ""
    has = "is constant: its" if len(verdict.constant) == 1 else "are constant: their"
    return (
        f"{listed(verdict.constant)} {has} variance is 0, and without ε we would divide 0 by 0."
        " With it, the normalized values are 0 and the output is β."
    )


def _far(far: Far | None) -> str:
    if far is None:
        return ""
    said = f"{far.name} lies {calculated(far.stds, 2)} standard deviations from zero."
    if far.off is None:
        return said
    return (
        f"{said} In 32 bits torch.nn is off by up to {calculated(far.off, 1)} in this batch: what"
        " the values share fills the digits that their differences need."
    )


def _bound(verdict: TransformVerdict) -> str:
    rows, of = verdict.rows, verdict.feature
    if rows == 1:
        return "No value can exceed √(m − 1) in size once it is normalized: with m = 1, that is 0."
    said = (
        f"The largest normalized value of {of.name} is {calculated(of.largest, 3)} in size; in a"
        f" batch of {rows} none can exceed √({rows} − 1) = {calculated(math.sqrt(rows - 1), 3)}."
    )
    if of.alone is None:
        return said
    return (
        f"{said} One row has taken {percent(of.alone)} of the variance: all the others lie within"
        f" {calculated(of.others, 2)} of 0."
    )


def sigmoid(of: Feature) -> str:
    """Where the values stand on a sigmoid: before, normalized, and after scale and shift."""
    before, _, normalized, after = map(percent, of.linear)
    return (
        f"On a sigmoid, {before} of {of.name} would lie in the linear part, of the"
        f" normalized values {normalized}, of the outputs {after}: γ and β let the layer choose."
    )


REFUSAL = "Expected more than 1 value per channel when training"
"""torch.nn's own words."""


def _check(verdict: TransformVerdict) -> str:
    if verdict.refused:
        return (
            f"torch.nn.BatchNorm1d refuses a single row in training mode: “{REFUSAL}”. BatchNorm2d"
            " takes a single image: its pixels are the values of a channel."
        )
    return (
        "torch.nn.BatchNorm1d, in 64 bits, gives the same outputs: the largest difference is"
        f" {calculated(verdict.difference, 2)}."
    )


def pair(of: Pair) -> tuple[str, str]:
    """What stands above a feature and its partner, before and after normalizing."""
    if of.other is None:
        return "before", "after"
    before, after = (
        "none" if r != r else calculated(r, 3)  # NaN
        for r in (of.before, of.after)
    )
    return f"before: r = {before}", f"after: r = {after}"


def beliefs(verdict: TransformVerdict) -> dict[str, str]:
    """What is often believed, and what the batch on the screen says of it."""
    return {
        "BN standardizes the weights": _of_weights(verdict),
        "BN whitens the features": _of_whitening(verdict.pair),
        "The outputs always have mean 0 and variance 1": _of_outputs(verdict.feature),
        "BN makes the values normally distributed": _of_shape(verdict.feature),
    }


def _of_weights(verdict: TransformVerdict) -> str:
    unit, layer = verdict.trained
    rows = "its one row is a sample"
    if verdict.rows > 1:
        rows = f"its {verdict.rows} rows are samples"
    weights, inputs = (
        [calculated(value, 2) for value in pair] for pair in (verdict.weights, verdict.inputs)
    )
    return (
        f"No weight is in the table: {rows}. In a network that was"
        f" really trained, the weights of {unit} in layer {layer} have mean"
        f" {weights[0]} and standard deviation {weights[1]}; BN has"
        f" left them alone. What it standardizes is what they compute on a mini-batch: here mean"
        f" {inputs[0]} and deviation {inputs[1]} become 0 and 1."
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
    same = "as before" if of.same else f"before {calculated(of.before, 3)}"
    return (
        f"It treats each feature by itself. The correlation of {names} is"
        f" {calculated(of.after, 3)} after normalizing, {same}. Whitening would make it 0."
    )


def _of_outputs(of: Feature) -> str:
    mean, variance = (calculated(value, 3) for value in of.output)
    told = f"the outputs of {of.name} have mean {mean} and variance {variance}"
    if of.standard:
        return f"Here yes: {told}. But γ and β are learned, and with them it ends."
    return f"Not here: {told}. That is β and γ² · v / (v + ε), and the network learns γ and β."


def _of_shape(of: Feature) -> str:
    if of.kurtosis is None:
        return f"Here {of.name} does not even vary."
    before, after = (calculated(value, 3) for value in of.kurtosis)
    return (
        "It shifts and stretches, and keeps the shape. The kurtosis, which is 3 for a normal"
        f" distribution, is {before} for {of.name} before and {after} after."
    )


def guess(verdict: TransformVerdict) -> tuple[str, str]:
    """The right answer to GUESS, and why."""
    by, times_gamma, not_at_all = GUESSES
    right = {"shift": by, "shift times γ": times_gamma, "not": not_at_all}[verdict.moved_by]
    return right, (
        f"We did it: no output moved by more than {calculated(verdict.moved, 1)}. The mean of the"
        " batch moves along, and is subtracted. That is why a bias before BN does nothing; β takes"
        " its place."
    )


def programs(verdict: TransformVerdict) -> dict[str, str]:
    """The same in a few lines to copy, with the numbers on the screen: library -> program."""
    rows = ",\n     ".join(_numbers(row) for row in verdict.table)
    table = f"x = {{}}(\n    [{rows}]\n)"
    gamma, beta, epsilon = _numbers(verdict.gamma), _numbers(verdict.beta), repr(verdict.epsilon)
    return {
        "NumPy": (
            f"import numpy as np\n\n{table.format('np.array')}\n"
            f"gamma = np.array({gamma})\nbeta = np.array({beta})\n\n"
            "mean = x.mean(axis=0)\n"
            "v = ((x - mean) ** 2).mean(axis=0)\n"
            f"normalized = (x - mean) / np.sqrt(v + {epsilon})\n"
            "y = gamma * normalized + beta\nprint(y)\n"
        ),
        "torch.nn": (
            "import torch\n\ntorch.set_default_dtype(torch.float64)\n"
            f"{table.format('torch.tensor')}\n"
            f"bn = torch.nn.BatchNorm1d({len(verdict.gamma)}, eps={epsilon})\n"
            f"bn.weight.data = torch.tensor({gamma})  # gamma\n"
            f"bn.bias.data = torch.tensor({beta})  # beta\n\n"
            "bn.train()  # the statistics of this batch\ny = bn(x)\nprint(y)\n"
        ),
    }


def _numbers(some: Sequence[float]) -> str:
    """[1.0, 2.0], each with all of its digits."""
    return f"[{', '.join(map(repr, some))}]"
