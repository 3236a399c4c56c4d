"""The pictures of when BN breaks: by batch size, on sorted batches, in changing company."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from bnviz.figures import redrawn_batches
from bnviz.figures.base import (
    Figure,
    axis,
    band,
    frames,
    heading,
    layout,
    line,
    over_seeds,
    packed,
)
from bnviz.figures.once import drawn_once
from bnviz.figures.theme import LABEL, Theme

if TYPE_CHECKING:
    from bnviz.experiments.batches import BatchesResult, FullResult, SampleResult, SortedResult

SYMBOL = {
    "plain": "diamond",
    "batch": "circle",
    "layer": "square",
    "renorm": "triangle-up",
    "group": "x",
    "instance": "triangle-down",
    "switchable": "star",
}
MIXED = "mixed"  # BN on mini-batches of all classes
ROWS = ("layer", "plain", "renorm", "batch", MIXED)  # of the dumbbells, from below
SIGN = {
    "plain": "◆",
    "batch": "●",
    "layer": "■",
    "renorm": "▲",
    "group": "✖",
    "instance": "▼",
    "switchable": "★",
}
"""The same in a line of text."""
LOWEST = 1e-3  # of the errors on a log axis
HEIGHT = 400

PUBLISHED = {
    "batch": (34.7, 27.3, 24.8, 23.7, 23.6),
    "group": (24.1, 24.2, 24.0, 24.2, 24.1),
}
"""ImageNet error in percent at batch size 2, 4, 8, 16, 32 per worker (Wu & He 2018)."""
PUBLISHED_SIZES = (2, 4, 8, 16, 32)
PUBLISHED_LAYER = 25.3  # layer norm, at 32 alone
PUBLISHED_INSTANCE = 28.4  # instance norm, at 32 alone

Numbers = NDArray[Any]
Trace = dict[str, Any]


@drawn_once
def errors(result: BatchesResult, theme: Theme) -> Figure:
    """Test error against batch size, by treatment. Frames: the shares of training."""
    x = np.log2(result.sizes)
    wrong = {kind: 1 - values.astype(np.float64) for kind, values in result.accuracy.items()}
    mended = over_seeds((1 - result.precise.astype(np.float64)).T)[0]

    def at(column: int) -> list[Trace]:
        now = {kind: values[:, :, column] for kind, values in wrong.items()}
        return _by_size(x, now, mended, column == len(result.steps) - 1, theme)

    figure = all_moving(
        result.steps,
        at,
        theme,
        xaxis=size_axis(result.sizes, theme),
        yaxis=axis(theme, "test error", range=[-0.02, 1], tickformat=".0%", dtick=0.2),
    )
    return with_key(figure, list(wrong), theme, "<b>○ BN, precise statistics, at the end</b>")


def with_key(figure: Figure, kinds: Sequence[str], theme: Theme, more: str = "") -> Figure:
    """What each line is, in a row above the figure, with one row more below it."""
    return with_rows(
        figure, [*([key_of(kinds, theme)] if kinds else []), *filter(None, [more])], theme
    )


def key_of(kinds: Sequence[str], theme: Theme) -> str:
    """The names of some treatments, in their colours, with their signs."""
    return "   ".join(named(f"{SIGN[kind]} {LABEL[kind]}", kind, theme) for kind in kinds)


def named(text: str, kind: str, theme: Theme) -> str:
    """A text in the colour of a treatment."""
    return f'<span style="color:{theme.colour(kind)}"><b>{text}</b></span>'


def with_rows(figure: Figure, rows: Sequence[str], theme: Theme) -> Figure:
    """Rows of text above the figure, and room for them."""
    lines = "<br>".join(rows)
    figure["layout"]["margin"]["t"] = 36 + 20 * lines.count("<br>")
    key = heading(lines, 0, 1.02, theme, font={"size": 13, "color": theme.text}, align="left")
    figure["layout"].setdefault("annotations", []).append(key)
    return figure


def _by_size(
    x: Numbers, wrong: Mapping[str, Numbers], mended: Numbers, ended: bool, theme: Theme
) -> list[Trace]:
    """Each treatment's line and range; at the end, BN with precise statistics as well.

    wrong: treatment -> (S, seeds); mended: (S,).
    """
    spans = {kind: over_seeds(values.T) for kind, values in wrong.items()}
    traces = [band(x, low, high, kind, theme) for kind, (_, low, high) in spans.items()]
    traces += [marked_line(x, middle, kind, theme) for kind, (middle, _, _) in spans.items()]
    traces.append(
        {
            "type": "scatter",
            "mode": "markers",
            "x": packed(x),
            "y": packed(mended if ended else np.full_like(mended, np.nan)),
            "marker": {"symbol": "circle-open", "size": 16, "color": theme.text},
            "hovertemplate": "%{y:.1%}<extra>BN, precise statistics</extra>",
        }
    )
    return traces


def marked_line(x: Numbers, y: Numbers, kind: str, theme: Theme, **more: Any) -> Trace:
    return line(
        x,
        y,
        kind,
        theme,
        mode="lines+markers",
        marker={"size": 9, "symbol": SYMBOL[kind], "color": theme.colour(kind)},
        hovertemplate="%{y:.1%}<extra>" + LABEL[kind] + "</extra>",
        **more,
    )


def all_moving(
    steps: Numbers, at: Any, theme: Theme, still: Sequence[Trace] = (), **axes: Any
) -> Figure:
    """A figure whose traces `at(column)` all move, over some that do not."""
    traces = at(len(steps) - 1)

    def moved(column: int) -> list[Trace]:
        return [{key: trace[key] for key in ("x", "y") if key in trace} for trace in at(column)]

    moving = range(len(still), len(still) + len(traces))
    return {
        "data": [*still, *traces],
        "layout": layout(theme, HEIGHT, margin={"l": 52, "r": 12, "t": 36, "b": 48}, **axes),
        "frames": frames(steps, moving, moved),
    }


def size_axis(sizes: Numbers, theme: Theme, title: str = "batch size (log)") -> Trace:
    places = np.log2(sizes)
    return axis(
        theme,
        title,
        range=[float(places[0]) - 0.35, float(places[-1]) + 0.35],
        tickvals=[float(place) for place in places],
        ticktext=[str(int(size)) for size in sizes],
    )


@drawn_once
def curves(result: BatchesResult, theme: Theme) -> Figure:
    """Test accuracy over training at the batch size of the knob. Frames: a dot on each curve."""
    place = result.config.focus()
    spans = {
        kind: over_seeds(values[place].astype(np.float64))
        for kind, values in result.accuracy.items()
    }
    return _over_training(result, spans, theme)


@drawn_once
def on_sorted(result: SortedResult, theme: Theme) -> Figure:
    """Test accuracy at inference over training on sorted batches. Frames: a dot on each curve."""
    spans = {
        kind: over_seeds(values.astype(np.float64))
        for kind, values in result.accuracy.items()
        if kind != MIXED
    }
    reference = {
        "type": "scatter",
        "mode": "lines",
        "x": packed(result.steps),
        "y": packed(over_seeds(result.accuracy[MIXED].astype(np.float64))[0]),
        "line": {"color": theme.batch, "width": 1.5, "dash": "dot"},
        "hovertemplate": "%{y:.1%}<extra>BN, mixed batches</extra>",
    }
    return _over_training(result, spans, theme, [reference], "<b>┈ BN on mixed batches</b>")


def _over_training(
    result: BatchesResult | SortedResult,
    spans: Mapping[str, tuple[Numbers, Numbers, Numbers]],
    theme: Theme,
    more: Sequence[Trace] = (),
    told: str = "",
) -> Figure:
    """Curves over the shares of training; spans: treatment -> median, lowest, highest, (T,)."""
    x = result.steps.astype(np.float64)
    still = [band(x, low, high, kind, theme) for kind, (_, low, high) in spans.items()]
    still += [
        *more,
        *(marked_line(x, middle, kind, theme) for kind, (middle, _, _) in spans.items()),
    ]
    for trace in still[-len(spans) :]:
        trace["mode"] = "lines"

    def at(column: int) -> list[Trace]:
        return [dot_of(kind, x, middle, column, theme) for kind, (middle, _, _) in spans.items()]

    figure = all_moving(
        result.steps,
        at,
        theme,
        still,
        xaxis=axis(theme, "share of training", range=[-3, 103], ticksuffix="%", dtick=25),
        yaxis=axis(theme, "test accuracy", range=[-0.02, 1.04], tickformat=".0%", dtick=0.2),
    )
    return with_key(figure, list(spans), theme, told)


@drawn_once
def company(result: SortedResult, theme: Theme) -> Figure:
    """Accuracy in training mode, among few classes, beside inference. Frames: the training."""
    labels = LABEL | {MIXED: "BN,<br>mixed"}
    y = np.arange(len(ROWS), dtype=np.float64)
    pairs = [
        np.stack([over_seeds(values[kind].astype(np.float64))[0] for kind in ROWS])
        for values in (result.in_company, result.accuracy)
    ]
    colours = [theme.colour("batch" if kind == MIXED else kind) for kind in ROWS]
    symbols = [SYMBOL["batch" if kind == MIXED else kind] for kind in ROWS]

    def at(column: int) -> list[Trace]:
        own, inference = (values[:, column] for values in pairs)
        gap = np.full_like(own, np.nan)
        bars = {
            "type": "scatter",
            "mode": "lines",
            "x": packed(np.stack([own, inference, gap], axis=1).ravel()),
            "y": packed(np.stack([y, y, gap], axis=1).ravel()),
            "line": {"color": theme.muted, "width": 2},
            "hoverinfo": "skip",
        }
        dots = [
            {
                "type": "scatter",
                "mode": "markers",
                "x": packed(values),
                "y": packed(y),
                "marker": {
                    "size": size,
                    "symbol": [symbol + suffix for symbol in symbols],
                    "color": colours,
                    "line": {"width": 2, "color": colours},
                },
                "hovertemplate": "%{x:.1%}<extra>" + name + "</extra>",
            }
            for values, suffix, size, name in (
                (own, "-open", 15, "training mode"),
                (inference, "", 9, "inference"),
            )
        ]
        return [bars, *dots]

    figure = all_moving(
        result.steps,
        at,
        theme,
        xaxis=axis(theme, "test accuracy", range=[-0.02, 1.04], tickformat=".0%", dtick=0.2),
        yaxis=axis(
            theme,
            "",
            range=[-0.5, len(ROWS) - 0.5],
            tickvals=[float(place) for place in y],
            ticktext=[f"<b>{labels[kind]}</b>" for kind in ROWS],
        ),
    )
    figure["layout"]["margin"]["l"] = 84
    return with_key(
        figure, [], theme, "<b>● at inference<br>○ in sorted batches, as in training</b>"
    )


@drawn_once
def one_prediction(result: SampleResult, theme: Theme) -> Figure:
    """The probability of its class for one sample in many batches, and what layer norm says."""
    figure = deepcopy(redrawn_batches.probability(result, theme))  # which others share
    ends = np.log2(result.jitter.sizes[[0, -1]]) + np.array([-0.5, 0.5])
    level = line(ends, [result.by_layer] * 2, "layer", theme, hoverinfo="skip")
    figure["data"].append(level)
    figure["layout"]["margin"]["t"] = 36
    return with_key(figure, ["batch", "layer"], theme)


@drawn_once
def published(theme: Theme) -> Figure:
    """BN and group norm on ImageNet, by batch size per worker, as published."""
    x = np.log2(PUBLISHED_SIZES)
    kinds = list(PUBLISHED)
    data = [marked_line(x, np.array(PUBLISHED[kind]) / 100, kind, theme) for kind in kinds]
    at_32 = marked_line(x[-1:], np.array([PUBLISHED_LAYER]) / 100, "layer", theme)
    source = {
        "type": "scatter",
        "mode": "text",
        "x": packed(x[-1:] + 0.3),
        "y": packed([0.35]),
        "text": ["<b>published</b>: ImageNet<br>(Wu & He 2018)"],
        "textposition": "bottom left",
        "textfont": {"size": 14, "color": theme.text},
        "hoverinfo": "skip",
    }
    return with_key(
        {
            "data": [*data, at_32 | {"mode": "markers"}, source],
            "layout": layout(
                theme,
                HEIGHT,
                xaxis=size_axis(np.array(PUBLISHED_SIZES), theme, "batch size per worker (log)"),
                yaxis=axis(
                    theme, "ImageNet error", range=[0.2, 0.36], tickformat=".0%", dtick=0.04
                ),
                margin={"l": 52, "r": 12, "t": 36, "b": 48},
            ),
        },
        [*kinds, "layer"],
        theme,
    )


@drawn_once
def full(results: Sequence[FullResult], theme: Theme) -> Figure:
    """Test error after the whole training, by batch size, all treatments."""
    ordered = sorted(results, key=lambda one: one.config.batch_size)
    sizes = np.array([one.config.batch_size for one in ordered])
    x, kinds = np.log2(sizes), list(ordered[0].accuracy)

    def wrong(values: Sequence[Numbers]) -> Numbers:
        return np.maximum(1 - np.stack(values).astype(np.float64), LOWEST).T

    spans = {kind: over_seeds(wrong([one.accuracy[kind] for one in ordered])) for kind in kinds}
    data = [band(x, low, high, kind, theme) for kind, (_, low, high) in spans.items()]
    data += [marked_line(x, middle, kind, theme) for kind, (middle, _, _) in spans.items()]
    data.append(
        {
            "type": "scatter",
            "mode": "markers",
            "x": packed(x),
            "y": packed(over_seeds(wrong([one.precise for one in ordered]))[0]),
            "marker": {"symbol": "circle-open", "size": 16, "color": theme.text},
            "hovertemplate": "%{y:.1%}<extra>BN, precise statistics</extra>",
        }
    )
    vertical = axis(
        theme, "test error (log)", type="log", range=[-2.1, 0.05], tickformat=".0%",
        tickvals=[0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1],
    )  # fmt: skip
    drawn = {
        "data": data,
        "layout": layout(
            theme,
            HEIGHT,
            xaxis=size_axis(sizes, theme),
            yaxis=vertical,
            margin={"l": 52, "r": 12, "t": 56, "b": 48},
        ),
    }
    return with_key(drawn, kinds, theme, "<b>○ BN, precise statistics</b>")


def dot_of(kind: str, x: Numbers, middle: Numbers, column: int, theme: Theme) -> dict[str, Any]:
    """Where the curve of a treatment stands at this record, in its sign."""
    return {
        "type": "scatter",
        "mode": "markers",
        "x": packed(x[[column]]),
        "y": packed(middle[[column]]),
        "marker": {
            "size": 12,
            "symbol": SYMBOL[kind],
            "color": theme.colour(kind),
            "line": {"width": 1.5, "color": theme.background},
        },
        "hovertemplate": "%{y:.1%}<extra>" + LABEL[kind] + "</extra>",
    }
