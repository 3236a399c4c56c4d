"""What all figures share: packed arrays, the layout, frames, lines with bands."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bnviz.figures.theme import DASH, LABEL, TREATMENTS, Theme, translucent

Figure = dict[str, Any]
"""data, layout and perhaps frames, in Plotly's JSON form."""

_TYPES = {np.dtype(np.float32): "f4", np.dtype(np.uint8): "u1", np.dtype(np.int16): "i2"}


def packed(values: ArrayLike) -> dict[str, str]:
    """An array as Plotly's typed array, base64: float32 unless it is uint8 or int16 already."""
    array = np.asarray(values)
    if array.dtype not in _TYPES:
        array = array.astype(np.float32)
    spec = {
        "dtype": _TYPES[array.dtype],
        "bdata": base64.b64encode(np.ascontiguousarray(array).tobytes()).decode(),
    }
    if array.ndim == 2:
        spec["shape"] = f"{array.shape[0]}, {array.shape[1]}"
    return spec


FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"


def layout(theme: Theme, height: int, **more: Any) -> dict[str, Any]:
    """The look of every figure."""
    return {
        "height": height,
        "margin": {"l": 52, "r": 12, "t": 40, "b": 44},
        "paper_bgcolor": theme.background,  # a figure that is saved takes its ground along
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"family": FONT, "size": 14, "color": theme.text},
        "hoverlabel": {"font": {"family": FONT, "size": 13}},
        "showlegend": False,
        "dragmode": False,
        **more,
    }


def axis(theme: Theme, title: str, **more: Any) -> dict[str, Any]:
    """An axis with a quiet grid and a title with its unit."""
    return {
        "title": {"text": title, "font": {"size": 13, "color": theme.muted}, "standoff": 8},
        "gridcolor": theme.grid,
        "linecolor": theme.grid,
        "zeroline": False,
        "tickfont": {"size": 12, "color": theme.muted},
        "automargin": True,
        **more,
    }


FEW_DECADES = 2.6  # up to here, a log axis also shows the 2 and the 5 of each decade
MOST_TICKS = 8  # of a longer one


def log_axis(theme: Theme, title: str, ends: Sequence[float], **more: Any) -> dict[str, Any]:
    """A logarithmic axis from 10 ** ends[0] to 10 ** ends[1]; each tick is written in full.

    Plotly's own short form, a lone 5 below the 1, reads as a five, and means 0.5.
    """
    values = _log_ticks(float(ends[0]), float(ends[1]))
    plain = all(0.001 <= value <= 1000 for value in values)
    ticks = {"tickvals": values, "ticktext": [_tick(value, plain) for value in values]}
    return axis(theme, title, type="log", range=[float(end) for end in ends], **ticks, **more)


def _log_ticks(low: float, high: float) -> list[float]:
    first, last = int(np.floor(low)), int(np.ceil(high))
    few = high - low < FEW_DECADES
    every = 1 if few else int(np.ceil((high - low) / MOST_TICKS))
    exponents = [exponent for exponent in range(first, last + 1) if exponent % every == 0]
    for digits in ((1, 2, 5), range(1, 10)) if few else ((1,),):
        values = [float(f"{digit}e{exponent}") for exponent in exponents for digit in digits]
        inside = [value for value in values if low <= np.log10(value) <= high]
        if len(inside) > 1:
            return inside
    return [float(f"{10**place:.3g}") for place in (low, (low + high) / 2, high)]


def _tick(value: float, plain: bool) -> str:
    if plain or value in (1, 10):
        return f"{value:g}"
    digit, exponent = f"{value:.1e}".split("e")
    power = f"10<sup>{int(exponent)}</sup>".replace("-", "−")
    return power if float(digit) == 1 else f"{float(digit):g}·{power}"


def heading(text: str, x: float, y: float, theme: Theme, **more: Any) -> dict[str, Any]:
    """A title inside the figure, at paper coordinates."""
    return {
        "text": text,
        "x": x,
        "y": y,
        "xref": "paper",
        "yref": "paper",
        "xanchor": "left",
        "yanchor": "bottom",
        "showarrow": False,
        "font": {"size": 15, "color": theme.text},
        **more,
    }


def seed_named(place: int, seeds: int) -> str:
    """Which seed a picture shows, in small letters; with one seed there is no question."""
    return f"<span style='font-size:13px'>seed {place + 1} of {seeds}</span>" if seeds > 1 else ""


def line(x: ArrayLike, y: ArrayLike, treatment: str, theme: Theme, **more: Any) -> dict[str, Any]:
    """One treatment's line, in its colour and its style."""
    return {
        "type": "scatter",
        "mode": "lines",
        "x": packed(x),
        "y": packed(y),
        "name": LABEL[treatment],
        "line": {"color": theme.colour(treatment), "dash": DASH[treatment], "width": 2.5},
        **more,
    }


def band(
    x: NDArray[Any],
    low: NDArray[Any],
    high: NDArray[Any],
    treatment: str,
    theme: Theme,
    **more: Any,
) -> dict[str, Any]:
    """The range over the seeds, as a filled area. A column without numbers ends a piece."""
    nothing = np.array([])
    xs, ys = [nothing], [nothing]
    for piece in _pieces(np.isfinite(low) & np.isfinite(high)):
        xs += [x[piece], x[piece][::-1], np.array([np.nan])]
        ys += [low[piece], high[piece][::-1], np.array([np.nan])]
    return {
        "type": "scatter",
        "mode": "lines",
        "x": packed(np.concatenate(xs)),
        "y": packed(np.concatenate(ys)),
        "fill": "toself",
        "fillcolor": translucent(theme.colour(treatment), theme.band),
        "line": {"width": 0},
        "hoverinfo": "skip",
        "name": f"{LABEL[treatment]}, all seeds",
        **more,
    }


def curve(
    x: NDArray[Any],
    spread: Sequence[NDArray[Any]],
    treatment: str,
    theme: Theme,
    column: int,
    places: Mapping[str, Any] | None = None,
    **more: Any,
) -> list[dict[str, Any]]:
    """One treatment's band and line as far as this record: curves grow with the clock.

    spread: median, lowest and highest, as over_seeds gives them. places: the axes of both; what
    else there is belongs to the line.
    """
    known = slice(column % len(x) + 1)
    middle, low, high = (some[known] for some in spread)
    on = places or {}
    return [
        band(x[known], low, high, treatment, theme, **on),
        line(x[known], middle, treatment, theme, **on, **more),
    ]


def until(places: NDArray[Any], now: float) -> NDArray[np.float64]:
    """Places along the axis, the later ones without a number: marks that come with the clock."""
    return np.where(places <= now, places, np.nan)


def _pieces(there: NDArray[np.bool_]) -> list[slice]:
    """The runs of True."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], there, [False]]).astype(np.int8)))
    return [slice(start, end) for start, end in edges.reshape(-1, 2)]


def over_seeds(values: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """Median, lowest and highest over the first axis, of the seeds that have a number there."""
    alive = np.where(np.isfinite(values), values, np.nan)
    ordered = np.sort(alive, axis=0)  # NaN goes last; np.nanmedian takes ten times as long
    count = np.isfinite(ordered).sum(axis=0)[None]

    def ranked(place: NDArray[np.integer]) -> NDArray[Any]:
        return np.take_along_axis(ordered, np.maximum(place, 0), axis=0)[0]

    middle = (ranked((count - 1) // 2) + ranked(np.minimum(count // 2, len(ordered) - 1))) / 2
    return middle, ordered[0], ranked(count - 1)


def dot(
    x: NDArray[Any],
    middle: NDArray[Any],
    treatment: str,
    theme: Theme,
    column: int,
    **more: Any,
) -> dict[str, Any]:
    """Where a curve stands at this record. After a divergence: where it was last seen."""
    shown = last_seen(middle, column)
    return {
        "type": "scatter",
        "mode": "markers",
        "x": packed(x[[shown]]),
        "y": packed(middle[[shown]]),
        "cliponaxis": False,
        "marker": {
            "size": 11,
            "color": theme.colour(treatment),
            "symbol": "diamond" if treatment == "plain" else "circle",
            "line": {"width": 1.5, "color": theme.background},
        },
        "hoverinfo": "skip",
        **more,
    }


def last_seen(middle: NDArray[Any], column: int) -> int:
    """The last record up to this one that has a number; the first if none has."""
    there = np.flatnonzero(np.isfinite(middle[: column % len(middle) + 1]))
    return int(there[-1]) if len(there) else 0


MOVING = ("x", "y", "text", "textposition")
"""What a frame changes of a dot and of its name."""
NEAR_THE_AXIS = 0.3  # of the width: from here on a name has room on the left of its dot


def named_dots(
    steps: Sequence[NDArray[Any]],
    middles: Sequence[NDArray[Any]],
    theme: Theme,
    column: int,
    **more: Any,
) -> list[dict[str, Any]]:
    """Where plain and BN stand at this record, each with its name beside its dot.

    steps, middles: those of plain and of BN.
    """
    seen = [last_seen(middle, column) for middle in middles]
    longest = float(max(x[-1] for x in steps))
    beside = names_beside(
        [float(x[place]) / longest for x, place in zip(steps, seen, strict=True)],
        [float(middle[place]) for middle, place in zip(middles, seen, strict=True)],
    )
    return [
        dot(
            x, middle, name, theme, column,
            mode="markers+text",
            text=[f"<b>{LABEL[name]}</b>"],
            textposition=position,
            textfont={"size": 15, "color": theme.colour(name)},
            **more,
        )
        for name, x, middle, position in zip(TREATMENTS, steps, middles, beside, strict=True)
    ]  # fmt: skip


def names_beside(shares: Sequence[float], heights: Sequence[float]) -> list[str]:
    """Where the names of dots stand, so that none covers another, or the scale of the axis.

    The highest is named above itself, the others below; on the right of the dot at the left end
    of the axis, else on its left. shares: how far along the axis, 0 to 1.
    """
    highest = int(np.argmax(np.nan_to_num(heights, nan=-np.inf)))
    return [
        f"{'top' if place == highest else 'bottom'} {'right' if x < NEAR_THE_AXIS else 'left'}"
        for place, x in enumerate(shares)
    ]


def moved(traces: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """What a frame changes of such traces."""
    return [{key: trace[key] for key in MOVING if key in trace} for trace in traces]


def frames(
    steps: Sequence[int] | NDArray[np.int64], moving: Sequence[int], at: Any
) -> list[dict[str, Any]]:
    """One frame a recorded step, for the clock of the page, which finds it by its name.

    steps: (T,) the recorded steps, in order. moving: the places, in the figure's data, of the
    traces that change. at(column): for a column from 0 to T - 1, what of these traces changes, one
    dict each, in their order.

    By convention the figure's own data show the last step.
    """
    return [
        {"name": str(int(step)), "data": at(column), "traces": list(moving)}
        for column, step in enumerate(steps)
    ]


def growing(
    steps: Sequence[int] | NDArray[np.int64],
    at: Callable[[int], list[dict[str, Any]]],
    still: Sequence[dict[str, Any]] = (),
) -> Figure:
    """Data and frames of a figure whose traces grow with the clock.

    steps: (T,) the recorded steps. at(column): all that moves, as it stands at that record, always
    the same traces in the same order, see curve and until. still: what stays, behind them.
    """
    last = at(len(steps) - 1)
    moving = range(len(still), len(still) + len(last))
    return {
        "data": [*still, *last],
        "frames": frames(steps, moving, lambda column: moved(at(column))),
    }
