"""The pictures of collapse. That every picture is accepted, light and in step: test_figures."""

import numpy as np

from bnviz.figures import DARK, LIGHT
from bnviz.figures import collapse as pictures
from tests.figures.parts import unpacked
from tests.made.collapse import made


def test_the_curves_are_as_wide_as_the_run_and_as_high_as_its_losses():
    figure = pictures.loss(made(), LIGHT)
    across, up = figure["layout"]["xaxis"], figure["layout"]["yaxis"]
    assert across["range"][0] < 0
    assert across["range"][1] > 8
    low, high = np.power(10, up["range"])
    assert low < 0.2
    assert high > 2.3


def test_a_part_of_the_steps_ends_earlier_and_stands_still_from_then_on():
    whole, part = (pictures.loss(made(), LIGHT, share) for share in (1.0, 0.5))
    ends = [one["layout"]["xaxis"]["range"][1] for one in (whole, part)]
    assert ends[0] == 2 * ends[1]
    first, middle, last = (one["data"] for one in part["frames"])
    assert first != middle == last


def test_at_the_first_step_no_curve_tells_the_end():
    first = pictures.loss(made(), LIGHT)["frames"][0]["data"]
    lines = [unpacked(one["x"]) for one in first if "bdata" in one["x"]]
    assert lines
    assert all(np.nanmax(line) == 0 for line in lines)


def test_each_theme_has_its_own():
    assert pictures.loss(made(), LIGHT) != pictures.loss(made(), DARK)
