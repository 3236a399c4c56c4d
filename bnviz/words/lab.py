"""The lab: what is fixed on the page."""

from typing import Any

INTRODUCTION = """
Two runs, **A** and **B**, and every knob of the course for each. Change one thing, say what you
expect, and look. Keep what is worth comparing: it stays in the pictures and in the link.
"""

PRESETS: dict[str, dict[str, Any]] = {
    "BN at ten times the rate": {
        "a-normalizer": "batch",
        "a-learning_rate": 0.1,
        "b-learning_rate": 1.0,
    },
    "Before against after the activation": {
        "diagnostic": "constant share",
        "a-normalizer": "batch",
        "a-learning_rate": 1.0,
        "b-learning_rate": 1.0,
        "b-placement": "after",
    },
    "Batches of 2: BN against group norm": {
        "steps": 400,
        "a-normalizer": "batch",
        "a-learning_rate": 0.018,
        "a-batch_size": 2,
        "a-depth": 4,
        "b-normalizer": "group",
        "b-learning_rate": 0.018,
        "b-batch_size": 2,
        "b-depth": 4,
    },
    "SGD against Adam, both with BN": {
        "diagnostic": "update size",
        "a-normalizer": "batch",
        "b-optimizer": "adam",
        "b-learning_rate": 0.01,
    },
    "Go on at a tenth of the rate": {
        "a-normalizer": "batch",
        "a-learning_rate": 1.0,
        "a-batch_size": 16,
        "a-then": "1x100",
        "b-learning_rate": 1.0,
        "b-batch_size": 16,
        "b-then": "0.1x100",
    },
    "One hidden layer: BN does not help": {
        "a-depth": 1,
        "b-depth": 1,
    },
}
GROUND = (
    "The ground around the end",
    """
The training loss of both runs around the weights at the end, along two random directions that are
filter-normalized; first seed. The same draws where both have layers of the same sizes.
""",
)
GUESS = "Which of the two ends with the higher test accuracy?"

TRY = """
A preset, like Reset, sets **every** knob of both runs and takes their continuations away. The list
of kept runs stays.
"""

NOTES = {
    "How it is measured": """
**The same start.** A seed sets the initial weights and the order of the batches. Two runs with the
same sizes and the same initialization start from the same weights, also when one of them has a
normalizer; with the same batch size they see the same mini-batches in the same order. Where this
is not so, the sentence below the knobs says it.

**The curves.** Test accuracy is measured in inference mode. The training loss is that of the
mini-batches, averaged since the record before. Lines are medians over the seeds, bands their
range. The clock runs over all steps that A and B have; a shorter run stays at its end.

**Looking inside** never changes the training: with another choice under "Measure" the curves are
the same to the last bit. Each measure is that of the lesson it is linked to, at fewer moments.

**Going on.** A continuation changes the learning rate and nothing else: weights, running
statistics, the optimizer's memory and the order of the batches go on as they are. The server
trains the beginning again, which gives the same bits, so a link needs to hold only the rates and
the steps.

**Kept runs** are drawn from the same training as the run they were; nothing is trained anew unless
a link is opened in a fresh session. A run that would take too long is shortened, as a sentence
says where it is; kept, it is shortened in the same way.
""",
    "The mathematics": r"""
A comparison says something about the one thing in which two runs differ, and only at the place
where it was made. Let $f(x, \eta)$ be the accuracy with the knobs $x$ at the learning rate $\eta$.
What a figure at one rate compares is $f(x_A, \eta) - f(x_B, \eta)$; the question of which is better
is mostly about $\max_\eta f(x_A, \eta) - \max_\eta f(x_B, \eta)$, and the two can have different
signs. So turn the rate of **each** run before you decide.

If neither were better, the chance that one of them is ahead in all of $n$ seeds would be
$2 \cdot 2^{-n}$: 6 % for five seeds, 0.2 % for ten. One seed says nothing.
""",
    "What the papers found": """
Much of what is said of BN depends on the rate at which two networks were compared. Bjorck et al.
(2018) trained a ResNet-110 on CIFAR-10: with BN at a rate of 0.1 it reached about 93 %, at 0.003
90 %, and at 0.0001 81 to 82 %, **with and without BN alike**: the gain comes from the larger rate.

Ioffe & Szegedy (2015) gave the network with BN up to 30 times the rate of the one without, which
at 5 times diverged. Wu & He (2018): at 32 images per worker BN has an ImageNet error of 23.6 % and
group norm of 24.1 %, at 2 images 34.7 % and 24.1 %. Which is ahead, the batch size decides.
""",
    "How a link holds it all": """
The address of this page has a parameter for each knob that is not at its default: `lab-steps` and
the like for what both runs share, `lab-a-depth`, `lab-b-depth` and the like for each of them. A
continuation is text: `lab-a-then=0.01x100` goes on at a rate of 0.01 for 100 steps; up to four are
joined by `_`.

The kept runs stand in one parameter, `lab-kept`, of at most 8 runs and 1500 characters: for each
run a letter and a value for all that differs from the defaults, `nbatch_r1` for BN at a rate of 1.
Training is exact, so this is enough: whoever opens the link trains the same runs, to the bit. What
cannot be read in a link gets a sentence, and the rest is used.
""",
}
