"""Why does it behave differently at test time?: what is fixed on the page."""

from typing import Any

INTRODUCTION = """
In training, BN normalizes a sample with the mean and variance of **its mini-batch**. For a
prediction that will not do: the answer to one sample would depend on its neighbours, and a sample
alone would have none. So BN keeps **running averages** of both while it trains, and uses those in
inference mode. One network, two ways to compute: here you see how far they are apart, and what
happens to those who forget to switch.
"""

PRESETS: dict[str, dict[str, Any]] = {
    "A momentum of 0.01: the averages lag": {"momentum": 0.01},
    "Batches of 128: both modes agree": {"batch_size": 128},
    "A higher rate: the mistake can explode": {
        "learning_rate": 0.56,
        "batch_size": 16,
        "width": 64,
    },
    "Batches of 2: BN does not help, in either mode": {"batch_size": 2, "learning_rate": 0.1},
}
GUESS = (
    "The running averages can have a short or a long memory. Which of the momenta (PyTorch's: the"
    " weight of the new mini-batch) ends with the lowest test loss?"
)

CLOSER = {
    "averages": "What do the running averages know of one unit?",
    "alone": "What becomes of one sample, alone and in company?",
    "mistake": "What happens to those who forget to switch?",
}
OPENS = {"A higher rate: the mistake can explode": "mistake"}

UNIT = """
Dots: the statistics of each mini-batch. **Running**: their average, which starts from mean 0 and
variance 1. **Population**: the whole training set, with the weights of that step. In the picture of
the variance, **biased** is what the average would be without the factor m/(m-1).
"""
SAMPLE = """
One test sample through the same network five times: in training mode alone, with two different
sets of batch-mates and among samples of its own class; and in inference mode.
"""
MISTAKE = """
First picture: evaluated in training mode, because somebody forgot `model.eval()`. Second picture:
trained in inference mode, because somebody forgot `model.train()`, always or after a validation.
"""
SWITCHED = ("Tested in training mode", "Trained in inference mode")
SWEEP = (
    "The gap against the batch size",
    """
The same training, for as many steps at the same rate, with mini-batches from 2 to 256 samples; the
test set comes in batches of the same size. It takes some seconds.
""",
)

NOTES = {
    "How it is measured": """
**One training, all momenta.** In training mode the running averages are only written, never read,
so momentum does not change the training. One network per seed is trained, and the averages with all
momenta follow its mini-batches. After t updates they hold the first t mini-batches, as in PyTorch.

**Both modes.** The test set, in a fixed shuffled order. "Own batch": training mode, in batches as
large as those of training, each normalized with its own statistics; where the last one is not full,
the first test samples fill it up. "Running": the running averages with the chosen momentum.
"Precise": mean and variance over the training set, cut into mini-batches of the training's size,
with the weights of that step. Lines are medians over the seeds, bands their range.

**One unit.** Inputs of BN in the first seed. The population of layer 1 does not depend on how the
training set is cut; that of deeper layers does, because BN before them has normalized each
mini-batch by itself. It is measured as training sees it. A few mini-batches may lie outside of the
picture.

**The mistakes.** Networks that compute every training pass from some step on with the running
averages as constants. From the start these are mean 0 and variance 1: BN is then no more than a
scale and a shift. Sorted by class: neighbours in a test batch share their digit.

Large networks are measured less often, and in fewer seeds.
""",
    "The mathematics": r"""
Training mode: $\hat x = (x-\mu_B)/\sqrt{v_B+\epsilon}$ with mean and *biased* variance of the
mini-batch, and on the way

$$
r_\mu \leftarrow (1-\alpha)\,r_\mu + \alpha\,\mu_B, \qquad
r_v \leftarrow (1-\alpha)\,r_v + \alpha\,\tfrac{m}{m-1}\,v_B .
$$

Inference mode: $\hat x = (x-r_\mu)/\sqrt{r_v+\epsilon}$, for each sample by itself. As $r$ is
constant, BN can then be folded into the weights before it.

PyTorch calls $\alpha$ momentum, with 0.1 as its default; many texts and other libraries call
$1-\alpha$ momentum, 0.9 for the same thing. A mini-batch that is $k$ steps old has the weight
$\alpha(1-\alpha)^k$, and the start values still have $(1-\alpha)^t$ after $t$ steps. Small
$\alpha$: old mini-batches, seen by other weights (lag). Large $\alpha$: few mini-batches (noise);
for independent ones the variance of the average is $\alpha/(2-\alpha)$ of a single one's.

Precise statistics, with the weights of now, over many mini-batches:

$$
\mu = \mathrm E[\mu_B], \qquad \sigma^2 = \mathrm E[\mu_B^2 + v_B] - \mathrm E[\mu_B]^2 .
$$

For mini-batches of one size that is the mean and the variance of all their values together.

A single sample in training mode has $\mu_B = x$, so $\hat x = 0$ and $y = \beta$, whatever $x$ is.
""",
    "In PyTorch": """
`model.train()` and `model.eval()` set the mode; `torch.no_grad()` does not. In training mode even a
forward pass without gradients updates the running averages: whoever evaluates in training mode
also mixes the test set into them. A batch of one sample is refused in training mode with an error.

`torch.nn.BatchNorm1d(width, momentum=0.1)`: momentum is the weight of the new mini-batch. With
`momentum=None` it averages all mini-batches evenly. `torch.optim.swa_utils.update_bn(loader,
model)` computes such an average anew with the weights of now: close to precise statistics.
""",
    "What the papers found": """
Ioffe & Szegedy (2015, Alg. 2) estimate the statistics for inference after the training, with frozen
weights: the mean of many $\\mu_B$, and $m/(m-1)$ times the mean of many $v_B$. Moving averages are
the cheaper way that they mention to follow a model while it trains, and that libraries took over.

Wu & Johnson (2021) call the estimate over $10^3$ to $10^4$ samples with the weights of now
**precise BN**, and show where running averages fall short of it: while the weights still change
quickly. They also study training with frozen statistics, switched to on purpose and late.

Ioffe (2017) sees the difference between the modes as a cause of BN's trouble with small batches,
and lets training use the running averages too, through corrections that carry no gradient: batch
renormalization.
""",
}
