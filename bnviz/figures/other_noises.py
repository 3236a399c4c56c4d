"""Dropout and the batch size, beside the noise of the chunks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from bnviz.axes import PLAIN
from bnviz.figures import marks
from bnviz.figures.base import Figure, axis, band, layout, line, names_beside, over_seeds
from bnviz.figures.marks import Trace
from bnviz.figures.noise import named
from bnviz.figures.once import drawn_once
from bnviz.figures.redrawn_batches import label, size_axis
from bnviz.figures.theme import LABEL, TREATMENTS, Theme
from bnviz.verdicts.noise import WHOLE, judge

if TYPE_CHECKING:
    from bnviz.experiments.noise import NoiseResult
    from bnviz.experiments.other_noises import PairResult

Numbers = NDArray[Any]


@drawn_once
def dropout(result: NoiseResult, pairs: Sequence[PairResult], theme: Theme) -> Figure:
    """Test accuracy against the rate of dropout, plain and BN, beside the best chunk size."""
    rates = np.array([0.0, *(pair.config.dropout for pair in pairs)])
    without = result.test_accuracy[[PLAIN, WHOLE], :, -1]
    ends = np.stack([without, *(pair.test_accuracy for pair in pairs)], axis=-1)
    data = [*_pair(rates, ends, theme), *_best_chunk(result, np.array([-0.04, 0.75]), theme)]
    across = axis(theme, "dropout rate", range=[-0.04, 0.75], tickformat=".0%")
    return _of_pairs(data, across, theme)


@drawn_once
def sweep(result: NoiseResult, pairs: Sequence[PairResult], theme: Theme) -> Figure:
    """Test accuracy against batch size, plain and BN, beside BN against chunk size."""
    sizes = np.array([pair.config.batch_size for pair in pairs])
    ends = np.stack([pair.test_accuracy for pair in pairs], axis=-1)
    chunks, middle = np.log2(result.chunks), over_seeds(result.test_accuracy[1:, :, -1].T)[0]
    by_chunk = marks.scatter(
        chunks,
        middle,
        "lines+markers",
        line={"color": theme.text, "width": 2, "dash": "dot"},
        marker={"size": 8, "symbol": "square-open", "color": theme.text},
        hovertemplate="%{y:.1%}<extra>BN, by ghost batch size</extra>",
    )
    name = label(result.chunks, middle, "BN by ghost batch", "bottom right", theme.text)
    shown = np.unique(np.concatenate([sizes, result.chunks]))
    across = size_axis(shown, theme)
    across["title"]["text"] = "batch size, or ghost batch size (log)"
    return _of_pairs([by_chunk, name, *_pair(np.log2(sizes), ends, theme)], across, theme)


def _pair(x: Numbers, ends: Numbers, theme: Theme) -> list[Trace]:
    """Both treatments as line, dots and range; ends: (2, seeds, places)."""
    data: list[Trace] = []
    order, last = np.argsort(x), []
    for values, treatment, symbol in zip(
        ends.astype(np.float64), TREATMENTS, ("diamond", "circle"), strict=True
    ):
        middle, low, high = over_seeds(values[:, order])
        data += [
            band(x[order], low, high, treatment, theme),
            line(
                x[order],
                middle,
                treatment,
                theme,
                mode="lines+markers",
                marker={"size": 9, "symbol": symbol, "color": theme.colour(treatment)},
                hovertemplate=f"%{{y:.1%}}<extra>{LABEL[treatment]}</extra>",
            ),
        ]
        last.append(float(middle[-1]))
    for treatment, y, side in zip(TREATMENTS, last, names_beside([1.0, 1.0], last), strict=True):
        data.append(named(treatment, x[order][-1], y, side, theme, LABEL[treatment]))
    return data


def _best_chunk(result: NoiseResult, ends: Numbers, theme: Theme) -> list[Trace]:
    """A level line: BN in the best chunks, without dropout."""
    best = judge(result).best
    if not best:
        return []
    level = best.accuracy
    return [
        marks.scatter(
            ends,
            [level, level],
            "lines+text",
            line={"color": theme.text, "width": 1.5, "dash": "dot"},
            text=[f"BN in ghost batches of {best.size}, no dropout", ""],
            textposition="top right",
            textfont={"size": 13, "color": theme.text},
            hovertemplate="%{y:.1%}<extra></extra>",
        )
    ]


def _of_pairs(data: list[Trace], across: Trace, theme: Theme) -> Figure:
    return {
        "data": data,
        "layout": layout(
            theme,
            360,
            xaxis=across,
            yaxis=axis(theme, "test accuracy", range=[-0.02, 1.1], tickformat=".0%", dtick=0.2),
            margin={"l": 52, "r": 12, "t": 12, "b": 48},
        ),
    }
