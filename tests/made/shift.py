"""Three networks by hand whose gradients turn as far as wanted, and what else the page measures."""

from dataclasses import replace

import numpy as np

from bnviz.axes import NEVER
from bnviz.experiments.changed_inputs import BINS, Inputs, InputsConfig
from bnviz.experiments.deep_linear import LinearConfig, LinearResult
from bnviz.experiments.moments import MomentsConfig, MomentsResult
from bnviz.experiments.shift import ShiftConfig, ShiftResult
from bnviz.verdicts.shift import EARLY

STEPS = np.array([0, 1, 5, 20, 60, 100])
LAYERS = np.array([2, 3, 4])
ALL = ((True,) * 3,) * 3


def made(
    angles=((10, 20), (50, 60), (55, 65)),
    *,
    accuracy=(0.93, 0.95, 0.94),
    distance=(0.1, 0.5, 0.5),
    fell=ALL,
    diverged=((NEVER,) * 3,) * 3,
    **settings,
):
    """Each network's gradient turns by one angle early, and by one later.

    accuracy: one for each network, or (3, seeds).
    """
    config = ShiftConfig(depth=3, **settings)
    shape = (3, 3, len(STEPS))
    early = (STEPS <= EARLY)[None, None]
    first, later = (np.array(angles, float)[:, k, None, None] for k in (0, 1))
    turn = np.where(early, first, later) * np.ones(shape)
    lost = np.array(diverged)
    turn = np.where((lost != NEVER)[..., None] & (STEPS > EARLY), np.nan, turn)
    cosine = np.cos(np.radians(turn))[..., None].repeat(len(LAYERS), axis=-1)
    ends = np.broadcast_to(np.array(accuracy, float).reshape(3, -1, 1), shape)
    lengths = np.ones((*shape, len(LAYERS))) * np.array(distance)[:, None, None, None]
    return ShiftResult(
        config=config,
        steps=STEPS,
        layers=LAYERS,
        train_loss=np.ones(shape, np.float32),
        test_accuracy=ends.astype(np.float32),
        size=np.ones((*shape, len(LAYERS)), np.float32),
        distance=lengths.astype(np.float32),
        cosine=cosine.astype(np.float32),
        diverged_at=lost,
        fell=np.array(fell),
    )


def undecided():
    """Two seeds that count; in one plain's gradient turns more, in the other BN's."""
    result = made()
    cosine = result.cosine.copy()
    cosine[:, 0] = cosine[::-1, 0]
    return replace(result, cosine=cosine, fell=np.array([[1, 0, 1]] * 3, bool))


def made_moments(moved=(0.03, 0.002, 0.4)):
    """Moments that move as far in every layer at every step; for networks, or for (3, seeds)."""
    values = np.ones((3, 3, len(STEPS), 3)) * np.array(moved).reshape(3, -1, 1, 1)
    return MomentsResult(
        config=MomentsConfig(depth=3), steps=STEPS, moved=values.astype(np.float32)
    )


def made_inputs(accuracy=((0.9, 0.5, 0.3), (0.9, 0.5, 0.3), (0.9, 0.9, 0.4))):
    """Accuracies of plain, BN and BN with new statistics in three worlds, alike in all seeds."""
    return Inputs(
        kind="images",
        config=InputsConfig(),
        worlds=("as it was", "fainter", "moved"),
        samples=np.zeros((3, 64), np.float32),
        seen=np.ones((4, BINS), np.float32),
        edges=np.linspace(-4, 4, BINS + 1),
        moments=np.ones((3, 2)),
        accuracy=np.array(accuracy, np.float32)[:, :, None].repeat(3, axis=2),
    )


def made_linear(arm, loss=0.5, angles=(10.0, 20.0, 30.0)):
    """A deep linear network of three seeds; loss: at the end, one or of each seed."""
    steps = np.array([0, 5, 10])
    losses = np.ones((3, 3))
    losses[:, -1] = loss
    turns = np.where(np.isfinite(losses), np.array(angles), np.nan)
    return LinearResult(config=LinearConfig(arm=arm), steps=steps, loss=losses, angle=turns)
