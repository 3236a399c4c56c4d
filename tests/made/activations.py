"""Two networks of two layers and two seeds by hand, whose distributions move step by step."""

import numpy as np

from bnviz.axes import ENTRIES, MEASURES, NEVER
from bnviz.experiments.activations import BINS, ActivationsResult, shown_layers
from tests.samples import tiny

STEPS = np.array([0, 1, 2, 4])
NOBODY = (NEVER, NEVER)
UNITS = {
    "mean": (-0.2, 0.0, 0.3),
    "deviation": (0.8, 1.0, 1.4),
    "skewness": (0.1, 0.5, 1.0),
    "kurtosis": (-1.0, -0.6, 2.0),
}


def made(
    moved=((0.5, 1.0), (0.05, 0.1)),
    accuracy=(0.9, 0.95),
    diverged=(NOBODY, NOBODY),
    idle=((0.0, 0.0), (0.0, 0.0)),
    zeros=0.5,
    units=None,
    update=0.001,
    **changes,
):
    """A result by hand: two layers, two seeds; `moved` and `idle` per network and layer."""
    config = tiny("activations", **{"seeds": 2, "depth": 2, "width": 8, "steps": 4} | changes)
    shape = (2, 2, len(STEPS), 2)
    growing = (STEPS / STEPS[-1])[:, None]
    maps = {name: np.ones(shape) for name in MEASURES}
    maps["moved"] = np.array(moved)[:, None, None] * growing * np.ones(shape)
    maps["idle"] = np.array(idle)[:, None, None] * growing * np.ones(shape)
    maps["update"] = update * np.ones(shape)
    accuracies = np.array(accuracy)[:, None, None] * np.ones(shape[:3])
    for treatment, seed in np.argwhere(np.array(diverged) != NEVER):
        gone = np.array(diverged)[treatment, seed] <= STEPS
        accuracies[treatment, seed, gone] = np.nan
        for values in maps.values():
            values[treatment, seed, gone] = np.nan
    found = UNITS | (units or {})
    parts = (len(ENTRIES), 2, len(STEPS), 2)
    return ActivationsResult(
        config=config,
        steps=STEPS,
        test_accuracy=accuracies.astype(np.float32),
        diverged_at=np.array(diverged),
        layers=shown_layers(2),
        ranges=np.tile(np.float32([-1, 1]), (len(ENTRIES), 1)),
        density=np.zeros((*parts, BINS), np.uint8),
        zeros=np.full(parts, zeros, np.float32),
        outside=np.zeros(parts, np.float32),
        percentiles=np.zeros((2, len(STEPS), 8, 3), np.float32) + np.float32([-1, 0, 1]),
        maps=np.stack([maps[name] for name in MEASURES]).astype(np.float32),
        units={name: np.float32([values, values]) for name, values in found.items()},
    )


def with_signal(values, treatment=0):
    """A result whose outputs vary like this, per record and layer."""
    result = made()
    result.maps[MEASURES.index("signal"), treatment] = np.array(values)
    return result
