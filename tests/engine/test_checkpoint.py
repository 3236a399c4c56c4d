"""A computation is halted, goes on and is given up between two layers, and its bits stay."""

import threading
import time

import pytest

from bnviz.engine.checkpoint import StoppedError, checkpoint, controlled, controlling
from tests.waiting import until


class Told:
    """A control that the test sets."""

    def __init__(self, cores=1, stopped=False):
        self.cores, self.stopped = cores, stopped


def counting(control, seats, seen, name):
    def count():
        try:
            with controlled(control, seats):
                while True:
                    checkpoint()
                    seen[name] = seen.get(name, 0) + 1
                    time.sleep(0.001)
        except StoppedError:
            seen[f"{name} ended"] = True

    return threading.Thread(target=count)


def test_nothing_happens_where_nobody_controls():
    assert controlling() is None
    checkpoint()


def test_the_control_is_that_of_the_thread_and_ends_with_the_block():
    one, other = Told(), Told()
    with controlled(one):
        assert controlling() is one
        with controlled(other):
            assert controlling() is other
        assert controlling() is one
        seen = []
        thread = threading.Thread(target=lambda: seen.append(controlling()))
        thread.start()
        thread.join()
        assert seen == [None]
    assert controlling() is None


def test_what_is_given_up_raises():
    with controlled(Told(stopped=True)), pytest.raises(StoppedError):
        checkpoint()


def test_as_many_threads_go_on_as_there_are_cores():
    control, seats, seen = Told(cores=2), [], {}
    threads = [counting(control, seats, seen, name) for name in "ab"]
    threads[0].start()
    until(lambda: seen.get("a"))
    threads[1].start()
    until(lambda: seen.get("b"))

    control.cores = 1
    time.sleep(0.05)
    before = dict(seen)
    until(lambda: seen["a"] > before["a"] + 3)
    assert seen["b"] <= before["b"] + 1

    control.cores = 0
    time.sleep(0.05)
    before = dict(seen)
    time.sleep(0.1)
    assert seen == before

    control.cores = 2
    until(lambda: seen["a"] > before["a"] and seen["b"] > before["b"])
    control.stopped = True
    for thread in threads:
        thread.join(timeout=10)
    assert seen["a ended"]
    assert seen["b ended"]
    assert seats == []


def test_who_sits_behind_moves_up_when_the_first_is_done():
    control, seats, seen = Told(cores=1), [], {}
    first, second = object(), counting(control, seats, seen, "b")
    seats.append(first)
    second.start()
    time.sleep(0.05)
    assert not seen
    seats.remove(first)
    until(lambda: seen.get("b"))
    control.stopped = True
    second.join(timeout=10)


def test_a_halted_thread_can_be_given_up():
    control, seen = Told(cores=0), {}
    thread = counting(control, [], seen, "a")
    thread.start()
    time.sleep(0.03)
    control.stopped = True
    thread.join(timeout=10)
    assert seen == {"a ended": True}
