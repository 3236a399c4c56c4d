"""Large arrays in pages of their own, which go back to the system as soon as they are free."""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache

TRIM, MAP = -1, -3  # glibc's names: M_TRIM_THRESHOLD, M_MMAP_THRESHOLD
LARGE = 2**17  # bytes
USUAL = 2**22  # bytes; smaller arrays share the heap otherwise, which is faster
KEPT = 2**23  # bytes of free heap that stay with the process

_lock = threading.Lock()
_inside = 0


@contextmanager
def own_pages() -> Iterator[None]:
    """Inside, an array of LARGE bytes or more is a piece of memory of its own, in all threads.

    In glibc's heap the aligned arrays of torch leave holes that no array of the same size fits
    into again: a network whose values take 50 MB then holds 150. With pages of its own a training
    holds what it needs and takes about a quarter longer, so this is for large ones alone. Where
    there is no glibc, nothing happens.
    """
    global _inside
    with _lock:
        _inside += 1
        _tell(LARGE)
    try:
        yield
    finally:
        with _lock:
            _inside -= 1
            if not _inside:
                _tell(USUAL)


def _tell(smallest: int) -> None:
    told = _mallopt()
    if told is not None:
        told(MAP, smallest)
        told(TRIM, KEPT)


@cache
def _mallopt() -> Callable[[int, int], int] | None:
    try:
        library = ctypes.CDLL("libc.so.6")
        library.gnu_get_libc_version  # noqa: B018 - musl and others have another heap
        found: Callable[[int, int], int] = library.mallopt
    except (OSError, AttributeError):
        return None
    return found
