"""Points in the plane, of two classes: drawn anew from a formula, always the same ones."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]
Labels = NDArray[np.int64]
Draw = Callable[[np.random.Generator, int, float], tuple[Points, Labels]]
"""(where chance comes from, how many points, standard deviation of their noise) -> both."""

SEED = 2015
TRAIN_POINTS = 1000  # of each set
TEST_POINTS = 500


def _moons(random: np.random.Generator, count: int, noise: float) -> tuple[Points, Labels]:
    """Two interleaved half circles."""
    labels = np.arange(count) % 2
    angle = random.uniform(0, np.pi, count)
    upper = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    lower = np.stack([1 - np.cos(angle), 0.5 - np.sin(angle)], axis=1)
    points = np.where(labels[:, None] == 0, upper, lower)
    return points + random.normal(0, noise, points.shape), labels


def _circles(random: np.random.Generator, count: int, noise: float) -> tuple[Points, Labels]:
    """A ring inside a ring."""
    labels = np.arange(count) % 2
    angle = random.uniform(0, 2 * np.pi, count)
    radius = np.where(labels == 0, 1.0, 0.5)
    points = radius[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return points + random.normal(0, noise, points.shape), labels


def _rings(random: np.random.Generator, count: int, noise: float) -> tuple[Points, Labels]:
    """Four rings around one another, whose classes take turns."""
    ring = np.arange(count) % 4
    angle = random.uniform(0, 2 * np.pi, count)
    points = (ring[:, None] + 1) / 4 * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return points + random.normal(0, noise, points.shape), ring % 2


def _spirals(random: np.random.Generator, count: int, noise: float) -> tuple[Points, Labels]:
    """Two arms, one and a half turns each."""
    labels = np.arange(count) % 2
    along = np.sqrt(random.uniform(0.03, 1, count))
    angle = 3 * np.pi * along + np.pi * labels
    points = along[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return points + random.normal(0, noise, points.shape), labels


def _xor(random: np.random.Generator, count: int, noise: float) -> tuple[Points, Labels]:
    """Clouds around (1, 1), (-1, 1), (1, -1), (-1, -1): class 1 where the signs differ."""
    corner = np.arange(count) % 4
    right, above = corner % 2 == 0, corner < 2
    points = np.where(np.stack([right, above], axis=1), 1.0, -1.0)
    return points + random.normal(0, noise, points.shape), (right != above).astype(np.int64)


def _checkerboard(random: np.random.Generator, count: int, noise: float) -> tuple[Points, Labels]:
    """A board of 4 x 4 squares, evenly filled: nothing in it could be noisy."""
    points = random.uniform(0, 4, (count, 2))
    return points, np.floor(points).sum(axis=1).astype(np.int64) % 2


DRAWN: dict[str, Draw] = {
    "moons": _moons,
    "circles": _circles,
    "spirals": _spirals,
    "checkerboard": _checkerboard,
    "XOR": _xor,
    "rings": _rings,
}
NOISE = {"moons": 0.12, "circles": 0.09, "spirals": 0.02, "XOR": 0.4, "rings": 0.04}
"""The standard deviation, in each direction, of the way from where a point belongs."""


def draw(name: str, noise: float = 1.0) -> tuple[Points, Labels, NDArray[np.bool_]]:
    """The points, their labels, and which are for testing; with `noise` times the usual noise."""
    count = TRAIN_POINTS + TEST_POINTS
    random = np.random.default_rng(SEED)
    points, labels = DRAWN[name](random, count, noise * NOISE.get(name, 0.0))
    return points, labels, np.arange(count) >= TRAIN_POINTS
