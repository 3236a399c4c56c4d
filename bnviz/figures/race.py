"""The race's pictures: loss, accuracy, and the decisions on a plane."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from bnviz.axes import NEVER
from bnviz.figures import marks
from bnviz.figures.base import (
    Figure,
    axis,
    curve,
    frames,
    growing,
    heading,
    layout,
    log_axis,
    named_dots,
    over_seeds,
    packed,
    seed_named,
    until,
)
from bnviz.figures.marks import Trace, heatmap, on
from bnviz.figures.once import drawn_once
from bnviz.figures.theme import (
    CLASS_COLOURS,
    CLASS_OUTLINE,
    CLASS_SCALE,
    LABEL,
    ON_MAPS,
    TREATMENTS,
    Theme,
)
from bnviz.verdicts.race import arrivals

if TYPE_CHECKING:
    from bnviz.experiments.lab import LabResult
    from bnviz.experiments.race import RaceResult

SHOWN = 150  # samples of a class on the plane
CLASS_SIGNS = ("circle", "square")
RIM = {"width": 0.7, "color": CLASS_OUTLINE}
RING = {"width": 1.6, "color": ON_MAPS[0]}
HEIGHT = 280  # pixels: with question, answer, knobs and clock in a laptop's first window
KEY = 16  # more, for what the signs mean
TOP, BRACKET, CAPTION = 1.34, 1.13, 1.24  # above an accuracy of 1
ABOVE = 0.1  # of the height: room for a name above the highest dot
NAME = 0.06  # of the width: how far a name beside its dot reaches


@drawn_once
def loss(result: RaceResult, theme: Theme) -> Figure:
    """Mini-batch loss: median and range over the seeds, crosses where one diverged."""
    highest = min(100.0, max(4.0, 1.3 * float(np.nanmax(result.train_loss[:, :, 0]))))
    values = np.clip(result.train_loss.astype(np.float64), 1e-4, highest)
    low, top = np.log10(0.8 * np.nanmin(values)), np.log10(np.nanmax(values))
    high = top + max(np.log10(1.2), ABOVE * (top - low))
    return _curves(result, values, theme, log_axis(theme, "training loss (log)", (low, high)))


@drawn_once
def accuracy(result: RaceResult, theme: Theme, seconds: bool = False) -> Figure:
    """Test accuracy, with a tick on the target line for every seed that has reached it.

    Counted in steps, a bracket above says which network is first, and by how much.
    """
    title = f"test accuracy (dotted: {100 * result.config.target:g} %)"
    shares = {"tickformat": ".0%", "tickvals": [0, 0.2, 0.4, 0.6, 0.8, 1]}
    top = 1.06 if seconds else TOP
    vertical = axis(theme, title, range=[-0.03, top], **shares)
    values = result.test_accuracy.astype(np.float64)
    return _curves(result, values, theme, vertical, finish=True, seconds=seconds)


def _curves(
    result: RaceResult,
    values: NDArray[np.float64],
    theme: Theme,
    vertical: dict[str, Any],
    *,
    finish: bool = False,
    seconds: bool = False,
) -> Figure:
    """Both treatments as far as the clock: median line and range, a dot, a cross per lost seed."""
    each = result.seconds_per_step if seconds else np.ones(2)
    along = [result.steps * each[treatment] for treatment in range(2)]
    spreads = [over_seeds(values[treatment]) for treatment in range(2)]
    hover = f"%{{x:.4g}} {'seconds' if seconds else 'steps'}: %{{y:.3g}}<extra>{{}}</extra>"

    def at(column: int) -> list[Trace]:
        now, traces = int(result.steps[column]), []
        for row, name in enumerate(TREATMENTS):
            told = hover.replace("{}", LABEL[name])
            traces += curve(along[row], spreads[row], name, theme, column, hovertemplate=told)
            traces.append(_crosses(result, row, values[row], along[row], now, theme))
            if finish:
                traces.append(_ticks(result, row, each[row], now, theme))
        if finish and not seconds:
            traces.append(_bracket(result, now, theme))
        return [*traces, *named_dots(along, [spread[0] for spread in spreads], theme, column)]

    longest = float(max(x[-1] for x in along))
    across = "seconds of one core, for one network" if seconds else "training step"
    signs = [f"tick: one seed at {100 * result.config.target:g} %"] * finish + ["×: one diverged"]
    below = layout(
        theme,
        HEIGHT + KEY,
        xaxis=axis(
            theme, f"{across}<br>{' · '.join(signs)}", range=[-0.02 * longest, 1.04 * longest]
        ),
        yaxis=vertical,
        margin={"l": 52, "r": 12, "t": 10, "b": 44 + KEY},
    )
    still = [_target(result, longest, theme)] if finish else []
    return {"layout": below, **growing(result.steps, at, still)}


def _target(result: RaceResult, longest: float, theme: Theme) -> Trace:
    """The target as a dotted level line."""
    level = np.full(2, result.config.target)
    look = {"line": {"dash": "dot"}, "hoverinfo": "skip"}
    return marks.stroke(np.array([-1, 2]) * longest, level, theme.muted, 1, **look)


def _ticks(result: RaceResult, row: int, each: float, now: int, theme: Theme) -> Trace:
    """A tick on the target line for each seed that has reached it."""
    name, reached = TREATMENTS[row], result.steps_to_target()[row]
    reached = reached[reached != NEVER]
    tick = {"symbol": "line-ns", "line": {"width": 2.5, "color": theme.colour(name)}}
    return marks.points(
        until(reached, now) * each,
        np.full(len(reached), result.config.target),
        theme.colour(name),
        18,
        marker=tick,
        hovertemplate=f"a {LABEL[name]} seed reached the target at %{{x:.4g}}<extra></extra>",
    )


def _bracket(result: RaceResult, now: int, theme: Theme) -> Trace:
    """Between the arrivals of the two median seeds, above the curves; and in words, how far.

    It begins where the first one arrives, and grows with the clock until the second one does.
    """
    arrived = arrivals(result)
    first, second = min(arrived), min(max(arrived), now)
    level, foot = result.config.target, np.nan
    if now < first:
        first = second = np.nan
    elif now >= max(arrived):
        foot = level
    else:  # open: it ends before the name above the first one's dot
        second = max(first, second - NAME * float(result.steps[-1]))
    return marks.scatter(
        [first, first, second, second, np.nan, 0],
        [level, BRACKET, BRACKET, foot, np.nan, CAPTION],
        "lines+text",
        text=["", "", "", "", "", f"<b>{_said(result, now)}</b>"],
        textposition="middle right",
        textfont={"size": 13, "color": theme.text},
        line={"color": theme.text, "width": 1.5},
        cliponaxis=False,  # on a phone the longest sentence ends in the margin
        hoverinfo="skip",
    )


def _said(result: RaceResult, now: int) -> str:
    """Who is at the target, and how much later the other."""
    arrived, last = arrivals(result), int(result.steps[-1])
    (first, one), (second, other) = sorted(zip(arrived, range(2), strict=True))
    if now < first:
        return _few(result) if now == last else ""
    after = "1 step" if first == 1 else f"{first:g} steps"
    if first == second:
        return f"both after {after}"
    who, late = LABEL[TREATMENTS[one]], LABEL[TREATMENTS[other]]
    if now >= second:
        return f"{who} after {after}, {late} {second - first:g} later"
    if now < last:
        return f"{who} after {after}"
    if there := _reached(result)[other]:
        return f"{who} after {after}, {late} in {there} of {result.config.seeds} seeds"
    return f"{who} after {after}, {late} not in {last}"


def _reached(result: RaceResult) -> list[int]:
    """In how many seeds plain, and BN, was at the target."""
    return [int(number) for number in (result.steps_to_target() != NEVER).sum(axis=1)]


def _few(result: RaceResult) -> str:
    """Of a race in which neither median seed arrives: who was there in a few seeds."""
    of = result.config.seeds
    said = [
        f"{LABEL[name]} in {number} of {of} seeds"
        for name, number in zip(TREATMENTS, _reached(result), strict=True)
        if number
    ]
    return ", ".join(said) or "neither is there"


def _crosses(
    result: RaceResult,
    row: int,
    values: NDArray[np.float64],
    x: NDArray[Any],
    now: int,
    theme: Theme,
) -> Trace:
    """A cross where each seed that has diverged was last seen."""
    name, lost = TREATMENTS[row], result.diverged_at[row]
    places = []
    for seed in np.flatnonzero(lost != NEVER):
        there = np.flatnonzero(np.isfinite(values[seed]))
        if len(there):
            seen = x[there[-1]] if lost[seed] <= now else np.nan
            places.append((seen, values[seed, there[-1]]))
    return marks.crosses(
        [place[0] for place in places],
        [place[1] for place in places],
        theme.colour(name),
        theme.background,
        hovertemplate=f"{LABEL[name]}: a seed diverged after this<extra></extra>",
    )


@drawn_once
def boundaries(result: RaceResult, theme: Theme) -> Figure:
    """What both networks of a typical seed, which is named, decide all over the plane.

    Frames: the steps.
    """
    assert result.decision is not None
    assert result.axis is not None
    decision, (across, up) = result.decision, result.axis
    data = [
        heatmap(
            decision[row, -1], x=packed(across), y=packed(up), colorscale=CLASS_SCALE, **on(row + 1)
        )
        for row in range(2)
    ]
    for row in range(2):
        data += samples_on_plane(result, on(row + 1))

    def at(column: int) -> list[Trace]:
        return [{"type": "heatmap", "z": packed(decision[row, column])} for row in range(2)]

    return {
        "data": data,
        "layout": _two_planes(theme, seed_named(result.typical, result.config.seeds)),
        "frames": frames(result.steps, [0, 1], at),
    }


def _two_planes(theme: Theme, seed: str) -> dict[str, Any]:
    """Plain on the left, BN on the right, each with its name and that of the seed."""
    names = [
        heading(
            f"<b>{LABEL[name]}</b> {seed}",
            0.52 * row,
            1.01,
            theme,
            font={"size": 17, "color": theme.colour(name)},
        )
        for row, name in enumerate(TREATMENTS)
    ]
    places = {"visible": False, "fixedrange": True}
    return layout(
        theme,
        HEIGHT,
        margin={"l": 8, "r": 8, "t": 40, "b": 8},
        annotations=names,
        xaxis1={**places, "domain": [0, 0.48], "anchor": "y1"},
        xaxis2={**places, "domain": [0.52, 1], "anchor": "y2"},
        yaxis1={**places, "anchor": "x1"},
        yaxis2={**places, "anchor": "x2"},
    )


def samples_on_plane(result: RaceResult | LabResult, there: Mapping[str, Any]) -> list[Trace]:
    """Samples with a colour and a sign for each class, on the axes `there`.

    Those to test; of points that were drawn by hand all, those to test with a dark ring.
    """
    tested = result.points, result.labels
    if result.learned is None:
        return _signs("test sample", *tested, there)
    learned = result.learned, result.learned_labels
    return [
        *_signs("training sample", *learned, there, most=None),
        *_signs("test sample", *tested, there, size=8, line=RING),
    ]


def _signs(
    name: str,
    points: NDArray[np.floating] | None,
    labels: NDArray[np.int64] | None,
    there: Mapping[str, Any],
    most: int | None = SHOWN,
    size: int = 6,
    line: Mapping[str, Any] = RIM,
) -> list[Trace]:
    """Samples, (n, 2), at most so many of a class."""
    assert points is not None
    assert labels is not None
    looks = zip(CLASS_COLOURS, CLASS_SIGNS, strict=True)
    return [
        marks.points(
            points[labels == label][:most, 0],
            points[labels == label][:most, 1],
            colour,
            size,
            marker={"symbol": symbol, "line": line},
            hovertemplate=f"{name} of class {label}<extra></extra>",
            **there,
        )
        for label, (colour, symbol) in enumerate(looks)
    ]
