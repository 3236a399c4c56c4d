"""A class in a room: what its votes and the host's board cost a server, beyond its pages.

The same readers answer the same question alone, each with the run held back, and in a room, beside
a host whose board looks at the votes as often as in a minute, while each page in the room asks as
often as in a minute where the class is. Processor time is the server's own.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.client import HTTPConnection
from pathlib import Path
from statistics import median
from typing import Any

from sqlalchemy import create_engine

from benchmarks.reader import Lost, Reader
from benchmarks.server import Server, serving
from benchmarks.timing import heading, row, verdict
from benchmarks.waits import Waits, dismiss, in_turns, spread
from bnviz.ui.foreseen import challenges_of
from bnviz.ui.room import news
from bnviz.ui.room.board import EVERY
from bnviz.ui.room.store import Rooms

VOTERS, WITHIN, ROUNDS = 60, 10.0, 3
LESSON = "transform"  # it trains nothing
ASKED = challenges_of(LESSON)[0]
MOST = 1.0  # seconds of a core
SETTING = "BNVIZ_ROOMS"

Look = Coroutine[Any, Any, float]


@contextmanager
def keeping() -> Iterator[Rooms]:
    """The rooms of the servers that are started in the block."""
    before = os.environ.get(SETTING)
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'rooms.sqlite'}"
        os.environ[SETTING] = url
        engine = create_engine(url)
        try:
            yield Rooms(engine)
        finally:
            engine.dispose()
            del os.environ[SETTING]
            if before is not None:
                os.environ[SETTING] = before


async def alone(server: Server, voters: int, within: float, waits: Waits) -> float:
    """Processor seconds of readers who answer, each for themselves."""
    readers = await _arrived(server, voters, "ask=1")
    spent = await _spent(server, readers, [], within, waits)
    await dismiss(readers, waits)
    return spent


async def together(server: Server, rooms: Rooms, voters: int, within: float, waits: Waits) -> float:
    """The same in a room, with the board of a minute beside them."""
    code, key = rooms.open_room()
    host = Reader(server)
    await host.open(LESSON, f"room={code}&host={key}")
    readers = await _arrived(server, voters, f"room={code}&ask=1")
    (board,) = host.fragments
    looks = [host.look(board) for _ in range(round(60 / EVERY))]
    browser = HTTPConnection("127.0.0.1", server.port)
    asked = [_ask_where(browser, code) for _ in range(round(60 / news.EVERY) * voters)]
    spent = await _spent(server, readers, [*looks, *asked], within, waits)
    browser.close()
    await dismiss([host, *readers], waits)
    counted = sum(rooms.counts(code, LESSON, ASKED.name).values())
    if counted != voters:
        waits.lost.append(f"{voters - counted} votes")
    rooms.close(code, key)
    return spent


async def _ask_where(browser: HTTPConnection, code: str) -> float:
    """What a student's page asks now and then, over a connection that stays."""

    def ask() -> float:
        began = time.monotonic()
        browser.request("GET", f"/room-at/{code}")
        told = browser.getresponse()
        if told.status != HTTPStatus.OK or not told.read():
            raise Lost(f"where the class is: {told.status}")
        return time.monotonic() - began

    return await asyncio.to_thread(ask)


async def _arrived(server: Server, count: int, link: str) -> list[Reader]:
    readers = [Reader(server) for _ in range(count)]
    await in_turns([reader.open(LESSON, link) for reader in readers], at_once=4)
    for reader in readers:
        for fragment in sorted(reader.fragments):  # as the browser tells the reader's number
            await reader.look(fragment)
    return readers


async def _spent(
    server: Server, readers: list[Reader], looks: list[Look], within: float, waits: Waits
) -> float:
    answers = [f"{LESSON}-answer-{ASKED.name}-{'ab'[place % 2]}" for place in range(len(readers))]
    votes = [waits.add(one.press(key)) for one, key in zip(readers, answers, strict=True)]
    before = server.processor_seconds()
    await asyncio.gather(spread(within, votes), _one_by_one(looks, within, waits))
    await asyncio.sleep(0.2)  # what a server does after an answer is part of it
    return server.processor_seconds() - before


async def _one_by_one(looks: list[Look], within: float, waits: Waits) -> None:
    for look in looks:
        await waits.add(look)
        await asyncio.sleep(within / len(looks) / 2)


async def measured(
    voters: int, within: float, rounds: int
) -> tuple[list[float], list[float], Waits]:
    """Processor seconds in each round, alone and together."""
    waits: Waits = Waits()
    by_themselves, in_a_room = [], []
    with keeping() as rooms, serving() as server:
        await alone(server, 4, 1.0, waits)  # everything is loaded
        await together(server, rooms, 4, 1.0, waits)
        for _ in range(rounds):
            by_themselves.append(await alone(server, voters, within, waits))
            in_a_room.append(await together(server, rooms, voters, within, waits))
    return by_themselves, in_a_room, waits


def main() -> None:
    heading(f"A room: {VOTERS} votes within {WITHIN:g} s, and a minute of the host's board")
    own, all_, waits = asyncio.run(measured(VOTERS, WITHIN, ROUNDS))
    beyond = median(all_) - median(own)
    row(
        "processor time of their pages, alone / in a room",
        f"{median(own):.2f} / {median(all_):.2f} s",
    )
    row(
        "  of it the room's, a minute",
        f"{beyond:.2f} s",
        f"target {MOST:g} s: {verdict(beyond, MOST, at_most=True)}",
    )
    waits.print("from an answer, or a look of the board's, until it stands", "")


if __name__ == "__main__":
    main()
