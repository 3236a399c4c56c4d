"""The pictures of home: lamps for units, and the health of both networks over training."""

import numpy as np

from bnviz.experiments import home
from bnviz.figures import LIGHT
from bnviz.figures import home as pictures
from tests.figures.parts import unpacked
from tests.figures.results import KINDS, result
from tests.samples import home_config


class TestHealth:
    def test_has_a_line_and_a_band_for_each_measure_and_network(self):
        figure = pictures.health(result("home", "tiny"), LIGHT)
        names = [trace.get("name") for trace in figure["data"]]
        for name in ("plain", "BN", "plain, all seeds", "BN, all seeds"):
            assert names.count(name) == 3, name

    def test_curves_stay_on_their_axes(self):
        for kind in KINDS:
            figure = pictures.health(result("home", kind), LIGHT)
            for trace in figure["data"]:
                row = trace.get("yaxis", "y").removeprefix("y") or "1"
                low, high = figure["layout"][f"yaxis{row}"]["range"]
                values = unpacked(trace["y"]).astype(float)
                values = values[np.isfinite(values)]
                if figure["layout"][f"yaxis{row}"].get("type") == "log":
                    values = np.log10(values)
                assert (values >= low - 1e-4).all()
                assert (values <= high + 1e-4).all()

    def test_curves_grow_with_the_clock(self):
        of = result("home", "tiny")
        figure = pictures.health(of, LIGHT)
        widths = of.config.depth * (np.arange(len(of.steps)) + 2)  # and a gap after every layer
        for frame, width in zip(figure["frames"], widths, strict=True):
            line = unpacked(frame["data"][1]["y"]).reshape(of.config.depth, -1)
            assert line.size == width
            ends = np.median(of.signal[0, :, int(np.searchsorted(of.steps, int(frame["name"])))], 0)
            np.testing.assert_allclose(line[:, -2], ends, rtol=1e-4)
            np.testing.assert_allclose(unpacked(frame["data"][2]["y"]), ends, rtol=1e-4)


class TestNetworks:
    def test_lamps_are_bytes_units_by_layers(self):
        of = result("home", "tiny")
        figure = pictures.networks(of, LIGHT)
        for trace in figure["data"][:2]:
            lamps = unpacked(trace["z"])
            assert lamps.dtype == np.uint8
            assert lamps.shape == (of.config.width, of.config.depth)
            assert lamps.max() <= trace["zmax"]

    def test_a_network_that_diverged_is_dark_and_says_so(self):
        figure = pictures.networks(result("home", "everybody diverged"), LIGHT)
        assert unpacked(figure["data"][0]["z"]).max() == 0
        assert "diverged at step" in figure["data"][2]["text"][0]

    def test_a_louder_unit_is_a_brighter_lamp(self):
        signal = np.array([0, 1e-5, 1e-4, 0.1, 1, 10, 1e3, 1e30, np.inf, np.nan], np.float32)
        lamps = pictures._as_bytes(signal).astype(int)
        assert list(lamps[:9]) == sorted(lamps[:9])
        assert lamps[0] == lamps[1] == lamps[2] == lamps[9] == 0
        assert lamps[6] == lamps[8] == 250

    def test_names_the_layers_that_have_bn(self):
        of = home.run(home_config(depth=3, normalized=(2,)))
        layout = pictures.networks(of, LIGHT)["layout"]
        assert ["BN" in text for text in layout["xaxis2"]["ticktext"]] == [False, True, False]
        assert not any("BN" in text for text in layout["xaxis1"]["ticktext"])
