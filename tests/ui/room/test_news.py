"""What a student's page is told without a click: where the class is, by few looks at the rooms."""

import asyncio
import json
from urllib.parse import parse_qsl

import pytest

from bnviz.ui import serving
from bnviz.ui.foreseen import challenges_of
from bnviz.ui.room import news
from tests.ui.room.test_visit import code_of, host, parameter, press, read, rooms, visit

__all__ = ["host", "rooms"]  # fixtures

SECOND = challenges_of("transform")[1]


@pytest.fixture
def clock(monkeypatch):
    """Seconds that pass when a test says so."""
    passed = [0.0]
    monkeypatch.setattr(news.time, "monotonic", lambda: passed[0])
    return passed


@pytest.fixture
def looks(monkeypatch):
    """How often the database was asked for a room."""
    counted = []
    ask = news.Rooms.room
    monkeypatch.setattr(news.Rooms, "room", lambda *one: counted.append(one) or ask(*one))
    return counted


def told(code):
    """The stamp; then the line, and where it leads."""
    answer = json.loads(asyncio.run(news.answer(code)))
    return tuple(answer.get(name) for name in ("at", "says", "asks", "to"))


def test_a_page_is_told_that_its_class_has_moved(rooms, host, clock):
    code, key = code_of(host), parameter(host, "host")
    visit(code)
    first = told(code)
    rooms.reveal(code, key, "transform", challenges_of("transform")[0].name)
    assert told(code) == first  # for a moment
    clock[0] += 2 * news.SHARED
    shown = told(code)
    rooms.ask(code, key, "transform", SECOND.name)
    clock[0] += 2 * news.SHARED
    moved = told(code)
    assert len({one[0] for one in (first, shown, moved)}) == 3
    assert [one[1] for one in (first, shown, moved)] == [
        "The teacher asks:", "The answer was shown:", "The teacher asks:",
    ]  # fmt: skip
    assert moved[2] == SECOND.question
    assert dict(parse_qsl(moved[3].partition("?")[2])) == {
        "room": code, "transform-ask": "2", "transform-source": "one outlier",
    }  # fmt: skip
    rooms.close(code, key)
    clock[0] += 2 * news.SHARED
    assert told(code)[0] == news.ENDED["at"]


def test_sixty_pages_share_one_look_at_the_database(host, clock, looks):
    code = code_of(host)
    visit(code)
    looks.clear()
    assert len({told(code) for _ in range(60)}) == 1
    assert not looks
    clock[0] += 2 * news.SHARED
    assert len({told(code) for _ in range(60)}) == 1
    assert len(looks) == 1


def test_a_stranger_who_tries_codes_asks_no_database(rooms, looks):
    code, _ = rooms.open_room()  # nobody's page is in it
    with pytest.raises(KeyError):
        told(code)
    assert not looks


def test_no_more_rooms_are_remembered_than_there_may_be(rooms, monkeypatch):
    monkeypatch.setattr(news, "MOST_ROOMS", 3)
    notices = news._Notices()
    several = [rooms.room(rooms.open_room()[0]) for _ in range(5)]
    for room in several:
        notices.note(rooms, room)
    assert [code for code in (one.code for one in several) if code in notices._notes] == [
        one.code for one in several[2:]
    ]


def test_the_server_answers_by_the_address_and_passes_all_else_on(rooms, host):
    code = code_of(host)
    visit(code)

    async def get(path):
        sent = []

        async def passed(_scope, _receive, _send):
            sent.append("passed on")

        async def send(message):
            sent.append(message)

        await serving.Rooms(passed)({"type": "http", "method": "GET", "path": path}, None, send)
        return sent

    start, body = asyncio.run(get(f"/bnviz/room-at/{code}"))
    assert (start["status"], body["body"].decode()) == (
        200,
        asyncio.run(news.answer(code)),
    )
    assert asyncio.run(get("/room-at/BCDFGH"))[0]["status"] == 404
    for path in ("/", "/transform", f"/room-at/{code}x", f"/room-at/{code.lower()}"):
        assert asyncio.run(get(path)) == ["passed on"]


def test_who_looks_again_reads_the_question_itself(rooms, host):
    student = visit(code_of(host), lesson="backward")
    press(press(host, "Show the answer"), "Next question")
    assert f"{SECOND.question}</a>" in read(student.run())
