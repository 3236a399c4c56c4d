"""Few draw at a time, in the order of asking; whoever waits for something else makes room."""

import threading
import time

import pytest

from bnviz.ui import desk as module
from bnviz.ui.desk import Desk
from tests.waiting import until


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setattr(module, "PATIENCE", 0.005)


def test_never_more_than_there_are_places():
    desk, lock, now, most = Desk(2), threading.Lock(), 0, 0

    def reader():
        nonlocal now, most
        with desk.taken():
            with lock:
                now += 1
                most = max(most, now)
            time.sleep(0.003)
            with lock:
                now -= 1

    threads = [threading.Thread(target=reader) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=20)
    assert (now, most) == (0, 2)


def test_in_the_order_of_asking_and_back_before_later_ones():
    desk, drawn, computed = Desk(1), [], threading.Event()

    def draws(name):
        with desk.taken():
            drawn.append(name)

    def waits():
        with desk.taken():
            drawn.append("first half")
            with desk.left():
                computed.wait(20)
            drawn.append("second half")

    holding = desk.taken()
    holding.__enter__()
    threads = []
    for place, run in enumerate((waits, *(lambda name=name: draws(name) for name in "ab"))):
        threads.append(threading.Thread(target=run))
        threads[-1].start()
        until(lambda: len(desk._waiting) == place + 1)  # noqa: B023 - called at once
    holding.__exit__(None, None, None)
    until(lambda: len(drawn) == 3)
    assert drawn == ["first half", "a", "b"]
    again = desk.taken()
    again.__enter__()
    computed.set()
    until(lambda: len(desk._waiting) == 1)
    late = threading.Thread(target=draws, args=("late",))
    late.start()
    until(lambda: len(desk._waiting) == 2)
    again.__exit__(None, None, None)
    for thread in (*threads, late):
        thread.join(timeout=20)
    assert drawn[3:] == ["second half", "late"]


def test_who_goes_away_while_waiting_takes_no_place():
    desk = Desk(1)

    def gone():
        raise ConnectionError

    def comes():
        with pytest.raises(ConnectionError), desk.taken(gone):
            raise AssertionError

    with desk.taken():
        other = threading.Thread(target=comes)
        other.start()
        other.join(timeout=20)
    with desk.taken():
        pass
    assert desk._waiting == []


def test_an_error_gives_the_place_back():
    desk = Desk(1)
    for _ in range(3):
        with pytest.raises(KeyError), desk.taken():
            raise KeyError
        with pytest.raises(KeyError), desk.taken(), desk.left():
            raise KeyError
    with desk.taken():
        pass


def test_without_a_place_there_is_none_to_leave():
    desk = Desk(1)
    with desk.left():
        pass
    assert desk._free == 1
