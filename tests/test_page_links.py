"""Links that no page wrote: nonsense gets a sentence, and the knob stands at its default."""

import math

import pytest
from streamlit.testing.v1 import AppTest

from bnviz.experiments.settings import knobs
from tests.pages import (
    CONFIGS,
    PAGES,
    QUICK,
    ROOT,
    checked,
    default,
    moved,
    names,
    opened,
    places,
    press,
    value,
    widget,
)

pytestmark = pytest.mark.usefixtures("coarse_map")

SLIDERS = {"transform": "epsilon", "backward": "epsilon"}
"""A slider that changes the pictures, by lesson; in all others it is the learning rate."""
KNOBS = [(lesson, name) for lesson in PAGES for name in names(lesson)]


def slider(lesson):
    return SLIDERS.get(lesson, "learning_rate")


NOT_OFFERED = {
    "unknown": "banana",
    "empty of sense": "%00",
    "not a number": "nan",
    "infinite": "inf",
    "huge": "1e999",
    "negative": "-1",
    "between two options": "0.1234",
    "very long": "9" * 4000,
    "another alphabet": "\uff10.\uff11",
    "markup": "<img src=x onerror=alert(1)>",
}


class TestLinks:
    @pytest.mark.parametrize("text", NOT_OFFERED.values(), ids=list(NOT_OFFERED))
    @pytest.mark.parametrize("lesson", ["race", "backward"])
    def test_what_is_not_offered_is_answered_with_a_sentence_and_the_default(self, lesson, text):
        name = slider(lesson)
        at = opened(lesson, **{name: text})
        instead = default(lesson, name)
        assert value(at, lesson, name) == instead
        (warning,) = at.warning
        assert knobs(CONFIGS[lesson])[name].label in warning.value
        assert "not offered" in warning.value
        assert f"{instead:g}" in warning.value
        assert text[:20] in warning.value
        assert len(warning.value) < 600

    @pytest.mark.usefixtures("brief")
    @pytest.mark.parametrize("lesson", PAGES)
    def test_every_knob_answers_nonsense(self, lesson):
        at = opened(lesson, **dict.fromkeys(names(lesson), "nonsense"))
        warnings = [one.value for one in at.warning if "`nonsense`" in one.value]
        assert len(warnings) == len(names(lesson))
        for name in names(lesson):
            label = knobs(CONFIGS[lesson])[name].label
            assert any(f"“{label}”" in warning for warning in warnings), name
            assert value(at, lesson, name) == default(lesson, name)
        stood = places(at)
        press(at, "Reset")
        assert not any("`nonsense`" in one.value for one in at.warning)
        assert not moved(stood, places(at))

    def test_the_sentence_is_gone_once_the_knob_is_set(self):
        at = opened("race", learning_rate="banana")
        checked(widget(at, "race", "learning_rate").set_value(0.1).run())
        assert not at.warning

    def test_parameters_of_nobody_change_nothing(self):
        at = AppTest.from_file(ROOT / "app.py", default_timeout=120)
        for name, text in QUICK.items():
            at.query_params[f"home-{name}"] = text
        at.query_params["utm_source"] = "newsletter"
        assert not checked(at.run()).exception

    def test_layers_that_the_network_has_not(self):
        at = opened("home", **{"bn-of-2": ["1", "7"]})
        assert any("7" in one.value for one in at.warning)

    def test_numbers_are_written_in_links_as_on_the_page(self):
        for lesson, name in KNOBS:
            knob = knobs(CONFIGS[lesson])[name]
            for option in knob.options:
                assert "nan" not in knob.show(option)
                assert not isinstance(option, float) or math.isfinite(option)
