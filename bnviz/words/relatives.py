"""Who are its relatives?: what is fixed on the page."""

from typing import Any

INTRODUCTION = """
All of them subtract a mean and divide by a deviation. They differ in **which numbers** they take
these from, and in how many there are. Below, one small convolutional network reads images of 8 x 8
pixels, normalized in seven ways: the same weights at the start, the same mini-batches.
"""

PRESETS: dict[str, dict[str, Any]] = {
    "Two samples, one pixel: BN breaks": {
        "batch_size": 2,
        "steps": 200,
        "learning_rate": 0.056,
    },
    "Two samples, 16 pixels: the relatives do not help": {
        "batch_size": 2,
        "steps": 200,
        "learning_rate": 0.056,
        "side": 4,
    },
    "Four pixels: room for instance norm": {"side": 2},
    "One group: group norm is layer norm": {"groups": 1},
}
GUESS = "With these knobs, which network ends with the lowest test accuracy?"

STACK = """
Six images (rows) and what each channel of the first convolution (columns) makes of them. **Lit: the
maps whose numbers share a mean and a variance** with the outlined one. Click on another.
"""
LEARN = """
Left, the accuracy on the test set, with how many numbers there are behind each mean **in the last
convolution**; small dots are seeds, the dotted line is guessing. Right, the same over training.
"""
SWEEP = (
    "Test error by batch size",
    """
All seven networks with batches from 32 down to 2, each on 1600 samples, with a learning rate in
proportion to the batch. Beside them, the published table. Batches of 2 take longest, about ten
seconds.
""",
)
READING = (
    "In a recurrent network",
    """
A recurrent network reads the image row by row, in 8 steps, and names it after the last. BN
normalizes its state at each step, over the mini-batch. For inference it keeps running statistics of
**each step**, or **shared** by all. Then sequences are longer than any in training: empty rows
(the mean of all images) come before the digit, or behind it.
""",
)

NEEDS = (
    (
        "normalizer", "mean and variance over", "needs a batch", "running statistics",
        "parameters", "where it is used",
    ),
    (
        "BN", "samples, space", "in training", "yes", "γ, β",
        "image classification (Ioffe & Szegedy 2015), ResNets (He et al. 2016)",
    ),
    (
        "Batch renormalization", "the same, moved towards the running ones",
        "in training, less", "yes, in training too", "γ, β",
        "small or skewed batches (Ioffe 2017)",
    ),
    (
        "Layer norm", "channels, space", "no", "no", "γ, β",
        "recurrent networks (Ba et al. 2016), transformers (Vaswani et al. 2017)",
    ),
    (
        "Instance norm", "space", "no", "no", "γ, β, or none",
        "style transfer (Ulyanov et al. 2016)",
    ),
    (
        "Group norm", "a group of channels, space", "no", "no", "γ, β",
        "detection, segmentation, video, where memory allows few images (Wu & He 2018)",
    ),
    (
        "Switchable norm", "a learned mixture of BN, layer and instance norm", "in training",
        "yes", "γ, β, and 6 for each layer",
        "classification, detection, segmentation (Luo et al. 2018)",
    ),
)  # fmt: skip
"""The names of the columns, then a row for each; the first cell names it."""

NOTES = {
    "How it is measured": """
**Network.** Convolutions of 3 x 3, each normalized before its activation. After the first, the mean
over squares of 2 x 2 leaves 4 x 4 pixels; where *Pixels left* asks for fewer, squares of pixels are
folded into channels (1 x 1: each of the 16 pixels becomes a set of channels of its own), so that no
information is lost. On one pixel a convolution is 1 x 1. Points of the plane are drawn as a soft
spot on 8 x 8 pixels.

**Training.** For each seed, all seven start from the same weights and see the same mini-batches.
Test accuracy is in inference mode, on 150 images of the test set (fewer in large networks), which
makes one image 0.7 points. "Clearly" means 3 points or more. Batch renormalization starts as BN and
reaches (rmax, dmax) = (3, 5) at half of the steps. In mini-batches of one, BN averages over space
alone in training, as instance norm does, but not in inference.

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
