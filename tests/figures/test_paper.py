"""The paper's experiment: the picture of its arms."""

import numpy as np
import pytest

from bnviz.experiments.paper import ARMS
from bnviz.figures import LIGHT, drawn
from bnviz.figures import paper as pictures
from bnviz.verdicts.paper import judge
from tests.figures.parts import unpacked
from tests.made.paper import LIKE_THE_PAPER, made


def arms(result):
    return pictures.arms(judge([result]).bases[0], LIGHT)


class TestArms:
    def test_each_arm_here_and_in_the_paper(self):
        figure = arms(made(LIKE_THE_PAPER))
        drawn(figure)
        here, there = figure["data"]
        assert [text.strip() for text in here["text"]] == [
            "here: 1.0", "here: never", "here: 2.0", "here: 4.0", "here: 4.0", "here: never",
        ]  # fmt: skip
        assert "paper: 14.8" in there["text"][3]
        assert unpacked(here["x"])[1] == unpacked(there["x"])[1] == pictures.NEVER
        assert figure["layout"]["yaxis"]["ticktext"] == [arm.name for arm in ARMS]
        assert unpacked(here["y"])[0] > unpacked(here["y"])[5]  # from the top

    @pytest.mark.parametrize("last", [1, 5000])
    def test_far_ahead_or_far_behind_stays_on_the_axis(self, last):
        steps = (0, 1, last + 1, 5000 + last + 1)
        curves = [(0.1, 0.1, 0.1, 0.95), *[(0.1, 0.95, 0.95, 0.95)] * 5]
        for rows in (curves, [curves[1], *[(0.1, 0.1, 0.1, 0.96)] * 5]):
            figure = arms(made(rows, steps=steps))
            low, high = figure["layout"]["xaxis"]["range"]
            places = np.log10(unpacked(figure["data"][0]["x"]))
            assert (places > low).all()
            assert (places < high).all()
