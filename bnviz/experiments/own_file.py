"""From a reader's file, or pasted text, to a table of cells: how it is written is found out.

The separator is the one that cuts most lines into equally many cells; tried in the order of
SEPARATORS, so that a semicolon comes before the comma that may stand in its numbers.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING

from bnviz.experiments.own_numbers import NUMBER, decimal_marks, is_decimal, numbers
from bnviz.experiments.quoting import quoted

if TYPE_CHECKING:
    import pandas as pd

MEGABYTES = 2
LARGEST = MEGABYTES * 2**20  # bytes
ROWS, COLUMNS = 5000, 64
LOOKED_AT = 20_000  # characters, from which the separator is found out
LINES = 50  # of these, at most
BLANK_LINES = 200  # beyond ROWS, before it is not even cut into cells

SEPARATORS = {"\t": "tab", ";": "semicolon", "|": "vertical bar", ",": "comma", " ": "blank"}
GAPS = ("", "NA", "N/A", "#N/A", "NaN", "nan", "NULL", "null", "?")
"""How a missing value may be written."""
MOST = 0.9  # of the rows: a separator is one that nearly all of them agree with
_TWO = re.compile(rf"{NUMBER}\s+(?:.*\s)?{NUMBER}")  # numbers with a blank between, in one cell

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f]")
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class OwnDataError(ValueError):
    """Why a file cannot be used, in one sentence or two for the reader, as Markdown."""


@dataclass(frozen=True, eq=False)
class Sheet:
    """The cells of a file as texts, and how they were found."""

    every: pd.DataFrame  # (rows, columns) of str, with the names, if there are; "": a gap
    cells: pd.DataFrame  # the same without the names
    names: tuple[str, ...]  # of the columns, as a stranger wrote them
    header: bool  # whether the first row had the names
    separator: str
    decimal_comma: bool
    ragged: int  # rows of another length, left out


def read(content: bytes) -> Sheet:
    """The table in these bytes. Raises OwnDataError where there is none that can be used."""
    text = _text(content)
    _bounded(text)
    separator, columns, before = _layout(text)
    if columns > COLUMNS:
        raise OwnDataError(f"It has more than {COLUMNS} columns, which is all that are read.")
    if columns < 2:
        raise OwnDataError(
            "Only one column was found, and it takes two: the class, and something to tell it from."
            " The columns may be separated by commas, semicolons, tabs, vertical bars or blanks."
        )
    cells, ragged = _cells("".join(text.splitlines(keepends=True)[before:]), separator, columns)
    comma = _has_decimal_comma(cells, separator)
    header = _has_header(cells, comma)
    return _sheet(Sheet(cells, cells, (), header, separator, comma, ragged + before))


def headed(sheet: Sheet, header: bool) -> Sheet:
    """The same cells; whether their first row has the names is said, and not guessed.

    Raises OwnDataError where too few or too many rows are left.
    """
    return _sheet(replace(sheet, header=header))


def _sheet(found: Sheet) -> Sheet:
    """With the first row as names, if it has them, and what follows as the cells."""
    every = found.every
    first = [str(one) for one in every.iloc[0]] if found.header else [""] * every.shape[1]
    names = tuple(name or f"column {place}" for place, name in enumerate(first, start=1))
    body = every.iloc[int(found.header) :].reset_index(drop=True)
    if len(body) > ROWS:
        raise OwnDataError(_too_long(len(body)))
    if len(body) < 2:
        raise OwnDataError("It has one row, or none: there must be some to learn from, and others.")
    return replace(found, cells=body, names=names)


def _text(content: bytes) -> str:
    """What is written in the file: in UTF-8, UTF-16 or the letters of Western Europe."""
    if len(content) > LARGEST:
        size = f"{len(content) / 2**20:.1f}"
        raise OwnDataError(f"It has {size} MB; at most {MEGABYTES} MB are read.")
    if content.startswith((_ZIP, _OLE)):
        raise OwnDataError(
            "This is a workbook or an archive, whatever its name ends in: a spreadsheet program"
            " writes the text that is read here with *Save as*, CSV."
        )
    text = _decoded(content)
    if _CONTROL.search(text):
        raise OwnDataError("This is no text: it has signs that no table has.")
    if not text.strip():
        raise OwnDataError("It is empty.")
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\f", " ")


def _decoded(content: bytes) -> str:
    coded = "utf-16" if content.startswith(_UTF_16) else "utf-8-sig"
    for encoding in (coded, "cp1252"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise OwnDataError("This is no text that can be read: save it as CSV in UTF-8.")


def _bounded(text: str) -> None:
    """Before it is cut into cells: a row takes a line at least."""
    lines = text.count("\n")
    if lines > ROWS + BLANK_LINES:
        raise OwnDataError(_too_long(lines))


def _too_long(rows: int) -> str:
    return (
        f"It has about {rows} rows; at most {ROWS} are read. Leave some out, of every class as many"
        " as you like."
    )


@dataclass(frozen=True)
class _Reading:
    """Lines cut into cells by one separator."""

    columns: int  # cells of most rows
    share: float  # of the rows, that have so many
    before: int  # lines that stand before the first of them
    rows: list[list[str]]  # those that have so many


def _layout(text: str) -> tuple[str, int, int]:
    """The separator, the cells of most lines, and how many lines stand before the first of them."""
    part = text[:LOOKED_AT]
    lines = part.splitlines(keepends=True)
    whole = lines[:-1] if len(text) > LOOKED_AT and len(lines) > 1 else lines
    tried = {separator: _reading(whole, separator) for separator in SEPARATORS}
    readings = {separator: found for separator, found in tried.items() if found}
    if not readings:
        return ",", 1, 0
    best = max(readings, key=lambda separator: readings[separator].share)  # the first of the best
    if best in ", " and {",", " "} <= readings.keys() and _commas_are_decimal(readings[" "].rows):
        best = _blank_or_comma(readings[","], readings[" "], best)
    return best, readings[best].columns, readings[best].before


def _reading(lines: list[str], separator: str) -> _Reading | None:
    """None: that cuts nothing."""
    rows = _rows(lines, separator)
    counts = Counter(len(cells) for cells, _ in rows if cells).most_common(1)
    if not counts or counts[0][0] < 2:
        return None
    columns, many = counts[0]
    first = next(place for place, (cells, _) in enumerate(rows) if len(cells) == columns)
    of_them = [cells for cells, _ in rows if len(cells) == columns]
    return _Reading(
        columns, many / sum(1 for cells, _ in rows if cells), _before(rows, first), of_them
    )


def _commas_are_decimal(by_blank: list[list[str]]) -> bool:
    """Whether most rows have a comma, and each of them stands in a number: 1,5 2,5."""
    clean = [all("," not in cell or is_decimal(cell, "comma") for cell in row) for row in by_blank]
    some = [any("," in cell for cell in row) for row in by_blank]
    return _share(clean) >= MOST and _share(some) > 0.5


def _blank_or_comma(by_comma: _Reading, by_blank: _Reading, best: str) -> str:
    """Which of them separates, where commas may be decimal.

    Two numbers in a cell tell it, or that one of them, `best`, cuts more rows alike.
    """
    if _share([any(_TWO.fullmatch(cell) for cell in row) for row in by_comma.rows]) > 0.5:
        return " "
    if by_comma.share != by_blank.share:
        return best
    written = next(cell for row in by_blank.rows for cell in row if "," in cell)
    raise OwnDataError(
        f"It can be read in two ways: {quoted(written)} may be one number, with blanks between the"
        " columns, or two columns. Put semicolons between the columns, or write decimal points."
    )


def _share(true: Sequence[bool]) -> float:
    return sum(true) / len(true)


def _rows(lines: list[str], separator: str) -> list[tuple[list[str], int]]:
    """The cells of each of the first rows, and at which line it ends."""
    stripped = (line.strip(" \n") + "\n" for line in lines)
    reader = csv.reader(stripped, delimiter=separator, skipinitialspace=True)
    try:
        return [([cell.strip() for cell in row], reader.line_num) for row in islice(reader, LINES)]
    except csv.Error:
        return []


def _before(rows: list[tuple[list[str], int]], first: int) -> int:
    return rows[first - 1][1] if first else 0


def _cells(text: str, separator: str, columns: int) -> tuple[pd.DataFrame, int]:
    """The cells as texts, "" where one is missing; how many rows have more than that."""
    import pandas as pd  # here, so that a page without a file does not wait for it

    if separator == " ":
        text = "\n".join(line.strip() for line in text.split("\n"))
    longer: list[int] = []
    try:
        cells = pd.read_csv(
            io.StringIO(text),
            sep=separator,
            header=None,
            names=list(range(columns)),
            dtype=str,
            engine="python",
            skipinitialspace=True,
            keep_default_na=False,
            on_bad_lines=lambda row: longer.append(len(row)),
        )
    except (pd.errors.ParserError, pd.errors.EmptyDataError, csv.Error, ValueError) as error:
        raise OwnDataError(
            "It cannot be cut into cells: perhaps a quotation mark is not closed."
        ) from error
    stripped = cells.fillna("").apply(lambda column: column.astype(str).str.strip())
    return stripped.mask(stripped.isin(GAPS), ""), len(longer)


def _has_decimal_comma(cells: pd.DataFrame, separator: str) -> bool:
    """Whether numbers are written as 2,5; semicolons stand between columns where they are."""
    marks, unclear = decimal_marks(cells)
    if len(marks) == 1 or separator == ";":
        return "comma" in marks
    raise OwnDataError(
        f"{quoted(unclear)} can be read in two ways, a thousand and more, or one and a bit: write"
        " the numbers without a mark for thousands, or with decimal points."
    )


def _has_header(cells: pd.DataFrame, decimal_comma: bool) -> bool:
    """Whether the first row has names: words above numbers, or words that never come again."""
    if len(cells) < 2:
        return False
    above = cells.iloc[0]
    numeric = [column for column in cells if _holds_numbers(cells[column].iloc[1:], decimal_comma)]
    if any(above[column] and _is_word(above[column], decimal_comma) for column in numeric):
        return True
    if numeric:  # names may be numbers, as years are: then a class tells it
        worded = [column for column in cells if column not in numeric]
        return any(_never_again(cells[column], decimal_comma) for column in worded)
    return not any(above[column] in set(cells[column].iloc[1:]) for column in cells)


def _holds_numbers(column: pd.Series[str], decimal_comma: bool) -> bool:
    """Most of what is written in it."""
    written = column[column != ""]
    return len(written) > 0 and float(numbers(written, decimal_comma).notna().mean()) > 0.5


def _is_word(cell: str, decimal_comma: bool) -> bool:
    import pandas as pd

    return bool(numbers(pd.Series([cell], dtype=str), decimal_comma).isna()[0])


def _never_again(column: pd.Series[str], decimal_comma: bool) -> bool:
    """Whether its first word comes once, and each of the others twice or more."""
    first, below = column.iloc[0], column.iloc[1:]
    others = below[below != ""].value_counts()
    alone = _is_word(first, decimal_comma) and first != "" and first not in others.index
    return alone and len(others) > 0 and int(others.min()) > 1


def named(sheet: Sheet, place: int) -> str:
    """The name of a column, to stand in a sentence."""
    return quoted(sheet.names[place])
