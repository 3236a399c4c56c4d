"""Sorted batches: all that this part of the page says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bnviz.words.batches.errors import lost
from bnviz.words.findings import Findings
from bnviz.words.names import RELATIVES
from bnviz.words.numbers import listed, many, percent, seeds

if TYPE_CHECKING:
    from bnviz.verdicts.sorted_batches import Company, SortedVerdict, Trained

INTRODUCTION = """
Batches of 32 with **a few classes only**, as when a file is sorted by label, or an agent sees one
room at a time. The statistics are not noisy, but they belong to the wrong classes. Dotted lines:
the same networks on mixed batches. **Batch renormalization** is a remedy: it normalizes with the
running averages in training too.
"""

SUBJECTS = {"plain": "Plain", "renorm": "Batch renormalization", "layer": "Layer norm"}
WHY = {
    "renorm": "it normalizes with running averages, which remember other classes",
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
    return Findings.told(_headline(verdict), *filter(None, said))


def _headline(verdict: SortedVerdict) -> str:
    few, mixed = verdict.batch.few, verdict.batch.mixed
    ends = f"{percent(few)} test accuracy" if few == few else "it diverged"  # NaN
    told = f"{ends}, after mixed batches {percent(mixed)}"
    match verdict.outcome:
        case "no comparison":
            return f"No comparison here: BN learns too little on mixed batches ({percent(mixed)})."
        case "no harm":
            return f"Sorted batches do BN no harm here: {told}."
        case "unclear":
            return f"The seeds do not agree whether sorted batches hurt BN: {told}."
    worse = seeds(verdict.worse_in, verdict.seeds)
    if verdict.outcome == "hurt all":
        return f"Sorted batches hurt here, with BN or without. BN: {told}; worse in {worse}."
    return f"Sorted batches hurt BN: {told}; worse in {worse}."


def _classes(number: int) -> str:
    return "one class" if number == 1 else many(number, "class", "classes")


def _in_company(verdict: SortedVerdict) -> str:
    """BN in training mode, among the classes it was trained with, beside inference."""
    company = verdict.company
    if not company:
        return ""
    return (
        f"In training mode, on test batches that hold {_classes(verdict.classes)} as well, the same"
        f" network has {percent(company.accuracy)} test"
        f" accuracy{_beside_inference(company, verdict.classes)}"
    )


def _beside_inference(company: Company, few: int) -> str:
    match company.told:
        case "good" | "better":
            return f": {company.told} among the classes it knows, worse at inference."
        case "same":
            return ", about the same."
        case "unclear":
            return "; the seeds do not agree which mode is better."
        case "tells apart":
            return (
                f". Asked only which of the {few} classes of the batch it is, it gets"
                f" {percent(company.among)} right: it tells these classes apart. But with the mean"
                " of the batch BN subtracts what tells them from all others."
            )
    return "."


def _other(batch: Trained, other: Trained) -> str:
    """What another treatment reaches on the same sorted batches, beside itself on mixed ones."""
    name = SUBJECTS[other.kind]
    mixed = f"after mixed ones {percent(other.mixed)}"
    if other.few != other.few:  # NaN
        too = mixed if other.mixed == other.mixed else "on mixed ones too"
        return f"{name} diverged on sorted batches; {too}."
    said = f"{name} has {percent(other.few)} test accuracy after sorted batches, {mixed}."
    if batch.few != batch.few:
        return said
    match other.against_batch:
        case "unclear":
            return f"{said} Whether BN is better, the seeds do not agree."
        case "same":
            return f"{said} That is no better than BN."
        case "second":
            return f"{said} That is worse than BN."
    if not other.learned:
        return f"{said} That is better than BN, but it learns too little as well."
    return f"{said} That is better than BN: {WHY[other.kind]}."


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
