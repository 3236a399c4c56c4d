"""A button that copies the page's address, which holds every knob."""

from __future__ import annotations

import streamlit as st

from bnviz.ui.browser import browser_file

_mount = st.components.v2.component(
    "bnviz.share",
    html=browser_file("share.html"),
    css=browser_file("share.css"),
    js=browser_file("share.js"),
)


def copy_link(lesson: str) -> None:
    """Show the button; the opened link gives the same figures in a fresh session."""
    _mount(key=f"{lesson}-copy-link", width="content", height="content")
