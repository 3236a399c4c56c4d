"""Take it home: what of a lesson works without the page.

The button stands beside the knobs, where `keep_place` was called; what is behind it is made only
while it is open: one module for each kind of thing to take, each with an `offer`.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar
from types import MappingProxyType

import streamlit as st
from pydantic import BaseModel
from streamlit.delta_generator import DeltaGenerator

from bnviz.experiments.lab_config import LabConfig
from bnviz.ui.take_home import code, data, page, pictures
from bnviz.words.findings import Findings

TITLE = "Take it home"

_PLACE: ContextVar[DeltaGenerator] = ContextVar("bnviz-take-home")
_SAID: ContextVar[list[str]] = ContextVar("bnviz-take-home-said")
"""What this run of the page says of its results, once it does."""


def keep_place() -> None:
    """The button will stand here, as soon as the settings are known."""
    _PLACE.set(st.container(width="content"))


def offer(
    lesson: str, *configs: BaseModel, kept: Mapping[str, LabConfig] = MappingProxyType({})
) -> None:
    """Show the button, in the place that was kept.

    configs: what the page shows; in the lab both arms. kept: the runs beside them in the lab's
    pictures, by name.
    """
    said: list[str] = []
    _SAID.set(said)
    with _PLACE.get():
        box = st.popover(
            TITLE, icon=":material/download:", help=TITLE, key=key(lesson), on_change="rerun"
        )
    if box.open:
        with box:
            data.offer(lesson, configs, kept)
            code.offer(lesson, configs, said)
            page.offer(lesson)
            pictures.offer(lesson)


def told(said: Findings) -> None:
    """The page has said this of its run, so that what is taken home may say it, too."""
    _SAID.get([]).extend((said.headline, *said.more, *said.further))


def key(lesson: str) -> str:
    """The button's."""
    return f"{lesson}-take-home"
