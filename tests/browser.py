"""A real browser, a server of its own, and readers who open pages: what browser tests share."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import pytest

from bnviz.ui import course
from tests.samples import LESSONS, closed_sections

ROOT = Path(__file__).resolve().parents[1]
CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)

IN_A_BROWSER = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM and not os.environ.get("CI"), reason="no chromium here"),
]

QUICK = {"depth": "3", "width": "16", "steps": "50", "seeds": "1"}
PATHS = {lesson: "/" if lesson == "home" else f"/{lesson}" for lesson in LESSONS}
WAIT = 60_000  # milliseconds, on a slow and busy machine
LOOK = 100  # milliseconds between two looks at what is waited for: a look takes time, too
QUICK_ARMS = {
    "a-depth": "3", "a-width": "16", "b-depth": "3", "b-width": "16", "steps": "50", "seeds": "1",
}  # fmt: skip
"""The same where two runs have knobs of their own."""
FAULTS = (ROOT / "tests" / "looks.js").read_text(encoding="utf-8")
SETTLING = 320  # milliseconds: the clock leaves a new chart alone for a moment
DESK = {"width": 1280, "height": 720}
PHONE = {"width": 390, "height": 844}

UNLIKE = ("home", "transform", "race", "relatives", "lab")
"""Lessons whose pages are put together of different parts: lamps, a table to type in, two networks,
images, two arms. The others are of the same parts: a visit to each of them is `long`."""


def visits(lessons):
    """To parametrize a test that opens every page."""
    return [
        pytest.param(one, marks=() if one in UNLIKE or one not in PATHS else pytest.mark.long)
        for one in lessons
    ]


DEEP = [f"/{lesson.name}" for lesson in course.written() if lesson is not course.HOME]

HARMLESS = {
    # Streamlit asks hosts outside for fonts or news; where there is no network …
    "net::ERR_NAME_NOT_RESOLVED",
    "net::ERR_INTERNET_DISCONNECTED",
    # On a deep link Streamlit looks for its server below the page's own path first.
    *(f"{path}/_stcore/health" for path in DEEP),
    *(f"{path}/_stcore/host-config" for path in DEEP),
    # In a frame whose page does not grant it, where a link is shown to be copied by hand.
    "The Clipboard API has been blocked because of a permissions policy",
    # Behind the proxy of deploy/: a line of Streamlit's for search engines, which asks for nothing.
    "Executing inline script violates the following Content Security Policy directive",
}
"""What the console may say, by a part of its text."""


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    """The app as a reader meets it, but for the length of its sections; one for all files.

    It has a port of its own, and nobody has opened a page yet.
    """
    log = tmp_path_factory.mktemp("server") / "log.txt"
    with serving(free_port(), log, "tests.served") as address:
        yield address


@contextmanager
def serving(port, log, program="streamlit"):
    """The app, served until the end of the block."""
    process = start(port, log, program)
    try:
        address = f"http://127.0.0.1:{port}"
        wait_for(process, address + "/_stcore/health", log)
        yield address
    finally:
        end(process)
    assert "Traceback" not in log.read_text(), log.read_text()


def start(port, log, program="streamlit", **options):
    """A server's process, which has only begun to start."""
    options = {"server.headless": "true", "server.port": str(port)} | options
    words = [word for name, value in options.items() for word in (f"--{name}", value)]
    command = [sys.executable, "-m", program, "run", "app.py", *words]
    with log.open("a") as out:
        return subprocess.Popen(command, cwd=ROOT, stdout=out, stderr=subprocess.STDOUT)


def end(process):
    """Ask a server to end; one that still has a page open to serve is not waited for."""
    process.terminate()
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def wait_for(process, address, log):
    for _ in range(240):
        assert process.poll() is None, log.read_text()
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.25)
    raise TimeoutError(log.read_text())


opened = []
"""The tab, its browser and what drives it: while one test after the other needs them."""


@pytest.fixture
def tab():
    """One tab for all readers, also of other files: in a new one a page costs twice as much.

    It would read Streamlit's and Plotly's code all over again.
    """
    if not opened:
        playwright = pytest.importorskip("playwright.sync_api").sync_playwright().start()
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        opened.extend((browser.new_page(), browser, playwright))
        opened[0].set_default_timeout(WAIT)
    return opened[0]


def close_browser():
    """Where a test follows that needs none: what drives it holds the thread's event loop."""
    if opened:
        _, browser, playwright = opened
        opened.clear()
        browser.close()
        playwright.stop()


@pytest.fixture
def reader(tab, server):
    """A function that opens a page for a new reader, whose session and whose memory are empty.

    Afterwards the console must be clean.
    """
    said = []

    def hear(message):
        if message.type == "error":
            said.append(f"{message.text} {message.location}")

    def shout(error):
        said.append(str(error))

    def open_page(
        lesson, link=(), scheme="light", size=DESK, at_its_defaults=False, options=(), ready=None
    ):
        leave(tab)
        tab.emulate_media(color_scheme=scheme)
        tab.set_viewport_size(size)
        path = PATHS.get(lesson, f"/{lesson}")
        small = {} if at_its_defaults else smallest(lesson)
        tab.goto(server + path + query(lesson, small | dict(link), options))
        if lesson not in PATHS:  # words alone
            tab.wait_for_selector("h1, h3[id], [data-testid=stForm]")
            tab.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")
            return tab
        return (ready or (there if at_its_defaults else settled))(tab)

    tab.on("console", hear)
    tab.on("pageerror", shout)
    yield open_page
    leave(tab)
    tab.remove_listener("console", hear)
    tab.remove_listener("pageerror", shout)
    unexpected = [text for text in said if not any(part in text for part in HARMLESS)]
    assert not unexpected, unexpected


def leave(page):
    """Away from the app, which ends the session; what the browser has kept for it is forgotten."""
    if page.url.startswith("http"):
        page.evaluate("() => { localStorage.clear(); sessionStorage.clear() }")
    page.context.clear_cookies()
    page.context.clear_permissions()
    page.goto("about:blank")


def smallest(lesson):
    """Small, and with all sections open."""
    sections = dict.fromkeys(closed_sections(lesson), "true")
    return (QUICK_ARMS if lesson == "lab" else QUICK) | sections


def query(lesson, asked, options=()):
    """What a link to this page ends with; `options` are those that all lessons share."""
    own = {f"{lesson}-{name}": value for name, value in asked.items()}
    said = "&".join(f"{name}={value}" for name, value in (own | dict(options)).items())
    return f"?{said}" if said else ""


def settled(page):
    """The page once it is there, and its pictures have stood still."""
    still(there(page))
    return page


def there(page):
    """The page once its script has ended, its charts are drawn and its clock stands."""
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")
    page.wait_for_function(
        "() => document.querySelectorAll('.js-plotly-plot .main-svg').length > 1"
        " && [...document.querySelectorAll('.js-plotly-plot')].every(c => c._transitionData)"
        " && [...document.querySelectorAll('.js-plotly-plot')]"
        ".some(c => c._transitionData._frames.length)"
        " && window.bnvizClock && window.bnvizClock.settled"
        # what grows by itself has grown: it can no longer be stopped
        " && !document.querySelector('[class*=-stop] button:not(:disabled)')",
        polling=LOOK,
    )
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")
    assert not page.locator("[data-testid=stException]").count()
    return page


def still(page):
    """Wait until the pictures have stood still: the clock leaves a new chart alone for a moment."""
    seen = None
    while seen != (seen := figures(page)):
        page.wait_for_timeout(SETTLING + LOOK)


FIGURES = """() => JSON.stringify([...document.querySelectorAll('.js-plotly-plot')].map(c => [
  c.data.map(t => ({x: t.x, y: t.y, z: t.z, text: t.text, type: t.type})),
  c._transitionData._frames.map(f => [f.name, f.data])]),
  // what Plotly notes for itself on an array that it has read is no part of the picture
  (name, value) => name === '_inputArray' || name === 'shape' ? undefined : value)"""


def figures(page):
    return page.evaluate(FIGURES)


def knob(page, label):
    return page.locator(f'input[type=range][aria-label="{label}"]')


def turn(page, label, key="ArrowRight"):
    """One step of a knob, by keyboard: over when the pictures are other ones."""
    address, pictures = page.url, figures(page)
    for patience in (15, 60):  # on a very busy machine the knob may be drawn anew under the key
        knob(page, label).press(key)
        late = time.monotonic() + patience
        while page.url == address and time.monotonic() < late:
            page.wait_for_timeout(LOOK)
        if page.url != address:
            break
    page.wait_for_function(f"before => ({FIGURES})() !== before", arg=pictures, polling=LOOK)
    return settled(page)


def wait_for_frames(page, step):
    """Until every picture that moves shows the frame of this step, and there is one that moves."""
    page.wait_for_function(
        "name => window.bnvizClock.settled"
        " && (moving => moving.length && moving.every(c => c._fullLayout._currentFrame === name))("
        "[...document.querySelectorAll('.js-plotly-plot')]"
        ".filter(c => c._transitionData._frames.length))",
        arg=str(step),
        polling=LOOK,
    )


def unfold(page):
    """Open every fold; what is computed only then is there afterwards."""
    page.evaluate("() => document.querySelectorAll('details:not([open]) > summary')"
                  ".forEach(fold => fold.click())")  # fmt: skip
    page.wait_for_timeout(300)
    drawn(page)


def drawn(page):
    """Once the script has ended, the charts are drawn, and the clock has moved them."""
    page.wait_for_timeout(LOOK)
    page.wait_for_function(
        "() => document.querySelector('[data-testid=stApp]').dataset.testScriptState"
        " === 'notRunning' && [...document.querySelectorAll('.js-plotly-plot')]"
        ".every(c => c._transitionData) && (!window.bnvizClock || bnvizClock.settled)"
        " && !document.querySelector('[class*=-stop] button:not(:disabled)')",
        polling=LOOK,
    )
    page.wait_for_timeout(SETTLING)


def check_looks(page, lesson, where, moments=("start", "middle", "end")):
    """Nothing is wrong at these moments of the clock; what is, is said with the moment."""
    steps = page.evaluate("() => window.bnvizClock?.steps")
    places = {"start": 0, "middle": len(steps or ()) // 2, "end": len(steps or ()) - 1}
    found = []
    for moment in moments if steps else ("end",):
        if steps and moments != ("end",):
            page.evaluate("place => bnvizClock.goTo(place)", places[moment])
            wait_for_frames(page, steps[places[moment]])
        found += [f"{moment}: {fault}" for fault in page.evaluate(FAULTS)]
    assert not found, f"{lesson}, {where}:\n" + "\n".join(found)
