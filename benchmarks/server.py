"""The app as it is served: one process on two cores of this machine, and what it takes."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
CORES = 2
BOOTING = 60  # seconds a server may take until it answers
ENDING = 2  # seconds it may take to end when asked; then it is killed
TICK = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Server:
    """A server on this machine, seen from outside through /proc."""

    port: int
    pid: int

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def processor_seconds(self) -> float:
        """Of all its threads, also of those that have ended; in whole ticks of 0.01 s."""
        stat = Path(f"/proc/{self.pid}/stat").read_text(encoding="utf-8")
        user, system = stat.rsplit(")", 1)[1].split()[11:13]
        return (int(user) + int(system)) / TICK

    def megabytes(self, name: str) -> float:
        """VmRSS (now) or VmHWM (the most so far), in MB."""
        return megabytes(name, self.pid)


def megabytes(name: str, pid: int | str = "self") -> float:
    """A line of a process's status, such as VmRSS or VmHWM, in MB."""
    for line in Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines():
        if line.startswith(name):
            return int(line.split()[1]) * 1024 / 1e6
    raise LookupError(name)


@contextmanager
def serving(*options: str, environment: Mapping[str, str] | None = None) -> Iterator[Server]:
    """The app on a free port until the end of the block. options: for `streamlit run`."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless=true"]
    command += ["--server.address=127.0.0.1", f"--server.port={port}", *options]
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env=os.environ | (environment or {}),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    server = Server(port, process.pid)
    try:
        os.sched_setaffinity(process.pid, sorted(os.sched_getaffinity(0))[:CORES])
        _wait_for(process, f"{server.address}/_stcore/health")
        yield server
    finally:
        process.terminate()
        try:
            process.wait(timeout=ENDING)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_for(process: subprocess.Popen[bytes], address: str) -> None:
    late = time.monotonic() + BOOTING
    while process.poll() is None and time.monotonic() < late:
        try:
            urllib.request.urlopen(address, timeout=1).close()
            return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise RuntimeError("The server ended." if process.poll() is not None else "No server came.")
