"""Knobs that a link keeps: disabled at what it says, come back to, and told of."""

import json

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from bnviz.ui import answers, exact, knobs, lock, options
from tests.hostile import ALL as HOSTILE
from tests.pages import PAGES, ROOT
from tests.samples import LESSONS

KNOBS = ("learning_rate", "depth", "width", "gain")


def lesson():
    import streamlit as st

    from bnviz.experiments.race import RaceConfig
    from bnviz.ui import knobs
    from bnviz.ui.challenges import Quiz
    from tests.ui.asked import CHALLENGES

    quiz = Quiz("race", CHALLENGES)
    config = knobs.choose(RaceConfig, "race", ["learning_rate", "depth"], ["gain", "width"])
    quiz.pose(config)
    few, many, shortcuts = (st.container() for _ in range(3))
    layers = knobs.layers("race", config.depth, few, many, shortcuts)
    click = {"learning_rate": 3.0, "depth": 12}
    st.button("click", on_click=knobs.turn, args=(RaceConfig, "race", click))
    st.json({"config": config.model_dump(), "layers": layers})


def page(**link):
    at = AppTest.from_function(lesson, default_timeout=60)
    for name, value in link.items():
        at.query_params[name.replace("__", "-")] = value
    return run(at)


def run(at):
    at.run()
    assert not at.exception, at.exception
    return at


def press(at, label):
    next(one for one in at.button if one.label == label).click()
    return run(at)


def shown(at):
    return json.loads(at.json[0].value)["config"]


def disabled(at):
    return {one.key.removeprefix("race-") for one in at.select_slider if one.disabled}


class TestTheOption:
    @pytest.mark.parametrize("free", [(), ("depth",), ("depth", "gain"), KNOBS[:3], KNOBS])
    def test_is_read_as_it_was_written_in_few_letters(self, free, monkeypatch):
        text = lock.written("race", KNOBS, free)
        assert not text or options.CARRIED["lock"].fullmatch(text)
        monkeypatch.setattr(options, "value", lambda _: text)
        assert {name for name in KNOBS if not lock.holds("race", name)} == set(free)
        assert not any(lock.holds("rates", name) for name in KNOBS)
        assert lock.any_of("race") == (set(free) != set(KNOBS))
        assert len(text) <= len("race.all-but.depth,gain")

    def test_names_what_is_less(self):
        assert lock.written("race", KNOBS, KNOBS) == ""
        assert lock.written("race", KNOBS, ()) == "race.all"
        assert lock.written("race", KNOBS, KNOBS[1:]) == "race.learning_rate"
        assert lock.written("race", KNOBS, KNOBS[:1]) == "race.depth,width,gain"
        assert lock.written("race", KNOBS, ("gain",)) == "race.all-but.gain"

    @pytest.mark.parametrize("lesson", LESSONS)
    def test_has_room_for_any_choice_among_a_lesson_s_knobs(self, lesson):
        """The shorter of two ways that have all letters between them is at most half of them."""
        names = list(knobs._labels(exact.config_of(lesson), lesson))
        both = len(f"{lesson}.{','.join(names)}") + len(f"{lesson}.{lock.ALL_BUT}")
        assert options.CARRIED["lock"].fullmatch("x." + "x" * ((both + 1) // 2))


class TestThePage:
    def test_shows_what_is_locked_disabled_at_the_values_of_the_link(self):
        at = page(lock="race.all-but.learning_rate", race__depth="3", race__gain="0.3")
        assert disabled(at) == {"depth", "gain", "width"}
        assert (shown(at)["depth"], shown(at)["gain"]) == (3, 0.3)
        (told,) = [one.value for one in at.caption if one.value.startswith("The link")]
        assert told.startswith("The link leaves you “Learning rate”, and keeps the other knobs")

    def test_without_a_lock_nothing_is_disabled_or_told(self):
        at = page()
        assert not disabled(at)
        assert not any(one.value.startswith("The link") for one in at.caption)

    def test_a_lock_of_another_lesson_is_none(self):
        assert not disabled(page(lock="rates.all"))

    @pytest.mark.parametrize("text", ["race", "race.", "race.no", ".all", "x" * 999, *HOSTILE])
    def test_nonsense_locks_nothing(self, text):
        assert not disabled(page(lock=text))

    def test_toggles_of_layers_and_what_sets_them_are_disabled_too(self):
        at = page(lock="race.normalized", **{"race__bn-of-6": ["2", "3"]})
        (toggles,) = [one for one in at.button_group if "-bn-of-" in one.key]
        assert toggles.disabled
        assert all(one.disabled for one in at.button if "-bn-of-" in (one.key or ""))
        assert json.loads(at.json[0].value)["layers"] == [2, 3]

    def test_a_click_in_a_picture_turns_what_is_free_alone(self):
        at = press(page(lock="race.depth"), "click")
        assert (shown(at)["learning_rate"], shown(at)["depth"]) == (3.2, 6)

    def test_a_challenge_sets_what_it_asks_about_and_reset_leads_back_to_the_link(self):
        at = press(page(lock="race.depth,gain", race__depth="4", race__gain="0.3"), "yes")
        assert (shown(at)["learning_rate"], shown(at)["depth"], shown(at)["gain"]) == (1.0, 3, 1.0)
        assert disabled(at) == {"depth", "gain"}
        at = press(at, "Reset")
        assert (shown(at)["learning_rate"], shown(at)["depth"], shown(at)["gain"]) == (0.32, 4, 0.3)


class TestTheSentence:
    @pytest.mark.parametrize(
        ("text", "told"),
        [
            ("race.a", "The link keeps “A” as it sets it."),
            ("race.a,b", "The link leaves you “C”, and keeps the other knobs as it sets them."),
            ("race.all", "The link keeps all knobs as it sets them; questions still turn them."),
            ("race.d", ""),
        ],
    )
    def test_names_the_fewer(self, text, told, monkeypatch):
        monkeypatch.setattr(options, "value", lambda _: text)
        assert lock.sentence("race", {"a": "A", "b": "B", "c": "C"}) == told


def whole(name, monkeypatch, **link):
    """A page of the app as it stands before anything is computed, with this lock."""
    monkeypatch.setattr(answers, "answer", lambda *_: st.stop())
    at = AppTest.from_file(ROOT / "app.py", default_timeout=60)
    at.switch_page(PAGES[name])
    for parameter, value in link.items():
        at.query_params[parameter.replace("__", "-")] = value
    return run(at)


def test_of_the_lab_it_keeps_both_arms_with_what_goes_on_and_what_copies(monkeypatch):
    at = whole("lab", monkeypatch, lock="lab.all-but.b-learning_rate", **{"lab-a-then": "1x50"})
    free = {one.key for one in (*at.select_slider, *at.selectbox) if not one.disabled}
    turned_alone = {f"lab-{letter}-next-{what}" for letter in "ab" for what in ("rate", "steps")}
    assert free - turned_alone == {"lab-b-learning_rate"}
    assert all(one.disabled for one in at.text_input)
    still = {one.label for one in at.button if one.disabled}
    assert {"Make A like B", "Swap A and B", "Undo · A", "Continue B"} <= still


@pytest.mark.parametrize(("text", "locked"), [("transform.all", True), ("transform.source", False)])
def test_of_a_table_it_keeps_the_cells(text, locked, monkeypatch):
    at = whole("transform", monkeypatch, lock=text, transform__table="1_2_3")
    (editor,) = [one for one in at.dataframe if "Editable" in one.proto.alt or locked]
    assert editor.proto.disabled == locked
    (area,) = at.text_area
    assert (area.disabled, area.value) == (locked, "1_2_3")
