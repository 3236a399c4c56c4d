"""The pictures of changed inputs: what stands where."""

import base64
from dataclasses import replace

import numpy as np
import pytest

from bnviz.experiments import changed_inputs
from bnviz.experiments.changed_inputs import InputsConfig
from bnviz.figures import LIGHT
from bnviz.figures import changed_inputs as pictures
from bnviz.figures.base import over_seeds
from tests.samples import tiny


@pytest.fixture(scope="module")
def changed():
    return changed_inputs.run(InputsConfig.like(tiny("shift", steps=20, seeds=3, depth=3)))


def numbers(spec):
    return np.frombuffer(base64.b64decode(spec["bdata"]), spec["dtype"])


def test_bars_show_the_medians_and_say_them(changed):
    figure = pictures.worlds(changed, LIGHT)
    middle, *_ = over_seeds(np.moveaxis(changed.accuracy, -1, 0))
    for judge, bars in enumerate(figure["data"]):
        np.testing.assert_allclose(numbers(bars["y"]), middle[judge], rtol=1e-6)
        assert bars["x"] == list(changed.worlds)
    said = [note["text"] for note in figure["layout"]["annotations"]]
    assert said == [f"{100 * value:.0f}" for value in middle.ravel()]


def test_bars_of_networks_that_were_lost(changed):
    lost = changed.accuracy.copy()
    lost[0] = np.nan
    figure = pictures.worlds(replace(changed, accuracy=lost), LIGHT)
    said = [note["text"] for note in figure["layout"]["annotations"]]
    assert said[:3] == ["lost"] * 3
    assert np.isfinite(numbers(figure["data"][0]["y"])).all()


@pytest.mark.parametrize(
    ("dataset", "kind"), [("digits", "heatmap"), ("moons", "scatter"), ("wine", "bar")]
)
def test_samples_stand_beside_their_histograms(dataset, kind):
    small = tiny("shift", dataset=dataset, steps=1, seeds=1)
    of = changed_inputs.run(InputsConfig.like(small))
    figure = pictures.inputs(of, LIGHT)
    samples = figure["data"][2::3]
    assert [trace["type"] for trace in samples] == [kind] * 3
    for row, trace in enumerate(samples):
        for name in ("xaxis", "yaxis"):
            assert trace[name] == f"{name[0]}{row + 4}"
        mine, theirs = (
            figure["layout"][f"yaxis{number if number > 1 else ''}"]["domain"]
            for number in (row + 1, row + 4)
        )
        assert mine == theirs
    if kind == "heatmap":  # drawn from the bottom up
        image = numbers(samples[0]["z"]).reshape(8, 8)
        np.testing.assert_array_equal(image[-1], of.samples[0][:8])
    filled = [numbers(trace["y"]) for trace in figure["data"][::3]]
    np.testing.assert_allclose(filled, of.seen[1:], rtol=1e-6)
