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
    dot,
    frames,
    heading,
    layout,
    line,
    log_axis,
    moved,
    over_seeds,
)
from bnviz.figures.marks import Trace, on
from bnviz.figures.once import drawn_once
from bnviz.figures.theme import LABEL, Theme, translucent
from bnviz.verdicts.shift import ARMS

if TYPE_CHECKING:
    from bnviz.experiments.deep_linear import LinearResult
    from bnviz.experiments.moments import MomentsResult
    from bnviz.experiments.shift import ShiftResult

SYMBOLS = {"plain": "diamond", "batch": "circle", "noisy": "square"}
SIGNS = {"plain": "◆", "batch": "●", "noisy": "■"}
HEIGHT = 390
LOSSES = 1e-3, 10.0  # of the deep linear network, drawn between these
HELD = 1e-9, 1e9  # measures on a logarithmic axis are drawn between these

Numbers = NDArray[Any]


def training(result: ShiftResult, theme: Theme) -> tuple[Figure, Figure]:
    """Test accuracy of all three over training, and how far their gradients turn."""
    return accuracy(result, theme), turning(result, theme)


@drawn_once
def accuracy(result: ShiftResult, theme: Theme) -> Figure:
    """Test accuracy of all three over training. Frames: a mark on each at the recorded step."""
    vertical = axis(theme, "test accuracy", range=[-0.03, 1.06], tickformat=".0%", dtick=0.2)
    values = result.test_accuracy.astype(np.float64)
    return _over_training(result.steps, values, theme, vertical, "%{y:.1%}", (0.98, 0.03))


@drawn_once
def turning(result: ShiftResult, theme: Theme) -> Figure:
    """How far a layer's gradient turns, mean of the layers, over training. Frames: the steps."""
    return _turning(result.steps, result.angle(), theme)


def _turning(steps: NDArray[np.int64], angles: Numbers, theme: Theme) -> Figure:
    known = angles[np.isfinite(angles)]
    highest = max(125.0, 1.05 * float(known.max()) if known.size else 0.0)
    vertical = axis(theme, "turn of the gradient", range=[-4, highest], ticksuffix="°", dtick=30)
    figure = _over_training(steps, angles, theme, vertical, "%{y:.1f}°", (0.98, 0.97))
    figure["layout"]["shapes"] = [_level(90, theme)]
    figure["layout"]["annotations"] += [
        heading("90°: nothing in common", 0.02, 90 / (highest + 4) + 0.05, theme,
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
    """How far mean and deviation of a layer's values move in one update, over training (log)."""
    moved = result.moved.astype(np.float64)
    values = _positive(np.where(np.isfinite(moved), moved, np.nan))
    typical, *_ = over_seeds(np.moveaxis(values, -1, 0))  # the median layer
    vertical = _log_axis(typical, theme, "moved in one update (log)")
    return _over_training(result.steps, typical, theme, vertical, "%{y:.2g}", (0.98, 0.98))


def _positive(values: Numbers) -> NDArray[np.float64]:
    """What a logarithmic axis can show; NaN stays."""
    kept: NDArray[np.float64] = np.clip(values.astype(np.float64), *HELD)
    return kept


def _log_axis(values: Numbers, theme: Theme, title: str) -> Trace:
    known = values[np.isfinite(values)]
    low, high = (known.min(), known.max()) if known.size else (0.1, 1.0)
    low, high = float(np.log10(low)), float(np.log10(high))
    ends = [low - 0.25, high + 0.3 + 0.25 * (high - low)]  # above it is room for the names
    return log_axis(theme, title, ends)


def _over_training(
    steps: NDArray[np.int64],
    values: Numbers,
    theme: Theme,
    vertical: Trace,
    hover: str,
    key: tuple[float, float],
) -> Figure:
    """Median and range of (arms, seeds, T), with a mark on each at the clock's step."""
    data: list[Trace] = []
    middles = []
    for name, arm in zip(ARMS, values, strict=False):
        middle, low, high = over_seeds(arm)
        said = f"step %{{x}}: {hover}<extra>{LABEL[name]}</extra>"
        data.append(band(steps, low, high, name, theme))
        data.append(line(steps, middle, name, theme, hovertemplate=said))
        middles.append((name, middle))

    def marks(column: int) -> list[Trace]:
        return [_mark(steps, middle, name, theme, column) for name, middle in middles]

    def at(column: int) -> list[Trace]:
        return moved(marks(column))

    first, last = len(data), float(steps[-1])
    return {
        "data": [*data, *marks(len(steps) - 1)],
        "layout": layout(
            theme,
            HEIGHT,
            xaxis=axis(theme, "training step", range=[-0.03 * last, 1.04 * last]),
            yaxis=vertical,
            annotations=_key(key, theme, [name for name, _ in middles]),
            margin={"l": 56, "r": 12, "t": 16, "b": 44},
        ),
        "frames": frames(steps, range(first, first + len(middles)), at),
    }


def _mark(x: Numbers, middle: Numbers, name: str, theme: Theme, column: int) -> Trace:
    look = {"size": 11, "symbol": SYMBOLS[name], "color": theme.colour(name),
            "line": {"width": 1.5, "color": theme.background}}  # fmt: skip
    return dot(x, middle, name, theme, column, marker=look)


def _key(place: tuple[float, float], theme: Theme, names: Sequence[str]) -> list[Trace]:
    """The names in their colours, each behind its mark."""
    x, y = place
    lines = [
        f'<span style="color:{theme.colour(name)}">{SIGNS[name]} <b>{LABEL[name]}</b></span>'
        for name in names
    ]
    anchor = "bottom" if y < 0.5 else "top" if y > 0.9 else "middle"
    return [
        heading(
            "<br>".join(lines), x, y, theme, xanchor="right", yanchor=anchor, align="left",
            bgcolor=translucent(theme.background, 0.8),
        )
    ]  # fmt: skip


def layers(result: ShiftResult, theme: Theme) -> tuple[Figure, Figure]:
    """What the update of the layers below changes for every layer: direction and length."""
    return cosines(result, theme), distances(result, theme)


@drawn_once
def cosines(result: ShiftResult, theme: Theme) -> Figure:
    """cos(G, G') of every layer, median and range of the seeds. Frames: the recorded steps."""
    vertical = axis(theme, "cos(G, G')", range=[-1.08, 1.08], dtick=0.5)
    return _by_layer(result, result.cosine.astype(np.float64), theme, vertical, (0.98, 0.03))


@drawn_once
def distances(result: ShiftResult, theme: Theme) -> Figure:
    """||G - G'|| of every layer, on a logarithmic axis. Frames: the recorded steps."""
    values = _positive(np.where(np.isfinite(result.distance), result.distance, np.nan))
    vertical = _log_axis(values, theme, "‖G − G'‖ (log)")
    return _by_layer(result, values, theme, vertical, (0.98, 0.97))


def _by_layer(
    result: ShiftResult, values: Numbers, theme: Theme, vertical: Trace, key: tuple[float, float]
) -> Figure:
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
            annotations=_key(key, theme, ARMS),
            margin={"l": 56, "r": 12, "t": 16, "b": 44},
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
    above = _over_training(steps, loss, theme, vertical, "%{y:.2g}", (0.98, 0.98))
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
