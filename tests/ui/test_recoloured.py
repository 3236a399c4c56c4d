"""A figure drawn in one theme, given the colours of another by the browser, is that other's."""

import json
import re

import pytest

from bnviz.figures import DARK, LIGHT
from bnviz.figures.ahead import ahead
from bnviz.figures.written import written
from bnviz.ui.pictures import RECOLOUR
from tests.browser import IN_A_BROWSER
from tests.figures.pictures import PICTURES
from tests.figures.results import kinds, result

pytestmark = [*IN_A_BROWSER, pytest.mark.usefixtures("coarse_map")]

NUMBER = re.compile(r"#[0-9A-Fa-f]{6}|\d+(?:\.\d+)?")
ROUNDED = 3  # of a channel's 255: a mixture is unmixed and mixed again, each time rounded
OTHERS = {"race": ("tiny", "on the plane"), "activations": ("tiny", "some diverged")}


def recoloured(tab, figure, theme):
    code = f"([figure, theme]) => {{ {RECOLOUR}\n return recoloured(figure, theme) }}"
    return tab.evaluate(code, [json.loads(written(figure)), theme])


def same(one, other):
    """Whether two parts of figures are equal, but for the rounding of colours."""
    if isinstance(one, dict) and isinstance(other, dict):
        assert one.keys() == other.keys()
        return all(same(one[name], other[name]) for name in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, str) and isinstance(other, str) and one != other:
        apart = [channels(text) for text in (one, other)]
        assert NUMBER.sub("", one) == NUMBER.sub("", other), (one, other)
        assert len(apart[0]) == len(apart[1])
        assert all(abs(a - b) <= ROUNDED for a, b in zip(*apart, strict=True)), (one, other)
        return True
    assert one == other or one == pytest.approx(other), (one, other)  # 1e17 travels as a float
    return True


def channels(text):
    found = []
    for number in NUMBER.findall(text):
        is_hex = number.startswith("#")
        found += [int(number[i : i + 2], 16) for i in (1, 3, 5)] if is_hex else [float(number)]
    return found


def every(lesson, of, theme):
    first = {"ahead": ahead(of, theme)} if lesson == "landscape" else {}
    return PICTURES[lesson](of, theme) | first


@pytest.mark.parametrize("lesson", PICTURES)
def test_every_picture_of_the_dark_is_that_of_the_light(tab, lesson):
    for kind in OTHERS.get(lesson, [next(iter(kinds(lesson)))]):
        of = result(lesson, kind)
        light, dark = (every(lesson, of, theme) for theme in (LIGHT, DARK))
        for name, figure in dark.items():
            wanted = json.loads(written(light[name]))
            assert same(recoloured(tab, figure, "light"), wanted), name
            back = recoloured(tab, light[name], "dark")
            assert same(back, json.loads(written(figure))), name
