"""What sorted batches cost: each treatment beside itself on mixed batches, and beside BN."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from bnviz.verdicts import criteria
from bnviz.verdicts.batches import Lost, lost
from bnviz.verdicts.criteria import SAME, Standing, standing, usual

if TYPE_CHECKING:
    from bnviz.experiments.sorted_batches import SortedResult

Outcome = Literal["all classes", "no comparison", "no harm", "unclear", "hurt all", "hurt"]
InCompany = Literal["good", "better", "same", "unclear", "tells apart", "worse"]

WITHOUT_STATISTICS = ("plain", "layer")  # of a batch


@dataclass(frozen=True, kw_only=True)
class Trained:
    """One treatment at inference, after sorted and after mixed batches; NaN: most diverged."""

    kind: str
    few: float  # test accuracy, trained on sorted batches
    mixed: float  # the same, trained on mixed batches
    learned: bool  # on sorted batches
    cost: Standing  # mixed batches first, sorted ones second: after which it is clearly better
    against_batch: Standing  # it first, BN second, both on sorted batches

    @property
    def lost(self) -> float:
        """What sorted batches take from its accuracy; a network that diverged loses all."""
        return float(np.nan_to_num(self.mixed) - np.nan_to_num(self.few))


@dataclass(frozen=True, kw_only=True)
class Company:
    """BN in training mode, in test batches that are sorted as well."""

    told: InCompany  # beside inference
    accuracy: float
    among: float  # if only the classes of the batch could be named


@dataclass(frozen=True, kw_only=True)
class SortedVerdict:
    """What batches of few classes do to BN, and to the others."""

    outcome: Outcome
    classes: int  # in a sorted batch
    all_classes: int
    seeds: int
    batch: Trained
    others: tuple[Trained, ...]
    worse_in: int  # seeds in which BN is clearly behind itself on mixed batches
    company: Company | None  # None: BN diverged
    losing: tuple[str, ...]  # those without batch statistics that lose as well
    no_less: tuple[str, ...]  # of these, those that lose as much as BN or more
    ruined: tuple[str, ...]  # and those that do not learn any more: they had less to lose
    lost: tuple[Lost, ...]
    mixed_lost: tuple[Lost, ...]  # the same on mixed batches


def judge(result: SortedResult) -> SortedVerdict:
    """BN on sorted batches, beside itself on mixed ones and beside the others."""
    config = result.config
    few, classes = config.in_a_batch(), config.data().classes
    trained = {kind: _trained(result, kind, classes) for kind in result.accuracy}
    batch = trained.pop("batch")
    losing = [one for kind, one in trained.items() if _loses(kind, one, classes)]
    no_less = tuple(one.kind for one in losing if batch.lost - one.lost < SAME)
    ruined = tuple(one.kind for one in losing if not one.learned)
    return SortedVerdict(
        outcome=_outcome(few, classes, batch, bool(no_less or ruined)),
        classes=few,
        all_classes=classes,
        seeds=config.seeds,
        batch=batch,
        others=tuple(trained.values()),
        worse_in=criteria.score(
            result.mixed["batch"][:, -1], result.accuracy["batch"][:, -1], within=SAME
        ).first,
        company=_company(result, few, classes),
        losing=tuple(one.kind for one in losing),
        no_less=no_less,
        ruined=ruined,
        lost=lost(result.diverged_at),
        mixed_lost=lost(result.mixed_diverged_at),
    )


def _trained(result: SortedResult, kind: str, classes: int) -> Trained:
    few, mixed = result.accuracy[kind][:, -1], result.mixed[kind][:, -1]
    return Trained(
        kind=kind,
        few=usual(few),
        mixed=usual(mixed),
        learned=criteria.learned(usual(few), classes),
        cost=standing(mixed, few),
        against_batch=standing(few, result.accuracy["batch"][:, -1]),
    )


def _outcome(few: int, classes: int, batch: Trained, others_too: bool) -> Outcome:
    if few >= classes:
        return "all classes"
    if not criteria.learned(batch.mixed, classes):
        return "no comparison"
    if batch.cost != "first":
        return "unclear" if batch.cost == "unclear" and batch.lost > 0 else "no harm"
    return "hurt all" if others_too else "hurt"


def _company(result: SortedResult, few: int, classes: int) -> Company | None:
    values = [
        one[:, -1] for one in (result.in_company["batch"], result.accuracy["batch"], result.among)
    ]
    own, inference, among = map(usual, values)
    if not np.isfinite([own, inference]).all():
        return None
    match standing(values[0], values[1]):
        case "first":
            told: InCompany = "good" if criteria.learned(own, classes) else "better"
        case "same" | "unclear" as beside:
            told = beside
        case _:
            apart = few > 1 and criteria.learned(among, few) and not criteria.learned(own, classes)
            told = "tells apart" if apart and among > own + SAME else "worse"
    return Company(told=told, accuracy=own, among=among)


def _loses(kind: str, one: Trained, classes: int) -> bool:
    """Whether a network without batch statistics learns on mixed batches, and worse on these."""
    learned = criteria.learned(one.mixed, classes)
    return kind in WITHOUT_STATISTICS and learned and one.cost == "first"
