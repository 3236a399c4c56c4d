"""How long a script is: where a lesson opens; and where many knobs are turned at once, a bound."""

import re
import sys
from random import Random

import pytest

from bnviz.experiments.bounds import TooLargeError
from bnviz.experiments.data_knobs import DATA_KNOBS
from bnviz.experiments.relatives import KINDS, RelativesConfig
from bnviz.experiments.settings import knobs
from bnviz.script.comparison import LESSONS
from bnviz.script.text import script
from bnviz.ui.course import lesson
from tests.own import carried
from tests.script.test_text import LINK, opened

TURNED = 0.6  # of the knobs
SETTINGS = 30  # of each lesson
ALIKE = (*DATA_KNOBS, "own_data", "steps", "seeds", "first_seed")  # of both runs in the lab
LONGEST = {"lab": 165}  # two runs with nothing alike
OTHERWISE = 140
TOO_LONG = "# Too long for here, but in the notebook: "


def odd(name, random):
    """The Configs of a lesson, with most knobs turned; its size as it opens."""
    first, *others = opened(name)
    made = [_turned(one, random) for one in (first, *others)]
    for place in range(1, len(made)):
        shared = {field: getattr(made[0], field) for field in ALIKE if hasattr(made[0], field)}
        made[place] = type(first)(**made[place].model_dump() | shared)
    return made


def _turned(config, random):
    chosen = {
        field: random.choice(knob.options)
        for field, knob in knobs(type(config)).items()
        if random.random() < TURNED and field not in ("depth", "width", "seeds")
    }
    return type(config)(**carried(config.model_dump() | chosen))


@pytest.mark.parametrize("name", LESSONS)
def test_where_a_lesson_opens_it_has_under_120_lines(name):
    text = script(name, lesson(name).question, *opened(name), link=LINK)
    assert len(text.splitlines()) < 120


def networks(text):
    return re.findall(r'^    "(\w+)": {', text, re.MULTILINE)


@pytest.mark.parametrize(
    ("side", "left"),
    [
        (1, {"switchable": "switchable norm", "renorm": "batch renormalization"}),
        (4, {"switchable": "switchable norm"}),  # no class for a map of one pixel: there is room
    ],
)
def test_of_the_relatives_it_has_as_many_as_there_is_room_for_and_names_the_others(side, left):
    config = RelativesConfig(side=side)
    text = script("relatives", "Who?", config, link=LINK)
    assert networks(text) == [kind for kind in KINDS if kind not in left]
    assert f"{TOO_LONG}{', '.join(left.values())}.\n" in text
    whole = script("relatives", "Who?", config, link=LINK, whole=True)
    assert networks(whole) == [*KINDS]
    assert TOO_LONG not in whole
    assert len(whole.splitlines()) >= 120


@pytest.mark.parametrize("name", [name for name in LESSONS if name != "relatives"])
def test_no_other_lesson_leaves_a_network_out(name):
    every = [script(name, "Who?", *opened(name), whole=whole) for whole in (False, True)]
    assert every[0] == every[1]


@pytest.mark.parametrize("name", LESSONS)
def test_odd_settings_stay_within_a_bound(name):
    random, lengths = Random(name), []
    while len(lengths) < SETTINGS:
        try:
            text = script(name, "Who?", *odd(name, random))
        except (ValueError, TooLargeError):  # not offered together, or too much for a visitor
            continue
        compile(text, name, "exec")
        assert max(map(len, text.splitlines())) <= 100
        lengths.append(len(text.splitlines()))
    sys.stdout.write(f"{name}: {max(lengths)} lines\n")  # shown with -s
    assert max(lengths) <= LONGEST.get(name, OTHERWISE)
