"""One sample in both modes, alone and in company: what the network makes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from bnviz.axes import LEVELS
from bnviz.figures import marks
from bnviz.figures.base import Figure, axis, frames, layout, packed, seed_named
from bnviz.figures.marks import Trace
from bnviz.figures.named_lines import SPACE
from bnviz.figures.once import drawn_once
from bnviz.figures.theme import Theme

if TYPE_CHECKING:
    from bnviz.experiments.modes import ModesResult

HEIGHT = 300


@drawn_once
def one_sample(result: ModesResult, theme: Theme) -> Figure:
    """The probability of each class for one sample, alone and in company, in the first seed.

    Beside each company the answer, with a tick where it is right. Frames: the steps.
    """
    probability, truth = result.sample.probability, result.sample.label
    companies, classes = probability.shape[1:]
    heights = np.arange(companies)[::-1]  # the first on top
    cells, answers = _answers(probability[-1], truth)
    look = {"colorscale": [[0, theme.background], [1, theme.batch]], "xgap": 2, "ygap": 3}
    return {
        "data": [
            marks.heatmap(cells, x=packed(np.arange(classes)), y=packed(heights), **look),
            marks.text(
                np.full(companies, classes - 0.5),
                heights,
                answers,
                theme.text,
                14,
                textposition="middle right",
                cliponaxis=False,
            ),
        ],
        "layout": _classes_by_company(result, theme, classes, heights),
        "frames": frames(
            result.steps, [0, 1], lambda column: _moved(probability[column], result.sample.label)
        ),
    }


def _answers(probability: NDArray[np.float32], truth: int) -> tuple[NDArray[np.uint8], list[str]]:
    """Cells, and the answer that stands beside each company, from (companies, classes)."""
    values = np.nan_to_num(probability)
    known, best = np.isfinite(probability).all(), values.argmax(1)
    told = [
        f"{SPACE}<b>{name} {'✓' if name == truth else '✗'}</b>{SPACE}{100 * one:.0f} %"
        if known
        else ""
        for name, one in zip(best, values.max(1), strict=True)
    ]
    return np.rint(LEVELS * values).astype(np.uint8), told


def _moved(probability: NDArray[np.float32], truth: int) -> list[Trace]:
    cells, answers = _answers(probability, truth)
    return [{"type": "heatmap", "z": packed(cells)}, {"text": answers}]


def _classes_by_company(
    result: ModesResult, theme: Theme, classes: int, heights: NDArray[np.int64]
) -> dict[str, Any]:
    """A column for each class, a row for each company; the true class is framed."""
    size, label, rows = result.config.whole(), result.sample.label, len(heights)
    mates = f"with {size - 1} other{'' if size == 2 else 's'}"
    names = ["training, alone", mates, "with yet others", "with its own class", "<b>inference</b>"]
    across, up = [-0.55, classes - 0.45], [-0.55, rows - 0.45]
    ticks = {"tickvals": [int(height) for height in heights], "ticktext": names}
    truth = {
        "x": label,
        "y": rows - 0.48,
        "text": "<b>the truth</b>",
        "showarrow": False,
        "yanchor": "bottom",
        "font": {"size": 13, "color": theme.text},
    }
    seed = seed_named(0, result.config.seeds)
    title = f"predicted class{f', {seed}' if seed else ''}"
    columns = {"tickvals": list(range(classes)), "range": across}
    return layout(
        theme,
        HEIGHT,
        margin={"l": 52, "r": 100, "t": 24, "b": 44},
        xaxis=axis(theme, title, showgrid=False, **columns),
        yaxis=axis(theme, "", range=up, showgrid=False, **ticks),
        shapes=[
            _box(label - 0.5, label + 0.5, -0.5, rows - 0.5, theme.text, 2),
            _box(across[0], across[1], 0.5, 0.5, theme.muted, 1),
        ],
        annotations=[truth],
    )


def _box(x0: float, x1: float, y0: float, y1: float, colour: str, width: float) -> Trace:
    line = {"color": colour, "width": width}
    return {"type": "rect", "x0": x0, "x1": x1, "y0": y0, "y1": y1, "line": line}
