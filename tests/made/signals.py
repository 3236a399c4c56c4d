"""Signals and gradients by hand."""

import numpy as np

from bnviz.axes import NEVER
from bnviz.experiments import signals
from tests.samples import tiny

STEPS = np.array([0, 1, 2, 4, 8])
ALL, NOBODY = (3, 3), (NEVER, NEVER)


def made(
    signal=(0.5, 1.0),
    gradient=(0.5, 1.2),
    later=None,
    learned=(NOBODY, ALL),
    lost=(NOBODY, NOBODY),
    accuracy=(0.1, 0.8),
    loss=(2.3, 0.5),
    step=((-1.0, -0.5), (-2.0, 0.25)),
    **changes,
):
    """A result by hand: what a layer hands on is what it gets times a factor, (plain, BN).

    `later`: BN's factor of the gradient after step 0. `step`: (promised, true) of both networks.
    """
    config = tiny("signals", **{"depth": 11, "learning_rate": 0.1} | changes)
    seeds, way = len(learned[0]), np.arange(config.depth, dtype=float)
    shape = (2, seeds, len(STEPS), config.depth)
    up, down = (np.empty(shape) for _ in range(2))
    for t in range(2):
        up[t] = float(signal[t]) ** way
        down[t] = float(gradient[t]) ** way[::-1]
    if later is not None:
        down[1, :, 1:] = later ** way[::-1]
    chains = np.array(signals.chain_lengths(config.depth))
    promised, delivered = signals.chain(chains[:, None], signals.RATES)
    result = signals.SignalsResult(
        config=config.model_copy(update={"seeds": seeds}),
        steps=STEPS,
        signal=up.astype(np.float32),
        gradient=down.astype(np.float32),
        promised=np.array([[row[0]] * seeds for row in step], np.float32),
        delivered=np.array([[row[1]] * seeds for row in step], np.float32),
        test_accuracy=np.broadcast_to(
            np.array(accuracy, np.float32)[:, None, None], shape[:3]
        ).copy(),
        last_loss=np.broadcast_to(np.array(loss, float)[:, None], shape[:2]).copy(),
        learned_at=np.array(learned),
        diverged_at=np.array(lost),
        chains=chains,
        rates=signals.RATES,
        chain_promised=promised,
        chain_delivered=delivered,
    )
    for t, seed in np.argwhere(result.diverged_at != NEVER):
        gone = result.diverged_at[t, seed] <= STEPS
        for values in (result.signal, result.gradient, result.test_accuracy):
            values[t, seed, gone] = np.nan
        result.last_loss[t, seed] = np.nan
    return result
