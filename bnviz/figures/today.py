"""The pictures of today's networks: test accuracy by learning rate, in front and behind."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from bnviz.figures import signs
from bnviz.figures.base import Figure, layout, log_axis
from bnviz.figures.once import drawn_once
from bnviz.figures.theme import Theme
from bnviz.verdicts.criteria import usual

if TYPE_CHECKING:
    from bnviz.experiments.today import TodayResult

WHERE = ("norm before the branch", "norm after the sum")
IN_A_ROW = 2  # of the key, on a phone


def both(results: Sequence[TodayResult], theme: Theme) -> tuple[Figure, Figure]:
    """Before the branch, and after the sum."""
    return by_rate(results, theme, 0), by_rate(results, theme, 1)


@drawn_once
def by_rate(results: Sequence[TodayResult], theme: Theme, place: int) -> Figure:
    """Test accuracy of each network by learning rate, the median of its seeds."""
    kinds, ends = [one.config.arm for one in results], np.log10(results[0].rates[[0, -1]])
    figure: Figure = {
        "data": [_line(one, place, theme) for one in results],
        "layout": layout(
            theme,
            380,
            margin={"l": 52, "r": 12, "t": 76, "b": 48},
            xaxis=log_axis(theme, f"rate (log), {WHERE[place]}", (ends[0] - 0.1, ends[1] + 0.1)),
            yaxis=signs.accuracy_axis(theme),
        ),
    }
    rows = [kinds[start : start + IN_A_ROW] for start in range(0, len(kinds), IN_A_ROW)]
    return signs.with_rows(figure, [signs.key_of(row, theme) for row in rows], theme)


def _line(result: TodayResult, place: int, theme: Theme) -> dict[str, object]:
    middle = np.array([usual(one) for one in result.accuracy[place].astype(np.float64)])
    return signs.marked_line(result.rates, middle, result.config.arm, theme)
