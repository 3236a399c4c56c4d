"""Who is served next: questions under way, on the cores there are; who waits longest comes first.

A question is asked once, however many wait for it. It begins when it is its turn and there is room
for what it needs; it is halted while others are before it, and given up when nobody waits for it
any more. What has had much already stands as if it had come later, and so does what is patient: so
a short question is not stuck behind long ones, and nothing starves.
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
PATIENT = 30.0  # seconds that what is patient stands behind
OVERDUE = 10.0  # seconds after which a question that finds no room lets no other begin before it


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
    def rank(self) -> float:
        """The lowest comes first: when it was asked, had all been alike."""
        if self.foreseen:
            return math.inf
        return self.since + PATIENT * self.patient + LATER * max(0.0, self.work - SHORT)


class Clerk:
    """Serves the questions of all readers of this process."""

    def __init__(self, workers: Workers) -> None:
        self.workers = workers
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
        live = [q for q in self._under_way if not q.stopped]
        ranked = sorted(live, key=_rank)
        given = dict.fromkeys(live, 0)
        free = self.workers.cores
        begun = [q for q in self._under_way if q.begun]
        late = [q for q in live if not q.begun and now - q.asked > OVERDUE]
        for question in ranked:
            if not free:
                break
            if not question.begun:
                if (late and question is not late[0]) or not self._fits(question, begun):
                    continue
                begun.append(question)
            given[question], free = 1, free - 1
        for question in ranked:
            if given[question]:
                given[question], free = 1 + free, 0
        return given

    def _fits(self, question: Question, begun: list[Question]) -> bool:
        patient = [q for q in begun if q.patient]
        full = len(begun) >= self.workers.places
        crowded = question.patient and len(patient) >= max(1, self.workers.places - 1)
        needed = question.memory + sum(q.memory for q in begun)
        return not begun or not (full or crowded or needed > self.workers.memory)

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
