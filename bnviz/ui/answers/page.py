"""The one place where a page asks for results."""

from __future__ import annotations

import time
from collections.abc import Hashable
from concurrent.futures import wait
from functools import cache
from typing import Any, Protocol, TypeVar

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from bnviz.experiments.bounds import TooLargeError
from bnviz.experiments.result import Result
from bnviz.experiments.settings import Settings
from bnviz.ui.answers.clerk import Clerk, Question, available_cores
from bnviz.ui.answers.course import of_the_course
from bnviz.ui.answers.foresight import Foresight, Idea, ideas, wanted
from bnviz.ui.answers.store import Store
from bnviz.ui.answers.workers import LostError, workers
from bnviz.ui.desk import Desk
from bnviz.ui.prose import warn

LOOK = 0.1  # seconds between two looks whether the reader is still there
SHOWN = 0.25  # seconds between two pictures of how far it is
AHEAD = 6.0  # seconds that a run may take, by its estimate, to be computed for nobody yet
SINCE = "bnviz-since"  # in the session: when its reader began to wait
LONGEST = 60.0  # seconds of waiting that count, in the line
ASKED = "bnviz-asked"  # in the session: the first question of this run of the page
SILENT = 0.6  # seconds that a page may wait before it shows how far it is

Config = TypeVar("Config", bound=Settings, contravariant=True)
Answer = TypeVar("Answer", covariant=True)


class Run(Protocol[Config, Answer]):
    """An experiment's run(config, report, workers)."""

    __module__: str
    __qualname__: str

    def __call__(self, config: Config, report: Any, workers: int) -> Answer: ...


class NoAnswerError(Exception):
    """There is no result, and the page cannot go on; says why, in a sentence for the reader."""


@cache
def clerk() -> Clerk:
    """Who serves the questions of all readers of this process."""
    return Clerk(workers(), drawing=lambda: not desk().quiet())


@cache
def store() -> Store:
    """The results that all readers of this process share."""
    return Store()


@cache
def desk() -> Desk:
    """Where the pages of this process are drawn."""
    return Desk(available_cores())


@cache
def foresight() -> Foresight:
    """What computes ahead in this process."""
    return Foresight(_compute_ahead, lambda: clerk().quiet() and desk().quiet())


def _compute_ahead(idea: Idea) -> None:
    config = idea.config.affordable()
    key = key_of(idea.run, config)
    if key in store() or config.work() > AHEAD:
        return
    if question := clerk().foresee(_question(idea.run, config, key)):
        store().put(key, question.answer.result(), of_the_course(idea.config))


def begin() -> None:
    """A run of a page begins: nothing has been asked on it yet."""
    st.session_state[ASKED] = None
    clerk().look()  # what is computed for nobody is halted meanwhile


def look_ahead(name: str) -> None:
    """A lesson is drawn: think of what its reader may ask next."""
    now = st.session_state.get(ASKED)
    if now is None or not wanted():
        return
    before = st.session_state.get(f"{name}-{ASKED}")
    if now != before:
        st.session_state[f"{name}-{ASKED}"] = now
    foresight().think(ideas(name, now, before))


def still_there() -> None:
    """End this run of the page if its reader has done something else, or has gone."""
    _ = "bnviz" in st.session_state  # Streamlit looks for it whenever its state is touched


def key_of(run: Run[Any, Any], config: Settings) -> Hashable:
    """What a result is kept under: one key for all settings whose run is the same."""
    return f"{run.__module__}.{run.__qualname__}", config.reduced().model_dump_json()


def _kept_for(config: Settings, key: Hashable) -> Any:
    """What is kept under this key, as the result of these settings; its arrays are shared."""
    result = store().get(key)
    return result.as_of(config) if isinstance(result, Result) else result


Wanted = TypeVar("Wanted", bound=Settings)


def granted(config: Wanted) -> Wanted:
    """What may be computed of these settings; the page says so if that is less.

    Raises NoAnswerError where not even the least of it may.
    """
    with st.container():  # the sentence comes and goes, and moves nothing below it
        return _granted(config)


def _granted(config: Wanted) -> Wanted:
    try:
        affordable = config.affordable()
    except TooLargeError as refused:
        raise NoAnswerError(str(refused)) from refused
    less = [
        f"{getattr(affordable, name)} {name}"
        for name in ("steps", "seeds")
        if getattr(affordable, name) < getattr(config, name)
    ]
    if less:
        warn(
            f"{config.steps} steps of this many and this large networks would take too long, or"
            f" too much memory, for one visitor: trained for {' and '.join(less)} instead."
            " A smaller network, batch or number of seeds goes further.",
            ":material/timer:",
        )
    return affordable


def answer(run: Run[Any, Answer], config: Settings, *, patient: bool = False) -> Answer:
    """The result of run(config): kept, or computed now, once for all who wait for it.

    A run that would cost more than its bound is shortened, and the page says so. `patient`: a
    part of something long, behind what other readers are waiting for.
    """
    with st.container():  # what comes and goes in it must not move what stands below
        if st.session_state.get(ASKED) is None:
            st.session_state[ASKED] = Idea(run, config)  # the lesson's first question, its own
        affordable = _granted(config)
        key = key_of(run, affordable)
        if key not in store():
            with desk().left(still_there):
                store().put(key, _computed(run, affordable, key, patient), of_the_course(config))
        result: Answer = _kept_for(affordable, key)
        return result


def kept(run: Run[Any, Any], config: Settings) -> bool:
    """Whether the result of run(config) is there."""
    return key_of(run, config.affordable()) in store()


def again(run: Run[Any, Answer], config: Settings) -> Answer:
    """What `answer` gives, where there is no page that could wait: kept, or computed once more.

    For what a reader saves. Raises TooLargeError and LostError.
    """
    affordable = config.affordable()
    key = key_of(run, affordable)
    if key not in store():
        question = clerk().ask(_question(run, affordable, key))
        try:
            store().put(key, question.answer.result(), of_the_course(config))
        finally:
            clerk().leave(question)
    result: Answer = _kept_for(affordable, key)
    return result


def _computed(run: Run[Any, Any], config: Settings, key: Hashable, patient: bool) -> Any:
    question = _question(run, config, key, patient)
    if not patient:
        question.since = _since()
    question = clerk().ask(question)
    try:
        _wait(question)
    finally:
        clerk().leave(question)
    st.session_state[SINCE] = None
    try:
        return question.answer.result()
    except LostError as error:
        raise NoAnswerError(
            "That run was lost: the process that computed it has ended. Try again."
        ) from error


def _since() -> float:
    """When the reader began to wait: who turns on while waiting keeps the place in the line."""
    now = time.monotonic()
    since = max(st.session_state.get(SINCE) or now, now - LONGEST)
    st.session_state[SINCE] = since
    return since


def _question(
    run: Run[Any, Any], config: Settings, key: Hashable, patient: bool = False
) -> Question:
    return Question(key, run, config.reduced(), config.memory(), patient)


def _wait(question: Question) -> None:
    """Until the answer is there; how far it is, for everyone who waits, whoever began it."""
    place, started, shown = None, time.monotonic(), 0.0
    while not wait([question.answer], timeout=LOOK).done:
        now = time.monotonic()
        if now - started > SILENT and now - shown > SHOWN:
            place, shown = place or st.empty(), now
            _show(place, question)
        else:
            still_there()
    if place is not None:
        place.empty()


def _show(place: DeltaGenerator, question: Question) -> None:
    if question.begun:
        place.progress(question.share, text=f"Training: {100 * question.share:.0f} %")
        return
    before = clerk().ahead_of(question)
    queue = f"{before} before yours" if before else "yours is next"
    place.info(f"Others are training right now: {queue}.", icon=":material/hourglass_empty:")
