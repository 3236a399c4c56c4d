"""Learning rates: what the median seed does at each of them, for verdicts and pictures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from bnviz.verdicts import criteria

if TYPE_CHECKING:
    from bnviz.experiments.rates import RatesResult


@dataclass(frozen=True, kw_only=True)
class Places:
    """Some of the rates of a sweep."""

    count: int
    low: float
    high: float
    adjacent: bool  # no rate between the lowest and the highest one is missing
    to_the_end: bool  # up to the largest rate of the sweep


def places(result: RatesResult, where: NDArray[np.int64]) -> Places | None:
    """The rates at these places, rising; None: there is none."""
    if not len(where):
        return None
    first, last = int(where[0]), int(where[-1])
    return Places(
        count=len(where),
        low=float(result.rates[first]),
        high=float(result.rates[last]),
        adjacent=len(where) == last - first + 1,
        to_the_end=last == len(result.rates) - 1,
    )


def final(result: RatesResult) -> NDArray[np.float64]:
    """Accuracy of the median seed at the last step, (2, L); NaN: it diverged."""
    return criteria.median_seed(result.test_accuracy[..., -1])


def learned(result: RatesResult) -> NDArray[np.bool_]:
    """Whether the median seed has learned, (2, L)."""
    return _learned(result, final(result))


def learned_in(result: RatesResult) -> NDArray[np.bool_]:
    """Whether each seed has, (2, L, seeds)."""
    return _learned(result, result.test_accuracy[..., -1])


def _learned(result: RatesResult, ends: NDArray[np.floating]) -> NDArray[np.bool_]:
    classes = result.config.data().classes
    able = [criteria.learned(float(end), classes) for end in ends.flat]
    return np.reshape(able, ends.shape)


def plateau(result: RatesResult, treatment: int) -> NDArray[np.int64]:
    """The places of the rates that suit a network best."""
    return criteria.plateau(final(result)[treatment])


def first_to_target(result: RatesResult) -> NDArray[np.float64]:
    """The first recorded step at the target of the median seed, (2, L); infinite: never."""
    return np.median(criteria.late(result.seeds_to_target()), axis=2)


def window(
    result: RatesResult, treatment: int, step: float | None = None
) -> tuple[int, int] | None:
    """The widest range of rates whose median seed reached the target by this step.

    The first and the last rate, counted from 0; None: there is no such rate.
    """
    last = result.steps[-1] if step is None else step
    first, width = widest(first_to_target(result)[treatment] <= last)
    return (first, first + width - 1) if width else None


def widest(there: NDArray[np.bool_]) -> tuple[int, int]:
    """Where the longest run of True begins, and how long it is; of two equal ones the later."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], there.astype(int), [0]])))
    if not len(edges):
        return 0, 0
    first, beyond = max(edges.reshape(-1, 2), key=lambda pair: (pair[1] - pair[0], pair[0]))
    return int(first), int(beyond - first)
