"""Who is served next: questions under way, on the cores there are; who waits longest comes first.

A question is asked once, however many wait for it. It begins when it is its turn and there is room
for what it needs; it is halted while others are before it, and given up when nobody waits for it
any more. What has had much already stands as if it had come later, and so does what is patient: so
a short question is not stuck behind long ones, and nothing starves. While it is short it has all
the threads that it can use before what is patient goes on, as if it were alone. What is foreseen
is halted while a page is drawn.
"""

from __future__ import annotations

import math
import os
import threading
import time
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, Protocol

from bnviz.experiments.jobs import Control

TICK = 0.05  # seconds between two looks at what is under way
GRACE = 0.06  # seconds after which a question that nobody waits for is given up
SHORT = 1.0  # seconds of work that any question may have; of what it has had beyond, each …
LATER = 3.0  # … counts as if it had come so many seconds later
MOST = 2  # threads of one run
PATIENT = 30.0  # seconds that what is patient stands behind
PATIENT_ROOM = 2 / 3  # of the memory, for all that is patient together: the largest run fits
OVERDUE = 10.0  # seconds after which a question that finds no room lets none after it begin


class Told(Control, Protocol):
    """A wire as the one who computes sees it: the control, and how much is done."""

    share: float  # from 0 to 1


class Wire(Told, Protocol):
    """Between the one who asks and the one who computes, as the one who asks sees it."""

    cores: int
    stopped: bool


class Workers(Protocol):
    """Where runs are computed."""

    cores: int  # that may be at work at once
    places: int  # runs that may have begun at once
    memory: float  # bytes that these may need together, by their estimates

    def submit(self, question: Question) -> tuple[Future[Any], Wire]: ...


@dataclass(eq=False)
class Question:
    """A run of a config that is under way, or about to be."""

    key: Hashable
    run: Callable[..., Any]
    config: Any
    memory: float = 0  # bytes that it will need, about
    patient: bool = False  # part of something long: what is short comes first
    foreseen: bool = False  # nobody has asked it yet
    since: float = 0.0  # when the reader who has waited longest for it began to wait
    waiters: int = 0
    asked: float = 0.0
    left: float = 0.0  # when the last one who waited went away
    work: float = 0.0  # seconds of a core that it has had
    wire: Wire | None = None  # once it has begun
    answer: Future[Any] = field(default_factory=Future)

    @property
    def begun(self) -> bool:
        return self.wire is not None

    @property
    def stopped(self) -> bool:
        return self.wire is not None and self.wire.stopped

    @property
    def share(self) -> float:
        return self.wire.share if self.wire is not None else 0.0

    @property
    def short(self) -> bool:
        """Somebody waits for it now, and it has not had more than any question may."""
        return not self.patient and not self.foreseen and self.work < SHORT

    @property
    def rank(self) -> float:
        """The lowest comes first: when it was asked, had all been alike."""
        if self.foreseen:
            return math.inf
        return self.since + PATIENT * self.patient + LATER * max(0.0, self.work - SHORT)


class Clerk:
    """Serves the questions of all readers of this process."""

    def __init__(self, workers: Workers, drawing: Callable[[], bool] = lambda: False) -> None:
        """`drawing`: whether any page is being drawn, which goes before what is foreseen."""
        self.workers = workers
        self._drawing = drawing
        self._changed = threading.Condition(threading.RLock())
        self._under_way: list[Question] = []
        self._looked = time.monotonic()
        self._thread: threading.Thread | None = None

    def ask(self, question: Question) -> Question:
        """Ask, or wait for the same question that is under way already; pairs with `leave`."""
        with self._changed:
            known = self._find(question.key) or self._added(question)
            known.foreseen = False
            known.since = min(known.since, question.since or time.monotonic())
            known.patient = known.patient and question.patient
            known.waiters += 1
            self._give_up_what_was_foreseen()
            self._watch()
            self._deal()
            return known

    def foresee(self, question: Question) -> Question | None:
        """Compute what may be asked next, if nobody waits for anything; any question ends it."""
        with self._changed:
            if self._under_way:
                return None
            question.foreseen = True
            self._watch()
            self._added(question)
            self._deal()
            return question

    def look(self) -> None:
        """Share the cores out now: a page is going to be drawn."""
        with self._changed:
            if self._under_way:
                self._deal()

    def quiet(self) -> bool:
        """Whether nothing is under way."""
        return not self._under_way

    def leave(self, question: Question) -> None:
        """Wait no longer."""
        with self._changed:
            question.waiters -= 1
            question.left = time.monotonic()
            self._changed.notify_all()

    def ahead_of(self, question: Question) -> int:
        """How many that have not begun either stand before it."""
        with self._changed:
            waiting = sorted((q for q in self._under_way if not q.begun), key=_rank)
            return waiting.index(question) if question in waiting else 0

    def _added(self, question: Question) -> Question:
        question.asked = time.monotonic()
        question.since = question.since or question.asked
        self._under_way.append(question)
        self._changed.notify_all()
        return question

    def _find(self, key: Hashable) -> Question | None:
        return next((q for q in self._under_way if q.key == key and not q.stopped), None)

    def _give_up_what_was_foreseen(self) -> None:
        for question in list(self._under_way):
            if question.foreseen:
                self._give_up(question)

    def _give_up(self, question: Question) -> None:
        """What has not begun never will; what has, ends at its next checkpoint."""
        if question.wire is None:
            self._under_way.remove(question)
            question.answer.cancel()
        else:
            question.wire.stopped = True

    def _watch(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._look, name="bnviz-clerk", daemon=True)
            self._thread.start()

    def _look(self) -> None:
        while True:
            with self._changed:
                while not self._under_way:
                    self._changed.wait()
                self._deal()
                self._changed.wait(TICK)

    def _deal(self) -> None:
        """Give up what nobody waits for, and give the cores to those whose turn it is."""
        now = time.monotonic()
        passed, self._looked = now - self._looked, now
        for question in list(self._under_way):
            if question.wire is not None:
                question.work += min(passed, 2 * TICK) * question.wire.cores
            wanted = question.waiters or question.foreseen or question.stopped
            if not wanted and now - question.left > GRACE:
                self._give_up(question)
        for question, cores in self._shared_out(now).items():
            if question.wire is not None:
                question.wire.cores = cores
            elif cores:
                self._begin(question, cores)

    def _shared_out(self, now: float) -> dict[Question, int]:
        """Cores for every question: one each, in their order, and what is left over."""
        ranked = sorted((q for q in self._under_way if not q.stopped), key=_rank)
        given = dict.fromkeys(ranked, 0)
        free = self.workers.cores
        begun = [q for q in self._under_way if q.begun]
        late = [q for q in ranked if not q.begun and now - q.asked > OVERDUE]
        for question in ranked:
            if question.foreseen and self._drawing():
                break
            if question.patient:
                free -= self._more_for_short(given, free)
            if not free:
                break
            if not question.begun:
                if not self._may_begin(question, begun, late):
                    continue
                begun.append(question)
            given[question], free = 1, free - 1
        for question in ranked:
            if given[question]:
                given[question], free = given[question] + free, 0
        return given

    def _more_for_short(self, given: dict[Question, int], free: int) -> int:
        """Give what is short, and has a core, more of those that are free; how many it took."""
        left = free
        for question, cores in given.items():
            if cores and question.short:
                more = min(left, MOST - cores)
                given[question], left = cores + more, left - more
        return free - left

    def _may_begin(self, question: Question, begun: list[Question], late: list[Question]) -> bool:
        """Whether there is room, and nobody before it has waited too long for room.

        What is patient and waits for another that is, is not helped by holding a knob back.
        """
        held_back = any(
            other.rank < question.rank and (question.patient or not self._crowded(other, begun))
            for other in late
        )
        return self._fits(question, begun) and not held_back

    def _fits(self, question: Question, begun: list[Question]) -> bool:
        full = len(begun) >= self.workers.places
        needed = question.memory + sum(q.memory for q in begun)
        no_room = full or self._crowded(question, begun) or needed > self.workers.memory
        return not (begun and no_room)

    def _crowded(self, question: Question, begun: list[Question]) -> bool:
        """Whether what is patient has all the places, or all the memory, that it may."""
        patient = [q for q in begun if q.patient]
        needed = question.memory + sum(q.memory for q in patient)
        places = max(1, self.workers.places - 1)
        much = bool(patient) and needed > PATIENT_ROOM * self.workers.memory
        return question.patient and (much or len(patient) >= places)

    def _begin(self, question: Question, cores: int) -> None:
        try:
            future, question.wire = self.workers.submit(question)
        except Exception as error:  # noqa: BLE001 - whoever waits is told
            self._under_way.remove(question)
            question.answer.set_exception(error)
            return
        question.wire.cores = cores
        future.add_done_callback(lambda done: self._ended(question, done))

    def _ended(self, question: Question, done: Future[Any]) -> None:
        with self._changed:
            if question in self._under_way:
                self._under_way.remove(question)
            if done.cancelled():
                question.answer.cancel()
            elif error := done.exception():
                question.answer.set_exception(error)
            else:
                question.answer.set_result(done.result())
            if self._under_way:
                self._deal()


def _rank(question: Question) -> float:
    return question.rank


def available_cores() -> int:
    """The cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
