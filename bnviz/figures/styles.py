"""Several networks in one picture: the look of each, and its name beside its curve."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bnviz.figures import marks
from bnviz.figures.base import band, over_seeds
from bnviz.figures.theme import Theme, mixed, translucent

Floats = NDArray[np.float64]

HEIGHT = 370
RIGHT = 108  # pixels beside the axes, for the names
SPACE = "\u2002"  # between the axes and a name
NAME_ROOM = 19  # pixels of one name


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


def margin() -> dict[str, int]:
    """Room beside the axes for the names."""
    return {"l": 52, "r": RIGHT, "t": 20, "b": 44}


def curve(
    x: ArrayLike, y: ArrayLike, arm: str, style: Style, hover: str, **more: Any
) -> marks.Trace:
    """One network's line; `more` as that of a trace."""
    look = {
        "line": {"dash": style.dash},
        "name": arm,
        "hovertemplate": f"{hover}<extra>{arm}</extra>",
    }
    return marks.stroke(x, y, style.colour, 2.5, **look) | more


def shade(
    x: NDArray[Any], values: NDArray[Any], arm: str, style: Style, theme: Theme
) -> marks.Trace:
    """The range of (seeds, T) around it."""
    _, low, high = over_seeds(values)
    look = {"name": f"{arm}, all seeds", "fillcolor": translucent(style.colour, 0.625 * theme.band)}
    return band(x, low, high, "batch", theme, **look)


def marker(theme: Theme, style: Style, size: int) -> dict[str, Any]:
    """The network's mark, with a rim in the colour of the ground."""
    outline = {"width": 1.2, "color": theme.background}
    return {"symbol": style.symbol, "size": size, "color": style.colour, "line": outline}


def names(
    look: Mapping[str, Style], ends: Sequence[float], vertical: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """Each network's name beside the end of its curve, moved apart where they would overlap."""
    return [
        {
            "text": _name(arm, style),
            "xref": "paper",
            "x": 1.0,
            "xanchor": "left",
            "xshift": 8,
            "y": float(place),
            "yanchor": "middle",
            "showarrow": False,
            "font": {"size": 13, "color": style.colour},
        }
        for (arm, style), place in zip(look.items(), _places(ends, vertical, HEIGHT), strict=True)
    ]


def moving_names(
    look: Mapping[str, Style], x: float, called: Mapping[str, str] | None = None
) -> marks.Trace:
    """The same as a trace at the right end of the axes, x; its heights are those of a frame.

    Just within the axes: Plotly hides what is not.
    """
    written = [_name((called or {}).get(arm, arm), style) for arm, style in look.items()]
    colours = [style.colour for style in look.values()]
    return marks.text(
        [x] * len(look),
        [],
        [f"{SPACE}{name}" for name in written],
        colours,
        textposition="middle right",
        cliponaxis=False,
    )


def heights(heads: Sequence[float], vertical: Mapping[str, Any], tall: int) -> Floats:
    """Where the names stand in a picture so tall, in the data's own numbers."""
    places = _places(heads, vertical, tall)
    return np.power(10.0, places) if vertical.get("type") == "log" else places


def _name(name: str, style: Style) -> str:
    return f"{style.glyph} <b>{name}</b>"


def _places(heads: Sequence[float], vertical: Mapping[str, Any], tall: int) -> Floats:
    """Along the axis: of a logarithmic one, as powers of ten."""
    low, high = vertical["range"]
    rim = 1e-3 * (high - low)  # Plotly hides a name beyond the axes
    low, high = low + rim, high - rim
    along = np.array(heads, dtype=np.float64)
    if vertical.get("type") == "log":
        along = np.log10(along)
    along = np.clip(np.nan_to_num(along, nan=low), low, high)
    return _apart(along, (high - low) * NAME_ROOM / (tall - 64), high)


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
