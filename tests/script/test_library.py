"""A program that uses bnviz as a library says what the page says, in an interpreter of its own."""

import re
import subprocess
import sys

import pytest

from bnviz.experiments.lab_config import LabConfig
from bnviz.experiments.settings import knobs
from bnviz.script import library
from bnviz.ui.course import lesson as lesson_called
from tests.browser import ROOT
from tests.samples import BY_HAND, LESSONS, TINY, page_config

pytestmark = pytest.mark.xdist_group("programs")  # all of them run once
BEFORE = """
import runpy
import sys
import warnings
sys.modules["streamlit"] = None  # whoever imports it fails
warnings.simplefilter("error")
for path in sys.argv[1:]:
    print(f"=== {path}")
    runpy.run_path(path, run_name="__main__")
"""


def small(lesson):
    """The Configs of a lesson, at a setting that is trained in a moment."""
    if lesson == "lab":
        return [LabConfig(**TINY), LabConfig(**TINY, normalizer="batch")]
    return [page_config(lesson)(**({} if lesson in BY_HAND else TINY))]


def of(lesson, *configs):
    return library.program(lesson, lesson_called(lesson).question, *(configs or small(lesson)))


def test_every_lesson_that_computes_has_one():
    assert {*library.LESSONS} == {*LESSONS}


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    """What each of them prints: lesson -> lines. All of them in one interpreter."""
    folder = tmp_path_factory.mktemp("library")
    for lesson in LESSONS:
        folder.joinpath(f"{lesson}.py").write_text(of(lesson).text, encoding="utf-8")
    files = [f"{lesson}.py" for lesson in LESSONS]
    done = subprocess.run(
        [sys.executable, "-c", f"import sys\nsys.path.insert(0, {str(ROOT)!r})\n{BEFORE}", *files],
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    parts = re.split(r"^=== (\w+)\.py\n", done.stdout, flags=re.MULTILINE)[1:]
    told = {name: said.splitlines() for name, said in zip(parts[::2], parts[1::2], strict=True)}
    return told, {path.name for path in folder.glob("*.html")}


@pytest.mark.parametrize("lesson", LESSONS)
def test_it_says_what_its_run_shows_and_writes_its_pictures(lesson, ran):
    told, written = ran
    assert told[lesson][0].strip()
    for name in library.LESSONS[lesson].figures:
        assert f"bnviz-{lesson}-{name}.html" in written


@pytest.mark.parametrize("lesson", LESSONS)
def test_it_is_short_and_of_the_settings_of_now(lesson):
    config = type(small(lesson)[0])
    name, knob = next((n, k) for n, k in knobs(config).items() if len(k.options) > 1)
    other = next(one for one in knob.options if one != config.model_fields[name].default)
    configs = [config(**{name: other}), *small(lesson)[1:]]
    text = of(lesson, *configs).text
    assert len(text.splitlines()) < 60
    assert max(map(len, text.splitlines())) <= 100
    assert f"{name}={other!r}" in text
    names = {}
    asked = [line for line in text.splitlines() if line.startswith(("from bnviz.exp", "config = "))]
    exec("\n".join(asked), names)
    assert lesson == "lab" or names["config"] == configs[0]
