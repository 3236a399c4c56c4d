"""One who turns a knob beside ten who have started something heavy: how long both wait.

Runs are pretended, and so is the time: each does as much as the cores that it was given.
"""

from concurrent.futures import Future
from dataclasses import dataclass, field

import pytest

from bnviz.ui.answers import clerk as module
from bnviz.ui.answers.clerk import MOST, Clerk, Question

STEP = 0.025  # seconds
KNOB, PIECE = 0.5, 6.0  # seconds of a core
LONGEST = 3.0  # times as long as alone


@dataclass
class Line:
    share: float = 0.0
    cores: int = 0
    stopped: bool = False


@dataclass
class Machine:
    """Two cores, on which a run that has begun does its seconds of work."""

    now: list
    cores: int = 2
    places: int = 6
    memory: float = 300
    at_work: dict = field(default_factory=dict)  # question -> seconds of a core still to do

    def submit(self, question):
        question.future = Future()
        self.at_work[question] = question.config
        return question.future, Line()

    def pass_time(self, clerk, seconds):
        for _ in range(round(seconds / STEP)):
            self.now[0] += STEP
            for question in list(self.at_work):
                self.at_work[question] -= STEP * min(question.wire.cores, MOST)
                if self.at_work[question] <= 0:
                    del self.at_work[question]
                    question.future.set_result(None)
            clerk._deal()


@pytest.fixture
def machine(monkeypatch):
    now = [1000.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: now[0])
    monkeypatch.setattr(Clerk, "_watch", lambda self: None)
    return Machine(now)


class Room:
    """Readers of heavy sections, each of whom asks for the next piece when one is there."""

    def __init__(self, machine, readers, memory):
        self.machine, self.clerk = machine, Clerk(machine)
        self.memory, self.pieces, self.asked = memory, 0, 0
        for _ in range(readers):
            self._ask()

    def _ask(self):
        self.asked += 1
        more = {"memory": self.memory, "patient": True}
        piece = self.clerk.ask(Question(("piece", self.asked), None, PIECE, **more))
        piece.answer.add_done_callback(lambda _: self._next())

    def _next(self):
        self.pieces += 1
        self._ask()

    def turn(self, memory=25.0):
        """Seconds that one who turns a knob waits."""
        knob, before = Question(("knob", self.machine.now[0]), None, KNOB, memory), 0.0
        knob = self.clerk.ask(knob)
        while not knob.answer.done():
            self.machine.pass_time(self.clerk, STEP)
            before += STEP
        self.clerk.leave(knob)
        return before

    def turns(self, times, pause):
        waits = []
        for _ in range(times):
            waits.append(self.turn())
            self.machine.pass_time(self.clerk, pause)
        return waits


@pytest.mark.parametrize("memory", [20, 60, 190])
def test_a_knob_beside_ten_heavy_sections_waits_hardly_longer_than_alone(machine, memory):
    """However much of the memory the heavy ones need, and however long they have waited."""
    alone = Room(machine, 0, 0).turn()
    beside = Room(machine, 10, memory).turns(30, pause=1.0)
    assert max(beside) <= LONGEST * alone


def test_the_heavy_ones_go_on_beside_it(machine):
    """What the knob leaves of the cores is theirs."""
    room = Room(machine, 10, 60)
    before = machine.now[0]
    room.turns(30, pause=1.0)
    left = machine.cores * (machine.now[0] - before) - 30 * KNOB
    assert room.pieces * PIECE > 0.8 * left


def test_the_heavy_ones_do_not_starve_beside_a_class(machine):
    """Where knobs alone would fill the cores, a piece still gets its part after its patience."""
    room = Room(machine, 2, 190)
    machine.pass_time(room.clerk, 1.0)
    for turn in range(400):  # two seconds of work in each second: as much as there are cores
        room.clerk.ask(Question(turn, None, 2 * KNOB, memory=30))
        machine.pass_time(room.clerk, 2 * KNOB / machine.cores)
    assert room.pieces >= 3
