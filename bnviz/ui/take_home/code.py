"""Code to take home: the networks of a lesson without the page."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from bnviz.experiments.bounds import TooLargeError
from bnviz.experiments.settings import Settings
from bnviz.script.text import script
from bnviz.ui import for_class
from bnviz.ui.course import lesson as lesson_called

ABOUT = (
    "**A script of these networks** in plain PyTorch, at the settings of now, without bnviz: the"
    " same data, first weights and mini-batches. Run it, or paste it into a notebook."
)


def offer(lesson: str, configs: Sequence[Settings]) -> None:
    """A script to be saved, and to be read.

    configs: what the page shows; in the lab both arms.
    """
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
    st.code(text, language="python", height=200)
