"""What a reader has foreseen: counted, written into the address, and read from any."""

import pytest
from streamlit.testing.v1 import AppTest

from bnviz.ui import course, foreseen
from bnviz.ui.foreseen import IN_LINK, KEPT, LONGEST, OPEN, RIGHT, WRONG, Answers
from bnviz.ui.foreseen import challenges_of as asked
from tests.hostile import ALL
from tests.samples import LESSONS

ASKING = [name for name in LESSONS if asked(name)]
HOME = [one.name for one in asked("home")]


def answers(lesson="home", hows=(RIGHT, WRONG, OPEN)):
    kept = Answers()
    for challenge, how in zip(asked(lesson), hows, strict=False):
        kept.settle(lesson, challenge.name, how)
    return kept


class TestCounting:
    def test_what_was_only_shown_is_not_counted(self):
        assert answers().of("home") == (1, 2)
        assert answers().of("race") == (0, 0)

    def test_the_course_is_the_sum_of_its_lessons(self):
        kept = answers()
        kept.settle("activations", "dead", RIGHT)
        assert kept.total() == (2, 3)
        assert Answers().total() == (0, 0)

    def test_the_first_answer_and_its_outcome_count(self):
        kept = answers()
        kept.settle("home", HOME[0], WRONG)
        kept.first("home", HOME[0], "a")
        kept.first("home", HOME[0], "b")
        assert kept.of("home") == (1, 2)
        assert kept.said == {"home": {HOME[0]: "a"}}

    def test_asked_anew_a_lesson_is_forgotten_and_no_other(self):
        kept = answers()
        kept.settle("activations", "dead", RIGHT)
        kept.forget("home")
        kept.forget("race")  # of which nothing is known
        assert kept.total() == (1, 1)


class TestAddress:
    def test_what_is_written_is_read_back(self):
        kept = answers()
        kept.settle("activations", asked("activations")[-1].name, WRONG)
        written = foreseen._written(kept)
        assert written.startswith("home.rwo-")
        assert written.endswith("-w")
        assert foreseen._read(written).went == kept.went

    def test_nothing_is_an_empty_text(self):
        assert foreseen._written(Answers()) == ""
        assert foreseen._read("").went == {}

    def test_the_whole_course_has_room(self):
        kept = Answers()
        for lesson in ASKING:
            for challenge in asked(lesson):
                kept.settle(lesson, challenge.name, RIGHT)
        assert foreseen._read(foreseen._written(kept)).went == kept.went
        longest = sum(len(lesson) + len(".rwrwrw_") for lesson in LESSONS)  # six of each
        assert longest <= LONGEST

    @pytest.mark.parametrize(
        "text",
        [
            "home", "home.", ".r", "home.R", "home.x", "home:r", "glossary.rrr", "nobody.rw",
            "settings.r", "os.r", "home.-----", "\0", "é.r", *ALL,
        ],
    )  # fmt: skip
    def test_what_is_no_answer_of_ours_is_left_out(self, text):
        kept = foreseen._read(text)
        assert kept.total() == (0, 0)
        assert kept.said == {}

    def test_beside_nonsense_what_is_meant_is_read(self):
        assert foreseen._read("<b>_home.r!_race..w_home.ww").of("home") == (1, 2)

    def test_no_more_letters_count_than_there_are_questions(self):
        kept = foreseen._read("home." + "r" * 300)
        assert kept.of("home") == (len(HOME),) * 2

    def test_of_a_long_text_the_beginning_is_read(self):
        kept = foreseen._read("x" * LONGEST + "_home.r")
        assert kept.went == {}
        assert len(foreseen._read("home.r_" * 100_000).went) == 1


def page():
    import streamlit as st

    from bnviz.ui import foreseen

    foreseen.sidebar()
    st.json(foreseen.marks())
    foreseen.overview()


def opened(text=""):
    at = AppTest.from_function(page)
    if text:
        at.query_params[IN_LINK] = text
    at.run()
    assert not at.exception, at.exception
    return at


def said(at):
    return [one.value for one in at.main.markdown]


def paths(at):
    return [one.proto.body for one in at.main.get("html")]


class TestOnThePage:
    def test_before_the_first_guess_nothing_is_counted(self):
        for text in ("", "home.oo"):
            at = opened(text)
            assert not at.sidebar.caption
            assert not at.button
            assert at.json[0].value == "{}"
            assert not at.subheader
            assert said(at) == []
            assert paths(at) == []

    def test_the_sidebar_counts(self):
        at = opened("home.rw_activations.r")
        assert [one.value for one in at.sidebar.caption] == ["**2 of 3** foreseen so far"]

    def test_the_address_is_written_on_demand(self):
        at = opened("home.rw-----_<i>")
        assert at.query_params[IN_LINK] in ("home.rw-----_<i>", ["home.rw-----_<i>"])
        at.session_state[KEPT].settle("home", HOME[2], OPEN)
        at = at.button(key="foreseen-keep").click().run()
        written = "".join(at.query_params[IN_LINK])
        assert written == "home.rwo" + "-" * (len(HOME) - 3)
        assert opened(written).session_state[KEPT].went == at.session_state[KEPT].went

    def test_it_is_read_once_afterwards_the_session_knows(self):
        at = opened("home.r")
        at.query_params[IN_LINK] = "home.ww"
        assert at.run().session_state[KEPT].of("home") == (1, 1)

    def test_marks_stand_beside_the_lessons_in_which_something_was_guessed(self):
        assert opened("home.rw_activations.o").json[0].value == '{"home": "1 of 2 foreseen"}'

    def test_the_overview_names_what_was_missed_most_of_it_first(self):
        at = opened("home.rw_activations.wwr")
        assert said(at) == ["You foresaw **2 of 5** answers. Worth another look:"]
        (html,) = paths(at)
        first, second = (course.lesson(one).question for one in ("activations", "home"))
        assert 0 < html.index(first) < html.index("1 of 3 foreseen") < html.index(second)
        assert html.count("<li>") == 2

    def test_the_overview_where_all_was_foreseen(self):
        at = opened("home.rrr")
        assert said(at) == ["You foresaw **3 of 3** answers. Nothing is left to look at again."]
        assert paths(at) == []


def test_the_course_ends_with_the_lab_behind_which_there_are_words():
    assert course.end().name == "lab"
