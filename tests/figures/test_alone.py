"""The pictures of alone. That every picture is accepted, light and in step: test_figures."""

import numpy as np
import pytest

from bnviz.experiments.alone import EDGES, OFF
from bnviz.figures import LIGHT
from bnviz.figures import alone as pictures
from tests.figures.parts import unpacked
from tests.made.alone import made


def test_each_curve_is_named_with_its_accuracy_and_the_key_tells_the_shares():
    figure = pictures.accuracy(made(), LIGHT)
    assert [name.split("<b>")[1] for name in figure["data"][-1]["text"]] == [
        "γ and β: 90 %</b>", "output: 50 %</b>", "random: 80 %</b>", "all: 96 %</b>",
    ]  # fmt: skip
    first = figure["frames"][0]["data"][-1]["text"]
    assert {name.split("<b>")[1].split(": ")[1] for name in first} == {"10 %</b>"}
    (key,) = figure["layout"]["annotations"]
    assert key["text"] == "share trained: ★ 3.2 %, ■ 9 %, ▲ 3.2 %, ● 100 %"


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


def some_sizes():
    large = made(trained=(80, 160, 80, 1600), width=16, affine=(0.95, 0.95))
    return [made(trained=(10, 20, 10, 100), width=8), large]


def test_lines_go_from_small_networks_to_large_ones():
    by_size, by_share = pictures.sizes(some_sizes(), LIGHT, "width")
    assert [unpacked(trace["x"]).tolist() for trace in by_size["data"]] == [[3, 4]] * 4
    assert by_size["data"][-1]["text"][1] == "width 16, 80 numbers trained"
    np.testing.assert_allclose(unpacked(by_size["data"][-1]["y"]), [0.9, 0.95], rtol=1e-6)
    shares = {trace["name"]: unpacked(trace["x"]) for trace in by_share["data"][:4]}
    np.testing.assert_allclose(shares["γ and β"], [0.1, 0.05], rtol=1e-6)
    np.testing.assert_allclose(shares["all"], [1, 1])


def test_both_ends_of_the_line_in_question_are_named_on_their_outer_sides():
    told = pictures.by_share(some_sizes(), LIGHT, "width")["data"][-1]
    assert [name.strip() for name in told["text"]] == ["width 8", "width 16"]
    assert told["textposition"] == ["middle right", "middle left"]
    deep = [made(depth=1), made(depth=2)]
    told = pictures.by_share(deep[:1], LIGHT, "depth")["data"][-1]
    assert [name.strip() for name in told["text"]] == ["depth 1"]
