"""Inside the layers: maps of all layers over training."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from bnviz.figures import marks
from bnviz.figures.activations import DOMAINS, names
from bnviz.figures.base import Figure, axis, frames, heading, layout, over_seeds, packed
from bnviz.figures.marks import on
from bnviz.figures.once import drawn_once
from bnviz.figures.theme import BALANCE_SCALE, LABEL, MAP_SCALE, TREATMENTS, Theme

if TYPE_CHECKING:
    from bnviz.experiments.activations import ActivationsResult

MAPS = {
    "moved": ("how far from the start, in initial deviations (log)", -2.0, 1.5),
    "mean": ("mean of what enters the activation function", 0.0, 0.0),
    "deviation": ("deviation of what enters the activation function (log)", -3.0, 2.0),
    "signal": ("deviation of the outputs from sample to sample (log)", -3.0, 2.0),
    "dead or saturated": ("share of the layer", 0.0, 1.0),
    "gradient": ("length of dL/dW (log)", -5.0, 2.0),
    "update": ("std of rate times gradient / std of weights (log)", -5.0, -1.0),
}
"""The reader's choice -> title, and the ends of the scale between which it is fitted."""
LINEAR = ("mean", "dead or saturated")


@drawn_once
def layer_map(result: ActivationsResult, theme: Theme, choice: str = "moved") -> Figure:
    """One measure of every layer at every record, median over the seeds, both on one scale.

    Frames: the map as far as the recorded step, and a line there.
    """
    values = _on_scale(result, choice)
    depth, last = values.shape[2], values.shape[1] - 1
    ends = _scale_ends(values, choice)
    data = [_map(values[treatment], treatment, choice, ends, theme) for treatment in range(2)]
    foot = np.array([-depth - 0.5, -0.5])
    data += [
        marks.stroke(np.full(2, last), foot, colour, width, hoverinfo="skip", **on(treatment + 1))
        for treatment in range(2)
        for colour, width in ((theme.background, 5), (theme.text, 2))
    ]

    def at(column: int) -> list[dict[str, Any]]:
        later = np.arange(last + 1)[:, None] > column
        maps: list[dict[str, Any]] = [
            {"type": "heatmap", "z": packed(np.where(later, np.nan, np.clip(row, *ends)).T)}
            for row in values
        ]
        return maps + [{"x": packed(np.full(2, column))} for _ in range(4)]

    return {
        "data": data,
        "layout": layout(
            theme,
            390,
            margin={"l": 52, "r": 12, "t": 34, "b": 110},
            annotations=names(theme, 1.0) + _gone(theme, values),
            **_map_axes(result, theme, depth),
        ),
        "frames": frames(result.steps, range(6), at),
    }


def _map(
    values: NDArray[np.float64],
    treatment: int,
    choice: str,
    ends: tuple[float, float],
    theme: Theme,
) -> marks.Trace:
    """One network's values, (T, depth), layers downwards as the ridges."""
    (low, high), (columns, depth) = ends, values.shape
    layers = np.tile(np.arange(1, depth + 1, dtype=np.uint8), (columns, 1)).T
    unit = "" if choice in LINEAR else " (power of ten)"
    name = LABEL[TREATMENTS[treatment]]
    return {
        "type": "heatmap",
        "z": packed(np.clip(values, low, high).T),
        "x0": 0,
        "y0": -1,
        "dy": -1,
        "customdata": packed(layers),
        "zmin": low,
        "zmax": high,
        "colorscale": BALANCE_SCALE if choice == "mean" else MAP_SCALE,
        "showscale": treatment == 0,
        "colorbar": _colorbar(theme, choice, low, high),
        "hoverongaps": False,
        "hovertemplate": f"{name}, layer %{{customdata}}: %{{z:.2g}}{unit}<extra></extra>",
        **on(treatment + 1),
    }


def _on_scale(result: ActivationsResult, choice: str) -> NDArray[np.float64]:
    """The median over the seeds, (2, T, depth), in powers of ten where the scale counts them."""
    name = "idle" if choice == "dead or saturated" else choice
    values = np.stack([over_seeds(row)[0] for row in result.map(name).astype(np.float64)])
    if choice in LINEAR:
        return values
    with np.errstate(divide="ignore", invalid="ignore"):
        powers: NDArray[np.float64] = np.log10(values)
    return np.where(np.isneginf(powers), -30.0, powers)


def _scale_ends(values: NDArray[np.float64], choice: str) -> tuple[float, float]:
    """The scale's ends: those of the values, held within sensible bounds."""
    known = values[np.isfinite(values)]
    if choice == "mean":
        top = float(np.clip(np.abs(known).max() if known.size else 1.0, 0.05, 5.0))
        return -top, top
    _, lowest, highest = MAPS[choice]
    if not known.size:
        return lowest, highest
    if choice in LINEAR:
        return 0.0, float(np.clip(known.max(), 0.05, 1.0))
    low = float(np.clip(known.min(), lowest, highest - 0.5))
    return low, float(np.clip(known.max(), low + 0.5, max(highest, low + 0.5)))


def _colorbar(theme: Theme, choice: str, low: float, high: float) -> dict[str, Any]:
    ticks: dict[str, Any] = {"nticks": 5}
    if choice == "dead or saturated":
        ticks["tickformat"] = ".0%"
    elif choice not in LINEAR:
        ticks = decimals(low, high)
    return bar_below(theme, MAPS[choice][0], ticks)


def bar_below(theme: Theme, title: str, ticks: Mapping[str, Any]) -> dict[str, Any]:
    """The scale of a map's colours, below it."""
    return {
        "orientation": "h",
        "x": 0.5,
        "y": -0.2,
        "yanchor": "top",
        "len": 0.9,
        "thickness": 12,
        "outlinewidth": 0,
        "title": {
            "text": title,
            "side": "bottom",
            "font": {"size": 12, "color": theme.muted},
        },
        "tickfont": {"size": 12, "color": theme.muted},
        **ticks,
    }


def decimals(low: float, high: float) -> dict[str, Any]:
    """Ticks at 1, 2, 5 … of a scale in powers of ten: fewer the longer it is."""
    for steps in ((1, 2, 5), (1, 3), (1,)):
        exponents = range(int(np.floor(low)), int(np.ceil(high)) + 1)
        marks = [(np.log10(k) + e, k, e) for e in exponents for k in steps]
        marks = [mark for mark in marks if low <= mark[0] <= high]
        if len(marks) <= 7:
            break
    return {
        "tickvals": [float(place) for place, *_ in marks],
        "ticktext": [f"{k * 10.0**e:g}" if e > -4 else f"{k}e{e}" for _, k, e in marks],
    }


def _gone(theme: Theme, values: NDArray[np.float64]) -> list[dict[str, Any]]:
    """A word in the part of a map, (2, T, depth), where no seed was left."""
    middle = -(values.shape[2] + 1) / 2
    look = {"xanchor": "center", "yanchor": "middle", "font": {"size": 13, "color": theme.muted}}
    empty = [np.flatnonzero(~np.isfinite(each).any(-1)) for each in values]
    return [
        heading(
            "all diverged", float(columns.mean()), middle, theme,
            xref=f"x{place}", yref=f"y{place}", **look,
        )
        for place, columns in enumerate(empty, 1)
        if len(columns)
    ]  # fmt: skip


def _map_axes(result: ActivationsResult, theme: Theme, depth: int) -> dict[str, Any]:
    last = len(result.steps) - 1
    shown = sorted({round(last * part / 4) for part in range(5)})
    across = {
        "tickvals": shown,
        "ticktext": [str(int(result.steps[column])) for column in shown],
        "range": [-0.5, last + 0.5],
        "showgrid": False,
        "fixedrange": True,
        "tickangle": 0,
    }
    every = 1 if depth <= 12 else 5
    shown_layers = [n for n in range(1, depth + 1) if n == 1 or n % every == 0]
    vertical = {
        "tickvals": [-layer for layer in shown_layers],
        "ticktext": [str(layer) for layer in shown_layers],
        "range": [-depth - 0.5, -0.5],
        "showgrid": False,
        "fixedrange": True,
    }
    return {
        "xaxis1": axis(theme, "training step", domain=DOMAINS[0], anchor="y1", **across),
        "xaxis2": axis(theme, "training step", domain=DOMAINS[1], anchor="y2", **across),
        "yaxis1": axis(theme, "hidden layer", anchor="x1", **vertical),
        "yaxis2": axis(theme, "", anchor="x2", **vertical, showticklabels=False),
    }
