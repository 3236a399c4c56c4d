"""Surfaces by hand."""

import numpy as np

from bnviz.experiments.surface import SurfaceConfig, SurfaceResult
from tests.samples import TINY

X, Y = np.meshgrid(np.linspace(-1, 1, 21), np.linspace(-1, 1, 21))
BOWL, DOME, SADDLE = X**2 + 0.3 * Y**2, 9 - X**2 - Y**2, 5 + X * Y
PLANE = 2.3 + 0.1 * X - 0.037 * Y
LOW_DOME = DOME / 9
HALF = np.where(X < 0, 1.0, 9.0)
FEW = np.where((X > 0.95) & (Y > 0), 9.0, 1.0)


def made(plain=X**2 + Y**2, batch=X**2 + Y**2, step=(8, 8), explained=None, **changes):
    """A result of one seed with these two surfaces."""
    return of_seeds([(plain, batch)], step, explained, **changes)


def of_seeds(pairs, step=(8, 8), explained=None, **changes):
    """A result of several seeds, each with its two surfaces."""
    config, seeds = SurfaceConfig(**TINY | {"seeds": len(pairs)} | changes), len(pairs)
    losses = np.array([[np.broadcast_to(one, X.shape) for one in pair] for pair in pairs])
    return SurfaceResult(
        config=config,
        steps=np.arange(9),
        steps_there=np.repeat(np.array(step)[:, None], seeds, axis=1),
        axes=np.stack([[X[0], X[0]]] * seeds),
        losses=losses.swapaxes(0, 1).astype(np.float32),
        paths=None if explained is None else np.zeros((2, seeds, 9, 2)),
        explained=None if explained is None else np.repeat(np.array(explained)[:, None], seeds, 1),
        parameters=np.array([1234, 1250]),
        guessing=float(np.log(10)),
    )
