"""The one door: every figure reaches a page through `show`."""

from __future__ import annotations

import streamlit as st

from bnviz.figures import LIGHT, THEMES, Figure, Ready, Theme

TOOLS = {
    "displaylogo": False,
    "responsive": True,
    "modeBarButtons": [["toImage"]],  # a drag scrolls the page on a phone, so it must not zoom
    "toImageButtonOptions": {"format": "png", "scale": 2},
}


_JS = """
export default function ({ parentElement, setTriggerValue }) {
  const background = () => getComputedStyle(document.querySelector(".stApp")).backgroundColor;
  let drawn = background();
  const look = setInterval(() => {
    if (background() !== drawn) {
      drawn = background();
      setTriggerValue("theme", drawn);
    }
  }, 500);
  return () => clearInterval(look);
}
"""
_mount = st.components.v2.component("bnviz.theme", js=_JS)


def follow_theme() -> None:
    """Draw the page again when the visitor, or their system, changes the theme.

    Streamlit recolours its own parts in the browser and tells the server nothing.
    """
    _mount(key="theme", on_theme_change=lambda: None, height=0)


def theme() -> Theme:
    """The theme the visitor has chosen, or their system; light until the browser has told."""
    return THEMES.get(st.context.theme.type or "light", LIGHT)


def show(figure: Figure, alternative: str, key: str) -> None:
    """Put a figure on the page, in full width, with what it shows in words for those who listen.

    Its frames, if it has any, follow the page's clock. The camera button saves it as a picture.
    """
    config = TOOLS | {
        "toImageButtonOptions": {**TOOLS["toImageButtonOptions"], "filename": f"bnviz-{key}"}  # type: ignore[dict-item]
    }
    spoken = alternative.replace("*", "")  # the sentences are Markdown
    st.plotly_chart(Ready(figure), key=key, theme=None, alt=spoken, config=config)
