"""Pairs by hand: healthy in every layer, or sick in one."""

import numpy as np

from bnviz.axes import NEVER
from bnviz.experiments.home import HomeConfig, HomeResult
from tests.samples import home_config

DEPTH, STEPS = 3, (0, 1, 2, 3, 4)


def made(accuracies=((0.9, 0.9), (0.9, 0.9)), diverged=((NEVER, NEVER), (NEVER, NEVER)), **changes):
    """A result by hand: healthy in every layer; `accuracies` at the end, (plain, BN) x seeds."""
    changed = {name: changes.pop(name) for name in list(changes) if name in HomeConfig.model_fields}
    seeds = len(accuracies[0])
    config = home_config(**{"depth": DEPTH, "steps": STEPS[-1], "seeds": seeds} | changed)
    shape = (2, seeds, len(STEPS), config.depth)
    final = np.array(accuracies, np.float32)
    arrays = {
        "test_accuracy": final[:, :, None] * np.linspace(0.5, 1, len(STEPS), dtype=np.float32),
        "typical": 0,
        "unit_signal": np.ones((2, *shape[2:], config.width), np.float32),
        "signal": np.ones(shape, np.float32),
        "gradient": np.full(shape, 0.1, np.float32),
        "weight": np.ones(shape, np.float32),
        "idle": np.zeros(shape, np.float32),
        "diverged_at": np.array(diverged)[:, :seeds],
        "overflowed": np.full((2, seeds), NEVER),
    }
    arrays |= changes
    return HomeResult(config=config, steps=np.array(STEPS), classes=10, **arrays)


def sick(name, value, step, layer, treatment=0, seed=0):
    """One array of a healthy result in which one layer is ill from one step on."""
    array = getattr(made(), name).copy()
    array[treatment, seed, step:, layer - 1] = value
    return {name: array}


BROKEN = ((0.1, 0.1), (0.9, 0.9))
