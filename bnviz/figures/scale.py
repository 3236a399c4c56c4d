"""Scale: multiplied weights, the length of W and the angle of its gradient."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from bnviz.figures.base import (
    Figure,
    axis,
    band,
    curve,
    growing,
    heading,
    layout,
    line,
    named_dots,
    over_seeds,
    until,
)
from bnviz.figures.marks import Trace, points, stroke
from bnviz.figures.once import drawn_once
from bnviz.figures.theme import LABEL, TREATMENTS, Theme, translucent
from bnviz.verdicts.scale import at_epsilon

if TYPE_CHECKING:
    from bnviz.experiments.scale import ScaleResult

CHANGES = (1e-7, 1e5)  # what the axis of the outputs shows
RATIOS = (1e-5, 1e5)  # the same for the gradient
HELD = (1e-30, 1e30)  # values beyond are drawn there, far outside the axes
SPREAD = 20.0  # times: ||W||^2 over more than that is drawn on a logarithmic axis
HEIGHT = 370
FIRST_HEIGHT = 292  # of what stands in the first window
SYMBOLS = {"plain": "diamond-open", "batch": "circle-open"}


@drawn_once
def outputs(result: ScaleResult, theme: Theme) -> Figure:
    """How much the outputs change when the weights are multiplied by a, against a (both log)."""
    title = "change of the outputs, relative (log)"
    return _multiplied(result, theme, result.output_change, CHANGES, title)


@drawn_once
def gradients(result: ScaleResult, theme: Theme) -> Figure:
    """How much longer the gradient becomes, against a (both logarithmic); and the line 1/a."""
    title = "gradient, times as long (log)"
    figure = _multiplied(result, theme, result.gradient_ratio, RATIOS, title)
    ends = result.factors[[0, -1]]
    reference = stroke(ends, 1 / ends, theme.text, 1.5, line={"dash": "dot"}, hoverinfo="skip")
    figure["data"].insert(0, reference)
    figure["layout"]["annotations"].append(
        {
            "text": "1/a", "x": -3.5, "y": 3.5, "xanchor": "left", "yanchor": "bottom",
            "xshift": 4, "showarrow": False, "font": {"size": 14, "color": theme.text},
        }
    )  # fmt: skip
    return figure


def _multiplied(
    result: ScaleResult,
    theme: Theme,
    values: NDArray[np.float64],
    shown: tuple[float, float],
    title: str,
) -> Figure:
    """Both treatments' (2, seeds, A) against the factor a: median and range of the seeds.

    A zero, as of the change at a = 1, is a gap: it has no place on the axis.
    """
    low, high = (float(np.log10(end)) for end in shown)
    data: list[Trace] = []
    annotations: list[Trace] = []
    for t, name in enumerate(TREATMENTS):
        held = np.where(values[t] > 0, np.clip(values[t], *HELD), np.nan)
        middle, bottom, top = over_seeds(held)
        hover = f"a = %{{x}}: %{{y:.2g}}<extra>{LABEL[name]}</extra>"
        data.append(band(result.factors, bottom, top, name, theme))
        data.append(line(result.factors, middle, name, theme, hovertemplate=hover))
        annotations += _named(result, middle, name, theme, (low, high))
    across = [float(end) for end in np.log10(result.factors[[0, -1]])]
    return {
        "data": data,
        "layout": layout(
            theme,
            HEIGHT,
            shapes=_epsilon(result, theme),
            annotations=[*annotations, *_epsilon_named(result, theme, low)],
            xaxis=_powers(theme, "a: the weights are multiplied by it (log)", across),
            yaxis=_powers(theme, title, [low, high]),
        ),
    }


def _powers(theme: Theme, title: str, ends: list[float]) -> dict[str, Any]:
    """A logarithmic axis with a tick at every second power of ten."""
    form = {"type": "log", "dtick": 2, "exponentformat": "power"}
    return axis(theme, title, range=ends, **form)


def _named(
    result: ScaleResult,
    middle: NDArray[np.float64],
    name: str,
    theme: Theme,
    ends: tuple[float, float],
) -> list[dict[str, Any]]:
    """The treatment's name on the outer side of its curve, in the right half of the axes."""
    heights = np.log10(middle)
    inside = np.flatnonzero(
        (heights > ends[0]) & (heights < ends[1] - 1.2) & (result.factors <= NAMED_UP_TO)
    )
    if not inside.size:
        return []
    place = inside[-1]
    falls = heights[min(place + 1, len(heights) - 1)] < heights[place] - 0.1
    return [
        {
            "text": f"<b>{LABEL[name]}</b>",
            "x": float(np.log10(result.factors[place])),
            "y": float(heights[place]),
            "xanchor": "left" if falls else "right",
            "yanchor": "bottom",
            "xshift": 6 if falls else -6,
            "yshift": 4,
            "showarrow": False,
            "font": {"size": 16, "color": theme.colour(name)},
        }
    ]


NAMED_UP_TO = 320.0  # a: names stand there or left of it


def _inside(result: ScaleResult) -> float | None:
    """The factor at which the variance is epsilon, if the axis shows it."""
    place = at_epsilon(result)
    low, high = result.factors[[0, -1]]
    return place if np.isfinite(place) and low < place < high else None


def _epsilon(result: ScaleResult, theme: Theme) -> list[dict[str, Any]]:
    """Where epsilon is larger than the variance: shaded, from the left edge."""
    place = _inside(result)
    if place is None:
        return []
    return [
        {
            "type": "rect",
            "x0": float(result.factors[0]),
            "x1": place,
            "yref": "paper",
            "y0": 0,
            "y1": 1,
            "layer": "below",
            "line": {"width": 0},
            "fillcolor": translucent(theme.muted, 0.14),
        }
    ]


def _epsilon_named(result: ScaleResult, theme: Theme, bottom: float) -> list[dict[str, Any]]:
    place = _inside(result)
    if place is None:
        return []
    return [
        {
            "text": "here ε is larger<br>than the variance",
            "x": float(np.log10(result.factors[0])),
            "y": bottom,
            "xanchor": "left",
            "yanchor": "bottom",
            "xshift": 4,
            "align": "left",
            "showarrow": False,
            "font": {"size": 12, "color": theme.muted},
        }
    ]


def over_training(result: ScaleResult, theme: Theme, layer: str) -> tuple[Figure, Figure]:
    """How long the weights of a layer become, and where their gradient points."""
    return growth(result, theme, layer), angles(result, theme, layer)


@drawn_once
def growth(result: ScaleResult, theme: Theme, layer: str) -> Figure:
    """||W||^2 of one layer over training, in its first values: measured and predicted.

    Lines are measured, marks predicted; medians of the seeds. Frames: the recorded steps.
    """
    place = result.place(layer)
    measured, predicted = (
        _relative(values[:, result.own, :, :, place], result.square[:, result.own, :, :, place])
        for values in (result.square, result.predicted)
    )
    spreads = [over_seeds(measured[t]) for t in range(2)]
    marks = [over_seeds(predicted[t])[0] for t in range(2)]
    hovers = ("‖W‖² %{y:.4g} times its first", "predicted %{y:.4g}")

    def at(column: int) -> list[Trace]:
        shown = until(result.steps, int(result.steps[column]))
        return [
            _mark(shown, middle, name, theme, hovers[1])
            for middle, name in zip(marks, TREATMENTS, strict=True)
        ]

    vertical = _norm_axis(np.concatenate([measured.ravel(), *marks]), theme)
    subtitle = "lines: measured · marks: predicted"
    if not np.isfinite(marks).any():
        subtitle = "measured (the prediction is for SGD)"
    said = f"{layer}, 1 at the start<br>{subtitle}"
    return _over_training(result, theme, spreads, vertical, said, hovers[0], at)


def _mark(x: NDArray[Any], y: NDArray[Any], name: str, theme: Theme, hover: str) -> Trace:
    """What was predicted of one treatment."""
    look = {"symbol": SYMBOLS[name]}
    told = f"step %{{x}}: {hover}<extra>{LABEL[name]}</extra>"
    return points(x, y, theme.colour(name), 9, marker=look, hovertemplate=told)


def _relative(values: NDArray[np.float64], first: NDArray[np.float64]) -> NDArray[np.float64]:
    """Squared norms (2, seeds, T) in those at the first step; NaN where that is nothing."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        ratio = values / first[:, :, :1]
    return np.where(np.isfinite(ratio) & (ratio > 0), np.clip(ratio, *HELD), np.nan)


def _norm_axis(values: NDArray[np.float64], theme: Theme) -> dict[str, Any]:
    """From the smallest to the largest, logarithmic where that is far."""
    known = np.append(values[np.isfinite(values)], 1.0)
    low, high = float(known.min()), float(known.max())
    title = "squared length ‖W‖²"
    if high > SPREAD * low:
        edges = [float(np.log10(low)) - 0.2, float(np.log10(high)) + 0.2]
        ticks = 1 if edges[1] - edges[0] > 3 else "D2"
        return axis(
            theme,
            f"{title} (log)",
            type="log",
            range=edges,
            dtick=ticks,
            exponentformat="power",
        )
    margin = 0.08 * max(high - low, 1e-3)
    return axis(theme, title, range=[low - margin, high + 1.5 * margin])


@drawn_once
def angles(result: ScaleResult, theme: Theme, layer: str) -> Figure:
    """The angle between a unit's weights and their gradient: 80 % of the units, and the median.

    Frames: the recorded steps.
    """
    place = result.place(layer)
    values = result.angle[:, result.own, :, :, place].astype(np.float64)  # (2, seeds, T, 3)
    spans = np.stack([[over_seeds(values[t, ..., k])[0] for k in range(3)] for t in range(2)])
    known = np.abs(np.append(spans[np.isfinite(spans)], 90.0) - 90)
    reach = min(90.0, max(6.0, 1.15 * float(known.max())))
    vertical = axis(theme, "angle of gradient to W", range=[90 - reach, 90 + reach], ticksuffix="°")
    said = f"{layer}<br>90°: a right angle · bands: 80 % of the units"
    spreads = [(middle, low, high) for low, middle, high in spans]
    return _over_training(result, theme, spreads, vertical, said, "%{y:.2f}°, median unit")


Spread = tuple[NDArray[Any], NDArray[Any], NDArray[Any]]
"""Median, lowest and highest."""


def _over_training(
    result: ScaleResult,
    theme: Theme,
    spreads: Sequence[Spread],
    vertical: dict[str, Any],
    said: str,
    hover: str,
    more: Callable[[int], list[Trace]] = lambda _column: [],
) -> Figure:
    """Both curves as far as the clock, with a named dot at the end of each, and what is `more`."""
    middles = [middle for middle, _, _ in spreads]

    def at(column: int) -> list[Trace]:
        traces: list[Trace] = []
        for spread, name in zip(spreads, TREATMENTS, strict=True):
            told = f"step %{{x}}: {hover}<extra>{LABEL[name]}</extra>"
            traces += curve(result.steps, spread, name, theme, column, hovertemplate=told)
        dots = named_dots([result.steps] * 2, middles, theme, column)
        return [*traces, *more(column), *dots]

    last = float(result.steps[-1])
    look = layout(
        theme,
        FIRST_HEIGHT,
        margin={"l": 52, "r": 12, "t": 46, "b": 44},
        annotations=[heading(said, 0.0, 1.0, theme, align="left", font=small(theme))],
        xaxis=axis(theme, "training step", range=[-0.03 * last, 1.03 * last]),
        yaxis=vertical,
    )
    return {"layout": look, **growing(result.steps, at)}


def small(theme: Theme) -> dict[str, Any]:
    """The font of what stands above a picture."""
    return {"size": 13, "color": theme.muted}
