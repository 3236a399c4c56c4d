"""How much can γ and β do alone?: what a run shows, and what it says of what is often believed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bnviz.verdicts.alone import TARGET
from bnviz.words.belief import Belief
from bnviz.words.findings import Findings
from bnviz.words.numbers import (
    fine_percent,
    fine_percent_between,
    listed,
    many,
    percent,
    seeds,
)

if TYPE_CHECKING:
    from bnviz.verdicts.alone import AloneVerdict, More, Part, SizesVerdict
    from bnviz.verdicts.criteria import Standing

NAMES = {
    "affine": "γ and β alone",
    "output": "the output layer alone",
    "random": "as many random weights",
    "all": "everything",
}


def findings(verdict: AloneVerdict) -> Findings:
    """What this run shows, the most important first."""
    return Findings.told(
        _headline(verdict), _few(verdict), everything(verdict), _others(verdict), *_lost(verdict)
    )


def _headline(verdict: AloneVerdict) -> str:
    reached = percent(verdict.affine.accuracy)
    return {
        "diverged": "Training γ and β alone diverges here.",
        "level": "γ and β alone do as well as everything trained.",
        "ahead": "γ and β alone do better here than everything trained.",
        "far": f"γ and β alone reach a test accuracy of {reached}.",
        "unclear": f"γ and β alone reach a test accuracy of {reached}.",
        "not enough": f"γ and β alone are not enough here: they reach {reached}.",
    }[verdict.outcome]


def medians(verdict: AloneVerdict) -> str:
    return " (medians)" if verdict.seeds > 1 else ""


def _few(verdict: AloneVerdict) -> str:
    share, trained = fine_percent(verdict.affine.share), f"{verdict.affine.trained:,}"
    if verdict.depth == 1:
        return f"γ and β are {share} of the parameters: {trained} numbers in one hidden layer."
    return (
        f"γ and β are {share} of the parameters: {trained} numbers in all hidden layers together."
    )


def everything(verdict: AloneVerdict) -> str:
    ends = [percent(one.accuracy) for one in (verdict.all, verdict.affine)]
    return (
        f"With everything trained, test accuracy ends at {ends[0]}; with γ and β alone, at"
        f" {ends[1]}{medians(verdict)}."
    )


def _others(verdict: AloneVerdict) -> str:
    ends = [percent(one.accuracy) for one in (verdict.random, verdict.output)]
    return (
        f"With as many random weights, it ends at {ends[0]}; with the output layer alone, at"
        f" {ends[1]}."
    )


def _lost(verdict: AloneVerdict) -> list[str]:
    named = {name: getattr(verdict, part).diverged for part, name in NAMES.items()}
    return [
        f"Training {name} diverged in {seeds(lost, verdict.seeds)}."
        for name, lost in named.items()
        if lost
    ]


OFF: dict[More, str] = {
    "affine": "γ and β alone",
    "all": "everything",
    "same": "about the same",
}


def of_gamma(verdict: AloneVerdict) -> str:
    """What γ does, alone and beside everything else."""
    if verdict.off == "no number":
        return "There is nothing to compare: no seed has both networks to the end."
    told = {
        "affine": "Trained alone, γ switches off more units.",
        "all": "With everything trained, γ switches off more units.",
        "same": "γ switches off about as many units in both networks.",
    }[verdict.off]
    return f"**{told}** {off(verdict)}"


def off(verdict: AloneVerdict) -> str:
    alone, everything = (fine_percent(one.off.middle) for one in (verdict.affine, verdict.all))
    return (
        f"At the end |γ| is below 0.1 in {alone} of the hidden units if γ and β alone are trained,"
        f" and in {everything} if everything is{medians(verdict)}."
    )


def of_sizes(verdict: SizesVerdict, done: int, of: int) -> str:
    """With how many numbers each part gets to TARGET, and where γ and β get highest.

    done: of so many sizes.
    """
    found = [one for one in verdict.reached if one.trained is not None]
    never = [NAMES[one.part] for one in verdict.reached if one.trained is None]
    goal = f"a median test accuracy of {percent(TARGET)}"
    told = [f"To {goal} it takes"] if found else []
    told += [
        f"- {one.trained:,} numbers with {NAMES[one.part]}, at {_sized(verdict.by, one.size)};"
        for one in found
    ]
    if told:
        told[-1] = f"{told[-1].removesuffix(';')}."
    if never:
        told += ["", f"With {listed(never, 'or')}, none of these networks reaches {goal}."]
    told += ["", _highest(verdict)]
    if done < of:
        told.append(f"({many(done, verdict.by)} of {of} so far.)")
    return "\n".join(told)


def _highest(verdict: SizesVerdict) -> str:
    """Where γ and β alone end highest, and as which share: not where that is largest."""
    best = verdict.best
    if best is None:
        return "Trained alone, γ and β diverge in all of these networks."
    *before, last = best.sizes
    where = listed([*map(str, before), _sized(verdict.by, last)])
    if verdict.by == "width":
        where = f"width {listed([str(size) for size in best.sizes])}"
    share = fine_percent_between(*best.shares)
    if best.smallest in best.sizes:
        return f"γ and β alone end highest at {where}: there they are {share} of the parameters."
    at, of = _sized(verdict.by, best.smallest), fine_percent(best.of_smallest)
    return (
        f"γ and β alone end highest at {where}: there they are {share} of the parameters, at {at}"
        f" they are {of}."
    )


def _sized(by: str, size: int) -> str:
    return many(size, "hidden layer") if by == "depth" else f"width {size}"


def beliefs(verdict: AloneVerdict) -> dict[str, str]:
    """What is often believed, with what this run says of it."""
    return {
        Belief.ONLY_RESCALE: _only_rescale(verdict),
        Belief.NUMBER_COUNTS: _number_counts(verdict),
        Belief.OUTPUT_LEARNS: _output_learns(verdict),
    }


def _only_rescale(verdict: AloneVerdict) -> str:
    match verdict.level:
        case "no number":
            return "This run cannot tell: trained alone, γ and β diverge."
        case "low":
            return f"Alone they do not get far here. {everything(verdict)}"
    return f"Not here: no weight is trained, and yet they learn. {everything(verdict)}"


def _number_counts(verdict: AloneVerdict) -> str:
    ends = two(verdict, verdict.random, "random weights")
    told: dict[Standing, str] = {
        "first": "Not here: as many random weights do less.",
        "second": "Not here: as many random weights do more.",
        "same": "It looks so here: as many random weights do about the same.",
        "unclear": "This run cannot tell: the seeds do not agree.",
    }
    return f"{told[verdict.beside_random]} {ends}"


def _output_learns(verdict: AloneVerdict) -> str:
    ends = two(verdict, verdict.output, "the output layer")
    if verdict.level in ("middle", "high"):
        return f"Not here: γ and β learn as well, and the output layer stays random. {ends}"
    told: dict[Standing, str] = {
        "first": "Not here: the output layer alone does even less than γ and β.",
        "second": "It looks so here: γ and β alone do not get far, the output layer does more.",
        "same": "This run cannot tell: γ and β do not get far, nor does the output layer.",
        "unclear": "This run cannot tell: γ and β do not get far, and the seeds do not agree.",
    }
    return f"{told[verdict.beside_output]} {ends}"


def two(verdict: AloneVerdict, other: Part, name: str) -> str:
    ends = [percent(one.accuracy) for one in (verdict.affine, other)]
    return (
        f"With γ and β, test accuracy ends at {ends[0]}; with {name}, at"
        f" {ends[1]}{medians(verdict)}."
    )
