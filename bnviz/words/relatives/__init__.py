"""Who are its relatives?: all that its page says, but for the recurrent networks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bnviz.words.belief import Belief
from bnviz.words.challenge import Challenge, Outcome, Tempting
from bnviz.words.names import RELATIVES
from bnviz.words.numbers import percent, seeds
from bnviz.words.relatives.compared import findings, headline, of_groups

if TYPE_CHECKING:
    from bnviz.verdicts.relatives import RelativesVerdict

__all__ = ["findings"]  # has a file of its own

INTRODUCTION = """
One small convolutional network, six ways to normalize. All subtract a mean and divide by a standard
deviation; they differ in **which numbers** these are taken from: samples, channels or pixels.
"""

PICTURES = ("At this step", "Over training")
CLOSER = {
    "stack": ("Which numbers share a mean?", "Six images, by the channels of a convolution."),
    "sizes": ("How small may a batch be?", "Test error by batch size, here and as published."),
    "rows": ("And in a recurrent network?", "Sequences longer than any in training."),
    "today": ("What do today's networks use instead?", "RMSNorm, DyT, pre-norm, post-norm."),
    "needs": ("What does each of them need?", "A table: mean over what, a batch, averages, uses."),
}

NOTES = {
    "How it is measured": """
**Network.** Convolutions of 3 x 3, each normalized before its activation. After the first, the mean
over squares of 2 x 2 leaves 4 x 4 pixels; where *Pixels/channel* asks for fewer, squares of
pixels are folded into channels (1 x 1: each of the 16 pixels becomes a set of channels of its own),
so that no information is lost. On one pixel a convolution is 1 x 1. Points of the plane are drawn
as a soft spot on 8 x 8 pixels.

**Training.** For each seed, all seven start from the same weights and see the same mini-batches.
Test accuracy is in inference mode, on 150 images of the test set (fewer in large networks), which
makes one image 0.7 percentage points. "Clearly" means 2 percentage points or more between the
medians, and as much in more than half of the seeds. Batch renormalization starts as BN and reaches
(rmax, dmax) = (3, 5) at half of the steps. In mini-batches of one, BN averages over space alone in
training, as instance norm does, but not in inference.

**The stack** is a mini-batch of its own: six images of the test set, as in training mode; the
network is the first seed's. Colours from brown (low) over pale (0) to green (high). Mean and
variance are those the normalizer uses: for batch renormalization after r and d, for switchable
norm the mixture. At most eight channels are shown; layer norm takes all.

**The recurrent networks** have 32 tanh units and are trained for 200 steps on batches of 32, at
rate 0.32, whatever the knobs say: only data and seeds come from above. The statistics of a
mini-batch are always those of one step. Statistics *per step* do not exist beyond step 8: from
there on, those of step 8 are used, as Cooijmans et al. (2017) do.
""",
    "The mathematics": r"""
A value $x_{nchw}$ belongs to sample $n$, channel $c$ and pixel $hw$. All of them compute

$$
y = \gamma_c\,\frac{x - \mu}{\sqrt{v + \epsilon}} + \beta_c ,
$$

with mean and biased variance over a set of values that contains $x$:

| normalizer | the set has the same | numbers in it |
| --- | --- | --- |
| BN | $c$ | $N H W$ |
| layer norm | $n$ | $C H W$ |
| group norm | $n$ and group of channels | $C H W / G$ |
| instance norm | $n$ and $c$ | $H W$ |

So group norm with $G = 1$ is layer norm, with $G = C$ instance norm; and where $H W = 1$, instance
norm is $y = \beta$. A fully connected layer has no space: there, too, instance norm hands on
$\beta$ whatever comes in, no gradient comes back, and nothing is learned. BN has $N$ numbers there,
so at $N = 2$ it gives $\pm 1$.

**Switchable norm** (Luo et al. 2018): $\mu = \sum_k w_k\mu_k$ and $v = \sum_k w'_k v_k$ over $k$ =
instance, layer, batch, with $w = \mathrm{softmax}(\lambda)$ and $w' = \mathrm{softmax}(\lambda')$.
The six numbers $\lambda$, $\lambda'$ of a layer are learned with the weights.

**Batch renormalization** is explained in the lesson on small batches.

**In time:** $h_t = \tanh(\mathrm{norm}(W [x_t; h_{t-1}]))$, the same $W$, $\gamma$, $\beta$ at all
steps.
""",
    "What the papers found": """
Wu & He (2018), ImageNet error in percent at batch 32, 16, 8, 4, 2 per worker: BN 23.6, 23.7, 24.8,
27.3, 34.7; group norm 24.1, 24.2, 24.0, 24.2, 24.1. At 32, layer norm has 25.3 and instance norm
28.4. A large network on large images feels the noise of BN's statistics in spite of all its pixels;
the small one here does only once few are left. We show both, and do not explain the gap away.

Ba et al. (2016) proposed layer norm for recurrent networks, where statistics of a batch would have
to be kept for each step. Cooijmans et al. (2017) did just that and found γ had to start small (0.1)
in their LSTM. The small network here shows neither problem.

Luo et al. (2018) let each layer learn its mixture, and report that it copes with small batches.
""",
}

LEARNS, GUESSES = "it learns", "it still guesses"
AHEAD, LEVEL, BEHIND = "it ends ahead", "it keeps up", "it ends behind"
BESIDE = {"second": AHEAD, "same": LEVEL, "first": BEHIND}
"""Who is ahead, BN second -> the answer."""
NEITHER = "neither"
TWINS = {"layer": RELATIVES["layer"], "instance": RELATIVES["instance"], None: NEITHER}


def _with_more_pixels(verdict: RelativesVerdict) -> Outcome:
    """Whether instance norm learns."""
    space = verdict.space
    if space is None:
        return Outcome(right=None, why=headline(verdict))
    where = seeds(space.learned_in, verdict.seeds)
    learns = f"It learns in {where}, and ends at {percent(space.instance)} test accuracy."
    if space.one_pixel or not space.learned:
        return Outcome(right=LEARNS if space.learned else GUESSES, why=learns)
    return Outcome(
        right=LEARNS,
        why=f"{learns} The mean of one pixel is that pixel, so nothing is left of it; of several"
        " pixels, their pattern is left.",
    )


def _among_few(verdict: RelativesVerdict) -> Outcome:
    """BN beside the best of those that need no batch."""
    company = verdict.company
    if company is None:
        return Outcome(right=None, why=headline(verdict))
    rival, where = RELATIVES[company.rival], seeds(company.ahead, verdict.seeds)
    said = {
        "first": f"It is behind {rival}, the best of them, in {where}.",
        "second": f"It is ahead of {rival}, the best of them, in {where}.",
        "same": f"It ends within 2 percentage points of {rival}, the best of them.",
        "unclear": f"The seeds do not agree on BN and {rival}, the best of them.",
    }[company.leader]
    return Outcome(right=BESIDE.get(company.leader), why=f"{said} {_why_few(verdict)}")


def _why_few(verdict: RelativesVerdict) -> str:
    if verdict.numbers == 2:
        return "Each mean is over two numbers, which become −1 and +1 whatever they were."
    return f"Each mean is over {verdict.numbers} numbers: all pixels of {verdict.samples} samples."


def _highest_curve(verdict: RelativesVerdict) -> Outcome:
    """Which of the curves on the right ends highest."""
    best = verdict.highest
    if best is None:
        return Outcome(right=None, why="Several curves end at the same height, or none learns.")
    drawn = f"The lines are medians over {seeds(verdict.seeds, verdict.seeds)}."
    because = {
        "plain": "Here normalizing does not help.",
        "batch": "It is the only one of them that looks at other samples.",
    }.get(best, "It needs no batch: what becomes of a sample does not depend on the others.")
    return Outcome(right=RELATIVES[best], why=f"{because} {drawn}")


def _as_many_groups(verdict: RelativesVerdict) -> Outcome:
    """With whom group norm is level at every step."""
    groups = verdict.groups
    if groups is None:
        return Outcome(right=None, why=headline(verdict))
    if groups.twin is None:
        return Outcome(right=NEITHER, why=f"The accuracies differ. {of_groups(groups)}")
    same = f"Their accuracies are equal at every step, in {seeds(verdict.seeds, verdict.seeds)}."
    over = (
        "A group of one channel is averaged over its pixels alone."
        if groups.twin == "instance"
        else "One group holds all channels of a sample."
    )
    return Outcome(right=TWINS[groups.twin], why=f"{same} {over}")


PAIRS = {"batch_size": 2, "steps": 200, "learning_rate": 0.056}
CHALLENGES = (
    Challenge(
        name="space",
        question="Instance norm guesses with one pixel per channel. And with four?",
        answers=(LEARNS, GUESSES),
        setting={"side": 2},
        outcome=_with_more_pixels,
        expected=LEARNS,
        tempting=Tempting(GUESSES, Belief.WHICH_NORM),
    ),
    Challenge(
        name="pairs",
        question="One pixel, two samples: can BN match the norms that need no batch?",
        answers=(AHEAD, LEVEL, BEHIND),
        setting=PAIRS,
        outcome=_among_few,
        expected=BEHIND,
        tempting=Tempting(LEVEL, Belief.WHICH_NORM),
    ),
    Challenge(
        name="curve",
        look=True,
        question="Of the curves over training: whose ends highest?",
        answers=("plain", "BN", RELATIVES["layer"], RELATIVES["group"]),
        setting=PAIRS,
        outcome=_highest_curve,
        expected=RELATIVES["layer"],
        tempting=Tempting(RELATIVES["group"], Belief.WHICH_NORM),
    ),
    Challenge(
        name="room",
        question="Two samples of 16 pixels: can BN match the norms that need no batch?",
        answers=(AHEAD, LEVEL, BEHIND),
        setting=PAIRS | {"side": 4},
        outcome=_among_few,
        expected=LEVEL,
        tempting=Tempting(BEHIND, Belief.SMALL_ALWAYS_BREAK),
    ),
    Challenge(
        name="twin",
        question="Eight channels in eight groups: with whom is group norm level at every step?",
        answers=tuple(TWINS.values()),
        setting={"groups": 8},
        outcome=_as_many_groups,
        expected=RELATIVES["instance"],
        tempting=Tempting(RELATIVES["layer"], Belief.WHICH_NORM),
    ),
)
