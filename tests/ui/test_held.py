"""Answers that are held back: noted, changed, shown when asked for; nothing tells them before."""

import pytest
from streamlit.testing.v1 import AppTest

from bnviz.ui.challenges import SHOW
from bnviz.ui.foreseen import KEPT
from tests.ui.test_challenges import asked, labels, lesson, press, set_knob, told, verdict

HELD = {"ask": "1"}
IN_CLASS = {"present": "1"}


def page(**link):
    at = AppTest.from_function(lesson, default_timeout=60)
    for name, value in link.items():
        at.query_params[name] = value
    at.run()
    assert not at.exception, at.exception
    return at


def rate(at):
    return next(one for one in at.select_slider if one.key == "race-learning_rate").value


def noted(at):
    """The answers that are marked as noted."""
    return [one.label for one in at.button if "-answer-" in one.key and one.proto.icon]


@pytest.mark.parametrize("way", [HELD, IN_CLASS])
class TestHeld:
    def test_nothing_tells_what_the_run_shows_before_the_answer_is_asked_for(self, way):
        at = page(**way)
        assert labels(at) == ["yes", "no", SHOW, "Skip"]
        before = rate(at)
        assert not told(at)
        at = press(at, "yes")
        assert rate(at) == before
        assert noted(at) == ["yes"]
        assert not told(at)
        assert not verdict(at)
        assert at.query_params.get("race-said") is None

    def test_the_last_word_counts_and_the_answer_sets_the_knobs(self, way):
        at = press(press(press(page(**way), "yes"), "no"), SHOW)
        assert rate(at) == 1.0
        assert told(at)
        assert verdict(at)[0].startswith("**You said “no”. Here: yes.**")
        assert "plays: race-1" in [one.value for one in at.caption]

    def test_it_may_be_shown_without_a_word(self, way):
        at = press(page(**way), SHOW)
        assert verdict(at)[0].startswith("**Here: yes.**")

    def test_the_next_question_is_held_back_too_and_one_about_the_picture(self, way):
        at = press(press(page(**way), SHOW), "Next question")
        assert asked(at) == "Do you see it?"
        assert not told(at)
        assert not verdict(at)
        assert verdict(press(at, SHOW))


def test_what_a_class_was_shown_is_no_answer_of_the_reader():
    at = press(press(page(**IN_CLASS), "yes"), SHOW)
    assert at.session_state[KEPT].total() == (0, 0)
    del at.query_params["present"]
    at.run()
    assert at.session_state[KEPT].total() == (0, 0)
    assert "race" not in at.session_state[KEPT].said


def test_what_is_held_back_by_the_link_counts_when_it_is_shown():
    at = press(page(**HELD), "yes")
    assert at.session_state[KEPT].total() == (0, 0)
    assert press(at, SHOW).session_state[KEPT].total() == (1, 1)


def test_a_class_can_go_back_to_a_question_that_the_screen_would_answer():
    at = press(page(**IN_CLASS), "Skip")
    assert asked(at) == "Is 0.01 fast?"
    at = set_knob(set_knob(at, "learning_rate", 1.0), "depth", 3)
    at = press(at, "Back")
    assert asked(at) == "Is 1 fast?"
    assert rate(at) != 1.0


def test_with_neither_option_an_answer_is_told_at_once():
    at = page()
    assert told(at)
    assert verdict(press(at, "yes"))
