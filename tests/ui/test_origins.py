"""Who may open a session, asked of the middleware alone; of a whole server: test_browser."""

import asyncio

import pytest
from streamlit import config, net_util

from bnviz.ui.origins import OwnOrigin
from tests.hostile import FOREIGN

HOST = "app.example.org:8501"


def asked(origin, kind="websocket", host=HOST):
    """What the server gets to see, and what the reader is sent."""
    reached, sent = [], []

    async def server(scope, receive, send):
        reached.append(scope["type"])

    async def receive():
        return {"type": "websocket.connect"}

    async def send(message):
        sent.append(message)

    headers = [(b"host", host.encode()), *([(b"origin", origin.encode())] if origin else [])]
    asyncio.run(OwnOrigin(server)({"type": kind, "headers": headers}, receive, send))
    return bool(reached), sent


@pytest.fixture
def option():
    """Set an option of Streamlit's, until the test is over."""
    before = {}

    def put(name, value):
        before.setdefault(name, config.get_option(name))
        config.set_option(name, value)

    yield put
    for name, value in before.items():
        config.set_option(name, value)


@pytest.fixture(autouse=True)
def nobody_is_asked(monkeypatch):
    def outside():
        raise AssertionError("the server looked for its outer address")

    monkeypatch.setattr(net_util, "get_external_ip", outside)


@pytest.mark.parametrize(
    "origin", [f"http://{HOST}", f"https://{HOST}", None, "http://localhost:3000"]
)
def test_our_own_pages_and_who_is_no_page(origin):
    assert asked(origin) == (True, [])


@pytest.mark.parametrize(
    "origin",
    [f"http://{FOREIGN}", "null", f"http://{HOST}.{FOREIGN}", f"http://{HOST}@{FOREIGN}",
     "http://app.example.org", "http://localhost.foreign.test", "x", "http://[", "//"],
)  # fmt: skip
def test_pages_of_other_origins_are_turned_away(origin):
    assert asked(origin) == (False, [{"type": "websocket.close", "code": 1008}])


def test_what_is_no_websocket_passes():
    assert asked(f"http://{FOREIGN}", kind="http") == (True, [])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("server.corsAllowedOrigins", [f"https://{FOREIGN}"]),
        ("browser.serverAddress", FOREIGN),
        ("server.enableCORS", False),
    ],
)
def test_whom_the_host_allows(option, name, value):
    option(name, value)
    assert asked(f"https://{FOREIGN}") == (True, [])
