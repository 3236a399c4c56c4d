"""The race's pictures: loss, accuracy, and the decisions on a plane."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from bnviz.axes import NEVER
from bnviz.figures import marks
from bnviz.figures.base import (
    Figure,
    axis,
    band,
    frames,
    heading,
    layout,
    line,
    log_axis,
    moved,
    named_dots,
    over_seeds,
    packed,
    seed_named,
)
from bnviz.figures.marks import heatmap, on
from bnviz.figures.once import drawn_once
from bnviz.figures.theme import (
    CLASS_COLOURS,
    CLASS_OUTLINE,
    CLASS_SCALE,
    LABEL,
    TREATMENTS,
    Theme,
)

if TYPE_CHECKING:
    from bnviz.experiments.race import RaceResult

SHOWN = 150  # samples of a class on the plane


@drawn_once
def loss(result: RaceResult, theme: Theme, seconds: bool = False) -> Figure:
    """Mini-batch loss: median and range over the seeds, crosses where one diverged."""
    highest = min(100.0, max(4.0, 1.3 * float(np.nanmax(result.train_loss[:, :, 0]))))
    values = np.clip(result.train_loss.astype(np.float64), 1e-4, highest)
    low, high = np.log10(0.8 * np.nanmin(values)), np.log10(1.2 * np.nanmax(values))
    vertical = log_axis(theme, "training loss (log)", (low, high))
    return _curves(result, values, theme, seconds, vertical)


@drawn_once
def accuracy(result: RaceResult, theme: Theme, seconds: bool = False) -> Figure:
    """Test accuracy, with a tick on the target line for every seed that reached it."""
    figure = _curves(
        result,
        result.test_accuracy.astype(np.float64),
        theme,
        seconds,
        axis(theme, "test accuracy", range=[-0.03, 1.03], tickformat=".0%"),
    )
    target = result.config.target
    figure["layout"]["shapes"].append(
        {
            "type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": target, "y1": target,
            "line": {"color": theme.muted, "width": 1, "dash": "dot"},
        }
    )  # fmt: skip
    for treatment, name in enumerate(TREATMENTS):
        reached = result.steps_to_target()[treatment]
        reached = reached[reached != NEVER]
        tick = {"symbol": "line-ns", "line": {"width": 2.5, "color": theme.colour(name)}}
        figure["data"].append(
            marks.points(
                reached * _per_step(result, seconds)[treatment],
                np.full(len(reached), target),
                theme.colour(name),
                18,
                marker=tick,
                hovertemplate=f"a {LABEL[name]} seed reached the target at %{{x:.4g}}"
                f" {_unit(seconds)}<extra></extra>",
            )
        )
    return figure


def _per_step(result: RaceResult, seconds: bool) -> NDArray[np.float64]:
    """What one step adds along x, for each treatment."""
    return result.seconds_per_step if seconds else np.ones(2)


def _unit(seconds: bool) -> str:
    return "seconds" if seconds else "steps"


def _curves(
    result: RaceResult,
    values: NDArray[np.float64],
    theme: Theme,
    seconds: bool,
    vertical: dict[str, Any],
) -> Figure:
    """Both treatments as median line and range, a dot at the clock, a cross per lost seed."""
    data: list[dict[str, Any]] = []
    along, middles = [], []
    for treatment, name in enumerate(TREATMENTS):
        x = result.steps * _per_step(result, seconds)[treatment]
        middle, low, high = over_seeds(values[treatment])
        hover = f"%{{x:.4g}} {_unit(seconds)}: %{{y:.3g}}<extra>{LABEL[name]}</extra>"
        data += [
            band(x, low, high, name, theme),
            line(x, middle, name, theme, hovertemplate=hover),
            _crosses(result, treatment, values[treatment], x, theme),
        ]
        along.append(x)
        middles.append(middle)

    def at(column: int) -> list[dict[str, Any]]:
        return moved(named_dots(along, middles, theme, column))

    dots = [len(data), len(data) + 1]
    data += named_dots(along, middles, theme, -1)
    longest = float(result.steps[-1] * _per_step(result, seconds).max())
    across = "seconds of one core, for one network" if seconds else "training step"
    return {
        "data": data,
        "layout": layout(
            theme,
            380,
            xaxis=axis(theme, across, range=[-0.02 * longest, 1.04 * longest]),
            yaxis=vertical,
            shapes=[],
        ),
        "frames": frames(result.steps, dots, at),
    }


def _crosses(
    result: RaceResult,
    treatment: int,
    values: NDArray[np.float64],
    x: NDArray[Any],
    theme: Theme,
) -> dict[str, Any]:
    """A cross where each diverged seed was last seen."""
    name, places = TREATMENTS[treatment], []
    for seed in np.flatnonzero(result.diverged_at[treatment] != NEVER):
        there = np.flatnonzero(np.isfinite(values[seed]))
        if len(there):
            places.append((x[there[-1]], values[seed, there[-1]]))
    return marks.crosses(
        [place[0] for place in places],
        [place[1] for place in places],
        theme.colour(name),
        theme.background,
        hovertemplate=f"{LABEL[name]}: a seed diverged after this<extra></extra>",
    )


@drawn_once
def boundaries(result: RaceResult, theme: Theme) -> Figure:
    """What both networks of a typical seed, which is named, decide all over the plane.

    Frames: the steps.
    """
    assert result.decision is not None
    assert result.axis is not None
    decision, (across, up) = result.decision, result.axis
    data = [
        heatmap(
            decision[row, -1], x=packed(across), y=packed(up), colorscale=CLASS_SCALE, **on(row + 1)
        )
        for row in range(2)
    ]
    for row in range(2):
        data += samples_on_plane(result.points, result.labels, on(row + 1))

    def at(column: int) -> list[dict[str, Any]]:
        return [{"type": "heatmap", "z": packed(decision[row, column])} for row in range(2)]

    return {
        "data": data,
        "layout": _two_planes(theme, seed_named(result.typical, result.config.seeds)),
        "frames": frames(result.steps, [0, 1], at),
    }


def _two_planes(theme: Theme, seed: str) -> dict[str, Any]:
    """Plain on the left, BN on the right, each with its name and that of the seed."""
    names = [
        heading(
            f"<b>{LABEL[name]}</b> {seed}",
            0.52 * row,
            1.01,
            theme,
            font={"size": 17, "color": theme.colour(name)},
        )
        for row, name in enumerate(TREATMENTS)
    ]
    places = {"visible": False, "fixedrange": True}
    return layout(
        theme,
        400,
        margin={"l": 8, "r": 8, "t": 40, "b": 8},
        annotations=names,
        xaxis1={**places, "domain": [0, 0.48], "anchor": "y1"},
        xaxis2={**places, "domain": [0.52, 1], "anchor": "y2"},
        yaxis1={**places, "anchor": "x1"},
        yaxis2={**places, "anchor": "x2"},
    )


def samples_on_plane(
    points: NDArray[np.floating] | None, labels: NDArray[np.int64] | None, there: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """Test samples, (n, 2), with a colour and a sign for each class, on the axes `there`."""
    assert points is not None
    assert labels is not None
    looks = zip(CLASS_COLOURS, ("circle", "square"), strict=True)
    return [
        marks.points(
            points[labels == label][:SHOWN, 0],
            points[labels == label][:SHOWN, 1],
            colour,
            6,
            marker={"symbol": symbol, "line": {"width": 0.7, "color": CLASS_OUTLINE}},
            hovertemplate=f"test sample of class {label}<extra></extra>",
            **there,
        )
        for label, (colour, symbol) in enumerate(looks)
    ]
