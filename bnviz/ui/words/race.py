"""The race: what is fixed on the page."""

from typing import Any

INTRODUCTION = """
The two networks of a pair, plain and BN, start from the same weights and see the same mini-batches.
The race ends at the target accuracy on test data. A step with BN costs more than one without, so
the finish can be counted in **steps** or in **seconds**.
"""

PRESETS: dict[str, dict[str, Any]] = {
    "Same low rate: BN does not help": {"learning_rate": 0.0056, "steps": 400},
    "A rate at which only BN learns": {"learning_rate": 1.0},
    "Sigmoid units": {"activation": "sigmoid", "learning_rate": 1.0},
    "Spirals, with the boundary": {"dataset": "spirals", "width": 32},
}
GUESS = "Counted in seconds, who reaches the target first at this setting?"

IMAGENET = """
| model (ImageNet) | initial rate | steps to 72.2 % | best accuracy |
| --- | --- | --- | --- |
| Inception | 0.0015 | 31.0 million | 72.2 % |
| BN-Baseline | 0.0015 | 13.3 million | 72.7 % |
| BN-x5 | 0.0075 | 2.1 million | 73.0 % |
| BN-x30 | 0.045 | 2.7 million | 74.8 % |
| BN-x5-Sigmoid | 0.0075 | – | 69.8 % |
"""

NOTES = {
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
    "What the papers found": f"""
{IMAGENET}
Ioffe & Szegedy (2015), Figures 2 and 3. 31.0 / 2.1 is the "14 times fewer steps". Most of it comes
from the five times larger rate, at which the network without BN diverges.
""",
}
