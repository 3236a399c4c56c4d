"""Resident memory of a fresh process after a hundred different runs, pages and cache included."""

from __future__ import annotations

import logging
import math
import subprocess
import sys
from itertools import islice, product

from streamlit.testing.v1 import AppTest

from benchmarks.server import ROOT, megabytes
from benchmarks.timing import heading, row, verdict
from bnviz.experiments.settings import LEARNING_RATES
from bnviz.ui.course import Lesson, written

RUNS = 100
BOUND = 700.0  # MB
SMALL = {"steps": "50", "seeds": "1", "depth": "3"}


def rounds() -> int:
    """How often each page that trains is run, so that all together have run RUNS times."""
    return math.ceil(RUNS / len(_lessons()))


def _lessons() -> list[Lesson]:
    return [lesson for lesson in written() if lesson.trains]


def _opened(lesson: Lesson) -> AppTest:
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    if lesson.name != "home":
        at.switch_page(str(lesson.page))
    for (name, value), run in product(SMALL.items(), ("", "a-", "b-")):  # the lab has two runs
        at.query_params[f"{lesson.name}-{run}{name}"] = value
    return at.run()


def _set(at: AppTest, name: str, value: float) -> None:
    for slider in at.select_slider:
        if str(slider.key).endswith(f"-{name}"):
            slider.set_value(value)


def _visit(times: int) -> None:
    """Open each page that trains; then run each once a round, with settings nobody had before.

    Print what the process held before, with all pages open, after each round, and at most.
    """
    held = [megabytes("VmRSS")]
    visitors = [_opened(lesson) for lesson in _lessons()]
    held.append(megabytes("VmRSS"))
    for batch, rate in islice(product((16, 32, 64), LEARNING_RATES[2:]), times):
        for at in visitors:
            _set(at, "batch_size", batch)
            _set(at, "learning_rate", rate)
            at.run()
            assert not at.exception, at.exception[0].message
            assert not at.error, at.error[0].value
        held.append(megabytes("VmRSS"))
    print(*held, megabytes("VmHWM"))


def main() -> None:
    heading("Resident memory of a fresh process")
    command = [sys.executable, "-m", "benchmarks.memory", str(rounds())]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        print(f"It failed: {done.stderr.strip().splitlines()[-1]}")
        return
    imported, *_, after, peak = map(float, done.stdout.splitlines()[-1].split())
    row("before the first run", f"{imported:.0f} MB")
    row(
        f"after {RUNS} different runs, as pages",
        f"{after:.0f} MB",
        f"bound {BOUND:.0f} MB: {verdict(after, BOUND, at_most=True)}",
    )
    row("the most at any time", f"{peak:.0f} MB")


if __name__ == "__main__":
    logging.disable(logging.WARNING)
    _visit(int(sys.argv[1]))
