"""How does the gradient get through?: all that its page says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bnviz.axes import EQUATIONS, TO_EQUATION
from bnviz.words.belief import Belief
from bnviz.words.challenge import Challenge, Outcome, Tempting
from bnviz.words.findings import Findings
from bnviz.words.numbers import calculated

if TYPE_CHECKING:
    from bnviz.verdicts.backward import BackwardVerdict

INTRODUCTION = """
Every sample has a part in the mean and the variance. So in the backward pass, every output sends
a gradient to **every** input, in six equations. **Type your own** numbers.
"""

COLUMNS = ("x", "∂L/∂y")
"""What the columns of the table are called."""
WAYS = ("∂L/∂y arrives", *(f"equation {number + 1}" for number in range(EQUATIONS)))
PLACES = tuple(WAYS[-(-place // TO_EQUATION)] for place in range(EQUATIONS * TO_EQUATION + 1))
"""What each place of the clock is called: the equation that it leads to."""

CLOSER = {
    "equations": ("What are the six equations?", "Their graph, with the numbers of one row."),
    "rows": ("What are the numbers of all rows?", "By hand, and by torch's autograd."),
    "mistake": (
        "What if mean and variance are treated as constants?",
        "Two backward passes, trained.",
    ),
}

MISTAKE = """
A tempting shortcut: in the backward pass, divide by √(v + ε) and forget that mean and variance
depend on the batch. Here it is made on purpose. The same networks (8 layers of 32 ReLU units,
digits) are trained from the same weights on the same batches, with the right gradient and with the
mistaken one, at three learning rates, one after the other. Only the backward pass differs.
"""

NOTES = {
    "How it is measured": """
The hollow dots of the picture are what the gradient would be if mean and variance were constants.
BN takes away whatever a straight line can explain of them, the dotted one: their mean (adding the
same to all inputs changes no output) and their slope along the normalized values (stretching all
inputs changes none either). The filled dots that remain are ∂L/∂x. The share of the length is that
of the filled dots in the hollow ones, each taken as one vector.

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
    sentences = (
        _why(verdict),
        _sum(verdict),
        _neighbour(verdict),
        _along(verdict),
        _check(verdict),
        _network(verdict),
    )
    return Findings.told(_headline(verdict), *filter(None, sentences))


def _headline(verdict: BackwardVerdict) -> str:
    match verdict.outcome:
        case "no gradient":
            return "No gradient arrives, so none gets through."
        case "one row":
            return "Nothing gets through a batch of one."
        case "nothing":
            return "Nothing of the gradient gets through."
        case "constant":
            return f"A constant feature multiplies the gradient by {calculated(verdict.grown, 3)}."
        case "nearly all":
            return "Nearly all of the gradient's length gets through."
    return f"{_through(verdict)} of the gradient's length gets through."


def _through(verdict: BackwardVerdict) -> str:
    return f"{calculated(100 * verdict.through, 2)} %"


def _why(verdict: BackwardVerdict) -> str:
    """Why so much of it gets through."""
    match verdict.outcome:
        case "no gradient":
            return "γ or every ∂L/∂y is 0, and so is every ∂L/∂x."
        case "one row":
            return "Whatever x is, the output is β, so the loss does not depend on x."
        case "nothing":
            return "It asks for a change that the mean and the variance undo."
        case "constant":
            return (
                "This is so once its mean is subtracted: the variance is 0, and only √ε is left to"
                " divide by."
            )
        case "nearly all":
            return "It hardly asks for a change that the mean and the variance would undo."
    return "The rest asks for changes that the mean and the variance would undo, and is subtracted."


def _sum(verdict: BackwardVerdict) -> str:
    return (
        f"The sum of all ∂L/∂x is {total(verdict)}; with mean and variance as constants it would be"
        f" {calculated(verdict.straight_total)}. Adding the same to all inputs changes no output."
    )


def total(verdict: BackwardVerdict) -> str:
    """The sum of all gradients, which is 0 but for rounding."""
    return calculated(verdict.total) if verdict.total else "0, up to rounding"


def _along(verdict: BackwardVerdict) -> str:
    along = verdict.along
    said = (
        f"Along the normalized values, Σ ∂L/∂x · x̂ is {calculated(along.through, 3)}; with"
        f" mean and variance as constants it would be {calculated(along.straight, 3)}."
    )
    if along.flat:
        return f"{said} Here every x̂ is 0."
    left = calculated(along.left, 2)
    if along.small:
        return (
            f"{said} ε leaves ε / (v + ε) = {left} of it: stretching all inputs hardly changes an"
            " output."
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


REACHES = ("the same for all", "more for large inputs", "nothing")


def _reaches(verdict: BackwardVerdict) -> Outcome:
    same, more, nothing = REACHES
    return Outcome(
        right={"nothing": nothing, "the same": same, "different": more}[verdict.reaches],
        why=f"The largest ∂L/∂x is {calculated(verdict.largest, 1)}. The gradient asks for the same"
        " change of all outputs, and BN subtracts whatever all inputs share.",
    )


ON_THE_LINE = ("all of them", "some of them", "none of them")


def _on_the_line(verdict: BackwardVerdict) -> Outcome:
    """How many of the hollow dots BN takes away whole."""
    on, of = verdict.on_the_line, len(verdict.rows)
    return Outcome(
        right=ON_THE_LINE[0 if on == of else 1 if on else 2],
        why=f"{on} of {of} hollow dots lie on the dotted line. BN takes away what lies on a line:"
        " the mean of the gradient, and its slope along the normalized values.",
    )


GETS = ("row 1 alone", "row 1 and a few others", "all eight")


def _gets(verdict: BackwardVerdict) -> Outcome:
    """How many of the inputs get a gradient, where one arrives at the output of row 1 alone."""
    got, of = verdict.reached, len(verdict.rows)
    if not got:
        return Outcome(right=None, why="No gradient gets through here.")
    return Outcome(
        right=GETS[2 if got == of else 0 if got == 1 else 1],
        why=f"{got} of {of} inputs get a gradient. Each has a share in the mean and the variance,"
        " through which it changes the output of row 1.",
    )


THROUGH = ("next to nothing", "about half", "nearly all")


def _of_two(verdict: BackwardVerdict) -> Outcome:
    if verdict.outcome == "no gradient":
        return Outcome(right=None, why="No gradient arrives.")
    share = verdict.through
    return Outcome(
        right=THROUGH[0 if share < 0.1 else 2 if share > 0.9 else 1],
        why=f"{_through(verdict)} of the length gets through. A line explains any two dots, and BN"
        " takes away what a line explains: the two outputs keep to +1 and −1.",
    )


GROWN = ("it vanishes", "it keeps its size", "it becomes very large")


def _grown(verdict: BackwardVerdict) -> Outcome:
    if verdict.outcome == "no gradient":
        return Outcome(right=None, why="No gradient arrives.")
    times = verdict.lengthened
    return Outcome(
        right=GROWN[0 if times < 0.1 else 2 if times > 10 else 1],
        why=f"On its way back BN makes it {calculated(times, 2)} times as long. The variance is 0,"
        " so √ε is all there is to divide by; with a larger ε it would grow less.",
    )


SHARES = ("less than half", "half to 90 %", "over 90 %")


def _of_a_trained_unit(verdict: BackwardVerdict) -> Outcome:
    if verdict.outcome == "no gradient":
        return Outcome(right=None, why="No gradient arrives.")
    share = verdict.through
    return Outcome(
        right=SHARES[0 if share < 0.5 else 2 if share > 0.9 else 1],
        why=f"{_through(verdict)} of the length gets through: with {len(verdict.rows)} rows, a line"
        " explains little of it. Of other units this one tells nothing.",
    )


CHALLENGES = (
    Challenge(
        name="same",
        question="The same gradient, 1, arrives at every output. What reaches the inputs?",
        answers=REACHES,
        setting={"source": "the same for all rows"},
        outcome=_reaches,
        expected=REACHES[2],
        tempting=Tempting(REACHES[0], Belief.STRAIGHT_THROUGH),
    ),
    Challenge(
        name="line",
        look=True,
        question="Look at the picture: how many of the hollow dots lie on the dotted line?",
        answers=ON_THE_LINE,
        setting={"source": "the same for all rows"},
        outcome=_on_the_line,
        expected=ON_THE_LINE[0],
        tempting=Tempting(ON_THE_LINE[1], None),
    ),
    Challenge(
        name="alone",
        question="A gradient arrives at the output of row 1 alone. Which inputs get one?",
        answers=GETS,
        setting={"source": "one row alone has a gradient"},
        outcome=_gets,
        expected=GETS[2],
        tempting=Tempting(GETS[0], Belief.OWN_AFFAIR),
    ),
    Challenge(
        name="two-rows",
        question="A mini-batch of two rows: how much of the gradient gets through?",
        answers=THROUGH,
        setting={"source": "two rows"},
        outcome=_of_two,
        expected=THROUGH[0],
        tempting=Tempting(THROUGH[1], Belief.ONLY_NOISIER),
    ),
    Challenge(
        name="constant",
        question="x is 7 in all rows: what becomes of the gradient on its way through BN?",
        answers=GROWN,
        setting={"source": "constant feature"},
        outcome=_grown,
        expected=GROWN[2],
        tempting=Tempting(GROWN[0], Belief.NEITHER_NOR),
    ),
    Challenge(
        name="trained",
        question="A unit of a trained network: how much of its gradient gets through?",
        answers=SHARES,
        setting={"source": "trained unit", "scale": "as the unit learned"},
        outcome=_of_a_trained_unit,
        expected=SHARES[2],
        tempting=Tempting(SHARES[0], Belief.LOSES_GRADIENT),
    ),
)
