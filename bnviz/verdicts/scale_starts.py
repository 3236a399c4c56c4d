"""Scale: from which starts BN learns, and what becomes of its effective rates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from bnviz.axes import BATCH, PLAIN, TREATMENTS, Treatment
from bnviz.verdicts import criteria

if TYPE_CHECKING:
    from bnviz.experiments.scale import GainResult, ScaleResult

STILL = 0.002  # of an effective rate: a smaller change is none
HARDLY = 20.0  # degrees: weights that turned by less than that have hardly turned
TUNED = 1.5  # times: an effective rate that changed by less has hardly moved

Tuned = Literal["still", "down alone", "down", "up", "both"]
Needed = Literal["hardly", "differs", "only small", "only large", "unclear"]
Fault = Literal["most", "a part", "none"]
Slowed = Literal["no other gain", "diverged", "better", "worse", "even"]
Which = Literal["small", "large", "both", "neither"]


@dataclass(frozen=True, kw_only=True)
class Rate:
    """The effective rate of BN's hidden layers from one start: the median layer and seed."""

    gain: float
    first: float
    last: float


@dataclass(frozen=True, kw_only=True)
class Tuning:
    """What became of BN's effective rates."""

    outcome: Tuned
    rates: tuple[Rate, ...]  # two at least
    apart_first: float  # times: the largest over the smallest
    apart_last: float


@dataclass(frozen=True, kw_only=True)
class End:
    """How the networks of one treatment from one start ended."""

    gain: float
    accuracy: float  # of the median seed; NaN: it diverged
    diverged: int
    seeds: int
    fate: criteria.Fate

    @property
    def learned(self) -> bool:
        return self.fate == "learned"


@dataclass(frozen=True, kw_only=True)
class Spared:
    """BN from the largest gain in the hidden layers alone, against that gain in all of them."""

    output: float  # the gain of the output layer
    end: End
    everywhere: End
    helped: bool  # in most seeds, to more than guessing
    fault: Fault  # how much of what goes wrong goes wrong in the output layer


@dataclass(frozen=True, kw_only=True)
class Slower:
    """BN with a smaller effective rate in its hidden layers and nowhere else, against its own."""

    outcome: Slowed  # of the smaller one, seed by seed; "diverged": the own one did
    times: float  # smaller, at the start
    own: End
    learned: bool
    turned: float | None  # degrees: how far the weights of its hidden layers can have turned

    @property
    def by_the_others(self) -> bool:
        """Whether it learned while these weights hardly turned."""
        return self.learned and self.turned is not None and self.turned < HARDLY


@dataclass(frozen=True, kw_only=True)
class StartsVerdict:
    """What became of every start, in the order of the gains."""

    tuning: Tuning | None
    ends: tuple[tuple[End, ...], tuple[End, ...]]  # plain, BN
    small: End  # BN from the smallest gain that every run starts from …
    large: End  # … and from the largest one
    which: Which  # of these two BN learns from
    initialization: Needed
    spared: Spared
    slower: Slower


def judge_starts(result: ScaleResult) -> StartsVerdict:
    """The part of a run that is about its starts."""
    plain, batch = (_ends(result, t) for t in (PLAIN, BATCH))
    spared = _spared(result, batch)
    small, large = (batch[place] for place in result.ends)
    return StartsVerdict(
        tuning=_tuning(result),
        ends=(plain, batch),
        small=small,
        large=large,
        which=_which(small, large),
        initialization=_initialization(result, small, large),
        spared=spared,
        slower=_slower(result, batch, spared),
    )


def _tuning(result: ScaleResult) -> Tuning | None:
    every = result.rate()[BATCH, ..., :-1]  # (G, seeds, T, hidden layers)
    pairs = [(criteria.median(one[:, 0]), criteria.median(one[:, -1])) for one in every]
    rates = tuple(
        Rate(gain=float(gain), first=first, last=last)
        for gain, (first, last) in zip(result.starts, pairs, strict=True)
        if np.isfinite([first, last]).all() and min(first, last) > 0
    )
    if len(rates) < 2:
        return None
    return Tuning(
        outcome=_moved(rates),
        rates=rates,
        apart_first=max(r.first for r in rates) / min(r.first for r in rates),
        apart_last=max(r.last for r in rates) / min(r.last for r in rates),
    )


def _moved(rates: Sequence[Rate]) -> Tuned:
    fell = max(rate.first / rate.last for rate in rates) > TUNED
    highest = max(rate.last / rate.first for rate in rates)
    if highest > TUNED:
        return "both" if fell else "up"
    if not fell:
        return "still"
    return "down alone" if highest < 1 + STILL else "down"


def _ends(result: ScaleResult, treatment: int) -> tuple[End, ...]:
    return tuple(
        _end(result, float(gain), result.accuracy[treatment, place])
        for place, gain in enumerate(result.starts)
    )


def _end(result: ScaleResult, gain: float, accuracy: NDArray[np.float64]) -> End:
    """Of the accuracies (seeds,), NaN where a seed diverged."""
    middle = float(criteria.median_seed(accuracy))
    return End(
        gain=gain,
        accuracy=middle,
        diverged=int(np.isnan(accuracy).sum()),
        seeds=len(accuracy),
        fate=criteria.fate(middle, result.config.data().classes),
    )


def _which(small: End, large: End) -> Which:
    if small.learned:
        return "both" if large.learned else "small"
    return "large" if large.learned else "neither"


def _leader(first: NDArray[np.float64], second: NDArray[np.float64]) -> criteria.Leader:
    """Who is clearly ahead in more than half of the seeds."""
    return criteria.score(first, second, within=criteria.SAME).leader


def _initialization(result: ScaleResult, small: End, large: End) -> Needed:
    if not small.learned:
        return "only large" if large.learned else "unclear"
    if not large.learned:
        return "only small"
    at_small, at_large = (result.accuracy[BATCH, place] for place in result.ends)
    return "hardly" if _leader(at_small, at_large) == "neither" else "differs"


def _spared(result: ScaleResult, batch: Sequence[End]) -> Spared:
    place = result.ends[1]
    everywhere, end = batch[place], _end(result, batch[place].gain, result.spared[BATCH])
    large, spared, best = (
        float(np.nan_to_num(value))
        for value in (
            everywhere.accuracy,
            end.accuracy,
            np.nanmax([0, *(e.accuracy for e in batch)]),
        )
    )
    ahead = _leader(result.spared[BATCH], result.accuracy[BATCH, place]) == "first"
    helped = ahead and end.fate in ("learned", "little")
    fault: Fault = "most" if best - spared < spared - large else "a part"
    return Spared(
        output=result.config.spared(),
        end=end,
        everywhere=everywhere,
        helped=helped,
        fault=fault if helped else "none",
    )


def _slower(result: ScaleResult, batch: Sequence[End], spared: Spared) -> Slower:
    """A gain times a is a rate divided by a^2, for the normalized layers; with Adam, by a.

    Adam's steps do not shrink with the gradient, so that only the longer W counts. The output
    layer starts alike on both sides, unless its gain was larger than 1.
    """
    config, own = result.config, batch[result.own]
    power = 1 if config.optimizer == "adam" else 2
    return Slower(
        outcome=_slowed(result, own, spared.everywhere.gain),
        times=(spared.everywhere.gain / config.gain) ** power,
        own=own,
        learned=spared.end.learned,
        turned=_turned(result),
    )


def _turned(result: ScaleResult) -> float | None:
    """How far they can have turned, by Pythagoras and Cauchy and Schwarz, in any layer and seed.

    n steps at right angles that make ||W||^2 by a share s longer turn W by sqrt(n s) at most. None
    where steps are not at right angles (decay, momentum, Adam), or a seed diverged.
    """
    config, growth = result.config, result.spared_growth[BATCH, :, :-1]
    if config.optimizer != "sgd" or config.decay or not np.isfinite(growth).all():
        return None
    longer = max(0.0, float(growth.max()) - 1)
    return float(np.degrees(np.sqrt(config.steps * longer)))


def _slowed(result: ScaleResult, own: End, largest: float) -> Slowed:
    if own.gain == largest:
        return "no other gain"
    if np.isnan(own.accuracy):
        return "diverged"
    leaders: dict[criteria.Leader, Slowed] = {
        "first": "better",
        "second": "worse",
        "neither": "even",
    }
    return leaders[_leader(result.spared[BATCH], result.accuracy[BATCH, result.own])]


@dataclass(frozen=True, kw_only=True)
class Reach:
    """The initial gains from which the median seed of one treatment learns."""

    treatment: Treatment
    gains: tuple[float, ...]


@dataclass(frozen=True, kw_only=True)
class GainsVerdict:
    """Who learns from which of the initial gains tried so far."""

    tried: int
    reach: tuple[Reach, Reach]  # plain, BN


def judge_gains(results: Sequence[GainResult]) -> GainsVerdict:
    """Plain and BN, each result from one initial gain."""
    plain, batch = (
        Reach(
            treatment=name,
            gains=tuple(sorted(one.config.gain for one in results if _learned(one, t))),
        )
        for t, name in enumerate(TREATMENTS)
    )
    return GainsVerdict(tried=len(results), reach=(plain, batch))


def _learned(result: GainResult, treatment: int) -> bool:
    middle = float(criteria.median_seed(result.accuracy[treatment]))
    return criteria.learned(middle, result.config.data().classes)
