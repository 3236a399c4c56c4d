"""Inside the layers: ridgelines, the percentiles of one unit, and maps of layers over training."""

from __future__ import annotations

from collections.abc import Callable, Mapping
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
    line,
    over_seeds,
    packed,
    seed_named,
)
from bnviz.figures.once import drawn_once
from bnviz.figures.theme import (
    BALANCE_SCALE,
    DASH,
    LABEL,
    MAP_SCALE,
    TREATMENTS,
    Theme,
    shades,
)

if TYPE_CHECKING:
    from bnviz.experiments.activations import ActivationsResult

DOMAINS = ([0.0, 0.475], [0.525, 1.0])  # plain and BN, side by side

SPACING, TALL = 100, 155  # of two ridges, and of one; whole numbers, which travel in two bytes
HIGHEST = 250  # the height of a density where it is highest

RIDGES = {
    "into the activation": ("entering", "what enters the activation function"),
    "weighted sums": ("inner", "the weighted sums"),
    "out of the activation": ("output", "what the activation function gives"),
    "gradients": ("slope", "size of the entries of dL/dW (log)"),
}
"""The reader's choice -> the quantity and the title of its axis."""
BESIDE = {"entering": (" · W h + b", " · after BN"), "inner": (" · W h + b", " · W h, before BN")}
"""What a quantity is in the plain network and in the one with BN, where that differs."""
QUANTITIES = ("inner", "entering", "output", "slope")  # as in the result


@drawn_once
def ridgelines(
    result: ActivationsResult, theme: Theme, choice: str = "into the activation"
) -> Figure:
    """One density a layer, both networks on the same axis. First seed; frames: the steps."""
    name, title = RIDGES[choice]
    quantity = QUANTITIES.index(name)
    low, high = (float(end) for end in result.ranges[quantity])
    bins = result.density.shape[-1]
    edges = low + (high - low) * (np.arange(bins) + 0.5) / bins
    x = packed(np.concatenate([[low], edges, [high]]))
    last, count = len(result.steps) - 1, len(result.layers)
    seed = seed_named(0, result.config.seeds)
    bases = SPACING * np.arange(count)[::-1]
    data = [
        _start(result.density[quantity, treatment, 0, place], bases[place], x, treatment, theme)
        for treatment in range(2)
        for place in range(count)
    ]
    # Plotly drops the layers of a subplot (here: of zorder 1) that a frame does not touch.
    touched = [{"hoverinfo": "skip"} for _ in data]
    for treatment, network in enumerate(TREATMENTS):
        for place, colour in enumerate(shades(theme, network, count)):
            data.append(
                {
                    "type": "scatter",
                    "mode": "lines",
                    "x": x,
                    "y": ridge(result.density[quantity, treatment, last, place], bases[place]),
                    "fill": "toself",
                    "fillcolor": colour,
                    "line": {
                        "color": theme.colour(network),
                        "dash": DASH[network],
                        "width": 1.5,
                    },
                    "name": LABEL[network],
                    "hoveron": "fills",
                    "text": f"{LABEL[network]}, layer {result.layers[place]}",
                    "hoverinfo": "text",
                    **_where(treatment),
                }
            )
    notes = [_notes(result, quantity, treatment) for treatment in range(2)]
    data += [
        {
            "type": "scatter",
            "mode": "text",
            "x": packed(np.full(count, low if name == "slope" else high)),  # where it is flat
            "y": packed((bases + 0.16 * SPACING).astype(np.int16)),
            "text": notes[treatment](last),
            "textposition": "top right" if name == "slope" else "top left",
            "textfont": {"size": 12, "color": theme.text},
            "hoverinfo": "skip",
            **_where(treatment),
        }
        for treatment in range(2)
    ]

    def at(column: int) -> list[dict[str, Any]]:
        moved: list[dict[str, Any]] = [
            {"y": ridge(result.density[quantity, treatment, column, place], bases[place])}
            for treatment in range(2)
            for place in range(count)
        ]
        return [*touched, *moved, *({"text": notes[t](column)} for t in range(2))]

    return {
        "data": data,
        "layout": layout(
            theme,
            165 + max(4, count) * 34,
            margin={"l": 52, "r": 12, "t": 34, "b": 66},
            annotations=[
                *_names(theme, 1.0, BESIDE.get(name, ("", ""))),
                _below(theme, f"{title}<br>dotted: at step 0{seed and ', '}{seed}"),
            ],
            **_ridge_axes(result, theme, name, (low, high)),
        ),
        "frames": frames(result.steps, range(len(data)), at),
    }


def ridge(density: NDArray[np.uint8], base: int) -> dict[str, str]:
    heights = np.concatenate([[0], density.astype(np.int64) * TALL // HIGHEST, [0]])
    return packed((base + heights).astype(np.int16))


def _start(
    density: NDArray[np.uint8], base: int, x: dict[str, str], treatment: int, theme: Theme
) -> dict[str, Any]:
    """Where a layer's distribution began, as a thin line over its ridge."""
    heights = np.concatenate([[0], density.astype(np.float64) * TALL / HIGHEST, [0]])
    return {
        "type": "scatter",
        "mode": "lines",
        "x": x,
        "y": packed(np.where(heights > 1, base + heights, np.nan)),
        "line": {"color": theme.text, "dash": "dot", "width": 1.3},
        "name": "step 0",
        "zorder": 1,
        "hoverinfo": "skip",
        **_where(treatment),
    }


def _where(treatment: int) -> dict[str, str]:
    return {"xaxis": f"x{treatment + 1}", "yaxis": f"y{treatment + 1}"}


def _names(theme: Theme, y: float, texts: tuple[str, str] = ("", "")) -> list[dict[str, Any]]:
    """The two networks' names above their halves of a figure."""
    return [
        heading(
            f"<b>{LABEL[name]}</b>{text}",
            domain[0],
            y,
            theme,
            font={"size": 16, "color": theme.colour(name)},
        )
        for name, domain, text in zip(TREATMENTS, DOMAINS, texts, strict=True)
    ]


def _notes(result: ActivationsResult, quantity: int, treatment: int) -> Callable[[int], list[str]]:
    """What a ridge cannot show: exact zeros, what lies beyond the axis, a divergence."""
    zeros, outside = result.zeros[quantity, treatment], result.outside[quantity, treatment]

    tail = 0.2 if QUANTITIES[quantity] == "slope" else 0.045  # of logarithms, some always is

    def one(zero: float, beyond: float) -> str:
        parts = [(zero, "zero", 0.015), (beyond, "off axis", tail)]
        return ", ".join(f"{100 * part:.0f} % {what}" for part, what, low in parts if part >= low)

    def at(column: int) -> list[str]:
        if not np.isfinite(zeros[column]).any():
            return [f"diverged at step {result.diverged_at[treatment, 0]}"] + [""] * (
                zeros.shape[1] - 1
            )
        return [one(*pair) for pair in zip(zeros[column], outside[column], strict=True)]

    return at


def _ridge_axes(
    result: ActivationsResult, theme: Theme, name: str, ends: tuple[float, float]
) -> dict[str, Any]:
    count = len(result.layers)
    layers = [str(layer) for layer in result.layers]
    vertical = {
        "tickvals": [SPACING * place for place in range(count)],
        "ticktext": layers[::-1],
        "range": [-0.15 * SPACING, SPACING * (count - 1) + 1.12 * TALL],
        "fixedrange": True,
    }
    across: dict[str, Any] = {"range": list(ends), "fixedrange": True, "nticks": 6}
    if name == "slope":
        across |= powers(*ends)
    return {
        "xaxis1": axis(theme, "", domain=DOMAINS[0], anchor="y1", **across),
        "xaxis2": axis(theme, "", domain=DOMAINS[1], anchor="y2", **across),
        "yaxis1": axis(theme, "hidden layer, 1 next to the input", anchor="x1", **vertical),
        "yaxis2": axis(theme, "", anchor="x2", **vertical | {"showticklabels": False}),
    }


def _below(theme: Theme, title: str) -> dict[str, Any]:
    """One title for both x axes."""
    return heading(
        title,
        0.5,
        0.0,
        theme,
        xanchor="center",
        yanchor="top",
        yshift=-26,
        font={"size": 13, "color": theme.muted},
    )


def powers(low: float, high: float) -> dict[str, Any]:
    """Ticks at powers of ten, of an axis that counts in them."""
    every = max(1, int(np.ceil((high - low) / 5)))
    exponents = [e for e in range(int(np.ceil(low)), int(np.floor(high)) + 1) if e % every == 0]
    exponents = exponents or [round((low + high) / 2)]
    return {"tickvals": exponents, "ticktext": [_power(e) for e in exponents]}


def _power(exponent: int) -> str:
    return f"10<sup>{exponent}</sup>".replace("-", "−")


@drawn_once
def one_unit(result: ActivationsResult, theme: Theme, unit: int) -> Figure:
    """The 15th, 50th and 85th percentile of what enters one unit of the last hidden layer.

    Ioffe & Szegedy 2015, Fig. 1. First seed; frames: the steps.
    """
    values = result.percentiles[:, :, unit - 1].astype(np.float64)
    ends = _unit_range(values)
    values = np.where(np.isfinite(values), np.clip(values, ends[0], ends[1]), np.nan)
    steps, last = result.steps, len(result.steps) - 1
    data: list[dict[str, Any]] = []
    for treatment, name in enumerate(TREATMENTS):
        where = _where(treatment)
        low, mid, high = values[treatment].T
        area = band(steps, low, high, name, theme, **where) | {"name": "15th to 85th percentile"}
        data.append(area)
        for part, width, what in ((low, 1.5, "15th"), (high, 1.5, "85th"), (mid, 3, "50th")):
            curve = line(
                steps,
                part,
                name,
                theme,
                hovertemplate=f"step %{{x}}, {what} percentile: %{{y:.2f}}<extra></extra>",
                **where,
            )
            data.append(curve | {"line": {**curve["line"], "width": width}})
    moving = [len(data), len(data) + 1]

    def mark(treatment: int, column: int) -> dict[str, Any]:
        return {
            "x": packed(np.full(3, steps[column])),
            "y": packed(values[treatment, column]),
        }

    data += [
        {
            "type": "scatter",
            "mode": "lines+markers",
            **mark(treatment, last),
            "marker": {
                "size": [8, 11, 8],
                "color": theme.colour(name),
                "symbol": "diamond" if name == "plain" else "circle",
                "line": {"width": 1.5, "color": theme.background},
            },
            "line": {"color": theme.text, "width": 1, "dash": "dot"},
            "hoverinfo": "skip",
            "cliponaxis": False,
            **_where(treatment),
        }
        for treatment, name in enumerate(TREATMENTS)
    ]
    longest = float(steps[-1])
    across = {"range": [-0.04 * longest, 1.04 * longest], "fixedrange": True, "nticks": 4}
    up = {"range": ends, "fixedrange": True}
    return {
        "data": data,
        "layout": layout(
            theme,
            340,
            annotations=_names(theme, 1.0),
            xaxis1=axis(theme, "training step", domain=DOMAINS[0], anchor="y1", **across),
            xaxis2=axis(theme, "training step", domain=DOMAINS[1], anchor="y2", **across),
            yaxis1=axis(theme, f"input of unit {unit}", anchor="x1", **up),
            yaxis2=axis(theme, "", anchor="x2", **up, showticklabels=False),
        ),
        "frames": frames(steps, moving, lambda column: [mark(t, column) for t in range(2)]),
    }


def _unit_range(values: NDArray[np.float64]) -> list[float]:
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

    Frames: a line at the recorded step.
    """
    values = _on_scale(result, choice)
    low, high = _scale_ends(values, choice)
    columns, depth = values.shape[1:]
    last = columns - 1
    data: list[dict[str, Any]] = [
        {
            "type": "heatmap",
            "z": packed(np.clip(values[treatment], low, high).T),
            "x0": 0,
            "y0": -1,  # downwards, as the ridges
            "dy": -1,
            "customdata": packed(np.tile(np.arange(1, depth + 1, dtype=np.uint8), (columns, 1)).T),
            "zmin": low,
            "zmax": high,
            "colorscale": BALANCE_SCALE if choice == "mean" else MAP_SCALE,
            "showscale": treatment == 0,
            "colorbar": _colorbar(theme, choice, low, high),
            "hoverongaps": False,
            "hovertemplate": f"{name}, layer %{{customdata}}: %{{z:.2g}}"
            f"{'' if choice in LINEAR else ' (power of ten)'}<extra></extra>",
            **_where(treatment),
        }
        for treatment, name in enumerate(map(LABEL.get, TREATMENTS))
    ]

    def at(column: int) -> list[dict[str, Any]]:
        # Plotly drops the maps unless the frame touches them, and so redraws them.
        maps: list[dict[str, Any]] = [{"type": "heatmap", "hoverongaps": False} for _ in range(2)]
        return maps + [{"x": packed(np.full(2, column))} for _ in range(4)]

    for treatment in range(2):
        for colour, width in ((theme.background, 5), (theme.text, 2)):
            data.append(
                {
                    "type": "scatter",
                    "mode": "lines",
                    "x": packed(np.full(2, last)),
                    "y": packed(np.array([-depth - 0.5, -0.5])),
                    "line": {"color": colour, "width": width},
                    "hoverinfo": "skip",
                    **_where(treatment),
                }
            )
    return {
        "data": data,
        "layout": layout(
            theme,
            390,
            margin={"l": 52, "r": 12, "t": 34, "b": 110},
            annotations=_names(theme, 1.0) + _gone(result, theme, values),
            **_map_axes(result, theme, depth),
        ),
        "frames": frames(result.steps, range(6), at),
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


def _gone(
    result: ActivationsResult, theme: Theme, values: NDArray[np.float64]
) -> list[dict[str, Any]]:
    """A word in the part of a map where no seed was left."""
    words = []
    for treatment in range(2):
        columns = np.flatnonzero(~np.isfinite(values[treatment]).any(-1))
        if len(columns):
            words.append(
                heading(
                    "all diverged",
                    float(columns.mean()),
                    -(values.shape[2] + 1) / 2,
                    theme,
                    xref=f"x{treatment + 1}",
                    yref=f"y{treatment + 1}",
                    xanchor="center",
                    yanchor="middle",
                    font={"size": 13, "color": theme.muted},
                )
            )
    return words


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
