"""Take it home: what of a lesson works without the page.

The button stands beside the knobs, where `keep_place` was called; what is behind it is made only
while it is open: one module for each kind of thing to take, each with an `offer`.
"""

from __future__ import annotations

from contextvars import ContextVar

import streamlit as st
from pydantic import BaseModel
from streamlit.delta_generator import DeltaGenerator

from bnviz.experiments.settings import Settings
from bnviz.script.comparison import LESSONS
from bnviz.ui.take_home import code, data

TITLE = "Take it home"

_PLACE: ContextVar[DeltaGenerator | None] = ContextVar("bnviz-take-home", default=None)


def keep_place(lesson: str) -> None:
    """The button will stand here, as soon as the settings are known."""
    _PLACE.set(st.container(width="content"))


def offer(lesson: str, *configs: BaseModel) -> None:
    """Show the button, where there is a place for it.

    configs: what the page shows; in the lab both arms.
    """
    place = _PLACE.get()
    if place is None:
        return
    with place:
        box = st.popover(
            TITLE, icon=":material/download:", help=TITLE, key=key(lesson), on_change="rerun"
        )
    if box.open:
        with box:
            data.offer(lesson, configs)
            if lesson in LESSONS:
                code.offer(lesson, [one for one in configs if isinstance(one, Settings)])


def key(lesson: str) -> str:
    """The button's."""
    return f"{lesson}-take-home"
