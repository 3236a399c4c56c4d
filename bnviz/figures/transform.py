"""The transform's pictures: four stages on one number line, a sigmoid, and pairs of features."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from bnviz.axes import TO_STAGE
from bnviz.figures import marks
from bnviz.figures.base import Figure, axis, frames, heading, layout, packed
from bnviz.figures.marks import Trace, on
from bnviz.figures.once import drawn_once
from bnviz.figures.theme import Theme, translucent
from bnviz.verdicts.transform import LINEAR, NORMALIZED, X, linear_share

if TYPE_CHECKING:
    from bnviz.experiments.transform import TransformResult

FLAT = 40.0  # an axis that reaches farther is linear near zero only
STACKED, SPACE = 6, 0.085  # dots on top of one another at most; how far apart
SIGMOID = 7.0  # how far the sigmoid is drawn
BELOW = 0.14  # under its lane: the mean and one standard deviation to each side
STAGES = (
    "x, the batch",
    "x − μ, centred",
    "(x − μ) / √(v + ε), normalized",
    "y = γ · normalized + β",
)
Moments = list[tuple[float, float]]
"""The mean and the standard deviation of each stage."""


def short(value: float, digits: int = 4) -> str:
    """A number for a picture."""
    text = f"{value + 0.0:.{digits}g}"
    if "e" in text:
        mantissa, exponent = text.split("e")
        text = f"{mantissa}e{int(exponent)}"
    return "0" if text == "-0" else text.replace("-", "−")


@drawn_once
def stages(result: TransformResult, theme: Theme, feature: int = 0) -> Figure:
    """One lane for each stage, on one number line; a line for each row of the batch.

    Frames: the dots go down from lane to lane.
    """
    values = result.stages[:, :, feature]
    moments = _moments(values)
    line = NumberLine(np.concatenate([values.ravel(), *_one_deviation(moments)]))
    places, lift = line.at(values), _stack(line.at(values)[0], line)
    lanes = np.arange(3, -1, -1)[:, None] + lift

    def moved(column: int) -> Trace:
        x, y = _on_the_way(places, column), _on_the_way(lanes, column)
        return {"x": packed(x), "y": packed(y)}

    data = [
        _threads(places, lanes, theme),
        _spread(moments, line, theme),
        _ghosts(places, lanes, values, theme),
        _means(moments, line, theme),
        {**_dots(places[-1], lanes[-1], theme, 11), "hoverinfo": "skip"},
    ]
    return {
        "data": data,
        "layout": _four_lanes(theme, moments, line, result.names[feature]),
        "frames": frames(result.steps, [len(data) - 1], lambda column: [moved(column)]),
    }


def _dots(x: NDArray[np.float64], y: NDArray[np.float64], theme: Theme, size: float) -> Trace:
    """The rows of the batch."""
    rim = {"line": {"width": marks.among(1.5, len(x), 0.5), "color": theme.background}}
    shown = marks.among(size, len(x))
    return marks.points(x, y, translucent(theme.batch, 0.75), shown, marker=rim)


def _four_lanes(theme: Theme, moments: Moments, line: NumberLine, name: str) -> dict[str, Any]:
    grey = {"color": theme.grid, "width": 1}
    return layout(
        theme,
        310,
        margin={"l": 12, "r": 12, "t": 4, "b": 44},
        xaxis=line.axis(theme, f"value of {name}, on one number line"),
        yaxis={"visible": False, "range": [-0.35, 3.84], "fixedrange": True},
        annotations=_lanes(moments, theme),
        shapes=[
            {
                "type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": lane, "y1": lane,
                "line": grey, "layer": "below",
            }
            for lane in range(4)
        ],
    )  # fmt: skip


class NumberLine:
    """Where values stand: linear, or, where they reach far, linear near zero alone (asinh)."""

    def __init__(self, values: NDArray[np.float64]) -> None:
        self.far = float(np.abs(values).max()) > FLAT
        self.values = values

    def at(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.arcsinh(values) if self.far else values

    def axis(self, theme: Theme, title: str, **more: Any) -> dict[str, Any]:
        placed = self.at(self.values)
        low, high = float(min(placed.min(), -1.0)), float(max(placed.max(), 1.0))
        margin = 0.06 * (high - low)
        ticks: dict[str, Any] = {}
        if self.far:
            title += " (linear near 0, log beyond)"
            most = float(np.abs(self.values).max())
            powers = range(max(0, math.ceil(math.log10(most))) + 1)
            every = 1 if len(powers) <= 5 else 2 if len(powers) <= 8 else 3
            sizes = [10.0**power for power in powers][::every]
            marks = [*(-size for size in reversed(sizes)), 0.0, *sizes]
            ticks = {
                "tickvals": [float(np.arcsinh(mark)) for mark in marks],
                "ticktext": [_mark(mark) for mark in marks],
            }
        return axis(
            theme, title, range=[low - margin, high + margin], fixedrange=True, **ticks, **more
        )


def _mark(value: float) -> str:
    return f"{value:,.0f}".replace("-", "−") if abs(value) < 1e5 else short(value)


def _stack(places: NDArray[np.float64], line: NumberLine) -> NDArray[np.float64]:
    """How far each dot is lifted, so that equal numbers do not hide one another, (m,)."""
    span = float(np.ptp(line.at(line.values))) or 1.0
    bins = np.rint(places / (span / 70)).astype(np.int64)
    level = [int((bins[:place] == bins[place]).sum()) % STACKED for place in range(len(bins))]
    return SPACE * np.array(level, dtype=np.float64)


def _on_the_way(places: NDArray[np.float64], column: int) -> NDArray[np.float64]:
    """Where the dots are at this place of the clock: from lane to lane, softly."""
    stage = min(2, column // TO_STAGE)
    share = (column - TO_STAGE * stage) / TO_STAGE
    share = share * share * (3 - 2 * share)
    way: NDArray[np.float64] = (1 - share) * places[stage] + share * places[stage + 1]
    return way


def _threads(
    places: NDArray[np.float64], lanes: NDArray[np.float64], theme: Theme
) -> dict[str, Any]:
    gap = np.full((1, places.shape[1]), np.nan)
    x, y = (np.concatenate([one, gap]).T.ravel() for one in (places, lanes))
    seen = marks.among(0.45, places.shape[1], 0.12)
    return marks.stroke(x, y, translucent(theme.muted, seen), 1, hoverinfo="skip")


def _ghosts(
    places: NDArray[np.float64],
    lanes: NDArray[np.float64],
    values: NDArray[np.float64],
    theme: Theme,
) -> dict[str, Any]:
    rows = places.shape[1]
    told = [
        f"row {row + 1}: {short(values[stage, row])}" for stage in range(4) for row in range(rows)
    ]
    return marks.points(
        places.ravel(),
        lanes.ravel(),
        theme.background,
        marks.among(8, rows),
        text=told,
        marker={"line": {"width": marks.among(1.5, rows, 1), "color": theme.muted}},
        hovertemplate="%{text}<extra></extra>",
    )


def _moments(values: NDArray[np.float64]) -> Moments:
    """Those of (4, m) values. What is left of a mean by rounding alone counts as 0."""
    moments = []
    for row in values:
        mean, std = float(row.mean()), float(row.std())
        size = max(std, float(np.abs(values[0]).max()) * 1e-6)
        moments.append((0.0 if abs(mean) < 1e-9 * size else mean, std))
    return moments


def _one_deviation(moments: Moments) -> NDArray[np.float64]:
    """Where the bars begin and end, (4, 2)."""
    return np.array([(mean - std, mean + std) for mean, std in moments])


def _spread(moments: Moments, line: NumberLine, theme: Theme) -> dict[str, Any]:
    """A bar from one standard deviation below the mean to one above, on each lane."""
    x, y = [], []
    for stage, (start, end) in enumerate(_one_deviation(moments).tolist()):
        x += [start, end, math.nan]
        y += [3 - stage - BELOW] * 2 + [math.nan]
    return marks.stroke(line.at(np.array(x)), y, translucent(theme.text, 0.55), 4, hoverinfo="skip")


def _means(moments: Moments, line: NumberLine, theme: Theme) -> dict[str, Any]:
    means = np.array([mean for mean, _ in moments])
    return marks.points(
        line.at(means),
        np.arange(3, -1, -1) - BELOW,
        theme.text,
        11,
        marker={"symbol": "triangle-up"},
        text=[f"mean {short(mean)}" for mean in means],
        hovertemplate="%{text}; the bar is one standard deviation to each side<extra></extra>",
    )


def _lanes(moments: Moments, theme: Theme) -> list[dict[str, Any]]:
    """The name of each stage, with its mean and variance, above its lane."""
    return [
        heading(
            f"{name}: <b>mean {short(mean)}, variance {short(std**2)}</b>",
            0.0,
            3.62 - stage,
            theme,
            yref="y",
            yanchor="middle",
            bgcolor=translucent(theme.background, 0.85),
            font={"size": 13, "color": theme.text},
        )
        for stage, (name, (mean, std)) in enumerate(zip(STAGES, moments, strict=True))
    ]


@drawn_once
def sigmoid(result: TransformResult, theme: Theme, feature: int = 0) -> Figure:
    """The same dots on a sigmoid, whose linear part is shaded. Frames: as in `stages`."""
    values = result.stages[:, :, feature]
    z = np.linspace(-SIGMOID, SIGMOID, 121)

    def moved(column: int) -> list[Trace]:
        x, y, said = _on_the_sigmoid(values, column)
        return [{"x": packed(x), "y": packed(y)}, {"text": [said]}]

    x, y, said = _on_the_sigmoid(values, len(result.steps) - 1)
    dots = _dots(x, y, theme, 12)
    words = marks.text([-SIGMOID], [1.16], [said], theme.text, textposition="middle right")
    return {
        "data": [
            marks.stroke(z, _sigmoid(z), theme.muted, 2, hoverinfo="skip"),
            {**dots, "hovertemplate": "%{x:.3g}: %{y:.3g}<extra></extra>"},
            words,
        ],
        "layout": _linear_part(theme),
        "frames": frames(result.steps, [1, 2], moved),
    }


def _sigmoid(z: NDArray[np.float64]) -> NDArray[np.float64]:
    value: NDArray[np.float64] = 1 / (1 + np.exp(-z))
    return value


def _on_the_sigmoid(
    values: NDArray[np.float64], column: int
) -> tuple[NDArray[np.float64], NDArray[np.float64], str]:
    """Where the dots are at this place of the clock, and what is said of them."""
    names = ("x", "x − μ", "normalized", "y")
    now, beyond = _on_the_way(values, column), SIGMOID * 0.97
    place, at, on_the_way = np.clip(now, -beyond, beyond), *divmod(column, TO_STAGE)
    stage = f"{names[at]} to {names[at + 1]}" if on_the_way else names[at]
    share = 100 * linear_share(now)
    return place, _sigmoid(place), f"{stage}: <b>{share:.0f} %</b> in the linear part"


def _linear_part(theme: Theme) -> dict[str, Any]:
    shade = {
        "type": "rect", "yref": "paper", "x0": -LINEAR, "x1": LINEAR, "y0": 0, "y1": 1,
        "fillcolor": translucent(theme.muted, 0.16), "line": {"width": 0}, "layer": "below",
    }  # fmt: skip
    font = {"size": 12, "color": theme.muted}
    across = {"range": [-SIGMOID, SIGMOID], "fixedrange": True, "dtick": 2}
    return layout(
        theme,
        330,
        margin={"l": 52, "r": 12, "t": 12, "b": 44},
        xaxis=axis(theme, "input of the sigmoid", **across),
        yaxis=axis(theme, "sigmoid", range=[-0.08, 1.26], fixedrange=True, dtick=0.5),
        shapes=[shade],
        annotations=[heading("linear part", 0.5, 0.0, theme, xanchor="center", font=font)],
    )


@drawn_once
def pairs(
    result: TransformResult, theme: Theme, one: int, other: int | None, said: Sequence[str]
) -> Figure:
    """Two features against one another, before and after normalizing: the shape stays.

    A feature that is alone is drawn against the rows of the batch. `said`: what stands above
    each of the two.
    """
    data: list[Trace] = []
    axes: dict[str, Any] = {}
    for panel, stage in enumerate((X, NORMALIZED)):
        x = result.stages[stage, :, one]
        y = np.arange(1.0, len(x) + 1) if other is None else result.stages[stage, :, other]
        data.append(_panel(x, y, panel, theme))
        up = "row" if other is None else result.names[other]
        names = (result.names[one], "" if panel else up)
        reach = 3.0 if panel else 0.0
        axes |= _axes(panel, names, x, y, (reach, 0.0 if other is None else reach), theme)
    font = {"size": 13, "color": theme.text}
    above = [heading(text, 0.56 * place, 1.02, theme, font=font) for place, text in enumerate(said)]
    margin = {"l": 52, "r": 12, "t": 34, "b": 44}
    return {"data": data, "layout": layout(theme, 330, margin=margin, annotations=above, **axes)}


def _panel(x: NDArray[np.float64], y: NDArray[np.float64], panel: int, theme: Theme) -> Trace:
    return marks.points(
        x,
        y,
        translucent(theme.batch if panel else theme.muted, 0.8),
        marks.among(11, len(x)),
        marker={"line": {"width": 1.5, "color": theme.background}},
        hovertemplate="%{x:.4g}, %{y:.4g}<extra></extra>",
        **on(panel + 1),
    )


def _axes(
    panel: int,
    names: tuple[str, str],
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    reach: tuple[float, float],
    theme: Theme,
) -> dict[str, Any]:
    """Those of one of the two panels."""
    number, domain = panel + 1, [0.56, 1.0] if panel else [0.0, 0.44]
    across = {"domain": domain, "range": _around(x, reach[0]), "nticks": 5}
    up = {"range": _around(y, reach[1]), "nticks": 6}
    return {
        f"xaxis{number}": axis(theme, names[0], anchor=f"y{number}", fixedrange=True, **across),
        f"yaxis{number}": axis(theme, names[1], anchor=f"x{number}", fixedrange=True, **up),
    }


def _around(values: NDArray[np.float64], reach: float) -> list[float]:
    """A range that holds all values, and at least ± reach."""
    low, high = float(values.min()), float(values.max())
    if reach:
        low, high = min(low, -reach), max(high, reach)
    span = (high - low) or max(1.0, abs(high))
    return [low - 0.08 * span, high + 0.08 * span]
