"""The pictures of today's networks: what stands where."""

import base64

import numpy as np

from bnviz.figures import LIGHT
from bnviz.figures import today as pictures
from bnviz.figures.theme import LABEL
from tests.made.today import made


def numbers(spec):
    return np.frombuffer(base64.b64decode(spec["bdata"]), spec["dtype"])


def test_every_network_stands_over_its_rates_until_most_seeds_diverge():
    results = made({"rms": 0.95}, {"rms": 0.4})
    for place, figure in enumerate(pictures.both(results, LIGHT)):
        assert [trace["name"] for trace in figure["data"]] == [
            LABEL[one.config.arm] for one in results
        ]
        for trace, one in zip(figure["data"], results, strict=True):
            np.testing.assert_allclose(numbers(trace["x"]), one.rates, rtol=1e-6)
            y = numbers(trace["y"])
            np.testing.assert_allclose(y[:-1], one.accuracy[place, :-1, 0], atol=1e-6)
            assert np.isnan(y[-1])
        key = " ".join(note["text"] for note in figure["layout"]["annotations"])
        assert all(LABEL[one.config.arm] in key for one in results)
        assert ("before the branch", "after the sum")[place] in figure["layout"]["xaxis"]["title"][
            "text"
        ]
        low, high = figure["layout"]["xaxis"]["range"]
        assert low < -2 < 0.5 < high
