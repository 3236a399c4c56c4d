"""Readers without a browser: each opens lessons and turns knobs, and waits beside the others."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from benchmarks.protocol import STANDS, STREAM, SUBPROTOCOL, Tab
from benchmarks.server import Server

PATIENCE = 150.0  # seconds until an answer counts as lost


class Lost(Exception):
    """An answer that never came."""


@dataclass
class Asked:
    """A view that was asked for; its answer is the seconds until the whole page stood."""

    at: float
    answer: asyncio.Future[float]
    begun: bool = False  # a run of the page has begun since


class Reader(Tab):
    """One reader, whose session is empty; a context: `async with Reader(server) as reader`."""

    def __init__(self, server: Server) -> None:
        super().__init__()
        self._address = f"ws://127.0.0.1:{server.port}{STREAM}"
        self._socket: ClientConnection | None = None
        self._listening: asyncio.Task[None] | None = None
        self._waiting: list[Asked] = []

    async def __aenter__(self) -> Reader:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.leave()

    async def open(self, lesson: str, link: str = "") -> float:
        """Seconds until the lesson stands: in a new tab, or for one who comes from another."""
        started = time.monotonic()
        if self._socket is None:
            await self._connect()
        return await self._answered(self.opening(lesson, link), started)

    async def turn(self, name: str, value: str) -> float:
        """Seconds until the page stands with this knob at this value."""
        return await self._answered(self.turning(name, value), time.monotonic())

    async def press(self, key: str) -> float:
        """Seconds until the page stands after a press on this button."""
        return await self._answered(self.pressing(key), time.monotonic())

    async def look(self, fragment: str) -> float:
        """Seconds until this piece of the page stands again."""
        return await self._answered(self.looking(fragment), time.monotonic())

    async def leave(self) -> None:
        """Close the tab, as readers do: without a word."""
        if self._listening:
            self._listening.cancel()
        if self._socket:
            self._socket.transport.abort()

    async def _connect(self) -> None:
        try:
            self._socket = await connect(
                self._address,
                subprotocols=[SUBPROTOCOL],  # type: ignore[list-item]  # a NewType of str
                max_size=None,
                compression=None,
                open_timeout=PATIENCE,
                ping_interval=None,  # a busy server is no dead one
            )
        except (OSError, WebSocketException, TimeoutError) as error:
            raise Lost(f"no connection: {error}") from error
        self._listening = asyncio.create_task(self._listen(self._socket))

    async def _answered(self, question: bytes, at: float) -> float:
        assert self._socket
        asked = Asked(at, asyncio.get_running_loop().create_future())
        self._waiting.append(asked)
        try:
            await self._socket.send(question)
            return await asyncio.wait_for(asked.answer, PATIENCE)
        except (OSError, WebSocketException, TimeoutError) as error:
            raise Lost(f"no answer: {type(error).__name__}") from error

    async def _listen(self, socket: ClientConnection) -> None:
        try:
            async for data in socket:
                assert isinstance(data, bytes)
                self.hear(data)
        finally:  # the connection is gone, and with it what was asked
            for asked in self._waiting:
                if not asked.answer.done():
                    asked.answer.set_exception(Lost("the connection was closed"))

    def hear(self, data: bytes) -> str:
        """One message of the server's. What was asked before a run began is answered by its end."""
        what = super().hear(data)
        if what == "new_session":
            for asked in self._waiting:
                asked.begun = True
        elif what == STANDS:
            self._answer()
        return what

    def _answer(self) -> None:
        now = time.monotonic()
        for asked in self._waiting:
            if asked.begun and not asked.answer.done():
                asked.answer.set_result(now - asked.at)
        self._waiting = [asked for asked in self._waiting if not asked.answer.done()]
