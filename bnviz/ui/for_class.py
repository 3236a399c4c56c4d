"""For the class: a link that begins where a teacher wants it, and its code to be scanned."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

import streamlit as st

from bnviz.ui import exact, lock, qr
from bnviz.ui.foreseen import challenges_of
from bnviz.ui.share import copy_button

TITLE = "For the class: build a link"
NOW = "The settings of now"
EVERY, FEW = "every one", "only some"
TOO_LONG = (
    "The link is too long for a code that a phone could read: begin at a question, or copy it."
)
HERE_AND_THERE = (
    "It opens on devices in the same network as this machine, if no firewall stands between."
)


@dataclass(frozen=True)
class Wanted:
    """What a link for the class does."""

    start: int  # 0: at the settings of now; else the question, from 1
    lock: str  # as it stands in the link
    hide: bool  # answers
    present: bool


def button(lesson: str, knobs: Callable[[], Mapping[str, str]]) -> None:
    """A button that opens the builder. knobs: what may be locked there, by name, and its label."""
    key = f"{lesson}-for-class"
    if st.button("For the class", icon=":material/qr_code_2:", key=key, help=TITLE):
        _builder(lesson, knobs())


def link(lesson: str, wanted: Wanted, **chosen: str) -> str:
    """The whole address, as a class has to open it; `chosen`: options of its own, see exact."""
    number = wanted.start
    settings = exact.asked(lesson, number) if number else _settings_of_now(lesson)
    address = exact.address(
        lesson,
        settings,
        lock=wanted.lock,
        ask="1" if wanted.hide else "",
        present="1" if wanted.present else "",
        host="",  # the teacher's own, as is
        plan="",
        embed="",
        **chosen,
    )
    return (qr.network_address() or qr.own_address()) + address.removeprefix("./")


def _settings_of_now(lesson: str) -> exact.Parameters:
    """What the link has of this lesson, but for what was asked and answered."""
    own = [name for name in st.query_params if name.startswith(f"{lesson}-")]
    left_out = (f"{lesson}-ask", f"{lesson}-said")
    return {name: st.query_params.get_all(name) for name in own if name not in left_out}


@st.dialog(TITLE, width="large")
def _builder(lesson: str, knobs: Mapping[str, str]) -> None:
    wanted = _choices(lesson, knobs)
    address = link(lesson, wanted)
    with st.container(horizontal=True, vertical_alignment="top", key="class-link"):
        with st.container(width="stretch"):
            st.code(address, language=None, wrap_lines=True)
            copy_button(f"{lesson}-class-copy", address)
            st.caption(_reach())
        with st.container(width=260):
            _code(address)


def _choices(lesson: str, knobs: Mapping[str, str]) -> Wanted:
    asked = [one.question for one in challenges_of(lesson)]
    starts = [NOW, *(f"Question {n}: {question}" for n, question in enumerate(asked, 1))]
    start = st.selectbox("Where does it start?", starts, key=f"{lesson}-class-start")
    free = _free(lesson, knobs)
    with st.container(horizontal=True):
        hide = st.checkbox("Hold the answers back", key=f"{lesson}-class-hide")
        present = st.checkbox("For a projector", key=f"{lesson}-class-present")
    kept = lock.written(lesson, list(knobs), free)
    return Wanted(starts.index(start), kept, hide, present)


def _free(lesson: str, knobs: Mapping[str, str]) -> Collection[str]:
    """The knobs that the class may turn, by name."""
    which = st.segmented_control(
        "Which knobs may the class turn?",
        (EVERY, FEW),
        default=EVERY,
        required=True,
        key=f"{lesson}-class-which",
        help="The others stand as the link sets them. A question still sets what it asks about.",
    )
    if which != FEW:
        return knobs.keys()
    return st.pills(
        "Those that stay free",
        list(knobs),
        selection_mode="multi",
        format_func=lambda name: knobs.get(name, name),
        key=f"{lesson}-class-free",
    )


def _reach() -> str:
    if qr.network_address() is None:
        return qr.ONLY_HERE
    return HERE_AND_THERE if qr.is_local() else "Everybody who reaches this page can open it."


def _code(address: str) -> None:
    try:
        st.html(qr.svg(address, "QR code of the link"))
    except ValueError:
        st.caption(TOO_LONG)
