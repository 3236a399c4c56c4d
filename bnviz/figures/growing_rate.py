"""A learning rate that grows without end: test accuracy above, the rate below."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from bnviz.axes import DECAYING, GROWING, PLAIN_GROWING
from bnviz.figures import marks
from bnviz.figures.base import Figure, axis, heading, layout, log_axis, over_seeds
from bnviz.figures.marks import on
from bnviz.figures.once import drawn_once
from bnviz.figures.theme import Theme

if TYPE_CHECKING:
    from bnviz.experiments.growing_rate import GrowingResult

HEIGHT = 440
DASHES = {DECAYING: "dot", GROWING: "solid", PLAIN_GROWING: "dash"}
NAMES = {
    DECAYING: "BN, weight decay (dotted)",
    GROWING: "BN, growing rate (solid)",
    PLAIN_GROWING: "plain, growing rate (dashed)",
}
LOST = "most seeds diverged"
DOMAINS = ([0.0, 0.47], [0.53, 1.0])


@drawn_once
def growing(results: Sequence[GrowingResult], theme: Theme) -> Figure:
    """A column for each growth: the median test accuracy of every kind, and the rates (log).

    A curve ends, with a cross, where most of its seeds have diverged.
    """
    top = 2 * max(float(result.rate[-1]) for result in results)
    data: list[dict[str, Any]] = []
    axes: dict[str, Any] = {}
    for place, result in enumerate(results):
        data += _column(result, place, theme)
        axes |= _axes(result, place, top, theme)
    return {
        "data": data,
        "layout": layout(
            theme,
            HEIGHT,
            margin={"l": 56, "r": 12, "t": 66, "b": 46},
            annotations=[*_legend(theme), *_titles(results, theme)],
            **axes,
        ),
    }


def _column(result: GrowingResult, place: int, theme: Theme) -> list[dict[str, Any]]:
    upper, lower = on(2 * place + 1), on(2 * place + 2)
    traces = []
    for row, dash in DASHES.items():
        middle = _of_most(result.test_accuracy[row].astype(np.float64))
        look = {"line": {"dash": dash}, "name": NAMES[row], "hovertemplate": "%{y:.0%}"}
        traces.append(marks.stroke(result.steps, middle, _colour(row, theme), 2.5, **look, **upper))
        ended = np.flatnonzero(np.isfinite(middle))[-1:]
        if len(ended) and ended[0] + 1 < len(middle):
            x, y = result.steps[ended], middle[ended]
            cross = marks.crosses(x, y, _colour(row, theme), theme.background, name=LOST, **upper)
            traces.append(cross)
    constant = np.full(len(result.steps), result.config.learning_rate)
    for rate, dash in ((constant, "dot"), (result.rate, "solid")):
        look = {"line": {"dash": dash}, "name": "rate", "hovertemplate": "%{y:.3g}"}
        traces.append(marks.stroke(result.steps, rate, theme.text, 2, **look, **lower))
    return traces


def _of_most(accuracy: NDArray[np.float64]) -> NDArray[np.float64]:
    """The median over the seeds, (T,); NaN from where on fewer than half of them have a number."""
    alive = 2 * np.isfinite(accuracy).sum(axis=0) >= len(accuracy)
    return np.where(alive, over_seeds(accuracy)[0], np.nan)


def _colour(row: int, theme: Theme) -> str:
    return theme.plain if row == PLAIN_GROWING else theme.batch


def _axes(result: GrowingResult, place: int, top: float, theme: Theme) -> dict[str, Any]:
    first, second = 2 * place + 1, 2 * place + 2
    room: dict[str, Any] = {"range": [0, float(result.steps[-1])], "domain": DOMAINS[place]}
    named = place == 0
    return {
        f"xaxis{first}": axis(theme, "", anchor=f"y{first}", showticklabels=False, **room),
        f"xaxis{second}": axis(theme, "training step", anchor=f"y{second}", **room),
        f"yaxis{first}": axis(
            theme, "test accuracy" if named else "", range=[-0.03, 1.05], tickformat=".0%",
            domain=[0.4, 1.0], anchor=f"x{first}", showticklabels=named,
        ),
        f"yaxis{second}": log_axis(
            theme, "learning rate (log)" if named else "", (-1.3, float(np.log10(top))),
            domain=[0.0, 0.32], anchor=f"x{second}", showticklabels=named,
        ),
    }  # fmt: skip


def _titles(results: Sequence[GrowingResult], theme: Theme) -> list[dict[str, Any]]:
    return [
        heading(
            f"to a rate of {_round(float(result.rate[-1]))}",
            DOMAINS[place][0], 1.0, theme, font={"size": 13, "color": theme.text},
        )
        for place, result in enumerate(results)
    ]  # fmt: skip


def _round(rate: float) -> str:
    """In two digits: 5.5, 310."""
    return f"{float(f'{rate:.2g}'):g}"


def _legend(theme: Theme) -> list[dict[str, Any]]:
    """The three names above both columns, each in its colour, with its line's style in words."""
    return [
        heading(
            f"<b>{NAMES[row]}</b>", 0.0, 1.02, theme, yshift=44 - 15 * place,
            font={"size": 12, "color": _colour(row, theme)},
        )
        for place, row in enumerate(NAMES)
    ]  # fmt: skip
