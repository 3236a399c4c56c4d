"""What all figures share: the logarithmic axis."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bnviz.figures import LIGHT
from bnviz.figures.base import MOST_TICKS, log_axis


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
