"""The server around the pages: warm before its first reader comes, and light on the network."""

from __future__ import annotations

import asyncio
import gc
import re
import webbrowser
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus

import streamlit as st
from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.runtime import get_instance

from bnviz.ui.origins import OwnOrigin

ROOM = re.compile(r"/room-at/([A-Z]{6})$")
BEST = 9  # of gzip: each file is packed once


@asynccontextmanager
async def lifespan(_server: st.App) -> AsyncIterator[None]:
    """What a server does from its start to its end, besides serving."""
    if not st.get_option("server.headless"):
        webbrowser.open(address())
    warming = asyncio.create_task(warm())
    yield
    warming.cancel()


def address() -> str:
    """The front door, for a browser on this machine."""
    prefix = st.get_option("server.baseUrlPath").strip("/")
    return f"http://localhost:{st.get_option('server.port')}/{prefix}"


async def warm() -> None:
    """Run the front door once, for nobody: what it needs is then loaded, and its answer is there.

    What has been loaded stays for good: it is set aside, so that no later collection of garbage
    looks through it again.
    """
    await get_instance().does_script_run_without_error()
    gc.collect()
    gc.freeze()


class Packed:
    """Sends Streamlit's own files packed, which Streamlit itself does not do.

    A file whose name carries a hash never changes: it is packed once for all readers, and kept.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._packing = GZipMiddleware(app, compresslevel=BEST)
        self._kept: dict[str, list[Message]] = {}
        self._one_at_a_time = asyncio.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer it with the file as it was packed before."""
        if not _wants_packed(scope):
            await self._app(scope, receive, send)
            return
        async with self._one_at_a_time:
            messages = self._kept.get(scope["path"]) or await self._packed(scope)
        for message in messages:
            await send(message)

    async def _packed(self, scope: Scope) -> list[Message]:
        messages: list[Message] = []

        async def collect(message: Message) -> None:
            messages.append(message)

        await self._packing(scope, _no_word, collect)
        if "immutable" in Headers(raw=messages[0]["headers"]).get("cache-control", ""):
            self._kept[scope["path"]] = messages
        return messages


async def _no_word() -> Message:
    """No word of the reader: others will want the file, also if this one has left meanwhile."""
    return await asyncio.get_running_loop().create_future()


def _wants_packed(scope: Scope) -> bool:
    """Whether this asks for the whole of a file of Streamlit's, and gzip will do."""
    if scope["type"] != "http" or scope["method"] != "GET" or "/static/" not in scope["path"]:
        return False
    headers = Headers(scope=scope)
    partly = "range" in headers or "if-none-match" in headers or "if-modified-since" in headers
    return "gzip" in headers.get("accept-encoding", "") and not partly


class Rooms:
    """Answers a student's page that asks where its class is; without rooms nothing is loaded."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer it with the news of a room, see ui/room/news.py."""
        asked = ROOM.search(scope["path"]) if scope["type"] == "http" else None
        answer = await _of_a_room(asked[1]) if asked else self._app
        await answer(scope, receive, send)


async def _of_a_room(code: str) -> Response:
    from bnviz.ui.room import news

    try:
        told = await news.answer(code)
    except KeyError:
        return PlainTextResponse("No page here is in such a room.", HTTPStatus.NOT_FOUND)
    return Response(told, media_type="application/json", headers={"cache-control": "no-store"})


MIDDLEWARE = [Middleware(OwnOrigin), Middleware(Rooms), Middleware(Packed)]
