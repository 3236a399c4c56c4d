"""The network's input: the ground under wild features, and the rates that networks on them bear."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from bnviz.figures import marks
from bnviz.figures.base import Figure, axis, frames, heading, layout, packed
from bnviz.figures.marks import on
from bnviz.figures.once import drawn_once
from bnviz.figures.styles import HEIGHT, RIGHT, Style, curve, margin, marker, names, shade, styles
from bnviz.figures.theme import GROUND_SCALE, Theme, mixed, translucent
from bnviz.verdicts.inputs import usual

if TYPE_CHECKING:
    from bnviz.experiments.inputs import Ground, InputResult

Floats = NDArray[np.float64]

GRID = 44  # points along each side of the ground
HEIGHTS = (0.02, 20.0)  # losses above the lowest that the colours tell apart


@drawn_once
def ground(one: Ground, steps: NDArray[np.int64], theme: Theme) -> Figure:
    """The loss over two weights, before and after normalizing, and a walk down. Frames: steps."""
    walk = one.walk(steps)
    data: list[dict[str, Any]] = [_hills(one, kind, theme) for kind in range(2)]
    data += [_path(walk[kind], kind, theme) for kind in range(2)]
    data += [_lowest(one, kind, theme) for kind in range(2)]
    first = len(data)

    def at(column: int) -> list[dict[str, Any]]:
        return [
            {"x": packed(walk[kind, [column], 0]), "y": packed(walk[kind, [column], 1])}
            for kind in range(2)
        ]

    shown = enumerate(at(len(steps) - 1))
    data += [_walker(theme) | on(kind + 1) | there for kind, there in shown]
    return {
        "data": data,
        "layout": layout(
            theme,
            HEIGHT,
            margin={"l": 28, "r": 8, "t": 40, "b": 36},
            annotations=[
                heading(f"<b>{name}</b>", 0.53 * kind, 1.01, theme)
                for kind, name in enumerate(("as they are", "normalized"))
            ],
            **_squares(one, theme),
        ),
        "frames": frames(steps, (first, first + 1), at),
    }


def _walker(theme: Theme) -> marks.Trace:
    rim = {"line": {"width": 3, "color": theme.text}}
    return marks.points([], [], theme.background, 14, marker=rim, hoverinfo="skip")


def _reach(one: Ground, kind: int) -> float:
    """Half the side of the picture: the valley's length, and some more."""
    return float(1.35 * np.sqrt(2 / np.linalg.eigvalsh(one.curvature[kind])[0]))


def _hills(one: Ground, kind: int, theme: Theme) -> dict[str, Any]:
    reach, middle = _reach(one, kind), one.middle[kind]
    side = np.linspace(-reach, reach, GRID)
    x, y = np.meshgrid(side, side)
    away = np.stack([x, y], axis=-1)
    above = 0.5 * np.einsum("abi,ij,abj->ab", away, one.curvature[kind], away)
    low, high = (float(np.log10(end)) for end in HEIGHTS)
    return {
        "type": "contour",
        "z": packed(np.log10(np.maximum(above, HEIGHTS[0]))),
        "x": packed(middle[0] + side),
        "y": packed(middle[1] + side),
        "zmin": low,
        "zmax": high,
        "colorscale": GROUND_SCALE,
        "contours": {"start": low, "end": high, "size": (high - low) / 12},
        "line": {"width": 0.7, "color": translucent(theme.text, 0.35)},
        "showscale": False,
        "hoverinfo": "skip",
        **on(kind + 1),
    }


def _path(walk: Floats, kind: int, theme: Theme) -> marks.Trace:
    ground = theme.background
    dots = {"size": 6, "color": ground, "line": {"width": 1, "color": theme.text}}
    look = {"mode": "lines+markers", "marker": dots, "hoverinfo": "skip"}
    return marks.stroke(walk[:, 0], walk[:, 1], ground, 2) | look | on(kind + 1)


def _lowest(one: Ground, kind: int, theme: Theme) -> marks.Trace:
    x, y = one.middle[kind, :1], one.middle[kind, 1:]
    hover = "lowest loss<extra></extra>"
    return marks.crosses(x, y, theme.background, theme.text, hovertemplate=hover, **on(kind + 1))


def _squares(one: Ground, theme: Theme) -> dict[str, Any]:
    axes: dict[str, Any] = {}
    for kind, domain in enumerate(([0.0, 0.47], [0.53, 1.0])):
        reach, middle, number = _reach(one, kind), one.middle[kind], kind + 1
        common = {"showticklabels": False, "showgrid": False, "ticks": "", "constrain": "domain"}
        for name, centre, title in (
            ("x", middle[0], "weight of one feature"),
            ("y", middle[1], "weight of another"),
        ):
            ends = [float(centre - reach), float(centre + reach)]
            named = "" if kind and name == "y" else title  # the same beside both, and no room
            axes[f"{name}axis{number}"] = axis(theme, named, **common, range=ends)
        axes[f"xaxis{number}"] |= {"domain": domain, "anchor": f"y{number}"}
        axes[f"xaxis{number}"]["constraintoward"] = "left"
        axes[f"yaxis{number}"] |= {"anchor": f"x{number}", "scaleanchor": ("x", "x2")[kind]}
    return axes


@drawn_once
def sweep(results: Sequence[InputResult], theme: Theme) -> Figure:
    """Test accuracy against the learning rate, for the arms that are done."""
    look = _styles_of_sweep(results, theme)
    data = []
    for one, (arm, style) in zip(results, look.items(), strict=True):
        values = np.nan_to_num(one.accuracy.astype(np.float64)).T
        mark = {"mode": "lines+markers", "marker": marker(theme, style, 10)}
        data += [
            shade(one.rates, values, arm, style, theme),
            curve(one.rates, usual(one), arm, style, "rate %{x}: %{y:.1%}", **mark),
        ]
    rates = results[0].rates
    ends = [float(np.log10(rates[0])) - 0.1, float(np.log10(rates[-1])) + 0.1]
    across = axis(
        theme, "learning rate (log)", type="log", range=ends, dtick=2, exponentformat="power"
    )
    vertical = axis(theme, "test accuracy", range=[-0.03, 1.03], tickformat=".0%")
    tops = [float(usual(one).max()) for one in results]
    return {
        "data": data,
        "layout": layout(
            theme,
            HEIGHT,
            margin=margin() | {"r": RIGHT + 14},
            xaxis=across,
            yaxis=vertical,
            annotations=names(look, tops, vertical),
        ),
    }


def _styles_of_sweep(results: Sequence[InputResult], theme: Theme) -> dict[str, Style]:
    """Networks as above; plain on scaled data is plain too, with lines and marks of its own."""
    placed = styles(("plain", "hidden", "after", "input only"), theme)
    scaled = Style(mixed(theme.plain, theme.text, 0.6), "longdash", "diamond-tall", "♦")
    known = placed | {"scaled data": scaled}
    return {one.config.arm: known[one.config.arm] for one in results}
