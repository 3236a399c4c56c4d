"""What does BN compute?: what is fixed on the page."""

from typing import Any

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
