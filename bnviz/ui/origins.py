"""Who may open a session: pages of this server's own address, and those a host allows.

Streamlit asks the same, but for each page of another address it first looks up, outside, what the
server's own outer address is. Where a host lets such requests vanish, everybody waits for it: five
foreign pages stop a server for ten seconds. So those pages are turned away before.
"""

from __future__ import annotations

from urllib.parse import urlsplit

import streamlit as st
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

REFUSED = 1008  # WebSocket: against the policy; before a session is open, HTTP makes 403 of it
THIS_MACHINE = {"localhost", "127.0.0.1", "::1"}


class OwnOrigin:
    """Refuses a WebSocket to a page of another origin."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass it on, or close it before it is open."""
        if scope["type"] == "websocket" and not allowed(Headers(scope=scope)):
            await receive()  # that somebody wants to connect
            await send({"type": "websocket.close", "code": REFUSED})
            return
        await self._app(scope, receive, send)


def allowed(headers: Headers) -> bool:
    """Whether whoever asks is no page, or one of ours.

    Ours are those of the address that was asked for, of this machine, and of the options
    server.corsAllowedOrigins and browser.serverAddress. All are, without server.enableCORS.
    """
    origin = headers.get("origin")
    if origin is None or not st.get_option("server.enableCORS"):
        return True
    try:
        page = urlsplit(origin)
    except ValueError:  # it is no address at all
        return False
    named = {*st.get_option("server.corsAllowedOrigins"), st.get_option("browser.serverAddress")}
    ours = THIS_MACHINE | {_host(one) for one in named if one}
    return page.netloc == headers.get("host") or page.hostname in ours


def _host(address: str) -> str | None:
    """The host's name alone, of an origin or of a bare name."""
    return urlsplit(address if "//" in address else f"//{address}").hostname
