"""Networks by chunk size by hand, one network in redrawn batches, and pairs with other noises."""

import math

import numpy as np

from bnviz.axes import NEVER
from bnviz.experiments.noise import NoiseResult
from bnviz.experiments.other_noises import PairResult
from bnviz.experiments.redrawn_batches import PARTS, AloneConfig, AloneResult, Jitter, Law
from tests.samples import tiny

NAN = math.nan
U = (0.7, 0.4, 0.9, 0.85, 0.8)  # plain, chunks of 2, 4, 8, 16
RISING = (0.7, 0.4, 0.5, 0.6, 0.8)
FLAT = (0.7, 0.4, 0.805, 0.81, 0.8)
FALLING = (0.7, 0.95, 0.9, 0.85, 0.8)
LOST = (0.7, NAN, NAN, NAN, NAN)
ALONE = (0.7, 0.8)  # plain, and chunks of 2, which are the whole batch


def made(accuracy, train_loss=None, test_loss=None, seeds=2, **changes):
    """Plain first, then the chunks; numbers for all seeds, or one for each."""
    rows = len(accuracy)
    of = tiny("noise", **{"batch_size": 2 ** (rows - 1), "seeds": seeds} | changes)

    def over_time(values, first):
        values = [0.5] * rows if values is None else values
        last = np.stack([np.broadcast_to(value, seeds) for value in values]).astype(np.float32)
        return np.stack([np.full_like(last, first), last], axis=-1)

    return NoiseResult(
        config=of,
        steps=np.array([0, 8]),
        chunks=np.array(of.chunks()),
        train_loss=over_time(train_loss, 9.0),
        test_loss=over_time(test_loss, 9.0),
        test_accuracy=over_time(accuracy, 0.1),
        diverged_at=np.full((rows, seeds), NEVER),
    )


def made_alone():
    """What one network makes of redrawn batches."""
    sizes = np.array([2, 4, 8, 16])
    law = Law(
        samples=512,
        sizes=sizes,
        mean=np.tile(1 / np.sqrt(sizes)[:, None], (1, 3)),
        variance=np.full((4, 3), 0.2),
        deviation=np.full((4, 3), 0.1),
        mean_law=1 / np.sqrt(sizes),
        variance_law=np.full((4, 3), 0.2),
        kurtosis=np.full(3, 3.0),
    )
    probability = np.linspace(0.3, 0.7, 11)[None] + np.zeros((4, 1))
    probability[2:] = 0.5
    jitter = Jitter(
        image=np.zeros(64),
        label=7,
        unit=0,
        sizes=sizes,
        activation={part: np.zeros((4, 11), np.float32) for part in PARTS},
        probability=probability,
        steady=1.0,
        inference=0.5,
    )
    return AloneResult(config=AloneConfig(), law=law, jitter=jitter)


def pairs(pieces, plain, batch):
    """As many pairs as there are numbers: test accuracy at the end."""
    return [
        PairResult(
            config=piece,
            test_loss=np.zeros((2, 2)),
            test_accuracy=np.stack([np.broadcast_to(p, 2), np.broadcast_to(b, 2)]),
        )
        for piece, p, b in zip(pieces, plain, batch, strict=False)
    ]
