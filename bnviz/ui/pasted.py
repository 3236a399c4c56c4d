"""Many runs at once: links and lines of a whole class, put into the list of kept runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from bnviz.experiments.kept import LIMIT, MOST, Kept
from bnviz.experiments.pasted import ALL, Joined, joined, lines
from bnviz.ui.mishaps import safe
from bnviz.ui.prose import warn
from bnviz.words import class_board as words
from bnviz.words.kept import ARMS, FIELD

PASTED, ARM = "lab-pasted", "lab-pasted-arm"
SAID = "lab-pasted-said"  # in the session: the list that came of it, and what is said of it

Put = Callable[[Sequence[Kept]], None]
"""Makes these runs the list."""


def paste(now: Callable[[], list[Kept]], put: Put) -> None:
    """A field behind a button that takes many links or lines of a list."""
    with st.popover("Paste many", icon=":material/group_add:"):
        st.markdown(words.PASTE_ABOUT)
        st.text_area(FIELD, key=PASTED, max_chars=ALL, height=100)
        st.segmented_control(
            "Of a link without kept runs take",
            list(ARMS),
            default="b",
            format_func=lambda arm: ARMS[arm],
            key=ARM,
            required=True,
        )
        st.button(
            "Add to the list",
            icon=":material/playlist_add:",
            on_click=safe(_add),
            args=(now, put),
            key="lab-pasted-add",
        )


def say(list_now: Sequence[Kept]) -> None:
    """What became of the last paste, as long as the list is what came of it."""
    known, told, wrong = st.session_state.get(SAID, ([], [], []))
    if known != list(list_now):
        return
    if told:
        st.info(" ".join(told), icon=":material/group_add:")
    for sentence in wrong:
        warn(sentence, ":material/link_off:")


def join(texts: Sequence[str], now: Callable[[], list[Kept]], put: Put) -> None:
    """Put the runs of these lines, one reader's each, into the list. For callbacks."""
    found = joined(now(), texts)
    put(found.runs)
    _note(found, found.wrong, words.LEFT_IN_THE_ROOM)


def _add(now: Callable[[], list[Kept]], put: Put) -> None:
    texts, wrong = lines(st.session_state.get(PASTED) or "")
    found = joined(now(), texts, st.session_state.get(ARM) or "b")
    put(found.runs)
    _note(found, [*wrong, *found.wrong], words.LEFT_IN_THE_FIELD)
    st.session_state[PASTED] = "\n".join(found.left)


def _note(found: Joined, wrong: Sequence[str], left: str) -> None:
    told = words.added(found.added, found.known, found.full, MOST, LIMIT, left)
    st.session_state[SAID] = (found.runs, told, wrong)
