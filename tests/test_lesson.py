"""`make lesson` in a copy of the tree: what it writes runs, reads and is tested as it stands."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.faults import scratch
from tests.browser import ROOT

NAME = "dropin"  # of no lesson; not the name in the templates either
BIN = Path(sys.executable).parent
TESTS = (
    f"tests/experiments/test_{NAME}.py",
    f"tests/verdicts/test_{NAME}.py",
    f"tests/words/test_{NAME}.py",
    f"tests/figures/test_{NAME}.py",
    "tests/figures/test_figures.py",
    "tests/script/test_library.py::test_it_is_short_and_of_the_settings_of_now",
    "tests/test_architecture.py",
    "tests/test_challenges.py",
    "tests/test_pages.py::TestAPage",
    "tests/ui/test_lookup.py",
    "tests/words/test_words.py",
)
"""Its own; and those of every lesson, of which the new one's are run."""
TYPES = ROOT / ".mypy_cache"


def ran(command, tree):
    """What a command says in this tree, where it must succeed."""
    done = subprocess.run(command, cwd=tree, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def tool(tree, name, *words):
    return ran([str(BIN / name), *words], tree)


@pytest.fixture(scope="module")
def tree():
    """A copy of the project in which a lesson was begun, as the Makefile does it."""
    with scratch() as copy:
        begin(copy, NAME)
        tool(copy, "ruff", "check", "--fix-only", "--quiet")
        tool(copy, "ruff", "format", "--quiet")
        yield copy


def begin(tree, *words):
    return ran([sys.executable, "docs/lesson/begin.py", *words], tree)


def test_the_makefile_calls_it():
    rule = (ROOT / "Makefile").read_text(encoding="utf-8").split("\nlesson:")[1]
    assert "docs/lesson/begin.py $(NAME)\n" in rule


def test_it_keeps_to_the_rules(tree):
    tool(tree, "ruff", "check")
    tool(tree, "ruff", "format", "--check")
    tool(tree, "lint-imports", "--no-cache")


@pytest.mark.skipif(not TYPES.is_dir(), reason="no types known yet: `make lint` first")
def test_its_types_agree(tree):
    shutil.copytree(TYPES, tree / ".mypy_cache")
    tool(tree, "mypy", *(str(path) for path in sorted(tree.glob(f"bnviz/*/{NAME}.py"))))


def test_it_passes_its_own_tests_and_those_of_every_lesson(tree):
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *TESTS]
    told = ran([*command, "-k", f"{NAME} or numbered or its_file or previous"], tree)
    assert int(told.split(" passed")[0].split()[-1]) > 100


def test_it_has_its_place_at_the_end_of_the_course(tree):
    last = max((tree / "pages").glob("*.py"))
    assert last.name.endswith(f"_{NAME}.py")
    assert f'"pages/{last.name}"' in (tree / "bnviz/ui/course.py").read_text(encoding="utf-8")
    for path in tree.rglob(f"*{NAME}*.py"):
        assert "yours" not in path.read_text(encoding="utf-8").lower(), path


@pytest.mark.parametrize("words", [(NAME,), ("race",), ("axes2",), ("Two",), (), ("a", "b")])
def test_a_name_that_cannot_be_is_refused_and_nothing_is_written(tree, words):
    before = {path: path.stat().st_mtime_ns for path in tree.rglob("*.py")}
    with pytest.raises(AssertionError, match=r"A name is|There is a lesson of this name"):
        begin(tree, *words)
    assert {path: path.stat().st_mtime_ns for path in tree.rglob("*.py")} == before
