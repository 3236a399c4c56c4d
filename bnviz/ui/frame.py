"""The frame around every lesson: page setup, sidebar, title, and what folds away below."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import streamlit as st

from bnviz.experiments.quoting import quoted
from bnviz.ui import foreseen, gathered, lessons, lookup, mishaps, prose, setting, stage
from bnviz.ui.answers import page as answering
from bnviz.ui.browser import style
from bnviz.ui.closer import closer
from bnviz.ui.company import COMPANY, Company
from bnviz.ui.course import Lesson, end, lesson
from bnviz.ui.mishaps import safe
from bnviz.ui.prose import say, tell
from bnviz.ui.show import follow_theme
from bnviz.words.findings import Findings

STYLE = style("frame") + style("paper") + style("print")


ICON = Path(__file__).with_name("icon.png")
LAST = "bnviz-last"  # in the session: what this run of the page ends with
ABOUT = "**bnviz**: see what batch normalization does to a network in training. MIT licence."

ABLE = """
Afterwards you can explain which layer fails first and why, what BN computes and changes, and where
it ends. On why it works, you will know what is measured and what is disputed.
"""


@contextmanager
def page(name: str) -> Iterator[Lesson]:
    """Everything around a lesson: `with page("race") as here: …`.

    name: of the lesson in ui/course.py; KeyError if there is none of this name. Gives the Lesson.
    Call it once, as the first thing of a page. Inside, the page waits for its turn to be drawn;
    what goes wrong in it is logged, and told to the reader, see mishaps.
    """
    here = lesson(name)
    st.set_page_config(
        page_title=f"{here.question} · bnviz",
        page_icon=ICON,
        layout="wide",
        menu_items={"About": ABOUT},
    )
    with answering.desk().taken(answering.still_there):
        st.html(STYLE + lessons.STYLE + stage.styles())
        follow_theme()
        prose.begin(here.name)
        gathered.begin(here.name)
        answering.begin()
        last(None)
        stage.begin(here)
        lessons.sidebar(here)
        st.title(here.question, anchor=False)
        stage.bar(here)
        above = st.container()
        with above:
            mishaps.tell()
            COMPANY.set(None)
            with mishaps.caught("a room"):
                COMPANY.set(_company(here))
        with mishaps.caught(here.name):
            yield here
        with mishaps.caught(here.name, above), above:
            setting.put(here)
        with mishaps.caught(here.name, above):
            _end(here)
        mishaps.told()


def _company(here: Lesson) -> Company | None:
    """The class in whose room the reader is. Without one, nothing of a room is even loaded."""
    if "room" not in st.query_params:
        return None
    from bnviz.ui.room import attend

    return attend(here)


def _way_to_a_room() -> None:
    if "room" not in st.query_params:
        with st.sidebar:
            st.button("In class: a room", on_click=safe(_to_a_room), key="to-room", type="tertiary")


def _to_a_room() -> None:
    st.query_params["room"] = "new"


def last(act: Callable[[], object] | None) -> None:
    """Do this once the page stands, with its foot: it may compute on, and draw the page again."""
    st.session_state[LAST] = act


def _end(here: Lesson) -> None:
    _foot(here)
    answering.look_ahead(here.name)
    if act := st.session_state.pop(LAST):
        act()


def _foot(here: Lesson) -> None:
    unknown = [
        name
        for name in st.query_params
        if name.startswith(f"{here.name}-") and name not in st.session_state
    ]
    if unknown:
        named = ", ".join(map(quoted, unknown[:5]))
        st.caption(f"The link also sets {named}, which this lesson does not know.")
    stage.say_what_there_is(_pictured(here))
    if here is end():
        foreseen.overview()
    if not stage.brief():
        lookup.of_this_page()
        foreseen.sidebar()
        _way_to_a_room()
    lookup.cards()
    lessons.onward(here)


def _pictured(here: Lesson) -> list[str]:
    """The closed sections of a lesson that have pictures."""
    sections = getattr(foreseen.words_of(here.name), "CLOSER", {})
    return [name for name in sections if name not in WORDS_ALONE.get(here.name, ())]


WORDS_ALONE = {
    "transform": ("code",), "backward": ("rows",), "forgiveness": ("cell",), "relatives": ("needs",)
}  # fmt: skip
"""Closed sections without a picture, by lesson."""
FURTHER = ("What else does this run show?", "The rest of what was computed from it.")


def look_closer(said: Findings) -> None:
    """What stands above the closed sections of a page, and the first of them."""
    if stage.alone():
        return
    with st.container(key="look-closer"):  # with or without more: what stands below keeps its place
        st.subheader("Look closer", anchor=False)
        title = f"**{FURTHER[0]}** {FURTHER[1]}"
        if said.further:
            with st.expander(title), gathered.section(title, kept=not stage.holds()):
                tell("\n".join(f"- {sentence}" for sentence in said.further), "further")


BELIEFS = ("Check yourself", "What is often believed, and what this run says.")
CHOICES = ("holds", "does not hold", "depends")


def beliefs(lesson: str, met: Mapping[str, str]) -> None:
    """Common beliefs, each alone; what the run on the page says of one, once it was judged."""
    with closer(lesson, "beliefs", BELIEFS) as opened:
        for place, (belief, said) in enumerate(met.items() if opened else ()):
            chosen = st.segmented_control(f"*“{belief}.”*", CHOICES, key=f"{lesson}-belief-{place}")
            if chosen:
                tell(said, f"{lesson}-believed-{place}", kept=False)


def notes(folded: Mapping[str, str]) -> None:
    """What folds away: how it is measured, the mathematics, what the papers found."""
    if stage.brief():
        return
    for title, text in folded.items():
        with st.expander(title):
            say(text)


def course(here: Lesson) -> None:
    """What the reader will be able to explain afterwards, and the way there."""
    if stage.brief():
        return
    st.subheader("The course", anchor=False)
    say(ABLE)
    lessons.path(here, foreseen.marks())
