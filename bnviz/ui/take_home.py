"""Take it home: what of a lesson works without the page.

The button stands beside the knobs, where `keep_place` was called; what is behind it is made only
while it is open.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextvars import ContextVar

import streamlit as st
from pydantic import BaseModel
from streamlit.delta_generator import DeltaGenerator

from bnviz.experiments.bounds import TooLargeError
from bnviz.experiments.own_samples import OWN_FILE, OwnDataSettings
from bnviz.experiments.settings import Settings
from bnviz.script.comparison import LESSONS
from bnviz.script.text import script
from bnviz.ui import for_class
from bnviz.ui.course import lesson as lesson_called

TITLE = "Take it home"
ABOUT = (
    "**A script of these networks** in plain PyTorch, at the settings of now, without bnviz: the"
    " same data, first weights and mini-batches. Run it, or paste it into a notebook."
)

_PLACE: ContextVar[DeltaGenerator | None] = ContextVar("bnviz-take-home", default=None)


def keep_place(lesson: str) -> None:
    """The button will stand here, as soon as the settings are known."""
    _PLACE.set(st.container(width="content") if lesson in LESSONS else None)


def offer(lesson: str, *configs: BaseModel) -> None:
    """Show the button, where the lesson has something to take home.

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
            _script(lesson, [one for one in configs if isinstance(one, Settings)])


def key(lesson: str) -> str:
    """The button's."""
    return f"{lesson}-take-home"


def _script(lesson: str, configs: Sequence[Settings]) -> None:
    """A script to be saved, and to be read."""
    link = for_class.link(lesson, for_class.Wanted(0, lock="", hide=False, present=False))
    try:
        text = script(lesson, lesson_called(lesson).question, *configs, link=link)
    except TooLargeError as error:
        st.caption(str(error))
        return
    st.markdown(ABOUT)
    st.download_button(
        "PyTorch script",
        text,
        file_name=f"bnviz-{lesson}.py",
        mime="text/x-python",
        icon=":material/code:",
        key=f"{lesson}-script",
        on_click="ignore",
    )
    _data(lesson, configs)
    st.code(text, language="python", height=200)


def _data(lesson: str, configs: Sequence[Settings]) -> None:
    """The reader's own data, which the script reads from a file."""
    own = next((one.own_data for one in configs if isinstance(one, OwnDataSettings)), None)
    if own is None:
        return
    st.caption(f"The script reads your own data from {OWN_FILE}: put it into the same folder.")
    st.download_button(
        "Its data",
        own.file(),
        file_name=OWN_FILE,
        mime="application/octet-stream",
        icon=":material/table:",
        key=f"{lesson}-own-file",
        on_click="ignore",
    )
