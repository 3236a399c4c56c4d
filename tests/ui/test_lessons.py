"""Links between lessons: every lesson is there, each link is real, and what is said is text."""

import re
from html import unescape

import pytest

from bnviz.ui import lessons
from bnviz.ui.course import COURSE, HOME, Lesson, lesson, written

LINK = re.compile(r'<a class="bnviz-to" href="([^"]*)"[^>]*>([^<]*)</a>')
ALL = [(one.address, one.question) for one in written()]


def links(html):
    """Where each leads, and what it says."""
    return [(there, unescape(said)) for there, said in LINK.findall(html)]


def test_the_sidebar_leads_to_every_lesson_in_order_and_is_the_same_in_all():
    assert links(lessons._course()) == ALL
    assert "aria-current" not in lessons._course()  # the browser says which one is open
    for part in COURSE:
        assert f">{part}</p>" in lessons._course()


@pytest.mark.parametrize("one", written(), ids=lambda one: one.name)
def test_an_address_works_under_any_path_and_is_that_of_the_page(one):
    assert one.address == ("./" if one is HOME else re.sub(r"^pages/\d+_|\.py$", "", one.page))


def test_the_cards_show_all_other_lessons_with_what_is_to_be_seen():
    cards = lessons._cards(HOME)
    assert links(cards) == [entry for entry in ALL if entry[0] != "./"]
    assert "Start here" not in cards
    assert all(one.promise in unescape(cards) for one in written() if one is not HOME)


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [("home", None, "signals"), ("race", "modes", "rates"), ("glossary", "lab", None)],
)
def test_the_way_on(name, before, after):
    labels = [
        (there, said.format(lesson(there).question))
        for there, said in ((before, "← Previous: {}"), (after, "Next: {} →"))
        if there
    ]
    assert links(lessons._onward(lesson(name))) == labels


def test_what_is_said_is_text():
    risky = Lesson("x", "Is γ < 1 & <b>bold</b>?", "<i>")
    assert lessons._card(risky).count("<") == 4
