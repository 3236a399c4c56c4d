"""The noise lesson's pictures: the U over chunk size, the law, one sample, and other noises."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol

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
    moved,
    names_beside,
    over_seeds,
    packed,
)
from bnviz.figures.once import drawn_once
from bnviz.figures.theme import LABEL, TREATMENTS, Theme, translucent

if TYPE_CHECKING:
    from bnviz.experiments.noise import AloneResult, Jitter, Law, NoiseResult, PairResult

PLAIN, WHOLE = 0, -1  # rows of a result: without BN; BN with statistics over the whole batch
SPREAD = 0.3  # half the width of a strip of dots, in doublings
EDGE = 3.1  # normalized values beyond are drawn at the edge
CEILING, FLOOR = 100.0, 1e-4  # of the losses drawn
HEIGHT = 410

Numbers = NDArray[Any]
Trace = dict[str, Any]


@drawn_once
def accuracy(result: NoiseResult, theme: Theme) -> Figure:
    """Test accuracy against chunk size, with a ring around the best. Frames: the steps."""
    values = result.test_accuracy.astype(np.float64)
    x = np.log2(result.chunks)

    def at(column: int) -> list[Trace]:
        traces = _curves(values[:, :, column], x, theme)
        return [*traces, *_best(values[:, :, column], result, theme)]

    vertical = axis(theme, "test accuracy", range=[-0.02, 1.1], tickformat=".0%", dtick=0.2)
    return _over_chunks(result, theme, vertical, at)


@drawn_once
def losses(result: NoiseResult, theme: Theme) -> Figure:
    """Training and test loss against chunk size. Frames: the steps."""
    training, test = (
        np.clip(values.astype(np.float64), FLOOR, CEILING)
        for values in (result.train_loss, result.test_loss)
    )
    known = np.concatenate([training, test])
    known = known[np.isfinite(known)]
    low, high = (known.min(), known.max()) if known.size else (0.1, 1.0)
    x = np.log2(result.chunks)

    def at(column: int) -> list[Trace]:
        fit, new = training[:, :, column], test[:, :, column]
        return [
            *_curves(fit, x, theme, thin=True),
            *_curves(new, x, theme),
            *_names(fit, new, x, theme),
        ]

    vertical = log_axis(theme, "loss (log)", (np.log10(0.6 * low), np.log10(1.7 * high)))
    return _over_chunks(result, theme, vertical, at)


def _over_chunks(result: NoiseResult, theme: Theme, vertical: Trace, at: Any) -> Figure:
    """A figure over the chunk sizes whose traces all move."""
    traces = at(len(result.steps) - 1)

    def moving(column: int) -> list[Trace]:
        return moved(at(column))

    return {
        "data": traces,
        "layout": layout(
            theme,
            HEIGHT,
            xaxis=_chunk_axis(result, theme),
            yaxis=vertical,
            margin={"l": 52, "r": 12, "t": 12, "b": 60},
        ),
        "frames": frames(result.steps, range(len(traces)), moving),
    }


def _chunk_axis(result: NoiseResult, theme: Theme) -> Trace:
    """Chunk sizes by doublings; the two ends say what they are."""
    chunks = [int(chunk) for chunk in result.chunks]
    named = {2: "<br>all ±1"} | {chunks[-1]: "<br>whole"}
    places = np.log2(chunks)
    return axis(
        theme,
        "chunk size, in samples (log)",
        range=[float(places[0]) - 0.45, float(places[-1]) + 0.45],
        tickvals=[float(place) for place in places],
        ticktext=[f"<b>{chunk}</b>{named[chunk]}" if chunk in named else str(chunk)
                  for chunk in chunks],
    )  # fmt: skip


def _curves(values: Numbers, x: Numbers, theme: Theme, thin: bool = False) -> list[Trace]:
    """Plain as a level line and BN over the chunk sizes, each with its range over the seeds.

    values: (1 + C, seeds).
    """
    middle, low, high = over_seeds(values.T)
    ends = np.array([x[0] - 0.45, x[-1] + 0.45])
    level = [np.repeat(line[PLAIN], 2) for line in (middle, low, high)]
    width, symbol = (1.5, "circle-open") if thin else (3, "circle")
    plain = line(ends, level[0], "plain", theme, hovertemplate="%{y:.3g}<extra>plain</extra>")
    batch = line(
        x,
        middle[1:],
        "batch",
        theme,
        mode="lines+markers",
        marker={"size": 8, "symbol": symbol, "color": theme.batch},
        hovertemplate="%{y:.3g}<extra>BN</extra>",
    )
    plain["line"]["width"], batch["line"]["width"] = (1.5, 1.5) if thin else (2.5, width)
    return [
        band(ends, level[1], level[2], "plain", theme),
        band(x, low[1:], high[1:], "batch", theme),
        plain,
        batch,
    ]


def _best(values: Numbers, result: NoiseResult, theme: Theme) -> list[Trace]:
    """A ring around the best chunk size, with its name, and the name of plain."""
    (middle, low, high), x = over_seeds(values.T), np.log2(result.chunks)
    there = np.isfinite(middle[1:])
    best = len(x) - 1 - int(np.argmax(np.where(there, middle[1:], -1.0)[::-1]))
    above = bool(middle[PLAIN] > middle[WHOLE])
    return [
        {
            "type": "scatter",
            "mode": "markers+text",
            "x": packed(x[[best]]),
            "y": packed(middle[[best + 1]]),
            "text": [f"<b>BN, best: {result.chunks[best]}</b>" if there.any() else ""],
            "textposition": "top left" if best == len(x) - 1 and best else "top center",
            "textfont": {"size": 14, "color": theme.batch},
            "marker": {
                "symbol": "circle-open",
                "size": 17,
                "color": theme.text,
                "line": {"width": 2},
            },
            "cliponaxis": False,
            "hoverinfo": "skip",
        },
        _name(
            "plain",
            x[0] - 0.42 if best > len(x) / 2 else x[-1] + 0.42,  # where the other name is not
            (high if above else low)[PLAIN],
            f"{'top' if above else 'bottom'} {'right' if best > len(x) / 2 else 'left'}",
            theme,
        ),
    ]


def _names(training: Numbers, test: Numbers, x: Numbers, theme: Theme) -> list[Trace]:
    """Which loss is which: plain beside its bands at the left end, BN at the right.

    The higher of the two is named above, the lower one below.
    """
    spans = {"training": over_seeds(training.T), "test": over_seeds(test.T)}
    names = []
    for treatment, place, end, side in (
        ("plain", PLAIN, x[0] - 0.42, "right"),
        ("batch", WHOLE, x[-1] + 0.42, "left"),
    ):
        middle = {what: span[0][place] for what, span in spans.items()}
        higher = "test" if not middle["test"] < middle["training"] else "training"
        for what, (_, lowest, highest) in spans.items():
            up = what == higher
            y, position = (highest if up else lowest)[place], f"{'top' if up else 'bottom'} {side}"
            names.append(_name(treatment, end, y, position, theme, f"{LABEL[treatment]}, {what}"))
    return names


def _name(
    treatment: str, x: float, y: float, position: str, theme: Theme, text: str = "plain"
) -> Trace:
    return {
        "type": "scatter",
        "mode": "markers+text",
        "marker": {"size": 9, "opacity": 0},  # it keeps names above and below a point apart
        "x": packed([x]),
        "y": packed([y]),
        "text": [f"<b>{text}</b>"],
        "textposition": position,
        "textfont": {"size": 13, "color": theme.colour(treatment)},
        "cliponaxis": False,
        "hoverinfo": "skip",
    }


@drawn_once
def laws(law: Law, theme: Theme) -> tuple[Figure, Figure]:
    """How far the statistics of a mini-batch stray: the mean; the variance and the deviation."""
    return law_of_the_mean(law, theme), law_of_the_variance(law, theme)


@drawn_once
def law_of_the_mean(law: Law, theme: Theme) -> Figure:
    """How far the mean of a mini-batch strays, against its size: measured and in theory."""
    independent = 1 / np.sqrt(law.sizes)
    data = [
        _theory(law.sizes, independent, theme.muted, "dot"),
        *_measured(law.sizes, law.mean, theme),
        _theory(law.sizes, law.mean_law, theme.text, "solid"),
        _label(law.sizes, independent, "1/√m", "top right", theme.muted, -2),
        _label(law.sizes, law.mean_law, "theory", "bottom left", theme.text, 2),
        _label(law.sizes, over_seeds(law.mean.T)[0], "<b>measured</b>", "top right", theme.batch),
    ]
    return _over_sizes(data, law.sizes, "spread of the mean, in s (log)", theme)


@drawn_once
def law_of_the_variance(law: Law, theme: Theme) -> Figure:
    """How far the variance and the deviation of a mini-batch stray, measured and in theory."""
    exact = over_seeds(law.variance_law.T)[0]
    above, below = over_seeds(law.variance.T)[2], over_seeds(law.deviation.T)[1]
    data = [
        _theory(law.sizes, exact / 2, theme.muted, "dot"),
        *_measured(law.sizes, law.deviation, theme, "diamond-open"),
        *_measured(law.sizes, law.variance, theme),
        _theory(law.sizes, exact, theme.text, "solid"),
        _label(law.sizes, above, "<b>variance, in s²</b>", "top right", theme.batch, 1),
        _label(law.sizes, below, "<b>deviation, in s</b>", "bottom left", theme.batch, 4),
    ]
    return _over_sizes(data, law.sizes, "spread of the variance (log)", theme)


def _measured(sizes: Numbers, spread: Numbers, theme: Theme, symbol: str = "circle") -> list[Trace]:
    """The median over the units as dots, and their range; spread: (S, width)."""
    middle, low, high = over_seeds(spread.T)
    x = np.log2(sizes)
    return [
        band(x, _positive(low), _positive(high), "batch", theme, name="all units"),
        {
            "type": "scatter",
            "mode": "markers",
            "x": packed(x),
            "y": packed(_positive(middle)),
            "marker": {"size": 9, "symbol": symbol, "color": theme.batch},
            "hovertemplate": "%{y:.3g}<extra>measured</extra>",
        },
    ]


def _positive(values: Numbers) -> Numbers:
    """What a log axis can show."""
    return np.where(values > 0, values, np.nan)


def _theory(sizes: Numbers, spread: Numbers, colour: str, dash: str) -> Trace:
    return {
        "type": "scatter",
        "mode": "lines",
        "x": packed(np.log2(sizes)),
        "y": packed(_positive(spread)),
        "line": {"color": colour, "width": 2, "dash": dash},
        "hovertemplate": "%{y:.3g}<extra>theory</extra>",
    }


def _label(
    sizes: Numbers, spread: Numbers, text: str, position: str, colour: str, place: int = 0
) -> Trace:
    """A name beside one point of a curve."""
    place = max(-len(sizes), min(place, len(sizes) - 1))
    return {
        "type": "scatter",
        "mode": "text",
        "x": packed(np.log2(sizes)[[place]]),
        "y": packed(_positive(spread[[place]])),
        "text": [text],
        "textposition": position,
        "textfont": {"size": 13, "color": colour},
        "cliponaxis": False,
        "hoverinfo": "skip",
    }


def _over_sizes(data: list[Trace], sizes: Numbers, vertical: str, theme: Theme) -> Figure:
    """A figure over batch sizes, both axes logarithmic, spreads from 0.01 to 1."""
    return {
        "data": data,
        "layout": layout(
            theme,
            340,
            xaxis=_size_axis(sizes, theme),
            yaxis=log_axis(theme, vertical, (-2.05, 0.2)),
            margin={"l": 52, "r": 12, "t": 12, "b": 48},
        ),
    }


def _size_axis(sizes: Numbers, theme: Theme) -> Trace:
    places = np.log2(sizes)
    return axis(
        theme,
        "batch size m (log)",
        range=[float(places[0]) - 0.5, float(places[-1]) + 0.5],
        tickvals=[float(place) for place in places],
        ticktext=[str(int(size)) for size in sizes],
    )


@drawn_once
def felt(result: AloneResult, theme: Theme, part: str) -> tuple[Figure, Figure]:
    """What one sample feels in many batches: in one unit, and in the network's output."""
    return activation(result, theme, part), probability(result, theme)


@drawn_once
def activation(result: AloneResult, theme: Theme, part: str = "both") -> Figure:
    """What one unit makes of one sample in many batches; `part`: what the batches redraw."""
    jitter = result.jitter
    values = np.clip(jitter.activation[part], -EDGE, EDGE)
    bound = np.sqrt(jitter.sizes - 1)
    data = [
        *_level(jitter, jitter.steady, "all training samples", theme, 0.3),
        *_strips(jitter, values, theme, "%{y:.2f}"),
    ]
    if part == "both":  # only a value normalized with its own batch is bound
        data = [_bound(jitter, sign * bound, theme) for sign in (1, -1)] + data
        data.append(_label(jitter.sizes, bound, "±√(m−1)", "middle right", theme.muted, 2))
    vertical = axis(theme, "normalized activation", range=[-EDGE - 0.1, EDGE + 0.1], dtick=1)
    figure = _of_one_sample(data, jitter, vertical, theme)
    if result.config.dataset == "digits":
        _inset(figure, jitter, theme)
    return figure


class OfOneSample(Protocol):
    """A result that has put one sample into many batches."""

    @property
    def jitter(self) -> Jitter: ...


@drawn_once
def probability(result: OfOneSample, theme: Theme) -> Figure:
    """What the network makes of one sample in many batches: the probability of its class."""
    jitter = result.jitter
    data = [
        *_level(jitter, jitter.inference, "inference", theme, 0.05),
        *_strips(jitter, jitter.probability, theme, "%{y:.0%}"),
    ]
    vertical = axis(theme, "probability of its class", range=[-0.04, 1.1], tickformat=".0%")
    return _of_one_sample(data, jitter, vertical, theme)


def _of_one_sample(data: list[Trace], jitter: Jitter, vertical: Trace, theme: Theme) -> Figure:
    return {
        "data": data,
        "layout": layout(
            theme,
            360,
            xaxis=_size_axis(jitter.sizes, theme),
            yaxis=vertical,
            margin={"l": 52, "r": 12, "t": 12, "b": 48},
        ),
    }


def _strips(jitter: Jitter, values: Numbers, theme: Theme, hover: str) -> list[Trace]:
    """A strip of dots for each batch size, and the 10th, 50th and 90th percentile over it."""
    draws = values.shape[1]
    beside = SPREAD * (2 * (np.arange(draws) * 0.618034 % 1) - 1)  # evenly, in no order
    x = np.log2(jitter.sizes)[:, None] + beside
    known = np.isfinite(values)
    quantiles = np.full((3, len(values)), np.nan)
    for row, here in enumerate(known):
        if here.any():
            quantiles[:, row] = np.quantile(values[row, here], [0.1, 0.5, 0.9])
    curves = [
        {
            "type": "scatter",
            "mode": "lines",
            "x": packed(np.log2(jitter.sizes)),
            "y": packed(curve),
            "line": {"color": theme.batch, "width": width},
            "hovertemplate": f"{hover}<extra>{name}</extra>",
        }
        for curve, width, name in zip(
            quantiles, (1.5, 3, 1.5), ("10th percentile", "median", "90th percentile"), strict=True
        )
    ]
    dots = {
        "type": "scatter",
        "mode": "markers",
        "x": packed(x[known]),
        "y": packed(values[known]),
        "marker": {"size": 4, "color": translucent(theme.batch, 0.35)},
        "hoverinfo": "skip",
    }
    return [dots, *curves]


def _level(jitter: Jitter, value: float, text: str, theme: Theme, below: float) -> list[Trace]:
    """A dotted level line with its name this far below its right end."""
    x = np.log2(jitter.sizes[[0, -1]]) + np.array([-0.5, 0.5])
    value = float(np.clip(value, -EDGE, EDGE)) if np.isfinite(value) else float("nan")
    level = {
        "type": "scatter",
        "mode": "lines",
        "x": packed(x),
        "y": packed([value, value]),
        "line": {"color": theme.text, "width": 1.5, "dash": "dot"},
        "hoverinfo": "skip",
    }
    name = {
        "type": "scatter",
        "mode": "text",
        "x": packed(x[1:]),
        "y": packed([value - below]),
        "text": [text],
        "textposition": "bottom left",
        "textfont": {"size": 13, "color": theme.text},
        "hoverinfo": "skip",
    }
    return [level, name]


def _bound(jitter: Jitter, bound: Numbers, theme: Theme) -> Trace:
    return {
        "type": "scatter",
        "mode": "lines",
        "x": packed(np.log2(jitter.sizes)),
        "y": packed(bound),
        "line": {"color": theme.muted, "width": 1.5, "dash": "dash"},
        "hovertemplate": "no value beyond %{y:.2f}<extra></extra>",
    }


def _inset(figure: Figure, jitter: Jitter, theme: Theme) -> None:
    """The image itself, in the corner that its values leave free."""
    side = round(len(jitter.image) ** 0.5)
    low = 0.03 if jitter.steady > 0 else 0.7
    hidden = {"visible": False, "fixedrange": True, "constrain": "domain"}
    figure["data"].append(
        {
            "type": "heatmap",
            "z": packed(jitter.image.reshape(side, side)[::-1]),
            "colorscale": [[0, theme.background], [1, theme.text]],
            "showscale": False,
            "hoverinfo": "skip",
            "xaxis": "x2",
            "yaxis": "y2",
        }
    )
    figure["layout"]["xaxis2"] = hidden | {"domain": [0.78, 0.99], "anchor": "y2"}
    figure["layout"]["yaxis2"] = hidden | {
        "domain": [low, low + 0.27],
        "anchor": "x2",
        "scaleanchor": "x2",
    }


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
    by_chunk = {
        "type": "scatter",
        "mode": "lines+markers",
        "x": packed(chunks),
        "y": packed(middle),
        "line": {"color": theme.text, "width": 2, "dash": "dot"},
        "marker": {"size": 8, "symbol": "square-open", "color": theme.text},
        "hovertemplate": "%{y:.1%}<extra>BN, by chunk size</extra>",
    }
    name = _label(result.chunks, middle, "BN by chunk", "bottom right", theme.text)
    shown = np.unique(np.concatenate([sizes, result.chunks]))
    across = _size_axis(shown, theme)
    across["title"]["text"] = "batch size, or chunk size (log)"
    return _of_pairs([by_chunk, name, *_pair(np.log2(sizes), ends, theme)], across, theme)


def _pair(x: Numbers, ends: Numbers, theme: Theme) -> list[Trace]:
    """Both treatments as line, dots and range; ends: (2, seeds, places)."""
    data: list[Trace] = []
    order, last = np.argsort(x), []
    for values, treatment, symbol in zip(
        ends.astype(np.float64), ("plain", "batch"), ("diamond", "circle"), strict=True
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
                hovertemplate="%{y:.1%}<extra>" + treatment.replace("batch", "BN") + "</extra>",
            ),
        ]
        last.append(float(middle[-1]))
    for treatment, y, side in zip(TREATMENTS, last, names_beside([1.0, 1.0], last), strict=True):
        data.append(_name(treatment, x[order][-1], y, side, theme, LABEL[treatment]))
    return data


def _best_chunk(result: NoiseResult, ends: Numbers, theme: Theme) -> list[Trace]:
    """A level line: BN in the best chunks, without dropout."""
    row = result.best()
    if row is None:
        return []
    level = float(result.final(result.test_accuracy)[row])
    return [
        {
            "type": "scatter",
            "mode": "lines+text",
            "x": packed(ends),
            "y": packed([level, level]),
            "line": {"color": theme.text, "width": 1.5, "dash": "dot"},
            "text": [f"BN in chunks of {result.chunks[row - 1]}, no dropout", ""],
            "textposition": "top right",
            "textfont": {"size": 13, "color": theme.text},
            "hovertemplate": "%{y:.1%}<extra></extra>",
        }
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
