"""The pictures of BN's relatives: what is lit, what stands where."""

import base64
import re

import numpy as np
import pytest

from bnviz.experiments import relatives
from bnviz.figures import DARK, LIGHT
from bnviz.figures import relatives as pictures
from bnviz.figures.theme import LABEL
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
        written = f"mean <b>{values.mean():.2f}</b>, variance <b>{values.var():.2f}</b>"
        assert written.replace("-0.00", "0.00") in frame["data"][1]["text"][0].replace(
            "-0.00", "0.00"
        )


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


def test_the_ladder_has_every_network_with_its_numbers(of):
    figure = pictures.ladder(of, LIGHT)
    ticks = figure["layout"]["yaxis"]["ticktext"]
    for kind, tick in zip(pictures.ROWS, ticks, strict=True):
        assert LABEL[kind] in tick
        assert LIGHT.colour(kind) in tick
    assert set(pictures.ROWS) == set(relatives.KINDS)
    assert "1 number" in ticks[pictures.ROWS.index("instance")]
    for column, frame in enumerate(figure["frames"]):
        middles = [np.median(of.accuracy[kind][:, column]) for kind in pictures.ROWS]
        np.testing.assert_allclose(numbers(frame["data"][1]["x"]), middles, atol=1e-6)


def test_errors_stand_at_their_batch_size(of):
    config = of.config.model_copy(update={"batch_size": 2})
    small = relatives.RelativesResult(**vars(of) | {"config": config})
    figure = pictures.by_size([of, small], LIGHT)
    for trace, kind in zip(figure["data"], pictures.ROWS, strict=True):
        np.testing.assert_allclose(numbers(trace["x"]), np.log2([2, 32]), rtol=1e-6)
        np.testing.assert_allclose(numbers(trace["y"]), 1 - of.ends(kind), atol=1e-6)


def test_the_published_numbers_are_those_of_the_paper():
    data = pictures.published(LIGHT)["data"]
    at_32 = {trace["name"]: float(numbers(trace["y"])[-1]) for trace in data if "name" in trace}
    wanted = {"BN": 0.236, "group norm": 0.241, "layer norm": 0.253, "instance norm": 0.284}
    assert at_32 == pytest.approx(wanted)


def test_the_look_is_the_themes(of):
    for theme in (LIGHT, DARK):
        figure = pictures.curves(of, theme)
        lines = [trace for trace in figure["data"] if "color" in trace.get("line", {})]
        drawn = {line["name"]: line["line"]["color"] for line in lines if "name" in line}
        assert drawn["instance norm"] == theme.instance


def test_the_key_has_room_on_a_phone(of):
    (key,) = (
        note["text"]
        for note in pictures.by_size([of], LIGHT)["layout"]["annotations"]
        if all(LABEL[kind] in note["text"] for kind in relatives.KINDS)
    )
    rows = [re.sub("<[^>]*>", "", row) for row in key.split("<br>")]
    assert len(rows) > 1
    assert max(map(len, rows)) <= 37  # wider ones were cut at 390 pixels
