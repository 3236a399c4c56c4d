"""What one did before BN: the remedies side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from bnviz.axes import NEVER
from bnviz.figures import marks
from bnviz.figures.base import Figure, axis, layout
from bnviz.figures.once import drawn_once
from bnviz.figures.theme import LABEL, TREATMENTS, Theme, translucent

if TYPE_CHECKING:
    from bnviz.experiments.signals import SignalsResult

SYMBOL = {"plain": "diamond", "batch": "circle"}


@drawn_once
def remedies(results: list[SignalsResult], names: list[str], theme: Theme) -> Figure:
    """After how many steps each pair learned; in the column on the right: it never did.

    Small marks are the seeds, large ones the median of them.
    """
    longest = float(max(result.config.steps for result in results))
    rows, ticks = len(results), [float(tick) for tick in np.linspace(0, longest, 5)]
    data = []
    for treatment in range(2):
        data += _learned(results, treatment, NEVER_AT * longest, theme)
    return {
        "data": data,
        "layout": layout(
            theme,
            120 + 52 * max(rows, 3),
            margin={"l": 150, "r": 12, "t": 12, "b": 46},
            xaxis=axis(
                theme,
                "steps until it has learned",
                range=[-0.03 * longest, 1.22 * longest],
                tickvals=[*ticks, NEVER_AT * longest],
                ticktext=[*(f"{tick:.0f}" for tick in ticks), "never"],
            ),
            yaxis=axis(
                theme,
                "",
                range=[-0.6, rows - 0.4],
                tickvals=list(range(rows)),
                ticktext=names[:rows][::-1],
                automargin=True,
            ),
        ),
    }


NEVER_AT = 1.14  # of the longest run: the column of those who never did


def _learned(
    results: list[SignalsResult], treatment: int, never: float, theme: Theme
) -> list[dict[str, Any]]:
    """When each seed of one treatment learned, and the typical one of each pair."""
    name, rows = TREATMENTS[treatment], len(results)
    steps = np.array([result.learned_at[treatment] for result in results])
    at = np.where(steps == NEVER, never, steps.astype(np.float64))
    y = np.arange(rows, dtype=float)[::-1] + (0.17 if treatment == 0 else -0.17)
    colour, each = theme.colour(name), at.shape[1]
    symbol = {"symbol": SYMBOL[name]}
    seeds = marks.points(
        at.ravel(),
        np.repeat(y, each),
        translucent(colour, 0.45),
        6,
        marker=symbol,
        hoverinfo="skip",
    )
    middle = marks.scatter(
        np.sort(at, axis=1)[:, each // 2],
        y,
        "markers+text",
        text=[f"<b>{LABEL[name]}</b>"] + [""] * (rows - 1),
        textposition="middle left",
        textfont={"size": 13, "color": colour},
        marker=symbol | {"size": 13, "color": colour},
        hovertemplate=f"{LABEL[name]}: %{{x:.0f}} steps<extra></extra>",
    )
    return [seeds, middle]
