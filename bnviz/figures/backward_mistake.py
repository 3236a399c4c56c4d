"""The mistake in the backward pass in a picture: what constants for the statistics cost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from bnviz.figures import marks
from bnviz.figures.base import Figure, axis, band, heading, last_seen, layout, log_axis, over_seeds
from bnviz.figures.marks import Trace, on
from bnviz.figures.once import drawn_once
from bnviz.figures.theme import Theme, translucent

if TYPE_CHECKING:
    from bnviz.experiments.backward_mistake import MistakeResult

NAMES = ("right", "mistaken")


@drawn_once
def mistake(results: list[MistakeResult], theme: Theme) -> Figure:
    """Training loss above, growth of the weights below; a column for each learning rate.

    Lines: median of the seeds; bands: their range. Solid: the right gradient; dotted: mean and
    variance as constants.
    """
    losses = [np.clip(result.loss.astype(np.float64), 1e-3, 10) for result in results]
    growths = [np.clip(result.growth.astype(np.float64), 0.1, 100) for result in results]
    ranges = (_range(losses), _range(growths))
    data: list[Trace] = []
    axes: dict[str, Any] = {}
    for column, result in enumerate(results):
        for panel, values in enumerate((losses[column], growths[column])):
            there = on(2 * column + panel + 1)
            for route, name in enumerate(NAMES):
                data += _route(result, values[route], name, theme, there)
            axes |= _axes(results, column, panel, ranges[panel], theme)
    font = {"size": 14, "color": theme.text}
    notes = [
        heading(name, column / len(results) + 0.03, 1.0, theme, font=font)
        for column, name in enumerate(f"rate {one.config.learning_rate:g}" for one in results)
    ]
    margin = {"l": 60, "r": 8, "t": 30, "b": 46}
    return {
        "data": data,
        "layout": layout(theme, 430, margin=margin, annotations=notes, **axes),
    }


def _axes(
    results: list[MistakeResult],
    column: int,
    panel: int,
    ends: tuple[float, float],
    theme: Theme,
) -> dict[str, Any]:
    """Those of one picture: its column is that of the learning rate, the panel 0 on top."""
    number, width = 2 * column + panel + 1, 1 / len(results)
    start, last = column * width, results[column].steps[-1]
    shares = (0, 0.5, 1) if column == len(results) - 1 else (0, 0.5)  # the next begins at its end
    across = {
        "domain": [start + (0.02 if column else 0.0), start + width - 0.02],
        "range": [0, float(last)],
        "tickvals": [int(share * last) for share in shares],
        "showticklabels": bool(panel),
    }
    up = {
        "domain": [0.0, 0.42] if panel else [0.56, 0.98],
        "showticklabels": not column,
    }
    title = ("training loss (log)", "length of weights (log)")[panel]
    fixed = {"fixedrange": True}
    return {
        f"xaxis{number}": axis(
            theme, "step" if panel else "", anchor=f"y{number}", **across, **fixed
        ),
        f"yaxis{number}": log_axis(
            theme, "" if column else title, ends, anchor=f"x{number}", **up, **fixed
        ),
    }


def _range(values: list[NDArray[np.float64]]) -> tuple[float, float]:
    """An axis, in powers of ten, for all columns."""
    known = np.concatenate([one[np.isfinite(one)].ravel() for one in values] + [np.ones(1)])
    return float(np.log10(known.min() * 0.8)), float(np.log10(known.max() * 1.25))


def _route(
    result: MistakeResult,
    values: NDArray[np.float64],
    name: str,
    theme: Theme,
    there: dict[str, str],
) -> list[Trace]:
    right = name == NAMES[0]
    middle, low, high = over_seeds(values)
    colour = theme.batch if right else theme.text
    spread = band(result.steps, low, high, "batch", theme, **there)
    spread |= {"fillcolor": translucent(colour, theme.band), "name": f"{name}, all seeds"}
    last = last_seen(middle, len(middle) - 1)
    return [
        spread,
        marks.stroke(
            result.steps,
            middle,
            colour,
            2.5,
            line={"dash": "solid" if right else "dot"},
            hovertemplate=f"step %{{x:.0f}}: %{{y:.3g}}<extra>{name}</extra>",
            **there,
        ),
        marks.text(
            [result.steps[last]],
            [(low if right else high)[last]],
            [f"<b>{name}</b>"],
            colour,
            13,
            textposition="bottom left" if right else "top left",
            cliponaxis=False,
            **there,
        ),
    ]
