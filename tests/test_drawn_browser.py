"""In a real browser: points are drawn by mouse and by keyboard, and the run follows."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest

from bnviz.experiments.drawn_points import REACH, USUAL, read, written
from tests.browser import DESK, IN_A_BROWSER, PHONE, figures, settled, still
from tests.test_browser import check_for_everybody, check_width

pytestmark = [*IN_A_BROWSER, pytest.mark.xdist_group("browser")]

ROWS = tuple((x, 20) for x in range(-28, 29, 7)), tuple((x, -20) for x in range(-28, 29, 7))


def points_of(url):
    return parse_qs(urlsplit(url).query).get("race-points", [""])[0]


def in_link(page):
    return points_of(page.url)


def arrives(page, text):
    """Wait until the link has this drawing, and the pictures follow it."""
    page.wait_for_url(lambda url: points_of(url) == text)
    settled(page)


def spot(page, across, up):
    """Where on the screen a place of the grid is."""
    box = page.locator("svg.plane").bounding_box()
    size = 2 * REACH + 4
    return (
        box["x"] + box["width"] * (0.5 + across / size),
        box["y"] + box["height"] * (0.5 - up / size),
    )


def count(page):
    return page.locator("p.count").inner_text()


def test_the_mouse_puts_points_takes_them_away_and_sprays(reader):
    page = reader("race", {"dataset": "drawn", "points": written(ROWS)}, size=DESK)
    check_for_everybody(page)
    before = figures(page)
    assert count(page) == "9 points of class 0, 9 points of class 1."

    page.mouse.click(*spot(page, 3, 4))
    page.get_by_role("radio", name="class 1").check()
    page.mouse.click(*spot(page, -11, 9))
    page.mouse.click(*spot(page, 0, 20))  # a point that is there
    assert count(page) == "9 points of class 0, 10 points of class 1."
    changed = (*(place for place in ROWS[0] if place != (0, 20)), (3, 4)), (*ROWS[1], (-11, 9))
    arrives(page, written(changed))
    assert figures(page) != before

    page.get_by_role("button", name="Undo").click()
    page.get_by_role("button", name="Undo").click()
    arrives(page, written(((*ROWS[0], (3, 4)), ROWS[1])))

    page.mouse.move(*spot(page, -25, 0))
    page.mouse.down()
    page.mouse.move(*spot(page, 25, 0), steps=25)
    page.mouse.up()
    page.wait_for_url(lambda url: len(read(points_of(url))[1]) > 9)
    settled(page)
    drawn = read(in_link(page))[1][9:]
    assert 8 <= len(drawn) <= 25
    assert all(abs(up) <= 1 for _, up in drawn)

    page.get_by_role("button", name="Clear").click()
    page.get_by_text("0 are of class 0 and 0 of class 1").wait_for()
    settled(page)
    assert in_link(page) == "-"
    page.get_by_role("button", name="Your last drawing").click()
    page.wait_for_url(lambda url: points_of(url) != "-")
    settled(page)
    assert read(in_link(page))[1][9:] == drawn


def test_the_keyboard_does_all_of_it_on_a_phone_in_the_dark(reader):
    page = reader("race", {"dataset": "drawn"}, size=PHONE, scheme="dark")
    check_width(page)
    check_for_everybody(page)
    before, clock = figures(page), page.evaluate("window.bnvizClock.step")
    plane = page.get_by_role("application", name="Plane for points of two classes")
    page.get_by_role("radio", name="class 0").focus()
    page.keyboard.press("Shift+Tab")
    assert plane.evaluate("one => one.matches(':focus-visible')")
    for key in ("ArrowUp", "Shift+ArrowRight", "Shift+ArrowRight", "ArrowLeft", "1", "Space"):
        page.keyboard.press(key)
    place = page.locator("p.place")
    assert place.inner_text() == "across 9, up 1: class 1."
    assert page.get_by_role("radio", name="class 1").is_checked()
    arrives(page, written((USUAL[0], (*USUAL[1], (9, 1)))))
    assert figures(page) != before
    assert plane.evaluate("one => one.matches(':focus-visible')")  # a run leaves the focus there

    page.keyboard.press("Shift+ArrowDown")
    assert place.inner_text() == "across 9, up \N{MINUS SIGN}4: free, class 0 beside it."
    page.keyboard.press("Delete")  # the nearest one: (10, -4) of class 0
    page.keyboard.press("0")
    page.keyboard.press("Space")
    assert place.inner_text() == "across 9, up \N{MINUS SIGN}4: class 0."
    zeros = (*(one for one in USUAL[0] if one != (10, -4)), (9, -4))
    arrives(page, written((zeros, (*USUAL[1], (9, 1)))))
    assert page.evaluate("window.bnvizClock.step") == clock  # an arrow is not for the clock
    still(page)
    address = page.url

    page.reload()
    settled(page)
    assert page.url == address
    assert re.fullmatch("30 points of class 0, 31 points of class 1.", count(page))
