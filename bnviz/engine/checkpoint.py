"""Where a computation can be halted or given up: between two layers, not only between two steps.

Whoever asks for a computation hands its thread a `Control`; the long loops call `checkpoint()`,
which costs nothing worth measuring where there is none.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

NAP = 0.02  # seconds between two looks of a thread that is halted


class StoppedError(Exception):
    """Raised at a checkpoint when the computation it belongs to has been given up."""


class Control(Protocol):
    """How many threads of a computation may go on, now; and whether it is given up."""

    @property
    def cores(self) -> int: ...

    @property
    def stopped(self) -> bool: ...


class _Here(threading.local):
    control: Control | None = None
    seats: list[object] | None = None  # the threads of this computation that are at work
    seat: object = None


_here = _Here()


def checkpoint() -> None:
    """Go on, wait until this thread may go on, or raise StoppedError."""
    control = _here.control
    if control is None:
        return
    while not control.stopped and _place() >= control.cores:
        time.sleep(NAP)
    if control.stopped:
        raise StoppedError


def _place() -> int:
    """Where this thread stands among those of its computation; the first go on first."""
    return _here.seats.index(_here.seat) if _here.seats else 0


def controlling() -> Control | None:
    """The control of this thread, to hand it on to another."""
    return _here.control


@contextmanager
def controlled(control: Control | None, seats: list[object] | None = None) -> Iterator[None]:
    """Let `control` govern this thread, which takes a seat among those that share `seats`."""
    before = _here.control, _here.seats, _here.seat
    seat = object()
    if seats is not None:
        seats.append(seat)
    _here.control, _here.seats, _here.seat = control, seats, seat
    try:
        yield
    finally:
        _here.control, _here.seats, _here.seat = before
        if seats is not None:
            seats.remove(seat)
