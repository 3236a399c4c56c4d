"""A run of scale by hand, in which this came out."""

from dataclasses import replace

import numpy as np

from bnviz.axes import NEVER
from bnviz.experiments import scale
from bnviz.experiments.scale import FACTORS, GainResult
from tests.samples import tiny

STEPS = np.array([0, 1, 2, 4])
A = len(FACTORS)
TENFOLD, TENTH = FACTORS.index(10.0), FACTORS.index(0.1)


def made(
    change=(50.0, 1e-5),  # of the outputs, at every factor but 1
    ratio=(30.0, 0.1),  # of the gradient, at every factor
    variance=1.0,
    norms=((100.0, 150.0), (100.0, 200.0)),  # ||W||^2 first and last, of the reader's start
    off=(0.3, 0.0),  # how far the prediction is from the last one, relatively
    angle=((70.0, 110.0), (90.0, 90.0)),  # of the units
    accuracy=((0.1, 0.5, 0.1), (0.95, 0.97, 0.1)),  # by treatment and start; NaN: it diverged
    lost=((False, False, True), (False, False, False)),  # whether the start diverged
    spared_growth=1.0001,
    rates=((80.0, 0.01, 1e-6), (0.01, 0.01, 1e-6)),  # of BN: first and last, by start
    shrank=0,
    spared=(0.1, 0.9),  # accuracy where the output layer does not start from 100
    **changes,
):
    """A result of two seeds and two hidden layers in which this came out."""
    config = tiny("scale", **{"depth": 2, "gain": 0.3, "seeds": 2, "learning_rate": 1.0} | changes)
    starts = config.starts()
    count, layers = len(starts), config.depth + 1
    places = [0, 1, 2] if count == 3 else [0, 2]
    square = np.ones((2, count, 2, len(STEPS), layers))
    first, last = (config.learning_rate / np.array(rates)[k][places] for k in (0, 1))
    square[1] = np.linspace(first, last, len(STEPS)).T[:, None, :, None]
    own = list(starts).index(config.gain)
    for t in range(2):
        square[t, own] = np.linspace(*norms[t], len(STEPS))[:, None]
    predicted = square * (1 + np.array(off))[:, None, None, None, None]
    if config.optimizer != "sgd":
        predicted[:] = np.nan
    angles = np.full((2, count, 2, len(STEPS), layers, 3), 90.0, np.float32)
    for t in range(2):
        angles[t, ..., 0], angles[t, ..., 2] = angle[t]
    outputs = np.broadcast_to(np.array(change)[:, None, None], (2, 2, A)).copy()
    outputs[:, :, FACTORS.index(1.0)] = 0
    where = np.array(lost)[:, places]
    values = np.where(where, np.nan, np.array(accuracy)[:, places])
    return scale.ScaleResult(
        config=config,
        starts=np.array(starts),
        steps=STEPS,
        factors=np.array(FACTORS),
        output_change=outputs,
        gradient_ratio=np.broadcast_to(np.array(ratio)[:, None, None], (2, 2, A)).copy(),
        variance=np.full((2, 2), variance),
        square=square,
        predicted=predicted,
        shrank=np.full((2, count, 2, layers), shrank),
        angle=angles,
        accuracy=np.repeat(values[:, :, None], 2, axis=2),
        diverged_at=np.repeat(np.where(where, 3, NEVER)[:, :, None], 2, axis=2),
        spared=np.repeat(np.array(spared)[:, None], 2, axis=1),
        spared_growth=np.full((2, 2, layers), spared_growth),
    )


def at_gain(gain, plain, batch):
    accuracy = np.array([[plain] * 3, [batch] * 3], np.float32)
    return GainResult(config=tiny("scale", gain=gain), accuracy=accuracy)


NUMBERS = ("output_change", "gradient_ratio", "variance", "square", "predicted", "angle")


def without_numbers():
    result = made(lost=((True,) * 3,) * 2, spared_growth=np.nan)
    nothing = {n: np.full_like(getattr(result, n), np.nan) for n in NUMBERS}
    return replace(result, **nothing)
