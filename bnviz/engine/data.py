"""The data sets, ready to be trained on: small enough for a second, real enough to be worth it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from bnviz.engine.samples import KINDS, Kind, Samples, named

Array = NDArray[np.float32]
Labels = NDArray[np.int64]
Floats = NDArray[np.float64]
Scaling = Literal["standardized", "raw"]

DATASETS = tuple(KINDS)
"""The names of those that have one; see `samples.given` for those that have none."""

AT_HAND = 32  # sets that are kept ready; the largest takes half a megabyte


@dataclass(frozen=True, eq=False)
class Dataset:
    """Inputs and their labels, split once and for all.

    Inputs are float32. Standardized images and points are minus the training mean of each feature,
    divided by the one standard deviation of all training values together: pixels and coordinates
    share a unit. In a standardized table each feature, which has a unit of its own, is divided by
    its own deviation. Raw, a table is as it was measured. Labels are int64 in 0 … classes-1.
    """

    name: str
    train_inputs: Array  # (train samples, features)
    train_labels: Labels  # (train samples,)
    test_inputs: Array  # (test samples, features)
    test_labels: Labels  # (test samples,)
    classes: int
    kind: Kind

    def __post_init__(self) -> None:
        for array in (self.train_inputs, self.train_labels, self.test_inputs, self.test_labels):
            array.flags.writeable = False  # shared by every run of the process

    @property
    def features(self) -> int:
        return self.train_inputs.shape[1]

    @property
    def on_a_plane(self) -> bool:
        """Whether a sample is a point that can be drawn, with one unit on both axes."""
        return self.kind == "points"

    def place_of(self, number: int) -> int:
        """Where in the test set sample `number` is: the classes take turns, and start over."""
        label, turn = number % self.classes, number // self.classes
        places = np.flatnonzero(self.test_labels == label)
        return int(places[turn % len(places)])


def load(
    name: str,
    train_size: int | None = None,
    wrong_labels: float = 0.0,
    *,
    noise: float = 1.0,
    scaling: Scaling = "standardized",
) -> Dataset:
    """The data set of this name: see `prepared` and, for the noise of points, `samples.named`."""
    return prepared(named(name, noise), train_size, wrong_labels, scaling)


@lru_cache(maxsize=AT_HAND)
def prepared(
    samples: Samples,
    train_size: int | None = None,
    wrong_labels: float = 0.0,
    scaling: Scaling = "standardized",
) -> Dataset:
    """These samples as a data set, perhaps with fewer to train on and some wrong labels.

    The first `train_size` samples of a fixed shuffled order are kept, so a smaller set is part
    of every larger one. Then the share `wrong_labels` of the training samples gets a label drawn
    evenly from the *other* classes. The test set is never touched, and what scales the inputs is
    taken from all training samples.

    Raises ValueError for a size outside 2 … all, a share outside 0 … 1, or raw data that are no
    table.
    """
    labels, total = samples.labels[~samples.is_test], samples.train_count
    size = total if train_size is None else train_size
    if not 2 <= size <= total:
        raise ValueError(f"train_size is {size}; {samples.name} allows 2 to {total}")
    if not 0 <= wrong_labels <= 1:
        raise ValueError(f"wrong_labels is {wrong_labels}; it is a share from 0 to 1")
    random = np.random.default_rng(1997)
    kept = random.permutation(total)[:size] if size < total else np.arange(total)
    spoiled = labels[kept]
    wrong = random.permutation(size)[: round(wrong_labels * size)]
    spoiled[wrong] += random.integers(1, samples.classes, len(wrong))
    inputs = _scaled(samples.inputs, *_scale(samples, scaling))
    return Dataset(
        name=samples.name,
        train_inputs=inputs[~samples.is_test][kept],
        train_labels=spoiled % samples.classes,
        test_inputs=inputs[samples.is_test],
        test_labels=samples.labels[samples.is_test],
        classes=samples.classes,
        kind=samples.kind,
    )


def _scale(samples: Samples, scaling: Scaling) -> tuple[Floats, Floats]:
    """What is subtracted from each feature, and what it is then divided by; (features,), (…)."""
    mean, deviation = _moments(samples)
    if scaling == "standardized":
        return mean, deviation
    if samples.kind != "table":
        raise ValueError(f"raw is for tables; {samples.name} are {samples.kind}")
    return np.zeros_like(mean), np.ones_like(mean)


def _moments(samples: Samples) -> tuple[Floats, Floats]:
    """Mean and deviation of each feature, of the training part alone.

    A feature that is constant there has that mean exactly, and the deviation 1: it stays at zero.
    """
    train = samples.inputs[~samples.is_test]
    mean = train.mean(axis=0)
    if samples.kind != "table":
        return mean, np.asarray((train - mean).std())
    varies = np.ptp(train, axis=0) > 0
    return np.where(varies, mean, train[0]), np.where(varies, train.std(axis=0), 1.0)


def _scaled(inputs: Floats, mean: Floats, deviation: Floats) -> Array:
    scaled: Array = ((inputs - mean) / deviation).astype(np.float32)
    return scaled


FAINTER = 0.4  # times the ink
SMALLER = 0.5  # times as large
ASIDE = 0.5  # of the deviation of the training samples

CHANGES: dict[Kind, tuple[str, str]] = {
    "images": ("fainter", "moved"),
    "points": ("smaller", "moved"),
    "table": ("narrower", "moved"),
}
"""What can be done to the test inputs: to their size, to their place."""


@lru_cache(maxsize=AT_HAND)
def changed(samples: Samples, change: str, scaling: Scaling = "standardized") -> Array:
    """The test inputs as they look in another world, scaled as the training inputs were.

    Images "fainter": FAINTER times the ink in every pixel; "moved": by one pixel to the right, with
    an empty column on the left. Points "smaller": SMALLER times as far from the origin; "moved":
    by ASIDE deviations to the right. Tables "narrower": every feature SMALLER times as far from its
    training mean; "moved": every feature by ASIDE of its deviation. The labels stay what they were.

    Returns (test samples, features); raises ValueError for a change that these samples have not.
    """
    if change not in CHANGES[samples.kind]:
        raise ValueError(f"no change {change!r} of {samples.name!r}")
    (mean, deviation), test = _moments(samples), samples.inputs[samples.is_test]
    match samples.kind, change:
        case "images", "fainter":
            test = test * FAINTER
        case "images", _:
            images = test.reshape(-1, 8, 8)
            test = np.pad(images, ((0, 0), (0, 0), (1, 0)))[:, :, :-1].reshape(test.shape)
        case "points", "smaller":
            test = test * SMALLER
        case "points", _:
            test = test + np.array([ASIDE * float(deviation), 0.0])
        case _, "narrower":
            test = mean + SMALLER * (test - mean)
        case _:
            test = test + ASIDE * deviation
    moved = _scaled(test, *_scale(samples, scaling))
    moved.flags.writeable = False
    return moved
