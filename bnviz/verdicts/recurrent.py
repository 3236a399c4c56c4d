"""The recurrent networks: whose statistics, and what longer sequences cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bnviz.verdicts import criteria
from bnviz.verdicts.criteria import Standing, clearly, standing, usual

if TYPE_CHECKING:
    from bnviz.experiments.recurrent import RecurrentResult

KEPT_IN_MIND = 4  # empty rows behind the image, of which is told


@dataclass(frozen=True, kw_only=True)
class Statistics:
    """BN with running statistics of each step, beside those that all steps share."""

    own: float
    shared: float
    leader: Standing  # its own first


@dataclass(frozen=True, kw_only=True)
class Longer:
    """With empty rows: who ends clearly worse than without, of those that did not diverge."""

    rows: int
    ends: dict[str, float]
    worse: tuple[str, ...]
    learned: bool  # whether any of them is still nearer to right than to guessing

    @property
    def kept(self) -> tuple[str, ...]:
        """Those that lose nothing clearly."""
        return tuple(arm for arm in self.ends if arm not in self.worse)


@dataclass(frozen=True, kw_only=True)
class RecurrentVerdict:
    """The recurrent networks that are trained yet; test accuracies, NaN: it diverged."""

    image_rows: int
    trained: dict[str, float]  # by arm
    learned: bool  # whether any of them does
    statistics: Statistics | None  # None: one of the two is missing
    late: Longer | None  # the image behind empty rows
    early: Longer | None  # the image before them


def judge(results: Sequence[RecurrentResult]) -> RecurrentVerdict:
    """Whose statistics are better, and who loses by longer sequences."""
    by = {one.config.arm: one for one in results}
    first = next(iter(by.values()))
    trained = {arm: usual(one.late[:, 0]) for arm, one in by.items()}
    classes = first.config.data().classes
    return RecurrentVerdict(
        image_rows=first.image_rows,
        trained=trained,
        learned=any(criteria.learned(end, classes) for end in trained.values()),
        statistics=_statistics(by, trained),
        late=_longer(by, classes, late=True, place=-1),
        early=_longer(by, classes, late=False, place=list(first.rows).index(KEPT_IN_MIND)),
    )


def _statistics(
    by: Mapping[str, RecurrentResult], trained: Mapping[str, float]
) -> Statistics | None:
    if not {"per step", "shared"} <= set(by):
        return None
    own, shared = trained["per step"], trained["shared"]
    if not np.isfinite([own, shared]).all():
        return None
    leader = standing(by["per step"].late[:, 0], by["shared"].late[:, 0])
    return Statistics(own=own, shared=shared, leader=leader)


def _longer(
    by: Mapping[str, RecurrentResult], classes: int, *, late: bool, place: int
) -> Longer | None:
    rows = {arm: one.late if late else one.early for arm, one in by.items()}
    ends = {arm: usual(of[:, place]) for arm, of in rows.items()}
    ends = {arm: accuracy for arm, accuracy in ends.items() if np.isfinite(accuracy)}
    if not ends:
        return None
    return Longer(
        rows=int(next(iter(by.values())).rows[place]),
        ends=ends,
        worse=tuple(
            arm for arm in ends if clearly(rows[arm][:, 0], rows[arm][:, place]) == "first"
        ),
        learned=any(criteria.learned(end, classes) for end in ends.values()),
    )
