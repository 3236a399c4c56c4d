"""Can the last layer still tell the samples apart?: all that its page says."""

from __future__ import annotations

from math import isnan
from typing import TYPE_CHECKING

from bnviz.words.belief import Belief
from bnviz.words.challenge import Challenge, Outcome, Tempting
from bnviz.words.findings import Findings
from bnviz.words.numbers import hundredths, listed, many, percent, seeds, steps

if TYPE_CHECKING:
    from bnviz.verdicts.collapse import CollapseVerdict, Height, TrainedVerdict

INTRODUCTION = """
Nothing is trained here: one mini-batch passes through layers with random weights. Each cell of a
map compares two samples by the **cosine** of their outputs: 1 is the same direction, 0 a right
angle.
"""

CLOSER = {
    "rank": ("How many directions are left?", "A second measure: the effective rank."),
    "parts": ("Which half of BN does it?", "The mean alone, the standard deviation alone, both."),
    "trained": ("Does such a network still learn?", "The same pair, trained."),
}

PICTURES = ("Cosine of any two samples", "Mean cosine of every layer")
"""For those who listen."""

TRAINED = """
The same pair is trained with learning rate, optimizer and steps from *More knobs*. The upper
picture shows how alike the samples are in the last hidden layer, the lower one the test accuracy.
"""

NOTES = {
    "How it is measured": """
Each seed draws the weights and the mini-batch; both networks of a pair share them. Biases start at
0, γ at 1 and β at 0, so that BN is the pure normalization by the mini-batch's own statistics. All
is computed in 64-bit numbers: there, a signal of 10⁻³⁰ still has a direction.

**Mean cosine.** Of the outputs of one hidden layer, after the activation, between all pairs of
samples of the mini-batch. A sample for which all units are silent has no direction and is left out.
The maps show the first 30 samples of the first seed, in the order of their classes; the curves show
the median of the seeds and their range.

**Effective rank.** Of the matrix of outputs (samples by units): how many directions the samples
take, if each counts by its share of the squared length. It is 1 where all outputs are multiples of
one vector, and at most the number of samples or units.

**Which half.** Between weights and activation, only the mean of the mini-batch is subtracted, or
only its standard deviation divides.
""",
    "The mathematics": r"""
A wide layer of ReLU units with random weights turns a cosine $c$ between two inputs into
$$
\frac{\sqrt{1 - c^2} + c\,(\pi - \arccos c)}{\pi}
$$
(Cho & Saul 2009). That is larger than $c$ for every $c < 1$, so layer by layer the cosine goes to
1, whatever the initialization: He initialization keeps the length of the outputs, not the angles
between them. For $c = 0$ it gives $1/\pi \approx 0.32$. This is where BN stays with ReLU: after the
mean is subtracted, the inputs of the activation have nothing in common on average, and ReLU, which
only gives positive values, makes $1/\pi$ of that, in every layer anew.

The effective rank is
$$
\exp\Big(-\sum_k p_k \ln p_k\Big), \qquad p_k = \frac{\sigma_k^2}{\sum_j \sigma_j^2},
$$
with the singular values $\sigma_k$ of the outputs. (Roy & Vetterli 2007 propose it with $\sigma_k$
in the place of $\sigma_k^2$.)

In a mini-batch of two, BN leaves the signs alone: each unit gives +1 to one sample and −1 to the
other. With ReLU no unit is on for both, and the cosine is 0, whatever the two samples are.
""",
    "What the papers found": """
Daneshmand, Kohler, Bach, Hofmann & Lucchi (2020) call it the collapse of the rank. They prove that
BN avoids it in deep linear networks, find the same with ReLU, and in their experiments networks
that start with a collapsed rank are hard to train. Daneshmand, Joudaki & Bach (2021) prove for
linear layers that with BN the outputs become more orthogonal from layer to layer, up to a term that
shrinks with the width.

That is the way up alone. On its way down, BN's gradient grows from layer to layer at the start
(Yang et al. 2019): the lesson on signals shows it.
""",
}

HEADLINES = {
    "one sample": "A single sample: there is no other to be told from.",
    "nothing left": "No output is left to be compared.",
    "BN alone": "In plain the samples become all alike; with BN they stay apart.",
    "BN further apart": "The samples stay further apart with BN.",
    "BN less alike": "In both networks the samples become more alike, with BN less.",
    "plain further apart": "BN does not help here: plain keeps the samples further apart.",
    "both alike": "In both networks the samples become all alike.",
    "both closer": "In both networks the samples become more alike, about as much.",
    "both apart": "BN does not help here: plain keeps the samples apart, too.",
}


def places(depth: int) -> list[str]:
    """Where the clock stands: the samples themselves, then layer after layer."""
    return ["samples", *(f"layer {layer} of {depth}" for layer in range(1, depth + 1))]


def findings(verdict: CollapseVerdict) -> Findings:
    """What this run shows, the most important first."""
    told = [HEADLINES[verdict.outcome]]
    if verdict.outcome not in ("one sample", "nothing left"):
        told += [_ends(verdict), *_in_seeds(verdict), *_directions(verdict), *_skip(verdict)]
    elif verdict.outcome == "nothing left":
        told += [_nothing(verdict)]
    return Findings.told(*told, *_two(verdict))


def _ends(verdict: CollapseVerdict) -> str:
    medians = " (medians of the seeds)" if verdict.seeds > 1 else ""
    plain, batch = (hundredths(one.last.middle) for one in (verdict.plain, verdict.batch))
    return (
        f"In the last hidden layer the mean cosine is {plain} for plain and {batch} for"
        f" BN{medians}."
    )


def _in_seeds(verdict: CollapseVerdict) -> list[str]:
    if verdict.seeds == 1:
        return []
    plain, batch = verdict.larger, verdict.smaller
    if not plain + batch:
        return [f"The two are about the same in {seeds(verdict.seeds, verdict.seeds)}."]
    name, number = ("Plain's", plain) if plain >= batch else ("BN's", batch)
    return [f"{name} mean cosine is clearly larger in {seeds(number, verdict.seeds)}."]


def _directions(verdict: CollapseVerdict) -> list[str]:
    plain, batch = (_whole(one.directions.middle) for one in (verdict.plain, verdict.batch))
    return [
        f"The samples still take {plain} directions in plain and {batch} with BN (effective rank)."
    ]


def _whole(directions: float) -> str:
    """An effective rank: in one decimal below 10."""
    return f"{directions:.0f}" if directions >= 10 else f"{directions:.1f}"


def _skip(verdict: CollapseVerdict) -> list[str]:
    if not verdict.skip:
        return []
    return [
        "A skip connection adds the outputs of all layers; where they are all positive, as with"
        " ReLU, the sums become more and more alike."
    ]


def _nothing(verdict: CollapseVerdict) -> str:
    names = [
        name
        for name, one in (("plain", verdict.plain), ("BN", verdict.batch))
        if one.state == "nothing left"
    ]
    return (
        f"In the last layer of {listed(names)}, fewer than two samples get any output that is not"
        " zero."
    )


def _two(verdict: CollapseVerdict) -> list[str]:
    if verdict.samples != 2:
        return []
    return [
        "In a mini-batch of two, BN gives one sample the opposite of the other, whatever they are."
    ]


def of_directions(verdict: CollapseVerdict) -> str:
    """What the second measure adds."""
    if verdict.outcome in ("one sample", "nothing left"):
        return HEADLINES[verdict.outcome]
    start = _whole(verdict.sample_directions)
    plain, batch = (_whole(one.directions.middle) for one in (verdict.plain, verdict.batch))
    bands = ["The bands are the range of the seeds."] * (verdict.seeds > 1)
    return " ".join(
        (
            f"By the effective rank, {many(verdict.samples, 'sample')} take {start} directions.",
            f"In the last hidden layer they take {plain} in plain and {batch} with BN.",
            *bands,
        )
    )


HALVES = {
    "the mean": "Subtracting the mean alone ends about as low as BN.",
    "the standard deviation": "Dividing by the standard deviation alone ends about as low as BN.",
    "either": "Either half alone ends about as low as BN.",
    "both": "Neither half alone does what both do together.",
    "no need": "Here it takes neither: plain's mean cosine ends about as low as BN's.",
    "unclear": "The seeds do not agree which half does it.",
}


def of_halves(verdict: CollapseVerdict) -> str:
    """Which half of BN does it."""
    if verdict.outcome in ("one sample", "nothing left"):
        return HEADLINES[verdict.outcome]
    return f"{HALVES[verdict.half]} {_halves(verdict)}"


def _halves(verdict: CollapseVerdict) -> str:
    mean, deviation, both = (
        hundredths(one.middle) for one in (verdict.centred, verdict.divided, verdict.batch.last)
    )
    return (
        f"The mean cosine ends at {mean} if only the mean is subtracted, and at {deviation} if only"
        f" the standard deviation divides. With both it ends at {both}."
    )


def of_trained(verdict: TrainedVerdict) -> str:
    """Who learns, and what becomes of the cosine."""
    who = {
        "BN alone": "BN learns, plain does not.",
        "plain alone": "Plain learns, BN does not.",
        "both": "Both networks learn.",
        "neither": f"Neither network learns in {steps(verdict.steps)}.",
    }[verdict.learning]
    plain, batch = map(percent, verdict.accuracy)
    ends = f"The median test accuracy ends at {plain} in plain and at {batch} with BN."
    return " ".join((f"**{who}** {ends}", *_apart(verdict), *_unexplained(verdict)))


def _apart(verdict: TrainedVerdict) -> list[str]:
    """Whether training pulls plain's samples apart."""
    before, after = verdict.before[0], verdict.after[0]
    if isnan(before) or isnan(after):
        return []
    return [
        f"Plain's mean cosine in the last hidden layer goes from {hundredths(before)} to"
        f" {hundredths(after)} in training."
    ]


def _unexplained(verdict: TrainedVerdict) -> list[str]:
    if not verdict.in_spite:
        return []
    return [
        "So outputs that start alike do not decide alone: here the plain network, which starts more"
        " alike, ends more accurate."
    ]


def beliefs(verdict: CollapseVerdict) -> dict[str, str]:
    """What is often believed, with what this run says of it."""
    said = {
        Belief.SIZE_IS_CONTENT: _size(verdict),
        Belief.ONLY_SIZE: _only_size(verdict),
        Belief.NEAR_ZERO: _near_zero(verdict),
    }
    if verdict.outcome in ("one sample", "nothing left"):
        return dict.fromkeys(said, f"This run cannot tell. {HEADLINES[verdict.outcome]}")
    return {str(belief): one for belief, one in said.items()}


def _size(verdict: CollapseVerdict) -> str:
    """Dividing by the standard deviation keeps the size of every unit's signal."""
    divided, batch = verdict.divided.middle, verdict.batch.last.middle
    end = (
        f"With that division alone the mean cosine ends at {hundredths(divided)}, with BN at"
        f" {hundredths(batch)}."
    )
    if verdict.half in ("both", "the mean"):
        return (
            "Not here: a network that only divides by the standard deviation keeps the size in"
            f" every layer, and yet the samples become more alike. {end}"
        )
    if verdict.half == "no need":
        return f"This run cannot tell: without BN the samples stay as far apart. {_ends(verdict)}"
    if verdict.half == "unclear":
        return "This run cannot tell: the seeds do not agree."
    return f"Here it does: dividing by the standard deviation alone is enough. {end}"


def _only_size(verdict: CollapseVerdict) -> str:
    match verdict.half:
        case "both" | "the mean":
            return f"Not here: without subtracting the mean it does less. {_halves(verdict)}"
        case "no need":
            return "This run cannot tell: there is nothing for BN to mend in the cosines."
        case "unclear":
            return "This run cannot tell: the seeds do not agree."
    return f"It looks so here. {_halves(verdict)}"


def _near_zero(verdict: CollapseVerdict) -> str:
    named = {"Plain": verdict.plain, "BN": verdict.batch}
    low = {name: one for name, one in named.items() if one.near_zero != "not near"}
    if not low:
        return "This run cannot tell: no mean cosine is near 0. Take tanh or identity units."
    told = [
        f"{name} has {_whole(one.directions.middle)} of the first layer's"
        f" {_whole(one.first_directions)} directions left."
        for name, one in low.items()
    ]
    lost = any(one.near_zero == "directions lost" for one in low.values())
    return " ".join(("Not here." if lost else "It looks so here.", *told))


MUCH: dict[Height, str] = {
    "low": "less than 0.7", "middle": "0.7 to 0.95", "high": "more than 0.95",
}  # fmt: skip


SHRINKS = (
    "ReLU makes the angle between two outputs a little smaller in every layer; the size of the"
    " initial weights does not change that."
)


def _how_alike(verdict: CollapseVerdict) -> Outcome:
    shrinks = verdict.activation == "relu" and verdict.plain.way == "rises" and not verdict.skip
    return Outcome(
        right=MUCH.get(verdict.plain.height),
        why=" ".join((_ends(verdict), *([SHRINKS] if shrinks else []))),
    )


WAYS = {"level": "about level", "rises": "it rises", "falls": "it falls"}


def _bns_way(verdict: CollapseVerdict) -> Outcome:
    batch = verdict.batch
    return Outcome(
        right=WAYS[batch.way] if batch.state != "nothing left" else None,
        why=" ".join(
            (
                f"BN's mean cosine is {hundredths(batch.first)} in the first hidden layer and"
                f" {hundredths(batch.last.middle)} in the last.",
                *_one_over_pi(verdict),
            )
        ),
    )


def _one_over_pi(verdict: CollapseVerdict) -> list[str]:
    """Where that comes from; the dotted line of the picture."""
    if verdict.activation != "relu" or verdict.batch.way != "level":
        return []
    return ["The dotted line, 1/π, is what ReLU makes of inputs at right angles to each other."]


COLLAPSES = {"alike": "yes, all alike", "closer": "more alike", "apart": "no"}


def _with_tanh(verdict: CollapseVerdict) -> Outcome:
    why = [_ends(verdict)]
    if verdict.outcome == "both apart":
        why.append("By this measure BN does not help here; the directions left (below) tell more.")
    if verdict.activation == "tanh" and verdict.plain.state == "apart":
        why.insert(1, "tanh gives values of both signs, so the angles do not shrink on average.")
    return Outcome(right=COLLAPSES.get(verdict.plain.state), why=" ".join(why))


WHICH = {
    "the mean": "subtracting the mean",
    "the standard deviation": "dividing by the standard deviation",
    "both": "neither alone",
}


def _which_half(verdict: CollapseVerdict) -> Outcome:
    right = WHICH.get(verdict.half)
    return Outcome(right=right, why=_halves(verdict) if right else of_halves(verdict))


TOGETHER = {"level": "yes", "rises": "no, they become alike", "falls": "even further apart"}


def _with_skip(verdict: CollapseVerdict) -> Outcome:
    right = TOGETHER[verdict.batch.way] if verdict.batch.state != "nothing left" else None
    return Outcome(right=right, why=" ".join((_ends(verdict), *_skip(verdict))))


CHALLENGES = (
    Challenge(
        name="deep",
        question="Thirty layers instead of four: how large is the last mean cosine of plain?",
        answers=tuple(MUCH.values()),
        setting={"depth": 30},
        outcome=_how_alike,
        expected=MUCH["high"],
        tempting=Tempting(MUCH["low"], Belief.SIZE_IS_CONTENT),
    ),
    Challenge(
        name="level",
        look=True,
        question="Look at BN's curve: what does it do from the first layer to the last?",
        answers=tuple(WAYS.values()),
        setting={"depth": 30},
        outcome=_bns_way,
        expected=WAYS["level"],
        tempting=Tempting(WAYS["rises"], None),
    ),
    Challenge(
        name="tanh",
        question="tanh instead of ReLU, thirty layers: do the samples become alike in plain?",
        answers=tuple(COLLAPSES.values()),
        setting={"activation": "tanh", "depth": 30},
        outcome=_with_tanh,
        expected=COLLAPSES["apart"],
        tempting=Tempting(COLLAPSES["alike"], Belief.ONLY_HELPS),
    ),
    Challenge(
        name="halves",
        question="Fifty layers of ReLU: which half of BN alone does as much as all of it?",
        answers=tuple(WHICH.values()),
        setting={"depth": 50},
        outcome=_which_half,
        expected=WHICH["both"],
        tempting=Tempting(WHICH["the standard deviation"], Belief.ONLY_SIZE),
        opens="parts",
    ),
    Challenge(
        name="skip",
        question="Thirty layers with skip connections: do the samples stay apart with BN?",
        answers=tuple(TOGETHER.values()),
        setting={"depth": 30, "skip": "on"},
        outcome=_with_skip,
        expected=TOGETHER["rises"],
        tempting=Tempting(TOGETHER["level"], Belief.ONLY_HELPS),
    ),
)
