"""A result of collapse by hand, in which the last loss of each seed is as given."""

import numpy as np

from bnviz.axes import NEVER
from bnviz.experiments.collapse import CollapseResult
from tests.samples import tiny

STEPS = np.array([0, 4, 8])


def made(plain=(0.4, 0.4), batch=(0.2, 0.2), **changes):
    last = np.array([plain, batch], np.float32)
    return CollapseResult(
        config=tiny("collapse", seeds=len(plain), **changes),
        steps=STEPS,
        loss=np.stack([np.full_like(last, 2.3), np.full_like(last, 1.0), last], axis=-1),
        diverged_at=np.where(np.isnan(last), 6, NEVER),
    )
