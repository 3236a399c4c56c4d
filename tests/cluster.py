"""A Dask cluster of plain processes on loopback, as a host would start them."""

import subprocess
import sys
from contextlib import contextmanager

from distributed import Client

from tests.browser import ROOT, end, free_port

PATIENCE = 120  # seconds, on a busy machine


@contextmanager
def clustered(workers, folder):
    """The address of a scheduler that has so many workers, of one thread each."""
    port = str(free_port())
    address = f"tcp://127.0.0.1:{port}"
    scheduler = _dask("scheduler", "--host", "127.0.0.1", "--port", port, "--no-show")
    place = ["--nthreads", "1", "--no-nanny", "--local-directory", str(folder)]
    processes = [_dask("worker", address, *place) for _ in range(workers)]
    try:
        with Client(address, timeout=PATIENCE, set_as_default=False) as client:
            client.wait_for_workers(workers, timeout=PATIENCE)
        yield address
    finally:
        for process in (*processes, scheduler):
            end(process)


def _dask(part, *words):
    command = [sys.executable, "-m", f"distributed.cli.dask_{part}", *words, "--no-dashboard"]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT)
