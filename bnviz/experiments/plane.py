"""What networks decide all over a plane: a grid of points, and the maps on it."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from bnviz.axes import LEVELS

GRID = 48  # points along each side of the map


def plane_axis(points: NDArray[np.float32]) -> NDArray[np.float32]:
    """The coordinates of the grid, (2, GRID), that holds all points, (n, 2), with a margin."""
    margin = 0.25
    low, high = points.min(0) - margin, points.max(0) + margin
    return np.linspace(low, high, GRID, dtype=np.float32).T


def plane_points(axis: NDArray[np.float32]) -> torch.Tensor:
    """All points of the grid, (GRID * GRID, 2), x fastest."""
    x, y = np.meshgrid(axis[0], axis[1])
    return torch.tensor(np.stack([x.ravel(), y.ravel()], axis=1))


def as_bytes(probability: NDArray[np.float32]) -> NDArray[np.uint8]:
    """A share of 1 as LEVELS, in maps (…, GRID, GRID); half of it where the network diverged."""
    filled = np.nan_to_num(probability, nan=0.5)
    return np.rint(LEVELS * filled).astype(np.uint8).reshape(*filled.shape[:2], GRID, GRID)
