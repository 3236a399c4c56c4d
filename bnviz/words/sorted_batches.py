"""Sorted batches: all that this part of the page says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bnviz.words.batches import lost
from bnviz.words.findings import Findings
from bnviz.words.names import RELATIVES
from bnviz.words.numbers import listed, many, percent, seeds

if TYPE_CHECKING:
    from bnviz.verdicts.sorted_batches import Company, SortedVerdict, Trained

INTRODUCTION = """
Now batches of 32 that hold **a few classes only**, as when a file is sorted by label, one user's
photos follow another's, or an agent sees one room at a time. The statistics are not noisy, but
they are those of the wrong crowd. The thin dotted lines are the same networks on mixed batches.
**Batch renormalization** mends BN's formula: it normalizes with running statistics in training too.
"""

SUBJECTS = {"plain": "Plain", "renorm": "Batch renormalization", "layer": "Layer norm"}
WHY = {
    "renorm": "it normalizes with running statistics, which remember other classes",
    "layer": "it never looks at the other samples",
    "plain": "it has no statistics that could be skewed",
}
"""Why one is better than BN."""


def findings(verdict: SortedVerdict) -> Findings:
    """What mini-batches of few classes do, beside the same networks on mixed ones."""
    if verdict.outcome == "all classes":
        return Findings(
            headline=f"These data have {verdict.all_classes} classes, so here a sorted batch holds"
            " all of them and nothing is skewed. Choose fewer classes."
        )
    said = [
        _in_company(verdict),
        *(_other(verdict.batch, one) for one in verdict.others),
        _shared(verdict),
        lost(verdict.lost),
        lost(verdict.mixed_lost, " on mixed batches"),
    ]
    return Findings(headline=_headline(verdict), more=tuple(filter(None, said)))


def _headline(verdict: SortedVerdict) -> str:
    few, mixed = verdict.batch.few, verdict.batch.mixed
    told = f"trained on batches of {_classes(verdict.classes)} BN "
    if few == few:  # no NaN
        right = "of the test samples right at inference"
        told += f"gets {percent(few)} {right}, on mixed batches {percent(mixed)}"
    else:
        told += f"diverged; test accuracy after mixed batches: {percent(mixed)}"
    match verdict.outcome:
        case "no comparison":
            return f"**No comparison here**: {told}."
        case "no harm":
            return f"**Sorted batches do no harm here**: {told}."
        case "unclear":
            return f"**The seeds do not agree whether sorted batches hurt BN**: {told}."
    hurt = "hurt here, with BN or without" if verdict.outcome == "hurt all" else "hurt BN"
    return f"**Sorted batches {hurt}**: {told}; worse in {seeds(verdict.worse_in, verdict.seeds)}."


def _classes(number: int) -> str:
    return "one class" if number == 1 else many(number, "class", "classes")


def _in_company(verdict: SortedVerdict) -> str:
    """BN in training mode, among the classes it was trained with, beside inference."""
    company = verdict.company
    if not company:
        return ""
    return (
        f"In training mode, in test batches of {_classes(verdict.classes)} as well, the same"
        f" network gets {percent(company.accuracy)}{_beside_inference(company, verdict.classes)}"
    )


def _beside_inference(company: Company, few: int) -> str:
    match company.told:
        case "good" | "better":
            return f": {company.told} in the company it knows, worse where that is gone."
        case "same":
            return ", about the same."
        case "unclear":
            return "; the seeds do not agree which mode is better."
        case "tells apart":
            return (
                f". Asked only which of the {few} classes of the batch it is, it gets"
                f" {percent(company.among)}: it tells them apart, but the mean that BN subtracts"
                " takes with it what tells them from all others."
            )
    return "."


def _other(batch: Trained, other: Trained) -> str:
    """What another treatment reaches on the same sorted batches, beside itself on mixed ones."""
    name = SUBJECTS[other.kind]
    mixed = f"on mixed ones {percent(other.mixed)}"
    if other.few != other.few:  # NaN
        too = mixed if other.mixed == other.mixed else "on mixed ones too"
        return f"{name} diverged on these batches; {too}."
    said = f"{name}, on the same batches: {percent(other.few)}, {mixed}"
    if batch.few != batch.few:
        return f"{said}; BN diverged."
    if other.against_batch == "unclear":
        return f"{said}; whether BN is better, the seeds do not agree."
    if other.against_batch == "same":
        return f"{said}; no better than BN."
    if other.against_batch == "second":
        return f"{said}; worse than BN."
    if not other.learned:
        return f"{said}; better than BN, but it learns too little as well."
    return f"{said}; better than BN: {WHY[other.kind]}."


def _shared(verdict: SortedVerdict) -> str:
    """Whether networks without batch statistics pay too."""
    losing = verdict.losing
    if verdict.outcome == "no comparison" or not losing:
        return ""
    names = listed([RELATIVES[kind] for kind in losing])
    told = f"{names[0].upper()}{names[1:]} {'lose' if len(losing) > 1 else 'loses'} by sorted"
    hard = "such batches are hard on SGD itself, with or without statistics"
    if verdict.outcome in {"no harm", "unclear"}:
        return f"{told} batches: {hard}."
    if verdict.no_less:
        no_less = listed([RELATIVES[kind] for kind in verdict.no_less])
        return f"{told} batches too: {hard}. BN loses no more than {no_less}."
    if verdict.ruined:
        ruined = listed([RELATIVES[kind] for kind in verdict.ruined])
        return f"{told} batches too: {hard}. With {ruined} too little is learned."
    return f"{told} batches too: {hard}. BN loses more."
