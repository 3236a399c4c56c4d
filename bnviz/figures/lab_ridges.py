"""The distributions that a diagnostic measured in the lab's two arms, as ridges."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from bnviz.axes import LEVELS, NEVER
from bnviz.figures import marks
from bnviz.figures.activations import SPACING, TALL, powers, ridge
from bnviz.figures.arms import DASHES, Floats, halves, moments_of, names_of, record_at
from bnviz.figures.base import Figure, axis, frames, heading, layout, packed
from bnviz.figures.diagnostics import unit_of
from bnviz.figures.marks import Trace, on
from bnviz.figures.once import drawn_once
from bnviz.figures.theme import LABEL, Theme, shades

if TYPE_CHECKING:
    from bnviz.experiments.lab import LabelledResult
    from bnviz.experiments.lab_ridges import Ridges

Arms = tuple["LabelledResult", "LabelledResult"]


@drawn_once
def ridgelines(a: LabelledResult, b: LabelledResult, theme: Theme) -> Figure:
    """One density a layer, both arms on the same axis. First seed; frames: the steps."""
    arms, both = (a, b), a.result.ridges_with(b.result)
    moments, x = moments_of(arms), _along(both[0])
    bases = [SPACING * np.arange(len(one.layers))[::-1] for one in both]
    slope = a.result.config.diagnostic == "gradient entries"
    start = [
        _start_of(one.density[0, row], base, x, place, theme)
        for place, one in enumerate(both)
        for row, base in enumerate(bases[place])
    ]
    # Plotly drops the layers of a subplot (here: of zorder 1) that a frame does not touch.
    touched = [{"hoverinfo": "skip"} for _ in start]

    def moving(moment: int) -> list[Trace]:
        columns = [record_at(run.result.moments, moment) for run in arms]
        heights = [
            {"y": ridge(one.density[column, row], base)}
            for one, column, floor in zip(both, columns, bases, strict=True)
            for row, base in enumerate(floor)
        ]
        notes = zip(arms, both, columns, strict=True)
        return heights + [{"text": _notes(run, one, column)} for run, one, column in notes]

    looks = _looks(arms, both, x, theme)
    looks += [_notes_look(both[0], floor, place, slope, theme) for place, floor in enumerate(bases)]
    now = moving(int(moments[-1]))
    data = [*start, *(look | change for look, change in zip(looks, now, strict=True))]
    words = [*names_of(arms, theme), _below(unit_of(a), theme)]
    margin, height = {"l": 52, "r": 12, "t": 34, "b": 66}, 165 + max(4, *map(len, bases)) * 34
    axes = _axes(both, theme, slope)
    return {
        "data": data,
        "layout": layout(theme, height, margin=margin, annotations=words, **axes),
        "frames": frames(
            moments,
            range(len(data)),
            lambda column: [*touched, *moving(int(moments[column]))],
        ),
    }


def _along(one: Ridges) -> Floats:
    """Where the heights of a ridge stand: in the middle of the bins, and at both ends."""
    bins = one.density.shape[-1]
    middles = one.low + (one.high - one.low) * (np.arange(bins) + 0.5) / bins
    return np.concatenate([[one.low], middles, [one.high]])


def _start_of(density: NDArray[np.uint8], base: int, x: Floats, place: int, theme: Theme) -> Trace:
    """Where a layer's distribution began, as a thin line over its ridge."""
    heights = np.concatenate([[0], density.astype(np.float64) * TALL / LEVELS, [0]])
    return marks.stroke(
        x,
        np.where(heights > 1, base + heights, np.nan),
        theme.text,
        1.3,
        line={"dash": "dot"},
        name="step 0",
        zorder=1,
        hoverinfo="skip",
        **on(place + 1),
    )


def _looks(arms: Arms, both: Sequence[Ridges], x: Floats, theme: Theme) -> list[Trace]:
    """The ridges of all layers, without their heights."""
    traces: list[Trace] = []
    for place, (run, one) in enumerate(zip(arms, both, strict=True)):
        treatment = run.result.config.treatment
        edge = {"color": theme.colour(treatment), "dash": DASHES[run.label], "width": 1.5}
        for layer, colour in zip(
            one.layers, shades(theme, treatment, len(one.layers)), strict=True
        ):
            said = f"{run.label} {LABEL[treatment]}, layer {layer}"
            fill = {"fill": "toself", "fillcolor": colour, "hoveron": "fills"}
            words = {"text": said, "hoverinfo": "text", "name": said}
            outline = {"type": "scatter", "mode": "lines", "x": packed(x), "line": edge}
            traces.append({**outline, **fill, **words, **on(place + 1)})
    return traces


def _notes_look(one: Ridges, bases: NDArray[Any], place: int, slope: bool, theme: Theme) -> Trace:
    """The notes above the ridges, without their words: where little else is."""
    return {
        "type": "scatter",
        "mode": "text",
        "x": packed(np.full(len(bases), one.low if slope else one.high)),
        "y": packed((bases + 0.16 * SPACING).astype(np.int16)),
        "textposition": "top right" if slope else "top left",
        "textfont": {"size": 12, "color": theme.text},
        "hoverinfo": "skip",
        **on(place + 1),
    }


def _notes(run: LabelledResult, one: Ridges, column: int) -> list[str]:
    """What a ridge cannot show: exact zeros, what lies beyond the axis, a divergence."""
    zeros, outside = one.zeros[column], one.outside[column]
    if not np.isfinite(zeros).any():
        step = int(run.result.diverged_at[0])
        return [f"diverged at step {step}" if step != NEVER else "nothing"] + [""] * (
            len(zeros) - 1
        )
    notes = []
    for zero, beyond in zip(zeros, outside, strict=True):
        parts = [(zero, "zero", 0.015), (beyond, "off axis", 0.045)]
        notes.append(", ".join(f"{100 * s:.0f} % {what}" for s, what, low in parts if s >= low))
    return notes


def _below(title: str, theme: Theme) -> dict[str, Any]:
    """One title for both x axes."""
    return heading(
        f"{title}<br>dotted: at step 0",
        0.5,
        0.0,
        theme,
        xanchor="center",
        yanchor="top",
        yshift=-26,
        font={"size": 13, "color": theme.muted},
    )


def _axes(both: Sequence[Ridges], theme: Theme, logarithms: bool) -> dict[str, Any]:
    low, high = both[0].low, both[0].high
    ends: dict[str, Any] = {"range": [low, high], "fixedrange": True, "nticks": 6}
    if logarithms:
        ends |= powers(low, high)
    across = axis(theme, "", **ends)

    def up(place: int) -> dict[str, Any]:
        layers = both[place].layers
        count = len(layers)
        return axis(
            theme,
            "hidden layer, 1 next to the input" if place == 0 else "",
            tickvals=[SPACING * row for row in range(count)],
            ticktext=[str(layer) for layer in layers][::-1],
            range=[-0.15 * SPACING, SPACING * (count - 1) + 1.12 * TALL],
            fixedrange=True,
        )

    return halves(lambda place: (across, up(place)))
