"""What the axes of a result mean, and the marks in it that are no number: one place for all floors.

An experiment writes them, a verdict judges by them, a figure draws them; none of these may load
the others, all of them may load this.
"""

from __future__ import annotations

from typing import Final, Literal

Treatment = Literal["plain", "batch"]
TREATMENTS: Final[tuple[Treatment, ...]] = ("plain", "batch")
"""The two networks of a pair, in the order of the first axis of every result."""
PLAIN, BATCH = 0, 1
"""Their rows."""
CENTRED, DIVIDED = 2, 3
"""Rows after them, where each half of BN stands alone: the mean is subtracted, or the standard
deviation divides."""
DECAYING, GROWING, PLAIN_GROWING = range(3)
"""Rows of the networks with weight decay, and with a learning rate that grows in its place."""

SHORT: Final = {
    "plain": "plain",
    "batch": "BN",
    "renorm": "renorm",
    "switchable": "switchable",
    "layer": "layer norm",
    "group": "group norm",
    "instance": "instance norm",
    "noisy": "noisy BN",
    "rms": "RMSNorm",
    "dyt": "DyT",
    "weights": "weight standardization",
}
"""What readers call the networks, in pictures and tables."""

NEVER: Final = -1
"""In place of a step, a layer or a place, where something did not happen."""

LEVELS: Final = 250
"""A share in a byte: 0 is none, 250 all. No picture shows finer steps."""

MIXTURE: Final = ("instance", "layer", "batch")
"""What switchable normalization mixes, in the order of its shares."""
OWN_BATCH, PRECISE, AVERAGE_OF_ALL, FIRST_MOMENTUM = range(4)
"""Rows of the ways to normalize the test set: with the statistics of its own batches, with precise
ones, with the average of all mini-batches, and from there on with the average of each momentum."""
ALONE, WITH_OTHERS, WITH_YET_OTHERS, WITH_ITS_CLASS, INFERENCE = range(5)
"""Rows of the company in which one sample is predicted: in training mode, and in inference mode."""

STAGES, TO_STAGE = 4, 10
"""Of the transform by hand: x, centred, normalized, scaled and shifted; and how many places the
clock has from one to the next."""
EQUATIONS, TO_EQUATION = 6, 5
"""The same of the backward pass by hand: from the incoming gradient to the last equation."""

PLACE, BIAS, AFFINE, ZERO, DROPOUT = (
    "before or after",
    "the bias",
    "gamma and beta",
    "gamma from zero",
    "dropout before it",
)
"""Decisions about the place of BN, each with networks that differ in it alone."""

PARTS: Final = ("affine", "output", "random", "all")
"""What is trained of a network whose other parameters stay random: γ and β, the output layer, as
many single weights as there are γ and β, everything."""

ENTRIES: Final = ("inner", "entering", "output", "slope")
"""Values of a layer one by one: W h + b; what enters the activation function; what it gives; and
log10 |dL/dW|."""
MEASURES: Final = ("moved", "mean", "deviation", "signal", "idle", "gradient", "update")
"""Numbers of a whole layer; see engine.distributions."""
