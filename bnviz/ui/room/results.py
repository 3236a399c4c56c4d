"""What a class has answered, as a table for the teacher."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from datetime import UTC, datetime
from io import StringIO

from bnviz.ui.room.questions import challenge
from bnviz.ui.room.store import Vote

HEAD = (
    "reader",
    "lesson",
    "question",
    "answer",
    "what was asked",
    "what was answered",
    "time (UTC)",
)
ACTS = ("=", "+", "-", "@", "\t", "\r", "\n")  # at its start: a spreadsheet would compute the cell


def as_csv(votes: Sequence[Vote]) -> str:
    """A row for each answer, in the order in which they were given."""
    text = StringIO()
    table = csv.writer(text, lineterminator="\r\n")
    table.writerow(HEAD)
    table.writerows([harmless(cell) for cell in _cells(vote)] for vote in votes)
    return "\N{BYTE ORDER MARK}" + text.getvalue()  # or Excel takes it for another encoding


def _cells(vote: Vote) -> tuple[str, ...]:
    asked = challenge(vote.lesson, vote.challenge)
    question = asked.question if asked else ""
    answered = (asked.answer(vote.answer) if asked else "") or ""
    when = datetime.fromtimestamp(vote.time, UTC).strftime("%Y-%m-%d %H:%M:%S")
    return (
        vote.reader, vote.lesson, vote.challenge, vote.answer, question, answered, when,
    )  # fmt: skip


def harmless(cell: str) -> str:
    """The text of a cell, which no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.startswith(ACTS) else cell
