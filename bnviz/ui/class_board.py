"""The class board: how the runs of a whole class spread, below the list of kept runs."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from bnviz.experiments import class_board
from bnviz.experiments.class_board import EndResult, Work
from bnviz.experiments.kept import Kept
from bnviz.figures import class_board as pictures
from bnviz.ui.closer import closer
from bnviz.ui.knobs import name_in_link
from bnviz.ui.prose import say, tell, warn
from bnviz.ui.section import section
from bnviz.ui.show import show, theme
from bnviz.verdicts.class_board import BoardVerdict, judge
from bnviz.words import class_board as words
from bnviz.words import lab
from bnviz.words.comma_separated import comma_separated

LESSON, NAME = "lab", "board"
BY = name_in_link(LESSON, "by")


def board(kept: Sequence[Kept]) -> None:
    """The closed section: every run that is shown is trained on request, for its end alone."""
    with closer(LESSON, NAME, lab.CLOSER[NAME]) as opened:
        if not opened:
            return
        if not any(one.shown for one in kept):
            say(words.EMPTY)
            return
        _computed(class_board.work(kept))


def _computed(work: Work) -> None:
    with st.container():
        if work.left_out:
            warn(words.left_out(work.left_out), ":material/timer:")
        short = [piece.number for piece in work.pieces if piece.shortened]
        if short:
            warn(words.shortened(short), ":material/timer:")
    section(
        None,
        words.ABOUT,
        class_board.run,
        [piece.config for piece in work.pieces],
        lambda results: _draw(work, results),
        f"{LESSON}-{NAME}",
    )


def _draw(work: Work, results: list[EndResult]) -> None:
    """The spread, in words, as a picture, and as a file."""
    verdict = judge(work.entries(results))
    tell(words.spread(verdict))
    by = _by(verdict)
    told = [words.told(one) for one in verdict.students]
    if by == words.BY_NAME:
        said = words.differing(verdict)
        names = [words.numbered(one) for one in verdict.students]
        figure = pictures.by_name(verdict, names, told, theme())
    else:
        said = words.along(verdict, verdict.along[by])
        figure = pictures.by_setting(verdict, verdict.along[by], told, theme())
    tell(said)
    show(figure, f"{words.spread(verdict)} {said}", f"{LESSON}-{NAME}-{by}")
    st.download_button(
        "The board as CSV",
        comma_separated(words.rows(verdict)),
        "bnviz-class-board.csv",
        "text/csv",
        key=f"{LESSON}-{NAME}-csv",
        icon=":material/download:",
        on_click="ignore",
    )


def _by(verdict: BoardVerdict) -> str:
    """By what the runs are drawn: their names, or a knob in which they differ."""
    options = [words.BY_NAME, *verdict.along]
    first = 1 if len(verdict.along) == 1 else 0
    if st.session_state.get(BY) not in options:
        st.session_state.pop(BY, None)
    chosen: str = st.selectbox("Draw the runs by", options, index=first, key=BY, width=280)
    return chosen
