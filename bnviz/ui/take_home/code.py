"""Code to take home: what a lesson computes, without the page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import streamlit as st
from pydantic import BaseModel

from bnviz.experiments.bounds import TooLargeError
from bnviz.experiments.own_samples import OWN_FILE, OwnDataSettings
from bnviz.experiments.settings import Settings
from bnviz.script import comparison, library, text
from bnviz.script.notebook import notebook
from bnviz.script.program import Program
from bnviz.ui import for_class
from bnviz.ui.course import lesson as lesson_called

PLAIN = (
    "**These networks as code**, at the settings of now: in plain PyTorch, from the same weights on"
    " the same mini-batches; in a notebook, with what this page says; or with bnviz itself."
)
WITH_BNVIZ = (
    "**This run as code**, at the settings of now, with bnviz as a library: a script, or a notebook"
    " with what this page says."
)
PREVIEW = 200  # pixels of what can be read here; the rest scrolls


def offer(lesson: str, configs: Sequence[BaseModel], said: Sequence[str]) -> None:
    """Scripts and a notebook to be saved, and the first of them to be read.

    configs: what the page shows; in the lab both arms. said: what it says of its run, which may
    still be empty: it is read when a notebook is saved.
    """
    link = for_class.link(lesson, for_class.Wanted(0, lock="", hide=False, present=False))
    question = lesson_called(lesson).question
    used = library.program(lesson, question, *configs, link=link)
    settings = [one for one in configs if isinstance(one, Settings)]
    plain = _plain(lesson, question, settings, link)
    whole = partial(text.program, lesson, question, *settings, link=link, whole=True)
    st.markdown(PLAIN if plain else WITH_BNVIZ)
    with st.container(horizontal=True, gap="small"):
        if plain:
            _save(lesson, "PyTorch script", plain.text, f"bnviz-{lesson}.py")
        cells = partial(_notebook, whole if plain else lambda: used, said)
        _save(lesson, "Notebook", cells, f"bnviz-{lesson}.ipynb")
        _save(lesson, "bnviz script", used.text, f"bnviz-{lesson}-library.py")
    _own_data(lesson, configs)
    st.code((plain or used).text, language="python", height=PREVIEW)


def _plain(lesson: str, question: str, settings: Sequence[Settings], link: str) -> Program | None:
    """The script without bnviz; None where there is none, which is told if it could be."""
    if lesson not in comparison.LESSONS:
        return None
    try:
        return text.program(lesson, question, *settings, link=link)
    except TooLargeError as error:
        st.caption(str(error))
        return None


def _notebook(make: Callable[[], Program], said: Sequence[str]) -> str:
    """Of a program that is made when it is asked for."""
    return notebook(make(), said)


def _save(lesson: str, label: str, data: str | Callable[[], str], file_name: str) -> None:
    """A button that saves a file; what is to be called is made when it is pressed."""
    kind, icon = "text/x-python", ":material/code:"
    if file_name.endswith(".ipynb"):
        kind, icon = "application/x-ipynb+json", ":material/menu_book:"
    st.download_button(
        label,
        data,
        file_name=file_name,
        mime=kind,
        icon=icon,
        key=f"{lesson}-save-{label}",
        on_click="ignore",
    )


def _own_data(lesson: str, configs: Sequence[BaseModel]) -> None:
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
