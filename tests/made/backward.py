"""Mini-batches with gradients for the backward pass, and what the mistake in it could cost."""

import numpy as np

from bnviz.axes import NEVER
from bnviz.experiments import backward
from bnviz.experiments.backward import BATCHES, TRAINED, BackwardConfig
from bnviz.experiments.backward_mistake import MistakeConfig, MistakeResult
from bnviz.experiments.typed import write

SOURCES = (*BATCHES, TRAINED)
NOBODY = (NEVER, NEVER)


def of(x=None, dy=None, **changes):
    if x is not None:
        changes["table"] = write(np.array([x, dy], dtype=float).T)
    return backward.run(BackwardConfig(**changes))


def mistaken(right=(1.0, 1.0), wrong=(2.0, 2.0), accuracy=(0.9, 0.6), growth=(1.03, 1.38), **more):
    """Last training losses of the right gradient and the mistaken one; the rest for all seeds."""
    loss = np.array([right, wrong], np.float32)[:, :, None]
    seeds = loss.shape[1]
    return MistakeResult(
        config=MistakeConfig(seeds=seeds),
        steps=np.array([100]),
        loss=loss,
        accuracy=np.repeat(np.array(accuracy, np.float32)[:, None], seeds, axis=1),
        growth=np.repeat(np.array(growth, np.float32)[:, None, None], seeds, axis=1),
        diverged_at=np.array(more.get("diverged", [(NEVER,) * seeds] * 2)),
    )
