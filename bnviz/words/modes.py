"""Why does it behave differently at test time?: what is fixed, and what the first pictures say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bnviz.words.findings import Findings
from bnviz.words.numbers import (
    apart,
    listed,
    loss,
    many,
    percent,
    seeds,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bnviz.verdicts.modes import Memory, ModesVerdict, Statistics

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
LONG, MIDDLE, SHORT = "the smallest: a long memory", "one between", "the largest: hardly a memory"
NONE = "no kind of them stands out"
GUESSES = (LONG, MIDDLE, SHORT, NONE)

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

The factor $m/(m-1)$ makes up for what a mini-batch of independent samples lacks, as in layer 1.
Behind a layer with BN the samples of a mini-batch are tied together: their $\mu_B$ hardly varies,
$v_B$ alone is nearly the variance of the population, and $r_v$ is up to $m/(m-1)$ times too large.
There inference makes the normalized values smaller, by up to $\sqrt{(m-1)/m}$ in each layer. They
are what the next layer gets, so this compounds with depth: up to $((m-1)/m)^{(k-1)/2}$ in layer
$k$.

A single sample in training mode has $\mu_B = x$, so $\hat x = 0$ and $y = \beta$, whatever $x$ is.
""",
    "In PyTorch": """
`model.train()` and `model.eval()` set the mode; `torch.no_grad()` does not. In training mode even a
forward pass without gradients updates the running averages: whoever evaluates in training mode
also mixes the test set into them. In training mode `torch.nn.BatchNorm1d` refuses a single row with
an error, as one value has no variance. `torch.nn.BatchNorm2d` takes a single image: the values of a
channel are its pixels, unless there is only one.

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


def findings(verdict: ModesVerdict) -> Findings:
    """What this run shows of the modes."""
    more = (
        _statistics(verdict),
        _best_momentum(verdict),
        _variances(verdict),
        _reference(verdict),
        _lost(verdict),
        _left_out(verdict),
    )
    return Findings(headline=_headline(verdict), more=tuple(filter(None, more)))


def _headline(verdict: ModesVerdict) -> str:
    both = (
        f"inference mode gets {percent(verdict.running)} of the test set right, training mode, in"
        f" batches of {verdict.batch_size}, {percent(verdict.own)}"
    )
    match verdict.outcome:
        case "diverged":
            return "**BN diverged**: there is no trained network on which to compare the modes."
        case "little":
            return f"**BN learned too little to compare the modes**: {both}."
        case "no help":
            return f"**BN does not help here, in either mode**: {both}."
        case "inference":
            return (
                f"**Same weights, two answers**: {both}. Inference is better in {_ahead(verdict)}."
            )
        case "training":
            return (
                "**Same weights, two answers, and the running averages give the worse one**:"
                f" {both}. Inference is worse in {_ahead(verdict)}."
            )
        case "mixed":
            return (
                f"**Same weights, two answers**: {both}, but neither mode is better in more than"
                " half of the seeds."
            )
    samples = round(abs(verdict.running - verdict.own) * verdict.test_samples)
    return (
        f"**Here both modes are about equally good**: {both}, {many(samples, 'test sample')} of"
        f" {verdict.test_samples} apart."
    )


def _ahead(verdict: ModesVerdict) -> str:
    score = verdict.score
    return seeds(score.second if verdict.outcome == "inference" else score.first, score.seeds)


def _conventions(momentum: float) -> str:
    """The momentum in both conventions."""
    theirs = round(1 - momentum, 6)
    return f"momentum {momentum:g} in PyTorch, {theirs:g} in many texts"


def _statistics(verdict: ModesVerdict) -> str:
    found = verdict.statistics
    if found is None:
        return ""
    running, precise = loss(found.running), loss(found.precise)
    if found.better != "alike":
        running, precise = apart(found.running, found.precise)
    said = (
        f"Test loss is {loss(found.own)} with the statistics of each batch, {running} with the"
        f" running averages ({_conventions(verdict.momentum)}) and {precise} with precise"
        " statistics (of the whole training set, with the weights of now)"
    )
    if verdict.batch_size == 1:
        return f"{said}. A mini-batch of one sample has no variance: nothing can be averaged."
    return f"{said}: {_cured(verdict, found)}."


def _cured(verdict: ModesVerdict, found: Statistics) -> str:
    """What precise statistics do for the predictions."""
    agree = seeds(found.agree, verdict.score.seeds)
    if found.better == "precise" and not verdict.learned:
        return "these are better, but with none of them has BN learned much"
    if found.better == "precise":
        return f"the averages were the weak point, not the weights, in {agree}"
    if found.better == "running":
        return f"here they are no cure, the averages do better in {agree}"
    if found.better == "mixed":
        return "neither of the two does clearly better in more than half of the seeds"
    return "these do not help here, the averages are about as good"


def _best_momentum(verdict: ModesVerdict) -> str:
    found = verdict.momenta
    if not verdict.tells or found is None:
        return ""
    best, worst = apart(found.losses[found.best], found.losses[found.worst])
    said = (
        f"Of the momenta, {found.values[found.best]:g} ends with the lowest test loss,"
        f" {best}, and {found.values[found.worst]:g} ({rests_on(found.worst_memory)}) with the"
        f" highest, {worst}."
    )
    if len(found.good) == len(found.values):
        return f"{said} All of them are within 10 % of the best."
    if len(found.good) > 1:
        return f"{said} Within 10 % of the best are {momenta(found.good)}."
    return said


def momenta(some: Sequence[float]) -> str:
    """0.03, 0.1 and 0.3."""
    return listed([f"{momentum:g}" for momentum in some])


def rests_on(memory: Memory) -> str:
    """What the running averages of one momentum know at the last step."""
    match memory.rests_on:
        case "start":
            start = percent(memory.of_start)
            return f"the start values, mean 0 and variance 1, still have {start} of the weight"
        case "newest":
            return f"the newest mini-batch alone has {percent(memory.momentum)} of the weight"
    return f"half of the weight lies on the newest {memory.half_life} mini-batches"


def _variances(verdict: ModesVerdict) -> str:
    """Biased and unbiased variance: first layer, and the last one where it differs."""
    found, size = verdict.variances, verdict.batch_size
    if found is None:
        return ""
    said = (
        f"In layer 1 of the first seed the variance that normalizes a mini-batch of {size} is on"
        f" average {found.first * (size - 1) / size:.2f} times that of the population (the whole"
        f" training set); the unbiased one, {size}/{size - 1} of it, which PyTorch's running_var"
        f" averages, {found.first:.2f} times."
    )
    if found.deep is None:
        return said
    return (
        f"{said} In layer {found.layer} the unbiased one is {found.deep:.2f} times the"
        " population's: there the samples of a mini-batch are no longer independent, for BN before"
        " it has tied them together. Inference divides by its root, too much, and from layer to"
        " layer that compounds."
    )


def _reference(verdict: ModesVerdict) -> str:
    if verdict.plain != verdict.plain:  # NaN
        return "Plain, which has one mode only, diverged."
    said = f"Plain, which has one mode only, reaches {percent(verdict.plain)}"
    if verdict.plain_ahead:
        return f"{said}: at this setting BN does not help, in whatever mode."
    return f"{said}."


def _lost(verdict: ModesVerdict) -> str:
    plain, batch = verdict.lost
    lost = [
        f"{name}, {seeds(number, verdict.seeds)}"
        for name, number in (("BN", batch), ("plain", plain))
        if number
    ]
    if not lost:
        return ""
    return f"Diverged, and left out of the medians from then on: {'; '.join(lost)}."


def _left_out(verdict: ModesVerdict) -> str:
    if verdict.measured == verdict.seeds:
        return ""
    first = "seed" if verdict.measured == 1 else f"{verdict.measured} seeds"
    return f"Networks this large take long to measure: BN's modes in the first {first} alone."


def guess(verdict: ModesVerdict) -> tuple[str, str]:
    """The right answer to GUESS, and why: momenta that are about as good are one answer."""
    found = verdict.momenta
    if not verdict.tells or found is None:
        return NONE, _headline(verdict)
    kinds = {"smallest": LONG, "between": MIDDLE, "largest": SHORT, "several": NONE}
    return kinds[found.kind], _best_momentum(verdict)
