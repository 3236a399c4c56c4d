"""When does it break?: all that its page says, but for its sections."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from bnviz.words.batches.beliefs import beliefs
from bnviz.words.batches.challenges import CHALLENGES
from bnviz.words.batches.errors import at_sizes, lost, mends, pays, sizes, wrong
from bnviz.words.findings import Findings
from bnviz.words.names import RELATIVES
from bnviz.words.numbers import listed, seeds

if TYPE_CHECKING:
    from bnviz.verdicts.batches import AtSize, BatchesVerdict, FullVerdict, Noise

__all__ = ["CHALLENGES", "beliefs"]  # each has a file of its own

INTRODUCTION = """
BN takes its mean and variance from the mini-batch. Here three networks see equally many samples, in
batches of different sizes: **plain**, **BN**, and **layer norm**, which looks at each sample alone.
"""

CLOSER = {
    "company": (
        "How far does a prediction depend on its batch?",
        "One test sample, among others, in batches of every size.",
    ),
    "sorted": (
        "What if the batches are sorted by class?",
        "Batches that hold only a few classes, and a remedy.",
    ),
    "published": ("And on ImageNet?", "BN and group norm by batch size, as published."),
    "full": ("What if they train longer?", "Four epochs at every batch size; up to a minute."),
}
PUBLISHED = """
With batches of 2 per worker BN has 34.7 % error on ImageNet, group norm 24.1 %; with 32 per worker
BN is ahead.
"""
FULL = """
All training samples four times, with batch renormalization as well, one batch size at a
time, from 32 down. Batches of 2 take thousands of updates, up to a minute.
"""

NOTES = {
    "How it is measured": """
**Batch sizes.** For each seed, all networks start from the same weights; at one batch size all of
them see the same mini-batches in the same order. All batch sizes see as many samples: batches of 2
make 16 times as many updates as batches of 32. The learning rate is that of the knob times batch
size / 32. Test error is measured in inference mode, with running averages (momentum 0.1, PyTorch's
convention). Lines are medians over the seeds, bands their range. This differs from the lesson
on noise, where all networks make the same steps on the same large batches and only the *ghost
batch* that shares its statistics shrinks: here the batch itself does, as it must where memory is
short.

**Precise statistics.** At the end of training: mean and variance over 512 training samples, in
mini-batches of the size it was trained with, in place of the running averages. "Clearly" means 2
percentage points of accuracy or more between the medians, and as much in more than half of the
seeds.

**Sorted batches.** At every step so many classes are drawn, and then 32 samples of these; all
classes come up equally often. The number of updates is half of that of batches of 2. Every network
is trained as often on mixed batches of 32 as well: what it loses from there to sorted ones is what
sorting costs. "As in training" is the accuracy on test samples in batches of 32 that hold as few
classes (neighbouring ones), with the statistics of each batch. For plain and layer norm it is the
same number.

**Batch renormalization** starts as BN: (rmax, dmax) rises from (1, 0) to (3, 5) over the first half
of the updates.

**One image.** BN trained at the batch size of the knob, first seed. Networks with many weights are
tested on fewer samples and put into fewer batches.
""",
    "The mathematics": r"""
The mean of $m$ independent values of standard deviation $s$ has a standard deviation of
$s/\sqrt m$. With $m = 2$ every normalized value is $+1$ or $-1$ (as long as the two differ by much
more than $\sqrt\epsilon$), with $m = 1$ it is $0$: the layer then passes on $\beta$, whatever comes
in, and no gradient comes back.

**Layer normalization** (Ba et al. 2016) takes $\mu$ and $v$ of *one sample* over the units of its
layer, and has $\gamma$ and $\beta$ for each unit. There is no difference between training and
inference, and nothing to average.

**Batch renormalization** (Ioffe 2017) keeps BN and moves its output to where inference would put
it:

$$
\hat x = \frac{x-\mu_B}{s_B}\,r + d,\quad
r = \mathrm{sg}\Big(\mathrm{clip}\big(\tfrac{s_B}{s}, \tfrac1{r_{max}}, r_{max}\big)\Big),\quad
d = \mathrm{sg}\Big(\mathrm{clip}\big(\tfrac{\mu_B-\mu}{s}, -d_{max}, d_{max}\big)\Big),
$$

with the running $\mu$ and $s$; sg: no gradient goes through. With $r = 1$, $d = 0$ it is BN. Where
nothing is clipped, $\hat x = (x-\mu)/s$ exactly: training computes what inference computes.

**Precise BN:** $\mu = E[\mu_B]$ and $\sigma^2 = E[\mu_B^2 + v_B] - E[\mu_B]^2$, all with the same
weights.
""",
    "What the papers found": """
Ioffe (2017), who had introduced BN with Szegedy, names both weaknesses, small mini-batches and
mini-batches that are not independent draws, and proposes batch renormalization for them.

Wu & He (2018), ImageNet error in percent at batch 32, 16, 8, 4, 2 per worker: BN 23.6, 23.7, 24.8,
27.3, 34.7; group norm 24.1, 24.2, 24.0, 24.2, 24.1. At 32, layer norm has 25.3 and instance norm
28.4: on images BN is ahead as long as its batches are large.

Wu & Johnson (2021) look at what a "batch" is, in training and at inference, and propose precise
statistics for the latter.

Small networks on easy data, as here, show the same two sides, not the same numbers.
""",
}


def moments(percents: Iterable[int]) -> tuple[str, ...]:
    """What the clock shows."""
    return tuple(f"{share} % of training" for share in percents)


def findings(verdict: BatchesVerdict) -> Findings:
    """What this run shows of the batch sizes."""
    said = [
        _where(verdict),
        pays(verdict),
        _helps(verdict),
        _smallest(verdict.smallest),
        _largest(verdict.largest),
        _ring(verdict.largest),
        _plain(verdict),
        *(_changes(verdict.noise) if verdict.noise else ()),
        mends(verdict.mending),
    ]
    if not verdict.reference:
        said = [_no_reference(verdict)]
    return Findings.told(_headline(verdict), *filter(None, [*said, lost(verdict.lost)]))


def _headline(verdict: BatchesVerdict) -> str:
    if not verdict.reference:
        return "No comparison here: layer norm itself learns too little."
    match verdict.where:
        case "nowhere":
            return f"Down to batches of {verdict.smallest.size} BN keeps up with layer norm."
        case "unclear":
            return "Whether BN falls behind in the smallest batches depends on the seed."
        case "everywhere":
            return "BN is behind layer norm at every batch size."
    if verdict.smallest.behind:
        return _breaks(verdict)
    if len(verdict.behind) > 1:
        return "BN is behind layer norm at some batch sizes."
    return f"BN is behind layer norm at batch size {sizes(verdict.behind)}."


def _breaks(verdict: BatchesVerdict) -> str:
    """In the smallest batches BN is behind: how far it came."""
    error = wrong(verdict.smallest.batch)
    match verdict.fate:
        case "diverged":
            return "In the smallest batches BN diverged."
        case "learned":
            return f"In the smallest batches BN falls behind: {error} test error."
        case "little":
            return f"In the smallest batches BN learns too little: {error} test error."
    return f"In the smallest batches BN fails: {error} test error."


def _no_reference(verdict: BatchesVerdict) -> str:
    small, large = wrong(verdict.smallest.layer), wrong(verdict.largest.layer)
    return (
        f"We compare BN with layer norm, whose test error is {small} in the smallest batches and"
        f" {large} in the largest."
    )


def _where(verdict: BatchesVerdict) -> str:
    """Up to which size BN is behind, and in how many seeds at the smallest."""
    small = verdict.smallest
    worse = seeds(small.worse_in, verdict.seeds)
    if verdict.where == "unclear":
        return f"In the smallest batches BN is clearly behind layer norm in {worse}."
    if not small.behind:
        return ""
    if len(verdict.behind) == 1:
        return (
            f"At the end BN is clearly behind layer norm at batch size {small.size} alone, in"
            f" {worse}."
        )
    return _behind(verdict, worse)


def _behind(verdict: BatchesVerdict, worse: str) -> str:
    """At several batch sizes, the smallest among them."""
    match verdict.where:
        case "small":
            return (
                "At the end BN is clearly behind layer norm up to batch size"
                f" {verdict.behind[-1].size}; in the smallest batches, in {worse}."
            )
        case "everywhere":
            return (
                "At the end BN is clearly behind layer norm at every batch size; in the smallest,"
                f" in {worse}."
            )
    return (
        f"At the end BN is clearly behind layer norm in batches of {sizes(verdict.behind)}; in the"
        f" smallest, in {worse}."
    )


def _changes(noise: Noise) -> list[str]:
    """What each network loses or gains from the largest batches to the smallest."""
    each = {"batch": noise.batch, "plain": noise.plain, "layer": noise.layer}
    told = [f"{RELATIVES[kind]} {_change(lost)}" for kind, lost in each.items() if lost is not None]
    nothing = [RELATIVES[kind] for kind, lost in each.items() if lost is None]
    said = []
    if told:
        said.append(
            f"Test accuracy in batches of {noise.small} minus that in batches of {noise.large}, in"
            f" percentage points: {', '.join(told)}."
        )
    if nothing:
        said.append(
            f"Neither in batches of {noise.small} nor in batches of {noise.large} is anything"
            f" learned with {listed(nothing)}."
        )
    return [" ".join(said)]


def _change(lost: float) -> str:
    """In percentage points: −13, +2, 0, less than 1."""
    size = round(100 * abs(lost))
    if not size:
        return "less than 1" if lost else "0"
    return f"{'−' if lost > 0 else '+'}{size}"


def _helps(verdict: BatchesVerdict) -> str:
    """Where BN is clearly ahead of plain, if anywhere."""
    at = verdict.helped
    if at:
        batch, plain = wrong(at.batch), wrong(at.plain)
        if at == verdict.largest:
            return (
                f"BN helps most in the largest batches: {batch} test error, where plain has"
                f" {plain}."
            )
        return (
            f"BN helps most at batch size {at.size}: {batch} test error, where plain has {plain}."
        )
    said = "At no batch size is BN clearly ahead of plain."
    if not verdict.no_help:
        return said
    if verdict.plain_trains:
        return f"{said} It does not help here: the network trains without it."
    return f"{said} It does not help here."


def _smallest(at: AtSize) -> str:
    batch, layer = wrong(at.batch), wrong(at.layer)
    return f"In the smallest batches the test error is {batch} with BN, {layer} with layer norm."


def _largest(at: AtSize) -> str:
    batch, layer = wrong(at.batch), wrong(at.layer)
    return f"In the largest batches the test error is {batch} with BN, {layer} with layer norm."


def _ring(at: AtSize) -> str:
    """What the ring at the right end of the picture is; nothing where there is none."""
    if at.precise != at.precise:  # NaN
        return ""
    return (
        "The ring: with precise statistics, taken at the end from training samples, in place of its"
        f" running averages, BN has {wrong(at.precise)} test error in the largest batches."
    )


def _plain(verdict: BatchesVerdict) -> str:
    """The plain network's in both."""
    small, large = wrong(verdict.smallest.plain), wrong(verdict.largest.plain)
    return f"Plain's test error is {small} in the smallest batches, {large} in the largest."


def full(verdict: FullVerdict) -> str:
    """The whole training, by batch size."""
    ends = ", ".join(f"{RELATIVES[kind]} {wrong(end)}" for kind, end in verdict.ends.items())
    said = (
        f"Test error in batches of {verdict.size}: {ends}; BN with precise statistics"
        f" {wrong(verdict.precise)}."
    )
    if verdict.behind:
        return f"{said} BN is clearly behind layer norm at {at_sizes(verdict.behind)}."
    return f"{said} BN is not clearly behind layer norm at any batch size here."
