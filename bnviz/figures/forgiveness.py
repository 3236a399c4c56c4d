"""Maps of what trains: plain, BN and their difference, and how wide the windows of rates are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from bnviz.figures import marks
from bnviz.figures.base import Figure, axis, frames, heading, layout, line, packed
from bnviz.figures.once import drawn_once
from bnviz.figures.theme import BALANCE_SCALE, LABEL, MAP_SCALE, TREATMENTS, Theme
from bnviz.verdicts import forgiveness as verdicts

if TYPE_CHECKING:
    from bnviz.experiments.forgiveness import ForgivenessResult

Cell = tuple[int, int]
"""Row and column."""

HEIGHT = 310
SYMBOLS = {"plain": "diamond", "batch": "circle"}


@drawn_once
def accuracy(result: ForgivenessResult, theme: Theme, treatment: str, marked: Cell) -> Figure:
    """Test accuracy of every setting, mean over the seeds; a cross where most seeds diverged.

    Frames: the recorded steps. Both treatments have the same axes and the same scale.
    """
    place = TREATMENTS.index(treatment)
    percent = np.rint(100 * _filled(result, result.mean()[place])).astype(np.uint8)
    gone = result.diverged()[place]

    def at(column: int) -> list[dict[str, Any]]:
        rows, columns = np.nonzero(gone[column])
        return [
            {"type": "heatmap", "z": packed(percent[column])},
            {"x": packed(columns.astype(np.uint8)), "y": packed(rows.astype(np.uint8))},
            {"text": [_read(result, place, column, marked)]},
        ]

    z, crosses, read = at(len(result.steps) - 1)
    heat = _heat(result, theme, MAP_SCALE, (0, 100), "test accuracy (%)") | z
    heat["hovertemplate"] = f"{LABEL[treatment]}: %{{z}} %<br>{_cell(result)}<extra></extra>"
    dead = {
        "type": "scatter",
        "mode": "markers",
        "marker": {"symbol": "x-thin", "size": 6, "line": {"width": 1, "color": MAP_SCALE[3][1]}},
        "hoverinfo": "skip",
        **crosses,
    }
    title = f"<b>{LABEL[treatment]}</b>"
    return {
        "data": [heat, dead, _corner(result, theme) | read],
        "layout": _layout(result, theme, title, theme.colour(treatment), marked),
        "frames": frames(result.steps, [0, 1, 2], at),
    }


def _read(result: ForgivenessResult, treatment: int, column: int, marked: Cell) -> str:
    """What the marked cell reaches, and how many cells train, at a record.

    Above BN's map also how many times as many as without it, which is the point of the two.
    """
    plain, batch = (int(count) for count in result.trains()[:, column].sum(axis=(1, 2)))
    reached = result.mean()[(treatment, column, *marked)]
    cell = f"marked {100 * reached:.0f} % · " if np.isfinite(reached) else ""
    trained = batch if TREATMENTS[treatment] == "batch" else plain
    shown = trained == batch > plain > 0 and _times(batch / plain) != _times(1)
    more = f" (× {_times(batch / plain)})" if shown else ""
    return f"{cell}<b>{trained} of {result.cells()} train{more}</b>"


def _times(ratio: float) -> str:
    """As the headline has it."""
    return f"{ratio:.1f}" if ratio < 100 else f"{ratio:.0f}"


def _corner(result: ForgivenessResult, theme: Theme) -> dict[str, Any]:
    """Words above the right end of a map."""
    x, y = len(result.rates) - 0.5, len(result.config.rows) - 0.5
    return marks.text([x], [y], [""], theme.text, 12, textposition="top left", cliponaxis=False)


@drawn_once
def difference(result: ForgivenessResult, theme: Theme, marked: Cell) -> Figure:
    """BN minus plain, in points of test accuracy. Frames: the recorded steps."""
    plain, batch = result.mean()
    points = np.rint(100 * _filled(result, batch - plain)).astype(np.int16)

    def at(column: int) -> list[dict[str, Any]]:
        return [{"type": "heatmap", "z": packed(points[column])}]

    heat = _heat(result, theme, BALANCE_SCALE, (-100, 100), "BN ahead by (percentage points)")
    heat |= at(len(result.steps) - 1)[0]
    heat["hovertemplate"] = (
        f"BN minus plain: %{{z}} percentage points<br>{_cell(result)}<extra></extra>"
    )
    return {
        "data": [heat],
        "layout": _layout(result, theme, "<b>difference</b>", theme.text, marked),
        "frames": frames(result.steps, [0], at),
    }


def _filled(result: ForgivenessResult, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Values (T, rows, columns), each missing cell like the coarse one that it belongs to."""
    shown = [
        known[np.maximum(0, np.searchsorted(known, range(size), side="right") - 1)]
        for known, size in zip(result.known(), values.shape[1:], strict=True)
    ]
    coarse = values[:, shown[0][:, None], shown[1]]
    return np.nan_to_num(np.where(np.isnan(values), coarse, values))


def _cell(result: ForgivenessResult) -> str:
    return f"learning rate %{{text}}<br>{result.config.against} %{{y}}"


def _heat(
    result: ForgivenessResult,
    theme: Theme,
    scale: list[list[Any]],
    ends: tuple[int, int],
    title: str,
) -> dict[str, Any]:
    return {
        "type": "heatmap",
        # no customdata: a click then tells the cell's column and row
        "text": [[f"{rate:g}" for rate in result.rates]] * len(result.config.rows),
        "zmin": ends[0],
        "zmax": ends[1],
        "xgap": 1,
        "ygap": 1,
        "colorscale": scale,
        "colorbar": {
            "orientation": "h",
            "x": 0.5,
            "y": -0.27,
            "yanchor": "top",
            "len": 1.0,
            "thickness": 10,
            "outlinewidth": 0,
            "nticks": 5,
            "title": {
                "text": title,
                "side": "bottom",
                "font": {"size": 12, "color": theme.muted},
            },
            "tickfont": {"size": 12, "color": theme.muted},
        },
    }


def _layout(
    result: ForgivenessResult, theme: Theme, title: str, colour: str, marked: Cell
) -> dict[str, Any]:
    config = result.config
    row, column = marked
    frame = {
        "type": "rect",
        "x0": column - 0.5,
        "x1": column + 0.5,
        "y0": row - 0.5,
        "y1": row + 0.5,
    }
    return layout(
        theme,
        HEIGHT,
        margin={"l": 44, "r": 8, "t": 26, "b": 98},
        xaxis=_rate_axis(result, theme),
        yaxis=_row_axis(result, theme, range=[-0.5, len(config.rows) - 0.5], showgrid=False),
        shapes=[
            frame | {"line": {"color": theme.background, "width": 6}},
            frame | {"line": {"color": theme.text, "width": 2.5}},
        ],
        annotations=[
            heading(title, 0, 1, theme, font={"size": 16, "color": colour}) | {"xshift": -2},
        ],
    )


def _rate_axis(result: ForgivenessResult, theme: Theme) -> dict[str, Any]:
    shown = range(0, len(result.rates), 4)
    return axis(
        theme,
        "learning rate (log)",
        tickvals=list(shown),
        ticktext=[f"{result.rates[place]:g}" for place in shown],
        tickangle=0,
        range=[-0.5, len(result.rates) - 0.5],
        showgrid=False,
    )


def _row_axis(result: ForgivenessResult, theme: Theme, **more: Any) -> dict[str, Any]:
    config = result.config
    return axis(
        theme,
        "hidden layers" if config.against == "depth" else config.against,
        tickvals=list(range(len(config.rows))),
        ticktext=[f"{value:g}" for value in config.rows],
        **more,
    )


@drawn_once
def windows(result: ForgivenessResult, theme: Theme) -> Figure:
    """How many learning rates train in each row. Frames: the recorded steps."""
    counts = verdicts.windows(result)
    rows, rates = result.known()[0], len(result.known()[1])
    shown = counts[:, :, rows].astype(np.uint8)

    def at(column: int) -> list[dict[str, Any]]:
        here = shown[:, column]
        return [{"y": packed(points)} for row in here for points in (row, row[-1:])]

    last = at(len(result.steps) - 1)
    higher = TREATMENTS[int(shown[1, -1, -1] >= shown[0, -1, -1])]
    along = rows.astype(np.uint8)
    data = []
    for treatment, name in enumerate(TREATMENTS):
        points, end = last[2 * treatment : 2 * treatment + 2]
        many = f"{LABEL[name]}: %{{y}} of {rates} rates<br>{result.config.against} %{{x}}"
        data.append(
            line(along, shown[treatment, -1], name, theme, mode="lines+markers")
            | {"marker": {"size": 9, "symbol": SYMBOLS[name]}, "cliponaxis": False}
            | {"hovertemplate": f"{many}<extra></extra>"}
            | points
        )
        data.append(_at_its_end(along, name, "top" if name == higher else "bottom", theme) | end)
    top = 1 + max(4, int(counts.max()))
    return {
        "data": data,
        "layout": layout(
            theme,
            330,
            margin={"l": 52, "r": 24, "t": 40, "b": 44},  # right: the names, on a phone as well
            xaxis=_row_axis(result, theme, range=[-0.3, len(result.config.rows) + 0.1]),
            yaxis=axis(theme, f"rates that train, of {rates}", range=[-0.08 * top, top]),
        ),
        "frames": frames(result.steps, range(4), at),
    }


def _at_its_end(along: NDArray[np.uint8], name: str, side: str, theme: Theme) -> dict[str, Any]:
    """The name of a line, at its last point; an unseen dot keeps the two names apart."""
    return {
        "type": "scatter",
        "mode": "markers+text",
        "marker": {"size": 9, "opacity": 0},
        "x": packed(along[-1:]),
        "text": [f"<b>{LABEL[name]}</b>"],
        "textposition": f"{side} right",
        "textfont": {"size": 15, "color": theme.colour(name)},
        "cliponaxis": False,
        "hoverinfo": "skip",
    }
