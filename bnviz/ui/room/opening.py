"""Places for rooms: so many, given away within a transaction, and free again in time."""

from __future__ import annotations

from sqlalchemy import Connection, Select, func, select

from bnviz.ui.room import codes
from bnviz.ui.room.bounds import DESERTED, LASTS, MOST_ROOMS, OPENED_A_MINUTE, RefusedError
from bnviz.ui.room.tables import OF_A_ROOM, PARTS, READERS, ROOMS, RUNS, SHOWN, VOTES

MANY_AT_ONCE = "Too many rooms are being opened at this moment. Try again in a minute."


def opened(connection: Connection, key: str, now: float) -> str:
    """The code of a new room; those that have ended are swept out before.

    RefusedError where all places are taken, or many rooms were opened within a minute.
    """
    forget(connection, select(ROOMS.c.code).where(ROOMS.c.opened <= now - LASTS))
    lately = select(func.count()).select_from(ROOMS).where(ROOMS.c.opened > now - 60)
    if connection.execute(lately).scalar_one() >= OPENED_A_MINUTE:
        raise RefusedError(MANY_AT_ONCE)
    code, host = codes.new_code(), codes.hashed(key)
    room = {"code": code, "slot": _free(connection, now), "host": host, "opened": now}
    connection.execute(ROOMS.insert().values(room | {"lesson": "", "challenge": ""}))
    return code


def forget(connection: Connection, which: Select[tuple[str]]) -> None:
    """These rooms, and all that was said in them."""
    found = list(connection.execute(which).scalars())
    if found:
        for table in OF_A_ROOM:
            connection.execute(table.delete().where(table.c.room.in_(found)))
        connection.execute(ROOMS.delete().where(ROOMS.c.code.in_(found)))


def _free(connection: Connection, now: float) -> int:
    """A place for a room; where all are taken, that of the one that is deserted longest."""
    taken = {row.slot: row.code for row in connection.execute(select(ROOMS.c.slot, ROOMS.c.code))}
    free = next((slot for slot in range(MOST_ROOMS) if slot not in taken), None)
    if free is not None:
        return free
    last = _last_visits(connection)
    slot = min(taken, key=lambda slot: last[taken[slot]])
    if last[taken[slot]] > now - DESERTED:
        raise RefusedError(
            f"All {MOST_ROOMS} rooms of this server are in use. A room ends after 24 hours, and"
            " gives way when nobody has done anything in it for an hour."
        )
    forget(connection, select(ROOMS.c.code).where(ROOMS.c.code == taken[slot]))
    return slot


def _last_visits(connection: Connection) -> dict[str, float]:
    """Code -> when somebody last did something in the room."""
    last: dict[str, float] = {}
    times = [(ROOMS.c.code, ROOMS.c.opened), (READERS.c.room, READERS.c.joined)]
    times += [(table.c.room, table.c.time) for table in (VOTES, SHOWN, RUNS, PARTS)]
    for room, time in times:
        for code, latest in connection.execute(select(room, func.max(time)).group_by(room)):
            last[code] = max(latest, last.get(code, latest))
    return last
