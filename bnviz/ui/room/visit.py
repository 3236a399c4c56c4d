"""A page in a room: what a host and a student find on it, and do by it."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from html import escape

import streamlit as st
from pydantic import BaseModel

from bnviz.experiments.lab_config import LabConfig
from bnviz.ui import options, stage
from bnviz.ui.challenges import Quiz
from bnviz.ui.company import Company, Join
from bnviz.ui.course import Lesson
from bnviz.ui.foreseen import challenges_of
from bnviz.ui.mishaps import caught, safe
from bnviz.ui.prose import remark, warn
from bnviz.ui.room import ballot, door, news, place, runs, seat
from bnviz.ui.room.board import board
from bnviz.ui.room.bounds import RefusedError
from bnviz.ui.room.place import ROOM, Place
from bnviz.ui.room.questions import challenge
from bnviz.ui.room.store import Room
from bnviz.ui.room.style import style
from bnviz.words.challenge import Challenge

EARLY = "bnviz-room-early"  # in the session: the reader has just asked for what is held back


def attend(lesson: Lesson) -> Company | None:
    """The room of the address on this page; where it is none, its door, at this place."""
    st.html(style(stage.presenting()))
    try:
        here = place.here(lesson)
    except RefusedError as why:
        door.outside("" if st.query_params[ROOM] == door.ASKED_FOR else str(why))
        return None
    company = Host(here) if here.key else Student(here, _sent(here))
    if not here.key:
        seat.take(here)
    if not challenges_of(lesson.name):  # there is no question whose box it could stand in
        company.row(None, None)
    return company


def _sent(here: Place) -> str:
    known = seat.known(here.code)
    return ballot.send(here, seat.number(here.code)) if known else ""


@dataclass
class Host:
    """Who has opened the room: the class is at the question on this screen."""

    here: Place

    def holds(self, lesson: str, challenge: Challenge) -> bool:
        """Until the host has it shown."""
        return True

    def may_show(self, lesson: str, challenge: Challenge) -> bool:
        """It is the host who decides."""
        return True

    def beside(self, quiz: Quiz, config: type[BaseModel]) -> None:
        """Bring the class to this question; its answers, and whether they still count."""
        with caught("a room"):
            self.row(quiz, config)

    def beside_run(self, arm: str, config: LabConfig) -> None:
        """Nothing: a host has the list."""

    def beside_list(self, join: Join) -> None:
        """The runs that students have sent."""
        runs.taking_in(self.here, join)

    def row(self, quiz: Quiz | None, _config: type[BaseModel] | None) -> None:
        with st.container(key="room", horizontal=True, gap="small"):
            door.inside(self.here)
            if quiz and quiz.posed:
                try:
                    self._lead(quiz.lesson, quiz.posed, quiz.answered)
                except RefusedError as why:
                    warn(str(why), ":material/meeting_room:")
                with st.container(key="room-board", gap="xsmall"):
                    board(self.here, quiz.lesson, quiz.posed, quiz.answered, quiz.play)

    def _lead(self, lesson: str, posed: Challenge, answered: bool) -> None:
        here, room = self.here, self.here.room
        there = (room.lesson, room.challenge) == (lesson, posed.name)
        if not there:
            here.rooms.ask(here.code, here.key, lesson, posed.name)
        if answered and not (there and room.shown):
            here.rooms.reveal(here.code, here.key, lesson, posed.name)


@dataclass
class Student:
    """Somebody in the room: pages and knobs are their own, their answers the class's too."""

    here: Place
    refused: str  # why the room has not taken an answer; ""

    def holds(self, lesson: str, challenge: Challenge) -> bool:
        """Until the host has shown the answer to the class's question."""
        return _holds(self.here.room, lesson, challenge)

    def may_show(self, lesson: str, challenge: Challenge) -> bool:
        """Whether the host has shown it meanwhile; if not, that is said beside the question."""
        try:
            waits = _holds(self.here.rooms.room(self.here.code), lesson, challenge)
        except RefusedError:  # it has ended: nobody will show it
            return True
        st.session_state[EARLY] = waits
        return not waits

    def beside(self, quiz: Quiz, config: type[BaseModel]) -> None:
        """What becomes of the answer, and where the class is."""
        with caught("a room"):
            self.row(quiz, config)

    def beside_run(self, arm: str, config: LabConfig) -> None:
        """A way to send it."""
        runs.sending(self.here, arm, config)

    def beside_list(self, join: Join) -> None:
        """Nothing: the list is the student's own."""

    def row(self, quiz: Quiz | None, config: type[BaseModel] | None) -> None:
        with st.container(key="room", horizontal=True, vertical_alignment="center", gap="small"):
            if self.refused:
                warn(self.refused, ":material/meeting_room:")
            with st.container(key="room-told", width="stretch", gap="xsmall"):
                go = functools.partial(quiz.join, config) if quiz and config else None
                news.news(self.here, go)
                self._told(quiz, go)
            door.inside(self.here)

    def _told(self, quiz: Quiz | None, go: Callable[[str], object] | None) -> None:
        """Where the class is, and the way there."""
        room = self.here.room
        asked = challenge(*_at(room))
        if not asked:
            st.caption("The teacher has not asked anything yet.")
        elif quiz and quiz.posed and (quiz.lesson, quiz.posed.name) == _at(room):
            remark(_here(room, quiz.noted, bool(st.session_state.pop(EARLY, False))))
        elif quiz and go and room.lesson == quiz.lesson:
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                _say(escape(asked.question))
                st.button("Go there", on_click=safe(go), args=(room.challenge,), key="room-go")
        else:
            there = escape(news.link(room, dict(options.kept())))
            _say(f'<a class="bnviz-to" href="{there}">{escape(asked.question)}</a>')


def _holds(room: Room, lesson: str, challenge: Challenge) -> bool:
    return _at(room) == (lesson, challenge.name) and not room.shown


def _at(room: Room) -> tuple[str, str]:
    return room.lesson, room.challenge


def _here(room: Room, noted: bool, early: bool) -> str:
    """Of the class's question, on the page that asks it."""
    if room.shown:
        return "The class’s question; its answer was shown."
    if early:
        return "Not yet: your teacher shows the answer once the class has said what it expects."
    if noted:
        return "Your answer is with the class. You may change it until your teacher shows the run."
    return "The class’s question: your answer counts, without your name."


def _say(question: str) -> None:
    """That the teacher asks this, as HTML."""
    st.html(f'<p class="bnviz-class">The teacher asks: {question}</p>')
