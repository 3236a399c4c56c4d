"""The picture of the recurrent networks: sequences longer than in training."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bnviz.figures.base import Figure, axis, layout, line, over_seeds
from bnviz.figures.marks import Trace
from bnviz.figures.once import drawn_once
from bnviz.figures.signs import accuracy_axis, named, with_rows
from bnviz.figures.theme import Theme

if TYPE_CHECKING:
    from bnviz.experiments.recurrent import RecurrentResult

SIGNS = {"diamond": "◆", "circle": "●", "circle-open": "○", "square": "■"}


@dataclass(frozen=True)
class Style:
    """A network's name, the treatments that lend it colour and dash, and its sign."""

    name: str
    colour: str
    dash: str
    symbol: str


STYLES = {
    "plain": Style("plain", "plain", "plain", "diamond"),
    "per step": Style("BN (per step)", "batch", "batch", "circle"),
    "shared": Style("BN (shared)", "batch", "group", "circle-open"),
    "layer": Style("layer norm", "layer", "layer", "square"),
}


def both(results: Sequence[RecurrentResult], theme: Theme) -> tuple[Figure, Figure]:
    """The digit behind the empty rows, and before them."""
    return waiting(results, theme), waiting(results, theme, late=False)


@drawn_once
def waiting(results: Sequence[RecurrentResult], theme: Theme, late: bool = True) -> Figure:
    """Accuracy of the recurrent networks by empty rows, before the image (late) or behind it."""
    styles = [STYLES[one.config.arm] for one in results]
    signed = [named(f"{SIGNS[one.symbol]} {one.name}", one.colour, theme) for one in styles]
    rows = ["   ".join(signed[start : start + 2]) for start in range(0, len(signed), 2)]
    rows_where = "empty rows before the image" if late else "empty rows after the image"
    figure: Figure = {
        "data": [_line(one, theme, late) for one in results],
        "layout": layout(
            theme,
            360,
            margin={"l": 52, "r": 12, "t": 56, "b": 48},
            xaxis=axis(theme, rows_where, range=[-0.7, 16.7], dtick=4),
            yaxis=accuracy_axis(theme),
        ),
    }
    return with_rows(figure, rows, theme)


def _line(result: RecurrentResult, theme: Theme, late: bool) -> Trace:
    """The median over the seeds, of one network."""
    style = STYLES[result.config.arm]
    values = (result.late if late else result.early).astype(np.float64)
    colour = theme.colour(style.colour)
    trace = line(
        result.rows,
        over_seeds(values)[0],
        style.dash,
        theme,
        mode="lines+markers",
        name=style.name,
        marker={"size": 10, "symbol": style.symbol, "color": colour},
        hovertemplate="%{y:.1%}<extra>" + style.name + "</extra>",
    )
    trace["line"]["color"] = colour
    return trace
