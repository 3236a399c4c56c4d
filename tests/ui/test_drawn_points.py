"""The place where points are drawn: opened by a link, typed, taken back, locked, and in the lab."""

import json
from types import SimpleNamespace

import pytest
import streamlit as st

from bnviz.experiments.data_knobs import DRAWN
from bnviz.experiments.drawn_points import USUAL, as_lines, number, written
from bnviz.ui import drawn_points, take_home
from bnviz.words import drawn_points as words
from tests import hostile
from tests.pages import PAGES, checked, opened, press, specs, widget

LESSONS = ("race", "activations", "lab")
ROWS = tuple((x, 20) for x in range(-28, 29, 7)), tuple((x, -20) for x in range(-28, 29, 7))
TEXT = written(ROWS)  # nine points of each class, with a wide gap between them
FEW = written((ROWS[0], ROWS[1][:2]))


def warned(at):
    return " ".join(one.value for one in at.warning)


def told(at):
    return [one.value for one in at.caption if "to learn from" in one.value]


def link_field(at, lesson):
    return at.text_input(key=f"{lesson}-points")


def lines(at, lesson, places):
    return at.text_area(key=f"{lesson}-lines-{number(written(places))}")


@pytest.mark.usefixtures("brief")
@pytest.mark.parametrize("lesson", LESSONS)
class TestALink:
    def test_without_points_opens_with_two_arcs(self, lesson):
        at = opened(lesson, dataset=DRAWN)
        assert not warned(at)
        assert lines(at, lesson, USUAL).value == as_lines(USUAL)
        assert "44 points to learn from and 16 to test" in told(at)[0]
        assert ("ringed in the picture" in told(at)[0]) is (lesson != "activations")

    def test_with_points_trains_on_them(self, lesson):
        usual = opened(lesson, dataset=DRAWN)
        at = opened(lesson, dataset=DRAWN, points=TEXT)
        assert not warned(at)
        assert "14 points to learn from and 4 to test" in told(at)[0]
        assert "25 %" in told(at)[0]
        assert specs(at)[0] != specs(usual)[0]

    @pytest.mark.parametrize("text", ["banana", "0000-11", "00" * 900, *hostile.TEXTS[:6]])
    def test_with_nonsense_says_so_and_takes_two_arcs(self, lesson, text):
        at = opened(lesson, dataset=DRAWN, points=text)
        assert "The points in the link cannot be used" in warned(at)
        assert "Taken instead: two arcs." in warned(at)
        assert "44 points" in told(at)[0]
        assert not any(mark in warned(at) for mark in hostile.MARKS)

    def test_with_too_few_shows_them_and_trains_on_two_arcs(self, lesson):
        at = opened(lesson, dataset=DRAWN, points=FEW)
        assert "9 are of class 0 and 2 of class 1, and each class needs at least 4" in warned(at)
        assert lines(at, lesson, (ROWS[0], ROWS[1][:2])).value.startswith("0 -28 20\n")
        assert "44 points" in told(at)[0]

    def test_to_other_data_has_no_plane_whatever_its_points(self, lesson):
        at = opened(lesson, dataset="moons", points="banana")
        assert not warned(at)
        assert words.PLACE not in [one.label for one in at.expander]


@pytest.mark.usefixtures("brief")
class TestDrawing:
    def test_what_the_browser_says_is_in_the_field_of_the_link(self, monkeypatch):
        state = {}
        monkeypatch.setattr(st, "session_state", state)
        drawn_points._hear("race", SimpleNamespace(drawn=TEXT))
        assert state["race-points"] == TEXT
        drawn_points._hear("race", SimpleNamespace(drawn=written(USUAL)))
        assert state["race-points"] == ""
        drawn_points._hear("race", SimpleNamespace(drawn="-"))
        assert state["race-points"] == "-"

    @pytest.mark.parametrize("said", [None, 7, [], {}, "banana", "00" * 900 + "-", "00-00"])
    def test_whatever_else_it_says_changes_nothing(self, monkeypatch, said):
        state = {}
        monkeypatch.setattr(st, "session_state", state)
        drawn_points._hear("race", SimpleNamespace(drawn=said))
        assert state == {}

    def test_lines_can_be_typed(self):
        at = opened("race", dataset=DRAWN)
        lines(at, "race", USUAL).set_value(as_lines(ROWS))
        checked(at.run())
        assert link_field(at, "race").value == TEXT
        assert "14 points" in told(at)[0]

    def test_lines_that_are_none_are_told_and_stay_to_be_mended(self):
        at = opened("race", dataset=DRAWN)
        lines(at, "race", USUAL).set_value("0 1 2\n1 x 3")
        checked(at.run())
        assert "The lines cannot be used: line 2 is no point" in warned(at)
        assert lines(at, "race", USUAL).value == "0 1 2\n1 x 3"
        assert link_field(at, "race").value == ""
        assert "44 points" in told(at)[0]

    def test_reset_brings_two_arcs_and_a_button_the_drawing_again(self):
        at = opened("race", dataset=DRAWN, points=TEXT)
        assert not [one for one in at.button if one.label == words.LAST]
        press(at, "Reset")
        assert widget(at, "race", "dataset").value == "digits"
        widget(at, "race", "dataset").set_value(DRAWN)
        checked(at.run())
        assert link_field(at, "race").value == ""
        press(at, words.LAST)
        assert link_field(at, "race").value == TEXT
        assert not [one for one in at.button if one.label == words.LAST]

    def test_another_lesson_of_the_session_has_the_drawing_at_hand(self):
        at = opened("race", dataset=DRAWN, points=TEXT)
        at.switch_page(PAGES["activations"])
        at.query_params["activations-dataset"] = DRAWN
        checked(at.run())
        assert "44 points" in told(at)[0]
        press(at, words.LAST)
        assert "14 points" in told(at)[0]

    def test_a_lock_keeps_them_and_one_of_the_data_leaves_them_free(self):
        for lock, kept in (("race.all", True), ("race.points", True), ("race.dataset", False)):
            at = opened_with_lock(lock)
            assert link_field(at, "race").disabled is kept
            assert lines(at, "race", ROWS).disabled is kept
            assert ("Drawn points" in said_of_lock(at) or "all knobs" in said_of_lock(at)) is kept
            if lock == "race.points":
                press(at, "Reset")
                widget(at, "race", "dataset").set_value(DRAWN)
                checked(at.run())
                assert link_field(at, "race").value == TEXT

    def test_the_script_and_the_table_of_the_setting_have_them(self):
        at = opened("race", dataset=DRAWN, points=TEXT)
        at.session_state[take_home.key("race")] = True
        checked(at.run())
        code = at.code[0].value
        assert "zeros = [(-28, 20), (-21, 20)," in code
        assert f"race-points={TEXT}" in code


def opened_with_lock(lock):
    at = opened("race", dataset=DRAWN, points=TEXT)
    at.query_params["lock"] = lock
    return checked(at.run())


def said_of_lock(at):
    return " ".join(one.value for one in at.caption if one.value.startswith("The link"))


@pytest.mark.usefixtures("brief")
class TestLab:
    def test_both_arms_have_the_same_points_and_show_them(self):
        at = opened("lab", dataset=DRAWN, points=TEXT)
        assert any(one.value.startswith("A and B differ in **the normalizer alone**")
                   for one in at.markdown)  # fmt: skip
        assert "training sample of class 1" in " ".join(specs(at))

    def test_a_run_on_them_is_kept_and_loaded_again(self):
        at = opened("lab", dataset=DRAWN, points=TEXT)
        press(at, "Keep A")
        kept = at.text_area(key="lab-kept").value
        assert f"P{TEXT}" in kept
        other = opened("lab", kept=kept)
        press(other, "Load into B")
        assert widget(other, "lab", "dataset").value == DRAWN
        assert link_field(other, "lab").value == TEXT
        assert "14 points" in told(other)[0]


def test_the_plane_is_told_in_little():
    """It is sent with every run of the page on which it stands."""
    assert len(json.dumps(words.SAYS)) < 500
