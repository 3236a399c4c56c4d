"""The one door: every figure reaches a page through `show`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import streamlit as st

from bnviz.figures import PROJECTED, THEMES, Figure, Theme
from bnviz.figures.written import Ready
from bnviz.ui import gathered, stage
from bnviz.ui.browser import browser_file
from bnviz.ui.mishaps import safe
from bnviz.ui.pictures import SCRIPTS

TOOLS = {
    "displaylogo": False,
    "responsive": True,
    # A drag scrolls the page on a phone, so it must not zoom. What is left saves the picture, and
    # shows it on the full screen, from which Escape leads back.
    "modeBarButtonsToRemove": [
        "zoom2d", "pan2d", "zoomIn2d", "zoomOut2d", "autoScale2d", "resetScale2d", "zoom3d",
        "pan3d", "orbitRotation", "tableRotation", "resetCameraDefault3d",
        "resetCameraLastSave3d", "hoverClosest3d",
    ],
    "toImageButtonOptions": {"format": "svg"},  # the browser asks which, see pictures.js
}  # fmt: skip


_mount = st.components.v2.component(  # one for both, since each is an element more on every page
    "bnviz.theme", js=browser_file("untranslated.js") + SCRIPTS + browser_file("theme.js")
)


_listen = st.components.v2.component(
    "bnviz.clicks",
    css=".bnviz-choose .nsewdrag { cursor: pointer }",
    js=browser_file("clicks.js"),
    isolate_styles=False,
)


def follow_theme() -> None:
    """Draw the page again when the visitor, or their system, changes the theme.

    Streamlit recolours its own parts in the browser and tells the server nothing. The page is
    also drawn again when the connection has come back: a server that was started anew knows no
    button of an open page, and would lose the first click on one.
    """
    _mount(key="theme", on_theme_change=lambda: None, on_back_change=lambda: None, height=0)


def theme() -> Theme:
    """The theme the visitor has chosen, or their system; light until the browser has told.

    Where a class looks on, its colours are those for a projector.
    """
    themes = PROJECTED if stage.projected() else THEMES
    return themes.get(st.context.theme.type or "light", themes["light"])


def show(
    figure: Figure,
    alternative: str,
    key: str,
    chosen: Callable[[list[Any]], None] | None = None,
) -> None:
    """Put a figure on the page, in full width, with what it shows in words for those who listen.

    figure: data, layout and perhaps frames in Plotly's JSON form, drawn in the page's theme; it is
    sent as it is. Its frames follow the page's clock. The camera button saves it as a picture.
    alternative: sentences, in Markdown or not.
    key: of its own on the page; Streamlit raises where two figures have the same.
    chosen: called at a click on a point or a cell, before the page is run again, with the point's
    customdata, or its x and y: whatever a browser sends. Nothing may depend on it alone: a keyboard
    cannot click there.
    """
    if not stage.shows():
        return
    config = TOOLS | {
        "toImageButtonOptions": {**TOOLS["toImageButtonOptions"], "filename": f"bnviz-{key}"}  # type: ignore[dict-item]
    }
    spoken = stage.unsaid(alternative).replace("*", "")  # the sentences are Markdown
    gathered.picture(figure, spoken, key)
    if stage.presenting():  # the page has a full screen of its own there, with the clock
        config |= {"modeBarButtons": [["toImage"]]}
    height: Literal["stretch", "content"] = "stretch" if stage.brief() else "content"
    st.plotly_chart(Ready(figure), key=key, theme=None, alt=spoken, config=config, height=height)
    if chosen is not None:
        listener = f"{key}-clicks"

        def tell() -> None:
            chosen(list(st.session_state[listener].chosen or ()))

        _listen(key=listener, data={"key": key}, on_chosen_change=safe(tell), height=0)
