"""Whether BN reduces internal covariate shift, and whether that matters to learning."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from bnviz.axes import BATCH, PLAIN, Treatment
from bnviz.verdicts import criteria
from bnviz.verdicts.criteria import Comparison, Lost

if TYPE_CHECKING:
    from bnviz.experiments.shift import ShiftResult

Arm = Literal["plain", "batch", "noisy"]
ARMS: tuple[Arm, ...] = ("plain", "batch", "noisy")
"""The three networks, in the order of the first axis of every result."""
NOISY = 2
"""The row of the third."""

Noisy = Literal["as well", "worse", "unclear", "not at all"]
Rank = Literal["alike", "best", "worst", "between"]

UNLEARNED: tuple[criteria.Fate, ...] = ("nothing", "diverged")
"""Fates of a network that learned not even a little."""
EARLY = 5
"""Steps that count as the first ones."""


@dataclass(frozen=True, kw_only=True)
class Phase:
    """How far one update of the layers below turns a layer's gradient, over some records."""

    turns: Comparison  # plain / BN, seed by seed
    plain: float  # degrees, the median of the seeds compared
    batch: float

    @property
    def more(self) -> Treatment | None:
        """Whose turns clearly more, by the median seed and in most seeds; None: neither's."""
        return self.turns.more

    @property
    def open(self) -> bool:
        """Whether one is clearly more by the median seed, and the other in as many seeds."""
        return self.turns.open

    @property
    def seeds(self) -> int:
        return self.turns.ratio.seeds


@dataclass(frozen=True, kw_only=True)
class Compared:
    """Plain against BN, in the seeds in which both learned and were measured."""

    overall: Phase
    early: Phase  # the first EARLY steps
    late: Phase  # the second half
    length: Comparison  # of ||G - G'||


@dataclass(frozen=True, kw_only=True)
class Three:
    """All three networks, in the seeds in which all of them learned and were measured."""

    turns: tuple[float, ...]  # degrees, of ARMS
    most: tuple[Arm, ...]  # those that shift most, about alike
    rank: Rank  # theirs by accuracy; alike: all three shift about as much
    alone: bool  # whether every other network is clearly better, where they are the worst


@dataclass(frozen=True, kw_only=True)
class ShiftVerdict:
    """None in place of a comparison: there is no seed to compare."""

    seeds: int
    dataset: str
    compared: Compared | None
    measured: int  # seeds
    fell: tuple[int, int]  # of these, in how many the loss fell: plain, BN
    silent: bool  # in some seed both losses fell, but a gradient was zero
    lost: tuple[Lost, ...]
    accuracy: tuple[float, ...]  # of ARMS, at the end, median seed; NaN: most diverged
    noisy: Noisy  # how the network with noise trains, beside BN
    noisy_lost: int  # in how many seeds it diverged
    batch_learned: bool  # whether BN without noise learned anything
    noisy_learned: bool
    noisy_beside_plain: criteria.Leader  # by accuracy; noisy first
    drawn: tuple[float, ...]  # turn at the last record, of ARMS, as drawn: the median seed, degrees
    largest_turn: float  # of plain, at any record of any seed, in degrees; NaN: none known
    three: Three | None


def judge(result: ShiftResult) -> ShiftVerdict:
    """Whose gradients turn more, early and late, and what became of the network with noise."""
    config, measured = result.config, result.config.measured()[1]
    fell = result.fell[:NOISY, :measured]
    ends = _ends(result)
    accuracy = tuple(criteria.usual(row) for row in ends)
    turns = result.angle()[PLAIN]
    classes = config.data().classes
    return ShiftVerdict(
        seeds=config.seeds,
        dataset=config.dataset,
        compared=_compared(result) if result.counts().any() else None,
        measured=measured,
        fell=(int(fell[PLAIN].sum()), int(fell[BATCH].sum())),
        silent=bool(fell.all(0).any()) and not result.counts().any(),
        lost=criteria.losses(result.diverged_at[:NOISY], result.fell[:NOISY]),
        accuracy=accuracy,
        noisy=_noisy(ends, criteria.fate(accuracy[NOISY], classes)),
        batch_learned=criteria.fate(accuracy[BATCH], classes) not in UNLEARNED,
        noisy_lost=int(criteria.diverged(result.diverged_at[NOISY]).sum()),
        noisy_learned=criteria.learned(accuracy[NOISY], classes),
        noisy_beside_plain=criteria.clearly(ends[NOISY], ends[PLAIN]),
        drawn=tuple(criteria.median(arm[:, -1]) for arm in result.angle()),
        largest_turn=float(np.nanmax(turns)) if np.isfinite(turns).any() else float("nan"),
        three=_three(result, ends),
    )


def _ends(result: ShiftResult) -> NDArray[np.float64]:
    """Test accuracy at the end, (3, seeds); NaN where the network diverged."""
    gone = criteria.diverged(result.diverged_at)
    return np.where(gone, np.nan, result.test_accuracy[:, :, -1].astype(np.float64))


def _noisy(ends: NDArray[np.float64], fate: criteria.Fate) -> Noisy:
    if fate in UNLEARNED:
        return "not at all"
    if criteria.clearly(ends[BATCH], ends[NOISY]) == "first":
        return "worse"
    behind = criteria.better(*map(criteria.usual, (ends[BATCH], ends[NOISY]))) == "first"
    return "unclear" if behind else "as well"


def _compared(result: ShiftResult) -> Compared:
    steps = result.steps
    lengths = result.mean_distance()[: BATCH + 1]
    return Compared(
        overall=phase(result, np.ones(len(steps), bool)),
        early=phase(result, steps <= EARLY),
        late=phase(result, steps >= steps[-1] / 2),
        length=criteria.compare(lengths, steps, result.counts()),
    )


def phase(result: ShiftResult, when: NDArray[np.bool_]) -> Phase:
    """Plain against BN over these records, in the seeds that count; there must be one."""
    angles, steps, counts = result.angle()[..., when], result.steps[when], result.counts()
    plain, batch = (
        float(np.median(criteria.over_training(angles[arm][counts], steps)))
        for arm in (PLAIN, BATCH)
    )
    turns = criteria.compare(angles[: BATCH + 1], steps, counts)
    return Phase(turns=turns, plain=plain, batch=batch)


def _three(result: ShiftResult, ends: NDArray[np.float64]) -> Three | None:
    shared = result.counts(PLAIN, BATCH, NOISY)
    if not shared.any():
        return None
    angles = criteria.over_training(result.angle()[:, shared], result.steps)
    turns = np.median(angles, axis=1)
    most = [arm for arm, turn in enumerate(turns) if turn * criteria.ALIKE >= turns.max()]
    rank, alone = _rank(most, ends)
    return Three(
        turns=tuple(float(turn) for turn in turns),
        most=tuple(ARMS[arm] for arm in most),
        rank=rank,
        alone=alone,
    )


def _rank(most: list[int], ends: NDArray[np.float64]) -> tuple[Rank, bool]:
    """How accurate these networks are beside all; and whether each other one is clearly better."""
    if len(most) == len(ends):
        return "alike", False
    others = [arm for arm in range(len(ends)) if arm not in most]

    def ahead(one: int, other: int) -> bool:
        return criteria.clearly(ends[one], ends[other]) == "first"

    if not any(ahead(one, other) for other in most for one in range(len(ends))):
        return "best", False
    if not any(ahead(one, other) for one in most for other in others):
        return "worst", all(ahead(other, one) for one in most for other in others)
    return "between", False
