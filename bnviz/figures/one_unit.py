"""Inside the layers: what enters one unit of the last hidden layer, over training."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from bnviz.figures import marks
from bnviz.figures.activations import DOMAINS, names
from bnviz.figures.base import Figure, axis, band, growing, layout, line
from bnviz.figures.marks import on
from bnviz.figures.once import drawn_once
from bnviz.figures.theme import TREATMENTS, Theme

if TYPE_CHECKING:
    from bnviz.experiments.activations import ActivationsResult


@drawn_once
def one_unit(result: ActivationsResult, theme: Theme, unit: int) -> Figure:
    """The 15th, 50th and 85th percentile of what enters one unit of the last hidden layer.

    Ioffe & Szegedy 2015, Fig. 1. First seed; the curves grow with the clock.
    """
    values = result.percentiles[:, :, unit - 1].astype(np.float64)
    ends = _range(values)
    values = np.where(np.isfinite(values), np.clip(values, ends[0], ends[1]), np.nan)
    steps = result.steps

    def at(column: int) -> list[marks.Trace]:
        known = slice(column % len(steps) + 1)
        curves = (_percentiles(steps[known], values[t, known], t, theme) for t in range(2))
        now = [_marks(steps[column], values[t, column], t, theme) for t in range(2)]
        return [*chain.from_iterable(curves), *now]

    axes = _axes(theme, unit, float(steps[-1]), ends)
    look = layout(theme, 340, annotations=names(theme, 1.0), **axes)
    return {"layout": look, **growing(steps, at)}


def _percentiles(
    steps: NDArray[np.int64], values: NDArray[np.float64], treatment: int, theme: Theme
) -> list[marks.Trace]:
    """Three lines of one network, and the area between the outer ones; values: (T, 3)."""
    name, where = TREATMENTS[treatment], on(treatment + 1)
    low, mid, high = values.T
    traces = [band(steps, low, high, name, theme, **where) | {"name": "15th to 85th percentile"}]
    for part, width, what in ((low, 1.5, "15th"), (high, 1.5, "85th"), (mid, 3, "50th")):
        hover = f"step %{{x}}, {what} percentile: %{{y:.2f}}<extra></extra>"
        curve = line(steps, part, name, theme, hovertemplate=hover, **where)
        traces.append(curve | {"line": {**curve["line"], "width": width}})
    return traces


def _marks(step: int, values: NDArray[np.float64], treatment: int, theme: Theme) -> marks.Trace:
    """The three percentiles, (3,), at the clock's step, joined."""
    name = TREATMENTS[treatment]
    dots = {
        "size": [8, 11, 8],
        "color": theme.colour(name),
        "symbol": "diamond" if name == "plain" else "circle",
        "line": {"width": 1.5, "color": theme.background},
    }
    look = {"color": theme.text, "width": 1, "dash": "dot"}
    quiet = {"hoverinfo": "skip", "cliponaxis": False}
    x = np.full(3, step)
    return marks.scatter(
        x, values, "lines+markers", marker=dots, line=look, **quiet, **on(treatment + 1)
    )


def _axes(theme: Theme, unit: int, longest: float, ends: list[float]) -> dict[str, Any]:
    across = {"range": [-0.04 * longest, 1.04 * longest], "fixedrange": True, "nticks": 4}
    up = {"range": ends, "fixedrange": True}
    return {
        "xaxis1": axis(theme, "training step", domain=DOMAINS[0], anchor="y1", **across),
        "xaxis2": axis(theme, "training step", domain=DOMAINS[1], anchor="y2", **across),
        "yaxis1": axis(theme, f"input of unit {unit}", anchor="x1", **up),
        "yaxis2": axis(theme, "", anchor="x2", **up, showticklabels=False),
    }


def _range(values: NDArray[np.float64]) -> list[float]:
    """Both networks' percentiles, but no further than twice BN's extent beyond BN's ends."""
    known = [row[np.isfinite(row)] for row in values]
    known = [row for row in known if row.size]
    if not known:
        return [-1.0, 1.0]
    low, high = float(known[-1].min()), float(known[-1].max())
    extent = max(high - low, 1e-3 * max(1.0, abs(low), abs(high)))
    lowest = max(min(float(row.min()) for row in known), low - 2 * extent)
    highest = min(max(float(row.max()) for row in known), high + 2 * extent)
    margin = 0.06 * max(highest - lowest, extent)
    return [lowest - margin, highest + margin]
