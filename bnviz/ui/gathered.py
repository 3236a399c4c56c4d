"""What a run of a page has shown so far, in its order: what may be taken home as one file.

Figures are shared by all who look at them, so that what is gathered takes next to no room.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from bnviz.figures import Figure

if TYPE_CHECKING:
    from bnviz.ui.setting_table import Setting


@dataclass(frozen=True)
class Text:
    """Sentences, in Markdown."""

    text: str
    ends: bool = False  # they tell the end of the run, and wait for the clock


@dataclass(frozen=True)
class Code:
    """A program, or a part of one."""

    text: str


@dataclass(frozen=True)
class Table:
    """Any text in cells; the first of a row names it."""

    head: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True)
class Picture:
    """A figure, and what it shows in words."""

    figure: Figure
    alternative: str
    key: str  # of its own on the page
    row: int = 0  # those of the same row stand beside one another; 0: in none


@dataclass(frozen=True)
class View:
    """A choice about pictures or what is said of them, which trains nothing."""

    label: str
    chosen: str
    turned: bool  # whether it is not as the page opens
    question: str = ""  # of the section it stands in; "": at the top of the page


@dataclass(frozen=True)
class Part:
    """The top of a page, or an open section: what is shown there, in its order."""

    title: str = ""  # in Markdown, as what is said
    shown: list[Text | Code | Table | Picture] = field(default_factory=list)


@dataclass
class Gathered:
    """One run of a page."""

    lesson: str
    parts: list[Part] = field(default_factory=lambda: [Part()])
    views: list[View] = field(default_factory=list)
    clock: dict[str, Any] = field(default_factory=dict)  # as the browser is told; {}: there is none
    knobs: type[BaseModel] | None = None  # whose knobs stand on the page
    setting: Setting | None = None  # once the page stands
    rows: int = 0
    row: int = 0  # the one that is being filled
    section: Part | None = None  # the open one that is being filled; None: the page itself is


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


@contextmanager
def section(title: str, kept: bool = True) -> Iterator[None]:
    """What is shown in here belongs to an open section; kept: whether it may be taken home."""
    here, part = now(), Part(title)
    if kept:
        here.parts.append(part)
    before, here.section = here.section, part
    try:
        yield
    finally:
        here.section = before


def put(shown: Text | Code | Table | Picture, top: bool = True) -> None:
    """It stands on the page; top: also where that is in no section."""
    here = now()
    if top or here.section:
        (here.section or here.parts[0]).shown.append(shown)


def view(label: str, chosen: object, turned: bool) -> None:
    """A choice about pictures is this one now."""
    here = now()
    title = here.section.title if here.section else ""
    here.views.append(View(label, str(chosen), turned, question(title)))


def question(title: str) -> str:
    """The first, bold part of a title, without marks."""
    bold = re.match(r"\*\*(.+?)\*\*", title)
    return re.sub(r"[*`]", "", bold[1] if bold else title)


def picture(figure: Figure, alternative: str, key: str) -> None:
    """A figure is shown."""
    put(Picture(figure, alternative, key, now().row))


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
