"""The pictures of the closed sections on the two modes: one unit, one sample, the mistakes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from bnviz.axes import LEVELS
from bnviz.figures import marks
from bnviz.figures.base import Figure, axis, band, frames, layout, line, over_seeds, packed
from bnviz.figures.marks import Trace
from bnviz.figures.modes import PRECISE_DASH
from bnviz.figures.named_lines import (
    HAIR,
    HEIGHT,
    MARGIN,
    SPACE,
    Label,
    Numbers,
    Scale,
    last,
    named_line,
    over_steps,
    twice,
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
    labels: list[Label] = [
        ("running", last(running), theme.batch),
        ("population", last(population), theme.text),
    ]
    still = [
        marks.points(
            every[:-1],
            batch,
            translucent(theme.batch, 0.4),
            4,
            hovertemplate="%{y:.3g}<extra>one mini-batch</extra>",
        ),
        with_markers(
            named_line(result.steps, population, "population", theme.text, PRECISE_DASH, 1.8),
            "square",
            5,
        ),
        named_line(every, running, "running average", theme.batch, "solid", 2.5),
    ]
    if row == 1:
        biased = unit.averages(result.config.momentum, biased=True)[row]
        still.append(named_line(every, biased, "biased", theme.batch, "dot", 2))
        labels.append(("biased", last(biased), theme.batch))
    still += scale.labels(labels, float(result.steps[-1]))
    title = f"{('mean', 'variance')[row]} of the unit"
    vertical = axis(theme, title, range=[scale.low, scale.high])
    moving, colours = (running[result.steps], population), (theme.batch, theme.text)
    room = {"height": 330, "margin": {**MARGIN, "r": 92}}
    return over_steps(result.steps, theme, vertical, still, moving, colours, **room)


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
    probability = result.sample.probability
    companies, classes = probability.shape[1:]
    heights = np.arange(companies)[::-1]  # the first on top
    cells, answers = _answers(probability[-1])
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
        "frames": frames(result.steps, [0, 1], lambda column: _moved(probability[column])),
    }


def _answers(probability: NDArray[np.float32]) -> tuple[NDArray[np.uint8], list[str]]:
    """Cells, and the answer that stands beside each company, from (companies, classes)."""
    values = np.nan_to_num(probability)
    known, best = np.isfinite(probability).all(), values.argmax(1)
    told = [
        f"{SPACE}<b>{name}</b>{SPACE}{100 * one:.0f} %" if known else ""
        for name, one in zip(best, values.max(1), strict=True)
    ]
    return np.rint(LEVELS * values).astype(np.uint8), told


def _moved(probability: NDArray[np.float32]) -> list[Trace]:
    cells, answers = _answers(probability)
    return [{"type": "heatmap", "z": packed(cells)}, {"text": answers}]


def _classes_by_company(
    result: ModesResult, theme: Theme, classes: int, heights: NDArray[np.int64]
) -> dict[str, Any]:
    """A column for each class, a row for each company; the true class is framed."""
    size, label, rows = result.config.whole(), result.sample.label, len(heights)
    mates = f"with {size - 1} other{'' if size == 2 else 's'}"
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
    columns = {"tickvals": list(range(classes)), "range": across}
    return layout(
        theme,
        330,
        margin={"l": 52, "r": 76, "t": 30, "b": 48},
        xaxis=axis(theme, "predicted class", showgrid=False, **columns),
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


@drawn_once
def mistakes(
    result: ModesResult, left: LeftInInferenceResult, theme: Theme
) -> tuple[Figure, Figure]:
    """Tested in training mode, and trained in inference mode."""
    return evaluation(result, theme), left_in_inference(result, left, theme)


@drawn_once
def evaluation(result: ModesResult, theme: Theme) -> Figure:
    """Accuracy in training mode at the last step, by the batches in which the test set comes."""
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
    middles = [middle for middle, _, _ in values]
    names = ("right", f"from {start} on", "always", "plain")
    colours = (theme.batch, theme.muted, theme.muted, theme.plain)
    labels: list[Label] = [
        (name, last(middle), colour)
        for name, middle, colour in zip(names, middles, colours, strict=True)
    ]
    later = f"inference mode from {start} on"
    still = [
        band(x, *values[0][1:], "batch", theme),
        named_line(x, middles[2], "always in inference mode", theme.muted, "dot", 2.5),
        named_line(x, middles[1], later, theme.muted, "dashdot", 2.5),
        named_line(x, middles[0], "the right way", theme.batch, "solid", 3),
        line(x, middles[3], "plain", theme, hovertemplate="%{y:.3g}<extra>plain</extra>"),
        *scale.labels(labels, float(x[-1])),
    ]
    forgotten = {
        "type": "line", "x0": start, "x1": start, "yref": "paper", "y0": 0, "y1": 1,
        "line": {"color": theme.muted, "width": 1, "dash": "dot"},
    }  # fmt: skip
    vertical = scale.axis(theme)
    return over_steps(x, theme, vertical, still, middles, colours, shapes=[forgotten])
