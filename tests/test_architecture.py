"""What import-linter cannot see: the pages, which are no package, and where colours stand."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from bnviz.ui import course

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted(ROOT.glob("pages/*.py"))
SCRIPTS = [ROOT / "app.py", *PAGES]
PACKAGE = sorted(ROOT.glob("bnviz/**/*.py"))
UI = sorted(ROOT.glob("bnviz/ui/**/*.py"))
LONGEST_PAGE = 60  # lines
COLOUR = re.compile(r"#[0-9A-Fa-f]{6}\b|#[0-9A-Fa-f]{3}\b|\brgba?\(")


def relative(path):
    return path.relative_to(ROOT).as_posix()


def imported(path):
    """Every module a file imports, with the names taken from it as modules too."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def strings(path):
    """The string literals of a file, without comments."""
    nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    return [n.value for n in nodes if isinstance(n, ast.Constant) and isinstance(n.value, str)]


@pytest.mark.parametrize("script", SCRIPTS, ids=relative)
def test_a_page_imports_nothing_that_trains_computes_or_draws(script):
    for name in imported(script):
        assert name.split(".")[0] not in {"torch", "numpy", "plotly"}, name
        assert not (name + ".").startswith("bnviz.engine."), name


@pytest.mark.parametrize("script", SCRIPTS, ids=relative)
def test_a_page_is_short_and_keeps_no_state_of_its_own(script):
    text = script.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= LONGEST_PAGE
    assert "session_state" not in text
    assert not re.search(
        r"\bst\.(table|code|dataframe)\(", text
    )  # not taken home, see ui/listed.py
    assert not any(isinstance(node, ast.For | ast.While) for node in ast.walk(ast.parse(text))), (
        "a loop belongs into an experiment, a figure or the ui"
    )


def callbacks(path):
    """What a file gives to widgets to be called."""
    calls = (
        n for n in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(n, ast.Call)
    )
    return [
        word.value for call in calls for word in call.keywords if (word.arg or "").startswith("on_")
    ]


def test_every_callback_is_safe():
    """Or Streamlit would show its own box: a callback runs before the frame of its page."""
    found = [(path, one) for path in [*UI, *SCRIPTS] for one in callbacks(path)]
    assert len(found) > 10
    for path, one in found:
        text = ast.unparse(one)
        nothing = {"lambda: None", "'ignore'", "'rerun'"}
        assert text.startswith("safe(") or text in nothing, f"{relative(path)}: {text}"


@pytest.mark.parametrize("script", SCRIPTS, ids=relative)
def test_a_page_says_what_it_teaches(script):
    assert ast.get_docstring(ast.parse(script.read_text(encoding="utf-8")))


def test_every_lesson_with_a_page_has_its_file_and_every_file_its_lesson():
    named = [lesson.page for lesson in course.written()]
    assert named[0] == "app.py"
    assert sorted(named) == sorted(map(relative, SCRIPTS))


def test_pages_are_numbered_in_reading_order():
    pages = [lesson.page for lesson in course.written()[1:]]
    assert pages == sorted(pages)
    assert all(re.fullmatch(r"pages/\d\d_[a-z_]+\.py", page) for page in pages)
    numbers = [page[6:8] for page in pages]
    assert len(set(numbers)) == len(numbers)


def test_a_lesson_is_called_as_its_page():
    for lesson in course.written()[1:]:
        assert relative(Path(ROOT, lesson.page)) == lesson.page
        assert lesson.page[9:-3] == lesson.name


def test_lessons_have_names_of_their_own():
    lessons = [lesson for part in course.COURSE.values() for lesson in part]
    assert len({lesson.name for lesson in lessons}) == len(lessons)
    assert all(lesson.question and lesson.promise for lesson in lessons)
    assert all(course.lesson(lesson.name) is lesson for lesson in lessons)


def test_previous_and_next_walk_through_the_whole_course():
    order = course.written()
    for place, lesson in enumerate(order):
        before, after = course.neighbours(lesson)
        assert before is (order[place - 1] if place else None)
        assert after is (order[place + 1] if place + 1 < len(order) else None)


@pytest.mark.parametrize(
    "path",
    [p for p in [*PACKAGE, *SCRIPTS] if relative(p) != "bnviz/figures/theme.py"],
    ids=relative,
)
def test_colours_stand_in_the_theme_alone(path):
    allowed = {"bnviz/figures/base.py": {"rgba(0,0,0,0)"}}  # no colour at all
    for text in strings(path):
        if text not in allowed.get(relative(path), set()):
            assert not COLOUR.search(text), text


def test_the_clock_takes_its_colours_from_streamlit():
    css = (ROOT / "bnviz/ui/browser/clock.css").read_text(encoding="utf-8")
    shadow = "rgb(0 0 0 / 12%)"  # of the bar, on any ground
    assert not COLOUR.search(css.replace(shadow, "")), COLOUR.search(css.replace(shadow, ""))


def test_only_the_ui_and_the_pages_know_streamlit():
    for path in PACKAGE:
        roots = {name.split(".")[0] for name in imported(path)}
        part = relative(path).split("/")[1]
        assert part == "ui" or "streamlit" not in roots, path
        assert part in {"engine", "experiments"} or "torch" not in roots, path
        assert part == "figures" or "plotly" not in roots, path


ROOM = "bnviz.ui.room"
LOADED_WITH_A_ROOM = {"bnviz/ui/frame.py", "bnviz/ui/quiz.py", "bnviz/ui/serving.py"}
"""Who may load it: within a function, where the address names a room."""


def imported_at_once(path):
    """What is loaded with a file: not what its functions import when they are called."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    later = {
        node
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(function)
    }
    nodes = [node for node in ast.walk(tree) if node not in later]
    names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    return names | {node.module for node in nodes if isinstance(node, ast.ImportFrom)}


@pytest.mark.parametrize("path", [*PACKAGE, *SCRIPTS], ids=relative)
def test_nothing_loads_a_room_before_the_address_names_one(path):
    if relative(path).startswith("bnviz/ui/room/"):
        return
    assert not {name for name in imported_at_once(path) if name.startswith((ROOM, "sqlalchemy"))}
    named = {name for name in imported(path) if name.startswith((ROOM, "sqlalchemy"))}
    assert not named or relative(path) in LOADED_WITH_A_ROOM, named


ALONE = """
import sys
from streamlit.testing.v1 import AppTest
at = AppTest.from_file("app.py", default_timeout=120)
at.switch_page("pages/02_transform.py").run()
assert not at.exception
loaded = [name for name in sys.modules if name.startswith(("bnviz.ui.room", "sqlalchemy"))]
assert loaded == [], loaded
at.query_params["room"] = "new"
at.run()
assert not at.exception
assert "bnviz.ui.room" in sys.modules
"""


def test_without_a_room_not_a_line_of_it_runs():
    """In a process of its own, since another test may have loaded it."""
    subprocess.run([sys.executable, "-c", ALONE], cwd=ROOT, check=True, timeout=120)


WORD_LISTS = {"glossary.py", "references.py"}


def test_no_file_is_longer_than_can_be_kept_in_mind():
    files = [*PACKAGE, *ROOT.glob("pages/*.py"), *ROOT.glob("tests/**/*.py")]
    lines = {path: path.read_text(encoding="utf-8").count("\n") for path in files}
    assert [str(p) for p, n in lines.items() if n > 400 and p.name not in WORD_LISTS] == []
