"""On which side of its mark a label stands."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bnviz.figures import labels
from bnviz.figures.labels import CLEAR, PLOT, SIDES, beside, boxes, freest, in_pixels, room

NAME = "A plain"
MARK = np.array([165.0, 92.0])
NOTHING = np.empty((0, 2))


def others(*places):
    return np.array(places, float).reshape(-1, 2)


def middle_of(side):
    left, right, below, above = boxes(MARK, NAME, [side])[0]
    return (left + right) / 2, (below + above) / 2


class TestFreest:
    @pytest.mark.parametrize("wanted", SIDES)
    def test_the_wanted_side_if_it_is_free(self, wanted):
        assert freest(MARK, NAME, NOTHING, wanted) == wanted
        assert freest(MARK, NAME, others((10, 10), (np.nan, 3)), wanted) == wanted

    @pytest.mark.parametrize("wanted", SIDES)
    def test_not_over_another_mark(self, wanted):
        cross = others(middle_of(wanted))
        side = freest(MARK, NAME, cross, wanted)
        assert side != wanted
        assert room(boxes(MARK, NAME, [side]), cross)[0] >= CLEAR

    def test_the_farthest_one(self):
        crosses = others(*(middle_of(side) for side in SIDES if side != "bottom right"))
        assert freest(MARK, NAME, crosses, "top left") == "bottom right"

    def test_not_out_of_the_plot(self):
        at_the_left = np.array([2.0, 92.0])
        assert freest(at_the_left, NAME, NOTHING, "top left").endswith("right")

    @given(st.lists(st.tuples(st.floats(0, PLOT[0]), st.floats(0, PLOT[1])), max_size=6))
    def test_no_other_side_has_more_room(self, places):
        side = freest(MARK, NAME, others(*places), "top left")
        rooms = dict(zip(SIDES, room(boxes(MARK, NAME, SIDES), others(*places)), strict=True))
        assert rooms[side] >= min(CLEAR, max(rooms.values()))


def test_two_names_do_not_cover_each_other():
    marks = others((165, 92), (170, 90))
    sides = beside(marks, [NAME, "B BN"], NOTHING, ["bottom left", "bottom left"])
    one, other = (boxes(m, n, [s])[0] for m, n, s in zip(marks, [NAME, "B BN"], sides, strict=True))
    apart = [one[0] - other[1], other[0] - one[1], one[2] - other[3], other[2] - one[3]]
    assert max(apart) > 0


def test_a_mark_that_is_not_there_moves_no_name():
    marks = others((np.nan, np.nan), (300, 150))
    wanted = ["top left", "bottom left"]
    assert beside(marks, [NAME, "B BN"], NOTHING, wanted) == wanted


def test_a_place_for_a_number():
    places = others((0, 0), (30, 0), (60, 0))
    assert labels.nearest_free(places, NOTHING) == 0
    assert labels.nearest_free(places, others((5, 0))) == 1
    assert labels.nearest_free(places[:2], others((15, 0), (32, 0))) == 0


def test_in_pixels():
    across, up = {"range": [0, 10]}, {"type": "log", "range": [-1, 1]}
    found = in_pixels([[0, 0.1], [5, 1], [10, 0]], (across, up))
    np.testing.assert_allclose(found[:2], [[0, 0], [PLOT[0] / 2, PLOT[1] / 2]])
    assert np.isnan(found[2, 1])


def test_for_a_projector_two_names_at_the_end_stand_apart():
    """As in the lab: A ends at 86 %, B at 96 %, and a seed of A has diverged to the left of it."""
    axes = ({"range": [-2, 104]}, {"range": [-0.03, 1.06]})
    marks, names = [(100, 0.86), (100, 0.96)], ["A plain", "B BN"]
    here = labels.in_pixels(marks, axes, labels.PROJECTED)
    cross = labels.in_pixels([(79, 0.79)], axes, labels.PROJECTED)
    sides = labels.beside(here, names, cross, ["bottom left", "top left"], labels.PROJECTED)
    (a,), (b,) = (
        labels.boxes(mark, name, [side])
        for mark, name, side in zip(here, names, sides, strict=True)
    )
    apart = max(a[0] - b[1], b[0] - a[1], a[2] - b[3], b[2] - a[3])
    assert apart >= 0
    assert max(a[1], b[1]) <= labels.PROJECTED.across + labels.PROJECTED.right
