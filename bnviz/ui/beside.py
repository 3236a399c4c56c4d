"""Figures beside one another, and a figure below its sentence."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from bnviz.figures import Figure
from bnviz.ui import gathered
from bnviz.ui.prose import tell
from bnviz.ui.show import show


def beside(
    one: Figure,
    other: Figure,
    names: tuple[str, str],
    said: str,
    key: str,
    chosen: Callable[[list[Any]], None] | None = None,
) -> None:
    """Two figures in a row, one below the other on a phone; in words: its name and what is said.

    A click calls `chosen`, see show.
    """
    with gathered.row():
        for column, figure, name in zip(st.columns(2), (one, other), names, strict=True):
            with column:
                show(figure, f"{name}. {said}", f"{key}-{name}", chosen)


def in_a_row(
    figures: Mapping[str, Figure], said: str, key: str, chosen: Callable[[list[Any]], None]
) -> None:
    """Any number of figures by name, in a row or one below the other; a click calls `chosen`."""
    columns = st.columns(len(figures))
    with gathered.row():
        for place, (name, figure) in enumerate(figures.items()):
            with columns[place]:
                show(figure, f"{name}. {said}", f"{key}-{place}", chosen)


def told(said: str, figure: Figure, key: str) -> None:
    """A figure below the sentence that says what it shows; one that moves, at the clock's end."""
    tell(said, key if follows(figure) else "")
    show(figure, said, key)


def both_told(
    said: str,
    one: Figure,
    other: Figure,
    names: tuple[str, str],
    key: str,
    chosen: Callable[[list[Any]], None] | None = None,
) -> None:
    """Two figures in a row below the sentence that says what they show; as beside and told."""
    tell(said, key if follows(one) or follows(other) else "")
    beside(one, other, names, said, key, chosen)


def follows(figure: Figure) -> bool:
    """Whether it shows the step of the clock, and not what another run has ended with."""
    return bool(figure.get("frames"))
