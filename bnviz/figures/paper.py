"""The experiment of the 2015 paper: how many times fewer steps, here and there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from bnviz.figures.base import Figure, axis, layout
from bnviz.figures.marks import Trace, scatter
from bnviz.figures.once import drawn_once
from bnviz.figures.theme import Theme

if TYPE_CHECKING:
    from bnviz.verdicts.paper import BaseVerdict

NEVER, FEWEST, MOST = 0.25, 0.4, 60.0  # places on the scale of "times fewer steps"
ASIDE = 0.17  # of a row: here above it, the paper below


@drawn_once
def arms(base: BaseVerdict, theme: Theme) -> Figure:
    """How many times fewer steps than plain each arm needs, here and in the paper."""
    rows = np.arange(len(base.arms))[::-1] * 1.0
    here = np.array([arm.fewer for arm in base.arms])
    there = np.array([arm.published_fewer for arm in base.arms])
    colours = [theme.colour(arm.treatment) for arm in base.arms]
    level = {
        "type": "line", "x0": 1, "x1": 1, "yref": "paper", "y0": 0, "y1": 1,
        "line": {"color": theme.muted, "width": 1, "dash": "dot"},
    }  # fmt: skip
    return {
        "data": [
            _marks(here, rows + ASIDE, "circle", colours, "here", theme.text),
            _marks(there, rows - ASIDE, "square-open", colours, "paper", theme.muted),
        ],
        "layout": layout(
            theme,
            380,
            xaxis=_across(theme, float(here.max())),
            yaxis=_down(theme, rows, [arm.name for arm in base.arms]),
            shapes=[level],
            margin={"l": 52, "r": 12, "t": 12, "b": 48},
        ),
    }


def _across(theme: Theme, furthest: float) -> dict[str, Any]:
    largest = max(MOST, 1.6 * furthest)
    return axis(
        theme,
        "times fewer steps than plain (log)",
        type="log",
        range=[float(np.log10(NEVER)) - 0.12, float(np.log10(largest))],
        tickvals=[NEVER, 0.5, 1, 2, 5, 10, 20, 50],
        ticktext=["never", "½", "1", "2", "5", "10", "20", "50"],
    )


def _down(theme: Theme, rows: NDArray[np.floating], names: list[str]) -> dict[str, Any]:
    ends = [-0.6, len(names) - 0.4]
    return axis(theme, "", range=ends, tickvals=rows.tolist(), ticktext=names, showgrid=False)


def _marks(
    fewer: NDArray[np.floating],
    rows: NDArray[np.floating],
    symbol: str,
    colours: list[str],
    whose: str,
    ink: str,
) -> Trace:
    """A mark for each arm with its number and whose it is beside it."""
    return scatter(
        np.where(fewer > 0, np.maximum(fewer, FEWEST), NEVER),
        rows,
        "markers+text",
        text=[f"  {whose}: {_times(value)}  " for value in fewer],
        # the axis is logarithmic: on a phone, what stands far to the right has no room there
        textposition=["middle left" if value > 5 else "middle right" for value in fewer],
        textfont={"size": 12, "color": ink},
        marker={"symbol": symbol, "size": 10, "color": colours},
        cliponaxis=False,
        hoverinfo="skip",
    )


def _times(fewer: float) -> str:
    return "never" if fewer == 0 else f"{fewer:.1f}" if fewer < 100 else f"{fewer:,.0f}"
