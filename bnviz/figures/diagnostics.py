"""What a diagnostic measured of the lab's two arms: over training, and layer by layer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from bnviz.figures import marks
from bnviz.figures.arms import (
    SYMBOLS,
    Floats,
    grown_to,
    log_ends,
    moments_of,
    record_at,
    standing,
    strong,
)
from bnviz.figures.base import (
    Figure,
    axis,
    frames,
    growing,
    heading,
    layout,
    log_axis,
    moved,
    over_seeds,
)
from bnviz.figures.marks import Trace
from bnviz.figures.once import drawn_once
from bnviz.figures.theme import LABEL, Theme, translucent

if TYPE_CHECKING:
    from bnviz.experiments.lab import LabelledResult

HELD = 1e30  # larger numbers are drawn there

UNITS = {
    "signal size": "deviation of the outputs",
    "gradient size": "length of dL/dW",
    "idle units": "share of the layer",
    "values entering": "what enters the activation function",
    "values inside": "W h (+ b)",
    "values leaving": "what the activation function gives",
    "gradient entries": "size of the entries of dL/dW",
    "mean entering": "mean",
    "deviation entering": "deviation",
    "constant share": "share of the mean square",
    "update size": "std of update / std of weights",
    "length of weights": "‖W‖",
    "effective rate": "rate / ‖W‖²",
    "angle of weights": "degrees (median unit)",
    "shift, turn": "degrees",
    "shift, change": "‖G − G'‖ / ‖G‖",
    "shift of moments": "distance, in deviations",
    "loss along the gradient": "loss",
    "change of the gradient": "‖Δg‖",
    "beta-smoothness": "effective β",
    "turn of the gradient": "degrees",
    "noise of the means": "std of means / std of values",
    "running against batch": "distance, in deviations",
    "two modes": "difference in test accuracy",
    "bias gradient": "rms of dL/db",
    "way of gamma": "root mean square",
    "variance shift": "training / inference",
}
"""The titles of the axes on which what was measured stands."""


def measured(run: LabelledResult) -> bool:
    """Whether there is anything to draw of this arm."""
    values = run.result.measured.get("value")
    there = values is not None and bool(np.isfinite(values).any())
    return there and not run.result.why_not()


def numbers(run: LabelledResult, name: str = "value") -> Floats:
    """What was measured, on a logarithmic axis above zero; held where float32 can say it."""
    values = np.clip(run.result.measured[name].astype(np.float64), -HELD, HELD)
    if run.result.diagnostic.log:
        return np.where(values > 0, np.maximum(values, 1 / HELD), np.nan)
    return values


def unit_of(run: LabelledResult) -> str:
    """The title of the axis; a logarithmic one says so."""
    unit = UNITS[run.result.config.diagnostic]
    return f"{unit} (log)" if run.result.diagnostic.log else unit


def _vertical(run: LabelledResult, values: Sequence[Floats], theme: Theme) -> dict[str, Any]:
    """The axis of what was measured: around all numbers there are."""
    if run.result.diagnostic.log:
        return log_axis(theme, unit_of(run), log_ends(values, 0.06))
    known = np.concatenate([one[np.isfinite(one)] for one in values] or [np.zeros(1)])
    low, high = (float(known.min()), float(known.max())) if known.size else (0.0, 1.0)
    room = max(0.06 * (high - low), 1e-3 * max(1.0, abs(high)))
    return axis(theme, unit_of(run), range=[low - room, high + room])


def _reasons(missing: Mapping[str, str], theme: Theme) -> list[dict[str, Any]]:
    """Why one of the arms is not in the picture."""
    font = {"size": 12, "color": theme.muted}
    return [
        heading(f"<b>{label}</b>: {why}", 0.0, 1.01, theme, font=font)
        for label, why in missing.items()
    ]


@drawn_once
def over_training(
    a: LabelledResult, b: LabelledResult, theme: Theme, missing: Mapping[str, str]
) -> Figure:
    """One number a run: median over the seeds, and their range, or the range along a walk."""
    arms = [run for run in (a, b) if measured(run)]
    spans = {run.label: _span(run) for run in arms}
    drawn = _no_further([one for span in spans.values() for one in span], a.result.diagnostic.log)
    longest = float(max(a.result.steps[-1], b.result.steps[-1]))
    moments = moments_of((a, b))
    dots = standing(arms, theme, longest, lambda run: (run.result.moments, spans[run.label][0]))

    def at(column: int) -> list[Trace]:
        now, grown = int(moments[column]), []
        for run in arms:
            grown += grown_to(now, run, run.result.moments, spans[run.label], theme)
        return [*grown, *dots(now)]

    across = axis(theme, "training step", range=[-0.02 * longest, 1.04 * longest])
    vertical, words = _vertical(a, drawn, theme), _reasons(missing, theme)
    look = layout(theme, 380, annotations=words, xaxis=across, yaxis=vertical)
    return {"layout": look, **growing(moments, at)}


def _span(run: LabelledResult) -> tuple[Floats, Floats, Floats]:
    """Median, lowest and highest, each over the moments."""
    middle, low, high = over_seeds(numbers(run))
    if "low" in run.result.measured:
        low, high = (over_seeds(numbers(run, name))[0] for name in ("low", "high"))
    return middle, low, high


def _no_further(drawn: Sequence[Floats], log: bool) -> list[Floats]:
    """Without what is far above all the rest: a walk into an explosion leaves the axis."""
    known = np.concatenate([one[np.isfinite(one)] for one in drawn])
    if not known.size:
        return list(drawn)
    middle = float(np.median(np.abs(known)))
    most = (1e6 if log else 1e3) * max(middle, 1e-6)
    return [np.where(np.abs(one) <= most, one, np.nan) for one in drawn]


@drawn_once
def profile(
    a: LabelledResult, b: LabelledResult, theme: Theme, missing: Mapping[str, str]
) -> Figure:
    """Layer by layer: median and range over the seeds. Dotted: at step 0. Frames: the steps."""
    arms, moments = [run for run in (a, b) if measured(run)], moments_of((a, b))
    values = {run.label: numbers(run) for run in arms}
    vertical = _vertical(a, list(values.values()), theme)

    def moving(moment: int) -> list[Trace]:
        traces, ends = [], []
        for run in arms:
            column = record_at(run.result.moments, moment)
            middle, low, high = over_seeds(values[run.label][:, column])
            area, curve = strong(run, _layers(run), middle, low, high, theme)
            marker = {"symbol": SYMBOLS[run.label], "size": 7, "color": curve["line"]["color"]}
            traces += [area, curve | {"mode": "lines+markers", "marker": marker}]
            ends.append(middle)
        return traces + _at_the_end(arms, ends, vertical, theme)

    start = [_at_the_start(run, values[run.label], theme) for run in arms]
    data = [*start, *moving(int(moments[-1]))]
    words, across = _reasons(missing, theme), _across(arms, theme)
    return {
        "data": data,
        "layout": layout(theme, 380, annotations=words, xaxis=across, yaxis=vertical),
        "frames": frames(
            moments,
            range(len(start), len(data)),
            lambda column: moved(moving(int(moments[column]))),
        ),
    }


def _layers(run: LabelledResult) -> Floats:
    return np.array(run.result.layers(), np.float64)


def _across(arms: Sequence[LabelledResult], theme: Theme) -> dict[str, Any]:
    widest = max(float(_layers(run)[-1]) for run in arms)
    ends, every = [0.5, max(2.0, widest + 0.6)], max(1, round(widest / 8))
    return axis(theme, "layer (dotted: at step 0)", range=ends, dtick=every)


def _at_the_start(run: LabelledResult, values: Floats, theme: Theme) -> Trace:
    colour = translucent(theme.colour(run.result.config.treatment), 0.7)
    return marks.stroke(
        _layers(run),
        over_seeds(values[:, 0])[0],
        colour,
        1.8,
        line={"dash": "dot"},
        hoverinfo="skip",
        name=f"{run.label} at step 0",
    )


def _at_the_end(
    arms: Sequence[LabelledResult], ends: Sequence[Floats], vertical: dict[str, Any], theme: Theme
) -> list[Trace]:
    """Each arm's name beside its last layer; the higher one's above. Or that it has diverged."""
    bottom, top = vertical["range"]
    log = vertical.get("type") == "log"
    heights = [_height(middle, log, bottom, top) for middle in ends]
    higher = int(np.argmax(np.nan_to_num(heights, nan=-np.inf)))
    traces = []
    for place, (run, middle) in enumerate(zip(arms, ends, strict=True)):
        treatment, height, up = run.result.config.treatment, heights[place], place == higher
        text = f"{run.label} {LABEL[treatment]}"
        if not np.isfinite(middle).any():
            height, text, up = (
                bottom + (0.05 + 0.09 * place) * (top - bottom),
                f"{text}: none",
                True,
            )
        share = (height - bottom) / (top - bottom)
        above = share < 0.1 or (up and share < 0.92)
        traces.append(
            marks.text(
                _layers(run)[[-1]],
                [10.0**height if log else height],
                [f"<b>{text}</b>"],
                theme.colour(treatment),
                15,
                textposition=f"{'top' if above else 'bottom'} left",
                cliponaxis=False,
            )
        )
    return traces


def _height(middle: Floats, log: bool, bottom: float, top: float) -> float:
    """Where an arm ends along the axis: at the last layer that has a number; NaN: none has."""
    known = middle[np.isfinite(middle)]
    height = (np.log10(known[-1]) if log else known[-1]) if known.size else np.nan
    return float(np.clip(height, bottom, top))
