"""The tables of the rooms, in any database that SQLAlchemy knows.

Nothing is kept but codes, what was asked, answers, times, readers' random numbers, and the settings
of runs that a reader has sent; of a host's key, only its hash.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Double,
    Engine,
    ForeignKey,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    event,
)
from sqlalchemy.exc import DBAPIError

LESSON, CHALLENGE, ANSWER, RUN, PART = 40, 80, 400, 400, 20  # characters
PATIENCE = 10.0  # seconds that a writer waits for the one before
READING = "bnviz_reading"  # an option of a connection: it will not write
_META = MetaData()


def _room() -> Column[str]:
    return Column("room", String(6), ForeignKey("bnviz_rooms.code", ondelete="CASCADE"))


def _question() -> tuple[Column[str], Column[str]]:
    return (
        Column("lesson", String(LESSON), nullable=False),
        Column("challenge", String(CHALLENGE), nullable=False),
    )


ROOMS = Table(
    "bnviz_rooms",
    _META,
    Column("code", String(6), primary_key=True),
    Column("slot", Integer, nullable=False, unique=True),  # so many rooms, and no more
    Column("host", String(64), nullable=False),
    Column("opened", Double, nullable=False),  # seconds since 1970, as all times
    *_question(),  # where the class is; "": nowhere yet
)
READERS = Table(
    "bnviz_readers",
    _META,
    _room(),
    Column("reader", String(16)),
    Column("joined", Double, nullable=False),
    PrimaryKeyConstraint("room", "reader"),
)
VOTES = Table(
    "bnviz_votes",
    _META,
    _room(),
    Column("reader", String(16)),
    *_question(),
    Column("answer", String(ANSWER), nullable=False),
    Column("time", Double, nullable=False),
    PrimaryKeyConstraint("room", "reader", "lesson", "challenge"),
)
SHOWN = Table(
    "bnviz_shown",
    _META,
    _room(),
    *_question(),
    Column("time", Double, nullable=False),
    PrimaryKeyConstraint("room", "lesson", "challenge"),
)
RUNS = Table(
    "bnviz_runs",
    _META,
    _room(),
    Column("reader", String(16)),
    Column("run", String(RUN)),  # of the lab, as its link writes it
    Column("time", Double, nullable=False),
    PrimaryKeyConstraint("room", "reader", "run"),
)
PARTS = Table(
    "bnviz_parts",  # which the host has opened
    _META,
    _room(),
    Column("part", String(PART)),
    Column("time", Double, nullable=False),
    PrimaryKeyConstraint("room", "part"),
)
OF_A_ROOM = (VOTES, SHOWN, RUNS, PARTS, READERS)


def prepare(engine: Engine) -> None:
    """Make the tables that are not there yet; an SQLite file also learns to serve many at once."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _connected)
        event.listen(engine, "begin", _begun)
    try:
        _META.create_all(engine)
    except DBAPIError:  # another process was making them
        _META.create_all(engine)


def _connected(connection: Any, _record: object) -> None:
    """Readers read beside a writer (a write-ahead log); Python leaves transactions to us."""
    connection.isolation_level = None
    connection.execute(f"PRAGMA busy_timeout = {PATIENCE * 1000:.0f}")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")  # a crash may lose a vote, not the file


def _begun(connection: Connection) -> None:
    """Who will write says so at once: one who has read first would be refused, not made to wait."""
    if not connection.get_execution_options().get(READING):
        connection.exec_driver_sql("BEGIN IMMEDIATE")
