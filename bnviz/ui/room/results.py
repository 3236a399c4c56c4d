"""What a class has answered, as a table for the teacher."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from bnviz.ui.room.questions import challenge
from bnviz.ui.room.store import Vote
from bnviz.words.comma_separated import comma_separated

HEAD = (
    "reader",
    "lesson",
    "question",
    "answer",
    "what was asked",
    "what was answered",
    "time (UTC)",
)


def as_csv(votes: Sequence[Vote]) -> str:
    """A row for each answer, in the order in which they were given."""
    return comma_separated([HEAD, *map(_cells, votes)])


def _cells(vote: Vote) -> tuple[str, ...]:
    asked = challenge(vote.lesson, vote.challenge)
    question = asked.question if asked else ""
    answered = (asked.answer(vote.answer) if asked else "") or ""
    when = datetime.fromtimestamp(vote.time, UTC).strftime("%Y-%m-%d %H:%M:%S")
    return (
        vote.reader, vote.lesson, vote.challenge, vote.answer, question, answered, when,
    )  # fmt: skip
