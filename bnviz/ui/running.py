"""Runs: cached by their config, reporting progress, stoppable, and never more than the cores."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol, TypeVar

import streamlit as st

from bnviz.experiments.bounds import TooLargeError
from bnviz.experiments.running import Report
from bnviz.experiments.settings import Settings

KEPT = 64  # results; some hundred kilobytes each
PATIENCE = 0.25  # seconds between two looks for a free core
SILENT = 0.6  # seconds a run may take before it shows how far it is

Config = TypeVar("Config", bound=Settings, contravariant=True)
Result = TypeVar("Result", covariant=True)


class Run(Protocol[Config, Result]):
    """An experiment's run(config, report, workers)."""

    __module__: str
    __qualname__: str

    def __call__(self, config: Config, report: Report, workers: int) -> Result: ...


class Cores:
    """The computations that may go on at once in this process, one for each core."""

    def __init__(self, count: int) -> None:
        self.count = count
        self._free = threading.Semaphore(count)

    @contextmanager
    def taken(self, wanted: int, waiting: Callable[[], None]) -> Iterator[int]:
        """Up to `wanted` cores; waits for the first, takes more only where they are free."""
        while not self._free.acquire(timeout=PATIENCE):
            waiting()
        held = 1
        while held < min(wanted, self.count) and self._free.acquire(blocking=False):
            held += 1
        try:
            yield held
        finally:
            self._free.release(held)


@st.cache_resource(show_spinner=False)
def cores() -> Cores:
    """The cores this process may use, shared by all visitors."""
    available = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return Cores(available or 1)


Wanted = TypeVar("Wanted", bound=Settings)


def granted(config: Wanted) -> Wanted:
    """What may be computed of these settings; the page says so if that is less."""
    try:
        affordable = config.affordable()
    except TooLargeError as refused:
        st.warning(str(refused), icon=":material/timer:")
        st.stop()
    less = [
        f"{getattr(affordable, name)} {name}"
        for name in ("steps", "seeds")
        if getattr(affordable, name) < getattr(config, name)
    ]
    with st.container():  # the sentence comes and goes, and moves nothing below it
        if less:
            st.warning(
                f"{config.steps} steps of this many and this large networks would take too long, or"
                f" too much memory, for one visitor: trained for {' and '.join(less)} instead."
                " A smaller network, batch or number of seeds goes further.",
                icon=":material/timer:",
            )
    return affordable


def answer(run: Run[Any, Result], config: Settings) -> Result:
    """The result of run(config), from the cache or computed now, with progress.

    A run that would cost more than its bound is shortened, and the page says so.
    """
    affordable = granted(config)
    with st.container():  # what comes and goes in it must not move what stands below
        question = f"{run.__module__}.{run.__qualname__}"
        return _computed(question, affordable.model_dump_json(), run, affordable)


@st.cache_data(max_entries=KEPT, show_spinner=False)
def _computed(question: str, key: str, _run: Run[Any, Any], _config: Settings) -> Any:
    place = st.empty()
    started = time.monotonic()

    def report(share: float) -> None:
        if time.monotonic() - started > SILENT:
            place.progress(share, text=f"Training: {100 * share:.0f} %")
        else:
            place.empty()  # every call is also where a run nobody waits for is stopped

    def waiting() -> None:
        place.info("Others are training right now. Yours starts as soon as a core is free.")

    with cores().taken(2, waiting) as workers:
        result = _run(_config, report, workers)
    place.empty()
    return result
