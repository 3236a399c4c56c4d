"""Which room the address names, and who the reader is in it."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from bnviz.ui import exact, qr
from bnviz.ui.course import Lesson
from bnviz.ui.room.bounds import RefusedError
from bnviz.ui.room.codes import code_of
from bnviz.ui.room.store import Room, Rooms
from bnviz.ui.room.where import rooms

ROOM, HOST = "room", "host"
"""In the address: the room's code, and the key of who has opened it."""
LED = "bnviz-room-led"  # in the session: the code and the key of a room that the reader has opened


@dataclass(frozen=True)
class Place:
    """A room that is there, as this run of the page found it."""

    rooms: Rooms
    room: Room
    key: str  # of the host, if the reader is the one; "": a student
    lesson: Lesson  # whose page this is

    @property
    def code(self) -> str:
        return self.room.code

    @property
    def link(self) -> str:
        """For students: the whole address of this lesson, with the room and without its key."""
        own = {ROOM: self.code, HOST: "", "ask": "", "embed": "", "present": "", "plan": ""}
        there = exact.address(self.lesson.name, {}, **own)
        return (qr.network_address() or qr.own_address()) + there.removeprefix("./")


def here(lesson: Lesson) -> Place:
    """Where the reader is, on the page of a lesson. RefusedError where there is no such room."""
    code = code_of(st.query_params.get(ROOM, ""))
    if code is None:
        raise RefusedError("A room’s code has six letters.")
    several = rooms()
    return Place(several, several.room(code), _key(several, code), lesson)


def _key(several: Rooms, code: str) -> str:
    """The key in the address, if it is the room's; it is looked up once in a session."""
    key = st.query_params.get(HOST, "")
    if not key or st.session_state.get(LED) == (code, key):
        return key
    if not several.hosts(code, key):
        return ""
    st.session_state[LED] = (code, key)
    return key


def enter(code: str, key: str = "") -> None:
    """Into the address: from now on the reader is in this room. For callbacks."""
    st.query_params[ROOM] = code
    if key:
        st.query_params[HOST] = key


def leave() -> None:
    """Out of the address. For callbacks."""
    for name in (ROOM, HOST):
        if name in st.query_params:
            del st.query_params[name]
