"""A table of many columns in words: on a phone, each of its rows becomes an entry."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import streamlit as st

from bnviz.ui import gathered
from bnviz.ui.browser import style
from bnviz.ui.prose import notice

_STYLE = style("comparison")


def comparison(head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """A table whose rows are named by their first cells. What is in it may be any text.

    It never scrolls sideways: where it does not fit, a row stands as a list of "column: cell".
    """
    for row in rows:
        notice(" ".join(row))
    gathered.put(gathered.Table(head, rows))
    st.html(_STYLE + as_html(head, rows))


def as_html(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """The roles are written out, for a browser forgets them with another display."""
    columns = "".join(f'<th role="columnheader" scope="col">{escape(name)}</th>' for name in head)
    entries = []
    for name, *cells in rows:
        told = "".join(
            f'<td role="cell" data-column="{escape(column)}">{escape(cell)}</td>'
            for column, cell in zip(head[1:], cells, strict=True)
        )
        first = f'<th role="rowheader" scope="row">{escape(name)}</th>'
        entries.append(f'<tr role="row">{first}{told}</tr>')
    return (
        '<table class="bnviz-comparison" role="table">'
        f'<thead role="rowgroup"><tr role="row">{columns}</tr></thead>'
        f'<tbody role="rowgroup">{"".join(entries)}</tbody></table>'
    )
