"""A lesson plan that is presented: the next question is the plan's, in whatever lesson it is."""

import re
from html import unescape
from urllib.parse import parse_qsl

import pytest
from streamlit.testing.v1 import AppTest

from bnviz.ui import planned
from bnviz.ui.foreseen import challenges_of
from bnviz.words.plan import PLANS
from tests.pages import PAGES, ROOT, page_texts

NINETY = next(one for one in PLANS if one.minutes == 90)
LINK = re.compile(r'<a class="bnviz-to bnviz-planned" href="([^"]*)"[^>]*data-more="([^"]*)"'
                  r' data-less="([^"]*)">([^<]*)</a>')  # fmt: skip
AT_HAND = ("transform", "outlier"), ("transform", "back")  # one after the other, and nothing trains


def number_of(stop):
    return [(one.lesson, one.challenge) for one in NINETY.stops].index(stop) + 1


def visit(lesson, **link):
    at = AppTest.from_file(ROOT / "app.py", default_timeout=120)
    at.switch_page(PAGES[lesson])
    for name, value in link.items():
        at.query_params[name.replace("__", "-")] = value
    return there(at.run())


def there(at):
    assert not at.exception, [one.message for one in at.exception]
    assert not at.error, [one.value for one in at.error]
    return at


def asks(at, lesson, name):
    question = next(one.question for one in challenges_of(lesson) if one.name == name)
    return question in "".join(page_texts(at))


def press(at, key):
    next(one for one in at.button if one.key == key).click()
    return there(at.run())


def links(at):
    """(where, more, less, label) of each link along the plan."""
    html = "".join(one.proto.body for one in at.get("html"))
    return [
        (unescape(there), dict(parse_qsl(unescape(more))), less, label)
        for there, more, less, label in LINK.findall(html)
    ]


def position_in(at):
    found = at.query_params["plan"]
    return found if isinstance(found, str) else found[0]


def at_stop(stop, **more):
    lesson, name = stop
    number = [one.name for one in challenges_of(lesson)].index(name) + 1
    link = {f"{lesson}-ask": str(number), "plan": f"90.{number_of(stop)}", "present": "1"}
    return visit(lesson, **link, **more)


def test_the_next_question_of_the_same_lesson_is_the_plans():
    first, second = AT_HAND
    at = at_stop(first)
    assert asks(at, *first)
    between = [one.name for one in challenges_of("transform")]
    assert between.index(second[1]) - between.index(first[1]) > 1  # the lesson's own is another
    at = press(at, "transform-question-plan")
    assert asks(at, *second)
    assert position_in(at) == f"90.{number_of(second)}"
    at = press(at, "transform-question-back-plan")
    assert asks(at, *first)
    assert position_in(at) == f"90.{number_of(first)}"


def test_from_the_last_question_of_a_lesson_a_link_leads_to_the_next_lesson():
    at = at_stop(AT_HAND[1])
    after = NINETY.stops[number_of(AT_HAND[1])]
    ((there, more, less, label),) = [one for one in links(at) if one[3] != "Back"]
    assert there.startswith(f"{after.lesson}?")
    assert more == {"plan": f"90.{number_of(AT_HAND[1]) + 1}"}
    assert (less, label) == ("", "Skip")
    position = [one.name for one in challenges_of(after.lesson)].index(after.challenge) + 1
    assert f"{after.lesson}-ask={position}" in there


def test_a_plan_ends_where_it_was_begun():
    stop = NINETY.stops[-1]
    place = planned.Place(NINETY, len(NINETY.stops))
    assert place.beside(1) is None
    assert place.beside(-1) == NINETY.stops[-2]
    ((there, more, less, label),) = LINK.findall(place.link(1, "Next question"))
    assert (there, more, label) == ("plan", "", planned.END)
    assert set(less.split()) == {"present", "ask", "plan"}
    assert stop.lesson


def test_who_has_been_in_a_lesson_is_led_to_the_plans_question_all_the_same():
    first, second = AT_HAND
    at = visit("transform", present="1")
    position = [one.name for one in challenges_of("transform")].index(second[1]) + 1
    at.query_params["transform-ask"] = str(position)
    at.query_params["plan"] = f"90.{number_of(second)}"
    at = there(at.run())
    assert asks(at, *second)
    assert not asks(at, *first)
    at = press(at, "transform-question-back-plan")  # and then leads on from there
    assert asks(at, *first)


@pytest.mark.parametrize("text", ["45.99", "45.0", "7.1", "45", "45.1.1", "x", "45.1<b>", "9" * 99])
def test_anything_else_is_no_plan(text):
    at = visit("transform", plan=text, present="1", transform__ask="1")
    assert not links(at)
    assert "transform-question-plan" not in {one.key for one in at.button}


def test_nobody_follows_a_plan_who_does_not_present():
    lesson, name = AT_HAND[0]
    number = [one.name for one in challenges_of(lesson)].index(name) + 1
    at = visit(lesson, plan=f"90.{number_of(AT_HAND[0])}", transform__ask=str(number))
    assert f"{lesson}-question-{number}" in {one.key for one in at.button}


def test_no_question_is_twice_in_a_plan():
    for plan in PLANS:
        asked = [(stop.lesson, stop.challenge) for stop in plan.stops]
        assert len(set(asked)) == len(asked) < 100
