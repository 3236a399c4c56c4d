"""The quiz of a class: what share of it had each question right, before and after."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from bnviz.figures import marks
from bnviz.figures.base import Figure, axis, layout
from bnviz.figures.once import drawn_once
from bnviz.figures.theme import Theme

if TYPE_CHECKING:
    from bnviz.verdicts.quiz import QuizVerdict

ROW = 30  # pixels of a question
BEFORE, AFTER = "circle-open", "circle"


@drawn_once
def shares(verdict: QuizVerdict, about: Sequence[str], theme: Theme) -> Figure:
    """A row for each question: an open circle before, a full one after, a line between them.

    about: each question in a few letters.
    """
    rows = np.arange(len(about), dtype=np.float64)
    before, after = (np.array([getattr(one, part) for one in verdict.items]) for part in
                     ("before", "after"))  # fmt: skip
    gaps = np.stack([before, after, np.full_like(before, np.nan)], axis=-1).reshape(-1)
    data = [
        marks.stroke(gaps, np.repeat(rows, 3), theme.muted, 2, hoverinfo="skip"),
        _circles(before, rows, BEFORE, "before", theme),
        _circles(after, rows, AFTER, "after", theme),
    ]
    up = axis(theme, "", range=[len(about) - 0.4, -0.6], showgrid=False,
              tickvals=list(range(len(about))), ticktext=list(about))  # fmt: skip
    along = axis(theme, "right answers   ○ before   ● after", range=[-0.04, 1.04],
                 tickformat=".0%", side="top")  # fmt: skip
    margin = {"l": 60, "r": 16, "t": 58, "b": 12}
    look = layout(theme, 70 + ROW * len(about), margin=margin, xaxis=along, yaxis=up)
    return {"data": data, "layout": look}


def _circles(x: np.ndarray, y: np.ndarray, symbol: str, when: str, theme: Theme) -> marks.Trace:
    look = {"symbol": symbol, "line": {"width": 2, "color": theme.text}}
    hover = f"%{{y}}, {when}: %{{x:.0%}}<extra></extra>"
    return marks.points(
        x, y, theme.text, 12, marker=look, hovertemplate=hover, cliponaxis=False, name=when
    )
