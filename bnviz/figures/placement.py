"""Placement: curves of several networks, and what each layer does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from bnviz.axes import AFFINE, BIAS, DROPOUT, NEVER, PLACE, ZERO
from bnviz.figures import marks
from bnviz.figures.base import (
    Figure,
    axis,
    frames,
    growing,
    heading,
    last_seen,
    layout,
    log_axis,
    over_seeds,
    packed,
)
from bnviz.figures.once import drawn_once
from bnviz.figures.styles import (
    Style,
    curve,
    heights,
    margin,
    marker,
    moving_names,
    shade,
    styles,
)
from bnviz.figures.theme import Theme

if TYPE_CHECKING:
    from bnviz.experiments.placement import PlacementResult
    from bnviz.verdicts.placement import About

Floats = NDArray[np.float64]

HEIGHT = 300  # the whole picture stands in the first window, with its clock
LOSSES = (1e-4, 30.0)  # that are drawn; what is beyond stays at the edge
GRADIENTS = (1e-12, 1e2)
RUN_AWAY = 2.0  # a gamma farther from its start than this leaves the picture
NO_BIAS = "no bias"  # the arm without one

ASKED = {
    PLACE: "What does a layer hand on?",
    BIAS: "Does the bias learn?",
    AFFINE: "Does γ change?",
    ZERO: "Which layers begin to learn?",
    DROPOUT: "Do the two modes agree?",
}
"""The title of the picture of what a comparison turns on."""
_TITLES = {
    PLACE: "share equal for all samples",
    AFFINE: "distance of γ from its start",
    ZERO: "distance of γ from its start",
    DROPOUT: "variance, training / inference",
}
"""What is measured by layer."""


@drawn_once
def accuracy(result: PlacementResult, theme: Theme) -> Figure:
    """Test accuracy over training: medians and ranges of the seeds. Frames: as far as trained."""
    vertical = axis(theme, "test accuracy", range=[-0.03, 1.03], tickformat=".0%")
    values = result.test_accuracy.astype(np.float64)
    figure = _curves(result, values, theme, vertical, "{y:.1%}")
    if result.config.compare == ZERO:
        figure["layout"]["shapes"] = [_level(0.9, theme)]
    return _titled(figure, "Who learns?", theme)


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


def _titled(figure: Figure, title: str, theme: Theme) -> Figure:
    named = heading(f"<b>{title}</b>", 0, 1.01, theme, font={"size": 14, "color": theme.text})
    figure["layout"].setdefault("annotations", []).append(named)
    return figure


def _layout(theme: Theme, **more: Any) -> dict[str, Any]:
    return layout(theme, HEIGHT, margin=margin() | {"t": 26, "b": 42}, **more)


def _curves(
    result: PlacementResult,
    values: Floats,
    theme: Theme,
    vertical: dict[str, Any],
    hover: str,
    called: Mapping[str, str] | None = None,
) -> Figure:
    """(arms, seeds, T) against the training step; with each name beside where its curve is."""
    look, steps = styles(result.arms, theme), result.steps
    middles = [over_seeds(each)[0] for each in values]
    said, last = f"step %{{x}}: %{hover}", float(steps[-1])
    across = axis(theme, "training step (×: a seed diverged)", range=[-0.03 * last, 1.03 * last])
    named = moving_names(look, _edge(across), called)

    def at(column: int) -> list[marks.Trace]:
        past, arms = slice(column + 1), list(look.items())
        heads = [_head(steps, middle, column) for middle in middles]
        tops = heights([float(y[0]) for _, y in heads], vertical, HEIGHT)
        return [
            *(
                shade(steps[past], each[:, past], arm, style, theme)
                for each, (arm, style) in zip(values, arms, strict=True)
            ),
            *(
                curve(steps[past], middle[past], arm, style, said)
                for middle, (arm, style) in zip(middles, arms, strict=True)
            ),
            _crosses(result, values, look, theme, int(steps[column])),
            *(_dot(theme, style, *head) for head, (_, style) in zip(heads, arms, strict=True)),
            named | {"y": packed(tops)},
        ]

    return growing(steps, at) | {"layout": _layout(theme, xaxis=across, yaxis=vertical)}


def _edge(across: Mapping[str, Any]) -> float:
    """Just within the right end of the axes."""
    low, high = across["range"]
    return float(high - 1e-3 * (high - low))


def _dot(theme: Theme, style: Style, x: NDArray[Any], y: Floats) -> marks.Trace:
    quiet = {"cliponaxis": False, "hoverinfo": "skip"}
    return marks.scatter(x, y, "markers", marker=marker(theme, style, 12), **quiet)


def _head(x: NDArray[Any], middle: Floats, column: int) -> tuple[NDArray[Any], Floats]:
    """Where a curve is at this record; after a divergence, where it was last seen."""
    shown = [last_seen(middle, column)]
    return x[shown], middle[shown]


def _crosses(
    result: PlacementResult, values: Floats, look: Mapping[str, Style], theme: Theme, now: int
) -> marks.Trace:
    """A cross where each seed that has diverged by now was last seen; the others have no place."""
    found = []
    for place, style in enumerate(look.values()):
        for seed in np.flatnonzero(result.diverged_at[place] != NEVER):
            there = np.flatnonzero(np.isfinite(values[place, seed]))
            if len(there):
                spot = int(there[-1])
                when = (
                    float(result.steps[spot]) if result.diverged_at[place, seed] <= now else np.nan
                )
                found.append((when, values[place, seed, spot], style.colour))
    x, y, colours = ([one[part] for one in found] for part in range(3))
    hover = "a seed diverged after this<extra></extra>"
    return marks.crosses(x, y, colours, theme.background, hovertemplate=hover)


@drawn_once
def detail(result: PlacementResult, theme: Theme, about: About) -> Figure:
    """What the comparison turns on: the biases' gradients, or one measure layer by layer.

    At the end, the number that the headline speaks of is written where it stands.
    """
    figure = _biases(result, theme) if result.bias is not None else _layers(result, theme)
    return _noted(_titled(figure, ASKED[result.config.compare], theme), result, theme, about)


def _noted(figure: Figure, result: PlacementResult, theme: Theme, about: About) -> Figure:
    """With the note, which only the last frame shows: at no other step is it true."""
    if about.kind == "bias" and about.outcome == "rounding":
        middle, words = [float(result.steps[-1]) / 2], ["<b>only rounding</b>"]
        note = marks.text(middle, [about.own], words, theme.text, textposition="top center")
        figure["data"].append(note)
        for frame in figure["frames"]:
            frame["traces"].append(len(figure["data"]) - 1)
            frame["data"].append({})
        _at_the_end(figure, words, [""])
    elif about.kind == "dropout" and about.layer == result.config.depth:
        names, ratio = figure["data"][-1]["text"], f": × {about.ratio.middle:.2f}"
        with_ratio = [f"{name}{ratio if about.arm in name else ''}" for name in names]
        _at_the_end(figure, with_ratio, names)
    return figure


def _at_the_end(figure: Figure, words: list[str], before: list[str]) -> None:
    """What the last trace says at the last record, and at all before it."""
    figure["data"][-1]["text"] = words
    for frame in figure["frames"]:
        frame["data"][-1]["text"] = before
    figure["frames"][-1]["data"][-1]["text"] = words


def _layers(result: PlacementResult, theme: Theme) -> Figure:
    """Medians of the seeds, by layer, at the clock's step; open marks: theory. Frames: steps."""
    assert result.by_layer is not None
    look, middles = styles(result.arms, theme), _middles(result.by_layer)
    moving = [middles] if result.theory is None else [middles, _middles(result.theory)]
    depth, known = result.config.depth, _measured(middles)
    numbers = np.arange(1, depth + 1)
    across = axis(theme, "hidden layer", range=[0.6, depth + 0.4], dtick=max(1, round(depth / 8)))
    vertical = axis(theme, _TITLES[result.config.compare], **_range(result, middles))
    data = [
        curve(
            numbers, middles[0, -1], arm, style, "layer %{x}: %{y:.3g}",
            mode="lines+markers", marker=marker(theme, style, 10),
        )
        for arm, style in look.items()
    ]  # fmt: skip
    if result.theory is not None:
        data += [_open(numbers, arm, style) for arm, style in look.items()]
    named = {arm: style for arm, style in look.items() if known[result.place(arm)]}
    data.append(moving_names(named, _edge(across)))

    def at(column: int) -> list[dict[str, Any]]:
        rows = [{"y": packed(values)} for each in moving for values in each[:, column]]
        heads = list(middles[known, column, -1])
        return [*rows, {"y": packed(heights(heads, vertical, HEIGHT))}]

    for trace, shown in zip(data, at(len(result.steps) - 1), strict=True):
        trace |= shown
    shapes = [] if result.theory is None else [_level(1.0, theme)]
    return {
        "data": data,
        "layout": _layout(theme, xaxis=across, yaxis=vertical, shapes=shapes),
        "frames": frames(result.steps, range(len(data)), at),
    }


def _middles(by_layer: NDArray[np.float32]) -> Floats:
    """The median of the seeds, (arms, T, depth)."""
    return np.stack([over_seeds(values.astype(np.float64))[0] for values in by_layer])


def _measured(middles: Floats) -> NDArray[np.bool_]:
    """The networks that have this measure at any step, (arms,)."""
    return np.asarray(np.isfinite(middles[:, :, -1]).any(axis=1))


def _range(result: PlacementResult, middles: Floats) -> dict[str, Any]:
    """The axis of a measure by layer, wide enough for every step."""
    if result.config.compare == PLACE:
        return {"range": [-0.04, 1.04], "tickformat": ".0%"}
    known = middles[np.isfinite(middles)]
    low, high = (float(known.min()), float(known.max())) if known.size else (0.0, 1.0)
    if result.theory is not None:
        half = result.steps[-1] / 2  # a ratio may shoot up in the first steps
        late = middles[:, result.steps >= half]
        late = late[np.isfinite(late)]
        low, high = min(low, 0.98), max(1.05, float(late.max()) if late.size else 1.05)
        return {"range": [low - 0.02, high + 0.06 * (high - low)]}
    high = min(max(high, 1e-3), RUN_AWAY)
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
    return _curves(result, values, theme, vertical, "{y:.1e}", {NO_BIAS: "β instead"})
