"""Sections of heavier work: they start when asked, show progress, stop, and keep what is done."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import streamlit as st

from bnviz.experiments.settings import Settings
from bnviz.ui.running import Run, answer

Result = TypeVar("Result")


@st.fragment
def section(
    title: str,
    about: str,
    run: Run[Any, Result],
    pieces: Sequence[Settings],
    draw: Callable[[list[Result]], object],
    key: str,
) -> None:
    """Run the `pieces` one after another once the reader starts them, and `draw` what is there.

    Each piece is cached by its own config, so that stopping loses at most the piece under way,
    and going on repeats nothing.
    """
    work = "|".join(piece.model_dump_json() for piece in pieces)
    state = st.session_state.setdefault(f"{key}-section", {"work": work, "done": 0, "going": False})
    if state["work"] != work:
        state.update(work=work, done=0, going=False)
    st.subheader(title, anchor=False)
    st.markdown(about)
    _buttons(state, len(pieces), key)
    picture = st.container()
    results = [answer(run, piece) for piece in pieces[: state["done"]]]
    if state["going"] and state["done"] < len(pieces):
        progress = st.progress(state["done"] / len(pieces))
        for piece in pieces[state["done"] :]:
            progress.progress(
                state["done"] / len(pieces), f"{state['done']} of {len(pieces)} parts done"
            )
            results.append(answer(run, piece))
            state["done"] += 1
        state["going"] = False
        progress.empty()
        st.rerun(scope="fragment")
    if results:
        with picture:
            draw(results)


def _buttons(state: dict[str, Any], pieces: int, key: str) -> None:
    def go(going: bool) -> None:
        state["going"] = going

    if state["going"]:
        st.button("Stop", on_click=go, args=(False,), key=f"{key}-stop", icon=":material/stop:")
    elif state["done"] < pieces:
        label = "Start" if state["done"] == 0 else f"Go on ({state['done']} of {pieces} parts done)"
        st.button(
            label, on_click=go, args=(True,), key=f"{key}-start", icon=":material/play_arrow:"
        )
