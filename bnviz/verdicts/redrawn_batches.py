"""How far the statistics of redrawn mini-batches stray, and what one sample feels of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from bnviz.experiments.redrawn_batches import AloneResult, SampleInBatches, SamplingNoise
    from bnviz.verdicts.noise import NoiseVerdict

TOLD = 16  # the batch size nearest to it is told of
FEW = 4  # samples of a batch, where no smaller chunk can be compared
TENTH, NINE_TENTHS = 0.1, 0.9  # quantiles between which the probabilities are told


@dataclass(frozen=True, kw_only=True)
class LawVerdict:
    """Measurement beside theory, for the median unit of those that vary."""

    size: int  # the batch size that is told of
    mean: float  # how far the mean of a unit strays, in its standard deviations; measured
    theory: float
    mean_off: float  # the largest relative difference of the two, over all sizes
    variance_off: float  # the same of the variance


def judge_law(sampling: SamplingNoise) -> LawVerdict | None:
    """How far measurement and theory are apart; None: no unit varies."""
    there = np.isfinite(sampling.variance).any(0) & np.isfinite(sampling.mean).any(0)
    if not there.any():
        return None
    place = int(np.argmin(np.abs(sampling.sizes - TOLD)))
    return LawVerdict(
        size=int(sampling.sizes[place]),
        mean=float(np.median(sampling.mean[place, there])),
        theory=float(sampling.mean_theory[place]),
        mean_off=_off(sampling.mean[:, there], sampling.mean_theory),
        variance_off=_off(
            sampling.variance[:, there], np.median(sampling.variance_theory[:, there], axis=1)
        ),
    )


def _off(measured: NDArray[np.floating], theory: NDArray[np.floating]) -> float:
    return float(np.max(np.abs(np.median(measured, axis=1) / theory - 1)))


@dataclass(frozen=True, kw_only=True)
class InBatches:
    """The probability of its class for one sample in batches of one size."""

    size: int
    low: float  # 10th percentile
    high: float  # 90th percentile


def likely(in_batches: SampleInBatches, place: int) -> InBatches | None:
    """Of one of the sizes, by its place; None: the network has no finite answer."""
    values = in_batches.probability[place]
    known = values[np.isfinite(values)]
    if not known.size:
        return None
    return InBatches(
        size=int(in_batches.sizes[place]),
        low=float(np.quantile(known, TENTH)),
        high=float(np.quantile(known, NINE_TENTHS)),
    )


@dataclass(frozen=True, kw_only=True)
class SampleVerdict:
    """One test sample among other batch-mates."""

    dataset: str
    label: int
    ranges: tuple[InBatches, ...]  # none: the network has no finite answer


def judge_sample(result: AloneResult, verdict: NoiseVerdict) -> SampleVerdict:
    """How much the prediction for one sample depends on its mates.

    Told in batches as large as the best of the smaller chunks, and as the whole batch.
    """
    in_batches, smaller = result.in_batches, verdict.smaller
    sizes = (smaller.size if smaller else FEW, verdict.whole.size)
    places = dict.fromkeys(int(np.argmin(np.abs(in_batches.sizes - size))) for size in sizes)
    ranges = [likely(in_batches, place) for place in places]
    known = tuple(one for one in ranges if one)
    return SampleVerdict(
        dataset=result.config.dataset,
        label=in_batches.label,
        ranges=known if len(known) == len(ranges) else (),
    )
