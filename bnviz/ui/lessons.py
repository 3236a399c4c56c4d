"""From lesson to lesson: the sidebar, the cards of the front door, the one before and the next.

Each of them is one element, whose HTML is built once: an element for every link would be half of
all that a view sends. They are links like any others, for a new tab and for the keyboard.
"""

from __future__ import annotations

from functools import cache
from html import escape

import streamlit as st

from bnviz.ui.course import COURSE, Lesson, neighbours

STYLE = """
<style>
.bnviz-to {color: inherit !important; text-decoration: none !important}
.bnviz-to:hover {text-decoration: underline 1px !important; text-underline-offset: .22em}
:is(.bnviz-course, .bnviz-cards) ul[role] {list-style: none; margin: 0; padding: 0}
:is(.bnviz-course, .bnviz-cards) li {margin: 0}
:is(.bnviz-course, .bnviz-cards) p {margin: 0}
.bnviz-course :is(ul, p) {font-size: .875rem; line-height: 1.5}
.bnviz-course .bnviz-name {font-size: 1rem; margin-bottom: .5rem}
.bnviz-course .bnviz-name b {display: block; font-size: 1.2rem; font-weight: 600}
.bnviz-course .bnviz-part {padding: .9rem 0 .25rem}
.bnviz-course a {display: block; padding: .25rem .5rem; margin: .125rem 0; border-radius: .5rem}
.bnviz-course a:hover {text-decoration: none !important}
.bnviz-course a:is(:hover, [aria-current]) {
  background: color-mix(in srgb, currentColor 8%, transparent);
}
.bnviz-course a[aria-current] {font-weight: 600}
.bnviz-cards .bnviz-part {font-weight: 600; padding: 1rem 0 .5rem}
.bnviz-cards ul[role] {
  display: grid; gap: 1rem; grid-template-columns: repeat(auto-fill, minmax(15rem, 1fr));
}
.bnviz-cards li {
  padding: .9rem 1rem; border-radius: .5rem;
  border: 1px solid color-mix(in srgb, currentColor 18%, transparent);
}
.bnviz-cards a {font-weight: 600}
.bnviz-cards li p {font-size: .875rem; padding-top: .35rem}
.bnviz-onward {
  display: flex; flex-wrap: wrap; justify-content: space-between; gap: .5rem 2rem;
  margin-top: 1.5rem; padding-top: 1.25rem;
  border-top: 1px solid color-mix(in srgb, currentColor 18%, transparent);
}
.bnviz-onward a[rel="next"] {margin-left: auto; text-align: right}
:is(.bnviz-course .bnviz-part, .bnviz-cards li p) {
  color: color-mix(in srgb, currentColor 60%, transparent);
}
</style>
"""

_JS = """
const left = new Map(); // a lesson's path -> the settings in its address when it was left
function go(event) {
  const link = event.target.closest('.bnviz-to, [data-testid="stPageLink-NavLink"]');
  const own = event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey;
  if (!link || own) return;
  const menu = link.closest('[data-testid="stSidebar"]');
  const close = menu?.querySelector('[data-testid="stSidebarCollapseButton"] button');
  if (close && matchMedia("(max-width: 768px)").matches) close.click();
  event.preventDefault();
  const there = new URL(link.getAttribute("href") || ".", location); // "" is the front door
  if (there.pathname === location.pathname) return;
  event.stopPropagation();
  left.set(location.pathname, location.search);
  there.search ||= left.get(there.pathname) ?? "";
  history.pushState({}, "", there);
  dispatchEvent(new PopStateEvent("popstate"));
  if (link.closest(".bnviz-course")) hold(there.pathname);
}
function hold(path, patience = 50) { // the list may be built anew under the reader's focus
  const link = [...document.querySelectorAll(".bnviz-course a")].find((a) => a.pathname === path);
  const lost = document.activeElement === document.body;
  if (lost) link?.focus({preventScroll: true});
  const still = lost || document.activeElement === link;
  if (still && patience && location.pathname === path) setTimeout(hold, 100, path, patience - 1);
}
function here(patience = 100) {
  const links = document.querySelectorAll(".bnviz-course a");
  if (!links.length && patience) return setTimeout(here, 100, patience - 1); // they are coming
  for (const link of links) {
    const here = link.pathname === location.pathname;
    here ? link.setAttribute("aria-current", "page") : link.removeAttribute("aria-current");
    const box = link.closest('[data-testid="stSidebarContent"]');
    if (!here || box.seen === link) continue;
    box.seen = link; // once a page: from then on the list stays where the reader moves it
    const below = link.getBoundingClientRect().bottom - box.getBoundingClientRect().bottom;
    if (below > -40) box.scrollTop += below + box.clientHeight / 2;
  }
}
export default function () {
  here();
  if (document.bnvizGo) return;
  document.bnvizGo = true;
  document.addEventListener("click", go, true);
}
"""
"""Between lessons: the sidebar shows where the reader is, leaves a phone's window to the lesson
that was chosen there, and a link is a step in the history.

Left to itself, Streamlit takes the settings from the address of the lesson that is left before it
shows the other one: "back" would lead to the lesson as nobody had set it. A link to a lesson that
was there before leads to it as it was left.
"""
_lead = st.components.v2.component("bnviz.links", js=_JS)


def sidebar(here: Lesson) -> None:
    """The course, with a link to every lesson."""
    with st.sidebar:
        st.html(_course())
        _lead(key="links", data=here.name, height=0)


def cards(here: Lesson) -> None:
    """The whole course but for this lesson, with what is to be seen in each."""
    st.html(_cards(here))


def onward(here: Lesson) -> None:
    """Links to the lesson before and to the next."""
    st.html(_onward(here))


@cache
def _course() -> str:
    """The same in every lesson, so that it stays in the browser, and the focus with it.

    Which link leads to the lesson itself is said there.
    """
    about = "<b>bnviz</b>See what batch normalization does to a network in training."
    parts = (_part(name, [_link(one) for one in some]) for name, some in _written().items())
    return (
        f'<div class="bnviz-course"><p class="bnviz-name">{about}</p>'
        f'<nav aria-label="Lessons">{"".join(parts)}</nav></div>'
    )


@cache
def _cards(here: Lesson) -> str:
    parts = [
        _part(name, [_card(one) for one in some if one is not here])
        for name, some in _written().items()
        if some != [here]
    ]
    return f'<div class="bnviz-cards">{"".join(parts)}</div>'


@cache
def _onward(here: Lesson) -> str:
    before, after = neighbours(here)
    links = [_link(before, f"← Previous: {before.question}", "prev")] if before else []
    links += [_link(after, f"Next: {after.question} →", "next")] if after else []
    return f'<nav class="bnviz-onward" aria-label="Before and after">{"".join(links)}</nav>'


def _written() -> dict[str, list[Lesson]]:
    """The parts of the course, with their lessons that have a page."""
    some = {part: [one for one in lessons if one.page] for part, lessons in COURSE.items()}
    return {part: lessons for part, lessons in some.items() if lessons}


def _part(name: str, entries: list[str]) -> str:
    items = "".join(f"<li>{entry}</li>" for entry in entries)
    return f'<p class="bnviz-part">{escape(name)}</p><ul role="list">{items}</ul>'


def _card(lesson: Lesson) -> str:
    return f"{_link(lesson)}<p>{escape(lesson.promise)}</p>"


def _link(lesson: Lesson, label: str = "", relation: str = "") -> str:
    said = f' rel="{relation}"' if relation else ""
    return (
        f'<a class="bnviz-to" href="{lesson.address}"{said}>{escape(label or lesson.question)}</a>'
    )
