"""Sweeps of seven learning rates by hand."""

import numpy as np

from bnviz.axes import NEVER
from bnviz.experiments.rates import RatesResult
from tests.samples import tiny

STEPS = np.array([0, 10, 20])
RATES = np.array([0.01, 0.032, 0.1, 0.32, 1.0, 3.2, 10.0])
FAILS = (0.1,) * 7


def config(**changes):
    return tiny("rates", **changes)


def made(plain, batch, lost=((0,) * 7,) * 2, slow=0, seeds=3, **changes):
    """A result by hand: final accuracy by rate; `lost`: the share of seeds that diverge.

    All are at chance at first, and where they end at step 10 already; `slow` of the seeds
    at step 20 only.
    """
    accuracy = np.full((2, len(RATES), seeds, 3), 0.1)
    accuracy[..., 1:] = np.array([plain, batch])[..., None, None]
    accuracy[:, :, :slow, 1] = 0.1
    at = np.full((2, len(RATES), seeds), NEVER)
    gone = np.round(np.array(lost) * seeds).astype(int)
    for treatment, place in np.argwhere(gone):
        at[treatment, place, : gone[treatment, place]] = 5
    accuracy[at != NEVER, 1:] = np.nan
    usual = {"seeds": seeds, "steps": 20, "learning_rate": 0.32, "target": 0.9}
    settings = config(**usual | changes)
    return RatesResult(
        config=settings,
        rates=RATES,
        steps=STEPS,
        test_accuracy=accuracy.astype(np.float32),
        diverged_at=at,
    )


NO_LOSS = (0.0,) * 7
ALL_ALIVE = (NO_LOSS, NO_LOSS)
NARROW = (0.3, 0.6, 0.92, 0.94, 0.5, 0.1, 0.1)
WIDE = (0.3, 0.6, 0.92, 0.95, 0.98, 0.93, 0.2)
DIES = (0, 0, 0, 0, 0, 1, 1)


def usual(**changes):
    return made(NARROW, WIDE, (DIES, NO_LOSS), **changes)
