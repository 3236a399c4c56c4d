"""Who are its relatives?: all that its page says, but for the recurrent networks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bnviz.axes import MIXTURE
from bnviz.words.findings import Findings
from bnviz.words.names import RELATIVES
from bnviz.words.numbers import listed, percent, percents, seeds, steps

if TYPE_CHECKING:
    from bnviz.verdicts.relatives import (
        Company,
        Groups,
        Help,
        Mixture,
        OfSize,
        Parts,
        RelativesVerdict,
        SizesVerdict,
        Space,
        Span,
    )

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
    "Two samples, 16 pixels: BN keeps up": {
        "batch_size": 2,
        "steps": 200,
        "learning_rate": 0.056,
        "side": 4,
    },
    "Four pixels: instance norm learns": {"side": 2},
    "One group: group norm is layer norm": {"groups": 1},
}
GUESS = "With these knobs, which network ends clearly behind all the others in test accuracy?"
NOBODY = "none of them alone"
GUESSES = (*RELATIVES.values(), NOBODY)

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
makes one image 0.7 points. "Clearly" means 2 points or more between the medians, and as much in
more than half of the seeds. Batch renormalization starts as BN and reaches (rmax, dmax) = (3, 5) at
half of the steps. In mini-batches of one, BN averages over space alone in training, as instance
norm does, but not in inference.

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


def findings(verdict: RelativesVerdict) -> Findings:
    """What this run shows of all seven."""
    said = [
        _company(verdict),
        _space(verdict.space) if verdict.space else "",
        _groups(verdict.groups) if verdict.groups else "",
        _chosen(verdict.mixture) if verdict.mixture else "",
        _helps(verdict.help) if verdict.help else "",
        _lost(verdict),
    ]
    return Findings(headline=_headline(verdict), more=tuple(filter(None, said)))


def _ends(span: Span) -> str:
    """Best and worst of some."""
    if span.best == span.worst:
        return f"each gets {percent(span.high)} of the test samples right"
    return (
        f"{RELATIVES[span.best]} gets {percent(span.high)} of the test samples right,"
        f" {RELATIVES[span.worst]} {percent(span.low)}"
    )


def _headline(verdict: RelativesVerdict) -> str:
    known, normalized = verdict.known, verdict.normalized
    if not known:
        return "**No comparison here**: all seven networks diverged."
    if verdict.outcome == "nobody":
        return (
            "**No comparison here**: none of the seven networks learns at these settings; the best,"
            f" {RELATIVES[known.best]}, gets {percent(known.high)} of the test samples right."
        )
    if verdict.outcome == "alike":
        many = "seven" if known.kinds == verdict.kinds else "that did not diverge"
        return f"**All {many} do about as well here**: {_ends(known)}."
    if verdict.outcome == "only plain" and normalized and verdict.help:
        return (
            "**It hardly matters here which numbers are averaged**:"
            f" {_ends(normalized)}; plain {percent(verdict.help.plain)}."
        )
    if verdict.outcome == "unclear":
        return f"**No clear order here**: {_ends(known)} (medians); the seeds do not agree."
    if verdict.outcome == "one behind":
        return f"**One stays behind**: {_ends(known)}."
    return f"**It matters which numbers are averaged here**: {_ends(verdict.apart or known)}."


def _company(verdict: RelativesVerdict) -> str:
    """BN beside the best of those that need no batch, and how many numbers it has."""
    if not verdict.company:
        return ""
    numbers, samples = verdict.numbers, verdict.samples
    return (
        f"{_beside(verdict.company)}; behind each of BN's means in the last convolution are"
        f" {numbers} numbers, {samples} {'sample' if samples == 1 else 'samples'} of"
        f" {numbers // samples} {'pixel' if numbers == samples else 'pixels'}."
    )


def _beside(company: Company) -> str:
    ahead = {
        "first": "BN is behind",
        "second": "BN is ahead",
        "same": "BN keeps up",
        "unclear": "the seeds do not agree who is ahead",
    }
    return (
        f"BN {percent(company.batch)}, {RELATIVES[company.rival]}, the best that needs no batch,"
        f" {percent(company.alone)}: {ahead[company.leader]}"
    )


def _space(space: Space) -> str:
    """Instance norm, beside layer norm."""
    told = f"instance norm {percent(space.instance)}, layer norm {percent(space.layer)}"
    if space.one_pixel:
        return (
            "Instance norm has one pixel to average, which is its own mean: it hands on β,"
            f" whatever comes in; {told}."
        )
    own, other = space.numbers
    where = f"With {own} numbers behind a mean, against {other}: {told}."
    if space.leader == "second":
        return f"{where} Instance norm also takes away how strong each channel is."
    if space.leader == "unclear":
        return f"{where} The seeds do not agree which is better."
    return f"{where} Instance norm is {'ahead' if space.leader == 'first' else 'no worse'} here."


def _groups(groups: Groups) -> str:
    """Group norm, between the two."""
    if groups.many == 1:
        return "With 1 group, group norm is layer norm."
    if groups.in_each == 1:
        return f"With {groups.many} groups, group norm is instance norm."
    told = f"Group norm, with {groups.many} groups of {groups.in_each} channels,"
    if groups.beside == "unclear":
        return (
            f"{told} gets {percent(groups.accuracy)}: the seeds do not agree whether layer or"
            " instance norm is better."
        )
    if groups.beside == "between":
        return f"{told} is between layer and instance norm, or level: {percent(groups.accuracy)}."
    return f"{told} ends {groups.beside} both layer and instance norm: {percent(groups.accuracy)}."


def _chosen(mixture: Mixture) -> str:
    """The mixture of switchable norm in the last convolution."""
    written = percents(mixture.shares)
    parts = [f"{one} {RELATIVES[kind]}" for one, kind in zip(written, MIXTURE, strict=True)]
    told = f"Switchable norm mixes the means of the last convolution from {', '.join(parts)}"
    if mixture.seeds > 1:
        told += " (on average over the seeds)"
    if mixture.moved:
        return f"{told}; it began with equal shares."
    return f"{told}: from equal shares it has hardly moved in {steps(mixture.steps)}."


def _helps(some: Help) -> str:
    """Whether normalizing helps at all."""
    told = f"plain {percent(some.plain)}, the best of the normalized, {RELATIVES[some.best]},"
    told += f" {percent(some.accuracy)}"
    if not some.better:
        agree = "The seeds do not agree whether normalization helps"
        return f"{agree if some.unclear else 'Normalization does not help here'}: {told}."
    ends = "end" if len(some.better) > 1 else "ends"
    some_of_six = f"Of the six normalized networks, {len(some.better)} {ends}"
    if len(some.better) == 6:
        some_of_six = "All six normalized networks end"
    return f"{some_of_six} clearly above plain: {told}."


def _lost(verdict: RelativesVerdict) -> str:
    told = [f"{RELATIVES[one.kind]} in {seeds(one.seeds, verdict.seeds)}" for one in verdict.lost]
    return f"Diverged, and left out: {'; '.join(told)}." if told else ""


def over_sizes(verdict: SizesVerdict) -> str:
    """BN and its relatives by batch size."""
    ends = dict.fromkeys((verdict.sizes[0], verdict.sizes[-1]))
    told = "; ".join(map(_at_size, ends))
    said = f"{told[0].upper()}{told[1:]}."
    if not verdict.learned:
        return f"None of the networks learns at these settings. {said}"
    if verdict.behind:
        sizes = listed([str(size) for size in verdict.behind])
        return f"{said} BN is clearly behind at batch size {sizes}."
    pixels = verdict.pixels
    why = f": its means are over {pixels} pixels of each sample as well" if pixels > 1 else ""
    return f"{said} BN is not clearly behind at any size{why}."


def _at_size(one: OfSize) -> str:
    gets = "diverges" if one.batch != one.batch else f"gets {percent(1 - one.batch)} wrong"  # NaN
    alone = percent(1 - one.alone)
    return f"in batches of {one.size}, BN {gets} and the best that needs no batch {alone}"


CANNOT_TELL = "This run cannot tell: no network learns, or one that is needed here diverged."
SMALL = 8  # samples: up to here a batch is called small


def beliefs(verdict: RelativesVerdict) -> dict[str, str]:
    """Common beliefs, each with what this run says of it."""
    return {
        "Small batches always break BN.": _always_breaks(verdict),
        "All of them subtract a mean and divide by a deviation, so it hardly matters which.": (
            _no_matter(verdict)
        ),
        "Instance norm needs no batch, so it works everywhere.": _everywhere(verdict.space),
        "A learned mixture is better than any of its parts.": _better_than_parts(verdict.parts),
    }


def _always_breaks(verdict: RelativesVerdict) -> str:
    if not verdict.company:
        return CANNOT_TELL
    samples, said = verdict.samples, _company(verdict)
    if samples > SMALL:
        return f"This run has batches of {samples}, which are not small; choose 2. {said}"
    if verdict.company.leader == "first":
        return f"They do here. {said}"
    not_here = "Not clearly here" if verdict.company.leader == "unclear" else "Not here"
    return f"{not_here}, in batches of {samples}. {said}"


def _no_matter(verdict: RelativesVerdict) -> str:
    normalized = verdict.normalized
    if not verdict.compared or not normalized or normalized.kinds < 2:
        return CANNOT_TELL
    told = _ends(verdict.apart or normalized)
    if verdict.outcome == "unclear":
        return f"This run cannot tell: {told} (medians); the seeds do not agree."
    if verdict.outcome in {"alike", "only plain"}:
        return f"At these settings it hardly does: {told}. Try one pixel, or batches of two."
    return f"It does: {told}. They differ in which numbers the mean is over, and in how many."


def _everywhere(space: Space | None) -> str:
    if not space:
        return CANNOT_TELL
    if space.one_pixel:
        return f"It needs space. {_space(space)}"
    return f"{_space(space)} With one pixel left, it has nothing to average."


def _better_than_parts(parts: Parts | None) -> str:
    if not parts:
        return CANNOT_TELL
    told = (
        f"switchable norm {percent(parts.switchable)}, {RELATIVES[parts.best]}"
        f" {percent(parts.accuracy)}"
    )
    match parts.leader:
        case "first":
            return f"In this run it is: {told}."
        case "second":
            return f"Not in this run: {told}."
        case "unclear":
            return f"The seeds of this run do not agree: {told}."
    return f"Not clearly, in this run: {told}. It is about as good as the best of its parts."


def guess(verdict: RelativesVerdict) -> tuple[str, str]:
    """Who ends clearly behind all others, as one of GUESSES, and why."""
    why = " ".join(filter(None, (_headline(verdict), _lost(verdict))))
    return RELATIVES[verdict.last] if verdict.last else NOBODY, why
