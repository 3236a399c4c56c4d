"""What a teacher prepares, in a real browser: a link for the class, and a worksheet on paper."""

import re
from urllib.parse import urlsplit

import pytest

from tests.browser import DESK, IN_A_BROWSER, PHONE, WAIT, knob, settled

pytestmark = [*IN_A_BROWSER, pytest.mark.xdist_group("browser")]

HEAR = "() => { navigator.clipboard.writeText = async text => { window.copied = text; }; }"
LOOKS = """() => {
  const seen = one => one && one.checkVisibility() && one.getBoundingClientRect().height > 0;
  const sheet = document.querySelector(".st-key-worksheet");
  const style = getComputedStyle(sheet.querySelector("li"));
  return {
    sheet: seen(sheet),
    besides: [...document.querySelectorAll(
      "[data-testid=stSidebar], h1, .bnviz-plan, .bnviz-onward, .st-key-plan-to-print, summary")]
      .filter(seen).map(one => one.innerText.slice(0, 40)),
    ink: style.color,
    paper: getComputedStyle(document.body).backgroundColor,
    solutions: getComputedStyle(sheet.querySelector(".bnviz-solutions")).breakBefore,
  };
}"""


def code(page):
    return page.get_by_role("dialog").locator("code").inner_text()


@pytest.mark.parametrize(("size", "scheme"), [(DESK, "light"), (PHONE, "dark")])
def test_a_link_for_the_class_is_built_scanned_copied_and_locks_what_it_says(
    reader, server, tab, size, scheme
):
    page = reader("race", size=size, scheme=scheme)
    page.get_by_role("button", name="For the class").focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    picture = dialog.locator('img[alt="QR code of the link"]')
    picture.wait_for()
    assert picture.evaluate("one => one.naturalWidth") > 0
    assert picture.bounding_box()["width"] >= 200
    dialog.get_by_text("only some").click()
    dialog.get_by_role("button", name="Learning rate").click()
    page.wait_for_function(
        "() => document.querySelector('[role=dialog] code').innerText.includes('all-but.')"
    )
    link = urlsplit(code(page))
    assert link.port == urlsplit(server).port
    page.evaluate(HEAR)
    dialog.get_by_role("button", name="Copy link").click()
    page.wait_for_function("() => window.copied")
    assert page.evaluate("window.copied") == link.geturl()

    fresh = tab.context.browser.new_context(viewport=size)
    student = fresh.new_page()
    student.set_default_timeout(WAIT)
    student.goto(f"{server}{link.path}?{link.query}")
    settled(student)
    assert knob(student, "Learning rate").is_enabled()
    assert knob(student, "Hidden layers").is_disabled()
    assert "lock=race.all-but.learning_rate" in student.url
    assert "race-depth=3" in student.url
    fresh.close()


def test_copy_link_has_no_localhost_in_it_where_the_machine_is_in_a_network(reader, server):
    page = reader("race")
    page.evaluate(HEAR)
    page.get_by_role("button", name="Copy link").click()
    page.wait_for_function("() => window.copied")
    copied = urlsplit(page.evaluate("window.copied"))
    assert (copied.path, copied.query) == (urlsplit(page.url).path, urlsplit(page.url).query)
    status = page.locator("[role=status]").filter(has_text="Link copied").first.inner_text()
    assert ("Only this machine" in status) == (copied.hostname == urlsplit(server).hostname)


def test_a_worksheet_prints_alone_dark_on_white_with_its_solutions_on_another_page(reader):
    page = reader("plan", {"worksheet": "true"}, scheme="dark")
    page.wait_for_selector(".bnviz-solutions")
    page.emulate_media(media="print")
    looks = page.evaluate(LOOKS)
    assert looks == {
        "sheet": True,
        "besides": [],
        "ink": "rgb(0, 0, 0)",
        "paper": "rgb(255, 255, 255)",
        "solutions": "page",
    }
    pages = re.findall(rb"/Type /Page\b(?!s)", page.pdf(prefer_css_page_size=True))
    page.emulate_media(media="screen")
    assert len(pages) == 2
