"""Data as images: what a convolutional network reads."""

import pytest

from bnviz.engine.data import load
from bnviz.engine.images import SIDE, as_images


class TestAsImages:
    def test_digits_are_images_already(self):
        assert as_images(load("digits")) is load("digits")

    def test_points_are_spots_at_their_place(self):
        points, images = load("moons"), as_images(load("moons"))
        assert images.train_inputs.shape == (1000, SIDE * SIDE)
        assert images.train_inputs.mean() == pytest.approx(0, abs=1e-3)
        assert images.train_inputs.std() == pytest.approx(1, abs=1e-3)
        far = int(points.test_inputs[:, 0].argmax()), int(points.test_inputs[:, 1].argmax())
        right, above = (images.test_inputs[place].reshape(8, 8) for place in far)
        assert right.max(0)[4:].max() > right.max(0)[:3].max()
        assert above.max(1)[:4].max() > above.max(1)[5:].max()
        assert (images.test_labels == points.test_labels).all()
