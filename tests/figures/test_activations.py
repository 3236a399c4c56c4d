"""Inside the layers: ridges, maps and one unit show what the result says."""

from dataclasses import replace

import numpy as np
import pytest

from bnviz.axes import ENTRIES, LEVELS, MEASURES, NEVER
from bnviz.experiments import activations
from bnviz.figures import DARK, LIGHT, THEMES, layer_maps
from bnviz.figures import activations as pictures
from bnviz.figures.one_unit import one_unit
from bnviz.figures.theme import mixed, shades
from bnviz.verdicts.activations import judge, on_the_way
from bnviz.words.numbers import significant
from tests.figures.contrast import contrast, luminance
from tests.figures.parts import unpacked
from tests.figures.results import result
from tests.samples import tiny

QUANTITY = {choice: name for choice, (name, _) in pictures.RIDGES.items()}


def of(kind="tiny"):
    return result("activations", kind)


def ridges_of(figure):
    return [trace for trace in figure["data"] if trace.get("fill") == "toself"]


def texts_of(figure):
    return [trace["text"] for trace in figure["data"] if trace["mode"] == "text"]


class TestRidgelines:
    def test_names_are_those_of_the_result(self):
        assert set(QUANTITY.values()) == set(ENTRIES)
        names = {"idle" if name == "dead or saturated" else name for name in layer_maps.MAPS}
        assert names == set(MEASURES)

    @pytest.mark.parametrize("choice", pictures.RIDGES)
    def test_each_layer_of_both_networks_has_its_ridge(self, choice):
        run = of()
        figure = pictures.ridgelines(run, LIGHT, choice)
        drawn, quantity = ridges_of(figure), ENTRIES.index(QUANTITY[choice])
        assert [trace["name"] for trace in drawn] == ["plain"] * 2 + ["BN"] * 2
        for place, trace in enumerate(drawn):
            treatment, layer = divmod(place, 2)
            base = pictures.SPACING * (1 - layer)  # layer 1 on top
            heights = (unpacked(trace["y"]).astype(float) - base) / pictures.TALL
            expected = run.density[quantity, treatment, -1, layer] / LEVELS
            np.testing.assert_allclose(heights[1:-1], expected, atol=0.01)
            assert heights[0] == heights[-1] == 0

    def test_both_networks_share_the_axis(self):
        for choice in pictures.RIDGES:
            figure = pictures.ridgelines(of(), LIGHT, choice)
            layout = figure["layout"]
            assert layout["xaxis1"]["range"] == layout["xaxis2"]["range"]
            assert layout["yaxis1"]["range"] == layout["yaxis2"]["range"]
            assert len({trace["x"]["bdata"] for trace in ridges_of(figure)}) == 1

    def test_a_frame_shows_its_own_record(self):
        run = of()
        figure = pictures.ridgelines(run, LIGHT)
        quantity = ENTRIES.index("entering")
        for column, frame in enumerate(figure["frames"]):
            first = frame["data"][len(ridges_of(figure))]  # after the lines of step 0
            heights = unpacked(first["y"])[1:-1] - pictures.SPACING
            expected = run.density[quantity, 0, column, 0].astype(int)
            np.testing.assert_array_equal(heights, expected * pictures.TALL // LEVELS)

    def test_fifty_layers_are_thinned_and_named(self):
        figure = pictures.ridgelines(of("fifty layers"), LIGHT)
        assert len(ridges_of(figure)) == 2 * activations.RIDGES
        names = figure["layout"]["yaxis1"]["ticktext"]
        assert (names[0], names[-1]) == ("50", "1")  # from the bottom to the top
        assert len(names) == activations.RIDGES

    def test_the_first_picture_stays_above_the_clock_however_deep(self):
        deep = pictures.ridgelines(of("fifty layers"), LIGHT)["layout"]
        assert deep["height"] == pictures.HIGHEST <= 310
        below = pictures.ridgelines(of("fifty layers"), LIGHT, pictures.OTHERS[0])["layout"]
        assert below["height"] > deep["height"]  # in a closed section it is as high as it needs
        assert pictures.ridgelines(of(), LIGHT)["layout"]["height"] < pictures.HIGHEST

    @pytest.mark.parametrize("kind", ["tiny", "fifty layers"])
    def test_the_words_above_the_ridges_have_two_lines_of_room(self, kind):
        layout = pictures.ridgelines(of(kind), LIGHT)["layout"]
        low, high = layout["yaxis1"]["range"]
        drawn = layout["height"] - layout["margin"]["t"] - layout["margin"]["b"]
        count = len(layout["yaxis1"]["tickvals"])
        top = pictures.SPACING * (count - 1) + pictures.TALL
        assert (high - top) / (high - low) * drawn == pytest.approx(28)
        assert pictures.SPACING / (high - low) * drawn > 13  # a layer's number is as high

    def test_tells_the_share_of_zeros_and_what_is_off_the_axis(self):
        run = of()
        output = ENTRIES.index("output")
        run = replace(run, zeros=run.zeros.copy(), outside=run.outside.copy())
        run.zeros[output, 1, -1] = [0.5, 0.004]
        run.outside[output, 1, -1] = [0.25, 0.01]
        run.outside[output, 0, -1] = run.zeros[output, 0, -1] = 0
        plain, batch = texts_of(pictures.ridgelines(run, LIGHT, "out of the activation"))
        assert plain == ["", ""]
        assert batch == ["50 % zero, 25 % off axis", ""]

    def test_says_that_a_network_diverged(self):
        run = of("everybody diverged")
        for treatment, text in enumerate(texts_of(pictures.ridgelines(run, DARK))[:2]):
            assert text[0] == f"diverged at step {run.diverged_at[treatment, 0]}"
        for trace in ridges_of(pictures.ridgelines(run, DARK)):
            assert len(set(unpacked(trace["y"]).tolist())) == 1  # a flat line

    def test_the_number_that_the_sentences_say_stands_in_the_picture_and_follows_the_clock(self):
        run = of()
        figure, ends = pictures.ridgelines(run, LIGHT), judge(run).networks
        for text, one in zip(texts_of(figure)[2:], ends, strict=True):
            assert f"moved {significant(one.moved)} std" in text[0]
        assert all("moved 0 std" in one["text"][0] for one in figure["frames"][0]["data"][-2:])
        last = [one["text"] for one in figure["frames"][-1]["data"][-2:]]
        assert last == texts_of(figure)[2:]

    def test_a_seed_that_has_diverged_counts_with_its_last_record(self):
        run = of("some diverged")
        assert (run.diverged_at != NEVER).any()
        ends = [one.moved for one in judge(run).networks]
        np.testing.assert_allclose(on_the_way(run)[:, -1], ends)

    def test_no_number_where_nothing_could_be_followed(self):
        run = of()
        run = replace(run, maps=np.full_like(run.maps, np.nan))
        assert texts_of(pictures.ridgelines(run, LIGHT))[2:] == [[""], [""]]

    def test_gradients_have_powers_of_ten(self):
        across = pictures.ridgelines(of(), LIGHT, "gradients")["layout"]["xaxis1"]
        assert all(text.startswith("10<sup>") for text in across["ticktext"])
        low, high = across["range"]
        assert all(low <= tick <= high for tick in across["tickvals"])


class TestOneUnit:
    @pytest.mark.parametrize("unit", [1, 5, 8])
    def test_shows_the_percentiles_of_that_unit(self, unit):
        run = of()
        figure = one_unit(run, LIGHT, unit)
        curves = [t for t in figure["data"] if t["mode"] == "lines" and "hovertemplate" in t]
        shown = np.stack([unpacked(trace["y"]) for trace in curves]).reshape(2, 3, -1)
        expected = run.percentiles[:, :, unit - 1, [0, 2, 1]]
        np.testing.assert_allclose(shown, expected.transpose(0, 2, 1), rtol=1e-5)
        assert str(unit) in figure["layout"]["yaxis1"]["title"]["text"]

    def test_its_curves_grow_with_the_clock(self):
        run = of()
        for column, frame in enumerate(one_unit(run, LIGHT, 1)["frames"]):
            middle = unpacked(frame["data"][3]["y"])
            np.testing.assert_allclose(middle, run.percentiles[0, : column + 1, 0, 1], rtol=1e-5)
            shown = unpacked(frame["data"][-2]["y"])
            np.testing.assert_allclose(shown, run.percentiles[0, column, 0], rtol=1e-5)

    def test_both_networks_share_the_axis_and_no_point_leaves_it(self):
        for kind in ("tiny", "some diverged", "everybody diverged"):
            figure = one_unit(of(kind), LIGHT, 1)
            low, high = figure["layout"]["yaxis1"]["range"]
            assert [low, high] == figure["layout"]["yaxis2"]["range"]
            for trace in figure["data"]:
                values = unpacked(trace["y"])
                values = values[np.isfinite(values)]
                assert (values >= low - 1e-4 * abs(low)).all()
                assert (values <= high + 1e-4 * abs(high)).all()

    def test_an_explosion_of_plain_leaves_bn_readable(self):
        run = of()
        run = replace(run, percentiles=run.percentiles.copy())
        run.percentiles[0, -1] = 1e9
        low, high = one_unit(run, LIGHT, 1)["layout"]["yaxis1"]["range"]
        extent = np.ptp(run.percentiles[1, :, 0])
        assert high - low < 8 * extent


class TestLayerMap:
    @pytest.mark.parametrize("choice", layer_maps.MAPS)
    def test_both_networks_share_one_scale_with_a_title(self, choice):
        for kind in ("tiny", "everybody diverged", "one seed"):
            plain, batch, *_ = layer_maps.layer_map(of(kind), LIGHT, choice)["data"]
            for key in ("zmin", "zmax", "colorscale"):
                assert plain[key] == batch[key]
            assert plain["zmin"] < plain["zmax"]
            assert plain["showscale"]
            assert not batch["showscale"]
            assert plain["colorbar"]["title"]["text"]
            for trace in (plain, batch):
                values = unpacked(trace["z"])
                values = values[np.isfinite(values)]
                assert (values >= np.float32(trace["zmin"])).all()
                assert (values <= np.float32(trace["zmax"])).all()

    def test_grows_with_the_clock(self):
        run = of()
        for column, frame in enumerate(layer_maps.layer_map(run, LIGHT, "signal")["frames"]):
            for drawn in frame["data"][:2]:
                known = np.isfinite(unpacked(drawn["z"])).any(axis=0)
                assert known.sum() == column + 1
                assert known[: column + 1].all()

    def test_shows_the_median_over_the_seeds_layers_downwards(self):
        run = of()
        plain, batch, *_ = layer_maps.layer_map(run, LIGHT, "signal")["data"]
        for treatment, trace in enumerate((plain, batch)):
            expected = np.log10(np.median(run.map("signal")[treatment], axis=0)).T
            np.testing.assert_allclose(
                unpacked(trace["z"]), np.clip(expected, trace["zmin"], trace["zmax"]), atol=1e-5
            )
            assert (trace["y0"], trace["dy"]) == (-1, -1)
            np.testing.assert_array_equal(unpacked(trace["customdata"])[:, 0], [1, 2])

    def test_shares_and_means_are_not_logarithmic(self):
        run = of()
        shares = unpacked(layer_maps.layer_map(run, LIGHT, "dead or saturated")["data"][0]["z"])
        expected = np.median(run.map("idle")[0], axis=0).T
        np.testing.assert_allclose(shares, expected, atol=1e-6)
        mean = layer_maps.layer_map(run, LIGHT, "mean")["data"][0]
        assert mean["zmin"] == -mean["zmax"]
        for choice, (title, *_) in layer_maps.MAPS.items():
            assert ("(log)" in title) == (choice not in layer_maps.LINEAR)

    def test_a_line_stands_at_the_clock(self):
        figure = layer_maps.layer_map(of(), LIGHT)
        for column, frame in enumerate(figure["frames"]):
            for change in frame["data"][2:]:
                assert set(unpacked(change["x"])) == {column}

    @pytest.mark.parametrize("draw", [layer_maps.layer_map, pictures.ridgelines, one_unit])
    def test_no_frame_leaves_out_a_layer_that_plotly_would_drop(self, draw):
        """In a frame, Plotly forgets whole kinds of traces, and zorders, that are not touched."""
        figure = draw(of(), LIGHT, 1) if draw is one_unit else draw(of(), LIGHT)
        kinds = [(t["type"], t.get("zorder", 0), t["xaxis"]) for t in figure["data"]]
        for frame in figure["frames"]:
            assert {kinds[place] for place in frame["traces"]} == set(kinds)

    def test_says_where_all_diverged(self):
        run = of("everybody diverged")
        lost = (run.diverged_at != NEVER).all(axis=1)
        assert lost[0]
        words = layer_maps.layer_map(run, LIGHT)["layout"]["annotations"]
        assert sum(one["text"] == "all diverged" for one in words) == lost.sum()
        words = layer_maps.layer_map(of(), LIGHT)["layout"]["annotations"]
        assert not any(one["text"] == "all diverged" for one in words)

    @pytest.mark.parametrize(("low", "high"), [(-2, 1.5), (-1, -0.4), (-5, 2), (0.1, 0.6)])
    def test_ticks_are_round_numbers_in_their_places(self, low, high):
        ticks = layer_maps.decimals(low, high)
        assert 1 <= len(ticks["tickvals"]) <= 8
        for place, text in zip(ticks["tickvals"], ticks["ticktext"], strict=True):
            assert low <= place <= high
            assert 10**place == pytest.approx(float(text))


class TestShades:
    @pytest.mark.parametrize("treatment", ["plain", "batch"])
    @pytest.mark.parametrize("name", THEMES)
    def test_run_from_faint_to_strong(self, name, treatment):
        colours = THEMES[name]
        scale = shades(colours, treatment, 12)
        assert len(set(scale)) == 12
        against = [contrast(one, colours.background) for one in scale]
        assert against == sorted(against)
        assert shades(colours, treatment, 1)

    def test_a_mixture_lies_between(self):
        assert mixed("#102030", "#506070", 1) == "#102030"
        assert mixed("#102030", "#506070", 0) == "#506070"
        assert mixed("#000000", "#FFFFFF", 0.5) in ("#808080", "#7F7F7F")
        assert luminance(mixed("#000000", "#FFFFFF", 0.2)) > luminance("#808080")


def test_a_run_with_one_record_only():
    run = activations.run(tiny("activations", steps=1))
    figure = pictures.ridgelines(run, LIGHT)
    assert [frame["name"] for frame in figure["frames"]] == ["0", "1"]
