"""The plane on which a reader puts points of two classes, and the same as text.

The text in the link is the one truth: every change of the drawing changes the text, and the points
are read from it.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from bnviz.experiments import drawn_points
from bnviz.experiments.data_knobs import DRAWN, POINTS
from bnviz.experiments.links import name_in_link
from bnviz.experiments.own_samples import OwnDataSettings
from bnviz.figures.race import CLASS_SIGNS
from bnviz.figures.theme import CLASS_COLOURS, CLASS_OUTLINE, CLASS_SCALE, ON_MAPS
from bnviz.ui import lock, stage
from bnviz.ui.browser import browser_file
from bnviz.ui.mishaps import safe
from bnviz.ui.prose import remark, warn
from bnviz.words import drawn_points as words

LAST = "bnviz-drawn"  # in the session: what was drawn last, in any lesson
PICTURED = ("race", "lab")  # lessons that show the plane
TYPED = 8000  # letters: a point takes ten at most, and most take fewer
ICON = ":material/draw:"

_mount = st.components.v2.component(
    "bnviz.drawn",
    html=browser_file("drawn.html"),
    css=browser_file("drawn.css"),
    js=browser_file("drawn.js"),
)


def points(lesson: str, place: DeltaGenerator) -> str:
    """Show the plane in this place; what is on it as text, "" for the usual points.

    What cannot be used gets a sentence, and the usual points count.
    """
    with place:
        complaint = st.container()
        with st.expander(words.PLACE, expanded=not stage.brief(), icon=ICON):
            text = _text(lesson)
            shown, used = _read(text, complaint)
            _plane(lesson, drawn_points.written(shown))
            with st.container(
                horizontal=True, vertical_alignment="center", key=f"named-{lesson}-drawn"
            ):
                _as_text(lesson, shown, complaint)
                _last(lesson, text, used)
                _tell(lesson, used)
    return used


def bring(lesson: str, config: OwnDataSettings) -> None:
    """Put the points of a config on the plane, which may only be coming. For callbacks."""
    key = name_in_link(lesson, POINTS)
    if config.dataset != DRAWN or lock.holds(lesson, POINTS) or lock.holds(lesson, "dataset"):
        return
    if key not in st.session_state and config.points:  # a field that is only coming does not
        st.query_params[key] = config.points  # write itself into the address
    st.session_state[key] = config.points


def _text(lesson: str) -> str:
    """What stands in the field, or before it is there, in the link."""
    key = name_in_link(lesson, POINTS)
    return str(st.session_state.get(key, st.query_params.get(key)) or "")


def _read(text: str, complaint: DeltaGenerator) -> tuple[drawn_points.Places, str]:
    """What is on the plane, and of what text the networks learn; a sentence if that differs."""
    try:
        shown = drawn_points.read(text)
    except drawn_points.DrawnError as refused:
        with complaint:
            warn(words.REFUSED.format(why=refused, instead=words.DEFAULT), ":material/link_off:")
        return drawn_points.USUAL, ""
    try:
        drawn_points.usable(text)
    except drawn_points.DrawnError as refused:
        with complaint:
            warn(words.TOO_FEW.format(why=refused, instead=words.DEFAULT), ICON)
        return shown, ""
    return shown, "" if shown == drawn_points.USUAL else text


def _tell(lesson: str, used: str) -> None:
    tested = drawn_points.samples(used).is_test
    remark(words.told(int((~tested).sum()), int(tested.sum()), lesson in PICTURED))


def _plane(lesson: str, text: str) -> None:
    key = f"{lesson}-drawn"
    data = {
        "points": text,
        "letters": drawn_points.LETTERS,
        "most": drawn_points.MOST,
        "off": lock.holds(lesson, POINTS),
        "label": words.PLANE,
        "says": words.SAYS,
        "classes": [
            {"name": words.CLASS.format(label=label), "sign": sign, "colour": colour}
            for label, (sign, colour) in enumerate(zip(CLASS_SIGNS, CLASS_COLOURS, strict=True))
        ],
        "ground": CLASS_SCALE[1][1],
        "rim": CLASS_OUTLINE,
        "ink": ON_MAPS[0],
    }
    _mount(key=key, data=data, on_drawn_change=safe(lambda: _hear(lesson, st.session_state[key])))


def _hear(lesson: str, told: Any) -> None:
    """Take what the browser says is drawn, which may be anything."""
    if isinstance(told.drawn, str):
        with suppress(drawn_points.DrawnError):  # nothing that the plane sends
            _put(lesson, drawn_points.read(told.drawn))


def _put(lesson: str, places: drawn_points.Places) -> None:
    """Change the drawing. For callbacks."""
    if not lock.holds(lesson, POINTS):
        text = "" if places == drawn_points.USUAL else drawn_points.written(places)
        st.session_state[name_in_link(lesson, POINTS)] = text


def _as_text(lesson: str, shown: drawn_points.Places, complaint: DeltaGenerator) -> None:
    """The points in lines, to be read or typed, and as the link has them."""
    of_this = drawn_points.number(drawn_points.written(shown))
    key = f"{lesson}-lines-{of_this}"  # another drawing: another field
    locked = lock.holds(lesson, POINTS)
    with st.popover(words.TEXT, icon=":material/content_paste:"):
        typed = st.text_area(
            words.LINES,
            value=drawn_points.as_lines(shown),
            key=key,
            max_chars=TYPED,
            help=words.LINES_ABOUT.format(reach=drawn_points.REACH),
            disabled=locked,
            on_change=safe(_take),
            args=(lesson, key),
        )
        text = st.text_input(
            words.CODE,
            key=name_in_link(lesson, POINTS),
            bind="query-params",
            help=words.CODE_ABOUT,
            disabled=locked,
        )
    lock.noted(lesson, POINTS, text or "")
    with complaint:
        _complain_of(typed)


def _take(lesson: str, key: str) -> None:
    """Put the lines that are typed on the plane, if they can be."""
    with suppress(drawn_points.DrawnError):  # which is said where they stand
        _put(lesson, drawn_points.of_lines(st.session_state[key]))


def _complain_of(lines: str) -> None:
    try:
        drawn_points.of_lines(lines)
    except drawn_points.DrawnError as refused:
        warn(words.TYPED.format(why=refused), ICON)


def _last(lesson: str, text: str, used: str) -> None:
    """A button that brings the last drawing of the session back, where another one stands."""
    last = st.session_state.setdefault(LAST, used)
    if used:
        last = st.session_state[LAST] = used
    if last and last != text and not lock.holds(lesson, POINTS):
        st.button(
            words.LAST,
            icon=":material/history:",
            help=words.LAST_ABOUT,
            on_click=safe(_put),
            args=(lesson, drawn_points.read(last)),
            key=f"{lesson}-drawn-last",
        )
