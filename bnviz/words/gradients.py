"""Gradient predictiveness: what is fixed on the page."""

from typing import Any

INTRODUCTION = """
An update follows the gradient, and trusts that it still points the same way where the step ends.
Here we check. At each moment of training we walk along the gradient, on the **same mini-batch**,
and look at the gradient again: the dotted line is where it pointed before, the needle where it
points now.
"""

PRESETS: dict[str, dict[str, Any]] = {
    "Where BN does not help: tanh": {"activation": "tanh"},
    "Glorot weights: rougher at first": {"initialization": "glorot"},
    "The largest rate plain always survives": {"learning_rate": 0.32},
    "Too large for plain: rate 1": {"learning_rate": 1.0},
}
CLOSER = {"over": "Does it stay so over the whole training?"}
GUESS = "With tanh instead of ReLU, whose gradient changes more along the walk?"

NOTES = {
    "How it is measured": """
At a record of training, before the update, g is the gradient of the mini-batch loss with respect to
all parameters together. Then the parameters are moved by −a g, for eight lengths a, and loss and
gradient are taken again: on the same mini-batch, with that mini-batch's own statistics in BN.
Afterwards everything is put back; the training does not notice.

**Gradient predictiveness** is ‖g(after) − g‖ over the lengths: the band goes from the smallest to
the largest, its upper edge is drawn as a line. **Effective β-smoothness** is the largest of
‖g(after) − g‖ / (a ‖g‖), which leaves out how long the gradient itself is (this β has nothing to do
with BN's shift β). The **turn** is the angle between the two gradients after one learning rate:
where the update of plain SGD really ends.

Lines are medians over the seeds. The sentences compare each seed's mean over the steps of training,
and only the seeds in which **both** mini-batch losses fell to less than half: a network that does
not learn can look perfectly smooth. The turn in the sentences is that of all seeds, for as long as
they last.
""",
    "The mathematics": r"""
With $g = \nabla L(\theta_t)$ on the batch about to be used (Santurkar et al. 2018, Section 3.2):

$$
\text{predictiveness: the range over } a \text{ of } \lVert \nabla L(\theta_t - a g) - g \rVert_2
\qquad \beta = \max_a \frac{\lVert \nabla L(\theta_t - a g) - g \rVert_2}{a \lVert g \rVert_2}
$$

A loss whose gradient is β-Lipschitz is sure to fall for any step shorter than $2/\beta$. The
smaller β is along the way, the larger a learning rate can be. As $a \to 0$ the predictiveness
goes to 0.

Why tanh can turn it round, and Glorot weights in the first steps: with them the plain network
passes on a weaker signal from layer to layer. Its loss depends little on its weights, its gradient
is short, and what is short changes little. BN stretches every layer's signal to spread 1, and the
slope with it.
""",
    "What the papers found": """
Santurkar, Tsipras, Ilyas and Mądry (2018) measured this on VGG, for step lengths of ½ to 4 learning
rates, and on a deep linear network, for 1/100 to 30: with BN, the loss and the gradient vary less
along the way. They argue that this smoothing, and not a reduced internal covariate shift, is how BN
helps. As the presets show, it is no law.
""",
}
