"""The data sets: small enough to train on in a second, real enough to be worth it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]
Labels = NDArray[np.int64]

TRAIN_POINTS = 1000  # of each generated 2-D set
TEST_POINTS = 500


@dataclass(frozen=True)
class Dataset:
    """Standardized inputs and their labels, split once and for all.

    Inputs are float32, minus the training mean of each feature, divided by the one standard
    deviation of all training values together; labels are int64 in 0 … classes-1.
    """

    name: str
    train_inputs: Array  # (train samples, features)
    train_labels: Labels  # (train samples,)
    test_inputs: Array  # (test samples, features)
    test_labels: Labels  # (test samples,)
    classes: int

    @property
    def features(self) -> int:
        return self.train_inputs.shape[1]


Raw = tuple[NDArray[np.float64], NDArray[np.integer], NDArray[np.bool_]]
"""Inputs before they are standardized (samples, features), labels, and which are for testing."""


def _digits() -> Raw:
    """8x8 handwritten digits: 1347 training and 450 test images, ten classes.

    The test part of the UCI "Optical Recognition of Handwritten Digits" set (E. Alpaydin and
    C. Kaynak, 1998, CC BY 4.0), in the copy that scikit-learn ships; pixels divided by 16. The
    stratified split is stored with the images, so it never moves.
    """
    with np.load(Path(__file__).with_name("digits.npz")) as file:
        images, labels, is_test = file["images"], file["labels"], file["is_test"]
    return images / 16.0, labels, is_test


def _scaling(
    inputs: NDArray[np.float64], is_test: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], float]:
    """The mean of each feature and the one deviation, both of the training part alone."""
    train = inputs[~is_test]
    mean = train.mean(axis=0)
    return mean, float((train - mean).std())


def _standardized(
    name: str, inputs: NDArray[np.float64], labels: NDArray[np.integer], is_test: NDArray[np.bool_]
) -> Dataset:
    mean, std = _scaling(inputs, is_test)
    scaled = ((inputs - mean) / std).astype(np.float32)
    targets = labels.astype(np.int64)
    return Dataset(
        name=name,
        train_inputs=scaled[~is_test],
        train_labels=targets[~is_test],
        test_inputs=scaled[is_test],
        test_labels=targets[is_test],
        classes=int(targets.max()) + 1,
    )


def _moons(random: np.random.Generator, count: int) -> tuple[NDArray[np.float64], Labels]:
    """Two interleaved half circles."""
    labels = np.arange(count) % 2
    angle = random.uniform(0, np.pi, count)
    upper = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    lower = np.stack([1 - np.cos(angle), 0.5 - np.sin(angle)], axis=1)
    points = np.where(labels[:, None] == 0, upper, lower)
    return points + random.normal(0, 0.12, points.shape), labels


def _circles(random: np.random.Generator, count: int) -> tuple[NDArray[np.float64], Labels]:
    """A ring inside a ring."""
    labels = np.arange(count) % 2
    angle = random.uniform(0, 2 * np.pi, count)
    radius = np.where(labels == 0, 1.0, 0.5)
    points = radius[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return points + random.normal(0, 0.09, points.shape), labels


def _spirals(random: np.random.Generator, count: int) -> tuple[NDArray[np.float64], Labels]:
    """Two arms, one and a half turns each."""
    labels = np.arange(count) % 2
    along = np.sqrt(random.uniform(0.03, 1, count))
    angle = 3 * np.pi * along + np.pi * labels
    points = along[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return points + random.normal(0, 0.02, points.shape), labels


def _checkerboard(random: np.random.Generator, count: int) -> tuple[NDArray[np.float64], Labels]:
    """A board of 4 x 4 squares."""
    points = random.uniform(0, 4, (count, 2))
    return points, np.floor(points).sum(axis=1).astype(np.int64) % 2


def _generated(
    draw: Callable[[np.random.Generator, int], tuple[NDArray[np.float64], Labels]],
) -> Raw:
    count = TRAIN_POINTS + TEST_POINTS
    points, labels = draw(np.random.default_rng(2015), count)
    return points, labels, np.arange(count) >= TRAIN_POINTS


DATASETS: dict[str, Callable[[], Raw]] = {
    "digits": _digits,
    "moons": partial(_generated, _moons),
    "circles": partial(_generated, _circles),
    "spirals": partial(_generated, _spirals),
    "checkerboard": partial(_generated, _checkerboard),
}


@cache
def load(name: str, train_size: int | None = None, wrong_labels: float = 0.0) -> Dataset:
    """The data set of this name, perhaps with fewer training samples and some wrong labels.

    The first `train_size` samples of a fixed shuffled order are kept, so a smaller set is part
    of every larger one. Then the share `wrong_labels` of the training samples gets a label drawn
    evenly from the *other* classes. The test set is never touched.

    Raises ValueError for an unknown name, a size outside 2 … all, or a share outside 0 … 1.
    """
    if name not in DATASETS:
        raise ValueError(f"no data set {name!r}; there are {', '.join(DATASETS)}")
    data = _standardized(name, *DATASETS[name]())
    total = len(data.train_labels)
    size = total if train_size is None else train_size
    if not 2 <= size <= total:
        raise ValueError(f"train_size is {size}; {name} allows 2 to {total}")
    if not 0 <= wrong_labels <= 1:
        raise ValueError(f"wrong_labels is {wrong_labels}; it is a share from 0 to 1")
    random = np.random.default_rng(1997)
    kept = random.permutation(total)[:size] if size < total else np.arange(total)
    labels = data.train_labels[kept].copy()
    wrong = random.permutation(size)[: round(wrong_labels * size)]
    labels[wrong] += random.integers(1, data.classes, len(wrong))
    data = replace(data, train_inputs=data.train_inputs[kept], train_labels=labels % data.classes)
    for array in (data.train_inputs, data.train_labels, data.test_inputs, data.test_labels):
        array.flags.writeable = False  # shared by every run of the process
    return data


FAINTER = 0.4  # times the ink
SMALLER = 0.5  # times as large
ASIDE = 0.5  # to the right, in the deviation of the training points


def changes(name: str) -> tuple[str, str]:
    """What can be done to the test inputs of this data set: to their size, to their place."""
    return ("fainter", "moved") if name == "digits" else ("smaller", "moved")


@cache
def changed(name: str, change: str) -> Array:
    """The test inputs as they look in another world, scaled as the training inputs were.

    Digits "fainter": FAINTER times the ink in every pixel; "moved": by one pixel to the right, with
    an empty column on the left. Points "smaller": SMALLER times as far from the origin; "moved":
    by ASIDE deviations to the right. The labels stay what they were.

    Returns (test samples, features); raises ValueError for a change that this data set has not.
    """
    if name not in DATASETS or change not in changes(name):
        raise ValueError(f"no change {change!r} of {name!r}")
    inputs, _, is_test = DATASETS[name]()
    mean, std = _scaling(inputs, is_test)
    test = inputs[is_test]
    if change == "moved" and name == "digits":
        images = test.reshape(-1, 8, 8)
        test = np.pad(images, ((0, 0), (0, 0), (1, 0)))[:, :, :-1].reshape(test.shape)
    elif change == "moved":
        test = test + np.array([ASIDE * std, 0.0])
    else:
        test = test * (FAINTER if name == "digits" else SMALLER)
    scaled: Array = ((test - mean) / std).astype(np.float32)
    scaled.flags.writeable = False
    return scaled
