"""How far γ and β get alone, beside the output layer, as many random weights, and everything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from bnviz.axes import PARTS
from bnviz.verdicts import criteria

if TYPE_CHECKING:
    from bnviz.experiments.alone import AloneResult

Level = Literal["no number", "low", "middle", "high"]
Gap = Literal["no number", "small", "middle", "large"]
Outcome = Literal["diverged", "level", "ahead", "far", "not enough", "unclear"]
More = Literal["affine", "all", "same", "no number"]

AFFINE, OUTPUT, RANDOM, ALL = range(len(PARTS))
LOW, HIGH = 0.6, 0.8
"""Of test accuracy: below it γ and β are not enough, from there on they get far. Our choice."""
SMALL, LARGE = 0.1, 0.3
"""Of test accuracy, how far γ and β end below everything."""
SAME_OFF = 0.02
"""Of the units: two shares that are closer are about the same."""


@dataclass(frozen=True, kw_only=True)
class Part:
    """One part of the network, trained alone."""

    trained: int  # parameters
    share: float  # of all parameters, 0 to 1
    accuracy: float  # median of the last test accuracy; NaN: most seeds diverged
    off: criteria.Range  # share of the hidden units that γ switches off
    diverged: int  # seeds


@dataclass(frozen=True, kw_only=True)
class AloneVerdict:
    """What γ and β do alone, and who does as much. In each standing, γ and β are the first."""

    outcome: Outcome
    level: Level  # of γ and β
    gap: Gap  # below everything
    affine: Part
    output: Part
    random: Part
    all: Part
    beside_output: criteria.Standing
    beside_random: criteria.Standing
    beside_all: criteria.Standing
    ahead_of_random: criteria.Score
    ahead_of_output: criteria.Score
    off: More  # where γ switches off more units
    depth: int
    seeds: int


def judge(result: AloneResult) -> AloneVerdict:
    """By the last test accuracy: medians, and in most seeds."""
    last = result.test_accuracy[:, :, -1].astype(np.float64)
    affine, output, random, everything = (_part(result, row) for row in range(len(PARTS)))
    beside_all = criteria.standing(last[AFFINE], last[ALL])
    return AloneVerdict(
        outcome=_outcome(affine, beside_all),
        level=_level(affine.accuracy),
        gap=_gap(everything.accuracy - affine.accuracy),
        affine=affine,
        output=output,
        random=random,
        all=everything,
        beside_output=criteria.standing(last[AFFINE], last[OUTPUT]),
        beside_random=criteria.standing(last[AFFINE], last[RANDOM]),
        beside_all=beside_all,
        ahead_of_random=criteria.score(last[AFFINE], last[RANDOM], within=criteria.SAME),
        ahead_of_output=criteria.score(last[AFFINE], last[OUTPUT], within=criteria.SAME),
        off=_more(result),
        depth=result.config.depth,
        seeds=result.config.seeds,
    )


def _part(result: AloneResult, row: int) -> Part:
    return Part(
        trained=int(result.trained[row]),
        share=float(result.shares()[row]),
        accuracy=criteria.usual(result.test_accuracy[row, :, -1]),
        off=criteria.over_seeds(result.off[row, :, -1].mean(axis=1)),
        diverged=int(criteria.diverged(result.diverged_at[row]).sum()),
    )


def _outcome(affine: Part, beside_all: criteria.Standing) -> Outcome:
    if np.isnan(affine.accuracy):
        return "diverged"
    if affine.accuracy < LOW:
        return "not enough"
    outcomes: dict[criteria.Standing, Outcome] = {
        "same": "level", "first": "ahead", "second": "far", "unclear": "unclear",
    }  # fmt: skip
    return outcomes[beside_all]


def _level(accuracy: float) -> Level:
    if np.isnan(accuracy):
        return "no number"
    if accuracy < LOW:
        return "low"
    return "middle" if accuracy < HIGH else "high"


def _gap(below: float) -> Gap:
    if np.isnan(below):
        return "no number"
    if below < SMALL:
        return "small"
    return "middle" if below < LARGE else "large"


def _more(result: AloneResult) -> More:
    """Seed by seed, where both have a number at the end."""
    ends = result.off[:, :, -1].mean(axis=2)
    both = ends[:, np.isfinite(ends[[AFFINE, ALL]]).all(axis=0)]
    if not both.shape[1]:
        return "no number"
    leader = criteria.score(both[AFFINE], both[ALL], within=SAME_OFF).leader
    names: dict[criteria.Leader, More] = {"first": "affine", "second": "all", "neither": "same"}
    return names[leader]


@dataclass(frozen=True, kw_only=True)
class Reached:
    """The smallest of some networks in which a part reaches an accuracy."""

    part: str  # one of PARTS
    trained: int | None  # parameters that are trained there; None: nowhere
    size: int  # its width or depth; 0: nowhere


@dataclass(frozen=True, kw_only=True)
class Best:
    """Where γ and β alone end highest, and what share of the parameters they are there."""

    sizes: tuple[int, ...]  # several, where their medians are about the same
    shares: tuple[float, float]  # lowest and highest of these
    smallest: int  # of all networks that were trained
    of_smallest: float  # the share there


@dataclass(frozen=True, kw_only=True)
class SizesVerdict:
    """What it takes, in networks of several widths or depths."""

    by: str  # width or depth
    reached: tuple[Reached, ...]
    best: Best | None  # None: γ and β diverged in all of them


TARGET = 0.8
"""Test accuracy in the section on how many parameters it takes."""


def judge_sizes(results: Sequence[AloneResult], by: str) -> SizesVerdict:
    """By the medians of the seeds; results: from small networks to large ones; by: their size."""
    sizes = [int(getattr(result.config, by)) for result in results]
    return SizesVerdict(
        by=by,
        reached=tuple(_reached(results, sizes, row) for row in range(len(PARTS))),
        best=_best(results, sizes),
    )


def _end(result: AloneResult, row: int) -> float:
    return criteria.usual(result.test_accuracy[row, :, -1])


def _reached(results: Sequence[AloneResult], sizes: Sequence[int], row: int) -> Reached:
    """With the fewest trained parameters."""
    enough = [
        (int(result.trained[row]), size)
        for result, size in zip(results, sizes, strict=True)
        if _end(result, row) >= TARGET
    ]
    trained, size = min(enough, default=(None, 0))
    return Reached(part=PARTS[row], trained=trained, size=size)


def _best(results: Sequence[AloneResult], sizes: Sequence[int]) -> Best | None:
    ends = np.array([_end(result, AFFINE) for result in results])
    if not np.isfinite(ends).any():
        return None
    level = np.flatnonzero(ends > np.nanmax(ends) - criteria.SAME).tolist()
    shares = [float(result.shares()[AFFINE]) for result in results]
    there = [shares[place] for place in level]
    return Best(
        sizes=tuple(sizes[place] for place in level),
        shares=(min(there), max(there)),
        smallest=sizes[0],
        of_smallest=shares[0],
    )
