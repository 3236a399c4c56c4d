"""A reader's own data: a place for the file, and what was understood of it.

It is in the session alone, one for all lessons that take it. The link says that a page shows
somebody's own data; who opens it is asked for the file.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import streamlit as st
from pydantic import BaseModel
from streamlit.delta_generator import DeltaGenerator

from bnviz.experiments.data_knobs import DRAWN, OWN, POINTS
from bnviz.experiments.own_data import CLASSES, Own, likely_class, understood
from bnviz.experiments.own_file import COLUMNS, MEGABYTES, ROWS, OwnDataError, Sheet, headed, read
from bnviz.experiments.quoting import printed
from bnviz.ui import drawn_points
from bnviz.ui.mishaps import safe
from bnviz.ui.prose import tell, warn
from bnviz.words import own_data as words

STATE = "bnviz-own-data"  # in the session
PASTED = 200_000  # characters of a text that is pasted: a field sends all of it at every click
PREVIEW = 5  # rows
CELL = 30  # characters of a cell that are shown
ICON = ":material/upload_file:"


@dataclass
class _State:
    """One visitor's data: the file that was read last, and what it gave."""

    sheet: Sheet | None = None
    label: int = 0  # the place of the column of the class
    own: Own | None = None  # None: nothing that can be used
    wrong: str = ""  # why the last file, or column, could not be used
    number: int = 0  # of files: another one has fields of its own


def settled(
    config: type[BaseModel], lesson: str, chosen: dict[str, Any], place: DeltaGenerator
) -> dict[str, Any]:
    """The chosen knobs, with the reader's own samples, or points, where “Data” asks for them.

    place: where to ask for them. Until there is a file, the data set is the lesson's usual one.
    """
    if chosen.get("dataset") == DRAWN:
        return chosen | {POINTS: drawn_points.points(lesson, place)}
    if chosen.get("dataset") != OWN:
        return chosen
    state: _State = st.session_state.setdefault(STATE, _State())
    usual = config.model_fields["dataset"].default
    with place:
        _ask(lesson, state, usual)
    if state.own is None:
        return chosen | {"dataset": usual}
    return chosen | {"own_data": state.own.samples}


def _ask(lesson: str, state: _State, usual: str) -> None:
    complaint = st.container()
    if state.sheet is None:
        with complaint:
            warn(state.wrong or words.MISSING.format(instead=usual), ICON)
        with st.expander(words.PLACE, expanded=True, icon=ICON):
            _fields(lesson, state)
        return
    with st.container(horizontal=True, vertical_alignment="bottom", key=f"named-{lesson}-own"):
        _column(lesson, state, state.sheet)
        if state.own is not None:
            tell(words.told(state.own.understood))
    with st.expander(words.FILE, icon=ICON):
        _header(lesson, state, state.sheet)
        st.caption(words.PREVIEW)
        st.dataframe(preview(state.sheet), hide_index=True)
        _fields(lesson, state)
    if state.wrong:
        until = words.UNUSABLE.format(instead=usual) if state.own is None else ""
        with complaint:
            warn(f"{state.wrong} {until}".strip(), ICON)


def _column(lesson: str, state: _State, sheet: Sheet) -> None:
    """Which column is the class."""
    key = f"{lesson}-own-label-{state.number}"
    st.selectbox(
        words.LABEL,
        range(len(sheet.names)),
        index=state.label,
        format_func=lambda place: f"{place + 1}. {printed(sheet.names[place])[:CELL]}",
        key=key,
        on_change=safe(lambda: _use(state, sheet, st.session_state[key])),
        width=260,
    )


def _header(lesson: str, state: _State, sheet: Sheet) -> None:
    """Whether the first row has names: guessed, until somebody says it."""
    key = f"{lesson}-own-header-{state.number}"
    st.toggle(
        words.HEADER,
        value=sheet.header,
        key=key,
        on_change=safe(lambda: _rename(state, sheet, st.session_state[key])),
    )


def _fields(lesson: str, state: _State) -> None:
    """Where a file, or its text, is given."""
    file, text = (f"{lesson}-own-{kind}-{state.number}" for kind in ("file", "text"))
    st.caption(words.ABOUT.format(rows=f"{ROWS:,}", columns=COLUMNS, classes=CLASSES))
    st.file_uploader(
        words.UPLOAD.format(megabytes=MEGABYTES),
        key=file,
        max_upload_size=MEGABYTES,
        on_change=safe(_take_file),
        args=(state, file),
    )
    st.text_area(words.PASTED, key=text, max_chars=PASTED, height=100)
    st.button(
        words.TAKE,
        key=f"{lesson}-own-take-{state.number}",
        icon=":material/content_paste:",
        on_click=safe(_take_text),
        args=(state, text),
    )


def _take_file(state: _State, key: str) -> None:
    given = st.session_state[key]
    if given is not None:  # it was not taken away
        _take(state, given.getvalue())


def _take_text(state: _State, key: str) -> None:
    text = str(st.session_state[key] or "")
    _take(state, text[:PASTED].encode("utf-8", "replace"))


def _take(state: _State, given: bytes) -> None:
    """Read what is given; what was there before counts on, if it cannot be read."""
    try:
        sheet = read(given)
    except OwnDataError as refused:
        before = state.own is not None
        state.wrong = words.NOT_TAKEN.format(why=refused) if before else str(refused)
        return
    state.sheet, state.number = sheet, state.number + 1
    _use(state, sheet, likely_class(sheet))


def _rename(state: _State, sheet: Sheet, header: bool) -> None:
    """The same file, with its first row as names or as a sample."""
    try:
        state.sheet = headed(sheet, header)
    except OwnDataError as refused:
        state.own, state.wrong = None, str(refused)
        return
    _use(state, state.sheet, state.label)


def _use(state: _State, sheet: Sheet, label: int) -> None:
    """Make samples of the file, with its class in this column."""
    state.label, state.own, state.wrong = label, None, ""
    try:
        state.own = understood(sheet, label)
    except OwnDataError as refused:
        state.wrong = str(refused)


def preview(sheet: Sheet) -> dict[str, list[str]]:
    """The first rows, by the name of the column; no two are called alike."""
    rows = sheet.cells.iloc[:PREVIEW]
    return {
        f"{place + 1}. {printed(name)[:CELL]}": [printed(one)[:CELL] for one in rows.iloc[:, place]]
        for place, name in enumerate(sheet.names)
    }
