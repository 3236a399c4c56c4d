"""The loss landscape: what is fixed on the page."""

from typing import Any

INTRODUCTION = """
If it is not the shift, it may be the ground. Training walks downhill in the dark: it feels the
slope under its feet and takes a step. How far the ground keeps what the slope promises decides how
long that step may be. Here we look at the loss **along the gradient**, at every moment of training,
and then **all around** one point.
"""

PRESETS: dict[str, dict[str, Any]] = {
    "The largest rate plain survives": {"learning_rate": 0.32},
    "Skip connections in 12 layers": {"skip": "on", "depth": 12, "gain": 0.5},
    "Where BN does not help: tanh": {"activation": "tanh", "learning_rate": 0.32},
    "Look along the path": {"plane": "path of training"},
}
GUESS = (
    "On the first mini-batches, how long a step does BN bear before the loss is tenfold, beside"
    " plain at the same setting?"
)

CLOSER = {
    "long": "How long may a step be?",
    "around": "What does the ground look like all around a point?",
}

SURFACE = """
Two directions through the space of all weights make a plane; the cross is the first seed's network.
In the random plane each row of a weight matrix moves by as much as it is long, so that networks
with large and small weights can be compared. Biases, γ and β stay where they are.
"""
LONG_STEPS = """
Take the gradient of one of the first three mini-batches, and walk along it, up to 100 times its
length: what happens to the loss of that mini-batch?
"""

SKIPS = (
    "Is it BN alone that smooths?",
    "The surface above, without and with skip connections, one after the other.",
)

NOTES = {
    "How it is measured": """
**Along the gradient.** At a record, before the update, g is the gradient of the mini-batch loss
with respect to all parameters together. The loss is taken again at θ − a g for eight lengths a, on
the same mini-batch with its own statistics; then everything is put back. The band goes from the
lowest to the highest of these losses (median over the seeds), the line is the loss before the
walk. The sentences compare the width of the band, averaged over training, in the seeds where
**both** losses fell to less than half.

**Around a point.** The loss of 256 training samples at 21 x 21 points or more (fewer for large
networks). Contours show the logarithm of the loss, both networks on one scale; what is above 100 or
below 0.01 is drawn there. The "path of training" is the plane through the chosen moment along the
two directions in which the weights moved most; there all parameters move, biases, γ and β included,
and each network has a plane of its own. With BN the loss depends on the statistics: taken anew from
the 256 samples at each point, or the running ones of that moment, held fixed; then, at the settings
this page starts with, its basin is not the wider one. *Clearly better than guessing*, the basin, is
a loss below 90 % of ln(number of classes); *curves downwards* is judged there, from the second
differences inside the plane.

**Long steps.** 19 lengths from 0.0001 to 100; the median of three mini-batches, then of the seeds.
""",
    "The mathematics": r"""
Loss variation (Santurkar et al. 2018, Section 3.2): the range over $a$ of
$L(\theta_t - a\,g)$ with $g = \nabla L(\theta_t)$, for $a$ from ½ to 4 learning rates.

The surface (Li et al. 2018): $L(\theta + x\,d_1 + y\,d_2)$, with each row $i$ of each weight
matrix of a random direction scaled to the length of the same row of the network,
$d_i \leftarrow d_i\,\lVert\theta_i\rVert / \lVert d_i\rVert$. Without this a network with large
weights looks smoother than one with small weights, although with BN both compute the same.
""",
    "What the papers found": """
Santurkar et al. (2018) found a far narrower band with BN in a VGG network, and argue that this is
how BN helps. Li et al. (2018) showed with filter-normalized planes that skip connections smooth the
surface of deep networks, too. Bjorck et al. (2018) looked at the first mini-batches: without BN,
the loss explodes at step lengths that are harmless with it; they conclude that this is how BN
allows a large learning rate. A surface is a picture of two directions among many thousands; it
shows, it does not prove.
""",
}
