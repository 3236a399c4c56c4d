"""Sections start when asked, what grows starts at once; both keep what is done."""

import pytest
from streamlit.testing.v1 import AppTest

from bnviz.ui import section
from bnviz.ui.answers.page import store
from tests.ui.pieces import DRAWN, LEAVES_AT, RUNS


@pytest.fixture(autouse=True)
def nothing_computed():
    store().clear()
    RUNS.clear()
    LEAVES_AT.clear()
    DRAWN.clear()


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


def growing_lesson():
    """A page with a picture that grows in four pieces; its depth can be changed."""
    import streamlit as st

    from bnviz.ui.section import Growing
    from tests.samples import race_config
    from tests.ui.pieces import DRAWN, run

    depth = st.selectbox("depth", [2, 3])
    pieces = [race_config(depth=depth, first_seed=first) for first in (10, 20, 30, 40)]
    growing = Growing(run, pieces, "map")
    DRAWN.append(list(growing.results))
    st.markdown(f"results {growing.results}")
    st.button("Something else", key="else")
    growing.go_on()
    st.markdown("the end")


class TestGrowing:
    @pytest.fixture(autouse=True)
    def slow(self, monkeypatch):
        """Each piece takes longer than one picture may wait."""
        monkeypatch.setattr(section, "AT_ONCE", -1.0)

    def page(self):
        return AppTest.from_function(growing_lesson, default_timeout=60).run()

    def test_grows_by_itself_and_draws_after_each_piece(self):
        page = self.page()
        assert not page.exception
        assert RUNS == [10, 20, 30, 40]
        assert DRAWN == [[10], [10, 20], [10, 20, 30], [10, 20, 30, 40]]
        assert seen(page) == "results [10, 20, 30, 40]"
        assert page.markdown[-1].value == "the end"
        assert labels(page) == ["Something else"]
        assert page.caption[0].value == "4 of 4 parts done"

    def test_quick_pieces_are_drawn_together(self, monkeypatch):
        monkeypatch.setattr(section, "AT_ONCE", 60.0)
        self.page()
        assert DRAWN == [[10, 20, 30, 40]]

    def test_what_is_known_is_drawn_once(self, monkeypatch):
        page = self.page()
        DRAWN.clear()
        page.run()
        assert RUNS == [10, 20, 30, 40]
        assert DRAWN == [[10, 20, 30, 40]]
        monkeypatch.setattr(section, "AT_ONCE", 60.0)
        self.page()  # another visitor
        assert len(RUNS) == 4
        assert DRAWN[1:] == [[10, 20, 30, 40]]

    def test_a_click_on_the_way_loses_the_piece_under_way_alone(self):
        LEAVES_AT.append(30)
        page = self.page()
        assert RUNS == [10, 20]
        press(page, "Something else")
        assert RUNS == [10, 20, 30, 40]
        assert DRAWN == [[10], [10, 20], [10, 20], [10, 20, 30], [10, 20, 30, 40]]

    def test_can_be_stopped_and_goes_on(self):
        LEAVES_AT.append(30)
        page = self.page()
        assert labels(page) == ["Stop", "Something else"]
        press(page, "Stop")
        assert RUNS == [10, 20]
        assert seen(page) == "results [10, 20]"
        assert page.markdown[-1].value == "the end"
        assert page.caption[0].value == "2 of 4 parts done"
        press(page, "Something else")
        assert RUNS == [10, 20]
        press(page, "Go on")
        assert RUNS == [10, 20, 30, 40]

    def test_another_setting_grows_afresh_and_coming_back_computes_nothing(self):
        page = self.page()
        page.selectbox[0].select(3).run()
        assert RUNS == [10, 20, 30, 40] * 2
        DRAWN.clear()
        page.selectbox[0].select(2).run()
        assert len(RUNS) == 8
        assert DRAWN == [[10, 20, 30, 40]]

    def test_stopping_one_setting_stops_no_other(self):
        LEAVES_AT.append(30)
        page = self.page()
        press(page, "Stop")
        page.selectbox[0].select(3).run()
        assert RUNS == [10, 20, 10, 20, 30, 40]


def untitled():
    """In a closed section, whose title is the question."""
    from bnviz.ui.section import section
    from tests.samples import race_config
    from tests.ui.pieces import run

    section(None, "More pairs.", run, [race_config(first_seed=10)], lambda results: None, "luck")


def test_needs_no_title_where_it_stands_below_one(page):
    assert [one.value for one in page.subheader] == ["Is it luck?"]
    at = AppTest.from_function(untitled, default_timeout=60).run()
    assert not at.subheader
    assert [one.value for one in at.markdown] == ["More pairs."]
    press(at, "Start")
    assert not at.exception
    assert RUNS == [10]
