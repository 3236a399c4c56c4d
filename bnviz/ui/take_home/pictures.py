"""The pictures of the page to take home, one by one, and all of it on paper."""

from __future__ import annotations

import streamlit as st

from bnviz.ui.browser import browser_file

ABOUT = (
    "**Each picture** as it stands, signed with its setting and link; and the page **on paper**:"
    " A4, light, with the sections that are open."
)

_mount = st.components.v2.component(
    "bnviz.take-pictures",
    html='<div class="pictures"></div>',
    css=browser_file("save.css"),
    js=browser_file("save.js"),
)


def offer(lesson: str) -> None:
    """Buttons that save each picture as PNG or SVG, and one that prints the page."""
    st.markdown(ABOUT)
    _mount(key=f"{lesson}-pictures")
