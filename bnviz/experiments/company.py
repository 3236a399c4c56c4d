"""What a prediction owes to its batch: one test sample in the company of many others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import torch

from bnviz.axes import NEVER
from bnviz.engine.data import Dataset
from bnviz.engine.networks import Cohort
from bnviz.engine.threads import one_thread
from bnviz.experiments.batches import DEARER, PERCENTS, BatchesConfig, one_training
from bnviz.experiments.bounds import FLOAT, bounded
from bnviz.experiments.jobs import Report, side_by_side, silent
from bnviz.experiments.pair import diverged_at
from bnviz.experiments.redrawn_batches import (
    SAMPLE_DRAWS,
    SampleInBatches,
    affordable_draws,
    one_sample,
)
from bnviz.experiments.result import Axes, Result

SAMPLE, COMPANIES = 8, (2, 4, 8, 16, 32, 64, 128)  # the test sample, and its batches


class SampleConfig(BatchesConfig):
    """A question of its own: one sample in many batches, at the batch size of the knob."""

    def work(self) -> float:
        """BN and layer norm, one seed; then the sample in batches of every size."""
        trained = 2 * DEARER * self._alone().one(self._size(), self.updates(self._size()))
        return trained + sum(self.cost().look(1, size * self._draws(size)) for size in COMPANIES)

    def held(self) -> float:
        """Of layer norm, one seed."""
        return self._alone().one_held(self._size(), len(self.data().test_labels))

    def after(self) -> float:
        """The sample in its largest batches, and the order of its company."""
        drawn, data = max(size * self._draws(size) for size in COMPANIES), self.data()
        orders = 8 * 3 * SAMPLE_DRAWS * len(data.train_labels)
        return self.cost().passing(1, drawn) + 2 * FLOAT * drawn * data.features + orders

    def _alone(self) -> SampleConfig:
        return self.model_copy(update={"seeds": 1})

    def _size(self) -> int:
        return self.sizes()[self.focus()]

    def _draws(self, size: int) -> int:
        return affordable_draws(self.cost().weights, size)


@dataclass(frozen=True, kw_only=True, repr=False)
class SampleResult(Result):
    """One test sample, and the first seed of two networks."""

    config: SampleConfig
    in_batches: SampleInBatches  # BN
    by_layer: Annotated[
        float, Axes("", "the probability layer norm gives the same sample, in any company")
    ]
    lost: Annotated[bool, Axes("", "whether BN diverged: then it is as it was before")]


@bounded
def run(config: SampleConfig, report: Report = silent, workers: int = 2) -> SampleResult:
    """Train BN and layer norm at one batch size, put one sample in many batches. Same bits."""
    data, size = config.data(), config.sizes()[config.focus()]
    alone = config.model_copy(update={"seeds": 1})  # trains, to the bit, as among the others
    jobs = {
        kind: one_training(alone, kind, size, config.updates(size)) for kind in ("batch", "layer")
    }
    trained = side_by_side(jobs, len(PERCENTS), report, workers)
    with one_thread():
        in_batches = one_sample(trained["batch"].cohort, data, SAMPLE, COMPANIES)
        by_layer = _of_the_sample(trained["layer"].cohort, data, in_batches)
    lost = bool(diverged_at(trained["batch"])[0] != NEVER)
    return SampleResult(config=config, in_batches=in_batches, by_layer=by_layer, lost=lost)


def _of_the_sample(alone: Cohort, data: Dataset, in_batches: SampleInBatches) -> float:
    """The probability of its class that this network gives the sample of `jitter`."""
    image = torch.tensor(in_batches.image + data.train_inputs.min(0))
    with torch.no_grad():
        logits = alone.forward(image[None, :, None], "inference")
    return float(logits.softmax(dim=1)[0, in_batches.label, 0])
