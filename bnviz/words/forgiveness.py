"""How forgiving is it?: what is fixed on the page."""

from typing import Any

INTRODUCTION = """
A network can fail to train because of a choice you made before the first step. Here every cell of
the map is such a choice, really trained, once without BN and once with it, from the same weights on
the same mini-batches. The map appears coarse and grows finer, seed by seed. **Click a cell**, or
turn the knobs, to mark it.
"""

PRESETS: dict[str, dict[str, Any]] = {
    "Sigmoid units": {"activation": "sigmoid", "depth": 3, "learning_rate": 1.0},
    "Against depth": {"against": "depth", "learning_rate": 0.32},
    "Against batch size": {"against": "batch size", "learning_rate": 0.32},
    "Large weights, small rate: BN does not help": {"gain": 3.0, "learning_rate": 0.0032},
}
GUESS = "Of the settings that train without BN, how many train with it, too?"
ONWARD = "Open the race at exactly this setting"
WINDOWS = """
The map, counted: how many of the learning rates train, row by row. A wide window is what makes a
network forgiving; where it is empty, no rate would have helped.
"""

NOTES = {
    "How it is measured": """
Learning rates from 0.001 to 100 in quarter decades, against ten values of what the rows differ in.
Every cell is trained from the same seeds: networks of one seed and one row start from the same
weights (times their gain) and see the same mini-batches in the same order, with and without BN.
Accuracy is that of the whole test set in inference mode, with BN's running statistics, which after
few steps still remember where they began. Colours show the mean over the seeds. A setting
**trains** if more than half of its seeds reach the accuracy chosen under "More knobs" (where that
is no more than guessing gives, as 50 % of two classes, 75 %). A cross marks cells where most seeds
diverged: their loss stopped being a number. They count as guessing.

All networks get the **same number of steps**. A small learning rate may get there later: it fails
here because it is slow, not because it is wrong. In the map against batch size, a large batch
therefore sees more samples.

The first picture has every second rate and row, for one seed; its missing cells are drawn like
their neighbours until they are trained.
""",
    "The mathematics": r"""
With ReLU and a gain $g$ on every weight matrix, the signal after $L$ layers is $g^L$ times as
large, and so is the gradient: both vanish or explode with the depth, and no single learning rate
mends what differs from layer to layer. BN divides each layer's gain out of the signal,
$\mathrm{BN}(gWu)=\mathrm{BN}(Wu)$, as long as the variance of $gWu$ is far above $\epsilon$.

But the gradient with respect to $gW$ is $1/g$ times that of $W$: a step of learning rate $\eta$
turns the weights by about $\eta/g^2$ only. That is why, with BN, what trains moves to larger rates
as the gain grows. It moves by less than the square: small weights grow quickly in the first steps,
and the output layer, which has no BN, does not follow this rule.
""",
    "What the papers found": """
Ioffe & Szegedy (2015) report that Inception without BN diverges at five times its learning rate,
while with BN it trains at thirty times: 2.7 million steps instead of 31 million to the same
accuracy. With sigmoid units the network without BN stayed at chance; with BN it reached 69.8 %.

Bjorck et al. (2018) trained a ResNet of 110 layers at several rates: about 93 % with BN at rate
0.1, and 81 to 82 % **both with and without** BN at 0.0001. They conclude that the gain comes from
the larger rates that BN makes possible; at a small rate the two do about the same.
""",
}
