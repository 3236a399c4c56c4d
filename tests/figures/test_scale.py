"""Scale: the pictures draw what was measured, at its place, and inside the axes."""

from dataclasses import replace

import numpy as np
import pytest

from bnviz.experiments import scale
from bnviz.figures import DARK, LIGHT, drawn, scale_starts
from bnviz.figures import scale as pictures
from bnviz.verdicts.scale import EPSILON
from tests.figures.parts import unpacked, walk
from tests.figures.results import result
from tests.samples import tiny

FIRST, *_, OUTPUT = scale.LAYERS


def of(kind="tiny"):
    return result("scale", kind)


def all_pictures(one, colours):
    drawn_of = {"outputs": pictures.outputs(one, colours)}
    drawn_of["gradients"] = pictures.gradients(one, colours)
    for layer in scale.LAYERS:
        drawn_of[f"growth, {layer}"] = pictures.growth(one, colours, layer)
        drawn_of[f"angles, {layer}"] = pictures.angles(one, colours, layer)
        drawn_of[f"starts, {layer}"] = scale_starts.starts(one, colours, layer)
    return drawn_of


def lines(figure, name):
    return [t for t in figure["data"] if t.get("name") == name and t.get("mode") == "lines"]


@pytest.mark.parametrize("kind", ["strange", "tiny", "everybody diverged"])
def test_every_picture_stands(kind):
    """Accepted by Plotly, no infinite number, proper ranges: whatever came of the run."""
    one = strange() if kind == "strange" else of(kind)
    for name, figure in all_pictures(one, LIGHT).items():
        drawn({"data": figure["data"], "layout": figure["layout"]})
        for path, part in walk(figure):
            if isinstance(part, dict) and "bdata" in part:
                assert not np.isinf(unpacked(part)).any(), name + path
        for axis in ("xaxis", "yaxis"):
            low, high = figure["layout"][axis]["range"]
            assert np.isfinite([low, high]).all(), name
            assert low < high, name
        for note in figure["layout"]["annotations"]:
            assert np.isfinite([note["x"], note["y"]]).all(), name


def strange():
    one, odd = of(), strange_change()
    return replace(
        one,
        output_change=odd,
        gradient_ratio=np.full_like(one.gradient_ratio, 1e300),
        variance=np.zeros_like(one.variance),
        square=np.where(one.square > 1, 1e300, 0.0),
        predicted=np.full_like(one.predicted, np.inf),
        angle=np.full_like(one.angle, np.nan),
    )


def strange_change():
    values = np.zeros_like(of().output_change)
    values[..., ::3], values[..., 1::3] = np.inf, np.nan
    return values


class TestMultiplied:
    @pytest.mark.parametrize("which", ["output_change", "gradient_ratio"])
    def test_lines_are_the_medians_and_bands_the_seeds(self, which):
        one = of()
        draw = pictures.outputs if which == "output_change" else pictures.gradients
        figure = draw(one, LIGHT)
        values = getattr(one, which)
        for t, name in enumerate(("plain", "BN")):
            (trace,) = lines(figure, name)
            np.testing.assert_allclose(unpacked(trace["x"]), one.factors, rtol=1e-6)
            there = unpacked(trace["y"])
            expected = np.median(np.clip(values[t], *pictures.HELD), axis=0)
            known = (values[t] > 0).all(axis=0)
            np.testing.assert_allclose(there[known], expected[known], rtol=1e-5)
            (area,) = (x for x in figure["data"] if x.get("name") == f"{name}, all seeds")
            edges = unpacked(area["y"])
            assert np.nanmin(edges) == pytest.approx(values[t][values[t] > 0].min(), rel=1e-5)

    def test_there_is_a_gap_where_nothing_changes(self):
        one = of()
        for name in ("plain", "BN"):
            (trace,) = lines(pictures.outputs(one, LIGHT), name)
            gap = np.isnan(unpacked(trace["y"]))
            assert gap[scale.FACTORS.index(1.0)]

    def test_the_gradient_has_the_line_of_one_over_a(self):
        reference = pictures.gradients(of(), LIGHT)["data"][0]
        np.testing.assert_allclose(
            unpacked(reference["x"]) * unpacked(reference["y"]), 1, rtol=1e-5
        )
        assert reference["line"]["dash"] == "dot"

    def test_shades_where_epsilon_is_larger_than_the_variance(self):
        one = replace(of(), variance=np.full_like(of().variance, 0.1))
        for draw in (pictures.outputs, pictures.gradients):
            (shape,) = draw(one, LIGHT)["layout"]["shapes"]
            assert shape["x0"] == 1e-4
            assert shape["x1"] ** 2 * 0.1 == pytest.approx(EPSILON)

    @pytest.mark.parametrize("variance", [0.0, np.nan, 1e9])
    def test_shades_nothing_where_that_is_outside(self, variance):
        one = replace(of(), variance=np.full_like(of().variance, variance))
        layout = pictures.outputs(one, LIGHT)["layout"]
        assert layout["shapes"] == []
        assert not any("ε" in note["text"] for note in layout["annotations"])

    def test_logarithmic_axes_say_so(self):
        for name, figure in all_pictures(of(), LIGHT).items():
            for axis in ("xaxis", "yaxis"):
                part = figure["layout"][axis]
                assert (part.get("type") == "log") == ("(log)" in part["title"]["text"]), name


class TestGrowth:
    @pytest.mark.parametrize("layer", scale.LAYERS)
    def test_lines_are_measured_and_marks_predicted(self, layer):
        one = of()
        figure, place = pictures.growth(one, LIGHT, layer), one.place(layer)
        marks = [t for t in figure["data"] if t["mode"] == "markers"]
        for t, name in enumerate(("plain", "BN")):
            first = one.square[t, one.own, :, :1, place]
            measured = np.median(one.square[t, one.own, :, :, place] / first, axis=0)
            predicted = np.median(one.predicted[t, one.own, :, :, place] / first, axis=0)
            (trace,) = lines(figure, name)
            np.testing.assert_allclose(unpacked(trace["y"]), measured, rtol=1e-5)
            np.testing.assert_allclose(unpacked(marks[t]["y"]), predicted, rtol=1e-5)
        low, high = figure["layout"]["yaxis"]["range"]
        assert low < measured.min()
        assert measured.max() < high

    def test_without_a_prediction_says_so(self):
        one = of()
        one = replace(one, predicted=np.full_like(one.predicted, np.nan))
        (note,) = pictures.growth(one, LIGHT, FIRST)["layout"]["annotations"]
        assert "the prediction is for SGD" in note["text"]

    def test_over_many_decades_the_axis_is_logarithmic(self):
        one = of()
        square = one.square.copy()
        square[1, :, :, -1] *= 1e6
        axis = pictures.growth(replace(one, square=square), LIGHT, FIRST)["layout"]["yaxis"]
        assert axis["type"] == "log"
        assert axis["range"][1] > 6

    def test_places_of_the_layers(self):
        one = of("fifty layers")
        assert [one.place(layer) for layer in scale.LAYERS] == [0, 24, 49, 50]
        assert [of().place(layer) for layer in scale.LAYERS] == [0, 0, 1, 2]


class TestAngles:
    def test_are_percentiles_of_the_units_in_the_median_seed(self):
        one = of()
        figure = pictures.angles(one, LIGHT, OUTPUT)
        for t, name in enumerate(("plain", "BN")):
            values = one.angle[t, one.own, :, :, -1]
            (trace,) = lines(figure, name)
            np.testing.assert_allclose(
                unpacked(trace["y"]), np.median(values[..., 1], axis=0), rtol=1e-5
            )
            (area,) = (x for x in figure["data"] if x.get("name") == f"{name}, all seeds")
            edge = unpacked(area["y"])[: len(one.steps)]
            np.testing.assert_allclose(edge, np.median(values[..., 0], axis=0), rtol=1e-5)

    def test_a_right_angle_stands_in_the_middle(self):
        low, high = pictures.angles(of(), LIGHT, FIRST)["layout"]["yaxis"]["range"]
        assert (low + high) / 2 == pytest.approx(90)


class TestOverTraining:
    @pytest.mark.parametrize("kind", ["tiny", "one step", "some diverged"])
    @pytest.mark.parametrize("name", ["growth", "angles", "starts"])
    def test_curves_reach_as_far_as_the_clock_and_dots_stand_at_their_ends(self, kind, name):
        one = of(kind)
        figure = getattr(scale_starts if name == "starts" else pictures, name)(one, LIGHT, FIRST)
        whole = [t for t in figure["data"] if t["mode"] == "lines" and "fill" not in t]
        assert [frame["name"] for frame in figure["frames"]] == [str(s) for s in one.steps]
        places = [figure["data"].index(curve) for curve in whole]
        for column, frame in enumerate(figure["frames"]):
            dots = [t for t in frame["data"] if len(unpacked(t["x"])) == 1][: len(whole)]
            for curve, place, moved in zip(whole, places, dots, strict=True):
                values = unpacked(curve["y"])[: column + 1]
                np.testing.assert_array_equal(unpacked(frame["data"][place]["y"]), values)
                known = np.flatnonzero(np.isfinite(values))
                if len(known):
                    assert unpacked(moved["x"])[0] == one.steps[known[-1]]
                    assert unpacked(moved["y"])[0] == values[known[-1]]

    def test_no_prediction_is_shown_before_its_step(self):
        one = of()
        for column, frame in enumerate(pictures.growth(one, LIGHT, FIRST)["frames"]):
            for marks in frame["data"][4:6]:
                shown = unpacked(marks["x"])
                assert np.nanmax(shown) == one.steps[column]
                assert np.isfinite(shown).sum() == column + 1

    def test_the_networks_are_named_at_the_end_alone(self):
        frames = scale_starts.starts(of(), LIGHT, FIRST)["frames"]
        shown = [{t for moved in frame["data"] for t in moved.get("text", [])} for frame in frames]
        assert "<b>BN</b>" in shown[-1]
        assert all(not any(texts) for texts in shown[:-1])


class TestStarts:
    def test_rates_of_every_start(self):
        one = of()
        figure = scale_starts.starts(one, LIGHT, FIRST)
        for t, name in enumerate(("plain", "BN")):
            traces = lines(figure, name)
            assert len(traces) == len(one.starts)
            for g, trace in enumerate(traces):
                rates = one.config.learning_rate / one.square[t, g, :, :, 0]
                expected = np.median(np.clip(rates, *scale_starts.RATES), axis=0)
                known = np.isfinite(expected)
                np.testing.assert_allclose(unpacked(trace["y"])[known], expected[known], rtol=1e-5)

    def test_names_every_gain_once(self):
        notes = [
            n["text"] for n in scale_starts.starts(of(), LIGHT, FIRST)["layout"]["annotations"]
        ]
        for gain in of().starts:
            assert notes.count(f"from gain {gain:g}") == 1


class TestGains:
    def results(self):
        for gain, plain, batch in ((1.0, 0.9, 0.8), (0.01, 0.1, 0.6), (100.0, 0.0, 0.2)):
            seeds = np.array([0.9, 1.0, 1.1], np.float32)
            accuracy = np.stack([plain * seeds, batch * seeds])
            yield scale.GainResult(config=tiny("scale", gain=gain), accuracy=accuracy)

    def test_draws_percent_against_the_gain_in_order(self):
        figure = scale_starts.gains(list(self.results()), LIGHT)
        for name, expected in (("plain", [10, 90, 0]), ("BN", [60, 80, 20])):
            (trace,) = (t for t in figure["data"] if t.get("name") == name)
            np.testing.assert_allclose(unpacked(trace["x"]), [0.01, 1, 100], rtol=1e-6)
            np.testing.assert_allclose(unpacked(trace["y"]), expected, rtol=1e-5)
        drawn(figure)

    def test_the_first_piece_alone(self):
        drawn(scale_starts.gains(list(self.results())[:1], DARK))
