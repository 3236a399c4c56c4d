"""Everything that can be opened on a page, opened and looked at: formulas, words, charts."""

import time

import pytest

from bnviz.figures import THEMES
from bnviz.ui import course
from tests.browser import (
    DESK,
    IN_A_BROWSER,
    LOOK,
    PHONE,
    check_looks,
    drawn,
    free_port,
    serving,
    unfold,
    visits,
)

pytestmark = [*IN_A_BROWSER, pytest.mark.xdist_group("looks")]

PAGES = [lesson.name for lesson in course.written()]
SWITCHES = '[data-testid=stButtonGroup] [data-testid="stBaseButton-segmented_control"]'
"""The options, not chosen, of what switches a picture."""
SHORTER = {"forgiveness": {"steps": "50", "seeds": "2"}}
"""Where a page grows for long at its defaults: a map looks the same with fewer seeds behind it."""


@pytest.mark.parametrize("lesson", visits(PAGES))
def test_nothing_on_a_page_is_raw_empty_covered_or_cut_off(reader, lesson):
    page = reader(lesson, SHORTER.get(lesson, ()), at_its_defaults=True)
    if lesson == "home":
        check_first_window(page)
    unfold(page)
    check_looks(page, lesson, "at a desk")
    for switch in range(page.locator(SWITCHES).count()):
        page.locator(SWITCHES).nth(switch).click()
        drawn(page)
        check_looks(page, lesson, f"switch {switch}", moments=("end",))
    page.set_viewport_size(PHONE)
    page.emulate_media(color_scheme="dark")
    page.wait_for_function(GROUNDS, arg=THEMES["dark"].background, polling=LOOK)
    drawn(page)
    check_looks(page, lesson, "on a phone in the dark", moments=("start", "end"))
    check_clock_covers_nothing(page, lesson)


GROUNDS = """ground => [...document.querySelectorAll('.js-plotly-plot')]
  .every(chart => chart.layout && chart.layout.paper_bgcolor === ground)"""
"""The page has asked for figures of the other theme, and they are there."""

COVERED = """() => [...document.querySelectorAll('.js-plotly-plot')].flatMap(chart => {
  chart.scrollIntoView({ block: 'end' });
  const clock = document.querySelector('.bnviz-clock').getBoundingClientRect();
  return [...chart.querySelectorAll('svg text')]
    .filter(text => text.getBoundingClientRect().bottom > clock.top + 1)
    .map(text => text.textContent);
})"""


def check_clock_covers_nothing(page, lesson):
    """A chart that is brought into view stands above the clock, with all its words."""
    if page.locator(".bnviz-clock").count():
        assert not page.evaluate(COVERED), lesson


def check_first_window(page):
    """The front door's picture stands whole in the first window of a laptop."""
    lowest = page.evaluate(
        "() => Math.max(...[...document.querySelectorAll('.st-key-networks svg text')]"
        ".map(text => text.getBoundingClientRect().bottom))"
    )
    assert lowest < page.locator(".bnviz-clock").bounding_box()["y"]


ROWS = """() => {
  const knobs = [...document.querySelectorAll('[class*="st-key-knobs-4-"] > *')];
  const rows = Map.groupBy(knobs, knob => Math.round(knob.getBoundingClientRect().y));
  return [...rows.values()].map(row => row.length);
}"""


def check_rows(page):
    """The first knobs stand in one row, which is moved sideways on a phone, and not the page."""
    assert page.evaluate(ROWS) == [4]
    page.set_viewport_size(PHONE)
    wider = "one => one.scrollWidth > one.clientWidth"
    page.wait_for_function(
        f"() => ({wider})(document.querySelector('[class*=\"st-key-row-\"]'))", polling=LOOK
    )
    assert page.evaluate(ROWS) == [4]
    assert not page.locator("[data-testid=stMain]").evaluate(wider)


CORNER = """async () => {
  const chart = document.querySelector('.js-plotly-plot');
  const image = new Image();
  image.src = await Plotly.toImage(chart, { format: 'png', width: 300, height: 200 });
  await image.decode();
  const canvas = document.createElement('canvas');
  Object.assign(canvas, { width: 300, height: 200 });
  const context = canvas.getContext('2d');
  context.drawImage(image, 0, 0);
  return [...context.getImageData(1, 1, 1, 1).data];
}"""


@pytest.mark.parametrize("scheme", THEMES)
def test_a_saved_figure_carries_its_ground_a_copied_link_says_so_and_knobs_stand_in_rows(
    reader, scheme
):
    page = reader("gradients", scheme=scheme, size=DESK)
    ground = THEMES[scheme].background
    assert page.evaluate(CORNER) == [*bytes.fromhex(ground[1:]), 255]
    if scheme == "light":  # one reader is enough: nothing below has a colour
        check_copied_link(page)
        check_rows(page)


def check_copied_link(page):
    """A button that copies says so, also where the clipboard is closed."""
    button = page.get_by_role("button", name="Copy link")
    closed = "() => Object.defineProperty(navigator, 'clipboard', {value: undefined})"
    for before in ("() => 0", closed):
        page.evaluate(before)
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        button.click()
        copied = page.get_by_role("status").filter(has_text="Link copied")
        copied.wait_for()
        copied.wait_for(state="hidden")


def test_the_first_click_after_the_server_was_started_anew_counts(tab, tmp_path):
    port = free_port()
    with serving(port, tmp_path / "first.txt") as address:
        tab.goto(address)
        tab.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")
    state = "[data-testid=stApp][data-test-connection-state={}CONNECTED]"
    with serving(port, tmp_path / "second.txt"):
        tab.wait_for_selector(state.format(""))
        time.sleep(0.6)  # the page looks every half second
        drawn(tab)
        tab.get_by_role("button", name="those near the output").click()
        tab.wait_for_url("**/?home-learning_rate=1&*")
    tab.goto("about:blank")
