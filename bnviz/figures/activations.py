"""Inside the layers: ridgelines of the values of every layer."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from bnviz.axes import LEVELS
from bnviz.figures import marks
from bnviz.figures.base import (
    Figure,
    axis,
    frames,
    heading,
    layout,
    packed,
    seed_named,
)
from bnviz.figures.marks import on
from bnviz.figures.once import drawn_once
from bnviz.figures.theme import (
    DASH,
    LABEL,
    TREATMENTS,
    Theme,
    shades,
)
from bnviz.verdicts.activations import on_the_way

if TYPE_CHECKING:
    from bnviz.experiments.activations import ActivationsResult

DOMAINS = ([0.0, 0.475], [0.525, 1.0])  # plain and BN, side by side

SPACING, TALL = 100, 155  # of two ridges, and of one; whole numbers, which travel in two bytes
FOOT = 0.15 * SPACING  # below the last ridge
MARGIN = {"l": 52, "r": 12, "t": 34, "b": 66}  # pixels
HIGHEST = 307  # pixels of the first picture, or the clock covers its foot: what is deeper is denser
HEAD = 28  # pixels: two lines of words above the first ridge, which on a phone is as wide as they

RIDGES = {
    "into the activation": ("entering", "what enters the activation function"),
    "weighted sums": ("inner", "the weighted sums"),
    "out of the activation": ("output", "what the activation function gives"),
    "gradients": ("slope", "size of the entries of dL/dW (log)"),
}
"""The reader's choice -> the quantity and the title of its axis."""
OTHERS = tuple(RIDGES)[1:]
"""What is shown beside the first."""
BESIDE = {"entering": (" · W h + b", " · after BN"), "inner": (" · W h + b", " · W h")}
"""What a quantity is in the plain network and in the one with BN, where that differs."""


@drawn_once
def ridgelines(
    result: ActivationsResult, theme: Theme, choice: str = "into the activation"
) -> Figure:
    """One density a layer, both networks on the same axis. First seed; frames: the steps."""
    name, title = RIDGES[choice]
    entry = result.entry(name)
    last, count = len(result.steps) - 1, len(result.layers)
    x, bases = _across(result, entry), _bases(result)
    data = [
        _start(result.density[entry, treatment, 0, place], bases[place], x, treatment, theme)
        for treatment in range(2)
        for place in range(count)
    ]
    # Plotly drops the layers of a subplot (here: of zorder 1) that a frame does not touch.
    touched = [{"hoverinfo": "skip"} for _ in data]
    data += _ridges(result, entry, x, theme)
    notes = [_notes(result, name, treatment) for treatment in range(2)]
    data += [
        _beside(result, name, notes[treatment](last), treatment, theme) for treatment in range(2)
    ]
    distances = on_the_way(result) if name == "entering" else None
    if distances is not None:
        data += [_moved(result, distances[t, -1], t, theme) for t in range(2)]

    def at(column: int) -> list[dict[str, Any]]:
        moved: list[dict[str, Any]] = [
            {"y": ridge(result.density[entry, treatment, column, place], bases[place])}
            for treatment in range(2)
            for place in range(count)
        ]
        said = [notes[t](column) for t in range(2)]
        if distances is not None:
            said += [[_by(distances[t, column])] for t in range(2)]
        return [*touched, *moved, *({"text": texts} for texts in said)]

    return {
        "data": data,
        "layout": _around(result, name, title, theme),
        "frames": frames(result.steps, range(len(data)), at),
    }


def _around(result: ActivationsResult, name: str, title: str, theme: Theme) -> dict[str, Any]:
    """The axes, and what is written around the densities."""
    low, high = (float(end) for end in result.ranges[result.entry(name)])
    seed = seed_named(0, result.config.seeds)
    return layout(
        theme,
        _height(len(result.layers), name),
        margin=MARGIN,
        annotations=[
            *names(theme, 1.0, BESIDE.get(name, ("", ""))),
            _below(theme, f"{title}<br>dotted: at step 0{seed and ', '}{seed}"),
        ],
        **_ridge_axes(result, theme, name, (low, high)),
    )


def _height(count: int, name: str) -> int:
    """Of a picture of so many ridges; those in a closed section are as high as they need."""
    needed = 145 + max(4, count) * 27
    return min(HIGHEST, needed) if name == "entering" else needed


def _across(result: ActivationsResult, entry: int) -> dict[str, str]:
    """The middles of the bins, and the ends of the axis."""
    low, high = (float(end) for end in result.ranges[entry])
    bins = result.density.shape[-1]
    middles = low + (high - low) * (np.arange(bins) + 0.5) / bins
    return packed(np.concatenate([[low], middles, [high]]))


def _bases(result: ActivationsResult) -> NDArray[np.int64]:
    """The feet of the ridges, the first layer's on top."""
    return SPACING * np.arange(len(result.layers))[::-1]


def _ridges(
    result: ActivationsResult, entry: int, x: dict[str, str], theme: Theme
) -> list[marks.Trace]:
    """The filled ridges at the last step."""
    count, bases = len(result.layers), _bases(result)
    return [
        {
            "type": "scatter",
            "mode": "lines",
            "x": x,
            "y": ridge(result.density[entry, treatment, -1, place], bases[place]),
            "fill": "toself",
            "fillcolor": colour,
            "line": {"color": theme.colour(network), "dash": DASH[network], "width": 1.5},
            "name": LABEL[network],
            "hoveron": "fills",
            "text": f"{LABEL[network]}, layer {result.layers[place]}",
            "hoverinfo": "text",
            **on(treatment + 1),
        }
        for treatment, network in enumerate(TREATMENTS)
        for place, colour in enumerate(shades(theme, network, count))
    ]


def _beside(
    result: ActivationsResult, name: str, notes: list[str], treatment: int, theme: Theme
) -> marks.Trace:
    """What is said of each ridge, at the end of the axis where it is flat."""
    low, high = result.ranges[result.entry(name)]
    left = name == "slope"
    return marks.text(
        np.full(len(notes), low if left else high),
        (_bases(result) + 0.16 * SPACING).astype(np.int16),
        notes,
        theme.text,
        12,
        textposition="top right" if left else "top left",
        **on(treatment + 1),
    )


def _moved(result: ActivationsResult, distance: float, treatment: int, theme: Theme) -> marks.Trace:
    """How far the typical layer has moved from the dotted lines, in the corner above all ridges."""
    return marks.text(
        result.ranges[result.entry("entering")][1:],
        [_top(len(result.layers), "entering")],
        [_by(distance)],
        theme.colour(TREATMENTS[treatment]),
        12,
        textposition="bottom left",
        **on(treatment + 1),
    )


def _by(distance: float) -> str:
    """In two digits, as the sentences say it; nothing where it could not be followed."""
    if not np.isfinite(distance):
        return ""
    if distance >= 1e6:
        far = _power(round(float(np.log10(distance))))
    else:
        far = f"{distance:,.0f}" if distance >= 100 else f"{float(f'{distance:.2g}'):g}"
    return f"<b>typical layer:<br>moved {far} std</b>"


def _top(count: int, name: str) -> float:
    """Of the axis of so many ridges, with room above them for the words that stand there."""
    ridges = SPACING * (count - 1) + TALL
    if name != "entering":
        return ridges + 0.12 * TALL
    drawn = _height(count, name) - MARGIN["t"] - MARGIN["b"]
    return ridges + (FOOT + ridges) * HEAD / (drawn - HEAD)


def ridge(density: NDArray[np.uint8], base: int) -> dict[str, str]:
    """The outline of one ridge on its foot."""
    heights = np.concatenate([[0], density.astype(np.int64) * TALL // LEVELS, [0]])
    return packed((base + heights).astype(np.int16))


def _start(
    density: NDArray[np.uint8], base: int, x: dict[str, str], treatment: int, theme: Theme
) -> marks.Trace:
    """Where a layer's distribution began, as a thin line over its ridge."""
    heights = np.concatenate([[0], density.astype(np.float64) * TALL / LEVELS, [0]])
    return {
        "type": "scatter",
        "mode": "lines",
        "x": x,
        "y": packed(np.where(heights > 1, base + heights, np.nan)),
        "line": {"color": theme.text, "dash": "dot", "width": 1.3},
        "name": "step 0",
        "zorder": 1,
        "hoverinfo": "skip",
        **on(treatment + 1),
    }


def names(theme: Theme, y: float, texts: tuple[str, str] = ("", "")) -> list[dict[str, Any]]:
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


def _notes(result: ActivationsResult, name: str, treatment: int) -> Callable[[int], list[str]]:
    """What a ridge cannot show: exact zeros, what lies beyond the axis, a divergence."""
    entry = result.entry(name)
    zeros, outside = result.zeros[entry, treatment], result.outside[entry, treatment]
    tail = 0.2 if name == "slope" else 0.045  # of logarithms, some always is

    def one(zero: float, beyond: float) -> str:
        parts = [(zero, "zero", 0.015), (beyond, "off axis", tail)]
        return ", ".join(f"{100 * part:.0f} % {what}" for part, what, low in parts if part >= low)

    def at(column: int) -> list[str]:
        if not np.isfinite(zeros[column]).any():
            gone = f"diverged at step {result.diverged_at[treatment, 0]}"
            return [gone] + [""] * (zeros.shape[1] - 1)
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
        "range": [-FOOT, _top(count, name)],
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
