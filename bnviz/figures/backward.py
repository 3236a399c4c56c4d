"""The backward pass in pictures: the graph with its numbers, what gets through, the shortcut."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from bnviz.figures.base import (
    Figure,
    axis,
    band,
    frames,
    heading,
    layout,
    log_axis,
    over_seeds,
    packed,
)
from bnviz.figures.once import drawn_once
from bnviz.figures.theme import Theme, translucent
from bnviz.figures.transform import short

if TYPE_CHECKING:
    from bnviz.experiments.backward import BackwardResult, MistakeResult

EACH = 5  # places of the clock from one equation to the next, as in experiments/backward

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
    at = row - 1
    values = {
        "x": result.x[at], "μ": result.mean, "x − μ": result.x[at] - result.mean,
        "v": result.variance, "x̂": result.normalized[at], "γ": result.gamma,
    }  # fmt: skip
    hand = result.hand
    gradients = {
        "y": float(result.dy[at]), "x̂": float(hand.normalized[at]), "v": hand.variance,
        "μ": hand.mean, "x": float(hand.x[at]), "γ": hand.gamma, "β": hand.beta,
    }  # fmt: skip
    names = list(PLACES)
    x, y = np.array([PLACES[name] for name in names]).T
    told = [f"{short(float(values[name]), 3)}" if name in values else "" for name in names]
    outward = np.where(y > 0.5, 1.0, -1.0)  # texts stand where no edge passes

    def moved(column: int) -> list[dict[str, Any]]:
        equation = -(-column // EACH)
        return [
            _ways([way for ways in BACK[:equation] for way in ways]),
            {
                "text": [
                    f"<b>{short(gradients[name], 3)}</b>"
                    if name in gradients and equation >= SHOWN_FROM[name]
                    else ""
                    for name in names
                ]
            },
        ]

    ways, below = moved(len(result.steps) - 1)
    data = [
        {
            "type": "scatter", "mode": "lines", **_ways(EDGES),
            "line": {"color": theme.muted, "width": 1.5}, "hoverinfo": "skip",
        },
        {
            "type": "scatter", "mode": "text", "x": packed(x), "y": packed(y + 0.27 * outward),
            "text": told, "textfont": {"size": 14, "color": theme.text}, "hoverinfo": "skip",
        },
        {
            "type": "scatter", "mode": "lines", **ways,
            "line": {"color": translucent(theme.batch, 0.45), "width": 7}, "hoverinfo": "skip",
        },
        {
            "type": "scatter", "mode": "markers+text", "x": packed(x), "y": packed(y),
            "text": [f"<b>{name}</b>" for name in names],
            "textfont": {"size": 13, "color": theme.text},
            "marker": {
                "size": [44 if name == "x − μ" else 34 for name in names],
                "color": theme.background,
                "opacity": 1,
                "line": {"width": 1.5, "color": theme.muted},
            },
            "hoverinfo": "skip",
        },
        {
            "type": "scatter", "mode": "text", "x": packed(x), "y": packed(y + 0.47 * outward),
            "textfont": {"size": 14, "color": theme.batch}, "hoverinfo": "skip", **below,
        },
    ]  # fmt: skip
    return {
        "data": data,
        "layout": layout(
            theme,
            330,
            margin={"l": 4, "r": 4, "t": 34, "b": 4},
            xaxis={"visible": False, "range": [-0.55, 4.95], "fixedrange": True},
            yaxis={"visible": False, "range": [-0.62, 1.62], "fixedrange": True},
            annotations=[
                heading(
                    f"row {row}: values, and"
                    f" <span style='color:{theme.batch}'><b>gradients ∂L/∂…</b></span>",
                    0.0, 1.0, theme, font={"size": 14, "color": theme.text},
                )
            ],
        ),
        "frames": frames(result.steps, [2, 4], moved),
    }  # fmt: skip


def _ways(edges: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """Lines between nodes."""
    gap = (math.nan, math.nan)
    points = [point for a, b in edges for point in (PLACES[a], PLACES[b], gap)] or [gap]
    x, y = np.array(points).T
    return {"x": packed(x), "y": packed(y)}


@drawn_once
def passing(result: BackwardResult, theme: Theme) -> Figure:
    """Each row's gradient against its normalized value: what remains is what no line explains.

    Hollow: with mean and variance as constants. The dotted line, its mean plus its slope along
    the normalized values, is what BN takes away. Frames: equations 1 to 4 on the way to dL/dx.
    """
    across = result.normalized + _beside(result.normalized)
    along = result.straight - result.slope * result.normalized
    ways = [np.zeros(result.rows), result.straight, along, result.hand.x, result.hand.x]
    low, high = _reach(ways)
    edge = max(1.2, 1.12 * float(np.abs(across).max()))
    ends = np.array([-edge, edge])

    def moved(column: int) -> list[dict[str, Any]]:
        stage = min(3, column // EACH)
        share = min(1.0, (column - EACH * stage) / EACH)
        now = (1 - share) * ways[stage] + share * ways[stage + 1]
        gap = np.full(result.rows, math.nan)
        stems = np.stack([np.zeros(result.rows), now, gap], axis=1).ravel()
        return [
            {"x": packed(np.repeat(across, 3)), "y": packed(stems)},
            {"x": packed(across), "y": packed(now)},
        ]

    stems, dots = moved(len(result.steps) - 1)
    data: list[dict[str, Any]] = [
        {
            "type": "scatter", "mode": "lines",
            "x": packed(ends), "y": packed(result.straight.mean() + result.slope * ends),
            "line": {"color": theme.muted, "width": 2, "dash": "dot"}, "hoverinfo": "skip",
        },
        {
            "type": "scatter", "mode": "markers",
            "x": packed(across), "y": packed(result.straight),
            "text": [f"row {row + 1}" for row in range(result.rows)],
            "marker": {
                "size": 10, "symbol": "circle-open", "color": theme.muted, "line": {"width": 2}
            },
            "hovertemplate": "%{text}, as if constants: %{y:.4g}<extra></extra>",
        },
        {
            "type": "scatter", "mode": "lines",
            "line": {"color": theme.batch, "width": 2.5}, "hoverinfo": "skip", **stems,
        },
        {
            "type": "scatter", "mode": "markers",
            "text": [f"row {row + 1}" for row in range(result.rows)],
            "marker": {
                "size": 12, "color": theme.batch, "line": {"width": 1.5, "color": theme.background}
            },
            "hovertemplate": "%{text}: %{y:.4g}<extra></extra>", **dots,
        },
    ]  # fmt: skip
    return {
        "data": data,
        "layout": layout(
            theme,
            330,
            margin={"l": 60, "r": 12, "t": 34, "b": 44},
            xaxis=axis(theme, "normalized value x̂", range=[-edge, edge], fixedrange=True),
            yaxis=axis(theme, "∂L/∂x", range=[low, high], fixedrange=True),
            annotations=[
                heading(
                    "○ as if constants   <span style='color:"
                    f"{theme.batch}'><b>●</b></span> gets through",
                    0.0, 1.0, theme, font={"size": 14, "color": theme.text},
                )
            ],
            shapes=[
                {
                    "type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": 0, "y1": 0,
                    "line": {"color": theme.muted, "width": 1},
                }
            ],
        ),
        "frames": frames(result.steps, [2, 3], moved),
    }  # fmt: skip


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
    margin = 0.1 * (high - low)
    return low - margin, high + margin


NAMES = ("right", "mistaken")
COLUMNS = 3  # rates at most


@drawn_once
def mistake(results: list[MistakeResult], theme: Theme) -> Figure:
    """Training loss above, growth of the weights below; a column for each learning rate.

    Lines: median of the seeds; bands: their range. Solid: the right gradient; dotted: mean and
    variance as constants.
    """
    data: list[dict[str, Any]] = []
    axes: dict[str, Any] = {}
    notes = []
    losses = [np.clip(result.loss.astype(np.float64), 1e-3, 10) for result in results]
    growths = [np.clip(result.growth.astype(np.float64), 0.1, 100) for result in results]
    tops = [_range(losses), _range(growths)]
    width = 1 / max(1, len(results))
    for column, result in enumerate(results):
        start = column * width
        shares = (0, 0.5, 1) if result is results[-1] else (0, 0.5)  # the next begins at its end
        domain = [start + (0.02 if column else 0.0), start + width - 0.02]
        notes.append(
            heading(
                f"rate {result.config.learning_rate:g}", start + 0.03, 1.0, theme,
                font={"size": 14, "color": theme.text},
            )
        )  # fmt: skip
        for panel, values in enumerate((losses[column], growths[column])):
            number = 2 * column + panel + 1
            where = {"xaxis": f"x{number}", "yaxis": f"y{number}"}
            for route, name in enumerate(NAMES):
                data += _route(result, values[route], name, theme, where)
            low, high = tops[panel]
            title = ("training loss (log)", "length of weights (log)")[panel]
            axes[f"xaxis{number}"] = axis(
                theme, "step" if panel else "", domain=domain, anchor=f"y{number}",
                range=[0, float(result.steps[-1])], fixedrange=True,
                tickvals=[int(share * result.steps[-1]) for share in shares],
                showticklabels=bool(panel),
            )  # fmt: skip
            axes[f"yaxis{number}"] = log_axis(
                theme, "" if column else title, (low, high), anchor=f"x{number}",
                domain=[0.56, 0.98] if not panel else [0.0, 0.42],
                fixedrange=True, showticklabels=not column,
            )  # fmt: skip
    return {
        "data": data,
        "layout": layout(
            theme, 430, margin={"l": 60, "r": 8, "t": 30, "b": 46}, annotations=notes, **axes
        ),
    }


def _range(values: list[NDArray[np.float64]]) -> tuple[float, float]:
    """An axis, in powers of ten, for all columns."""
    known = np.concatenate([one[np.isfinite(one)].ravel() for one in values] + [np.ones(1)])
    return float(np.log10(known.min() * 0.8)), float(np.log10(known.max() * 1.25))


def _route(
    result: MistakeResult,
    values: NDArray[np.float64],
    name: str,
    theme: Theme,
    where: dict[str, str],
) -> list[dict[str, Any]]:
    right = name == NAMES[0]
    middle, low, high = over_seeds(values)
    colour = theme.batch if right else theme.text
    line = {
        "type": "scatter",
        "mode": "lines",
        "x": packed(result.steps),
        "y": packed(middle),
        "line": {"color": colour, "dash": "solid" if right else "dot", "width": 2.5},
        "hovertemplate": f"step %{{x:.0f}}: %{{y:.3g}}<extra>{name}</extra>",
        **where,
    }
    spread = band(result.steps, low, high, "batch", theme, **where)
    spread |= {"fillcolor": translucent(colour, 0.14), "name": f"{name}, all seeds"}
    there = np.flatnonzero(np.isfinite(middle))
    last = int(there[-1]) if len(there) else 0
    label = {
        "type": "scatter",
        "mode": "text",
        "x": packed([result.steps[last]]),
        "y": packed([(low if right else high)[last]]),
        "text": [f"<b>{name}</b>"],
        "textposition": "bottom left" if right else "top left",
        "textfont": {"size": 13, "color": colour},
        "cliponaxis": False,
        "hoverinfo": "skip",
        **where,
    }
    return [spread, line, label]
