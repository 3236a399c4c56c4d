"""In a real browser: a reader's own file, trained on, and not in the link."""

import pytest

from tests.browser import DESK, IN_A_BROWSER, PHONE, figures, settled
from tests.own import csv
from tests.test_browser import check_for_everybody, check_width

pytestmark = [*IN_A_BROWSER, pytest.mark.xdist_group("browser")]

FILE = {"name": "mine.csv", "mimeType": "text/csv", "buffer": csv(60, ";", ",").encode()}
UNDERSTOOD = "60 rows with 2 columns of numbers"


@pytest.mark.parametrize(("size", "scheme"), [(DESK, "light"), (PHONE, "dark")])
def test_a_file_is_trained_on_stays_out_of_the_link_and_is_asked_for_again(reader, size, scheme):
    page = reader("race", {"dataset": "your own"}, size=size, scheme=scheme)
    before = figures(page)
    check_for_everybody(page)
    page.locator("input[type=file]").set_input_files(FILE)
    page.get_by_text(UNDERSTOOD).wait_for()
    settled(page)
    assert figures(page) != before
    assert "race-dataset=your+own" in page.url.replace("%20", "+")
    assert len(page.url) < 200
    assert not page.get_by_text("no link holds").count()
    page.locator("summary", has_text="Your file, and another one").focus()
    page.keyboard.press("Enter")
    page.get_by_role("textbox", name="Or its text, pasted").wait_for()
    names = page.get_by_label("The first row has names")
    assert names.is_checked()
    names.focus()
    page.keyboard.press("Space")
    page.get_by_text("no header").wait_for()
    settled(page)
    assert not names.is_checked()
    assert "header" not in page.url
    if size == PHONE:
        check_width(page)
    check_for_everybody(page)

    page.reload()
    settled(page)
    page.get_by_text("no link holds").wait_for()
    assert page.locator("input[type=file]").count() == 1
    assert not page.get_by_text(UNDERSTOOD).count()
