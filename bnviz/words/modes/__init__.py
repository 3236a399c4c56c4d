"""Why does it behave differently at test time?: what is fixed, and said of the first picture."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bnviz.words import names
from bnviz.words.findings import Findings
from bnviz.words.modes import challenges as mode_challenges
from bnviz.words.modes.sections import reference
from bnviz.words.numbers import calculated, many, percent, seeds

if TYPE_CHECKING:
    from bnviz.verdicts.modes import ModesVerdict

INTRODUCTION = """
In training mode, BN normalizes a sample with the statistics of **its mini-batch**. In inference
mode, for a prediction, it uses **running averages** from training. Here one test sample meets both.
"""

CHALLENGES = mode_challenges.CHALLENGES
CLOSER = {
    "gap": ("Which mode is better on the test set?", "Accuracy or loss over training."),
    "memory": ("How long should the averages remember?", "Test loss by momentum."),
    "averages": ("What do the averages know of one unit?", "Its mean and variance over training."),
    "mistake": ("What if somebody forgets to switch?", "Tested, or trained, in the wrong mode."),
    "sizes": ("Does the gap close with larger batches?", "Both modes, by batch size."),
}

NOTES = {
    "How it is measured": """
**One training, all momenta.** In training mode the running averages are only written, never read,
so momentum does not change the training. One network per seed is trained, and the averages with all
momenta follow its mini-batches. After t updates they hold the first t mini-batches, as in PyTorch.

**The one sample.** One test sample through the same network five times: in training mode alone,
with two different sets of training samples and among training samples of its own class; and in
inference mode. Drawn in the first seed, counted in all.

**Both modes.** The test set, in a fixed shuffled order. "Batch statistics": training mode, in
batches as large as those of training; where the last one is not full, the first test samples fill
it up. "Running averages": those with the chosen momentum. "Whole training set": mean and variance
over the training set, cut into mini-batches of the training's size, with the weights of that step.
Lines are medians over the seeds, bands their range.

**One unit.** Inputs of BN in the first seed. The statistics of the training set do not depend on
how it is cut in layer 1; in deeper layers they do, because BN before them has normalized each
mini-batch by itself. They are measured as training sees them. A few mini-batches may lie outside of
the picture.

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

Statistics of the whole training set, with the current weights, over many mini-batches:

$$
\mu = \mathrm E[\mu_B], \qquad \sigma^2 = \mathrm E[\mu_B^2 + v_B] - \mathrm E[\mu_B]^2 .
$$

For mini-batches of one size that is the mean and the variance of all their values together.

The factor $m/(m-1)$ makes up for what a mini-batch of independent samples lacks, as in layer 1.
Behind a layer with BN the samples of a mini-batch are tied together: their $\mu_B$ hardly varies,
$v_B$ alone is nearly the variance of the training set, and $r_v$ is up to $m/(m-1)$ times too
large.
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
model)` computes such an average anew with the current weights: close to statistics of the whole
training set.
""",
    "What the papers found": """
Ioffe & Szegedy (2015, Alg. 2) estimate the statistics for inference after the training, with frozen
weights: the mean of many $\\mu_B$, and $m/(m-1)$ times the mean of many $v_B$. Moving averages are
the cheaper way that they mention to follow a model while it trains, and that libraries took over.

Wu & Johnson (2021) call the estimate over $10^3$ to $10^4$ samples with the current weights
**precise BN**, and show where running averages fall short of it: while the weights still change
quickly. They also study training with frozen statistics, switched to on purpose and late.

Ioffe (2017) sees the difference between the modes as a cause of BN's trouble with small batches,
and lets training use the running averages too, through corrections that carry no gradient: batch
renormalization.
""",
}


def findings(verdict: ModesVerdict) -> Findings:
    """What this run shows of the one sample, and of both modes on the test set."""
    sample = verdict.sample
    first = (
        _changing(verdict),
        _lost(verdict),
        _test_set(verdict),
        _ahead(verdict) if verdict.tells else reference(verdict),
        _left_out(verdict),
    )
    told = Findings.told(_headline(verdict), *filter(None, first))
    # the numbers of the picture, row by row, are for who listens: they always fold away
    further = (
        _situations(verdict),
        _torch(sample.torch_statistics, sample.torch_probabilities),
    )
    return replace(told, further=(*told.further, *filter(None, further)))


def _headline(verdict: ModesVerdict) -> str:
    """What the first picture shows: what the one sample is called; or why it is nothing."""
    match verdict.outcome:
        case "diverged":
            return "BN diverged: there are no modes to compare."
        case "little":
            return "BN learned too little to compare the modes."
        case "no help":
            return "BN does not help here, in either mode."
    sample = verdict.sample
    if not sample.answers:
        return "BN diverged in the seed that is drawn: it predicts nothing."
    this, called = names.this(sample.dataset, sample.label), sample.called
    inference = sample.answers[-1][0]
    if len(called) > 1:
        return f"Its company decides what {this} is called in training mode."
    if called == (inference,):
        return f"Here {this} is called {inference} in any company, in both modes."
    return f"In training mode {this} is called {called[0]}, in inference mode {inference}."


def _changing(verdict: ModesVerdict) -> str:
    """In how many seeds the company decides; of networks that have learned something."""
    sample = verdict.sample
    if not (verdict.tells and sample.answers and sample.mates):
        return ""
    if sample.seeds == 1:
        return "The picture shows the one seed that was measured."
    where = seeds(sample.changing, sample.seeds)
    return (
        f"In {where}, other neighbours lead to another answer in training mode; the first seed is"
        " drawn."
    )


def _test_set(verdict: ModesVerdict) -> str:
    if verdict.outcome == "diverged":
        return ""
    return (
        f"Of the whole test set, inference mode gets {percent(verdict.running)} right and training"
        f" mode {percent(verdict.own)}."
    )


def _ahead(verdict: ModesVerdict) -> str:
    """Which mode is better, in how many seeds, and where it comes from."""
    score = verdict.score
    match verdict.outcome:
        case "inference":
            return (
                f"Inference mode is better in {seeds(score.second, score.seeds)}: its averages come"
                f" from many mini-batches, batch statistics from one."
            )
        case "training":
            return (
                f"Inference mode is worse in {seeds(score.first, score.seeds)}: here the running"
                " averages serve the network less well than batch statistics."
            )
        case "mixed":
            return "Neither mode is better in more than half of the seeds."
    samples = round(abs(verdict.running - verdict.own) * verdict.test_samples)
    return (
        f"Both modes are about equally good: {many(samples, 'test sample')} of"
        f" {verdict.test_samples} apart."
    )


def _situations(verdict: ModesVerdict) -> str:
    """The answer to the one sample in each of the five situations, as drawn."""
    sample = verdict.sample
    if sample.answers is None:
        return ""
    alone, mixed, other, own, inference = (
        f"**{name}** ({percent(probability)})" for name, probability in sample.answers
    )
    said = (
        f"The {names.sample(sample.dataset, sample.label)}, in the seed that is drawn, and the"
        f" probability of each answer. Alone in training mode it is called {alone}: every value is"
        " its own mean, and only β is left."
    )
    if sample.mates:
        said = (
            f"{said} With {many(sample.mates, 'other')} it is {mixed}, with yet others {other}."
            f" Among samples of its own class it is {own}."
        )
    return f"{said} In inference mode it is {inference}."


def _torch(statistics: float, probabilities: float) -> str:
    """How far all this is from torch.nn."""
    if probabilities != probabilities:  # NaN
        return ""
    off = calculated(probabilities, 1)
    if statistics != statistics:  # NaN
        return (
            "The same network in torch.nn, after eval(), gives this sample the same probabilities"
            f" (largest difference {off}). In training mode torch.nn.BatchNorm1d refuses a single"
            " row with an error."
        )
    return (
        "Checked against PyTorch: torch.nn.BatchNorm1d, fed with what layer 1 gets, ends with"
        f" the same running averages (largest relative difference {calculated(statistics, 1)})."
        " The same network in torch.nn gives this sample the same probabilities, after train() and"
        f" after eval() (largest difference {off})."
    )


def _lost(verdict: ModesVerdict) -> str:
    """Who diverged, in how many seeds."""
    known = zip(("The plain network", "BN"), verdict.lost, strict=True)
    lost = [
        f"{name} diverged in {seeds(number, verdict.seeds)}, which the medians leave out."
        for name, number in known
        if number
    ]
    return " ".join(lost)


def _left_out(verdict: ModesVerdict) -> str:
    if verdict.measured == verdict.seeds:
        return ""
    if verdict.measured == 1:
        return "Networks this large take long to measure: BN's modes in the first seed alone."
    return (
        "Networks this large take long to measure: BN's modes in the first"
        f" {verdict.measured} seeds alone."
    )
