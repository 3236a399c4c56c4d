"""Looking into a run while it trains: at which samples and layers, and what that takes."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from bnviz.engine.architecture import Architecture
from bnviz.engine.data import Dataset
from bnviz.experiments.bounds import SECONDS_PER_LAYER, SECONDS_PER_OPERATION, STATES, Cost
from bnviz.experiments.settings import REACHES

PROBED = 192  # training samples that are looked at; every chunk divides it
BATCHES, SPREAD_OVER = 8, 512  # mini-batches whose statistics are compared, or of how many samples
SHIFTED = 6  # layers whose shift is measured, at most
REACH = REACHES["½ to 4"]  # of the walks, in learning rates


class Measured(Protocol):
    """What a diagnostic must know of a run."""

    @property
    def depth(self) -> int: ...
    @property
    def width(self) -> int: ...
    @property
    def seeds(self) -> int: ...
    @property
    def activation(self) -> str: ...
    @property
    def dropout(self) -> float: ...
    @property
    def normalizer(self) -> str: ...
    @property
    def treatment(self) -> str: ...
    @property
    def optimizer(self) -> str: ...
    def cost(self) -> Cost: ...
    def batch(self) -> int: ...
    def rate(self, step: int) -> float: ...
    def data(self) -> Dataset: ...
    def architecture(self) -> Architecture: ...


def hidden(config: Measured) -> tuple[int, ...]:
    """The hidden layers, from 1."""
    return tuple(range(1, config.depth + 1))


def everyone(config: Measured) -> tuple[int, ...]:
    """All layers; the output layer is depth + 1."""
    return tuple(range(1, config.depth + 2))


def moving(config: Measured) -> tuple[int, ...]:
    """At most SHIFTED layers, evenly chosen from the second, below which something moves."""
    count = min(SHIFTED, config.depth)
    places = np.rint(np.linspace(2, config.depth + 1, count)).astype(int)
    return tuple(int(place) for place in places)


def weights_of(config: Measured) -> int:
    """The weights of one network."""
    data = config.data()
    return config.width * (data.features + (config.depth - 1) * config.width + data.classes)


def looking(config: Measured, samples: int, copies: int = 1, passes: int = 1) -> float:
    """Seconds of one slow core for so many forward passes of all seeds (a backward one is two)."""
    operations = 2 * weights_of(config) * (samples + 8) * copies * config.seeds
    layers = SECONDS_PER_LAYER / 3 * (config.depth + 1)
    return passes * (layers + SECONDS_PER_OPERATION * operations)


def looking_closely(config: Measured) -> float:
    """Seconds of a moment at which distributions are taken."""
    return looking(config, PROBED, passes=4)


def walking(config: Measured) -> float:
    """Seconds of a walk along the gradient, for the gradients on the way."""
    return looking(config, config.batch(), len(REACH), passes=6)


def shifting(config: Measured) -> float:
    """Seconds of the gradients of all `moving` layers, with the layers below them updated."""
    return looking(config, config.batch(), len(moving(config)), passes=4)


def remembering(config: Measured, samples: int) -> float:
    """Bytes of a copy of all seeds, and of two passes of which every layer's values are kept."""
    cost = config.cost()
    return cost.parameters(config.seeds) + 2 * cost.traced(config.seeds, samples)


def walking_memory(config: Measured) -> float:
    """Bytes of a walk."""
    cost, batch = config.cost(), config.batch()
    walked = cost.displaced(config.seeds, len(REACH), batch, gradient=True)
    return cost.parameters(config.seeds) + walked


def shifting_memory(config: Measured) -> float:
    """Bytes of what `shifting` takes."""
    cost, batch = config.cost(), config.batch()
    copies = (2 + STATES[config.optimizer]) * cost.parameters(config.seeds)
    return copies + cost.halved(config.seeds, len(moving(config)), batch)


def scattering_memory(config: Measured) -> float:
    """Bytes of several mini-batches at once."""
    available = len(config.data().train_labels)
    return remembering(config, min(available, max(SPREAD_OVER, BATCHES * config.batch())))


def in_chunks(config: Measured, most: int) -> int:
    """How many training samples are looked at: of fewer than `most`, what fills whole chunks."""
    chunk = config.architecture().options.ghost_batch_size or 1
    return min(most, len(config.data().train_labels)) // chunk * chunk
