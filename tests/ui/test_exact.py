"""Exact links: what stands in them is what the page's own knobs would write."""

from urllib.parse import parse_qs, urlsplit

import pytest

from bnviz.experiments.settings import knobs
from bnviz.ui import exact, options
from bnviz.ui.foreseen import challenges_of
from tests.samples import LESSONS

ALL = [
    (lesson, number) for lesson in LESSONS for number in range(1, len(challenges_of(lesson)) + 1)
]


def read(lesson, parameters):
    """The setting that a page with these parameters would take, as its own widgets read it."""
    declared = knobs(exact.config_of(lesson))
    values = {}
    for name, texts in parameters.items():
        own = name.removeprefix(f"{lesson}-")
        if own in declared:
            (text,) = texts
            (value,) = [one for one in declared[own].options if declared[own].show(one) == text]
            values[own] = value
        elif own.startswith("bn-of-"):
            values["normalized"] = tuple(map(int, texts))
        elif own.endswith("-then"):
            values[own] = texts[0]
    return exact.config_of(lesson)(**values)


@pytest.mark.parametrize(("lesson", "number"), ALL)
class TestOfEveryQuestion:
    def test_the_answer_s_link_has_its_setting_and_says_that_it_is_answered(self, lesson, number):
        challenge = challenges_of(lesson)[number - 1]
        link = exact.answered(lesson, number)
        assert read(lesson, link) == exact.config_of(lesson)(**challenge.setting)
        assert link[f"{lesson}-ask"] == [str(number)]
        assert link[f"{lesson}-said"] == ["x"]
        assert not challenge.opens or link[f"{lesson}-{challenge.opens}"] == ["true"]

    def test_the_question_s_link_does_not_answer_it(self, lesson, number):
        challenge = challenges_of(lesson)[number - 1]
        link = exact.asked(lesson, number)
        assert f"{lesson}-said" not in link
        asked_from = exact.config_of(lesson)(**challenge.setting if challenge.look else {})
        assert read(lesson, link) == asked_from


def test_toggles_of_layers_and_what_is_typed_stand_there_as_the_page_writes_them():
    assert exact.at_setting("home", {"normalized": (2, 7), "learning_rate": 1.0}) == {
        "home-bn-of-8": ["2", "7"],
        "home-learning_rate": ["1"],
    }
    assert exact.at_setting("home", {"normalized": (2,), "depth": 4})["home-bn-of-4"] == ["2"]
    assert exact.at_setting("lab", {"a-then": "1x100"}) == {"lab-a-then": ["1x100"]}


def test_which_question_a_challenge_is():
    assert exact.position("home", challenges_of("home")[0].name) == 1
    assert exact.position("lab", challenges_of("lab")[-1].name) == len(challenges_of("lab"))
    with pytest.raises(ValueError, match="nobody"):
        exact.position("lab", "nobody")


class TestAddress:
    def test_is_that_of_the_lesson_with_all_values(self):
        link = exact.address("home", exact.at_setting("home", {"normalized": (2, 7)}))
        assert link == "./?home-bn-of-8=2&home-bn-of-8=7"
        assert exact.address("race", {}) == "race"

    def test_carries_the_page_s_options_unless_it_is_told_others(self, monkeypatch):
        monkeypatch.setattr(options, "kept", lambda: (("present", "1"), ("room", "ABCDEF")))
        link = urlsplit(exact.address("race", {"race-ask": ["2"]}, present="", ask="1"))
        assert link.path == "race"
        assert parse_qs(link.query) == {"race-ask": ["2"], "room": ["ABCDEF"], "ask": ["1"]}
