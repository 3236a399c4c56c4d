"""The picture of the recurrent networks: what stands where, and what it is called."""

import base64

import numpy as np

from bnviz.experiments.recurrent import ARMS, EMPTY_ROWS
from bnviz.figures import LIGHT
from bnviz.figures import recurrent as pictures
from bnviz.words.relatives import recurrent as words
from tests.made.recurrent import made


def numbers(spec):
    return np.frombuffer(base64.b64decode(spec["bdata"]), spec["dtype"])


def test_late_and_early_stand_over_the_empty_rows():
    results = made(late={"shared": 0.7}, early={"layer": 0.2})
    for figure, side in zip(pictures.both(results, LIGHT), ("late", "early"), strict=True):
        for trace, result in zip(figure["data"], results, strict=True):
            np.testing.assert_array_equal(numbers(trace["x"]), EMPTY_ROWS)
            middle = np.median(getattr(result, side), axis=0)
            np.testing.assert_allclose(numbers(trace["y"]), middle, atol=1e-6)


def test_every_network_is_called_what_the_sentences_call_it():
    assert {arm: style.name for arm, style in pictures.STYLES.items()} == words.NAMES
    assert set(words.NAMES) == set(ARMS)
    (key,) = pictures.waiting(made(), LIGHT)["layout"]["annotations"]
    assert all(name in key["text"] for name in words.NAMES.values())
