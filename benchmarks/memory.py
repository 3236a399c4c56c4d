"""Resident memory of a fresh process after a hundred different runs, pages and cache included."""

from __future__ import annotations

import logging
import math
import subprocess
import sys
from itertools import islice, product
from pathlib import Path

from streamlit.testing.v1 import AppTest

from benchmarks.timing import heading, row, verdict
from bnviz.experiments.settings import LEARNING_RATES
from bnviz.ui.course import written

ROOT = Path(__file__).parent.parent
RUNS = 100
BOUND = 700.0  # MB
SMALL = {"steps": "50", "seeds": "1", "depth": "3"}


def megabytes(name: str) -> float:
    """VmRSS (now) or VmHWM (the most so far) of this process, in MB."""
    for line in Path("/proc/self/status").read_text(encoding="utf-8").splitlines():
        if line.startswith(name):
            return int(line.split()[1]) * 1024 / 1e6
    raise LookupError(name)


def _visit() -> None:
    """As many small runs on each page that trains, all different. Print what they left."""
    before, lessons = megabytes("VmRSS"), [lesson for lesson in written() if lesson.trains]
    each = math.ceil(RUNS / len(lessons))
    for lesson, page in ((lesson.name, lesson.page) for lesson in lessons):
        at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
        if lesson != "home":
            at.switch_page(str(page))
        for name, value in SMALL.items():
            at.query_params[f"{lesson}-{name}"] = value
        at.run()
        for batch, rate in islice(product((16, 32, 64), LEARNING_RATES[2:]), each):
            at.select_slider(key=f"{lesson}-batch_size").set_value(batch)
            at.select_slider(key=f"{lesson}-learning_rate").set_value(rate)
            at.run()
            assert not at.exception, at.exception[0].message
    print(before, megabytes("VmRSS"), megabytes("VmHWM"))


def main() -> None:
    heading("Resident memory of a fresh process")
    command = [sys.executable, "-m", "benchmarks.memory"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        print(f"It failed: {done.stderr.strip().splitlines()[-1]}")
        return
    imported, after, peak = map(float, done.stdout.split()[-3:])
    row("before the first run", f"{imported:.0f} MB")
    row(
        f"after {RUNS} different runs, as pages",
        f"{after:.0f} MB",
        f"bound {BOUND:.0f} MB: {verdict(after, BOUND, at_most=True)}",
    )
    row("the most at any time", f"{peak:.0f} MB")


if __name__ == "__main__":
    logging.disable(logging.WARNING)
    _visit()
