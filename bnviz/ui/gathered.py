"""What a run of a page has shown so far, in its order: what may be taken home as one file.

Figures are shared by all who look at them, so that what is gathered takes next to no room.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from bnviz.figures import Figure

if TYPE_CHECKING:
    from bnviz.ui.setting_table import Setting


@dataclass(frozen=True)
class Picture:
    """A figure, and what it shows in words."""

    figure: Figure
    alternative: str
    key: str  # of its own on the page
    row: int = 0  # those of the same row stand beside one another; 0: in none


@dataclass(frozen=True)
class Part:
    """The top of a page, or an open section: its pictures, and what is said of them, in order."""

    title: str = ""  # in Markdown, as what is said
    shown: list[str | Picture] = field(default_factory=list)


@dataclass
class Gathered:
    """One run of a page."""

    lesson: str
    parts: list[Part] = field(default_factory=lambda: [Part()])
    clock: dict[str, Any] = field(default_factory=dict)  # as the browser is told; {}: there is none
    knobs: type[BaseModel] | None = None  # whose knobs stand on the page
    setting: Setting | None = None  # once the page stands
    rows: int = 0
    row: int = 0  # the one that is being filled

    @property
    def top(self) -> bool:
        """Whether no section was opened yet, from the top of the page."""
        return len(self.parts) == 1


_GATHERED: ContextVar[Gathered | None] = ContextVar("bnviz-gathered", default=None)


def begin(lesson: str) -> None:
    """A run of a page begins."""
    _GATHERED.set(Gathered(lesson))


def now() -> Gathered:
    """What this run has shown so far; it goes on to be filled."""
    return _GATHERED.get() or Gathered("")


def knobs(config: type[BaseModel]) -> None:
    """The knobs of this Config stand on the page."""
    now().knobs = config


def section(title: str) -> None:
    """An open section begins."""
    now().parts.append(Part(title))


def said(text: str) -> None:
    """A computed text."""
    now().parts[-1].shown.append(text)


def picture(figure: Figure, alternative: str, key: str) -> None:
    """A figure is shown."""
    here = now()
    here.parts[-1].shown.append(Picture(figure, alternative, key, here.row))


def clock(told: dict[str, Any]) -> None:
    """The page has this clock."""
    now().clock = told


@contextmanager
def row() -> Iterator[None]:
    """The pictures that are shown in here stand beside one another."""
    here = now()
    here.rows += 1
    here.row = here.rows
    yield
    here.row = 0
