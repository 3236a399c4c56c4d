"""BN in a recurrent network: statistics of each step or shared, layer norm, longer sequences."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Annotated

import numpy as np
import torch

from bnviz.axes import NEVER
from bnviz.engine.data import Dataset
from bnviz.engine.images import images
from bnviz.engine.networks import Cohort, accuracies
from bnviz.engine.sequences import ROW, ROWS, RecurrentArchitecture, RecurrentCohort
from bnviz.engine.threads import one_thread
from bnviz.experiments.bounds import (
    FLOAT,
    PASSING,
    SECONDS_PER_LAYER,
    SECONDS_PER_OPERATION,
    STATES,
    bounded,
)
from bnviz.experiments.data_knobs import DATA_KNOBS, ImageName, OneScale
from bnviz.experiments.jobs import Report, side_by_side, silent
from bnviz.experiments.pair import diverged_at
from bnviz.experiments.result import Axes, Floats, Result, Whole
from bnviz.experiments.settings import (
    OTHERWISE,
    Activation,
    BatchSize,
    Knob,
    LearningRate,
    Settings,
    Steps,
    Width,
)
from bnviz.experiments.training import training

ARMS = ("plain", "per step", "shared", "layer")
NORMALIZER = {"plain": "none", "per step": "batch", "shared": "batch", "layer": "layer"}
EMPTY_ROWS = (0, 1, 2, 4, 8, 16)
COPIES = 4  # of the values of one row that wait for the way back
TESTED = 450  # samples, at most


class RecurrentConfig(Settings):
    """One of the recurrent networks: settings of its own, with the page's data and seeds."""

    dataset: ImageName = "digits"
    scaling: OneScale = "standardized"
    depth: Annotated[int, Knob("Layers", (1,), "One recurrent layer.", 1, 1)] = 1
    width: Width = 32
    activation: Activation = "tanh"
    learning_rate: LearningRate = 0.32
    batch_size: BatchSize = 32
    steps: Steps = 200
    seeds: Annotated[int, Knob("Seeds", (1, 3, 5), "How many networks.", 1, 32)] = 3
    arm: Annotated[str, Knob("Network", ARMS, "What is normalized, and with what.")] = "plain"

    def data(self) -> Dataset:
        return images(super().data())

    def network(self) -> RecurrentArchitecture:
        data = self.data()
        return RecurrentArchitecture(
            inputs=data.features,
            outputs=data.classes,
            width=self.width,
            activation=self.activation,
            initialization=self.initialization,
            normalizer=NORMALIZER[self.arm],
            statistics="per step" if self.arm == "per step" else "shared",
        )

    def work(self) -> float:
        """As Settings.work, for one network of ROWS steps, and the sequences it is tested with."""
        weights = self.width * (ROW + self.width)
        samples = min(self.batch_size, TESTED * 3) * self.seeds
        trained = SECONDS_PER_LAYER + SECONDS_PER_OPERATION * 6 * weights * samples
        rows = sum(2 * (ROWS + more) for more in EMPTY_ROWS)
        tested = SECONDS_PER_OPERATION * 2 * weights * TESTED * self.seeds * rows
        return self.steps * ROWS * trained + tested

    def held(self) -> float:
        """The values of every row wait for the way back; tested are the longest sequences."""
        samples = min(self.batch_size, TESTED * 3)
        weights = self.width * (ROW + self.width + self.data().classes)
        values = samples * ROWS * COPIES * (ROW + self.width)
        tested = TESTED * (ROW * (ROWS + EMPTY_ROWS[-1]) * 3 + PASSING * (ROW + self.width))
        own = (3 + STATES[self.optimizer]) * weights
        return FLOAT * self.seeds * (own + max(values, tested))

    def kept(self) -> float:
        return OTHERWISE


@dataclass(frozen=True, kw_only=True, repr=False)
class RecurrentResult(Result):
    """Test accuracies at the end, from 0 to 1; NaN after a divergence."""

    config: RecurrentConfig
    image_rows: Annotated[int, Axes("", "as many as it was trained on")]
    rows: Annotated[Whole, Axes("empty_rows", "empty rows")]
    late: Annotated[
        Floats, Axes("seed empty_rows=rows", "test accuracy, so many empty rows before the image")
    ]
    early: Annotated[Floats, Axes("seed empty_rows=rows", "the same with so many after it")]


def pieces(page: Settings) -> list[RecurrentConfig]:
    """All four networks, on the data of the page and with its seeds."""
    data = {name: getattr(page, name) for name in DATA_KNOBS}
    return [
        RecurrentConfig(arm=arm, seeds=page.seeds, first_seed=page.first_seed, **data)
        for arm in ARMS
    ]


@bounded
def run(config: RecurrentConfig, report: Report = silent, workers: int = 2) -> RecurrentResult:
    """Train on images read row by row, then test with empty rows before or behind them.

    Pure: the same config, the same bits.
    """
    data = config.data()
    build = partial(RecurrentCohort, config.network())
    jobs = {config.arm: training(config, build=build, record_at=[config.steps])}
    history = side_by_side(jobs, config.steps, report, 1)[config.arm]
    cohort = history.cohort
    alive = (diverged_at(history) == NEVER)[:, None]
    with one_thread():
        late, early = (
            np.stack([_with_empty(cohort, data, more, first) for more in EMPTY_ROWS], axis=1)
            for first in (True, False)
        )
    nothing = np.float32(np.nan)
    return RecurrentResult(
        config=config,
        image_rows=ROWS,
        rows=np.array(EMPTY_ROWS),
        late=np.where(alive, late, nothing),
        early=np.where(alive, early, nothing),
    )


def _with_empty(cohort: Cohort, data: Dataset, more: int, first: bool) -> Floats:
    """Test accuracy, (seeds,), with so many rows of zeros, the mean of all images, beside them."""
    images = torch.tensor(data.test_inputs[:TESTED])
    nothing = images.new_zeros(len(images), more * ROW)
    longer = torch.cat([nothing, images] if first else [images, nothing], dim=1)
    with torch.no_grad():
        inputs = longer.T.expand(cohort.replicas, -1, -1)
        outputs = cohort.forward(inputs, "inference")
        labels = torch.tensor(data.test_labels[:TESTED]).expand(cohort.replicas, -1)
        accuracy: Floats = accuracies(outputs, labels).numpy()
    return accuracy
