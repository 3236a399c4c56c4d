"""Small tables and code in a section, which go home with their page, see gathered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from bnviz.ui import gathered


def table(columns: Mapping[str, Sequence[str]]) -> None:
    """Computed numbers, by the heads of their columns."""
    gathered.put(gathered.Table([*columns], [*zip(*columns.values(), strict=True)]))
    st.table(columns)


def code(text: str) -> None:
    """Lines to copy, with a button that does so."""
    gathered.put(gathered.Code(text))
    st.code(text, language=None, wrap_lines=True)
