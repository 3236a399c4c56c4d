"""Greyed knobs, and the reason behind their question mark."""

import pytest

from bnviz.words.data_knobs import IDLE
from tests.pages import widget
from tests.ui.test_knobs import page, shown


def states(at):
    return {name: widget(at, "race", name).disabled for name in ("scaling", "point_noise")}


@pytest.mark.parametrize(
    ("dataset", "scaling", "point_noise"),
    [
        ("digits", "one unit", "measured"),
        ("moons", "one unit", None),
        ("checkerboard", "one unit", "evenly filled"),
        ("wine", None, "measured"),
    ],
)
def test_what_has_no_effect_is_greyed_and_says_why(dataset, scaling, point_noise):
    at = page(race__dataset=dataset)
    for name, reason in (("scaling", scaling), ("point_noise", point_noise)):
        found = widget(at, "race", name)
        assert found.disabled is (reason is not None)
        assert (found.help in IDLE.values()) is found.disabled
        assert reason is None or found.help == IDLE[reason]


def test_a_choice_of_other_data_greys_and_ungreys():
    at = page(race__dataset="wine", race__scaling="raw")
    assert states(at) == {"scaling": False, "point_noise": True}
    widget(at, "race", "dataset").set_value("moons")
    at.run()
    assert states(at) == {"scaling": True, "point_noise": False}
    widget(at, "race", "dataset").set_value("wine")
    assert shown(at.run())["config"]["scaling"] == "raw"  # it has waited


def test_the_knobs_of_the_data_stand_where_the_data_set_does():
    config = shown(page(race__wrong_labels="20 %", race__train_size="128"))["config"]
    assert (config["wrong_labels"], config["train_size"]) == (0.2, 128)


@pytest.mark.parametrize(
    ("name", "asked"),
    [("dataset", "mnist"), ("dataset", "xor"), ("scaling", "none"), ("point_noise", "0.7×"),
     ("train_size", "1000"), ("wrong_labels", "30 %")],
)  # fmt: skip
def test_what_a_link_may_not_ask_for_is_named(name, asked):
    at = page(**{f"race__{name}": asked})
    (warning,) = [one.value for one in at.warning]
    assert f"`{asked}`, which is not offered" in warning
    assert shown(at)["config"][name] != asked
