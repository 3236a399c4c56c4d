"""A table of many columns in words: on a phone, each of its rows becomes an entry."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import streamlit as st

from bnviz.ui.prose import notice

_STYLE = """
<style>
.bnviz-comparison { width: 100%; border-collapse: collapse; line-height: 1.45; }
.bnviz-comparison :is(th, td) { padding: 0.5rem 1rem 0.5rem 0; text-align: left; font-weight: 400;
  vertical-align: top; border-bottom: 1px solid color-mix(in srgb, currentColor 20%, transparent); }
.bnviz-comparison th { font-weight: 600; }
@media (max-width: 640px) {
  .bnviz-comparison :is(table, tbody, tr, th, td) { display: block; padding: 0; border: 0; }
  .bnviz-comparison thead { position: absolute; width: 1px; height: 1px; overflow: hidden;
    clip-path: inset(50%); }
  .bnviz-comparison tr { padding: 0.5rem 0; }
  .bnviz-comparison td::before { content: attr(data-column) ": "; opacity: 0.8; }
}
</style>
"""


def comparison(head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """A table whose rows are named by their first cells. What is in it may be any text.

    It never scrolls sideways: where it does not fit, a row stands as a list of "column: cell".
    """
    for row in rows:
        notice(" ".join(row))
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
