"""A mini-batch that the reader types in: reading and writing it, and the ready-made ones.

In a link, a table is one short text: rows separated by "_", numbers by "~".
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, field_validator

from bnviz.experiments.quoting import quoted

Table = NDArray[np.float64]
"""(rows, columns)"""

ROWS, COLUMNS = 64, 4  # at most
LONGEST = 4000  # characters in a link: 64 x 4 numbers of nine digits each
LARGEST = 1e9
DIGITS = 9  # that are kept of a number
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
NAMED = 3  # complaints that are spelt out
CITED = 20  # characters of a cell, in a complaint


class TableError(ValueError):
    """What is wrong with a table, in one sentence for the reader, as Markdown."""


def split(text: str) -> list[list[str]]:
    """The cells of a text: rows end with "_", ";" or a new line; "~", commas, blanks part cells.

    So numbers may be pasted from a spreadsheet.
    """
    rows = [row.strip() for row in re.split(r"[_;\n\r]+", text)]
    return [re.split(r"\s*[~,\t]\s*|\s+", row) for row in rows if row]


def checked(cells: Sequence[Sequence[str]], names: Sequence[str] = ()) -> Table:
    """The numbers of the cells, each kept to nine digits.

    Raises TableError: too few or too many rows or columns, rows of different length, an empty
    cell, a cell that is no number, or one beyond a billion.
    """
    if not 1 <= len(cells) <= ROWS:
        raise TableError(f"The table has {len(cells) or 'no'} rows; it may have 1 to {ROWS}.")
    width = len(cells[0])
    if width > COLUMNS:
        raise TableError(f"The first row has {width} numbers; a row may have 1 to {COLUMNS}.")
    for place, row in enumerate(cells, start=1):
        if len(row) != width:
            raise TableError(f"Row {place} has {len(row)} cells and the first row {width}.")
    names = names or [f"column {place + 1}" for place in range(width)]
    wrong = [
        f"row {place}, {name}: {said}"
        for place, row in enumerate(cells, start=1)
        for name, cell in zip(names, row, strict=True)
        if (said := _complaint(cell))
    ]
    if wrong:
        more = f" (and {len(wrong) - NAMED} more)" if len(wrong) > NAMED else ""
        said = "; ".join(wrong[:NAMED])
        raise TableError(said[0].upper() + said[1:] + more + ".")
    return np.array([[_number(cell) for cell in row] for row in cells])


def _complaint(cell: str) -> str:
    cell = cell.strip()
    if not cell:
        return "the cell is empty"
    plain = cell.replace("−", "-")
    if re.fullmatch(r"[+-]?\d+,\d+", plain, re.ASCII):
        return f"write {quoted(plain.replace(',', '.'), CITED)} instead of {quoted(plain, CITED)}"
    if not NUMBER.fullmatch(plain):
        return f"{quoted(cell, CITED)} is no number"
    if abs(float(plain)) > LARGEST:
        return f"{quoted(cell, CITED)} is too large, a number may have up to a billion"
    return ""


def _number(cell: str) -> float:
    return float(f"{float(cell.strip().replace('−', '-')):.{DIGITS}g}")


def read(text: str) -> Table:
    """The table of a link. Raises TableError, also for a text of more than LONGEST characters."""
    if len(text) > LONGEST:
        raise TableError(f"It has {len(text)} characters; {LONGEST} are the most.")
    return checked(split(text))


def cells_of(table: Table) -> list[list[str]]:
    """The numbers as a reader would type them."""
    return [[_short(value) for value in row] for row in table.tolist()]


def _short(value: float) -> str:
    text = f"{value:.{DIGITS}g}"  # a plus in a link would be read as a blank
    return re.sub(r"e([+-])0*", lambda e: "e" + e[1].replace("+", ""), text)


def write(table: Table) -> str:
    """The table as it stands in a link: 1~2_3~4."""
    return "_".join("~".join(row) for row in cells_of(table))


class ByHand(BaseModel):
    """What the lessons by hand can choose: their own knobs, and a table of the reader's."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=False)

    COLUMNS: ClassVar[tuple[int, int]] = (1, COLUMNS)  # a table may have, from and to
    source: str = ""  # the name of the ready-made mini-batch
    table: str = ""  # what the reader typed, as in the link; "": the ready-made one

    @field_validator("table")
    @classmethod
    def _fits(cls, text: str) -> str:
        if text:
            cls.fits(read(text))
        return text

    @classmethod
    def fits(cls, table: Table) -> Table:
        """The table, if it has as many columns as the lesson can use. Raises TableError."""
        low, high = cls.COLUMNS
        if not low <= table.shape[1] <= high:
            allowed = f"{low}" if low == high else f"{low} to {high}"
            raise TableError(f"A row has {table.shape[1]} numbers; here it has {allowed}.")
        return table


def _columns(*columns: Sequence[float]) -> Table:
    return np.array(columns, dtype=np.float64).T


_GOOD = (2, 4, 4, 4, 5, 5, 7, 9)  # mean 5, variance 4: numbers for doing sums by hand
_ALIKE = (10, 30, 20, 30, 40, 30, 40, 40)  # mean 30, variance 100; correlated with the others

TRAINED = "trained units"

READY: dict[str, Table] = {
    "well-behaved": _columns(_GOOD, _ALIKE),
    "far from zero": _columns([48 + x for x in _GOOD], _ALIKE),
    "different scales": _columns(
        [x / 10 for x in _GOOD], (1.1, 0.2, 0.8, 1.9, 1.2, 0.4, 1.5, 0.9), _ALIKE
    ),
    "heavy tails": _columns(
        (0.1, -0.3, 0.2, 0.4, -0.1, 0.6, -0.5, 9, 0.3, -0.2, -7, 0.5, 0.1, -0.4, 0.2, 3)
    ),
    "one outlier": _columns((2, 4, 4, 4, 5, 5, 7, 100)),
    "constant feature": _columns(_GOOD, (7,) * 8),
    "two rows": _columns((3, 3.5), (10, 40)),
    "a single row": _columns((3,), (10,)),
}
"""The ready-made mini-batches, beside the units of a trained network."""
