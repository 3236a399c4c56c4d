"""Gradient predictiveness: needles along a step, the measures over training, a sweep."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from bnviz.figures.base import (
    Figure,
    axis,
    curve,
    frames,
    growing,
    heading,
    layout,
    log_axis,
    named_dots,
    over_seeds,
)
from bnviz.figures.marks import on, scatter, stroke, text
from bnviz.figures.once import drawn_once
from bnviz.figures.theme import LABEL, TREATMENTS, Theme, translucent
from bnviz.verdicts.gradients import Measure, comparison

if TYPE_CHECKING:
    from bnviz.experiments.gradients import GradientsResult

HEIGHT = 270  # pixels: with an answer, knobs and clock in a laptop's first window
NEEDLE = 0.8  # of the space between two places along the step
WEDGE = 0.4  # of the same: how far the angle is shaded
ARC = 9  # points on the rim of a wedge
BARB, BARB_ANGLE = 0.2, np.radians(24)  # of its length, and from its line


@drawn_once
def needles(result: GradientsResult, theme: Theme) -> Figure:
    """The direction of the gradient before a step, and after each length of it.

    Every needle shows the angle to the gradient at the start, which points right; the thin ones
    are the seeds', the thick one shows their median, its angle is shaded. Frames: the recorded
    steps.
    """
    degrees = np.degrees(np.arccos(result.cosine.astype(np.float64)))  # (2, seeds, T, A)

    def moving(column: int) -> list[dict[str, Any]]:
        now, alive = degrees[:, :, column], np.isfinite(result.loss_here[:, :, column])
        return [
            trace
            for t in range(2)
            for trace in (
                _wedges(now[t], theme, t),
                _needles(now[t], theme, t, seeds=True),
                _needles(now[t], theme, t, seeds=False),
                _angles(now[t], theme, t, alive=bool(alive[t].any())),
            )
        ]

    def at(column: int) -> list[dict[str, Any]]:
        return [{key: m[key] for key in ("x", "y", "text") if key in m} for m in moving(column)]

    start = [_old_directions(result, theme, treatment) for treatment in range(2)]
    return {
        "data": start + moving(len(result.steps) - 1),
        "layout": layout(
            theme,
            HEIGHT,
            margin={"l": 12, "r": 12, "t": 6, "b": 46},
            annotations=[*_panel_names(theme), *_before(theme)],
            **_needle_axes(result, theme),
        ),
        "frames": frames(result.steps, range(2, 10), at),
    }


def _panel_names(theme: Theme) -> list[dict[str, Any]]:
    """Plain's panel stands above BN's."""
    tops = {"plain": 1.0, "batch": 0.47}
    return [
        heading(
            f"<b>{LABEL[name]}</b>", 0.0, top, theme, yanchor="top",
            font={"size": 17, "color": theme.colour(name)},
        )
        for name, top in tops.items()
    ]  # fmt: skip


def _before(theme: Theme) -> list[dict[str, Any]]:
    """What is dotted: the gradient before any step, at step length 0."""
    font = {"size": 12, "color": theme.muted}
    return [
        {
            "text": "before", "x": -0.25, "y": -0.04, "xref": "x", "yref": f"y{panel}",
            "xanchor": "left", "yanchor": "top", "showarrow": False, "font": font,
        }
        for panel in ("", 2)
    ]  # fmt: skip


def _needle_axes(result: GradientsResult, theme: Theme) -> dict[str, Any]:
    """A place for each length; the same scale along and across, so that angles are angles."""
    places = len(result.reach)
    across: dict[str, Any] = {
        "tickvals": list(range(places + 1)),
        "ticktext": ["0", *(_tick(float(length)) for length in result.reach)],
        "tickangle": 0,
        "range": [-0.3, places + 0.9],
        "showgrid": False,
        "fixedrange": True,
    }
    update = " (<b>1</b>: the update)" if result.config.optimizer == "sgd" else ""
    title = f"step length, in learning rates η{update}"
    up: dict[str, Any] = {"visible": False, "fixedrange": True, "range": [-0.24, 0.86]}
    return {
        "xaxis": axis(
            theme, "", anchor="y", **across | {"showticklabels": False, "showline": False}
        ),
        "xaxis2": axis(theme, title, anchor="y2", matches="x", **across),
        "yaxis": up | {"domain": [0.53, 1.0], "scaleanchor": "x"},
        "yaxis2": up | {"domain": [0.0, 0.47], "scaleanchor": "x2"},
    }


def _tick(length: float) -> str:
    """The length of a step; that of the update is bold."""
    return "<b>1</b>" if length == 1 else f"{length:.3g}"


def _old_directions(result: GradientsResult, theme: Theme, treatment: int) -> dict[str, Any]:
    """Where the gradient pointed before the step, at every place, dotted."""
    tails = np.arange(len(result.reach) + 1.0)
    x = np.stack([tails, tails + NEEDLE, np.full_like(tails, np.nan)], axis=1).ravel()
    return stroke(
        x, np.where(np.isnan(x), np.nan, 0.0), theme.muted, 1.5,
        line={"dash": "dot"}, hoverinfo="skip", **on(treatment + 1),
    )  # fmt: skip


def _segments(degrees: NDArray[np.float64]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Needles (…, A) from the places 1, 2, … to their tips, and the two barbs; a gap after each."""
    tails = np.broadcast_to(np.arange(1.0, degrees.shape[-1] + 1), degrees.shape)
    tip = NEEDLE * np.exp(1j * np.radians(degrees))
    barbs = [tip * (1 - BARB * np.exp(side * 1j * BARB_ANGLE)) for side in (1, -1)]
    gap = np.full(degrees.shape, np.nan + 0j)
    path = np.stack([0 * tip, tip, barbs[0], tip, barbs[1], gap], axis=-1) + tails[..., None]
    return path.real.ravel(), path.imag.ravel()


def _wedges(degrees: NDArray[np.float64], theme: Theme, treatment: int) -> dict[str, Any]:
    """The median angle at every place, shaded from the old direction to the needle."""
    middle = over_seeds(degrees)[0]
    turns = np.radians(np.linspace(0, 1, ARC) * middle[:, None])
    rim = WEDGE * np.exp(1j * turns)
    tail, gap = np.zeros((len(middle), 1)), np.full((len(middle), 1), np.nan + 0j)
    path = np.hstack([tail, rim, tail, gap]) + np.arange(1.0, len(middle) + 1)[:, None]
    fill = translucent(theme.colour(TREATMENTS[treatment]), 0.25)
    return scatter(
        path.real.ravel(), path.imag.ravel(), "lines",
        fill="toself", fillcolor=fill, line={"width": 0}, hoverinfo="skip", **on(treatment + 1),
    )  # fmt: skip


def _needles(
    degrees: NDArray[np.float64], theme: Theme, treatment: int, *, seeds: bool
) -> dict[str, Any]:
    """All seeds' needles, thin, or the one needle of their median, thick."""
    x, y = _segments(degrees if seeds else over_seeds(degrees)[0])
    colour = theme.colour(TREATMENTS[treatment])
    pen, width = (translucent(colour, 0.4), 1) if seeds else (colour, 3)
    return stroke(x, y, pen, width, hoverinfo="skip", **on(treatment + 1))


def _angles(
    degrees: NDArray[np.float64], theme: Theme, treatment: int, *, alive: bool
) -> dict[str, Any]:
    """The median angle at every place, the last one bold; or why there is none.

    A gradient of zero has no direction, nor has one beyond all numbers.
    """
    middle = over_seeds(degrees)[0]
    words = ["" if np.isnan(angle) else f"{angle:.0f}°" for angle in middle]
    words[-1] = f"<b>{words[-1]}</b>" if words[-1] else ""
    if not any(words):
        words[0] = "the gradient has no direction" if alive else "every seed has diverged"
    places, below = np.arange(1.0, len(middle) + 1), np.full(len(middle), -0.06)
    return text(
        places, below, words, theme.text, 12,
        textposition="bottom right", cliponaxis=False, **on(treatment + 1),
    )  # fmt: skip


ROWS = {
    "change": "<b>change of the gradient</b> ‖Δg‖ (log)",
    "smoothness": "<b>effective β-smoothness</b> (log)",
    "turn": "<b>turn</b> of the gradient after one learning rate",
}
DOMAINS = {"change": (0.70, 0.96), "smoothness": (0.36, 0.62), "turn": (0.0, 0.27)}


@drawn_once
def measures(result: GradientsResult, theme: Theme) -> Figure:
    """Predictiveness as a band over the lengths, smoothness and turn as bands over the seeds.

    Medians of the seeds. Frames: the curves as far as the recorded step.
    """
    rows = [_drawn_row(result, name, place, theme) for place, name in enumerate(ROWS, 1)]

    def at(column: int) -> list[dict[str, Any]]:
        return [trace for row in rows for trace in row.at(column)]

    last = float(result.steps[-1])
    names = [
        heading(title, 0.0, DOMAINS[name][1], theme, font={"size": 13, "color": theme.text})
        for name, title in ROWS.items()
    ]
    look = layout(
        theme,
        620,
        margin={"l": 60, "r": 12, "t": 20, "b": 46},
        annotations=names,
        xaxis=axis(theme, "training step", range=[-0.02 * last, 1.06 * last], anchor="y3"),
        **{f"yaxis{place}": row.upwards for place, row in enumerate(rows, 1)},
    )
    return {"layout": look, **growing(result.steps, at)}


@dataclass(frozen=True, kw_only=True)
class _Row:
    at: Callable[[int], list[dict[str, Any]]]  # bands, lines and dots, as far as a column
    upwards: dict[str, Any]  # the axis


def _drawn_row(result: GradientsResult, name: str, place: int, theme: Theme) -> _Row:
    where = {"xaxis": "x", "yaxis": f"y{place}"}
    spreads = [_row(result, name, treatment) for treatment in range(2)]

    def at(column: int) -> list[dict[str, Any]]:
        traces = []
        for label, spread in zip(TREATMENTS, spreads, strict=True):
            hover = f"step %{{x}}: %{{y:.3g}}<extra>{LABEL[label]}</extra>"
            of = curve(result.steps, spread, label, theme, column, where, hovertemplate=hover)
            if name == "change":
                of[0]["name"] = f"{LABEL[label]}, from the shortest to the longest step"
            traces += of
        middles = [spread[0] for spread in spreads]
        return traces + named_dots([result.steps] * 2, middles, theme, column, **where)

    edges = [edge for _, low, high in spreads for edge in (low, high)]
    return _Row(at=at, upwards=_upwards(name, edges, theme))


SMALLEST, LARGEST = 1e-4, 1e4  # what the logarithmic axes show
RATIOS = (1e-6, 1e6)  # the same for plain / BN


def _row(
    result: GradientsResult, name: str, treatment: int
) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """Line, lower edge and upper edge of one measure, each (T,)."""
    if name == "change":
        low, high = (over_seeds(_held(v[treatment]))[0] for v in result.predictiveness())
        return high, low, high
    if name == "smoothness":
        return over_seeds(_held(result.smoothness()[treatment]))
    return over_seeds(result.turn(1.0)[treatment])


def _held(values: NDArray[Any]) -> NDArray[np.float64]:
    """Values held inside what the axes can show."""
    return np.clip(values.astype(np.float64), SMALLEST, LARGEST)


def _upwards(name: str, drawn: list[NDArray[Any]], theme: Theme) -> dict[str, Any]:
    """The axis of a row."""
    if name == "turn":
        angles: dict[str, Any] = {"range": [-5, 185], "tickvals": [0, 45, 90, 135, 180]}
        return axis(theme, "", domain=DOMAINS[name], ticksuffix="°", **angles)
    known = np.concatenate(drawn)
    known = known[np.isfinite(known)]
    low, high = (known.min(), known.max()) if known.size else (1.0, 1.0)
    edges = (float(np.log10(0.7 * low)), float(np.log10(1.5 * high)))
    return log_axis(theme, "", edges, domain=DOMAINS[name])


CURVES: dict[Measure, tuple[str, str, str]] = {
    "change": ("change of the gradient", "solid", "circle"),
    "smoothness": ("β-smoothness", "dot", "square"),
}
"""Of the sweep: what each is called, its line and its dots."""


@drawn_once
def sweep(results: list[GradientsResult], theme: Theme) -> Figure:
    """How many times plain's measures are BN's, against the learning rate (both logarithmic).

    A place without a dot: there is no pair in which both losses fell.
    """
    rates = np.array([result.config.learning_rate for result in results])
    ratios = {name: np.array([_ratio(one, name) for one in results]) for name in CURVES}
    known = np.concatenate([*ratios.values(), [1.0]])
    known = known[np.isfinite(known)]
    low, high = float(np.log10(0.6 * known.min())), float(np.log10(2.0 * known.max()))
    note = "above the dotted line plain is the rougher one"
    alike = {
        "type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": 1, "y1": 1,
        "line": {"color": theme.muted, "width": 1, "dash": "dot"},
    }  # fmt: skip
    return {
        "data": [_curve(rates, ratios[name], *CURVES[name], theme) for name in CURVES],
        "layout": layout(
            theme,
            360,
            xaxis=_rate_axis(rates, theme),
            yaxis=axis(theme, "plain / BN (log)", type="log", range=[low, high]),
            shapes=[alike],
            annotations=[heading(note, 0.0, 1.0, theme, font={"size": 12, "color": theme.muted})],
        ),
    }


def _rate_axis(rates: NDArray[np.float64], theme: Theme) -> dict[str, Any]:
    ends = np.log10(rates[[0, -1]])
    return axis(
        theme,
        "learning rate (log)",
        type="log",
        range=[float(ends[0]) - 0.1, float(ends[1]) + 0.1],
        tickvals=[float(rate) for rate in rates],
        tickangle=-45,
    )


def _curve(
    rates: NDArray[np.float64],
    ratios: NDArray[np.float64],
    name: str,
    dash: str,
    symbol: str,
    theme: Theme,
) -> dict[str, Any]:
    """One measure, named at its last dot."""
    there = np.flatnonzero(np.isfinite(ratios))
    names = [""] * len(rates)
    if len(there):
        names[there[-1]] = f"<b>{name}</b>"
    return scatter(
        rates,
        ratios,
        "lines+markers+text",
        text=names,
        textposition="top left",
        textfont={"size": 13, "color": theme.text},
        line={"color": theme.text, "dash": dash, "width": 2},
        marker={"symbol": symbol, "size": 9, "color": theme.text},
        cliponaxis=False,
        hovertemplate=f"rate %{{x}}: plain / BN = %{{y:.3g}}<extra>{name}</extra>",
    )


def _ratio(result: GradientsResult, name: Measure) -> float:
    """Plain / BN, held inside what the axis can show; NaN where nothing is compared."""
    if not result.counts().any():
        return float("nan")
    return float(np.clip(comparison(result, name).ratio.middle, *RATIOS))
