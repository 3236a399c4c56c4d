"""What the lab's pictures share: two arms, told apart by letter, line and marker.

The colour says how a run normalizes; which run it is, its letter, its line and its marker say.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from bnviz.figures.base import band, heading, last_seen, line, names_beside, packed
from bnviz.figures.theme import LABEL, Theme

if TYPE_CHECKING:
    from bnviz.experiments.lab import Run

Floats = NDArray[np.float64]

DASHES = {"A": "dash", "B": "solid"}
SYMBOLS = {"A": "diamond", "B": "circle"}
DOMAINS = ([0.0, 0.475], [0.525, 1.0])  # A and B, side by side
DECADES = 12.0  # of a logarithmic axis, at most


def moments_of(arms: Sequence[Run]) -> NDArray[np.int64]:
    return np.unique(np.concatenate([run.result.steps for run in arms]))


def record_at(steps: NDArray[np.int64], moment: int) -> int:
    """The last record up to this moment; a shorter run stays at its end."""
    return max(0, int(np.searchsorted(steps, moment, side="right")) - 1)


def strong(
    run: Run, x: NDArray[Any], middle: Floats, low: Floats, high: Floats, theme: Theme
) -> list[dict[str, Any]]:
    """An arm's band and line."""
    name = run.result.config.treatment
    said = f"{run.label}: {LABEL[name]}"
    area = band(x, low, high, name, theme, name=f"{said}, all seeds")
    curve = line(x, middle, name, theme, name=said)
    curve["line"] = {**curve["line"], "dash": DASHES[run.label]}
    curve["hovertemplate"] = f"%{{x:.4g}}: %{{y:.3g}}<extra>{said}</extra>"
    return [area, curve]


Curve = Callable[["Run"], tuple[NDArray[np.int64], Floats]]


def standing(
    arms: Sequence[Run], theme: Theme, longest: float, curve: Curve
) -> Callable[[int], list[dict[str, Any]]]:
    """Where each arm stands at a moment: its marker and its letter; the higher one's above."""

    def at(moment: int) -> list[dict[str, Any]]:
        places = []
        for run in arms:
            steps, middle = curve(run)
            column = record_at(steps, moment)
            shown = last_seen(middle, column)
            places.append((steps[[shown]], middle[[shown]]))
        shares = [float(x[0]) / longest for x, _ in places]
        beside = names_beside(shares, [float(y[0]) for _, y in places])
        return [
            mark(run, x, y, position, theme)
            for run, (x, y), position in zip(arms, places, beside, strict=True)
        ]

    return at


def mark(run: Run, x: NDArray[Any], y: NDArray[Any], position: str, theme: Theme) -> dict[str, Any]:
    name = run.result.config.treatment
    return {
        "type": "scatter",
        "mode": "markers+text",
        "x": packed(x),
        "y": packed(y),
        "text": [f"<b>{run.label} {LABEL[name]}</b>"],
        "textposition": position,
        "textfont": {"size": 15, "color": theme.colour(name)},
        "cliponaxis": False,
        "marker": {
            "size": 11,
            "color": theme.colour(name),
            "symbol": SYMBOLS[run.label],
            "line": {"width": 1.5, "color": theme.background},
        },
        "hoverinfo": "skip",
    }


def log_ends(values: Sequence[Floats], margin: float) -> tuple[float, float]:
    """The ends of a logarithmic axis: some room around all numbers, in powers of ten."""
    known = np.concatenate([one[np.isfinite(one) & (one > 0)] for one in values])
    if not known.size:
        return -1.0, 1.0
    low, high = float(np.log10(known.min())), float(np.log10(known.max()))
    low = max(low, high - DECADES)
    room = max(margin, margin * (high - low))
    return low - room, max(high + room, low + 0.3)


def names_of(arms: Sequence[Run], theme: Theme) -> list[dict[str, Any]]:
    """Both arms' names above their halves of a figure."""
    return [
        heading(
            f"<b>{run.label} {LABEL[run.result.config.treatment]}</b>",
            domain[0],
            1.0,
            theme,
            font={"size": 16, "color": theme.colour(run.result.config.treatment)},
        )
        for run, domain in zip(arms, DOMAINS, strict=True)
    ]


def where(place: int) -> dict[str, str]:
    return {"xaxis": f"x{place + 1}", "yaxis": f"y{place + 1}"}
