"""Both modes by hand: two seeds, and the last test accuracy and loss of every way to normalize."""

from dataclasses import replace

import numpy as np

from bnviz.axes import NEVER
from bnviz.experiments.left_in_inference import LeftInInferenceConfig, LeftInInferenceResult
from bnviz.experiments.mode_measures import Sample, Unit
from bnviz.experiments.modes import ModesConfig, ModesResult
from tests.samples import tiny

NAN = float("nan")
ACCURACIES = (0.7, 0.9, 0.88, 0.85, 0.88, 0.9, 0.89, 0.8)
"""Own batch, precise, average of all, then the five momenta."""
LOSSES = (0.9, 0.5, 0.55, 0.8, 0.6, 0.5, 0.52, 1.0)
RUNNING = 5  # the row of momentum 0.1
LOST = (NAN,) * 8
POOR = (0.12, 0.15, 0.15, 0.15, 0.15, 0.15, 0.15, 0.12)


def with_way(row, value, base=ACCURACIES):
    """The same with another value in one row."""
    return (*base[:row], value, *base[row + 1 :])


def made(accuracy=ACCURACIES, loss=LOSSES, plain=0.6, **changes):
    """Numbers for all seeds, or one for each."""
    fields = {
        name: changes.pop(name) for name in list(changes) if name not in ModesConfig.model_fields
    }
    of = tiny("modes", **{"batch_size": 8} | changes)

    def over_seeds(values):
        last = np.stack([np.broadcast_to(value, of.seeds) for value in values]).astype(np.float32)
        return np.stack([np.full_like(last, 0.1), last], axis=-1)

    shuffled = np.array([0.1, 0.3, 0.5, 0.7, 0.8, 0.9])
    by_class = np.array([0.1, 0.1, 0.12, 0.14, 0.2, 0.9])
    probability = np.zeros((2, 5, 10), np.float32)
    for row, answer in enumerate((2, 7, 7, 8, 7)):
        probability[:, row, answer] = 0.5 + 0.1 * row
    ready = {
        "test_loss": over_seeds(loss),
        "test_accuracy": over_seeds(accuracy),
        "plain_loss": over_seeds([0.5])[0],
        "plain_accuracy": over_seeds([plain])[0],
        "changed": np.full(of.seeds, 0.2, np.float32),
        "evaluated": np.stack([shuffled, by_class])[:, :, None] + np.zeros(of.seeds),
        "diverged_at": np.full((2, of.seeds), NEVER),
        "units": tuple(unit(of, layer) for layer in (2, 1)),
        "sample": Sample(
            label=7,
            probability=probability,
            answers=np.repeat([[2], [7], [7], [8], [7]], of.seeds, axis=1),
            alone=np.ones(of.seeds, np.int64),
            in_company=1e-7,
        ),
        "from_torch": np.array([1e-7, 2e-8], np.float32),
    }
    return ModesResult(
        config=of,
        steps=np.array([0, of.steps]),
        sizes=np.array([1, 2, 4, 8, 16, 450]),
        **ready | fields,
    )


def unit(of, layer, variance=5.0, population=4.0):
    """Mini-batches of one variance, 0.1 population deviations off in the mean."""
    return Unit(
        layer=layer,
        number=1,
        size=8,
        batch=np.tile([[0.7], [variance]], of.steps).astype(np.float32),
        population=np.tile([[0.5], [population]], 2).astype(np.float32),
    )


def without_prediction(of):
    nothing = np.full((2, 5, 10), NAN, np.float32)
    return with_sample(of, probability=nothing, in_company=NAN, answers=of.sample.answers * 0 - 1)


def with_sample(of, **changes):
    return replace(of, sample=replace(of.sample, **changes))


def left(of, always, since, lost=(0, 0)):
    """Networks left in inference mode: last accuracies, and how many seeds diverged."""
    ends = np.stack([np.broadcast_to(value, of.config.seeds) for value in (always, since)])
    diverged = np.full((2, of.config.seeds), NEVER)
    for row, many in enumerate(lost):
        diverged[row, :many] = 3
    return LeftInInferenceResult(
        config=LeftInInferenceConfig.like(of.config),
        steps=of.steps,
        accuracy=np.stack([ends, ends], axis=-1).astype(np.float32),
        diverged_at=diverged,
    )
