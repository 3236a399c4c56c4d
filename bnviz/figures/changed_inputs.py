"""Changed inputs: what a first layer sees of them, and who is right about them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from bnviz.figures import marks
from bnviz.figures.base import Figure, axis, heading, layout, over_seeds, packed
from bnviz.figures.marks import Trace, on
from bnviz.figures.once import drawn_once
from bnviz.figures.theme import Theme, translucent

if TYPE_CHECKING:
    from bnviz.experiments.changed_inputs import Inputs

HEIGHT = 410
INK = 2.6  # of a pixel that is drawn as dark as can be

Numbers = NDArray[Any]


def seen_and_judged(of: Inputs, theme: Theme) -> tuple[Figure, Figure]:
    """What a first layer sees of the changed inputs, and who is right about them."""
    return inputs(of, theme), worlds(of, theme)


@drawn_once
def inputs(of: Inputs, theme: Theme) -> Figure:
    """What a first layer sees of the test set as it was, and changed; on the left a sample."""
    rows = range(len(of.worlds))
    axes: dict[str, Any] = {}
    for row in rows:
        axes |= _row_axes(of, row, theme) | _sample_axes(of, row)
    said = "<b>filled</b>: test · <b>dotted</b>: training"
    tops = [_domain(len(rows), row)[1] - 0.02 for row in rows]
    notes = [
        heading(f"<b>{world}</b>", 0.31, top, theme, yanchor="top")
        for world, top in zip(of.worlds, tops, strict=True)
    ]
    notes.append(heading(said, 0.3, 1.0, theme, font={"size": 12, "color": theme.muted}))
    return {
        "data": [trace for row in rows for trace in _row(of, row, theme)],
        "layout": layout(
            theme, HEIGHT, annotations=notes, margin={"l": 12, "r": 12, "t": 30, "b": 48}, **axes
        ),
    }


def _domain(rows: int, row: int) -> list[float]:
    """From where to where one of so many rows goes, as shares of the height."""
    low = 1 - (row + 0.86) / rows
    return [low, low + 0.72 / rows]


def _row(of: Inputs, row: int, theme: Theme) -> list[Trace]:
    """One world: the densities of its values and of the training set's, and a sample of it."""
    centres = (of.edges[:-1] + of.edges[1:]) / 2
    steps = {"line": {"shape": "hvh"}, "hoverinfo": "skip"} | on(row + 1)
    dotted = steps | {"line": {"shape": "hvh", "dash": "dot"}}
    filled = {"fill": "tozeroy", "fillcolor": translucent(theme.text, 0.22)}
    return [
        marks.stroke(centres, of.seen[row + 1], theme.text, 1.5, **steps, **filled),
        marks.stroke(centres, of.seen[0], theme.muted, 2, **dotted),
        _sample(of, row, theme),
    ]


def _row_axes(of: Inputs, row: int, theme: Theme) -> dict[str, Any]:
    place, last = str(row + 1) if row else "", row == len(of.worlds) - 1
    title = "value of a unit (training: 0 ± 1)" if last else ""
    highest = 1.15 * float(of.seen.max())
    across = {"domain": [0.3, 1], "anchor": f"y{place}", "range": [-4, 4], "dtick": 2}
    up = {"domain": _domain(len(of.worlds), row), "anchor": f"x{place}", "range": [0, highest]}
    return {
        f"xaxis{place}": axis(theme, title, showticklabels=last, **across),
        f"yaxis{place}": axis(theme, "", showticklabels=False, **up),
    }


def _sample(of: Inputs, row: int, theme: Theme) -> Trace:
    """An image, points of the plane, or a bar for each feature of a table; on axes of their own."""
    values, number = of.samples[row], row + 1 + len(of.worlds)
    if of.kind == "points":
        x, y = values.reshape(-1, 2).T
        return marks.points(x, y, theme.text, 3, hoverinfo="skip", **on(number))
    if of.kind == "table":
        look = {"marker": {"color": theme.text}, "hoverinfo": "skip"} | on(number)
        places = np.arange(1, len(values) + 1)
        return {"type": "bar", "x": packed(places), "y": packed(values)} | look
    shades = [[0, translucent(theme.text, 0.06)], [1, theme.text]]
    image = values.reshape(8, 8)[::-1]  # the first row of an image is its top
    return marks.heatmap(image, zmin=0, zmax=INK, colorscale=shades, **on(number))


def _sample_axes(of: Inputs, row: int) -> dict[str, Any]:
    rows = len(of.samples)
    number = row + 1 + rows
    bare = {"visible": False, "constrain": "domain"}
    reach = 1.1 * float(np.abs(of.samples).max())
    ends = [-0.5, 7.5] if of.kind == "images" else [-reach, reach]
    features = [0.0, of.samples.shape[1] + 1.0]
    across = {"domain": [0, 0.25], "anchor": f"y{number}"}
    across["range"] = features if of.kind == "table" else ends
    up = {"domain": _domain(rows, row), "anchor": f"x{number}", "range": ends}
    square = {} if of.kind == "table" else {"scaleanchor": f"x{number}"}
    return {f"xaxis{number}": bare | across, f"yaxis{number}": bare | up | square}


@drawn_once
def worlds(of: Inputs, theme: Theme) -> Figure:
    """Who is right on the test set as it was, and changed: bars, with the range of the seeds."""
    middle, low, high = over_seeds(np.moveaxis(of.accuracy.astype(np.float64), -1, 0))
    legend = {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"}
    font = {"size": 12, "color": theme.text}
    return {
        "data": [
            _bars(of, name, marker, [spans[judge] for spans in (middle, low, high)], theme)
            for judge, (name, marker) in enumerate(_looks(theme).items())
        ],
        "layout": layout(
            theme,
            HEIGHT,
            barmode="group",
            bargap=0.19,
            showlegend=True,
            legend=legend | {"font": font},
            annotations=_heights(middle, high, theme),
            xaxis=axis(theme, "", tickfont={"size": 14, "color": theme.text}),
            yaxis=axis(theme, "test accuracy", range=[0, 1.1], tickformat=".0%", dtick=0.2),
            margin={"l": 52, "r": 12, "t": 56, "b": 48},
        ),
    }


def _looks(theme: Theme) -> dict[str, dict[str, Any]]:
    """The judges, by name, in the order of the rows of `accuracy`."""
    hollow = {
        "color": translucent(theme.batch, 0.15),
        "line": {"color": theme.batch, "width": 2.5},
    }
    return {
        "plain": {"color": theme.plain, "pattern": {"shape": "/", "size": 6}},
        "BN": {"color": theme.batch},
        "BN, statistics of these inputs": hollow,
    }


def _bars(
    of: Inputs, name: str, marker: dict[str, Any], spans: list[Numbers], theme: Theme
) -> Trace:
    """One judge on every test set; spans: median, lowest and highest, (worlds,) each."""
    middle, low, high = spans
    known = np.isfinite(middle)
    return {
        "type": "bar",
        "x": list(of.worlds),
        "y": packed(np.where(known, middle, 0.0)),
        "error_y": {
            "type": "data",
            "symmetric": False,
            "array": packed(np.where(known, high - middle, 0.0)),
            "arrayminus": packed(np.where(known, middle - low, 0.0)),
            "color": theme.muted,
            "thickness": 1.2,
            "width": 3,
        },
        "name": name,
        "marker": marker,
        "hovertemplate": f"%{{x}}: %{{y:.0%}}<extra>{name}</extra>",
    }


def _heights(middle: Numbers, high: Numbers, theme: Theme) -> list[Trace]:
    """What each bar says, above it."""
    return [
        {
            "text": f"{100 * middle[judge, world]:.0f}" if known else "lost",
            "x": world + 0.27 * (judge - 1),
            "y": float(np.nan_to_num(high[judge, world])),
            "showarrow": False,
            "yanchor": "bottom",
            "font": {"size": 12, "color": theme.text},
        }
        for (judge, world), known in np.ndenumerate(np.isfinite(middle))
    ]
