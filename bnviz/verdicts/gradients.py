"""How far the gradient can be trusted, plain against BN."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from bnviz.axes import BATCH, PLAIN, Treatment
from bnviz.verdicts import criteria
from bnviz.verdicts.criteria import Comparison, Lost

if TYPE_CHECKING:
    from bnviz.experiments.gradients import GradientsResult

Measure = Literal["change", "smoothness"]

EARLY = 8
"""Steps that count as the first ones."""
LONGER = 2.0
"""Times: a gradient this much longer than the other's."""
STRAIGHT = 10.0
"""Degrees: a gradient that turned by less has hardly turned; two that differ by less, as far."""
ACROSS = 90.0
"""Degrees: from here on the old gradient says nothing any more."""


@dataclass(frozen=True, kw_only=True)
class Turned:
    """How far the gradient turns along a step, in degrees: the mean over the seeds and training.

    NaN: not known.
    """

    plain: float
    batch: float
    plain_farther: int  # in how many seeds plain's turns farther
    seeds: int  # in which both are known

    @property
    def more(self) -> Treatment | None:
        """Whose turns clearly farther, and in most seeds; None: neither's."""
        if self.plain - self.batch > STRAIGHT and self.agree:
            return "plain"
        return "batch" if self.batch - self.plain > STRAIGHT and self.agree else None

    @property
    def open(self) -> bool:
        """Whether they clearly differ, but not so in most seeds."""
        return abs(self.plain - self.batch) > STRAIGHT and not self.agree

    @property
    def farther(self) -> int:
        """In how many seeds the one whose mean is larger turns farther."""
        return self.plain_farther if self.plain > self.batch else self.seeds - self.plain_farther

    @property
    def agree(self) -> bool:
        return criteria.majority(self.farther, self.seeds)


@dataclass(frozen=True, kw_only=True)
class Compared:
    """Plain against BN, in the seeds in which both losses fell."""

    change: Comparison  # of the gradient along the walk
    smoothness: Comparison  # effective beta-smoothness
    early: Comparison | None  # the change in the first EARLY steps alone; None: there are no others
    early_smoothness: Comparison | None  # the same of effective beta-smoothness
    longer: float  # BN's gradient over plain's at the first record, by length

    @property
    def faded(self) -> bool:
        """Whether plain's gradient is far shorter at the start: what is short changes little."""
        return self.longer > LONGER


@dataclass(frozen=True, kw_only=True)
class GradientsVerdict:
    """None in place of a comparison: in no pair did both losses fall."""

    seeds: int
    depth: int
    normalized_layers: str
    with_bn: bool  # else both networks are the same
    reach: float  # the longest walk, in learning rates
    optimizer: str
    activation: str
    compared: Compared | None
    smoother: Treatment | None  # whose changes are clearly the smaller ones; None: neither's
    fell: tuple[int, int]  # in how many seeds the loss fell, plain and BN
    lost: tuple[Lost, ...]
    # turns of the seeds that are compared; where there are none, of all, while they last
    step: Turned  # after one learning rate
    walk: Turned  # after the longest step
    first: Turned  # the same in the first EARLY steps alone
    drawn: tuple[float, float]  # at the last record after the longest step, as drawn: median seed

    @property
    def near(self) -> tuple[float, float]:
        """The turn after one learning rate, in degrees, plain and BN."""
        return self.step.plain, self.step.batch

    @property
    def far(self) -> tuple[float, float]:
        """The same after the longest step."""
        return self.walk.plain, self.walk.batch

    @property
    def rougher(self) -> Treatment | None:
        """Whose gradient changes clearly more, in the seeds that count; None: neither's."""
        return self.compared.change.more if self.compared else None

    @property
    def hardly(self) -> tuple[bool, bool]:
        """Whose gradient one learning rate turns by next to nothing, where it is known."""
        return self.near[PLAIN] < STRAIGHT, self.near[BATCH] < STRAIGHT

    @property
    def any_diverged(self) -> bool:
        return any(one.diverged for one in self.lost)

    @property
    def most_fell(self) -> tuple[bool, bool]:
        """Whether the loss fell in more than half of the seeds, plain and BN."""
        plain, batch = (criteria.majority(number, self.seeds) for number in self.fell)
        return plain, batch


def judge(result: GradientsResult) -> GradientsVerdict:
    """Whose gradient changes more along the walk, by how much, in how many seeds."""
    config, counts, longest = result.config, result.counts(), float(result.reach[-1])
    compared = _compared(result, counts) if counts.any() else None
    early = result.steps <= EARLY
    return GradientsVerdict(
        seeds=config.seeds,
        depth=config.depth,
        normalized_layers=config.normalized_layers,
        with_bn=bool(config.with_bn()),
        reach=float(result.reach[-1]),
        optimizer=config.optimizer,
        activation=config.activation,
        compared=compared,
        smoother=_smoother(result, compared),
        fell=(int(result.fell[PLAIN].sum()), int(result.fell[BATCH].sum())),
        lost=criteria.losses(result.diverged_at, result.fell),
        step=_turned(result, 1.0),
        walk=_turned(result, longest),
        first=_turned(result, longest, early),
        drawn=_drawn(result.turn(longest)),
    )


def comparison(result: GradientsResult, measure: Measure) -> Comparison:
    """Plain against BN in the seeds that count, of which there must be one."""
    values = result.change() if measure == "change" else result.smoothness()
    return criteria.compare(values, result.steps, result.counts())


def _compared(result: GradientsResult, counts: NDArray[np.bool_]) -> Compared:
    at_start = result.gradient_norm[:, counts, 0].astype(np.float64)
    longer = at_start[BATCH] / np.maximum(at_start[PLAIN], 1e-30)
    return Compared(
        change=comparison(result, "change"),
        smoothness=comparison(result, "smoothness"),
        early=_early(result, result.change()),
        early_smoothness=_early(result, result.smoothness()),
        longer=float(np.median(longer)),
    )


def _early(result: GradientsResult, values: NDArray[np.floating]) -> Comparison | None:
    first = result.steps <= EARLY
    if first.all():
        return None
    return criteria.compare(values[..., first], result.steps[first], result.counts())


def _smoother(result: GradientsResult, compared: Compared | None) -> Treatment | None:
    """With no pair to compare: by all seeds, where a diverged one counts as the roughest."""
    everyone = np.ones(result.config.seeds, np.bool_)
    change = (
        compared.change if compared else criteria.compare(result.change(), result.steps, everyone)
    )
    opposite: dict[Treatment, Treatment] = {"plain": "batch", "batch": "plain"}
    return opposite[change.more] if change.more else None


def _turned(
    result: GradientsResult, length: float, when: NDArray[np.bool_] | None = None
) -> Turned:
    """In the seeds that are compared, else in all; over all records, or some."""
    records = np.ones(len(result.steps), np.bool_) if when is None else when
    counts = result.counts() if result.counts().any() else np.ones(result.config.seeds, np.bool_)
    angles, steps = result.turn(length)[:, counts][..., records], result.steps[records]
    each = np.array([[_averaged(seed[None], steps) for seed in arm] for arm in angles])
    known = np.isfinite(each).all(axis=0)
    return Turned(
        plain=_averaged(angles[PLAIN], steps),
        batch=_averaged(angles[BATCH], steps),
        plain_farther=int((each[PLAIN, known] > each[BATCH, known]).sum()),
        seeds=int(known.sum()),
    )


def _drawn(angles: NDArray[np.float64]) -> tuple[float, float]:
    """The medians at the last record, of (2, seeds, T), as the picture has them."""
    return criteria.median(angles[PLAIN, :, -1]), criteria.median(angles[BATCH, :, -1])


def _averaged(angles: NDArray[np.float64], steps: NDArray[np.int64]) -> float:
    """Over the seeds, and the steps for which it is known, of (seeds, T); NaN: at none."""
    known = np.isfinite(angles)
    if not known.any():
        return float("nan")
    halfway = np.diff(steps, prepend=steps[0], append=steps[-1]) / 2  # on either side of a record
    stands_for = halfway[:-1] + halfway[1:] if len(steps) > 1 else np.ones(1)
    weights = np.broadcast_to(stands_for, angles.shape)[known]
    return float(np.average(angles[known], weights=weights))


@dataclass(frozen=True, kw_only=True)
class SweepVerdict:
    """The same comparison over the learning rates; rates None: there is none."""

    rates: int
    compared: tuple[float, ...]  # the rates at which both losses fell in a pair
    plain_rougher: int  # at how many of these plain's gradient changes clearly more
    batch_rougher: int  # likewise BN's
    most_at: float | None  # where plain's gradient changes the most, beside BN's
    most: Comparison | None  # there
    plain_dead_from: float | None  # above the compared ones, if plain learns at none of them


def judge_sweep(results: Sequence[GradientsResult]) -> SweepVerdict:
    """At which rates there is something to compare, and what."""
    compared = [(one.config.learning_rate, one) for one in results if one.counts().any()]
    changes = {rate: comparison(one, "change") for rate, one in compared}
    rougher = [rate for rate, change in changes.items() if change.more == "plain"]
    most_at = max(rougher, key=lambda rate: changes[rate].ratio.middle, default=None)
    beyond = [one for one in results if compared and one.config.learning_rate > compared[-1][0]]
    dead = bool(beyond) and not any(one.fell[PLAIN].any() for one in beyond)
    return SweepVerdict(
        rates=len(results),
        compared=tuple(changes),
        plain_rougher=len(rougher),
        batch_rougher=sum(change.more == "batch" for change in changes.values()),
        most_at=most_at,
        most=None if most_at is None else changes[most_at],
        plain_dead_from=beyond[0].config.learning_rate if dead else None,
    )
