"""Tables as comma-separated values, for a spreadsheet."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from io import StringIO

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What a spreadsheet takes for the beginning of a formula, and computes."""

MARK = "\N{BYTE ORDER MARK}"  # or a spreadsheet takes the file for another encoding


def comma_separated(rows: Iterable[Sequence[object]], notes: Sequence[str] = ()) -> str:
    """The rows as a file (RFC 4180). A text that a spreadsheet would compute gets an apostrophe.

    notes: sentences about the rows, each on a line of its own that begins with #, in front of them.
    """
    written = StringIO()
    written.writelines(f"# {' '.join(note.split())}\r\n" for note in notes)
    csv.writer(written).writerows([_harmless(cell) for cell in row] for row in rows)
    return MARK + written.getvalue()


def _harmless(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell
