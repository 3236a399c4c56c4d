"""What a run will cost: seconds of one slow core, and bytes, from the sizes of its networks.

The constants are measured (benchmarks/bounds.py); a machine that is half as fast, or counts an
array more, stays within them.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar, cast

from bnviz.engine.architecture import Architecture
from bnviz.engine.memory import LARGE, MIDDLE, own_pages
from bnviz.engine.walks import AT_ONCE, VALUES_AT_ONCE
from bnviz.engine.walks import COPIES as VALUES_COPIES
from bnviz.experiments.jobs import Report, silent

SECONDS_PER_LAYER = 2e-4  # of one step, however small the layer is
SECONDS_PER_OPERATION = 3e-11
SECONDS_PER_VALUE = 3e-9  # that a layer hands on, in one step: activation, normalization
CURVED = 2.5  # times that, where the activation is no piece of straight lines
SECONDS_PER_UPDATE = {"sgd": 8e-9, "momentum": 1.2e-8, "adam": 2.5e-8}  # of one weight
SECONDS_PER_WEIGHT = 6e-8  # that is drawn at the start
SECONDS_PER_DRAW = 3e-8  # of one random number, of dropout or of noise
LOOKED_AT = 1 / 3  # of a step: one pass forward

FLOAT = 4  # bytes of a number
STATES = {"sgd": 0, "momentum": 1, "adam": 2}  # copies of the weights that the optimizer keeps
COPIES = {"none": 1.0, "batch": 2.0, "renorm": 2.2, "layer": 3.2, "group": 3.2, "rms": 5.0,
          "dyt": 4.2, "switchable": 12.5}  # fmt: skip
"""Copies of a layer's values that wait for the way back, by its normalizer; others: `layer`."""
STATISTICS = 5.5  # numbers of every unit in every chunk: mean, deviation, gamma, …
NOISE, DROPPED = 2.2, 2.0  # the same for noise after the normalization, and for dropout
PASSING = 4  # layers' values at once in a pass that keeps none
LARGE_RUN = 5e7  # bytes: from here on large arrays get pages of their own …
LARGEST_RUN = 1e8  # … and from here on smaller ones, too


class TooLargeError(ValueError):
    """Not even one seed and one step fit; the sentence names what to make smaller."""


@dataclass(frozen=True)
class Cost:
    """What training one kind of network costs, and looking at it. R replicas at a time."""

    network: Architecture
    optimizer: str = "sgd"

    @property
    def weights(self) -> int:
        """The weights of one network."""
        return sum(inputs * outputs for inputs, outputs in self.network.sizes())

    @property
    def units(self) -> int:
        """Its hidden units."""
        return self.network.depth * self.network.width

    @property
    def layers(self) -> float:
        """Seconds of one step of the smallest network of this depth."""
        return SECONDS_PER_LAYER * (self.network.depth + 1)

    def start(self, replicas: int) -> float:
        """Seconds until the first weights are there."""
        chosen = self.network.trained == "random"  # a second number is drawn, and sorted
        return SECONDS_PER_WEIGHT * self.weights * replicas * (1 + chosen)

    def step(self, replicas: int, batch: int) -> float:
        """Seconds of one update."""
        update = SECONDS_PER_UPDATE[self.optimizer] * self.weights
        update *= 1.5 if self.network.trained == "random" else 1.0  # the mask
        return self.layers + replicas * (update + 3 * batch * self._sample())

    def look(self, replicas: int, samples: int) -> float:
        """Seconds of one pass forward."""
        return LOOKED_AT * self.layers + replicas * samples * self._sample()

    def _sample(self) -> float:
        """Seconds of one sample on the way through one network."""
        products = 2 * SECONDS_PER_OPERATION * self.weights  # a multiplication and an addition
        curved = CURVED if self.network.activation in ("gelu", "sigmoid", "tanh") else 1.0
        return products + curved * SECONDS_PER_VALUE / 3 * self.units

    def parameters(self, replicas: int) -> float:
        """Bytes of the weights."""
        vectors = 3 * self.units  # biases, or gamma and beta, and their running statistics
        return FLOAT * replicas * (self.weights + vectors)

    def training(self, replicas: int, batch: int) -> float:
        """Bytes that a cohort holds while it trains."""
        return self.own(replicas) + self.graph(replicas, batch)

    def own(self, replicas: int) -> float:
        """Bytes of weights, gradients and what the optimizer keeps.

        And of the weights once more, where some of the replicas diverge; and of the masks, and the
        gradients behind them, where single weights are trained.
        """
        masked = 2 * (self.network.trained == "random")
        held = 2 + STATES[self.optimizer] + (replicas > 1) + masked
        return held * self.parameters(replicas)

    def graph(self, replicas: int, samples: int) -> float:
        """Bytes of the values that wait for the way back."""
        of = self.network
        copies = COPIES.get(of.normalizer, COPIES["layer"])
        copies += (of.activation == "gelu") + of.skip
        if of.options.ghost_batch_size:  # every chunk has statistics of its own
            copies += STATISTICS / of.options.ghost_batch_size
        copies += NOISE * of.noise_after + DROPPED * (of.dropout > 0)
        return FLOAT * replicas * samples * (copies * self.units + 2 * of.inputs + 4 * of.outputs)

    def passing(self, replicas: int, samples: int) -> float:
        """Bytes of a pass forward that keeps nothing."""
        of = self.network
        widest = max(of.width, of.inputs, of.outputs)
        return FLOAT * replicas * samples * PASSING * widest

    def traced(self, replicas: int, samples: int, copies: int = 3) -> float:
        """Bytes of a pass forward of which every layer's values are kept, so many copies."""
        kept = FLOAT * replicas * samples * copies * self.units
        return kept + self.passing(replicas, samples)

    def displaced(self, replicas: int, lengths: int, samples: int, gradient: bool) -> float:
        """Bytes while networks displaced along a direction are evaluated, AT_ONCE at a time."""
        many = self._together(replicas, lengths, samples)
        if not gradient:
            return self.parameters(many) + self.passing(many, samples)
        return 2 * self.parameters(many) + self.graph(many, samples)

    def halved(self, replicas: int, layers: int, samples: int) -> float:
        """Bytes while networks half before and half after an update give these gradients."""
        many = self._together(replicas, layers, samples)
        gradients = FLOAT * (many + replicas * layers) * self.network.width**2
        return self.parameters(many) + self.graph(many, samples) + gradients

    def _together(self, replicas: int, copies: int, samples: int) -> int:
        values = VALUES_COPIES * FLOAT * replicas * samples * self.units
        room = min(AT_ONCE / self.parameters(replicas), VALUES_AT_ONCE / values)
        return replicas * min(copies, max(1, int(room)))


class Bounded(Protocol):
    """What a config must tell of a run of it."""

    def abreast(self, workers: int) -> int: ...
    def memory(self) -> float: ...


Run = TypeVar("Run", bound=Callable[..., Any])
"""An experiment's run(config, report, workers)."""


def _pages(memory: float) -> AbstractContextManager[None]:
    """What a run that takes so many bytes needs, to hold no more than them."""
    if memory <= LARGE_RUN:
        return nullcontext()
    return own_pages(MIDDLE if memory <= LARGEST_RUN else LARGE)


def bounded(run: Run) -> Run:
    """The run with no more trainings side by side than fit into the memory it may take.

    What comes out is the same, to the bit. A large one has pages of its own.
    """

    @functools.wraps(run)
    def within(config: Bounded, report: Report = silent, workers: int = 2) -> Any:
        with _pages(config.memory()):
            return run(config, report, config.abreast(workers))

    return cast(Run, within)
