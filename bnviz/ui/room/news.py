"""Where the class is now, for a student's page that nobody clicks on.

To run a piece of sixty pages every few seconds would cost more than all their votes. So a page's
browser asks a small question instead, and only what has changed is drawn.
"""

from __future__ import annotations

import time
from asyncio import to_thread
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

import streamlit as st

from bnviz.ui.mishaps import caught
from bnviz.ui.prose import warn
from bnviz.ui.room.bounds import MOST_ROOMS, RefusedError
from bnviz.ui.room.place import Place
from bnviz.ui.room.store import Room, Rooms

EVERY = 12.0  # seconds between two questions of a page: of sixty, five in a second
SHARED = 3.0  # seconds for which one look at the database serves all pages of this server
ENDED = "ended"

_mount = st.components.v2.component(
    "bnviz.news", js=Path(__file__).with_name("news.js").read_text(encoding="utf-8")
)


def news(here: Place, tell: Callable[[Room], None]) -> None:
    """Tell where the class is, now and whenever it has moved.

    tell: draws it; run again without the rest of the page.
    """
    _NOTICES.note(here.rooms, here.room)
    of_this_run = [here.room]

    @st.fragment
    def look() -> None:
        with caught("the news of a room"):
            try:
                room = of_this_run.pop() if of_this_run else _NOTICES.room(here.code)
            except RefusedError as why:
                warn(str(why), ":material/meeting_room:")
                return
            tell(room)
            data = {"code": room.code, "at": stamp(room), "every": 1000 * EVERY}
            _mount(key=f"news-{room.code}", data=data, height=0, on_moved_change=lambda: None)

    look()


def stamp(room: Room) -> str:
    """A word that is another one whenever there is something to tell."""
    return f"{room.lesson}/{room.challenge}/{'shown' if room.shown else 'open'}"


async def answer(code: str) -> str:
    """What a page's browser is told: the stamp of now. KeyError if no page here is in this room."""
    fresh = _NOTICES.fresh(code)
    try:
        return stamp(fresh if fresh else await to_thread(_NOTICES.room, code))
    except RefusedError:
        return ENDED


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
