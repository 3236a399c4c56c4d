"""The pictures of when BN breaks: by batch size, here and as published, and in any company."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from typing import TYPE_CHECKING

import numpy as np

from bnviz.figures import marks, redrawn_batches
from bnviz.figures.base import Figure, axis, layout, line, over_seeds
from bnviz.figures.marks import Trace, stroke
from bnviz.figures.once import drawn_once
from bnviz.figures.signs import (
    HEIGHT,
    Numbers,
    all_moving,
    banded,
    marked_line,
    over_training,
    precise_rings,
    size_axis,
    with_key,
)
from bnviz.figures.theme import Theme
from bnviz.verdicts.criteria import SAME

if TYPE_CHECKING:
    from bnviz.experiments.batches import BatchesResult, FullResult
    from bnviz.experiments.company import SampleResult

FIRST_HEIGHT = 306  # of what stands in the first window
LOWEST = 1e-3  # of the errors on a log axis

PUBLISHED = {
    "batch": (34.7, 27.3, 24.8, 23.7, 23.6),
    "group": (24.1, 24.2, 24.0, 24.2, 24.1),
}
"""ImageNet error in percent at batch size 2, 4, 8, 16, 32 per worker (Wu & He 2018)."""
PUBLISHED_SIZES = (2, 4, 8, 16, 32)
PUBLISHED_LAYER = 25.3  # layer norm, at 32 alone
PUBLISHED_INSTANCE = 28.4  # instance norm, at 32 alone


@drawn_once
def errors(result: BatchesResult, theme: Theme) -> Figure:
    """Test error against batch size, by treatment. Frames: the shares of training.

    In the smallest batches, how far BN is behind layer norm. At the end, BN with precise
    statistics as well.
    """
    x = np.log2(result.sizes)
    wrong = {kind: 1 - values.astype(np.float64) for kind, values in result.accuracy.items()}
    mended = over_seeds((1 - result.precise.astype(np.float64)).T)[0]
    last = len(result.steps) - 1

    def at(column: int) -> list[Trace]:
        spans = {kind: over_seeds(values[:, :, column].T) for kind, values in wrong.items()}
        shown = mended if column == last else np.full_like(mended, np.nan)
        batch, layer = (float(spans[kind][0][0]) for kind in ("batch", "layer"))
        return [
            *banded(x, spans, theme),
            precise_rings(x, shown, theme),
            *_behind(float(x[0]), batch, layer, theme),
        ]

    figure = all_moving(
        result.steps,
        at,
        theme,
        height=FIRST_HEIGHT,
        xaxis=size_axis(result.sizes, theme, "batch size: samples in a mini-batch (log)"),
        yaxis=axis(theme, "test error", range=[-0.02, 1.12], tickformat=".0%", dtick=0.2),
    )
    return with_key(figure, list(wrong), theme, _ring(result.config.precise_samples()))


def _ring(samples: int) -> str:
    """What precise statistics are, in a row of the key."""
    return f"<b>○ BN with precise statistics</b>,<br>of {samples} training samples, at the end"


def _behind(x: float, batch: float, layer: float, theme: Theme) -> list[Trace]:
    """In the smallest batches: a line from layer norm up to BN, where BN is behind; its error."""
    behind = batch - layer >= SAME  # not where one is NaN
    ends = np.array([layer, batch if behind else np.nan])
    return [
        stroke(np.full(2, x), ends, theme.text, 1.5, line={"dash": "dot"}, hoverinfo="skip"),
        marks.text(
            np.array([x]),
            np.array([batch]),
            [f"<b>{batch:.0%}</b>" if behind else ""],
            theme.colour("batch"),
            15,
            textposition="top right",
        ),
    ]


@drawn_once
def curves(result: BatchesResult, theme: Theme) -> Figure:
    """Test accuracy over training in the smallest batches. Frames: the curves so far."""
    place = result.config.focus()
    spans = {
        kind: over_seeds(values[place].astype(np.float64))
        for kind, values in result.accuracy.items()
    }
    return over_training(result.steps, spans, theme)


@drawn_once
def one_prediction(result: SampleResult, theme: Theme) -> Figure:
    """The probability of its class for one sample in many batches, and what layer norm says."""
    figure = deepcopy(redrawn_batches.probability(result, theme))  # which others share
    ends = np.log2(result.in_batches.sizes[[0, -1]]) + np.array([-0.5, 0.5])
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
    at_32 = np.array([PUBLISHED_LAYER]) / 100
    data.append(marked_line(x[-1:], at_32, "layer", theme, mode="markers"))
    source = ["<b>published</b>: ImageNet<br>(Wu & He 2018)"]
    beside = {"textposition": "bottom left"}
    data.append(marks.text(x[-1:] + 0.3, [0.35], source, theme.text, 14, **beside))
    figure = {
        "data": data,
        "layout": layout(
            theme,
            HEIGHT,
            xaxis=size_axis(np.array(PUBLISHED_SIZES), theme, "batch size per worker (log)"),
            yaxis=axis(theme, "ImageNet error", range=[0.2, 0.36], tickformat=".0%", dtick=0.04),
            margin={"l": 52, "r": 12, "t": 36, "b": 48},
        ),
    }
    return with_key(figure, [*kinds, "layer"], theme)


@drawn_once
def full(results: Sequence[FullResult], theme: Theme) -> Figure:
    """Test error after the whole training, by batch size, all treatments."""
    ordered = sorted(results, key=lambda one: one.config.batch_size)
    sizes = np.array([one.config.batch_size for one in ordered])
    x, kinds = np.log2(sizes), list(ordered[0].accuracy)

    def wrong(values: Sequence[Numbers]) -> tuple[Numbers, Numbers, Numbers]:
        return over_seeds(np.maximum(1 - np.stack(values).astype(np.float64), LOWEST).T)

    spans = {kind: wrong([one.accuracy[kind] for one in ordered]) for kind in kinds}
    rings = precise_rings(x, wrong([one.precise for one in ordered])[0], theme)
    vertical = axis(
        theme, "test error (log)", type="log", range=[-2.1, 0.05], tickformat=".0%",
        tickvals=[0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1],
    )  # fmt: skip
    samples = ordered[0].config.precise_samples()
    drawn = {
        "data": [*banded(x, spans, theme), rings],
        "layout": layout(
            theme,
            HEIGHT,
            xaxis=size_axis(sizes, theme),
            yaxis=vertical,
            margin={"l": 52, "r": 12, "t": 56, "b": 48},
        ),
    }
    return with_key(drawn, kinds, theme, _ring(samples))
