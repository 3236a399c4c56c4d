"""Where does BN go? Networks that differ in one decision about its place, trained side by side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
import torch

from bnviz.axes import AFFINE, BIAS, DROPOUT, PLACE, ZERO
from bnviz.engine.data import Dataset
from bnviz.engine.placement import bias_gradients, constant_share, moved_gammas, variance_ratios
from bnviz.engine.training import Probe, recording_steps
from bnviz.experiments.bounds import SECONDS_PER_DRAW, bounded
from bnviz.experiments.inputs import FEATURES, Ground, ground, wild_of
from bnviz.experiments.jobs import Report, silent
from bnviz.experiments.pair import diverged_at, smoothed, stacked, train_arms
from bnviz.experiments.result import Axes, Floats, Result, Whole
from bnviz.experiments.settings import (
    OTHERWISE,
    Depth,
    Knob,
    LearningRate,
    Settings,
)

RECORDS = 14
PROBED, FEWEST_PROBED = 256, 32  # training samples that are looked at; fewer in large networks
GROUND = 1.0  # seconds, for the ground under the wild features
PROBED_WORK = 2e8  # products of one look

BN: dict[str, Any] = {"normalizer": "batch"}
AFTER = BN | {"placement": "after"}
SKIP: dict[str, Any] = {"skip": True}

ARMS: dict[str, dict[str, dict[str, Any]]] = {
    PLACE: {
        "plain": {},
        "before": BN,
        "after": AFTER,
        "input only": {"normalize_inputs": True},
    },
    BIAS: {
        "plain": {},
        "no bias": BN,
        "bias kept": BN | {"bias_before": "kept"},
        "after": AFTER,
    },
    AFFINE: {
        "plain": {},
        "trained": BN,
        "frozen": BN | {"affine": "frozen"},
    },
    ZERO: {
        "plain": SKIP,
        "γ from 1": AFTER | SKIP,
        "γ from 0": AFTER | SKIP | {"gamma_start": 0.0},
        "0, inside": BN | SKIP | {"gamma_start": 0.0},
    },
    DROPOUT: {
        "no dropout": BN,
        "10 %": BN | {"dropout": 0.1},
        "20 %": BN | {"dropout": 0.2},
        "40 %": BN | {"dropout": 0.4},
    },
}
"""What is compared -> the networks -> what each changes in the architecture."""

PASSES = {PLACE: 1, DROPOUT: 3}  # of one look; the others need none


class PlacementConfig(Settings):
    """The shared settings, which decision to look at, and on what features."""

    compare: Annotated[
        str,
        Knob(
            "Compare",
            tuple(ARMS),
            "Which decision to look at. Only these networks are trained.",
        ),
    ] = PLACE
    features: Annotated[str, FEATURES] = "scaled"
    depth: Depth = 6
    learning_rate: LearningRate = 1.0

    def data(self) -> Dataset:
        return wild_of(self) if self.features == "wild" else super().data()

    def _weights(self) -> int:
        data = self.data()
        return self.width * (data.features + (self.depth - 1) * self.width + data.classes)

    def probed(self) -> int:
        """How many training samples each look takes."""
        return max(FEWEST_PROBED, min(PROBED, round(PROBED_WORK / self._weights())))

    def work(self) -> float:
        """As Settings.work, for all networks of the comparison, with what looking at them costs.

        Random numbers for dropout cost more than the layers they are for.
        """
        arms, looked_at = len(ARMS[self.compare]), 2 * PASSES.get(self.compare, 0) * self.probed()
        records = len(recording_steps(self.steps, RECORDS))
        drawn = self.steps * self.in_batch() * self.width * self.depth
        dropping = SECONDS_PER_DRAW * drawn * self.seeds * (self.compare == DROPOUT)
        return arms * (self.training_work(records, looked_at) + dropping) + GROUND

    def held(self) -> float:
        """Of the arm that takes most, with a look at its layers."""
        cost = self.cost()
        looking = cost.traced(self.seeds, self.probed(), 1)
        if self.compare == DROPOUT:
            looking = cost.traced(self.seeds, self.probed(), 7) + cost.parameters(self.seeds)
        arms = ARMS[self.compare].values()
        return max(self.training_memory(looking, **arm) for arm in arms)

    def kept(self) -> float:
        """All networks stay."""
        return len(ARMS[self.compare]) * self.cost().parameters(self.seeds) + OTHERWISE


BIASES = ("dL/db", "dL/dbeta", "b")


@dataclass(frozen=True, kw_only=True, repr=False)
class PlacementResult(Result):
    """Networks on the first axis, in the order of `arms`. NaN: after a divergence."""

    config: PlacementConfig
    arms: Annotated[tuple[str, ...], Axes("treatment")]
    steps: Annotated[Whole, Axes("step")]
    train_loss: Annotated[
        Floats, Axes("treatment=arms seed step", "mini-batch loss, mean since the last record")
    ]
    test_accuracy: Annotated[Floats, Axes("treatment=arms seed step", "inference mode, 0 to 1")]
    diverged_at: Annotated[Whole, Axes("treatment=arms seed", "step; empty: never", maybe=True)]
    by_layer: Annotated[
        Floats | None, Axes("treatment=arms seed step layer", "what LAYERS says of the comparison")
    ]
    theory: Annotated[
        Floats | None,
        Axes(
            "treatment=arms seed step layer",
            "the same as theory has it: of the ratio of variances, with dropout",
        ),
    ]
    bias: Annotated[
        Floats | None,
        Axes(
            "treatment=arms seed step of=BIASES",
            "root mean square; where the bias is compared",
        ),
    ]
    ground: Ground

    def place(self, arm: str) -> int:
        return self.arms.index(arm)

    def ends(self, arm: str) -> Floats:
        """Test accuracy at the end, (seeds,)."""
        return self.test_accuracy[self.place(arm), :, -1]

    @property
    def bias_gradient(self) -> Floats:
        """Root mean square of dL/db, (arms, seeds, T)."""
        return self._of_biases(0)

    @property
    def beta_gradient(self) -> Floats:
        """The same of dL/dbeta."""
        return self._of_biases(1)

    @property
    def bias_size(self) -> Floats:
        """The same of the bias itself."""
        return self._of_biases(2)

    def _of_biases(self, measure: int) -> Floats:
        assert self.bias is not None
        return self.bias[..., measure]


LAYERS = {PLACE: "constant", AFFINE: "moved", ZERO: "moved", DROPOUT: "ratio"}
"""What is measured layer by layer: see engine.placement."""


@bounded
def run(config: PlacementConfig, report: Report = silent, workers: int = 2) -> PlacementResult:
    """Train every network of the comparison from the same weights on the same batches.

    Pure: the same config, the same bits.
    """
    arms, data = ARMS[config.compare], config.data()
    samples = torch.tensor(data.train_inputs[: config.probed()])
    probes: dict[str, Probe] = {
        PLACE: constant_share(samples),
        BIAS: bias_gradients,
        AFFINE: moved_gammas,
        ZERO: moved_gammas,
        DROPOUT: variance_ratios(samples),
    }
    records = recording_steps(config.steps, RECORDS)
    histories = train_arms(
        config, arms, [probes[config.compare]], report, workers, record_at=records
    )
    measured = {
        name: stacked(histories, name, (width,), tuple(arms))
        for name, width in (
            ("bias", 3),
            ("theory", config.depth),
            (LAYERS.get(config.compare, "nothing"), config.depth),
        )
    }
    rows = list(histories.values())
    return PlacementResult(
        config=config,
        arms=tuple(arms),
        steps=np.array(records),
        train_loss=np.stack([smoothed(row) for row in rows]),
        test_accuracy=np.stack([row.test_accuracies for row in rows]),
        diverged_at=np.stack([diverged_at(row) for row in rows]),
        by_layer=measured[LAYERS[config.compare]] if config.compare in LAYERS else None,
        theory=measured["theory"] if config.compare == DROPOUT else None,
        bias=measured["bias"] if config.compare == BIAS else None,
        ground=ground(wild_of(config)),
    )


def first(config: PlacementConfig) -> PlacementConfig:
    """The same settings, with the networks that the page's question is about."""
    return config.model_copy(update={"compare": PLACE})
