"""Maps by hand."""

import numpy as np

from bnviz.axes import NEVER
from bnviz.experiments import forgiveness
from bnviz.experiments.forgiveness import ForgivenessResult
from tests.samples import tiny

STEPS = np.array([0, 1, 10])


def made(plain, batch, *, lost=0, **changes):
    """A map whose left and right half, and rows from below, have these accuracies in all seeds.

    `plain` and `batch` are rows of columns, stretched over the whole map.
    """
    config = tiny("forgiveness", **{"steps": 10} | changes).whole_map()
    shape = (len(config.rows), len(forgiveness.RATES))
    accuracy = np.full((2, config.seeds, len(STEPS), *shape), 0.1, np.float32)
    for place, values in enumerate((plain, batch)):
        accuracy[place, :, -1] = stretched(np.array(values, np.float32), shape)
        accuracy[place, :, :-1][np.isnan(accuracy[place, :, -1:].repeat(2, 1))] = np.nan
    at = np.full((2, config.seeds, *shape), NEVER)
    at[0, 0].flat[:lost] = 1
    return ForgivenessResult(
        config=config,
        steps=STEPS,
        rates=np.array(forgiveness.RATES),
        accuracy=accuracy,
        diverged_at=at,
        seconds=1.25,
    )


def stretched(values, shape):
    rows = [round(k * len(values) / shape[0] - 0.499) for k in range(shape[0])]
    columns = [round(k * values.shape[1] / shape[1] - 0.499) for k in range(shape[1])]
    return values[np.maximum(rows, 0)][:, np.maximum(columns, 0)]


GOOD, BAD = [[0.9]], [[0.2]]
HALF = [[0.9, 0.2]]
