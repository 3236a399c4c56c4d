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
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

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
NUMBER = r"[+-]?(?:[0-9]{1,40}[.]?[0-9]{0,40}|[.][0-9]{1,40})(?:[eE][+-]?[0-9]{1,4})?"
_COMMA = r"[+-]?[0-9]{0,40},[0-9]{1,40}(?:[eE][+-]?[0-9]{1,4})?"
_POINTS = r"[+-]?[0-9]{1,3}(?:[.][0-9]{3})+(?:,[0-9]*)?"  # 1.234,5
_FRACTION = r"[+-]?[0-9]{0,40}[.][0-9]{1,40}(?:[eE][+-]?[0-9]{1,4})?"

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f]")
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class OwnDataError(ValueError):
    """Why a file cannot be used, in one sentence or two for the reader, as Markdown."""


@dataclass(frozen=True, eq=False)
class Sheet:
    """The cells of a file as texts, and how they were found."""

    cells: pd.DataFrame  # (rows, columns) of str; "": a gap
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
    comma = _has_decimal_comma(cells)
    header = _has_header(cells, comma)
    first = [str(one) for one in cells.iloc[0]] if header else [""] * columns
    names = tuple(name or f"column {place}" for place, name in enumerate(first, start=1))
    body = cells.iloc[int(header) :].reset_index(drop=True)
    if len(body) > ROWS:
        raise OwnDataError(_too_long(len(body)))
    if len(body) < 2:
        raise OwnDataError("It has one row, or none: there must be some to learn from, and others.")
    return Sheet(body, names, header, separator, comma, ragged + before)


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


def _layout(text: str) -> tuple[str, int, int]:
    """The separator, the cells of most lines, and how many lines stand before the first of them."""
    part = text[:LOOKED_AT]
    lines = part.splitlines(keepends=True)
    whole = lines[:-1] if len(text) > LOOKED_AT and len(lines) > 1 else lines
    best, found = 0.0, (",", 1, 0)
    for separator in SEPARATORS:
        counts = _counts(whole, separator)
        columns = Counter(many for many, _ in counts if many).most_common(1)
        if not columns or columns[0][0] < 2:
            continue
        (many, lines_of_it), written = columns[0], sum(1 for count, _ in counts if count)
        if lines_of_it / written > best:
            first = next(place for place, (count, _) in enumerate(counts) if count == many)
            best, found = lines_of_it / written, (separator, many, _before(counts, first))
    return found


def _counts(lines: list[str], separator: str) -> list[tuple[int, int]]:
    """Of each of the first rows: how many cells it has, and at which line it ends."""
    stripped = (line.strip(" ") for line in lines)
    reader = csv.reader(stripped, delimiter=separator, skipinitialspace=True)
    try:
        return [(len(row), reader.line_num) for row in islice(reader, LINES)]
    except csv.Error:
        return []


def _before(counts: list[tuple[int, int]], first: int) -> int:
    return counts[first - 1][1] if first else 0


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


def _has_decimal_comma(cells: pd.DataFrame) -> bool:
    """Whether more numbers are written as 2,5 than as 2.5."""
    commas, points = (
        sum(int(cells[column].str.fullmatch(pattern).sum()) for column in cells)
        for pattern in (_COMMA, _FRACTION)
    )
    return commas > points


def numbers(column: pd.Series[str], decimal_comma: bool) -> pd.Series[float]:
    """The numbers of a column; NaN where a cell holds none."""
    import pandas as pd

    text = column.str.replace("\N{MINUS SIGN}", "-", regex=False)
    if decimal_comma:
        grouped = text.str.fullmatch(_POINTS)
        text = text.mask(grouped, text.str.replace(".", "", regex=False))
        text = text.str.replace(",", ".", regex=False)
    found: pd.Series[float] = pd.to_numeric(
        text.where(text.str.fullmatch(NUMBER), "nan"), errors="coerce"
    ).astype("float64")
    return found


def _has_header(cells: pd.DataFrame, decimal_comma: bool) -> bool:
    """Whether the first row has names: words above numbers, or words that never come again."""
    if len(cells) < 2:
        return False
    of_numbers, words_above = 0, 0
    for column in cells:
        below = cells[column].iloc[1:]
        written = below[below != ""]
        if len(written) and numbers(written, decimal_comma).notna().mean() > 0.5:
            of_numbers += 1
            first = cells[column].iloc[:1]
            words_above += int(
                first.iloc[0] != "" and bool(numbers(first, decimal_comma).isna()[0])
            )
    if of_numbers:
        return words_above > 0
    return not any(cells[column].iloc[0] in set(cells[column].iloc[1:]) for column in cells)


def named(sheet: Sheet, place: int) -> str:
    """The name of a column, to stand in a sentence."""
    return quoted(sheet.names[place])
