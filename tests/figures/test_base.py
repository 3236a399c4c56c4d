"""What all figures share: the logarithmic axis, and the names beside moving dots."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bnviz.figures import LIGHT
from bnviz.figures.base import MOST_TICKS, last_seen, log_axis, named_dots, names_beside
from tests.figures.test_figures import unpacked


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
