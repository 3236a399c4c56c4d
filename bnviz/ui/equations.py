"""Equations with their numbers, in a grid."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import streamlit as st

from bnviz.ui import gathered
from bnviz.ui.prose import anew

ACROSS = 2  # in a row; one below the other on a phone


class Equation(Protocol):
    """A title, the formula, also without any setting, and what is said below it."""

    @property
    def title(self) -> str: ...
    @property
    def latex(self) -> str: ...
    @property
    def written(self) -> str: ...
    def told(self) -> str: ...


def equations(some: Sequence[Equation]) -> None:
    """Show them in reading order."""
    for start in range(0, len(some), ACROSS):
        for column, one in zip(st.columns(ACROSS), some[start : start + ACROSS], strict=False):
            with column, st.container(border=True):
                taken = "\n\n".join((f"**{one.title}**", one.written, one.told()))
                gathered.put(gathered.Text(taken))
                st.markdown(f"**{one.title}**")
                # not st.latex, whose box scrolls, and cannot be reached by keyboard
                st.markdown(rf"$\displaystyle {one.latex}$")
                with anew(one.told()):
                    st.markdown(one.told())
