"""The loss landscape: all that its page says, but of the surface around a point."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bnviz.verdicts.landscape import FAR_LONGER
from bnviz.words.findings import Findings
from bnviz.words.names import NAMES, SUBJECTS
from bnviz.words.numbers import (
    apart,
    learning_rates,
    listed,
    percent,
    seeds,
    significant,
    times,
    times_between,
)
from bnviz.words.pair import factor, no_comparison, not_compared, over_seeds

if TYPE_CHECKING:
    from bnviz.verdicts.landscape import Bears, LandscapeVerdict, Longer, Steepest

INTRODUCTION = """
If it is not the shift, it may be the ground. Training walks downhill in the dark: it feels the
slope under its feet and takes a step. How far the ground keeps what the slope promises decides how
long that step may be. Here we look at the loss **along the gradient**, at every moment of training,
and then **all around** one point.
"""

PRESETS: dict[str, dict[str, Any]] = {
    "About the largest rate plain survives": {"learning_rate": 0.32},
    "Skip connections in 12 layers": {"skip": "on", "depth": 12, "gain": 0.5},
    "Where BN does not help: tanh": {"activation": "tanh", "learning_rate": 0.32},
    "Look along the path": {"plane": "path of training"},
}
GUESS = (
    "On the first mini-batches, how long a step of up to 100 does BN bear before the loss is"
    " tenfold, beside plain at the same setting?"
)

CLOSER = {
    "long": "How long may a step be?",
    "around": "What does the ground look like all around a point?",
}

SURFACE = """
Two directions through the space of all weights make a plane; the cross is the network of a typical
seed, which is named. What is said of basins is counted over all seeds.
In the random plane each row of a weight matrix moves by as much as it is long, so that networks
with large and small weights can be compared. Biases, γ and β stay where they are.
"""
LONG_STEPS = """
Take the gradient of one of the first three mini-batches, and walk along it, up to 100 times its
length: what happens to the loss of that mini-batch?
"""

LONGER: dict[Longer, str] = {
    "shorter": "a shorter one",
    "alike": "about as long",
    "longer": f"up to {FAR_LONGER:g} times as long",
    "far longer": f"more than {FAR_LONGER:g} times as long",
}
GUESSES = tuple(LONGER.values())

SKIPS = (
    "Is it BN alone that smooths?",
    "The surface above, without and with skip connections, one after the other.",
)

NOTES = {
    "How it is measured": """
**Along the gradient.** At a record, before the update, g is the gradient of the mini-batch loss
with respect to all parameters together. The loss is taken again at θ − a g for eight lengths a, on
the same mini-batch with its own statistics; then everything is put back. The band goes from the
lowest to the highest of these losses (median over the seeds), the line is the loss before the
walk. The sentences compare the width of the band, averaged over training, in the seeds where
**both** losses fell to less than half.

**Around a point.** The loss of 256 training samples at 21 x 21 points or more (fewer for large
networks). Contours show the logarithm of the loss, both networks on one scale; what is above 100 or
below 0.01 is drawn there. The "path of training" is the plane through the chosen moment along the
two directions in which the weights moved most; there all parameters move, biases, γ and β included,
and each network has a plane of its own. With BN the loss depends on the statistics: taken anew from
the 256 samples at each point, or the running ones of that moment, held fixed; then, at the settings
this page starts with, its basin is hardly the wider one any more. *Clearly better than guessing*,
the basin, is a loss below 90 % of ln(number of classes); *curves downwards* is judged there, from
the second differences inside the plane. Every seed's pair has a square of its own; drawn is the
seed whose basins are nearest to the median ones.

**Long steps.** 19 lengths from 0.0001 to 100; the median of three mini-batches, then of the seeds.
""",
    "The mathematics": r"""
Loss variation (Santurkar et al. 2018, Section 3.2): the range over $a$ of
$L(\theta_t - a\,g)$ with $g = \nabla L(\theta_t)$, for $a$ from ½ to 4 learning rates.

The surface (Li et al. 2018): $L(\theta + x\,d_1 + y\,d_2)$, with each row $i$ of each weight
matrix of a random direction scaled to the length of the same row of the network,
$d_i \leftarrow d_i\,\lVert\theta_i\rVert / \lVert d_i\rVert$. Without this a network with large
weights looks smoother than one with small weights, although with BN both compute the same.
""",
    "What the papers found": """
Santurkar et al. (2018) found a far narrower band with BN in a VGG network, and argue that this is
how BN helps. Li et al. (2018) showed with filter-normalized planes that skip connections smooth the
surface of deep networks, too. Bjorck et al. (2018) looked at the first mini-batches: without BN,
the loss explodes at step lengths that are harmless with it; they conclude that this is how BN
allows a large learning rate. A surface is a picture of two directions among many thousands; it
shows, it does not prove.
""",
}


def findings(verdict: LandscapeVerdict) -> Findings:
    """What this run shows along the gradient."""
    first = _roughness(verdict) if verdict.varied else no_comparison(verdict.fell, verdict.seeds)
    more = (*map(_steepest, verdict.steepest), bears(verdict.bears), *not_compared(verdict.lost))
    return Findings(headline=first, more=more)


def _roughness(verdict: LandscapeVerdict) -> str:
    varied = verdict.varied
    assert varied
    where = f"Within {learning_rates(verdict.reach)} along the gradient"
    if verdict.varies == "plain":
        return (
            f"{where}, **plain's loss varies {factor(varied)} as much as BN's** (averaged over"
            f" training; {over_seeds(varied)})."
        )
    if verdict.varies == "batch":
        meaning = "at this setting BN's ground is the rougher one."
        if verdict.rougher != "batch":
            meaning = (
                "it falls further; its walks hardly ever lead upwards, so that is not roughness."
            )
        return (
            f"{where}, **BN's loss varies {factor(varied)} as much as plain's**"
            f" ({over_seeds(varied)}): {meaning}"
        )
    if verdict.varies == "unclear":
        return (
            f"{where}, **the seeds do not agree** whose loss varies more (averaged over training):"
            f" plain's does in {seeds(varied.larger, varied.ratio.seeds)}."
        )
    return f"{where}, **both losses vary about as much** (averaged over training)."


def _steepest(walk: Steepest) -> str:
    """Where the walk led up the most."""
    name = SUBJECTS[walk.treatment]
    if walk.upwards == "once":
        start, end = _losses(walk)
        return (
            f"{name}'s steepest walk is at step {walk.step}: its loss goes from {start} up to"
            f" {end}."
        )
    ever = "never" if walk.upwards == "never" else "hardly ever"
    return f"{name}'s walks {ever} lead above where they start."


def _losses(walk: Steepest) -> tuple[str, str]:
    """Before the walk and on it, in as many digits as it takes to see that it rose."""
    if walk.highest < float("inf"):
        return apart(walk.start, walk.highest)
    return loss(walk.start), loss(walk.highest)


def loss(value: float) -> str:
    """A loss of any size: 0.032, 7.1, 1,143, some 10¹²."""
    return significant(value) if value < float("inf") else "more than a 32-bit float can hold"


def bears(verdict: Bears) -> str:
    """From which step length on the loss of the first mini-batches is tenfold."""
    begin = "On the first mini-batches, a step along the gradient makes the loss tenfold "
    plain, batch = significant(verdict.plain), significant(verdict.batch)
    match verdict.outcome:
        case "at once":
            where = {"plain": "without BN", "batch": "with BN"}
            who = listed([where[name] for name in verdict.at_once])
            return f"{begin}already at {verdict.shortest:g}, the shortest we tried, {who}."
        case "neither":
            return f"{begin}at no length up to {verdict.longest:g}, with BN or without."
        case "plain only":
            return f"{begin}from a length of {plain} on without BN; with it, at none we tried."
        case "BN only":
            return f"{begin}from a length of {batch} on with BN; without it, at none we tried."
    return f"{begin}from a length of {plain} on without BN and {batch} with it: {_longer(verdict)}."


def _longer(verdict: Bears) -> str:
    if verdict.longer == "alike":
        return "both bear about as much"
    if not verdict.agree:
        return "the seeds do not agree who bears more"
    one = verdict.ratio
    who, low, middle, high = "BN", one.low, verdict.batch / verdict.plain, one.high
    if verdict.longer == "shorter":
        who, low, middle, high = "plain", 1 / high, 1 / middle, 1 / low
    return f"{who} bears steps {times(middle)} as long{_spread(verdict, low, high)}"


def _spread(verdict: Bears, low: float, high: float) -> str:
    """Between what such a ratio lies; a seed in which a loss is nowhere tenfold has none."""
    if verdict.ratio.seeds == verdict.seeds == 1:
        return ""
    where = "over the seeds"
    if verdict.ratio.seeds < verdict.seeds:
        where = f"in {seeds(verdict.ratio.seeds, verdict.seeds)}, where both become tenfold"
    return f" ({times_between(low, high)} {where})"


def guess(verdict: LandscapeVerdict) -> tuple[str, str]:
    """The right answer to GUESS, and why."""
    return LONGER[verdict.bears.longer], bears(verdict.bears)


def beliefs(verdict: LandscapeVerdict) -> dict[str, str]:
    """What is often believed, and what this run says of it."""
    return {
        "Along the negative gradient the loss falls": _falls(verdict),
        "On smoother ground a network learns faster": _faster(verdict),
    }


def _falls(verdict: LandscapeVerdict) -> str:
    named = zip(verdict.rises, NAMES.values(), strict=True)
    known = {name: share for share, name in named if share == share}  # no NaN
    if not known:
        return "This run cannot tell: both networks diverged before their first record."
    if not any(known.values()):
        return "At this learning rate it never rose. Take a larger one, and it may."
    said = " and in ".join(f"{percent(share)} of {name}'s" for name, share in known.items())
    return (
        "Only if the step is short enough. Here one learning rate along the gradient raised the"
        f" loss of its own mini-batch in {said} recorded steps."
    )


def _faster(verdict: LandscapeVerdict) -> str:
    if not verdict.varied:
        return "This run cannot tell: there is no pair in which both losses fell."
    plain, batch = map(percent, verdict.accuracy)
    ends = f"plain ends at {plain}, BN at {batch} test accuracy"
    if not verdict.rougher:
        return f"This run cannot tell: neither network has clearly the smoother ground; {ends}."
    smoother = "BN" if verdict.rougher == "plain" else "plain"
    if verdict.ahead == "unclear":
        return (
            f"This run cannot tell: {smoother} has the smoother ground, and {ends}, but not in most"
            " of the seeds compared."
        )
    ahead = {"first": "plain", "second": "BN", "same": None}[verdict.ahead]
    if not ahead:
        return (
            f"Not by itself: {smoother} has the smoother ground, and at the same rate, {ends}:"
            " about the same. What smooth ground allows is a larger rate."
        )
    if ahead == smoother:
        return f"Here it goes together: {smoother} has the smoother ground, and {ends}."
    return f"Not here: {smoother} has the smoother ground, but {ends}."
