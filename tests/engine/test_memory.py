"""What the C library is told, and that it heeds it."""

import resource
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch

from bnviz.engine import memory
from bnviz.engine.threads import one_thread

ARRAYS, PAGES = 50, 256  # of 4 kB each


@pytest.fixture
def heard(monkeypatch):
    heard: list[tuple[int, int]] = []
    monkeypatch.setattr(memory, "_mallopt", lambda: lambda *told: heard.append(told))
    monkeypatch.setattr(memory, "_told", False)
    return heard


def test_the_first_computation_tells_it_once(heard):
    for _ in range(2):
        with one_thread():
            pass
    assert heard == [(memory.MAP, memory.USUAL), (memory.TRIM, memory.KEPT)]


def test_a_large_run_that_is_under_way_keeps_its_own_pages(heard):
    with memory.own_pages(), one_thread():
        assert heard[-2] == (memory.MAP, memory.LARGE)
    assert heard[-2] == (memory.MAP, memory.USUAL)


def test_of_two_large_runs_the_larger_one_decides_while_it_lasts(heard):
    with memory.own_pages(memory.MIDDLE):
        with memory.own_pages(memory.LARGE):
            assert heard[-2] == (memory.MAP, memory.LARGE)
        assert heard[-2] == (memory.MAP, memory.MIDDLE)


@pytest.mark.skipif(memory._mallopt() is None, reason="glibc alone")
@pytest.mark.skipif(sys.platform != "linux", reason="counts the faults of one thread")
def test_an_array_takes_the_pages_that_the_one_before_it_left():
    def faults() -> int:
        with one_thread():
            torch.empty(PAGES * 1024).fill_(1)
            before = resource.getrusage(resource.RUSAGE_THREAD).ru_minflt
            for _ in range(ARRAYS):
                torch.empty(PAGES * 1024).fill_(1)
            return resource.getrusage(resource.RUSAGE_THREAD).ru_minflt - before

    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(faults).result() < ARRAYS * PAGES / 5  # the first few find their place
