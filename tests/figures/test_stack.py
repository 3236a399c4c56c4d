"""The stack of maps: what is lit, and what a click chooses."""

import base64

import numpy as np
import pytest

from bnviz.experiments import relatives
from bnviz.figures import LIGHT
from bnviz.figures import stack as pictures
from tests.samples import tiny


@pytest.fixture(scope="module")
def of():
    return relatives.run(tiny("relatives"))


def numbers(spec):
    array = np.frombuffer(base64.b64decode(spec["bdata"]), spec["dtype"])
    return array.reshape([int(n) for n in spec["shape"].split(",")]) if "shape" in spec else array


LIT = {
    "batch": lambda s, c: c == 5,
    "renorm": lambda s, c: c == 5,
    "layer": lambda s, c: s == 2,
    "instance": lambda s, c: s == 2 and c == 5,
    "group": lambda s, c: s == 2 and c in (4, 5, 6, 7),
    "switchable": lambda s, c: s == 2 or c == 5,
}


@pytest.mark.parametrize("kind", LIT)
def test_lit_are_the_maps_that_share_a_mean(of, kind):
    expected = [[LIT[kind](s, c) for c in range(8)] for s in range(6)]
    np.testing.assert_array_equal(pictures.lit(of, kind, 2, 5), expected)
    figure = pictures.stack(of, LIGHT, kind, (2, 5))
    tones = numbers(figure["data"][0]["z"])
    for s in range(6):
        for c in range(8):
            tile = tones[9 * s : 9 * s + 8, 9 * c : 9 * c + 8]
            assert (tile >= pictures.TONES).all() == expected[s][c]
    assert (tones[8] == 2 * pictures.TONES + 1).all()


@pytest.mark.parametrize("kind", ["layer", "group", "instance", "batch"])
def test_what_is_lit_has_the_mean_and_the_variance_that_are_written(of, kind):
    together = pictures.lit(of, kind, 2, 5)
    for column, frame in enumerate(pictures.stack(of, LIGHT, kind, (2, 5))["frames"]):
        values = of.maps[kind][column][together]
        mean = f"{values.mean():.2f}".replace("-0.00", "0.00").replace("-", "−")
        written = f"mean <b>{mean}</b>, variance <b>{values.var():.2f}</b>"
        assert written in frame["data"][1]["text"][0]


def test_a_higher_value_has_a_higher_tone_and_the_normalized_are_normalized(of):
    before, after = pictures.stacks(of, LIGHT, "instance", (0, 0))
    tile = numbers(before["data"][0]["z"])[:8, :8]
    values = of.maps["instance"][-1, 0, 0]
    order = np.argsort(values.ravel())
    assert (np.diff(tile.ravel()[order].astype(int)) >= 0).all()
    middle = pictures.TONES + (pictures.TONES - 1) / 2
    tile = numbers(after["data"][0]["z"])[:8, :8].astype(float)
    assert abs(tile.mean() - middle) < 4


def test_a_click_chooses_a_map(of):
    figure = pictures.stack(of, LIGHT, "batch", (2, 5))
    (outline,) = figure["layout"]["shapes"]
    x, y = (outline["x0"] + outline["x1"]) / 2, (outline["y0"] + outline["y1"]) / 2
    assert pictures.chosen([x, y], of) == {"sample": "3", "channel": "6"}
    assert pictures.chosen([1e9, -1e9], of) == {"sample": "6", "channel": "8"}
    for odd in ([], ["a", 1], [float("nan"), 1], [None, None], [1, 2, 3], [10**400, 1]):
        assert pictures.chosen(odd, of) == {}
