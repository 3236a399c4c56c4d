"""What does BN compute?: all that its page says."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from bnviz.axes import STAGES, TO_STAGE
from bnviz.words.belief import Belief
from bnviz.words.challenge import Challenge, Outcome, Tempting
from bnviz.words.findings import Findings
from bnviz.words.numbers import calculated, listed, percent

if TYPE_CHECKING:
    from bnviz.verdicts.transform import Far, Feature, Pair, TransformVerdict

INTRODUCTION = """
For each unit (a **feature**), a mini-batch is a column of numbers, one for each sample. BN does
four things to the column. **Type numbers of your own** into the table.
"""

CLOSER = {
    "sigmoid": ("What are γ and β for?", "The same numbers on a sigmoid, at every stage."),
    "pairs": ("Does BN mix the features?", "Two of them against each other, before and after."),
    "code": ("How is it written in code?", "NumPy and torch.nn, with the numbers on the screen."),
}

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
    sentences = (
        _constant(verdict),
        _alone(verdict),
        _far(verdict.far),
        _outputs(verdict.feature),
        _divided(verdict),
        _bound(verdict),
        sigmoid(verdict.feature),
        by_hand(verdict.feature),
        _check(verdict),
    )
    return Findings.told(_headline(verdict), *filter(None, sentences))


def _headline(verdict: TransformVerdict) -> str:
    match verdict.outcome:
        case "one row":
            return "A batch of one is its own mean: every output is β."
        case "given back":
            return "γ = √(v + ε) and β = μ give the input back."
        case "nothing varies":
            return "Nothing varies here: every output is β."
        case "epsilon":
            name, kept = verdict.worst
            return f"ε is too large for {name}: normalized, its variance is {calculated(kept, 2)}."
        case "two rows":
            return "Of two rows, only their order is left."
    if verdict.as_learned:
        return "Normalizing removes mean and scale; learned γ and β set new ones."
    return "Normalizing removes mean and scale; γ and β set new ones."


def _outputs(of: Feature) -> str:
    """What γ and β make of the mean and the variance of the feature that is drawn."""
    mean, variance = (calculated(value, 3) for value in of.output)
    return (
        f"The outputs of {of.name} have mean {mean}, which is β, and variance {variance}, which is"
        " γ² · v / (v + ε)."
    )


def _divided(verdict: TransformVerdict) -> str:
    if verdict.rows == 1:
        return "The mean of one number is that number, and its variance is 0."
    return "The variance v is the mean of the squared distances from μ: a sum divided by m."


def by_hand(of: Feature) -> str:
    """The numbers of the feature that is drawn, as one would compute them."""
    way = " → ".join(calculated(value) for value in of.first)
    mean, variance = calculated(of.mean), calculated(of.variance)
    return f"{of.name} has mean {mean} and variance {variance}. Its first number goes {way}."


def _constant(verdict: TransformVerdict) -> str:
    if verdict.rows == 1 or not verdict.constant:
        return ""
    if len(verdict.constant) == 1:
        said = (
            f"{verdict.constant[0]} is constant: its variance is 0. Only ε keeps BN from dividing"
            " 0 by 0, and the output is β."
        )
    else:
        said = (
            f"{listed(verdict.constant)} are constant: their variance is 0. Only ε keeps BN from"
            " dividing 0 by 0, and the outputs are β."
        )
    return f"{said} {_rounded(verdict)}".strip()


def _rounded(verdict: TransformVerdict) -> str:
    """Where 32 bits are not enough for it."""
    if verdict.rounded is None:
        return ""
    name, off = verdict.rounded
    return (
        f"In 32 bits torch.nn is off by up to {calculated(off)} for {name}: a rounding, small"
        " beside x, is divided by √ε, too."
    )


def _alone(verdict: TransformVerdict) -> str:
    of = verdict.feature
    if of.alone is None:
        return ""
    return (
        f"One row has {percent(of.alone)} of the variance of {of.name}: normalized, all others lie"
        f" within {calculated(of.others, 2)} of 0."
    )


def _far(far: Far | None) -> str:
    if far is None:
        return ""
    said = f"{far.name} lies {calculated(far.stds, 2)} standard deviations from zero."
    if far.off is None:
        return said
    return (
        f"{said} In 32 bits torch.nn is off by up to {calculated(far.off, 1)} in this batch: most"
        " of a number's digits are needed for what all values have in common."
    )


def _bound(verdict: TransformVerdict) -> str:
    rows, of = verdict.rows, verdict.feature
    if rows == 1:
        return "No value can exceed √(m − 1) in size once it is normalized: with m = 1, that is 0."
    most, largest = calculated(math.sqrt(rows - 1), 3), calculated(of.largest, 3)
    return f"The largest normalized value is {largest} in size; it cannot exceed √(m − 1) = {most}."


def sigmoid(of: Feature) -> str:
    """Where the values stand on a sigmoid: before, normalized, and after scale and shift."""
    before, _, normalized, after = map(percent, of.linear)
    return (
        f"On a sigmoid, {before} of the values of {of.name} would lie in the linear part. Of the"
        f" normalized values it is {normalized}, of the outputs {after}."
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


OUTLIER = ("spread out as before", "close together", "all at one place")


def _outlier(verdict: TransformVerdict) -> Outcome:
    of = verdict.feature
    if of.alone is None:
        return Outcome(right=OUTLIER[0], why="No row has nearly all of the variance.")
    return Outcome(
        right=OUTLIER[1 if of.others else 2],
        why=f"One row has {percent(of.alone)} of the variance. BN divides all rows by the standard"
        f" deviation that it makes, and the others end within {calculated(of.others, 2)} of 0.",
    )


BELOW = ("four", "five or six", "seven")


def _below(verdict: TransformVerdict) -> Outcome:
    """How many rows lie below the mean, which the triangle shows."""
    below = verdict.feature.below
    return Outcome(
        right={4: BELOW[0], 5: BELOW[1], 6: BELOW[1], 7: BELOW[2]}.get(below),
        why=f"{below} of the {verdict.rows} numbers lie below the mean. A mean is not the middle:"
        " one large number draws it towards itself.",
    )


SHIFTED = ("by 48", "by 48 times γ", "not at all")


def _shifted(verdict: TransformVerdict) -> Outcome:
    """Tried with a larger number on the batch that is shown."""
    by, times_gamma, not_at_all = SHIFTED
    moved = "As a test we added another 100, and the outputs stayed as they were."
    if verdict.moved:
        moved = (
            "As a test we added another 100, and the outputs changed at most by"
            f" {calculated(verdict.moved, 1)}."
        )
    return Outcome(
        right={"shift": by, "shift times γ": times_gamma, "not": not_at_all}[verdict.moved_by],
        why=f"{moved} The mean changes by as much, and it is subtracted. So a bias before BN does"
        " nothing.",
    )


EQUAL = "All outputs equal their inputs."
UNDONE = ("yes, completely", "only the mean", "no")


def _undone(verdict: TransformVerdict) -> Outcome:
    largest = max(abs(value) for row in verdict.table for value in row)
    of, gap = verdict.feature, calculated(verdict.gap, 2)
    same = f"No output differs from its input by more than {gap}." if verdict.gap else EQUAL
    mean = math.isclose(of.output[0], of.mean, rel_tol=1e-9, abs_tol=1e-9)
    right = UNDONE[0 if verdict.gap <= 1e-9 * largest else 1 if mean else 2]
    return Outcome(
        right=right,
        why=f"{same} With γ = √(v + ε) and β = μ, BN gives back what it took; training can find"
        " these.",
    )


FARTHER = ("those of x1", "those of x2", "both the same")


def _apart(verdict: TransformVerdict) -> Outcome:
    """Of the first two features: whose outputs lie farther apart."""
    if len(verdict.spans) < 2:
        return Outcome(right=None, why="There is one feature only.")
    one, other = verdict.spans[:2]
    same = math.isclose(one, other, rel_tol=0.01)
    said = f"The outputs of x1 are {calculated(one, 2)} apart, those of x2 {calculated(other, 2)}."
    if verdict.rows == 2 and same:
        why = "Normalized, the rows become −1 and +1: only their order is left, not their distance."
        said = f"{said} {why}"
    return Outcome(
        right=FARTHER[2] if same else FARTHER[0 if one > other else 1],
        why=said,
    )


CHANGED = ("by less than 0.3", "by 0.3 to 1", "by more than 1")


def _changed(verdict: TransformVerdict) -> Outcome:
    """How far the scales have come from 1, at most."""
    if not verdict.as_learned:
        return Outcome(right=None, why="These γ and β were not learned.")
    change = max(abs(gamma - 1) for gamma in verdict.gamma)
    gammas = [calculated(gamma, 3) for gamma in verdict.gamma]
    return Outcome(
        right=CHANGED[0 if change < 0.3 else 1 if change <= 1 else 2],
        why=f"In these units γ is now {listed(gammas)}. Of other units, and of longer training,"
        " this run tells nothing.",
    )


CHALLENGES = (
    Challenge(
        name="outlier",
        question="One number becomes 100. Where do the other seven lie, normalized?",
        answers=OUTLIER,
        setting={"source": "one outlier"},
        outcome=_outlier,
        expected=OUTLIER[1],
        tempting=Tempting(OUTLIER[0], Belief.NORMALLY_DISTRIBUTED),
    ),
    Challenge(
        name="below",
        look=True,
        question="Look at the first line: how many numbers lie left of the mean, the triangle?",
        answers=BELOW,
        setting={"source": "one outlier"},
        outcome=_below,
        expected=BELOW[2],
        tempting=Tempting(BELOW[0], Belief.NORMALLY_DISTRIBUTED),
    ),
    Challenge(
        name="shift",
        question="We add 48 to every number of x1. By how much do the outputs change?",
        answers=SHIFTED,
        setting={"source": "far from zero"},
        outcome=_shifted,
        expected=SHIFTED[2],
        tempting=Tempting(SHIFTED[1], Belief.LARGER_OUTPUTS),
    ),
    Challenge(
        name="back",
        question="γ and β are learned. Can they undo what normalizing did?",
        answers=UNDONE,
        setting={"affine": "give the input back"},
        outcome=_undone,
        expected=UNDONE[0],
        tempting=Tempting(UNDONE[2], Belief.ALWAYS_0_AND_1),
    ),
    Challenge(
        name="two-rows",
        question="Two rows: 3 and 3.5 in x1, 10 and 40 in x2. Whose outputs differ more?",
        answers=FARTHER,
        setting={"source": "two rows"},
        outcome=_apart,
        expected=FARTHER[2],
        tempting=Tempting(FARTHER[1], Belief.LARGER_OUTPUTS),
    ),
    Challenge(
        name="learned",
        question="By how much do 100 steps of training change the γ of two units from 1?",
        answers=CHANGED,
        setting={"source": "trained units", "affine": "as the units learned"},
        outcome=_changed,
        expected=CHANGED[0],
        tempting=Tempting(CHANGED[2], Belief.WORKS_BY_GAMMA_BETA),
    ),
)
