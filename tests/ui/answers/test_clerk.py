"""Who is served when: the order, the cores, the room, and the end of what nobody waits for."""

import time
from concurrent.futures import Future
from dataclasses import dataclass, field

import pytest

from bnviz.ui.answers import clerk as module
from bnviz.ui.answers.clerk import Clerk, Question


@dataclass
class Line:
    share: float = 0.0
    cores: int = 0
    stopped: bool = False


@dataclass
class Pretended:
    """Workers that compute nothing: the test says when a run ends."""

    cores: int = 2
    places: int = 6
    memory: float = 100
    begun: list = field(default_factory=list)

    def submit(self, question):
        self.begun.append(question.key)
        question.future = Future()
        return question.future, Line()


@pytest.fixture
def now(monkeypatch):
    """A clock that the test sets; nothing is looked at but when the test looks."""
    clock = [1000.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: clock[0])
    monkeypatch.setattr(Clerk, "_watch", lambda self: None)
    return clock


def question(key, **more):
    return Question(key, None, None, **more)


def cores(*questions):
    return [q.wire.cores if q.wire else None for q in questions]


def pass_time(clerk, now, seconds):
    """Let time pass, in the steps in which the clerk looks."""
    end = now[0] + seconds
    while now[0] < end:
        now[0] += module.TICK
        clerk._deal()


class TestOrder:
    def test_one_alone_has_all_cores(self, now):
        clerk = Clerk(Pretended())
        one = clerk.ask(question("a"))
        assert cores(one) == [2]

    def test_nobody_holds_both_cores_while_another_waits(self, now):
        clerk = Clerk(Pretended())
        one, other = clerk.ask(question("a")), clerk.ask(question("b"))
        assert cores(one, other) == [1, 1]
        one.future.set_result(None)
        assert cores(other) == [2]

    def test_first_come_first_served(self, now):
        clerk, workers = Clerk(pretended := Pretended()), None
        asked = [clerk.ask(question(name)) for name in "abcde"]
        assert pretended.begun == ["a", "b"]
        assert [clerk.ahead_of(q) for q in asked[2:]] == [0, 1, 2]
        asked[1].future.set_result(None)
        assert pretended.begun == ["a", "b", "c"]
        asked[0].future.set_result(None)
        assert pretended.begun == ["a", "b", "c", "d"]
        assert workers is None

    def test_who_turns_on_while_waiting_keeps_the_place_in_the_line(self, now):
        clerk = Clerk(pretended := Pretended(cores=1))
        first = clerk.ask(question("first"))
        clerk.ask(question("later", since=now[0] + 1))
        clerk.ask(question("turned on", since=now[0] + 0.5))
        now[0] += 2
        first.future.set_result(None)
        assert pretended.begun == ["first", "turned on"]

    def test_a_question_stands_where_its_longest_waiting_reader_stands(self, now):
        clerk = Clerk(pretended := Pretended(cores=1))
        first = clerk.ask(question("first"))
        clerk.ask(question("a", since=now[0] + 1))
        clerk.ask(question("b", since=now[0] + 2))
        clerk.ask(question("b", since=now[0] + 0.5))
        first.future.set_result(None)
        assert pretended.begun == ["first", "b"]

    def test_what_is_short_overtakes_what_has_taken_long_already(self, now):
        clerk = Clerk(Pretended(cores=1))
        long = clerk.ask(question("long"))
        pass_time(clerk, now, 2.0)
        assert long.work > module.SHORT
        short = clerk.ask(question("short"))
        assert cores(long, short) == [0, 1]
        short.future.set_result(None)
        assert cores(long) == [1]

    def test_what_is_patient_stands_behind(self, now):
        clerk = Clerk(Pretended(cores=1))
        heavy = [clerk.ask(question(n, patient=True)) for n in range(3)]
        knob = clerk.ask(question("knob"))
        assert cores(*heavy, knob) == [0, None, None, 1]

    def test_what_is_short_has_all_it_can_use_before_what_is_patient_goes_on(self, now):
        clerk = Clerk(Pretended())
        heavy = [clerk.ask(question(n, patient=True)) for n in range(2)]
        knob = clerk.ask(question("knob"))
        assert cores(*heavy, knob) == [0, 0, 2]
        pass_time(clerk, now, module.SHORT)  # of two cores: it is short no longer
        assert cores(*heavy, knob) == [1, 0, 1]

    def test_two_readers_who_turn_knobs_have_a_core_each(self, now):
        clerk = Clerk(Pretended())
        clerk.ask(question("heavy", patient=True))
        assert cores(clerk.ask(question("a")), clerk.ask(question("b"))) == [1, 1]

    def test_cores_that_a_short_one_cannot_use_go_to_what_is_patient(self, now):
        clerk = Clerk(Pretended(cores=4))
        heavy = [clerk.ask(question(n, patient=True)) for n in range(3)]
        knob = clerk.ask(question("knob"))
        assert cores(*heavy, knob) == [1, 1, 0, 2]

    def test_patience_ends_where_a_reader_without_it_waits_for_the_same(self, now):
        clerk = Clerk(Pretended(cores=1))
        clerk.ask(question("a", patient=True))
        piece = clerk.ask(question("b", patient=True))
        assert clerk.ask(question("b")) is piece
        assert cores(piece) == [1]

    def test_nothing_starves(self, now):
        """A long run beside an endless row of short ones gets about a third of the time."""
        clerk = Clerk(Pretended(cores=1))
        long = clerk.ask(question("long"))
        pass_time(clerk, now, 5.0)
        before = long.work
        for n in range(100):
            short = clerk.ask(question(n))
            pass_time(clerk, now, 0.3)
            short.future.set_result(None)
        assert 0.2 < (long.work - before) / 30 < 0.5


class TestOnce:
    def test_the_same_question_is_computed_once_for_all(self, now):
        clerk = Clerk(pretended := Pretended())
        one = clerk.ask(question("a"))
        assert all(clerk.ask(question("a")) is one for _ in range(50))
        one.future.set_result("answer")
        assert pretended.begun == ["a"]
        assert one.answer.result() == "answer"

    def test_it_goes_on_while_anyone_waits(self, now):
        clerk = Clerk(Pretended())
        one = clerk.ask(question("a"))
        clerk.ask(question("a"))
        clerk.leave(one)
        pass_time(clerk, now, 1.0)
        assert not one.stopped

    def test_what_nobody_waits_for_is_given_up_at_once(self, now):
        clerk = Clerk(Pretended())
        one, other = clerk.ask(question("a")), clerk.ask(question("b"))
        clerk.leave(one)
        pass_time(clerk, now, 0.15)
        assert one.stopped
        assert cores(other) == [2]

    def test_a_reader_who_comes_back_at_once_finds_it_going_on(self, now):
        clerk = Clerk(Pretended())
        one = clerk.ask(question("a"))
        clerk.leave(one)
        now[0] += module.GRACE / 2
        clerk._deal()
        assert clerk.ask(question("a")) is one
        pass_time(clerk, now, 1.0)
        assert not one.stopped

    def test_one_that_was_given_up_is_begun_anew(self, now):
        clerk = Clerk(pretended := Pretended())
        one = clerk.ask(question("a"))
        clerk.leave(one)
        pass_time(clerk, now, 0.15)
        again = clerk.ask(question("a"))
        assert again is not one
        assert pretended.begun == ["a", "a"]

    def test_one_that_has_not_begun_and_that_nobody_waits_for_never_begins(self, now):
        clerk = Clerk(pretended := Pretended(cores=1))
        one, other = clerk.ask(question("a")), clerk.ask(question("b"))
        clerk.leave(other)
        pass_time(clerk, now, 0.15)
        one.future.set_result(None)
        assert pretended.begun == ["a"]
        assert other.answer.cancelled()

    def test_what_goes_wrong_reaches_everyone_who_waits(self, now):
        clerk = Clerk(Pretended())
        one = clerk.ask(question("a"))
        one.future.set_exception(ValueError("no"))
        with pytest.raises(ValueError, match="no"):
            one.answer.result()
        assert clerk.ask(question("a")) is not one

    def test_workers_that_cannot_be_reached_are_an_answer_too(self, now, monkeypatch):
        clerk = Clerk(pretended := Pretended())
        monkeypatch.setattr(pretended, "submit", lambda question: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            clerk.ask(question("a")).answer.result(timeout=1)


class TestRoom:
    def test_what_does_not_fit_waits(self, now):
        clerk = Clerk(pretended := Pretended(memory=100))
        one = clerk.ask(question("a", memory=70))
        clerk.ask(question("b", memory=70))
        clerk.ask(question("c", memory=20))
        assert pretended.begun == ["a", "c"]
        one.future.set_result(None)
        assert pretended.begun == ["a", "c", "b"]

    def test_alone_anything_begins(self, now):
        clerk = Clerk(pretended := Pretended(memory=100))
        clerk.ask(question("a", memory=1000))
        assert pretended.begun == ["a"]

    def test_what_waits_too_long_for_room_lets_no_other_begin(self, now):
        clerk = Clerk(pretended := Pretended(memory=100))
        one = clerk.ask(question("a", memory=60))
        clerk.ask(question("b", memory=90))
        pass_time(clerk, now, module.OVERDUE + 1)
        clerk.ask(question("c", memory=20))
        assert pretended.begun == ["a"]
        one.future.set_result(None)
        assert pretended.begun[:2] == ["a", "b"]

    def test_what_is_patient_holds_no_knob_back_however_long_it_has_waited(self, now):
        clerk = Clerk(pretended := Pretended(places=3))
        for n in range(3):
            clerk.ask(question(n, patient=True))
        pass_time(clerk, now, module.OVERDUE + 1)
        clerk.ask(question("knob"))
        assert pretended.begun == [0, 1, "knob"]

    def test_but_it_does_once_it_comes_first_and_knobs_alone_take_its_memory(self, now):
        clerk = Clerk(pretended := Pretended(memory=100))
        one = clerk.ask(question("one", memory=50))
        heavy = clerk.ask(question("heavy", memory=60, patient=True))
        pass_time(clerk, now, module.PATIENT + module.OVERDUE)
        clerk.ask(question("next", memory=50))
        assert pretended.begun == ["one"]
        one.future.set_result(None)
        assert pretended.begun[:2] == ["one", "heavy"]
        assert heavy.begun

    def test_what_is_patient_leaves_memory_for_what_is_not(self, now):
        clerk = Clerk(pretended := Pretended(memory=90))
        for n in range(3):
            clerk.ask(question(n, memory=30, patient=True))
        clerk.ask(question("knob", memory=30))
        assert pretended.begun == [0, 1, "knob"]

    def test_what_is_patient_leaves_a_place_for_what_is_not(self, now):
        clerk = Clerk(pretended := Pretended(cores=3, places=3))
        for n in range(5):
            clerk.ask(question(n, patient=True))
        assert pretended.begun == [0, 1]
        clerk.ask(question("knob"))
        assert pretended.begun == [0, 1, "knob"]


class TestForesight:
    def test_is_computed_while_nobody_asks(self, now):
        clerk = Clerk(pretended := Pretended())
        ahead = clerk.foresee(question("a"))
        pass_time(clerk, now, 1.0)
        assert pretended.begun == ["a"]
        assert not ahead.stopped

    def test_a_real_question_ends_it_at_once(self, now):
        clerk = Clerk(Pretended())
        ahead = clerk.foresee(question("a"))
        real = clerk.ask(question("b"))
        assert ahead.stopped
        assert cores(real) == [2]

    def test_unless_it_is_the_one_foreseen(self, now):
        clerk = Clerk(pretended := Pretended())
        ahead = clerk.foresee(question("a"))
        assert clerk.ask(question("a")) is ahead
        assert not ahead.stopped
        assert pretended.begun == ["a"]
        clerk.leave(ahead)
        pass_time(clerk, now, 0.15)
        assert ahead.stopped

    def test_it_is_halted_while_a_page_is_drawn(self, now):
        drawing = False
        clerk = Clerk(Pretended(), drawing=lambda: drawing)
        ahead = clerk.foresee(question("a"))
        assert cores(ahead) == [2]
        drawing = True
        clerk.look()
        assert cores(ahead) == [0]
        drawing = False
        pass_time(clerk, now, module.TICK)
        assert cores(ahead) == [2]

    def test_nothing_is_foreseen_while_anyone_waits(self, now):
        clerk = Clerk(Pretended())
        clerk.ask(question("a"))
        assert clerk.foresee(question("b")) is None


def test_it_looks_by_itself():
    """With a real clock: what nobody waits for ends within 0.2 seconds."""
    clerk = Clerk(Pretended())
    one = clerk.ask(question("a"))
    clerk.leave(one)
    began = time.monotonic()
    while not one.stopped:
        assert time.monotonic() - began < 2
        time.sleep(0.005)
