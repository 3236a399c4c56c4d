"""A lesson in a room, in real browsers: a host and three students over one server."""

import csv
from contextlib import contextmanager
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import create_engine

from bnviz.ui.challenges import SHOW
from bnviz.ui.foreseen import challenges_of
from bnviz.ui.room import news
from bnviz.ui.room.board import EVERY
from bnviz.ui.room.store import Rooms
from bnviz.ui.room.where import SETTING
from tests.browser import (
    DESK,
    FAULTS,
    IN_A_BROWSER,
    LOOK,
    PHONE,
    WAIT,
    free_port,
    serving,
    there,
)
from tests.test_browser import check_for_everybody
from tests.test_translated import TRANSLATE

pytestmark = [*IN_A_BROWSER, pytest.mark.long, pytest.mark.xdist_group("browser")]

LESSON = "transform"
FIRST, SECOND = challenges_of(LESSON)[:2]
NEXT_LOOK = 1000 * EVERY + 2000  # milliseconds


@pytest.fixture(scope="module")
def rooms(tmp_path_factory):
    """The rooms of the server below, seen from outside."""
    folder = tmp_path_factory.mktemp("rooms")
    url = f"sqlite:///{folder / 'rooms.sqlite'}"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(SETTING, url)
        with serving(free_port(), folder / "log.txt") as address:
            engine = create_engine(url)
            several = Rooms(engine)
            several.address = address
            yield several
            engine.dispose()


@pytest.fixture
def people(tab):
    """A function that gives a browser of its own to somebody."""
    contexts = []

    def come(size=DESK, scheme="light"):
        context = tab.context.browser.new_context(viewport=size, color_scheme=scheme)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(WAIT)
        return page

    yield come
    for context in contexts:
        context.close()


def box(page):
    return page.locator(f".st-key-{LESSON}-challenge")


def press(page, label):
    page.get_by_role("button", name=label, exact=True).click()


def row(page):
    """What the room says, below the question."""
    return page.locator(".st-key-room")


def reads(page, text, within=row):
    within(page).get_by_text(text).first.wait_for()


@contextmanager
def behind(page, code):
    """What stands behind the button of the room, while it is open."""
    page.get_by_role("button", name=f"Room {code}").click()
    yield page.locator("[data-testid=stPopoverBody]")
    page.keyboard.press("Escape")


def test_a_lesson_in_a_room(rooms, people, tmp_path):
    host = people()
    host.goto(f"{rooms.address}/{LESSON}")
    there(host)
    press(host, "In class: a room")
    press(host, "Open a room for my class")
    reads(host, "Nobody has joined yet.")
    code = parse_qs(urlsplit(host.url).query)["room"][0]
    with behind(host, code) as shown:
        link = shown.locator("code").inner_text().strip()
        assert link.endswith(f"/{LESSON}?room={code}")  # not localhost, where there is a network
        assert shown.get_by_role("img", name=f"room {code}").is_visible()
        link = rooms.address + urlsplit(link).path + "?" + urlsplit(link).query
        check_for_everybody(host)

    host.evaluate("() => { navigator.clipboard.writeText = async text => { copied = text } }")
    press(host, "Copy link")
    host.wait_for_function("() => window.copied", polling=LOOK)
    assert set(parse_qs(urlsplit(host.evaluate("() => copied")).query)) == {"room"}  # no key

    # Three students come by the link, one of them on a phone in the dark, and take their seats.
    students = [people(), people(), people(PHONE, "dark")]
    for page in students:
        page.goto(link)
        there(page)
        reads(page, "your answer counts")
    row(host).get_by_text("0 of 3").wait_for(timeout=NEXT_LOOK * 5)

    # They answer: the host sees how many, not what; nobody sees the run.
    students[1].evaluate(TRANSLATE)  # as a browser does for who reads another language
    for page, letter in zip(students, "abb", strict=True):
        page.locator(f".st-key-{LESSON}-answer-{FIRST.name}-{letter} button").click()
        reads(page, "Your answer is with the class")
    assert "ж" not in students[1].locator(".st-key-room-told").inner_text()  # nothing is half old
    students[1].reload()
    reads(there(students[1]), "Your answer is with the class")
    row(host).get_by_text("3 of 3").wait_for(timeout=NEXT_LOOK * 5)
    assert rooms.counts(code, LESSON, FIRST.name) == {"a": 1, "b": 2}
    assert not host.locator(".bnviz-split").count()
    press(host, "Show the split")
    host.locator(".bnviz-split").wait_for()
    assert [one.inner_text() for one in host.locator(".bnviz-split .count").all()[:2]] == [
        "1 (33\N{NO-BREAK SPACE}%)", "2 (67\N{NO-BREAK SPACE}%)",
    ]  # fmt: skip
    assert "✓" not in host.locator(".bnviz-split").inner_text()
    for page in (host, students[2]):
        check_for_everybody(page)
        assert page.evaluate(FAULTS) == []

    # One changes their mind after a reload: it is still the same reader.
    students[0].reload()
    there(students[0])
    reads(students[0], "Your answer is with the class")
    press(students[0], FIRST.answers[1])
    host.get_by_text("3 (100\N{NO-BREAK SPACE}%)").wait_for(timeout=NEXT_LOOK * 5)
    assert rooms.counts(code, LESSON, FIRST.name) == {"b": 3}
    assert rooms.seated(code) == 3
    press(students[0], SHOW)
    reads(students[0], "Not yet")

    # The host shows the run; then each student has it, with what they said.
    press(host, SHOW)
    host.locator(".bnviz-split .mark", has_text="✓ this run").wait_for(timeout=NEXT_LOOK * 5)
    assert rooms.shown(code, LESSON, FIRST.name)
    for page in students:
        press(page, SHOW)
        page.locator(f".st-key-end-{LESSON}-verdict", has_text=FIRST.answers[1]).wait_for()

    # On to the next one, with the class.
    press(host, "Next question")
    reads(host, SECOND.question, box)
    row(host).get_by_text("0 of 3").wait_for()
    press(students[2], "Next question")
    reads(students[2], SECOND.question, box)
    reads(students[2], "your answer counts")

    # Who clicks on nothing hears of it all the same, and is led there.
    line = students[0].locator(".bnviz-news")
    line.get_by_role("link", name=SECOND.question).click(timeout=1000 * news.EVERY * 4)
    reads(students[0], SECOND.question, box)
    reads(students[0], "your answer counts")
    assert not line.locator("p").count()

    # The results, as a table.
    with behind(host, code) as shown, host.expect_download() as download:
        shown.get_by_role("button", name="Results (CSV)").click()
    table = tmp_path / "results.csv"
    download.value.save_as(table)
    _, *rows = csv.reader(table.read_text(encoding="utf-8-sig").splitlines())
    assert len(rows) == 3
    assert {row[5] for row in rows} == {FIRST.answers[1]}
    assert len({row[0] for row in rows}) == 3

    # Elsewhere, a student finds the way back to the class.
    students[1].goto(f"{rooms.address}/backward?room={code}")
    there(students[1])
    students[1].locator(".bnviz-class a").click()  # drawn with the page
    box(students[1]).wait_for()
    assert f"/{LESSON}?" in students[1].url
    assert f"room={code}" in students[1].url
    reads(students[1], SECOND.question, box)
