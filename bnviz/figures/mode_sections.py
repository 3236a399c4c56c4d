"""The pictures of the closed sections on the two modes: one unit, the mistakes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from bnviz.figures import marks
from bnviz.figures.base import Figure, axis, band, layout, line, over_seeds
from bnviz.figures.base import until as until_step
from bnviz.figures.marks import Trace
from bnviz.figures.modes import PRECISE_DASH
from bnviz.figures.named_lines import (
    HAIR,
    HEIGHT,
    MARGIN,
    Label,
    Numbers,
    Scale,
    growing,
    last,
    named_line,
    twice,
    until,
    with_markers,
)
from bnviz.figures.once import drawn_once
from bnviz.figures.theme import Theme, translucent

if TYPE_CHECKING:
    from bnviz.experiments.left_in_inference import LeftInInferenceResult
    from bnviz.experiments.mode_measures import Unit
    from bnviz.experiments.modes import ModesResult


@drawn_once
def statistics(result: ModesResult, unit: Unit, theme: Theme) -> tuple[Figure, Figure]:
    """Mean and variance of one unit over training: mini-batches, running average, population.

    With the running average of the variance as it would be without m/(m-1).
    """
    return _of_unit(result, unit, theme, 0), _of_unit(result, unit, theme, 1)


def _of_unit(result: ModesResult, unit: Unit, theme: Theme, row: int) -> Figure:
    running = unit.averages(result.config.momentum)[row]
    population, batch = unit.population[row].astype(np.float64), unit.batch[row].astype(np.float64)
    every = np.arange(len(running))
    scale = Scale("", population)  # a linear axis …
    scale.low, scale.high = _range(row, running, population, batch)
    biased = unit.averages(result.config.momentum, biased=True)[row]

    def at(column: int) -> list[Trace]:
        now = int(result.steps[column])
        x, known, exact = every[: now + 1], running[: now + 1], population[: column + 1]
        labels: list[Label] = [
            ("running<br>average", last(known), theme.batch),
            ("training<br>set", last(exact), theme.text),
        ]
        lines = [
            _mini_batches(until_step(every[:-1], now - 1), batch, theme),
            _exact(result.steps[: column + 1], exact, theme),
            named_line(x, known, "running average", theme.batch, "solid", 2.5),
        ]
        if row == 1:
            lines.append(named_line(x, biased[: now + 1], "biased", theme.batch, "dot", 2))
            labels.append(("biased", last(biased[: now + 1]), theme.batch))
        return lines + scale.labels(labels, float(result.steps[-1]), 2)

    title = f"{('mean', 'variance')[row]} of the unit"
    vertical = axis(theme, title, range=[scale.low, scale.high])
    room = {"height": 330, "margin": {**MARGIN, "r": 92}}
    return growing(result.steps, theme, vertical, at, **room)


def _mini_batches(x: Numbers, values: Numbers, theme: Theme) -> Trace:
    hover = "%{y:.3g}<extra>one mini-batch</extra>"
    return marks.points(x, values, translucent(theme.batch, 0.4), 4, hovertemplate=hover)


def _exact(steps: Numbers, population: Numbers, theme: Theme) -> Trace:
    drawn = named_line(steps, population, "training set", theme.text, PRECISE_DASH, 1.8)
    return with_markers(drawn, "square", 5)


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
def mistakes(
    result: ModesResult, left: LeftInInferenceResult, theme: Theme
) -> tuple[Figure, Figure]:
    """Tested in training mode, and trained in inference mode."""
    return evaluation(result, theme), left_in_inference(result, left, theme)


@drawn_once
def evaluation(result: ModesResult, theme: Theme) -> Figure:
    """Accuracy in training mode at the last step, by the batches in which the test set comes.

    Without frames: it is measured there alone, and the axis is no training time.
    """
    shuffled, by_class = (over_seeds(values.T.astype(np.float64)) for values in result.evaluated)
    inference = over_seeds(result.test_accuracy[result.running][:, -1:].astype(np.float64))
    x = np.log2(result.sizes)
    ends = np.array([x[0] - 0.4, x[-1] + 0.4])
    scale = Scale("accuracy", shuffled[0])
    level = float(inference[0][0])
    labels: list[Label] = [
        ("inference", level, theme.batch),
        ("shuffled", float(shuffled[0][-2]), theme.muted),
        ("by class", float(by_class[0][-2]), theme.muted),
    ]
    in_training = [
        with_markers(
            named_line(x, values, f"training mode, {name}", theme.muted, "dot", 2.5), symbol, 9
        )
        for values, name, symbol in (
            (shuffled[0], "shuffled", "circle"),
            (by_class[0], "sorted by class", "square-open"),
        )
    ]
    data = [
        band(x, *shuffled[1:], "batch", theme),
        band(x, *by_class[1:], "batch", theme),
        named_line(ends, twice(level), "inference mode", theme.batch, "solid", 3),
        *in_training,
        *scale.labels(labels, float(ends[1])),
    ]
    across = axis(
        theme,
        "test samples in a batch (log)",
        range=[float(ends[0]), float(ends[1]) + HAIR],
        tickvals=[float(one) for one in x],
        ticktext=[str(int(size)) for size in result.sizes],
    )
    look = layout(theme, HEIGHT, margin=MARGIN, xaxis=across, yaxis=scale.axis(theme))
    return {"data": data, "layout": look}


@drawn_once
def left_in_inference(result: ModesResult, left: LeftInInferenceResult, theme: Theme) -> Figure:
    """Accuracy over training, where training was done in inference mode, and the right way."""
    right, plain = result.test_accuracy[result.running], result.plain_accuracy
    always, since = left.accuracy
    values = [over_seeds(v.astype(np.float64)) for v in (right, since, always, plain)]
    scale, x, start = Scale("accuracy", right), result.steps, left.config.since()
    names = ("the right<br>way", f"from step<br>{start} on", "always", "plain")
    colours = (theme.batch, theme.muted, theme.muted, theme.plain)
    later = f"inference mode from step {start} on"

    def at(column: int) -> list[Trace]:
        grown, along = until(column, values), x[: column + 1]
        middles = [middle for middle, _, _ in grown]
        labels: list[Label] = [
            (name, last(middle), colour)
            for name, middle, colour in zip(names, middles, colours, strict=True)
        ]
        return [
            band(along, *grown[0][1:], "batch", theme),
            named_line(along, middles[2], "always in inference mode", theme.muted, "dot", 2.5),
            named_line(along, middles[1], later, theme.muted, "dashdot", 2.5),
            named_line(along, middles[0], "the right way", theme.batch, "solid", 3),
            line(along, middles[3], "plain", theme, hovertemplate="%{y:.3g}<extra>plain</extra>"),
            *scale.labels(labels, float(x[-1]), 2),
        ]

    forgotten = {
        "type": "line", "x0": start, "x1": start, "yref": "paper", "y0": 0, "y1": 1,
        "line": {"color": theme.muted, "width": 1, "dash": "dot"},
    }  # fmt: skip
    return growing(x, theme, scale.axis(theme), at, shapes=[forgotten])
