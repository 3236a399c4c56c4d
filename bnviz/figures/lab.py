"""The lab's pictures: two runs and those that were kept, and what the diagnostic measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from bnviz.axes import NEVER
from bnviz.figures import labels, marks
from bnviz.figures.arms import (
    DASHES,
    Floats,
    Sides,
    grown_to,
    halves,
    log_ends,
    moments_of,
    name_of,
    names_of,
    record_at,
    standing,
)
from bnviz.figures.base import (
    Figure,
    axis,
    frames,
    growing,
    layout,
    line,
    log_axis,
    over_seeds,
    packed,
    until,
)
from bnviz.figures.diagnostics import measured, over_training, profile
from bnviz.figures.lab_maps import layer_map
from bnviz.figures.lab_ridges import ridgelines
from bnviz.figures.marks import Trace, heatmap, on
from bnviz.figures.once import drawn_once
from bnviz.figures.race import samples_on_plane
from bnviz.figures.theme import CLASS_SCALE, Theme, translucent
from bnviz.verdicts import lab as verdicts

if TYPE_CHECKING:
    from bnviz.experiments.lab import LabelledResult, LabResult

HIGHEST = 100.0  # loss

Axes = tuple[dict[str, Any], dict[str, Any]]
"""Across and up."""


@drawn_once
def accuracy(runs: Sequence[LabelledResult], theme: Theme) -> Figure:
    """Test accuracy of the arms A and B, and of the runs kept. Frames: what A and B recorded."""
    values = [run.result.test_accuracies.astype(np.float64) for run in runs]
    middles = [verdicts.accuracies(run.result) for run in runs]
    vertical = axis(theme, "test accuracy", range=[-0.03, 1.06], tickformat=".0%")
    return _curves(runs, values, middles, theme, vertical)


@drawn_once
def loss(runs: Sequence[LabelledResult], theme: Theme) -> Figure:
    """Mini-batch loss, the same way."""
    first = [run.result.losses[:, 0].astype(np.float64) for run in runs]
    known = [float(one[np.isfinite(one)].max()) for one in first if np.isfinite(one).any()]
    highest = min(HIGHEST, max(4.0, 1.3 * max(known, default=4.0)))
    values = [np.clip(run.result.losses.astype(np.float64), 1e-4, highest) for run in runs]
    middles = [np.clip(verdicts.losses(run.result), 1e-4, highest) for run in runs]
    vertical = log_axis(theme, "training loss (log)", log_ends(values, 0.08))
    return _curves(runs, values, middles, theme, vertical)


def _arms(runs: Sequence[LabelledResult]) -> list[LabelledResult]:
    return [run for run in runs if run.label in DASHES]


def _curves(
    runs: Sequence[LabelledResult],
    values: Sequence[Floats],
    of_median_seeds: Sequence[Floats],
    theme: Theme,
    vertical: dict[str, Any],
) -> Figure:
    """The kept runs as thin lines with their numbers, over them both arms, as far as the clock."""
    arms, moments = _arms(runs), moments_of(_arms(runs))
    labels_of = [run.label for run in runs]
    middles = dict(zip(labels_of, of_median_seeds, strict=True))
    ranges = {label: over_seeds(one)[1:] for label, one in zip(labels_of, values, strict=True)}
    lost = {run.label: _lost(run, one) for run, one in zip(runs, values, strict=True)}
    longest = float(max(run.result.steps[-1] for run in runs))
    across = axis(theme, "training step", range=[-0.02 * longest, 1.04 * longest])
    kept = [run for run in runs if run.label not in DASHES]
    axes, standing_still = (across, vertical), np.concatenate([lost[run.label] for run in arms])
    plot = labels.PROJECTED if theme.projected else labels.PLOT
    numbers = _numbers(kept, middles, standing_still, axes, plot)
    still = [_thin(run, middles[run.label], theme) for run in kept]
    still += [_number(run, place, theme) for run, place in zip(kept, numbers, strict=True)]
    aside = _aside(arms, np.concatenate([standing_still, *numbers[:, None]]), axes, plot)
    dots = standing(arms, theme, longest, lambda run: (run.result.steps, middles[run.label]), aside)

    def at(column: int) -> list[Trace]:
        moment, grown = int(moments[column]), []
        for run in arms:
            spread = (middles[run.label], *ranges[run.label])
            grown += grown_to(moment, run, run.result.steps, spread, theme)
            grown.append(_crosses(run, lost[run.label], moment, theme))
        return [*grown, *dots(moment)]

    shapes, words = _turns(arms, theme)
    margin = {"l": 52, "r": 12 + plot.right, "t": 28, "b": 44}
    look = layout(
        theme, 262, margin=margin, shapes=shapes, annotations=words, xaxis=across, yaxis=vertical
    )
    return {"layout": look, **growing(moments, at, still)}


def _aside(arms: Sequence[LabelledResult], fixed: Floats, axes: Axes, plot: labels.Plot) -> Sides:
    """How the arms' names keep off the crosses and the numbers, (N, 2), and off each other."""
    others = labels.in_pixels(fixed, axes, plot)
    names = [name_of(run) for run in arms]

    def aside(xs: list[float], ys: list[float], wanted: list[str]) -> list[str]:
        here = labels.in_pixels(np.stack([xs, ys], axis=-1), axes, plot)
        return labels.beside(here, names, others, wanted, plot)

    return aside


def _thin(run: LabelledResult, middle: Floats, theme: Theme) -> Trace:
    """A kept run's line."""
    name = run.result.config.treatment
    curve = line(run.result.steps, middle, name, theme, name=f"{run.label}: kept")
    curve["line"] = {"color": translucent(theme.colour(name), 0.8), "width": 1.3, "dash": "dot"}
    curve["hovertemplate"] = f"%{{x:.4g}}: %{{y:.3g}}<extra>run {run.label}</extra>"
    return curve


def _numbers(
    kept: Sequence[LabelledResult],
    middles: Mapping[str, Floats],
    crosses: Floats,
    axes: Axes,
    plot: labels.Plot,
) -> Floats:
    """Where on its line each kept run has its number, (kept, 2): one after the other along the
    axis, so that none covers another, or a cross."""
    found = np.empty((0, 2))
    for place, run in enumerate(kept):
        line_of = np.stack([run.result.steps, middles[run.label]], axis=-1).astype(np.float64)
        known = line_of[np.isfinite(line_of[:, 1])]
        known = known if len(known) else line_of[:1]
        wanted = line_of[-1, 0] * (0.25 + 0.7 * (place + 0.5) / len(kept))
        known = known[np.abs(known[:, 0] - wanted).argsort(kind="stable")]
        taken = labels.in_pixels(np.concatenate([crosses, found]), axes, plot)
        best = labels.nearest_free(labels.in_pixels(known, axes, plot), taken)
        found = np.concatenate([found, known[[best]]])
    return found


def _number(run: LabelledResult, place: Floats, theme: Theme) -> Trace:
    """A kept run's number."""
    colour = theme.colour(run.result.config.treatment)
    rim = {"width": 1.3, "color": colour}
    return marks.scatter(
        place[:1],
        place[1:],
        "markers+text",
        text=[f"<b>{run.label}</b>"],
        textposition="middle center",
        textfont={"size": 12, "color": colour},
        marker={"size": 19, "symbol": "circle", "color": theme.background, "line": rim},
        cliponaxis=False,
        hoverinfo="skip",
    )


def _lost(run: LabelledResult, values: Floats) -> Floats:
    """Where each diverged seed was last seen, (seeds, 2)."""
    places = []
    for seed in np.flatnonzero(run.result.diverged_at != NEVER):
        there = np.flatnonzero(np.isfinite(values[seed]))
        if len(there):
            places.append((run.result.steps[there[-1]], values[seed, there[-1]]))
    return np.array(places, np.float64).reshape(-1, 2)


def _crosses(run: LabelledResult, places: Floats, moment: int, theme: Theme) -> Trace:
    """A cross where each seed that has diverged by now was last seen."""
    return marks.crosses(
        until(places[:, 0], moment),
        places[:, 1],
        theme.colour(run.result.config.treatment),
        theme.background,
        cliponaxis=False,
        hovertemplate=f"{run.label}: a seed diverged after this<extra></extra>",
    )


def _turns(
    arms: Sequence[LabelledResult], theme: Theme
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """A dotted line where a run goes on with another rate, and which."""
    shapes, words = [], []
    for row, run in enumerate(arms):
        colour = theme.colour(run.result.config.treatment)
        look = {"color": colour, "width": 1, "dash": "dot"}
        place = {"yref": "paper", "y": 1.0, "yanchor": "bottom", "xanchor": "center"}
        place["yshift"] = 15 * (len(arms) - 1 - row)
        font = {"size": 12, "color": colour}
        for start, rate in run.result.segments[1:]:
            ends = {"x0": start, "x1": start, "yref": "paper", "y0": 0, "y1": 1}
            shapes.append({"type": "line", **ends, "line": look})
            text = f"{run.label} {rate:g}"
            words.append({"text": text, "x": start, **place, "showarrow": False, "font": font})
    return shapes, words


@drawn_once
def diagnostic(
    a: LabelledResult, b: LabelledResult, theme: Theme, missing: Mapping[str, str]
) -> dict[str, Figure]:
    """What was measured, by the name of the picture; nothing where nothing was.

    Both arms on shared axes; `missing` says why one of them is not there. Frames: what A and B
    recorded.
    """
    arms = [run for run in (a, b) if measured(run)]
    if not arms:
        return {}
    shape = arms[0].result.diagnostic.shape
    if shape == "ridges":
        return {"By layer": ridgelines(a, b, theme)}
    if shape == "run":
        return {"Over training": over_training(a, b, theme, missing)}
    return {"At this step": profile(a, b, theme, missing), "Over training": layer_map(a, b, theme)}


@drawn_once
def boundaries(a: LabelledResult, b: LabelledResult, theme: Theme) -> Figure:
    """What both networks of the first seed decide all over the plane. Frames: the steps.

    Of points in the plane alone: elsewhere there is no such map.
    """
    arms, moments = (a, b), moments_of((a, b))

    def now(moment: int) -> list[Trace]:
        return [{"type": "heatmap", "z": packed(_decided(run.result, moment))} for run in arms]

    data: list[Trace] = []
    for place, run in enumerate(arms):
        x, y = (packed(side) for side in _known(run.result.axis))
        decided = _decided(run.result, int(moments[-1]))
        data.append(heatmap(decided, x=x, y=y, colorscale=CLASS_SCALE, **on(place + 1)))
    for place, run in enumerate(arms):
        data += samples_on_plane(run.result, on(place + 1))
    hidden = {"visible": False, "fixedrange": True}
    margin, names = {"l": 8, "r": 8, "t": 40, "b": 8}, names_of(arms, theme)
    axes = halves(lambda _: (hidden, hidden))
    return {
        "data": data,
        "layout": layout(theme, 400, margin=margin, annotations=names, **axes),
        "frames": frames(moments, [0, 1], lambda column: now(int(moments[column]))),
    }


def _known(array: NDArray[Any] | None) -> NDArray[Any]:
    assert array is not None
    return array


def _decided(result: LabResult, moment: int) -> NDArray[Any]:
    decided: NDArray[Any] = _known(result.decision)[record_at(result.steps, moment)]
    return decided
