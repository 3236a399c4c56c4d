"""Training mode and inference mode: the same weights, other statistics."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np

from bnviz.axes import FIRST_MOMENTUM, TREATMENTS
from bnviz.engine.training import recording_steps
from bnviz.experiments.bounds import FLOAT, SECONDS_PER_OPERATION, bounded
from bnviz.experiments.jobs import Report, side_by_side, silent
from bnviz.experiments.mode_measures import EVALUATED, Measuring, Sample, Unit
from bnviz.experiments.pair import diverged_at
from bnviz.experiments.result import Axes, Floats, Result, Whole
from bnviz.experiments.settings import (
    OTHERWISE,
    BatchSize,
    Depth,
    Knob,
    LearningRate,
    Settings,
    Steps,
    Width,
)
from bnviz.experiments.training import training

MOMENTA = (0.01, 0.03, 0.1, 0.3, 0.9)
SWEPT = (2, 4, 8, 16, 32, 64, 128, 256)
RECORDS, FEWEST_RECORDS = 12, 5
MEASURING = 2.5e11  # operations that measuring may take; large networks: fewer records and seeds
PER_STATISTIC = 600  # operations' worth of time, for a mean and variance of their own
AVERAGED = 2e-8  # seconds of one unit, one momentum, one step


class ModesConfig(Settings):
    """The shared settings, the momentum of the running averages, and a sample to predict."""

    depth: Depth = 4
    width: Width = 32
    learning_rate: LearningRate = 0.32
    batch_size: BatchSize = 8
    steps: Steps = 100
    momentum: Annotated[
        float,
        Knob(
            "Momentum of BN",
            MOMENTA,
            "PyTorch's: the weight of the NEW mini-batch in the running averages. Many texts, and"
            " other libraries, call 1 minus it momentum: PyTorch's 0.1 is their 0.9. It is not"
            " the optimizer's momentum and does not change the training.",
            1e-3,
            1.0,
        ),
    ] = 0.1
    sample: Annotated[
        int,
        Knob(
            "The one sample",
            (0, 1, 2, 3, 4, 5, 6, 7, 8, 9),
            "Which test sample is predicted alone and in company: among digits, an image of this"
            " digit.",
            0,
            40,
        ),
    ] = 7

    def momenta(self) -> tuple[float, ...]:
        """All momenta that are followed, in increasing order."""
        return tuple(sorted({*MOMENTA, self.momentum}))

    def ways(self) -> tuple[str, ...]:
        """How the test set is normalized, in words, on the first axis of a result."""
        averages = (f"momentum {momentum:g}" for momentum in self.momenta())
        return ("its own batches", "the training set", "all mini-batches", *averages)

    def whole(self) -> int:
        """The samples of one mini-batch."""
        return min(self.batch_size, len(self.data().train_labels))

    def measured(self) -> tuple[int, int]:
        """(records, seeds) that are measured: large networks get fewer of both."""
        affordable = int(MEASURING / self._measure())
        records = int(np.clip(affordable // self.seeds, FEWEST_RECORDS, RECORDS))
        return records, int(np.clip(affordable // records, 1, self.seeds))

    def _measure(self) -> float:
        """About how many operations it takes to measure one network once."""
        data = self.data()
        weights = self.width * (data.features + (self.depth - 1) * self.width + data.classes)
        tested = (FIRST_MOMENTUM + len(self.momenta())) * len(data.test_labels)
        units = self.width * self.depth / self.whole()
        samples = tested + len(data.train_labels)
        return samples * (2 * weights + PER_STATISTIC * units)

    def work(self) -> float:
        """As Settings.work, and the measuring."""
        most, seeds = self.measured()
        cost, records = self.cost(), len(recording_steps(self.steps, most))
        looks = 2 * records * (FIRST_MOMENTUM + len(self.momenta()) + 2) * cost.layers
        averaged = AVERAGED * self.steps * len(self.momenta()) * self.seeds * cost.units
        measured = SECONDS_PER_OPERATION * records * seeds * self._measure()
        evaluated = 2 * len(EVALUATED) * cost.look(seeds, len(self.data().test_labels))
        alone = self.steps * cost.look(1, self.in_batch()) / self.depth
        measuring = looks + measured + evaluated + averaged + alone
        return 2 * self.training_work(records) + measuring

    def held(self) -> float:
        """Of the network that is followed: one look at a time, at all training samples."""
        cost, (_, seeds) = self.cost(), self.measured()
        samples = len(self.data().train_labels) + len(self.data().test_labels)
        looking = cost.parameters(seeds) + cost.passing(seeds, samples)
        return self.training_memory(looking)

    def kept(self) -> float:
        """Both networks stay; the averages, and one network of torch.nn."""
        cost, numbers = self.cost(), 8 * self.seeds * self.depth * self.width
        averages = FLOAT * len(self.momenta()) * numbers
        return 2 * cost.parameters(self.seeds) + 3 * cost.parameters(1) + averages + OTHERWISE


ORDERS = ("shuffled", "by class")
COMPARED = ("running statistics", "probabilities")


@dataclass(frozen=True, kw_only=True, repr=False)
class ModesResult(Result):
    """What was measured; NaN: after a divergence, or a seed that was not measured.

    Ways to normalize: OWN_BATCH, PRECISE, AVERAGE_OF_ALL, and from FIRST_MOMENTUM on the momenta.
    """

    config: ModesConfig
    steps: Annotated[Whole, Axes("step")]
    test_loss: Annotated[Floats, Axes("way=ways seed step", "mean over the test set")]
    test_accuracy: Annotated[Floats, Axes("way=ways seed step", "0 to 1")]
    plain_loss: Annotated[Floats, Axes("seed step", "the network without BN")]
    plain_accuracy: Annotated[Floats, Axes("seed step", "0 to 1")]
    changed: Annotated[
        Floats, Axes("seed", "share of test samples to which the modes give two classes, at last")
    ]
    evaluated: Annotated[
        Floats,
        Axes("order=ORDERS size=sizes seed", "last accuracy in training mode, 0 to 1"),
    ]
    sizes: Annotated[Whole, Axes("size", "samples in a batch of the test set; the last one is all")]
    diverged_at: Annotated[Whole, Axes("treatment seed", "step; empty: never", maybe=True)]
    units: tuple[Unit, ...]  # of the first seed
    sample: Sample
    from_torch: Annotated[
        Floats,
        Axes("compared=COMPARED", "largest difference to torch.nn"),
    ]

    @property
    def running(self) -> int:
        """The row of the running averages with the chosen momentum."""
        return FIRST_MOMENTUM + self.config.momenta().index(self.config.momentum)

    @property
    def test_samples(self) -> int:
        return int(self.sizes[-1])


@bounded
def run(config: ModesConfig, report: Report = silent, workers: int = 2) -> ModesResult:
    """Train BN and plain of each seed; measure the ways to normalize. Same config, same bits."""
    records = recording_steps(config.steps, config.measured()[0])
    measuring = Measuring(config, records)
    jobs = {
        "batch": measuring.training(),
        "plain": training(config, {"normalizer": "none"}, record_at=records),
    }
    histories = side_by_side(jobs, config.steps, report, workers)
    plain = histories["plain"]
    return ModesResult(
        config=config,
        steps=np.array(records),
        test_loss=measuring.test_loss,
        test_accuracy=measuring.test_accuracy,
        plain_loss=plain.test_losses,
        plain_accuracy=plain.test_accuracies,
        changed=measuring.changed,
        evaluated=measuring.evaluated,
        sizes=np.array(measuring.sizes),
        diverged_at=np.stack([diverged_at(histories[name]) for name in TREATMENTS]),
        units=measuring.units(),
        sample=measuring.sample(),
        from_torch=np.array(measuring.from_torch, np.float32),
    )


def batch_sizes(config: ModesConfig) -> list[ModesConfig]:
    """The same training, for as many steps, at other batch sizes."""
    return [config.model_copy(update={"batch_size": size}) for size in SWEPT]
