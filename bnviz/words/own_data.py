"""A reader's own data: what is asked for, and what was understood of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from bnviz.words.numbers import listed, many

if TYPE_CHECKING:
    from bnviz.experiments.own_data import Understood

PLACE = "Give your data"
FILE = "Your file, and another one"
UPLOAD = "A file: CSV, at most {megabytes} MB"
PASTED = "Or its text, pasted"
TAKE = "Take the text"
LABEL = "Class column"
HEADER = "The first row has names"
PREVIEW = "The first rows, as they were read:"
ABOUT = (
    "A table as text: a row is a sample, and one column is its class. At most {rows} rows,"
    " {columns} columns and {classes} classes. It stays in this session, is written to no disk, and"
    " is gone when you close or reload the page."
)
MISSING = (
    "“Data” asks for a reader’s own, which no link holds. Give the file below; until then, these"
    " are the {instead}."
)
UNUSABLE = "Until it can be used, these are the {instead}."
NOT_TAKEN = "{why} What you gave before still counts."

SEPARATORS = {"\t": "tabs", ";": "semicolons", "|": "vertical bars", ",": "commas", " ": "blanks"}
NAMED = 4  # columns that are named; more are counted


def told(found: Understood) -> str:
    """What was understood; names in it are quoted already."""
    said = [_read(found), f"The class is in {found.label} ({found.classes} values)."]
    said.append(f"Columns are separated by {SEPARATORS[found.separator]}.")
    if found.decimal_comma:
        said.append("Numbers have decimal commas.")
    if not found.header:
        said.append("There is no header.")
    return " ".join((*said, *_rows_left_out(found), *_columns_left_out(found)))


def _read(found: Understood) -> str:
    rows, numbers = many(found.rows, "row"), many(found.numeric, "column")
    words, features = many(len(found.worded), "column"), found.features
    if not found.worded:
        return f"We read {rows} with {numbers} of numbers."
    if not found.numeric:
        return f"We read {rows} with {words} of words, each word a feature ({features} in all)."
    return (
        f"We read {rows} with {numbers} of numbers and {words} of words, each word a feature"
        f" ({features} features in all)."
    )


class Number(NamedTuple):
    """The same of one and of several."""

    one: str
    several: str


GAPS = Number("1 row with gaps is left out.", "{rows} rows with gaps are left out.")
RAGGED = Number(
    "1 row of another length is left out.", "{rows} rows of another length are left out."
)
ALONE = Number(
    "1 row alone in its class is left out.", "{rows} rows alone in their class are left out."
)
CONSTANT = Number(
    "The column {names} never changes and is left out.",
    "The columns {names} never change and are left out.",
)
COUNTING = Number(
    "The column {names} counts the rows and is left out.",
    "The columns {names} count the rows and are left out.",
)
WORDY = Number(
    "The column {names} has too many different words and is left out.",
    "The columns {names} have too many different words and are left out.",
)


def _rows_left_out(found: Understood) -> list[str]:
    counted = ((GAPS, found.gaps), (RAGGED, found.ragged), (ALONE, found.alone))
    return [
        told.one if rows == 1 else told.several.format(rows=rows) for told, rows in counted if rows
    ]


def _columns_left_out(found: Understood) -> list[str]:
    named = ((CONSTANT, found.constant), (COUNTING, found.counting), (WORDY, found.many))
    return [
        (told.one if len(names) == 1 else told.several).format(names=_columns(names))
        for told, names in named
        if names
    ]


def _columns(names: tuple[str, ...]) -> str:
    """a, b and c; a, b, c, d and 5 more."""
    if len(names) <= NAMED:
        return listed([*names])
    return listed([*names[:NAMED], f"{len(names) - NAMED} more"])
