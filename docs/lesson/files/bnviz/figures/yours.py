"""Yours: its pictures. To begin with, the training loss."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from bnviz.figures.base import (
    Figure,
    axis,
    band,
    frames,
    layout,
    line,
    log_axis,
    moved,
    named_dots,
    over_seeds,
)
from bnviz.figures.once import drawn_once
from bnviz.figures.theme import TREATMENTS, Theme

if TYPE_CHECKING:
    from bnviz.experiments.yours import YoursResult

LOWEST, HIGHEST = 1e-4, 100.0  # losses that are drawn: what is beyond stands at the edge


@drawn_once
def loss(result: YoursResult, theme: Theme) -> Figure:
    """Median and range over the seeds, with a dot at the clock. Frames: the recorded steps."""
    data: list[dict[str, Any]] = []
    middles, values = [], np.clip(result.loss.astype(np.float64), LOWEST, HIGHEST)
    for name, of_seeds in zip(TREATMENTS, values, strict=True):
        middle, low, high = over_seeds(of_seeds)
        data += [
            band(result.steps, low, high, name, theme),
            line(result.steps, middle, name, theme),
        ]
        middles.append(middle)
    along = [result.steps] * len(TREATMENTS)

    def at(column: int) -> list[dict[str, Any]]:
        return moved(named_dots(along, middles, theme, column))

    low, high = np.log10(0.7 * np.nanmin(values)), np.log10(1.5 * np.nanmax(values))
    return {
        "data": [*data, *named_dots(along, middles, theme, -1)],
        "layout": layout(
            theme,
            380,
            xaxis=axis(theme, "training step", range=_room(int(result.steps[-1]))),
            yaxis=log_axis(theme, "training loss (log)", (low, high)),
        ),
        "frames": frames(result.steps, range(len(data), len(data) + len(TREATMENTS)), at),
    }


def _room(steps: int) -> list[float]:
    """From the first step to the last, with a little room for the dots."""
    return [-0.02 * steps, 1.04 * steps]
