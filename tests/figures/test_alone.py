"""The pictures of alone. That every picture is accepted, light and in step: test_figures."""

import numpy as np
import pytest

from bnviz.experiments.alone import EDGES, OFF
from bnviz.figures import LIGHT
from bnviz.figures import alone as pictures
from tests.figures.parts import unpacked
from tests.made.alone import made


def test_each_curve_is_named_with_its_share():
    names = pictures.accuracy(made(), LIGHT)["data"][-1]["text"]
    assert [name.split("<b>")[1] for name in names] == [
        "γ and β: 3.2 %</b>", "output: 9 %</b>", "random: 3.2 %</b>", "all: 100 %</b>",
    ]  # fmt: skip


def test_at_the_first_step_nothing_tells_the_end():
    first = pictures.accuracy(made(), LIGHT)["frames"][0]["data"]
    for trace in first[4:8]:
        assert unpacked(trace["x"]).tolist() == [0]
    assert len({round(float(y), 2) for y in unpacked(first[8]["y"])}) == 1


def test_names_do_not_stand_on_each_other():
    same = (0.9, 0.9)
    figure = pictures.accuracy(made(same, same, same, same), LIGHT)
    heights = np.sort(unpacked(figure["data"][-1]["y"]))
    assert (np.diff(heights) > 0.05).all()


def test_four_looks_differ_without_their_colour():
    looks = list(pictures.looks(LIGHT).values())
    for part in ("dash", "symbol", "glyph"):
        assert len({getattr(look, part) for look in looks}) == 4


def test_the_bars_follow_the_clock_and_say_how_many_are_off():
    figure = pictures.gammas(made(off=(0.1, 0.0)), LIGHT, EDGES, OFF)
    assert figure["data"][2]["text"] == ["<b>10.0 %</b> off"]
    assert figure["frames"][0]["data"][2]["text"] == ["<b>0.0 %</b> off"]
    assert unpacked(figure["data"][0]["y"]).sum() == pytest.approx(1)
    nothing = pictures.gammas(made(affine=(np.nan, np.nan)), LIGHT, EDGES, OFF)
    assert nothing["data"][2]["text"] == ["diverged"]


def test_widths_stand_in_the_order_of_their_numbers():
    some = [made(trained=(80, 160, 80, 900)), made(trained=(10, 20, 10, 100))]
    data = pictures.widths(some, LIGHT)["data"]
    assert [unpacked(trace["x"]).tolist() for trace in data] == [
        [10, 80], [20, 160], [10, 80], [100, 900],
    ]  # fmt: skip
