"""Waiting for what another thread or process does, on a busy machine."""

import time


def until(condition, seconds=30, look=0.004):
    """Until the condition holds; TimeoutError if it does not in time. look: seconds between two."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError
        time.sleep(look)
