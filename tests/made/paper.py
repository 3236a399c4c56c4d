"""The paper's experiment by hand: the accuracies of six networks."""

import numpy as np

from bnviz.axes import NEVER
from bnviz.experiments.paper import PaperConfig, PaperResult


def made(curves, ensemble=0.97, lost=(), seeds=6, steps=(0, 10, 20, 40), **changes):
    """A result by hand: the accuracies of each arm at the steps, in all seeds."""
    accuracy = np.repeat(np.array(curves, np.float32)[:, None], seeds, axis=1)
    at = np.full((6, seeds), NEVER)
    for arm, seed in lost:
        at[arm, seed], accuracy[arm, seed, 1:] = 5, np.nan
    settings = PaperConfig(**{"seeds": seeds, "steps": 40, "base": 0.1} | changes)
    together = np.full(6, ensemble, np.float32)
    return PaperResult(
        config=settings,
        steps=np.array(steps),
        test_accuracy=accuracy,
        ensemble=together,
        diverged_at=at,
    )


SLOW, FAST, NEVER_THERE = (0.1, 0.5, 0.8, 0.9), (0.1, 0.91, 0.95, 0.95), (0.1, 0.1, 0.1, 0.1)
LIKE_THE_PAPER = (SLOW, NEVER_THERE, (0.1, 0.5, 0.9, 0.9), FAST, FAST, (0.1, 0.6, 0.7, 0.8))
