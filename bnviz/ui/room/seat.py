"""A reader's number in a room: random, and kept by the reader's browser alone."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from bnviz.ui.knobs import run_again
from bnviz.ui.mishaps import caught
from bnviz.ui.room import ballot
from bnviz.ui.room.bounds import RefusedError
from bnviz.ui.room.codes import new_reader, reader_of
from bnviz.ui.room.place import Place

_mount = st.components.v2.component(
    "bnviz.seat", js=Path(__file__).with_name("seat.js").read_text(encoding="utf-8")
)


def number(code: str) -> str:
    """The reader's, as the browser told it; or one that holds as long as this session."""
    return str(st.session_state.get(_told(code)) or _given(code))


def known(code: str) -> bool:
    """Whether it can be used: not in the first run of a page, which the browser answers yet."""
    return _told(code) in st.session_state


def told(code: str) -> bool:
    """Whether the browser has told it, as it does in a moment, if it runs scripts at all."""
    return bool(st.session_state.get(_told(code)))


def take(place: Place) -> None:
    """Ask the browser for the number. Its answer runs this piece of the page alone, and joins.

    Who has been here before is shown what was answered then.
    """
    code = place.code

    @st.fragment
    def ask() -> None:
        with caught("a seat in a room"):
            data = {"code": code, "number": _given(code), "told": st.session_state.get(_told(code))}
            told = reader_of(_mount(key=f"seat-{code}", data=data, height=0,
                                    on_number_change=lambda: None).number)  # fmt: skip
            if told and told != st.session_state.get(_told(code)):
                st.session_state[_told(code)] = told
                if _joined(place, told) and ballot.recall(place, told):
                    run_again()

    ask()
    st.session_state.setdefault(_told(code), "")


def _joined(place: Place, told: str) -> bool:
    try:
        place.rooms.join(place.code, told)
    except RefusedError:  # it is said where the reader answers
        return False
    return True


def _given(code: str) -> str:
    given: str = st.session_state.setdefault(f"bnviz-room-given-{code}", new_reader())
    return given


def _told(code: str) -> str:
    return f"bnviz-room-told-{code}"
