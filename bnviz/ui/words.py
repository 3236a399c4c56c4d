"""The fixed words of the lessons: introductions, presets, notes. What a run shows is computed."""

from typing import Any

HOME_INTRODUCTION = """
Two deep networks learn to read digits from the **same start** and the **same samples**; only one
has **batch normalization (BN)**. Turn the learning rate up until the plain one dies. Then find
out which layers need BN.
"""

HOME_PRESETS: dict[str, dict[str, Any]] = {
    "Break it: rate 1": {"learning_rate": 1.0},
    "Sigmoid: dead before the first step": {"learning_rate": 1.0, "activation": "sigmoid"},
    "Too far even for BN: rate 10": {"learning_rate": 10.0},
    "Where BN does not help: rate 0.01": {"learning_rate": 0.01},
}

THIRDS = ("the first third", "the middle", "the last third")
HOME_GUESS = "At a learning rate of 1, which part of the plain network goes first?"

HOME_NOTES = {
    "How it is measured": """
Every lamp is one unit of the first seed's network: the standard deviation of its output over 192
training samples, normalized with their own statistics as a mini-batch is in training. A unit that
says the same for every sample is dark, however large its output is. The curves below show the same
by layer (root mean square over its units), with the median of all seeds as a line and their range
as a band; the length of the gradient of the layer's weights on the mini-batch of that step; and the
share of dead units (zero for all 192 samples) or saturated values (|tanh| > 0.97, sigmoid outside
0.03 to 0.97). Curves are held at the edge of their axis.

*Learned* means: in the end closer to being right than to guessing. A layer *went first* when it was
the first to have 100 times its initial signal, half of its units dead or half of its values
saturated, or an output that varies by less than 0.001. Test accuracy is measured in inference mode.
""",
    "The mathematics": r"""
For each unit, over the samples of the mini-batch (Ioffe & Szegedy 2015, Algorithm 1):

$$\mu = \frac1m \sum_i x_i \qquad v = \frac1m \sum_i (x_i - \mu)^2 \qquad
\hat x_i = \frac{x_i - \mu}{\sqrt{v + \varepsilon}} \qquad y_i = \gamma\,\hat x_i + \beta$$

applied to the layer's weighted sum before its activation. Whatever the update did to the size of
the weights, the next layer receives values of the same mean and spread: a step that is too long
can no longer multiply itself from layer to layer.
""",
    "What the papers found": """
Ioffe & Szegedy (2015) trained an Inception network on ImageNet with BN at 5 times the learning
rate, at which the network without it diverges, and reached its 72.2 % accuracy in 2.1 instead of
31 million steps. Bjorck et al. (2018) found that at a very small rate (0.0001) a ResNet-110 on
CIFAR-10 reaches 81 to 82 % with and without BN: the gain comes from the larger rate that BN allows.
*Why* it allows it is still discussed; that is what the later lessons are about.
""",
}

RACE_INTRODUCTION = """
Both networks of a pair start from the same weights and see the same mini-batches. The race ends at
the target accuracy on test data. A step with BN costs more than one without, so the finish can be
counted in **steps** or in **seconds**.
"""

RACE_PRESETS: dict[str, dict[str, Any]] = {
    "Same low rate: BN does not help": {"learning_rate": 0.0056, "steps": 400},
    "A rate only BN survives": {"learning_rate": 1.0},
    "Sigmoid units": {"activation": "sigmoid", "learning_rate": 1.0},
    "Spirals, with the boundary": {"dataset": "spirals", "width": 32},
}
RACE_GUESS = "Counted in seconds, who reaches the target first at this setting?"

RACE_NOTES = {
    "How it is measured": """
Accuracy and loss are recorded at some 25 steps, more of them early. Test accuracy is measured in
inference mode, with BN's running statistics; the training loss is that of the mini-batches,
averaged since the record before. Lines are medians over the seeds, bands their range; a tick on
the target line is a seed that reached it, a cross a seed whose loss stopped being a number.

The seconds are processor time of this server for one network's share of the training, without the
recording; they differ from machine to machine and are the one thing here that a second visit does
not repeat exactly.
""",
    "The mathematics": r"""
In training, each normalized unit needs the mean and variance of its mini-batch, and its backward
pass two more sums over the batch: a few passes over the activations, against matrix products that
grow with the width. The wider the layer, the smaller BN's share of a step. BN adds $\gamma$ and
$\beta$ per unit and makes the layer's own bias redundant: two numbers for one.
""",
    "What the papers found": """
| model (ImageNet) | initial rate | steps to 72.2 % | best accuracy |
| --- | --- | --- | --- |
| Inception | 0.0015 | 31.0 million | 72.2 % |
| BN-Baseline | 0.0015 | 13.3 million | 72.7 % |
| BN-x5 | 0.0075 | 2.1 million | 73.0 % |
| BN-x30 | 0.045 | 2.7 million | 74.8 % |
| BN-x5-Sigmoid | 0.0075 | – | 69.8 % |

Ioffe & Szegedy (2015), Figures 2 and 3. 31.0 / 2.1 is the "14 times fewer steps". Most of it comes
from the five times larger rate, at which the network without BN diverges.
""",
}
