"""Scale: effective rates from many starts, and who learns from which initial gain."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from bnviz.figures.base import (
    Figure,
    axis,
    band,
    curve,
    dot,
    growing,
    heading,
    layout,
    line,
    over_seeds,
)
from bnviz.figures.marks import Trace, text
from bnviz.figures.once import drawn_once
from bnviz.figures.scale import HEIGHT, small
from bnviz.figures.theme import LABEL, TREATMENTS, Theme, translucent
from bnviz.verdicts.criteria import median_seed

if TYPE_CHECKING:
    from bnviz.experiments.scale import GainResult, ScaleResult

RATES = (1e-12, 1e6)  # effective rates beyond are drawn at these
APART = 0.7  # decades between two names
SYMBOLS = {"plain": "diamond", "batch": "circle"}

Start = tuple[str, float, NDArray[np.float64]]
"""Treatment, initial gain, and the rates of the median seed over training."""


@drawn_once
def starts(result: ScaleResult, theme: Theme, layer: str) -> Figure:
    """The effective learning rate lr / ||W||^2 of one layer over training, from every start (log).

    Medians and ranges of the seeds. Frames: the curves up to the recorded step.
    """
    rates = result.rate()[..., result.place(layer)]
    rates = np.where(rates > 0, np.clip(rates, *RATES), np.nan)  # (2, G, seeds, T)
    each = [
        (name, float(gain), over_seeds(rates[t, g]))
        for t, name in enumerate(TREATMENTS)
        for g, gain in enumerate(result.starts)
    ]
    middles = [(name, gain, spread[0]) for name, gain, spread in each]
    ends = _ends(middles)

    def at(column: int) -> list[Trace]:
        traces: list[Trace] = []
        for name, gain, spread in each:
            hover = f"step %{{x}}: %{{y:.3g}}<extra>{LABEL[name]}, gain {gain:g}</extra>"
            traces += curve(result.steps, spread, name, theme, column, hovertemplate=hover)
        dots = [dot(result.steps, middle, name, theme, column) for name, _, middle in middles]
        shown = column == len(result.steps) - 1
        return [*traces, *dots, *_named_ends(result.steps[-1], ends, theme, shown)]

    last = float(result.steps[-1])
    names = [heading(layer, 0.0, 1.0, theme, font=small(theme)), *_names(middles, theme, last)]
    return {
        "layout": _over_training(rates, theme, last, names),
        **growing(result.steps, at),
    }


def _over_training(
    rates: NDArray[np.float64], theme: Theme, last: float, names: list[Trace]
) -> dict[str, Any]:
    known = np.append(rates[np.isfinite(rates)], 1e-2)
    return layout(
        theme,
        HEIGHT + 40,
        margin={"l": 52, "r": 12, "t": 30, "b": 44},
        annotations=names,
        xaxis=axis(theme, "training step", range=[-0.03 * last, 1.03 * last]),
        yaxis=axis(
            theme,
            "effective learning rate lr/‖W‖² (log)",
            type="log",
            range=[float(np.log10(known.min())) - 0.5, float(np.log10(known.max())) + 0.9],
            dtick=2,
            exponentformat="power",
        ),
    )


def _names(middles: list[Start], theme: Theme, last: float) -> list[Trace]:
    """The gain above each start of BN's curves."""
    return [
        _note(f"from gain {gain:g}", 0.03 * last, middle[0], theme.text, theme)
        for name, gain, middle in middles
        if name == "batch" and np.isfinite(middle[0])
    ]


def _ends(middles: list[Start]) -> list[tuple[str, float]]:
    """The treatments of the curves that last, and where these end; of ends close by, one."""
    taken: list[tuple[str, float]] = []
    for name, _, middle in middles[::-1]:  # BN first
        lasts = bool(np.isfinite(middle).all())
        if lasts and all(abs(np.log10(middle[-1] / end)) > APART for _, end in taken):
            taken.append((name, float(middle[-1])))
    return taken


def _named_ends(
    last: float, ends: list[tuple[str, float]], theme: Theme, shown: bool
) -> list[Trace]:
    """The treatments' names at the ends of their curves, once these are there."""
    return [
        text(
            np.array([last]),
            np.array([end]),
            [f"<b>{LABEL[name]}</b>" if shown else ""],
            theme.colour(name),
            textposition="top left",
        )
        for name, end in ends
    ]


def _note(text: str, x: float, y: float, colour: str, theme: Theme, **more: Any) -> Trace:
    return {
        "text": text,
        "x": x,
        "y": float(np.log10(y)),
        "xanchor": "left",
        "yanchor": "bottom",
        "yshift": 4,
        "showarrow": False,
        "font": {"size": 13, "color": colour},
        "bgcolor": translucent(theme.background, 0.75),
        **more,
    }


@drawn_once
def gains(results: list[GainResult], theme: Theme) -> Figure:
    """Test accuracy at the end against the initial gain (logarithmic): the seeds, and the median.

    A diverged seed stands at zero.
    """
    ordered = sorted(results, key=lambda one: one.config.gain)
    across = np.array([one.config.gain for one in ordered])
    accuracy = 100 * np.stack([one.accuracy for one in ordered], axis=1).astype(np.float64)
    shown = np.nan_to_num(accuracy)  # (2, G, seeds)
    middles = np.nan_to_num(median_seed(accuracy))
    higher = int(np.argmax(middles.max(axis=1)))
    data: list[Trace] = []
    names: list[Trace] = []
    for t, name in enumerate(TREATMENTS):
        hover = f"gain %{{x}}: %{{y:.0f}} %<extra>{LABEL[name]}</extra>"
        look = {"symbol": SYMBOLS[name], "size": 9}
        curve = line(across, middles[t], name, theme, hovertemplate=hover, marker=look)
        data.append(band(across, shown[t].min(axis=1), shown[t].max(axis=1), name, theme))
        data.append(curve | {"mode": "lines+markers"})
        names.append(_at_its_best(across, middles[t], name, theme, above=t == higher))
    return {"data": data, "layout": _over_gains(theme, names)}


def _at_its_best(
    across: NDArray[np.float64], middle: NDArray[np.float64], name: str, theme: Theme, above: bool
) -> Trace:
    best = int(middle.argmax())
    return {
        "text": f"<b>{LABEL[name]}</b>",
        "x": float(np.log10(across[best])),
        "y": float(middle[best]),
        "showarrow": False,
        "yanchor": "bottom" if above else "top",
        "yshift": 8 if above else -8,
        "xanchor": "left" if across[best] < 0.1 else "center",
        "font": {"size": 16, "color": theme.colour(name)},
    }


def _over_gains(theme: Theme, names: list[Trace]) -> dict[str, Any]:
    return layout(
        theme,
        HEIGHT,
        annotations=names,
        xaxis=axis(
            theme,
            "initial gain (log)",
            type="log",
            range=[-2.15, 2.15],
            tickvals=[0.01, 0.1, 1, 10, 100],
            ticktext=["0.01", "0.1", "1", "10", "100"],
        ),
        yaxis=axis(theme, "test accuracy", range=[0, 112], ticksuffix="%", dtick=20),
    )
