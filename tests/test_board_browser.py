"""In a real browser: a class's runs pasted and spread, and the quiz before and after."""

import csv

import pytest

from bnviz.words import quiz as words
from bnviz.words.quiz.questions import QUESTIONS
from tests.browser import DESK, IN_A_BROWSER, LOOK, PHONE, check_looks, settled
from tests.test_browser import check_for_everybody, check_width

pytestmark = [*IN_A_BROWSER, pytest.mark.xdist_group("browser")]

SMALL = "lab-seeds=1&lab-steps=50&lab-b-depth=2&lab-b-width=8"
RATES = ("0.01", "0.1", "0.32", "1", "1", "100")
FIELD = "Links or runs, one student a line"


def lines():
    """Six students, who turn the learning rate alone, and one who sends no link."""
    links = [f"S{n}: http://example.org/lab?{SMALL}&lab-b-learning_rate={rate}"
             for n, rate in enumerate(RATES)]  # fmt: skip
    return "\n".join([*links, "S6 forgot it"])


def test_a_class_pastes_its_links_and_sees_how_its_runs_spread(reader):
    page = reader("lab", {"board": "true", "inside": "false", "ground": "false"})
    page.get_by_role("button", name="Paste many").click()
    page.get_by_label(FIELD).fill(lines())
    page.keyboard.press("Tab")
    check_for_everybody(page)
    page.get_by_role("button", name="Add to the list").click()
    page.wait_for_function("() => location.href.includes('_NS5')", polling=LOOK)
    page.keyboard.press("Escape")
    page.get_by_text("6 runs joined the list.").wait_for()
    assert page.get_by_text("Line 7:").count() == 1
    page.get_by_role("button", name="Run 6").wait_for()
    page.locator(".st-key-lab-board-start button").click()
    page.get_by_text("By learning rate, the median is").wait_for()
    settled(page)
    with page.expect_download() as downloaded:
        page.get_by_role("button", name="The board as CSV").click()
    with downloaded.value.path().open(newline="", encoding="utf-8-sig") as file:
        head, *rows = csv.reader(file)
    assert [row[1] for row in rows] == [f"S{n}" for n in range(6)]
    assert [row[head.index("Learning rate")] for row in rows] == list(RATES)
    check_for_everybody(page)
    page.set_viewport_size(PHONE)
    page.emulate_media(color_scheme="dark")
    settled(page)
    check_width(page)
    check_looks(page, "lab", "with a class board, on a phone", moments=("end",))
    page.set_viewport_size(DESK)


def check_fits(page):
    """A page without a clock."""
    wide = page.evaluate("() => document.documentElement.scrollWidth")
    assert wide <= page.viewport_size["width"]


def hand_in(page, part):
    """Answer all of a part, by the keyboard."""
    groups = page.get_by_role("radiogroup")
    assert groups.count() == len(QUESTIONS)
    for place in range(len(QUESTIONS)):
        radio = groups.nth(place).get_by_role("radio").first
        radio.focus()
        page.keyboard.press("Space")
    button = page.get_by_role("button", name=words.BUTTONS[part])
    button.focus()
    page.keyboard.press("Enter")


def test_a_reader_takes_both_parts_of_the_quiz_by_keyboard(reader):
    page = reader("quiz", size=PHONE)
    check_for_everybody(page)
    check_fits(page)
    page.get_by_role("button", name=words.BUTTONS["pre"]).click()
    page.get_by_text("Not handed in yet").wait_for()
    hand_in(page, "pre")
    begin = page.get_by_role("button", name=words.BEGIN)
    begin.wait_for()
    assert page.get_by_text("often believed").count() == 0
    begin.click()
    page.get_by_role("heading", name=words.TITLES["post"]).wait_for()
    hand_in(page, "post")
    page.get_by_text("right before the lessons, and").wait_for()
    page.locator("[data-testid=stExpander] summary").first.click()
    page.get_by_text("What is often believed").first.wait_for()
    check_for_everybody(page)
    check_fits(page)
