"""What the lab's pictures share: two arms, told apart by letter, line and marker.

The colour says how a run normalizes; which run it is, its letter, its line and its marker say.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from bnviz.figures import marks
from bnviz.figures.base import band, heading, last_seen, line, names_beside
from bnviz.figures.marks import Trace
from bnviz.figures.theme import LABEL, Theme

if TYPE_CHECKING:
    from bnviz.experiments.lab import LabelledResult

Floats = NDArray[np.float64]

DASHES = {"A": "dash", "B": "solid"}
SYMBOLS = {"A": "diamond", "B": "circle"}
DOMAINS = ([0.0, 0.475], [0.525, 1.0])  # A and B, side by side
DECADES = 12.0  # of a logarithmic axis, at most


def moments_of(arms: Sequence[LabelledResult]) -> NDArray[np.int64]:
    return np.unique(np.concatenate([run.result.steps for run in arms]))


def record_at(steps: NDArray[np.int64], moment: int) -> int:
    """The last record up to this moment; a shorter run stays at its end."""
    return max(0, int(np.searchsorted(steps, moment, side="right")) - 1)


def strong(
    run: LabelledResult, x: NDArray[Any], middle: Floats, low: Floats, high: Floats, theme: Theme
) -> list[Trace]:
    """An arm's band and line."""
    name = run.result.config.treatment
    said = f"{run.label}: {LABEL[name]}"
    area = band(x, low, high, name, theme, name=f"{said}, all seeds")
    curve = line(x, middle, name, theme, name=said)
    curve["line"] = {**curve["line"], "dash": DASHES[run.label]}
    curve["hovertemplate"] = f"%{{x:.4g}}: %{{y:.3g}}<extra>{said}</extra>"
    return [area, curve]


def grown_to(
    moment: int,
    run: LabelledResult,
    x: NDArray[np.int64],
    spread: tuple[Floats, Floats, Floats],
    theme: Theme,
) -> list[Trace]:
    """An arm's band and line as far as this moment; spread: middle, lowest and highest at x."""
    known = slice(record_at(x, moment) + 1)
    middle, low, high = (some[known] for some in spread)
    return strong(run, x[known], middle, low, high, theme)


Curve = Callable[["LabelledResult"], tuple[NDArray[np.int64], Floats]]
Sides = Callable[[list[float], list[float], list[str]], list[str]]
"""Where names stand, from the x and the y of their marks, and where they would stand alone."""


def standing(
    arms: Sequence[LabelledResult],
    theme: Theme,
    longest: float,
    curve: Curve,
    aside: Sides = lambda _x, _y, wanted: wanted,
) -> Callable[[int], list[Trace]]:
    """Where each arm stands at a moment: its marker and its letter; the higher one's above.

    `aside` moves names from what else is drawn.
    """

    def at(moment: int) -> list[Trace]:
        places = []
        for run in arms:
            steps, middle = curve(run)
            column = record_at(steps, moment)
            shown = last_seen(middle, column)
            places.append((steps[[shown]], middle[[shown]]))
        xs, ys = ([float(place[side][0]) for place in places] for side in (0, 1))
        wanted = names_beside([x / longest for x in xs], ys)
        return [
            mark(run, x, y, position, theme)
            for run, (x, y), position in zip(arms, places, aside(xs, ys, wanted), strict=True)
        ]

    return at


def name_of(run: LabelledResult) -> str:
    """An arm's letter and how it normalizes."""
    return f"{run.label} {LABEL[run.result.config.treatment]}"


def mark(
    run: LabelledResult, x: NDArray[Any], y: NDArray[Any], position: str, theme: Theme
) -> Trace:
    """An arm's marker, and its letter and name at that position beside it."""
    treatment = run.result.config.treatment
    colour = theme.colour(treatment)
    rim = {"width": 1.5, "color": theme.background}
    return marks.scatter(
        x,
        y,
        "markers+text",
        marker={"size": 11, "color": colour, "symbol": SYMBOLS[run.label], "line": rim},
        text=[f"<b>{name_of(run)}</b>"],
        textposition=position,
        textfont={"size": 15, "color": colour},
        cliponaxis=False,
        hoverinfo="skip",
    )


def log_ends(values: Sequence[Floats], margin: float) -> tuple[float, float]:
    """The ends of a logarithmic axis: some room around all numbers, in powers of ten."""
    known = np.concatenate([one[np.isfinite(one) & (one > 0)] for one in values])
    if not known.size:
        return -1.0, 1.0
    low, high = float(np.log10(known.min())), float(np.log10(known.max()))
    low = max(low, high - DECADES)
    room = max(margin, margin * (high - low))
    return low - room, max(high + room, low + 0.3)


def names_of(arms: Sequence[LabelledResult], theme: Theme) -> list[Trace]:
    """Both arms' names above their halves of a figure."""
    return [
        heading(
            f"<b>{name_of(run)}</b>",
            domain[0],
            1.0,
            theme,
            font={"size": 16, "color": theme.colour(run.result.config.treatment)},
        )
        for run, domain in zip(arms, DOMAINS, strict=True)
    ]


def halves(
    axes: Callable[[int], tuple[dict[str, Any], dict[str, Any]]], of: int = 2
) -> dict[str, Any]:
    """The arms' axes, side by side, from what x and y of the one at a place (0, 1) are."""
    made: dict[str, Any] = {}
    for place, domain in enumerate(DOMAINS[:of]):
        across, up = axes(place)
        made[f"xaxis{place + 1}"] = {**across, "domain": domain, "anchor": f"y{place + 1}"}
        made[f"yaxis{place + 1}"] = {**up, "anchor": f"x{place + 1}"}
    return made
