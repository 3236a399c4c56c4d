"""The rules by which results are judged: one for each judgement, with its reason."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bnviz.axes import NEVER, TREATMENTS, Treatment

Fate = Literal["learned", "little", "nothing", "diverged"]
Leader = Literal["first", "second", "neither"]
Standing = Literal["first", "second", "same", "unclear"]

NOTHING = 0.15
"""Of accuracy above guessing. A network within it has learned nothing: always naming the most
frequent class, or separating one of ten, comes so far."""

SAME = 0.02
"""Of test accuracy. Closer than this is about the same: on the 360 to 500 test samples there are,
an accuracy of 90 % has a standard error of 1.3 to 1.6 points. (Of the tables there are 285 and 89,
at 97 % 1.0 and 1.8 points.)"""

ALIKE = 1.2
"""Times. Two measures that differ by less are about the same: the medians of two groups of five
seeds differ by as much."""


def learned(accuracy: float, classes: int) -> bool:
    """Whether a network is nearer to being always right than to guessing; NaN: it is not."""
    return bool(accuracy >= (1 + 1 / classes) / 2)


def fate(accuracy: float, classes: int) -> Fate:
    """How a network ended, by its last test accuracy (0 to 1; NaN: it diverged)."""
    if not np.isfinite(accuracy):
        return "diverged"
    if learned(accuracy, classes):
        return "learned"
    return "little" if accuracy > 1 / classes + NOTHING else "nothing"


def same_accuracy(first: float, second: float) -> bool:
    """Whether two test accuracies are about the same; with a NaN they are not."""
    return bool(abs(first - second) < SAME)


def better(first: float, second: float) -> Leader:
    """Who has the clearly higher test accuracy; a diverged network (NaN) is behind every other."""
    one, other = (-1.0 if np.isnan(value) else float(value) for value in (first, second))
    if same_accuracy(one, other):
        return "neither"
    return "first" if one > other else "second"


def majority(number: int, of: int) -> bool:
    """Whether it is so in more than half of the seeds: what a sentence may call the rule."""
    return 2 * number > of


def third_of(layer: int, depth: int) -> int:
    """Where a layer, from 1, stands by its middle: the first, the middle or the last third, 0 to 2.

    So the first and the last of two layers are in the first and in the last third.
    """
    return min(2, int(3 * (layer - 0.5) / depth))


def rule(counts: Sequence[int], of: int) -> int | None:
    """The place of what was so in more than half of the seeds; None: nothing was."""
    return next((place for place, number in enumerate(counts) if majority(number, of)), None)


def diverged(steps: ArrayLike) -> NDArray[np.bool_]:
    """Which networks diverged, from the step at which they did (or NEVER)."""
    return np.asarray(steps) != NEVER


def median(values: ArrayLike) -> float:
    """The median of those that are finite; NaN where none is."""
    array = np.asarray(values, np.float64)
    known = array[np.isfinite(array)]
    return float(np.median(known)) if known.size else float("nan")


def medians(values: NDArray[Any]) -> NDArray[np.float64]:
    """The same over the last axis, of values (…, seeds)."""
    middle = [median(row) for row in values.reshape(-1, values.shape[-1])]
    return np.array(middle, np.float64).reshape(values.shape[:-1])


@dataclass(frozen=True, kw_only=True)
class Range:
    """A measure over the seeds where it is finite: its median, and between what it lies."""

    low: float
    middle: float
    high: float
    seeds: int  # in which it is finite; with none, all three are NaN


def over_seeds(values: ArrayLike) -> Range:
    """Lowest, median and highest of values (seeds,), those that are finite."""
    array = np.asarray(values, np.float64)
    known = array[np.isfinite(array)]
    if not known.size:
        return Range(low=np.nan, middle=np.nan, high=np.nan, seeds=0)
    low, high = float(known.min()), float(known.max())
    return Range(low=low, middle=float(np.median(known)), high=high, seeds=known.size)


@dataclass(frozen=True, kw_only=True)
class Score:
    """Two networks, seed by seed: in how many seeds each of them is ahead."""

    first: int
    second: int
    even: int

    @property
    def seeds(self) -> int:
        return self.first + self.second + self.even

    @property
    def leader(self) -> Leader:
        """Who is ahead in more than half of the seeds: a minority is no victory."""
        if majority(self.first, self.seeds):
            return "first"
        return "second" if majority(self.second, self.seeds) else "neither"

    @property
    def level(self) -> bool:
        """Whether most seeds are even: only that is hardly a difference, not that nobody leads."""
        return majority(self.even, self.seeds)


def score(
    first: ArrayLike, second: ArrayLike, *, lowest: bool = False, within: float = 0.0
) -> Score:
    """Who has the higher (with `lowest`: the lower) of values (seeds,), in how many seeds.

    Closer than `within`, or equal, is even. NaN is behind every number and even with NaN.
    """
    worst = np.inf if lowest else -np.inf
    one, other = (np.asarray(values, np.float64) for values in (first, second))
    one, other = (np.where(np.isnan(values), worst, values) for values in (one, other))
    with np.errstate(invalid="ignore"):
        ahead = other - one if lowest else one - other
    ahead = np.where(one == other, 0.0, ahead)
    gains, losses = (ahead > 0) & (ahead >= within), (ahead < 0) & (-ahead >= within)
    first_ahead, second_ahead = int(gains.sum()), int(losses.sum())
    return Score(
        first=first_ahead, second=second_ahead, even=ahead.size - first_ahead - second_ahead
    )


def late(steps: ArrayLike) -> NDArray[np.float64]:
    """Steps at which something happened, as numbers in which NEVER is infinitely late."""
    array = np.asarray(steps)
    return np.where(array == NEVER, np.inf, array)


def plateau(accuracies: Sequence[float] | NDArray[Any]) -> NDArray[np.int64]:
    """The places whose accuracy is about the same as the best one's: a best place is a range.

    Empty where there is no number. A ratio of best places means something only where both
    plateaus are one place wide or do not overlap.
    """
    array = np.asarray(accuracies, np.float64)
    if not np.isfinite(array).any():
        return np.array([], np.int64)
    return np.flatnonzero(np.nanmax(array) - array < SAME)


OVERFLOWED = 1e30
"""In place of a measure that a 32-bit float cannot hold."""


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """One measure, plain over BN, in the seeds where both networks learned something."""

    ratio: Range  # plain / BN
    larger: int  # in how many of these seeds plain's is the larger one

    @property
    def rougher(self) -> Treatment | None:
        """Whose measure is clearly the larger one, by the median seed; None: neither's is."""
        if self.ratio.middle > ALIKE:
            return "plain"
        return "batch" if self.ratio.middle < 1 / ALIKE else None

    @property
    def more(self) -> Treatment | None:
        """The same, if it is so in most seeds, too; None: neither's is."""
        return self.rougher if majority(self.agree, self.ratio.seeds) else None

    @property
    def open(self) -> bool:
        """Whether one is clearly larger by the median seed, but not in most seeds."""
        return self.rougher is not None and self.more is None

    @property
    def agree(self) -> int:
        """In how many seeds the order is that of the median seed."""
        if self.ratio.middle > 1:
            return self.larger
        return self.ratio.seeds - self.larger

    @property
    def factor(self) -> Range:
        """How many times the larger one is the smaller one: from the ratio, turned if below 1."""
        if self.ratio.middle >= 1:
            return self.ratio
        low, middle, high = (
            1 / value if value > 0 else np.inf
            for value in (self.ratio.high, self.ratio.middle, self.ratio.low)
        )
        return Range(low=low, middle=middle, high=high, seeds=self.ratio.seeds)


def compare(
    values: NDArray[np.floating], steps: NDArray[np.int64], counts: NDArray[np.bool_]
) -> Comparison:
    """Plain against BN in a measure, (2, seeds, T), averaged over the steps of training.

    Only the seeds that count, (seeds,), of which there must be one.
    """
    known = np.nan_to_num(values[:, counts].astype(np.float64), nan=OVERFLOWED, posinf=OVERFLOWED)
    plain, batch = over_training(known, steps)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = np.where(plain == batch, 1.0, plain / batch)
    low, high = float(ratios.min()), float(ratios.max())
    ratio = Range(low=low, middle=float(np.median(ratios)), high=high, seeds=len(ratios))
    return Comparison(ratio=ratio, larger=int((ratios > 1).sum()))


def over_training(values: NDArray[np.float64], steps: NDArray[np.int64]) -> NDArray[np.float64]:
    """The mean over the steps of training, (…), of values at the records, (…, T).

    Between two records it goes along a straight line: early records, which stand close
    together, do not count for more.
    """
    if len(steps) == 1:
        return values[..., 0]
    mean: NDArray[np.float64] = np.trapezoid(values, steps, axis=-1) / (steps[-1] - steps[0])
    return mean


@dataclass(frozen=True, kw_only=True)
class Lost:
    """What became of the pairs of one treatment that are not compared."""

    treatment: Treatment
    diverged: int
    stuck: int  # did not diverge, but their loss did not fall by half
    seeds: int


def losses(lost_at: NDArray[np.int64], fell_in: NDArray[np.bool_]) -> tuple[Lost, ...]:
    """Of both treatments, from (2, seeds): when they diverged, and whether their loss fell."""
    gone = diverged(lost_at)
    return tuple(
        Lost(
            treatment=name,
            diverged=int(gone[row].sum()),
            stuck=int((~fell_in[row] & ~gone[row]).sum()),
            seeds=gone.shape[1],
        )
        for row, name in enumerate(TREATMENTS)
    )


def usual(values: ArrayLike) -> float:
    """The median of the accuracies, (seeds,), that are numbers; NaN where most networks diverged.

    What a few survivors reach is not what such a network reaches.
    """
    array = np.asarray(values, np.float64)
    return float("nan") if majority(int(np.isnan(array).sum()), array.size) else median(array)


def clearly(first: ArrayLike, second: ArrayLike) -> Leader:
    """Who has the clearly higher test accuracy, (seeds,) each: by the medians, and in most seeds.

    The medians alone may differ by one seed's chance, most seeds by less than the medians say.
    """
    leader = better(usual(first), usual(second))
    return leader if leader == score(first, second, within=SAME).leader else "neither"


def standing(first: ArrayLike, second: ArrayLike) -> Standing:
    """The same, and if neither is: whether both are about the same, or the seeds do not agree.

    Two medians far apart are not about the same, though most seeds may not follow them.
    """
    leader = clearly(first, second)
    if leader != "neither":
        return leader
    one, other = usual(first), usual(second)
    alike = same_accuracy(one, other) or (np.isnan(one) and np.isnan(other))
    return "same" if alike else "unclear"


def median_seed(accuracies: ArrayLike) -> NDArray[np.float64]:
    """The seed in the middle, over the last axis; of an even number the lower of the two.

    A seed that there is: half of one that diverged and half of another would be nobody's accuracy.
    A diverged seed (NaN) is behind every other; NaN: the one in the middle diverged.
    """
    return ranked(accuracies, 0.5)


def ranked(accuracies: ArrayLike, share: float) -> NDArray[np.float64]:
    """The one below or at which this share of them lie, over the last axis: one that there is.

    1/4 and 3/4 give the quartiles. A diverged one (NaN) is behind every other; NaN: it diverged.
    """
    array = np.asarray(accuracies, np.float64)
    ordered = np.sort(np.where(np.isnan(array), -np.inf, array), axis=-1)
    found = ordered[..., max(0, math.ceil(share * array.shape[-1]) - 1)]
    return np.where(np.isneginf(found), np.nan, found)
