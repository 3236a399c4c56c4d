"""Jobs side by side: results, progress, and how a run is stopped."""

import threading
import time
from itertools import pairwise

import pytest

from bnviz.experiments import jobs
from bnviz.experiments.jobs import StoppedError, side_by_side, silent

STEPS = 20


def job(result, steps=STEPS, pause=0.0):
    def run(progress):
        for step in range(steps):
            time.sleep(pause)
            progress(step + 1)
        return result

    return run


def endless(seen):
    """A job that only ends when it is stopped, and says so."""

    def run(progress):
        step = 0
        try:
            while True:
                time.sleep(0.001)
                step += 1
                progress(step)
        finally:
            seen.append(step)

    return run


class Refusal(Exception):
    pass


@pytest.fixture(autouse=True)
def a_quick_pace(monkeypatch):
    monkeypatch.setattr(jobs, "PACE", 0.02)


@pytest.mark.parametrize("workers", [-1, 0, 1, 2, 5])
def test_results_come_back_by_name(workers):
    jobs = {name: job(name.upper()) for name in "abc"}
    results = side_by_side(jobs, STEPS, workers=workers)
    assert results == {"a": "A", "b": "B", "c": "C"}
    assert list(results) == ["a", "b", "c"]


def test_no_more_jobs_at_once_than_workers():
    inside, most, lock = 0, 0, threading.Lock()

    def counted(progress):
        nonlocal inside, most
        with lock:
            inside += 1
            most = max(most, inside)
        time.sleep(0.01)
        with lock:
            inside -= 1

    side_by_side(dict.fromkeys(range(6), counted), 1, workers=2)
    assert most <= 2


def test_with_two_workers_both_jobs_run_at_once():
    both = threading.Barrier(2, timeout=20)
    side_by_side({name: lambda progress: both.wait() for name in "ab"}, 1, workers=2)


@pytest.mark.parametrize("workers", [1, 2])
def test_progress_goes_up_and_stays_a_share(workers):
    shares = []
    jobs = {"a": job(1, pause=0.01), "b": job(2, pause=0.02)}
    side_by_side(jobs, STEPS, shares.append, workers)
    assert len(shares) >= 3
    assert all(a <= b for a, b in pairwise(shares))
    assert shares[0] >= 0
    assert shares[-1] <= 1
    assert len(set(shares)) > 2


def test_progress_never_passes_the_whole():
    shares = []
    side_by_side({"a": job(1, steps=90, pause=0.002)}, 10, shares.append)
    assert max(shares) <= 1


def test_no_steps_are_no_division_by_zero():
    assert side_by_side({"a": job(1, steps=1, pause=0.1)}, 0, silent) == {"a": 1}


@pytest.mark.parametrize("workers", [1, 2])
def test_what_a_job_raises_comes_out_and_stops_the_others(workers):
    def fails(progress):
        time.sleep(0.02)
        raise Refusal("no")

    seen = []
    started = time.monotonic()
    with pytest.raises(Refusal, match="no"):
        side_by_side({"bad": fails, "endless": endless(seen)}, STEPS, workers=workers)
    assert time.monotonic() - started < 20
    assert len(seen) <= 1  # with one worker the other never began


@pytest.mark.parametrize("workers", [1, 2])
def test_what_the_report_raises_comes_out_after_all_jobs_have_stopped(workers):
    calls, seen = [], []

    def report(share):
        calls.append(share)
        if len(calls) == 3:
            raise Refusal("stopped by the reader")

    jobs = {"a": endless(seen), "b": endless(seen)}
    started = time.monotonic()
    with pytest.raises(Refusal, match="stopped by the reader"):
        side_by_side(jobs, STEPS, report, workers)
    assert time.monotonic() - started < 20
    assert len(seen) == workers  # every job that began has ended; the others never began
    before = threading.active_count()
    time.sleep(0.05)
    assert threading.active_count() <= before
    assert len(seen) == workers


def test_an_error_of_the_report_counts_more_than_that_jobs_were_stopped():
    def report(share):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        side_by_side({"a": endless([])}, STEPS, report)


def test_that_a_job_was_stopped_is_no_error_of_its_own():
    def fails(progress):
        time.sleep(0.03)
        raise Refusal

    with pytest.raises(Refusal):  # not StoppedError, although that job comes first
        side_by_side({"stopped": endless([]), "failed": fails}, STEPS)
    assert issubclass(StoppedError, Exception)
