"""What all tests share on a slow, busy machine: one thread each, the same examples every time."""

import gc
import os
import tempfile
from functools import cache
from pathlib import Path

import pytest
import torch
from hypothesis import HealthCheck, is_hypothesis_test, settings
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import local_script_runner

from bnviz.experiments import forgiveness, lab_config
from bnviz.experiments import settings as limits
from bnviz.experiments.bounds import TooLargeError
from bnviz.experiments.settings import Settings
from bnviz.ui import mishaps
from bnviz.ui.answers.page import store
from bnviz.words.challenge import LONGEST_WHY, Outcome
from tests.browser import close_browser, reader, server, tab  # noqa: F401 - fixtures

gc.disable()  # until all is imported and collected: a third of that time would go into counting it

settings.register_profile(
    "bnviz",
    deadline=None,  # the machine may be busy
    max_examples=50,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize=True,  # the same examples every time: a red test stays red
)
settings.load_profile("bnviz")

os.environ.setdefault("BNVIZ_FORESIGHT", "off")  # tests say what is computed, and when

ROOMS = tempfile.TemporaryDirectory(prefix="bnviz-rooms-")
os.environ.setdefault("BNVIZ_ROOMS", f"sqlite:///{ROOMS.name}/rooms.sqlite")  # not the user's own

torch.set_num_threads(1)  # two workers with two threads each would mostly wait for one another

# Each AppTest looks through all installed packages for components, which takes longer than to run
# a page. They stay the same meanwhile.
manifest_scanner.scan_component_manifests = cache(manifest_scanner.scan_component_manifests)


# An AppTest asks every millisecond whether the page's script has ended. It takes a tenth of a core
# less to wait for the script's thread, and to ask then.
ask = local_script_runner.require_widgets_deltas


def ask_when_it_has_ended(runner, timeout=3):
    runner._script_thread.join(timeout)
    ask(runner, timeout if runner.script_stopped() else 0)


local_script_runner.require_widgets_deltas = ask_when_it_has_ended


@pytest.fixture(autouse=True)
def _nothing_goes_wrong_behind_a_sentence(caplog):
    """A page says in a sentence that it failed, and logs why: here it fails the test."""
    yield
    failures = [one for one in caplog.get_records("call") if one.name == mishaps.__name__]
    assert not failures, failures[0].exc_text


@pytest.fixture(autouse=True, scope="session")
def _whatever_a_verdict_says_has_room():
    """In every test, at whatever setting: else the picture would stand below the clock."""
    begin = Outcome.__init__

    def bounded(self, *, right, why):
        assert len(why) <= LONGEST_WHY, why
        begin(self, right=right, why=why)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Outcome, "__init__", bounded)
        yield


SMALL_ROWS = {
    "initial gain": ("gain", (0.1, 1.0, 2.0)),
    "depth": ("depth", (1, 2, 4)),
    "batch size": ("batch_size", (2, 16, 32)),
}


@pytest.fixture
def small_map(monkeypatch):
    """Four rates and three rows."""
    monkeypatch.setattr(forgiveness, "RATES", (0.01, 0.1, 1.0, 100.0))
    monkeypatch.setattr(forgiveness, "ROWS", SMALL_ROWS)
    store().clear()
    yield
    store().clear()


@pytest.fixture(scope="module")
def coarse_map():
    """The map of what trains, with fewer cells, for all tests of a file."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(forgiveness, "RATES", forgiveness.RATES[::10])
        rows = {name: (knob, few[::4]) for name, (knob, few) in forgiveness.ROWS.items()}
        patch.setattr(forgiveness, "ROWS", rows)
        store().clear()  # no map of another size is taken for this one …
        yield
    store().clear()  # … or this one for the map of another file


@pytest.fixture(autouse=True, scope="module")
def _nothing_is_known_from_another_file():
    """What was trained while another file had its own maps is no answer here."""
    store().clear()


MOMENT = 0.1  # seconds of a slow core


@pytest.fixture
def brief(monkeypatch):
    """A visitor may have a moment: what would take longer is trained for fewer steps, as said.

    And for one, with one seed, where not even that fits into a moment.
    """
    bound(monkeypatch, MOMENT)


@pytest.fixture
def briefer(monkeypatch):
    """As `brief`, for half a moment: a walk over all options takes its time from that."""
    bound(monkeypatch, MOMENT / 2)


def bound(monkeypatch, moment):
    def affordable(config):
        try:
            return usual(config)
        except TooLargeError:
            return config.model_copy(update={"steps": 1, "seeds": 1})

    usual = Settings.affordable
    monkeypatch.setattr(Settings, "affordable", affordable)
    monkeypatch.setattr(limits, "WORK_LIMIT", moment)
    monkeypatch.setattr(forgiveness, "WORK_LIMIT", moment)
    monkeypatch.setattr(lab_config, "MEASURING", MOMENT)
    monkeypatch.setattr(lab_config, "WORK_LIMIT", 5 * MOMENT)  # two runs, and their measuring


LONGEST = (
    "tests/test_browser.py",
    "tests/test_looks.py",
    "tests/test_deploy.py",
    "tests/test_memory.py",
    "tests/test_pages.py",
    "tests/test_page_knobs.py",
    "tests/test_challenges.py",
    "tests/test_page_links.py",
    "tests/test_page_lessons.py",
)

ONE_BY_ONE = ("tests/test_page_knobs.py", "tests/experiments/test_bounds.py")
"""Long tests that share nothing: of these, any worker takes the next."""

MEASURING = ("tests/experiments/test_bounds.py", "tests/test_load.py", "tests/test_memory.py")
"""They read from /proc, which Linux alone has, what a process takes."""


@pytest.hookimpl(tryfirst=True)  # before xdist reads the groups
def pytest_collection_modifyitems(items):
    """What takes longest begins first: at the end, no worker waits long for another.

    A file stays with one worker, or each of them would train what its tests share.
    A property does not: its examples follow from its name, which would have the group in it.
    """
    places = {name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: places.get(file_of(item), len(places)))
    for item in items:
        by_itself = file_of(item) in ONE_BY_ONE or is_hypothesis_test(item.obj)
        if not by_itself and not item.get_closest_marker("xdist_group"):
            item.add_marker(pytest.mark.xdist_group(file_of(item)))
    if not Path("/proc/self/status").exists():
        for item in items:
            if file_of(item) in MEASURING:
                item.add_marker(pytest.mark.skip(reason="reads /proc, which this system has not"))


def pytest_collection_finish(session):
    """What is imported and collected stays: no collection of garbage looks through it again."""
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)  # what a test leaves is little beside that
    gc.enable()


def pytest_sessionfinish(session):
    """All may go again, in the order of an ordinary end: else connections go after their module."""
    gc.unfreeze()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item):
    """Workers that compute step back, for good, for those that wait for a browser.

    So there may be more workers than cores: what browsers leave is used, and none of them starves.
    Those come first, in two groups, before their workers have any other test.
    """
    group = item.get_closest_marker("xdist_group")
    waits = group is not None and group.args[0] in ("browser", "looks")
    if os.environ.get("PYTEST_XDIST_WORKER") and not waits:
        step_back()


@cache
def step_back():
    os.nice(10)


@pytest.hookimpl(trylast=True)  # after what the test itself has used
def pytest_runtest_teardown(item, nextitem):
    if nextitem is None or not nextitem.get_closest_marker("browser"):
        close_browser()


def file_of(item):
    return item.nodeid.split("::")[0]
