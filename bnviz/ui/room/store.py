"""Rooms and the answers in them: kept in a database, bounded, and ended after a day."""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, Engine, Table, func, select
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from bnviz.ui.room import codes, opening
from bnviz.ui.room.bounds import LASTS, MOST_READERS, MOST_RUNS, OF_ONE, RefusedError
from bnviz.ui.room.questions import allowed, run_of
from bnviz.ui.room.tables import (
    PARTS,
    READERS,
    READING,
    ROOMS,
    RUN,
    RUNS,
    SHOWN,
    VOTES,
    prepare,
)

LOG = logging.getLogger(__name__)
TRIES = 20  # to open a room, while others do

UNREACHED = (
    "This server cannot reach the database of its rooms. Why is written down in the server’s log."
)
Allowed = Callable[[str, str, str], bool]


@dataclass(frozen=True)
class Room:
    """A room as it is now."""

    code: str
    opened: float  # seconds since 1970
    lesson: str  # of the question where the class is; "": nowhere yet
    challenge: str
    shown: bool  # whether the answer to it was


@dataclass(frozen=True)
class Vote:
    """One reader's answer to one question: the last one given while it was open."""

    reader: str  # a random number
    lesson: str
    challenge: str
    answer: str
    time: float  # seconds since 1970


@dataclass(frozen=True)
class Sent:
    """A run of the lab that a reader has sent."""

    seat: int  # the reader's, from 1 in the order of joining
    reader: str
    run: str  # as the lab's link writes it
    time: float  # seconds since 1970


class Rooms:
    """All rooms of a database, which several processes may share.

    allowed(lesson, challenge, answer): what may be asked, and answered.
    now: the clock, in seconds since 1970.

    Each method that names a room raises RefusedError where there is none of this code any more.
    """

    def __init__(
        self, engine: Engine, allowed: Allowed = allowed, now: Callable[[], float] = time.time
    ) -> None:
        self._engine, self._allowed, self._now = engine, allowed, now
        prepare(engine)

    # --- for the host

    def open_room(self) -> tuple[str, str]:
        """A new room: its code, and the key of its host, of which only the hash is kept.

        Rooms that have ended are swept out before. RefusedError where all places are taken.
        """
        key = codes.new_key()
        for _ in range(TRIES):
            try:
                with self._transaction() as connection:
                    return opening.opened(connection, key, self._now()), key
            except IntegrityError:  # somebody took the place, or has the code, meanwhile
                continue
        raise RefusedError(opening.MANY_AT_ONCE)

    def hosts(self, code: str, key: str) -> bool:
        """Whether this is the key of the room's host."""
        with self._reading() as connection:
            return self._has_key(connection, code, key)

    def ask(self, code: str, key: str, lesson: str, challenge: str) -> None:
        """The class is at this question now. RefusedError where there is no such question."""
        if not self._allowed(lesson, challenge, ""):
            raise RefusedError("There is no such question.")
        with self._hosting(code, key) as connection:
            at = {"lesson": lesson, "challenge": challenge}
            connection.execute(ROOMS.update().where(ROOMS.c.code == code).values(at))

    def reveal(self, code: str, key: str, lesson: str, challenge: str) -> None:
        """The answer to this question has been shown: from now on nobody's vote counts."""
        with self._hosting(code, key) as connection:
            if not self._is_shown(connection, code, lesson, challenge):
                shown = {"room": code, "lesson": lesson, "challenge": challenge}
                connection.execute(SHOWN.insert().values(shown | {"time": self._now()}))

    def reopen(self, code: str, key: str, lesson: str, challenge: str) -> None:
        """Votes on this question count again; those there are stay until they are replaced."""
        with self._hosting(code, key) as connection:
            connection.execute(SHOWN.delete().where(*_at(SHOWN, code, lesson, challenge)))

    def open_part(self, code: str, key: str, part: str, open_: bool = True) -> None:
        """A part of what the room holds back, such as the second of the quiz, is open; or not."""
        with self._hosting(code, key) as connection:
            connection.execute(PARTS.delete().where(PARTS.c.room == code, PARTS.c.part == part))
            if open_:
                opened = {"room": code, "part": part, "time": self._now()}
                connection.execute(PARTS.insert().values(opened))

    def close(self, code: str, key: str) -> None:
        """End the room, and forget all that was said in it."""
        with self._hosting(code, key) as connection:
            opening.forget(connection, select(ROOMS.c.code).where(ROOMS.c.code == code))

    # --- for the readers

    def join(self, code: str, reader: str) -> None:
        """Take a seat, once. RefusedError where all are taken."""
        with self._writing(code) as connection:
            self._seat(connection, code, reader)

    def vote(self, code: str, reader: str, lesson: str, challenge: str, answer: str) -> bool:
        """Whether the answer counts: not after the right one was shown.

        A second answer replaces the first. RefusedError where it is none to this question, and
        where all seats of the room are taken.
        """
        if not answer or not self._allowed(lesson, challenge, answer):
            raise RefusedError("That is no answer to this question.")
        with self._writing(code) as connection:
            if self._is_shown(connection, code, lesson, challenge):
                return False
            self._seat(connection, code, reader)
            here = (*_at(VOTES, code, lesson, challenge), VOTES.c.reader == reader)
            vote = {"answer": answer, "time": self._now()}
            if not connection.execute(VOTES.update().where(*here).values(vote)).rowcount:
                place = {"room": code, "reader": reader, "lesson": lesson, "challenge": challenge}
                connection.execute(VOTES.insert().values(place | vote))
            return True

    def send(self, code: str, reader: str, text: str) -> int:
        """Keep a run of the lab; the number of the reader's seat. The same one twice is one.

        A reader has at most OF_ONE: the oldest goes. Where the room has MOST_RUNS, one gives way of
        who has sent the most. RefusedError where none has sent more, and where it is no run, or too
        long a one.
        """
        run = run_of(text)
        if run is None:
            raise RefusedError("That is no run of the lab.")
        if len(run) > RUN:  # all that may be so long in it
            raise RefusedError("The drawing of this run has more points than a room takes.")
        with self._writing(code) as connection:
            self._seat(connection, code, reader)
            sent = self._runs(connection, code)
            own = [one for one in sent if one.reader == reader]
            old = next((one for one in own if one.run == run), None) or _gives_way(sent, own)
            if old:
                here = (RUNS.c.room == code, RUNS.c.reader == old.reader, RUNS.c.run == old.run)
                connection.execute(RUNS.delete().where(*here))
            new = {"room": code, "reader": reader, "run": run, "time": self._now()}
            connection.execute(RUNS.insert().values(new))
            return self._seats(connection, code)[reader]

    # --- for all

    def opened(self, code: str, part: str) -> bool:
        """Whether the host has opened this part."""
        asked = select(PARTS.c.time).where(PARTS.c.room == code, PARTS.c.part == part)
        with self._reading() as connection:
            self._found(connection, code)
            return connection.execute(asked).first() is not None

    def runs(self, code: str) -> list[Sent]:
        """The runs that were sent, in the order in which they came."""
        with self._reading() as connection:
            self._found(connection, code)
            return self._runs(connection, code)

    def room(self, code: str) -> Room:
        """The room as it is now."""
        with self._reading() as connection:
            lesson, challenge, opened = self._found(connection, code)
            shown = self._is_shown(connection, code, lesson, challenge)
        return Room(code, opened, lesson, challenge, shown)

    def shown(self, code: str, lesson: str, challenge: str) -> bool:
        """Whether the answer to this question has been shown."""
        with self._reading() as connection:
            self._found(connection, code)
            return self._is_shown(connection, code, lesson, challenge)

    def seated(self, code: str) -> int:
        """How many readers have joined."""
        with self._reading() as connection:
            self._found(connection, code)
            return self._seated(connection, code)

    def counts(self, code: str, lesson: str, challenge: str) -> dict[str, int]:
        """Answer -> how many gave it; none that nobody gave."""
        asked = (
            select(VOTES.c.answer, func.count())
            .where(*_at(VOTES, code, lesson, challenge))
            .group_by(VOTES.c.answer)
        )
        with self._reading() as connection:
            self._found(connection, code)
            found = connection.execute(asked).all()
        return {row[0]: row[1] for row in found}

    def votes(self, code: str, reader: str | None = None) -> list[Vote]:
        """All answers there are in the room, or one reader's, in the order in which they came."""
        columns = (VOTES.c.reader, VOTES.c.lesson, VOTES.c.challenge, VOTES.c.answer, VOTES.c.time)
        asked = select(*columns).where(VOTES.c.room == code).order_by(VOTES.c.time)
        if reader is not None:
            asked = asked.where(VOTES.c.reader == reader)
        with self._reading() as connection:
            self._found(connection, code)
            return [Vote(*row) for row in connection.execute(asked)]

    # --- within a transaction

    @contextmanager
    def _transaction(self, **options: bool) -> Iterator[Connection]:
        """A database that does not answer is no reason for a lesson to fail."""
        try:
            with self._engine.execution_options(**options).begin() as connection:
                yield connection
        except IntegrityError:
            raise
        except SQLAlchemyError as why:
            LOG.warning("The rooms’ database: %s", why)
            raise RefusedError(UNREACHED) from why

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with self._transaction(**{READING: True}) as connection:
            yield connection

    @contextmanager
    def _writing(self, code: str) -> Iterator[Connection]:
        """One after the other in a room, so that what was counted still holds."""
        with self._transaction() as connection:
            self._found(connection, code, to_write=True)
            yield connection

    @contextmanager
    def _hosting(self, code: str, key: str) -> Iterator[Connection]:
        with self._writing(code) as connection:
            if not self._has_key(connection, code, key):
                raise RefusedError("Only who has opened the room can do that.")
            yield connection

    def _found(
        self, connection: Connection, code: str, to_write: bool = False
    ) -> tuple[str, str, float]:
        """Where the class is, and since when."""
        asked = select(ROOMS.c.lesson, ROOMS.c.challenge, ROOMS.c.opened)
        asked = asked.where(ROOMS.c.code == code)
        found = connection.execute(asked.with_for_update() if to_write else asked).one_or_none()
        if found is None:
            raise RefusedError("There is no room of this code. Is every letter right?")
        if found.opened <= self._now() - LASTS:
            raise RefusedError("This room has ended: a room lasts for 24 hours.")
        return found.lesson, found.challenge, found.opened

    def _has_key(self, connection: Connection, code: str, key: str) -> bool:
        self._found(connection, code)
        kept = connection.execute(select(ROOMS.c.host).where(ROOMS.c.code == code)).scalar_one()
        return codes.opens(key, kept)

    def _seat(self, connection: Connection, code: str, reader: str) -> None:
        here = select(READERS.c.reader).where(READERS.c.room == code, READERS.c.reader == reader)
        if connection.execute(here).first():
            return
        if self._seated(connection, code) >= MOST_READERS:
            raise RefusedError(f"This room is full: {MOST_READERS} readers are in it.")
        seat = {"room": code, "reader": reader, "joined": self._now()}
        connection.execute(READERS.insert().values(seat))

    def _seats(self, connection: Connection, code: str) -> dict[str, int]:
        """Reader -> the number of the seat."""
        asked = select(READERS.c.reader).where(READERS.c.room == code)
        joined = connection.execute(asked.order_by(READERS.c.joined, READERS.c.reader)).scalars()
        return {reader: seat for seat, reader in enumerate(joined, start=1)}

    def _runs(self, connection: Connection, code: str) -> list[Sent]:
        seats = self._seats(connection, code)
        asked = select(RUNS.c.reader, RUNS.c.run, RUNS.c.time).where(RUNS.c.room == code)
        sent = connection.execute(asked.order_by(RUNS.c.time, RUNS.c.reader)).all()
        return [Sent(seats[one.reader], one.reader, one.run, one.time) for one in sent]

    def _seated(self, connection: Connection, code: str) -> int:
        asked = select(func.count()).select_from(READERS).where(READERS.c.room == code)
        return connection.execute(asked).scalar_one()

    def _is_shown(self, connection: Connection, code: str, lesson: str, challenge: str) -> bool:
        asked = select(SHOWN.c.time).where(*_at(SHOWN, code, lesson, challenge))
        return connection.execute(asked).first() is not None


def _at(table: Table, code: str, lesson: str, challenge: str) -> tuple[ColumnElement[bool], ...]:
    place = table.c
    return place.room == code, place.lesson == lesson, place.challenge == challenge


def _gives_way(sent: Sequence[Sent], own: Sequence[Sent]) -> Sent | None:
    """Which run, of all in the order of coming, makes room for another one of a reader; or None."""
    if len(own) >= OF_ONE:
        return own[0]
    if len(sent) < MOST_RUNS:
        return None
    reader, most = Counter(one.reader for one in sent).most_common(1)[0]
    if most > len(own) + 1:
        return next(one for one in sent if one.reader == reader)
    if own:
        return own[0]
    raise RefusedError(f"The room has {MOST_RUNS} runs, of as many students: it takes no more.")
