"""The quiz in a room: what is handed in goes to the room, and its host sees the class."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import streamlit as st

from bnviz.figures import quiz as pictures
from bnviz.ui.course import lesson
from bnviz.ui.mishaps import caught, safe
from bnviz.ui.prose import remark, tell, warn
from bnviz.ui.quiz import LESSON, Alone, Book, handed_in
from bnviz.ui.room import door, place, seat
from bnviz.ui.room.bounds import RefusedError
from bnviz.ui.room.news import news
from bnviz.ui.room.place import Place
from bnviz.ui.room.store import Vote
from bnviz.ui.show import show, theme
from bnviz.verdicts.quiz import judge
from bnviz.words import quiz as words
from bnviz.words.comma_separated import comma_separated
from bnviz.words.quiz.questions import QUESTIONS

EVERY = 5.0  # seconds between two looks at the class
SOON = 0.5  # seconds between two looks whether the browser has told the reader's number
READ = "quiz-read"  # in the session: the room and the reader whose answers were read from it
LOOKS, ENOUGH = "quiz-looks", 6  # in the session: for the number; who never tells has a new one
PART = "quiz-post"  # what the host opens
SECOND = "post-"  # so begin the names of its questions
Take = Callable[[Book], None]


class InRoom:
    """A room, in which the reader has a seat."""

    about = words.IN_A_ROOM

    def __init__(self, here: Place) -> None:
        self._here = here

    def number(self) -> int:
        return int(seat.number(self._here.code), 16)

    def put(self, answers: Mapping[str, str]) -> str:
        rooms, code = self._here.rooms, self._here.code
        reader = seat.number(code)
        if any(name.startswith(SECOND) for name in answers) and (waits := self.waits()):
            return waits
        try:
            taken = [rooms.vote(code, reader, LESSON, *one) for one in answers.items()]
        except RefusedError as why:
            return str(why)
        return "" if all(taken) else words.LATE

    def waits(self) -> str:
        try:
            return "" if self._here.rooms.opened(self._here.code, PART) else words.NOT_YET
        except RefusedError as why:
            return str(why)


def quiz(take: Take) -> None:
    """For the host of the room the class; for all others the quiz, alone where no room is."""
    try:
        here = place.here(lesson(LESSON))
        if here.key:
            _lead(here)
    except RefusedError:  # the page has said why
        take(Alone())
        return
    with st.container(key="room", horizontal=True, gap="small"):
        if not here.key:
            news(here)
        door.inside(here)
    if here.key:
        _host(here)
    elif seat.told(here.code) or st.session_state.get(LOOKS, 0) >= ENOUGH:
        _remember(here)
        take(InRoom(here))
    else:
        _wait(here)


def _lead(here: Place) -> None:
    """Bring the class to this page: wherever a student is, there is a link to it."""
    if here.room.lesson != LESSON:
        here.rooms.ask(here.code, here.key, LESSON, words.CHALLENGES[0].name)


def _wait(here: Place) -> None:
    """Until the browser has told the reader's number: on it hangs which form is which."""
    st.caption(words.WAITING)

    @st.fragment(run_every=SOON)
    def look() -> None:
        st.session_state[LOOKS] = looks = st.session_state.get(LOOKS, 0) + 1
        if seat.told(here.code) or looks >= ENOUGH:
            st.rerun()

    look()


def _remember(here: Place) -> None:
    """What this reader handed in before the page was loaded again, read once."""
    reader = seat.number(here.code)
    if st.session_state.get(READ) == (here.code, reader):
        return
    st.session_state[READ] = (here.code, reader)
    handed_in().clear()
    for vote in here.rooms.votes(here.code):
        if vote.reader == reader and vote.lesson == LESSON:
            handed_in()[vote.challenge] = vote.answer


def _host(here: Place) -> None:
    """The class, drawn anew every few seconds; and what is asked."""
    _gate(here)
    st.fragment(run_every=EVERY)(_class)(here)
    with st.expander(f"**{words.SOLUTIONS[0]}** {words.SOLUTIONS[1]}"):
        for number in range(len(QUESTIONS)):
            st.markdown(words.solution(number))


def _gate(here: Place) -> None:
    """The second part is held back until the host opens it."""
    opened = here.rooms.opened(here.code, PART)
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="quiz-gate"):
        st.button(words.SHUT_IT if opened else words.OPEN_IT, on_click=safe(_turn),
                  args=(here, not opened), key="quiz-part")  # fmt: skip
        remark(words.IS_OPEN if opened else words.IS_SHUT)


def _turn(here: Place, open_: bool) -> None:
    here.rooms.open_part(here.code, here.key, PART, open_)


def _class(here: Place) -> None:
    with caught("the class's quiz"):
        try:
            votes = here.rooms.votes(here.code)
        except RefusedError as why:
            warn(str(why), ":material/meeting_room:")
            return
        _draw([vote for vote in votes if vote.lesson == LESSON])


def _draw(votes: Sequence[Vote]) -> None:
    """How many have handed in, what the class gained, question by question."""
    verdict = judge(votes, words.ASKED)
    if not any(verdict.handed_in):
        tell(words.NOBODY)
        return
    said = " ".join(words.class_gain(verdict.gain))
    tell(f"{words.handed_in(verdict)}\n\n{said}")
    about = [one.about for one in QUESTIONS]
    show(pictures.shares(verdict, about, theme()), f"{said} {words.spoken(verdict)}", "quiz-class")
    st.download_button(
        "The class as CSV",
        comma_separated(words.rows(verdict)),
        "bnviz-quiz.csv",
        "text/csv",
        key="quiz-csv",
        icon=":material/download:",
        on_click="ignore",
    )
