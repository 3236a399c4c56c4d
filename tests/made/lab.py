"""Runs of the lab: small ones, trained once each, and results by hand."""

import math
from dataclasses import replace
from functools import cache

import numpy as np

from bnviz.axes import NEVER
from bnviz.experiments import lab
from bnviz.experiments.lab import LabResult
from bnviz.experiments.lab_config import LabConfig
from bnviz.experiments.lab_surface import LabSurface, LabSurfaceConfig

TINY = {"depth": 2, "width": 8, "steps": 6, "batch_size": 32, "seeds": 2}
STEPS = np.array([0, 4, 8])


def config(**changes):
    return LabConfig(**TINY | changes)


@cache
def _trained(of):
    return lab.run(of)


def ran(**changes):
    """Each run once: the tests change none of them."""
    return _trained(config(**changes))


def made(ends=(0.9, 0.9), lost=None, pace=None, seconds=0.001, steps=STEPS, **changes):
    """A result in which the seeds end with these accuracies, and diverged at these steps."""
    seeds = len(ends)
    of = config(**{"seeds": seeds, "steps": 8} | changes)
    accuracy = np.repeat(np.array(ends, np.float32)[:, None], len(steps), axis=1)
    if pace is not None:
        accuracy[:, :-1] = np.reshape(pace, (-1, 1))
    diverged = np.array(lost or [NEVER] * seeds)
    accuracy[diverged != NEVER, 1:] = np.nan
    return LabResult(
        config=of,
        steps=steps,
        losses=np.ones_like(accuracy),
        test_losses=np.ones_like(accuracy),
        test_accuracies=accuracy,
        diverged_at=diverged,
        overflowed=np.where(diverged == NEVER, NEVER, 2),
        seconds=seconds,
        parameters=1000,
        moments=np.array([], np.int64),
        measured={},
        decision=None,
        axis=None,
        points=None,
        labels=None,
    )


def bn(*arguments, **changes):
    """The same with BN."""
    return made(*arguments, **{"normalizer": "batch"} | changes)


def measuring(result, name, value, **more):
    """The result with these values measured, (seeds, M, …)."""
    of = result.config.model_copy(update={"diagnostic": name})
    arrays = {"value": np.array(value, np.float32)} | more
    moments = STEPS[: arrays["value"].shape[1]]
    return replace(result, config=of, moments=moments, measured=arrays)


def surface(share, diverged_at=NEVER, **changes):
    """A surface of which this share is better than guessing."""
    loss = np.full(100, math.log(10), np.float32)
    loss[: round(100 * share)] = 0.1
    return LabSurface(
        config=LabSurfaceConfig(**TINY | changes),
        axis=np.linspace(-1, 1, 10),
        loss=loss.reshape(10, 10),
        diverged_at=diverged_at,
    )
