"""Can the last layer still tell the samples apart?: maps of cosines, and curves over the layers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from bnviz.axes import BATCH, CENTRED, DIVIDED, LEVELS, PLAIN
from bnviz.figures import marks
from bnviz.figures.base import (
    Figure,
    axis,
    band,
    curve,
    frames,
    growing,
    heading,
    layout,
    line,
    log_axis,
    named_dots,
    over_seeds,
    packed,
    seed_named,
)
from bnviz.figures.layer_maps import bar_below
from bnviz.figures.marks import on
from bnviz.figures.named_lines import HAIR, Scale
from bnviz.figures.once import drawn_once
from bnviz.figures.theme import BALANCE_SCALE, LABEL, TREATMENTS, Theme

if TYPE_CHECKING:
    from bnviz.experiments.collapse import CollapseResult
    from bnviz.experiments.collapse_trained import TrainedResult

HEIGHT = 300  # pixels: maps and curves stand whole in a laptop's first window
TALL = 430
DOMAINS = ([0.0, 0.46], [0.54, 1.0])
SCALE_AT = -0.24  # below the maps, in their heights
TICKS = {0: "−1", LEVELS / 2: "0", LEVELS: "1"}
LOWEST, HIGHEST = -0.12, 1.08
BELOW = 0.12  # of the mean cosine: from the dotted line to its name, below that of a network
NOTHING = "no output"


@drawn_once
def maps(result: CollapseResult, theme: Theme) -> Figure:
    """The cosine between the outputs of any two samples, in the first seed. Frames: the layers.

    Above each map, the median of the mean cosine over all seeds: what the curves show.
    """
    data = [_map(result, row, theme) for row in range(len(TREATMENTS))]
    means = [over_seeds(result.cosine[row])[0] for row in range(len(TREATMENTS))]
    data += [_mean(means[row], row, len(result.labels), theme, -1) for row in range(2)]

    def at(column: int) -> list[dict[str, Any]]:
        cells: list[dict[str, Any]] = [
            {"type": "heatmap", "z": packed(part[column])} for part in result.matrix
        ]
        return [*cells, *({"text": _told(mean, column)} for mean in means)]

    return {
        "data": data,
        "layout": layout(
            theme,
            HEIGHT,
            margin={"l": 34, "r": 8, "t": 30, "b": 84},
            annotations=[_named(row, theme) for row in range(2)],
            **_map_axes(result, theme),
        ),
        "frames": frames(result.steps, range(len(data)), at),
    }


def _map(result: CollapseResult, row: int, theme: Theme) -> marks.Trace:
    bar = {"tickvals": list(TICKS), "ticktext": list(TICKS.values())}
    which = seed_named(0, result.config.seeds)
    below = bar_below(theme, f"cosine{which and f', {which}'}", bar) | {"y": SCALE_AT}
    shown = {"showscale": True, "colorbar": below} if row == 0 else {}
    cells = result.matrix[row, -1]
    look = {"y0": 0, "dy": -1, "xgap": 1, "ygap": 1}  # the first sample on top
    return marks.heatmap(cells, colorscale=BALANCE_SCALE, **look, **on(row + 1), **shown)


def _told(mean: NDArray[np.float64], column: int) -> list[str]:
    value = round(float(mean[column]), 2) + 0.0  # no −0.00
    return [f"<b>mean {value:.2f}</b>".replace("-", "−") if np.isfinite(value) else NOTHING]


def _mean(
    mean: NDArray[np.float64], row: int, samples: int, theme: Theme, column: int
) -> marks.Trace:
    """The mean cosine, at the right end above the map."""
    return marks.text(
        [samples - 0.5],
        [0.5],
        _told(mean, column),
        theme.text,
        14,
        textposition="top left",
        cliponaxis=False,
        **on(row + 1),
    )


def _named(row: int, theme: Theme) -> dict[str, Any]:
    name = TREATMENTS[row]
    colour = theme.colour(name)
    said = f"<b>{LABEL[name]}</b>"
    return heading(said, DOMAINS[row][0], 1.01, theme, font={"size": 16, "color": colour})


def _map_axes(result: CollapseResult, theme: Theme) -> dict[str, Any]:
    """One tick for each class, in the middle of its samples."""
    places, names = _classes(result.labels)
    samples = len(result.labels)
    ticks = {"ticktext": names, "showgrid": False, "zeroline": False}
    across = {"range": [-0.5, samples - 0.5], "tickvals": places, **ticks}
    up = {"range": [0.5 - samples, 0.5], "tickvals": [-place for place in places], **ticks}
    axes: dict[str, Any] = {}
    for place, domain in zip(("", "2"), DOMAINS, strict=True):
        axes[f"xaxis{place}"] = axis(
            theme, "sample, by class", domain=domain, anchor=f"y{place}", **across
        )
        axes[f"yaxis{place}"] = axis(theme, "", anchor=f"x{place}", **up)
    return axes


def _classes(labels: NDArray[np.int64]) -> tuple[list[float], list[str]]:
    known = [int(label) for label in np.unique(labels)]
    places = [float(np.flatnonzero(labels == label).mean()) for label in known]
    return places, [str(label) for label in known]


@drawn_once
def curves(result: CollapseResult, theme: Theme) -> Figure:
    """The mean cosine of every layer, median and range over the seeds. Frames: the layers."""
    spreads = [over_seeds(result.cosine[row]) for row in range(len(TREATMENTS))]
    up = axis(theme, "mean cosine of two samples", range=[_lowest(result), HIGHEST], dtick=0.2)
    return _over_layers(result, spreads, theme, HEIGHT, up, _independent(result, theme))


def _lowest(result: CollapseResult) -> float:
    known = result.cosine[np.isfinite(result.cosine)]
    return min(LOWEST, float(known.min()) - 0.05) if known.size else LOWEST


def _independent(result: CollapseResult, theme: Theme) -> list[marks.Trace]:
    """Where ReLU puts two inputs at a right angle: 1/π, which is named. Of other units: 0."""
    relu = result.config.activation == "relu"
    height = 1 / np.pi if relu else 0.0
    ends = np.array([0.0, float(result.steps[-1])])
    name = "1/π: a right angle before ReLU" if relu else "0: a right angle"
    dotted = marks.stroke(
        ends, np.full(2, height), theme.muted, 1, name=name, line={"dash": "dot"}, hoverinfo="name"
    )
    if not relu:
        return [dotted]
    said = ["dotted: 1/π ≈ 0.32"]
    return [
        dotted,
        marks.text(
            [ends.mean()], [height - BELOW], said, theme.muted, 12, textposition="bottom center"
        ),
    ]


@drawn_once
def directions(result: CollapseResult, theme: Theme) -> Figure:
    """The effective rank of every layer, median and range over the seeds. Frames: the layers."""
    spreads = [over_seeds(row) for row in result.rank]
    known = result.rank[np.isfinite(result.rank)]
    top = float(np.log10(1.3 * known.max())) if known.size else 1.0
    up = log_axis(theme, "effective rank: directions left (log)", (-0.15, max(top, 0.4)))
    return _over_layers(result, spreads, theme, 360, up, [])


def _over_layers(
    result: CollapseResult,
    spreads: Sequence[tuple[NDArray[Any], NDArray[Any], NDArray[Any]]],
    theme: Theme,
    height: int,
    up: dict[str, Any],
    still: Sequence[marks.Trace],
) -> Figure:
    layers, along = result.steps, [result.steps] * len(TREATMENTS)

    def at(column: int) -> list[dict[str, Any]]:
        grown = [
            trace
            for name, spread in zip(TREATMENTS, spreads, strict=True)
            for trace in curve(layers, spread, name, theme, column)
        ]
        return [*grown, *named_dots(along, [middle for middle, *_ in spreads], theme, column)]

    depth = int(layers[-1])
    room = layout(
        theme,
        height,
        margin={"l": 52, "r": 14, "t": 12, "b": 46},
        xaxis=axis(
            theme,
            "hidden layer (0: the samples themselves)",
            range=[-0.03 * depth, 1.05 * depth],
            dtick=max(1, round(depth / 8)),
        ),
        yaxis=up,
    )
    return {"layout": room, **growing(layers, at, still)}


HALVES = {PLAIN: "plain", BATCH: "BN: both", CENTRED: "mean alone", DIVIDED: "std alone"}
DASHES = {CENTRED: "dot", DIVIDED: "dashdot"}


@drawn_once
def halves(result: CollapseResult, theme: Theme) -> Figure:
    """The mean cosine with each half of BN alone, beside plain and BN; median of the seeds."""
    layers, middles = result.steps, [over_seeds(row)[0] for row in result.cosine]
    scale = Scale("cosine", np.array([0.0]))
    scale.low, scale.high = _lowest(result), HIGHEST
    colours = {PLAIN: theme.plain, BATCH: theme.batch, CENTRED: theme.text, DIVIDED: theme.muted}
    data = [line(layers, middles[row], TREATMENTS[row], theme) for row in (PLAIN, BATCH)]
    data += [
        marks.stroke(layers, middles[row], colours[row], 2.5, name=HALVES[row], line={"dash": dash})
        for row, dash in DASHES.items()
    ]
    ends = [(HALVES[row], _last(middles[row]), colours[row]) for row in HALVES]
    data += scale.labels(ends, float(layers[-1]) * (1 + HAIR))
    return {
        "data": data,
        "layout": layout(
            theme,
            360,
            margin={"l": 52, "r": 104, "t": 12, "b": 46},
            xaxis=axis(theme, "hidden layer", range=[0, float(layers[-1]) * 1.002]),
            yaxis=axis(theme, "mean cosine", range=[scale.low, scale.high], dtick=0.2),
        ),
    }


def _last(values: NDArray[np.float64]) -> float:
    known = values[np.isfinite(values)]
    return float(known[-1]) if known.size else 0.0


@drawn_once
def trained(result: TrainedResult, theme: Theme) -> Figure:
    """Above, the mean cosine of the last hidden layer; below, the test accuracy; over training."""
    upper, lower = {"xaxis": "x", "yaxis": "y"}, {"xaxis": "x", "yaxis": "y2"}
    data: list[dict[str, Any]] = []
    for row, name in enumerate(TREATMENTS):
        for values, place in ((result.cosine[row], upper), (result.test_accuracy[row], lower)):
            middle, low, high = over_seeds(values.astype(np.float64))
            data.append(band(result.steps, low, high, name, theme, **place))
            data.append(line(result.steps, middle, name, theme, **place))
    middles = [over_seeds(row.astype(np.float64))[0] for row in result.test_accuracy]
    data += named_dots([result.steps] * 2, middles, theme, -1, **lower)
    longest = float(result.steps[-1])
    return {
        "data": data,
        "layout": layout(
            theme,
            TALL,
            margin={"l": 62, "r": 14, "t": 12, "b": 46},
            xaxis=axis(
                theme, "training step", range=[-0.02 * longest, 1.04 * longest], anchor="y2"
            ),
            yaxis=axis(
                theme, "mean cosine,<br>last hidden layer", range=[LOWEST, HIGHEST],
                domain=[0.56, 1.0],
            ),
            yaxis2=axis(
                theme, "test accuracy", range=[-0.03, 1.08], tickformat=".0%", domain=[0.0, 0.44],
            ),
        ),
    }  # fmt: skip
