"""A result of collapse by hand, in which the last mean cosine of each seed is as given."""

import numpy as np

from bnviz.axes import NEVER
from bnviz.experiments.collapse import CollapseResult
from bnviz.experiments.collapse_trained import TrainedConfig, TrainedResult
from tests.samples import tiny


def made(
    plain=(0.98, 0.98), batch=(0.33, 0.33), centred=(0.6, 0.6), divided=(0.8, 0.8),
    first=0.33, directions=(1.1, 15.0), **changes,
):  # fmt: skip
    last = np.array([plain, batch, centred, divided], np.float64)
    start = np.where(np.isnan(last), np.nan, 0.0)
    cosine = np.stack([start, np.full_like(last, first), last], axis=-1)
    left = np.broadcast_to(np.array(directions)[:, None], (2, len(plain)))
    rank = np.stack([np.full_like(left, 16.0), np.full_like(left, 14.0), left], axis=-1)
    return CollapseResult(
        config=tiny("collapse", seeds=len(plain), **changes),
        steps=np.arange(3),
        cosine=cosine,
        rank=rank,
        matrix=np.full((2, 3, 4, 4), 200, np.uint8),
        labels=np.array([0, 0, 1, 3]),
    )


def trained(plain=(0.2, 0.2), batch=(0.9, 0.9), before=(0.97, 0.33), after=(0.6, 0.3), **changes):
    """The pair trained: where the accuracies end, and the mean cosines at the ends."""
    last = np.array([plain, batch], np.float32)
    ends = [np.broadcast_to(np.array(one)[:, None], last.shape) for one in (before, after)]
    small = {"depth": 2, "width": 8, "steps": 8, "batch_size": 32, "seeds": len(plain)}
    return TrainedResult(
        config=TrainedConfig(**small | changes),
        steps=np.array([0, 8]),
        cosine=np.stack(ends, axis=-1).astype(np.float32),
        test_accuracy=np.stack([np.full_like(last, 0.1), last], axis=-1),
        diverged_at=np.where(np.isnan(last), 6, NEVER),
    )
