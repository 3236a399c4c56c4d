"""What a diagnostic measured of the lab's two arms, in every layer at every moment."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from bnviz.axes import NEVER
from bnviz.figures import marks
from bnviz.figures.activations import powers
from bnviz.figures.arms import DECADES, Floats, halves, moments_of, names_of, record_at
from bnviz.figures.base import Figure, axis, frames, heading, layout, over_seeds, packed
from bnviz.figures.diagnostics import measured, numbers, unit_of
from bnviz.figures.layer_maps import bar_below, decimals
from bnviz.figures.marks import Trace, on
from bnviz.figures.once import drawn_once
from bnviz.figures.theme import LABEL, MAP_SCALE, Theme

if TYPE_CHECKING:
    from bnviz.experiments.lab import LabelledResult

Arms = tuple["LabelledResult", "LabelledResult"]


@drawn_once
def layer_map(a: LabelledResult, b: LabelledResult, theme: Theme) -> Figure:
    """Every layer at every moment, median over the seeds, both arms on one scale.

    Frames: the map as far as the moment, and a line there.
    """
    arms, moments = (a, b), moments_of((a, b))
    grids = [_over_moments(run, moments) for run in arms]
    ends = _scale(grids, a.result.diagnostic.log)
    data = [
        _map(run, grid, ends, place, theme)
        for place, (run, grid) in enumerate(zip(arms, grids, strict=True))
    ]
    for place, run in enumerate(arms):
        data += _line(len(run.result.layers()), len(moments) - 1, place, theme)
    words = [*names_of(arms, theme), *_gone(arms, grids, theme)]
    margin, axes = {"l": 52, "r": 12, "t": 34, "b": 106}, _axes(arms, moments, theme)

    def at(column: int) -> list[Trace]:
        later = np.arange(len(moments)) > column
        maps: list[Trace] = [
            {"type": "heatmap", "z": packed(np.where(later, np.nan, np.clip(grid, *ends)))}
            for grid in grids
        ]
        return maps + [{"x": packed(np.full(2, column))} for _ in range(4)]

    return {
        "data": data,
        "layout": layout(theme, 380, margin=margin, annotations=words, **axes),
        "frames": frames(moments, range(6), at),
    }


def _over_moments(run: LabelledResult, moments: NDArray[np.int64]) -> Floats:
    """The medians at the clock's moments, (layers, moments), in powers of ten where the axis is.

    Between two measurements the earlier one; nothing after the end of the run.
    """
    if not measured(run):
        return np.full((len(run.result.layers()), len(moments)), np.nan)
    middle = over_seeds(numbers(run))[0]
    columns = [record_at(run.result.moments, int(moment)) for moment in moments]
    grid = middle[columns].T.copy()
    grid[:, moments > run.result.steps[-1]] = np.nan
    if run.result.diagnostic.log:
        grid = np.log10(grid)
    return grid


def _scale(grids: Sequence[Floats], log: bool) -> tuple[float, float]:
    """The ends of the colours."""
    known = np.concatenate([grid[np.isfinite(grid)] for grid in grids])
    if not known.size:
        return 0.0, 1.0
    low, high = float(known.min()), float(known.max())
    if log:
        low = max(low, high - DECADES)
        return (low, high) if high - low > 0.5 else (low - 0.25, high + 0.25)
    return low, max(high, low + 1e-3 * max(1.0, abs(low)))


def _map(
    run: LabelledResult, grid: Floats, ends: tuple[float, float], place: int, theme: Theme
) -> Trace:
    """One arm's cells, the first layer at the top, and, of the first arm, the scale of both."""
    low, high = ends
    layers = np.array(run.result.layers(), np.uint8)
    name = f"{run.label} {LABEL[run.result.config.treatment]}"
    unit = " (power of ten)" if run.result.diagnostic.log else ""
    return {
        "type": "heatmap",
        "z": packed(np.clip(grid, low, high)),
        "x0": 0,
        "y0": -1,
        "dy": -1,
        "customdata": packed(np.tile(layers[:, None], (1, grid.shape[1]))),
        "zmin": low,
        "zmax": high,
        "colorscale": MAP_SCALE,
        "showscale": place == 0,
        "colorbar": _colorbar(run, low, high, theme),
        "hoverongaps": False,
        "hovertemplate": f"{name}, layer %{{customdata}}: %{{z:.3g}}{unit}<extra></extra>",
        **on(place + 1),
    }


def _line(layers: int, column: int, place: int, theme: Theme) -> list[Trace]:
    """Where the clock stands, with a rim."""
    x, y = np.full(2, column), np.array([-layers - 0.5, -0.5])
    return [
        marks.stroke(x, y, colour, width, hoverinfo="skip", **on(place + 1))
        for colour, width in ((theme.background, 5), (theme.text, 2))
    ]


def _colorbar(run: LabelledResult, low: float, high: float, theme: Theme) -> dict[str, Any]:
    ticks: dict[str, Any] = {"nticks": 5}
    if run.result.diagnostic.log:
        ticks = decimals(low, high) if high - low < 3 else powers(low, high)
    return bar_below(theme, unit_of(run), ticks)


def _gone(arms: Arms, grids: Sequence[Floats], theme: Theme) -> list[dict[str, Any]]:
    """A word in the part of a map where there is nothing."""
    words = []
    for place, (run, grid) in enumerate(zip(arms, grids, strict=True)):
        columns = np.flatnonzero(~np.isfinite(grid).any(0))
        why = _why_empty(run)
        if len(columns) and why:
            x, y = float(columns.mean()), -(len(grid) + 1) / 2
            there = {"xref": f"x{place + 1}", "yref": f"y{place + 1}"}
            middle = {"xanchor": "center", "yanchor": "middle"}
            font = {"size": 13, "color": theme.muted}
            words.append(heading(why, x, y, theme, font=font, **there, **middle))
    return words


def _why_empty(run: LabelledResult) -> str:
    if why := run.result.why_not():
        return "not measured" if why == "too large" else "no such thing"
    return "diverged" if (run.result.diverged_at != NEVER).any() else ""


def _axes(arms: Arms, moments: NDArray[np.int64], theme: Theme) -> dict[str, Any]:
    last = len(moments) - 1
    shown = sorted({round(last * part / 4) for part in range(5)})
    across = axis(
        theme,
        "training step",
        tickvals=shown,
        ticktext=[str(int(moments[column])) for column in shown],
        range=[-0.5, last + 0.5],
        showgrid=False,
        fixedrange=True,
        tickangle=0,
    )
    return halves(lambda place: (across, _down(arms[place], place, theme)))


def _down(run: LabelledResult, place: int, theme: Theme) -> dict[str, Any]:
    """The axis of the layers, of which not all are named where they are many."""
    layers = run.result.layers()
    every = 1 if len(layers) <= 13 else 5
    ticks = [row for row in range(len(layers)) if row == 0 or (row + 1) % every == 0]
    return axis(
        theme,
        "layer" if place == 0 else "",
        tickvals=[-row - 1 for row in ticks],
        ticktext=[_layer_name(run, layers[row]) for row in ticks],
        range=[-len(layers) - 0.5, -0.5],
        showgrid=False,
        fixedrange=True,
    )


def _layer_name(run: LabelledResult, layer: int) -> str:
    return "out" if layer > run.result.config.depth else str(layer)
