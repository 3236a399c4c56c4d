"""Collapse: its pictures. To begin with, the training loss."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from bnviz.figures.base import (
    Figure,
    axis,
    curve,
    growing,
    layout,
    log_axis,
    named_dots,
    over_seeds,
)
from bnviz.figures.once import drawn_once
from bnviz.figures.theme import TREATMENTS, Theme

if TYPE_CHECKING:
    from bnviz.experiments.collapse import CollapseResult

HEIGHT = 300  # pixels: with question, knobs and clock in a laptop's first window
LOWEST, HIGHEST = 1e-4, 100.0  # losses that are drawn: what is beyond stands at the edge


@drawn_once
def loss(result: CollapseResult, theme: Theme, share: float = 1.0) -> Figure:
    """Median and range over the seeds, as far as the clock. Frames: the recorded steps.

    share: of the steps, from the first one on, that are shown.
    """
    steps = result.steps[result.steps <= share * result.steps[-1]]
    values = np.clip(result.loss[..., : len(steps)].astype(np.float64), LOWEST, HIGHEST)
    spreads = [over_seeds(of_seeds) for of_seeds in values]
    along = [steps] * len(TREATMENTS)

    def at(column: int) -> list[dict[str, Any]]:
        column = min(column, len(steps) - 1)
        curves = [
            trace
            for name, spread in zip(TREATMENTS, spreads, strict=True)
            for trace in curve(steps, spread, name, theme, column)
        ]
        return [*curves, *named_dots(along, [middle for middle, *_ in spreads], theme, column)]

    low, high = np.log10(0.7 * np.nanmin(values)), np.log10(1.5 * np.nanmax(values))
    room = layout(
        theme,
        HEIGHT,
        xaxis=axis(theme, "training step", range=_room(int(steps[-1]))),
        yaxis=log_axis(theme, "training loss (log)", (low, high)),
    )
    return {"layout": room, **growing(result.steps, at)}


def _room(steps: int) -> list[float]:
    """From the first step to the last, with a little room for the dots."""
    return [-0.02 * steps, 1.04 * steps]
