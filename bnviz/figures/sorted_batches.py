"""The pictures of sorted batches: beside mixed ones, and in training mode beside inference."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from bnviz.figures.base import Figure, axis, over_seeds
from bnviz.figures.marks import Trace, points, stroke
from bnviz.figures.once import drawn_once
from bnviz.figures.signs import (
    SYMBOL,
    Numbers,
    accuracy_axis,
    all_moving,
    over_training,
    with_key,
)
from bnviz.figures.theme import LABEL, Theme

if TYPE_CHECKING:
    from bnviz.experiments.sorted_batches import SortedResult

MIXED = "mixed"  # BN on mini-batches of all classes
ROWS = ("layer", "plain", "renorm", "batch", MIXED)  # of the dumbbells, from below
KEY = "<b>● at inference<br>○ in sorted batches, as in training</b>"


@drawn_once
def on_sorted(result: SortedResult, theme: Theme) -> Figure:
    """Test accuracy at inference over training on sorted batches. Frames: the curves so far.

    Dotted: the same networks on mixed batches.
    """
    middles = {kind: _middle(values) for kind, values in result.mixed.items()}

    def control(column: int) -> list[Trace]:
        known = slice(column + 1)
        return [
            stroke(
                result.steps[known],
                middle[known],
                theme.colour(kind),
                1.5,
                line={"dash": "dot"},
                hovertemplate="%{y:.1%}<extra>" + LABEL[kind] + ", mixed batches</extra>",
            )
            for kind, middle in middles.items()
        ]

    spans = {
        kind: over_seeds(values.astype(np.float64)) for kind, values in result.accuracy.items()
    }
    return over_training(result.steps, spans, theme, control, "<b>┈ on mixed batches</b>")


def _middle(values: Numbers) -> Numbers:
    """The median over the seeds, (T,)."""
    return over_seeds(values.astype(np.float64))[0]


@drawn_once
def company(result: SortedResult, theme: Theme) -> Figure:
    """Accuracy in training mode, among few classes, beside inference. Frames: the training."""
    own = _rows(result.in_company | {MIXED: result.mixed_in_company})
    inference = _rows(result.accuracy | {MIXED: result.mixed["batch"]})

    def at(column: int) -> list[Trace]:
        return _dumbbells(own[:, column], inference[:, column], theme)

    y = range(len(ROWS))
    names = LABEL | {MIXED: "BN,<br>mixed"}
    figure = all_moving(
        result.steps,
        at,
        theme,
        xaxis=accuracy_axis(theme),
        yaxis=axis(
            theme,
            "",
            range=[-0.5, len(ROWS) - 0.5],
            tickvals=[float(place) for place in y],
            ticktext=[f"<b>{names[kind]}</b>" for kind in ROWS],
        ),
    )
    figure["layout"]["margin"]["l"] = 84
    return with_key(figure, [], theme, KEY)


def _rows(values: Mapping[str, Numbers]) -> Numbers:
    """Medians over the seeds, (ROWS, T)."""
    return np.stack([_middle(values[kind]) for kind in ROWS])


def _dumbbells(own: Numbers, inference: Numbers, theme: Theme) -> list[Trace]:
    """A bar in each row, from training mode (open) to inference (filled)."""
    y = np.arange(len(ROWS), dtype=np.float64)
    gap = np.full_like(own, np.nan)
    kinds = ["batch" if kind == MIXED else kind for kind in ROWS]
    colours = [theme.colour(kind) for kind in kinds]

    def dots(x: Numbers, suffix: str, size: float, name: str) -> Trace:
        symbols = [SYMBOL[kind] + suffix for kind in kinds]
        look = {"symbol": symbols, "line": {"width": 2, "color": colours}}
        hover = "%{x:.1%}<extra>" + name + "</extra>"
        return points(x, y, colours, size, marker=look, hovertemplate=hover)

    bars = stroke(
        np.stack([own, inference, gap], axis=1).ravel(),
        np.stack([y, y, gap], axis=1).ravel(),
        theme.muted,
        2,
        hoverinfo="skip",
    )
    return [bars, dots(own, "-open", 15, "training mode"), dots(inference, "", 9, "inference")]
