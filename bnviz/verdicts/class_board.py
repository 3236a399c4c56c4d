"""How the runs of a class spread: the middle one, the quartiles, and along which knobs.

A run counts with its one number, `verdicts.lab.kept`; where its median seed diverged, it is behind
every other run.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bnviz.verdicts import criteria, lab, lab_configs

if TYPE_CHECKING:
    from bnviz.experiments.class_board import Entry

NORMALIZER, ONWARD = "Normalizer", "Continuations"
QUARTERS = 4
"""Runs: with fewer, there are no quartiles."""


@dataclass(frozen=True, kw_only=True)
class Student:
    """One run on the board."""

    number: int  # in the list, from 1
    name: str  # "": none
    traits: lab_configs.Traits
    end: lab.Kept
    low: float  # of the seeds that did not diverge; NaN: all did
    high: float
    steps: int

    @property
    def lost(self) -> bool:
        return not np.isfinite(self.end.accuracy)


@dataclass(frozen=True, kw_only=True)
class Group:
    """The runs that share one setting of a knob."""

    setting: str  # as the knob shows it; "": it means nothing to these runs
    members: tuple[int, ...]  # places in BoardVerdict.students
    middle: float  # accuracy of the middle run; NaN: it diverged


@dataclass(frozen=True, kw_only=True)
class Along:
    """The runs by the settings of one knob, in its order."""

    knob: str  # its label
    groups: tuple[Group, ...]
    best: tuple[int, ...]  # places of the groups whose middle runs are about the same as the best
    top: float  # the best of them; NaN: all diverged
    worst: int

    @property
    def level(self) -> bool:
        """Whether all groups are about the same."""
        return len(self.best) == len(self.groups)


@dataclass(frozen=True, kw_only=True)
class BoardVerdict:
    """The runs of a class, and how they spread."""

    students: tuple[Student, ...]  # in the order of the list
    lowest: float  # accuracies; NaN: diverged
    lower: float  # quartile
    middle: float
    upper: float
    highest: float
    lost: int  # runs that diverged
    along: Mapping[str, Along]  # label -> the knobs in which the runs differ, and the normalizer

    @property
    def runs(self) -> int:
        return len(self.students)

    @property
    def ranks(self) -> list[int]:
        """Places of the students, the best first; who is even stays in the order of the list."""
        ends = [-1.0 if one.lost else one.end.accuracy for one in self.students]
        return sorted(range(self.runs), key=lambda place: -ends[place])

    @property
    def alike(self) -> bool:
        """Whether all runs end about the same."""
        if not np.isfinite([self.lowest, self.highest]).all():
            return self.lost == self.runs
        return criteria.same_accuracy(self.lowest, self.highest)


def judge(entries: Sequence[Entry]) -> BoardVerdict:
    """The spread over the runs of a class; ValueError where there is none."""
    if not entries:
        raise ValueError("a board needs a run")
    students = tuple(_student(one) for one in entries)
    ends = np.array([one.end.accuracy for one in students])
    lower, middle, upper = (float(criteria.ranked(ends, share)) for share in (0.25, 0.5, 0.75))
    return BoardVerdict(
        students=students,
        lowest=float(criteria.ranked(ends, 0.0)),
        lower=lower,
        middle=middle,
        upper=upper,
        highest=float(criteria.ranked(ends, 1.0)),
        lost=int(np.isnan(ends).sum()),
        along=_along(entries, ends),
    )


def _student(entry: Entry) -> Student:
    result = entry.result
    seeds = criteria.over_seeds(result.final())
    return Student(
        number=entry.number,
        name=entry.name,
        traits=lab_configs.traits(result.config),
        end=lab.kept(result),
        low=seeds.low,
        high=seeds.high,
        steps=result.config.total_steps,
    )


def _along(entries: Sequence[Entry], ends: np.ndarray) -> dict[str, Along]:
    settings = [one.result.config.set_to() for one in entries]
    labels = dict.fromkeys(label for one in settings for label in one)
    by_label = {label: [one.get(label, (-1, "")) for one in settings] for label in labels}
    return {
        label: _by_setting(label, found, ends)
        for label, found in by_label.items()
        if len({one for one in found if one[1]}) > 1
    }


def _by_setting(label: str, found: Sequence[tuple[float, str]], ends: np.ndarray) -> Along:
    groups = []
    for setting in sorted(set(found)):
        members = tuple(place for place, one in enumerate(found) if one == setting)
        middle = float(criteria.median_seed(ends[list(members)]))
        groups.append(Group(setting=setting[1], members=members, middle=middle))
    middles = np.array([group.middle for group in groups])
    best = criteria.plateau(middles)
    return Along(
        knob=label,
        groups=tuple(groups),
        best=tuple(int(place) for place in best),
        top=float(criteria.ranked(middles, 1.0)),
        worst=int(np.argmin(np.where(np.isnan(middles), -1.0, middles))),
    )
