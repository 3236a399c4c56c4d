"""What is typed is what is read: numbers, rows and lists, from a cell or from pasted text.

In a link, a table is one short text: rows separated by "_", numbers by "~". A number is written
with a decimal point, as Python writes it, and travels exactly: the shortest text that gives the
same 64 bits. What can be meant in two ways is asked about, never guessed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from bnviz.experiments.quoting import quoted

Table = NDArray[np.float64]
"""(rows, columns)"""

ROWS, COLUMNS = 200, 4  # at most
LONGEST = 12_000  # characters in a link: what a server in front of the app surely lets through
PASTED = 40_000  # characters of a text, before it is written as in a link
LARGEST = 1e9
NAMED = 3  # complaints that are spelt out
CITED = 24  # characters of a cell, in a complaint

_POWER = r"(?:[eE][+-]?\d+)?"
NUMBER = re.compile(rf"[+-]?(?:\d+\.?\d*|\.\d+){_POWER}", re.ASCII)
_DECIMAL_COMMA = re.compile(rf"[+-]?\d+,\d+{_POWER}", re.ASCII)  # 2,5
_COMMAS = re.compile(rf"[+-]?\d{{1,3}}(?:,\d{{3}})+(?:\.\d*)?{_POWER}", re.ASCII)  # 1,234.5
_POINTS = re.compile(r"[+-]?\d{1,3}(?:\.\d{3})+,\d+|[+-]?\d{1,3}(?:\.\d{3}){2,}", re.ASCII)
_BLANKS = "\u00a0\u2009\u202f"  # hard and thin ones
_JOINTS = f"_{_BLANKS}'’"  # within a number: 1_000
_JOINED = re.compile(rf"[+-]?\d+(?:[{_JOINTS}]\d+)+(?:[.,]\d*)?{_POWER}", re.ASCII)
_GROUPED = re.compile(r"[+-]?\d{1,3}(?:_\d{3})+(?:\.\d*)?", re.ASCII)
_WITH_A_ZERO = re.compile(r"\d_0\d\d(?!\d)", re.ASCII)  # no link of ours has 2_000

_ROW = r"[\[(][^\[\]()]*[\])]"
_SCALAR = re.compile(r"(?:(?:np|numpy)\.\w+|tensor)\(([^()]*)\)")  # in a list of Python's
_TUPLE = re.compile(r"\s*\(([^\[\]]*)\)\s*")
_BEFORE = re.compile(r"(?:\w+\s*=\s*)?(?:[\w.]+\s*)?\(?\s*")  # x = np.array(
_AFTER = re.compile(r"\s*(?:,\s*\w+\s*=[^\[\]]*)?\)?\s*;?")  # , dtype=float32)


class TableError(ValueError):
    """What is wrong with a table, in one sentence or two for the reader, as Markdown."""


# --- one number


def readings(cell: str) -> list[str]:
    """What may be meant by a text that is no number as Python writes it, each as it is typed.

    2,5 may be 2.5, or 2 and 5; 1,234 may be 1234, 1.234, or 1 and 234; 1_000 may be 1000, or 1
    and 000 in two rows. [] for all else.
    """
    found: list[str] = []
    if _COMMAS.fullmatch(cell):
        found.append(cell.replace(",", ""))
    if _DECIMAL_COMMA.fullmatch(cell):
        found.append(cell.replace(",", "."))
    if _POINTS.fullmatch(cell):
        found.append(cell.replace(".", "").replace(",", "."))
    if _JOINED.fullmatch(cell):
        whole = re.sub(f"[{_JOINTS}]", "", cell)
        found.append((readings(whole) or [whole])[0])
        apart = re.sub(f"[{_BLANKS}]", " ", cell.replace("_", "; "))
        return [*found, apart] if apart != cell else found
    several = cell.split(",")
    if found and len(several) > 1 and all(map(NUMBER.fullmatch, several)):
        found.append(", ".join(several))
    return found


def _plain(cell: str) -> str:
    return cell.strip().replace("−", "-")


def _asked(cell: str) -> str:
    """What is asked about a cell that can be meant in two ways; "": it cannot."""
    *one, several = readings(_plain(cell)) or [""]
    if not one:
        return ""
    alone = " or ".join(quoted(text, CITED) for text in one)
    kind = "rows" if ";" in several else "numbers"
    written = f"{quoted(cell, CITED)} can mean the number {alone}"
    return f"{written}, or the {kind} {quoted(several, CITED)}"


def complaint(cell: str) -> str:
    """What is wrong with a cell, within a sentence; "": it is a number that can be used."""
    plain = _plain(cell)
    if not plain:
        return "the cell is empty"
    if meant := readings(plain):
        return f"write {quoted(meant[0], CITED)} instead of {quoted(cell, CITED)}"
    if not NUMBER.fullmatch(plain):
        return f"{quoted(cell, CITED)} is no number"
    if abs(float(plain)) > LARGEST:
        return f"{quoted(cell, CITED)} is too large, a number may have up to a billion"
    if not float(plain) and re.search(r"[1-9]", re.split("[eE]", plain)[0]):
        return f"{quoted(cell, CITED)} is closer to zero than 64 bits can tell"
    return ""


def number(cell: str) -> float:
    """The number of a cell without a complaint."""
    return float(_plain(cell))


def exact(cell: str) -> bool:
    """Whether a cell without a complaint has no more digits than its number keeps in 64 bits."""
    value = number(cell)
    return not value or Decimal(_plain(cell)) == Decimal(repr(value))


# --- many of them


def split(text: str) -> list[list[str]]:
    """The cells of a text.

    Rows end with "_", ";" or a new line; "~", commas, blanks part cells, so that numbers may be
    pasted from a spreadsheet. Lists and arrays are read as Python, NumPy and torch print them.
    What may be one number or several stays one cell. Raises TableError: brackets that make no
    rows, numbers that NumPy has left out, a list that may be a row or a column.
    """
    if tuples := _TUPLE.fullmatch(_SCALAR.sub(r"\1", text)):
        text = f"[{tuples[1]}]"
    if "[" in text:
        return _listed(text)
    rows = re.split(r"[;\n\r]+" if _joins(text) else r"[_;\n\r]+", text.strip(" _;\n\r\t"))
    return [_cells(row.strip(" \t")) for row in rows if row.strip()]


def _joins(text: str) -> bool:
    """Whether a "_" stands within numbers, or may do so, and does not part rows for sure.

    A link has nothing but numbers, "~" and "_".
    """
    if not re.search(r"\d_\d", text, re.ASCII):
        return False
    if not re.fullmatch(r"[\d.eE+−~_-]+", text.strip(), re.ASCII):
        return True
    alone = "~" not in text and _GROUPED.fullmatch(text.strip())
    return bool(alone or _WITH_A_ZERO.search(text))


def _cells(row: str) -> list[str]:
    parts = re.split(r"[ \t]*[~\t][ \t]*|[ \t]*,[ \t]+|[ \t]+,|[ \t]+", row)
    return [cell for part in parts for cell in ([part] if readings(part) else part.split(","))]


def _listed(text: str) -> list[list[str]]:
    """The rows of a list, as Python, NumPy and torch print it."""
    if "..." in text or "…" in text:
        raise TableError("Where it has “...”, numbers were left out: print all of them.")
    first, last = text.index("["), text.rfind("]") + 1
    before, inside, after = text[:first], _SCALAR.sub(r"\1", text[first:last]), text[last:]
    if not (_BEFORE.fullmatch(before) and _AFTER.fullmatch(after)):
        beside = " and ".join(
            quoted(part.strip(), CITED) for part in (before, after) if part.strip()
        )
        raise TableError(f"Beside the list there is {beside}: paste the list alone.")
    if re.fullmatch(_ROW, inside):
        return _flat(inside)
    rows = re.fullmatch(rf"[\[(]?[\s,]*((?:{_ROW}[\s,]*)+)[\])]?", inside)
    if not rows:
        raise TableError("The brackets make no rows: `[[1, 2], [3, 4]]` has two.")
    return [_entries(row) for row in re.findall(_ROW, rows[1])]


def _flat(inside: str) -> list[list[str]]:
    """A list without rows: too long for a row, it is a column."""
    some = _entries(inside)
    if 1 < len(some) <= COLUMNS:
        a_row, a_column = f"[[{', '.join(some)}]]", f"[[{'], ['.join(some)}]]"
        raise TableError(
            f"{quoted(inside)} can mean a row, {quoted(a_row)}, or a column, {quoted(a_column)}."
        )
    return [[one] for one in some]


def _entries(row: str) -> list[str]:
    """Within brackets, a comma always parts."""
    inside = row[1:-1].strip().removesuffix(",").strip()
    return re.split(r"\s*[,;]\s*|\s+", inside)


def numbers(text: str) -> list[float]:
    """The numbers of one line or list, such as one of each feature. Raises TableError."""
    cells = _flattened(text)
    for cell in cells:
        if said := _asked(cell) or complaint(cell):
            raise TableError(f"{said[0].upper()}{said[1:]}.")
    return [number(cell) for cell in cells]


def _flattened(text: str) -> list[str]:
    if re.fullmatch(rf"\s*{_ROW}\s*", text):  # here it does not matter whether it is a row
        return _entries(_SCALAR.sub(r"\1", text.strip()))
    return [cell for row in split(text) for cell in row]


def checked(cells: Sequence[Sequence[str]], names: Sequence[str] = ()) -> Table:
    """The numbers of the cells.

    Raises TableError: a cell that can be meant in two ways, too few or too many rows or columns,
    rows of different length, an empty cell, a cell that is no number, or one beyond a billion.
    """
    _ask(cells, names)
    _check_shape(cells)
    names = names or [f"column {place + 1}" for place in range(len(cells[0]))]
    wrong = [
        f"row {place}, {name}: {said}"
        for place, row in enumerate(cells, start=1)
        for name, cell in zip(names, row, strict=True)
        if (said := complaint(cell))
    ]
    if wrong:
        more = f" (and {len(wrong) - NAMED} more)" if len(wrong) > NAMED else ""
        said = "; ".join(wrong[:NAMED])
        raise TableError(said[0].upper() + said[1:] + more + ".")
    table = np.array([[number(cell) for cell in row] for row in cells])
    if (long := len(write(table))) > LONGEST:
        raise TableError(
            f"With all of its digits the table takes {long} characters in the link, and {LONGEST}"
            " are the most: leave out digits or rows."
        )
    return table


def _ask(cells: Sequence[Sequence[str]], names: Sequence[str]) -> None:
    """About the first cell that can be meant in two ways, and how many more there are."""
    found = [
        (place, column, said)
        for place, row in enumerate(cells, start=1)
        for column, cell in enumerate(row)
        if (said := _asked(cell))
    ]
    if not found:
        return
    place, column, said = found[0]
    where = f"Row {place}, {names[column]}" if column < len(names) else f"Row {place}"
    more = f" (and {len(found) - 1} more like it)" if len(found) > 1 else ""
    raise TableError(f"{where}: {said}{more}. Please write what you mean.")


def _check_shape(cells: Sequence[Sequence[str]]) -> None:
    if not 1 <= len(cells) <= ROWS:
        raise TableError(f"The table has {len(cells) or 'no'} rows; it may have 1 to {ROWS}.")
    width = len(cells[0])
    if width > COLUMNS:
        raise TableError(f"The first row has {width} numbers; a row may have 1 to {COLUMNS}.")
    for place, row in enumerate(cells, start=1):
        if len(row) != width:
            raise TableError(f"Row {place} has {len(row)} cells and the first row {width}.")


def read(text: str) -> Table:
    """The table of a text. Raises TableError, also for one of more than PASTED characters."""
    if len(text) > PASTED:
        raise TableError(f"It has {len(text)} characters; {PASTED} are the most.")
    return _read(text).copy()


@lru_cache(maxsize=32)  # a page asks for its table many times
def _read(text: str) -> Table:
    return checked(split(text))


# --- and back


def cells_of(table: Table) -> list[list[str]]:
    """The numbers as a reader would type them, with all of their digits."""
    return [[short(value) for value in row] for row in table.tolist()]


def short(value: float) -> str:
    """The shortest text that gives the same 64 bits: 1, −0.5 as -0.5, 1e-7, 16777216.25."""
    text = repr(float(value)).removesuffix(".0")  # a plus in a link would be read as a blank
    return re.sub(r"e([+-])0*", lambda e: "e" + e[1].replace("+", ""), text)


def write(table: Table) -> str:
    """The table as it stands in a link: 1~2_3~4; never as what could be one number, 1_000."""
    text = "_".join("~".join(row) for row in cells_of(table))
    return text.replace("_", "._", 1) if _joins(text) else text
