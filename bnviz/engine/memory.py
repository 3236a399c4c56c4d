"""Which arrays have pages of their own, and how much of the memory they leave is used again."""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache

TRIM, MAP = -1, -3  # glibc's names: M_TRIM_THRESHOLD, M_MMAP_THRESHOLD
LARGE = 2**17  # bytes of an array that has pages of its own in the largest runs …
MIDDLE = 2**19  # … and in large ones
USUAL = 2**22  # bytes; smaller arrays share the heap otherwise, which is faster
KEPT = 2**25  # bytes of free heap that stay with the process …
KEPT_OF_LARGE = 2**23  # … and while large arrays have pages of their own

_lock = threading.Lock()
_inside: list[int] = []  # from how many bytes on, of each that asked
_told = False


def keep_freed() -> None:
    """Once for the process: what an array of less than USUAL bytes leaves, the next one takes.

    glibc begins by giving each array of 128 kB or more pages of its own, and gives freed memory
    back at once; the system then clears every page again before the next array of the same size.
    A record of a few arrays of 500 kB took half as long again for that.
    """
    global _told
    with _lock:
        if not (_told or _inside):
            _tell(USUAL, KEPT)
            _told = True


@contextmanager
def own_pages(smallest: int = LARGE) -> Iterator[None]:
    """Inside, an array of so many bytes or more is a piece of memory of its own, in all threads.

    In glibc's heap the aligned arrays of torch leave holes that no array of the same size fits
    into again: a network whose values take 50 MB then holds 150. With pages of its own a training
    holds what it needs, but the system clears them anew for each array: with LARGE a run may take
    twice as long. So this is for large runs alone. Where there is no glibc, nothing happens.
    """
    with _lock:
        _inside.append(smallest)
        _tell(min(_inside), KEPT_OF_LARGE)
    try:
        yield
    finally:
        with _lock:
            _inside.remove(smallest)
            if _inside:
                _tell(min(_inside), KEPT_OF_LARGE)
            else:
                _tell(USUAL, KEPT)


def _tell(smallest: int, kept: int) -> None:
    told = _mallopt()
    if told is not None:
        told(MAP, smallest)
        told(TRIM, kept)


@cache
def _mallopt() -> Callable[[int, int], int] | None:
    try:
        library = ctypes.CDLL("libc.so.6")
        library.gnu_get_libc_version  # noqa: B018 - musl and others have another heap
        found: Callable[[int, int], int] = library.mallopt
    except (OSError, AttributeError):
        return None
    return found
