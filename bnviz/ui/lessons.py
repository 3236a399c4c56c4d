"""From lesson to lesson: the sidebar, the path on the front door, the one before and the next.

Each of them is one element, whose HTML is built once: an element for every link would be half of
all that a view sends. They are links like any others, for a new tab and for the keyboard.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from html import escape
from typing import Any

import streamlit as st

from bnviz.ui import options, stage
from bnviz.ui.browser import browser_file, style
from bnviz.ui.course import COURSE, Lesson, lesson, neighbours
from bnviz.ui.options import Kept

STYLE = style("lessons")
REMEMBERED = 200  # of the HTML for different options, which any address may ask for


# Between lessons the script shows where the reader is, leaves a phone's window to the lesson that
# was chosen there, and makes a link a step in the history. Left to itself, Streamlit takes the
# settings from the address of the lesson that is left before it shows the other one: "back" would
# lead to the lesson as nobody had set it. A link to a lesson that was there before leads to it as
# it was left, with the options of now.
_lead = st.components.v2.component("bnviz.links", js=browser_file("lessons.js"))


def sidebar(here: Lesson) -> None:
    """The course, with a link to every lesson; where there is room for it."""
    if not stage.brief():
        st.sidebar.html(_course(options.kept()))
    _lead(key="links", data={"here": here.name, "carried": options.NAMES}, height=0)


def path(here: Lesson, marks: Mapping[str, str]) -> None:
    """The whole course but for this lesson, part by part; by name, what is noted of a lesson."""
    st.html(_path(here, marks, options.kept()))


def some(these: Sequence[Lesson], marks: Mapping[str, str]) -> None:
    """Links to these lessons, in this order; by name, what is noted of one."""
    st.html(f'<div class="bnviz-path">{_list(_stops(these, marks, options.kept()))}</div>')


def onward(here: Lesson) -> None:
    """Links to the lesson before and to the next."""
    st.html(_onward(here, options.kept()))


def lead(name: str, label: str, settings: Mapping[str, Any], icon: str | None = None) -> None:
    """A link to the lesson of this name at these settings, by their names in the link."""
    carried = {key: text for key, text in options.kept() if key != "embed"}  # by Streamlit itself
    page = lesson(name).page
    assert page, name
    st.page_link(page, label=label, icon=icon, query_params={**settings, **carried})


@lru_cache(REMEMBERED)
def _course(kept: Kept) -> str:
    """The same in every lesson, so that it stays in the browser, and the focus with it.

    Which link leads to the lesson itself is said there.
    """
    about = "<b>bnviz</b>See what batch normalization does to a network in training."
    parts = (_part(name, [_link(one, kept) for one in these]) for name, these in _written().items())
    present = stage.into_presentation(kept)
    return (
        f'<div class="bnviz-course"><p class="bnviz-name">{about}</p>{present}'
        f'<nav aria-label="Lessons">{"".join(parts)}</nav></div>'
    )


def _path(here: Lesson, marks: Mapping[str, str], kept: Kept) -> str:
    parts = [
        _part(name, _stops([one for one in these if one is not here], marks, kept))
        for name, these in _written().items()
        if these != [here]
    ]
    return f'<div class="bnviz-path">{"".join(parts)}</div>'


@lru_cache(REMEMBERED)
def _onward(here: Lesson, kept: Kept) -> str:
    before, after = neighbours(here)
    links = [_link(before, kept, f"← Previous: {before.question}", "prev")] if before else []
    links += [_link(after, kept, f"Next: {after.question} →", "next")] if after else []
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


def _stops(these: Sequence[Lesson], marks: Mapping[str, str], kept: Kept) -> list[str]:
    return [_stop(one, marks.get(one.name, ""), kept) for one in these]


def _stop(lesson: Lesson, mark: str, kept: Kept) -> str:
    noted = f" <small>{escape(mark)}</small>" if mark else ""
    return f'<span title="{escape(lesson.promise)}">{_link(lesson, kept)}</span>{noted}'


def _link(lesson: Lesson, kept: Kept, label: str = "", relation: str = "") -> str:
    said = f' rel="{relation}"' if relation else ""
    there = escape(options.address(lesson, kept))
    return f'<a class="bnviz-to" href="{there}"{said}>{escape(label or lesson.question)}</a>'
