"""The loss along the gradient: band, cut and long steps show what the result says."""

from dataclasses import replace

import numpy as np
import pytest

from bnviz.figures import LIGHT
from bnviz.figures import landscape as pictures
from bnviz.figures.landscape import HIGHEST, LOWEST
from tests.experiments.test_landscape import made
from tests.figures.parts import unpacked
from tests.figures.results import KINDS, result

HIGH, LOW = np.float32(HIGHEST), np.float32(LOWEST)


def of(kind="tiny"):
    return result("landscape", kind)


def held(values):
    return np.clip(values, LOW, HIGH)


def area(trace):
    """The pieces of a band as (x, low, high)."""
    x, y = unpacked(trace["x"]), unpacked(trace["y"])
    pieces, start = [], 0
    for end in np.flatnonzero(np.isnan(x)):
        half = (end - start) // 2
        there, back = y[start : start + half], y[start + half : end][::-1]
        pieces.append((x[start : start + half], there, back))
        start = end + 1
    return pieces


class TestVariation:
    def test_band_and_line_are_the_medians_of_the_seeds(self):
        run = of()
        data = pictures.variation(run, LIGHT)["data"]
        low, high = run.variation()
        for t in range(2):
            ((x, bottom, top),) = area(data[2 * t])
            np.testing.assert_array_equal(x, run.steps)
            np.testing.assert_allclose(bottom, held(np.median(low[t], axis=0)), rtol=1e-6)
            np.testing.assert_allclose(top, held(np.median(high[t], axis=0)), rtol=1e-6)
            here = unpacked(data[2 * t + 1]["y"])
            np.testing.assert_allclose(here, np.median(run.loss_here[t], axis=0), rtol=1e-6)

    def test_every_frame_ends_where_a_dot_stands_on_each_line(self):
        run = of()
        figure = pictures.variation(run, LIGHT)
        for column, frame in enumerate(figure["frames"]):
            for t in range(2):
                band, line, dot = (frame["data"][place] for place in (2 * t, 2 * t + 1, 4 + t))
                whole = unpacked(figure["data"][2 * t + 1]["y"])
                np.testing.assert_array_equal(unpacked(line["x"]), run.steps[: column + 1])
                np.testing.assert_array_equal(unpacked(line["y"]), whole[: column + 1])
                assert np.nanmax(unpacked(band["x"])) == run.steps[column]
                assert unpacked(dot["x"]) == run.steps[column]
                assert unpacked(dot["y"]) == whole[column]

    def test_a_walk_that_overflowed_reaches_the_edge_and_is_no_gap(self):
        run = made()
        run.loss_there[0, :, 1, -1] = np.inf
        ((x, low, high),) = area(pictures.variation(run, LIGHT)["data"][0])
        assert len(x) == len(run.steps)
        assert high[1] == HIGH
        assert low[1] < 2

    def test_ends_where_all_seeds_diverged(self):
        run = made()
        run.loss_here[0, :, 2:], run.loss_there[0, :, 2:] = np.nan, np.nan
        figure = pictures.variation(run, LIGHT)
        ((x, *_),) = area(figure["data"][0])
        np.testing.assert_array_equal(x, run.steps[:2])
        last = figure["frames"][-1]["data"][4]
        assert unpacked(last["x"]) == run.steps[1]  # where it was last seen

    @pytest.mark.parametrize("kind", KINDS)
    def test_all_that_is_drawn_fits_on_the_axis(self, kind):
        figure = pictures.variation(of(kind), LIGHT)
        low, high = figure["layout"]["yaxis"]["range"]
        for trace in figure["data"]:
            y = np.log10(unpacked(trace["y"]))
            assert (y[np.isfinite(y)] >= low).all()
            assert (y[np.isfinite(y)] <= high).all()

    def test_the_axis_says_that_it_is_logarithmic(self):
        for figure in (pictures.variation(of(), LIGHT), pictures.curve(of(), LIGHT)):
            assert figure["layout"]["yaxis"]["type"] == "log"
            assert "(log)" in figure["layout"]["yaxis"]["title"]["text"]


class TestCurve:
    def test_every_frame_is_the_walk_at_its_step(self):
        run = of()
        figure = pictures.curve(run, LIGHT)
        for column, frame in enumerate(figure["frames"]):
            for t in range(2):
                middle = unpacked(frame["data"][3 * t + 1]["y"])
                assert middle[0] == pytest.approx(np.median(run.loss_here[t, :, column]))
                there = np.median(run.loss_there[t, :, column], axis=0)
                np.testing.assert_allclose(middle[1:], held(there), rtol=1e-6)
                label = unpacked(frame["data"][3 * t + 2]["y"])
                assert label == middle[-1]

    def test_begins_at_the_network_and_goes_as_far_as_the_walk(self):
        run = of()
        for t in range(2):
            x = unpacked(pictures.curve(run, LIGHT)["data"][3 * t + 1]["x"])
            np.testing.assert_allclose(x, [0, *run.reach])

    def test_every_seed_has_its_own_thin_line(self):
        run = of()
        thin = pictures.curve(run, LIGHT)["data"][0]
        x, y = unpacked(thin["x"]), unpacked(thin["y"])
        gaps = np.flatnonzero(np.isnan(y))
        assert len(gaps) == run.config.seeds
        first = held(np.r_[run.loss_here[0, 0, -1], run.loss_there[0, 0, -1]])
        np.testing.assert_allclose(y[: gaps[0]], first, rtol=1e-6)
        np.testing.assert_array_equal(x[: gaps[0]], x[gaps[0] + 1 : gaps[1]])

    def test_the_axis_holds_every_frame(self):
        for kind in KINDS:
            figure = pictures.curve(of(kind), LIGHT)
            low, high = figure["layout"]["yaxis"]["range"]
            for frame in figure["frames"]:
                for place in (1, 4):
                    y = np.log10(unpacked(frame["data"][place]["y"]))
                    assert (y[np.isfinite(y)] >= low).all()
                    assert (y[np.isfinite(y)] <= high).all()


class TestLongSteps:
    def lines(self, run):
        data = pictures.long_steps(run, LIGHT)["data"]
        return [unpacked(trace["y"]) for trace in data if trace.get("name") in ("plain", "BN")]

    def test_the_lines_are_the_median_seed_of_the_median_mini_batch(self):
        run = of()
        for line, growth in zip(self.lines(run), run.growth, strict=True):
            expected = np.median(np.median(growth, axis=1), axis=0)
            np.testing.assert_allclose(line, np.clip(expected, 0.03, 1e4), rtol=1e-5)

    def test_cross_ten_where_the_step_is_too_long(self):
        run = made(too=(0.5, 20.0))
        plain, batch = self.lines(run)
        assert plain[run.lengths <= 0.5].max() <= 10.001
        assert plain[run.lengths > 0.5].min() > 10
        assert batch[run.lengths > 20].min() > 10 >= batch[run.lengths <= 20].max()
        heights = [line["y0"] for line in pictures.long_steps(run, LIGHT)["layout"]["shapes"]]
        assert heights == [1, 10]

    def test_what_overflows_is_drawn_at_the_top(self):
        run = made()
        for lost in (np.nan, np.inf):
            changed = replace(run, growth=np.full_like(run.growth, lost))
            assert (self.lines(changed)[0] == 1e4).all()

    @pytest.mark.parametrize("too", [(1e-5, 1e-5), (1.0, 10.0), (np.inf, np.inf)])
    def test_both_are_named_on_their_lines(self, too):
        run = made(too=too)
        figure = pictures.long_steps(run, LIGHT)
        labels = [trace for trace in figure["data"] if trace["mode"] == "text"]
        assert [label["text"][0].strip() for label in labels] == ["<b>plain</b>", "<b>BN</b>"]
        for label, line in zip(labels, self.lines(run), strict=True):
            place = np.flatnonzero(np.isclose(run.lengths, unpacked(label["x"])))[0]
            assert unpacked(label["y"]) == line[place]

    def test_has_no_frames_and_stays_on_its_axes(self):
        figure = pictures.long_steps(of("some diverged"), LIGHT)
        assert "frames" not in figure
        low, high = figure["layout"]["yaxis"]["range"]
        for line in self.lines(of("some diverged")):
            assert (np.log10(line) >= low).all()
            assert (np.log10(line) <= high).all()
