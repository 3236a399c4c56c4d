"""The pictures of the lessons by hand: dots stand where the numbers say, at every stage."""

import numpy as np
import pytest

from bnviz.experiments import backward, transform
from bnviz.figures import LIGHT
from bnviz.figures import backward as backward_pictures
from bnviz.figures import transform as transform_pictures
from bnviz.verdicts.transform import linear_share
from tests.figures.parts import unpacked
from tests.figures.results import result


def run(**changes):
    return transform.run(transform.TransformConfig(**changes))


class TestStages:
    @pytest.mark.parametrize("stage", range(4))
    @pytest.mark.parametrize("feature", [0, 1])
    def test_the_dots_stand_on_their_stage(self, stage, feature):
        of = result("transform", "well-behaved")
        figure = transform_pictures.stages(of, LIGHT, feature)
        (dots,) = figure["frames"][10 * stage]["data"]
        np.testing.assert_allclose(unpacked(dots["x"]), of.stages[stage, :, feature], rtol=1e-6)
        lifts = unpacked(dots["y"]) - (3 - stage)
        assert (lifts >= -1e-6).all()
        assert (lifts < 0.5).all()

    def test_equal_numbers_do_not_hide_one_another(self):
        of = result("transform", "well-behaved")
        (dots,) = transform_pictures.stages(of, LIGHT)["frames"][0]["data"]
        places = set(zip(unpacked(dots["x"]), unpacked(dots["y"]), strict=True))
        assert len(places) == of.rows

    def test_means_and_bars(self):
        of = result("transform", "well-behaved")
        figure = transform_pictures.stages(of, LIGHT)
        bars, means = figure["data"][1], figure["data"][3]
        np.testing.assert_allclose(unpacked(means["x"]), [5, 0, 0, 1], atol=1e-5)
        np.testing.assert_allclose(unpacked(bars["x"])[:2], [3, 7])
        texts = [note["text"] for note in figure["layout"]["annotations"]]
        assert "mean 5, variance 4" in texts[0]
        assert "mean 0, variance 1" in texts[2]

    def test_far_numbers_stand_on_an_axis_that_says_so(self):
        far = transform_pictures.stages(run(source="one outlier"), LIGHT)
        near = transform_pictures.stages(run(), LIGHT)
        assert "log beyond" in far["layout"]["xaxis"]["title"]["text"]
        assert "log" not in near["layout"]["xaxis"]["title"]["text"]
        ticks = dict(zip(far["layout"]["xaxis"]["ticktext"], far["layout"]["xaxis"]["tickvals"],
                         strict=True))  # fmt: skip
        assert ticks["100"] == pytest.approx(np.arcsinh(100))

    def test_rounding_is_no_mean(self):
        figure = transform_pictures.stages(run(source="one outlier"), LIGHT)
        assert "mean 0," in figure["layout"]["annotations"][2]["text"]


def test_the_linear_part_is_that_of_the_sentences():
    of = run()
    figure = transform_pictures.sigmoid(of, LIGHT)
    for stage in range(4):
        _, said = figure["frames"][10 * stage]["data"]
        assert f"<b>{100 * linear_share(of.stages[stage, :, 0]):.0f} %</b>" in said["text"][0]


class TestPairs:
    def test_before_and_after(self):
        of = run()
        figure = transform_pictures.pairs(of, LIGHT, 0, 1, ("one", "two"))
        for panel, stage in enumerate((0, 2)):
            for name, feature in (("x", 0), ("y", 1)):
                there = unpacked(figure["data"][panel][name])
                np.testing.assert_allclose(there, of.stages[stage, :, feature], rtol=1e-6)

    def test_a_feature_alone_is_drawn_by_rows(self):
        figure = transform_pictures.pairs(run(source="one outlier"), LIGHT, 0, None, ("a", "b"))
        np.testing.assert_array_equal(unpacked(figure["data"][0]["y"]), np.arange(1, 9))


class TestPassing:
    @pytest.mark.parametrize(("place", "name"), [(5, "straight"), (15, "hand"), (30, "hand")])
    def test_the_dots_end_at_the_gradient(self, place, name):
        of = result("backward", "well-behaved")
        _, dots = backward_pictures.passing(of, LIGHT)["frames"][place]["data"]
        expected = of.straight if name == "straight" else of.hand.x
        np.testing.assert_allclose(unpacked(dots["y"]), expected, rtol=1e-5, atol=1e-6)

    def test_the_line_is_a_regression_of_what_arrives(self):
        """As far as epsilon allows: numpy's own fit."""
        of = backward.run(backward.BackwardConfig(epsilon=1e-12))
        line = backward_pictures.passing(of, LIGHT)["data"][0]
        slope, mean = np.polyfit(of.normalized, of.straight, 1)
        there = unpacked(line["y"])
        np.testing.assert_allclose(there, mean + slope * unpacked(line["x"]), rtol=1e-5)


class TestGraph:
    def test_gradients_come_one_equation_after_another(self):
        of = result("backward", "well-behaved")
        frames = backward_pictures.graph(of, LIGHT, 1)["frames"]
        shown = [sum(bool(text) for text in frame["data"][1]["text"]) for frame in frames]
        assert shown[0] == 1
        assert shown[::5] == [1, 2, 3, 4, 5, 6, 7]
        assert shown == sorted(shown)

    def test_numbers_are_those_of_the_row(self):
        of = result("backward", "well-behaved")
        for row in (1, 8):
            figure = backward_pictures.graph(of, LIGHT, row)
            values, gradients = figure["data"][1]["text"], figure["data"][4]["text"]
            assert values[0] == backward_pictures.short(of.x[row - 1], 3)
            assert gradients[0] == f"<b>{backward_pictures.short(of.hand.x[row - 1], 3)}</b>"
