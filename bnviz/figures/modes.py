"""The pictures of the two modes: one sample, the gap over training, by momentum, by batch size."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from bnviz.axes import FIRST_MOMENTUM, LEVELS, OWN_BATCH, PRECISE
from bnviz.figures import marks
from bnviz.figures.base import (
    Figure,
    axis,
    band,
    frames,
    layout,
    line,
    over_seeds,
    packed,
    seed_named,
)
from bnviz.figures.marks import Trace
from bnviz.figures.named_lines import (
    HAIR,
    HEIGHT,
    MARGIN,
    SPACE,
    Label,
    Numbers,
    Scale,
    growing,
    last,
    named_line,
    places,
    twice,
    until,
    with_markers,
)
from bnviz.figures.once import drawn_once
from bnviz.figures.theme import Theme

if TYPE_CHECKING:
    from bnviz.experiments.modes import ModesResult

MEASURES = ("accuracy", "loss")
PRECISE_DASH = "longdashdot"
FIRST = 300  # pixels: the height of the first picture
ROOM = {**MARGIN, "r": 108}  # for the names


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
    mates = "with 1 other" if size == 2 else f"with {size - 1} others"
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
        FIRST,
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


def _chosen(result: ModesResult, measure: str) -> tuple[Numbers, Numbers]:
    """(BN by way, plain) in this measure."""
    if measure == "loss":
        return result.test_loss.astype(np.float64), result.plain_loss.astype(np.float64)
    return result.test_accuracy.astype(np.float64), result.plain_accuracy.astype(np.float64)


def _curves(
    x: Numbers, own: Numbers, exact: Numbers, running: Numbers, theme: Theme
) -> list[Trace]:
    """BN in training mode, with precise statistics, and in inference mode."""
    return [
        named_line(x, own, "batch statistics", theme.batch, "dot", 2.5),
        named_line(x, exact, "whole training set", theme.text, PRECISE_DASH, 1.8),
        named_line(x, running, "running averages", theme.batch, "solid", 3),
    ]


def _plain(x: Numbers, plain: Numbers, theme: Theme) -> Trace:
    return line(x, plain, "plain", theme, hovertemplate="%{y:.3g}<extra>plain</extra>")


def _labels(theme: Theme, heights: Sequence[float]) -> list[Label]:
    """heights: of training mode, precise statistics, running averages and plain."""
    names = ("batch<br>statistics", "whole<br>training set", "running<br>averages", "plain")
    colours = (theme.batch, theme.text, theme.batch, theme.plain)
    return list(zip(names, heights, colours, strict=True))


@drawn_once
def over_training(result: ModesResult, theme: Theme, measure: str = "accuracy") -> Figure:
    """The test set in both modes over training, with precise statistics, and without BN."""
    ways, plain = _chosen(result, measure)
    shown = [ways[OWN_BATCH], ways[PRECISE], ways[result.running], plain]
    scale = Scale(measure, np.concatenate([values.ravel() for values in shown]))
    ranges, x = [over_seeds(scale.drawn(values)) for values in shown], result.steps

    def at(column: int) -> list[Trace]:
        seen, (own, exact, running, without) = slice(column + 1), until(column, ranges)
        ends = [last(middle) for middle, _, _ in (own, exact, running, without)]
        return [
            band(x[seen], *own[1:], "batch", theme),
            band(x[seen], *running[1:], "batch", theme),
            band(x[seen], *without[1:], "plain", theme),
            *_curves(x[seen], own[0], exact[0], running[0], theme),
            _plain(x[seen], without[0], theme),
            *scale.labels(_labels(theme, ends), float(x[-1]), 2),
        ]

    return growing(x, theme, scale.axis(theme), at, margin=ROOM)


@drawn_once
def by_momentum(result: ModesResult, theme: Theme, measure: str = "loss") -> Figure:
    """The test set in inference mode against the momentum, and what does not depend on it."""
    ways, plain = _chosen(result, measure)
    scale = Scale(measure, np.concatenate([ways.ravel(), plain.ravel()]))
    momenta = result.config.momenta()

    def at(column: int) -> list[Trace]:
        return _at_record(result, theme, scale, ways[:, :, column], plain[:, column])

    x, ends = _places(momenta)
    traces = at(len(result.steps) - 1)
    return {
        "data": traces,
        "layout": layout(
            theme,
            HEIGHT,
            margin={**ROOM, "b": 80},
            xaxis=axis(
                theme,
                "PyTorch's momentum (log)<br>in brackets: as in many texts",
                range=[float(ends[0]), float(ends[1]) + HAIR],
                tickvals=[float(one) for one in x],
                ticktext=[f"{m:g}<br>({round(1 - m, 6):g})" for m in momenta],
            ),
            yaxis=scale.axis(theme),
        ),
        "frames": frames(result.steps, range(len(traces)), lambda column: places(at(column))),
    }


def _places(momenta: Sequence[float]) -> tuple[Numbers, Numbers]:
    """Where the momenta stand on the axis, and where it begins and ends."""
    x, edge = np.log10(momenta), 0.12
    return x, np.array([x[0] - edge, x[-1] + edge])


def _at_record(
    result: ModesResult, theme: Theme, scale: Scale, ways: Numbers, plain: Numbers
) -> list[Trace]:
    """One record: ways (ways, seeds), plain (seeds,)."""
    momenta = result.config.momenta()
    x, ends = _places(momenta)
    middle, low, high = over_seeds(scale.drawn(ways).T)
    level = float(over_seeds(scale.drawn(plain)[:, None])[0][0])
    curve, place = middle[FIRST_MOMENTUM:], momenta.index(result.config.momentum)
    own, exact = float(middle[OWN_BATCH]), float(middle[PRECISE])
    training, precise, running = _curves(ends, twice(own), twice(exact), curve, theme)
    ring = {"symbol": "circle-open", "line": {"width": 2}}
    labels = _labels(theme, [own, exact, float(curve[-1]), level])
    return [
        band(x, low[FIRST_MOMENTUM:], high[FIRST_MOMENTUM:], "batch", theme),
        training,
        precise,
        line(ends, twice(level), "plain", theme, hoverinfo="skip"),
        with_markers(named_line(x, curve, running["name"], theme.batch, "solid", 3), "circle"),
        marks.points(x[[place]], curve[[place]], theme.text, 17, marker=ring, hoverinfo="skip"),
        *scale.labels(labels, float(ends[1]), 2),
    ]


@drawn_once
def sweep(results: Sequence[ModesResult], theme: Theme, measure: str = "accuracy") -> Figure:
    """Both modes at the last step against the batch size, with precise statistics, and plain."""
    x = np.log2([result.config.batch_size for result in results])
    ends = [_ends(result, measure) for result in results]
    ways = [np.stack(column, axis=1) for column in zip(*ends, strict=True)]  # of (seeds, sizes)
    scale = Scale(measure, np.concatenate([values.ravel() for values in ways]))
    own, exact, running, plain = (over_seeds(scale.drawn(values)) for values in ways)
    edge = float(x[-1]) + 0.3
    heights = [last(middle) for middle, _, _ in (own, exact, running, plain)]
    lines = [
        *_curves(x, own[0], exact[0], running[0], theme),
        _plain(x, plain[0], theme),
    ]
    symbols = ("circle-open", "square", "circle", "diamond")
    return {
        "data": [
            band(x, *own[1:], "batch", theme),
            band(x, *running[1:], "batch", theme),
            band(x, *plain[1:], "plain", theme),
            *(with_markers(one, symbol) for one, symbol in zip(lines, symbols, strict=True)),
            *scale.labels(_labels(theme, heights), edge, 2),
        ],
        "layout": layout(
            theme,
            HEIGHT,
            margin=ROOM,
            xaxis=axis(
                theme,
                "batch size (log)",
                range=[float(x[0]) - 0.3, edge + HAIR],
                tickvals=[float(one) for one in x],
                ticktext=[str(result.config.batch_size) for result in results],
            ),
            yaxis=scale.axis(theme),
        ),
    }


def _ends(result: ModesResult, measure: str) -> tuple[Numbers, ...]:
    """At the last record: training mode, precise statistics, running averages, plain; (seeds,)."""
    ways, plain = (values[..., -1] for values in _chosen(result, measure))
    return ways[OWN_BATCH], ways[PRECISE], ways[result.running], plain
