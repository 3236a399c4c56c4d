"""Resident memory of a fresh process after a hundred different runs, pages and cache included."""

from __future__ import annotations

import logging
import subprocess
import sys
from itertools import islice, product
from pathlib import Path

from streamlit.testing.v1 import AppTest

from benchmarks.timing import heading, row, verdict
from bnviz.experiments.settings import LEARNING_RATES

ROOT = Path(__file__).parent.parent
RUNS = 100
BOUND = 700.0  # MB


def megabytes(name: str) -> float:
    """VmRSS (now) or VmHWM (the most so far) of this process, in MB."""
    for line in Path("/proc/self/status").read_text(encoding="utf-8").splitlines():
        if line.startswith(name):
            return int(line.split()[1]) * 1024 / 1e6
    raise LookupError(name)


def _visit() -> None:
    """Half of the runs on each page, all different: one pair, 50 steps. Print what they left."""
    readings = [megabytes("VmRSS")]
    for lesson, page in {"home": "app.py", "race": "pages/01_race.py"}.items():
        at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()
        if lesson != "home":
            at.switch_page(page).run()
        at.select_slider(key=f"{lesson}-steps").set_value(50)
        at.select_slider(key=f"{lesson}-seeds").set_value(1)
        for batch, rate in islice(product((16, 32, 64), LEARNING_RATES[2:]), RUNS // 2):
            at.select_slider(key=f"{lesson}-batch_size").set_value(batch)
            at.select_slider(key=f"{lesson}-learning_rate").set_value(rate)
            at.run()
            assert not at.exception, at.exception[0].message
        readings.append(megabytes("VmRSS"))
    print(*readings, megabytes("VmHWM"))


def main() -> None:
    heading("Resident memory of a fresh process")
    command = [sys.executable, "-m", "benchmarks.memory"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        print(f"It failed: {done.stderr.strip().splitlines()[-1]}")
        return
    imported, half, after, peak = map(float, done.stdout.split()[-4:])
    row("before the first run", f"{imported:.0f} MB")
    row(f"after {RUNS // 2} different runs, as pages", f"{half:.0f} MB")
    row(
        f"after {RUNS} different runs, as pages",
        f"{after:.0f} MB",
        f"bound {BOUND:.0f} MB: {verdict(after, BOUND, at_most=True)}",
    )
    row("the most at any time", f"{peak:.0f} MB")


if __name__ == "__main__":
    logging.disable(logging.WARNING)
    _visit()
