"""The shift lesson's curves: three trainings, and how far gradients and moments move."""

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
    dot,
    frames,
    growing,
    heading,
    layout,
    line,
    log_axis,
    moved,
    over_seeds,
)
from bnviz.figures.marks import Trace, on, scatter
from bnviz.figures.once import drawn_once
from bnviz.figures.theme import LABEL, Theme
from bnviz.verdicts.shift import ARMS

if TYPE_CHECKING:
    from bnviz.experiments.deep_linear import LinearResult
    from bnviz.experiments.moments import MomentsResult
    from bnviz.experiments.shift import ShiftResult

SYMBOLS = {"plain": "diamond", "batch": "circle", "noisy": "square"}
SIGNS = {"plain": "◆", "batch": "●", "noisy": "■"}
HEIGHT = 270  # pixels: with an answer, knobs and clock in a laptop's first window
MARGIN = {"l": 56, "r": 12, "t": 28, "b": 44}
ROOM_BELOW, ROOM_BETWEEN = 18.0, 30.0  # degrees, for a label below a mark, or between two
APART = 9.0  # degrees, of a label from the curve
LOWEST_TOP = 100.0  # of the axis of angles: 90° is always on it
LOSSES = 1e-3, 10.0  # of the deep linear network, drawn between these
HELD = 1e-9, 1e9  # measures on a logarithmic axis are drawn between these

Numbers = NDArray[Any]


def training(result: ShiftResult, theme: Theme) -> tuple[Figure, Figure]:
    """How far the gradients of all three turn over training, and their test accuracy."""
    return turning(result, theme), accuracy(result, theme)


@drawn_once
def accuracy(result: ShiftResult, theme: Theme) -> Figure:
    """Test accuracy of all three over training. Frames: the curves as far as the step."""
    vertical = axis(theme, "test accuracy", range=[-0.03, 1.06], tickformat=".0%", dtick=0.2)
    values = result.test_accuracy.astype(np.float64)
    return _over_training(result.steps, values, theme, vertical, "%{y:.1%}")


@drawn_once
def turning(result: ShiftResult, theme: Theme) -> Figure:
    """How far a layer's gradient turns, mean of the layers, over training; how far BN's is off.

    Frames: the curves as far as the step.
    """
    return _turning(result.steps, result.angle(), theme, gap=True)


def _turning(
    steps: NDArray[np.int64], angles: Numbers, theme: Theme, *, gap: bool = False
) -> Figure:
    known = angles[np.isfinite(angles)]
    highest = max(LOWEST_TOP, 1.05 * float(known.max()) if known.size else 0.0)
    vertical = axis(
        theme, "turn of a layer's gradient", range=[-4, highest], ticksuffix="°", dtick=30
    )
    figure = _over_training(steps, angles, theme, vertical, "%{y:.1f}°", gap=gap)
    figure["layout"]["shapes"] = [_level(90, theme)]
    figure["layout"]["annotations"] += [
        heading("90°: nothing in common", 0.02, 94 / (highest + 4), theme, yanchor="top",
                font={"size": 12, "color": theme.muted})
    ]  # fmt: skip
    return figure


def _level(height: float, theme: Theme) -> Trace:
    return {
        "type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": height, "y1": height,
        "line": {"color": theme.muted, "width": 1, "dash": "dot"},
    }  # fmt: skip


@drawn_once
def moments(result: MomentsResult, theme: Theme) -> Figure:
    """How far one update changes mean and standard deviation of a layer, over training (log)."""
    moved = result.moved.astype(np.float64)
    values = _positive(np.where(np.isfinite(moved), moved, np.nan))
    typical, *_ = over_seeds(np.moveaxis(values, -1, 0))  # the median layer
    vertical = _log_axis(typical, theme, "change, in standard deviations (log)")
    return _over_training(result.steps, typical, theme, vertical, "%{y:.2g}")


def _positive(values: Numbers) -> NDArray[np.float64]:
    """What a logarithmic axis can show; NaN stays."""
    kept: NDArray[np.float64] = np.clip(values.astype(np.float64), *HELD)
    return kept


def _log_axis(values: Numbers, theme: Theme, title: str) -> Trace:
    known = values[np.isfinite(values)]
    low, high = (known.min(), known.max()) if known.size else (0.1, 1.0)
    low, high = float(np.log10(low)), float(np.log10(high))
    ends = [low - 0.25, high + 0.25]
    return log_axis(theme, title, ends)


def _over_training(
    steps: NDArray[np.int64],
    values: Numbers,
    theme: Theme,
    vertical: Trace,
    hover: str,
    *,
    gap: bool = False,
) -> Figure:
    """Median and range of (arms, seeds, T) as far as the clock, with a mark on each there."""
    arms = dict(zip(ARMS, values, strict=False))
    spreads = {name: over_seeds(arm) for name, arm in arms.items()}

    def at(column: int) -> list[Trace]:
        traces: list[Trace] = []
        for name, spread in spreads.items():
            said = f"step %{{x}}: {hover}<extra>{LABEL[name]}</extra>"
            traces += curve(steps, spread, name, theme, column, hovertemplate=said)
        if gap:
            traces.append(_gap(steps, spreads["plain"][0], spreads["batch"][0], theme, column))
        return traces + [
            _mark(steps, spread[0], name, theme, column) for name, spread in spreads.items()
        ]

    last = float(steps[-1])
    look = layout(
        theme,
        HEIGHT,
        xaxis=axis(theme, "training step", range=[-0.03 * last, 1.04 * last]),
        yaxis=vertical,
        annotations=_key(theme, list(spreads)),
        margin=MARGIN,
    )
    return {"layout": look, **growing(steps, at)}


def _gap(
    steps: NDArray[np.int64], plain: Numbers, batch: Numbers, theme: Theme, column: int
) -> Trace:
    """Between the marks of plain and BN, at the clock's step: by how much BN's turns more."""
    low, high = sorted((float(plain[column]), float(batch[column])))
    said = ""
    if np.isfinite([low, high]).all() and round(low) != round(high):
        apart = round(high) - round(low)
        said = f"<b>BN: {apart}° less</b>"
        if batch[column] > plain[column]:
            said = f"<b>BN: {apart}° more</b>"
    side = "left" if column % len(steps) > len(steps) // 2 else "right"
    place, height = "middle", (low + high) / 2
    if high - low <= ROOM_BETWEEN:
        place, height = ("bottom", low - APART) if low > ROOM_BELOW else ("top", high + APART)
    now = float(steps[column])
    return scatter(
        [now, now, np.nan, now], [low, high, np.nan, height], "lines+text",
        text=["", "", "", said], textposition=f"{place} {side}",
        textfont={"size": 13, "color": theme.text}, hoverinfo="skip",
        line={"color": theme.text, "width": 1.5},
    )  # fmt: skip


def _mark(x: Numbers, middle: Numbers, name: str, theme: Theme, column: int) -> Trace:
    look = {"size": 11, "symbol": SYMBOLS[name], "color": theme.colour(name),
            "line": {"width": 1.5, "color": theme.background}}  # fmt: skip
    return dot(x, middle, name, theme, column, marker=look)


def _key(theme: Theme, names: Sequence[str]) -> list[Trace]:
    """The names in their colours, each behind its mark, above all that is drawn."""
    named = [
        f'<span style="color:{theme.colour(name)}">{SIGNS[name]} <b>{LABEL[name]}</b></span>'
        for name in names
    ]
    return [heading("   ".join(named), 1.0, 1.0, theme, xanchor="right")]


def layers(result: ShiftResult, theme: Theme) -> tuple[Figure, Figure]:
    """What the update of the layers below changes for every layer: direction and length."""
    return cosines(result, theme), distances(result, theme)


@drawn_once
def cosines(result: ShiftResult, theme: Theme) -> Figure:
    """cos(G, G') of every layer, median and range of the seeds. Frames: the recorded steps."""
    vertical = axis(theme, "cos(G, G')", range=[-1.08, 1.08], dtick=0.5)
    return _by_layer(result, result.cosine.astype(np.float64), theme, vertical)


@drawn_once
def distances(result: ShiftResult, theme: Theme) -> Figure:
    """||G - G'|| of every layer, on a logarithmic axis. Frames: the recorded steps."""
    values = _positive(np.where(np.isfinite(result.distance), result.distance, np.nan))
    vertical = _log_axis(values, theme, "‖G − G'‖ (log)")
    return _by_layer(result, values, theme, vertical)


def _by_layer(result: ShiftResult, values: Numbers, theme: Theme, vertical: Trace) -> Figure:
    """Median and range of (arms, seeds, T, layers) over the layers, at each step."""
    across = result.layers

    def at(column: int) -> list[Trace]:
        traces: list[Trace] = []
        for name, arm in zip(ARMS, values, strict=True):
            middle, low, high = over_seeds(arm[:, column])
            traces.append(band(across, low, high, name, theme))
            traces.append(
                line(across, middle, name, theme, hovertemplate=_hover(name))
                | {"mode": "lines+markers", "marker": {"symbol": SYMBOLS[name], "size": 8}}
            )
        return traces

    return _moving(result.steps, at) | {
        "layout": layout(
            theme,
            HEIGHT,
            xaxis=_layer_axis(result, theme),
            yaxis=vertical,
            annotations=_key(theme, ARMS),
            margin=MARGIN,
        )
    }


def _hover(name: str) -> str:
    return f"layer %{{x}}: %{{y:.3g}}<extra>{LABEL[name]}</extra>"


def _moving(steps: NDArray[np.int64], at: Callable[[int], list[Trace]]) -> Figure:
    """A figure whose traces all move."""
    traces = at(len(steps) - 1)

    def later(column: int) -> list[Trace]:
        return moved(at(column))

    return {"data": traces, "frames": frames(steps, range(len(traces)), later)}


def _layer_axis(result: ShiftResult, theme: Theme) -> Trace:
    last = int(result.layers[-1])
    ticks = sorted({int(layer) for layer in result.layers})
    names = ["out" if layer == last else str(layer) for layer in ticks]
    return axis(
        theme,
        "layer, from the input to the output",
        range=[ticks[0] - 0.5, last + 0.5],
        tickvals=ticks,
        ticktext=names,
    )


@drawn_once
def linear(results: Sequence[LinearResult], theme: Theme) -> Figure:
    """The deep linear networks that are done: above the loss (log), below the turn."""
    steps = results[0].steps
    loss = np.clip(_arms(results, "loss"), *LOSSES)
    vertical = _log_axis(loss, theme, "relative loss (log)")
    above = _over_training(steps, loss, theme, vertical, "%{y:.2g}")
    below = _turning(steps, _arms(results, "angle"), theme)
    lower = [trace | on(2) for trace in below["data"]]
    shape, (*_, words) = below["layout"]["shapes"][0], below["layout"]["annotations"]
    look = above["layout"] | {
        "height": 620,
        "xaxis": above["layout"]["xaxis"] | {"anchor": "y", "title": {"text": ""}},
        "yaxis": above["layout"]["yaxis"] | {"domain": [0.56, 1]},
        "xaxis2": below["layout"]["xaxis"] | {"anchor": "y2"},
        "yaxis2": below["layout"]["yaxis"] | {"domain": [0, 0.46]},
        "shapes": [shape | {"yref": "y2"}],
        "annotations": [*above["layout"]["annotations"], words | {"y": 0.46 * words["y"]}],
    }
    # without frames: the clock's steps are those of other networks
    return {"data": [*above["data"], *lower], "layout": look}


def _arms(results: Sequence[LinearResult], name: str) -> NDArray[np.float64]:
    """(arms, seeds, T) of the arms that are done, in order."""
    return np.stack([getattr(result, name) for result in results]).astype(np.float64)
