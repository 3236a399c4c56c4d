"""A reader's own data: what is asked for, and what was understood of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

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
    """What was understood, in a sentence; names in it are quoted already."""
    columns = [many(found.numeric, "column") + " of numbers"] if found.numeric else []
    if found.worded:
        words = many(len(found.worded), "column") + " of words"
        columns.append(f"{words}, each word a feature ({found.features} features in all)")
    parts = [
        f"{many(found.rows, 'row')}, {' and '.join(columns)}, class in {found.label}"
        f" ({found.classes} values)",
        _written(found),
        *_left_out(found),
    ]
    return "; ".join(parts) + "."


def _written(found: Understood) -> str:
    comma = " and decimal commas" if found.decimal_comma else ""
    return f"{SEPARATORS[found.separator]}{comma}{'' if found.header else ', no header'}"


def _left_out(found: Understood) -> list[str]:
    counted = {"with gaps": found.gaps, "of another length": found.ragged}
    parts = [f"{many(rows, 'row')} {why}" for why, rows in counted.items() if rows]
    if found.alone:
        parts.append(f"{many(found.alone, 'row')} alone in {_its(found.alone)} class")
    parts += [
        f"{_columns(names)}, {why}"
        for names, why in (
            (found.constant, "which never changes" if len(found.constant) == 1 else "constant"),
            (found.counting, "which counts the rows"),
            (found.many, "of too many different words"),
        )
        if names
    ]
    return [f"left out: {listed(parts)}"] if parts else []


def _its(rows: int) -> str:
    return "its" if rows == 1 else "their"


def _columns(names: tuple[str, ...]) -> str:
    if len(names) <= NAMED:
        return listed(list(names))
    return f"{listed(list(names[:NAMED]))} and {len(names) - NAMED} more columns"
