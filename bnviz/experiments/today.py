"""What today's networks use instead of BN: residual networks, normalized in front or behind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any

import numpy as np
import torch
from torch import Tensor

from bnviz.axes import NEVER
from bnviz.engine.architecture import OF_THE_SUM
from bnviz.engine.data import Dataset
from bnviz.engine.networks import Cohort, accuracies
from bnviz.engine.threads import one_thread
from bnviz.experiments import sweep
from bnviz.experiments.bounds import bounded
from bnviz.experiments.data_knobs import DATA_KNOBS, ImageName, OneScale
from bnviz.experiments.jobs import Report, silent
from bnviz.experiments.result import Axes, Doubles, Floats, Result
from bnviz.experiments.settings import (
    OTHERWISE,
    Activation,
    BatchSize,
    Depth,
    Knob,
    Seeds,
    Settings,
    Steps,
    Width,
)

ARMS: dict[str, dict[str, Any]] = {
    "plain": {},
    "weights": {"standardize_weights": True},
    "batch": {"normalizer": "batch"},
    "layer": {"normalizer": "layer"},
    "rms": {"normalizer": "rms"},
    "dyt": {"normalizer": "dyt"},
}
"""What each network changes in the architecture."""
WITHOUT_PLACE = ("plain", "weights")
"""Those that normalize no values: before the branch and after the sum are the same network."""
PLACES = OF_THE_SUM
RATES = (0.01, 0.032, 0.1, 0.32, 1.0, 3.2)
FEWEST_SEEDS = 5

INFERENCE, IN_BATCHES, PADDED, ALONE = range(4)
WAYS = ("inference", "mini-batches", "padded", "alone")
"""Ways to test a trained network: in inference mode; and in training mode, in full mini-batches,
in mini-batches that are mostly padding, and one sample at a time."""
CHUNK, OWN = 32, 8  # samples of a mini-batch in these, and how many of them are not padding
DEARER = 2.5  # times as long as two treatments of a sweep: layer norm and RMSNorm


class TodayConfig(Settings):
    """One kind of network in both places, at every rate: settings of its own, the page's data."""

    dataset: ImageName = "digits"
    scaling: OneScale = "standardized"
    depth: Depth = 12
    width: Width = 32
    activation: Activation = "relu"
    batch_size: BatchSize = 32
    steps: Steps = 100
    seeds: Seeds = FEWEST_SEEDS
    arm: Annotated[str, Knob("Network", tuple(ARMS), "What is normalized, and how.")] = "plain"

    def changes(self, place: str) -> dict[str, Any]:
        """What this network has, with its normalization in this place."""
        return {"skip": True, "placement": place, **ARMS[self.arm]}

    def places(self) -> tuple[str, ...]:
        """Where it is trained."""
        return PLACES[:1] if self.arm in WITHOUT_PLACE else PLACES

    def work(self) -> float:
        """As Settings.work, with the rates as further seeds, and the ways of testing."""
        places = len(self.places()) / 2 * DEARER
        return places * sweep.work(self, len(RATES) * self.seeds, 1 + CHUNK // OWN)

    def held(self) -> float:
        """The largest cohort; one that is tested is held twice."""
        runs = len(RATES) * self.seeds
        many = max(part.stop - part.start for part in sweep.blocks(self, runs))
        cohort, changes = self.model_copy(update={"seeds": many}), self.changes(PLACES[0])
        cost, padded = self.cost(**changes), len(self.data().test_labels) * CHUNK // OWN
        looking = cost.parameters(many) + cost.passing(many, padded)
        return cohort.training_memory(looking, **changes)

    def kept(self) -> float:
        return OTHERWISE


@dataclass(frozen=True, kw_only=True, repr=False)
class TodayResult(Result):
    """Test accuracies at the end, from 0 to 1; NaN: it diverged."""

    config: TodayConfig
    rates: Annotated[Doubles, Axes("rate")]
    accuracy: Annotated[Floats, Axes("place=PLACES rate=rates seed", "inference mode, 0 to 1")]
    tested: Annotated[
        Floats,
        Axes("place=PLACES rate=rates seed way=WAYS", "of what fills mini-batches, 0 to 1"),
    ]


def pieces(page: Settings) -> list[TodayConfig]:
    """Every kind of network, on the page's data, with its activation and at least five seeds."""
    shared = {name: getattr(page, name) for name in (*DATA_KNOBS, "activation", "first_seed")}
    shared["seeds"] = max(FEWEST_SEEDS, page.seeds)
    return [TodayConfig(arm=arm, **shared) for arm in ARMS]


@bounded
def run(config: TodayConfig, report: Report = silent, workers: int = 2) -> TodayResult:
    """Train in both places from the same weights on the same batches. Same config, same bits."""
    starts = sweep.grid(config, RATES, [config.gain])
    groups: Mapping[str, Any] = {
        place: (starts, config.changes(place)) for place in config.places()
    }
    ending = in_every_way(config.data())
    runs = sweep.train_groups(
        config, groups, report, workers, record_at=[config.steps], ending=ending
    )
    both = [runs[place if place in runs else PLACES[0]] for place in PLACES]
    shape, nothing = (len(RATES), config.seeds), np.float32(np.nan)
    alive = np.stack([(one.diverged_at == NEVER).reshape(shape) for one in both])
    accuracy = np.stack([one.test_accuracies[:, -1].reshape(shape) for one in both])
    tested = np.stack([_asked(one).reshape(*shape, -1) for one in both])
    return TodayResult(
        config=config,
        rates=np.array(RATES),
        accuracy=np.where(alive, accuracy, nothing),
        tested=np.where(alive[..., None], tested, nothing),
    )


def _asked(runs: sweep.Runs) -> Floats:
    assert runs.endings is not None
    return runs.endings


def in_every_way(data: Dataset) -> sweep.Ending:
    """Test accuracy (R, 4) in each way, of as many test samples as fill whole mini-batches."""
    many = len(data.test_labels) // CHUNK * CHUNK
    inputs, labels = torch.tensor(data.test_inputs[:many]).T, torch.tensor(data.test_labels[:many])

    def ending(cohort: Cohort) -> Floats:
        logits = [
            _passed(cohort, inputs),
            _passed(in_chunks(cohort, CHUNK), inputs, "batch"),
            _own(_passed(in_chunks(cohort, CHUNK), padded(inputs), "batch")),
            _passed(in_chunks(cohort, 1), inputs, "batch"),
        ]
        right = [accuracies(one, labels.expand(cohort.replicas, -1)) for one in logits]
        measured: Floats = torch.stack(right, dim=1).numpy()
        return measured

    return ending


def _passed(cohort: Cohort, inputs: Tensor, mode: Any = "inference") -> Tensor:
    with torch.no_grad(), one_thread():
        return cohort.forward(inputs.contiguous().expand(cohort.replicas, -1, -1), mode)


def in_chunks(cohort: Cohort, size: int) -> Cohort:
    """The same networks, to which so many neighbours are a mini-batch."""
    copy = cohort.select(range(cohort.replicas))
    options = replace(copy.architecture.options, ghost_batch_size=size)
    copy.architecture = replace(copy.architecture, options=options)
    return copy


def padded(inputs: Tensor) -> Tensor:
    """Mini-batches of OWN samples of inputs (features, samples), filled up with zeros to CHUNK."""
    own = inputs.reshape(len(inputs), -1, OWN)
    nothing = own.new_zeros(*own.shape[:2], CHUNK - OWN)
    return torch.cat([own, nothing], dim=2).flatten(1)


def _own(logits: Tensor) -> Tensor:
    """Of padded mini-batches, what is not padding."""
    return logits.unflatten(2, (-1, CHUNK))[..., :OWN].flatten(2)
