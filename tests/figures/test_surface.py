"""Surfaces: both networks on one scale and one square; the path, and who walks on it."""

import numpy as np
import pytest

from bnviz.experiments import surface
from bnviz.figures import DARK, LIGHT
from bnviz.figures import surface as pictures
from tests.experiments.test_surface import PATH, small
from tests.figures.parts import unpacked
from tests.figures.pictures import surface_of
from tests.made.surface import BOWL, DOME, HALF, made

LOST = {"learning_rate": 1e3, "depth": 6, "steps": 12}


def grounds(figure):
    """The traces that are the surfaces themselves."""
    return [t for t in figure["data"] if t["type"] in ("contour", "surface")]


def every_view(run, other=None):
    return {
        "contours": pictures.contours(run, LIGHT),
        "relief": pictures.relief(run, LIGHT),
        "skips": pictures.skips([run, run if other is None else other], LIGHT),
    }


views = pytest.mark.parametrize("view", ["contours", "relief", "skips"])


@views
class TestGround:
    def test_height_is_the_power_of_ten_of_the_loss(self, view):
        run = made(BOWL + 0.5, DOME)
        for place, ground in enumerate(grounds(every_view(run)[view])):
            loss = run.loss[place % 2].astype(float)
            np.testing.assert_allclose(unpacked(ground["z"]), np.log10(loss), atol=1e-6)

    def test_is_held_between_a_hundredth_and_a_hundred(self, view):
        left = np.where(HALF > 1, 1e-5, 1e7)
        run = made(left, np.where(HALF > 1, np.nan, np.inf))
        one, other, *_ = (unpacked(g["z"]) for g in grounds(every_view(run)[view]))
        np.testing.assert_array_equal(one, np.where(HALF > 1, -2, 2))
        np.testing.assert_array_equal(other, 2)

    def test_both_networks_share_the_colours(self, view):
        run = made(np.full_like(HALF, 0.5), HALF)
        low, high = ("cmin", "cmax") if view == "relief" else ("zmin", "zmax")
        (span,) = {(g[low], g[high]) for g in grounds(every_view(run)[view])}
        np.testing.assert_allclose(span, np.log10([0.5, 9]), rtol=1e-5)
        scales = {str(g["colorscale"]) for g in grounds(every_view(run)[view])}
        assert len(scales) == 1

    def test_both_networks_share_the_square(self, view):
        run = surface_of(small(**PATH))
        for ground in grounds(every_view(run)[view]):
            np.testing.assert_allclose(unpacked(ground["x"]), run.axis[0], rtol=1e-6)
            np.testing.assert_allclose(unpacked(ground["y"]), run.axis[1], rtol=1e-6)

    def test_one_bar_tells_the_colours(self, view):
        shown = [g for g in grounds(every_view(made())[view]) if g["showscale"]]
        assert len(shown) == 1
        assert "loss (log)" in shown[0]["colorbar"]["title"]["text"]

    def test_each_surface_is_named(self, view):
        texts = [a["text"] for a in every_view(made())[view]["layout"]["annotations"]]
        assert sum("plain" in text for text in texts) == sum("BN" in text for text in texts)
        assert len(texts) == len(grounds(every_view(made())[view]))

    @pytest.mark.parametrize("loss", [2.3, 0.0, np.inf])
    def test_flat_ground_has_a_scale_all_the_same(self, view, loss):
        low, high = ("cmin", "cmax") if view == "relief" else ("zmin", "zmax")
        for ground in grounds(every_view(made(loss, loss))[view]):
            assert ground[high] >= ground[low] + 0.29


class TestColourBar:
    def test_names_losses_where_their_colour_is(self):
        bar = grounds(pictures.contours(made(HALF, HALF), LIGHT))[0]["colorbar"]
        assert bar["ticktext"] == ["1", "3"]
        np.testing.assert_allclose(bar["tickvals"], np.log10([1, 3]))

    def test_its_ends_say_that_there_is_more_beyond(self):
        run = made(np.where(HALF > 1, 1e-5, 1e5))
        bar = grounds(pictures.contours(run, LIGHT))[0]["colorbar"]
        assert (bar["ticktext"][0], bar["ticktext"][-1]) == ("≤ 0.01", "≥ 100")

    def test_contour_lines_are_those_of_one_scale(self):
        one, other = grounds(pictures.contours(made(HALF, BOWL + 1), LIGHT))
        assert one["contours"] == other["contours"]


class TestSquares:
    def axes(self, figure):
        return {k: v for k, v in figure["layout"].items() if k[:5] in ("xaxis", "yaxis")}

    @pytest.mark.parametrize(("view", "panels"), [("contours", 2), ("skips", 4)])
    def test_every_panel_has_the_same_ranges(self, view, panels):
        run = surface_of(small(**PATH))
        axes = self.axes(every_view(run)[view])
        assert len(axes) == 2 * panels
        for name, axis in axes.items():
            along = run.axis[0 if name.startswith("x") else 1]
            assert axis["range"] == [along[0], along[-1]]

    def test_with_skips_has_a_square_of_its_own(self):
        off, on = (surface_of(small(skip=skip, **PATH)) for skip in ("off", "on"))
        figure = pictures.skips([off, on], LIGHT)
        np.testing.assert_allclose(unpacked(figure["data"][2]["x"]), on.axis[0], rtol=1e-6)
        assert self.axes(figure)["xaxis3"]["range"] == [on.axis[0, 0], on.axis[0, -1]]

    def test_half_of_the_skips_is_drawn_before_the_other_half(self):
        figure = pictures.skips([made()], LIGHT)
        assert len(grounds(figure)) == 2
        assert all("without skips" in a["text"] for a in figure["layout"]["annotations"])

    def test_all_four_share_the_colours_of_the_whole(self):
        figure = pictures.skips([made(HALF, HALF), made(50.0, 0.2)], LIGHT)
        (span,) = {(g["zmin"], g["zmax"]) for g in grounds(figure)}
        np.testing.assert_allclose(span, np.log10([0.2, 50]), rtol=1e-5)


class TestPath:
    def test_only_the_plane_of_the_path_has_frames(self):
        assert "frames" not in pictures.contours(surface_of(small()), LIGHT)
        figure = pictures.contours(surface_of(small(**PATH)), LIGHT)
        assert len(figure["frames"]) == 9

    @pytest.mark.parametrize("moment", surface.MOMENTS)
    def test_frames_stand_on_the_path(self, moment):
        run = surface_of(small(moment=moment, **PATH))
        figure = pictures.contours(run, LIGHT)
        for column, frame in enumerate(figure["frames"]):
            assert frame["name"] == str(run.steps[column])
            for t, moved in enumerate(frame["data"]):
                point = [unpacked(moved["x"])[0], unpacked(moved["y"])[0]]
                np.testing.assert_allclose(point, run.path[t, column], atol=1e-6)
                line = figure["data"][frame["traces"][t] - 2]
                assert unpacked(line["x"])[column] == point[0]
                assert unpacked(line["y"])[column] == point[1]
                assert figure["data"][frame["traces"][t]]["xaxis"] == line["xaxis"] == f"x{t + 1}"

    def test_the_cross_is_where_the_chosen_moment_is(self):
        run = surface_of(small(moment="middle", **PATH))
        figure = pictures.contours(run, LIGHT)
        column = list(run.steps).index(run.step[0])
        crosses = [t for t in figure["data"] if t.get("marker", {}).get("symbol") == "cross"]
        assert [(c["x"], c["y"]) for c in crosses] == [([0.0], [0.0])] * 2
        for moved in figure["frames"][column]["data"]:
            assert unpacked(moved["x"])[0] == unpacked(moved["y"])[0] == 0
        assert f"step {run.step[0]}" in crosses[0]["hovertemplate"]

    def test_who_diverged_stays_where_it_was_last_seen(self):
        run = surface_of(small(**LOST, **PATH))
        alive = np.flatnonzero(np.isfinite(run.path[0]).all(-1))
        assert len(alive) < len(run.steps)
        frames = pictures.contours(run, LIGHT)["frames"]
        for frame in frames[alive[-1] :]:
            x = unpacked(frame["data"][0]["x"])[0]
            assert x == np.float32(run.path[0, alive[-1], 0])

    def test_walkers_differ_in_shape_and_wear_their_colours(self):
        for theme in (LIGHT, DARK):
            figure = pictures.contours(surface_of(small(**PATH)), theme)
            plain, batch = (figure["data"][p]["marker"] for p in figure["frames"][0]["traces"])
            assert plain["symbol"] != batch["symbol"]
            assert (plain["color"], batch["color"]) == (theme.plain, theme.batch)


def test_hover_tells_the_loss_itself():
    run = made(np.where(HALF > 1, np.nan, 1e-5), np.inf)
    one, other = grounds(pictures.contours(run, LIGHT))
    np.testing.assert_allclose(unpacked(one["customdata"]), np.where(HALF > 1, 1e9, 1e-5))
    np.testing.assert_allclose(unpacked(other["customdata"]), 1e9)


def test_a_page_of_it_travels_light():
    run = surface_of(small(grid=41, samples=16, **PATH))
    figure = pictures.contours(run, LIGHT)
    assert len(str(figure)) < 120_000
