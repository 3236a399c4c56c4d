"""The loss around the ends of the lab's two runs, as two maps on one scale."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from bnviz.figures.arms import DOMAINS, halves
from bnviz.figures.base import Figure, axis, heading, layout, packed
from bnviz.figures.marks import Trace, on
from bnviz.figures.once import drawn_once
from bnviz.figures.surface import HIGHEST, LEVELS, LOWEST, colorbar, cross
from bnviz.figures.theme import GROUND_SCALE, LABEL, Theme, translucent

if TYPE_CHECKING:
    from bnviz.experiments.lab_surface import LabSurface


LETTERS = "AB"


@drawn_once
def contours(results: Sequence[LabSurface], theme: Theme) -> Figure:
    """A's and B's surface from above, on one colour scale; B's as soon as it is there."""
    heights = [_height(result) for result in results]
    low = float(min(height.min() for height in heights))
    high = max(float(max(height.max() for height in heights)), low + 0.3)
    data: list[Trace] = []
    for place, (result, height) in enumerate(zip(results, heights, strict=True)):
        data.append(_contour(result, height, (low, high), place, theme))
        data.append(cross(theme, "the weights at the end", on(place + 1)))
    names = [_name(result, place, theme) for place, result in enumerate(results)]
    hidden = {"showticklabels": False, "ticks": "", "showgrid": False, "fixedrange": True}
    side = axis(theme, "", range=[-1.0, 1.0], **hidden)
    axes = halves(lambda _: (side, side), len(results))
    margin = {"l": 12, "r": 12, "t": 40, "b": 84}
    return {
        "data": data,
        "layout": layout(theme, 480, margin=margin, annotations=names, **axes),
    }


def _contour(
    result: LabSurface,
    height: NDArray[np.float64],
    span: tuple[float, float],
    place: int,
    theme: Theme,
) -> Trace:
    """One arm's surface, and, of the first arm, the scale of both."""
    low, high = span
    loss = np.clip(np.nan_to_num(result.loss, nan=1e9), 0, 1e9)
    return {
        "type": "contour",
        "z": packed(height),
        "x": packed(result.axis),
        "y": packed(result.axis),
        "zmin": low,
        "zmax": high,
        "colorscale": GROUND_SCALE,
        "contours": {"start": low, "end": high, "size": (high - low) / LEVELS},
        "line": {"width": 0.7, "color": translucent(theme.text, 0.35), "smoothing": 0.7},
        "showscale": place == 0,
        "colorbar": colorbar(span, theme),
        "customdata": packed(loss),
        "hovertemplate": f"loss %{{customdata:.3g}}<extra>{LETTERS[place]}</extra>",
        **on(place + 1),
    }


def _name(result: LabSurface, place: int, theme: Theme) -> dict[str, Any]:
    treatment = result.config.treatment
    font = {"size": 16, "color": theme.colour(treatment)}
    text = f"<b>{LETTERS[place]} {LABEL[treatment]}</b>"
    return heading(text, DOMAINS[place][0], 1.0, theme, font=font)


def _height(result: LabSurface) -> NDArray[np.float64]:
    """log10 of the loss, held inside what the colours tell apart."""
    loss = np.nan_to_num(result.loss.astype(np.float64), nan=HIGHEST)
    height: NDArray[np.float64] = np.log10(np.clip(loss, LOWEST, HIGHEST))
    return height
