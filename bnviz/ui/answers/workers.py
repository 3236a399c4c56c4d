"""Where runs are computed: threads, processes, or a cluster; all are concurrent.futures.Executors.

The same config gives the same bits in all three.
"""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.context import SpawnContext, SpawnProcess
from types import ModuleType
from typing import Any

from bnviz.experiments.jobs import checkpoint, controlled
from bnviz.ui.answers.clerk import MOST, Question, Told, Wire, Workers, available_cores

MEGABYTE = 2**20
THREADS = 6  # runs that may have begun at once: the cores take turns on them


class LostError(Exception):
    """The worker that computed a run died, or could not be reached."""


def computed(run: Callable[..., Any], config: Any, wire: Told, threads: int) -> Any:
    """The result of run(config), which obeys the wire and reports on it."""

    def report(share: float) -> None:
        wire.share = share
        checkpoint()

    try:
        with controlled(wire):
            return run(config, report, threads)
    finally:
        give_memory_back()


def give_memory_back() -> None:
    """Freed memory goes back to the system: glibc would keep it for this process."""
    if sys.platform == "linux":
        with suppress(AttributeError):  # of another C library than glibc
            ctypes.CDLL(None).malloc_trim(0)


@dataclass
class _Wire:
    """A wire within one process."""

    share: float = 0.0
    cores: int = 0
    stopped: bool = False


class Threads:
    """In this process: the default, which fits a small host."""

    memory: float = 300 * MEGABYTE

    def __init__(self, cores: int | None = None) -> None:
        self.cores, self.places = cores or available_cores(), THREADS
        # more than the places: what was given up still ends in a thread of its own
        self.executor: Executor = ThreadPoolExecutor(4 * THREADS, "bnviz-run")

    def submit(self, question: Question) -> tuple[Future[Any], Wire]:
        wire = _Wire()
        threads = min(MOST, self.cores)
        return self.executor.submit(computed, question.run, question.config, wire, threads), wire


class _Shared:
    """A wire between processes: three numbers in memory that both see."""

    def __init__(self, numbers: Any, place: int) -> None:
        self._numbers, self._start = numbers, 3 * place

    @property
    def share(self) -> float:
        return float(self._numbers[self._start])

    @share.setter
    def share(self, share: float) -> None:
        self._numbers[self._start] = share

    @property
    def cores(self) -> int:
        return int(self._numbers[self._start + 1])

    @cores.setter
    def cores(self, cores: int) -> None:
        self._numbers[self._start + 1] = cores

    @property
    def stopped(self) -> bool:
        return bool(self._numbers[self._start + 2])

    @stopped.setter
    def stopped(self, stopped: bool) -> None:
        self._numbers[self._start + 2] = stopped


_numbers: Any = None  # in a worker process


def _begin_process(numbers: Any) -> None:
    global _numbers
    _numbers = numbers
    threading.Thread(target=_end_with_the_parent, daemon=True).start()


def _end_with_the_parent() -> None:
    """A server that is killed takes its workers along."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(0)


class _Spawned(SpawnProcess):
    """A process that does not begin with the parent's main module: that would be a page."""

    @staticmethod
    def _Popen(process: Any) -> Any:  # noqa: N802 - its name in multiprocessing
        main = sys.modules["__main__"]
        sys.modules["__main__"] = ModuleType("__main__")
        try:
            return SpawnProcess._Popen(process)
        finally:
            sys.modules["__main__"] = main


class _Spawning(SpawnContext):
    Process = _Spawned


def _computed_there(run: Callable[..., Any], config: Any, place: int, threads: int) -> Any:
    return computed(run, config, _Shared(_numbers, place), threads)


class Processes:
    """In processes of this machine: drawing never waits for training. Each takes 250 MB."""

    memory: float = 2000 * MEGABYTE

    def __init__(self, cores: int | None = None) -> None:
        self.cores = cores or available_cores()
        self.places = self.cores + 1  # one for what is short, beside what is halted
        self._context = _Spawning()
        self._lock = threading.Lock()
        self._open()

    def _open(self) -> None:
        self._numbers = self._context.Array(ctypes.c_double, 3 * 4 * self.places, lock=False)
        self._free = list(range(4 * self.places))
        self.executor: Executor = ProcessPoolExecutor(
            self.places, self._context, _begin_process, (self._numbers,)
        )

    def submit(self, question: Question) -> tuple[Future[Any], Wire]:
        with self._lock:
            try:
                return self._submit(question)
            except BrokenProcessPool:
                self._open()
                return self._submit(question)

    def _submit(self, question: Question) -> tuple[Future[Any], Wire]:
        free, place = self._free, self._free.pop()
        wire = _Shared(self._numbers, place)
        wire.share, wire.cores, wire.stopped = 0.0, 0, False
        threads = min(MOST, self.cores)
        try:
            future = self.executor.submit(
                _computed_there, question.run, question.config, place, threads
            )
        except BrokenProcessPool:
            free.append(place)
            raise
        answer: Future[Any] = Future()

        def ended(done: Future[Any]) -> None:
            free.append(place)
            pass_on(done, answer, BrokenProcessPool)

        future.add_done_callback(ended)
        return answer, wire


def pass_on(done: Future[Any], answer: Future[Any], *lost: type[BaseException]) -> None:
    """What came of one future, in another; a worker that died is a LostError."""
    if done.cancelled():
        answer.cancel()
        return
    error = done.exception()
    if error is None:
        answer.set_result(done.result())
    elif isinstance(error, lost):
        answer.set_exception(LostError(str(error)))
    else:
        answer.set_exception(error)


def workers(where: str | None = None) -> Workers:
    """The workers that BNVIZ_COMPUTE names: threads, processes, or a Dask scheduler's address."""
    where = where or os.environ.get("BNVIZ_COMPUTE") or "threads"
    if where == "threads":
        return Threads()
    if where == "processes":
        return Processes()
    if "://" in where:
        from bnviz.ui.answers.cluster import Cluster  # an extra that few install

        return Cluster(where)
    raise ValueError(
        f"BNVIZ_COMPUTE is {where!r}; it can be threads, processes,"
        " or the address of a Dask scheduler, as tcp://scheduler:8786"
    )
