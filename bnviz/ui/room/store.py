"""Rooms and the answers in them: kept in a database, bounded, and ended after a day."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, Engine, Select, Table, func, select
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from bnviz.ui.room import codes
from bnviz.ui.room.questions import allowed
from bnviz.ui.room.tables import OF_A_ROOM, READERS, READING, ROOMS, SHOWN, VOTES, prepare

LOG = logging.getLogger(__name__)
LASTS = 24 * 3600.0  # seconds
MOST_ROOMS, MOST_READERS = 200, 300
TRIES = 20  # to open a room, while others do

UNREACHED = (
    "This server cannot reach the database of its rooms. Why is written down in the server’s log."
)

Allowed = Callable[[str, str, str], bool]


class RefusedError(Exception):
    """What cannot be done in a room; says why, in a sentence for the reader."""


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
                    self._sweep(connection)
                    return self._opened(connection, key), key
            except IntegrityError:  # somebody took the place, or has the code, meanwhile
                continue
        raise RefusedError("Too many rooms are being opened at this moment. Try again.")

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

    def close(self, code: str, key: str) -> None:
        """End the room, and forget all that was said in it."""
        with self._hosting(code, key) as connection:
            _forget(connection, select(ROOMS.c.code).where(ROOMS.c.code == code))

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

    # --- for all

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

    def _opened(self, connection: Connection, key: str) -> str:
        taken = set(connection.execute(select(ROOMS.c.slot)).scalars())
        free = next((slot for slot in range(MOST_ROOMS) if slot not in taken), None)
        if free is None:
            raise RefusedError(
                f"All {MOST_ROOMS} rooms of this server are in use. A room ends after 24 hours."
            )
        code, host = codes.new_code(), codes.hashed(key)
        room = {"code": code, "slot": free, "host": host, "opened": self._now()}
        connection.execute(ROOMS.insert().values(room | {"lesson": "", "challenge": ""}))
        return code

    def _sweep(self, connection: Connection) -> None:
        _forget(connection, select(ROOMS.c.code).where(ROOMS.c.opened <= self._now() - LASTS))

    def _seat(self, connection: Connection, code: str, reader: str) -> None:
        here = select(READERS.c.reader).where(READERS.c.room == code, READERS.c.reader == reader)
        if connection.execute(here).first():
            return
        if self._seated(connection, code) >= MOST_READERS:
            raise RefusedError(f"This room is full: {MOST_READERS} readers are in it.")
        seat = {"room": code, "reader": reader, "joined": self._now()}
        connection.execute(READERS.insert().values(seat))

    def _seated(self, connection: Connection, code: str) -> int:
        asked = select(func.count()).select_from(READERS).where(READERS.c.room == code)
        return connection.execute(asked).scalar_one()

    def _is_shown(self, connection: Connection, code: str, lesson: str, challenge: str) -> bool:
        asked = select(SHOWN.c.time).where(*_at(SHOWN, code, lesson, challenge))
        return connection.execute(asked).first() is not None


def _at(table: Table, code: str, lesson: str, challenge: str) -> tuple[ColumnElement[bool], ...]:
    place = table.c
    return place.room == code, place.lesson == lesson, place.challenge == challenge


def _forget(connection: Connection, which: Select[tuple[str]]) -> None:
    """These rooms, and all that was said in them."""
    codes_ = list(connection.execute(which).scalars())
    if codes_:
        for table in OF_A_ROOM:
            connection.execute(table.delete().where(table.c.room.in_(codes_)))
        connection.execute(ROOMS.delete().where(ROOMS.c.code.in_(codes_)))
