"""A few pages are drawn at a time, in the order of asking.

Fifty threads that draw at once would mostly wait for one another, and all be late. Whoever waits
for a computation gives its place up meanwhile, and comes back before those that came later.
"""

from __future__ import annotations

import heapq
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

PATIENCE = 0.1  # seconds between two looks whether the reader is still there


class Desk:
    """Places for drawing, given in the order of asking."""

    def __init__(self, places: int) -> None:
        self._lock = threading.Lock()
        self._places = self._free = places
        self._asked = 0
        self._waiting: list[tuple[int, threading.Event]] = []
        self._here = threading.local()

    def quiet(self) -> bool:
        """Whether nobody draws."""
        return self._free == self._places

    @contextmanager
    def taken(self, look: Callable[[], object] = lambda: None) -> Iterator[None]:
        """A place, until the end of the block. `look` is called now and then; it may raise."""
        with self._lock:
            self._asked += 1
            number = self._asked
        self._enter(number, look)
        try:
            yield
        finally:
            self._leave()

    @contextmanager
    def left(self, look: Callable[[], object] = lambda: None) -> Iterator[None]:
        """Give the place up within the block. Without a place, nothing happens."""
        number = getattr(self._here, "number", None)
        if number is None:
            yield
            return
        self._leave()
        yield  # after an error the page is not drawn on, and needs no place
        self._enter(number, look)

    def _enter(self, number: int, look: Callable[[], object]) -> None:
        turn = threading.Event()
        with self._lock:
            heapq.heappush(self._waiting, (number, turn))
            self._serve()
        try:
            while not turn.wait(PATIENCE):
                look()
        except BaseException:
            with self._lock:
                if turn.is_set():
                    self._free += 1
                else:
                    self._waiting.remove((number, turn))
                    heapq.heapify(self._waiting)
                self._serve()
            raise
        self._here.number = number

    def _leave(self) -> None:
        if getattr(self._here, "number", None) is None:
            return
        self._here.number = None
        with self._lock:
            self._free += 1
            self._serve()

    def _serve(self) -> None:
        while self._free and self._waiting:
            _, turn = heapq.heappop(self._waiting)
            self._free -= 1
            turn.set()
