"""Why doesn't the scale of the weights matter?: all that its page says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bnviz.axes import BATCH
from bnviz.verdicts.scale import EPSILON
from bnviz.words.findings import Findings
from bnviz.words.numbers import (
    between,
    fine_percent_between,
    significant,
    times_between,
)
from bnviz.words.scale import starts as scale_starts
from bnviz.words.scale.beliefs import beliefs
from bnviz.words.scale.challenges import CHALLENGES
from bnviz.words.scale.growing_rate import GROWING
from bnviz.words.scale.growing_rate import findings as grown
from bnviz.words.scale.lengths import growth, measured, right_angles, rough, share
from bnviz.words.scale.starts import reach

if TYPE_CHECKING:
    from bnviz.verdicts.criteria import Range
    from bnviz.verdicts.scale import Multiplied, ScaleVerdict

__all__ = ["CHALLENGES", "GROWING", "beliefs", "grown", "reach"]  # each has a file of its own

INTRODUCTION = """
With BN, longer weights **W** give the same outputs, so the gradient is at a right angle to W
(second picture). Each step then makes W longer, as Pythagoras predicts (first picture: ‖W‖²).
"""

CLOSER = {
    "multiplied": (
        "What if trained weights are multiplied?",
        "Outputs and gradient, against the factor.",
    ),
    "layers": ("Is it so in every layer?", "The same two pictures of another layer."),
    "tunes": ("How does the learning rate tune itself?", "Three starts of very different lengths."),
    "gains": (
        "From which initial weights does BN learn?",
        "Test accuracy against the initial gain.",
    ),
    "growing": (
        "What if the learning rate grows?",
        "In place of weight decay.",
    ),
}

MULTIPLIED = """
After training, the weights of hidden layers are multiplied by *a*. Where BN's curve of the outputs
rises, on the left, the small constant ε is no longer small beside the variance.
"""
GROWTH = """
A function that does not change along W has no slope along W: the gradient stands **at right
angles** to the weights of its unit. A step at a right angle only ever makes a vector longer, and by
Pythagoras we can predict ‖W‖² from the lengths of the steps alone. (Weight decay, where it is
chosen, shortens W by a known factor.)
"""
STARTS = """
For weights whose length does not count, a step matters only **beside the length of W**: with SGD it
is the effective learning rate lr/‖W‖² that counts. The picture shows three starts in the same
random directions: one is 100 times too small, one is 100 times too large, and the gain chosen above
lies between them.
"""
GAINS = """
The same networks train at the learning rate chosen above from every initial gain, one gain at a
time. At rate 1, where this page starts, it depends on the seeds whether plain learns from any of
them; at rate 0.32 or 0.1 it does, from gains around 1. The gain is that of all layers: also of the
output layer, which no BN follows.
"""

NOTES = {
    "How it is measured": """
**Multiplied weights.** At the end of training, from the initial gain chosen above, the weights of
the chosen hidden layers are multiplied by a; biases, γ, β and the output layer stay. The outputs
are those before the softmax, for 64 training samples with their own batch statistics; their change
is ‖f(aW) − f(W)‖ / ‖f(W)‖. The gradient is that of the loss on these samples with respect to the
multiplied weights. All of this in 64-bit numbers, so that what is left comes from ε = 0.00001
and not from rounding. Shaded: a² times the variance of the median unit is smaller than ε.

**Over training.** ‖W‖² is summed over all weights of a layer. The prediction starts from its first
value and adds lr² times the squared gradient at *every* step, nothing else; with weight decay λ,
‖W‖² is multiplied by (1 − lr·λ)² before each addition. It is for SGD without momentum. The angle is
that between the weights of one unit (a row of W) and their gradient on the mini-batch; the band
goes from the 10th to the 90th percentile of the layer's units.

**Starts.** The gain multiplies all weights, those of the output layer too; only where the sentences
say so does the output layer start smaller. A network has learned where the test accuracy of its
median seed is nearer to being always right than to guessing; a diverged seed is behind every other,
and of an even number the lower of the two in the middle counts. Lines are medians over the seeds,
bands their range; a seed that diverged is left out of ‖W‖². Only the hidden layers of the BN
network are scale invariant: its output layer is not, as you can see by choosing it, and nor is any
layer of plain. For these, lr/‖W‖² is just a number.
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
Multiplying W by a is thus the same as dividing the rate by $a^2$. Too high an effective learning
rate means long steps, which lengthen W, which lowers the rate: it tunes itself, but downwards
alone. Weight
decay shortens W and raises the rate; the two meet where $2\lambda\,\mathrm{lr}\,\lVert W\rVert^2
\approx \mathrm{lr}^2\lVert\nabla_W L\rVert^2$.
""",
    "What the papers found": """
Ioffe and Szegedy (2015, Section 3.3) state both identities, and conclude that larger weights lead
to smaller gradients, so that BN stabilizes the growth of the parameters.

Arora, Li and Lyu (2018) build their analysis on the right angle: the norm of scale-invariant
weights can only grow, and the effective learning rate tunes itself. All of it holds exactly for
ε → 0 only.

Li & Arora (2020) prove that with normalization, weight decay at a constant rate and a rate that
grows exponentially without decay give the same functions at every step.
""",
}


def findings(verdict: ScaleVerdict) -> Findings:
    """What this run shows; the headline is about the angle and the length."""
    return Findings.told(
        _headline(verdict),
        multiplied(verdict),
        *growth(verdict),
        *right_angles(verdict),
        *measured(verdict),
        _gradients(verdict),
        _breaks(verdict),
        *scale_starts.findings(verdict.starts, verdict.optimizer),
    )


def _headline(verdict: ScaleVerdict) -> str:
    match verdict.angle:
        case "no gradient":
            return "BN's hidden layers have no gradient in this run."
        case "not right":
            return "BN's gradient is not everywhere at right angles to its weights W."
        case "right later":
            return f"From step {verdict.upright_from} on, BN's gradient is at right angles to W."
    grown = verdict.growth[BATCH]
    if grown is None or grown.stayed or verdict.shrank:
        return "BN's gradient is at right angles to its weights W."
    return "BN's gradient is at right angles to W, whose length only grows."


def changes(verdict: ScaleVerdict) -> str:
    """What multiplied weights change: all that its closed section says."""
    said = (multiplied(verdict), _ranges(verdict), _gradients(verdict), _breaks(verdict))
    return "\n".join(f"- {one}" for one in said if one)


def multiplied(verdict: ScaleVerdict) -> str:
    """What ten times the weights change."""
    plain, batch = verdict.tenfold
    return f"{_of_batch(batch, verdict.scaled)} {_of_plain(plain)}"


def _of_batch(batch: Multiplied, scaled: str) -> str:
    if not batch.change.seeds:
        return (
            f"With the trained weights of {scaled} ten times as large, BN's outputs cannot be"
            " compared."
        )
    much = share(batch.change.middle, "their size")
    if not batch.broken:
        return (
            f"With the trained weights of {scaled} ten times as large, BN's outputs change by"
            f" {much}."
        )
    return (
        f"With the trained weights of {scaled} ten times as large, even BN's outputs change by"
        f" {much}, because these weights are so small that ε matters."
    )


def _of_plain(plain: Multiplied) -> str:
    if not plain.change.seeds:
        return "Plain's outputs cannot be compared."
    much = share(plain.change.middle, "their size")
    if plain.everywhere_the_same:
        return f"Plain's outputs, which hardly depend on these weights any more, change by {much}."
    return f"Plain's outputs change by {much}."


def _ranges(verdict: ScaleVerdict) -> str:
    """The same over the seeds, where they differ."""
    return " ".join(
        f"Over the seeds, {whose} outputs change by {_range(one.change)}."
        for whose, one in zip(("plain's", "BN's"), verdict.tenfold, strict=True)
        if one.change.seeds and one.change.low < one.change.high
    )


def _range(change: Range) -> str:
    if change.low >= 1:
        return f"{times_between(change.low, change.high)} their size"
    if 0 < change.high < 1:
        return fine_percent_between(change.low, change.high)
    return between(share(change.low, "their size"), share(change.high, "their size"))


def _gradients(verdict: ScaleVerdict) -> str:
    plain, batch = verdict.tenfold
    return " ".join((_gradient("BN's", batch), _gradient("Plain's", plain)))


def _gradient(whose: str, one: Multiplied) -> str:
    match one.length:
        case "unknown":
            return (
                f"{whose} gradient at ten times the weights is too small or too large to compare."
            )
        case "nothing":
            return f"{whose} gradient at ten times the weights is zero."
        case "the same":
            return f"{whose} gradient at ten times the weights is about as long as before."
        case "longer":
            longer = rough(one.gradient.middle)
            return f"{whose} gradient at ten times the weights is {longer} longer."
    shorter = rough(1 / one.gradient.middle)
    return f"{whose} gradient at ten times the weights is {shorter} shorter."


def _breaks(verdict: ScaleVerdict) -> str:
    """Where epsilon breaks BN's identity."""
    one, epsilon = verdict.identity, significant(EPSILON)
    match one.outcome:
        case "unknown":
            return "Where ε begins to count cannot be said: BN's outputs are not all numbers."
        case "nowhere":
            return "At no factor in this sweep does ε count: BN's outputs change by less than 1 %."
        case "as they are":
            return (
                "For these weights ε counts even as they are: the variance of a typical unit's"
                f" weighted sum is {significant(one.variance)}, and in some units it is not far"
                f" above ε = {epsilon}."
            )
    return (
        f"At a = {significant(one.factor)} BN's outputs change by"
        f" {share(one.change, 'their size')}: the variance of a typical unit's weighted sum is only"
        f" {significant(one.variance)} there, so that ε counts."
    )
