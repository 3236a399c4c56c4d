"""A table that the reader can type into, in the link.

The link is the one truth: the editor starts from it, and what is typed goes into it as soon as
every cell is a number. Until then the cells stay as they were typed, with a sentence below, and
the pictures show the last table that could be read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2s
from typing import Any, TypeVar

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from bnviz.experiments.minibatch import ByHand
from bnviz.experiments.typed import (
    COLUMNS,
    ROWS,
    Table,
    TableError,
    cells_of,
    checked,
    exact,
    read,
    write,
)
from bnviz.ui import gathered, lock, own, take_home
from bnviz.ui.knobs import name_in_link, run_again, take_number
from bnviz.ui.mishaps import safe
from bnviz.ui.prose import warn

Config = TypeVar("Config", bound=ByHand)
Cells = list[list[str]]
HEIGHT = 252  # of a table, at most: as tall as the picture beside it

ABOUT = (
    f"Up to {ROWS} rows. Paste columns from a spreadsheet, a list or an array as Python, NumPy and"
    " torch print it, or type rows on lines of their own, with blanks or tabs between the numbers."
    " A number has a decimal point, and all of its digits count, up to what 64 bits hold. What"
    " could be read is then written as it stands in the link."
)


@dataclass
class _State:
    """One visitor's table: what the editor started from, and what the link said last."""

    source: str  # the ready-made table it belongs to
    text: str
    base: Cells
    editor: int = 0  # a fresh editor for each new base


def typed(config: Config, lesson: str, ready: Table, names: Sequence[str]) -> Config:
    """Show the table below the ready-made one, and return the config with what was typed.

    `names` are those of the columns. Choosing another ready-made table forgets what was typed.
    Beside it, folded away: the table as text, and numbers of each feature.
    """
    shown = st.container()
    beside = st.container(horizontal=True, gap="xsmall", key=f"named-{lesson}-table")
    folded = beside.popover("As text", icon=":material/content_paste:")
    with shown:
        text = _edited(type(config), lesson, config.source, ready, names, folded)
    changed = type(config)(**config.model_dump() | {"table": text})
    whole = own.typed(changed, lesson, beside)
    take_home.offer(lesson, whole)
    return whole


def _edited(
    config: type[ByHand],
    lesson: str,
    source: str,
    ready: Table,
    names: Sequence[str],
    folded: DeltaGenerator,
) -> str:
    """The text of the table; "" while it is the ready-made one."""
    key = name_in_link(lesson, "table")
    state: _State | None = st.session_state.get(f"{key}-state")
    if state is not None and state.source != source:
        st.session_state[key] = ""
    editor, complaint = st.container(), st.container()
    typing = "" if lock.holds(lesson, "table") else " Type into any cell; the last row adds one."
    editor.caption(f"A row is a sample.{typing}")
    text = _in_the_link(lesson, key)
    with folded:
        _as_text(config, key, text, ready, lock.holds(lesson, "table"))
    table, wrong = _table(config, text, ready)
    if wrong:
        with complaint:
            warn(f"{wrong} Taken instead: “{source}”.", ":material/table:")
    if state is None or state.source != source or state.text != text:
        number = state.editor + 1 if state else 0
        state = _State(source, text, cells_of(table), number)
        st.session_state[f"{key}-state"] = state
    columns = len(state.base[0])
    shown = names if columns == ready.shape[1] and columns else named(columns)
    with editor:
        unfinished = _editor(config, key, state, shown, ready, folded, lock.holds(lesson, "table"))
    if unfinished:
        waiting = "The pictures wait for it and show the last table without a gap."
        with complaint:
            warn(f"{unfinished} {waiting}", ":material/edit:")
    return "" if wrong else text


def _in_the_link(lesson: str, key: str) -> str:
    """The text of the link, which a field keeps that nobody sees.

    A field that is folded away is not told of new values, and its old one would come back with
    the next click: so the one that is seen is another one for each text.
    """
    with st.container(key=f"unseen-{key}"):
        text = st.text_input("The table in the link", key=key, bind="query-params")
    return lock.noted(lesson, "table", text or "")


def _as_text(config: type[ByHand], key: str, text: str, ready: Table, locked: bool) -> None:
    field = f"{key}-text-{blake2s(text.encode(), digest_size=6).hexdigest()}"

    def rewrite() -> None:
        st.session_state[key] = _rewritten(config, st.session_state[field] or "", ready)

    st.text_area(
        "The table as text", text, key=field, help=ABOUT, on_change=safe(rewrite), disabled=locked
    )


def _rewritten(config: type[ByHand], text: str, ready: Table) -> str:
    """What was pasted, as it stands in a link, if it can be read."""
    try:
        return _in_link(config.fits(read(text)), ready)
    except TableError:
        return text


def _in_link(table: Table, ready: Table) -> str:
    """ "": it is the ready-made one."""
    return "" if table.shape == ready.shape and (table == ready).all() else write(table)


def named(columns: int) -> list[str]:
    """x1, x2 …"""
    return [f"x{place + 1}" for place in range(columns)]


def _table(config: type[ByHand], text: str, ready: Table) -> tuple[Table, str]:
    """The table of the link, and what is wrong with it; then the ready-made one."""
    if not text:
        return ready, ""
    try:
        return config.fits(read(text)), ""
    except TableError as refused:
        return ready, f"The table in the link cannot be used. {refused}"


def _editor(
    config: type[ByHand],
    key: str,
    state: _State,
    names: Sequence[str],
    ready: Table,
    folded: DeltaGenerator,
    locked: bool,
) -> str:
    """The cells, and `folded` away how many columns; what is still wrong with them, or ""."""
    widget = f"{key}-editor-{state.editor}"
    low, high = config.COLUMNS

    def typed() -> None:
        _keep(config, key, applied(state.base, st.session_state[widget], names), ready, names)

    def resize(change: int) -> None:
        cells = _now(state, widget, names)
        _keep(config, key, widened(cells) if change > 0 else [r[:-1] for r in cells], ready, ())

    st.data_editor(
        {name: [row[place] for row in state.base] for place, name in enumerate(names)},
        column_config={
            name: st.column_config.TextColumn(name, alignment="right", width="small")
            for name in names
        },
        num_rows="dynamic",
        height=min(HEIGHT, 37 + 35 * (len(state.base) + 1)),
        key=widget,
        on_change=safe(typed),
        placeholder="",
        disabled=locked,
        alt=f"The mini-batch: {len(state.base)} rows of {', '.join(names)}."
        f"{'' if locked else ' Editable.'}",
    )
    if low < high:
        with folded, st.container(horizontal=True):
            st.button(
                "+ feature", on_click=safe(resize), args=(1,), key=f"{key}-wider",
                disabled=locked or len(names) >= high,
            )  # fmt: skip
            st.button(
                "− feature", on_click=safe(resize), args=(-1,), key=f"{key}-narrower",
                disabled=locked or len(names) <= low,
            )  # fmt: skip
    try:
        checked(_now(state, widget, names), names)
    except TableError as refused:
        return str(refused)
    return ""


def _now(state: _State, widget: str, names: Sequence[str]) -> Cells:
    return applied(state.base, st.session_state.get(widget, {}), names)


def _keep(config: type[ByHand], key: str, cells: Cells, ready: Table, names: Sequence[str]) -> None:
    """Put the cells into the link, if all of them are numbers.

    Where one has more digits than 64 bits hold, a new editor shows what is computed with.
    """
    try:
        table = config.fits(checked(cells, names))
    except TableError:
        return
    text = _in_link(table, ready)
    state: _State = st.session_state[f"{key}-state"]
    if names and all(exact(cell) for row in cells for cell in row):
        # typed into the editor, which goes on from here; a new width needs a new one
        state.text = text
    st.session_state[key] = text


def applied(base: Cells, edits: Mapping[str, Any], names: Sequence[str]) -> Cells:
    """The base with what st.data_editor has in its state: edited, added and deleted rows."""
    cells = [list(row) for row in base]
    for place, change in edits.get("edited_rows", {}).items():
        for name, value in change.items():
            if int(place) < len(cells) and name in names:
                cells[int(place)][names.index(name)] = _text(value)
    gone = {int(place) for place in edits.get("deleted_rows", [])}
    cells = [row for place, row in enumerate(cells) if place not in gone]
    for row in edits.get("added_rows", []):
        cells.append([_text(row.get(name)) for name in names])
    return cells


def _text(value: object) -> str:
    return "" if value is None else str(value)


def widened(cells: Cells) -> Cells:
    """With one feature more: 1, 2, 3 … down the rows."""
    widest = max(len(row) for row in cells) if cells else 0
    if widest >= COLUMNS:
        return cells
    return [[*row, str(place)] for place, row in enumerate(cells, start=1)]


def row(lesson: str, rows: int) -> int:
    """Which row's numbers to show, from 1."""
    options = list(range(1, rows + 1))
    key = name_in_link(lesson, "row")
    if take_number(key, {str(one): one for one in options}):
        run_again()
    if st.session_state.get(key, 1) not in options:  # of a longer table
        st.session_state[key] = 1
    label = "Show the numbers of row"
    chosen = st.selectbox(label, options, key=key, bind="query-params", width=200)
    gathered.view(label, chosen, chosen != options[0])
    return chosen


def feature(lesson: str, names: Sequence[str]) -> int:
    """Which feature to draw, from 0."""
    key = name_in_link(lesson, "feature")
    options = list(range(1, len(names) + 1))
    if st.session_state.get(key, 1) not in options:
        st.session_state[key] = 1
    chosen = st.segmented_control(
        "Draw",
        options,
        default=1,
        format_func=lambda place: names[place - 1],
        key=key,
        bind="query-params",
        required=True,
    )
    place = (chosen or 1) - 1  # as in knobs.one_of
    gathered.view("Draw", names[place], place > 0)
    return place
