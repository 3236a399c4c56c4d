"""From lesson to lesson: the sidebar, the path on the front door, the one before and the next.

Each of them is one element, whose HTML is built once: an element for every link would be half of
all that a view sends. They are links like any others, for a new tab and for the keyboard.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from html import escape

import streamlit as st

from bnviz.ui.browser import browser_file, style
from bnviz.ui.course import COURSE, Lesson, neighbours

STYLE = style("lessons")


# Between lessons the script shows where the reader is, leaves a phone's window to the lesson that
# was chosen there, and makes a link a step in the history. Left to itself, Streamlit takes the
# settings from the address of the lesson that is left before it shows the other one: "back" would
# lead to the lesson as nobody had set it. A link to a lesson that was there before leads to it as
# it was left.
_lead = st.components.v2.component("bnviz.links", js=browser_file("lessons.js"))


def sidebar(here: Lesson) -> None:
    """The course, with a link to every lesson."""
    with st.sidebar:
        st.html(_course())
        _lead(key="links", data=here.name, height=0)


def path(here: Lesson, marks: Mapping[str, str]) -> None:
    """The whole course but for this lesson, part by part; by name, what is noted of a lesson."""
    st.html(_path(here, marks))


def some(these: Sequence[Lesson], marks: Mapping[str, str]) -> None:
    """Links to these lessons, in this order; by name, what is noted of one."""
    st.html(f'<div class="bnviz-path">{_list(_stops(these, marks))}</div>')


def onward(here: Lesson) -> None:
    """Links to the lesson before and to the next."""
    st.html(_onward(here))


@cache
def _course() -> str:
    """The same in every lesson, so that it stays in the browser, and the focus with it.

    Which link leads to the lesson itself is said there.
    """
    about = "<b>bnviz</b>See what batch normalization does to a network in training."
    parts = (_part(name, [_link(one) for one in these]) for name, these in _written().items())
    return (
        f'<div class="bnviz-course"><p class="bnviz-name">{about}</p>'
        f'<nav aria-label="Lessons">{"".join(parts)}</nav></div>'
    )


def _path(here: Lesson, marks: Mapping[str, str]) -> str:
    parts = [
        _part(name, _stops([one for one in these if one is not here], marks))
        for name, these in _written().items()
        if these != [here]
    ]
    return f'<div class="bnviz-path">{"".join(parts)}</div>'


@cache
def _onward(here: Lesson) -> str:
    before, after = neighbours(here)
    links = [_link(before, f"← Previous: {before.question}", "prev")] if before else []
    links += [_link(after, f"Next: {after.question} →", "next")] if after else []
    return f'<nav class="bnviz-onward" aria-label="Before and after">{"".join(links)}</nav>'


def _written() -> dict[str, list[Lesson]]:
    """The parts of the course, with their lessons that have a page."""
    parts = {part: [one for one in these if one.page] for part, these in COURSE.items()}
    return {part: these for part, these in parts.items() if these}


def _part(name: str, entries: list[str]) -> str:
    return f'<p class="bnviz-part">{escape(name)}</p>{_list(entries)}'


def _list(entries: list[str]) -> str:
    items = "".join(f"<li>{entry}</li>" for entry in entries)
    return f'<ul role="list">{items}</ul>'


def _stops(these: Sequence[Lesson], marks: Mapping[str, str]) -> list[str]:
    return [_stop(one, marks.get(one.name, "")) for one in these]


def _stop(lesson: Lesson, mark: str) -> str:
    noted = f" <small>{escape(mark)}</small>" if mark else ""
    return f'<span title="{escape(lesson.promise)}">{_link(lesson)}</span>{noted}'


def _link(lesson: Lesson, label: str = "", relation: str = "") -> str:
    said = f' rel="{relation}"' if relation else ""
    return (
        f'<a class="bnviz-to" href="{lesson.address}"{said}>{escape(label or lesson.question)}</a>'
    )
