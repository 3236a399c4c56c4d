"""The class board: the runs of a list trained on request, in words, as a picture and as a file."""

import pytest
from streamlit.testing.v1 import AppTest

from bnviz.experiments import class_board
from bnviz.experiments.kept import MOST, Kept
from bnviz.experiments.lab_config import LabConfig

TINY = {"depth": 2, "width": 8, "steps": 50, "seeds": 1}


def lesson():
    import streamlit as st

    from bnviz.ui.class_board import board

    board(st.session_state["kept"])


def page(*several, opened=True):
    at = AppTest.from_function(lesson, default_timeout=60)
    at.session_state["kept"] = list(several)
    if opened:
        at.query_params["lab-board"] = "true"
    return checked(at.run())


def checked(at):
    assert not at.exception, at.exception
    assert not at.error, at.error
    return at


def press(at, label):
    next(one for one in at.button if one.label == label).click()
    return checked(at.run())


def texts(at):
    return " ".join(one.value for one in at.markdown)


def at_rates(*rates, **changes):
    return [
        Kept(
            f"S{place}",
            LabConfig(**TINY | {"normalizer": "batch", "learning_rate": rate} | changes),
        )
        for place, rate in enumerate(rates)
    ]


def test_closed_nothing_is_there():
    at = page(*at_rates(0.1), opened=False)
    assert not at.button
    assert not texts(at)


def test_without_a_run_it_says_where_they_come_from():
    for several in ([], [Kept("", LabConfig(), shown=False)]):
        assert "Paste many" in texts(page(*several))


def test_trained_when_asked_and_drawn_by_the_knob_that_differs():
    at = page(*at_rates(0.1, 1.0, 1.0))
    assert not at.get("plotly_chart")
    at = press(at, "Start")
    (chart,) = at.get("plotly_chart")
    assert at.selectbox[0].value == "Learning rate"
    assert "By learning rate, the median is highest" in texts(at) or "At every setting" in texts(at)
    assert len(chart.proto.alt) > 40
    assert at.get("download_button")
    at.selectbox[0].set_value("name")
    at = checked(at.run())
    assert "The runs differ in the learning rate." in texts(at)
    assert at.get("plotly_chart")[0].proto.spec != chart.proto.spec


def test_names_are_in_the_picture_by_name_alone():
    several = [Kept("<b>&amp;Anna", LabConfig(**TINY)), Kept("`Ben`", LabConfig(**TINY))]
    at = press(page(*several), "Start")
    (chart,) = at.get("plotly_chart")
    assert at.selectbox[0].value == "name"
    assert "\u2039b\u203a&amp;amp;Anna" in chart.proto.spec
    assert "Anna" not in texts(at)
    assert "Anna" not in chart.proto.alt


def test_a_run_that_joins_keeps_what_is_trained(monkeypatch):
    at = press(page(*at_rates(0.1, 0.32)), "Start")
    at.session_state["kept"] = at_rates(0.1, 0.32, 1.0)
    at = checked(at.run())
    assert not at.get("plotly_chart")
    at = press(at, "Start")
    assert "Of 3 runs" in texts(at) or "All 3 runs" in texts(at)


def test_what_would_take_too_long_is_said(monkeypatch):
    monkeypatch.setattr(class_board, "TOGETHER", LabConfig(**TINY).work())
    at = page(*at_rates(0.1, 0.18, 0.32, 0.56, 1.0))
    (warning,) = at.warning
    assert "left out" in warning.value


@pytest.mark.parametrize("runs", [1, MOST])
def test_one_run_and_sixty(runs):
    at = press(
        page(*at_rates(*[0.1, 0.32, 1.0, 10.0][: min(runs, 4)] * max(1, runs // 4))), "Start"
    )
    assert at.get("plotly_chart")
    assert ("One run" in texts(at)) == (runs == 1)
    assert bool(at.dataframe) == (runs == MOST and at.selectbox[0].value == "name")


def test_sixty_names_stand_in_a_table_below_their_picture():
    at = press(page(*at_rates(*[0.1, 0.32, 1.0, 10.0] * 15)), "Start")
    assert not at.dataframe
    at.selectbox[0].set_value("name")
    at = checked(at.run())
    (table,) = at.dataframe
    assert sorted(table.value["name"]) == sorted(f"S{place}" for place in range(MOST))


class TestByWhatTheyAreDrawn:
    def test_is_in_the_link_where_it_is_not_the_usual_choice(self):
        at = press(page(*at_rates(0.1, 1.0)), "Start")
        assert "lab-by" not in at.query_params
        at.selectbox[0].set_value("name")
        at = checked(at.run())
        assert at.query_params["lab-by"] in ("name", ["name"])
        at.selectbox[0].set_value("Learning rate")
        at = checked(at.run())
        assert "lab-by" not in at.query_params

    def test_is_taken_from_a_link(self):
        at = AppTest.from_function(lesson, default_timeout=60)
        at.session_state["kept"] = at_rates(0.1, 1.0)
        at.query_params["lab-board"], at.query_params["lab-by"] = "true", "name"
        assert press(checked(at.run()), "Start").selectbox[0].value == "name"

    @pytest.mark.parametrize("asked", ["nonsense", "", "<b>x</b>" * 99])
    def test_anything_else_is_the_usual_choice(self, asked):
        at = AppTest.from_function(lesson, default_timeout=60)
        at.session_state["kept"] = at_rates(0.1, 1.0)
        at.query_params["lab-board"], at.query_params["lab-by"] = "true", asked
        assert press(checked(at.run()), "Start").selectbox[0].value == "Learning rate"
