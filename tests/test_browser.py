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

from bnviz.ui import course
from bnviz.ui.words.glossary import TERMS
from bnviz.ui.words.references import REFERENCES
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

QUICK = {"depth": "3", "width": "16", "steps": "50", "seeds": "1"}
PATHS = {lesson: "/" if lesson == "home" else f"/{lesson}" for lesson in LESSONS}
WAIT = 60_000  # milliseconds, on a slow and busy machine
LOOK = 100  # milliseconds between two looks at what is waited for: a look takes time, too
QUICK_ARMS = {
    "a-depth": "3", "a-width": "16", "b-depth": "3", "b-width": "16", "steps": "50", "seeds": "1",
}  # fmt: skip
"""The same where two runs have knobs of their own."""
SLIDERS = {
    "transform": ("epsilon", "ε"),
    "backward": ("epsilon", "ε"),
    "lab": ("b-learning_rate", "Learning rate · B"),
}
"""A slider that changes the pictures, and its label; in all others it is the learning rate."""
CLICKS = {
    "rates": ("rates-0", {"learning_rate"}),
    "forgiveness": ("forgiveness-1", {"learning_rate", "gain"}),
    "relatives": ("relatives-stack-Before", {"sample", "channel"}),
}
"""A picture that can be clicked, by its key, and what a click in it writes into the link."""
DESK = {"width": 1280, "height": 720}
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
def tab():
    """One tab for all readers: a new one reads Streamlit's and Plotly's code all over again."""
    playwright = pytest.importorskip("playwright.sync_api").sync_playwright().start()
    arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
    page = browser.new_page()
    page.set_default_timeout(WAIT)
    yield page
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

    def open_page(lesson, link=(), scheme="light", size=DESK):
        leave(tab)
        tab.emulate_media(color_scheme=scheme)
        tab.set_viewport_size(size)
        tab.goto(server + PATHS[lesson] + query(lesson, dict(link)))
        return settled(tab)

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
    page.goto("about:blank")


def query(lesson, link):
    asked = (QUICK_ARMS if lesson == "lab" else QUICK) | link
    return "?" + "&".join(f"{lesson}-{name}={value}" for name, value in asked.items())


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
        " && !document.querySelector('[class*=-stop] button:not(:disabled)')",
        polling=LOOK,
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


def knob(page, label):
    return page.locator(f'input[type=range][aria-label="{label}"]')


def slider(lesson):
    return SLIDERS.get(lesson, ("learning_rate", "Learning rate"))


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
    check_click(page, lesson)

    name, label = slider(lesson)
    page.evaluate("() => bnvizClock.goTo(5)")
    fifth = page.evaluate("() => bnvizClock.steps[5]")
    turn(page, label)
    assert page.evaluate("() => bnvizClock.step") == fifth
    wait_for_frames(page, fifth)
    assert f"{lesson}-{name}=" in page.url
    page.evaluate("() => bnvizClock.goTo(bnvizClock.steps.length)")  # where a new reader starts
    wait_for_frames(page, page.evaluate("() => bnvizClock.steps.at(-1)"))

    link = dict(part.split("=") for part in page.url.split("?")[1].split("&"))
    link = {name.removeprefix(f"{lesson}-"): value for name, value in link.items()}
    at_the_desk = json.loads(figures(page))
    phone = reader(lesson, link, scheme="dark", size=PHONE)
    assert json.loads(figures(phone)) == at_the_desk
    check_theme(phone, "dark")
    check_for_everybody(phone)
    check_width(phone)


def check_clock(page, lesson):
    """It moves every picture, by its hook and by the keyboard."""
    steps = page.evaluate("() => bnvizClock.steps")
    assert page.evaluate("() => bnvizClock.step") == steps[-1]
    for index in (0, len(steps) // 2):
        page.evaluate("index => bnvizClock.goTo(index)", index)
        wait_for_frames(page, steps[index])

    page.evaluate("() => document.activeElement?.blur()")
    for key, index in (("Home", 0), ("ArrowRight", 1), ("ArrowRight", 2), ("ArrowLeft", 1)):
        page.keyboard.press(key)
        assert page.evaluate("() => bnvizClock.step") == steps[index]
    wait_for_frames(page, steps[1])
    names = getattr(module(lesson, "experiments"), "MOMENTS", None)
    told = names[1] if names else f"step {steps[1]} of {steps[-1]}"
    assert told in page.locator(".bnviz-clock").inner_text()


SPOT = """chart => {
  const { _fullData: traces, _fullLayout: { xaxis, yaxis } } = chart;
  const line = traces.find(t => t.hoverinfo !== 'skip' && t.x && t.x.length > 5 && !t.z);
  return line ? { x: xaxis.d2p(line.x[5]), y: yaxis.d2p(line.y[5]) }
    : { x: 0.3 * xaxis._length, y: 0.6 * yaxis._length };
}"""
"""The sixth point of a line, or somewhere in a map, in pixels from the corner of the picture."""


def check_click(page, lesson):
    """With the mouse, in a picture that can be clicked: the link follows."""
    key, written = CLICKS.get(lesson, ("", set()))
    if not written:
        return
    assert not any(f"{lesson}-{name}=" in page.url for name in written)
    chart = page.locator(f".st-key-{key} .js-plotly-plot.bnviz-choose")  # it listens
    ground, spot = chart.locator(".nsewdrag").first, chart.evaluate(SPOT)
    ground.hover(position=spot)
    page.wait_for_timeout(LOOK)  # Plotly looks a moment later at what is below the mouse
    ground.click(position=spot)
    page.wait_for_function(
        "names => names.every(name => new URLSearchParams(location.search).has(name))",
        arg=[f"{lesson}-{name}" for name in sorted(written)],
        polling=LOOK,
    )
    settled(page)


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


def test_going_back_from_another_lesson_restores_what_was_set(reader):
    page = reader("race", {"learning_rate": "0.1"})
    before = figures(turn(page, "Learning rate"))
    left = page.url
    page.get_by_test_id("stSidebar").get_by_role("link", name="How large may").click()
    page.wait_for_url("**/rates*")
    settled(page)
    page.evaluate("() => history.back()")
    page.wait_for_function(f"before => ({FIGURES})() === before", arg=before, polling=LOOK)
    settled(page)
    assert page.url == left
    assert knob(page, "Learning rate").get_attribute("aria-valuetext") == "0.18"


def test_a_phones_sidebar_leads_to_another_lesson_and_gets_out_of_its_way(reader):
    page = reader("home", {"learning_rate": "0.18"}, size=PHONE)
    before = page.url
    page.get_by_test_id("stExpandSidebarButton").click()
    page.get_by_test_id("stSidebar").get_by_role("link", name="Does it really train").click()
    page.wait_for_url("**/race*")
    settled(page)
    assert page.locator("h1").inner_text() == "Does it really train faster?"
    page.locator("[data-testid=stSidebar][data-collapsed=true]").wait_for(state="attached")
    page.get_by_test_id("stExpandSidebarButton").click()
    page.get_by_test_id("stSidebar").get_by_role(
        "link", name=course.lesson("home").question
    ).click()
    page.wait_for_url(before)  # a lesson is found as it was left
    settled(page)
    assert knob(page, "Learning rate").get_attribute("aria-valuetext") == "0.18"


def test_a_run_that_was_kept_is_there_on_the_phone_of_whoever_gets_the_link(reader):
    page = reader("lab", {"b-then": "0.01x40"})
    check_popover(page, "More knobs · A")
    check_popover(page, "Go on · B")
    before = figures(page)
    page.get_by_role("button", name="Keep B").click()
    page.wait_for_function(f"before => ({FIGURES})() !== before", arg=before, polling=LOOK)
    page.get_by_role("button", name="Run 1").wait_for()
    settled(page)
    kept = page.url.split("lab-kept=")[1].split("&")[0]
    assert kept.startswith("nbatch_")
    assert "%" not in kept
    turn(page, "Learning rate · B")
    at_the_desk = json.loads(figures(page))
    link = dict(part.split("=") for part in page.url.split("?")[1].split("&"))

    link = {name.removeprefix("lab-"): value for name, value in link.items()}
    phone = reader("lab", link, scheme="dark", size=PHONE)
    phone.get_by_role("button", name="Run 1").wait_for()
    settled(phone)
    assert json.loads(figures(phone)) == at_the_desk
    check_popover(phone, "Run 1")
    check_popover(phone, "More knobs · B")
    check_width(phone)
    phone.get_by_role("button", name="Run 1").click()
    phone.get_by_role("button", name="Remove").click()
    phone.wait_for_function("() => !location.href.includes('lab-kept')", polling=LOOK)


def check_popover(page, label):
    """What it holds can be used by everybody, and does not stick out."""
    page.get_by_role("button", name=label).click()
    page.get_by_test_id("stPopoverBody").wait_for()
    page.wait_for_timeout(500)  # it fades in
    check_for_everybody(page)
    wide = page.evaluate("() => document.documentElement.scrollWidth")
    assert wide <= page.viewport_size["width"]
    page.keyboard.press("Escape")
    page.get_by_test_id("stPopoverBody").wait_for(state="hidden")


def test_a_word_leads_to_its_place_in_the_glossary(reader):
    page = reader("transform")
    word = page.locator('a[href="glossary#mini-batch"]').first
    with page.context.expect_page() as opened:
        word.click()
    glossary = opened.value
    glossary.set_default_timeout(WAIT)
    glossary.wait_for_selector("h3.bnviz-landed")
    assert glossary.url.endswith("/glossary#mini-batch")
    assert page.url.split("?")[0].endswith("/transform")  # where the reader was

    glossary.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")
    glossary.wait_for_selector(f'h3[id="{REFERENCES[-1].anchor}"]')  # the papers come last
    ids = glossary.evaluate("() => [...document.querySelectorAll('h3[id]')].map(h => h.id)")
    assert {entry.anchor for entry in (*TERMS, *REFERENCES)} <= set(ids)
    check_landing(glossary, DESK)
    glossary.set_viewport_size(PHONE)
    glossary.emulate_media(color_scheme="dark")
    glossary.reload()
    glossary.wait_for_selector("h3.bnviz-landed")
    check_landing(glossary, PHONE)
    glossary.close()


def check_landing(glossary, size):
    """The entry that a link named stands in the upper half of the window."""
    glossary.wait_for_timeout(500)  # until the boxes above have found their size
    assert 0 <= glossary.locator("h3.bnviz-landed").bounding_box()["y"] < size["height"] / 2
    assert glossary.evaluate("() => document.documentElement.scrollWidth") <= size["width"]
    check_for_everybody(glossary)
