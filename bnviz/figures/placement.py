"""Placement: curves of several networks, what each layer does, and the ground under the input."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from bnviz.figures.base import (
    Figure,
    axis,
    band,
    frames,
    heading,
    layout,
    line,
    log_axis,
    over_seeds,
    packed,
)
from bnviz.figures.once import drawn_once
from bnviz.figures.theme import GROUND_SCALE, Theme, mixed, translucent

if TYPE_CHECKING:
    from bnviz.experiments.inputs import Ground, InputResult
    from bnviz.experiments.placement import PlacementResult

Floats = NDArray[np.float64]

HEIGHT = 370
RIGHT = 108  # pixels beside the axes, for the names
NAME_ROOM = 19  # pixels of one name
LOSSES = (1e-4, 30.0)  # that are drawn; what is beyond stays at the edge
GRADIENTS = (1e-12, 1e2)
GRID = 44  # points along each side of the ground
HEIGHTS = (0.02, 20.0)  # losses above the lowest that the colours tell apart


@dataclass(frozen=True)
class Style:
    """How one network is drawn in every picture of the page."""

    colour: str
    dash: str
    symbol: str
    glyph: str  # the symbol as a letter, beside the name


def styles(arms: Sequence[str], theme: Theme) -> dict[str, Style]:
    """Plain as everywhere, the first network with BN as BN everywhere, the others its shades."""
    rest = iter(
        Style(mixed(theme.batch, theme.text, share), dash, symbol, glyph)
        for share, dash, symbol, glyph in (
            (1.0, "solid", "circle", "●"),
            (0.6, "dashdot", "square", "■"),
            (0.4, "dot", "triangle-up", "▲"),
            (0.2, "longdashdot", "star", "★"),
        )
    )
    plain = Style(theme.plain, "dash", "diamond", "◆")
    return {arm: plain if arm == "plain" else next(rest) for arm in arms}


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
    look = styles(result.arms, theme)
    data: list[dict[str, Any]] = []
    middles = []
    for place, (arm, style) in enumerate(look.items()):
        middle, low, high = over_seeds(values[place])
        middles.append(middle)
        shade = translucent(style.colour, 0.1)
        name = f"{arm}, all seeds"
        data.append(band(result.steps, low, high, "batch", theme, name=name, fillcolor=shade))
    data += [
        _line(result.steps, middle, arm, style, theme, f"step %{{x}}: %{hover}")
        for middle, (arm, style) in zip(middles, look.items(), strict=True)
    ]
    data.append(_crosses(result, values, look, theme))
    first = len(data)

    def dots(column: int) -> list[dict[str, Any]]:
        return [_standing(result.steps, middle, column) for middle in middles]

    shown = dots(len(result.steps) - 1)
    data += [_dot(theme, style) | there for style, there in zip(look.values(), shown, strict=True)]
    last = float(result.steps[-1])
    return {
        "data": data,
        "layout": layout(
            theme,
            HEIGHT,
            margin=_margin(),
            xaxis=axis(theme, "training step", range=[-0.03 * last, 1.03 * last]),
            yaxis=vertical,
            annotations=_names(look, [_last(middle) for middle in middles], vertical),
        ),
        "frames": frames(result.steps, range(first, len(data)), dots),
    }


def _margin() -> dict[str, int]:
    return {"l": 52, "r": RIGHT, "t": 20, "b": 44}


def _line(
    x: NDArray[Any], y: NDArray[Any], arm: str, style: Style, theme: Theme, hover: str, **more: Any
) -> dict[str, Any]:
    said = f"{hover}<extra>{arm}</extra>"
    look = {"color": style.colour, "dash": style.dash, "width": 2.5}
    return line(x, y, "batch", theme, name=arm, line=look, hovertemplate=said, **more)


def _dot(theme: Theme, style: Style) -> dict[str, Any]:
    return {"type": "scatter", "mode": "markers", "marker": _marker(theme, style, 12)} | {
        "cliponaxis": False,
        "hoverinfo": "skip",
    }


def _marker(theme: Theme, style: Style, size: int) -> dict[str, Any]:
    outline = {"width": 1.2, "color": theme.background}
    return {"symbol": style.symbol, "size": size, "color": style.colour, "line": outline}


def _standing(x: NDArray[Any], middle: NDArray[Any], column: int) -> dict[str, Any]:
    """Where a curve is at this record; after a divergence, where it was last seen."""
    there = np.flatnonzero(np.isfinite(middle[: column + 1]))
    shown = [int(there[-1]) if len(there) else 0]
    return {"x": packed(x[shown]), "y": packed(middle[shown])}


def _last(middle: NDArray[Any]) -> float:
    there = np.flatnonzero(np.isfinite(middle))
    return float(middle[there[-1]]) if len(there) else float("nan")


def _crosses(
    result: PlacementResult, values: Floats, look: dict[str, Style], theme: Theme
) -> dict[str, Any]:
    """A cross where each seed that diverged was last seen."""
    found = []
    for place, style in enumerate(look.values()):
        for seed in np.flatnonzero(result.diverged_at[place] >= 0):
            there = np.flatnonzero(np.isfinite(values[place, seed]))
            if len(there):
                spot = int(there[-1])
                found.append((result.steps[spot], values[place, seed, spot], style.colour))
    return {
        "type": "scatter",
        "mode": "markers",
        "x": packed([one[0] for one in found]),
        "y": packed([one[1] for one in found]),
        "marker": {
            "symbol": "x",
            "size": 10,
            "color": [one[2] for one in found],
            "line": {"width": 1, "color": theme.background},
        },
        "hovertemplate": "a seed diverged after this<extra></extra>",
    }


def _names(
    look: dict[str, Style],
    ends: Sequence[float],
    vertical: dict[str, Any],
    called: dict[str, str] | None = None,
) -> list[dict[str, Any]]:
    """Each network's name beside the end of its curve, moved apart where they would overlap."""
    low, high = vertical["range"]
    heights = np.array(ends, dtype=np.float64)
    if vertical.get("type") == "log":
        heights = np.log10(heights)
    heights = np.clip(np.nan_to_num(heights, nan=low), low, high)
    room = (high - low) * NAME_ROOM / (HEIGHT - 64)
    places = _apart(heights, room, high)
    return [
        {
            "text": f"{style.glyph} <b>{(called or {}).get(arm, arm)}</b>",
            "xref": "paper",
            "x": 1.0,
            "xanchor": "left",
            "xshift": 8,
            "y": float(place),
            "yanchor": "middle",
            "showarrow": False,
            "font": {"size": 13, "color": style.colour},
        }
        for (arm, style), place in zip(look.items(), places, strict=True)
    ]


def _apart(heights: Floats, room: float, top: float) -> Floats:
    """The heights, in their order, at least `room` apart and none above the top."""
    order = np.argsort(heights, kind="stable")
    placed = heights.copy()
    below = -np.inf
    for place in order:
        placed[place] = max(heights[place], below + room)
        below = placed[place]
    above = top + room
    for place in order[::-1]:
        placed[place] = min(placed[place], above - room)
        above = placed[place]
    return placed


# ------------------------------------------------------------------ what the comparison turns on

_TITLES = {
    "before or after": "same for every sample",
    "gamma and beta": "γ, distance from its start",
    "gamma from zero": "γ, distance from its start",
    "dropout before it": "variance, training / inference",
}


@drawn_once
def detail(result: PlacementResult, theme: Theme) -> Figure:
    """What the comparison turns on: the biases' gradients, or one measure layer by layer."""
    return _biases(result, theme) if result.bias is not None else _layers(result, theme)


def _layers(result: PlacementResult, theme: Theme) -> Figure:
    """Medians of the seeds, by layer, at the clock's step; open marks: theory. Frames: steps."""
    assert result.by_layer is not None
    look = styles(result.arms, theme)
    numbers = np.arange(1, result.config.depth + 1)
    middles = np.stack([over_seeds(values.astype(np.float64))[0] for values in result.by_layer])
    theory = None
    if result.theory is not None:
        theory = np.stack([over_seeds(values.astype(np.float64))[0] for values in result.theory])
    data: list[dict[str, Any]] = []
    for arm, style in look.items():
        hover = "layer %{x}: %{y:.3g}"
        mark = {"mode": "lines+markers", "marker": _marker(theme, style, 10)}
        data.append(_line(numbers, middles[0, -1], arm, style, theme, hover, **mark))
    if theory is not None:
        data += [_open(numbers, arm, style) for arm, style in look.items()]

    def at(column: int) -> list[dict[str, Any]]:
        moved = [*middles[:, column], *([] if theory is None else theory[:, column])]
        return [{"y": packed(values)} for values in moved]

    for trace, shown in zip(data, at(len(result.steps) - 1), strict=True):
        trace |= shown
    vertical = axis(theme, _TITLES[result.config.compare], **_range(result, middles))
    depth = result.config.depth
    across = axis(theme, "hidden layer", range=[0.6, depth + 0.4], dtick=max(1, round(depth / 8)))
    shapes = [_level(1.0, theme)] if theory is not None else []
    return {
        "data": data,
        "layout": layout(
            theme,
            HEIGHT,
            margin=_margin(),
            xaxis=across,
            yaxis=vertical,
            shapes=shapes,
            annotations=_names(*_measured(look, middles[:, -1, -1]), vertical),
        ),
        "frames": frames(result.steps, range(len(data)), at),
    }


def _measured(look: dict[str, Style], ends: Floats) -> tuple[dict[str, Style], list[float]]:
    """The networks that have this measure, at the last step, and where they are."""
    known = {arm: float(end) for arm, end in zip(look, ends, strict=True) if np.isfinite(end)}
    return {arm: look[arm] for arm in known}, list(known.values())


def _range(result: PlacementResult, middles: Floats) -> dict[str, Any]:
    """The axis of a measure by layer, wide enough for every step."""
    if result.config.compare == "before or after":
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


def _open(numbers: NDArray[Any], arm: str, style: Style) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "markers",
        "x": packed(numbers),
        "name": f"{arm}, predicted",
        "marker": {"symbol": f"{style.symbol}-open", "size": 15, "color": style.colour},
        "hovertemplate": f"layer %{{x}}: predicted %{{y:.3g}}<extra>{arm}</extra>",
    }


def _biases(result: PlacementResult, theme: Theme) -> Figure:
    """Gradient of the biases over training, root mean square; without a bias: that of beta."""
    assert result.bias is not None
    own, beta = (result.bias[..., k].astype(np.float64) for k in range(2))
    replaced = [arm == "no bias" for arm in result.arms]
    values = np.where(np.array(replaced)[:, None, None], beta, own)
    values = np.clip(values, *GRADIENTS)
    figure = _curves(
        result,
        values,
        theme,
        _log_axis(values, theme, "gradient of the bias (log)"),
        "{y:.1e}",
    )
    look = styles(result.arms, theme)
    ends = [_last(over_seeds(row)[0]) for row in values]
    figure["layout"]["annotations"] = _names(
        look, ends, figure["layout"]["yaxis"], {"no bias": "β instead"}
    )
    return figure


# ------------------------------------------------------------------ the input


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

    walker = {
        "type": "scatter",
        "mode": "markers",
        "hoverinfo": "skip",
        "marker": {
            "size": 14,
            "color": theme.background,
            "line": {"width": 3, "color": theme.text},
        },
    }
    data += [{**walker, **_panel(kind), **there} for kind, there in enumerate(at(len(steps) - 1))]
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


def _panel(kind: int) -> dict[str, str]:
    return {"xaxis": f"x{kind + 1}", "yaxis": f"y{kind + 1}"}


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
        **_panel(kind),
    }


def _path(walk: Floats, kind: int, theme: Theme) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "x": packed(walk[:, 0]),
        "y": packed(walk[:, 1]),
        "line": {"width": 2, "color": theme.background},
        "marker": {"size": 6, "color": theme.background, "line": {"width": 1, "color": theme.text}},
        "hoverinfo": "skip",
        **_panel(kind),
    }


def _lowest(one: Ground, kind: int, theme: Theme) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "markers",
        "x": packed(one.middle[kind, :1]),
        "y": packed(one.middle[kind, 1:]),
        "marker": {
            "symbol": "x",
            "size": 11,
            "color": theme.background,
            "line": {"width": 1.5, "color": theme.text},
        },
        "hovertemplate": "lowest loss<extra></extra>",
        **_panel(kind),
    }


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
    data: list[dict[str, Any]] = []
    for one, (arm, style) in zip(results, look.items(), strict=True):
        values = np.nan_to_num(one.accuracy.astype(np.float64)).T
        middle, low, high = over_seeds(values)
        shade = translucent(style.colour, 0.1)
        name = f"{arm}, all seeds"
        data.append(band(one.rates, low, high, "batch", theme, name=name, fillcolor=shade))
        mark = {"mode": "lines+markers", "marker": _marker(theme, style, 10)}
        data.append(_line(one.rates, middle, arm, style, theme, "rate %{x}: %{y:.1%}", **mark))
    rates = results[0].rates
    ends = [float(np.log10(rates[0])) - 0.1, float(np.log10(rates[-1])) + 0.1]
    across = axis(
        theme, "learning rate (log)", type="log", range=ends, dtick=2, exponentformat="power"
    )
    vertical = axis(theme, "test accuracy", range=[-0.03, 1.03], tickformat=".0%")
    tops = [float(one.middle().max()) for one in results]
    return {
        "data": data,
        "layout": layout(
            theme,
            HEIGHT,
            margin=_margin() | {"r": RIGHT + 14},
            xaxis=across,
            yaxis=vertical,
            annotations=_names(look, tops, vertical),
        ),
    }


def _styles_of_sweep(results: Sequence[InputResult], theme: Theme) -> dict[str, Style]:
    """Networks as above; plain on scaled data is plain too, with lines and marks of its own."""
    placed = styles(("plain", "hidden", "after", "input only"), theme)
    scaled = Style(mixed(theme.plain, theme.text, 0.6), "longdash", "diamond-tall", "♦")
    known = placed | {"scaled data": scaled}
    return {one.config.arm: known[one.config.arm] for one in results}
