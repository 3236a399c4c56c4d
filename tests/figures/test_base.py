"""What all figures share: packed arrays, medians, bands, the logarithmic axis, moving names."""

import warnings
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from bnviz.figures import DARK, LIGHT, drawn
from bnviz.figures.base import (
    MOST_TICKS,
    _pieces,
    band,
    curve,
    growing,
    last_seen,
    log_axis,
    named_dots,
    names_beside,
    over_seeds,
    packed,
    until,
)
from tests.figures.parts import unpacked


class TestPacked:
    @pytest.mark.parametrize("dtype", [np.float32, np.uint8, np.int16])
    def test_small_types_travel_as_they_are(self, dtype):
        values = np.arange(6, dtype=dtype)
        np.testing.assert_array_equal(unpacked(packed(values)), values)
        assert unpacked(packed(values)).dtype == dtype

    @given(arrays.arrays(np.float64, arrays.array_shapes(max_dims=2, min_side=0)))
    def test_all_others_as_float32(self, values):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # too large for float32: infinity
            expected, there = values.astype(np.float32), unpacked(packed(values))
        np.testing.assert_array_equal(there, expected)
        assert there.shape == values.shape

    def test_an_array_of_any_layout(self):
        values = np.arange(12, dtype=np.float32).reshape(3, 4)
        np.testing.assert_array_equal(unpacked(packed(values.T)), values.T)
        np.testing.assert_array_equal(unpacked(packed(values[::-1, ::2])), values[::-1, ::2])

    def test_an_array_from_a_file_of_the_other_byte_order(self):
        values = np.arange(6, dtype=np.float32)
        np.testing.assert_array_equal(unpacked(packed(values.astype(">f4"))), values)


values_of_seeds = arrays.arrays(
    np.float64,
    st.tuples(st.integers(1, 6), st.integers(1, 5)),
    elements=st.sampled_from([np.nan, np.inf, -np.inf]) | st.floats(-1e6, 1e6),
)


class TestOverSeeds:
    @given(values_of_seeds)
    def test_is_what_numpy_says(self, values):
        alive = np.where(np.isfinite(values), values, np.nan)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # columns without a number
            expected = np.nanmedian(alive, 0), np.nanmin(alive, 0), np.nanmax(alive, 0)
        for ours, theirs in zip(over_seeds(values), expected, strict=True):
            np.testing.assert_allclose(ours, theirs, rtol=1e-12, atol=1e-12)

    def test_in_more_dimensions(self):
        values = np.random.default_rng(1).normal(size=(5, 3, 4))
        values[0, 1] = np.nan
        middle, low, high = over_seeds(values)
        np.testing.assert_allclose(middle, np.nanmedian(values, axis=0))
        np.testing.assert_allclose(low, np.nanmin(values, axis=0))
        np.testing.assert_allclose(high, np.nanmax(values, axis=0))


class TestBand:
    @given(st.lists(st.booleans(), max_size=12))
    def test_pieces_are_the_runs_of_true(self, there):
        there = np.array(there, dtype=bool)
        rebuilt = np.zeros(len(there), bool)
        pieces = _pieces(there)
        for piece in pieces:
            assert piece.start < piece.stop
            assert there[piece].all()
            rebuilt[piece] = True
        np.testing.assert_array_equal(rebuilt, there)
        assert all(a.stop < b.start for a, b in pairwise(pieces))

    def test_goes_along_the_low_edge_and_back_along_the_high_one(self):
        x, low, high = np.arange(3.0), np.array([1.0, 2, 3]), np.array([4.0, 5, 6])
        area = band(x, low, high, "plain", LIGHT)
        np.testing.assert_array_equal(unpacked(area["x"]), [0, 1, 2, 2, 1, 0, np.nan])
        np.testing.assert_array_equal(unpacked(area["y"]), [1, 2, 3, 6, 5, 4, np.nan])

    def test_a_gap_makes_two_areas(self):
        values = np.array([1.0, np.nan, 3.0, 4.0])
        area = band(np.arange(4.0), values, values + 1, "batch", DARK)
        assert np.isnan(unpacked(area["x"])).sum() == 2
        assert len(unpacked(area["x"])) == 2 + 1 + 4 + 1

    def test_nothing_to_show(self):
        nothing = np.full(3, np.nan)
        area = band(np.arange(3.0), nothing, nothing, "plain", LIGHT)
        assert len(unpacked(area["x"])) == 0
        drawn({"data": [area]})


def texts(*ends):
    return log_axis(LIGHT, "loss (log)", ends)["ticktext"]


class TestLogAxis:
    @pytest.mark.parametrize(
        ("ends", "shown"),
        [
            ((-0.4, 0.8), ["0.5", "1", "2", "5"]),
            ((0.1, 0.5), ["2", "3"]),
            ((-3.5, 1.5), ["0.001", "0.01", "0.1", "1", "10"]),
            ((-6, 3), [*(f"10<sup>−{n}</sup>" for n in (6, 4, 2)), "1", "10<sup>2</sup>"]),
        ],
    )
    def test_writes_each_tick_in_full(self, ends, shown):
        assert texts(*ends) == shown

    def test_takes_what_else_an_axis_has(self):
        drawn = log_axis(LIGHT, "loss (log)", (0, 1), domain=[0, 0.5])
        assert drawn["title"]["text"] == "loss (log)"
        assert drawn["domain"] == [0, 0.5]
        assert drawn["type"] == "log"

    @given(st.floats(-12, 12), st.floats(0.05, 20))
    def test_has_a_few_ticks_inside_of_any_range(self, low, wide):
        drawn = log_axis(LIGHT, "", (low, low + wide))
        places = np.log10(drawn["tickvals"])
        assert 2 <= len(places) <= MOST_TICKS + 2
        assert len(set(drawn["ticktext"])) == len(places) == len(drawn["ticktext"])
        assert np.all((low - 0.03 <= places) & (places <= low + wide + 0.03))


class TestNamesBeside:
    @given(
        st.lists(st.floats(0, 1), min_size=2, max_size=2),
        st.lists(st.floats() | st.just(np.nan), min_size=2, max_size=2),
    )
    def test_one_stands_above_and_one_below(self, shares, heights):
        sides = [position.split()[0] for position in names_beside(shares, heights)]
        assert sorted(sides) == ["bottom", "top"]
        if heights[0] != heights[1] and not np.isnan(heights).any():
            assert sides[int(np.argmax(heights))] == "top"

    def test_no_name_stands_on_the_scale_or_beyond_the_right_end(self):
        assert names_beside([0.0, 1.0], [1.0, 2.0]) == ["bottom right", "top left"]

    def test_a_curve_that_crosses_the_other_changes_its_side(self):
        steps, falling = np.arange(3), np.array([3.0, 2.0, 1.0])
        for column, side in ((0, "bottom"), (2, "top")):
            plain, batch = named_dots([steps, steps], [falling[::-1], falling], LIGHT, column)
            assert plain["textposition"].startswith(side)
            assert not batch["textposition"].startswith(side)

    def test_after_a_divergence_the_dot_stays_where_the_curve_ended(self):
        curve = np.array([1.0, 0.5, np.nan, np.nan])
        assert [last_seen(curve, column) for column in (0, 1, 3, -1)] == [0, 1, 1, 1]
        assert last_seen(np.full(3, np.nan), -1) == 0
        steps = np.array([0, 10, 20, 30])
        plain, _ = named_dots([steps, steps], [curve, np.ones(4)], LIGHT, -1)
        assert unpacked(plain["x"]) == 10


class TestGrowing:
    """Curves grow with the clock, so that nothing tells the end before it is there."""

    x, spread = np.array([0, 1, 5, 20]), [np.arange(4.0) + shift for shift in (0, -1, 1)]

    def at(self, column):
        return [
            *curve(self.x, self.spread, "batch", LIGHT, column, {"xaxis": "x2"}, text="line"),
            *named_dots([self.x] * 2, [self.spread[0]] * 2, LIGHT, column),
        ]

    @pytest.mark.parametrize("column", range(4))
    def test_a_curve_and_its_band_end_at_the_record(self, column):
        area, middle = self.at(column)[:2]
        assert unpacked(middle["x"])[-1] == np.nanmax(unpacked(area["x"])) == self.x[column]
        np.testing.assert_array_equal(unpacked(middle["y"]), self.spread[0][: column + 1])

    def test_both_stand_on_their_axes(self):
        area, middle = self.at(0)[:2]
        assert area["xaxis"] == middle["xaxis"] == "x2"
        assert "text" not in area
        assert middle["text"] == "line"

    def test_the_last_record_is_the_whole_curve(self):
        whole = curve(self.x, self.spread, "batch", LIGHT, -1)
        assert whole == curve(self.x, self.spread, "batch", LIGHT, 3)

    def test_of_a_figure_all_but_what_is_still_moves(self):
        still = [{"type": "scatter", "x": [0], "y": [0]}]
        figure = growing(self.x, self.at, still)
        assert figure["data"][0] == still[0]
        assert [frame["name"] for frame in figure["frames"]] == ["0", "1", "5", "20"]
        for column, frame in enumerate(figure["frames"]):
            assert frame["traces"] == [1, 2, 3, 4]
            for part, whole in zip(frame["data"], self.at(column), strict=True):
                assert part["y"] == whole["y"]
                assert "line" not in part
        drawn(figure)

    def test_marks_come_with_the_clock(self):
        np.testing.assert_array_equal(until(self.x, 5), [0, 1, 5, np.nan])
