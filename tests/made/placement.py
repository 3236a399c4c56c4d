"""Placements by hand, in which every seed of an arm ends with the same accuracy."""

import numpy as np

from bnviz.axes import AFFINE, BIAS, DROPOUT, NEVER, PLACE, ZERO
from bnviz.experiments.inputs import ground
from bnviz.experiments.placement import ARMS, PlacementResult
from tests.made.inputs import wild
from tests.samples import tiny

SEEDS = 3
STEPS = np.array([0, 1, 2, 4])


def made(compare, ends, lost=None, by_layer=None, theory=None, bias=None, pace=None, **changes):
    """A result in which the networks end with these accuracies, the same in every seed."""
    config = tiny("placement", **{"compare": compare, "seeds": SEEDS, "depth": 3} | changes)
    arms = tuple(ARMS[compare])
    accuracy = np.zeros((len(arms), SEEDS, len(STEPS)), np.float32)
    accuracy[:] = np.array([(pace or ends)[arm] for arm in arms])[:, None, None]
    accuracy[:, :, -1] = np.array([ends[arm] for arm in arms])[:, None]
    diverged = np.full((len(arms), SEEDS), NEVER)
    for arm, number in (lost or {}).items():
        accuracy[arms.index(arm), :number, -1] = np.nan
        diverged[arms.index(arm), :number] = 3

    def everywhere(values, width):
        if values is None:
            return None
        rows = np.array([np.broadcast_to(values[arm], (width,)) for arm in arms], np.float32)
        return np.broadcast_to(rows[:, None, None], (len(arms), SEEDS, len(STEPS), width)).copy()

    return PlacementResult(
        config=config,
        arms=arms,
        steps=STEPS,
        train_loss=np.ones_like(accuracy),
        test_accuracy=accuracy,
        diverged_at=diverged,
        by_layer=everywhere(by_layer, config.depth),
        theory=everywhere(theory, config.depth),
        bias=everywhere(bias, 3),
        ground=ground(wild("digits")),
    )


def place(before=0.95, after=0.95, plain=0.2, own=0.3, **more):
    ends = {"plain": plain, "before": before, "after": after, "input only": own}
    shares = {"plain": 0.72, "before": 0.3, "after": 0.0, "input only": 0.5}
    return made(PLACE, ends, by_layer=shares, **more)


def bias(own=1e-9, beta=0.01, after=0.005, moved=1e-9, dropped=0.95, kept=0.95, **more):
    nan = np.nan
    ends = {"plain": 0.2, "no bias": dropped, "bias kept": kept, "after": 0.9}
    measured = {
        "plain": [0.02, nan, 0.1],
        "no bias": [nan, beta, nan],
        "bias kept": [own, beta, moved],
        "after": [after, beta, 0.1],
    }
    return made(BIAS, ends, bias=measured, **more)


def affine(trained=0.95, frozen=0.95, plain=0.2, moved=0.08, **more):
    ends = {"plain": plain, "trained": trained, "frozen": frozen}
    away = {"plain": np.nan, "trained": moved, "frozen": 0.0}
    return made(AFFINE, ends, by_layer=away, **more)


def zero(one=0.95, nought=0.95, opened=0.1, inside=0.0, ends=(0.95, 0.95), **more):
    names = ("plain", "γ from 1", "γ from 0", "0, inside")
    pace = dict(zip(names, (0.2, one, nought, 0.9), strict=True))
    last = dict(zip(names, (0.2, *ends, 0.9), strict=True))
    away = dict(zip(names, (np.nan, 0.4, opened, inside), strict=True))
    return made(ZERO, last, pace=pace, by_layer=away, **more)


def dropout(ratios=(1.0, 1.12, 1.32), theory=(1.0, 1.14, 1.15), ends=(0.97, 0.96, 0.95, 0.5),
            **more):  # fmt: skip
    names = tuple(ARMS[DROPOUT])
    measured = {"no dropout": 1.0, "10 %": 1.05, "20 %": ratios, "40 %": 1.6}
    predicted = {"no dropout": 1.0, "10 %": 1.05, "20 %": theory, "40 %": 1.6}
    last = dict(zip(names, ends, strict=True))
    return made(DROPOUT, last, by_layer=measured, theory=predicted, **more)
