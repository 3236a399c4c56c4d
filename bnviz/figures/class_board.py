"""The class board: where every run of a class ended, by name, by a knob's setting, or in stacks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from bnviz.figures import marks
from bnviz.figures.base import Figure, axis, layout
from bnviz.figures.marks import Trace
from bnviz.figures.once import drawn_once
from bnviz.figures.theme import Theme, translucent

if TYPE_CHECKING:
    from bnviz.verdicts.class_board import Along, BoardVerdict

Floats = NDArray[np.float64]

LOST = -0.1  # where diverged runs stand, on the axis of the accuracies
ROW = 17  # pixels of a name
LETTERS = 18  # of a name, beside its row
WIDE = 0.02  # of the accuracies: runs that lie closer are stacked
APART = 0.6  # of the room of a setting, over which its runs are spread
NOT_USED = "not used"


@drawn_once
def by_name(
    verdict: BoardVerdict, names: Sequence[str], told: Sequence[str], theme: Theme
) -> Figure:
    """A row for every run, the best at the top: its median seed, and the range of its seeds.

    names, told: what each run is called, and what is told where one points at it, in the order of
    verdict.students.
    """
    ranks = verdict.ranks
    rows = np.empty(len(ranks))
    rows[ranks] = np.arange(len(ranks))
    ends, low, high = _accuracies(verdict)
    data = [_seeds(_gaps(low, high), np.repeat(rows, 3), theme)]
    data += _points(verdict, ends, rows, told, theme)
    ticks = {"tickvals": list(range(len(ranks))), "ticktext": [_cut(names[one]) for one in ranks]}
    up = axis(theme, "", range=[len(ranks) - 0.4, -0.6], showgrid=False, **ticks)
    shapes, words = _spread(verdict, theme, "x")
    margin = {"l": 60, "r": 12, "t": 62, "b": 24}
    look = layout(
        theme, margin["t"] + margin["b"] + ROW * max(len(ranks), 4), margin=margin, shapes=shapes,
        annotations=words, xaxis=_across(verdict, theme), yaxis=up,
    )  # fmt: skip
    return {"data": data, "layout": look}


@drawn_once
def stacked(verdict: BoardVerdict, told: Sequence[str], theme: Theme) -> Figure:
    """A mark for every run where it ended, on those that ended there too: for a class of any size.

    told: what is told where one points at a run, in the order of verdict.students.
    """
    ends, _, _ = _accuracies(verdict)
    places = np.round(ends / WIDE)
    heights = np.empty(len(ends))
    for place in np.unique(places):
        members = np.flatnonzero(places == place)
        heights[members[ends[members].argsort(kind="stable")]] = np.arange(len(members)) + 1
    highest = float(heights.max())
    shapes, words = _spread(verdict, theme, "x")
    up = axis(theme, "runs", range=[0.3, max(highest, 4) + 0.7], tickformat="d", nticks=5)
    margin = {"l": 52, "r": 12, "t": 62, "b": 24}
    look = layout(
        theme, 310, margin=margin, shapes=shapes, annotations=words,
        xaxis=_across(verdict, theme), yaxis=up,
    )  # fmt: skip
    return {"data": _points(verdict, places * WIDE, heights, told, theme), "layout": look}


@drawn_once
def by_setting(verdict: BoardVerdict, found: Along, told: Sequence[str], theme: Theme) -> Figure:
    """The runs above the setting that they have, with a stroke at the median of each setting."""
    ends, low, high = _accuracies(verdict)
    across = _beside_one_another(found, ends)
    data = [_seeds(np.repeat(across, 3), _gaps(low, high), theme), _medians(found, theme)]
    data += _points(verdict, across, ends, told, theme)
    settings = [group.setting or NOT_USED for group in found.groups]
    ticks = {"tickvals": list(range(len(settings))), "ticktext": settings}
    along = axis(theme, found.knob.lower(), range=[-0.5, len(settings) - 0.5], **ticks)
    shapes, words = _spread(verdict, theme, "y")
    margin = {"l": 52, "r": 84, "t": 16, "b": 44}
    look = layout(
        theme, 310, margin=margin, shapes=shapes, annotations=words,
        xaxis=along | {"showgrid": False}, yaxis=_shares(verdict, theme),
    )  # fmt: skip
    return {"data": data, "layout": look}


def _accuracies(verdict: BoardVerdict) -> tuple[Floats, Floats, Floats]:
    """Of the median seed, LOST where it diverged; and the lowest and the highest seed."""
    ends = np.array([one.end.accuracy for one in verdict.students])
    low, high = (np.array([getattr(one, end) for one in verdict.students]) for end in
                 ("low", "high"))  # fmt: skip
    return np.where(np.isfinite(ends), ends, LOST), low, high


def _gaps(low: Floats, high: Floats) -> Floats:
    """From the lowest to the highest of each run, and a gap."""
    return np.stack([low, high, np.full_like(low, np.nan)], axis=-1).reshape(-1)


def _seeds(x: Floats, y: Floats, theme: Theme) -> Trace:
    """The range of each run's seeds."""
    return marks.stroke(x, y, translucent(theme.muted, 0.75), 1.5, hoverinfo="skip")


def _points(
    verdict: BoardVerdict, x: Floats, y: Floats, told: Sequence[str], theme: Theme
) -> list[Trace]:
    """A mark for each run: a diamond without normalization, a cross where it diverged."""
    colours = [theme.colour(one.traits.treatment) for one in verdict.students]
    symbols = [
        "x" if one.lost else "diamond" if one.traits.treatment == "plain" else "circle"
        for one in verdict.students
    ]
    rim = {"width": 1, "color": theme.background}
    look = {"symbol": symbols, "line": rim, "opacity": 0.9}
    spoken = [_plain(one) for one in told]
    return [
        marks.points(
            x, y, colours, 10, marker=look, hovertext=spoken, hoverinfo="text", cliponaxis=False
        )
    ]


def _beside_one_another(found: Along, ends: Floats) -> Floats:
    """Where the runs stand along the axis: those of a setting in the order of their ends."""
    across = np.zeros(len(ends))
    for place, group in enumerate(found.groups):
        members = np.array(group.members)
        ordered = members[ends[members].argsort(kind="stable")]
        count = len(ordered)
        across[ordered] = place + APART * ((np.arange(count) + 0.5) / count - 0.5)
    return across


def _medians(found: Along, theme: Theme) -> Trace:
    """A stroke at the median of each setting."""
    middles = np.array([group.middle for group in found.groups])
    middles = np.where(np.isfinite(middles), middles, LOST)
    places = np.arange(len(middles), dtype=np.float64)
    half = APART / 2 + 0.06
    x, y = _gaps(places - half, places + half), np.repeat(middles, 3)
    return marks.stroke(x, y, theme.text, 2.5, hoverinfo="skip")


def _across(verdict: BoardVerdict, theme: Theme) -> dict[str, Any]:
    """The same from left to right, at the top; the word for what diverged takes the room of 0."""
    shares = _shares(verdict, theme)
    if verdict.lost:
        for key in ("tickvals", "ticktext"):
            shares[key] = [shares[key][0], *shares[key][2:]]
    return shares | {"side": "top", "tickangle": 0}


def _shares(verdict: BoardVerdict, theme: Theme) -> dict[str, Any]:
    """The axis of the accuracies, with a place for what diverged."""
    shown = np.array([0, 0.25, 0.5, 0.75, 1.0])
    values, texts = list(shown), [f"{share:.0%}" for share in shown]
    lowest = -0.03
    if verdict.lost:
        values, texts, lowest = [LOST, *values], ["diverged", *texts], LOST - 0.05
    ticks = {"tickvals": values, "ticktext": texts}
    return axis(theme, "test accuracy", range=[lowest, 1.03], **ticks)


def _spread(
    verdict: BoardVerdict, theme: Theme, along: str
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The median as a line with its name, and the quartiles as a band. along: "x" or "y"."""
    if verdict.runs == 1:
        return [], []
    low, middle, high = (
        one if np.isfinite(one) else LOST for one in (verdict.lower, verdict.middle, verdict.upper)
    )
    other = "y" if along == "x" else "x"
    whole = {f"{other}ref": "paper", f"{other}0": 0, f"{other}1": 1}
    band = {"type": "rect", "layer": "below", "line": {"width": 0},
            "fillcolor": translucent(theme.muted, 0.16)}  # fmt: skip
    stroke = {"type": "line", "line": {"color": theme.text, "width": 1.5, "dash": "dot"}}
    shapes = [
        {**band, **whole, f"{along}0": low, f"{along}1": high},
        {**stroke, **whole, f"{along}0": middle, f"{along}1": middle},
    ]
    return shapes, [_named(middle, theme, along)]


def _named(middle: float, theme: Theme, along: str) -> dict[str, Any]:
    """The name of the median's line, at its end."""
    place: dict[str, Any] = {"x": 1.0, "xref": "paper", "y": middle, "xanchor": "left", "xshift": 6}
    if along == "x":
        place = {"x": middle, "y": 0.0, "yref": "paper", "yanchor": "top", "yshift": -4}
    said = "diverged" if middle == LOST else f"{100 * middle:.0f} %"
    font = {"size": 13, "color": theme.text}
    return {**place, "text": f"median<br>{said}" if along == "y" else f"median {said}",
            "align": "left", "showarrow": False, "font": font}  # fmt: skip


def _cut(name: str) -> str:
    return _plain(name if len(name) <= LETTERS else f"{name[: LETTERS - 1]}…")


def _plain(text: str) -> str:
    """The text as Plotly shows it, letter by letter; "<" and "{" are in no name."""
    return text.replace("&", "&amp;")
