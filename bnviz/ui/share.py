"""A button that copies the page's address, which holds every knob."""

from __future__ import annotations

import streamlit as st

_JS = """
export default function ({ parentElement }) {
  const button = parentElement.querySelector("button");
  const said = parentElement.querySelector("[role=status]");
  const say = (word, aloud) => { button.textContent = word; said.textContent = aloud; };
  button.onclick = async () => {
    const written = navigator.clipboard?.writeText(location.href);
    if (await written?.then(() => true, () => false) || selectedAndCopied(location.href)) {
      say("Link copied", "Link copied");
      setTimeout(() => say("Copy link", ""), 2500);
    } else {
      window.prompt("Copy this link:", location.href);
    }
  };
}

// Without https there is no navigator.clipboard: a classroom's address is plain http.
function selectedAndCopied(text) {
  const area = document.createElement("textarea"), before = document.activeElement;
  area.value = text;
  area.style.position = "fixed";
  document.body.append(area);
  area.select();
  const copied = document.execCommand("copy");
  area.remove();
  before?.focus();
  return copied;
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
[role=status] { position: absolute; clip-path: inset(50%); width: 1px; height: 1px; }
button:focus-visible { outline: 2px solid var(--st-primary-color); outline-offset: 2px; }
"""
_HTML = '<button type="button">Copy link</button><span role="status"></span>'
_mount = st.components.v2.component("bnviz.share", html=_HTML, css=_CSS, js=_JS)


def copy_link(lesson: str) -> None:
    """Show the button; the opened link gives the same figures in a fresh session."""
    _mount(key=f"{lesson}-copy-link", width="content", height="content")
