"""The marks that figures are made of: traces in Plotly's JSON form, coloured by a theme."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from numpy.typing import ArrayLike

from bnviz.axes import LEVELS
from bnviz.figures.base import packed

Trace = dict[str, Any]


def on(place: int) -> dict[str, str]:
    """The pair of axes of one of several panels, from 1."""
    return {"xaxis": f"x{place}", "yaxis": f"y{place}"}


def scatter(x: ArrayLike, y: ArrayLike, mode: str, **more: Any) -> Trace:
    """Points or lines: `mode` is Plotly's."""
    return {"type": "scatter", "mode": mode, "x": packed(x), "y": packed(y), **more}


def points(x: ArrayLike, y: ArrayLike, colour: Any, size: float, **more: Any) -> Trace:
    """Dots; `marker` in `more` adds to their look."""
    marker = {"size": size, "color": colour, **more.pop("marker", {})}
    return scatter(x, y, "markers", marker=marker, **more)


CROWD = 24  # dots that still stand apart


def among(size: float, others: int, least: float = 4) -> float:
    """A size, in pixels or of opacity, that shrinks with the root of the number of a crowd."""
    return max(least, size * min(1.0, (CROWD / others) ** 0.5))


def stroke(x: ArrayLike, y: ArrayLike, colour: str, width: float, **more: Any) -> Trace:
    """A line; `line` in `more` adds to its look, such as a dash."""
    line = {"color": colour, "width": width, **more.pop("line", {})}
    return scatter(x, y, "lines", line=line, **more)


def text(
    x: ArrayLike, y: ArrayLike, words: Sequence[str], colour: Any, size: float = 13, **more: Any
) -> Trace:
    """Words at points of the data, which no click reaches."""
    font = {"color": colour, "size": size, **more.pop("textfont", {})}
    return scatter(x, y, "text", text=list(words), textfont=font, hoverinfo="skip", **more)


def crosses(x: ArrayLike, y: ArrayLike, colour: Any, ground: str, **more: Any) -> Trace:
    """Where networks were lost: a cross, with a rim in the colour of the ground."""
    look = {"symbol": "x", "line": {"width": 1, "color": ground}}
    return points(x, y, colour, 11, marker=look, **more)


def heatmap(z: ArrayLike, **more: Any) -> Trace:
    """Cells of shares in bytes, 0 to LEVELS, without a scale beside them."""
    fixed = {"zmin": 0, "zmax": LEVELS, "showscale": False, "hoverinfo": "skip"}
    return {"type": "heatmap", "z": packed(z)} | fixed | more
