"""What the address carries from lesson to lesson, besides the knobs of each.

Every link that the app writes goes through `address`, so that who presents, embeds, or has joined
a room stays so. What an option does is told where it is read.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

import streamlit as st

if TYPE_CHECKING:
    from bnviz.ui.course import Lesson

YES = re.compile("1|true")
CARRIED: dict[str, re.Pattern[str]] = {
    "embed": YES,  # Streamlit's own: without its header, in the page of somebody else
    "present": YES,  # for a projector, and a presenter's keys
    "ask": YES,  # answers wait until they are asked for
    "plan": re.compile(r"[1-9]\d?\.[1-9]\d?"),  # at which question of which lesson plan a class is
    "room": re.compile("[A-Za-z]{6}"),  # whose class the reader is in
    "host": re.compile(r"[\w-]{1,64}"),  # shows that the reader has opened the room
    "lock": re.compile(r"[a-z]+\.(all-but\.)?[a-z0-9_,-]{1,400}"),  # kept knobs
}
"""What there is, and which values it may have; any other one counts as none."""
NAMES = (*CARRIED, "embed_options")  # the last one is Streamlit's alone; the browser carries it

Kept = tuple[tuple[str, str], ...]
"""Options with their values, in the order of CARRIED: what a page with links may be kept under."""


def value(name: str) -> str:
    """What the address says of an option; "" where it says nothing, or nothing that is known.

    Raises KeyError if there is no such option.
    """
    allowed = CARRIED[name]
    if name == "embed":  # which Streamlit hides from its query_params
        return "true" if st.context.is_embedded else ""
    text = st.query_params.get(name, "")
    return text if allowed.fullmatch(text) else ""


def on(name: str) -> bool:
    """Whether the address has this option: `on("present")`."""
    return bool(value(name))


def kept() -> Kept:
    """All options that the address has now."""
    return tuple((name, text) for name in CARRIED if (text := value(name)))


def address(lesson: Lesson, options: Kept | None = None, place: str = "") -> str:
    """Where a lesson is, seen from any other one, with the options; None: those of this page.

    place: of what on it, without the #.
    """
    query = urlencode(kept() if options is None else options)
    asked = f"?{query}" if query else ""
    return lesson.address + asked + (f"#{quote(place)}" if place else "")
