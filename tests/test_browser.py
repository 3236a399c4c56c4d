"""In a real browser: links, the clock, a phone, the dark, the keyboard, and those who listen."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from tests.samples import LESSONS, module

ROOT = Path(__file__).resolve().parents[1]
CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)

pytestmark = [
    pytest.mark.browser,
    pytest.mark.xdist_group("browser"),
    pytest.mark.skipif(not CHROMIUM and not os.environ.get("CI"), reason="no chromium here"),
]

QUICK = {"depth": "3", "width": "16", "steps": "80", "seeds": "1"}
PATHS = {lesson: "/" if lesson == "home" else f"/{lesson}" for lesson in LESSONS}
WAIT = 60_000  # milliseconds, on a slow and busy machine
SLIDERS = {"transform": ("epsilon", "ε"), "backward": ("epsilon", "ε")}
"""A slider that changes the pictures, and its label; in all others it is the learning rate."""
PHONE = {"width": 390, "height": 844}

HARMLESS = {
    # Streamlit asks hosts outside for fonts or news; where there is no network …
    "net::ERR_NAME_NOT_RESOLVED",
    "net::ERR_INTERNET_DISCONNECTED",
    # On a deep link Streamlit looks for its server below the page's own path first.
    *(f"{path}/_stcore/health" for path in PATHS.values() if path != "/"),
    *(f"{path}/_stcore/host-config" for path in PATHS.values() if path != "/"),
}
"""What the console may say, by a part of its text."""

STREAMLITS_OWN: set[tuple[str, str]] = set()
"""What axe may find in Streamlit's own elements: the rule, and the element; say why. None yet."""


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """The app as a reader meets it, on a port of its own; nobody has opened a page yet."""
    port, log = free_port(), tmp_path_factory.mktemp("server") / "log.txt"
    options = ["--server.headless", "true", "--server.port", str(port)]
    command = [sys.executable, "-m", "streamlit", "run", "app.py", *options]
    with log.open("w") as out:
        process = subprocess.Popen(command, cwd=ROOT, stdout=out, stderr=subprocess.STDOUT)
        try:
            address = f"http://127.0.0.1:{port}"
            wait_for(process, address + "/_stcore/health", log)
            yield address
        finally:
            process.terminate()
            process.wait(timeout=30)
    assert "Traceback" not in log.read_text(), log.read_text()


def wait_for(process, address, log):
    for _ in range(240):
        assert process.poll() is None, log.read_text()
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.25)
    raise TimeoutError(log.read_text())


@pytest.fixture(scope="module")
def chromium():
    playwright = pytest.importorskip("playwright.sync_api").sync_playwright().start()
    arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
    yield browser
    browser.close()
    playwright.stop()


@pytest.fixture
def reader(chromium, server):
    """A function that opens a page in a fresh session; afterwards the console must be clean."""
    contexts, said = [], []

    def open_page(lesson, link=(), scheme="light", **more):
        context = chromium.new_context(color_scheme=scheme, **more)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(WAIT)
        page.on(
            "console", lambda m: said.append(f"{m.text} {m.location}") if m.type == "error" else 0
        )
        page.on("pageerror", lambda error: said.append(str(error)))
        page.goto(server + PATHS[lesson] + query(lesson, dict(link)))
        return settled(page)

    yield open_page
    for context in contexts:
        context.close()
    unexpected = [text for text in said if not any(part in text for part in HARMLESS)]
    assert not unexpected, unexpected


def query(lesson, link):
    return "?" + "&".join(f"{lesson}-{name}={value}" for name, value in (QUICK | link).items())


def settled(page):
    """The page once its script has ended, its charts are drawn and its clock stands."""
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")
    page.wait_for_function(
        "() => document.querySelectorAll('.js-plotly-plot .main-svg').length > 1"
        " && [...document.querySelectorAll('.js-plotly-plot')].every(c => c._transitionData)"
        " && [...document.querySelectorAll('.js-plotly-plot')]"
        ".some(c => c._transitionData._frames.length)"
        " && window.bnvizClock && window.bnvizClock.settled"
        # what grows by itself has grown: it can no longer be stopped
        " && !document.querySelector('[class*=-stop] button:not(:disabled)')"
    )
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")
    still(page)
    assert not page.locator("[data-testid=stException]").count()
    return page


def still(page):
    """Wait until the pictures have stood still: the clock leaves a new chart alone for a moment."""
    seen = None
    while seen != (seen := figures(page)):
        page.wait_for_timeout(600)


FIGURES = """() => JSON.stringify([...document.querySelectorAll('.js-plotly-plot')].map(c => [
  c.data.map(t => ({x: t.x, y: t.y, z: t.z, text: t.text, type: t.type})),
  c._transitionData._frames.map(f => [f.name, f.data])]))"""


def figures(page):
    return page.evaluate(FIGURES)


def frames_shown(page):
    page.wait_for_timeout(400)
    page.wait_for_function("() => window.bnvizClock.settled")
    return page.evaluate(
        "() => [...document.querySelectorAll('.js-plotly-plot')]"
        ".filter(c => c._transitionData._frames.length)"
        ".map(c => c._fullLayout._currentFrame ?? null)"
    )


def knob(page, label):
    return page.locator(f'input[type=range][aria-label="{label}"]')


def slider(lesson):
    return SLIDERS.get(lesson, ("learning_rate", "Learning rate"))


def turn(page, label, key="ArrowRight"):
    """One step of a knob, by keyboard: over when the pictures are other ones."""
    address, pictures = page.url, figures(page)
    knob(page, label).focus()
    page.keyboard.press(key)
    page.wait_for_function("before => location.href !== before", arg=address)
    page.wait_for_function(f"before => ({FIGURES})() !== before", arg=pictures)
    return settled(page)


def test_a_cold_deep_link_shows_the_lesson_it_names(reader):
    """First of all: nobody has opened the front door of this server yet."""
    page = reader("race", {"learning_rate": "0.56", "activation": "tanh"})
    assert page.locator("h1").inner_text() == "Does it really train faster?"
    assert page.get_by_text("Page not found").count() == 0
    assert "race-learning_rate=0.56" in page.url
    assert "race-activation=tanh" in page.url
    assert knob(page, "Learning rate").get_attribute("aria-valuetext") == "0.56"


@pytest.mark.parametrize("lesson", PATHS)
def test_a_reader_turns_a_knob_and_sends_the_link_to_a_phone_in_the_dark(reader, lesson):
    """One reader for all that a page must be: opening a page is what takes the time."""
    page = reader(lesson)
    check_theme(page, "light")
    check_for_everybody(page)
    check_clock(page, lesson)

    name, label = slider(lesson)
    page.evaluate("() => bnvizClock.goTo(5)")
    fifth = page.evaluate("() => bnvizClock.steps[5]")
    turn(page, label)
    assert page.evaluate("() => bnvizClock.step") == fifth
    assert set(frames_shown(page)) == {str(fifth)}
    assert f"{lesson}-{name}=" in page.url
    page.evaluate("() => bnvizClock.goTo(bnvizClock.steps.length)")  # where a new reader starts
    frames_shown(page)

    link = dict(part.split("=") for part in page.url.split("?")[1].split("&"))
    link = {name.removeprefix(f"{lesson}-"): value for name, value in link.items()}
    phone = reader(lesson, link, scheme="dark", viewport=PHONE)
    assert json.loads(figures(phone)) == json.loads(figures(page))
    check_theme(phone, "dark")
    check_for_everybody(phone)
    check_width(phone)


def check_clock(page, lesson):
    """It moves every picture, by its hook and by the keyboard."""
    steps = page.evaluate("() => bnvizClock.steps")
    assert page.evaluate("() => bnvizClock.step") == steps[-1]
    for index in (0, len(steps) // 2):
        page.evaluate("index => bnvizClock.goTo(index)", index)
        shown = frames_shown(page)
        assert shown
        assert set(shown) == {str(steps[index])}

    page.evaluate("() => document.activeElement?.blur()")
    for key, index in (("Home", 0), ("ArrowRight", 1), ("ArrowRight", 2), ("ArrowLeft", 1)):
        page.keyboard.press(key)
        assert page.evaluate("() => bnvizClock.step") == steps[index]
    assert set(frames_shown(page)) == {str(steps[1])}
    names = getattr(module(lesson, "experiments"), "MOMENTS", None)
    told = names[1] if names else f"step {steps[1]} of {steps[-1]}"
    assert told in page.locator(".bnviz-clock").inner_text()


def check_width(page):
    """Nothing sticks out of a phone."""
    wide = page.evaluate("() => document.documentElement.scrollWidth")
    assert wide <= PHONE["width"]
    main = page.locator("[data-testid=stMain]").first
    assert main.evaluate("node => node.scrollWidth - node.clientWidth") <= 0
    charts = page.locator(".js-plotly-plot")
    for place in range(charts.count()):
        box = charts.nth(place).bounding_box()
        assert box["width"] > 250
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= PHONE["width"]
    clock = page.locator(".bnviz-clock").bounding_box()
    assert 0 <= clock["x"] < clock["x"] + clock["width"] <= PHONE["width"]


def check_theme(page, scheme):
    """It reaches the page and its pictures."""
    ground = brightness(page, ".stApp", "backgroundColor")
    ink = brightness(page, ".js-plotly-plot .xtick text", "fill")
    assert (ground < 0.2 and ink > 0.5) if scheme == "dark" else (ground > 0.9 and ink < 0.5)


def brightness(page, selector, attribute):
    colour = page.locator(selector).first.evaluate(
        "(node, name) => getComputedStyle(node)[name]", attribute
    )
    red, green, blue = (float(c) for c in colour.split("(")[1].rstrip(")").split(",")[:3])
    return (0.299 * red + 0.587 * green + 0.114 * blue) / 255


def check_for_everybody(page):
    """What axe knows of names, contrast, order and the keyboard."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    found = [
        (violation["id"], node["html"], node["failureSummary"])
        for violation in axe.run(page).response["violations"]
        for node in violation["nodes"]
    ]
    assert not [one for one in found if one[:2] not in STREAMLITS_OWN]


def test_going_back_restores_the_setting_before(reader):
    page = reader("race", {"learning_rate": "0.1"})
    before = figures(page)
    turn(page, "Learning rate")
    page.evaluate("() => history.back()")
    page.wait_for_selector(
        'input[aria-label="Learning rate"][aria-valuetext="0.1"]', state="attached"
    )
    assert "race-learning_rate=0.1" in page.url
    page.wait_for_function(f"before => ({FIGURES})() === before", arg=before)


def test_the_sidebar_leads_from_lesson_to_lesson(reader):
    page = reader("home")
    page.get_by_test_id("stSidebar").get_by_role("link", name="Does it really train").click()
    page.wait_for_url("**/race*")
    settled(page)
    assert page.locator("h1").inner_text() == "Does it really train faster?"
