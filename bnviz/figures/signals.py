"""Signal and gradient layer by layer, and the product of scalars."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from bnviz.figures import marks
from bnviz.figures.base import (
    Figure,
    axis,
    frames,
    heading,
    layout,
    line,
    moved,
    over_seeds,
    packed,
)
from bnviz.figures.once import drawn_once
from bnviz.figures.theme import LABEL, TREATMENTS, Theme, translucent

if TYPE_CHECKING:
    from bnviz.experiments.signals import SignalsResult

SMALLEST, LARGEST = 1e-32, 1e32  # what the logarithmic axes show at most
ROOM = 0.16  # of their height: above the curves, for names
TALL = 300  # pixels: both pictures stand whole in a laptop's first window

TITLES = {
    "signal": "<b>signal</b>: from the input up →",
    "gradient": "<b>gradient</b>: ← from the loss down",
}
MEASURED = {
    "signal": "standard deviation of outputs h (log)",
    "gradient": "standard deviation of ∂L/∂h (log)",
}


@drawn_once
def profile(
    result: SignalsResult,
    theme: Theme,
    which: Literal["signal", "gradient"],
    arrivals: Sequence[Sequence[str]],
) -> Figure:
    """One standard deviation a layer, for each network: median and range over the seeds.

    arrivals: of plain and of BN, for each record, what stands beside its name at the end of its
    way. Dotted: at step 0. What 32-bit numbers cannot resolve is drawn on the lower edge. Frames:
    the recorded steps.
    """
    values = result.signal if which == "signal" else result.gradient
    low, high = _edges(values)
    held = np.clip(values.astype(np.float64), low, high)  # a zero: on the lower edge; NaN stays
    x, last = np.arange(1.0, result.config.depth + 1), len(result.steps) - 1

    first = [over_seeds(held[t, :, 0])[0] for t in range(2)]

    def moving(column: int) -> list[dict[str, Any]]:
        spans = [over_seeds(held[t, :, column]) for t in range(2)]
        traces = []
        for name, (middle, bottom, top) in zip(TREATMENTS, spans, strict=True):
            hover = f"layer %{{x}}: %{{y:.2e}}<extra>{LABEL[name]}</extra>"
            traces.append(_band(x, bottom, top, name, theme))
            traces.append(line(x, middle, name, theme, hovertemplate=hover))
        ways = _ways([span[0] for span in spans], first, which, arrivals, column)
        return [*traces, *_names(x, ways, low, high, theme, which)]

    def at(column: int) -> list[dict[str, Any]]:
        return moved(moving(column))

    start = [_start(x, first[t], name, theme) for t, name in enumerate(TREATMENTS)]
    data = [*start, *moving(last)]
    return {
        "data": data,
        "layout": layout(
            theme,
            TALL,
            margin={"l": 58, "r": 12, "t": 28, "b": 44},
            annotations=[heading(TITLES[which], 0.0, 1.01, theme)],
            **_profile_axes(len(x), low, high, MEASURED[which], theme),
        ),
        "frames": frames(result.steps, range(len(start), len(data)), at),
    }


def _profile_axes(depth: int, low: float, high: float, title: str, theme: Theme) -> dict[str, Any]:
    return {
        "xaxis": axis(
            theme,
            "hidden layer (dotted: at step 0)",
            range=[0.5, max(2.0, depth + 0.5)],
            dtick=max(1, round(depth / 8)),
        ),
        "yaxis": axis(
            theme,
            title,
            type="log",
            range=[float(np.log10(low)), float(np.log10(high))],
            dtick=max(1, round(float(np.log10(high / low)) / 6)),
            exponentformat="power",
        ),
    }


def _edges(values: NDArray[np.float32]) -> tuple[float, float]:
    """From a power of ten below all that can be told apart, over at least two, with ROOM above."""
    known = values[np.isfinite(values) & (values > 0)].astype(np.float64)
    if not known.size:
        return 0.1, 10.0
    low = np.floor(np.log10(max(float(known.min()), SMALLEST)) - 0.1)
    high = np.ceil(np.log10(min(float(known.max()), LARGEST)) + 0.1)
    tall = max(high - low, 2.0)
    return float(10.0**low), float(10.0 ** (low + (1 + ROOM) * tall))


def _band(
    x: NDArray[Any], low: NDArray[Any], high: NDArray[Any], treatment: str, theme: Theme
) -> dict[str, Any]:
    """The range over the seeds as one closed area; a network lives in all layers or in none."""
    return {
        "type": "scatter",
        "mode": "lines",
        "x": packed(np.concatenate([x, x[::-1]])),
        "y": packed(np.concatenate([low, high[::-1]])),
        "fill": "toself",
        "fillcolor": translucent(theme.colour(treatment), theme.band),
        "line": {"width": 0},
        "hoverinfo": "skip",
        "name": f"{LABEL[treatment]}, all seeds",
    }


def _start(x: NDArray[Any], values: NDArray[Any], treatment: str, theme: Theme) -> dict[str, Any]:
    """Where the median of the seeds stood at step 0."""
    return {
        "type": "scatter",
        "mode": "lines",
        "x": packed(x),
        "y": packed(values),
        "line": {"color": translucent(theme.colour(treatment), 0.75), "dash": "dot", "width": 2},
        "hoverinfo": "skip",
        "name": f"{LABEL[treatment]} at step 0",
    }


class _Way(NamedTuple):
    """Where a network's way ends, at a record and at the start, and how much arrives there."""

    end: float  # NaN: it has diverged
    at_start: float
    rises: float  # powers of ten, from where it sets out; diverged: those of the start
    arrives: str
    at_first: str


def _ways(
    middles: list[NDArray[Any]],
    first: list[NDArray[Any]],
    which: str,
    arrivals: Sequence[Sequence[str]],
    column: int,
) -> list[_Way]:
    far = -1 if which == "signal" else 0
    ways = []
    for middle, start, said in zip(middles, first, arrivals, strict=True):
        seen = middle if np.isfinite(middle[far]) else start
        rises = float(np.log10(seen[far] / seen[-1 - far]))
        ways.append(_Way(float(middle[far]), float(start[far]), rises, said[column], said[0]))
    return ways


def _names(
    x: NDArray[Any], ways: list[_Way], low: float, high: float, theme: Theme, which: str
) -> list[dict[str, Any]]:
    """Each network's name at the far end of its way, and how much arrives there."""
    place = len(x) - 1 if which == "signal" else 0
    sides = _sides(ways, float(np.log10(high / low)))
    traces = []
    for treatment, (name, way) in enumerate(zip(TREATMENTS, ways, strict=True)):
        end, below = _height(way, sides[treatment], low, high, treatment)
        traces.append(
            {
                "type": "scatter",
                "mode": "text",
                "x": packed(x[[place]]),
                "y": packed([end]),
                "text": [_said_of(way, LABEL[name])],
                "textposition": _beside(below, which),
                "textfont": {"size": 15, "color": theme.colour(name)},
                "cliponaxis": False,
                "hoverinfo": "skip",
            }
        )
    return traces


LOWEST = 0.08  # of the axis: a name has room below a curve that ends above this
STEEP = 0.3  # powers of ten: a curve that rises or falls by more would cross a name beside it
NEAR = 0.2  # of the axis: two names on the same side of curves closer than this would touch


def _sides(ways: list[_Way], tall: float) -> list[bool]:
    """Whether each name stands below its curve.

    Above one that rises towards its end, below one that falls, so that it does not cross its own
    name; else, or where the two would touch, above the higher curve and below the lower one.
    """
    plain, batch = (np.nan_to_num(way.end, nan=way.at_start) for way in ways)
    lowest = [not plain > batch, bool(plain > batch)]
    own = [
        way.rises < 0 if abs(way.rises) > STEEP else low
        for way, low in zip(ways, lowest, strict=True)
    ]
    apart = abs(float(np.log10(plain / batch))) / tall
    return lowest if own[0] == own[1] and not apart > NEAR else own


def _beside(below: bool, which: str) -> str:
    return f"{'bottom' if below else 'top'} {'left' if which == 'signal' else 'right'}"


def _said_of(way: _Way, name: str) -> str:
    if np.isfinite(way.end):
        return f"<b>{name}:</b> {way.arrives}"
    before = f"<br>at step 0: {way.at_first}" if way.at_first else ""
    return f"<b>{name} has diverged</b>{before}"


def _height(way: _Way, below: bool, low: float, high: float, treatment: int) -> tuple[float, bool]:
    """Where a name stands, and whether it is written below that, if there is room."""
    bottom, top = np.log10(low), np.log10(high)
    known = [end for end in (way.end, way.at_start) if np.isfinite(end)]
    if not known:
        return float(10 ** (bottom + (0.06 + 0.08 * treatment) * (top - bottom))), False
    share = (np.log10(min(known)) - bottom) / (top - bottom)
    below = below and bool(share > LOWEST)
    return min(known) if below else max(known), below


LINEAR = 0.01  # a change of the loss below this is drawn in proportion, one above by its logarithm
HELD = 1e6  # the largest change drawn
TICKS = {
    -100.0: "−100", -10.0: "−10", -1.0: "−1", -0.1: "−0.1", 0.0: "0", 0.1: "+0.1",
    1.0: "+1", 10.0: "+10", 100.0: "+100", 1e4: "+10,000", 1e6: "+1 million",
}  # fmt: skip


def signed_log(change: NDArray[np.float64]) -> NDArray[np.float64]:
    """sign(c) log10(1 + |c| / LINEAR): a logarithm on both sides of zero."""
    scaled: NDArray[np.float64] = np.sign(change) * np.log10(1 + np.abs(change) / LINEAR)
    return scaled


@drawn_once
def chain(result: SignalsResult, theme: Theme) -> Figure:
    """The change of a product's loss in one step: predicted (dotted) and true, against the rate."""
    data: list[dict[str, Any]] = []
    for place in range(len(result.chains)):
        data += _product(result, place, theme)
    shapes, rate = [_zero(theme)], result.config.learning_rate
    if result.rates[0] <= rate <= result.rates[-1]:
        shapes.append(_rate(rate, theme))
    return {
        "data": data,
        "layout": layout(
            theme,
            430,
            margin={"l": 70, "r": 12, "t": 34, "b": 46},
            annotations=[
                heading("true change (dotted: predicted)", 0.0, 1.01, theme, font={"size": 13}),
                _said("worse ↑", 10.0, theme),
                _said("better ↓", -30.0, theme),
            ],
            shapes=shapes,
            **_chain_axes(result.rates, theme),
        ),
    }


def _product(result: SignalsResult, place: int, theme: Theme) -> list[dict[str, Any]]:
    """What is predicted of one length and what it does, and how many factors it has."""
    length = int(result.chains[place])
    own = length == result.config.depth
    said = "1 factor" if length == 1 else f"{length} factors"
    colour, width = (theme.text, 3.0) if own else (theme.muted, 1.5)
    both = {"predicted": result.chain_promised[place], "true": result.chain_delivered[place]}
    curves = [
        marks.stroke(
            result.rates,
            signed_log(np.where(values > HELD, np.nan, values)),
            colour,
            width,
            line={"dash": "dot" if name == "predicted" else "solid"},
            name=f"{name}, {said}",
            hoverinfo="name+x",
        )
        for name, values in both.items()
    ]
    return [*curves, _length(result.rates, both["true"], said, colour)]


def _chain_axes(rates: NDArray[np.float64], theme: Theme) -> dict[str, Any]:
    ends = np.log10(rates[[0, -1]])
    low, high = signed_log(np.array([-250.0, HELD]))
    return {
        "xaxis": axis(
            theme,
            "learning rate (log)",
            type="log",
            range=[float(ends[0]), float(ends[1]) + 0.03],
            dtick=1,
        ),
        "yaxis": axis(
            theme,
            "change of the loss (log)",
            range=[float(low), float(high) + 0.5],
            tickvals=[float(tick) for tick in signed_log(np.array(list(TICKS)))],
            ticktext=list(TICKS.values()),
        ),
    }


def _length(
    rates: NDArray[np.float64], values: NDArray[np.float64], said: str, colour: str
) -> dict[str, Any]:
    """How many factors, where the true change leaves the picture or ends."""
    place = int(np.flatnonzero(values <= HELD)[-1])
    return {
        "type": "scatter",
        "mode": "text",
        "x": packed(rates[[place]]),
        "y": packed(signed_log(values[[place]])),
        "text": [said],
        "textposition": "top left",
        "textfont": {"size": 13, "color": colour},
        "cliponaxis": False,
        "hoverinfo": "skip",
    }


def _zero(theme: Theme) -> dict[str, Any]:
    return {
        "type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": 0, "y1": 0,
        "line": {"color": theme.muted, "width": 1},
    }  # fmt: skip


def _rate(rate: float, theme: Theme) -> dict[str, Any]:
    """Where the networks' learning rate stands."""
    return {
        "type": "line", "x0": rate, "x1": rate, "yref": "paper", "y0": 0, "y1": 1,
        "line": {"color": theme.muted, "width": 1, "dash": "dash"},
    }  # fmt: skip


def _said(text: str, height: float, theme: Theme) -> dict[str, Any]:
    """Quiet words on the left, at this change of the loss."""
    return {
        "text": text,
        "xref": "paper", "x": 0.01, "xanchor": "left",
        "y": float(signed_log(np.array(height))), "yanchor": "middle",
        "showarrow": False,
        "font": {"size": 12, "color": theme.muted},
    }  # fmt: skip
