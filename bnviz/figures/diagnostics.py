"""What a diagnostic measured of the lab's two arms, on axes that both share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from bnviz.figures.activations import SPACING, TALL, bar_below, decimals, powers, ridge
from bnviz.figures.arms import (
    DASHES,
    DECADES,
    DOMAINS,
    SYMBOLS,
    Floats,
    log_ends,
    moments_of,
    names_of,
    record_at,
    standing,
    strong,
    where,
)
from bnviz.figures.base import (
    Figure,
    axis,
    frames,
    heading,
    layout,
    log_axis,
    moved,
    over_seeds,
    packed,
)
from bnviz.figures.once import drawn_once
from bnviz.figures.theme import LABEL, MAP_SCALE, Theme, shades, translucent

if TYPE_CHECKING:
    from bnviz.experiments.lab import Ridges, Run

HELD = 1e30  # larger numbers are drawn there


def measured(run: Run) -> bool:
    """Whether there is anything to draw of this arm."""
    values = run.result.measured.get("value")
    measured = values is not None and bool(np.isfinite(values).any())
    return measured and not run.result.why_not()


def _missing(run: Run) -> str:
    """Why there is nothing to draw of this arm."""
    return f"<b>{run.label}</b>: {run.result.why_not() or 'no number'}"


def _values(run: Run, name: str = "value") -> Floats:
    """What was measured, on a logarithmic axis above zero; held where float32 can say it."""
    values = np.clip(run.result.measured[name].astype(np.float64), -HELD, HELD)
    if run.result.diagnostic.log:
        return np.where(values > 0, np.maximum(values, 1 / HELD), np.nan)
    return values


def _vertical(told: Any, values: Sequence[Floats], theme: Theme) -> dict[str, Any]:
    """The axis of what was measured: around all numbers there are."""
    if told.log:
        return log_axis(theme, f"{told.unit} (log)", log_ends(values, 0.06))
    known = np.concatenate([one[np.isfinite(one)] for one in values] or [np.zeros(1)])
    low, high = (float(known.min()), float(known.max())) if known.size else (0.0, 1.0)
    room = max(0.06 * (high - low), 1e-3 * max(1.0, abs(high)))
    return axis(theme, told.unit, range=[low - room, high + room])


@drawn_once
def over_training(a: Run, b: Run, theme: Theme) -> Figure:
    """One number a run: median over the seeds, and their range, or the range along a walk."""
    told, spans, drawn = a.result.diagnostic, {}, []
    for run in (a, b):
        if not measured(run):
            continue
        middle, low, high = over_seeds(_values(run))
        if "low" in run.result.measured:
            low, high = (over_seeds(_values(run, name))[0] for name in ("low", "high"))
        spans[run.label] = (middle, low, high)
        drawn += [middle, low, high]
    arms = [run for run in (a, b) if run.label in spans]
    vertical = _vertical(told, _no_further(drawn, told.log), theme)
    data = []
    for run in arms:
        data += strong(run, run.result.moments, *spans[run.label], theme)
    longest = float(max(a.result.steps[-1], b.result.steps[-1]))
    moments = moments_of((a, b))
    marks = standing(arms, theme, longest, lambda run: (run.result.moments, spans[run.label][0]))
    moving = list(range(len(data), len(data) + len(arms)))
    data += marks(int(moments[-1]))

    def at(column: int) -> list[dict[str, Any]]:
        return moved(marks(int(moments[column])))

    return {
        "data": data,
        "layout": layout(
            theme,
            380,
            annotations=_reasons((a, b), theme),
            xaxis=axis(theme, "training step", range=[-0.02 * longest, 1.04 * longest]),
            yaxis=vertical,
        ),
        "frames": frames(moments, moving, at),
    }


def _no_further(drawn: list[Floats], log: bool) -> list[Floats]:
    """Without what is far above all the rest: a walk into an explosion leaves the axis."""
    known = np.concatenate([one[np.isfinite(one)] for one in drawn])
    if not known.size:
        return drawn
    middle = float(np.median(np.abs(known)))
    most = (1e6 if log else 1e3) * max(middle, 1e-6)
    return [np.where(np.abs(one) <= most, one, np.nan) for one in drawn]


def _reasons(arms: Sequence[Run], theme: Theme) -> list[dict[str, Any]]:
    """Why one of the arms is not in the picture."""
    font = {"size": 12, "color": theme.muted}
    missing = [_missing(run) for run in arms if not measured(run)]
    return [heading(text, 0.0, 1.01, theme, font=font) for text in missing]


@drawn_once
def profile(a: Run, b: Run, theme: Theme) -> Figure:
    """Layer by layer: median and range over the seeds. Dotted: at step 0. Frames: the steps."""
    told, arms = a.result.diagnostic, [run for run in (a, b) if measured(run)]
    values = {run.label: _values(run) for run in arms}
    layers = {run.label: np.array(run.result.layers(), np.float64) for run in arms}
    vertical = _vertical(told, list(values.values()), theme)
    widest = max(float(one[-1]) for one in layers.values())

    def moving(moment: int) -> list[dict[str, Any]]:
        traces, ends = [], []
        for run in arms:
            column = record_at(run.result.moments, moment)
            middle, low, high = over_seeds(values[run.label][:, column])
            area, curve = strong(run, layers[run.label], middle, low, high, theme)
            marker = {"symbol": SYMBOLS[run.label], "size": 7, "color": curve["line"]["color"]}
            traces += [area, curve | {"mode": "lines+markers", "marker": marker}]
            ends.append((layers[run.label], middle))
        return traces + _at_the_end(arms, ends, vertical, theme)

    def at(column: int) -> list[dict[str, Any]]:
        return moved(moving(int(moments[column])))

    moments = moments_of((a, b))
    start = [
        {
            "type": "scatter",
            "mode": "lines",
            "x": packed(layers[run.label]),
            "y": packed(over_seeds(values[run.label][:, 0])[0]),
            "line": {
                "color": translucent(theme.colour(run.result.config.treatment), 0.7),
                "dash": "dot",
                "width": 1.8,
            },
            "hoverinfo": "skip",
            "name": f"{run.label} at step 0",
        }
        for run in arms
    ]
    data = [*start, *moving(int(moments[-1]))]
    return {
        "data": data,
        "layout": layout(
            theme,
            380,
            annotations=_reasons((a, b), theme),
            xaxis=axis(
                theme,
                "layer (dotted: at step 0)",
                range=[0.5, max(2.0, widest + 0.6)],
                dtick=max(1, round(widest / 8)),
            ),
            yaxis=vertical,
        ),
        "frames": frames(moments, range(len(start), len(data)), at),
    }


def _at_the_end(
    arms: Sequence[Run],
    ends: list[tuple[Floats, Floats]],
    vertical: dict[str, Any],
    theme: Theme,
) -> list[dict[str, Any]]:
    """Each arm's name beside its last layer; the higher one's above. Or that it has diverged."""
    bottom, top = vertical["range"]
    log = vertical.get("type") == "log"
    heights = []
    for _, middle in ends:
        known = middle[np.isfinite(middle)]
        height = (np.log10(known[-1]) if log else known[-1]) if known.size else np.nan
        heights.append(float(np.clip(height, bottom, top)))
    higher = int(np.argmax(np.nan_to_num(heights, nan=-np.inf)))
    traces = []
    for place, (run, (x, middle)) in enumerate(zip(arms, ends, strict=True)):
        name, height, text = run.result.config.treatment, heights[place], f"{run.label} "
        text += LABEL[run.result.config.treatment]
        up = place == higher
        if not np.isfinite(middle).any():
            height, text, up = (
                bottom + (0.05 + 0.09 * place) * (top - bottom),
                f"{text}: none",
                True,
            )
        share = (height - bottom) / (top - bottom)
        up = share < 0.1 or (up and share < 0.92)
        traces.append(
            {
                "type": "scatter",
                "mode": "text",
                "x": packed(x[[-1]]),
                "y": packed([10.0**height if log else height]),
                "text": [f"<b>{text}</b>"],
                "textposition": f"{'top' if up else 'bottom'} left",
                "textfont": {"size": 15, "color": theme.colour(name)},
                "cliponaxis": False,
                "hoverinfo": "skip",
            }
        )
    return traces


@drawn_once
def layer_map(a: Run, b: Run, theme: Theme) -> Figure:
    """Every layer at every moment, median over the seeds, both arms on one scale.

    Frames: a line at the moment.
    """
    told = a.result.diagnostic
    moments = moments_of((a, b))
    grids = [_over_moments(run, moments) for run in (a, b)]
    low, high = _scale(grids, told.log)
    data: list[dict[str, Any]] = []
    for place, (run, grid) in enumerate(zip((a, b), grids, strict=True)):
        name = f"{run.label} {LABEL[run.result.config.treatment]}"
        layers = run.result.layers()
        unit = " (power of ten)" if told.log else ""
        data.append(
            {
                "type": "heatmap",
                "z": packed(np.clip(grid, low, high)),
                "x0": 0,
                "y0": -1,
                "dy": -1,
                "customdata": packed(
                    np.tile(np.array(layers, np.uint8)[:, None], (1, len(moments)))
                ),
                "zmin": low,
                "zmax": high,
                "colorscale": MAP_SCALE,
                "showscale": place == 0,
                "colorbar": _colorbar(theme, told, low, high),
                "hoverongaps": False,
                "hovertemplate": f"{name}, layer %{{customdata}}: %{{z:.3g}}{unit}<extra></extra>",
                **where(place),
            }
        )
    tall = [len(run.result.layers()) for run in (a, b)]
    for place in range(2):
        for colour, width in ((theme.background, 5), (theme.text, 2)):
            data.append(
                {
                    "type": "scatter",
                    "mode": "lines",
                    "x": packed(np.full(2, len(moments) - 1)),
                    "y": packed(np.array([-tall[place] - 0.5, -0.5])),
                    "line": {"color": colour, "width": width},
                    "hoverinfo": "skip",
                    **where(place),
                }
            )

    def at(column: int) -> list[dict[str, Any]]:
        # Plotly drops the maps unless the frame touches them, and so redraws them.
        maps: list[dict[str, Any]] = [{"type": "heatmap", "hoverongaps": False} for _ in range(2)]
        return maps + [{"x": packed(np.full(2, column))} for _ in range(4)]

    return {
        "data": data,
        "layout": layout(
            theme,
            380,
            margin={"l": 52, "r": 12, "t": 34, "b": 106},
            annotations=[*names_of((a, b), theme), *_gone((a, b), grids, theme)],
            **_map_axes((a, b), moments, theme),
        ),
        "frames": frames(moments, range(6), at),
    }


def _over_moments(run: Run, moments: NDArray[np.int64]) -> Floats:
    """The medians at the clock's moments, (layers, moments), in powers of ten where the axis is.

    Between two measurements the earlier one; nothing after the end of the run.
    """
    if not measured(run):
        return np.full((len(run.result.layers()), len(moments)), np.nan)
    middle = over_seeds(_values(run))[0]
    columns = [record_at(run.result.moments, int(moment)) for moment in moments]
    grid = middle[columns].T.copy()
    grid[:, moments > run.result.steps[-1]] = np.nan
    if run.result.diagnostic.log:
        grid = np.log10(grid)
    return grid


def _scale(grids: Sequence[Floats], log: bool) -> tuple[float, float]:
    known = np.concatenate([grid[np.isfinite(grid)] for grid in grids])
    if not known.size:
        return 0.0, 1.0
    low, high = float(known.min()), float(known.max())
    if log:
        low = max(low, high - DECADES)
        return (low, high) if high - low > 0.5 else (low - 0.25, high + 0.25)
    return low, max(high, low + 1e-3 * max(1.0, abs(low)))


def _colorbar(theme: Theme, told: Any, low: float, high: float) -> dict[str, Any]:
    ticks: dict[str, Any] = {"nticks": 5}
    if told.log:
        ticks = decimals(low, high) if high - low < 3 else powers(low, high)
    return bar_below(theme, f"{told.unit} (log)" if told.log else told.unit, ticks)


def _gone(arms: Sequence[Run], grids: Sequence[Floats], theme: Theme) -> list[dict[str, Any]]:
    """A word in the part of a map where there is nothing."""
    words = []
    for place, (run, grid) in enumerate(zip(arms, grids, strict=True)):
        columns = np.flatnonzero(~np.isfinite(grid).any(0))
        if not len(columns):
            continue
        lost = (run.result.diverged_at >= 0).any()
        words.append(
            heading(
                "no such thing" if run.result.why_not() else "diverged" if lost else "",
                float(columns.mean()),
                -(len(grid) + 1) / 2,
                theme,
                xref=f"x{place + 1}",
                yref=f"y{place + 1}",
                xanchor="center",
                yanchor="middle",
                font={"size": 13, "color": theme.muted},
            )
        )
    return [word for word in words if word["text"]]


def _map_axes(arms: Sequence[Run], moments: NDArray[np.int64], theme: Theme) -> dict[str, Any]:
    last = len(moments) - 1
    shown = sorted({round(last * part / 4) for part in range(5)})
    across = {
        "tickvals": shown,
        "ticktext": [str(int(moments[column])) for column in shown],
        "range": [-0.5, last + 0.5],
        "showgrid": False,
        "fixedrange": True,
        "tickangle": 0,
    }
    axes = {}
    for place, run in enumerate(arms):
        layers = run.result.layers()
        every = 1 if len(layers) <= 13 else 5
        ticks = [row for row in range(len(layers)) if row == 0 or (row + 1) % every == 0]
        axes[f"xaxis{place + 1}"] = axis(
            theme, "training step", domain=DOMAINS[place], anchor=f"y{place + 1}", **across
        )
        axes[f"yaxis{place + 1}"] = axis(
            theme,
            "layer" if place == 0 else "",
            anchor=f"x{place + 1}",
            tickvals=[-row - 1 for row in ticks],
            ticktext=[_layer_name(run, layers[row]) for row in ticks],
            range=[-len(layers) - 0.5, -0.5],
            showgrid=False,
            fixedrange=True,
        )
    return axes


def _layer_name(run: Run, layer: int) -> str:
    return "out" if layer > run.result.config.depth else str(layer)


@drawn_once
def ridgelines(a: Run, b: Run, theme: Theme) -> Figure:
    """One density a layer, both arms on the same axis. First seed; frames: the steps."""
    told, both = a.result.diagnostic, a.result.ridges_with(b.result)
    moments, arms = moments_of((a, b)), (a, b)
    bins = both[0].density.shape[-1]
    low, high = both[0].low, both[0].high
    edges = low + (high - low) * (np.arange(bins) + 0.5) / bins
    x = packed(np.concatenate([[low], edges, [high]]))
    counts = [len(one.layers) for one in both]
    bases = [SPACING * np.arange(count)[::-1] for count in counts]
    data: list[dict[str, Any]] = []
    for place in range(2):
        data += [
            _start_of(both[place].density[0, row], bases[place][row], x, place, theme)
            for row in range(counts[place])
        ]
    # Plotly drops the layers of a subplot (here: of zorder 1) that a frame does not touch.
    touched = [{"hoverinfo": "skip"} for _ in data]

    def moving(moment: int) -> list[dict[str, Any]]:
        ridges: list[dict[str, Any]] = []
        notes: list[dict[str, Any]] = []
        for place, run in enumerate(arms):
            column = record_at(run.result.moments, moment)
            one = both[place]
            ridges += [
                {"y": ridge(one.density[column, row], bases[place][row])}
                for row in range(counts[place])
            ]
            notes.append({"text": _notes(run, one, column)})
        return ridges + notes

    now = moving(int(moments[-1]))
    styles: list[dict[str, Any]] = []
    for place, run in enumerate(arms):
        name = run.result.config.treatment
        for row, colour in enumerate(shades(theme, name, counts[place])):
            said = f"{run.label} {LABEL[name]}, layer {both[place].layers[row]}"
            styles.append(
                {
                    "type": "scatter",
                    "mode": "lines",
                    "x": x,
                    "fill": "toself",
                    "fillcolor": colour,
                    "hoveron": "fills",
                    "text": said,
                    "hoverinfo": "text",
                    "line": {"color": theme.colour(name), "dash": DASHES[run.label], "width": 1.5},
                    "name": said,
                    **where(place),
                }
            )
    slope = told.noun == "gradient entries"
    for place, base in enumerate(bases):
        styles.append(
            {
                "type": "scatter",
                "mode": "text",
                "x": packed(np.full(counts[place], low if slope else high)),
                "y": packed((base + 0.16 * SPACING).astype(np.int16)),
                "textposition": "top right" if slope else "top left",
                "textfont": {"size": 12, "color": theme.text},
                "hoverinfo": "skip",
                **where(place),
            }
        )
    data += [style | moved for style, moved in zip(styles, now, strict=True)]

    def at(column: int) -> list[dict[str, Any]]:
        return [*touched, *moving(int(moments[column]))]

    return {
        "data": data,
        "layout": layout(
            theme,
            165 + max(4, *counts) * 34,
            margin={"l": 52, "r": 12, "t": 34, "b": 66},
            annotations=[
                *names_of(arms, theme),
                _below(told.unit, theme),
            ],
            **_ridge_axes(both, theme, slope),
        ),
        "frames": frames(moments, range(len(data)), at),
    }


def _start_of(
    density: NDArray[np.uint8], base: int, x: dict[str, str], place: int, theme: Theme
) -> dict[str, Any]:
    """Where a layer's distribution began, as a thin line over its ridge."""
    heights = np.concatenate([[0], density.astype(np.float64) * TALL / 250, [0]])
    return {
        "type": "scatter",
        "mode": "lines",
        "x": x,
        "y": packed(np.where(heights > 1, base + heights, np.nan)),
        "line": {"color": theme.text, "dash": "dot", "width": 1.3},
        "name": "step 0",
        "zorder": 1,
        "hoverinfo": "skip",
        **where(place),
    }


def _notes(run: Run, one: Ridges, column: int) -> list[str]:
    """What a ridge cannot show: exact zeros, what lies beyond the axis, a divergence."""
    zeros, outside = one.zeros[column], one.outside[column]
    if not np.isfinite(zeros).any():
        step = int(run.result.diverged_at[0])
        return [f"diverged at step {step}" if step >= 0 else "nothing"] + [""] * (len(zeros) - 1)
    notes = []
    for zero, beyond in zip(zeros, outside, strict=True):
        parts = [(zero, "zero", 0.015), (beyond, "off axis", 0.045)]
        notes.append(", ".join(f"{100 * s:.0f} % {what}" for s, what, low in parts if s >= low))
    return notes


def _below(title: str, theme: Theme) -> dict[str, Any]:
    """One title for both x axes."""
    return heading(
        f"{title}<br>dotted: at step 0",
        0.5,
        0.0,
        theme,
        xanchor="center",
        yanchor="top",
        yshift=-26,
        font={"size": 13, "color": theme.muted},
    )


def _ridge_axes(both: Sequence[Ridges], theme: Theme, logarithms: bool) -> dict[str, Any]:
    low, high = both[0].low, both[0].high
    across: dict[str, Any] = {"range": [low, high], "fixedrange": True, "nticks": 6}
    if logarithms:
        across |= powers(low, high)
    axes = {}
    for place, one in enumerate(both):
        count = len(one.layers)
        axes[f"xaxis{place + 1}"] = axis(
            theme, "", domain=DOMAINS[place], anchor=f"y{place + 1}", **across
        )
        axes[f"yaxis{place + 1}"] = axis(
            theme,
            "hidden layer, 1 next to the input" if place == 0 else "",
            anchor=f"x{place + 1}",
            tickvals=[SPACING * row for row in range(count)],
            ticktext=[str(layer) for layer in one.layers][::-1],
            range=[-0.15 * SPACING, SPACING * (count - 1) + 1.12 * TALL],
            fixedrange=True,
        )
    return axes
