"""Every page, with every option of every knob: it answers, and never with an exception."""

import pytest

from bnviz.experiments.settings import knobs
from tests.pages import CONFIGS, PAGES, checked, moved, names, opened, places, value, widgets

pytestmark = pytest.mark.usefixtures("coarse_map")

SIZES = (
    ("depth", "batch_size", "seeds"), ("steps", "width"),
    ("a-depth", "a-batch_size"), ("b-depth", "b-batch_size"), ("a-width", "b-width"),
)  # fmt: skip
"""Knobs of size: the large options of the first meet the small ones of the second, and the other
groups stay small meanwhile, to stay quick."""


def sizes(lesson):
    """One group of knobs of size after the other, each through all options of its knobs."""
    for group in SIZES:
        there = [name for name in group if name in names(lesson)]
        offered = [knobs(CONFIGS[lesson])[name].options for name in there]
        for turn in range(max(map(len, offered), default=0)):
            places = (turn, -1 - turn, turn)
            yield {
                name: options[place % len(options)]
                for name, options, place in zip(there, offered, places, strict=False)
            }


def walk(lesson):
    """Every option of every knob, in hardly more settings than the richest knob has options."""
    of_size = list(sizes(lesson))
    free = [name for name in names(lesson) if not any(name in group for group in SIZES)]
    offered = {name: knobs(CONFIGS[lesson])[name].options for name in free}
    for turn in range(max([len(of_size), *map(len, offered.values())])):
        setting = {name: options[turn % len(options)] for name, options in offered.items()}
        if "scaling" in setting:  # once around with all data for each, or the raw ones are all wild
            around = turn // len(offered["dataset"])
            setting["scaling"] = offered["scaling"][around % 2]
        yield setting | (of_size[turn] if turn < len(of_size) else {})


def turn(at, widget, option):
    """As a reader does; a greyed knob as a link does, which may ask for what has no effect."""
    if widget.disabled:
        at.session_state[widget.key] = option
    else:
        widget.set_value(option)


@pytest.mark.usefixtures("briefer")
@pytest.mark.parametrize("lesson", PAGES)
def test_every_option_of_every_knob_is_trained_and_shown(lesson):
    at = opened(lesson)
    small = {name: value(at, lesson, name) for name in names(lesson)}
    tried = {name: set() for name in names(lesson)}
    stood = places(at)
    for setting in walk(lesson):
        shown = widgets(at)
        for name, option in (small | setting).items():
            turn(at, shown[f"{lesson}-{name}"], option)
        shown = widgets(checked(at.run()))
        for name, option in setting.items():
            knob = shown[f"{lesson}-{name}"]
            if not knob.disabled:  # what was set together with what greys it is dropped
                assert knob.value == option, setting
                tried[name].add(option)
        assert not moved(stood, places(at)), setting
    for name, options in tried.items():
        assert options == set(knobs(CONFIGS[lesson])[name].options), name
