"""The pictures of BN's relatives: what stands where."""

import base64
import re
from dataclasses import replace

import numpy as np
import pytest

from bnviz.experiments import relatives
from bnviz.figures import DARK, LIGHT
from bnviz.figures import relatives as pictures
from bnviz.figures.theme import LABEL
from bnviz.verdicts.relatives import end
from tests.samples import tiny


@pytest.fixture(scope="module")
def of():
    return relatives.run(tiny("relatives"))


def numbers(spec):
    array = np.frombuffer(base64.b64decode(spec["bdata"]), spec["dtype"])
    return array.reshape([int(n) for n in spec["shape"].split(",")]) if "shape" in spec else array


def test_the_ladder_has_every_network_with_its_numbers(of):
    figure = pictures.ladder(of, LIGHT)
    ticks = figure["layout"]["yaxis"]["ticktext"]
    for kind, tick in zip(pictures.ROWS, ticks, strict=True):
        assert LABEL[kind] in tick
        assert LIGHT.colour(kind) in tick
    assert set(pictures.ROWS) == set(relatives.KINDS)
    assert ticks[pictures.ROWS.index("instance")].endswith("· 1")
    assert ticks[pictures.ROWS.index("switchable")].endswith("· mixed")
    for column, frame in enumerate(figure["frames"]):
        middles = [np.median(of.accuracy[kind][:, column]) for kind in pictures.ROWS]
        np.testing.assert_allclose(numbers(frame["data"][1]["x"]), middles, atol=1e-6)


def test_curves_grow_with_the_clock_and_tell_nothing_of_what_comes(of):
    figure = pictures.curves(of, LIGHT)
    lines = [t for t in figure["data"] if t["mode"] == "lines" and "fill" not in t]
    assert [line["name"] for line in lines] == [LABEL[kind] for kind in pictures.CURVES]
    first = figure["data"].index(lines[0])
    for column, frame in enumerate(figure["frames"]):
        for kind, line in zip(pictures.CURVES, frame["data"][first:], strict=False):
            middles = np.median(of.accuracy[kind][:, : column + 1], axis=0)
            np.testing.assert_allclose(numbers(line["y"]), middles, atol=1e-6)


def test_errors_stand_at_their_batch_size(of):
    config = of.config.model_copy(update={"batch_size": 2})
    small = replace(of, config=config)
    figure = pictures.by_size([of, small], LIGHT)
    for trace, kind in zip(figure["data"], pictures.ROWS, strict=True):
        np.testing.assert_allclose(numbers(trace["x"]), np.log2([2, 32]), rtol=1e-6)
        np.testing.assert_allclose(numbers(trace["y"]), 1 - end(of, kind), atol=1e-6)


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
