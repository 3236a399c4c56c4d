"""In a real browser: links, the clock, a phone, the dark, the keyboard, and those who listen."""

import json
import urllib.request
from urllib.parse import quote

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from bnviz.experiments.kept import Kept, write
from bnviz.experiments.lab_config import LabConfig
from bnviz.experiments.quoting import quoted
from bnviz.experiments.settings import knobs
from bnviz.ui import arms
from bnviz.words.glossary import TERMS
from bnviz.words.references import REFERENCES
from tests.browser import (
    DESK,
    FIGURES,
    IN_A_BROWSER,
    LOOK,
    PATHS,
    PHONE,
    QUICK_ARMS,
    WAIT,
    check_looks,
    drawn,
    figures,
    knob,
    settled,
    turn,
    visits,
    wait_for_frames,
)
from tests.hostile import ALL, FOREIGN
from tests.samples import BY_HAND, module

pytestmark = [*IN_A_BROWSER, pytest.mark.xdist_group("browser")]

SLIDERS = {
    "transform": ("epsilon", "ε"),
    "backward": ("epsilon", "ε"),
    "collapse": ("batch_size", "Batch size"),
    "lab": ("b-learning_rate", "Learning rate · B"),
}
"""A slider that changes the pictures, and its label; in all others it is the learning rate."""
CLICKS = {
    "rates": ("rates", {"learning_rate"}),
    "forgiveness": ("forgiveness-1", {"learning_rate", "gain"}),
    "relatives": ("maps-Before", {"sample", "channel"}),
}
"""A picture that can be clicked, by its key, and what a click in it writes into the link."""
FAULTS_ONLY = {"resultTypes": ["violations"]}  # all rules; of what passes, axe need not tell where
STREAMLITS_OWN = {
    # where a mouse drops a file; the button and the field in it have names of their own
    (
        "presentation-role-conflict",
        '<section role="presentation" tabindex="-1" data-testid="stFile',
    ),
}
"""What axe may find in Streamlit's own elements: the rule, and how the element begins; say why."""


def slider(lesson):
    return SLIDERS.get(lesson, ("learning_rate", "Learning rate"))


def test_a_cold_deep_link_shows_the_lesson_it_names(reader):
    """First of all: nobody has opened the front door of this server yet."""
    page = reader("race", {"learning_rate": "0.56", "activation": "tanh"})
    assert page.locator("h1").inner_text() == "Does it really train faster?"
    assert page.get_by_text("Page not found").count() == 0
    assert "race-learning_rate=0.56" in page.url
    assert "race-activation=tanh" in page.url
    assert knob(page, "Learning rate").get_attribute("aria-valuetext") == "0.56"


@pytest.mark.parametrize("lesson", visits(PATHS))
def test_a_reader_turns_a_knob_and_sends_the_link_to_a_phone_in_the_dark(reader, lesson):
    """One reader for all that a page must be: opening a page is what takes the time."""
    page = reader(lesson)
    check_theme(page, "light")
    check_for_everybody(page)
    check_clock(page, lesson)
    check_click(page, lesson)
    name, label = slider(lesson)
    page.evaluate("() => bnvizClock.goTo(Math.min(5, bnvizClock.steps.length - 2))")
    on_the_way = page.evaluate("() => bnvizClock.step")
    turn(page, label)
    assert page.evaluate("() => bnvizClock.step") == on_the_way
    wait_for_frames(page, on_the_way)
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
    check_sections(phone, lesson)


def moment_names(lesson, steps):
    """What the clock calls its places, where they are no steps of a training."""
    words = module(lesson, "words")
    if lesson == "batches":
        return dict(zip(steps, words.moments(steps), strict=True))
    if lesson == "collapse":
        return dict(zip(steps, words.places(steps[-1]), strict=True))
    return dict(enumerate(words.PLACES)) if lesson in BY_HAND else {}


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
    told = moment_names(lesson, steps).get(steps[1], f"step {steps[1]} of {steps[-1]}")
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


def check_sections(page, lesson):
    """Everything that starts when asked, started and looked at; these networks train quickly."""
    starts = page.get_by_role("button", name="Start", exact=True)
    for section in range(starts.count()):
        starts.nth(section).click()
        drawn(page)
    if starts.count():
        check_looks(page, lesson, "its sections", moments=("end",))


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
        for violation in axe.run(page, options=FAULTS_ONLY).response["violations"]
        for node in violation["nodes"]
    ]
    assert not [
        (rule, element, *why)
        for rule, element, *why in found
        if not any(rule == known and element.startswith(own) for known, own in STREAMLITS_OWN)
    ]


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


def test_a_section_that_was_opened_is_in_the_link(reader):
    closed = {"company": "false", "sorted": "false"}
    page = reader("batches", closed)
    assert "batches-sorted" not in page.url
    before = page.locator(".js-plotly-plot").count()
    page.get_by_text(module("batches", "words").CLOSER["company"][0]).click()
    page.wait_for_url("**batches-company=true**")
    page.get_by_text(module("batches", "words").CLOSER["sorted"][0]).click()
    page.wait_for_url("**batches-sorted=true**")
    settled(page)
    assert page.locator(".js-plotly-plot").count() == before + 4
    at_the_desk = json.loads(figures(page))
    link = dict(part.split("=") for part in page.url.split("?")[1].split("&"))
    link = {name.removeprefix("batches-"): value for name, value in link.items()}
    as_at_the_desk = {"width": "64", "seeds": "5"} | link
    phone = reader("batches", as_at_the_desk, scheme="dark", size=PHONE)
    assert json.loads(figures(phone)) == at_the_desk


def test_a_word_is_explained_in_place_and_leads_to_the_glossary(reader):
    page = reader("transform")
    word = page.locator('a[href="glossary#mini-batch"]').first
    word.click()
    card = page.get_by_role("tooltip")
    assert "mini-batch" in card.inner_text()
    page.keyboard.press("Escape")
    assert not card.count()
    page.mouse.move(0, 0)
    word.hover()
    card.wait_for()
    assert word.get_attribute("aria-describedby") == card.get_attribute("id")
    with page.context.expect_page() as opened:
        card.get_by_role("link").click()
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


def test_a_strangers_link_puts_nothing_of_theirs_on_a_page(tab, reader, server):
    """Every text a stranger may think of, through every door; then what the browser made of it."""
    asked = set()

    def note(request):
        asked.add(request.url)

    tab.on("request", note)
    fields = [name for name in knobs(arms.Page) if name not in QUICK_ARMS]
    small = LabConfig(depth=2, width=8, steps=50, seeds=1)
    through = dict(zip(fields, ALL, strict=False)) | {
        "a-then": ALL[0],
        "kept": write([Kept(text, small) for text in ALL[:8:2]]),
        ALL[2]: "1",
    }
    page = reader("lab", {quote(name): quote(text) for name, text in through.items()})
    told = page.locator("[data-testid=stAlert] code").all_text_contents()
    assert len(told) > len(ALL)
    for text in ALL:
        shown = quoted(text.replace(":material/", ":material_")).strip("`").strip()
        assert any(one.strip() == shown for one in told), text
    check_nothing_foreign(page)
    check_nothing_foreign(reader("transform", {"table": quote(f"1~![](//{FOREIGN})")}))
    check_nothing_foreign(reader("glossary", {"find": quote(ALL[0])}))
    tab.remove_listener("request", note)
    assert {url for url in asked if not url.startswith((server, "blob:", "data:"))} == set()


FOREIGNERS = """host => [...document.querySelectorAll('*')].filter(one =>
  [...one.attributes].some(a => /^(href|src|srcset|action|data|style|xlink:href)$/.test(a.name)
    && a.value.includes(host))
  || one.matches('[data-testid=stAlert] :is(img, a, h1, h2, li, table, del, .katex)')
  || one.matches('.stMarkdownColoredText, .stMarkdownColoredBackground, .stMarkdownBadge')
).map(one => one.outerHTML)"""
"""What leads to a host or asks it for something, and what a warning of ours never has in it."""


def check_nothing_foreign(page):
    assert FOREIGN in page.locator("[data-testid=stMain]").inner_text()  # it is there, as text
    assert page.evaluate(FOREIGNERS, FOREIGN) == []


@pytest.mark.parametrize("origin", [f"http://{FOREIGN}", "null"])
def test_no_page_of_another_origin_may_connect_or_read(server, origin):
    stream = server.replace("http", "ws") + "/_stcore/stream"
    with connect(stream, origin=server, subprotocols=["streamlit"]) as own:
        assert own.subprotocol == "streamlit"
    with pytest.raises(InvalidStatus, match="403"):
        connect(stream, origin=origin, subprotocols=["streamlit"])
    for path in ("/", "/race", "/_stcore/health", "/_stcore/host-config"):
        request = urllib.request.Request(server + path, headers={"Origin": origin})
        with urllib.request.urlopen(request) as answer:
            allowed = [name for name in answer.headers if name.lower().startswith("access-control")]
            assert allowed == [], path


def test_what_is_typed_into_a_cell_after_a_paste_stays(reader):
    """The field of the text, folded away, does not bring its old table back with a click."""
    page = reader("transform", at_its_defaults=True)
    page.get_by_role("button", name="As text").click()
    pasted = page.get_by_role("textbox", name="The table as text")
    pasted.fill("array([[1., 2.],\n       [3., 16777216.25]])")
    pasted.press("Control+Enter")
    page.wait_for_url("**transform-table=1~2_3~16777216.25*")
    settled(page)
    page.keyboard.press("Escape")
    pasted.wait_for(state="hidden")
    drawn(page)
    box = page.locator("[data-testid=stDataFrame] canvas").first.bounding_box()
    page.mouse.click(box["x"] + 60, box["y"] + 52)
    page.keyboard.type("7", delay=LOOK)
    field = page.locator(".gdg-input")  # the cell's own field opens over it
    page.wait_for_function("() => document.querySelector('.gdg-input')?.value == 7", polling=LOOK)
    field.press("Enter")
    page.wait_for_url("**transform-table=7~2_3~16777216.25*")
    turn(settled(page), "γ, the scale")
    assert "transform-table=7~2_3~16777216.25" in page.url
    assert "7" in page.locator("[role=gridcell]").all_text_contents()
