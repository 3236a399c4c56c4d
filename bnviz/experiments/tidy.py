"""One tidy table of a Result: a row for each number, a column for each axis."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from bnviz.axes import NEVER
from bnviz.experiments.result import Found, Result, found

if TYPE_CHECKING:
    import pandas

FIRST = ("treatment", "seed", "step", "layer")
"""The columns of every table; what else the numbers of a Result are counted by follows them."""
LAST = ("name", "value")
WHOLE = ("seed", "step", "layer")  # columns of whole numbers


@dataclass(frozen=True, kw_only=True)
class Tidy:
    """The rows of a Result, and what is not among them."""

    parts: tuple[Found, ...]
    left_out: tuple[str, ...]  # the names of pictures, and of what is too large
    every: int  # how many recorded steps there are from one in the table to the next; 1: all
    alike: dict[str, str]

    @property
    def columns(self) -> list[str]:
        """The names of the columns, in order."""
        return columns([self])

    def __len__(self) -> int:
        return sum(_rows(part, self.every) for part in self.parts)

    def filled(self) -> Iterator[dict[str, NDArray[Any]]]:
        """The columns of each name, (rows,) each; those without a place are left out."""
        for part in self.parts:
            yield _filled(part, self.every, self.alike)

    def rows(self, columns: Sequence[str]) -> Iterator[Sequence[object]]:
        """The rows as they are written: empty where there is no number, or no such axis.

        columns: their names, also of other tables. A number of 32 bits has as many digits as tell
        it from all others of 32 bits.
        """
        for filled in self.filled():
            count, empty = len(filled["value"]), np.full(1, "")
            shown = [np.broadcast_to(filled.get(name, empty), count).tolist() for name in columns]
            shown[columns.index("value")] = _written(filled["value"])
            yield from zip(*shown, strict=True)


def columns(tables: Sequence[Tidy]) -> list[str]:
    """The names of the columns that some tables have together, in order."""
    names = [name for table in tables for part in table.parts for name, _ in part.places]
    further = [name for name in dict.fromkeys(names) if name not in FIRST]
    return [*FIRST, *further, *LAST]


def tidy(result: Result, most: int | None = None, **alike: str) -> Tidy:
    """The table of a Result.

    most: rows, at most. Then steps are left out, evenly, but for the first and the last; where
    that is not enough, the names with the most numbers. alike: columns that are the same in all
    rows, such as which of two runs it is.
    """
    whole = [part for part in found(result) if _counts(part)]
    parts = [part for part in whole if not part.axes.drawn]
    every = _every(parts, most)
    while most is not None and _total(parts, every) > most:
        parts.remove(max(parts, key=lambda part: _rows(part, every)))
        every = _every(parts, most)
    kept = {part.name for part in parts}
    return Tidy(
        parts=tuple(parts),
        left_out=tuple(part.name for part in whole if part.name not in kept),
        every=every,
        alike=result.alike() | alike,
    )


def frame(result: Result) -> pandas.DataFrame:
    """The whole table as a frame of pandas: see Result.to_frame."""
    import pandas as pd

    table = tidy(result)
    parts = [pd.DataFrame(filled) for filled in table.filled()]
    together = pd.concat(parts, ignore_index=True).reindex(columns=table.columns)
    return together.astype(dict.fromkeys(WHOLE, "Int64") | {"value": "float64"})


def _counts(part: Found) -> bool:
    return part.values.dtype.kind in "fiub"


def _total(parts: Sequence[Found], every: int) -> int:
    return sum(_rows(part, every) for part in parts)


def _every(parts: Sequence[Found], most: int | None) -> int:
    """The least thinning of the steps with which the rows are no more than `most`."""
    longest = max((len(places) for part in parts for _, places in part.places), default=1)
    enough = (
        every for every in range(1, longest + 1) if most is None or _total(parts, every) <= most
    )
    return next(enough, longest)


def _shown(part: Found, every: int) -> list[list[int]]:
    """Which places of each axis are in the table."""
    return [
        _thinned(len(places), every) if name == "step" else [*range(len(places))]
        for name, places in part.places
    ]


def _thinned(length: int, every: int) -> list[int]:
    """Every so many, the first and the last among them."""
    return sorted({*range(0, length, every), length - 1})


def _rows(part: Found, every: int) -> int:
    return int(np.prod([len(some) for some in _shown(part, every)], dtype=np.int64))


def _filled(part: Found, every: int, alike: dict[str, str]) -> dict[str, NDArray[Any]]:
    shown = _shown(part, every)
    values = part.values[np.ix_(*shown)] if shown else part.values
    grid = np.indices(values.shape).reshape(values.ndim, values.size)
    columns = {
        name: np.array([places[place] for place in some])[at]
        for (name, places), some, at in zip(part.places, shown, grid, strict=True)
    }
    same = {name: np.full(values.size, place) for name, place in alike.items()}
    named = {"name": np.full(values.size, part.name), "value": _numbers(part, values)}
    return same | columns | named


def _numbers(part: Found, values: NDArray[Any]) -> NDArray[Any]:
    """(rows,); a step that never came is no number."""
    flat = values.ravel()
    if part.axes.maybe:
        flat = np.where(flat == NEVER, np.nan, flat)
    return flat.astype(np.int64) if flat.dtype == np.bool_ else flat


def _written(values: NDArray[Any]) -> list[object]:
    if values.dtype.kind != "f":
        return list(values.tolist())
    short = values.astype(str).astype(np.float64) if values.dtype == np.float32 else values
    return ["" if value != value else value for value in short.tolist()]
