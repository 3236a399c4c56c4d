"""How long a script becomes where many knobs are turned at once: a bound, over odd settings."""

import sys
from random import Random

import pytest

from bnviz.experiments.bounds import TooLargeError
from bnviz.experiments.data_knobs import DATA_KNOBS
from bnviz.experiments.settings import knobs
from bnviz.script.comparison import LESSONS
from bnviz.script.text import script
from tests.own import carried
from tests.script.test_text import opened

TURNED = 0.6  # of the knobs
SETTINGS = 30  # of each lesson
ALIKE = (*DATA_KNOBS, "own_data", "steps", "seeds", "first_seed")  # of both runs in the lab
LONGEST = {"relatives": 185, "lab": 190}  # all modules at once, or two runs with nothing alike
OTHERWISE = 145


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
