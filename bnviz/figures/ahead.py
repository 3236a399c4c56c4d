"""The loss ahead: two maps, of whether a step along the gradient would lead down or up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from bnviz.figures import marks
from bnviz.figures.base import Figure, axis, frames, heading, layout, packed
from bnviz.figures.layer_maps import bar_below
from bnviz.figures.marks import Trace, on
from bnviz.figures.once import drawn_once
from bnviz.figures.theme import BALANCE_SCALE, LABEL, ON_MAPS, TREATMENTS, Theme
from bnviz.verdicts.landscape import A_LITTLE, RISEN, risen

if TYPE_CHECKING:
    from bnviz.experiments.landscape import LandscapeResult

HEIGHT = 310
DOUBLINGS = 6.0  # of the loss, up or down, that the colours tell apart
LEAST = 1.0  # doublings, up and down, that the colours always reach
SHARES = {-4: "1/16", -2: "1/4", -1: "1/2", 0: "as before", 1: "2", 2: "4", 4: "16", 6: "64"}
FEW = 6.0  # doublings; more of them leave no room for each tick
DOMAINS = ([0.0, 0.46], [0.54, 1.0])  # plain and BN, side by side
DARK, PALE = ON_MAPS

Values = NDArray[np.float64]


@drawn_once
def ahead(result: LandscapeResult, theme: Theme) -> Figure:
    """The loss after a step / before it, for each moment of training and each length of the step.

    Median of the seeds. Frames: the maps up to the recorded step, and the highest point so far.
    """
    maps = _doublings(result)
    ends = _ends(maps)

    def at(column: int) -> list[Trace]:
        return [
            trace
            for treatment in range(2)
            for trace in _moved(result, maps[treatment], treatment, column)
        ]

    looks = [look for treatment in range(2) for look in _looks(result, treatment, ends, theme)]
    last = at(len(result.steps) - 1)
    return {
        "data": [look | now for look, now in zip(looks, last, strict=True)],
        "layout": layout(
            theme,
            HEIGHT,
            margin={"l": 52, "r": 12, "t": 32, "b": 104},
            annotations=[_name(theme, 0), _name(theme, 1), _along(theme)],
            **_axes(result, theme),
        ),
        "frames": frames(result.steps, range(len(looks)), at),
    }


def _doublings(result: LandscapeResult) -> Values:
    """log2 of the ratios, (2, 1 + A, T), from no step at all (0) to the longest; NaN: no seed."""
    ratios = np.moveaxis(result.ahead(), 1, 2)
    held = np.clip(ratios, 2**-DOUBLINGS, 2**DOUBLINGS)
    here = np.where(np.isnan(held[:, :1]), np.nan, 0.0)
    return np.concatenate([here, np.log2(held)], axis=1)


def _ends(maps: Values) -> tuple[float, float]:
    known = maps[np.isfinite(maps)]
    low, high = (known.min(), known.max()) if known.size else (0.0, 0.0)
    return min(float(low), -LEAST), max(float(high), LEAST)


def _scale(ends: tuple[float, float]) -> list[list[Any]]:
    """Green below the loss before the step, brown above it, whatever the ends are."""
    low, high = ends
    level = -low / (high - low)
    falls = [
        [level * place, colour] for place, (_, colour) in zip((0, 0.5, 1), FALLING, strict=True)
    ]
    rises = [
        [level + (1 - level) * place, colour]
        for place, (_, colour) in zip((0.02, 0.4, 1), RISING, strict=True)
    ]
    return falls + rises


FALLING = BALANCE_SCALE[:1:-1]
RISING = BALANCE_SCALE[2::-1]


def _looks(
    result: LandscapeResult, treatment: int, ends: tuple[float, float], theme: Theme
) -> list[Trace]:
    """One network's map, its line of an unchanged loss, and its highest point with a name."""
    name, there = LABEL[TREATMENTS[treatment]], on(treatment + 1)
    here = {"type": "contour", "y": list(range(len(result.reach) + 1)), **there}
    low, high = ends
    ground = here | {
        "zmin": low,
        "zmax": high,
        "colorscale": _scale(ends),
        "contours": {"coloring": "heatmap", "start": -DOUBLINGS, "end": DOUBLINGS, "size": 1.0},
        "line": {"width": 0.5, "color": DARK},
        "showscale": treatment == 0,
        "colorbar": _colours(ends, theme),
        "hovertemplate": f"{name}, step %{{x}}: %{{z:.1f}} doublings of the loss<extra></extra>",
    }
    level = here | {
        "contours": {"coloring": "none", "start": 0.0, "end": 0.0, "size": 1.0},
        "line": {"width": 2, "color": DARK},
        "showscale": False,
        "hoverinfo": "skip",
    }
    ring = {"symbol": "circle-open", "line": {"width": 2.5}}
    peak = marks.points([], [], PALE, 12, marker=ring, hoverinfo="skip", cliponaxis=False, **there)
    said = marks.text(
        [], [], [], theme.text, 12, textposition="top left", cliponaxis=False, **there
    )
    return [ground, level, peak, said]


def _moved(result: LandscapeResult, doublings: Values, treatment: int, column: int) -> list[Trace]:
    """What of them the clock changes."""
    so_far = np.where(np.arange(len(result.steps)) <= column, doublings, np.nan)
    map_of = {"type": "contour", "x": packed(result.steps), "z": packed(so_far)}
    rows, columns, said = [], [], "diverged"
    if np.isfinite(so_far).any():
        row, place = np.unravel_index(np.nanargmax(so_far), so_far.shape)
        said = "rarely higher" if _ever_higher(result, treatment, column) else "never higher"
        if 2 ** so_far[row, place] > 1 + RISEN:
            rows, columns = [row], [result.steps[place]]
            said = f"○ {_times(2 ** so_far[row, place])}"
    end = result.steps[-1:]
    return [
        map_of,
        dict(map_of),
        {"x": packed(columns), "y": packed(rows)},
        {"x": packed(end), "y": packed([len(result.reach)]), "text": [said]},
    ]


def _ever_higher(result: LandscapeResult, treatment: int, column: int) -> bool:
    """Whether in any seed the loss was higher anywhere ahead, so far; the map is of the median."""
    here, high = result.loss_here[treatment], result.variation()[1, treatment]
    return bool((np.isfinite(here) & risen(high, here))[:, : column + 1].any())


def _times(ratio: float) -> str:
    if ratio < A_LITTLE:
        return "a little higher"
    if ratio >= 2**DOUBLINGS:
        return f"more than {2**DOUBLINGS:g} times"
    return f"{ratio:.1f} times"


def _colours(ends: tuple[float, float], theme: Theme) -> Trace:
    low, high = ends
    many = high - low > FEW
    shown = [place for place in SHARES if low <= place <= high and not (many and place in (-1, 1))]
    ticks = {"tickvals": shown, "ticktext": [SHARES[place] for place in shown]}
    bar = bar_below(theme, "loss after the step / loss before it (log)", ticks)
    return bar | {"y": -0.24, "thickness": 10, "len": 0.9}


def _name(theme: Theme, treatment: int) -> Trace:
    """A network's name above its map."""
    name, x = TREATMENTS[treatment], DOMAINS[treatment][0]
    font = {"size": 16, "color": theme.colour(name)}
    return heading(f"<b>{LABEL[name]}</b>", x, 1.0, theme, font=font, yshift=6)  # above a ring


def _along(theme: Theme) -> Trace:
    """One title for both x axes."""
    look = {"size": 13, "color": theme.muted}
    below = {"xanchor": "center", "yanchor": "top", "yshift": -20}
    return heading("training step", 0.5, 0.0, theme, font=look, **below)


def _axes(result: LandscapeResult, theme: Theme) -> dict[str, Trace]:
    places = range(0, len(result.reach) + 1, 2)
    lengths = [0.0, *result.reach]
    up: dict[str, Any] = {
        "range": [0, len(result.reach)],
        "tickvals": list(places),
        "ticktext": [f"{lengths[place]:g}" for place in places],
    }
    across = {"range": [0, float(result.steps[-1])], "nticks": 5}
    return {
        "xaxis1": axis(theme, "", domain=DOMAINS[0], anchor="y1", **across),
        "xaxis2": axis(theme, "", domain=DOMAINS[1], anchor="y2", **across),
        "yaxis1": axis(theme, "step length (learning rates)", anchor="x1", **up),
        "yaxis2": axis(theme, "", anchor="x2", **up | {"showticklabels": False}),
    }
