"""Where the class is now, for a student's page that nobody clicks on.

To run a piece of sixty pages every few seconds would cost more than all their votes. So a page's
browser asks a small question instead, and writes what has changed by itself.
"""

from __future__ import annotations

import json
import time
from asyncio import to_thread
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

import streamlit as st

from bnviz.ui import exact
from bnviz.ui.mishaps import safe
from bnviz.ui.room.bounds import MOST_ROOMS, RefusedError
from bnviz.ui.room.place import ROOM, Place
from bnviz.ui.room.questions import challenge
from bnviz.ui.room.store import Room, Rooms

EVERY = 12.0  # seconds between two questions of a page: of sixty, five in a second
SHARED = 3.0  # seconds for which one look at the database serves all pages of this server
ENDED = {"at": "ended", "says": "This room has ended."}

_mount = st.components.v2.component(
    "bnviz.news",
    html='<div class="bnviz-news" role="status"></div>',
    js=Path(__file__).with_name("news.js").read_text(encoding="utf-8"),
    isolate_styles=False,
)


def news(here: Place, go: Callable[[str], object] | None = None) -> None:
    """A line that says where the class is, as soon as it has moved from where this page knows it.

    go: leads to a question of this very lesson, by name.
    """
    _NOTICES.note(here.rooms, here.room)

    def join() -> None:
        room = here.rooms.room(here.code)
        if go and room.lesson == here.lesson.name:
            go(room.challenge)

    data = {"code": here.code, "at": stamp(here.room), "every": 1000 * EVERY}
    _mount(key=f"news-{here.code}", data=data, on_go_change=safe(join), height="content")


def stamp(room: Room) -> str:
    """A word that is another one whenever there is something to tell."""
    return f"{room.lesson}/{room.challenge}/{'shown' if room.shown else 'open'}"


async def answer(code: str) -> str:
    """What a page's browser is told, as JSON. KeyError if no page here is in this room."""
    fresh = _NOTICES.fresh(code)
    try:
        return _told(fresh if fresh else await to_thread(_NOTICES.room, code))
    except RefusedError:
        return json.dumps(ENDED)


def _told(room: Room) -> str:
    """The stamp of now, and a line for whom it is news."""
    told = {"at": stamp(room)}
    asked = challenge(room.lesson, room.challenge)
    if asked:
        says = "The answer was shown:" if room.shown else "The teacher asks:"
        told |= {"says": says, "asks": asked.question, "to": link(room, {ROOM: room.code})}
    return json.dumps(told)


def link(room: Room, options: dict[str, str]) -> str:
    """To the class's question, from any page."""
    number = exact.position(room.lesson, room.challenge)
    return exact.written(room.lesson, exact.asked(room.lesson, number), options)


@dataclass
class _Note:
    rooms: Rooms
    room: Room
    seen: float  # of time.monotonic


class _Notices:
    """The rooms in which pages of this server are, as they were a moment ago."""

    def __init__(self) -> None:
        self._notes: dict[str, _Note] = {}
        self._lock = Lock()

    def note(self, rooms: Rooms, room: Room) -> None:
        """A page has just looked."""
        with self._lock:
            self._notes.pop(room.code, None)
            while len(self._notes) >= MOST_ROOMS:
                del self._notes[next(iter(self._notes))]
            self._notes[room.code] = _Note(rooms, room, time.monotonic())

    def room(self, code: str) -> Room:
        """Not older than SHARED. KeyError: nobody here is in it; RefusedError: it has ended."""
        with self._lock:
            fresh = self.fresh(code)
            if fresh:
                return fresh
            note = self._notes[code]
            note.room, note.seen = note.rooms.room(code), time.monotonic()
            return note.room

    def fresh(self, code: str) -> Room | None:
        """The same, without a look at the database; None where that is needed."""
        note = self._notes[code]
        return note.room if time.monotonic() - note.seen <= SHARED else None


_NOTICES = _Notices()
