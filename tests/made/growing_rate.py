"""Three kinds of network by hand, that end at these accuracies while the rate grows."""

import numpy as np

from bnviz.axes import NEVER
from bnviz.experiments.growing_rate import GrowingConfig, GrowingResult


def made(decaying=(0.93, 0.93), growing=(0.92, 0.92), plain=(np.nan, np.nan), decay=0.05):
    last = np.array([decaying, growing, plain], np.float32)
    steps = np.array([0, 200, 400])
    small = {"depth": 2, "width": 8, "steps": 400, "batch_size": 32, "seeds": len(plain)}
    config = GrowingConfig(**small, learning_rate=0.1, decay=decay)
    start = np.full_like(last, 0.1)
    return GrowingResult(
        config=config,
        steps=steps,
        rate=config.rates(steps),
        test_accuracy=np.stack([start, start, last], axis=-1),
        diverged_at=np.where(np.isnan(last), 270 + np.arange(last.shape[1]), NEVER),
    )
