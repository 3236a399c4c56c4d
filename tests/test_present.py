"""To a class, and in a frame: what fits there, what is held back, and what a clicker does.

`pytest -s` prints where things end in the window of each lesson.
"""

import sys
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest

from bnviz.ui.foreseen import challenges_of
from tests.browser import DESK, IN_A_BROWSER, LOOK, drawn, still, there, visits
from tests.samples import LESSONS

pytestmark = [*IN_A_BROWSER, pytest.mark.xdist_group("looks")]

FRAME = {"width": 960, "height": 540}
PRESENT = {"present": "1"}
LEAST = 18  # pixels of a letter, on a projector

SEEN = """() => {
  const main = document.querySelector("[data-testid=stMain]");
  const box = one => one?.getBoundingClientRect();
  const charts = [...main.querySelectorAll(".js-plotly-plot")].filter(c => box(c).height);
  const clock = box(document.querySelector(".bnviz-clock"));
  const letters = charts.flatMap(chart => {
    const scale = new DOMMatrix(getComputedStyle(chart).transform).a;
    return [...chart.querySelectorAll("text")].filter(one => one.textContent.trim()
      && one.checkVisibility({opacityProperty: true, visibilityProperty: true}))
      .map(one => scale * parseFloat(getComputedStyle(one).fontSize));
  });
  return {
    asked: box(main.querySelector('[class*="-challenge"]'))?.bottom,
    knobs: box(main.querySelector('[class*="st-key-row-"]'))?.bottom,
    top: Math.min(...charts.map(c => box(c).top)),
    bottom: Math.max(...charts.map(c => box(c).bottom)),
    right: Math.max(...charts.map(c => box(c).right)),
    clock: clock?.top, foot: clock?.bottom,
    high: Math.min(...charts.map(c => box(c).height)),
    over: main.scrollHeight - main.clientHeight,
    wide: main.scrollWidth - main.clientWidth,
    letters: Math.min(...letters),
    sidebar: Boolean(box(document.querySelector("[data-testid=stSidebar]"))?.width),
  };
}"""
"""Where things end, in pixels from the top; the height of the lowest picture; its least letters."""


@pytest.fixture(scope="module")
def table():
    """What was seen, line by line, printed whole at the end."""
    lines = [f"{'lesson':12} asked  knobs  picture from    to  clock  letters  in a frame to clock"]
    yield lines
    sys.stdout.write("\n".join(("", *lines, "")))


def seen(page):
    still(page)
    return page.evaluate(SEEN)


@pytest.mark.parametrize("lesson", visits(LESSONS))
def test_a_class_sees_all_of_it_in_one_window_and_a_frame_the_picture(reader, table, lesson):
    to_class = seen(reader(lesson, at_its_defaults=True, options=PRESENT))
    framed = seen(reader(lesson, at_its_defaults=True, options={"embed": "true"}, size=FRAME))
    table.append(
        f"{lesson:12} {to_class['asked']:5.0f} {to_class['knobs']:6.0f} {to_class['top']:13.0f}"
        f" {to_class['bottom']:5.0f} {to_class['clock']:6.0f} {to_class['letters']:8.1f}"
        f" {framed['bottom']:11.0f} {framed['clock']:8.0f}"
    )
    assert to_class["over"] <= 0
    assert to_class["asked"] <= to_class["top"]
    assert to_class["bottom"] <= to_class["clock"] + 1
    assert to_class["foot"] <= DESK["height"] + 1
    assert to_class["high"] >= 240
    assert to_class["letters"] >= LEAST
    for window, size in ((to_class, DESK), (framed, FRAME)):
        assert window["right"] <= size["width"]
        assert window["wide"] <= 0
        assert not window["sidebar"]
    assert framed["top"] < 80
    assert framed["bottom"] <= framed["clock"] + 1
    assert framed["foot"] <= FRAME["height"] + 1


TOLD = """() => [...document.querySelectorAll('[data-testid=stMain] *')].filter(one =>
  one.checkVisibility({visibilityProperty: true, opacityProperty: true}))
  .flatMap(one => [one.title ?? '', [...one.childNodes].filter(node => node.nodeType === 3)
    .map(node => node.data).join(' ')]).join(' ')"""
"""All that can be read on the page, or at a look at it."""


def box(page, lesson):
    return page.locator(f'[class*="st-key-{lesson}-challenge"]')


def answered(page, lesson):
    """Once the run of an answer stands at its end, with the verdict."""
    page.wait_for_selector(f".st-key-end-{lesson}-verdict p:visible")
    page.wait_for_function("() => bnvizClock.index === bnvizClock.steps.length - 1", polling=LOOK)
    return there(page)


def test_a_clicker_leads_through_a_lesson_and_nothing_tells_the_answer_before(reader):
    first, second, *_ = challenges_of("home")
    page = reader("home", {"steps": "50", "seeds": "1"}, at_its_defaults=True, options=PRESENT)
    still(page)
    assert first.question in box(page, "home").inner_text()
    before = page.evaluate(TOLD)
    assert "Watch the run" not in before
    headline = page.locator(".st-key-end-home-findings")
    assert not headline.is_visible()
    page.keyboard.press("PageDown")
    answered(page, "home")
    assert "Here: " in page.locator(".st-key-end-home-verdict").inner_text()
    assert "home-said=x" in page.url
    assert page.evaluate(SEEN)["over"] <= 0
    page.keyboard.press(" ")
    page.wait_for_function("() => bnvizClock.playing")
    page.keyboard.press(" ")
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    page.wait_for_function("() => bnvizClock.index === 1")
    page.keyboard.press("PageDown")
    page.wait_for_function("() => !document.querySelector('.st-key-end-home-verdict')")
    there(page)
    assert "Question 2 of" in box(page, "home").inner_text()
    assert second.question in box(page, "home").inner_text()
    page.keyboard.press("PageUp")
    page.wait_for_selector(".st-key-end-home-verdict", state="attached")
    assert first.question in box(page, "home").inner_text()


def test_a_page_of_words_alone_still_scrolls_to_a_class(reader):
    page = reader("glossary", options=PRESENT)
    page.get_by_test_id("stMain").focus()
    page.keyboard.press("PageDown")
    page.wait_for_function("() => document.querySelector('[data-testid=stMain]').scrollTop > 200")


def test_a_presentation_begins_and_ends_with_one_click_at_the_same_setting(reader):
    page = reader("transform", {"gamma": "1"}, at_its_defaults=True)
    still(page)
    page.get_by_role("link", name="Present", exact=True).click()
    page.wait_for_url("**/transform?*present=1*")
    page.locator(".bnviz-bar").wait_for()
    there(page)
    assert "transform-gamma=1" in page.url
    assert not page.get_by_test_id("stSidebar").is_visible()
    page.get_by_role("button", name="Full screen").click()
    page.wait_for_function("() => document.body.hasAttribute('data-full')")
    assert not box(page, "transform").is_visible()
    assert page.locator(".bnviz-clock").is_visible()
    page.keyboard.press("Escape")
    page.wait_for_function("() => !document.body.hasAttribute('data-full')")
    page.get_by_role("link", name="End", exact=True).click()
    page.wait_for_function("() => !location.search.includes('present')")
    page.get_by_test_id("stSidebar").wait_for()
    assert "transform-gamma=1" in page.url


def test_a_link_that_holds_back_shows_no_finding_and_no_closed_section(reader):
    page = reader("transform", at_its_defaults=True, options={"ask": "1"})
    still(page)
    held = page.evaluate(TOLD)
    assert "stands here once the answer is shown" in held
    assert "Look closer" not in held
    assert not page.locator("h2").count()
    box(page, "transform").get_by_role("button", name="Show the answer").click()
    answered(page, "transform")
    assert page.locator("h2:visible").count()
    assert "Look closer" in page.evaluate(TOLD)


def pictured(page):
    """Once there is a picture, which may stand still."""
    page.wait_for_selector(".js-plotly-plot .main-svg")
    drawn(page)
    return page


def refused(page):
    """Once the page says that there is no such figure."""
    page.wait_for_selector("[data-testid=stAlert]")
    drawn(page)
    return page


def charts(page):
    return [one for one in page.locator(".stPlotlyChart").all() if one.is_visible()]


@pytest.mark.parametrize(
    ("figure", "count"), [("first", 2), ("first-2", 1), ("product", 1), ("nonsense", 0)]
)
def test_one_figure_stands_alone_with_its_clock(reader, figure, count):
    page = reader("signals", {"steps": "50"}, options={"figure": figure}, at_its_defaults=True,
                  size=FRAME, ready=pictured if count else refused)  # fmt: skip
    assert len(charts(page)) == count
    assert not box(page, "signals").is_visible()
    assert not page.locator("h1").is_visible()
    if count:
        window = seen(page)
        assert window["bottom"] <= window["clock"] + 1
        assert window["over"] <= 0
        return
    said = page.locator("[data-testid=stAlert]").inner_text()
    assert "There is no figure" in said
    assert "first, product, remedies" in said


def test_options_go_along_with_every_link(reader):
    page = reader("home", at_its_defaults=True, options={"ask": "1"})
    still(page)
    page.get_by_test_id("stSidebar").get_by_role("link", name="Why is depth hard?").click()
    page.wait_for_url("**/signals?ask=1")
    there(page)
    page.get_by_role("link", name="Next: What does BN compute?").click()
    page.wait_for_url("**/transform?ask=1")
    there(page)
    href = page.locator('[data-testid="stMarkdownContainer"] a[href^="glossary"]').first
    assert href.get_attribute("href").startswith("glossary?ask=1#")


def test_a_frame_stays_one_from_lesson_to_lesson(reader):
    page = reader("transform", at_its_defaults=True, options={"embed": "true"}, size=FRAME)
    still(page)
    page.get_by_role("link", name="Next: How does the gradient").click()
    page.wait_for_url("**/backward?embed=true")
    there(page)
    assert not page.get_by_test_id("stSidebar").is_visible()
    whole = page.get_by_role("link", name="Open in bnviz")
    page.get_by_test_id("stMain").evaluate("main => main.scrollTo(0, main.scrollHeight)")
    with page.context.expect_page() as opened:
        whole.click()
    opened.value.wait_for_url("**/backward")
    opened.value.close()


@pytest.fixture
def course_page(server, tmp_path):
    """A page of another origin that shows a lesson in a frame; its address."""
    frame = '<link rel="icon" href="data:,">'
    frame += f'<iframe src="{server}/transform?embed=true" width="960" height="540"></iframe>'
    (tmp_path / "index.html").write_text(frame, encoding="utf-8")
    handler = partial(SimpleHTTPRequestHandler, directory=tmp_path)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as pages:
        threading.Thread(target=pages.serve_forever, daemon=True).start()
        yield f"http://localhost:{pages.server_port}/"
        pages.shutdown()


def test_a_link_is_copied_in_a_frame_of_another_site_or_shown_to_be_copied(reader, course_page):
    page = reader("glossary")
    page.goto(course_page)
    frame = page.frame_locator("iframe")
    button = frame.get_by_role("button", name="Copy link")
    button.click()
    frame.get_by_text("Link copied").wait_for()
    page.frames[1].evaluate("() => { document.execCommand = () => false }")
    button.click()
    shown = frame.get_by_label("Copy this link")
    assert shown.input_value().endswith("/transform?embed=true")
    page.keyboard.press("Escape")
    shown.wait_for(state="detached")


FOCUSED = """() => { const one = document.activeElement, look = getComputedStyle(one);
  return [one.ariaLabel ?? one.innerText, look.outlineStyle, look.outlineWidth] }"""


def test_by_keyboard_the_clock_the_sidebar_and_the_full_screen_are_near(reader):
    page = reader("transform", at_its_defaults=True)
    still(page)
    page.get_by_test_id("stSkipToContent").focus()
    page.keyboard.press("Tab")
    assert page.evaluate(FOCUSED)[0] == "Skip to the clock"
    page.keyboard.press("Tab")
    assert page.evaluate(FOCUSED) == ["Collapse sidebar", "solid", "2px"]
    page.keyboard.press("Tab")
    assert page.evaluate(FOCUSED) == ["Present", "solid", "2px"]
    page.keyboard.press("Tab")
    assert page.evaluate(FOCUSED)[1:] == ["solid", "2px"]
    page.locator(".bnviz-skip").first.focus()
    page.keyboard.press("Enter")
    assert page.evaluate(FOCUSED)[0].startswith("Play")
    page.locator('.modebar-btn[aria-label="Fullscreen"]').first.focus()
    page.keyboard.press("Enter")
    page.wait_for_selector('[aria-label="Close fullscreen"]', state="attached")
    page.wait_for_selector(".bnviz-clock[data-above]")
    clock = page.locator(".bnviz-clock").bounding_box()
    middle = [clock["x"] + clock["width"] / 2, clock["y"] + clock["height"] / 2]
    above = "([x, y]) => Boolean(document.elementFromPoint(x, y).closest('.bnviz-clock'))"
    assert page.evaluate(above, middle)
    assert clock["width"] > 1200
    page.keyboard.press("Escape")
    page.wait_for_selector('[aria-label="Close fullscreen"]', state="detached")
