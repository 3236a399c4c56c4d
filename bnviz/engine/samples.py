"""What was measured, before anything is done to it: by name, or of anybody's own arrays."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bnviz.engine import points

Kind = Literal["images", "points", "table"]

TEST_SHARE = 0.25  # of samples that come without a split of their own
SPLIT_SEED = 1998
PIXELS = 16.0  # the ink of the darkest pixel of a digit


@dataclass(frozen=True, eq=False, kw_only=True)
class Samples:
    """Samples as they came, their classes, and which of them are for testing.

    Two are equal only if they are the same object, so that what is made of them can be cached.
    """

    name: str
    kind: Kind
    inputs: NDArray[np.float64]  # (samples, features)
    labels: NDArray[np.int64]  # (samples,) 0 … classes-1
    is_test: NDArray[np.bool_]  # (samples,)

    def __post_init__(self) -> None:
        for array in (self.inputs, self.labels, self.is_test):
            array.flags.writeable = False  # shared by every run of the process

    @property
    def classes(self) -> int:
        return int(self.labels.max()) + 1

    @property
    def train_count(self) -> int:
        return int((~self.is_test).sum())


def given(
    name: str,
    inputs: ArrayLike,
    labels: ArrayLike,
    *,
    kind: Kind = "table",
    test_share: float = TEST_SHARE,
) -> Samples:
    """Samples of your own, (samples, features), with their classes, (samples,), 0 … classes-1.

    Split once, class by class: see `stratified`. What comes back is a set like any other.

    Raises ValueError where the arrays do not belong together, a value is no finite number, or a
    class has fewer than two samples: one to learn from, one to test.
    """
    values = np.array(inputs, dtype=np.float64)
    classes = np.array(labels)
    if values.ndim != 2 or classes.shape != values.shape[:1] or not values.size:
        raise ValueError(
            f"inputs have the shape {values.shape} and labels {classes.shape};"
            " they must be (samples, features) and (samples,)"
        )
    if not np.isfinite(values).all():
        raise ValueError(f"{name} holds a value that is no finite number")
    if not np.issubdtype(classes.dtype, np.integer) or classes.min() < 0:
        raise ValueError(f"the labels of {name} must be whole numbers from 0")
    counts = np.bincount(np.minimum(classes, len(classes)))  # a label may be any number
    if len(counts) < 2 or counts.min() < 2:
        raise ValueError(f"{name} needs two classes or more, and two samples or more of each")
    whole = classes.astype(np.int64)
    is_test = stratified(whole, test_share)
    return Samples(name=name, kind=kind, inputs=values, labels=whole, is_test=is_test)


def stratified(labels: NDArray[np.int64], share: float) -> NDArray[np.bool_]:
    """Which samples are for testing: of each class this share, drawn once and for all.

    One at least, and not all; the same labels give the same split. labels, result: (samples,).
    """
    random, is_test = np.random.default_rng(SPLIT_SEED), np.zeros(len(labels), dtype=np.bool_)
    for label in np.unique(labels):
        own = np.flatnonzero(labels == label)
        count = int(np.clip(round(share * len(own)), 1, max(1, len(own) - 1)))
        is_test[random.permutation(own)[:count]] = True
    return is_test


def _stored(name: str, kind: Kind, file: str, unit: float = 1.0) -> Samples:
    """A set from its file beside this one, where the split is stored too, so it never moves."""
    with np.load(Path(__file__).with_name(file)) as held:
        inputs, labels, is_test = held["inputs"], held["labels"], held["is_test"]
    return Samples(
        name=name, kind=kind, inputs=inputs / unit, labels=labels.astype(np.int64), is_test=is_test
    )


def _digits() -> Samples:
    """8x8 handwritten digits: 1347 training and 450 test images, ten classes.

    The test part of the UCI "Optical Recognition of Handwritten Digits" set (E. Alpaydin and
    C. Kaynak, 1998, CC BY 4.0), in the copy that scikit-learn ships; pixels divided by 16.
    """
    return _stored("digits", "images", "digits.npz", PIXELS)


def _wine() -> Samples:
    """13 measurements of 178 wines from three growers: 89 to train on, 89 to test.

    The UCI set "Wine" (S. Aeberhard and M. Forina, 1992, CC BY 4.0), in scikit-learn's copy.
    """
    return _stored("wine", "table", "wine.npz")


def _breast_cancer() -> Samples:
    """30 measurements of the cell nuclei in 569 images: 284 to train on, 285 to test.

    Class 0: malignant, 1: benign. The UCI set "Breast Cancer Wisconsin (Diagnostic)" (W. Wolberg,
    O. Mangasarian, N. Street and W. Street, 1993, CC BY 4.0), in scikit-learn's copy.
    """
    return _stored("breast cancer", "table", "breast_cancer.npz")


STORED: dict[str, Callable[[], Samples]] = {
    "digits": cache(_digits),
    "wine": cache(_wine),
    "breast cancer": cache(_breast_cancer),
}
KINDS: dict[str, Kind] = {
    "digits": "images",
    **dict.fromkeys(points.DRAWN, "points"),
    "wine": "table",
    "breast cancer": "table",
}
"""Every set that has a name, in the order of the widget."""


@lru_cache(maxsize=64)
def _of_points(name: str, noise: float) -> Samples:
    inputs, labels, is_test = points.draw(name, noise)
    return Samples(name=name, kind="points", inputs=inputs, labels=labels, is_test=is_test)


def named(name: str, noise: float = 1.0) -> Samples:
    """The set of this name; points with `noise` times their usual noise, what is measured as it is.

    Raises ValueError for an unknown name, or a noise below 0.
    """
    if name not in KINDS:
        raise ValueError(f"no data set {name!r}; there are {', '.join(KINDS)}")
    if not 0 <= noise < np.inf:
        raise ValueError(f"noise is {noise}; it is a number from 0")
    return STORED[name]() if name in STORED else _of_points(name, noise)
