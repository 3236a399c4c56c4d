"""Links between lessons: every lesson is there, each link is real, and what is said is text."""

import re
from html import escape, unescape

import pytest

from bnviz.ui import lessons
from bnviz.ui.course import COURSE, HOME, Lesson, lesson, written

LINK = re.compile(r'<a class="bnviz-to" href="([^"]*)"[^>]*>([^<]*)</a>')
ALL = [(one.address, one.question) for one in written()]


def links(html):
    """Where each leads, and what it says."""
    return [(there, unescape(said)) for there, said in LINK.findall(html)]


def test_the_sidebar_leads_to_every_lesson_in_order_and_is_the_same_in_all():
    assert links(lessons._course(())) == ALL
    assert "aria-current" not in lessons._course(())  # the browser says which one is open
    for part in COURSE:
        assert f">{part}</p>" in lessons._course(())


@pytest.mark.parametrize("one", written(), ids=lambda one: one.name)
def test_an_address_works_under_any_path_and_is_that_of_the_page(one):
    assert one.address == ("./" if one is HOME else re.sub(r"^pages/\d+_|\.py$", "", one.page))


def test_the_path_leads_to_all_other_lessons_and_says_what_is_to_be_seen():
    path = lessons._path(HOME, {}, ())
    assert links(path) == [entry for entry in ALL if entry[0] != "./"]
    assert "Start here" not in path
    assert all(f'title="{escape(one.promise)}"' in path for one in written() if one is not HOME)
    assert "<small>" not in path


def test_the_path_notes_what_was_foreseen_beside_its_lesson():
    path = lessons._path(HOME, {"race": "2 of 3 foreseen"}, ())
    assert path.count("<small>") == 1
    (stop,) = (one for one in path.split("<li>") if "<small>" in one)
    assert lesson("race").question in unescape(stop)
    assert "<small>2 of 3 foreseen</small>" in stop


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("home", None, "signals"),
        ("race", "modes", "rates"),
        ("glossary", "lab", "plan"),
        ("quiz", "plan", None),
    ],
)
def test_the_way_on(name, before, after):
    labels = [
        (there, said.format(lesson(there).question))
        for there, said in ((before, "← Previous: {}"), (after, "Next: {} →"))
        if there
    ]
    assert links(lessons._onward(lesson(name), ())) == labels


def test_every_link_carries_the_options():
    kept = (("present", "1"), ("room", "qwerty"))
    for html in (
        lessons._course(kept),
        lessons._path(HOME, {}, kept),
        lessons._onward(lesson("race"), kept),
    ):
        assert len(links(html)) > 1
        assert all(unescape(there).endswith("?present=1&room=qwerty") for there, _ in links(html))


def test_what_is_said_is_text():
    risky = Lesson("x", "Is γ < 1 & <b>bold</b>?", '<i>"')
    stop = lessons._stop(risky, "<u>", ())
    assert stop.count("<") == 6  # of a span, a link, and a small one
    assert "<b" not in stop
    assert "<i" not in stop
    assert "<u" not in stop
