"""Learning rates: which of them each network can use, which suit it best, and what is gained."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from bnviz.axes import BATCH, PLAIN
from bnviz.verdicts import criteria
from bnviz.verdicts.rates_beyond import (
    Alive,
    At,
    Beyond,
    Every,
    Matters,
    alive,
    at_the_rate,
    beyond,
    every,
    matters,
)
from bnviz.verdicts.rates_measured import (
    Places,
    final,
    first_to_target,
    learned,
    learned_in,
    places,
    plateau,
    widest,
    window,
)

if TYPE_CHECKING:
    from bnviz.experiments.rates import RatesResult

WELL_BELOW = 0.45  # decades below the rates that suit plain best, and further: the small rates
STEPS_APART = 2  # of the sweep: largest rates that are closer are about the same
LOW = 3  # quarter decades below the rates that suit plain best: the low base of the paper's arms

Reach = Literal["neither", "only BN", "only plain", "BN", "plain", "as wide", "unclear"]
Order = Literal["unknown", "smaller", "overlap", "larger"]
Gain = Literal["none", "unplaced", "smaller", "larger", "other"]
Already = Literal["plain nothing", "neither", "better", "worse", "even"]
Small = Literal["better", "worse", "same", "mixed"]
Largest = Literal["nobody", "smaller", "about the same", "larger"]
Higher = Literal["none", "plain", "BN", "level", "unclear"]


@dataclass(frozen=True, kw_only=True)
class Window:
    """The widest range of neighbouring rates at which the median seed reached the target."""

    low: float
    high: float
    decades: float
    cut: bool  # the sweep ends before it does

    @property
    def single(self) -> bool:
        return self.low == self.high


@dataclass(frozen=True, kw_only=True)
class Tops:
    """The largest rates of the two windows: which is higher, by the median seed and most seeds."""

    outcome: Higher  # none: a network has no window
    plain: float  # NaN: it has no window
    batch: float
    times: float  # the larger one over the smaller one
    at_least: bool  # the larger one is the end of the sweep
    score: criteria.Score  # seed by seed; plain first, BN second


@dataclass(frozen=True, kw_only=True)
class Best:
    """The rates whose accuracy is about the highest: a plateau, and no single rate."""

    accuracy: float  # of the median seed; NaN: it diverged at every rate
    rates: Places | None


@dataclass(frozen=True, kw_only=True)
class Fastest:
    """The fewest steps to the target of each network, and the rates at which it takes no more."""

    plain: float
    plain_rates: Places
    batch: float
    batch_rates: Places
    batch_there: float  # the fewest of BN at the rates at which plain is fastest; infinite: never


@dataclass(frozen=True, kw_only=True)
class AtPlainsBest:
    """BN at the rates that suit plain best: what it does without a larger rate."""

    outcome: Already
    rates: Places | None
    plain: float  # the best accuracy of the median seed there
    batch: float
    gain: Gain  # where the two are even: at which rates BN's accuracy is the higher one


@dataclass(frozen=True, kw_only=True)
class SmallRates:
    """Rates well below those that suit plain best, at which one of the two has learned."""

    outcome: Small
    rates: Places
    better: int  # at how many of them BN is
    worse: int
    difference: float  # BN - plain, the mean over these rates


@dataclass(frozen=True, kw_only=True)
class LargestRate:
    """The largest rate at which each network learns."""

    outcome: Largest  # of BN's against plain's, seed by seed
    plain: float  # of the median seed; NaN: there is none
    batch: float
    score: criteria.Score  # plain first, BN second: by STEPS_APART and more


@dataclass(frozen=True, kw_only=True)
class RatesVerdict:
    """Pairs are plain and BN."""

    target: float
    steps: int
    rates: int
    seeds: int
    reach: Reach  # who has the wider window
    windows: tuple[Window | None, Window | None]
    wider: criteria.Score  # seed by seed; plain first, BN second
    tops: Tops
    edge: criteria.Fate  # of BN's median seed at the largest rate of all
    learned: tuple[bool, bool]  # at any rate
    best: tuple[Best, Best]
    order: Order  # of BN's best rates against plain's
    fastest: Fastest | None
    at_plains_best: AtPlainsBest
    small: SmallRates | None
    largest: LargestRate
    beyond: tuple[Beyond, Beyond]
    at: tuple[At, At]  # the rate of the knob
    matters: Matters
    every: Every
    alive: tuple[Alive, Alive]

    @property
    def helps_in_accuracy(self) -> bool:
        """Whether BN's best accuracy is clearly the higher one."""
        return criteria.better(self.best[BATCH].accuracy, self.best[PLAIN].accuracy) == "first"


def judge(result: RatesResult) -> RatesVerdict:
    """Everything the page says of this sweep."""
    config, windows = result.config, (_window(result, PLAIN), _window(result, BATCH))
    widths = [widest(one)[1] for one in _reached_in(result)]
    wider = criteria.score(*np.array(widths, np.float64).reshape(2, config.seeds))
    best = _best(result, PLAIN), _best(result, BATCH)
    order = _order(result, *best)
    return RatesVerdict(
        target=config.target,
        steps=config.steps,
        rates=len(result.rates),
        seeds=config.seeds,
        reach=_reach(*windows, wider),
        windows=windows,
        wider=wider,
        tops=_tops(result, *windows),
        edge=criteria.fate(float(final(result)[BATCH, -1]), config.data().classes),
        learned=(bool(learned(result)[PLAIN].any()), bool(learned(result)[BATCH].any())),
        best=best,
        order=order,
        fastest=_fastest(result),
        at_plains_best=_at_plains_best(result, *best, order),
        small=_small(result),
        largest=_largest(result),
        beyond=(beyond(result, PLAIN), beyond(result, BATCH)),
        at=(at_the_rate(result, PLAIN), at_the_rate(result, BATCH)),
        matters=matters(result),
        every=every(result),
        alive=(alive(result, PLAIN), alive(result, BATCH)),
    )


# ------------------------------------------------------------------ who reaches the target


def _window(result: RatesResult, treatment: int) -> Window | None:
    found = window(result, treatment)
    if found is None:
        return None
    low, high = (float(result.rates[place]) for place in found)
    return Window(
        low=low,
        high=high,
        decades=round(4 * np.log10(high / low)) / 4,  # the rates are rounded quarter decades
        cut=found[0] == 0 or found[1] == len(result.rates) - 1,
    )


def _reached_in(result: RatesResult) -> list[NDArray[np.bool_]]:
    """Whether each network got to the target, by rate; those of plain's seeds, then BN's."""
    reached = np.isfinite(criteria.late(result.seeds_to_target()))  # (2, L, seeds)
    return list(np.moveaxis(reached, 1, -1).reshape(-1, len(result.rates)))


def _reach(plain: Window | None, batch: Window | None, wider: criteria.Score) -> Reach:
    if plain is None or batch is None:
        if plain is batch:
            return "neither"
        return "only BN" if plain is None else "only plain"
    if plain.decades == batch.decades:
        return "as wide"
    if batch.decades > plain.decades and wider.leader == "second":
        return "BN"
    return "plain" if plain.decades > batch.decades and wider.leader == "first" else "unclear"


def _tops(result: RatesResult, plain: Window | None, batch: Window | None) -> Tops:
    ends = [sum(widest(one)) for one in _reached_in(result)]  # the place after the last; 0: none
    score = criteria.score(*np.array(ends, np.float64).reshape(2, result.config.seeds))
    low, high = (one.high if one else float("nan") for one in (plain, batch))
    times = max(low, high) / min(low, high)
    cut = any(one is not None and one.high == result.rates[-1] for one in (plain, batch))
    return Tops(
        outcome=_higher(low, high, score),
        plain=low,
        batch=high,
        times=times,
        at_least=cut and times > 1,
        score=score,
    )


def _higher(plain: float, batch: float, score: criteria.Score) -> Higher:
    if np.isnan(plain) or np.isnan(batch):
        return "none"
    leaders: dict[criteria.Leader, Higher] = {"first": "plain", "second": "BN", "neither": "level"}
    medians: Higher = "level" if plain == batch else "plain" if plain > batch else "BN"
    return medians if medians == leaders[score.leader] else "unclear"


def _fastest(result: RatesResult) -> Fastest | None:
    """Where both get there."""
    steps = first_to_target(result)
    fewest = steps.min(axis=1)
    if not np.isfinite(fewest).all():
        return None
    plain, batch = (np.flatnonzero(row == few) for row, few in zip(steps, fewest, strict=True))
    return Fastest(
        plain=float(fewest[PLAIN]),
        plain_rates=_some(result, plain),
        batch=float(fewest[BATCH]),
        batch_rates=_some(result, batch),
        batch_there=float(steps[BATCH, plain].min()),
    )


def _some(result: RatesResult, where: NDArray[np.int64]) -> Places:
    """As places(), where there is one."""
    found = places(result, where)
    assert found is not None
    return found


# ------------------------------------------------------------------ which rates suit best


def _best(result: RatesResult, treatment: int) -> Best:
    accuracy = final(result)[treatment]
    known = accuracy[np.isfinite(accuracy)]
    return Best(
        accuracy=float(known.max()) if known.size else float("nan"),
        rates=places(result, plateau(result, treatment)),
    )


def _order(result: RatesResult, plain: Best, batch: Best) -> Order:
    if not learned(result).any(axis=1).all() or plain.rates is None or batch.rates is None:
        return "unknown"
    if batch.rates.low > plain.rates.high:
        return "larger"
    return "smaller" if batch.rates.high < plain.rates.low else "overlap"


def _at_plains_best(result: RatesResult, plain: Best, batch: Best, order: Order) -> AtPlainsBest:
    able_plain, able_batch = (bool(row.any()) for row in learned(result))
    if not able_plain:
        outcome: Already = "plain nothing" if able_batch else "neither"
        return AtPlainsBest(outcome=outcome, rates=None, plain=np.nan, batch=np.nan, gain="none")
    there = plateau(result, PLAIN)
    ends = result.test_accuracy[..., -1].astype(np.float64)[:, there]  # (2, places, seeds)
    ahead = np.nan_to_num(ends, nan=-1.0).max(axis=1)  # a diverged seed is behind every other
    score = criteria.score(*ahead, within=criteria.SAME)
    known = final(result)[BATCH, there]
    middle = float(np.nanmax(known)) if np.isfinite(known).any() else float("nan")
    leader = criteria.better(plain.accuracy, middle)
    names: dict[criteria.Leader, Already] = {"first": "worse", "second": "better"}
    outcome = names.get(leader, "even") if leader == score.leader else "even"
    return AtPlainsBest(
        outcome=outcome,
        rates=plain.rates,
        plain=plain.accuracy,
        batch=middle,
        gain=_gain(plain, batch, middle, order),
    )


def _gain(plain: Best, batch: Best, there: float, order: Order) -> Gain:
    """At which rates BN's accuracy is above plain's, if it is not at plain's best ones."""
    if criteria.better(batch.accuracy, plain.accuracy) != "first":
        return "none"
    if criteria.same_accuracy(batch.accuracy, there):
        return "unplaced"
    gains: dict[Order, Gain] = {"smaller": "smaller", "larger": "larger"}
    return gains.get(order, "other")


def _small(result: RatesResult) -> SmallRates | None:
    if not learned(result)[PLAIN].any():
        return None
    few = small_rates(result)
    if not len(few):
        return None
    plain, batch = final(result)[:, few]
    leaders = [criteria.better(b, p) for p, b in zip(plain, batch, strict=True)]
    better, worse = leaders.count("first"), leaders.count("second")
    outcome: Small = "mixed"
    if not better and not worse:
        outcome = "same"
    elif not worse and criteria.majority(better, len(few)):
        outcome = "better"
    elif not better and criteria.majority(worse, len(few)):
        outcome = "worse"
    return SmallRates(
        outcome=outcome,
        rates=_some(result, few),
        better=better,
        worse=worse,
        difference=float((np.nan_to_num(batch) - np.nan_to_num(plain)).mean()),
    )


def small_rates(result: RatesResult) -> NDArray[np.int64]:
    """The rates well below those that suit plain best, where one of the two has learned."""
    lowest = result.rates[plateau(result, PLAIN)[0]]
    low = result.rates <= lowest * 10**-WELL_BELOW
    return np.flatnonzero(low & learned(result).any(axis=0))


def _largest(result: RatesResult) -> LargestRate:
    count = np.arange(1, len(result.rates) + 1)[:, None]
    score = criteria.score(*(learned_in(result) * count).max(axis=1), within=STEPS_APART)
    middle = learned(result)
    plain, batch = (
        float(result.rates[np.flatnonzero(row)[-1]]) if row.any() else float("nan")
        for row in middle
    )
    outcome: Largest = "about the same"
    if not middle.any(axis=1).all():
        outcome = "nobody"
    elif score.leader != "neither":
        outcome = "larger" if score.leader == "second" else "smaller"
    return LargestRate(outcome=outcome, plain=plain, batch=batch, score=score)


def bases(result: RatesResult) -> tuple[float, float]:
    """The base rates of the paper's experiment: a low one, and one that suits plain best.

    The second is the middle of the rates that do (of an even number the lower one of two), the
    first lies LOW quarter decades below the smallest of them.
    """
    best = plateau(result, PLAIN)
    first, middle = (best[0], best[(len(best) - 1) // 2]) if len(best) else (0, 0)
    return float(result.rates[max(0, first - LOW)]), float(result.rates[middle])
