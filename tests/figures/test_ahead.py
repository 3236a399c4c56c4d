"""The loss ahead: the maps show what the result says, and grow with the clock."""

import numpy as np
import pytest

from bnviz.figures import LIGHT
from bnviz.figures.ahead import DOUBLINGS, ahead
from bnviz.figures.theme import BALANCE_SCALE
from tests.experiments.test_landscape import made
from tests.figures.parts import unpacked
from tests.figures.results import KINDS, result

PLAIN, BATCH = 0, 4  # the first of the traces of each


def of(kind="tiny"):
    return result("landscape", kind)


def test_every_frame_holds_the_ratios_up_to_its_step_and_none_after():
    run = of()
    expected = np.log2(np.clip(run.ahead(), 2**-DOUBLINGS, 2**DOUBLINGS))
    for column, frame in enumerate(ahead(run, LIGHT)["frames"]):
        for treatment, place in enumerate((PLAIN, BATCH)):
            z = unpacked(frame["data"][place]["z"])
            np.testing.assert_array_equal(z[0, : column + 1], 0)  # no step at all
            seen = expected[treatment, : column + 1].T
            np.testing.assert_allclose(z[1:, : column + 1], seen, atol=1e-5)
            assert np.isnan(z[:, column + 1 :]).all()


def test_at_the_start_nothing_tells_the_end():
    run = made(1.0, 1.0)
    run.loss_there[0, :, 2, 3] = 8.0
    figure = ahead(run, LIGHT)
    said = [frame["data"][PLAIN + 3]["text"][0] for frame in figure["frames"]]
    assert said == ["○ 1.2 times", "○ 1.2 times", "○ 4.0 times", "○ 4.0 times"]
    assert figure["data"][PLAIN + 3]["text"] == said[-1:]


@pytest.mark.parametrize(
    ("ratio", "said"),
    [(1.06, "○ 1.1 times"), (1.03, "○ a little higher"), (1 + 4e-6, "never higher")],
)
def test_a_small_rise_is_said_as_the_sentence_says_it(ratio, said):
    run = made(0.0, 0.0)
    run.loss_there[0, :, 2, 3] = 2.0 * ratio
    assert ahead(run, LIGHT)["data"][PLAIN + 3]["text"] == [said]


def test_a_ring_stands_at_the_highest_point_so_far():
    run = made(1.0, 1.0)
    run.loss_there[0, :, 2, 3] = 8.0
    ring = ahead(run, LIGHT)["frames"][3]["data"][PLAIN + 2]
    assert (unpacked(ring["x"])[0], unpacked(ring["y"])[0]) == (run.steps[2], 4)


def test_without_a_rise_there_is_no_ring():
    run = made()
    run.loss_there[:] = 1.0
    for place in (PLAIN, BATCH):
        frame = ahead(run, LIGHT)["frames"][-1]["data"]
        assert not len(unpacked(frame[place + 2]["x"]))
        assert frame[place + 3]["text"] == ["never higher"]


def test_a_rise_in_one_seed_is_not_in_the_median_and_yet_not_never():
    run = made()
    run.loss_there[:] = 1.0
    run.loss_there[0, 0, 2, 3] = 2.2  # from 2, in one of two seeds
    said = [frame["data"][PLAIN + 3]["text"][0] for frame in ahead(run, LIGHT)["frames"]]
    assert said == ["never higher", "never higher", "rarely higher", "rarely higher"]


def test_what_overflows_is_drawn_at_the_end_of_the_scale():
    run = made()
    run.loss_there[0, :, 1, -1] = np.inf
    figure = ahead(run, LIGHT)
    assert unpacked(figure["data"][PLAIN]["z"]).max() <= DOUBLINGS
    assert figure["data"][PLAIN + 3]["text"] == ["○ more than 64 times"]


def test_a_network_without_a_record_is_empty_and_says_why():
    run = made()
    run.loss_here[0], run.loss_there[0] = np.nan, np.nan
    figure = ahead(run, LIGHT)
    assert np.isnan(unpacked(figure["data"][PLAIN]["z"])).all()
    assert figure["data"][PLAIN + 3]["text"] == ["diverged"]


@pytest.mark.parametrize("widths", [(0.1, 0.1), (60.0, 1.0), (3.9, 0.2)])
def test_pale_is_a_loss_as_before_whatever_the_ends_of_the_scale(widths):
    ground = ahead(made(*widths), LIGHT)["data"][PLAIN]
    places = [place for place, _ in ground["colorscale"]]
    assert places == sorted(places)
    assert (places[0], places[-1]) == (0, 1)
    level = -ground["zmin"] / (ground["zmax"] - ground["zmin"])
    (pale,) = (
        p for p, colour in ground["colorscale"] if colour == BALANCE_SCALE[2][1] and p <= level
    )
    assert pale == pytest.approx(level)
    bar = ground["colorbar"]
    assert bar["ticktext"][bar["tickvals"].index(0)] == "as before"


@pytest.mark.parametrize("kind", KINDS)
def test_both_maps_share_scale_and_axes(kind):
    figure = ahead(of(kind), LIGHT)
    one, other = figure["data"][PLAIN], figure["data"][BATCH]
    for key in ("zmin", "zmax", "colorscale"):
        assert one[key] == other[key]
    for axis in "xy":
        first, second = (figure["layout"][f"{axis}axis{place}"] for place in (1, 2))
        assert first["range"] == second["range"]
    assert figure["layout"]["height"] <= 310
