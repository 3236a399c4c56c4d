"""The distributions in two runs of the lab as densities, on an axis that both share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from bnviz.engine.distributions import QUANTILES
from bnviz.experiments.activations import common_range, densities, shown_layers

if TYPE_CHECKING:
    from bnviz.experiments.lab import LabResult


@dataclass(frozen=True, kw_only=True)
class Ridges:
    """One run's distributions, layer by layer, on an axis that it shares with another run."""

    layers: NDArray[np.int64]  # (L,) from 1
    low: float  # the ends of the axis
    high: float
    density: NDArray[np.uint8]  # (M, L, BINS) each with a scale of its own
    zeros: NDArray[np.float64]  # (M, L) share of exact zeros, not in the density; NaN: diverged
    outside: NDArray[np.float64]  # (M, L) share beyond the axis


def ridges(a: LabResult, b: LabResult) -> tuple[Ridges, Ridges]:
    """The distributions of both first seeds on one axis, on which the narrower one can be seen."""
    runs = (a, b)
    layers = [shown_layers(run.config.depth) for run in runs]
    values, zeros = zip(
        *(_first_seed(run, shown) for run, shown in zip(runs, layers, strict=True)), strict=True
    )
    shares = (0.03, 1.0) if a.config.diagnostic == "gradient entries" else (0.002, 0.998)
    low, high = _shared_range(values, *shares)
    made = []
    for shown, found, gone in zip(layers, values, zeros, strict=True):
        with np.errstate(invalid="ignore"):
            beyond = ((found < low) | (found > high)).mean(-1) * (1 - gone)
        made.append(
            Ridges(
                layers=shown,
                low=low,
                high=high,
                density=densities(found, low, high),
                zeros=gone,
                outside=beyond,
            )
        )
    return made[0], made[1]


def _first_seed(
    run: LabResult, layers: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Its quantiles, (M, L, QUANTILES), and its shares of exact zeros, (M, L), in these layers.

    NaN after a divergence, and at one moment where nothing was measured.
    """
    empty = np.full((max(1, len(run.moments)), run.config.depth, QUANTILES), np.nan)
    found = run.measured["value"][0].astype(np.float64) if run.measured else empty
    gone = run.measured["zeros"][0] if run.measured else empty[..., 0]
    gone = np.where(np.isnan(found).all(-1) & (gone < 1), np.nan, gone.astype(np.float64))
    return found[:, layers - 1], gone[:, layers - 1]


def _shared_range(values: Sequence[NDArray[np.float64]], *shares: float) -> tuple[float, float]:
    """activations.common_range, with the run of the smaller extent as the one that must be seen."""

    def extent(one: NDArray[np.float64]) -> float:
        known = one[np.isfinite(one)]
        return float(np.ptp(np.quantile(known, shares))) if known.size else np.inf

    ordered = sorted((one.ravel() for one in values), key=extent, reverse=True)
    return common_range(ordered, *shares)
