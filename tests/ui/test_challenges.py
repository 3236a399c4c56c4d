"""The box of a lesson's challenges: posed, answered, skipped, looked at again; from any link."""

import pytest
from streamlit.testing.v1 import AppTest

from bnviz.experiments.home import HomeConfig
from bnviz.ui import knobs
from bnviz.ui.foreseen import KEPT
from tests.hostile import ALL
from tests.ui.asked import CHALLENGES

LAST = "**That was the last question of this lesson.**"


def lesson():
    """A page that asks; its verdict is its setting."""
    import streamlit as st

    from bnviz.experiments.race import RaceConfig
    from bnviz.ui import knobs
    from bnviz.ui.challenges import Quiz
    from bnviz.words.findings import Findings
    from tests.ui.asked import CHALLENGES

    quiz = Quiz("race", CHALLENGES)
    config = knobs.choose(RaceConfig, "race", ["learning_rate", "depth"], ["gain"])
    quiz.pose(config)
    quiz.tell(Findings.told("A headline.", "More of it."), config)
    quiz.of("section", config)
    st.caption(f"plays: {quiz.play}")


def page(**link):
    at = AppTest.from_function(lesson, default_timeout=60)
    for name, value in link.items():
        at.query_params[f"race-{name}"] = value
    at.run()
    assert not at.exception, at.exception
    return at


def press(at, label):
    (button,) = (one for one in at.button if one.label == label)
    at = button.click().run()
    assert not at.exception, at.exception
    return at


def labels(at):
    return [one.label for one in at.button if "-answer-" in one.key or "-question-" in one.key]


def texts(at):
    return [one.value for one in at.markdown]


def asked(at):
    """The question in the box; None: there is none."""
    found = [one.question for one in CHALLENGES if any(one.question in text for text in texts(at))]
    assert len(found) < 2
    return found[0] if found else None


def verdict(at):
    return [text for text in texts(at) if text.startswith("**") and LAST not in text]


def told(at):
    """Whether the page says what its run shows."""
    return [one.value for one in at.header] == ["A headline."]


def link(at):
    """What the link has of the challenges."""
    written = {name: value for name, value in at.query_params.items() if name != "race-depth"}
    asked_of = {"race-ask": "ask", "race-said": "said"}
    return {asked_of[name]: "".join(value) for name, value in written.items() if name in asked_of}


def captions(at):
    return " ".join(one.value for one in at.caption)


def set_knob(at, name, value):
    next(one for one in at.select_slider if one.key == f"race-{name}").set_value(value)
    return at.run()


class TestPosing:
    def test_the_first_question_stands_there_and_nothing_of_it_in_the_link(self):
        at = page()
        assert texts(at)[0] == ":small[Question 1 of 4] **Is 1 fast?**"
        assert labels(at) == ["yes", "no", "Just show me", "Skip"]
        assert link(at) == {}
        assert told(at)
        assert not verdict(at)

    def test_a_question_whose_setting_is_on_the_screen_is_not_posed(self):
        at = page(learning_rate="0.01")
        assert asked(press(at, "Skip")) == "Who knows?"

    def test_one_about_a_picture_is_posed_only_beside_it(self):
        assert asked(page(ask="2")) == "Is 0.01 fast?"
        assert asked(page(ask="2", learning_rate="1", depth="3")) == "Do you see it?"

    def test_what_a_picture_shows_is_not_told_before_the_answer(self):
        at = page(ask="2", learning_rate="1", depth="3")
        assert not told(at)
        assert told(press(at, "no"))

    def test_where_nothing_is_left_to_ask_it_says_so(self):
        at = page(ask="5")
        assert LAST in texts(at)
        assert labels(at) == ["Back", "Ask again"]


class TestAnswering:
    @pytest.mark.parametrize(
        ("said", "letter", "expected"),
        [
            ("yes", "a", "**As you said: yes.** So it is."),
            ("no", "b", "**You said “no”. Here: yes.** So it is."),
            ("Just show me", "x", "**Here: yes.** So it is."),
        ],
    )
    def test_sets_the_knobs_tells_and_stands_in_the_link(self, said, letter, expected):
        at = press(page(), said)
        assert verdict(at) == [expected]
        assert asked(at) == "Is 1 fast?"
        assert (at.select_slider[0].value, at.select_slider[1].value) == (1.0, 3)
        assert link(at) == {"ask": "1", "said": letter}
        assert labels(at) == ["Next question"]

    def test_names_the_knobs_that_it_has_changed_and_marks_them(self):
        at = press(page(gain="0.3"), "yes")
        for change in ("learning rate 0.32 → 1", "hidden layers 6 → 3", "initial gain 0.3 → 1"):
            assert change in captions(at)
        (style,) = (one.proto.body for one in at.get("html") if "--bnviz-mark" in one.proto.body)
        for name in ("learning_rate", "depth", "gain"):
            assert f".st-key-race-{name}" in style

    def test_one_about_a_picture_changes_nothing_and_says_so(self):
        at = press(press(press(page(), "yes"), "Next question"), "yes")
        assert asked(at) == "Do you see it?"
        assert "Changed" not in captions(at)

    def test_is_played_by_the_clock_each_time_it_is_given(self):
        at = page()
        assert captions(at) == "plays:"
        assert "plays: race-1" in captions(press(at, "yes"))
        at = press(at, "Next question")
        assert "race-" not in captions(at)
        press(press(press(at, "Back"), "Next question"), "no")
        press(press(at, "Next question"), "no")
        assert "plays: race-" in captions(at)
        assert "plays: race-1" not in captions(at)

    def test_the_first_answer_counts(self):
        at = press(page(), "no")
        assert at.session_state[KEPT].of("race") == (0, 1)
        at = press(press(press(at, "Next question"), "Back"), "Next question")
        at = set_knob(press(at, "Back"), "learning_rate", 0.32)
        at = set_knob(at, "learning_rate", 1.0)  # where the answer led
        assert verdict(at) == ["**You said “no”. Here: yes.** So it is."]
        assert at.session_state[KEPT].of("race") == (0, 1)

    def test_to_be_shown_or_what_a_run_cannot_tell_is_not_counted(self):
        at = press(page(), "Just show me")
        assert at.session_state[KEPT].of("race") == (0, 0)
        at = press(page(ask="4"), "yes")
        assert verdict(at) == ["**You said “yes”. This run cannot tell.** Nobody knows."]
        assert at.session_state[KEPT].of("race") == (0, 0)

    def test_the_verdict_of_a_section_is_told_by_it_alone(self):
        assert len(verdict(press(page(ask="4"), "no"))) == 1
        assert len(verdict(press(page(ask="3"), "no"))) == 1


class TestTheWay:
    def test_next_leads_from_question_to_question_and_to_the_end(self):
        at, way = page(), []
        for _ in CHALLENGES:
            way.append(asked(at))
            at = press(press(at, "yes"), "Next question")
        assert way == [one.question for one in CHALLENGES]
        assert LAST in texts(at)[0]
        assert texts(at)[0].endswith("You foresaw 2 of 3.")
        assert link(at) == {"ask": "5"}

    def test_skip_leads_on_and_changes_no_knob(self):
        at = press(page(), "Skip")
        assert asked(at) == "Is 0.01 fast?"  # the picture before was not seen
        assert at.select_slider[0].value == 0.32
        assert link(at) == {"ask": "3"}
        assert at.session_state[KEPT].said == {}

    def test_back_leads_to_an_answered_one_as_it_was(self):
        at = press(press(press(page(), "no"), "Next question"), "Skip")
        at = press(press(at, "no"), "Next question")
        assert asked(at) == "Who knows?"
        at = press(at, "Back")
        assert verdict(at) == ["**As you said: no.** So it is."]
        assert at.select_slider[0].value == 0.01
        at = press(at, "Back")
        assert asked(at) == "Do you see it?"  # beside its picture
        assert at.select_slider[0].value == 1.0
        assert not told(at)
        at = press(at, "Back")
        assert verdict(at) == ["**You said “no”. Here: yes.** So it is."]
        assert "Back" not in labels(at)

    def test_back_passes_by_a_picture_that_nobody_has_seen(self):
        at = press(press(press(page(), "Skip"), "no"), "Back")
        assert asked(at) == "Is 1 fast?"
        assert not verdict(at)

    def test_back_from_the_end(self):
        at = press(press(press(page(ask="4"), "yes"), "Next question"), "Back")
        assert asked(at) == "Who knows?"
        assert len(verdict(at)) == 1

    def test_again_from_the_first_and_nothing_is_known(self):
        at = press(page(), "yes")
        for _ in range(3):
            at = press(press(at, "Next question"), "yes")
        at = press(press(at, "Next question"), "Ask again")
        assert asked(at) == "Is 1 fast?"
        assert labels(at) == ["yes", "no", "Just show me", "Skip"]
        assert at.select_slider[0].value == 0.32
        assert at.session_state[KEPT].of("race") == (0, 0)
        assert link(at) == {}

    def test_a_knob_that_is_turned_away_from_an_answer_poses_the_next(self):
        at = set_knob(press(page(), "yes"), "learning_rate", 0.32)
        assert asked(at) == "Is 0.01 fast?"
        assert asked(set_knob(at, "learning_rate", 1.0)) == "Is 1 fast?"
        assert len(verdict(at)) == 1


class TestALink:
    def test_keeps_the_verdict_over_a_reload_and_plays_nothing(self):
        before = press(page(), "no")
        again = page(**link(before), learning_rate="1", depth="3")
        assert verdict(again) == verdict(before)
        assert link(again) == link(before)
        assert "plays: race-" not in captions(again)
        assert "Changed" not in captions(again)

    def test_leads_to_the_question_it_names(self):
        at = page(ask="3")
        assert asked(at) == "Is 0.01 fast?"
        assert link(at) == {"ask": "3"}

    def test_with_an_answer_but_another_setting_asks_the_next(self):
        at = page(ask="1", said="b")
        assert asked(at) == "Is 0.01 fast?"
        assert not verdict(at)

    @pytest.mark.parametrize(
        "text", ["", "0", "-1", "1e3", "1.5", "banana", "x", "²", "99999", "9" * 4000, "\0", *ALL]
    )
    def test_of_nonsense_for_the_number_begins_with_the_first(self, text):
        at = page(ask=text)
        assert asked(at) == "Is 1 fast?"
        assert link(at) == {}

    @pytest.mark.parametrize("number", ["5", "6", "99"])
    def test_beyond_the_last_is_the_end(self, number):
        assert LAST in texts(page(ask=number))

    @pytest.mark.parametrize("text", ["", "c", "d", "ab", "A", "1", "é", "a" * 4000, "\0", *ALL])
    def test_of_nonsense_for_the_answer_asks(self, text):
        at = page(said=text, learning_rate="1", depth="3")
        assert not verdict(at)
        assert at.session_state[KEPT].said == {}
        assert "race-said" not in at.query_params
        at = page(ask="3", said=text)
        assert asked(at) == "Is 0.01 fast?"
        assert labels(at) == ["yes", "no", "Just show me", "Back", "Skip"]

    def test_that_says_both_twice_is_answered(self):
        at = page(ask=["1", "3"], said=["a", "b"])
        assert asked(at) is not None


def test_what_changed_names_the_toggles_on_layers_too(monkeypatch):
    """Those of a depth that was on the page."""
    state = {"home-depth": 4, "home-bn-of-4": [1, 2, 3, 4], "home-bn-of-4-All": False}
    monkeypatch.setattr(knobs.st, "session_state", state)
    before = knobs.shown(HomeConfig, "home")
    assert before == {"depth": "4", "bn-of-4": "all"}
    knobs.put(HomeConfig, "home", {"normalized": (3,)})
    after = knobs.shown(HomeConfig, "home")
    assert after == {"depth": "8", "bn-of-4": "3"}
    assert knobs.spoken(HomeConfig, "bn-of-4") == "BN in layers"
    assert knobs.spoken(HomeConfig, "depth") == "hidden layers"
    knobs.set_layers("home", 4, [])
    assert knobs.shown(HomeConfig, "home")["bn-of-4"] == "none"
