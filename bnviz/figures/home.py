"""The front door's pictures: the two networks as lamps, and each layer's health over training."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from bnviz.axes import LEVELS
from bnviz.figures.base import (
    Figure,
    axis,
    band,
    frames,
    growing,
    heading,
    layout,
    line,
    over_seeds,
    packed,
    seed_named,
)
from bnviz.figures.marks import heatmap, on
from bnviz.figures.once import drawn_once
from bnviz.figures.theme import LABEL, SIGNAL_SCALE, TREATMENTS, Theme

if TYPE_CHECKING:
    from bnviz.experiments.home import HomeResult


HEIGHT = 280  # so that it stands whole in the first window of a laptop
FEW = 32  # lamps in a column that have room for gaps between them
LOW, HIGH = -4.0, 3.0  # powers of ten between which a unit's signal is shown


@drawn_once
def networks(result: HomeResult, theme: Theme) -> Figure:
    """Both networks, layer by layer: every unit is a lamp, lit by how much its output varies.

    A typical seed, which is named. Frames: the recorded steps.
    """
    last = len(result.steps) - 1
    lamps = _as_bytes(result.unit_signal)
    data = [_lamps(result, lamps[row, last], row, theme) for row in range(2)]
    texts = [_status(result, row, theme) for row in range(2)]
    data += [text(last) for text in texts]

    def at(column: int) -> list[dict[str, Any]]:
        lit = [{"type": "heatmap", "z": packed(lamps[row, column].T)} for row in range(2)]
        return [*lit, *({"text": text(column)["text"]} for text in texts)]

    return {
        "data": data,
        "layout": layout(
            theme,
            HEIGHT,
            margin={"l": 8, "r": 8, "t": 48, "b": 8},
            annotations=_names(seed_named(result.typical, result.config.seeds), theme),
            **{f"xaxis{row + 1}": _layer_axis(result, row, theme) for row in range(2)},
            **{f"yaxis{row + 1}": _unit_axis(row) for row in range(2)},
        ),
        "frames": frames(result.steps, [0, 1, 2, 3], at),
    }


def _lamps(
    result: HomeResult, lit: NDArray[np.uint8], treatment: int, theme: Theme
) -> dict[str, Any]:
    """A column for each layer, a lamp for each unit, of bytes (depth, width)."""
    look = {
        "xgap": 5 if result.config.depth <= 12 else 1,
        "ygap": 0.6 if result.config.width <= FEW else 0,  # else the gaps pale the lamps
        "colorscale": SIGNAL_SCALE,
    }
    name = LABEL[TREATMENTS[treatment]]
    return heatmap(
        lit.T,
        x0=1,
        y0=1,
        **look
        | {"showscale": treatment == 0, "colorbar": _colorbar(theme), "hoverinfo": "all"}
        | {"hovertemplate": f"{name}: layer %{{x}}, unit %{{y}}<extra></extra>"},
        **on(treatment + 1),
    )


def _names(seed: str, theme: Theme) -> list[dict[str, Any]]:
    """Above each network its name, and that of the seed."""
    return [
        heading(
            f"<b>{LABEL[name]}</b> {seed}",
            0.53 * row,
            1.0,
            theme,
            yshift=20,
            font={"size": 18, "color": theme.colour(name)},
        )
        for row, name in enumerate(TREATMENTS)
    ]


def _as_bytes(signal: NDArray[np.float32]) -> NDArray[np.uint8]:
    """log10 of the signal between LOW and HIGH in bytes; after a divergence the lamp is out."""
    with np.errstate(divide="ignore", over="ignore"):
        level = (np.log10(np.nan_to_num(signal, nan=0.0, posinf=1e30)) - LOW) / (HIGH - LOW)
    return np.rint(LEVELS * np.clip(level, 0, 1)).astype(np.uint8)


def _status(result: HomeResult, treatment: int, theme: Theme) -> Any:
    """The line of text above a network at each step: its test accuracy, or that it diverged."""

    def at(column: int) -> dict[str, Any]:
        accuracy = result.test_accuracy[treatment, result.typical, column]
        if np.isfinite(accuracy):
            text = f"test accuracy <b>{100 * accuracy:.0f} %</b>"
        else:
            text = f"<b>diverged at step {int(result.diverged_at[treatment, result.typical])}</b>"
        return {
            "type": "scatter",
            "mode": "text",
            "x": [0.5],
            "y": [result.unit_signal.shape[3] + 0.5],
            "text": [text],
            "textposition": "top right",
            "textfont": {"size": 15, "color": theme.text},
            "xaxis": f"x{treatment + 1}",
            "yaxis": f"y{treatment + 1}",
            "cliponaxis": False,
            "hoverinfo": "skip",
        }

    return at


def _layer_axis(result: HomeResult, treatment: int, theme: Theme) -> dict[str, Any]:
    depth, normalized = result.unit_signal.shape[2], result.config.with_bn()
    every = 1 if depth <= 12 else 5
    layers = [layer for layer in range(1, depth + 1) if layer == 1 or layer % every == 0]
    marked = [
        f"{layer}<br><b style='font-size:10px'>BN</b>"
        if treatment == 1 and layer in normalized
        else str(layer)
        for layer in layers
    ]
    return axis(
        theme,
        "",
        domain=[0.0, 0.47] if treatment == 0 else [0.53, 1.0],
        anchor=f"y{treatment + 1}",
        tickvals=layers,
        ticktext=marked,
        showgrid=False,
        range=[0.5, depth + 0.5],
        fixedrange=True,
        tickangle=0,
        tickfont={"size": 12, "color": theme.colour(TREATMENTS[treatment])},
    )


def _unit_axis(treatment: int) -> dict[str, Any]:
    return {"visible": False, "anchor": f"x{treatment + 1}", "fixedrange": True}


def _colorbar(theme: Theme) -> dict[str, Any]:
    exponents = [-4, -3, -2, -1, 0, 1, 2, 3]
    names = {-4: "silent", -1: "0.1", 0: "1", 1: "10", 3: "exploding"}
    return {
        "orientation": "h",
        "x": 0.5,
        "y": -0.28,
        "yanchor": "top",
        "len": 0.7,
        "thickness": 12,
        "outlinewidth": 0,
        "title": {
            "text": "how much a unit's output varies (log)",
            "side": "bottom",
            "font": {"size": 12, "color": theme.muted},
        },
        "tickvals": [LEVELS * (e - LOW) / (HIGH - LOW) for e in exponents],
        "ticktext": [names.get(e, "") for e in exponents],
        "tickfont": {"size": 12, "color": theme.muted},
    }


MEASURES = {
    "signal": ("signal", "log"),
    "gradient": ("gradient", "log"),
    "idle": ("dead or saturated", "linear"),
}
RANGES = {"signal": (-4.0, 3.0), "gradient": (-5.0, 3.0), "idle": (0.0, 1.0)}
SLOT = 0.84  # of a layer's place, the part its curve takes


@drawn_once
def health(result: HomeResult, theme: Theme) -> Figure:
    """Signal, gradient and idle share of every layer over training, both networks on one axis.

    Each layer has a place of its own along x; inside it, training runs from left to right, and the
    curves grow with the clock.
    """
    along = SLOT * result.steps / max(1, result.steps[-1]) - SLOT / 2
    measured = [
        (_clipped(getattr(result, name)[treatment], *RANGES[name], scale), label, f"y{row + 1}")
        for row, (name, (_, scale)) in enumerate(MEASURES.items())
        for treatment, label in enumerate(TREATMENTS)
    ]

    def at(column: int) -> list[dict[str, Any]]:
        known = slice(column % len(along) + 1)
        curves = (
            _curve(along[known], values[:, known], label, yaxis, theme)
            for values, label, yaxis in measured
        )
        return list(chain.from_iterable(curves))

    look = layout(theme, 470, margin={"l": 60, "r": 8, "t": 30, "b": 46}, **_rows(result, theme))
    return {"layout": look, **growing(result.steps, at)}


def _curve(
    along: NDArray[np.float64], values: NDArray[np.float64], label: str, yaxis: str, theme: Theme
) -> list[dict[str, Any]]:
    """Band, line and last dot of one network in every layer; values: (seeds, T, depth)."""
    where = {"yaxis": yaxis, "xaxis": "x"}
    x, (middle, low, high) = _in_slots(along, values)
    hover = "layer %{x:.0f}: %{y:.3g}<extra>" + LABEL[label] + "</extra>"
    return [
        band(x, low, high, label, theme, **where),
        line(x, middle, label, theme, hovertemplate=hover, **where),
        _dot(along[-1], over_seeds(values[:, -1])[0], label, theme, where),
    ]


def _clipped(
    values: NDArray[np.float32], low: float, high: float, scale: str
) -> NDArray[np.float64]:
    """Values held inside the axis, so that an explosion stays visible at its edge."""
    if scale == "linear":
        return np.clip(values.astype(np.float64), low, high)
    return np.clip(np.where(np.isinf(values), 1e30, values), 10.0**low, 10.0**high)


def _in_slots(
    along: NDArray[np.float64], values: NDArray[np.float64]
) -> tuple[NDArray[Any], tuple[NDArray[Any], NDArray[Any], NDArray[Any]]]:
    """Curves (seeds, T, depth) as one line with a gap after every layer."""
    depth = values.shape[2]
    x = np.concatenate([np.append(layer + along, np.nan) for layer in range(1, depth + 1)])
    gap = np.full((values.shape[0], 1, depth), np.nan)
    flat = np.concatenate([values, gap], axis=1).transpose(0, 2, 1).reshape(len(values), -1)
    return x, over_seeds(flat)


def _dot(
    along: float, middle: NDArray[Any], treatment: str, theme: Theme, where: dict[str, str]
) -> dict[str, Any]:
    """The markers of one network at one record; middle: (depth,)."""
    return {
        "type": "scatter",
        "mode": "markers",
        "x": packed(np.arange(1, len(middle) + 1) + along),
        "y": packed(middle),
        "marker": {
            "size": 8,
            "color": theme.colour(treatment),
            "symbol": "diamond" if treatment == "plain" else "circle",
            "line": {"width": 1, "color": theme.background},
        },
        "hoverinfo": "skip",
        **where,
    }


def _rows(result: HomeResult, theme: Theme) -> dict[str, Any]:
    """Three rows on one x axis, with what each shows written above it."""
    depth, kind = result.signal.shape[3], _idle_name(result.config.activation)
    domains = [(0.70, 0.97), (0.35, 0.62), (0.0, 0.27)]
    titles = [
        "<b>signal</b>: standard deviation of outputs (log)",
        "<b>gradient</b> of the weights: its length (log)",
        f"<b>{kind}</b>: share of the layer",
    ]
    rows: dict[str, Any] = {
        "annotations": [
            heading(title, 0.0, top, theme, font={"size": 13, "color": theme.text})
            for title, (_, top) in zip(titles, domains, strict=True)
        ],
        "xaxis": axis(
            theme,
            "layer; in each, training runs from left to right",
            tickvals=[n for n in range(1, depth + 1) if depth <= 12 or n == 1 or n % 5 == 0],
            range=[0.5, depth + 0.5],
            showgrid=False,
            anchor="y3",
            fixedrange=True,
        ),
        "shapes": [
            {
                "type": "line", "xref": "x", "yref": "paper", "x0": n + 0.5, "x1": n + 0.5,
                "y0": 0, "y1": 0.97, "line": {"color": theme.grid, "width": 1},
            }
            for n in range(1, depth)
        ],
    }  # fmt: skip
    for row, (name, (_, scale)) in enumerate(MEASURES.items()):
        low, high = RANGES[name]
        more: dict[str, Any] = {"type": scale, "range": [low, high], "dtick": 2}
        if scale == "linear":
            more = {"range": [-0.03, 1.03], "tickformat": ".0%", "dtick": 0.5}
        else:
            more["exponentformat"] = "power"
        rows[f"yaxis{row + 1}"] = axis(theme, "", domain=domains[row], fixedrange=True, **more)
    return rows


def _idle_name(activation: str) -> str:
    return {"relu": "dead units", "tanh": "saturated", "sigmoid": "saturated"}.get(
        activation, "dead or saturated (not possible here)"
    )
