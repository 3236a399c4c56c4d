"""The quiz taken alone: nothing right is shown before both parts are handed in."""

from pathlib import Path

from streamlit.testing.v1 import AppTest

from bnviz.ui.quiz import ANSWERS
from bnviz.words import quiz as words
from bnviz.words.quiz.questions import FORMS, QUESTIONS

ROOT = Path(__file__).resolve().parents[2]
WHYS = [one.form(letter).why for one in QUESTIONS for letter in FORMS]


def opened():
    at = AppTest.from_file(ROOT / "app.py", default_timeout=60)
    at.switch_page("pages/22_quiz.py")
    return checked(at.run())


def checked(at):
    assert not at.exception, at.exception
    assert not at.error, at.error
    return at


def shown(at):
    return " ".join(one.value for one in at.markdown)


def press(at, label):
    next(one for one in at.button if one.label == label).click()
    return checked(at.run())


def form_of(at):
    """Which form is asked: the session's questions say."""
    first = at.radio[0].label
    return next(letter for letter in FORMS if QUESTIONS[0].form(letter).question in first)


def fill(at, right, leave_out=()):
    """Answer the part on the page, so many of its questions rightly."""
    form = form_of(at)
    for place, radio in enumerate(at.radio):
        if place in leave_out:
            continue
        letter = QUESTIONS[place].form(form).letter
        other = next(one for one in "abcd" if one != letter)
        radio.set_value(letter if place < right else other)
    return form


def test_the_first_part_is_eight_questions_and_tells_nothing():
    at = opened()
    assert len(at.radio) == len(QUESTIONS)
    assert all(radio.value is None for radio in at.radio)
    assert not any(why[:40] in shown(at) for why in WHYS)


def test_a_part_with_a_gap_is_not_handed_in_and_keeps_what_was_said():
    at = opened()
    fill(at, 8, leave_out=(2, 7))
    at = press(at, words.BUTTONS["pre"])
    (warning,) = at.warning
    assert "questions 3, 8 of 8 wait" in warning.value
    assert len(at.radio) == 8
    assert [radio.value is None for radio in at.radio].count(True) == 2
    assert not at.session_state[ANSWERS]


def test_both_parts_in_different_forms_and_then_what_was_right():
    at = opened()
    first = fill(at, 3)
    at = press(at, words.BUTTONS["pre"])
    assert not at.radio
    assert "The first part is handed in" in shown(at)
    assert not any(why[:40] in shown(at) for why in WHYS)
    at = press(at, words.BEGIN)
    second = fill(at, 7)
    assert {first, second} == set(FORMS)
    assert not any(why[:40] in shown(at) for why in WHYS)
    at = press(at, words.BUTTONS["post"])
    told = shown(at)
    assert "3 of 8 right before the lessons, and 7 of 8 after" in told
    assert told.count("✓") == 10
    assert told.count("✗") == 6
    labels = " ".join(one.label for one in at.expander)
    assert (labels.count("✓ before"), labels.count("✓ after")) == (3, 7)
    assert not at.radio


def test_readers_begin_with_either_form():
    assert {form_of(opened()) for _ in range(30)} == set(FORMS)


def test_without_a_room_nothing_of_it_is_loaded():
    import subprocess
    import sys

    script = (
        "import sys; from bnviz.ui import quiz;"
        "sys.exit(any(name.startswith(('bnviz.ui.room', 'sqlalchemy')) for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=False).returncode == 0
