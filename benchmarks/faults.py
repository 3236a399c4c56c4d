"""python -m benchmarks.faults [word …]: are the tests awake? Faults are planted, one at a time.

Each is a small change such as happens to people: a sign, one too many, two axes exchanged, a wrong
name. The tree is copied, the fault is planted in the copy, and the tests that mirror its file run
there, but for those marked `long`; no others, so that what holds a part stands beside it. A fault
that they do not see is missed. With words, only the faults whose names contain one of them.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.planted import FAULTS, Fault

ROOT = Path(__file__).resolve().parents[1]
LEFT_OUT = shutil.ignore_patterns(".*", "__pycache__", "*.egg-info")
CONFIGURATION = (".streamlit",)  # what begins with a dot and is needed all the same
EACH = ("-m", "not long")  # as `make test` runs them, before each commit
PASSED, FAILED = 0, 1  # pytest's exit codes; any other says that the tests did not run
LONGEST = 1200  # seconds for the tests of one fault
FIRST = re.compile(r"^(?:FAILED|ERROR) (\S+)", re.MULTILINE)


class MovedError(LookupError):
    """The text that a fault replaces is not there once and once only."""


@dataclass(frozen=True)
class Tested:
    """What the tests of a tree came to."""

    passed: bool
    first: str  # the first that failed


def main(words: Sequence[str]) -> None:
    chosen = [fault for fault in FAULTS if not words or any(word in fault.name for word in words)]
    if not chosen:
        sys.exit(f"No fault's name has any of {', '.join(words)} in it.")
    for fault in chosen:
        planted(fault, text_of(fault, ROOT))  # all of them, before the first test runs
    with scratch() as tree:
        clean = tested(tree, sorted({test for fault in chosen for test in fault.tests}))
    if not clean.passed:
        sys.exit(f"{clean.first} fails without any fault: first mend that.")
    missed = [fault.name for fault in chosen if not caught(fault)]
    print(f"\n{len(chosen) - len(missed)} of {len(chosen)} faults caught.")
    if missed:
        sys.exit(f"Missed: {'; '.join(missed)}.")


def caught(fault: Fault) -> bool:
    """Plant the fault in a copy of the tree, and say whether its tests see it."""
    with scratch() as tree:
        (tree / fault.file).write_text(planted(fault, text_of(fault, tree)), encoding="utf-8")
        found = tested(tree, fault.tests)
    print(
        f"{'MISSED' if found.passed else 'caught'}  {fault.name}", found.first, sep="  ", flush=True
    )
    return not found.passed


def text_of(fault: Fault, tree: Path) -> str:
    path = tree / fault.file
    if not path.is_file():
        raise MovedError(f"{fault.name}: there is no {fault.file} any more")
    return path.read_text(encoding="utf-8")


def planted(fault: Fault, text: str) -> str:
    """The text of the file with the fault in it. Raises MovedError where its place has changed."""
    times = text.count(fault.old)
    if times != 1:
        raise MovedError(f"{fault.name}: {fault.file} has {fault.old!r} {times} times, not once")
    return text.replace(fault.old, fault.new)


@contextmanager
def scratch() -> Iterator[Path]:
    """A copy of the tree, without what the tests do not need."""
    with tempfile.TemporaryDirectory(prefix="bnviz-faults-") as folder:
        tree = Path(folder, "bnviz")
        shutil.copytree(ROOT, tree, ignore=LEFT_OUT)
        for name in CONFIGURATION:
            shutil.copytree(ROOT / name, tree / name)
        yield tree


def tested(tree: Path, tests: Sequence[str]) -> Tested:
    """Run these tests in the tree until the first fails. RuntimeError where they could not run."""
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *EACH, *tests]
    alone = os.environ | {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": ""}
    done = subprocess.run(
        command, cwd=tree, env=alone, capture_output=True, text=True, timeout=LONGEST, check=False
    )
    if done.returncode not in (PASSED, FAILED):
        raise RuntimeError(f"{' '.join(tests)} did not run:\n{done.stdout}{done.stderr}")
    first = FIRST.search(done.stdout)
    return Tested(done.returncode == PASSED, first[1] if first else "")


if __name__ == "__main__":
    main(sys.argv[1:])
