"""What the reader has answered so far: kept in the session, and in the address on demand."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from types import ModuleType

import streamlit as st

from bnviz.ui import course, lessons
from bnviz.ui.mishaps import safe
from bnviz.ui.prose import remark, tell
from bnviz.words.challenge import Challenge

KEPT = "bnviz-answers"  # in the session
IN_LINK = "answers"
LONGEST = 400  # letters, in the link
RIGHT, WRONG, OPEN = "r", "w", "o"
"""Foreseen; not foreseen; shown without a guess, or not to be told from the run."""


@dataclass
class Answers:
    """Of one reader: lesson -> challenge -> the letter that was said first; and how it went.

    noted: a letter that may still change, while the answer is held back.
    came: the answer that the run gave, in words; None where it could not tell.
    """

    said: dict[str, dict[str, str]] = field(default_factory=dict)
    noted: dict[str, dict[str, str]] = field(default_factory=dict)
    went: dict[str, dict[str, str]] = field(default_factory=dict)
    came: dict[str, dict[str, str | None]] = field(default_factory=dict)

    def first(self, lesson: str, name: str, letter: str) -> None:
        """The first answer counts: afterwards the result is known."""
        self.said.setdefault(lesson, {}).setdefault(name, letter)

    def note(self, lesson: str, name: str, letter: str) -> None:
        """What would be said, as long as the answer is held back: the last word counts."""
        self.noted.setdefault(lesson, {})[name] = letter

    def settle(self, lesson: str, name: str, how: str) -> None:
        """How it went, once a run has told; what could not tell yet may still."""
        went = self.went.setdefault(lesson, {})
        if went.get(name, OPEN) == OPEN:
            went[name] = how

    def forget(self, lesson: str) -> None:
        """Ask the challenges of this lesson anew."""
        for kept in (self.said, self.noted, self.went, self.came):
            kept.pop(lesson, None)

    def of(self, lesson: str) -> tuple[int, int]:
        """How many were foreseen in a lesson, of how many guessed."""
        went = list(self.went.get(lesson, {}).values())
        return went.count(RIGHT), went.count(RIGHT) + went.count(WRONG)

    def total(self) -> tuple[int, int]:
        """The same over the course."""
        each = [self.of(lesson) for lesson in self.went]
        return sum(right for right, _ in each), sum(guessed for _, guessed in each)


def answers() -> Answers:
    """The reader's, read from the link at first."""
    if KEPT not in st.session_state:
        st.session_state[KEPT] = _read(st.query_params.get(IN_LINK, ""))
    kept: Answers = st.session_state[KEPT]
    return kept


@cache
def challenges_of(lesson: str) -> tuple[Challenge, ...]:
    """All that a lesson asks, in its order."""
    return tuple(getattr(words_of(lesson), "CHALLENGES", ()))


def words_of(lesson: str) -> ModuleType:
    """Where a lesson's texts are."""
    return import_module(f"bnviz.words.{lesson}")


def _read(text: str) -> Answers:
    """From the link, where every lesson has its name and a letter for each challenge.

    `race.rw-o_home.r`: what is no letter, or of no challenge, counts as not answered.
    """
    kept = Answers()
    known = {one.name for one in course.written()}
    for lesson, letters in re.findall(r"([a-z]+)\.([rwo-]+)", text[:LONGEST]):
        if lesson in known:
            for challenge, how in zip(challenges_of(lesson), letters, strict=False):
                if how != "-":
                    kept.settle(lesson, challenge.name, how)
    return kept


def _written(kept: Answers) -> str:
    parts = []
    for lesson, went in kept.went.items():
        letters = "".join(went.get(one.name, "-") for one in challenges_of(lesson))
        parts.append(f"{lesson}.{letters}")
    return "_".join(parts)


def sidebar() -> None:
    """How many were foreseen so far; and a button that keeps the answers in the address."""
    kept = answers()
    right, guessed = kept.total()
    with st.sidebar, st.container(key="foreseen"):
        if guessed:
            remark(f"**{right} of {guessed}** foreseen so far")
            st.button(
                "Keep my answers in the address",
                on_click=safe(_keep),
                key="foreseen-keep",
                type="tertiary",
            )


def _keep() -> None:
    st.query_params[IN_LINK] = _written(answers())


def marks() -> dict[str, str]:
    """By lesson: how much was foreseen there, where something was guessed."""
    counted = {one.name: answers().of(one.name) for one in course.written()}
    return {
        name: f"{right} of {guessed} foreseen"
        for name, (right, guessed) in counted.items()
        if guessed
    }


def overview() -> None:
    """At the end of the course, for who has guessed: what to look at again, most of it first."""
    kept = answers()
    missed = {one: of - right for one in course.written() for right, of in [kept.of(one.name)]}
    again = sorted((one for one in missed if missed[one]), key=lambda one: -missed[one])
    right, guessed = kept.total()
    if not guessed:
        return
    st.subheader("What did you foresee?", anchor=False)
    what_next = "Worth another look:" if again else "Nothing is left to look at again."
    tell(f"You foresaw **{right} of {guessed}** answers. {what_next}", "foreseen")
    if again:
        lessons.some(again, marks())
