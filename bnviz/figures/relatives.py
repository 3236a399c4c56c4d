"""The pictures of BN's relatives: who learns, over training and by batch size."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from typing import TYPE_CHECKING, Any

import numpy as np

from bnviz.figures import batches, signs
from bnviz.figures.base import (
    Figure,
    axis,
    curve,
    growing,
    heading,
    layout,
    over_seeds,
    packed,
)
from bnviz.figures.marks import Trace, points, stroke
from bnviz.figures.once import drawn_once
from bnviz.figures.signs import HEIGHT, SYMBOL, Numbers
from bnviz.figures.theme import LABEL, Theme
from bnviz.verdicts.relatives import CURVES, end

if TYPE_CHECKING:
    from bnviz.experiments.relatives import RelativesResult

ROWS = ("plain", "switchable", "renorm", "batch", "instance", "group", "layer")  # from below
NAMES = 134  # pixels for the names of the rows
TALL = 300  # of the first pictures, which stand in the first window with their clock
ROW, SIGN = 30, 3  # letters of names in a row of the key, on a phone; of a sign and its gap


@drawn_once
def ladder(result: RelativesResult, theme: Theme) -> Figure:
    """Test accuracy of every network, a row each, with the numbers behind a mean. Frames."""
    values = np.stack([result.accuracy[kind].astype(np.float64) for kind in ROWS])
    middles = np.stack([over_seeds(one)[0] for one in values])
    ends, rungs = [-0.6, len(ROWS) - 0.4], _rungs(values.shape[1], theme)
    chance = stroke(
        [result.chance()] * 2, ends, theme.muted, 1.5, line={"dash": "dot"}, hoverinfo="skip"
    )
    rows: dict[str, Any] = {
        "tickvals": [float(place) for place in range(len(ROWS))],
        "ticktext": [_row(result, kind, theme) for kind in ROWS],
    }

    def at(column: int) -> list[Trace]:
        places = values[:, :, column].ravel(), middles[:, column]
        return [trace | {"x": packed(x)} for trace, x in zip(rungs, places, strict=True)]

    margin = {"l": NAMES, "r": 12, "t": 30, "b": 42}
    across = signs.accuracy_axis(theme, "test accuracy (grey: each seed)")
    axes = {"xaxis": across, "yaxis": axis(theme, "", range=ends, **rows)}
    notes = [_titled("Normalizer · numbers in each mean", theme), _guessing(result, theme)]
    look = layout(theme, TALL, margin=margin, annotations=notes, **axes)
    return growing(result.steps, at, [chance]) | {"layout": look}


def _titled(title: str, theme: Theme) -> dict[str, Any]:
    """Above the whole figure, the names of its rows included."""
    font = {"size": 14, "color": theme.text}
    return heading(f"<b>{title}</b>", 0, 1.01, theme, xshift=8 - NAMES, font=font)


def _guessing(result: RelativesResult, theme: Theme) -> dict[str, Any]:
    """What the dotted line is."""
    return {
        "text": "guessing", "x": result.chance(), "y": len(ROWS) - 0.4, "xanchor": "left",
        "yanchor": "top", "xshift": 4, "showarrow": False,
        "font": {"size": 12, "color": theme.muted},
    }  # fmt: skip


def _rungs(seeds: int, theme: Theme) -> list[Trace]:
    """A small dot in its row for every seed, and a treatment's sign for their median."""
    y = np.arange(len(ROWS), dtype=np.float64)
    sign = {
        "symbol": [SYMBOL[kind] for kind in ROWS],
        "line": {"width": 1.5, "color": theme.background},
    }
    colours = [theme.colour(kind) for kind in ROWS]
    every = np.repeat(y, seeds)
    return [
        points(every, every, theme.muted, 7, marker={"opacity": 0.55}, hoverinfo="skip"),
        points(y, y, colours, 15, marker=sign, hovertemplate="%{x:.1%}<extra></extra>"),
    ]


def _row(result: RelativesResult, kind: str, theme: Theme) -> str:
    """A normalizer's name and how many numbers its means are over."""
    named = signs.named(LABEL[kind], kind, theme)
    if kind == "plain":
        return named
    count = result.config.numbers(kind)
    return f"{named} · {'mixed' if kind == 'switchable' else count}"


@drawn_once
def curves(result: RelativesResult, theme: Theme) -> Figure:
    """Test accuracy over training, BN and those that need no batch. Frames: as far as trained."""
    x = result.steps.astype(np.float64)
    spans = {kind: over_seeds(result.accuracy[kind].astype(np.float64)) for kind in CURVES}

    def at(column: int) -> list[Trace]:
        lines = [curve(x, span, kind, theme, column) for kind, span in spans.items()]
        around = [area for kind, (area, _) in zip(spans, lines, strict=True) if kind == "batch"]
        heads = [
            signs.dot_of(kind, x, middle, column, theme) for kind, (middle, _, _) in spans.items()
        ]
        return [*around, *(middle for _, middle in lines), *heads]

    reach = float(x[-1])
    axes = {
        "xaxis": axis(theme, "training step", range=[-0.02 * reach, 1.03 * reach]),
        "yaxis": signs.accuracy_axis(theme),
    }
    look = layout(theme, TALL, margin={"l": 52, "r": 12, "t": 36, "b": 42}, **axes)
    return _keyed(growing(result.steps, at) | {"layout": look}, CURVES, theme)


def _keyed(figure: Figure, kinds: Sequence[str], theme: Theme) -> Figure:
    """What each line is, in rows for which a phone has room."""
    rows: list[list[str]] = [[]]
    for kind in kinds:
        if sum(len(LABEL[one]) + SIGN for one in [*rows[-1], kind]) > ROW:
            rows.append([])
        rows[-1].append(kind)
    return signs.with_rows(figure, [signs.key_of(row, theme) for row in rows], theme)


@drawn_once
def by_size(results: Sequence[RelativesResult], theme: Theme) -> Figure:
    """Test error of every network by batch size, after as many samples."""
    ordered = sorted(results, key=lambda one: one.config.batch_size)
    sizes = np.array([one.config.batch_size for one in ordered])

    def wrong(kind: str) -> Numbers:
        return np.array([1 - end(one, kind) for one in ordered], np.float64)

    figure: Figure = {
        "data": [signs.marked_line(np.log2(sizes), wrong(kind), kind, theme) for kind in ROWS],
        "layout": layout(
            theme,
            HEIGHT,
            margin={"l": 52, "r": 12, "t": 72, "b": 48},
            xaxis=signs.size_axis(sizes, theme),
            yaxis=axis(theme, "test error", range=[-0.02, 1], tickformat=".0%", dtick=0.2),
        ),
    }
    kinds = ("plain", "batch", "layer", "group", "instance", "renorm", "switchable")
    return _keyed(figure, kinds, theme)


@drawn_once
def published(theme: Theme) -> Figure:
    """BN, group, layer and instance norm on ImageNet, by batch size per worker, as published."""
    figure = deepcopy(batches.published(theme))  # which others share
    at_32 = np.log2(batches.PUBLISHED_SIZES)[-1:]
    instance = np.array([batches.PUBLISHED_INSTANCE]) / 100
    figure["data"].append(signs.marked_line(at_32, instance, "instance", theme, mode="markers"))
    del figure["layout"]["annotations"]
    return _keyed(figure, ("batch", "group", "layer", "instance"), theme)


def sizes(results: Sequence[RelativesResult], theme: Theme) -> tuple[Figure, Figure]:
    """Here, and as published."""
    return by_size(results, theme), published(theme)


def first(result: RelativesResult, theme: Theme) -> tuple[Figure, Figure]:
    """What every network reaches at this step, and over training."""
    return ladder(result, theme), curves(result, theme)
