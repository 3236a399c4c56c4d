"""How numbers are written in a reader's table: 2.5 or 2,5, and perhaps with marks for thousands."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import pandas as pd

NUMBER = r"[+-]?(?:[0-9]{1,40}[.]?[0-9]{0,40}|[.][0-9]{1,40})(?:[eE][+-]?[0-9]{1,4})?"
THIN = "\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}\N{THIN SPACE}"
BETWEEN = f" {THIN}'\N{RIGHT SINGLE QUOTATION MARK}"
"""What may stand between thousands, beside the comma or point that is not the decimal one."""

Mark = Literal["comma", "point"]
_MARKS: dict[Mark, tuple[str, str]] = {"comma": (",", "[.]"), "point": ("[.]", ",")}
"""As patterns: what stands before the decimals, and the other one, for thousands."""


def _plain(mark: Mark) -> str:
    return rf"[+-]?[0-9]{{0,40}}{_MARKS[mark][0]}[0-9]{{1,40}}(?:[eE][+-]?[0-9]{{1,4}})?"


def _grouped(mark: Mark) -> str:
    """With a mark at every thousand, the same one each time: 1.234.567,8."""
    decimal, other = _MARKS[mark]
    repeated = rf"(?P<mark>{other}|[{BETWEEN}])[0-9]{{3}}(?:(?P=mark)[0-9]{{3}})*"
    return rf"[+-]?[1-9][0-9]{{0,2}}{repeated}(?:{decimal}[0-9]{{0,40}})?"


def _unclear(mark: Mark) -> str:
    """The thousand and more of one country, the one and a bit of another: 1,234."""
    return rf"[+-]?[1-9][0-9]{{0,2}}{_MARKS[mark][0]}[0-9]{{3}}"


def is_decimal(cell: str, mark: Mark) -> bool:
    """Whether this is a number with such decimals."""
    return bool(re.fullmatch(f"{_plain(mark)}|{_grouped(mark)}", cell))


def numbers(column: pd.Series[str], decimal_comma: bool) -> pd.Series[float]:
    """The numbers of a column; NaN where a cell holds none."""
    import pandas as pd  # here, so that a page without a file does not wait for it

    mark: Mark = "comma" if decimal_comma else "point"
    text = column.str.replace("\N{MINUS SIGN}", "-", regex=False)
    grouped = text.str.fullmatch(_grouped(mark))
    text = text.mask(grouped, text.str.replace(f"[{BETWEEN}]|{_MARKS[mark][1]}", "", regex=True))
    if decimal_comma:
        text = text.str.replace(",", ".", regex=False)
    found: pd.Series[float] = pd.to_numeric(
        text.where(text.str.fullmatch(NUMBER), "nan"), errors="coerce"
    ).astype("float64")
    return found


def decimal_marks(cells: pd.DataFrame) -> tuple[set[Mark], str]:
    """Which marks may stand before the decimals, and a number that leaves both possible.

    The mark is the one that more numbers have in a place where it cannot stand for thousands. One
    that no number needs is the point; but where commas stand in some, all as in 1,234, it may be
    either.
    """
    sure, unclear = {mark: _sure(cells, mark) for mark in _MARKS}, _first(cells, _unclear("comma"))
    if sure["comma"] == sure["point"] and unclear:
        return set(_MARKS), unclear
    return {"comma" if sure["comma"] > sure["point"] else "point"}, ""


def _sure(cells: pd.DataFrame, mark: Mark) -> int:
    """How many numbers can have no other mark before their decimals."""
    decimal = _MARKS[mark][0]
    clear = rf"(?!{_unclear(mark)}$){_plain(mark)}"
    two_marks = rf".*[,.].*[,.].*|.*[{BETWEEN}].*{decimal}.*"
    sure = f"{clear}|(?={_grouped(mark)}$)(?:{two_marks})"
    return sum(int(cells[column].str.fullmatch(sure).sum()) for column in cells)


def _first(cells: pd.DataFrame, pattern: str) -> str:
    """The first cell that is written so; "": there is none."""
    for column in cells:
        found = cells[column][cells[column].str.fullmatch(pattern)]
        if len(found):
            return str(found.iloc[0])
    return ""
