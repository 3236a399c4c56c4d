"""A student's answers on their way into the room: sent as they are given, each once."""

from __future__ import annotations

from collections.abc import Iterator

import streamlit as st

from bnviz.ui.foreseen import answers
from bnviz.ui.room.bounds import RefusedError
from bnviz.ui.room.place import Place
from bnviz.ui.room.questions import challenge
from bnviz.words.challenge import SHOWN

Question = tuple[str, str]  # lesson, challenge


def send(place: Place, reader: str) -> str:
    """What the reader has answered and the room does not have yet; why it was refused, or ""."""
    sent = _sent(place)
    try:
        for question, letter in _given():
            if letter not in (SHOWN, sent.get(question)):
                place.rooms.vote(place.code, reader, *question, letter)
                sent[question] = letter
    except RefusedError as why:
        return str(why)
    return ""


def recall(place: Place, reader: str) -> bool:
    """Note what the room has of this reader, who has come back; whether there is anything new."""
    kept, sent, new = answers(), _sent(place), False
    for vote in place.rooms.votes(place.code, reader):
        question = vote.lesson, vote.challenge
        if challenge(*question) and question not in sent:
            sent[question] = vote.answer
            kept.note(*question, vote.answer)
            new = True
    return new


def _sent(place: Place) -> dict[Question, str]:
    """What the room has, as far as this session knows."""
    sent: dict[Question, str] = st.session_state.setdefault(f"bnviz-room-sent-{place.code}", {})
    return sent


def _given() -> Iterator[tuple[Question, str]]:
    """What was said; where nothing was, what is noted for now."""
    kept = answers()
    for lesson in {**kept.noted, **kept.said}:
        letters = kept.noted.get(lesson, {}) | kept.said.get(lesson, {})
        for name, letter in letters.items():
            if challenge(lesson, name):  # and not what a class was shown
                yield (lesson, name), letter
