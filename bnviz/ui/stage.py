"""How much of a page is shown: all of it at a desk, or what a class or a frame has room for.

Presenting (`?present=1`): question, knobs, picture and clock in one window, for a projector.
Embedded (`?embed=true`, Streamlit's own): the picture first, and no long text.
One picture (`?figure=first`): it and its clock alone, at the settings of the address; for a
projector, too (`?figure=first&present=1`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from html import escape
from urllib.parse import urlencode

import streamlit as st

from bnviz.experiments.quoting import quoted
from bnviz.ui import options
from bnviz.ui.browser import browser_file, style
from bnviz.ui.course import Lesson, neighbours
from bnviz.ui.options import Kept

FIRST = "first"
"""What stands open on a page, beside its closed sections."""
FIGURE = "figure"  # in the address
LONGEST = 60  # letters of what is asked for
ONE = re.compile(r"([a-z]+)-([1-9])")
"""One of several pictures side by side: `first-2`."""

HELD = style("held")

_keys = st.components.v2.component("bnviz.present", js=browser_file("present.js"))


@dataclass
class _Stage:
    """What a run of a page shows."""

    only: str = ""  # the section whose pictures are shown, or FIRST; "": all are
    place: int = 0  # which of its pictures, from 1; 0: all
    within: str = FIRST  # where the page has come to
    passed: int = 0  # pictures of that section, so far
    shown: int = 0
    held: bool = False  # an answer is held back


_STAGE: ContextVar[_Stage | None] = ContextVar("bnviz-stage", default=None)


def _now() -> _Stage:
    return _STAGE.get() or _Stage()


def asked() -> str:
    """Which picture the address asks for alone; "": none."""
    return st.query_params.get(FIGURE, "")[:LONGEST]


def presenting() -> bool:
    """Whether a class looks on."""
    return options.on("present") and not asked()


def projected() -> bool:
    """Whether what is shown is read from afar: a page that is presented, or one picture."""
    return options.on("present")


def brief() -> bool:
    """Whether there is no room for long texts, nor for the sidebar."""
    return bool(asked()) or options.on("present") or options.on("embed")


def begin(here: Lesson) -> None:
    """A page begins."""
    one = ONE.fullmatch(asked())
    name, place = one.groups() if one else (asked(), None)
    _STAGE.set(_Stage(only=name or (FIRST if presenting() else ""), place=int(place or 0)))
    if presenting():
        _keys(key="present", data=here.name, height=0)


def styles() -> str:
    """The style sheets of how the page is shown, as HTML."""
    if not brief():
        return ""
    how = "alone" if asked() else "present" if presenting() else "embed"
    return style("fitted") + style(how) + (style("enlarged") if projected() else "")


def put(section: str) -> None:
    """What is shown of a page that is presented: the pictures of this section, "" for the first."""
    if presenting():
        _now().only = section or FIRST


def hold() -> None:
    """An answer is held back: what would tell it is not told, see `unsaid`."""
    _now().held = True
    st.html(HELD)


def holds() -> bool:
    """Whether an answer is held back."""
    return _now().held


def unsaid(alternative: str) -> str:
    """A picture's words, without what it shows where that is held back.

    They begin with what the picture is, in a sentence of its own.
    """
    if not holds():
        return alternative
    return f"{alternative.partition('. ')[0]}. What it shows is told once the answer is."


def alone() -> bool:
    """Whether some pictures of the page are all that is shown below its knobs."""
    return bool(_now().only)


def staged(section: str) -> bool | None:
    """Whether a section is what alone is shown; None: it is one among others, as ever."""
    only = _now().only
    return None if not only else only == section


@contextmanager
def within(section: str) -> Iterator[None]:
    """What is drawn in here belongs to this section."""
    now = _now()
    before = now.within, now.passed
    now.within, now.passed = section, 0
    yield
    now.within, now.passed = before


def shows() -> bool:
    """Whether the picture that comes now is shown."""
    now = _now()
    now.passed += 1
    chosen = now.only in ("", now.within) and now.place in (0, now.passed)
    now.shown += chosen
    return chosen


def waits() -> None:
    """A section of the picture that was asked for waits to be started."""
    _now().shown += 1


def say_what_there_is(sections: Sequence[str]) -> None:
    """At the end of a page of which one picture was asked for, where there is no such picture."""
    if asked() and not _now().shown:
        there = ", ".join([FIRST, *sections]) if sections else "none"
        st.warning(f"There is no figure {quoted(asked())} in this lesson. There are: {there}."
                   f" Of several side by side, `{FIRST}-2` is the second.",
                   icon=":material/link_off:")  # fmt: skip


# --- links between the ways to show a page


def turn(
    label: str, title: str, kept: Kept, more: Mapping[str, str], less: Sequence[str] = ()
) -> str:
    """A link to this very page and setting with other options, as HTML; the browser completes it.

    kept: the options now; more: those that come, with their values; less: those that go.
    """
    carried = {**dict(kept), **more}
    there = urlencode({name: text for name, text in carried.items() if name not in less})
    return (
        f'<a class="bnviz-turn" href="?{escape(there)}" title="{escape(title)}"'
        f' data-more="{escape(urlencode(more))}" data-less="{escape(" ".join(less))}">'
        f"{escape(label)}</a>"
    )


def bar(here: Lesson) -> None:
    """The few links of a page without a sidebar."""
    if presenting():
        st.html(_presenter(here))
    elif brief():
        less = ("embed", "embed_options", FIGURE)
        about = "The whole lesson at these settings"
        link = turn("Open in bnviz", about, options.kept(), {}, less)
        whole = link.replace("<a ", '<a target="_blank" rel="noopener" ')
        st.html(f'<nav class="bnviz-bar" aria-label="Elsewhere">{whole}</nav>')


def _presenter(here: Lesson) -> str:
    before, after = neighbours(here)
    links = [
        f'<a class="bnviz-to" href="{escape(options.address(one))}" title="{escape(one.question)}">'
        f"{word}</a>"
        for one, word in ((before, "← Previous"), (after, "Next →"))
        if one
    ]
    full = '<button type="button" class="bnviz-full">Full screen</button>'
    leave = turn("End", "End presenting: the whole page", options.kept(), {}, ("present",))
    return (
        f'<nav class="bnviz-bar" aria-label="Presentation">{"".join((*links, full, leave))}</nav>'
    )


def into_presentation(kept: Kept) -> str:
    """The link there, as HTML."""
    about = "Question, picture and clock in one window, for a projector"
    return turn("Present", about, kept, {"present": "1"})
