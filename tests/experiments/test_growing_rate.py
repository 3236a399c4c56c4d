"""A learning rate that grows in the place of weight decay."""

import numpy as np
import pytest

from bnviz.axes import DECAYING, GROWING, NEVER, PLAIN_GROWING
from bnviz.experiments import growing_rate
from bnviz.experiments.growing_rate import GrowingConfig, pieces
from bnviz.experiments.scale import ScaleConfig

SMALL = {"depth": 2, "width": 8, "steps": 8, "batch_size": 32, "seeds": 2, "learning_rate": 0.1}


def test_shapes_and_bits():
    one, other = (growing_rate.run(GrowingConfig(**SMALL), workers=k) for k in (1, 2))
    assert one.test_accuracy.shape == (3, 2, len(one.steps))
    assert one.diverged_at.shape == (3, 2)
    np.testing.assert_array_equal(one.test_accuracy, other.test_accuracy)


def test_the_rate_grows_as_the_paper_says():
    config = GrowingConfig(**SMALL | {"steps": 400}, decay=0.05)
    rates = config.rates(np.arange(401))
    np.testing.assert_allclose(rates[1:] / rates[:-1], (1 - 0.1 * 0.05) ** -2)
    assert rates[0] == pytest.approx(0.1 / (1 - 0.1 * 0.05))
    assert rates[-1] == pytest.approx(5.5, abs=0.1)


def test_the_page_s_own_optimizer_and_gain_are_left_out():
    for piece in pieces(ScaleConfig(optimizer="adam", gain=100.0, width=16, decay=0.002)):
        assert (piece.optimizer, piece.gain, piece.width) == ("sgd", 1.0, 16)
        assert piece.learning_rate == growing_rate.RATE


def test_bn_bears_what_plain_does_not():
    """Both growths of the page, at its default network, over five seeds."""
    slow, fast = (growing_rate.run(piece) for piece in pieces(ScaleConfig()))
    for result in (slow, fast):
        last = result.test_accuracy[:, :, -1]
        assert (result.diverged_at[[DECAYING, GROWING]] == NEVER).all()
        assert (last[[DECAYING, GROWING]] > 0.8).all()
        assert abs(np.median(last[GROWING]) - np.median(last[DECAYING])) < 0.05
    assert fast.rate[-1] > 300
    assert (fast.diverged_at[PLAIN_GROWING] != NEVER).sum() >= 4
