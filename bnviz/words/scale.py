"""Why doesn't the scale of the weights matter?: what is fixed on the page."""

from typing import Any

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
GUESS = "Initial weights 100 times too small, or 100 times too large: from which does BN train?"

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
    "From gain 0.01 to 100: who still trains?",
    """
The same networks at the learning rate chosen above, trained from every initial gain, one gain at
a time. At the settings this page starts with, and rate 1, plain trains from none of them; at rate
0.32 or 0.1 it does, from gains around 1. The gain is that of all layers: also of the output layer,
which no BN follows.
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
say so does the output layer start smaller. "Trains" means 80 % test accuracy or more in the median
seed. Lines are medians over the
seeds, bands their range. Only the hidden layers of the BN network are scale invariant: its output
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
