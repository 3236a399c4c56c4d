"""Several trainings side by side, with progress, and a way to halt and to stop."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from typing import TypeVar

from bnviz.engine.checkpoint import (
    Control,
    StoppedError,
    checkpoint,
    controlled,
    controlling,
)

__all__ = [
    "Control", "Job", "Report", "StoppedError",
    "checkpoint", "controlled", "side_by_side", "silent",
]  # fmt: skip

Report = Callable[[float], None]
"""Told the finished share, from 0 to 1, at a steady pace; may raise to stop the run."""

Done = TypeVar("Done")
Job = Callable[[Callable[[int], None]], Done]
"""Something that takes a progress callback for its finished steps, and returns its result."""

PACE = 0.2  # seconds between two reports


def silent(share: float) -> None:
    """A report for callers that do not want any."""


def side_by_side(
    jobs: Mapping[str, Job[Done]], steps: int, report: Report = silent, workers: int = 2
) -> dict[str, Done]:
    """Run the jobs, each of `steps` steps, on `workers` threads; results by name.

    Whatever `report` or a job raises comes out here, after all jobs have stopped. The threads
    obey the control of the one that calls.
    """
    finished = dict.fromkeys(jobs, 0)
    stop = threading.Event()
    control, seats = controlling(), list[object]()

    def start(name: str) -> Done:
        def progress(step: int) -> None:
            finished[name] = step
            if stop.is_set():
                raise StoppedError
            checkpoint()

        with controlled(control, seats):
            progress(0)
            return jobs[name](progress)

    with ThreadPoolExecutor(max_workers=max(1, workers)) as pool:
        futures = {name: pool.submit(start, name) for name in jobs}
        try:
            while not _over(futures.values()):
                report(min(1.0, sum(finished.values()) / (len(jobs) * max(1, steps))))
        finally:
            stop.set()
    _raise_first([future.exception() for future in futures.values()])
    return {name: future.result() for name, future in futures.items()}


def _over(futures: Iterable[Future[Done]]) -> bool:
    """Wait a moment; whether all are done, or one has failed."""
    done, pending = wait(futures, timeout=PACE, return_when=FIRST_EXCEPTION)
    return not pending or any(future.exception() for future in done)


def _raise_first(errors: Iterable[BaseException | None]) -> None:
    """Raise what went wrong first; that other jobs were stopped for it is no error of theirs."""
    for error in errors:
        if error and not isinstance(error, StoppedError):
            raise error
