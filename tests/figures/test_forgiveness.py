"""The maps show what the result holds, cell by cell and step by step."""

import numpy as np
import pytest

from bnviz.experiments import forgiveness
from bnviz.figures import LIGHT, THEMES
from bnviz.figures import forgiveness as pictures
from tests.figures.parts import unpacked
from tests.made.forgiveness import made

MARK = (3, 8)


def of(seed=1):
    """A map in which no two cells are alike."""
    result = made([[0.5]], [[0.5]])
    generator = np.random.default_rng(seed)
    result.accuracy[:] = generator.random(result.accuracy.shape)
    return result


def heat(figure, frame=None):
    return unpacked((figure["data"] if frame is None else figure["frames"][frame]["data"])[0]["z"])


@pytest.mark.parametrize(("place", "treatment"), [(0, "plain"), (1, "batch")])
def test_each_cell_shows_the_mean_of_its_seeds_in_percent(place, treatment):
    result = of()
    figure = pictures.accuracy(result, LIGHT, treatment, MARK)
    for step in range(len(result.steps)):
        expected = 100 * result.accuracy[place, :, step].mean(axis=0)
        np.testing.assert_allclose(heat(figure, step), expected, atol=0.51)
    np.testing.assert_array_equal(heat(figure), heat(figure, -1))


def test_the_difference_is_bn_minus_plain():
    result = of()
    figure = pictures.difference(result, LIGHT, MARK)
    for step in range(len(result.steps)):
        plain, batch = 100 * result.accuracy[:, :, step].mean(axis=1)
        np.testing.assert_allclose(heat(figure, step), batch - plain, atol=0.51)
    assert heat(figure).min() < 0 < heat(figure).max()


def test_all_maps_have_the_same_axes_and_both_accuracies_one_scale():
    result = of()
    plain, batch = (pictures.accuracy(result, LIGHT, t, MARK) for t in ("plain", "batch"))
    difference = pictures.difference(result, LIGHT, MARK)
    for figure in (batch, difference):
        for axis in ("xaxis", "yaxis"):
            assert figure["layout"][axis] == plain["layout"][axis]
    for key in ("zmin", "zmax", "colorscale"):
        assert plain["data"][0][key] == batch["data"][0][key]
    assert difference["data"][0]["zmin"] == -difference["data"][0]["zmax"]


def test_crosses_stand_where_most_seeds_have_diverged_by_then():
    result = made([[0.5]], [[0.5]], seeds=3)
    result.diverged_at[0, :2, 4, 7] = 1
    result.diverged_at[0, 0, 5, 7] = 1
    result.diverged_at[0, :, 6, 9] = 10
    figure = pictures.accuracy(result, LIGHT, "plain", MARK)
    found = [
        set(zip(*(unpacked(frame["data"][1][key]).tolist() for key in ("y", "x")), strict=True))
        for frame in figure["frames"]
    ]
    assert found == [set(), {(4, 7)}, {(4, 7), (6, 9)}]
    with_bn = pictures.accuracy(result, LIGHT, "batch", MARK)
    assert not unpacked(with_bn["data"][1]["x"]).size


@pytest.mark.parametrize("name", THEMES)
def test_the_mark_goes_around_one_cell_of_every_map(name):
    theme = THEMES[name]
    for figure in (
        pictures.accuracy(of(), theme, "plain", MARK),
        pictures.difference(of(), theme, MARK),
    ):
        halo, frame = figure["layout"]["shapes"]
        for shape in (halo, frame):
            assert (shape["y0"] + shape["y1"], shape["x0"] + shape["x1"]) == (2 * 3, 2 * 8)
        assert frame["line"]["color"] == theme.text
        assert halo["line"]["color"] == theme.background
        assert halo["line"]["width"] > frame["line"]["width"]


def test_what_trains_and_the_marked_cell_are_read_above_each_map_at_every_step():
    result = made([[0.9, 0.2]], [[0.9]], seeds=3)
    plain, batch = (pictures.accuracy(result, LIGHT, t, MARK) for t in ("plain", "batch"))
    assert plain["data"][2]["text"] == ["marked 90 % · <b>110 of 210 train</b>"]
    assert batch["data"][2]["text"] == ["marked 90 % · <b>210 of 210 train (× 1.9)</b>"]
    assert plain["frames"][0]["data"][2]["text"] == ["marked 10 % · <b>0 of 210 train</b>"]
    result = made([[0.9, 0.2]], [[0.9]], seeds=3)
    result.accuracy[(slice(None), slice(None), slice(None), *MARK)] = np.nan
    drawn = pictures.accuracy(result, LIGHT, "plain", MARK)
    assert drawn["data"][2]["text"] == ["<b>109 of 209 train</b>"]
    assert plain["layout"]["height"] <= 310


def test_hardly_more_is_not_1_0_times_as_many():
    of = made([[0.9]], [[0.9]])
    of.accuracy[0, :, -1, 0, :5] = 0.2
    drawn = pictures.accuracy(of, LIGHT, "batch", (9, 20))
    assert drawn["data"][2]["text"][0].endswith("<b>210 of 210 train</b>")


def test_what_is_not_trained_yet_looks_like_its_coarse_cell():
    result = of()
    coarse = np.zeros((10, 21), bool)
    coarse[::2, ::2] = True
    result.accuracy[:, 0, :, ~coarse] = np.nan
    result.accuracy[:, 1:] = np.nan
    drawn = heat(pictures.accuracy(result, LIGHT, "plain", MARK))
    np.testing.assert_array_equal(drawn, np.repeat(np.repeat(drawn[::2, ::2], 2, 0), 2, 1)[:, :21])
    np.testing.assert_allclose(
        drawn[::2, ::2], 100 * result.accuracy[0, 0, -1, ::2, ::2], atol=0.51
    )


def test_the_axes_name_the_values_of_their_cells():
    for against in forgiveness.ROWS:
        result = made([[0.5]], [[0.5]], against=against)
        layout = pictures.difference(result, LIGHT, MARK)["layout"]
        x, y = layout["xaxis"], layout["yaxis"]
        assert "(log)" in x["title"]["text"]
        for place, text in zip(x["tickvals"], x["ticktext"], strict=True):
            assert float(text) == result.rates[place]
        assert [float(text) for text in y["ticktext"]] == list(result.config.rows)


def test_a_click_tells_column_and_row_and_hovering_the_rate():
    for figure in (
        pictures.accuracy(of(), LIGHT, "batch", MARK),
        pictures.difference(of(), LIGHT, MARK),
    ):
        trace = figure["data"][0]
        assert not {"customdata", "x", "y", "dx", "x0", "y0"} & set(trace)
        assert np.shape(trace["text"]) == heat(figure).shape
        assert trace["text"][0][8] == trace["text"][9][8] == "0.1"


def test_windows_are_drawn_row_by_row():
    result = made([[0.9, 0.2], [0.2, 0.2]], [[0.9]])
    figure = pictures.windows(result, LIGHT)
    plain, _, batch, _ = figure["data"]
    np.testing.assert_array_equal(unpacked(plain["y"]), [11] * 5 + [0] * 5)
    np.testing.assert_array_equal(unpacked(batch["y"]), [21] * 10)
    np.testing.assert_array_equal(unpacked(figure["frames"][0]["data"][0]["y"]), [0] * 10)
    assert figure["layout"]["yaxis"]["range"][1] > 21


def test_windows_of_a_coarse_map_have_its_rows_and_rates_only():
    result = made([[0.9]], [[0.9]])
    result.accuracy[:, :, :, 1::2] = np.nan
    result.accuracy[..., 1::2] = np.nan
    figure = pictures.windows(result, LIGHT)
    np.testing.assert_array_equal(unpacked(figure["data"][0]["x"]), [0, 2, 4, 6, 8])
    np.testing.assert_array_equal(unpacked(figure["data"][0]["y"]), [11] * 5)
    assert "of 11" in figure["layout"]["yaxis"]["title"]["text"]
