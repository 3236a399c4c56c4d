"""A race by hand, in which each seed reaches the target at the step given."""

import numpy as np

from bnviz.axes import NEVER
from bnviz.experiments.race import RaceResult
from tests.samples import race_config

STEPS = np.array([0, 1, 2, 4, 8])
NOBODY = (NEVER, NEVER)


def made(plain=(4, 4), batch=(2, 2), diverged=(NOBODY, NOBODY), seconds=(0.001, 0.002), **changes):
    config = race_config(**{"seeds": len(plain), "steps": 8} | changes)
    reached = np.array([plain, batch])
    there = (reached[..., None] <= STEPS) & (reached != NEVER)[..., None]
    accuracy = np.where(there, config.target, config.target / 2).astype(np.float32)
    accuracy[there] += np.float32(0.01)
    return RaceResult(
        config=config,
        steps=STEPS,
        train_loss=np.ones_like(accuracy),
        test_loss=np.ones_like(accuracy),
        test_accuracy=accuracy,
        diverged_at=np.array(diverged),
        seconds_per_step=np.array(seconds),
        parameters=np.array([1000, 1015]),
        decision=None,
        axis=None,
        points=None,
        labels=None,
    )
