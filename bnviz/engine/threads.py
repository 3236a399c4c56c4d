"""One thread for one computation."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import torch

from bnviz.engine.memory import keep_freed

_lock = threading.Lock()
_inside = 0
_threads_before = 1


@contextmanager
def one_thread() -> Iterator[None]:
    """One intra-op thread and no denormal numbers, for this thread; afterwards as before.

    Two computations with an intra-op team each would wait for one another a hundred times
    longer than they compute. Denormals make a dying network several times slower.
    """
    global _inside, _threads_before
    keep_freed()
    tiny = torch.tensor([1e-310], dtype=torch.float64)
    had_denormals = bool((tiny * 1.0 != 0).item())
    with _lock:
        if _inside == 0:
            _threads_before = torch.get_num_threads()
        _inside += 1
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    try:
        yield
    finally:
        torch.set_flush_denormal(not had_denormals)
        with _lock:
            _inside -= 1
            if _inside == 0:
                torch.set_num_threads(_threads_before)
