"""Two runs and their knobs: labels, presets, copies, and runs that go on."""

import json

import pytest
from streamlit.testing.v1 import AppTest

from bnviz.experiments.continuations import PIECES, written
from bnviz.experiments.lab_config import LabConfig
from bnviz.experiments.lab_knobs import ARMS, IN_COMMON, SHARED
from bnviz.experiments.settings import knobs
from bnviz.ui import arms
from bnviz.words import lab as words


def test_every_knob_of_a_run_is_on_the_page_once_for_each_arm():
    shown = [*arms.FIRST, *(name for names in arms.MORE.values() for name in names)]
    assert sorted(shown) == sorted(arms.own_knobs())
    declared = knobs(arms.Page)
    assert set(declared) == {*SHARED, *(arms.of(one, name) for one in ARMS for name in shown)}
    assert set(LabConfig.model_fields) == {
        *SHARED,
        *shown,
        "first_seed",
        "then",
        "own_data",
        "points",
    }


def test_no_two_knobs_have_the_same_name_for_those_who_listen():
    labels = [knob.label for knob in knobs(arms.Page).values()]
    assert len(set(labels)) == len(labels)
    assert {"Data", "Learning rate · A", "Learning rate · B"} <= set(labels)


def test_the_arms_start_as_the_lab_says():
    for letter, preset in ARMS.items():
        for name in arms.own_knobs():
            expected = preset.get(name, LabConfig.model_fields[name].default)
            assert arms.Page.model_fields[arms.of(letter, name)].default == expected


@pytest.mark.parametrize("one", words.CHALLENGES, ids=lambda one: one.name)
def test_a_challenge_sets_what_there_is_to_options_that_are_offered(one):
    declared = knobs(arms.Page)
    for name, value in one.setting.items():
        field = arms.Page.model_fields[name]
        assert value != field.default
        assert name not in declared or value in declared[name].options
    touched = {name[0] for name in one.setting if name[1] == "-"}
    assert touched <= {"a", "b"}


class TestContinuations:
    def test_as_many_as_can_be_used(self):
        for text, used in {
            "": "",
            "0.01x100": "0.01x100",
            "0.01x100_0.001x50": "0.01x100_0.001x50",
            "0.01x100_banana": "0.01x100",
            "banana_0.01x100": "",
            "0.01x9999": "",
            "1x100_1x4900": "1x100",  # more than 5000 steps in all
            "_".join(["1x10"] * 6): "_".join(["1x10"] * PIECES),
            "9" * 4000: "",
            "<img src=x onerror=alert(1)>": "",
        }.items():
            config, wrong = arms.usable({"normalizer": "batch"}, text)
            assert config == LabConfig(normalizer="batch", then=used), text
            assert wrong == (text != used), text

    def test_always_of_the_steps_that_are_offered_there_is_room_for_all(self):
        longest = max(knobs(LabConfig)["steps"].options)
        then = "_".join([f"0.01x{max(arms.FURTHER)}"] * PIECES)
        assert LabConfig(steps=longest, then=then).total_steps <= 5000


def lesson():
    import streamlit as st

    from bnviz.ui import arms
    from bnviz.ui.challenges import Quiz
    from bnviz.words import lab as words

    chosen, config = arms.choose()
    arms.apart(chosen)
    Quiz("lab", words.CHALLENGES).pose(config)
    st.text_input("Kept", key="lab-kept", bind="query-params")
    st.json({letter: config.model_dump() for letter, config in chosen.items()})


def page(**link):
    at = AppTest.from_function(lesson, default_timeout=60)
    for name, value in link.items():
        at.query_params[f"lab-{name.replace('__', '-')}"] = value
    return at.run()


def shown(at):
    assert not at.exception, at.exception
    return json.loads(at.json[0].value)


def press(at, label, number=0):
    [one for one in at.button if (one.label + " (").startswith(f"{label} (")][number].click()
    return at.run()


def text(at):
    return " ".join(one.value for one in (*at.markdown, *at.caption))


class TestKnobs:
    def test_start_with_plain_against_bn(self):
        at = page()
        now = shown(at)
        assert [now[letter]["normalizer"] for letter in "ab"] == ["none", "batch"]
        assert not at.warning
        assert "A and B differ in **the normalizer alone**" in text(at)

    def test_a_link_sets_both_arms_and_what_they_share(self):
        at = page(dataset="moons", a__depth="4", b__depth="20", b__normalizer="layer norm")
        now = shown(at)
        assert [now[letter]["depth"] for letter in "ab"] == [4, 20]
        assert [now[letter]["dataset"] for letter in "ab"] == ["moons", "moons"]
        assert now["b"]["normalizer"] == "layer"
        assert not at.warning
        assert "two things" in text(at)

    def test_nonsense_is_told_with_the_arm_it_is_for(self):
        at = page(b__depth="banana", seeds="nan")
        warnings = " ".join(one.value for one in at.warning)
        assert "“Hidden layers · B” = `banana`" in warnings
        assert "“Seeds” = `nan`" in warnings
        assert shown(at)["b"]["depth"] == LabConfig().depth

    def test_challenges_and_reset_set_both_arms_and_leave_what_was_kept(self):
        at = page(a__depth="4", a__then="0.01x100", kept="nbatch")
        asked = [one for one in words.CHALLENGES if not one.look]
        for number, one in enumerate(asked):
            at.query_params["lab-ask"] = str(number + 1)
            at.session_state["lab-ask"] = words.CHALLENGES.index(one) + 1
            at = at.run()
            at.button(key=f"lab-answer-{one.name}-x").click()
            self.check(shown(at.run()), one.setting)
        self.check(shown(press(at, "Reset")), {})
        assert at.text_input(key="lab-kept").value == "nbatch"

    def check(self, now, setting):
        for letter in "ab":
            for name in (*arms.own_knobs(), "then"):
                field = arms.of(letter, name)
                expected = setting.get(field, arms.Page.model_fields[field].default)
                assert now[letter][name] == expected, field

    def test_one_arm_like_the_other_and_both_for_one_another(self):
        link = {"a__depth": "4", "a__then": "0.01x100", "b__gain": "0.5"}
        before = shown(page(**link))
        swapped = shown(press(page(**link), "Swap A and B"))
        assert (swapped["a"], swapped["b"]) == (before["b"], before["a"])
        for label, source in {"Make A like B": "b", "Make B like A": "a"}.items():
            at = press(page(**link), label)
            now = shown(at)
            assert now["a"] == now["b"] == before[source]
            assert "A and B are the same" in text(at)

    def test_a_kept_run_is_loaded_with_what_the_arms_share(self, monkeypatch):
        config = LabConfig(dataset="moons", depth=4, normalizer="layer", then="0.01x50")
        fields = [arms.of(letter, name) for letter in "ab" for name in LabConfig.model_fields]
        names = [*IN_COMMON, *fields]
        state = dict.fromkeys((f"lab-{name}" for name in names), "as it was")
        monkeypatch.setattr(arms.st, "session_state", state)
        arms.load("b", config)
        for name, value in config.model_dump().items():
            assert state[f"lab-{name if name in IN_COMMON else arms.of('b', name)}"] == value
        assert state["lab-a-depth"] == "as it was"


class TestGoingOn:
    def next_rate(self, at, rate, arm="a"):
        at.select_slider(key=f"lab-{arm}-next-rate").set_value(rate)
        return at.run()

    def test_continues_at_another_rate_and_takes_it_back(self):
        at = press(page(a__learning_rate="0.1"), "Continue A")
        assert shown(at)["a"]["then"] == "0.01x100"
        assert "0.1 for 100 steps, then 0.01 for 100 steps" in text(at)
        assert shown(at)["b"]["then"] == ""
        at = press(self.next_rate(at, 0.001), "Continue A")
        assert shown(at)["a"]["then"] == "0.01x100_0.001x100"
        assert shown(press(at, "Undo · A"))["a"]["then"] == "0.01x100"
        assert shown(press(at, "Undo · A"))["a"]["then"] == ""
        assert not [button for button in at.button if "Undo" in button.label]

    def test_another_knob_leaves_it(self):
        at = page(b__then="0.01x100")
        at.select_slider(key="lab-b-learning_rate").set_value(1.0)
        now = shown(at.run())["b"]
        assert (now["learning_rate"], now["then"]) == (1.0, "0.01x100")

    def test_every_rate_can_follow(self):
        for rate in knobs(LabConfig)["learning_rate"].options:
            assert LabConfig(then=written([(rate, 100)])).pieces[-1] == (rate, 100)
        at = press(self.next_rate(page(), 0.0018, "b"), "Continue B")
        assert shown(at)["b"]["then"] == "0.0018x100"

    def test_four_are_all_and_the_button_says_so(self):
        at = page(a__then="_".join(["0.01x50"] * PIECES))
        (button,) = [one for one in at.button if one.label == "Continue A"]
        assert button.disabled
        assert "4 pieces" in button.help

    @pytest.mark.parametrize("nonsense", ["banana", "0.5x", "9" * 4000, "![x](http://a/b)", "%00"])
    def test_nonsense_gets_a_sentence(self, nonsense):
        at = page(a__then=nonsense)
        (warning,) = at.warning
        assert "Continuations · A" in warning.value
        assert "`0.01x100`" in warning.value
        assert nonsense not in warning.value
        assert shown(at)["a"]["then"] == ""
        assert shown(press(at, "Continue A"))["a"]["then"] == "0.01x100"
        assert not at.warning

    def test_the_good_part_is_used(self):
        at = page(a__then="0.01x100_banana")
        assert shown(at)["a"]["then"] == "0.01x100"
        assert "then 0.01 for 100 steps" in at.warning[0].value
