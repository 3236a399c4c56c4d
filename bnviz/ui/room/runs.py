"""Runs of the lab in a room: a student sends them, and its host takes them into the list."""

from __future__ import annotations

import streamlit as st

from bnviz.experiments.kept import Kept, write
from bnviz.experiments.lab_config import LabConfig
from bnviz.ui.company import Join
from bnviz.ui.knobs import run_again
from bnviz.ui.mishaps import caught, safe
from bnviz.ui.prose import remark
from bnviz.ui.room import seat
from bnviz.ui.room.bounds import OF_ONE, RefusedError
from bnviz.ui.room.place import Place
from bnviz.ui.room.store import Sent
from bnviz.words.numbers import many

EVERY = 5.0  # seconds between two looks at what has come
ABOUT = (
    "Your teacher gets the settings of this run, without your name, to show how the runs of a"
    " class spread. The room keeps it, with the time and your random number, for at most 24 hours."
    f" After {OF_ONE} runs, the next one takes the place of your oldest."
)
SAID = "bnviz-room-run"  # in the session: the run that was sent last, and what became of it
TAKEN = "bnviz-room-taken"  # in the session: what is in the list already
JOINED = "bnviz-room-joined"  # in the session: the list has just changed


def sending(here: Place, arm: str, config: LabConfig) -> None:
    """For a student: a button that sends this run, and what that means, before it is pressed."""
    run = write([Kept("", config)])
    with st.popover(f"Send {arm}", icon=":material/send:"):
        st.caption(ABOUT)
        st.button(f"Send run {arm} to the class", on_click=safe(_send), args=(here, run),
                  key=f"room-send-{arm}", type="primary")  # fmt: skip
        known, said = st.session_state.get(SAID, ("", ""))
        if known == run:
            remark(said)


def _send(here: Place, run: str) -> None:
    try:
        number = here.rooms.send(here.code, seat.number(here.code), run)
        said = f"It is sent. On the board of the class you are **{_called(number)}**."
    except RefusedError as why:
        said = str(why)
    st.session_state[SAID] = run, said


def _called(number: int) -> str:
    return f"student {number}"


def taking_in(here: Place, join: Join) -> None:
    """For the host: a button that puts what has come into the list, and says how much is new."""

    @st.fragment(run_every=EVERY)
    def look() -> None:
        if st.session_state.pop(JOINED, False):
            run_again()
        with caught("the runs of a room"):
            try:
                _draw(here, join, here.rooms.runs(here.code))
            except RefusedError as why:  # it has ended meanwhile
                remark(str(why))

    look()


def _draw(here: Place, join: Join, sent: list[Sent]) -> None:
    taken = st.session_state.get(TAKEN, set())
    new = sum((one.seat, one.run) not in taken for one in sent)
    st.button(
        f"From the room: {many(new, 'new run')}",
        icon=":material/groups:",
        on_click=safe(_take),
        args=(join, sent),
        key="room-runs",
        disabled=not sent,
        help=f"{many(len(sent), 'run')} in all: “Send A” and “Send B” on the students’ pages bring"
        " them here. Those that are in the list already are not taken twice.",
    )


def _take(join: Join, sent: list[Sent]) -> None:
    join([f"{_called(one.seat)}: {one.run}" for one in sent])
    st.session_state[TAKEN] = {(one.seat, one.run) for one in sent}
    st.session_state[JOINED] = True
