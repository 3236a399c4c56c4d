"""The quiz before and after the lessons: taken alone, or in a room, where the class is counted.

Without a room in the address nothing of a room is imported, and the answers stay in the session.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol

import streamlit as st

from bnviz.ui.course import lesson
from bnviz.ui.lessons import some
from bnviz.ui.mishaps import safe
from bnviz.ui.prose import remark, say, warn
from bnviz.verdicts.quiz import PARTS
from bnviz.words import quiz as words
from bnviz.words.challenge import LETTERS
from bnviz.words.quiz.questions import FORMS, QUESTIONS

if TYPE_CHECKING:
    from bnviz.verdicts.quiz import Part

LESSON = "quiz"
ASK = "quiz-ask"  # in the address, where a room leads here; known, so that nobody wonders
ANSWERS = "quiz-answers"  # in the session: what the reader handed in, by question
NUMBER = "quiz-number"  # in the session: of who takes it alone
MISSING, BEGUN, REFUSED, WAITS = "quiz-missing", "quiz-begun", "quiz-refused", "quiz-waits"


class Book(Protocol):
    """Where what a reader hands in is kept, and who the reader is."""

    about: str

    def number(self) -> int:
        """Random, and the same as long as the reader is known."""

    def put(self, answers: Mapping[str, str]) -> str:
        """Keep answers, question -> letter; a sentence where that is refused, else ""."""

    def waits(self) -> str:
        """Why the second part cannot be begun yet, in a sentence; "": it can."""


class Alone:
    """The session alone."""

    about = words.ALONE

    def number(self) -> int:
        number: int = st.session_state.setdefault(NUMBER, secrets.randbelow(2))
        return number

    def put(self, answers: Mapping[str, str]) -> str:
        return ""

    def waits(self) -> str:
        return ""


def quiz() -> None:
    """The part that the reader is at; for the host of a room, the class."""
    st.session_state.setdefault(ASK, None)
    if "room" not in st.query_params:
        _take(Alone())
        return
    from bnviz.ui.room import quiz as in_a_room

    in_a_room.quiz(_take)


def _take(book: Book) -> None:
    """The first part, then the second, then what was right."""
    before, after = (_form_of(part) for part in PARTS)
    if before is None:
        _sheet(book, "pre", words.forms(book.number())["pre"])
    elif after is not None:
        _results(before, after)
    elif st.session_state.get(BEGUN):
        _sheet(book, "post", _other(before))
    else:
        say(words.BETWEEN)
        st.button(
            words.BEGIN, on_click=safe(_begin), args=(book,), key="quiz-begin", type="primary"
        )
        if waiting := st.session_state.pop(WAITS, ""):
            remark(waiting)


def handed_in() -> dict[str, str]:
    """What the reader has handed in, as far as this session knows: question -> letter."""
    known: dict[str, str] = st.session_state.setdefault(ANSWERS, {})
    return known


def _form_of(part: Part) -> str | None:
    """The form in which the reader has handed this part in, whole."""
    known = handed_in()
    whole = (form for form in FORMS if all(name in known for name in _names(part, form)))
    return next(whole, None)


def _names(part: Part, form: str) -> list[str]:
    return [words.name_of(part, form, place) for place in range(len(QUESTIONS))]


def _other(form: str) -> str:
    return next(one for one in FORMS if one != form)


def _begin(book: Book) -> None:
    st.session_state[WAITS] = waits = book.waits()
    st.session_state[BEGUN] = not waits


def _sheet(book: Book, part: Part, form: str) -> None:
    """Eight questions, and one button below them."""
    st.header(words.TITLES[part], anchor=False)
    st.caption(book.about)
    with st.form(f"quiz-{part}", enter_to_submit=False):
        for place, name in enumerate(_names(part, form)):
            asked = QUESTIONS[place].form(form)
            st.radio(
                words.numbered(place, asked),
                list(LETTERS),
                index=None,
                format_func=dict(zip(LETTERS, asked.answers, strict=True)).__getitem__,
                key=_key(name),
            )
        with st.container():
            if waiting := st.session_state.get(MISSING):
                warn(words.missing(waiting), ":material/edit:")
            if refused := st.session_state.get(REFUSED):
                warn(refused, ":material/groups:")
        st.form_submit_button(
            words.BUTTONS[part], on_click=safe(_hand_in), args=(book, part, form), type="primary"
        )


def _key(name: str) -> str:
    return f"quiz-{name}"


def _hand_in(book: Book, part: Part, form: str) -> None:
    """Keep a part that is whole; else say what is missing."""
    given = {name: st.session_state.get(_key(name)) for name in _names(part, form)}
    missing = [place for place, letter in enumerate(given.values()) if letter not in set(LETTERS)]
    st.session_state[MISSING], st.session_state[REFUSED] = missing, ""
    if missing:
        return
    answers = {name: str(letter) for name, letter in given.items()}
    st.session_state[REFUSED] = refused = book.put(answers)
    if not refused:
        handed_in().update(answers)


def _results(before: str, after: str) -> None:
    """What was right in both parts, belief by belief, and the lesson that meets it."""
    known, forms = handed_in(), dict(zip(PARTS, (before, after), strict=True))
    right = [
        sum(
            known[name] == question.form(form).letter
            for name, question in zip(_names(part, form), QUESTIONS, strict=True)
        )
        for part, form in forms.items()
    ]
    st.markdown(words.own_result(*right))
    for place, question in enumerate(QUESTIONS):
        letters = {
            part: (form, known[words.name_of(part, form, place)]) for part, form in forms.items()
        }
        with st.expander(words.heading(place, letters)):
            say(words.explained(question))
            for part, (form, letter) in letters.items():
                say(words.told(part, question.form(form), letter))
            some([lesson(question.lesson)], {})
