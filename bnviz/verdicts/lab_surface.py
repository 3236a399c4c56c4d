"""Which of two runs of the lab ended in the wider basin."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bnviz.axes import NEVER
from bnviz.verdicts import criteria
from bnviz.verdicts.diagnostics import Letter
from bnviz.verdicts.lab import AHEAD
from bnviz.verdicts.surface import CLEARLY

if TYPE_CHECKING:
    from bnviz.experiments.lab_surface import LabSurface


@dataclass(frozen=True, kw_only=True)
class Basin:
    """The square around the end of one arm."""

    letter: Letter
    treatment: str
    share: float  # of it, where the loss is clearly below that of guessing
    diverged: int | None  # at this step; then the middle is where the weights were before


@dataclass(frozen=True, kw_only=True)
class BasinsVerdict:
    """Of both arms, or of A while B is still to come."""

    basins: tuple[Basin, ...]
    wider: Letter | None  # None: hardly a difference, or B is still to come


def judge(results: Sequence[LabSurface]) -> BasinsVerdict:
    """Whose basin is the wider one; of one seed and two directions."""
    letters: tuple[Letter, Letter] = ("A", "B")
    basins = tuple(
        Basin(
            letter=letter,
            treatment=result.config.treatment,
            share=result.better_than_guessing(),
            diverged=None if result.diverged_at == NEVER else result.diverged_at,
        )
        for letter, result in zip(letters, results, strict=False)
    )
    if len(basins) < 2:
        return BasinsVerdict(basins=basins, wider=None)
    score = criteria.score([basins[0].share], [basins[1].share], within=CLEARLY)
    return BasinsVerdict(basins=basins, wider=AHEAD[score.leader])
