"""On which side of its mark a label stands, so that it covers no other mark."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray


class Plot(NamedTuple):
    """Pixels of a plot, and what is beside it on the right for labels."""

    across: float
    up: float
    right: float = 0.0


PLOT: Final = Plot(330, 184)
"""As on a laptop; on larger windows marks are farther apart."""
PROJECTED: Final = Plot(262, 130, right=64)
"""As it is drawn for a projector, and then enlarged with all that is in it."""
LETTER, LINE = 8.5, 18.0
"""Pixels of a letter of a name, across, and of its line, up."""
ASIDE = 8.0
"""Pixels between the middle of a mark and its label."""
CLEAR = 12.0
"""Pixels between a label and the middle of a mark that it does not touch."""

ACROSS = {"left": -1, "center": 0, "right": 1}
UP = {"top": 1, "middle": 0, "bottom": -1}
SIDES = tuple(
    f"{up} {across}" for up in UP for across in ACROSS if (up, across) != ("middle", "center")
)


def in_pixels(
    points: ArrayLike, axes: Sequence[dict[str, Any]], plot: Plot = PLOT
) -> NDArray[np.float64]:
    """Where points of the data, (N, 2), stand in the plot, from below left. axes: across, up."""
    sides = zip(np.transpose(points), axes, plot[:2], strict=True)
    return np.stack([_along(values, axis) * size for values, axis, size in sides], axis=-1)


def _along(values: ArrayLike, axis: dict[str, Any]) -> NDArray[np.float64]:
    """How far along an axis of Plotly's, 0 to 1, from its range; NaN: not there."""
    known = np.asarray(values, np.float64)
    if axis.get("type") == "log":
        known = np.log10(np.where(known > 0, known, np.nan))
    low, high = axis["range"]
    return (known - low) / (high - low)


def boxes(mark: NDArray[np.float64], words: str, sides: Sequence[str]) -> NDArray[np.float64]:
    """The label's ends on each side: left, right, below, above, in pixels, (sides, 4)."""
    half = np.array([LETTER * len(words), LINE]) / 2
    ways = np.array([(ACROSS[side.split()[1]], UP[side.split()[0]]) for side in sides])
    middles = mark + ways * (half + ASIDE)
    (left, below), (right, above) = (middles - half).T, (middles + half).T
    return np.stack([left, right, below, above], axis=-1)


def room(
    box: NDArray[np.float64], others: NDArray[np.float64], plot: Plot = PLOT
) -> NDArray[np.float64]:
    """Pixels from boxes (sides, 4) to the nearest of other marks (N, 2); inf: there is none.

    A box that leaves the plot, and the place beside it, on its left or right has none.
    """
    x, y = others[np.isfinite(others).all(axis=-1)].T
    left, right, below, above = box.T[..., None]
    beside = np.maximum(np.maximum(left - x, x - right), 0)
    over = np.maximum(np.maximum(below - y, y - above), 0)
    nearest = np.hypot(beside, over).min(axis=1, initial=np.inf)
    inside = (box[:, 0] >= 0) & (box[:, 1] <= plot.across + plot.right)
    return np.where(inside, nearest, -1.0)


def freest(
    mark: NDArray[np.float64],
    words: str,
    others: NDArray[np.float64],
    wanted: str,
    plot: Plot = PLOT,
) -> str:
    """The side that is wanted, if the label covers no other mark there; else the farthest from all.

    mark (2,), others (N, 2): in pixels.
    """
    sides = (wanted, *(side for side in SIDES if side != wanted))
    rooms = room(boxes(mark, words, sides), others, plot)
    return wanted if rooms[0] >= CLEAR else sides[int(rooms.argmax())]


def nearest_free(places: NDArray[np.float64], others: NDArray[np.float64]) -> int:
    """The first of some places that is clear of all other marks, or the one farthest from them.

    places (P, 2), others (N, 2): in pixels. Two numbers in circles need twice as much room.
    """
    known = others[np.isfinite(others).all(axis=-1)]
    apart = np.linalg.norm(places[:, None] - known, axis=-1).min(axis=1, initial=np.inf)
    return int((apart >= 2 * CLEAR).argmax() if (apart >= 2 * CLEAR).any() else apart.argmax())


def beside(
    marks: NDArray[np.float64],
    words: Sequence[str],
    others: NDArray[np.float64],
    wanted: Sequence[str],
    plot: Plot = PLOT,
) -> list[str]:
    """The sides of several labels, which do not cover each other either.

    marks (labels, 2), others (N, 2): in pixels. The first label is placed first.
    """
    found: list[str] = []
    for place, name in enumerate(words):
        taken = [_corners(*one) for one in zip(marks, words, found, strict=False)]
        rest = np.delete(marks, place, axis=0)
        around = np.concatenate([others, rest, *taken])
        found.append(freest(marks[place], name, around, wanted[place], plot))
    return found


def _corners(mark: NDArray[np.float64], words: str, side: str) -> NDArray[np.float64]:
    """A label that stands already, as marks: along its lower, middle and upper line, (N, 2)."""
    ((left, right, below, above),) = boxes(mark, words, [side])
    across = np.linspace(left, right, 2 + int(LETTER * len(words) / CLEAR))
    lines = np.linspace(below, above, 3)
    return np.stack(np.meshgrid(across, lines), axis=-1).reshape(-1, 2)
