"""How does the gradient get through?: all that its page says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bnviz.axes import EQUATIONS, TO_EQUATION
from bnviz.words.findings import Findings
from bnviz.words.numbers import apart, calculated, many, percent, seeds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bnviz.verdicts.backward import BackwardVerdict, MistakeVerdict, Number

INTRODUCTION = """
In the forward pass every sample helps to make the mean and the variance. So in the backward pass
every output sends its gradient to **every** input: straight through, by way of the variance, and by
way of the mean. Type a mini-batch and the gradients that arrive at its outputs, and follow the six
equations from right to left.
"""

PRESETS: dict[str, dict[str, Any]] = {
    "A unit of a trained network": {"source": "trained unit", "scale": "as the unit learned"},
    "The same for all rows: nothing gets through": {"source": "the same for all rows"},
    "One row alone has a gradient": {"source": "one row alone has a gradient"},
    "A constant feature: goes wrong": {"source": "constant feature"},
}
GUESS = "The same gradient, 1, arrives at the output of every row. What reaches the inputs?"
GUESSES = ("the same for all", "more for large inputs", "nothing")

COLUMNS = ("x", "∂L/∂y")
"""What the columns of the table are called."""
WAYS = ("∂L/∂y arrives", *(f"equation {number + 1}" for number in range(EQUATIONS)))
PLACES = tuple(WAYS[-(-place // TO_EQUATION)] for place in range(EQUATIONS * TO_EQUATION + 1))
"""What each place of the clock is called: the equation that it leads to."""

SIX = """
Each with its numbers, and what `torch.autograd` says of the same; σ = √(v + ε). The second term of
equation 3 is always 0, since Σ (x − μ) = 0: it stands there because the paper has it.
"""
CLOSER = {
    "means": "What does it mean?",
    "rows": "What are the numbers of all rows?",
}

MEANING = """
The hollow dots are what the gradient would be if mean and variance were constants. BN takes away
whatever a straight line can explain of them: their mean (moving all inputs together changes
nothing) and their slope along the normalized values (stretching all of them changes nothing). The
stems that remain are ∂L/∂x.
"""
MISTAKE = (
    "What if mean and variance are treated as constants?",
    """
A tempting shortcut: in the backward pass, divide by √(v + ε) and forget that mean and variance
depend on the batch. Here it is made on purpose. The same networks (8 layers of 32 ReLU units,
digits) are trained from the same weights on the same batches, with the right gradient and with the
mistaken one, at three learning rates, one after the other. Only the backward pass differs.
""",
)

NOTES = {
    "How it is measured": """
The six equations are computed with NumPy in 64 bits, as they stand in the paper. Beside them stands
what `torch.autograd` gives for the same graph, in 64 bits; the gradients of mean and variance are
those at these nodes of the graph. "As if constants" is γ ∂L/∂y / √(v + ε).

The trained unit: a network of 4 layers of 32 ReLU units with BN, trained on the digits for 100
steps at a rate of 0.32. x is what a unit of layer 2 computes on the first 16 training images, just
before BN, and ∂L/∂y is what arrives behind BN when the loss of these 16 is differentiated; both
rounded to six digits. The gradient is 0 where the ReLU that follows is closed.

The mistake: medians over five seeds, bands their range. The length of the weights is that of all
hidden layers together, over what it was at the start. The losses are those of the mini-batches.
""",
    "The mathematics": r"""
The equations of Ioffe & Szegedy (2015), Section 3, for $\sigma = \sqrt{v+\epsilon}$ can be put
together into one:

$$
\frac{\partial L}{\partial x_i} = \frac{\gamma}{\sigma}\Big(
\frac{\partial L}{\partial y_i}
- \frac1m\sum_j \frac{\partial L}{\partial y_j}
- \hat x_i\,\frac1m\sum_j \frac{\partial L}{\partial y_j}\hat x_j\Big)
$$

The second term of $\partial L/\partial\mu$ has dropped out, for $\sum_i (x_i-\mu) = 0$ whatever the
mini-batch. In brackets stands what is left of the incoming gradient after its mean and its
component along $\hat x$ have been subtracted. Therefore

$$
\sum_i \frac{\partial L}{\partial x_i} = 0 \qquad
\sum_i \frac{\partial L}{\partial x_i}\hat x_i =
\frac{\epsilon}{v+\epsilon}\,\frac{\gamma}{\sigma}\sum_i \frac{\partial L}{\partial y_i}\hat x_i
\approx 0
$$

A bias before BN therefore gets the gradient 0. And as the outputs do not change when all inputs are
stretched, neither does the loss when a weight vector is: its gradient is at a right angle to it.
With mean and variance as constants both are lost, and each update also makes the weights longer or
shorter, although that changes nothing.
""",
    "What the papers found": """
Ioffe & Szegedy (2015), Section 2, warn of exactly this mistake. If the normalization is computed
outside of the gradient step, a bias can grow without end while the loss stays as it is; their
networks blew up. In ours, without a bias before BN, it is the weights that grow.
""",
}


def findings(verdict: BackwardVerdict) -> Findings:
    """What the numbers on the screen show."""
    more = (
        _sum(verdict),
        _along(verdict),
        _neighbour(verdict),
        _check(verdict),
        _network(verdict),
    )
    return Findings(headline=_headline(verdict), more=tuple(filter(None, more)))


def _headline(verdict: BackwardVerdict) -> str:
    match verdict.outcome:
        case "no gradient":
            return "**No gradient arrives**: γ or every ∂L/∂y is 0, and so is every ∂L/∂x."
        case "one row":
            return (
                "**Nothing gets through a batch of one**: whatever x is, the output is β, so the"
                " loss does not depend on x."
            )
        case "nothing":
            return (
                "**Nothing gets through**: the incoming gradient asks for a change that the mean"
                " and the variance undo."
            )
        case "constant":
            return (
                "**A constant feature multiplies the gradient by"
                f" {calculated(verdict.grown, 3)}**, once its mean is subtracted: the variance is"
                " 0, and only √ε is left to divide by."
            )
        case "nearly all":
            return (
                "**Nearly all of the gradient's length gets through**: it hardly asks for a change"
                " that the mean and the variance would undo."
            )
    return (
        f"**{calculated(100 * verdict.through, 2)} % of the gradient's length gets through.** The"
        " rest asks for changes that the mean and the variance would undo, and is subtracted."
    )


def _sum(verdict: BackwardVerdict) -> str:
    return (
        f"The gradients of the batch sum to {_total(verdict)}. With mean and variance as constants"
        f" it would be {calculated(verdict.straight_total)}. Adding the same to all inputs changes"
        " no output."
    )


def _total(verdict: BackwardVerdict) -> str:
    return calculated(verdict.total) if verdict.total else "0, up to rounding"


def _along(verdict: BackwardVerdict) -> str:
    along = verdict.along
    said = (
        f"Along the normalized values, Σ ∂L/∂x · x̂ is {calculated(along.through, 3)}; as constants"
        f" it would be {calculated(along.straight, 3)}."
    )
    if along.flat:
        return f"{said} Here every x̂ is 0."
    left = calculated(along.left, 2)
    if along.small:
        return (
            f"{said} ε leaves ε / (v + ε) = {left} of it: stretching all inputs changes next to"
            " nothing."
        )
    return f"{said} ε is not small beside the variance here, and leaves {left} of it."


def _neighbour(verdict: BackwardVerdict) -> str:
    """A row that gets a gradient though none arrived at its own output."""
    if verdict.neighbour is None:
        return ""
    row, gradient = verdict.neighbour
    return (
        f"No gradient arrives at the output of row {row}, and yet its input gets"
        f" {calculated(gradient, 3)}: it has a share in the others' mean and variance."
    )


def _check(verdict: BackwardVerdict) -> str:
    return (
        f"Of all {verdict.compared} numbers by hand, none differs from autograd's, in 64"
        f" bits, by more than {calculated(verdict.difference, 2)}."
    )


def _network(verdict: BackwardVerdict) -> str:
    """The same gradient, as the backward pass of the whole trained network gave it."""
    if verdict.network is None:
        return ""
    return (
        "The backward pass through the whole network, in 32 bits, gave the same ∂L/∂x: the largest"
        f" difference is {calculated(100 * verdict.network, 1)} % of the largest gradient."
    )


@dataclass(frozen=True, kw_only=True)
class Equation:
    """One of the six, with the numbers of the batch."""

    title: str
    latex: str
    number: Number

    def told(self) -> str:
        """Both answers, and their difference."""
        hand, autograd = self.number.hand, self.number.autograd
        where = f"row {self.number.row}: " if self.number.row else ""
        return (
            f"{where}**{calculated(hand)}**, autograd {calculated(autograd)}"
            f" (difference {calculated(abs(hand - autograd), 1)})"
        )


_DXH = r"\frac{\partial L}{\partial \hat x_i}"
_SIX = (
    ("1. Through the scale", _DXH + r" = \frac{\partial L}{\partial y_i}\,\gamma"),
    (
        "2. To the variance",
        r"\frac{\partial L}{\partial v} = -\frac{1}{2\sigma^3} \sum_i " + _DXH + r"\,(x_i-\mu)",
    ),
    (
        "3. To the mean",
        r"\begin{aligned}\frac{\partial L}{\partial \mu} = &-\frac1\sigma \sum_i "
        + _DXH
        + r"\\ &- \frac2m\,\frac{\partial L}{\partial v} \sum_i (x_i-\mu)\end{aligned}",
    ),
    (
        "4. Along all three ways to the input",
        r"\begin{aligned}\frac{\partial L}{\partial x_i} = &\;\frac1\sigma\,"
        + _DXH
        + r"\\ &+ \frac{2(x_i-\mu)}{m}\,\frac{\partial L}{\partial v}"
        + r" + \frac1m\,\frac{\partial L}{\partial \mu}\end{aligned}",
    ),
    (
        "5. To the scale",
        r"\frac{\partial L}{\partial \gamma} = \sum_i \frac{\partial L}{\partial y_i}\,\hat x_i",
    ),
    (
        "6. To the shift",
        r"\frac{\partial L}{\partial \beta} = \sum_i \frac{\partial L}{\partial y_i}",
    ),
)


def equations(verdict: BackwardVerdict) -> list[Equation]:
    """The six, in the order in which they are computed."""
    return [
        Equation(title=title, latex=latex, number=number)
        for (title, latex), number in zip(_SIX, verdict.six, strict=True)
    ]


HEAD = ("row", "x", "normalized", "∂L/∂y", "as if constants", "∂L/∂x", "autograd")


def rows(verdict: BackwardVerdict) -> list[tuple[str, ...]]:
    """A table below HEAD: each row's numbers on the way back."""
    return [
        (
            f"{place}",
            *map(
                calculated,
                (row.x, row.normalized, row.incoming, row.straight, row.hand, row.autograd),
            ),
        )
        for place, row in enumerate(verdict.rows, start=1)
    ]


def beliefs(verdict: BackwardVerdict) -> dict[str, str]:
    """What is often believed, and what the numbers on the screen say of it."""
    return {
        "The gradient passes straight through the normalization": _straight(verdict),
        "Each sample's gradient is its own affair": _own_affair(verdict),
        "Larger inputs get larger gradients": _stretched(verdict),
        "A bias before BN learns, only slowly": _bias(verdict),
    }


def _straight(verdict: BackwardVerdict) -> str:
    found = verdict.shortcut
    if found is None:
        return "Here no gradient gets through at all."
    return (
        f"Dividing by √(v + ε) alone would give {calculated(found.straight, 3)} in row"
        f" {found.row}; it is {calculated(found.hand, 3)}. In {found.turned or 'none'} of"
        f" {len(verdict.rows)} rows the sign is the opposite one."
    )


def _own_affair(verdict: BackwardVerdict) -> str:
    others = len(verdict.rows) - 1
    if not others:
        return "In a batch of one it is, and it is 0: there is nobody else to be compared with."
    if not verdict.gamma:
        return "Here γ is 0, and no gradient gets through to any row. Choose another γ."
    where = f"changed in {verdict.others or 'none'} of the {others} other rows"
    if others == 1:
        where = "changed in the other row, too"
        if not verdict.others:
            where = "did not change in the other row"
    return f"We added 1 to ∂L/∂y of row 1 alone: ∂L/∂x {where}."


def _stretched(verdict: BackwardVerdict) -> str:
    found = verdict.stretched
    if found.outcome == "nothing":
        return "Here there is nothing to compare: next to nothing gets through."
    said = f"With all x multiplied by {found.by:g}, the gradient"
    if found.outcome == "epsilon":
        return f"{said} keeps its length here: ε decides what is divided by."
    said += f"'s length is {calculated(found.ratio, 3)} times what it was."
    if found.epsilon_counts:
        return f"{said} ε is not small here, so the outputs change, too."
    return f"{said} Outputs stay (nearly) as they are, so the slope towards them must shrink."


def _bias(verdict: BackwardVerdict) -> str:
    return (
        "It does not learn at all: its gradient is the sum of ∂L/∂x over the batch, here"
        f" {_total(verdict)}. β, after BN, gets {calculated(verdict.beta, 3)}."
    )


def guess(verdict: BackwardVerdict) -> tuple[str, str]:
    """The right answer to GUESS, and why; of the run in which the same arrives in all rows."""
    same, more, nothing = GUESSES
    return {"nothing": nothing, "the same": same, "different": more}[verdict.reaches], (
        f"The largest ∂L/∂x is {calculated(verdict.largest, 1)}. The gradient asks all outputs to"
        " move together; all inputs together move only the mean, which is subtracted."
    )


def mistakes(verdicts: Sequence[MistakeVerdict]) -> str:
    """What the mistake cost, at one learning rate after the other."""
    return " ".join(_mistake(verdict) for verdict in verdicts)


def _mistake(verdict: MistakeVerdict) -> str:
    rate = f"**Rate {verdict.rate:g}**"
    if verdict.outcome == "diverged":
        right, mistaken = (number or "none" for number in verdict.diverged)
        return (
            f"{rate}: of {many(verdict.seeds, 'network')}, {right} diverged with the right gradient"
            f" and {mistaken} with the mistaken one."
        )
    right_loss, mistaken_loss = apart(*verdict.loss)
    right_accuracy, mistaken_accuracy = map(percent, verdict.accuracy)
    right_growth, mistaken_growth = (_grown(growth - 1) for growth in verdict.growth)
    accuracy = f"test accuracy {mistaken_accuracy} instead of {right_accuracy}"
    if mistaken_accuracy == right_accuracy:
        accuracy = f"test accuracy {right_accuracy} with both"
    return (
        f"{rate}: {_compared(verdict)}. Training loss {mistaken_loss} instead of {right_loss},"
        f" {accuracy}; the weights changed their length by {mistaken_growth} instead of"
        f" {right_growth}."
    )


def _compared(verdict: MistakeVerdict) -> str:
    score = verdict.score
    if verdict.outcome == "mixed":
        return "neither gradient ends with the lower loss in more than half of the seeds"
    number = score.first if verdict.outcome == "higher" else score.second
    return f"with the mistake the loss is {verdict.outcome} in {seeds(number, score.seeds)}"


def _grown(share: float) -> str:
    """+38 %; +0.4 %; −12 %."""
    change = 100 * share
    return f"{change:+.{0 if abs(change) >= 1 else 1}f} %".replace("-", "−")
