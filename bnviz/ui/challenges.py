"""Questions before answers: what a lesson asks, one challenge at a time, above its picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import streamlit as st
from pydantic import BaseModel

from bnviz.ui import gathered, knobs, options, planned, stage, take_home
from bnviz.ui.company import COMPANY
from bnviz.ui.foreseen import OPEN, RIGHT, WRONG, Answers, answers
from bnviz.ui.knobs import name_in_link
from bnviz.ui.mishaps import safe
from bnviz.ui.planned import Place
from bnviz.ui.prose import anew, notice, remark, tell
from bnviz.words.challenge import LETTERS, SHOWN, Challenge, changed, verdict_on
from bnviz.words.findings import Findings

SHOW = "Show the answer"
_UNSEEN = """<style>
body:not([data-played="{play}"]) :is(.stPlotlyChart, [class*="st-key-end-"]) {{
  animation: bnviz-unseen 60s step-end}}</style>"""


class Quiz:
    """The challenges of a lesson, at the place where it is made: `Quiz("race", words.CHALLENGES)`.

    Then `pose(config)` with the knobs as they stand, and `tell(said, verdict)` with the run's.
    A challenge whose setting is on the screen already is not posed, for the screen answers it;
    one that asks about the picture is posed only there. What was asked and said is in the link.

    Where answers are held back, to a class (`?present=1`) or by the link (`?ask=1`), an answer is
    noted only, and may be changed; the knobs are set, and the run is trained and judged, when
    the answer is asked for. Until then nothing that a run shows is said. What a class was shown
    is kept apart from what the reader has answered alone.
    """

    def __init__(self, lesson: str, challenges: Sequence[Challenge]) -> None:
        self.lesson, self.challenges = lesson, challenges
        self._place = st.container()
        self._verdict: Any = None
        self._config: BaseModel | None = None
        self._posed: Challenge | None = None
        self._answers: Answers = answers()
        self._company, self._company_holds = COMPANY.get(), False
        self._who = _in_class(lesson) if stage.presenting() else lesson
        self._from_link()

    def pose(self, config: BaseModel) -> None:
        """Show the question, before anything is computed."""
        self._config, position = config, self._position(config)
        self._posed = self.challenges[position] if position is not None else None
        self._into_link(position)
        if self._company and self._posed:
            self._company_holds = self._company.holds(self.lesson, self._posed)
        self._set_the_stage()
        with self._place, st.container(border=True, key=f"{self.lesson}-challenge"):
            if self._posed is None:
                self._all_asked(type(config))
            elif self._said(self._posed):
                self._ran(type(config), position or 0)
            else:
                self._ask(type(config), position or 0)
        if self._company:
            with self._place:
                self._company.beside(self, type(config))

    def tell(self, said: Findings, verdict: object) -> None:
        """The answer beside its question, and here what the run shows, which keeps until then."""
        self.of("", verdict)
        with st.container(key=f"end-{self.lesson}-findings"):
            if self.held or self._unsaid(look=True):
                once = "the answer is shown" if self.held else "you have answered, or skipped"
                st.caption(f"What this run shows stands here once {once}.")
                return
            take_home.told(said)
            listed = "\n".join(f"- {sentence}" for sentence in said.more)
            notice(said.headline)
            notice(listed)
            gathered.put(gathered.Text(f"## {said.headline}\n{listed}", ends=True))
            with anew(f"{said.headline}\n{listed}"):
                st.header(said.headline, anchor=False)
                st.markdown(listed)

    def of(self, what: str, verdict: object) -> None:
        """The verdict of a section, for a challenge that is `on` it."""
        posed = self._posed
        if posed is None or posed.on != what or self._verdict is None:
            return
        letter = self._said(posed)
        outcome = posed.outcome(verdict)
        guessed = posed.answer(letter) is not None and outcome.right is not None
        how = OPEN if not guessed else RIGHT if posed.answer(letter) == outcome.right else WRONG
        self._answers.came.setdefault(self.lesson, {})[posed.name] = outcome.right
        if self._who == self.lesson:
            self._answers.settle(self.lesson, posed.name, how)
        with self._verdict:
            tell(verdict_on(posed, letter, outcome), kept=False)

    @property
    def posed(self) -> Challenge | None:
        """The question on the page; None where all were asked."""
        return self._posed

    @property
    def answered(self) -> bool:
        """Whether the reader has answered it, and the run is on the screen."""
        return self._posed is not None and bool(self._said(self._posed))

    @property
    def noted(self) -> bool:
        """Whether the reader has said something that still may change."""
        return self.held and self._posed is not None and bool(self._noted(self._posed))

    @property
    def held(self) -> bool:
        """Whether there is a question whose answer is held back."""
        return self._unsaid() and (options.on("ask") or stage.presenting() or self._company_holds)

    def _unsaid(self, look: bool = False) -> bool:
        """Whether a question is posed, about the picture or not, that was not answered yet."""
        posed = self._posed
        return posed is not None and not self._said(posed) and (posed.look or not look)

    def _set_the_stage(self) -> None:
        """What a class sees: the picture that the question is about, once it may be seen."""
        posed = self._posed
        if posed and (posed.look or self._said(posed)):
            stage.put(posed.opens)
        if self.held:
            stage.hold()

    @property
    def play(self) -> str:
        """Which answer the clock is to play from step 0; "": none."""
        posed = self._posed
        plays = st.session_state.get(f"{self.lesson}-plays", 0)
        answered = posed is not None and not posed.look and bool(self._said(posed))
        return f"{self.lesson}-{plays}" if answered and plays else ""

    def _said(self, challenge: Challenge) -> str:
        return self._answers.said.get(self._who, {}).get(challenge.name, "")

    def _position(self, config: BaseModel) -> int | None:
        """Of the challenge to pose, from where the reader is."""
        for position in range(self._at(), len(self.challenges)):
            challenge = self.challenges[position]
            on_screen = config == type(config)(**challenge.setting)
            if on_screen if challenge.look or self._said(challenge) else not on_screen:
                return position
        return None

    def _at(self) -> int:
        return int(st.session_state.get(self._ask_key, 1)) - 1

    @property
    def _ask_key(self) -> str:
        return name_in_link(self.lesson, "ask")

    @property
    def _said_key(self) -> str:
        return name_in_link(self.lesson, "said")

    def _from_link(self) -> None:
        """Once in a session, and when a plan leads here: where the reader was, and had said."""
        led = planned.arrived(self.lesson)
        if self._ask_key in st.session_state and not led:
            return
        asked = st.query_params.get(self._ask_key, "1")
        number = int(asked) if asked.isdecimal() and len(asked) < 3 else 1
        number = min(max(number, 1), len(self.challenges) + 1)
        st.session_state[self._ask_key] = number
        st.session_state[self._said_key] = None  # known, so that no link's word for it is unknown
        letter = st.query_params.get(self._said_key, "")
        if number <= len(self.challenges) and self.challenges[number - 1].knows(letter):
            self._answers.first(self._who, self.challenges[number - 1].name, letter)

    def _into_link(self, position: int | None) -> None:
        number = len(self.challenges) + 1 if position is None else position + 1
        said = self._said(self._posed) if self._posed else ""
        wanted = {self._ask_key: str(number) if number > 1 or said else "", self._said_key: said}
        for key, value in wanted.items():
            if value and st.query_params.get(key) != value:
                st.query_params[key] = value
            elif not value and key in st.query_params:
                del st.query_params[key]

    def _ask(self, config: type[BaseModel], position: int) -> None:
        challenge = self.challenges[position]
        self._question(position)
        with st.container(horizontal=True, gap="xsmall", vertical_alignment="center"):
            for letter, text in zip(LETTERS, challenge.answers, strict=False):
                self._button(config, challenge, letter, text)
            waited = self.held or self._noted(challenge)
            self._button(config, challenge, SHOWN, SHOW if waited else "Just show me")
            self._turns(config, position)

    def _button(
        self, config: type[BaseModel], challenge: Challenge, letter: str, text: str
    ) -> None:
        noted = letter == self._noted(challenge)
        st.button(
            text,
            on_click=safe(self._note if self.held and letter != SHOWN else self._answer),
            args=(config, challenge, letter),
            key=f"{self.lesson}-answer-{challenge.name}-{letter}",
            type="tertiary" if letter == SHOWN else "secondary",
            icon=":material/check:" if noted else None,
            help="Noted. It may be changed until the answer is shown." if noted else None,
        )

    def _may_show(self, challenge: Challenge) -> bool:
        return self._company is None or self._company.may_show(self.lesson, challenge)

    def _noted(self, challenge: Challenge) -> str:
        return self._answers.noted.get(self._who, {}).get(challenge.name, "")

    def _question(self, position: int) -> None:
        challenge = self.challenges[position]
        notice(challenge.question)
        number = f"Question {position + 1} of {len(self.challenges)}"
        asked = f":small[{number}] **{challenge.question}**"
        with anew(asked):
            st.markdown(asked)

    def _ran(self, config: type[BaseModel], position: int) -> None:
        """Its answer has been given: the verdict, once there is one, and what comes next."""
        self._question(position)
        if self.play:  # no picture shows the end before it has been played
            st.html(_UNSEEN.format(play=self.play))
        st.empty()  # in the place of the answers, which would be there until the run has ended
        self._verdict = st.container(key=f"end-{self.lesson}-verdict")
        with st.container(horizontal=True, gap="xsmall", vertical_alignment="center"):
            with st.container(width="stretch"):
                remark(self._changed() or " ")
            self._turns(config, position, "Next question")

    def _changed(self) -> str:
        """Which knobs the answer has turned, named here and marked where they stand."""
        turned: Mapping[str, str] = st.session_state.get(f"{self.lesson}-changed", {})
        if not turned or (self._posed and self._posed.look):  # which has turned nothing
            return ""
        marked = ", ".join(f".st-key-{name_in_link(self.lesson, name)}" for name in turned)
        st.html(f"<style>:is({marked}) {{box-shadow: -3px 0 var(--bnviz-mark)}}</style>")
        return changed(list(turned.values()))

    def _turns(self, config: type[BaseModel], position: int, onward: str = "Skip") -> None:
        if place := planned.place(self.lesson, self.challenges[position].name):
            place.note()
            if place.number > 1:
                self._follow(config, place, -1, "Back")
            self._follow(config, place, 1, onward)
            return
        if position:
            self._turn(config, self._before(position), "Back")
        self._turn(config, position + 1, onward)

    def _follow(self, config: type[BaseModel], place: Place, step: int, label: str) -> None:
        """To the plan's question before or after."""
        stop = place.beside(step)
        key = f"{self.lesson}-question-{'back-' if step < 0 else ''}plan"
        if stop is None or stop.lesson != self.lesson:
            said = self._answers.said.get(_in_class(stop.lesson), {}) if stop else {}
            with st.container(key=key, width="content"):
                st.html(place.link(step, label, bool(stop and stop.challenge in said)))
            return

        def go() -> None:
            place.note(step)
            self.join(config, stop.challenge)

        kind: Literal["primary", "tertiary"] = "primary" if label.startswith("Next") else "tertiary"
        st.button(label, on_click=safe(go), key=key, type=kind)

    def _before(self, position: int) -> int:
        """The question before; of a picture that was not seen yet, the one that leads to it."""
        before = position - 1
        while before and self.challenges[before].look and not self._seen(before):
            before -= 1
        return before

    def _seen(self, position: int) -> bool:
        """Whether this one was answered, or asks about a picture that an answer has shown."""
        challenge = self.challenges[position]
        led = position > 0 and challenge.look and self._said(self.challenges[position - 1])
        return bool(self._said(challenge) or led)

    def _turn(self, config: type[BaseModel], to: int, label: str) -> None:
        st.button(
            label,
            on_click=safe(self._go),
            args=(config, to),
            key=f"{self.lesson}-question-{'back-' if label == 'Back' else ''}{to}",
            type="primary" if label.startswith("Next") else "tertiary",
        )

    def _all_asked(self, config: type[BaseModel]) -> None:
        right, guessed = self._answers.of(self.lesson)
        told = f" You foresaw {right} of {guessed}." if guessed else ""
        with st.container(horizontal=True, gap="xsmall", vertical_alignment="center"):
            ended = f"**That was the last question of this lesson.**{told}"
            with anew(ended):
                st.markdown(ended)
            self._turn(config, self._before(len(self.challenges)), "Back")
            st.button("Ask again", on_click=safe(self._begin), args=(config,),
                      key=f"{self.lesson}-question-again")  # fmt: skip

    # --- what the buttons do

    def _note(self, _config: type[BaseModel], challenge: Challenge, letter: str) -> None:
        self._answers.note(self._who, challenge.name, letter)

    def _answer(self, config: type[BaseModel], challenge: Challenge, letter: str) -> None:
        if letter == SHOWN and not self._may_show(challenge):
            return
        said = self._noted(challenge) or letter if letter == SHOWN else letter
        self._answers.first(self._who, challenge.name, said)
        st.session_state[self._ask_key] = self.challenges.index(challenge) + 1
        if not challenge.look:
            self._set(config, challenge)

    def _set(self, config: type[BaseModel], challenge: Challenge) -> None:
        before = knobs.shown(config, self.lesson)
        knobs.put(config, self.lesson, challenge.setting, challenge.opens or None)
        after = knobs.shown(config, self.lesson)
        st.session_state[f"{self.lesson}-changed"] = {
            name: f"{knobs.spoken(config, name)} {before[name]} → {after[name]}"
            for name in after
            if name in before and before[name] != after[name]
        }
        plays = f"{self.lesson}-plays"
        st.session_state[plays] = st.session_state.get(plays, 0) + 1

    def _go(self, config: type[BaseModel], to: int) -> None:
        """To another question; one whose run was seen comes with its setting.

        A class may be asked what is on the screen already: that goes away first.
        """
        st.session_state[self._ask_key] = to + 1
        if to >= len(self.challenges):
            return
        if self._seen(to):
            self._set(config, self.challenges[to])
        elif stage.presenting() and self._config == config(**self.challenges[to].setting):
            knobs.back(config, self.lesson)

    def join(self, config: type[BaseModel], name: str) -> None:
        """To the question of this name, as it is first met: at the defaults, or at its picture."""
        to = next(place for place, one in enumerate(self.challenges) if one.name == name)
        st.session_state[self._ask_key] = to + 1
        if self._seen(to) or self.challenges[to].look:
            self._set(config, self.challenges[to])
        else:
            knobs.back(config, self.lesson)

    def _begin(self, config: type[BaseModel]) -> None:
        self._answers.forget(self._who)
        st.session_state[self._ask_key] = 1
        knobs.back(config, self.lesson)


def _in_class(lesson: str) -> str:
    """What a class was shown is noted under this name."""
    return f"{lesson} in class"
