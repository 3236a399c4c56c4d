"""Sorted batches: all that this part of the page says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bnviz.words.batches.errors import lost, lost_on_mixed
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
BETTER = {
    "renorm": (
        "That is better than BN: it normalizes with running averages, which remember other classes."
    ),
    "layer": "That is better than BN: it never looks at the other samples.",
    "plain": "That is better than BN: it has no statistics that could be skewed.",
}

HURT = {
    "no harm": (
        "Sorted batches do BN no harm here: {few} test accuracy, after mixed batches {mixed}."
    ),
    "unclear": (
        "The seeds do not agree whether sorted batches hurt BN: {few} test accuracy, after mixed"
        " batches {mixed}."
    ),
    "hurt all": (
        "Sorted batches hurt here, with BN or without. BN: {few} test accuracy, after mixed batches"
        " {mixed}; worse in {worse}."
    ),
    "hurt": (
        "Sorted batches hurt BN: {few} test accuracy, after mixed batches {mixed}; worse in"
        " {worse}."
    ),
}
DIVERGED = {
    "no harm": ("BN diverged on sorted batches; after mixed batches it has {mixed} test accuracy."),
    "unclear": (
        "The seeds do not agree whether sorted batches hurt BN. It diverged; after mixed batches it"
        " has {mixed} test accuracy."
    ),
    "hurt all": (
        "Sorted batches hurt here, with BN or without. BN diverged, worse in {worse}; after mixed"
        " batches it has {mixed} test accuracy."
    ),
    "hurt": (
        "Sorted batches hurt BN: it diverged, worse in {worse}; after mixed batches it has {mixed}"
        " test accuracy."
    ),
}
"""The headline, where most seeds of BN ended, and where most diverged."""


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
        lost_on_mixed(verdict.mixed_lost),
    ]
    return Findings.told(_headline(verdict), *filter(None, said))


def _headline(verdict: SortedVerdict) -> str:
    few, mixed = verdict.batch.few, percent(verdict.batch.mixed)
    if verdict.outcome == "no comparison":
        return f"No comparison here: BN learns too little on mixed batches ({mixed})."
    told = HURT if few == few else DIVERGED  # NaN
    worse = seeds(verdict.worse_in, verdict.seeds)
    return told[verdict.outcome].format(few=percent(few), mixed=mixed, worse=worse)


def _classes(number: int) -> str:
    return "one class" if number == 1 else many(number, "class", "classes")


def _in_company(verdict: SortedVerdict) -> str:
    """BN in training mode, among the classes it was trained with, beside inference."""
    company = verdict.company
    if not company:
        return ""
    said = (
        f"In training mode, on test batches that hold {_classes(verdict.classes)} as well, the same"
        f" network has {percent(company.accuracy)} test accuracy."
    )
    return f"{said} {_beside_inference(company, verdict.classes)}".strip()


def _beside_inference(company: Company, few: int) -> str:
    match company.told:
        case "good":
            return "It is good among the classes it knows, worse at inference."
        case "better":
            return "It is better among the classes it knows, worse at inference."
        case "same":
            return "At inference it has about the same."
        case "unclear":
            return "The seeds do not agree which mode is better."
        case "tells apart":
            return (
                f"Asked only which of the {few} classes of the batch it is, it gets"
                f" {percent(company.among)} right: it tells these classes apart. But with the mean"
                " of the batch BN subtracts what tells them from all others."
            )
    return ""


def _other(batch: Trained, other: Trained) -> str:
    """What another treatment reaches on the same sorted batches, beside itself on mixed ones."""
    name, mixed = SUBJECTS[other.kind], percent(other.mixed)
    if other.few != other.few:  # NaN
        if other.mixed != other.mixed:
            return f"{name} diverged on sorted batches; on mixed ones too."
        return f"{name} diverged on sorted batches; after mixed ones it has {mixed} test accuracy."
    said = (
        f"{name} has {percent(other.few)} test accuracy after sorted batches, after mixed ones"
        f" {mixed}."
    )
    return f"{said} {_beside_batch(batch, other)}".strip()


def _beside_batch(batch: Trained, other: Trained) -> str:
    if batch.few != batch.few:  # NaN
        return ""
    match other.against_batch:
        case "unclear":
            return "Whether BN is better, the seeds do not agree."
        case "same":
            return "That is no better than BN."
        case "second":
            return "That is worse than BN."
    if not other.learned:
        return "That is better than BN, but it learns too little as well."
    return BETTER[other.kind]


def _shared(verdict: SortedVerdict) -> str:
    """Whether networks without batch statistics pay too."""
    losing = listed([RELATIVES[kind] for kind in verdict.losing])
    if verdict.outcome == "no comparison" or not losing:
        return ""
    if verdict.outcome in {"no harm", "unclear"}:
        return (
            f"Sorted batches cost accuracy with {losing}: they are hard on SGD itself, with or"
            " without statistics."
        )
    return (
        f"Sorted batches cost accuracy with {losing}, too: they are hard on SGD itself, with or"
        f" without statistics. {_beside_the_losing(verdict)}"
    )


def _beside_the_losing(verdict: SortedVerdict) -> str:
    if verdict.no_less:
        return f"BN loses no more than {listed([RELATIVES[kind] for kind in verdict.no_less])}."
    if verdict.ruined:
        ruined = listed([RELATIVES[kind] for kind in verdict.ruined])
        return f"With {ruined} too little is learned."
    return "BN loses more."
