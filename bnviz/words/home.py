"""The front door: what is fixed on the page."""

from typing import Any

INTRODUCTION = """
Two deep networks learn to read digits from the **same start** (a *seed*) and the **same samples**;
only one has **batch normalization (BN)**. Turn the learning rate up until the plain one dies, then
find out which layers need BN.
"""

PRESETS: dict[str, dict[str, Any]] = {
    "Break it: rate 1": {"learning_rate": 1.0},
    "Sigmoid: dead before the first step": {"learning_rate": 1.0, "activation": "sigmoid"},
    "Too far even for BN: rate 10": {"learning_rate": 10.0},
    "Where BN does not help: rate 0.01": {"learning_rate": 0.01},
}

THIRDS = ("the first third", "the middle", "the last third")
CLOSER = {"layers": "How does every layer fare over training?"}
GUESS = "At a learning rate of 1, which part of the plain network goes first?"

NOTES = {
    "How it is measured": """
Every lamp is one unit of one seed's network, the seed whose two networks end nearest to the
median test accuracy of all seeds: the standard deviation of its output over 192
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

$$
\mu = \frac1m \sum_i x_i \qquad v = \frac1m \sum_i (x_i - \mu)^2 \qquad
\hat x_i = \frac{x_i - \mu}{\sqrt{v + \varepsilon}} \qquad y_i = \gamma\,\hat x_i + \beta
$$

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
