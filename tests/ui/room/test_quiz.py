"""The quiz in a room: students hand in, the host sees the class, nothing right is told early."""

import csv
from io import StringIO

from streamlit.testing.v1 import AppTest

from bnviz.ui.quiz import LESSON
from bnviz.ui.room import codes
from bnviz.ui.room.quiz import ENOUGH, PART, comma_separated, judge
from bnviz.ui.room.results import as_csv
from bnviz.words import quiz as words
from bnviz.words.comma_separated import MARK
from bnviz.words.quiz.questions import FORMS, QUESTIONS
from tests.pages import ROOT
from tests.ui.room.test_visit import host, parameter, press, read, rooms, there
from tests.ui.test_quiz import fill, form_of
from tests.words.test_quiz import answered

__all__ = ["host", "rooms"]  # fixtures


def visit(code, key="", number=""):
    """The quiz in a fresh session, in a room; number: what the reader's browser has kept."""
    at = AppTest.from_file(ROOT / "app.py", default_timeout=60)
    at.switch_page("pages/22_quiz.py")
    for name, value in {"room": code, "host": key}.items():
        if value:
            at.query_params[name] = value
    if number:
        at.session_state[f"bnviz-room-told-{code}"] = number
    return there(at.run())


def take(at, part, right):
    form = fill(at, right)
    return press(at, words.BUTTONS[part]), form


def vote(rooms, code, several):
    for one in several:
        rooms.vote(code, one.reader, LESSON, one.challenge, one.answer)


def test_a_student_waits_until_the_browser_has_told_the_number(rooms):
    code, _ = rooms.open_room()
    at = visit(code)
    assert words.WAITING in read(at)
    assert not at.radio
    for _ in range(ENOUGH):
        at = there(at.run())
    assert len(at.radio) == len(QUESTIONS)


def test_what_is_handed_in_is_in_the_room_and_the_forms_hang_on_the_number(rooms):
    code, _ = rooms.open_room()
    for number, first in (("00000000000000a2", "a"), ("00000000000000a3", "b")):
        at = visit(code, number=number)
        at, form = take(at, "pre", 3)
        assert form == first
        assert "The first part is handed in" in read(at)
        votes = [one for one in rooms.votes(code) if one.reader == number]
        assert {one.challenge for one in votes} == {f"pre-{first}-{n}" for n in range(1, 9)}
        assert {one.lesson for one in votes} == {LESSON}
        assert judge(votes, words.ASKED).gain.before == 3 / 8


def test_the_second_part_is_held_back_until_the_host_opens_it(rooms):
    code, key = rooms.open_room()
    student, _ = take(visit(code, number=codes.new_reader()), "pre", 2)
    assert words.NOT_YET not in read(student)
    student = press(student, words.BEGIN)
    assert words.NOT_YET in read(student)
    assert not student.radio

    host = visit(code, key)
    assert words.IS_SHUT in read(host)
    host = press(host, words.OPEN_IT)
    assert words.IS_OPEN in read(host)
    student = press(student, words.BEGIN)
    assert len(student.radio) == len(QUESTIONS)

    press(host, words.SHUT_IT)  # who is at it cannot hand it in
    form = fill(student, 8)
    student = press(student, words.BUTTONS["post"])
    assert words.NOT_YET in read(student)
    assert not [one for one in rooms.votes(code) if one.challenge.startswith("post")]
    press(visit(code, key), words.OPEN_IT)
    press(student, words.BUTTONS["post"])
    assert {one.challenge for one in rooms.votes(code) if one.challenge.startswith("post")} == {
        f"post-{form}-{n}" for n in range(1, 9)
    }


def test_a_student_who_reloads_goes_on_where_they_were(rooms):
    code, key = rooms.open_room()
    rooms.open_part(code, key, PART)
    number = codes.new_reader()
    at, first = take(visit(code, number=number), "pre", 2)
    at = visit(code, number=number)
    assert not at.radio
    at = press(at, words.BEGIN)
    assert form_of(at) != first
    at, _ = take(at, "post", 6)
    assert "2 of 8 right before the lessons, and 6 of 8 after" in read(at)
    at = visit(code, number=number)
    assert "2 of 8 right before the lessons, and 6 of 8 after" in read(at)


def test_nobody_is_shown_what_is_right_before_both_parts(rooms):
    code, key = rooms.open_room()
    rooms.open_part(code, key, PART)
    at, _ = take(visit(code, number=codes.new_reader()), "pre", 2)
    told = read(at) + read(press(at, words.BEGIN))
    assert not any(one.form(form).why[:40] in told for one in QUESTIONS for form in FORMS)


def test_the_host_sees_the_class_and_takes_no_quiz(rooms):
    code, key = rooms.open_room()
    at = visit(code, key)
    assert not at.radio
    assert "Nobody has handed in the first part yet" in read(at)
    assert rooms.room(code).lesson == LESSON
    for n in range(6):
        vote(rooms, code, answered(f"{n:016x}", "pre", FORMS[n % 2], n % 4))
    at = there(at.run())
    assert "the first part by 6 students" in read(at)
    assert "There is no gain yet" in read(at)
    for n in range(6):
        vote(rooms, code, answered(f"{n:016x}", "post", FORMS[1 - n % 2], 4 + n % 4))
    at = there(at.run())
    assert "both by 6 students" in read(at)
    assert "normalized gain of the class is" in read(at)
    (chart,) = at.get("plotly_chart")
    assert "what is normalized:" in chart.proto.alt
    assert any("CSV" in one.proto.label for one in at.get("download_button"))


def test_both_tables_of_the_room_tell_what_was_asked(rooms):
    code, _ = rooms.open_room()
    vote(rooms, code, answered("0" * 16, "pre", "b", 8))
    table = comma_separated(words.rows(judge(rooms.votes(code), words.ASKED)))
    _, (reader, form, *_) = csv.reader(StringIO(table.removeprefix(MARK)))
    assert (reader, form) == ("0" * 16, "b")
    told = as_csv(rooms.votes(code))
    assert all(one.b.question in told.replace('""', '"') for one in QUESTIONS)


def test_the_class_is_led_here_from_other_pages(rooms):
    code, key = rooms.open_room()
    visit(code, key)
    at = AppTest.from_file(ROOT / "app.py", default_timeout=60)
    at.switch_page("pages/20_glossary.py")
    at.query_params["room"] = code
    at = there(at.run())
    assert f"quiz?room={code}" in read(at)
    at = AppTest.from_file(ROOT / "app.py", default_timeout=60)
    at.switch_page("pages/22_quiz.py")
    at.query_params["room"], at.query_params["quiz-ask"] = code, "1"
    at = there(at.run())
    assert "does not know" not in read(at)


def test_where_no_room_is_the_quiz_is_taken_alone(rooms):
    at = visit("BCDFGH")
    assert "no room of this code" in read(at)
    assert len(at.radio) == len(QUESTIONS)
    assert "You take it alone" in read(at)


def test_a_room_that_closes_meanwhile_says_so(rooms):
    code, key = rooms.open_room()
    at = visit(code, number=codes.new_reader())
    fill(at, 8)
    rooms.close(code, key)
    at = press(at, words.BUTTONS["pre"])
    assert "no room of this code" in read(at)
    assert len(at.radio) == len(QUESTIONS)
    assert parameter(at, "room") == code
