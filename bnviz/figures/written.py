"""A figure is written as JSON once for all who look at it."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import Any

import orjson
import plotly.io
import plotly.offline
from plotly.basedatatypes import BaseFigure

from bnviz.figures.base import Figure

ROOM = 8_000_000  # bytes of JSON, of some ten to some hundred kilobytes each

_lock = threading.Lock()
_kept: OrderedDict[int, tuple[Figure, bytes]] = OrderedDict()  # longest unused first
"""By the figure's place in memory, which is no other's while the figure is kept as well."""


class Ready(BaseFigure):
    """A finished figure that Streamlit sends as it is.

    st.plotly_chart checks every dict it is given against Plotly's whole schema, which for a
    figure with frames takes longer than building it. The tests make that check instead. And it
    writes the figure as JSON at every view; what is shared (drawn_once) is written once.
    """

    def __init__(self, figure: Figure) -> None:
        self._figure = figure

    def to_dict(self) -> Figure:
        return _Written(self._figure)


class _Written(dict[str, Any]):
    """A figure that plotly.io.to_json need not go through, since it is known as JSON."""

    def __init__(self, figure: Figure) -> None:
        super().__init__(figure)
        self._figure = figure

    def to_plotly_json(self) -> orjson.Fragment:
        return orjson.Fragment(written(self._figure))


def written(figure: Figure) -> bytes:
    """The figure as JSON, from before where this very figure has been written; it is kept."""
    place = id(figure)
    with _lock:
        if place in _kept:
            _kept.move_to_end(place)
            return _kept[place][1]
    text: bytes = plotly.io.to_json(figure, validate=False).encode()
    with _lock:
        _kept[place] = figure, text
        while sum(len(before) for _, before in _kept.values()) > ROOM:
            _kept.popitem(last=False)
    return text


def plotly_script() -> str:
    """Plotly's own program for a browser, 4.8 MB, of the version that figures are checked with."""
    text: str = plotly.offline.get_plotlyjs()
    return text
