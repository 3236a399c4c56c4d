"""The pictures of the two modes: the gap, the averages, one sample, and the mistakes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from bnviz.figures.base import (
    Figure,
    axis,
    band,
    frames,
    layout,
    line,
    log_axis,
    over_seeds,
    packed,
)
from bnviz.figures.once import drawn_once
from bnviz.figures.theme import Theme, translucent

if TYPE_CHECKING:
    from bnviz.experiments.modes import ForgetfulResult, ModesResult, Unit

OWN, PRECISE, FIRST_MOMENTUM = 0, 1, 3  # rows of a result
MEASURES = ("accuracy", "loss")
FLOOR, CEILING = 1e-4, 30.0  # of the losses drawn
HEIGHT = 380
MARGIN = {"l": 52, "r": 88, "t": 12, "b": 48}
HAIR = 1e-3  # beyond the names at the end of an axis: outside of it they would not be drawn
GAP = 0.068  # between two labels, in heights of the axis
PRECISE_DASH = "longdashdot"
SPACE = "\u2002"  # between a marker and its name

Numbers = NDArray[Any]
Trace = dict[str, Any]
Label = tuple[str, float, str]
"""A name, the height it belongs to, and its colour."""


class _Scale:
    """The vertical axis of a measure: its range, and what can be drawn on it."""

    def __init__(self, measure: str, known: Numbers) -> None:
        self.log = measure == "loss"
        self.low, self.high = -0.03, 1.05
        if self.log:
            shown = self.drawn(known[np.isfinite(known)])
            ends = (shown.min(), shown.max()) if shown.size else (0.1, 1.0)
            self.low, self.high = (
                float(np.log10(f * e)) for f, e in zip((0.8, 1.25), ends, strict=True)
            )

    def drawn(self, values: Numbers) -> Numbers:
        values = np.asarray(values, np.float64)
        return np.clip(values, FLOOR, CEILING) if self.log else values

    def axis(self, theme: Theme) -> Trace:
        if self.log:
            return log_axis(theme, "test loss (log)", (self.low, self.high))
        return axis(theme, "test accuracy", range=[self.low, self.high], tickformat=".0%")

    def labels(self, labels: Sequence[Label], x: float) -> list[Trace]:
        """Names right of the picture at their heights, moved apart where they would collide."""
        heights = np.array([y for _, y, _ in labels])
        gap = GAP * (self.high - self.low)
        places = np.log10(heights) if self.log else heights
        places = _apart(places, gap, self.low + gap / 2, self.high - gap / 2)
        places = 10**places if self.log else places
        return [
            {
                "type": "scatter",
                "mode": "text",
                "x": packed([x]),
                "y": packed([place]),
                "text": [f"{SPACE}<b>{name}</b>"],
                "textposition": "middle right",
                "textfont": {"size": 13, "color": colour},
                "cliponaxis": False,
                "hoverinfo": "skip",
            }
            for (name, _, colour), place in zip(labels, places, strict=True)
        ]


def _apart(heights: Numbers, gap: float, low: float, high: float) -> Numbers:
    """The same heights, in the same order, at least `gap` apart and from `low` to `high`.

    As near to where they were as one pass up and one pass down leave them; NaN stays NaN.
    """
    places = np.clip(heights, low, high)
    order = [int(k) for k in np.argsort(heights, kind="stable") if np.isfinite(heights[k])]
    for below, above in pairwise(order):
        places[above] = max(places[above], places[below] + gap)
    if order:
        places[order[-1]] = min(places[order[-1]], high)
    for above, below in pairwise(order[::-1]):
        places[below] = min(places[below], places[above] - gap)
    return places


def _last(values: Numbers) -> float:
    """The last number there is."""
    known = values[np.isfinite(values)]
    return float(known[-1]) if known.size else float("nan")


def _drawn_line(x: Numbers, y: Numbers, name: str, colour: str, dash: str, width: float) -> Trace:
    return {
        "type": "scatter",
        "mode": "lines",
        "x": packed(x),
        "y": packed(y),
        "name": name,
        "line": {"color": colour, "dash": dash, "width": width},
        "hovertemplate": f"%{{y:.3g}}<extra>{name}</extra>",
    }


def _marker(x: Numbers, y: Numbers, column: int, colour: str, symbol: str) -> Trace:
    """Where a curve stands at this record."""
    return {
        "type": "scatter",
        "mode": "markers",
        "x": packed(x[[column]]),
        "y": packed(y[[column]]),
        "marker": {"size": 10, "color": colour, "symbol": symbol},
        "hoverinfo": "skip",
    }


def _moved(traces: list[Trace], keys: Sequence[str] = ("x", "y")) -> list[Trace]:
    return [{key: trace[key] for key in keys if key in trace} for trace in traces]


def _chosen(result: ModesResult, measure: str) -> tuple[Numbers, Numbers]:
    """(BN by way, plain) in this measure."""
    if measure == "loss":
        return result.test_loss.astype(np.float64), result.plain_loss.astype(np.float64)
    return result.test_accuracy.astype(np.float64), result.plain_accuracy.astype(np.float64)


@drawn_once
def over_training(result: ModesResult, theme: Theme, measure: str = "accuracy") -> Figure:
    """The test set in both modes over training, with precise statistics, and without BN."""
    ways, plain = _chosen(result, measure)
    shown = [ways[OWN], ways[result.running()], ways[PRECISE], plain]
    scale = _Scale(measure, np.concatenate([values.ravel() for values in shown]))
    own, running, exact, without = (over_seeds(scale.drawn(values)) for values in shown)
    x = result.steps
    curves = [
        _drawn_line(x, own[0], "training mode", theme.batch, "dot", 2.5),
        _drawn_line(x, exact[0], "precise", theme.text, PRECISE_DASH, 1.8),
        _drawn_line(x, running[0], "running averages", theme.batch, "solid", 3),
        line(x, without[0], "plain", theme, hovertemplate="%{y:.3g}<extra>plain</extra>"),
    ]
    labels: list[Label] = [
        ("own batch", _last(own[0]), theme.batch),
        ("precise", _last(exact[0]), theme.text),
        ("running", _last(running[0]), theme.batch),
        ("plain", _last(without[0]), theme.plain),
    ]
    still = [
        band(x, *own[1:], "batch", theme),
        band(x, *running[1:], "batch", theme),
        band(x, *without[1:], "plain", theme),
        *curves,
        *scale.labels(labels, float(x[-1])),
    ]
    middles = (running[0], exact[0], own[0], without[0])
    colours = (theme.batch, theme.text, theme.batch, theme.plain)
    return _over_steps(result, theme, scale.axis(theme), still, middles, colours)


SYMBOLS = ("circle", "square", "circle-open", "diamond")


def _over_steps(
    result: ModesResult,
    theme: Theme,
    vertical: Trace,
    still: list[Trace],
    middles: Sequence[Numbers],
    colours: Sequence[str],
) -> Figure:
    """Curves over the recorded steps, with a marker on each of them that follows the clock."""

    def at(column: int) -> list[Trace]:
        pieces = zip(middles, colours, SYMBOLS, strict=False)
        return [_marker(result.steps, y, column, colour, s) for y, colour, s in pieces]

    return {
        "data": [*still, *at(len(result.steps) - 1)],
        "layout": layout(
            theme,
            HEIGHT,
            margin=MARGIN,
            xaxis=_step_axis(result, theme),
            yaxis=vertical,
            shapes=[],
        ),
        "frames": frames(
            result.steps,
            range(len(still), len(still) + len(middles)),
            lambda column: _moved(at(column)),
        ),
    }


def _step_axis(result: ModesResult, theme: Theme) -> Trace:
    longest = float(result.steps[-1])
    return axis(theme, "training step", range=[-0.02 * longest, 1.01 * longest])


@drawn_once
def by_momentum(result: ModesResult, theme: Theme, measure: str = "loss") -> Figure:
    """The test set in inference mode against the momentum, and what does not depend on it."""
    ways, plain = _chosen(result, measure)
    scale = _Scale(measure, np.concatenate([ways.ravel(), plain.ravel()]))
    momenta = result.config.momenta()
    x = np.log10(momenta)
    edge = 0.12
    ends = np.array([x[0] - edge, x[-1] + edge])
    place = momenta.index(result.config.momentum)

    def at(column: int) -> list[Trace]:
        middle, low, high = over_seeds(scale.drawn(ways[:, :, column]).T)
        level = float(over_seeds(scale.drawn(plain[:, column])[:, None])[0][0])
        curve = middle[FIRST_MOMENTUM:]
        labels: list[Label] = [
            ("own batch", float(middle[OWN]), theme.batch),
            ("precise", float(middle[PRECISE]), theme.text),
            ("running", float(curve[-1]), theme.batch),
            ("plain", level, theme.plain),
        ]
        return [
            band(x, low[FIRST_MOMENTUM:], high[FIRST_MOMENTUM:], "batch", theme),
            _drawn_line(ends, _twice(middle[OWN]), "training mode", theme.batch, "dot", 2.5),
            _drawn_line(ends, _twice(middle[PRECISE]), "precise", theme.text, PRECISE_DASH, 1.8),
            line(ends, _twice(level), "plain", theme, hoverinfo="skip"),
            {
                **_drawn_line(x, curve, "running averages", theme.batch, "solid", 3),
                "mode": "lines+markers",
                "marker": {"size": 8, "color": theme.batch},
            },
            {
                **_marker(x, curve, place, theme.text, "circle-open"),
                "marker": {
                    "size": 17,
                    "color": theme.text,
                    "symbol": "circle-open",
                    "line": {"width": 2},
                },
            },
            *scale.labels(labels, float(ends[1])),
        ]

    traces = at(len(result.steps) - 1)
    return {
        "data": traces,
        "layout": layout(
            theme,
            HEIGHT,
            margin={**MARGIN, "b": 80},
            xaxis=axis(
                theme,
                "PyTorch's momentum (log)<br>in brackets: as in many texts",
                range=[float(ends[0]), float(ends[1]) + HAIR],
                tickvals=[float(one) for one in x],
                ticktext=[f"{m:g}<br>({round(1 - m, 6):g})" for m in momenta],
            ),
            yaxis=scale.axis(theme),
        ),
        "frames": frames(result.steps, range(len(traces)), lambda column: _moved(at(column))),
    }


def _twice(value: float) -> Numbers:
    return np.array([value, value], np.float64)


@drawn_once
def mean_of_unit(result: ModesResult, unit: Unit, theme: Theme) -> Figure:
    """The mean of one unit over training: mini-batches, running average, population."""
    return _of_unit(result, unit, theme, 0, "mean of the unit")


@drawn_once
def variance_of_unit(result: ModesResult, unit: Unit, theme: Theme) -> Figure:
    """Its variance, and the running average as it would be without m/(m-1)."""
    return _of_unit(result, unit, theme, 1, "variance of the unit")


def _of_unit(result: ModesResult, unit: Unit, theme: Theme, row: int, title: str) -> Figure:
    running = unit.averages(result.config.momentum)[row]
    population, batch = unit.population[row].astype(np.float64), unit.batch[row].astype(np.float64)
    every = np.arange(len(running))
    low, high = _range(row, running, population, batch)
    scale = _Scale("", population)  # a linear axis …
    scale.low, scale.high = low, high
    labels: list[Label] = [
        ("running", _last(running), theme.batch),
        ("population", _last(population), theme.text),
    ]
    still = [
        {
            "type": "scatter",
            "mode": "markers",
            "x": packed(every[:-1]),
            "y": packed(batch),
            "marker": {"size": 4, "color": translucent(theme.batch, 0.4)},
            "hovertemplate": "%{y:.3g}<extra>one mini-batch</extra>",
        },
        {
            **_drawn_line(result.steps, population, "population", theme.text, PRECISE_DASH, 1.8),
            "mode": "lines+markers",
            "marker": {"size": 5, "symbol": "square", "color": theme.text},
        },
        _drawn_line(every, running, "running average", theme.batch, "solid", 2.5),
    ]
    if row == 1:
        biased = unit.averages(result.config.momentum, biased=True)[row]
        still.append(_drawn_line(every, biased, "biased", theme.batch, "dot", 2))
        labels.append(("biased", _last(biased), theme.batch))
    vertical = axis(theme, title, range=[low, high])
    still += scale.labels(labels, float(result.steps[-1]))
    moving = (running[result.steps], population)
    figure = _over_steps(result, theme, vertical, still, moving, (theme.batch, theme.text))
    figure["layout"]["height"] = 330
    figure["layout"]["margin"] = {**MARGIN, "r": 92}
    return figure


def _range(row: int, running: Numbers, population: Numbers, batch: Numbers) -> tuple[float, float]:
    """Where the lines and nearly all mini-batches are."""
    known = batch[np.isfinite(batch)]
    most = np.quantile(known, [0.01, 0.99]) if known.size else np.array([])
    shown = np.concatenate([running, population, most])
    shown = np.clip(shown[np.isfinite(shown)], -1e30, 1e30)
    low, high = float(shown.min()), float(shown.max())
    room = 0.06 * (high - low) or 0.5
    return (0.0 if row else low - room), high + room


@drawn_once
def one_sample(result: ModesResult, theme: Theme) -> Figure:
    """The probability of each class for one sample, alone and in company. Frames: the steps."""
    probability, size = result.sample.probability, result.config.whole()
    classes = probability.shape[2]
    rows = np.arange(probability.shape[1])
    heights = rows[::-1]  # the first on top
    mates = f"with {size - 1} other{'' if size == 2 else 's'}"
    names = ["training, alone", mates, "with yet others", "with its own class", "<b>inference</b>"]

    def at(column: int) -> list[Trace]:
        values = np.nan_to_num(probability[column])
        best = values.argmax(1)
        top = values[rows, best]
        known = np.isfinite(probability[column]).all()
        return [
            {"type": "heatmap", "z": packed(np.rint(250 * values).astype(np.uint8))},
            {
                "text": [
                    f"{SPACE}<b>{name}</b>{SPACE}{100 * one:.0f} %" if known else ""
                    for name, one in zip(best, top, strict=True)
                ]
            },
        ]

    cells, answers = at(len(result.steps) - 1)
    label = result.sample.label
    return {
        "data": [
            {
                **cells,
                "x": packed(np.arange(classes)),
                "y": packed(heights),
                "zmin": 0,
                "zmax": 250,
                "colorscale": [[0, theme.background], [1, theme.batch]],
                "showscale": False,
                "xgap": 2,
                "ygap": 3,
                "hoverinfo": "skip",
            },
            {
                **answers,
                "type": "scatter",
                "mode": "text",
                "x": packed(np.full(len(rows), classes - 0.5)),
                "y": packed(heights),
                "textposition": "middle right",
                "textfont": {"size": 14, "color": theme.text},
                "cliponaxis": False,
                "hoverinfo": "skip",
            },
        ],
        "layout": layout(
            theme,
            330,
            margin={"l": 52, "r": 76, "t": 30, "b": 48},
            xaxis=axis(
                theme,
                "predicted class",
                tickvals=list(range(classes)),
                range=[-0.55, classes - 0.45],
                showgrid=False,
            ),
            yaxis=axis(
                theme,
                "",
                tickvals=[int(height) for height in heights],
                ticktext=names,
                range=[-0.55, len(rows) - 0.45],
                showgrid=False,
            ),
            shapes=[
                _box(label - 0.5, label + 0.5, -0.5, len(rows) - 0.5, theme.text, 2),
                _box(-0.55, classes - 0.45, 0.5, 0.5, theme.muted, 1),
            ],
            annotations=[
                {
                    "x": label,
                    "y": len(rows) - 0.48,
                    "text": "<b>the truth</b>",
                    "showarrow": False,
                    "yanchor": "bottom",
                    "font": {"size": 13, "color": theme.text},
                }
            ],
        ),
        "frames": frames(result.steps, [0, 1], at),
    }


def _box(x0: float, x1: float, y0: float, y1: float, colour: str, width: float) -> Trace:
    return {
        "type": "rect",
        "x0": x0,
        "x1": x1,
        "y0": y0,
        "y1": y1,
        "line": {"color": colour, "width": width},
    }


@drawn_once
def evaluation(result: ModesResult, theme: Theme) -> Figure:
    """Accuracy in training mode at the last step, by the batches in which the test set comes."""
    shuffled, by_class = (over_seeds(values.T.astype(np.float64)) for values in result.evaluated)
    inference = over_seeds(result.test_accuracy[result.running()][:, -1:].astype(np.float64))
    x = np.log2(result.sizes)
    ends = np.array([x[0] - 0.4, x[-1] + 0.4])
    scale = _Scale("accuracy", shuffled[0])
    labels: list[Label] = [
        ("inference", float(inference[0][0]), theme.batch),
        ("shuffled", float(shuffled[0][-2]), theme.muted),
        ("by class", float(by_class[0][-2]), theme.muted),
    ]
    data = [
        band(x, *shuffled[1:], "batch", theme),
        band(x, *by_class[1:], "batch", theme),
        _drawn_line(ends, _twice(inference[0][0]), "inference mode", theme.batch, "solid", 3),
        *(
            {
                **_drawn_line(x, values[0], name, theme.muted, "dot", 2.5),
                "mode": "lines+markers",
                "marker": {"size": 9, "symbol": symbol, "color": theme.muted},
            }
            for values, name, symbol in (
                (shuffled, "training mode, shuffled", "circle"),
                (by_class, "training mode, sorted by class", "square-open"),
            )
        ),
        *scale.labels(labels, float(ends[1])),
    ]
    return {
        "data": data,
        "layout": layout(
            theme,
            HEIGHT,
            margin=MARGIN,
            xaxis=axis(
                theme,
                "test samples in a batch (log)",
                range=[float(ends[0]), float(ends[1]) + HAIR],
                tickvals=[float(one) for one in x],
                ticktext=[str(int(size)) for size in result.sizes],
            ),
            yaxis=scale.axis(theme),
        ),
    }


@drawn_once
def mistakes(
    result: ModesResult, forgetful: ForgetfulResult, theme: Theme
) -> tuple[Figure, Figure]:
    """Tested in training mode, and trained in inference mode."""
    return evaluation(result, theme), forgetting(result, forgetful, theme)


@drawn_once
def forgetting(result: ModesResult, forgetful: ForgetfulResult, theme: Theme) -> Figure:
    """Accuracy over training, where training was done in inference mode, and the right way."""
    right, plain = result.test_accuracy[result.running()], result.plain_accuracy
    always, since = forgetful.accuracy
    values = [over_seeds(v.astype(np.float64)) for v in (right, since, always, plain)]
    scale, x, start = _Scale("accuracy", right), result.steps, result.config.since()
    names = ("right", f"from {start} on", "always", "plain")
    colours = (theme.batch, theme.muted, theme.muted, theme.plain)
    labels: list[Label] = [
        (name, _last(one[0]), colour)
        for name, one, colour in zip(names, values, colours, strict=True)
    ]
    still = [
        band(x, *values[0][1:], "batch", theme),
        _drawn_line(x, values[2][0], "always in inference mode", theme.muted, "dot", 2.5),
        _drawn_line(
            x, values[1][0], f"inference mode from {start} on", theme.muted, "dashdot", 2.5
        ),
        _drawn_line(x, values[0][0], "the right way", theme.batch, "solid", 3),
        line(x, values[3][0], "plain", theme, hovertemplate="%{y:.3g}<extra>plain</extra>"),
        *scale.labels(labels, float(x[-1])),
    ]
    middles = [one[0] for one in values]
    figure = _over_steps(result, theme, scale.axis(theme), still, middles, colours)
    figure["layout"]["shapes"] = [
        {
            "type": "line",
            "x0": start,
            "x1": start,
            "yref": "paper",
            "y0": 0,
            "y1": 1,
            "line": {"color": theme.muted, "width": 1, "dash": "dot"},
        }
    ]
    return figure


@drawn_once
def sweep(results: Sequence[ModesResult], theme: Theme, measure: str = "accuracy") -> Figure:
    """Both modes at the last step against the batch size, with precise statistics, and plain."""
    x = np.log2([result.config.batch_size for result in results])

    def ends(of: Callable[[ModesResult], Numbers]) -> Numbers:
        return np.stack([of(result) for result in results], axis=1)  # (seeds, sizes)

    ways: list[Numbers] = [
        ends(lambda result: _chosen(result, measure)[0][OWN, :, -1]),
        ends(lambda result: _chosen(result, measure)[0][PRECISE, :, -1]),
        ends(lambda result: _chosen(result, measure)[0][result.running(), :, -1]),
        ends(lambda result: _chosen(result, measure)[1][:, -1]),
    ]
    scale = _Scale(measure, np.concatenate([values.ravel() for values in ways]))
    own, exact, running, plain = (over_seeds(scale.drawn(values)) for values in ways)
    edge = float(x[-1]) + 0.3
    labels: list[Label] = [
        ("own batch", _last(own[0]), theme.batch),
        ("precise", _last(exact[0]), theme.text),
        ("running", _last(running[0]), theme.batch),
        ("plain", _last(plain[0]), theme.plain),
    ]
    marked = [
        _drawn_line(x, own[0], "training mode", theme.batch, "dot", 2.5),
        _drawn_line(x, exact[0], "precise", theme.text, PRECISE_DASH, 1.8),
        _drawn_line(x, running[0], "running averages", theme.batch, "solid", 3),
        line(x, plain[0], "plain", theme, hovertemplate="%{y:.3g}<extra>plain</extra>"),
    ]
    for trace, symbol in zip(marked, ("circle-open", "square", "circle", "diamond"), strict=True):
        trace |= {
            "mode": "lines+markers",
            "marker": {"size": 8, "symbol": symbol, "color": trace["line"]["color"]},
        }
    return {
        "data": [
            band(x, *own[1:], "batch", theme),
            band(x, *running[1:], "batch", theme),
            band(x, *plain[1:], "plain", theme),
            *marked,
            *scale.labels(labels, edge),
        ],
        "layout": layout(
            theme,
            HEIGHT,
            margin=MARGIN,
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


STATISTICS = (mean_of_unit, variance_of_unit)
