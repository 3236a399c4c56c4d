"""Can the last layer still tell the samples apart?: all that its page says."""

from bnviz.words.collapse.challenges import CHALLENGES
from bnviz.words.collapse.told import (
    beliefs,
    findings,
    of_directions,
    of_halves,
    of_trained,
    places,
)

__all__ = [
    "CHALLENGES", "beliefs", "findings", "of_directions", "of_halves", "of_trained", "places",
]  # each has a file of its own  # fmt: skip

INTRODUCTION = """
Nothing is trained here: one mini-batch passes through layers with random weights. Each cell of a
map compares two samples by the **cosine** of their outputs: 1 is the same direction, 0 a right
angle.
"""

CLOSER = {
    "rank": ("How many directions are left?", "A second measure: the effective rank."),
    "parts": ("Which half of BN does it?", "The mean alone, the standard deviation alone, both."),
    "trained": ("Does such a network still learn?", "The same pair, trained."),
}

PICTURES = ("Cosine of any two samples", "Mean cosine of every layer")
"""For those who listen."""

TRAINED = """
The same pair is trained with learning rate, optimizer and steps from *More knobs*. The upper
picture shows how alike the samples are in the last hidden layer, the lower one the test accuracy.
"""

NOTES = {
    "How it is measured": """
Each seed draws the weights and the mini-batch; both networks of a pair share them. Biases start at
0, γ at 1 and β at 0, so that BN is the pure normalization by the mini-batch's own statistics. All
is computed in 64-bit numbers: there, a signal of 10⁻³⁰ still has a direction.

**Mean cosine.** Of the outputs of one hidden layer, after the activation, between all pairs of
samples of the mini-batch. A sample for which all units are silent has no direction and is left out.
The maps show the first 30 samples of the first seed, in the order of their classes; the curves show
the median of the seeds and their range.

**Effective rank.** Of the matrix of outputs (samples by units): how many directions the samples
take, if each counts by its share of the squared length. It is 1 where all outputs are multiples of
one vector, and at most the number of samples or units.

**Which half.** Between weights and activation, only the mean of the mini-batch is subtracted, or
only its standard deviation divides.
""",
    "The mathematics": r"""
A wide layer of ReLU units with random weights turns a cosine $c$ between two inputs into
$$
\frac{\sqrt{1 - c^2} + c\,(\pi - \arccos c)}{\pi}
$$
(Cho & Saul 2009). That is larger than $c$ for every $c < 1$, so layer by layer the cosine goes to
1, whatever the initialization: He initialization keeps the length of the outputs, not the angles
between them. For $c = 0$ it gives $1/\pi \approx 0.32$. This is where BN stays with ReLU: after the
mean is subtracted, the inputs of the activation have nothing in common on average, and ReLU, which
only gives positive values, makes $1/\pi$ of that, in every layer anew.

The effective rank is
$$
\exp\Big(-\sum_k p_k \ln p_k\Big), \qquad p_k = \frac{\sigma_k^2}{\sum_j \sigma_j^2},
$$
with the singular values $\sigma_k$ of the outputs. (Roy & Vetterli 2007 propose it with $\sigma_k$
in the place of $\sigma_k^2$.)

In a mini-batch of two, BN leaves the signs alone: each unit gives +1 to one sample and −1 to the
other. With ReLU no unit is on for both, and the cosine is 0, whatever the two samples are.
""",
    "What the papers found": """
Daneshmand, Kohler, Bach, Hofmann & Lucchi (2020) call it the collapse of the rank. They prove that
BN avoids it in deep linear networks, find the same with ReLU, and in their experiments networks
that start with a collapsed rank are hard to train. Daneshmand, Joudaki & Bach (2021) prove for
linear layers that with BN the outputs become more orthogonal from layer to layer, up to a term that
shrinks with the width.

That is the way up alone. On its way down, BN's gradient grows from layer to layer at the start
(Yang et al. 2019): the lesson on signals shows it.
""",
}
