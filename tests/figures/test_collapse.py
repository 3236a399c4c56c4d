"""The pictures of collapse. That every picture is accepted, light and in step: test_figures."""

import numpy as np

from bnviz.figures import LIGHT
from bnviz.figures import collapse as pictures
from tests.figures.parts import unpacked
from tests.made.collapse import made, trained


def test_above_each_map_stands_the_mean_that_the_curve_shows():
    figure = pictures.maps(made(), LIGHT)
    told = [trace["text"][0] for trace in figure["data"][2:]]
    assert told == ["<b>mean 0.98</b>", "<b>mean 0.33</b>"]
    assert figure["frames"][0]["data"][2]["text"] == ["<b>mean 0.00</b>"]
    nothing = pictures.maps(made(plain=(np.nan, np.nan)), LIGHT)
    assert nothing["data"][2]["text"] == [pictures.NOTHING]


def test_the_classes_stand_at_the_middle_of_their_samples():
    across = pictures.maps(made(), LIGHT)["layout"]["xaxis"]
    assert across["tickvals"] == [0.5, 2.0, 3.0]
    assert across["ticktext"] == ["0", "1", "3"]


def test_curves_grow_with_the_layers():
    figure = pictures.curves(made(), LIGHT)
    lengths = [len(unpacked(frame["data"][1]["x"])) for frame in figure["frames"]]
    assert lengths == [1, 2, 3]


def test_what_lies_below_zero_has_room():
    low = pictures.curves(made(plain=(-0.5, -0.5)), LIGHT)["layout"]["yaxis"]["range"][0]
    assert low < -0.5


def test_the_dotted_line_is_one_over_pi_for_relu_alone():
    relu, tanh = (
        unpacked(pictures.curves(made(activation=name), LIGHT)["data"][0]["y"])
        for name in ("relu", "tanh")
    )
    np.testing.assert_allclose(relu, 1 / np.pi, rtol=1e-6)
    np.testing.assert_allclose(tanh, 0)
    named = [pictures.curves(made(activation=name), LIGHT)["data"][1] for name in ("relu", "tanh")]
    assert [one.get("text") for one in named] == [["dotted: 1/π ≈ 0.32"], None]


def test_each_half_is_named_at_its_end():
    figure = pictures.halves(made(), LIGHT)
    names = [trace["text"][0] for trace in figure["data"] if trace.get("mode") == "text"]
    assert all(any(name in told for told in names) for name in pictures.HALVES.values())


def test_directions_stand_with_nothing_left():
    empty = made(directions=(np.nan, np.nan))
    assert pictures.directions(empty, LIGHT)["layout"]["yaxis"]["range"][1] > 0


def test_the_trained_pair_shows_cosine_above_accuracy():
    figure = pictures.trained(trained(), LIGHT)
    assert figure["layout"]["yaxis"]["domain"][0] > figure["layout"]["yaxis2"]["domain"][1]
