"""The door of a room: to open one, to join, to see who may come in and how, and to go."""

from __future__ import annotations

import time

import streamlit as st

from bnviz.ui import qr
from bnviz.ui.mishaps import safe
from bnviz.ui.prose import warn
from bnviz.ui.room import place as places
from bnviz.ui.room.bounds import MOST_READERS, RefusedError
from bnviz.ui.room.codes import code_of
from bnviz.ui.room.place import Place
from bnviz.ui.room.results import as_csv
from bnviz.ui.room.where import rooms

ASKED_FOR = "new"  # in the address, in the place of a code
REFUSED = "bnviz-room-refused"  # in the session: why a room could be neither opened nor joined
OPENED = "bnviz-room-opened"  # in the session: when rooms were opened in it
IN_AN_HOUR, AN_HOUR = 5, 3600.0  # rooms that one reader may open; seconds
KEPT = (
    "No names: kept are the answers, and runs of the lab that somebody sends, each with its time"
    " and a random number, and after 24 hours nothing."
)


def outside(why: str = "") -> None:
    """Two ways in: a code to type, or a room of one's own. why: no room is there."""
    refused = st.session_state.pop(REFUSED, "") or why
    with st.container(border=True, key="room-door"):
        st.markdown("**A room: a class answers together, each on a page of their own.**")
        if refused:
            warn(refused, ":material/meeting_room:")
        with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
            st.text_input(
                "Room code", key="room-code", max_chars=20, width=180,
                on_change=safe(_join), autocomplete="off",
            )  # fmt: skip
            st.button("Join", on_click=safe(_join), key="room-join", type="primary")
            st.button("Open a room for my class", on_click=safe(_open), key="room-open")
            st.button("Close this", on_click=safe(places.leave), key="room-none", type="tertiary")
        st.caption(f"Up to {MOST_READERS} students. {KEPT}")


def _join() -> None:
    code = code_of(st.session_state.get("room-code") or "")
    if code is None:
        st.session_state[REFUSED] = "A room’s code has six letters."
        return
    places.enter(code)


def _open() -> None:
    opened: list[float] = st.session_state.setdefault(OPENED, [])
    lately = [when for when in opened if when > time.monotonic() - AN_HOUR]
    if len(lately) >= IN_AN_HOUR:
        st.session_state[REFUSED] = (
            f"You have opened {IN_AN_HOUR} rooms within an hour, which is as many as one may."
        )
        return
    try:
        places.enter(*rooms().open_room())
    except RefusedError as why:
        st.session_state[REFUSED] = str(why)
    else:
        st.session_state[OPENED] = [*lately, time.monotonic()]


def inside(here: Place) -> None:
    """A button named after the room; behind it, for the host, all that a class needs to come in."""
    with st.popover(f"Room {here.code}", icon=":material/groups:"):
        if here.key:
            _host(here)
        else:
            st.caption(KEPT)
            st.button("Leave the room", on_click=safe(places.leave), key="room-leave")


def _host(here: Place) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        with st.container(width="stretch"):
            st.html(f'<p class="bnviz-code">{here.code}</p>')
            st.markdown("Students type this code into *In class: a room*, or open this address:")
            st.code(here.link, language=None, wrap_lines=True)
            st.caption(KEPT if qr.network_address() else f"{qr.ONLY_HERE} {KEPT}")
        with st.container(width=220):
            st.html(qr.svg(here.link, f"QR code for students of the room {here.code}"))
    st.download_button(
        "Results (CSV)",
        lambda: as_csv(here.rooms.votes(here.code)).encode(),
        file_name=f"room-{here.code}.csv",
        mime="text/csv",
        on_click="ignore",
        key="room-results",
        icon=":material/download:",
    )
    st.button("Close the room", on_click=safe(_close), args=(here,), key="room-close",
              help="Ends the room for all, and forgets all answers.")  # fmt: skip


def _close(here: Place) -> None:
    here.rooms.close(here.code, here.key)
    places.leave()
