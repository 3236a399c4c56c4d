"""The backward pass in pictures: the graph with its numbers, and what gets through."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from bnviz.axes import TO_EQUATION
from bnviz.figures import marks
from bnviz.figures.base import (
    Figure,
    axis,
    frames,
    heading,
    layout,
    packed,
)
from bnviz.figures.marks import Trace
from bnviz.figures.once import drawn_once
from bnviz.figures.theme import Theme, translucent
from bnviz.figures.transform import short

if TYPE_CHECKING:
    from bnviz.experiments.backward import BackwardResult

# Where the nodes of the graph stand: forward from left to right, the statistics below.
PLACES = {
    "x": (0.0, 1.0),
    "μ": (0.62, 0.0),
    "x − μ": (1.24, 1.0),
    "v": (1.86, 0.0),
    "x̂": (2.48, 1.0),
    "γ": (3.1, 0.0),
    "y": (3.72, 1.0),
    "β": (4.34, 0.0),
}
EDGES = (
    ("x", "μ"), ("x", "x − μ"), ("μ", "x − μ"), ("x − μ", "v"), ("x − μ", "x̂"), ("v", "x̂"),
    ("x̂", "y"), ("γ", "y"), ("β", "y"),
)  # fmt: skip
BACK = (
    (("x̂", "y"),),
    (("v", "x̂"),),
    (("x − μ", "x̂"), ("x − μ", "v"), ("μ", "x − μ")),
    (("x", "x − μ"), ("x", "μ")),
    (("γ", "y"),),
    (("β", "y"),),
)
"""The ways that the gradient takes in each of the six equations."""
SHOWN_FROM = {"y": 0, "x̂": 1, "v": 2, "μ": 3, "x": 4, "γ": 5, "β": 6}
"""The equation that gives each node its gradient."""


@drawn_once
def graph(result: BackwardResult, theme: Theme, row: int) -> Figure:
    """The graph of the transform: at its nodes the values and, bold, the gradients.

    What belongs to a sample is that of `row`, from 1. Frames: the six equations, from the output
    back to the input.
    """
    names = list(PLACES)
    x, y = np.array([PLACES[name] for name in names]).T
    values, gradients = _at_nodes(result, row - 1)
    told = [short(values[name], 3) if name in values else "" for name in names]
    outward = np.where(y > 0.5, 1.0, -1.0)  # texts stand where no edge passes

    def moved(column: int) -> list[Trace]:
        equation = -(-column // TO_EQUATION)
        ways = [way for some in BACK[:equation] for way in some]
        return [_packed(_ways(ways)), {"text": _known(gradients, equation)}]

    blue = translucent(theme.batch, 0.45)
    data = [
        marks.stroke(*_ways(EDGES), theme.muted, 1.5, hoverinfo="skip"),
        marks.text(x, y + 0.27 * outward, told, theme.text, 14),
        marks.stroke(*_ways([way for some in BACK for way in some]), blue, 7, hoverinfo="skip"),
        _nodes(x, y, theme),
        marks.text(x, y + 0.47 * outward, _known(gradients, len(BACK)), theme.batch, 14),
    ]
    gradient = f"<span style='color:{theme.batch}'><b>gradients ∂L/∂…</b></span>"
    note = heading(f"row {row}: values, and {gradient}", 0.0, 1.0, theme, font=_font(theme))
    return {
        "data": data,
        "layout": layout(
            theme,
            330,
            margin={"l": 4, "r": 4, "t": 34, "b": 4},
            xaxis={"visible": False, "range": [-0.55, 4.95], "fixedrange": True},
            yaxis={"visible": False, "range": [-0.62, 1.62], "fixedrange": True},
            annotations=[note],
        ),
        "frames": frames(result.steps, [2, 4], moved),
    }


def _font(theme: Theme) -> dict[str, Any]:
    return {"size": 14, "color": theme.text}


def _at_nodes(result: BackwardResult, at: int) -> tuple[dict[str, float], dict[str, float]]:
    """Values and gradients by node; of the row `at`, from 0, where they belong to one."""
    hand = result.hand
    values = {
        "x": result.x[at], "μ": result.mean, "x − μ": result.x[at] - result.mean,
        "v": result.variance, "x̂": result.normalized[at], "γ": result.gamma,
    }  # fmt: skip
    gradients = {
        "y": result.dy[at], "x̂": hand.normalized[at], "v": hand.variance, "μ": hand.mean,
        "x": hand.x[at], "γ": hand.gamma, "β": hand.beta,
    }  # fmt: skip
    return {k: float(v) for k, v in values.items()}, {k: float(v) for k, v in gradients.items()}


def _known(gradients: dict[str, float], equation: int) -> list[str]:
    """What stands at each node after so many equations."""
    return [
        f"<b>{short(gradients[name], 3)}</b>"
        if name in gradients and equation >= SHOWN_FROM[name]
        else ""
        for name in PLACES
    ]


def _nodes(x: NDArray[np.float64], y: NDArray[np.float64], theme: Theme) -> Trace:
    marker = {
        "size": [44 if name == "x − μ" else 34 for name in PLACES],
        "color": theme.background,
        "opacity": 1,
        "line": {"width": 1.5, "color": theme.muted},
    }
    return marks.scatter(
        x,
        y,
        "markers+text",
        text=[f"<b>{name}</b>" for name in PLACES],
        textfont={"size": 13, "color": theme.text},
        marker=marker,
        hoverinfo="skip",
    )


def _ways(edges: Sequence[tuple[str, str]]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Lines between nodes."""
    gap = (math.nan, math.nan)
    points = [point for a, b in edges for point in (PLACES[a], PLACES[b], gap)] or [gap]
    x, y = np.array(points).T
    return x, y


def _packed(places: tuple[NDArray[np.float64], NDArray[np.float64]]) -> Trace:
    return {"x": packed(places[0]), "y": packed(places[1])}


@drawn_once
def passing(result: BackwardResult, theme: Theme) -> Figure:
    """Each row's gradient against its normalized value: what remains is what no line explains.

    Hollow: with mean and variance as constants. The dotted line, its mean plus its slope along
    the normalized values, is what BN takes away. Frames: equations 1 to 4 on the way to dL/dx.
    """
    across = result.normalized + _beside(result.normalized)
    along = result.straight - result.slope * result.normalized
    ways = [np.zeros(result.rows), result.straight, along, result.hand.x, result.hand.x]
    edge = max(1.2, 1.12 * float(np.abs(across).max()))

    def moved(column: int) -> list[Trace]:
        now = _between(ways, column)
        return [_packed(_stems(across, now)), _packed((across, now))]

    last = ways[-1]
    rows = [f"row {row + 1}" for row in range(result.rows)]
    data = [
        *_as_if_constants(result, across, edge, rows, theme),
        marks.stroke(
            *_stems(across, last), theme.batch, marks.among(2.5, result.rows, 1), hoverinfo="skip"
        ),
        marks.points(
            across,
            last,
            theme.batch,
            marks.among(12, result.rows),
            text=rows,
            marker={
                "line": {"width": marks.among(1.5, result.rows, 0.5), "color": theme.background}
            },
            hovertemplate="%{text}: %{y:.4g}<extra></extra>",
        ),
    ]
    return {
        "data": data,
        "layout": _gradients_by_value(result, theme, edge, _reach(ways)),
        "frames": frames(result.steps, [2, 3], moved),
    }


def _between(ways: list[NDArray[np.float64]], column: int) -> NDArray[np.float64]:
    """Where the gradients are at this place of the clock."""
    stage = min(3, column // TO_EQUATION)
    share = min(1.0, (column - TO_EQUATION * stage) / TO_EQUATION)
    return (1 - share) * ways[stage] + share * ways[stage + 1]


def _stems(
    across: NDArray[np.float64], up: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """A line from zero to each dot."""
    gap = np.full(len(up), math.nan)
    return np.repeat(across, 3), np.stack([np.zeros(len(up)), up, gap], axis=1).ravel()


def _as_if_constants(
    result: BackwardResult, across: NDArray[np.float64], edge: float, rows: list[str], theme: Theme
) -> list[Trace]:
    """What the gradient would be with constants, and the line that BN takes away of it."""
    ends = np.array([-edge, edge])
    explained = result.straight.mean() + result.slope * ends
    dotted = {"dash": "dot"}
    return [
        marks.stroke(ends, explained, theme.muted, 2, line=dotted, hoverinfo="skip"),
        marks.points(
            across,
            result.straight,
            theme.muted,
            marks.among(10, result.rows),
            text=rows,
            marker={"symbol": "circle-open", "line": {"width": marks.among(2, result.rows, 1)}},
            hovertemplate="%{text}, as if constants: %{y:.4g}<extra></extra>",
        ),
    ]


def _gradients_by_value(
    result: BackwardResult, theme: Theme, edge: float, up: tuple[float, float]
) -> dict[str, Any]:
    share = "" if math.isnan(result.through) else f": <b>{_share(100 * result.through)} %</b>"
    through = f"<span style='color:{theme.batch}'><b>●</b> gets through</span>{share}"
    font = {"size": 13, "color": theme.text}
    note = heading(f"○ if μ, v were constants   {through}", 0.0, 1.0, theme, font=font, xshift=-52)
    zero = {
        "type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": 0, "y1": 0,
        "line": {"color": theme.muted, "width": 1},
    }  # fmt: skip
    return layout(
        theme,
        310,
        margin={"l": 60, "r": 12, "t": 30, "b": 44},
        xaxis=axis(theme, "normalized value x̂", range=[-edge, edge], fixedrange=True),
        yaxis=axis(theme, "gradient ∂L/∂x", range=list(up), fixedrange=True),
        annotations=[note, _taken_away(result, edge, theme)],
        shapes=[zero],
    )


def _share(through: float) -> str:
    return f"{through:.0f}" if 10 <= through < 1e5 else short(through, 2)


def _taken_away(result: BackwardResult, edge: float, theme: Theme) -> dict[str, Any]:
    """At the right end of the dotted line, where it does not cross it: what it is."""
    height = float(result.straight.mean() + result.slope * edge)
    return heading(
        "dotted: what BN takes away",
        edge,
        height,
        theme,
        xref="x",
        yref="y",
        xanchor="right",
        yanchor="top" if result.slope < 0 else "bottom",
        yshift=-6 if result.slope < 0 else 6,  # clear of a dot on the line
        bgcolor=translucent(theme.background, 0.75),
        font={"size": 13, "color": theme.muted},
    )


def _beside(places: NDArray[np.float64]) -> NDArray[np.float64]:
    """A small step to the right for each earlier dot at the same place, (m,)."""
    bins = np.rint(places / 0.03).astype(np.int64)
    level = [int((bins[:place] == bins[place]).sum()) % 8 for place in range(len(bins))]
    return 0.06 * np.array(level, dtype=np.float64)


def _reach(values: list[NDArray[np.float64]]) -> tuple[float, float]:
    """An axis that holds all values and zero."""
    low = min(0.0, *(float(one.min()) for one in values))
    high = max(0.0, *(float(one.max()) for one in values))
    if high - low < 1e-30:  # packed as 32 bits, less would be nothing
        return -1.0, 1.0
    margin = 0.16 * (high - low)  # room for words
    return low - margin, high + margin
