"""Redrawn mini-batches: how far their statistics stray, and what one sample feels of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from bnviz.figures import marks
from bnviz.figures.base import Figure, axis, band, layout, log_axis, over_seeds, packed
from bnviz.figures.marks import Trace
from bnviz.figures.once import drawn_once
from bnviz.figures.theme import Theme, translucent

if TYPE_CHECKING:
    from bnviz.experiments.redrawn_batches import AloneResult, SampleInBatches, SamplingNoise

NEAR_TOP = 0.95  # a probability above which there is no room for a name
SPREAD = 0.3  # half the width of a strip of dots, in doublings
EDGE = 3.1  # normalized values beyond are drawn at the edge

Numbers = NDArray[Any]


@drawn_once
def laws(sampling: SamplingNoise, theme: Theme) -> tuple[Figure, Figure]:
    """How far the statistics of a mini-batch stray: the mean; the variance and the deviation."""
    return law_of_the_mean(sampling, theme), law_of_the_variance(sampling, theme)


@drawn_once
def law_of_the_mean(sampling: SamplingNoise, theme: Theme) -> Figure:
    """How far the mean of a mini-batch strays, against its size: measured and in theory."""
    independent = 1 / np.sqrt(sampling.sizes)
    data = [
        _theory(sampling.sizes, independent, theme.muted, "dot"),
        *_measured(sampling.sizes, sampling.mean, theme),
        _theory(sampling.sizes, sampling.mean_theory, theme.text, "solid"),
        label(sampling.sizes, independent, "1/√m", "top right", theme.muted, -2),
        label(sampling.sizes, sampling.mean_theory, "theory", "bottom left", theme.text, 2),
        label(
            sampling.sizes,
            over_seeds(sampling.mean.T)[0],
            "<b>measured</b>",
            "top right",
            theme.batch,
        ),
    ]
    return _over_sizes(data, sampling.sizes, "spread of the mean, in s (log)", theme)


@drawn_once
def law_of_the_variance(sampling: SamplingNoise, theme: Theme) -> Figure:
    """How far the variance and the deviation of a mini-batch stray, measured and in theory."""
    exact = over_seeds(sampling.variance_theory.T)[0]
    above, below = over_seeds(sampling.variance.T)[2], over_seeds(sampling.std.T)[1]
    data = [
        _theory(sampling.sizes, exact / 2, theme.muted, "dot"),
        *_measured(sampling.sizes, sampling.std, theme, "diamond-open"),
        *_measured(sampling.sizes, sampling.variance, theme),
        _theory(sampling.sizes, exact, theme.text, "solid"),
        label(sampling.sizes, above, "<b>variance, in s²</b>", "top right", theme.batch, 1),
        label(
            sampling.sizes,
            below,
            "<b>standard<br>deviation, in s</b>",
            "bottom left",
            theme.batch,
            4,
        ),
    ]
    return _over_sizes(data, sampling.sizes, "spread of the variance (log)", theme)


def _measured(sizes: Numbers, spread: Numbers, theme: Theme, symbol: str = "circle") -> list[Trace]:
    """The median over the units as dots, and their range; spread: (S, width)."""
    middle, low, high = over_seeds(spread.T)
    x = np.log2(sizes)
    return [
        band(x, _positive(low), _positive(high), "batch", theme, name="all units"),
        marks.points(
            x,
            _positive(middle),
            theme.batch,
            9,
            marker={"symbol": symbol},
            hovertemplate="%{y:.3g}<extra>measured</extra>",
        ),
    ]


def _positive(values: Numbers) -> Numbers:
    """What a log axis can show."""
    return np.where(values > 0, values, np.nan)


def _theory(sizes: Numbers, spread: Numbers, colour: str, dash: str) -> Trace:
    hover = "%{y:.3g}<extra>theory</extra>"
    look = {"line": {"dash": dash}, "hovertemplate": hover}
    return marks.stroke(np.log2(sizes), _positive(spread), colour, 2, **look)


def label(
    sizes: Numbers, spread: Numbers, text: str, position: str, colour: str, place: int = 0
) -> Trace:
    """A name beside one point of a curve."""
    place = max(-len(sizes), min(place, len(sizes) - 1))
    x, y = np.log2(sizes)[[place]], _positive(spread[[place]])
    return marks.text(x, y, [text], colour, textposition=position, cliponaxis=False)


def _over_sizes(data: list[Trace], sizes: Numbers, vertical: str, theme: Theme) -> Figure:
    """A figure over batch sizes, both axes logarithmic, spreads from 0.01 to 1."""
    return {
        "data": data,
        "layout": layout(
            theme,
            340,
            xaxis=size_axis(sizes, theme),
            yaxis=log_axis(theme, vertical, (-2.05, 0.2)),
            margin={"l": 52, "r": 12, "t": 12, "b": 48},
        ),
    }


def size_axis(sizes: Numbers, theme: Theme) -> Trace:
    """Batch sizes by doublings."""
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
    in_batches = result.in_batches
    values = np.clip(in_batches.activation[part], -EDGE, EDGE)
    bound = np.sqrt(in_batches.sizes - 1)
    data = [
        *_level(in_batches, in_batches.steady, "all training samples", theme, 0.3),
        *_strips(in_batches, values, theme, "%{y:.2f}"),
    ]
    if part == "both":  # only a value normalized with its own batch is bound
        data = [_bound(in_batches, sign * bound, theme) for sign in (1, -1)] + data
        data.append(label(in_batches.sizes, bound, "±√(m−1)", "middle right", theme.muted, 2))
    vertical = axis(theme, "normalized activation", range=[-EDGE - 0.1, EDGE + 0.1], dtick=1)
    figure = _of_one_sample(data, in_batches, vertical, theme)
    if result.config.raw_samples().kind == "images":
        _inset(figure, in_batches, theme)
    return figure


class OfOneSample(Protocol):
    """A result that has put one sample into many batches."""

    @property
    def in_batches(self) -> SampleInBatches: ...


@drawn_once
def probability(result: OfOneSample, theme: Theme) -> Figure:
    """What the network makes of one sample in many batches: the probability of its class."""
    in_batches = result.in_batches
    data = [
        *_level(in_batches, in_batches.inference, "inference", theme, _room(in_batches)),
        *_strips(in_batches, in_batches.probability, theme, "%{y:.0%}"),
    ]
    vertical = axis(theme, "probability of its class", range=[-0.04, 1.1], tickformat=".0%")
    return _of_one_sample(data, in_batches, vertical, theme)


def _room(in_batches: SampleInBatches) -> float:
    """How far below its level a name is clear of the median's curve; negative: above it."""
    known = in_batches.probability[-1][np.isfinite(in_batches.probability[-1])]
    above = known.size and NEAR_TOP > in_batches.inference >= np.median(known)
    return -0.01 if above else 0.05


def _of_one_sample(
    data: list[Trace], in_batches: SampleInBatches, vertical: Trace, theme: Theme
) -> Figure:
    return {
        "data": data,
        "layout": layout(
            theme,
            360,
            xaxis=size_axis(in_batches.sizes, theme),
            yaxis=vertical,
            margin={"l": 52, "r": 12, "t": 12, "b": 48},
        ),
    }


def _strips(in_batches: SampleInBatches, values: Numbers, theme: Theme, hover: str) -> list[Trace]:
    """A strip of dots for each batch size, and the 10th, 50th and 90th percentile over it."""
    draws = values.shape[1]
    beside = SPREAD * (2 * (np.arange(draws) * 0.618034 % 1) - 1)  # evenly, in no order
    x = np.log2(in_batches.sizes)[:, None] + beside
    known = np.isfinite(values)
    quantiles = np.full((3, len(values)), np.nan)
    for row, here in enumerate(known):
        if here.any():
            quantiles[:, row] = np.quantile(values[row, here], [0.1, 0.5, 0.9])
    curves = [
        marks.stroke(
            np.log2(in_batches.sizes),
            curve,
            theme.batch,
            width,
            hovertemplate=f"{hover}<extra>{name}</extra>",
        )
        for curve, width, name in zip(
            quantiles, (1.5, 3, 1.5), ("10th percentile", "median", "90th percentile"), strict=True
        )
    ]
    faint = translucent(theme.batch, 0.35)
    dots = marks.points(x[known], values[known], faint, 4, hoverinfo="skip")
    return [dots, *curves]


def _level(
    in_batches: SampleInBatches, value: float, text: str, theme: Theme, below: float
) -> list[Trace]:
    """A dotted level line with its name this far below its right end, or above it."""
    x = np.log2(in_batches.sizes[[0, -1]]) + np.array([-0.5, 0.5])
    side = "bottom" if below > 0 else "top"
    value = float(np.clip(value, -EDGE, EDGE)) if np.isfinite(value) else float("nan")
    return [
        marks.stroke(x, [value, value], theme.text, 1.5, line={"dash": "dot"}, hoverinfo="skip"),
        marks.text(x[1:], [value - below], [text], theme.text, textposition=f"{side} left"),
    ]


def _bound(in_batches: SampleInBatches, bound: Numbers, theme: Theme) -> Trace:
    hover = "no value beyond %{y:.2f}<extra></extra>"
    look = {"line": {"dash": "dash"}, "hovertemplate": hover}
    return marks.stroke(np.log2(in_batches.sizes), bound, theme.muted, 1.5, **look)


def _inset(figure: Figure, in_batches: SampleInBatches, theme: Theme) -> None:
    """The image itself, in the corner that its values leave free."""
    side = round(len(in_batches.image) ** 0.5)
    low = 0.03 if in_batches.steady > 0 else 0.7
    hidden = {"visible": False, "fixedrange": True, "constrain": "domain"}
    figure["data"].append(
        {
            "type": "heatmap",
            "z": packed(in_batches.image.reshape(side, side)[::-1]),
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
