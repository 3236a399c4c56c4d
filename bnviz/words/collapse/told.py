"""Can the last layer still tell the samples apart?: what a run shows, and the beliefs."""

from __future__ import annotations

from math import isnan
from typing import TYPE_CHECKING

from bnviz.words.belief import Belief
from bnviz.words.findings import Findings
from bnviz.words.numbers import hundredths, listed, many, percent, seeds, steps

if TYPE_CHECKING:
    from bnviz.verdicts.collapse import CollapseVerdict, TrainedVerdict

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
        told += [ends(verdict), *_in_seeds(verdict), *_directions(verdict), *skip_sums(verdict)]
    elif verdict.outcome == "nothing left":
        told += [_nothing(verdict)]
    return Findings.told(*told, *_two(verdict))


def ends(verdict: CollapseVerdict) -> str:
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


def skip_sums(verdict: CollapseVerdict) -> list[str]:
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
    return f"{HALVES[verdict.half]} {halves(verdict)}"


def halves(verdict: CollapseVerdict) -> str:
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
        return f"This run cannot tell: without BN the samples stay as far apart. {ends(verdict)}"
    if verdict.half == "unclear":
        return "This run cannot tell: the seeds do not agree."
    return f"Here it does: dividing by the standard deviation alone is enough. {end}"


def _only_size(verdict: CollapseVerdict) -> str:
    match verdict.half:
        case "both" | "the mean":
            return f"Not here: without subtracting the mean it does less. {halves(verdict)}"
        case "no need":
            return "This run cannot tell: there is nothing for BN to mend in the cosines."
        case "unclear":
            return "This run cannot tell: the seeds do not agree."
    return f"It looks so here. {halves(verdict)}"


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
