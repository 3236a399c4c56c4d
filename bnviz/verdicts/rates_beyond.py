"""Learning rates: what is too large, what the rate of the knob does, and three beliefs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from bnviz.axes import BATCH, TREATMENTS, Treatment
from bnviz.verdicts import criteria
from bnviz.verdicts.rates_measured import Places, final, first_to_target, learned, places, plateau

if TYPE_CHECKING:
    from bnviz.experiments.rates import RatesResult

Mattering = Literal["nothing learned", "everywhere", "not everywhere"]


@dataclass(frozen=True, kw_only=True)
class Beyond:
    """One network at rates that are too large for it."""

    treatment: Treatment
    lost: Places | None  # where the median seed diverges
    stuck: Places | None  # beyond the best rates, where it neither diverges nor learns
    top: float  # its highest accuracy at these
    fate: criteria.Fate


@dataclass(frozen=True, kw_only=True)
class At:
    """One network at the rate of the knob."""

    treatment: Treatment
    rate: float
    accuracy: float  # of the median seed at the end; NaN: it diverged
    after: float  # steps to the target, median seed; infinite: never
    diverged: int
    by: int  # the step by which all of these had


@dataclass(frozen=True, kw_only=True)
class Matters:
    """Whether BN's accuracy still hangs on the rate."""

    outcome: Mattering
    reached: int  # rates at which it gets to the target
    lost: int  # rates at which it diverges
    lowest: float  # accuracy at the others, or where it gets there everywhere; NaN: no others
    highest: float


@dataclass(frozen=True, kw_only=True)
class Every:
    """BN against plain at every rate; a network that diverged counts as guessing."""

    better: int
    worse: int
    same: int
    furthest: float  # the rate at which BN is furthest behind …
    behind: float  # … by so much accuracy


@dataclass(frozen=True, kw_only=True)
class Alive:
    """Where the loss of one network stays a number and little or nothing is learned."""

    treatment: Treatment
    alive: int  # rates at which it does not diverge
    learns: bool  # at any rate
    stuck: Places | None


def _lost(result: RatesResult) -> NDArray[np.bool_]:
    """Whether the median seed diverged, (2, L)."""
    return np.isnan(final(result))


def _stuck(result: RatesResult, treatment: int) -> NDArray[np.int64]:
    best, able = plateau(result, treatment), learned(result)[treatment]
    if not able.any():
        return np.array([], np.int64)
    beyond = np.arange(len(able)) > best[-1]
    return np.flatnonzero(~_lost(result)[treatment] & ~able & beyond)


def beyond(result: RatesResult, treatment: int) -> Beyond:
    """What happens at rates beyond the best: a divergence, or a finite loss and no learning."""
    stuck = _stuck(result, treatment)
    top = float(final(result)[treatment, stuck].max()) if len(stuck) else float("nan")
    return Beyond(
        treatment=TREATMENTS[treatment],
        lost=places(result, np.flatnonzero(_lost(result)[treatment])),
        stuck=places(result, stuck),
        top=top,
        fate=criteria.fate(top, result.config.data().classes),
    )


def at_the_rate(result: RatesResult, treatment: int) -> At:
    """What a network does at the rate of the knob."""
    place = result.own()
    lost = result.diverged_at[treatment, place]
    gone = criteria.diverged(lost)
    return At(
        treatment=TREATMENTS[treatment],
        rate=float(result.rates[place]),
        accuracy=float(final(result)[treatment, place]),
        after=float(first_to_target(result)[treatment, place]),
        diverged=int(gone.sum()),
        by=int(lost.max()),
    )


def matters(result: RatesResult) -> Matters:
    """Whether BN reaches the target at every rate, and what becomes of it elsewhere."""
    ends, lost = final(result)[BATCH], _lost(result)[BATCH]
    reached = np.isfinite(first_to_target(result)[BATCH])
    outcome: Mattering = "everywhere" if reached.all() else "not everywhere"
    if not learned(result)[BATCH].any():
        outcome = "nothing learned"
    others = ends[~lost] if outcome == "everywhere" else ends[~lost & ~reached]
    return Matters(
        outcome=outcome,
        reached=int(reached.sum()),
        lost=int((lost & ~reached).sum()),
        lowest=float(others.min()) if others.size else float("nan"),
        highest=float(others.max()) if others.size else float("nan"),
    )


def every(result: RatesResult) -> Every:
    """At how many rates BN is the better one."""
    chance = 1 / result.config.data().classes
    plain, batch = np.maximum(np.nan_to_num(final(result)), chance)
    leaders = [criteria.better(b, p) for p, b in zip(plain, batch, strict=True)]
    place = int((batch - plain).argmin())
    return Every(
        better=leaders.count("first"),
        worse=leaders.count("second"),
        same=leaders.count("neither"),
        furthest=float(result.rates[place]),
        behind=float(plain[place] - batch[place]),
    )


def alive(result: RatesResult, treatment: int) -> Alive:
    """Whether a network that does not diverge is one that learns."""
    return Alive(
        treatment=TREATMENTS[treatment],
        alive=int((~_lost(result)[treatment]).sum()),
        learns=bool(learned(result)[treatment].any()),
        stuck=places(result, _stuck(result, treatment)),
    )
