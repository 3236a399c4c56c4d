"""The class board: how the runs of a whole class spread, below the list of kept runs."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from bnviz.experiments import class_board
from bnviz.experiments.class_board import EndResult, Work
from bnviz.experiments.kept import Kept
from bnviz.figures import Figure
from bnviz.figures import class_board as pictures
from bnviz.ui import gathered, options, stage
from bnviz.ui.closer import closer
from bnviz.ui.knobs import name_in_link
from bnviz.ui.mishaps import safe
from bnviz.ui.prose import say, tell, warn
from bnviz.ui.section import section
from bnviz.ui.show import show, theme
from bnviz.verdicts.class_board import BoardVerdict, judge
from bnviz.words import class_board as words
from bnviz.words import lab
from bnviz.words.comma_separated import comma_separated

LESSON, NAME = "lab", "board"
BY = name_in_link(LESSON, "by")  # in the address, as long as it is not the usual choice
CHOSEN = f"{BY}-chosen"
ROWS = 20  # runs that have a row each in the picture by name; more are stacked


def board(kept: Sequence[Kept]) -> None:
    """The closed section: every run that is shown is trained on request, for its end alone."""
    st.session_state.setdefault(BY, st.query_params.get(BY, "")[: stage.LONGEST])
    with st.container(key="class-board"), closer(LESSON, NAME, lab.CLOSER[NAME]) as opened:
        if opened and any(one.shown for one in kept):
            _computed(class_board.work(kept))
        elif opened and stage.asked():
            stage.waits()
            warn(words.NEEDS, ":material/bookmark_add:")
        elif opened:
            say(words.EMPTY)


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
        said, figure = words.differing(verdict), _by_name(verdict, told)
    else:
        said = words.along(verdict, verdict.along[by])
        figure = pictures.by_setting(verdict, verdict.along[by], told, theme())
    tell(said)
    show(figure, f"{words.spread(verdict)} {said}", f"{LESSON}-{NAME}-{by}")
    alone = {stage.FIGURE: NAME, "present": "1"}
    st.html(stage.turn(words.ALONE, words.ALONE_ABOUT, options.kept(), alone))
    if by == words.BY_NAME and verdict.runs > ROWS:
        named = words.named(verdict)
        rows = [[*map(str, row)] for row in zip(*named.values(), strict=True)]
        gathered.put(gathered.Table([*named], rows))
        st.dataframe(named, hide_index=True, height=240, key=f"{LESSON}-{NAME}-names")
    st.download_button(
        "The board as CSV",
        comma_separated(words.rows(verdict)),
        "bnviz-class-board.csv",
        "text/csv",
        key=f"{LESSON}-{NAME}-csv",
        icon=":material/download:",
        on_click="ignore",
    )


def _by_name(verdict: BoardVerdict, told: Sequence[str]) -> Figure:
    if verdict.runs > ROWS:
        return pictures.stacked(verdict, told, theme())
    names = [words.numbered(one) for one in verdict.students]
    return pictures.by_name(verdict, names, told, theme())


def _by(verdict: BoardVerdict) -> str:
    """By what the runs are drawn: their names, or a knob in which they differ."""
    options = [words.BY_NAME, *verdict.along]
    usual = options[1] if len(verdict.along) == 1 else options[0]
    if st.session_state.get(CHOSEN) not in options:
        asked = st.session_state[BY]
        st.session_state[CHOSEN] = asked if asked in options else usual
    chosen: str = st.selectbox(
        "Draw the runs by", options, key=CHOSEN, width=280,
        on_change=safe(lambda: _note(st.session_state[CHOSEN], usual)),
    )  # fmt: skip
    gathered.view("Draw the runs by", chosen, chosen != usual)
    return chosen


def _note(chosen: str, usual: str) -> None:
    """Into the address, which is read once in a session."""
    st.session_state[BY] = chosen
    if chosen != usual:
        st.query_params[BY] = chosen
    elif BY in st.query_params:
        del st.query_params[BY]
