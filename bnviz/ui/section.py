"""Heavier work in pieces, kept as they are done: sections start when asked, `growing` at once."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

import streamlit as st

from bnviz.experiments.settings import Settings
from bnviz.ui import stage
from bnviz.ui.answers import Run, answer
from bnviz.ui.knobs import run_again
from bnviz.ui.mishaps import safe
from bnviz.ui.prose import notice, remark, say

Result = TypeVar("Result")

AT_ONCE = 0.6  # seconds of work between two pictures that grow
ROOM = 76  # pixels for the progress of what grows, so that nothing below it moves


def section(
    title: str | None,
    about: str,
    run: Run[Any, Result],
    pieces: Sequence[Settings],
    draw: Callable[[list[Result]], object],
    key: str,
) -> None:
    """Run the `pieces` one after another once the reader starts them, and `draw` what is there.

    title: a question; None where it stands in a closed section, whose title asks already.
    about: a sentence in Markdown on what will be computed.
    run, pieces: each piece is answered by itself, as `answer` does; NoAnswerError as there.
    draw: called with the results there are, in the order of the pieces, whenever there are more.
    key: of its own on the page.

    Each piece is cached by its own config, so that stopping loses at most the piece under way,
    and going on repeats nothing. This is no fragment: a click inside a running fragment waits for
    its end, and could stop nothing.
    """
    work = "|".join(piece.model_dump_json() for piece in pieces)
    stage.waits()
    state = st.session_state.setdefault(f"{key}-section", _State())
    if title is not None:
        st.subheader(title, anchor=False)
        notice(title)
    say(about, kept=bool(state.done(work)))  # what is still to start is nothing to take home
    _buttons(state, work, len(pieces), key)
    picture = st.container()
    with st.container():
        results = [answer(run, piece) for piece in pieces[: state.done(work)]]
        if state.going == work:
            progress = st.empty()
            for piece in pieces[len(results) :]:
                share = f"{len(results)} of {len(pieces)} parts done"
                progress.progress(len(results) / len(pieces), share)
                results.append(answer(run, piece, patient=True))
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
    stopped: str | None = None  # of what goes by itself
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
            on_click=safe(go),
            args=(work,),
            key=f"{key}-start",
            icon=":material/play_arrow:",
            disabled=going or done == pieces,
        )
        st.button(
            "Stop",
            on_click=safe(go),
            args=(None,),
            key=f"{key}-stop",
            icon=":material/stop:",
            disabled=not going,
        )


class Growing(Generic[Result]):
    """A picture that is there at once, coarse, and grows by itself, piece by piece.

    Made where its progress stands on the page; the page is then drawn with `results`, whole, and
    what it ends with is `go_on`, which computes what comes next and draws the page again. So every
    element is drawn once in a run of the page, and those that did not change stay as they are.
    Each piece is cached by its own config: any click on the way loses at most the piece under way.
    """

    def __init__(self, run: Run[Any, Result], pieces: Sequence[Settings], key: str) -> None:
        self._run, self._pieces = run, pieces
        self._work = "|".join(piece.model_dump_json() for piece in pieces)
        self._state: _State = st.session_state.setdefault(f"{key}-growing", _State())
        self.results: list[Result] = []
        with st.container(horizontal=True, vertical_alignment="center"):
            beside = st.container(width="content", horizontal=True, vertical_alignment="center")
            self._place = st.container(height=ROOM, border=False)
        with self._place:
            known = self._state.done(self._work)
            self.results += [answer(run, piece) for piece in pieces[:known]]
            if not known:
                self._compute()
        with beside:
            self._button(key)
            remark(f"{len(self.results)} of {len(pieces)} parts done")

    @property
    def unfinished(self) -> bool:
        return len(self.results) < len(self._pieces)

    def go_on(self) -> None:
        """Compute what comes next and run the page again, unless all is done or stopped."""
        if self.unfinished and self._state.stopped != self._work:
            with self._place:
                self._compute()
            run_again()

    def _compute(self) -> None:
        """The next piece, and as many more as are quickly there, perhaps because they are known."""
        late = time.monotonic() + AT_ONCE
        while True:
            piece = self._pieces[len(self.results)]
            self.results.append(answer(self._run, piece, patient=bool(self.results)))
            self._state.finished[self._work] = len(self.results)
            if not self.unfinished or time.monotonic() > late:
                break

    def _button(self, key: str) -> None:
        work = self._work
        stopped = self._state.stopped == work

        def stop_or_go() -> None:
            self._state.stopped = None if stopped else work

        st.button(
            "Go on" if stopped else "Stop",
            on_click=safe(stop_or_go),
            key=f"{key}-stop",
            icon=":material/play_arrow:" if stopped else ":material/stop:",
            disabled=not self.unfinished,
        )
