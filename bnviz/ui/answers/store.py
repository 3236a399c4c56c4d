"""Finished results: kept by their bytes; those of the course itself are the last to go."""

from __future__ import annotations

import dataclasses
import pickle
import threading
from collections import OrderedDict
from collections.abc import Hashable
from typing import Any

import numpy as np

ROOM = 96 * 2**20  # bytes


class Store:
    """A cache of results, by key, of at most `room` bytes.

    Readers share one object: its arrays can be read, but not written to.
    """

    def __init__(self, room: int = ROOM) -> None:
        self.room, self.taken = room, 0
        self._lock = threading.Lock()
        self._kept: OrderedDict[Hashable, tuple[Any, int]] = OrderedDict()  # longest unused first
        self._own: set[Hashable] = set()

    def __contains__(self, key: Hashable) -> bool:
        return key in self._kept

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, key: Hashable) -> Any:
        """What is kept under this key; KeyError if nothing is."""
        with self._lock:
            self._kept.move_to_end(key)
            return self._kept[key][0]

    def put(self, key: Hashable, result: Any, own: bool = False) -> None:
        """Keep a result. `own`: a setting of the course, which a class must not drive out."""
        protect(result)
        size = len(pickle.dumps(result, pickle.HIGHEST_PROTOCOL))
        with self._lock:
            self.taken += size - self._kept.pop(key, (None, 0))[1]
            self._kept[key] = (result, size)
            if own:
                self._own.add(key)
            while self.taken > self.room and len(self._kept) > 1:
                self.taken -= self._kept.pop(self._oldest(key))[1]

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._kept.clear()
            self.taken = 0

    def _oldest(self, newest: Hashable) -> Hashable:
        others = [key for key in self._kept if key != newest]
        return next((key for key in others if key not in self._own), others[0])


def protect(result: object) -> None:
    """Make every array in a result one that cannot be written to."""
    if isinstance(result, np.ndarray):
        result.setflags(write=False)
    elif isinstance(result, dict):
        for value in result.values():
            protect(value)
    elif isinstance(result, list | tuple):
        for value in result:
            protect(value)
    elif dataclasses.is_dataclass(result):
        for field in dataclasses.fields(result):
            protect(getattr(result, field.name))
