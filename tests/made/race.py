"""A race by hand, in which each seed reaches the target at the step given."""

from dataclasses import replace

import numpy as np

from bnviz.axes import LEVELS, NEVER
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


def on_a_plane(wrong, diverged=NOBODY):
    """A race on a plane where plain calls all class 1; of the points, so many are of class 0.

    wrong: the shares near the centre, half-way out and at the outer ends, ten points each.
    """
    angle = np.arange(30) * 2 * np.pi / 10
    points = np.repeat([1.0, 2.0, 3.0], 10)[:, None] * np.stack([np.cos(angle), np.sin(angle)], 1)
    labels = np.concatenate([np.arange(10) >= round(10 * share) for share in wrong]).astype(int)
    axis = np.tile(np.linspace(-4, 4, 48, dtype=np.float32), (2, 1))
    decision = np.zeros((2, len(STEPS), 48, 48), np.uint8)
    decision[0] = LEVELS
    result = made(diverged=(diverged, NOBODY))
    return replace(result, decision=decision, axis=axis, points=points, labels=labels)
