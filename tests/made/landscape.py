"""Walks along the gradient by hand."""

import numpy as np

from bnviz.axes import NEVER
from bnviz.experiments.landscape import LENGTHS, LandscapeResult
from bnviz.experiments.settings import REACHES
from tests.samples import tiny

STEPS = np.array([0, 1, 2, 10])


def made(
    plain=4.0, batch=1.0, *, fell=True, too=(1.0, 10.0), accuracy=(0.9, 0.9), lost=NEVER, **changes
):
    """A result in which the band is this wide at every step; losses here are 2.

    The walk goes up by half of the width and down by half of it; `too` are the step lengths at
    which the loss is tenfold, for the treatments or for (treatments, seeds).
    """
    config = tiny("landscape", **{"steps": 10} | changes)
    seeds, reach = config.seeds, np.array(REACHES[config.reach])
    here = np.full((2, seeds, len(STEPS)), 2.0, np.float32)
    there = np.repeat(here[..., None], len(reach), axis=-1)
    widths = np.array([np.broadcast_to(plain, seeds), np.broadcast_to(batch, seeds)])
    there[..., -1] += widths[..., None].astype(np.float32) / 2
    there[..., 0] -= widths[..., None].astype(np.float32) / 2
    crossing = np.broadcast_to(np.array(too, float).T, (seeds, 2)).T[:, :, None, None]
    growth = np.broadcast_to(10 * LENGTHS / crossing, (2, seeds, 3, len(LENGTHS)))
    accuracies = np.broadcast_to(np.array(accuracy)[:, None, None], here.shape)
    return LandscapeResult(
        config=config,
        steps=STEPS,
        reach=reach,
        loss_here=here,
        loss_there=there,
        lengths=LENGTHS,
        growth=growth.astype(np.float32),
        test_accuracy=accuracies.astype(np.float32),
        diverged_at=np.broadcast_to(np.array(lost), (2, seeds)).copy(),
        fell=np.broadcast_to(np.array(fell).T, (seeds, 2)).T.copy(),
    )
