"""A button that copies the page's address, which holds every knob."""

from __future__ import annotations

import streamlit as st

_JS = """
export default function ({ parentElement }) {
  const button = parentElement.querySelector("button");
  button.onclick = async () => {
    try {
      await navigator.clipboard.writeText(window.location.href);
      button.textContent = "Link copied";
    } catch {
      // Without https or leave to use the clipboard, the reader copies it by hand.
      window.prompt("Copy this link:", window.location.href);
    }
    setTimeout(() => { button.textContent = "Copy link"; }, 2000);
  };
}
"""
_CSS = """
button {
  font: inherit; font-size: 0.9rem; padding: 0.25rem 0.75rem; min-height: 2.5rem; cursor: pointer;
  color: var(--st-text-color); background: var(--st-background-color);
  border: 1px solid var(--st-border-color); border-radius: var(--st-button-radius, 0.5rem);
}
button:hover, button:focus-visible {
  color: var(--st-primary-color); border-color: var(--st-primary-color);
}
button:focus-visible { outline: 2px solid var(--st-primary-color); outline-offset: 2px; }
"""
_mount = st.components.v2.component(
    "bnviz.share", html='<button type="button">Copy link</button>', css=_CSS, js=_JS
)


def copy_link(lesson: str) -> None:
    """Show the button; the opened link gives the same figures in a fresh session."""
    _mount(key=f"{lesson}-copy-link", width="content", height="content")
