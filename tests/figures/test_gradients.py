"""Trust in the gradient: a needle's angle is the angle that was measured, and no other."""

from dataclasses import replace

import numpy as np
import pytest

from bnviz.experiments import gradients
from bnviz.figures import LIGHT
from bnviz.figures import gradients as pictures
from tests.figures.parts import unpacked
from tests.figures.results import KINDS, result
from tests.samples import tiny

KINDS_AND_FAR = [*KINDS, "far", "without a number"]
EVERYBODY, SOME = "everybody diverged", "some diverged"


def of(kind="tiny"):
    if kind == "far":
        return gradients.run(tiny("gradients", reach="1/100 to 30", learning_rate=0.56, depth=6))
    if kind == "without a number":
        one = result("gradients", "tiny")
        shape = one.distance.shape
        return replace(
            one,
            gradient_norm=np.zeros_like(one.gradient_norm),
            distance=np.where(np.arange(shape[-1]) % 2, np.inf, 0).astype(np.float32)
            + 0 * one.distance,
            cosine=np.full(shape, np.nan, np.float32),
            fell=np.ones_like(one.fell),
        )
    return result("gradients", kind)


def moved(figure, column):
    """The traces of a figure as they are in this frame."""
    frame, data = figure["frames"][column], [dict(trace) for trace in figure["data"]]
    for place, change in zip(frame["traces"], frame["data"], strict=True):
        data[place] |= change
    return data


def needles_of(trace, places):
    """Tails, tips and barbs, (needles, 5) as complex numbers, and the needles drawn there."""
    path = unpacked(trace["x"]) + 1j * unpacked(trace["y"])
    path = path.reshape(-1, places, 6)
    assert np.isnan(path[..., 5]).all()  # a gap after each
    return path[..., :5]


def angles_of(needles):
    return np.degrees(np.angle(needles[..., 1] - needles[..., 0]))


def seeds_and_median(data, treatment):
    return data[3 + 4 * treatment], data[4 + 4 * treatment], data[5 + 4 * treatment]


def wedge(data, treatment):
    """The rims of the shaded angles, (places, points) as complex numbers from their tips."""
    trace = data[2 + 4 * treatment]
    path = (unpacked(trace["x"]) + 1j * unpacked(trace["y"])).reshape(-1, pictures.ARC + 3)
    assert np.isnan(path[:, -1]).all()
    return path[:, 1:-2] - np.arange(1, len(path) + 1)[:, None]


def in_panel(trace):
    return int(trace["xaxis"].removeprefix("x")) - 1


class TestNeedles:
    @pytest.mark.parametrize("kind", ["tiny", "one seed", "one step", SOME])
    def test_stand_at_the_measured_angles_in_every_frame(self, kind):
        one = of(kind)
        figure, places = pictures.needles(one, LIGHT), len(one.reach)
        expected = np.degrees(np.arccos(one.cosine))
        for column, treatment in np.ndindex(len(one.steps), 2):
            thin, thick, _ = seeds_and_median(moved(figure, column), treatment)
            assert in_panel(thin) == in_panel(thick) == treatment
            seeds = expected[treatment, :, column]
            drawn = needles_of(thin, places)
            known = np.isfinite(seeds)
            np.testing.assert_array_equal(np.isfinite(drawn[..., 1]), known)
            np.testing.assert_allclose(angles_of(drawn)[known], seeds[known], atol=0.02)
            for place in np.flatnonzero(known.any(0)):
                middle = np.median(seeds[known[:, place], place])
                angle = angles_of(needles_of(thick, places))[0, place]
                assert angle == pytest.approx(middle, abs=0.02)

    def test_start_at_their_places_and_are_all_of_one_length(self):
        one = of()
        figure = pictures.needles(one, LIGHT)
        for treatment in range(2):
            for trace in seeds_and_median(figure["data"], treatment)[:2]:
                needles = needles_of(trace, len(one.reach))
                np.testing.assert_allclose(
                    needles[..., 0].real, np.arange(1, 9)[None] + 0 * needles[..., 0].real
                )
                np.testing.assert_allclose(needles[..., 0].imag, 0, atol=1e-7)
                lengths = np.abs(needles[..., 1] - needles[..., 0])
                np.testing.assert_allclose(lengths, pictures.NEEDLE, rtol=1e-5)

    def test_have_two_barbs_behind_their_tip(self):
        one = of()
        needles = needles_of(seeds_and_median(pictures.needles(one, LIGHT)["data"], 0)[1], 8)[0]
        along = needles[:, 1] - needles[:, 0]
        first, second = ((needles[:, k] - needles[:, 1]) / along for k in (2, 4))
        np.testing.assert_allclose(first, second.conj(), atol=1e-5)  # mirrored at the needle
        assert (first.real < -0.1).all()
        assert (np.abs(first) < 0.3).all()

    def test_angles_look_like_angles(self):
        """The same scale along and across, in each panel; and needles stay inside it."""
        layout = pictures.needles(of(), LIGHT)["layout"]
        assert layout["yaxis"]["scaleanchor"] == "x"
        assert layout["yaxis2"]["scaleanchor"] == "x2"
        assert layout["xaxis2"]["matches"] == "x"
        for axis in ("yaxis", "yaxis2"):
            assert layout[axis]["range"][1] >= pictures.NEEDLE
            assert layout[axis]["range"][0] < 0
        low, high = layout["xaxis2"]["range"]
        assert high >= 8 + pictures.NEEDLE
        assert low <= 1 - pictures.NEEDLE
        assert layout["xaxis2"]["ticktext"] == [
            "0",
            "0.5",
            "<b>1</b>",
            "1.5",
            "2",
            "2.5",
            "3",
            "3.5",
            "4",
        ]

    def test_the_old_direction_points_right_at_every_place(self):
        for treatment, trace in enumerate(pictures.needles(of(), LIGHT)["data"][:2]):
            assert in_panel(trace) == treatment
            assert trace["line"]["dash"] == "dot"
            x, y = (unpacked(trace[k]).reshape(9, 3) for k in ("x", "y"))
            np.testing.assert_allclose(x[:, 0], np.arange(9))
            np.testing.assert_allclose(x[:, 1] - x[:, 0], pictures.NEEDLE, rtol=1e-5)
            assert (y[:, :2] == 0).all()

    def test_the_median_angle_stands_below(self):
        one = of()
        figure = pictures.needles(one, LIGHT)
        for column, treatment in np.ndindex(len(one.steps), 2):
            *_, words = seeds_and_median(moved(figure, column), treatment)
            middle = np.median(np.degrees(np.arccos(one.cosine[treatment, :, column])), axis=0)
            *others, last = [f"{angle:.0f}°" for angle in middle]
            assert words["text"] == [*others, f"<b>{last}</b>"]

    def test_the_median_angle_is_shaded_from_the_old_direction_to_the_needle(self):
        one = of()
        figure = pictures.needles(one, LIGHT)
        for column, treatment in np.ndindex(len(one.steps), 2):
            middle = np.median(np.degrees(np.arccos(one.cosine[treatment, :, column])), axis=0)
            rim = wedge(moved(figure, column), treatment)
            np.testing.assert_allclose(np.abs(rim), pictures.WEDGE, rtol=1e-4)
            np.testing.assert_allclose(np.angle(rim[:, 0]), 0, atol=1e-6)
            np.testing.assert_allclose(np.degrees(np.angle(rim[:, -1])), middle, atol=0.05)

    def test_only_where_the_update_goes_along_the_gradient_a_length_is_named_so(self):
        for optimizer, named in {"sgd": True, "adam": False}.items():
            config = of().config.model_copy(update={"optimizer": optimizer})
            layout = pictures.needles(replace(of(), config=config), LIGHT)["layout"]
            assert ("the update" in layout["xaxis2"]["title"]["text"]) == named

    def test_seeds_that_diverged_are_gone(self):
        one = of(SOME)
        assert np.isnan(one.loss_here).any()
        figure = pictures.needles(one, LIGHT)
        for column, treatment in np.ndindex(len(one.steps), 2):
            thin, thick, words = seeds_and_median(moved(figure, column), treatment)
            alive = np.isfinite(one.loss_here[treatment, :, column])
            drawn = np.isfinite(needles_of(thin, 8)[..., 1])
            assert not drawn[~alive].any()
            np.testing.assert_array_equal(drawn, np.isfinite(one.cosine[treatment, :, column]))
            thick = np.isfinite(needles_of(thick, 8)[..., 1])[0]
            np.testing.assert_array_equal(thick, drawn.any(axis=0))
            assert (words["text"][0] == "every seed has diverged") == (not alive.any())

    def test_when_everybody_has_diverged_it_says_so(self):
        one = of(EVERYBODY)
        data = pictures.needles(one, LIGHT)["data"]
        for treatment in range(2):
            if np.isfinite(one.loss_here[treatment, :, -1]).any():
                continue
            thin, thick, words = seeds_and_median(data, treatment)
            assert words["text"] == ["every seed has diverged"] + [""] * 7
            assert np.isnan(unpacked(thin["x"])).all()
            assert np.isnan(unpacked(thick["x"])).all()
        assert np.isnan(one.loss_here[0, :, -1]).all()

    def test_a_gradient_of_zero_is_no_divergence(self):
        data = pictures.needles(of("without a number"), LIGHT)["data"]
        for treatment in range(2):
            *_, words = seeds_and_median(data, treatment)
            assert words["text"][0] == "the gradient has no direction"


def rows(figure):
    """(row, what kind of trace, trace); the rows from the top."""
    for trace in figure["data"]:
        kind = {"markers+text": "dot"}.get(trace["mode"], "line")
        yield int(trace["yaxis"].removeprefix("y")) - 1, "band" if "fill" in trace else kind, trace


def measured(figure, kind, row, treatment):
    return [trace for r, k, trace in rows(figure) if (r, k) == (row, kind)][treatment]


class TestMeasures:
    def test_lines_are_the_medians_of_the_seeds(self):
        one = of()
        figure = pictures.measures(one, LIGHT)
        for row, values in enumerate((one.predictiveness()[1], one.smoothness(), one.turn(1.0))):
            for treatment in range(2):
                trace = measured(figure, "line", row, treatment)
                assert trace["name"] == ("plain", "BN")[treatment]
                np.testing.assert_array_equal(unpacked(trace["x"]), one.steps)
                expected = np.median(values[treatment], axis=0)
                np.testing.assert_allclose(unpacked(trace["y"]), expected, rtol=1e-5)

    def test_the_first_band_is_predictiveness_and_the_others_are_the_seeds(self):
        one = of()
        figure, steps = pictures.measures(one, LIGHT), len(of().steps)
        low, high = one.predictiveness()
        for treatment in range(2):
            edges = {
                0: (np.median(low[treatment], 0), np.median(high[treatment], 0)),
                1: (one.smoothness()[treatment].min(0), one.smoothness()[treatment].max(0)),
                2: (one.turn(1.0)[treatment].min(0), one.turn(1.0)[treatment].max(0)),
            }
            for row, (bottom, top) in edges.items():
                band = unpacked(measured(figure, "band", row, treatment)["y"])
                np.testing.assert_allclose(band[:steps], bottom, rtol=1e-5)
                np.testing.assert_allclose(band[steps : 2 * steps], top[::-1], rtol=1e-5)
            name = measured(figure, "band", 0, treatment)["name"]
            assert name.endswith("from the shortest to the longest step")

    @pytest.mark.parametrize("kind", KINDS_AND_FAR)
    def test_curves_stay_on_their_axes(self, kind):
        figure = pictures.measures(of(kind), LIGHT)
        for row, _, trace in rows(figure):
            axis = figure["layout"][f"yaxis{row + 1}"]
            values = unpacked(trace["y"]).astype(float)
            values = values[~np.isnan(values)]
            if axis.get("type") == "log":
                assert (values > 0).all()
                values = np.log10(values)
            low, high = axis["range"]
            assert np.isfinite([low, high]).all()
            assert low < high
            assert (values >= low - 1e-4).all()
            assert (values <= high + 1e-4).all()

    @pytest.mark.parametrize("kind", ["tiny", "one step", SOME])
    def test_dots_stand_on_their_curves_at_the_recorded_step(self, kind):
        one = of(kind)
        figure = pictures.measures(one, LIGHT)
        for column, step in enumerate(one.steps):
            now = {"data": moved(figure, column)}
            for row in range(3):
                for treatment in range(2):
                    curve = unpacked(measured(figure, "line", row, treatment)["y"])
                    dot = measured(now, "dot", row, treatment)
                    known = np.flatnonzero(np.isfinite(curve[: column + 1]))
                    if len(known):
                        assert unpacked(dot["x"])[0] == one.steps[known[-1]] <= step
                        assert unpacked(dot["y"])[0] == curve[known[-1]]

    def test_curves_grow_with_the_clock(self):
        one = of()
        figure = pictures.measures(one, LIGHT)
        for column in range(len(one.steps)):
            now = {"data": moved(figure, column)}
            for row in range(3):
                x = unpacked(measured(now, "line", row, 0)["x"])
                np.testing.assert_array_equal(x, one.steps[: column + 1])

    def test_logarithmic_axes_say_so(self):
        layout = pictures.measures(of(), LIGHT)["layout"]
        titles = [note["text"] for note in layout["annotations"]]
        for row, title in enumerate(titles):
            logarithmic = layout[f"yaxis{row + 1}"].get("type") == "log"
            assert logarithmic == ("(log)" in title)

    @pytest.mark.parametrize("swapped", [False, True])
    def test_names_stand_outwards(self, swapped):
        """Above the higher curve, below the lower one."""
        one = of()
        order = [1, 0] if swapped else [0, 1]
        one = replace(
            one, distance=np.stack([5 + 0 * one.distance[0], 1 + 0 * one.distance[0]])[order]
        )
        figure = pictures.measures(one, LIGHT)
        for treatment in range(2):
            above = (treatment == 0) != swapped
            expected = "top left" if above else "bottom left"
            assert measured(figure, "dot", 0, treatment)["textposition"] == expected


def learned(rate, plain, batch, fell=True):
    """A result at this rate in which the gradients change by so much."""
    one = of()
    config = one.config.model_copy(update={"learning_rate": rate})
    values = np.array([plain, batch], np.float32)[:, None, None, None]
    return replace(
        one,
        config=config,
        gradient_norm=np.ones_like(one.gradient_norm),
        distance=np.broadcast_to(values * (one.reach / 4), one.distance.shape).astype(np.float32),
        fell=np.full_like(one.fell, fell),
    )


class TestSweep:
    def curves(self, results):
        return {
            name: unpacked(trace["y"])
            for trace, name in zip(
                pictures.sweep(results, LIGHT)["data"], ("change", "smoothness"), strict=True
            )
        }

    def test_draws_plain_over_bn(self):
        results = [learned(0.1, 6, 2), learned(0.2, 1, 4), learned(0.3, 5, 5)]
        curves = self.curves(results)
        np.testing.assert_allclose(curves["change"], [3, 0.25, 1], rtol=1e-5)
        np.testing.assert_allclose(curves["smoothness"], [3, 0.25, 1], rtol=1e-5)
        figure = pictures.sweep(results, LIGHT)
        np.testing.assert_allclose(unpacked(figure["data"][0]["x"]), [0.1, 0.2, 0.3])
        low, high = figure["layout"]["yaxis"]["range"]
        assert low < np.log10(0.25)
        assert high > np.log10(3)
        left, right = figure["layout"]["xaxis"]["range"]
        assert left < -1
        assert right > np.log10(0.3)

    def test_leaves_out_where_nothing_is_compared(self):
        results = [learned(0.1, 6, 2), learned(0.2, 9, 1), learned(0.3, 1, 1, fell=False)]
        for values in self.curves(results).values():
            np.testing.assert_array_equal(np.isnan(values), [False, False, True])
        for trace in pictures.sweep(results, LIGHT)["data"]:  # named at its last dot
            assert [bool(text) for text in trace["text"]] == [False, True, False]

    def test_with_nothing_to_compare(self):
        results = [learned(rate, 1, 1, fell=False) for rate in (0.1, 0.2)]
        figure = pictures.sweep(results, LIGHT)
        for trace in figure["data"]:
            assert np.isnan(unpacked(trace["y"])).all()
            assert not any(trace["text"])
        low, high = figure["layout"]["yaxis"]["range"]
        assert low < 0 < high

    @pytest.mark.parametrize(("plain", "batch"), [(np.inf, 1), (1, np.inf), (0, 1), (1, 0), (0, 0)])
    def test_ratios_beyond_all_numbers_are_held_on_the_axis(self, plain, batch):
        figure = pictures.sweep([learned(0.1, plain, batch), learned(0.2, 2, 1)], LIGHT)
        low, high = figure["layout"]["yaxis"]["range"]
        assert np.isfinite([low, high]).all()
        for trace in figure["data"]:
            values = unpacked(trace["y"]).astype(float)
            assert np.isfinite(values).all()
            assert (np.log10(values) > low).all()
            assert (np.log10(values) < high).all()

    def test_of_the_first_rate_alone(self):
        figure = pictures.sweep([learned(0.1, 6, 2)], LIGHT)
        low, high = figure["layout"]["xaxis"]["range"]
        assert low < -1 < high

    def test_tells_the_two_measures_apart_without_colour(self):
        one, other = pictures.sweep([learned(0.1, 6, 2)], LIGHT)["data"]
        assert one["line"]["dash"] != other["line"]["dash"]
        assert one["marker"]["symbol"] != other["marker"]["symbol"]
