"""Placement: curves of several networks, and what each layer does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from bnviz.axes import AFFINE, DROPOUT, NEVER, PLACE, ZERO
from bnviz.figures import marks
from bnviz.figures.base import (
    Figure,
    axis,
    frames,
    last_seen,
    layout,
    log_axis,
    over_seeds,
    packed,
)
from bnviz.figures.once import drawn_once
from bnviz.figures.styles import HEIGHT, Style, curve, margin, marker, names, shade, styles
from bnviz.figures.theme import Theme

if TYPE_CHECKING:
    from bnviz.experiments.placement import PlacementResult

Floats = NDArray[np.float64]

LOSSES = (1e-4, 30.0)  # that are drawn; what is beyond stays at the edge
GRADIENTS = (1e-12, 1e2)
NO_BIAS = "no bias"  # the arm without one


@drawn_once
def accuracy(result: PlacementResult, theme: Theme) -> Figure:
    """Test accuracy over training: medians and ranges of the seeds. Frames: a dot on each line."""
    vertical = axis(theme, "test accuracy", range=[-0.03, 1.03], tickformat=".0%")
    return _curves(result, result.test_accuracy.astype(np.float64), theme, vertical, "{y:.1%}")


@drawn_once
def loss(result: PlacementResult, theme: Theme) -> Figure:
    """Mini-batch loss over training, in the same way."""
    values = np.clip(result.train_loss.astype(np.float64), *LOSSES)
    vertical = _log_axis(values, theme, "training loss (log)")
    return _curves(result, values, theme, vertical, "{y:.3g}")


def _log_axis(values: NDArray[Any], theme: Theme, title: str) -> dict[str, Any]:
    known = values[np.isfinite(values)]
    low, high = (known.min(), known.max()) if known.size else (0.1, 10.0)
    ends = [float(np.log10(0.7 * low)), float(np.log10(1.4 * high))]
    return log_axis(theme, title, ends)


def _curves(
    result: PlacementResult, values: Floats, theme: Theme, vertical: dict[str, Any], hover: str
) -> Figure:
    """(arms, seeds, T) against the training step."""
    look, steps = styles(result.arms, theme), result.steps
    middles = [over_seeds(each)[0] for each in values]
    data = [
        shade(steps, each, arm, style, theme)
        for each, (arm, style) in zip(values, look.items(), strict=True)
    ]
    data += [
        curve(steps, middle, arm, style, f"step %{{x}}: %{hover}")
        for middle, (arm, style) in zip(middles, look.items(), strict=True)
    ]
    data.append(_crosses(result, values, look, theme))
    first, last = len(data), float(steps[-1])

    def dots(column: int) -> list[dict[str, Any]]:
        return [_standing(steps, middle, column) for middle in middles]

    shown = zip(look.values(), dots(len(steps) - 1), strict=True)
    data += [_dot(theme, style) | there for style, there in shown]
    return {
        "data": data,
        "layout": layout(
            theme,
            HEIGHT,
            margin=margin(),
            xaxis=axis(theme, "training step", range=[-0.03 * last, 1.03 * last]),
            yaxis=vertical,
            annotations=names(look, [_last(middle) for middle in middles], vertical),
        ),
        "frames": frames(steps, range(first, len(data)), dots),
    }


def _dot(theme: Theme, style: Style) -> marks.Trace:
    quiet = {"cliponaxis": False, "hoverinfo": "skip"}
    return marks.scatter([], [], "markers", marker=marker(theme, style, 12), **quiet)


def _standing(x: NDArray[Any], middle: NDArray[Any], column: int) -> dict[str, Any]:
    """Where a curve is at this record; after a divergence, where it was last seen."""
    shown = [last_seen(middle, column)]
    return {"x": packed(x[shown]), "y": packed(middle[shown])}


def _last(middle: NDArray[Any]) -> float:
    return float(middle[last_seen(middle, -1)])


def _crosses(
    result: PlacementResult, values: Floats, look: Mapping[str, Style], theme: Theme
) -> marks.Trace:
    """A cross where each seed that diverged was last seen."""
    found = []
    for place, style in enumerate(look.values()):
        for seed in np.flatnonzero(result.diverged_at[place] != NEVER):
            there = np.flatnonzero(np.isfinite(values[place, seed]))
            if len(there):
                spot = int(there[-1])
                found.append((result.steps[spot], values[place, seed, spot], style.colour))
    x, y, colours = ([one[part] for one in found] for part in range(3))
    hover = "a seed diverged after this<extra></extra>"
    return marks.crosses(x, y, colours, theme.background, hovertemplate=hover)


@drawn_once
def detail(result: PlacementResult, theme: Theme) -> Figure:
    """What the comparison turns on: the biases' gradients, or one measure layer by layer."""
    return _biases(result, theme) if result.bias is not None else _layers(result, theme)


_TITLES = {
    PLACE: "same for every sample",
    AFFINE: "γ, distance from its start",
    ZERO: "γ, distance from its start",
    DROPOUT: "variance, training / inference",
}
"""What is measured by layer."""


def _layers(result: PlacementResult, theme: Theme) -> Figure:
    """Medians of the seeds, by layer, at the clock's step; open marks: theory. Frames: steps."""
    assert result.by_layer is not None
    look, middles = styles(result.arms, theme), _middles(result.by_layer)
    moving = [middles] if result.theory is None else [middles, _middles(result.theory)]
    numbers = np.arange(1, result.config.depth + 1)
    data = [
        curve(
            numbers, middles[0, -1], arm, style, "layer %{x}: %{y:.3g}",
            mode="lines+markers", marker=marker(theme, style, 10),
        )
        for arm, style in look.items()
    ]  # fmt: skip
    if result.theory is not None:
        data += [_open(numbers, arm, style) for arm, style in look.items()]

    def at(column: int) -> list[dict[str, Any]]:
        return [{"y": packed(values)} for each in moving for values in each[:, column]]

    for trace, shown in zip(data, at(len(result.steps) - 1), strict=True):
        trace |= shown
    return {
        "data": data,
        "layout": _layout_of_layers(result, theme, look, middles),
        "frames": frames(result.steps, range(len(data)), at),
    }


def _middles(by_layer: NDArray[np.float32]) -> Floats:
    """The median of the seeds, (arms, T, depth)."""
    return np.stack([over_seeds(values.astype(np.float64))[0] for values in by_layer])


def _layout_of_layers(
    result: PlacementResult, theme: Theme, look: Mapping[str, Style], middles: Floats
) -> dict[str, Any]:
    depth = result.config.depth
    vertical = axis(theme, _TITLES[result.config.compare], **_range(result, middles))
    across = axis(theme, "hidden layer", range=[0.6, depth + 0.4], dtick=max(1, round(depth / 8)))
    return layout(
        theme,
        HEIGHT,
        margin=margin(),
        xaxis=across,
        yaxis=vertical,
        shapes=[] if result.theory is None else [_level(1.0, theme)],
        annotations=names(*_measured(look, middles[:, -1, -1]), vertical),
    )


def _measured(look: Mapping[str, Style], ends: Floats) -> tuple[dict[str, Style], list[float]]:
    """The networks that have this measure, at the last step, and where they are."""
    known = {arm: float(end) for arm, end in zip(look, ends, strict=True) if np.isfinite(end)}
    return {arm: look[arm] for arm in known}, list(known.values())


def _range(result: PlacementResult, middles: Floats) -> dict[str, Any]:
    """The axis of a measure by layer, wide enough for every step."""
    if result.config.compare == PLACE:
        return {"range": [-0.04, 1.04], "tickformat": ".0%"}
    known = middles[np.isfinite(middles)]
    low, high = (float(known.min()), float(known.max())) if known.size else (0.0, 1.0)
    if result.theory is not None:
        late = middles[:, middles.shape[1] // 2 :]  # a ratio may shoot up in the first steps
        late = late[np.isfinite(late)]
        low, high = min(low, 0.98), max(1.05, float(late.max()) if late.size else 1.05)
        return {"range": [low - 0.02, high + 0.06 * (high - low)]}
    high = max(high, 1e-3)
    return {"range": [-0.04 * high, 1.08 * high]}


def _level(height: float, theme: Theme) -> dict[str, Any]:
    return {
        "type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": height, "y1": height,
        "line": {"color": theme.muted, "width": 1, "dash": "dot"},
    }  # fmt: skip


def _open(numbers: NDArray[Any], arm: str, style: Style) -> marks.Trace:
    look = {"symbol": f"{style.symbol}-open"}
    hover = f"layer %{{x}}: predicted %{{y:.3g}}<extra>{arm}</extra>"
    said = {"name": f"{arm}, predicted", "hovertemplate": hover}
    return marks.points(numbers, [], style.colour, 15, marker=look, **said)


def _biases(result: PlacementResult, theme: Theme) -> Figure:
    """Gradient of the biases over training, root mean square; without a bias: that of beta."""
    replaced = np.array([arm == NO_BIAS for arm in result.arms])[:, None, None]
    values = np.where(replaced, result.beta_gradient, result.bias_gradient).astype(np.float64)
    values = np.clip(values, *GRADIENTS)
    vertical = _log_axis(values, theme, "gradient of the bias (log)")
    figure = _curves(result, values, theme, vertical, "{y:.1e}")
    ends = [_last(over_seeds(row)[0]) for row in values]
    look = styles(result.arms, theme)
    figure["layout"]["annotations"] = names(look, ends, vertical, {NO_BIAS: "β instead"})
    return figure
