"""How forgiving is it?: all that its page says."""

from bnviz.words.forgiveness.challenges import CHALLENGES
from bnviz.words.forgiveness.findings import findings, of_cell, of_windows

__all__ = ["CHALLENGES", "findings", "of_cell", "of_windows"]  # each has a file of its own

INTRODUCTION = """
Each cell is one setting, trained once **without BN** and once **with BN**: it is pale where the
network has learned, dark where it has not. Click a cell to mark it.
"""

CLOSER = {
    "cell": (
        "What happens in the marked cell?",
        "Both accuracies there, and the race at this setting.",
    ),
    "difference": ("Where is plain ahead?", "The difference of the two maps."),
    "windows": (
        "How many learning rates train, row by row?",
        "Where none does, no rate would help.",
    ),
}
ONWARD = "Open the race at exactly this setting"

NOTES = {
    "How it is measured": """
Learning rates from 0.001 to 100 in quarter decades, against ten values of what the rows differ in.
Every cell is trained from the same seeds: networks of one seed and one row start from the same
weights (times their gain) and see the same mini-batches in the same order, with and without BN.
A network is **clearly ahead** where it leads by more than 5 percentage points and is itself more
than 15 points above guessing: how far two guesses lie apart says nothing.
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
accuracy, though those networks differ in more than BN and the rate (section 4.2.1: no dropout, a
weaker L2 penalty, faster decay, better shuffling). With sigmoid units the network without BN stayed
at chance; with BN it reached 69.8 %.

Bjorck et al. (2018) trained a ResNet of 110 layers at several rates: about 93 % with BN at rate
0.1, and 81 to 82 % **both with and without** BN at 0.0001. They conclude that the gain comes from
the larger rates that BN makes possible; at a small rate the two do about the same.
""",
}
