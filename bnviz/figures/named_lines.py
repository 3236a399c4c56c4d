"""Lines that are named right of the picture, at their ends, and that grow with the clock."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bnviz.figures import marks
from bnviz.figures.base import Figure, axis, frames, layout, log_axis
from bnviz.figures.marks import Trace
from bnviz.figures.theme import Theme

FLOOR, CEILING = 1e-4, 30.0  # of the losses drawn
HEIGHT = 380
MARGIN = {"l": 52, "r": 88, "t": 12, "b": 48}
HAIR = 1e-3  # beyond the names at the end of an axis: outside of it they would not be drawn
GAP = 0.068  # between two labels, in heights of the axis
SPACE = "\u2002"  # between a marker and its name

Numbers = NDArray[Any]
Range = tuple[Numbers, Numbers, Numbers]
"""Median, lowest and highest over the seeds."""
Label = tuple[str, float, str]
"""A name, the height it belongs to, and its colour."""


class Scale:
    """The vertical axis of a measure: its range, and what can be drawn on it."""

    def __init__(self, measure: str, known: Numbers) -> None:
        self.log = measure == "loss"
        self.low, self.high = -0.03, 1.05
        if self.log:
            shown = self.drawn(known[np.isfinite(known)])
            ends = (shown.min(), shown.max()) if shown.size else (0.1, 1.0)
            self.low, self.high = (
                float(np.log10(f * e)) for f, e in zip((0.8, 1.25), ends, strict=True)
            )

    def drawn(self, values: Numbers) -> Numbers:
        values = np.asarray(values, np.float64)
        return np.clip(values, FLOOR, CEILING) if self.log else values

    def axis(self, theme: Theme) -> Trace:
        if self.log:
            return log_axis(theme, "test loss (log)", (self.low, self.high))
        return axis(theme, "test accuracy", range=[self.low, self.high], tickformat=".0%")

    def labels(self, labels: Sequence[Label], x: float, lines: int = 1) -> list[Trace]:
        """Names right of the picture at their heights, moved apart where they would collide.

        lines: of the longest of them.
        """
        heights = np.array([y for _, y, _ in labels])
        gap = lines * GAP * (self.high - self.low)
        places = np.log10(heights) if self.log else heights
        places = apart(places, gap, self.low + gap / 2, self.high - gap / 2)
        places = 10**places if self.log else places
        return [
            marks.text(
                [x],
                [place],
                [f"{SPACE}<b>{name}</b>".replace("<br>", f"<br>{SPACE}")],
                colour,
                textposition="middle right",
                cliponaxis=False,
            )
            for (name, _, colour), place in zip(labels, places, strict=True)
        ]


def apart(heights: Numbers, gap: float, low: float, high: float) -> Numbers:
    """The same heights, in the same order, at least `gap` apart and from `low` to `high`.

    As near to where they were as one pass up and one pass down leave them; NaN stays NaN.
    """
    places = np.clip(heights, low, high)
    order = [int(k) for k in np.argsort(heights, kind="stable") if np.isfinite(heights[k])]
    for below, above in pairwise(order):
        places[above] = max(places[above], places[below] + gap)
    if order:
        places[order[-1]] = min(places[order[-1]], high)
    for above, below in pairwise(order[::-1]):
        places[below] = min(places[below], places[above] - gap)
    return places


def last(values: Numbers) -> float:
    """The last number there is."""
    known = values[np.isfinite(values)]
    return float(known[-1]) if known.size else float("nan")


def named_line(x: Numbers, y: Numbers, name: str, colour: str, dash: str, width: float) -> Trace:
    """A line that says its name where one points at it."""
    hover = f"%{{y:.3g}}<extra>{name}</extra>"
    return marks.stroke(x, y, colour, width, name=name, line={"dash": dash}, hovertemplate=hover)


def with_markers(trace: Trace, symbol: str, size: float = 8) -> Trace:
    """The line with a dot at each of its points."""
    marker = {"size": size, "symbol": symbol, "color": trace["line"]["color"]}
    return {**trace, "mode": "lines+markers", "marker": marker}


def twice(value: float) -> Numbers:
    """The same height at both ends of a level line."""
    return np.array([value, value], np.float64)


def places(traces: Sequence[Trace]) -> list[Trace]:
    """What a frame changes of such traces: where they are, never what they are called."""
    return [{key: trace[key] for key in ("x", "y")} for trace in traces]


def until(column: int, ranges: Sequence[Range]) -> list[Range]:
    """Medians and ranges over the seeds, up to this record."""
    return [
        (middle[: column + 1], low[: column + 1], high[: column + 1])
        for middle, low, high in ranges
    ]


def growing(
    steps: NDArray[np.int64],
    theme: Theme,
    vertical: Trace,
    at: Callable[[int], list[Trace]],
    **more: Any,
) -> Figure:
    """Curves that grow with the clock; at(column): all traces, up to this record."""
    traces, longest = at(len(steps) - 1), float(steps[-1])
    along = axis(theme, "training step", range=[-0.02 * longest, 1.01 * longest])
    look = {"margin": MARGIN, "xaxis": along, "yaxis": vertical, "shapes": [], **more}
    return {
        "data": traces,
        "layout": layout(theme, look.pop("height", HEIGHT), **look),
        "frames": frames(steps, range(len(traces)), lambda column: places(at(column))),
    }
