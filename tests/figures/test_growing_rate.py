"""The picture of a growing learning rate. That it is accepted, in both themes: test_figures."""

import numpy as np

from bnviz.figures import LIGHT
from bnviz.figures.growing_rate import LOST, growing
from tests.figures.parts import unpacked
from tests.made.growing_rate import made

NAN = np.nan


def crosses(*results):
    return [trace for trace in growing(results, LIGHT)["data"] if trace.get("name") == LOST]


def test_a_curve_ends_with_a_cross_where_most_seeds_are_lost():
    (cross,) = crosses(made(plain=(NAN, NAN)))
    assert unpacked(cross["x"]).tolist() == [200]
    assert not crosses(made(plain=(0.9, 0.9)))


def test_both_columns_share_the_axis_of_the_rates():
    axes = growing([made(), made(decay=0.1)], LIGHT)["layout"]
    assert axes["yaxis2"]["range"] == axes["yaxis4"]["range"]
    assert 10 ** axes["yaxis2"]["range"][1] > made(decay=0.1).rate[-1]


def test_the_titles_are_in_two_digits():
    told = [note["text"] for note in growing([made(decay=0.1)], LIGHT)["layout"]["annotations"]]
    assert "to a rate of 310" in told
