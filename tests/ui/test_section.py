"""Sections: they start when asked, keep what is done, and repeat nothing."""

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from tests.ui.pieces import LEAVES_AT, RUNS


@pytest.fixture(autouse=True)
def nothing_computed():
    st.cache_data.clear()
    RUNS.clear()
    LEAVES_AT.clear()


def lesson():
    """A page with one section of four pieces; its depth can be changed."""
    import streamlit as st

    from bnviz.ui.section import section
    from tests.samples import race_config
    from tests.ui.pieces import run

    depth = st.selectbox("depth", [2, 3])
    pieces = [race_config(depth=depth, first_seed=first) for first in (10, 20, 30, 40)]
    section(
        "Is it luck?",
        "More pairs.",
        run,
        pieces,
        lambda results: st.markdown(f"results {results}"),
        "luck",
    )


@pytest.fixture
def page():
    return AppTest.from_function(lesson, default_timeout=60).run()


def seen(page):
    return next((m.value for m in page.markdown if m.value.startswith("results")), None)


def labels(page):
    return [button.label for button in page.button if not button.disabled]


def press(page, label):
    next(button for button in page.button if button.label.startswith(label)).click()
    return page.run()


def test_does_nothing_until_it_is_asked(page):
    assert not page.exception
    assert RUNS == []
    assert seen(page) is None
    assert labels(page) == ["Start"]


def test_runs_all_pieces_once_started(page):
    press(page, "Start")
    assert not page.exception
    assert RUNS == [10, 20, 30, 40]
    assert seen(page) == "results [10, 20, 30, 40]"
    assert labels(page) == []


def test_shows_the_same_again_without_computing(page):
    press(page, "Start").run()
    assert RUNS == [10, 20, 30, 40]
    assert seen(page) == "results [10, 20, 30, 40]"


def test_what_was_done_before_a_stop_is_kept(page):
    LEAVES_AT.append(30)
    press(page, "Start")
    assert RUNS == [10, 20]
    assert labels(page) == ["Stop"]
    press(page, "Stop")
    assert seen(page) == "results [10, 20]"
    assert labels(page) == ["Go on (2 of 4 parts done)"]


def test_going_on_repeats_nothing(page):
    LEAVES_AT.append(30)
    press(page, "Start")
    press(page, "Stop")
    press(page, "Go on")
    assert RUNS == [10, 20, 30, 40]
    assert seen(page) == "results [10, 20, 30, 40]"
    assert labels(page) == []


def test_another_setting_starts_afresh_and_waits_to_be_asked(page):
    press(page, "Start")
    page.selectbox[0].select(3).run()
    assert seen(page) is None
    assert labels(page) == ["Start"]
    assert len(RUNS) == 4
    press(page, "Start")
    assert len(RUNS) == 8
    assert seen(page) == "results [10, 20, 30, 40]"


def test_coming_back_to_a_setting_shows_what_was_done_and_computes_nothing(page):
    press(page, "Start")
    page.selectbox[0].select(3).run()
    page.selectbox[0].select(2).run()
    assert not page.exception
    assert len(RUNS) == 4
    assert seen(page) == "results [10, 20, 30, 40]"
    assert labels(page) == []


def test_another_setting_in_the_middle_of_a_piece_leaves_the_rest_undone(page):
    LEAVES_AT.append(30)
    press(page, "Start")
    page.selectbox[0].select(3).run()
    assert RUNS == [10, 20]
    assert seen(page) is None
    assert labels(page) == ["Start"]
