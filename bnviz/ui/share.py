"""A button that copies the page's address, which holds every knob."""

from __future__ import annotations

import streamlit as st

from bnviz.ui import qr
from bnviz.ui.browser import browser_file

_mount = st.components.v2.component(
    "bnviz.share",
    html=browser_file("share.html"),
    css=browser_file("share.css"),
    js=browser_file("share.js"),
)


def copy_link(lesson: str) -> None:
    """Show the button; the opened link gives the same figures in a fresh session.

    In the place of localhost it has the machine's address in its network.
    """
    copy_button(f"{lesson}-copy-link")


def copy_button(key: str, address: str = "") -> None:
    """Show a button that copies this address; "": the page's own."""
    data = {"address": address, "root": qr.network_address()}
    _mount(key=key, data=data, width="content", height="content")
