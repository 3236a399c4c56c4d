"""Waiting for what another thread or process does, on a busy machine."""

import time


def until(condition, seconds=30):
    """Until the condition holds; TimeoutError if it does not in time."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError
        time.sleep(0.004)
