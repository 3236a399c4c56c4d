"""How much can γ and β do alone? The same random networks, with fewer or more of them trained."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

import numpy as np
import torch
from torch import Tensor

from bnviz.axes import PARTS
from bnviz.engine.training import Probe, Snapshot, recording_steps
from bnviz.experiments.bounds import bounded
from bnviz.experiments.jobs import Report, silent
from bnviz.experiments.pair import diverged_at, stacked, train_arms
from bnviz.experiments.result import Axes, Doubles, Floats, Result, Whole
from bnviz.experiments.settings import (
    OTHERWISE,
    Depth,
    LearningRate,
    Optimizer,
    Seeds,
    Settings,
    Steps,
)

RECORDS = 20
SIZES = {"width": (8, 16, 32, 64, 128), "depth": (1, 2, 4, 8, 16)}
"""Of the networks in the section on how many parameters it takes, by what they differ in."""
OFF = 0.1
"""Of |γ|, which starts at 1: below it we call a unit switched off. Our choice."""
EDGES = np.linspace(-2.0, 4.0, 61)
"""Between the bins of γ; what is beyond counts in the bin at the end."""


class AloneConfig(Settings):
    """The shared settings, with a rate and an optimizer at which few parameters get far."""

    depth: Depth = 6
    learning_rate: LearningRate = 0.32
    optimizer: Optimizer = "momentum"
    steps: Steps = 200
    seeds: Seeds = 3

    def work(self) -> float:
        """All four networks, each tested at every record."""
        records = len(recording_steps(self.steps, RECORDS))
        return sum(self.training_work(records, trained=part) for part in PARTS)

    def held(self) -> float:
        """As Settings.held, where single weights are trained."""
        return self.training_memory(trained="random")

    def kept(self) -> float:
        """Every trained network, and what was recorded."""
        return len(PARTS) * self.cost(trained="random").own(self.seeds) / 2 + 2 * OTHERWISE


PART_NAMES = ("gamma and beta", "output layer", "random weights", "everything")


@dataclass(frozen=True, kw_only=True, repr=False)
class AloneResult(Result):
    """What is trained on the first axis, as PARTS. NaN: after a divergence."""

    config: AloneConfig
    steps: Annotated[Whole, Axes("step")]
    trained: Annotated[Whole, Axes("treatment=PART_NAMES", "parameters trained, of one network")]
    test_accuracy: Annotated[
        Floats, Axes("treatment=PART_NAMES seed step", "inference mode, 0 to 1")
    ]
    gamma: Annotated[
        Floats,
        Axes("treatment=PART_NAMES seed step bin", "share of the hidden units; EDGES", drawn=True),
    ]
    off: Annotated[
        Floats,
        Axes("treatment=PART_NAMES seed step layer", "share of the units with |gamma| < OFF"),
    ]
    diverged_at: Annotated[
        Whole, Axes("treatment=PART_NAMES seed", "step; empty: never", maybe=True)
    ]

    def shares(self) -> Doubles:
        """Of all parameters, the share that is trained, (4,), 0 to 1."""
        return self.trained / self.trained[PARTS.index("all")]


def gammas(snapshot: Snapshot) -> Mapping[str, Tensor]:
    """How γ is spread over all hidden units, and how many it switches off, layer by layer."""
    replicas = snapshot.cohort.replicas
    of_layers = [
        layer.gamma.detach().view(replicas, -1)
        for layer in snapshot.cohort.layers
        if layer.gamma is not None
    ]
    every = torch.cat(of_layers, 1)
    inner = torch.tensor(EDGES[1:-1], dtype=every.dtype)
    places = torch.bucketize(every, inner, right=True)
    counts = torch.zeros(replicas, len(EDGES) - 1, dtype=every.dtype)
    counts.scatter_add_(1, places, torch.ones_like(every))
    off = [(gamma.abs() < OFF).to(every.dtype).mean(1) for gamma in of_layers]
    return {"gamma": counts / every.shape[1], "off": torch.stack(off, 1)}


@bounded
def run(config: AloneConfig, report: Report = silent, workers: int = 2) -> AloneResult:
    """Train all four from the same weights on the same batches. Pure: same config, same bits."""
    arms = {part: {"normalizer": "batch", "trained": part} for part in PARTS}
    probes: list[Probe] = [gammas]
    records = recording_steps(config.steps, RECORDS)
    histories = train_arms(config, arms, probes, report, workers, record_at=records)
    every = [histories[part] for part in PARTS]
    return AloneResult(
        config=config,
        steps=every[0].steps,
        trained=np.array([history.cohort.parameter_count() for history in every]),
        test_accuracy=np.stack([history.test_accuracies for history in every]),
        gamma=stacked(histories, "gamma", (len(EDGES) - 1,), PARTS),
        off=stacked(histories, "off", (config.depth,), PARTS),
        diverged_at=np.stack([diverged_at(history) for history in every]),
    )


def pieces(config: AloneConfig, by: str) -> list[AloneConfig]:
    """The same question for small networks and for large ones; by: one of SIZES."""
    return [AloneConfig.like(config, **{by: size}) for size in SIZES[by]]
