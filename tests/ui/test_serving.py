import asyncio
import gzip
from types import SimpleNamespace

import pytest
import streamlit as st
from starlette.datastructures import Headers
from starlette.responses import FileResponse
from streamlit.web.server.app_discovery import discover_asgi_app

from bnviz.ui import serving
from tests.browser import ROOT

FILE = b"function bnviz() { return 'a file of some length, as a script is' } " * 99
FOREVER = "public, immutable, max-age=31536000"


class Files:
    """A server of one file under any name, which counts how often it is asked."""

    def __init__(self, cache_control):
        self.cache_control = cache_control
        self.asked = 0

    async def __call__(self, scope, receive, send):
        self.asked += 1
        await asyncio.sleep(0)  # others may ask meanwhile
        headers = [(b"content-type", b"text/javascript"), (b"content-length", b"%d" % len(FILE))]
        headers.append((b"cache-control", self.cache_control.encode()))
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": FILE})


async def leave():
    """What a reader says who has left before the answer."""
    return {"type": "http.disconnect"}


async def get(app, path="/static/js/index.D0.js", method="GET", **headers):
    """The headers and the body of an answer."""
    sent = []

    async def send(message):
        sent.append(message)

    raw = [(name.replace("_", "-").encode(), text.encode()) for name, text in headers.items()]
    scope = {"type": "http", "method": method, "path": path, "headers": raw}
    await app(scope, leave, send)
    body = b"".join(message.get("body", b"") for message in sent[1:])
    return Headers(raw=sent[0]["headers"]), body


def test_a_file_is_packed_once_for_all_readers():
    async def ten_readers():
        return await asyncio.gather(*(get(packed, accept_encoding="gzip, br") for _ in range(10)))

    files = Files(FOREVER)
    packed = serving.Packed(files)
    for headers, body in asyncio.run(ten_readers()):
        assert headers["content-encoding"] == "gzip"
        assert headers["cache-control"] == FOREVER
        assert int(headers["content-length"]) == len(body) < len(FILE) / 10
        assert gzip.decompress(body) == FILE
    assert files.asked == 1


def test_a_reader_who_leaves_before_it_is_packed_costs_others_nothing(tmp_path):
    file = tmp_path / "index.js"
    file.write_bytes(FILE)
    packed = serving.Packed(FileResponse(file, headers={"cache-control": FOREVER}))
    for _ in range(2):
        assert gzip.decompress(asyncio.run(get(packed, accept_encoding="gzip"))[1]) == FILE


def test_what_may_change_is_packed_but_not_kept():
    files = Files("no-cache")
    packed = serving.Packed(files)
    for _ in range(2):
        assert gzip.decompress(asyncio.run(get(packed, accept_encoding="gzip"))[1]) == FILE
    assert files.asked == 2


@pytest.mark.parametrize(
    "request_",
    [
        {},
        {"accept_encoding": "br"},
        {"accept_encoding": "gzip", "range": "bytes=0-9"},
        {"accept_encoding": "gzip", "if_none_match": "abc"},
        {"accept_encoding": "gzip", "method": "HEAD"},
        {"accept_encoding": "gzip", "path": "/media/picture.png"},
    ],
)
def test_other_requests_pass_as_they_are(request_):
    headers, body = asyncio.run(get(serving.Packed(Files(FOREVER)), **request_))
    assert "content-encoding" not in headers
    assert body == FILE


@pytest.fixture
def runs(monkeypatch):
    """The front door's runs for nobody, by a server of whose runtime only this is there."""
    made = []

    async def run():
        made.append("front door")

    runtime = SimpleNamespace(does_script_run_without_error=run)
    monkeypatch.setattr(serving, "get_instance", lambda: runtime)
    monkeypatch.setattr(serving.gc, "freeze", lambda: made.append("set aside"))
    monkeypatch.setattr(serving.webbrowser, "open", made.append)
    return made


async def _serve():
    async with serving.lifespan(None):
        await asyncio.sleep(0.01)


def test_a_server_runs_the_front_door_before_anyone_comes(runs, monkeypatch):
    monkeypatch.setattr(st, "get_option", {"server.headless": True}.get)
    asyncio.run(_serve())
    assert runs == ["front door", "set aside"]


def test_a_server_on_ones_own_desk_opens_the_browser(runs, monkeypatch):
    options = {"server.headless": False, "server.port": 8501, "server.baseUrlPath": "/bnviz/"}
    monkeypatch.setattr(st, "get_option", options.get)
    asyncio.run(_serve())
    assert runs == ["http://localhost:8501/bnviz", "front door", "set aside"]


def test_streamlit_finds_the_server_in_the_front_door():
    found = discover_asgi_app(ROOT / "app.py")
    assert (found.is_asgi_app, found.import_string) == (True, "app:app")
