"""Sections of heavier work: they start when asked, show progress, stop, and keep what is done."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import streamlit as st

from bnviz.experiments.settings import Settings
from bnviz.ui.running import Run, answer

Result = TypeVar("Result")


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
    and going on repeats nothing. This is no fragment: a click inside a running fragment waits for
    its end, and could stop nothing.
    """
    work = "|".join(piece.model_dump_json() for piece in pieces)
    state = st.session_state.setdefault(f"{key}-section", _State())
    st.subheader(title, anchor=False)
    st.markdown(about)
    _buttons(state, work, len(pieces), key)
    picture = st.container()
    with st.container():
        results = [answer(run, piece) for piece in pieces[: state.done(work)]]
        if state.going == work:
            progress = st.empty()
            for piece in pieces[len(results) :]:
                share = f"{len(results)} of {len(pieces)} parts done"
                progress.progress(len(results) / len(pieces), share)
                results.append(answer(run, piece))
                state.finished[work] = len(results)
            state.going = None
            st.rerun()
    if results:
        with picture:
            draw(results)


@dataclass
class _State:
    """One visitor's section: the work under way, and how many pieces of which work are done."""

    going: str | None = None
    finished: dict[str, int] = field(default_factory=dict)

    def done(self, work: str) -> int:
        return self.finished.get(work, 0)


def _buttons(state: _State, work: str, pieces: int, key: str) -> None:
    def go(on: str | None) -> None:
        state.going = on

    done, going = state.done(work), state.going == work
    label = f"Go on ({done} of {pieces} parts done)" if 0 < done < pieces else "Start"
    with st.container(horizontal=True):
        st.button(
            label,
            on_click=go,
            args=(work,),
            key=f"{key}-start",
            icon=":material/play_arrow:",
            disabled=going or done == pieces,
        )
        st.button(
            "Stop",
            on_click=go,
            args=(None,),
            key=f"{key}-stop",
            icon=":material/stop:",
            disabled=not going,
        )
