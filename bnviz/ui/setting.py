"""The setting of the page as it stands: for paper, for a saved picture, for the page as a file."""

from __future__ import annotations

from collections.abc import Iterator

import streamlit as st
from pydantic import BaseModel

from bnviz.experiments.links import name_in_link
from bnviz.experiments.quoting import printed
from bnviz.experiments.settings import knobs as knobs_of
from bnviz.ui import for_class, gathered
from bnviz.ui.course import Lesson
from bnviz.ui.knobs import TOGGLES, TYPED, shown
from bnviz.ui.setting_table import Setting, table

LONGEST = 120  # letters of what was typed


def of_now(here: Lesson, config: type[BaseModel]) -> Setting:
    """Of the page as it stands, whose knobs are those of the Config."""
    wanted = for_class.Wanted(0, lock="", hide=False, present=False)
    link = for_class.link(here.name, wanted, room="")
    rows, views = tuple(_rows(config, here.name)), tuple(gathered.now().views)
    return Setting(here.name, here.question, link, rows, views)


def put(here: Lesson) -> None:
    """Leave it in the page, unseen: on paper it stands below the title, see paper.js."""
    if config := gathered.now().knobs:
        setting = of_now(here, config)
        gathered.now().setting = setting
        st.html(table(setting))


def _rows(config: type[BaseModel], lesson: str) -> Iterator[tuple[str, str, bool]]:
    declared = knobs_of(config)
    for name, text in shown(config, lesson).items():
        if name in declared:
            first = declared[name].show(config.model_fields[name].default)
            yield declared[name].label, text, text != first
        else:
            yield TOGGLES, text, text != "all"
    yield from _typed(config, lesson)


def _typed(config: type[BaseModel], lesson: str) -> Iterator[tuple[str, str, bool]]:
    for name, label in TYPED.items():
        text = str(st.session_state.get(name_in_link(lesson, name)) or "")
        if text and name in config.model_fields:
            line = printed(text)
            cut = line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"
            yield label, cut, text != config.model_fields[name].default
