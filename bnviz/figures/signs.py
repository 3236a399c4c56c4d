"""Many treatments in one picture: a sign for each, lines with signs, and a key above the figure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bnviz.figures.base import Figure, axis, band, frames, heading, layout, line
from bnviz.figures.marks import Trace, points
from bnviz.figures.theme import LABEL, Theme

SYMBOL = {
    "plain": "diamond",
    "batch": "circle",
    "layer": "square",
    "renorm": "triangle-up",
    "group": "x",
    "instance": "triangle-down",
    "switchable": "star",
    "rms": "cross",
    "dyt": "hexagon",
    "weights": "triangle-left",
}
SIGN = {
    "plain": "◆",
    "batch": "●",
    "layer": "■",
    "renorm": "▲",
    "group": "✖",
    "instance": "▼",
    "switchable": "★",
    "rms": "✚",
    "dyt": "⬢",
    "weights": "◀",
}
"""The same in a line of text."""
HEIGHT = 400
CHANGING = ("x", "y", "text")
"""What a frame changes of a trace."""

Numbers = NDArray[Any]
Spans = Mapping[str, tuple[Numbers, Numbers, Numbers]]
"""Of each treatment: median, lowest, highest over the seeds, along x."""


def marked_line(x: Numbers, y: Numbers, kind: str, theme: Theme, **more: Any) -> Trace:
    """A treatment's line with its sign at every point; `more` goes to the trace."""
    look = {
        "mode": "lines+markers",
        "marker": {"size": 9, "symbol": SYMBOL[kind], "color": theme.colour(kind)},
        "hovertemplate": "%{y:.1%}<extra>" + LABEL[kind] + "</extra>",
    }
    return line(x, y, kind, theme, **look | more)


def banded(x: Numbers, spans: Spans, theme: Theme, **more: Any) -> list[Trace]:
    """Each treatment's range and, above all ranges, its line."""
    ranges = [band(x, low, high, kind, theme) for kind, (_, low, high) in spans.items()]
    lines = [marked_line(x, middle, kind, theme, **more) for kind, (middle, _, _) in spans.items()]
    return [*ranges, *lines]


def precise_rings(x: Numbers, y: Numbers, theme: Theme) -> Trace:
    """Around BN's points: where precise statistics bring it."""
    return points(
        x,
        y,
        theme.text,
        16,
        marker={"symbol": "circle-open"},
        hovertemplate="%{y:.1%}<extra>BN, precise statistics</extra>",
    )


def dot_of(kind: str, x: Numbers, middle: Numbers, column: int, theme: Theme) -> Trace:
    """Where the curve of a treatment stands at this record, in its sign."""
    look = {"symbol": SYMBOL[kind], "line": {"width": 1.5, "color": theme.background}}
    return points(
        x[[column]],
        middle[[column]],
        theme.colour(kind),
        12,
        marker=look,
        hovertemplate="%{y:.1%}<extra>" + LABEL[kind] + "</extra>",
    )


def accuracy_axis(theme: Theme, title: str = "test accuracy") -> Trace:
    """From nothing right to all right, with room for the dots at both ends."""
    return axis(theme, title, range=[-0.02, 1.04], tickformat=".0%", dtick=0.2)


def size_axis(sizes: Numbers, theme: Theme, title: str = "batch size (log)") -> Trace:
    """Batch sizes, each with a tick, at their binary logarithms."""
    places = np.log2(sizes)
    return axis(
        theme,
        title,
        range=[float(places[0]) - 0.35, float(places[-1]) + 0.35],
        tickvals=[float(place) for place in places],
        ticktext=[str(int(size)) for size in sizes],
    )


def all_moving(
    steps: Numbers,
    at: Callable[[int], list[Trace]],
    theme: Theme,
    still: Sequence[Trace] = (),
    height: int = HEIGHT,
    **axes: Any,
) -> Figure:
    """A figure whose traces `at(column)` all move, over some that do not."""
    traces = at(len(steps) - 1)

    def moved(column: int) -> list[Trace]:
        return [{key: trace[key] for key in CHANGING if key in trace} for trace in at(column)]

    moving = range(len(still), len(still) + len(traces))
    return {
        "data": [*still, *traces],
        "layout": layout(theme, height, margin={"l": 52, "r": 12, "t": 36, "b": 48}, **axes),
        "frames": frames(steps, moving, moved),
    }


def over_training(
    steps: Numbers,
    spans: Spans,
    theme: Theme,
    more: Callable[[int], list[Trace]] = lambda _column: [],
    told: str = "",
) -> Figure:
    """Test accuracy over the shares of training, with ranges, as far as the clock; frames.

    Between ranges and lines stand `more(column)`; `told` is a row of the key.
    """
    x = steps.astype(np.float64)

    def at(column: int) -> list[Trace]:
        known = slice(column + 1)
        shown = {
            kind: (middle[known], low[known], high[known])
            for kind, (middle, low, high) in spans.items()
        }
        drawn = banded(x[known], shown, theme, mode="lines")
        dots = [dot_of(kind, x, middle, column, theme) for kind, (middle, _, _) in spans.items()]
        return [*drawn[: len(spans)], *more(column), *drawn[len(spans) :], *dots]

    figure = all_moving(
        steps,
        at,
        theme,
        xaxis=axis(theme, "share of training", range=[-3, 103], ticksuffix="%", dtick=25),
        yaxis=accuracy_axis(theme),
    )
    return with_key(figure, list(spans), theme, told)


def with_key(figure: Figure, kinds: Sequence[str], theme: Theme, more: str = "") -> Figure:
    """What each line is, in a row above the figure, with one row more below it."""
    return with_rows(
        figure, [*([key_of(kinds, theme)] if kinds else []), *filter(None, [more])], theme
    )


def key_of(kinds: Sequence[str], theme: Theme) -> str:
    """The names of some treatments, in their colours, with their signs."""
    return "   ".join(named(f"{SIGN[kind]} {LABEL[kind]}", kind, theme) for kind in kinds)


def named(text: str, kind: str, theme: Theme) -> str:
    """A text in the colour of a treatment."""
    return f'<span style="color:{theme.colour(kind)}"><b>{text}</b></span>'


def with_rows(figure: Figure, rows: Sequence[str], theme: Theme) -> Figure:
    """Rows of text above the figure, and room for them."""
    lines = "<br>".join(rows)
    figure["layout"]["margin"]["t"] = 36 + 20 * lines.count("<br>")
    key = heading(lines, 0, 1.02, theme, font={"size": 13, "color": theme.text}, align="left")
    figure["layout"].setdefault("annotations", []).append(key)
    return figure
