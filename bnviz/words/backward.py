"""How does the gradient get through?: what is fixed on the page."""

from typing import Any

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

EQUATIONS = "Each with its numbers, and what `torch.autograd` says of the same; σ = √(v + ε)."
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

In brackets stands what is left of the incoming gradient after its mean and its component along
$\hat x$ have been subtracted. Therefore

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
