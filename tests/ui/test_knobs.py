"""Names in the link, and what is set by presets, resets and layer toggles."""

import math

import pytest
from streamlit.testing.v1 import AppTest

from bnviz.experiments import links
from bnviz.experiments.race import RaceConfig
from bnviz.ui import knobs
from tests.experiments.test_settings import CONFIGS

DEPTH = RaceConfig().depth


def test_names_in_the_link_belong_to_the_lesson():
    assert knobs.name_in_link("race", "depth") == "race-depth"
    assert knobs.layers_in_link("home", 8) == "home-bn-of-8"
    assert knobs.name_in_link("race", "depth") != knobs.name_in_link("home", "depth")


def lesson():
    import streamlit as st

    from bnviz.experiments.race import RaceConfig
    from bnviz.ui import knobs

    config = knobs.choose(RaceConfig, "race", ["depth", "dataset"], ["gain", "learning_rate"])
    few, many, shortcuts = (st.container() for _ in range(3))
    toggles = knobs.layers("race", config.depth, few, many, shortcuts)
    for label, values in {"Deep": {"depth": 12}, "Tame": {"gain": 0.3, "dataset": "moons"}}.items():
        st.button(label, on_click=knobs.put, args=(RaceConfig, "race", values))
    some = range(1, config.depth + 1) if toggles is None else toggles
    st.json({"config": config.model_dump(), "layers": list(some)})


def page(**link):
    at = AppTest.from_function(lesson, default_timeout=60)
    for name, value in link.items():
        at.query_params[name.replace("__", "-")] = value
    return at.run()


def shown(at):
    import json

    assert not at.exception, at.exception
    return json.loads(at.json[0].value)


def press(at, label):
    next(button for button in at.button if button.label.startswith(label)).click()
    return at.run()


def test_starts_at_the_defaults_with_bn_everywhere():
    from bnviz.experiments.race import RaceConfig

    now = shown(page())
    assert RaceConfig(**now["config"]) == RaceConfig()
    assert now["layers"] == list(range(1, RaceConfig().depth + 1))


def test_a_link_sets_knobs():
    at = page(race__depth="4", race__dataset="moons", race__gain="0.3")
    config = shown(at)["config"]
    assert (config["depth"], config["dataset"], config["gain"]) == (4, "moons", 0.3)
    assert not at.warning


@pytest.mark.parametrize(
    ("name", "written", "value"),
    [
        ("learning_rate", "1.0", 1.0),
        ("learning_rate", "1e-2", 0.01),
        ("learning_rate", "0.320", 0.32),
        ("learning_rate", "+.32", 0.32),
        ("depth", "4.0", 4),
        ("gain", "3e0", 3.0),
    ],
)
def test_a_number_in_a_link_counts_as_a_number_however_it_is_written(name, written, value):
    at = page(**{f"race__{name}": written})
    assert shown(at)["config"][name] == value
    assert not at.warning


@pytest.mark.parametrize("written", ["0.0099999", "1.01", "1,0", "1_0", "0x1", "nan", "1.0.0", "٣"])
def test_no_number_is_rounded_to_one_that_is_offered(written):
    at = page(race__learning_rate=written)
    assert shown(at)["config"]["learning_rate"] == RaceConfig().learning_rate
    (warning,) = at.warning
    assert "is not offered" in warning.value


@pytest.mark.parametrize("config", CONFIGS, ids=lambda config: config.__name__)
def test_every_option_of_every_knob_is_found_by_its_number(config):
    for knob in knobs.knobs_of(config).values():
        offered = {knob.show(one): one for one in knob.options}
        for shown_, option in offered.items():
            if not isinstance(option, str):
                for text in (repr(option), f"{option:.17e}", f"{float(option)!r}"):
                    assert links.same_number(text, offered) == shown_


def test_toggles_and_choices_are_numbers_too():
    at = AppTest.from_function(lesson, default_timeout=60)
    at.query_params["race-depth"] = "4.0"
    at.query_params["race-bn-of-4"] = ["1.0", "3"]
    assert shown(at.run())["layers"] == [1, 3]
    at = AppTest.from_function(picture, default_timeout=60)
    at.query_params["race-unit"] = "2.0"
    assert shown(at.run())["picked"] == "2"
    assert not at.warning


def picture():
    import streamlit as st

    from bnviz.ui import knobs

    st.json({"picked": knobs.pick("race", "unit", "Unit", ["typical", "1", "2"])})


def test_picks_one_of_many_and_says_what_is_not_there():
    for asked, picked, warnings in ((None, "typical", 0), ("2", "2", 0), ("9", "typical", 1)):
        at = AppTest.from_function(picture, default_timeout=60)
        if asked:
            at.query_params["race-unit"] = asked
        at.run()
        assert shown(at)["picked"] == picked
        assert len(at.warning) == warnings
        assert all("9" in one.value and "typical" in one.value for one in at.warning)


def test_a_setting_is_put_whole_and_the_other_knobs_back():
    at = press(page(race__gain="0.1"), "Deep")
    config = shown(at)["config"]
    assert (config["depth"], config["gain"]) == (12, 1.0)
    config = shown(press(at, "Tame"))["config"]
    assert (config["depth"], config["gain"], config["dataset"]) == (DEPTH, 0.3, "moons")


def test_reset_puts_everything_back():
    at = press(page(race__depth="4", race__gain="0.1", race__dataset="circles"), "None")
    assert shown(at)["layers"] == []
    now = shown(press(at, "Reset"))
    assert RaceConfig(**now["config"]) == RaceConfig()
    assert now["layers"] == list(range(1, DEPTH + 1))


def test_shortcuts():
    at = page(race__depth="6")
    assert shown(press(at, "Every second"))["layers"] == [2, 4, 6]
    assert shown(press(at, "None"))["layers"] == []
    assert shown(press(at, "All"))["layers"] == [1, 2, 3, 4, 5, 6]


def test_each_depth_has_toggles_of_its_own():
    at = press(page(race__depth="6"), "None")
    at.select_slider(key="race-depth").set_value(3)
    assert shown(at.run())["layers"] == [1, 2, 3]


def test_a_link_with_toggles():
    at = AppTest.from_function(lesson, default_timeout=60)
    at.query_params["race-depth"] = "4"
    at.query_params["race-bn-of-4"] = ["1", "3"]
    assert shown(at.run())["layers"] == [1, 3]


@pytest.mark.parametrize(
    "wanted", [None, "0.3", True, math.nan, math.inf, -math.inf, 10**400, [], {"a": 1}]
)
def test_a_click_that_names_no_number_turns_nothing(monkeypatch, wanted):
    state = {"race-gain": 1.0}
    monkeypatch.setattr(knobs.st, "session_state", state)
    knobs.turn(RaceConfig, "race", {"gain": wanted, "dataset": wanted, "depth": 3})
    assert state == {"race-gain": 1.0}
    knobs.turn(RaceConfig, "race", {"gain": 0.27})
    assert state == {"race-gain": 0.3}
