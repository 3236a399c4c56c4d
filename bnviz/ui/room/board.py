"""The class's answers, for the host: how many there are while they come in, and how they split.

The split is hidden until it is asked for or the answer was shown: who sees a majority follows it.
"""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

import streamlit as st

from bnviz.ui.foreseen import answers
from bnviz.ui.mishaps import caught, safe
from bnviz.ui.prose import anew, remark
from bnviz.ui.room.bounds import RefusedError
from bnviz.ui.room.place import Place
from bnviz.words.challenge import LETTERS, Challenge

EVERY = 2.0  # seconds between two looks at the votes
SPLIT = "bnviz-room-split"  # in the session: the question of which the host has asked for the split
_UNPLAYED = (
    '<style>body:not([data-played="{play}"]) .bnviz-split .mark {{visibility: hidden}}</style>'
)


def board(place: Place, lesson: str, asked: Challenge, over: bool, play: str) -> None:
    """The votes on this question, live; beside them, once it was shown, what the run answers.

    over: the run is on the host's screen.
    play: which answer the clock plays before that may be seen, see Quiz.play.
    """

    @st.fragment(run_every=EVERY)
    def votes() -> None:
        with caught("a room's board"):
            try:
                _draw(place, lesson, asked, over, play)
            except RefusedError as why:  # it has ended meanwhile
                remark(str(why))

    votes()


def _draw(place: Place, lesson: str, asked: Challenge, over: bool, play: str) -> None:
    counts = place.rooms.counts(place.code, lesson, asked.name)
    shown = place.rooms.shown(place.code, lesson, asked.name)
    question = (lesson, asked.name)
    visible = shown or st.session_state.get(SPLIT) == question
    right = answers().came.get(lesson, {}).get(asked.name) if shown else None
    with st.container(
        horizontal=True, gap="xsmall", vertical_alignment="center", key="room-counts"
    ):
        how_many = told(sum(counts.values()), place.rooms.seated(place.code), shown)
        with st.container(width="content"), anew(how_many):
            st.markdown(how_many)
        if counts and not shown:
            st.button(
                "Hide the split" if visible else "Show the split",
                on_click=safe(_turn),
                args=(None if visible else question,),
                key="room-split",
            )
        elif shown and not over:
            st.button("Let them vote again", on_click=safe(_reopen), args=(place, *question),
                      key="room-again")  # fmt: skip
    if visible:
        hidden = _UNPLAYED.format(play=play) if play and right else ""
        st.html(split(asked, counts, right) + hidden)


def _turn(question: tuple[str, str] | None) -> None:
    st.session_state[SPLIT] = question


def _reopen(place: Place, lesson: str, challenge: str) -> None:
    place.rooms.reopen(place.code, place.key, lesson, challenge)


def told(answered: int, joined: int, shown: bool) -> str:
    """How many have answered, of how many: in Markdown."""
    if not joined:
        return "Nobody has joined yet."
    have = "has" if answered == 1 else "have"
    end = "answered" if shown else f"{have} answered"
    return f"**{answered} of {joined}** {end}"


def split(asked: Challenge, counts: Mapping[str, int], right: str | None) -> str:
    """A bar for each answer, as HTML; the one that the run gives has a mark, in words."""
    total = sum(counts.values())
    bars = [
        _bar(text, counts.get(letter, 0), total, text == right)
        for letter, text in zip(LETTERS, asked.answers, strict=False)
    ]
    return f'<div class="bnviz-split" role="list" aria-label="The class">{"".join(bars)}</div>'


def _bar(text: str, count: int, total: int, right: bool) -> str:
    share = 100 * count / total if total else 0.0
    mark = "✓ this run" if right else ""
    return (
        f'<div role="listitem"><span>{escape(text)}</span>'
        f'<span class="bar" style="--share: {share:.1f}%" aria-hidden="true"></span>'
        f'<span class="count">{count} ({share:.0f}\N{NO-BREAK SPACE}%)</span>'
        f'<span class="mark">{mark}</span></div>'
    )
