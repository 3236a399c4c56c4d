"""Walks by hand."""

from dataclasses import replace

import numpy as np

from bnviz.axes import NEVER
from bnviz.experiments.gradients import GradientsResult
from bnviz.experiments.settings import REACHES
from tests.samples import tiny

STEPS = np.array([0, 1, 2, 4, 8, 16])
ALL = ((True, True), (True, True))
NOBODY = ((False, False), (False, False))
ALIVE = ((NEVER, NEVER), (NEVER, NEVER))


def made(change=(2.0, 1.0), angle=(80.0, 30.0), norm=(1.0, 1.0), fell=ALL, lost=ALIVE, **changes):
    """A result by hand: (plain, BN), the same at every record and in every seed.

    The gradient changes and turns in proportion to the length, up to `change` and `angle` at the
    end of the walk.
    """
    seeds = len(fell[0])
    config = tiny("gradients", **{"seeds": seeds, "steps": 16, "learning_rate": 0.1} | changes)
    reach = np.array(REACHES[config.reach])
    share = reach / reach[-1]
    shape = (2, seeds, len(STEPS))
    spread = np.broadcast_to(np.ones(shape)[..., None] * share, (*shape, len(reach)))
    result = GradientsResult(
        config=config,
        steps=STEPS,
        reach=reach,
        loss_here=np.ones(shape, np.float32),
        gradient_norm=np.broadcast_to(np.array(norm, np.float32)[:, None, None], shape).copy(),
        distance=(spread * np.array(change)[:, None, None, None]).astype(np.float32),
        cosine=np.cos(np.radians(spread * np.array(angle)[:, None, None, None])).astype(np.float32),
        diverged_at=np.array(lost),
        fell=np.array(fell),
    )
    for treatment, seed in np.argwhere(result.diverged_at != NEVER):
        dead = result.diverged_at[treatment, seed] <= STEPS
        for values in (result.loss_here, result.gradient_norm, result.distance, result.cosine):
            values[treatment, seed, dead] = np.nan
    return result


def at_rate(rate, *arguments, **changes):
    result = made(*arguments, **changes)
    return replace(result, config=result.config.model_copy(update={"learning_rate": rate}))
