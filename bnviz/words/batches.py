"""When does it break?: all that its page says, but for its sections."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from bnviz.words.findings import Findings
from bnviz.words.names import RELATIVES
from bnviz.words.numbers import listed, percent, points, seeds

if TYPE_CHECKING:
    from bnviz.verdicts.batches import AtSize, BatchesVerdict, FullVerdict, Lost, Mending, Noise

INTRODUCTION = """
BN's mean and variance are only as good as the mini-batch they come from. Here the same networks
are trained with batches from 2 to 32, **each on as many samples, with a learning rate in proportion
to its batch** (the knob sets it for 32). Beside BN stand two networks that never look at a sample's
neighbours: plain, and **layer norm**, which normalizes each sample over the units of its layer.
"""

PRESETS: dict[str, dict[str, Any]] = {
    "A batch of one": {"batch_size": 1},
    "Two layers: BN does not help at any size": {"depth": 2},
    "One class in each batch": {"classes": 1, "depth": 2, "learning_rate": 0.1, "steps": 200},
}
NOT_AT_ALL, EVERYWHERE = "at no batch size", "at every batch size"
GUESSES = ("only at 2", "at 4 and below", "at 8 and below", EVERYWHERE, NOT_AT_ALL)
GUESS = (
    "Same samples, same epochs: at which batch sizes is BN clearly less accurate than layer norm?"
)

CLOSER = {
    "company": "What does a prediction owe to its batch?",
    "sorted": "What if the batches are sorted by class?",
}

FULL = (
    "The whole training: 4 epochs",
    """
All training samples four times, with batch renormalization as well, one batch size at a
time, from 32 down. Batches of 2 take thousands of updates, up to a minute.
""",
)

NOTES = {
    "How it is measured": """
**Batch sizes.** For each seed, all networks start from the same weights; at one batch size all of
them see the same mini-batches in the same order. All batch sizes see as many samples: batches of 2
make 16 times as many updates as batches of 32. The learning rate is that of the knob times batch
size / 32. Test error is measured in inference mode, with running averages (momentum 0.1, PyTorch's
convention). Lines are medians over the seeds, bands their range. This differs from the lesson
on noise, where all networks make the same steps on the same large batches and only the *chunk*
that shares its statistics shrinks: here the batch itself does, as it must where memory is short.

**Precise statistics.** At the end of training: mean and variance over 512 training samples, in
mini-batches of the size it was trained with, in place of the running averages. "Clearly" means 2
points of accuracy or more between the medians, and as much in more than half of the seeds.

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
The mean of $m$ independent values of deviation $s$ strays by $s/\sqrt m$. With $m = 2$ every
normalized value is $+1$ or $-1$ (as long as the two differ by much more than $\sqrt\epsilon$), with
$m = 1$ it is $0$: the layer then passes on $\beta$, whatever comes in, and no gradient comes back.

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


def wrong(accuracy: float) -> str:
    """The test error."""
    return percent(1 - accuracy) if accuracy == accuracy else "diverged"  # NaN


def findings(verdict: BatchesVerdict) -> Findings:
    """What this run shows of the batch sizes."""
    said = [lost(verdict.lost)]
    if verdict.reference:
        compared = _where(verdict), _noise(verdict), _helps(verdict), _mends(verdict.mending)
        said = [*compared, *said]
    return Findings(headline=_headline(verdict), more=tuple(filter(None, said)))


def _headline(verdict: BatchesVerdict) -> str:
    small, large, told = verdict.smallest, verdict.largest, _both_ends(verdict)
    if not verdict.reference:
        return (
            "**No comparison here**: layer normalization, against which BN is held, learns too"
            f" little at these settings (test error {percent(1 - small.layer)} in batches of"
            f" {small.size}, {percent(1 - large.layer)} in batches of {large.size})."
        )
    match verdict.where:
        case "nowhere":
            return (
                "**BN does not break here**: even in the smallest batches it keeps up with layer"
                f" norm. {told}."
            )
        case "everywhere":
            return f"**BN is behind at every batch size**: {told}."
        case "small":
            return f"**BN breaks in small batches**: {told}."
        case "unclear":
            worse = seeds(small.worse_in, verdict.seeds)
            return (
                "**The seeds do not agree whether BN breaks here**: in the smallest batches it is"
                f" clearly behind layer norm in {worse}. {told}."
            )
    if small.behind:
        return f"**BN breaks in small batches**: {told}."
    return f"**BN is behind at batch size {_sizes(verdict.behind)}**: {told}."


def _sizes(some: Iterable[AtSize]) -> str:
    return listed([str(at.size) for at in some])


def _both_ends(verdict: BatchesVerdict) -> str:
    """The test error of BN and layer norm in the smallest and in the largest batches."""
    small, large = verdict.smallest, verdict.largest
    if not (small.batch == small.batch and large.batch == large.batch):  # NaN
        told = [
            f"in batches of {at.size}, BN {wrong(at.batch)}, layer norm {wrong(at.layer)}"
            for at in (small, large)
        ]
        return f"Test error {'; '.join(told)}"
    return (
        f"BN gets {wrong(small.batch)} of the test samples wrong in batches of {small.size}, layer"
        f" norm {wrong(small.layer)}; {wrong(large.batch)} in batches of {large.size}, layer norm"
        f" {wrong(large.layer)}"
    )


def _where(verdict: BatchesVerdict) -> str:
    """Up to which size BN is behind, and in how many seeds at the smallest."""
    if not verdict.smallest.behind:
        return ""
    worse = seeds(verdict.smallest.worse_in, verdict.seeds)
    if len(verdict.behind) == 1:
        return f"At batch size {verdict.smallest.size} alone BN is clearly behind, in {worse}."
    sizes = f"at batch size {_sizes(verdict.behind)}"
    if verdict.where == "small":
        sizes = f"up to batch size {verdict.behind[-1].size}"
    return f"BN is clearly behind {sizes}; at the smallest, in {worse}."


def _noise(verdict: BatchesVerdict) -> str:
    """What small batches cost those that never look at their neighbours."""
    said = _compared(verdict.noise) if verdict.noise else ""
    if verdict.smallest.size > 1:
        return said
    alone = (
        "In batches of one BN's statistics have no noise at all: in training its output is β,"
        f" whatever comes in (test error {wrong(verdict.smallest.batch)})."
    )
    return f"{said} {alone}" if said else alone


def _compared(noise: Noise) -> str:
    others = ", ".join(
        f"{RELATIVES[kind]} {'learns in neither' if lost is None else _change(lost)}"
        for kind, lost in (("plain", noise.plain), ("layer", noise.layer))
    )
    said = (
        f"From batches of {noise.large} down to {noise.small}, with as many samples seen: BN"
        f" {_change(noise.batch)}, {others}."
    )
    match noise.felt:
        case "no more":
            return f"{said} Small batches cost BN no more than the others."
        case "alone":
            felt = "without BN as well" if noise.plain is None else "by all three"
            return (
                f"{said} A noisy gradient is felt {felt}: what breaks BN is that its statistics"
                " come from so few samples."
            )
    return f"{said} The part that only BN pays is that its statistics come from so few samples."


def _change(lost: float) -> str:
    if not lost:
        return "loses nothing"
    return f"{'loses' if lost > 0 else 'gains'} {points(lost)}"


def _helps(verdict: BatchesVerdict) -> str:
    """Where BN is clearly ahead of plain, if anywhere."""
    at = verdict.helped
    if at:
        return (
            f"BN helps most at batch size {at.size}: {wrong(at.batch)} test error, plain"
            f" {wrong(at.plain)}."
        )
    said = "At no batch size is BN clearly ahead of plain."
    if not verdict.no_help:
        return said
    why = ": the network trains without it" if verdict.plain_trains else ""
    return f"{said} At these settings it does not help{why}."


def _mends(mending: Mending | None) -> str:
    """What precise statistics give back."""
    if not mending:
        return ""
    at = mending.at
    told = (
        f"at batch size {at.size} BN's test error is {wrong(at.batch)} with running averages,"
        f" {wrong(at.precise)} with precise statistics"
    )
    match mending.cure:
        case "much":
            return f"Precise statistics for inference mend much of it where they help most: {told}."
        case "some":
            return f"Precise statistics for inference are a partial cure at best: {told}."
        case "in few seeds":
            return f"Precise statistics for inference help, but not in most seeds: {told}."
    return (
        f"Precise statistics for inference do not mend it: {told}. The harm is in the training, not"
        " in the running averages."
    )


def lost(some: Iterable[Lost], where: str = "") -> str:
    """Who diverged, and how many runs of all."""
    told = [f"{RELATIVES[one.kind]}, {one.runs} of {one.of}" for one in some]
    return f"Runs that diverged{where}, and are left out: {'; '.join(told)}." if told else ""


CANNOT_TELL = "This run cannot tell: layer norm learns too little at these settings."
UNKNOWN = "This run cannot tell: a network diverged or does not learn."


def beliefs(verdict: BatchesVerdict) -> dict[str, str]:
    """Common beliefs, each with what this run says of it."""
    said = {
        "There is no reason not to use BN.": _no_reason(verdict),
        "A smaller batch only means more noise in the gradient.": _noise(verdict) or UNKNOWN,
        "Layer norm is always the safer choice.": _safer(verdict.ahead),
        "Better statistics at inference mend what small batches break.": _better(verdict),
    }
    return said if verdict.reference else dict.fromkeys(said, CANNOT_TELL)


def _no_reason(verdict: BatchesVerdict) -> str:
    if ahead := verdict.plain_ahead:
        at = verdict.worst_beside_plain
        return (
            f"Here the network without it does clearly better at batch size {_sizes(ahead)}: at"
            f" {at.size}, {wrong(at.plain)} test error against {wrong(at.batch)}."
        )
    none = "at no batch size does the network without it do clearly better"
    if not verdict.behind:
        return f"In this run there is none: {none}."
    at = verdict.behind[0]
    return (
        f"Plain is no reason here, {none}. Layer norm is one: at batch size {at.size} it has"
        f" {wrong(at.layer)} test error, BN {wrong(at.batch)}."
    )


def _safer(ahead: AtSize | None) -> str:
    published = (
        " On ImageNet, with batches of 32 per worker, it has 25.3 % error and BN 23.6 % (Wu & He"
        " 2018)."
    )
    if ahead:
        return (
            f"Not here: at batch size {ahead.size} BN has {wrong(ahead.batch)} test error, layer"
            f" norm {wrong(ahead.layer)}.{published}"
        )
    return f"In this run it is nowhere clearly worse than BN. That is not so everywhere.{published}"


def _better(verdict: BatchesVerdict) -> str:
    if not verdict.behind:
        return "There is nothing to mend here: BN is not clearly behind layer norm."
    return _mends(verdict.mending) or UNKNOWN


def guess(verdict: BatchesVerdict) -> tuple[str, str]:
    """Where BN is clearly behind layer norm, as one of GUESSES or in other words, and why."""
    why = _headline(verdict)
    if verdict.behind and not verdict.reference:
        why += " Even so, it is clearly ahead of BN there."
    return _named(verdict), why


def _named(verdict: BatchesVerdict) -> str:
    sizes = verdict.behind
    if not sizes:
        return NOT_AT_ALL
    if verdict.where == "everywhere":
        return EVERYWHERE
    if len(sizes) == 1:
        return f"only at {sizes[0].size}"
    if verdict.where == "small":
        return f"at {sizes[-1].size} and below"
    return f"at {_sizes(sizes)}"


def full(verdict: FullVerdict) -> str:
    """The whole training, by batch size."""
    ends = ", ".join(f"{RELATIVES[kind]} {wrong(end)}" for kind, end in verdict.ends.items())
    said = (
        f"Test error in batches of {verdict.size}: {ends}; BN with precise statistics"
        f" {wrong(verdict.precise)}."
    )
    if verdict.behind:
        sizes = listed([str(size) for size in verdict.behind])
        return f"{said} BN is clearly behind layer norm at batch size {sizes}."
    return f"{said} BN is not clearly behind layer norm at any batch size here."
