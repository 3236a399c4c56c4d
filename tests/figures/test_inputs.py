"""The network's input: the pictures draw the ground and the rates at their places."""

import numpy as np
import pytest

from bnviz.experiments import inputs
from bnviz.figures import LIGHT, drawn
from bnviz.figures import inputs as pictures
from tests.figures.parts import unpacked
from tests.made.inputs import wild


@pytest.mark.parametrize("name", ["digits", "moons"])
class TestGround:
    def test_the_height_is_the_loss_above_the_lowest(self, name):
        one = inputs.ground(wild(name))
        figure = pictures.ground(one, np.array([0, 1, 5]), LIGHT)
        for kind in range(2):
            hills = figure["data"][kind]
            x, y, z = (unpacked(hills[key]).astype(float) for key in "xyz")
            for row, column in ((0, 3), (10, 40), (22, 21)):
                away = np.array([x[column], y[row]]) - one.middle[kind]
                above = 0.5 * away @ one.curvature[kind] @ away
                held = max(above, pictures.HEIGHTS[0])
                assert z[row, column] == pytest.approx(np.log10(held), abs=1e-3)

    def test_the_walker_follows_the_clock_inside_the_picture(self, name):
        one, steps = inputs.ground(wild(name)), np.array([0, 1, 5])
        figure = pictures.ground(one, steps, LIGHT)
        drawn({"data": figure["data"], "layout": figure["layout"]})
        walk_ = one.walk(steps)
        for column, frame in enumerate(figure["frames"]):
            for kind, moved in enumerate(frame["data"]):
                here = [unpacked(moved[key])[0] for key in "xy"]
                np.testing.assert_allclose(here, walk_[kind, column], rtol=1e-5)
                for axis, value in zip("xy", here, strict=True):
                    low, high = figure["layout"][f"{axis}axis{kind + 1}"]["range"]
                    assert low < value < high


def test_the_sweep_draws_the_arms_that_are_done():
    rates = np.array(inputs.RATES)
    accuracy = np.linspace(0, 1, 2 * len(rates)).reshape(-1, 2).astype(np.float32)
    accuracy[0] = np.nan
    done = [
        inputs.InputResult(
            config=inputs.InputConfig(arm=arm),
            rates=rates,
            accuracy=accuracy,
            stable=np.ones(2),
        )
        for arm in inputs.ARMS
    ]
    for some in (done, done[:1]):
        figure = pictures.sweep(some, LIGHT)
        drawn({"data": figure["data"], "layout": figure["layout"]})
        lines = [t for t in figure["data"] if t["mode"] == "lines+markers"]
        assert [t["name"] for t in lines] == [one.config.arm for one in some]
        assert unpacked(lines[0]["y"])[0] == 0
        np.testing.assert_allclose(unpacked(lines[0]["y"])[1:], accuracy[1:].mean(1), rtol=1e-5)
        assert len({t["line"]["color"] for t in lines}) == len(some)
