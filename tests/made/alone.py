"""A result of alone by hand, in which the last accuracy of each seed is as given."""

import numpy as np

from bnviz.axes import NEVER
from bnviz.experiments.alone import EDGES, AloneResult
from tests.samples import tiny

STEPS = np.array([0, 4, 8])


def made(
    affine=(0.9, 0.9), output=(0.5, 0.5), random=(0.8, 0.8), everything=(0.96, 0.96),
    off=(0.1, 0.0), trained=(32, 90, 32, 1000), **changes,
):  # fmt: skip
    """off: the share of units that γ switches off, γ and β alone and everything."""
    last = np.array([affine, output, random, everything], np.float32)
    accuracy = np.stack([np.full_like(last, 0.1), np.full_like(last, 0.3), last], axis=-1)
    ends = np.where(np.isnan(last), np.nan, np.array([off[0], 0.0, 0.0, off[1]])[:, None])
    switched = np.stack([np.zeros_like(ends), ends / 2, ends], axis=-1)
    gamma = np.zeros((*accuracy.shape, len(EDGES) - 1), np.float32)
    gamma[..., 30] = np.where(np.isnan(accuracy), np.nan, 1.0)
    return AloneResult(
        config=tiny("alone", seeds=len(affine), **changes),
        steps=STEPS,
        trained=np.array(trained),
        test_accuracy=accuracy,
        gamma=gamma,
        off=np.repeat(switched[..., None], 2, axis=-1).astype(np.float32),
        diverged_at=np.where(np.isnan(last), 6, NEVER),
    )
