"""From lesson to lesson in a browser: by mouse, on a phone, by keyboard, back, in a new tab."""

import pytest

from bnviz.ui import course
from tests.browser import FIGURES, IN_A_BROWSER, LOOK, PHONE, figures, knob, settled, turn

pytestmark = [*IN_A_BROWSER, pytest.mark.xdist_group("browser")]


def link(page, words):
    """A lesson's link in the sidebar."""
    return page.get_by_test_id("stSidebar").get_by_role("link", name=words)


def test_going_back_from_another_lesson_restores_what_was_set(reader):
    page = reader("race", {"learning_rate": "0.1"})
    before = figures(turn(page, "Learning rate"))
    left = page.url
    link(page, "How large may").click()
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
    link(page, "Does it really train").click()
    page.wait_for_url("**/race*")
    settled(page)
    assert page.locator("h1").inner_text() == "Does it really train faster?"
    page.locator("[data-testid=stSidebar][data-collapsed=true]").wait_for(state="attached")
    page.get_by_test_id("stExpandSidebarButton").click()
    link(page, course.lesson("home").question).click()
    page.wait_for_url(before)  # a lesson is found as it was left
    settled(page)
    assert knob(page, "Learning rate").get_attribute("aria-valuetext") == "0.18"


def test_by_keyboard_the_reader_stays_in_the_list_which_says_where_they_are(reader):
    page = reader("race")
    rates = link(page, "How large may")
    assert link(page, "Does it really train").get_attribute("aria-current") == "page"
    rates.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/rates*")
    page.get_by_role("heading", name=course.lesson("rates").question, level=1).wait_for()
    settled(page)
    current = page.get_by_test_id("stSidebar").locator("a[aria-current]")
    assert current.all_inner_texts() == [course.lesson("rates").question]
    assert rates.evaluate("link => link === document.activeElement")
    assert rates.evaluate("link => getComputedStyle(link).outlineStyle") != "none"
    page.keyboard.press("Enter")  # to where they are: nothing is loaded again
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/forgiveness*")


def test_the_path_and_the_foot_lead_on_and_a_link_opens_a_tab_where_that_is_asked(reader):
    page = reader("home", {"learning_rate": "0.18"})
    left = page.url
    page.evaluate("() => { window.before = true }")
    page.locator(".bnviz-path").get_by_role("link", name="Where does it go?").click()
    page.wait_for_url("**/placement")
    page.get_by_role("link", name="Previous: When does it break?").click()
    page.wait_for_url("**/batches")
    page.evaluate("() => history.go(-2)")
    page.wait_for_url(left)
    settled(page)
    assert page.evaluate("() => window.before")  # the page was never loaded anew
    with page.context.expect_page() as opened:
        link(page, "Does it really train").click(modifiers=["ControlOrMeta"])
    opened.value.wait_for_url("**/race")
    opened.value.close()
    assert page.url == left


FOCUSED = "() => document.activeElement?.innerText?.trim() || document.activeElement?.ariaLabel"


def until(page, label, most):
    """Press Tab until this has the focus; how often that was."""
    for presses in range(1, most + 1):
        page.keyboard.press("Tab")
        if page.evaluate(FOCUSED) == label:
            return presses
    raise AssertionError(f"{label!r} has no focus after {most} Tabs")


def test_play_is_within_ten_tabs_of_the_skip_link_whether_it_is_followed_or_not(reader):
    page = reader("race")
    play = page.locator(".bnviz-clock button").first
    page.keyboard.press("Tab")
    first = page.evaluate(FOCUSED)
    assert page.evaluate("() => document.activeElement.dataset.testid") == "stSkipToContent", first
    page.keyboard.press("Enter")
    presses = until(page, "Skip to the clock", 10)
    page.keyboard.press("Enter")
    assert play.evaluate("one => one === document.activeElement")
    assert presses + 1 <= 10
    page.keyboard.press("Space")
    page.wait_for_function("() => bnvizClock.playing", polling=LOOK)

    page = reader("race", {"seeds": "1"})  # and from the link itself, without following it
    page.keyboard.press("Tab")
    assert until(page, "Skip to the clock", 2) == 1
