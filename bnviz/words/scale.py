"""Why doesn't the scale of the weights matter?: all that its page says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bnviz.axes import BATCH
from bnviz.verdicts.scale import EPSILON
from bnviz.words import scale_starts
from bnviz.words.findings import Findings
from bnviz.words.numbers import (
    between,
    degrees,
    fine_percent,
    fine_percent_between,
    listed,
    significant,
    times,
    times_between,
)

if TYPE_CHECKING:
    from bnviz.verdicts.criteria import Range
    from bnviz.verdicts.scale import Growth, Multiplied, ScaleVerdict, Span

INTRODUCTION = """
BN divides by the standard deviation of whatever it is given. Multiply the weights W before it by
*a*, and the deviation becomes *a* times as large: **the output stays the same**, and the gradient
becomes *a* times shorter. Below, both networks are trained, and then their weights are multiplied
by factors from 0.0001 to 10,000. Where BN's curve leaves the floor, the small constant ε is no
longer small.
"""

PRESETS: dict[str, dict[str, Any]] = {
    "Weights 100 times too large: BN does not help": {"gain": 100.0},
    "A rate and a gain from which plain trains too": {"gain": 1.0, "learning_rate": 0.32},
    "Weight decay: every start finds the same rate": {"decay": 0.02, "steps": 400},
    "Adam: no prediction": {"optimizer": "adam", "learning_rate": 0.01},
}
GUESS = "Initial weights 100 times too small, or 100 times too large: from which does BN learn?"
GUESSES = ("only from 0.01", "only from 100", "from both", "from neither")

GROWTH = """
A function that does not change along W has no slope along W: the gradient stands **at right
angles** to the weights of its unit. A step at a right angle only ever makes a vector longer, and by
Pythagoras we can predict ‖W‖² from the lengths of the steps alone. (Weight decay, where it is
chosen, shortens W by a known factor.)
"""
CLOSER = {"tunes": "How does the rate tune itself?"}

STARTS = """
For weights whose length does not count, a step is as large as it is long **beside W**: what works,
with SGD, is the effective rate lr/‖W‖². Three starts from the same random directions, one of them
100 times too small and one 100 times too large (with the gain chosen above between them).
"""
GAINS = (
    "From gain 0.01 to 100: who still learns?",
    """
The same networks at the learning rate chosen above, trained from every initial gain, one gain at
a time. At rate 1, where this page starts, it is a matter of the seeds whether plain learns from any
of them; at rate 0.32 or 0.1 it does, from gains around 1. The gain is that of all layers: also of
the output layer, which no BN follows.
""",
)

NOTES = {
    "How it is measured": """
**Multiplied weights.** At the end of training, from the initial gain chosen above, the weights of
the chosen hidden layers are multiplied by a; biases, γ, β and the output layer stay. The outputs
are those before the softmax, for 64 training samples with their own batch statistics; their change
is ‖f(aW) − f(W)‖ / ‖f(W)‖. The gradient is that of the loss on these samples with respect to the
multiplied weights. All of this in 64-bit numbers, so that what is left is the doing of ε = 0.00001
and not of rounding. Shaded: a² times the variance of the median unit is smaller than ε.

**Over training.** ‖W‖² is summed over all weights of a layer. The prediction starts from its first
value and adds lr² times the squared gradient at *every* step, nothing else; with weight decay λ,
‖W‖² is multiplied by (1 − lr·λ)² before each addition. It is for SGD without momentum. The angle is
that between the weights of one unit (a row of W) and their gradient on the mini-batch; the band
goes from the 10th to the 90th percentile of the layer's units.

**Starts.** The gain multiplies all weights, those of the output layer too; only where the sentences
say so does the output layer start smaller. A network has learned where the test accuracy of its
median seed is nearer to being always right than to guessing; a diverged seed is behind every other,
and of an even number the lower of the two in the middle counts. Lines are medians over the seeds,
bands their range. Only the hidden layers of the BN network are scale invariant: its output
layer is not, as you can see by choosing it, and nor is any layer of plain. For these, lr/‖W‖² is
just a number.
""",
    "The mathematics": r"""
With $\mu$ and $v$ the mean and variance of $Wu$ over the batch (Ioffe & Szegedy 2015, Section 3.3):

$$
\mathrm{BN}((aW)u) = \gamma\,\frac{aWu - a\mu}{\sqrt{a^2 v + \epsilon}} + \beta
\;\approx\; \mathrm{BN}(Wu), \qquad
\frac{\partial L}{\partial u} \text{ unchanged}, \qquad
\frac{\partial L}{\partial (aW)} = \frac1a\,\frac{\partial L}{\partial W}
$$

as long as $a^2 v \gg \epsilon$. Differentiate $L(aW) = L(W)$ by $a$ at $a = 1$, for the weights $w$
of one unit: $\langle w, \nabla_w L\rangle = 0$. So a step of SGD gives

$$
\lVert W'\rVert^2 = \lVert W\rVert^2 + \mathrm{lr}^2\,\lVert \nabla_W L\rVert^2 .
$$

Since $\nabla L(W) = \nabla L(\hat W)/\lVert W\rVert$ for the direction
$\hat W = W/\lVert W\rVert$, a step turns $\hat W$ as a step at the rate
$\mathrm{lr}/\lVert W\rVert^2$ would on weights of length 1.
Multiplying W by a is thus the same as dividing the rate by $a^2$. Too high an effective rate means
long steps, which lengthen W, which lowers the rate: it tunes itself, but downwards alone. Weight
decay shortens W and raises the rate; the two meet where $2\lambda\,\mathrm{lr}\,\lVert W\rVert^2
\approx \mathrm{lr}^2\lVert\nabla_W L\rVert^2$.
""",
    "What the papers found": """
Ioffe and Szegedy (2015, Section 3.3) state both identities, and conclude that larger weights lead
to smaller gradients, so that BN stabilizes the growth of the parameters.

Arora, Li and Lyu (2018) build their analysis on the right angle: the norm of scale-invariant
weights can only grow, and the effective rate tunes itself. All of it holds exactly for ε → 0 only.
""",
}


def findings(verdict: ScaleVerdict) -> Findings:
    """What this run shows."""
    return Findings(
        headline=_unchanged(verdict),
        more=(_gradients(verdict), _breaks(verdict), *over_training(verdict)),
    )


def over_training(verdict: ScaleVerdict) -> tuple[str, ...]:
    """The part that is about the training and its starts."""
    return (
        *_right_angles(verdict),
        *_growth(verdict),
        *scale_starts.findings(verdict.starts, verdict.optimizer),
    )


def _unchanged(verdict: ScaleVerdict) -> str:
    plain, batch = verdict.tenfold
    what = f"Multiply the trained weights of {verdict.scaled} by 10"
    others = _others(plain)
    if not batch.change.seeds:
        return f"{what}, and **BN's outputs cannot be compared**; {others}."
    if not batch.broken:
        return f"{what}, and **BN's outputs change by {_much(batch.change)}**; {others}."
    return (
        f"{what}, and **even BN's outputs change by {_much(batch.change)}**, because these weights"
        f" are so small that ε matters; {others}."
    )


def _others(plain: Multiplied) -> str:
    if not plain.change.seeds:
        return "plain's cannot be compared"
    much = _much(plain.change)
    if plain.everywhere_the_same:
        return f"plain's, which hardly depend on these weights any more, by {much}"
    return f"plain's change by {much}"


def _much(change: Range) -> str:
    """A relative change of outputs, with its range over the seeds."""
    low, high = (_share(value, "their size") for value in (change.low, change.high))
    over = between(low, high)
    if change.low >= 1:
        over = times_between(change.low, change.high)
    elif 0 < change.high < 1:
        over = fine_percent_between(change.low, change.high)
    ranged = "" if low == high else f" ({over} over {change.seeds} seeds)"
    return f"{_share(change.middle, 'their size')}{ranged}"


def _share(value: float, whole: str) -> str:
    """A part of a whole: 34 %, less than 0.01 %; from the whole on: 99.0 times their size."""
    if value >= 1:
        return f"{times(value)} {whole}"
    return fine_percent(value) if value > 0 else "less than 0.01 %"


def _gradients(verdict: ScaleVerdict) -> str:
    plain, batch = (_longer(one) for one in verdict.tenfold)
    return f"With these weights ten times as large, BN's gradient is {batch}, plain's {plain}."


def _longer(one: Multiplied) -> str:
    match one.length:
        case "unknown":
            return "too small or too large to compare"
        case "nothing":
            return "zero"
        case "the same":
            return "about as long as before"
        case "longer":
            return f"{times(one.gradient.middle)} longer"
    return f"{times(1 / one.gradient.middle)} shorter"


def _breaks(verdict: ScaleVerdict) -> str:
    """Where epsilon breaks BN's identity."""
    one, epsilon = verdict.identity, significant(EPSILON)
    unit = "the variance of what a typical unit adds up"
    match one.outcome:
        case "unknown":
            return "Where BN's identity breaks cannot be said: its outputs are not all numbers."
        case "nowhere":
            return "Nowhere in this sweep does ε show: BN's outputs change by less than 1 %."
        case "as they are":
            return (
                f"BN's identity does not even hold for these weights as they are: {unit} is"
                f" {significant(one.variance)}, and in some units it is not far above"
                f" ε = {epsilon}."
            )
    return (
        f"BN's identity breaks at a = {significant(one.factor)}, where its outputs change by"
        f" {_share(one.change, 'their size')}: {unit} is only {significant(one.variance)} there,"
        f" and ε = {epsilon} begins to count."
    )


def _right_angles(verdict: ScaleVerdict) -> list[str]:
    parts = [
        f"at {_span(span)} {with_bn} BN"
        for span, with_bn in zip(verdict.spans[::-1], ("with", "without"), strict=True)
        if span is not None
    ]
    if not parts:
        return []
    match verdict.angle:
        case "no gradient":
            meaning = "With BN no unit of a hidden layer has a gradient in this run"
        case "right":
            meaning = "With BN a unit's gradient stands **at right angles** to its weights"
        case "not right":
            meaning = (
                "With BN a unit's gradient is **not everywhere at right angles** to its weights"
            )
    return [
        f"{meaning}: over all hidden layers and the whole training, 80 % of the units of the median"
        f" seed lie {listed(parts)}."
    ]


def _span(span: Span) -> str:
    return between(degrees(span.low), degrees(span.high))


def _growth(verdict: ScaleVerdict) -> list[str]:
    """The norm that was measured against the one that was predicted."""
    plain, batch = verdict.growth
    parts = [
        f"{whose} {_ended(one)}{_predicted(one)}"
        for whose, one in (("BN's", batch), ("plain's", plain))
        if one is not None
    ]
    if not parts:
        return []
    said = f"‖W‖² over all hidden layers, and seeds that lasted: {', '.join(parts)}."
    if verdict.optimizer != "sgd":
        said += " The prediction is for SGD: momentum and Adam do not step along the gradient."
    return [said]


def _ended(one: Growth) -> str:
    if one.stayed:
        return f"stayed where it was, {_at_most(one.moved)}"
    ends = between(significant(one.low, 3), significant(one.high, 3))
    return f"ended at {ends} times its first value"


def _at_most(share: float) -> str:
    """off by less than 0.01 %; off by 0.15 % at most."""
    most = " at most" if share >= 1e-4 else ""
    return f"off by {_share(share, 'its size')}{most}"


def _predicted(one: Growth) -> str:
    if one.off is None:
        return ""
    off = _at_most(one.off) if one.off < float("inf") else "off beyond all numbers"
    return f" (predicted from the gradients alone: {off})"


def guess(verdict: ScaleVerdict) -> tuple[str, str]:
    """From which of the ends BN still learns, and what came of every start."""
    starts = verdict.starts
    places = {"small": 0, "large": 1, "both": 2, "neither": 3}
    return GUESSES[places[starts.which]], scale_starts.accuracies(starts)


def beliefs(verdict: ScaleVerdict) -> dict[str, str]:
    """What is often believed, and what this run says of it."""
    return {
        "Weight decay keeps BN's weights small, and so the function simple": _decay(verdict),
        "With BN the initialization does not matter at all": scale_starts.initialization(
            verdict.starts
        ),
        "BN makes the learning rate irrelevant": scale_starts.learning_rate(verdict.starts),
        "BN keeps the weights themselves from growing": _keeps_small(verdict),
    }


def _decay(verdict: ScaleVerdict) -> str:
    change, ratio = verdict.tenth.change.middle, verdict.tenth.gradient.middle
    whose = f"the weights of {verdict.scaled}"
    if not (verdict.tenth.change.seeds and verdict.tenth.gradient.seeds):
        return "This run cannot tell: BN's outputs cannot be compared."
    if verdict.tenth.broken:
        return (
            f"At weights this small there is something in it: with {whose} a tenth as large, BN's"
            f" outputs change by {_share(change, 'their size')}. That is ε's doing, and not what"
            " decay is for."
        )
    return (
        f"With {whose} a tenth as large, BN computes the same: its outputs change by"
        f" {_share(change, 'their size')}. Its gradient, though, is {times(ratio)} as long, and"
        " that on weights a tenth as long: decay on these weights sets how fast they turn, not what"
        " can be computed. (γ, β and the output layer are another matter: their size does count.)"
    )


def _keeps_small(verdict: ScaleVerdict) -> str:
    one = verdict.growth[BATCH]
    if one is None:
        return "This run cannot tell: ‖W‖² of BN's hidden layers was not a number to the end."
    said = f"‖W‖² of BN's hidden layers {_ended(one)}"
    if verdict.decay:
        return f"What can pull them back is weight decay, not BN: {said}."
    if one.stayed:
        return f"In this run they hardly grew: {said}. lr²‖g‖² is little beside ‖W‖² here."
    if verdict.optimizer == "sgd" and not verdict.shrank:
        return (
            f"They only grew: {said}, and became smaller in not one step, layer or seed. BN"
            " normalizes what the weights compute, not the weights."
        )
    return f"It normalizes what the weights compute, not the weights: {said}."
