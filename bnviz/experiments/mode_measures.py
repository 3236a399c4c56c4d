"""Both modes, measured while the BN networks train."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from bnviz.axes import FIRST_MOMENTUM, INFERENCE, WITH_OTHERS
from bnviz.engine.batchnorm import Options
from bnviz.engine.networks import Cohort, accuracies, losses
from bnviz.engine.statistics import (
    Averages,
    as_modules,
    following,
    precise,
    predicted,
    predicted_in_batches,
)
from bnviz.engine.training import History, Snapshot
from bnviz.experiments.jobs import Job
from bnviz.experiments.result import Axes, Floats, Result, Whole
from bnviz.experiments.training import training

if TYPE_CHECKING:
    from bnviz.experiments.modes import ModesConfig


UNITS = 6  # of the first and of the last hidden layer, to look at one by one
EVALUATED = (1, 2, 4, 8, 16, 32, 64, 128, 256)  # samples in a batch of the test set
ORDER_SEED, MATES_SEED = 7, 8


@dataclass(frozen=True, kw_only=True, repr=False)
class Unit(Result):
    """One unit's statistics in the first seed: of each mini-batch, and of the population."""

    layer: Annotated[int, Axes("", "from 1")]
    number: Annotated[int, Axes("", "in its layer, from 1")]
    size: Annotated[int, Axes("", "samples in a mini-batch")]
    batch: Annotated[
        Floats,
        Axes(
            "statistic update",
            "mean and unbiased variance of every mini-batch, by its step",
            drawn=True,
        ),
    ]
    population: Annotated[
        Floats,
        Axes(
            "statistic step", "mean and variance over the training set, at the records", drawn=True
        ),
    ]

    def averages(self, momentum: float, biased: bool = False) -> NDArray[np.float64]:
        """Running mean and variance after t updates, (2, steps + 1), from 0 and 1.

        r <- (1 - momentum) r + momentum * new. `biased`: as if the variance of a mini-batch were
        not multiplied by m/(m-1) before it is averaged.
        """
        new = self.batch.astype(np.float64)
        if biased:
            new = new * np.array([[1.0], [(self.size - 1) / self.size]])
        values = np.empty((2, new.shape[1] + 1))
        values[:, 0] = 0.0, 1.0
        for step in range(new.shape[1]):
            values[:, step + 1] = (1 - momentum) * values[:, step] + momentum * new[:, step]
        return values


COMPANIES = ("alone", "with others", "with yet others", "with its class", "inference")


@dataclass(frozen=True, kw_only=True, repr=False)
class Sample(Result):
    """One test sample, predicted in several situations."""

    label: Annotated[int, Axes()]
    probability: Annotated[
        Floats, Axes("step company=COMPANIES class", "of each class, first seed")
    ]
    answers: Annotated[
        Whole,
        Axes(
            "company=COMPANIES seed", "the class at the last step; empty: not measured", maybe=True
        ),
    ]
    alone: Annotated[
        Whole,
        Axes(
            "seed",
            "how many answers all test samples get, each alone; empty: not measured",
            maybe=True,
        ),
    ]
    in_company: Annotated[
        float, Axes("", "largest change of its probabilities if inference gets it alone; or NaN")
    ]


class Measuring:
    """Follows the training of the BN networks step by step, and measures at the records."""

    def __init__(self, config: ModesConfig, records: list[int]) -> None:
        data = config.data()
        self.config, self.data, self.records = config, data, records
        train_order = _shuffled(len(data.train_labels), ORDER_SEED)
        test_order = _shuffled(len(data.test_labels), ORDER_SEED)
        self.population = torch.tensor(data.train_inputs)[train_order]
        self.inputs = torch.tensor(data.test_inputs)[test_order]
        self.labels = torch.tensor(data.test_labels)[test_order]
        self.sorted = self.labels.argsort(stable=True)
        self.averages = Averages.started(
            (*config.momenta(), None), config.seeds, config.depth, config.width
        )
        ways, times, seeds = FIRST_MOMENTUM + len(config.momenta()), len(records), config.seeds
        self.sizes = [size for size in EVALUATED if size < len(self.labels)] + [len(self.labels)]
        self.test_loss = _unknown(ways, seeds, times)
        self.test_accuracy = _unknown(ways, seeds, times)
        self.changed = _unknown(seeds)
        self.evaluated = _unknown(2, len(self.sizes), seeds)
        self._prepare_units(times)
        self._prepare_sample(times)
        self.from_torch = [np.nan, np.nan]

    def training(self) -> Job[History]:
        """Every step is a record, so that the probe sees every mini-batch."""
        return training(
            self.config,
            {"normalizer": "batch", "options": Options(momentum=1.0)},
            record_at=range(self.config.steps + 1),
            probes=[following(self.averages, self.look, self.config.steps)],
            tested=False,
        )

    def look(self, snapshot: Snapshot, batch: Tensor) -> None:
        if 0 in snapshot.kept and snapshot.step < self.config.steps:
            self._follow_units(snapshot, batch)
        if snapshot.step in self.records:
            self._measure(snapshot, self.records.index(snapshot.step))

    def _measure(self, snapshot: Snapshot, column: int) -> None:
        """Loss and accuracy on the test set for all ways to normalize."""
        seeds = [seed for seed in snapshot.kept if seed < self.config.measured()[1]]
        if not seeds:
            return
        cohort = _some(snapshot.cohort, [snapshot.kept.index(seed) for seed in seeds])
        exact = precise(cohort, self.population, self.config.whole())
        own = predicted_in_batches(cohort, self.inputs, self.config.whole())
        statistics = [exact, *self.averages.values[[-1, *range(len(self.config.momenta()))]]]
        statistics[1:] = [values[:, seeds] for values in statistics[1:]]
        outputs = [own, *(predicted(cohort, self.inputs, values) for values in statistics)]
        labels = self.labels.expand(len(seeds), -1)
        for way, logits in enumerate(outputs):
            self.test_loss[way, seeds, column] = losses(logits, labels).numpy()
            self.test_accuracy[way, seeds, column] = accuracies(logits, labels).numpy()
        chosen = self.config.momenta().index(self.config.momentum)
        running = self.averages.values[chosen]
        at_last = snapshot.step == self.config.steps
        first = _some(cohort, [0])
        if at_last:
            self._predict_sample(cohort, running[:, seeds], seeds, column)
        elif 0 in seeds:
            self._predict_sample(first, running[:, :1], [0], column)
        if 0 in seeds:
            self._in_company(first, running[:, :1], column)
            self.unit_population[:, :, column] = self._of_units(exact).T
        if at_last:
            running_outputs = outputs[FIRST_MOMENTUM + chosen]
            other = own.argmax(1) != running_outputs.argmax(1)
            self.changed[seeds] = other.float().mean(1).numpy()
            self._evaluate_in_training_mode(cohort, seeds)
            if 0 in seeds:
                self._compare_with_torch(first, chosen)

    def _evaluate_in_training_mode(self, cohort: Cohort, seeds: list[int]) -> None:
        """Accuracy in batches of several sizes: test set shuffled, and sorted by class."""
        orders = (torch.arange(len(self.labels)), self.sorted)
        for row, order in enumerate(orders):
            labels = self.labels[order].expand(len(seeds), -1)
            for place, size in enumerate(self.sizes):
                logits = predicted_in_batches(cohort, self.inputs[order], size)
                self.evaluated[row, place, seeds] = accuracies(logits, labels).numpy()
                if size == 1:
                    answers = logits.argmax(1).numpy()
                    self.distinct[seeds] = [len(np.unique(one)) for one in answers]

    # --- single units

    def _prepare_units(self, times: int) -> None:
        config = self.config
        layers = dict.fromkeys((config.depth, 1))
        self.places = [
            (layer, unit) for layer in layers for unit in range(1, min(UNITS, config.width) + 1)
        ]
        self.unit_batch = _unknown(len(self.places), 2, config.steps)
        self.unit_population = _unknown(len(self.places), 2, times)
        self.norm = nn.BatchNorm1d(config.width, momentum=config.momentum)

    def _of_units(self, statistics: Tensor) -> Floats:
        """Mean and variance of the single units in the first seed, (2, units)."""
        layers, units = np.array(self.places).T - 1
        values: Floats = statistics[:, 0].numpy()[:, layers, units]
        return values

    def _follow_units(self, snapshot: Snapshot, batch: Tensor) -> None:
        self.unit_batch[:, :, snapshot.step] = self._of_units(batch).T
        if self.config.whole() > 1:  # torch.nn refuses a single sample in training mode
            with torch.no_grad():
                self.norm((snapshot.cohort.layers[0].weight[0] @ snapshot.inputs[0]).T)

    def units(self) -> tuple[Unit, ...]:
        size = self.config.whole()
        pieces = zip(self.places, self.unit_batch, self.unit_population, strict=True)
        return tuple(
            Unit(layer=layer, number=number, size=size, batch=batch, population=there)
            for (layer, number), batch, there in pieces
        )

    # --- one sample

    def sample(self) -> Sample:
        return Sample(
            label=self.label,
            probability=self.probability,
            answers=self.answers,
            alone=self.distinct,
            in_company=self.in_company,
        )

    def _prepare_sample(self, times: int) -> None:
        data, config = self.data, self.config
        place = data.place_of(config.sample)
        label = int(data.test_labels[place])
        self.label, self.alone = label, torch.tensor(data.test_inputs[[place]])
        mates, others = torch.tensor(data.train_inputs), config.whole() - 1
        order = _shuffled(len(mates), MATES_SEED).repeat(2)
        own = order[torch.tensor(data.train_labels)[order] == label]
        own = own.repeat(-(-others // max(1, len(own))))
        companies = (order[:others], order[others : 2 * others], own[:others])
        self.batches = [torch.cat([self.alone, mates[company]]) for company in companies]
        self.probability = _unknown(times, INFERENCE + 1, data.classes)
        self.answers = np.full((INFERENCE + 1, config.seeds), -1)
        self.distinct = np.full(config.seeds, -1)
        self.in_company = float("nan")

    def _predict_sample(
        self, cohort: Cohort, running: Tensor, seeds: list[int], column: int
    ) -> None:
        outputs = [
            predicted_in_batches(cohort, self.alone, 1),
            *(predicted_in_batches(cohort, batch, len(batch)) for batch in self.batches),
            predicted(cohort, self.alone, running),
        ]
        rows = torch.stack([logits[:, :, 0] for logits in outputs])
        if seeds[0] == 0:
            self.probability[column] = rows[:, 0].softmax(1).numpy()
        if column == len(self.records) - 1:
            self.answers[:, seeds] = rows.argmax(2).numpy()

    def _in_company(self, cohort: Cohort, running: Tensor, column: int) -> None:
        """How much inference changes if the sample comes together with the test set."""
        among = predicted(cohort, torch.cat([self.alone, self.inputs]), running)[0, :, 0]
        alone = torch.tensor(self.probability[column, INFERENCE])
        self.in_company = float((among.softmax(0) - alone).abs().max())

    def _compare_with_torch(self, cohort: Cohort, chosen: int) -> None:
        """The largest differences to torch.nn: running statistics, and the sample's prediction."""
        statistics = self.averages.values[chosen][:, :1]
        network = as_modules(cohort, statistics, self.config.momentum)
        shown = torch.tensor(self.probability[-1])
        with torch.no_grad():
            network.eval()
            off = [network(self.alone)[0].softmax(0) - shown[INFERENCE]]
            if self.config.whole() > 1:
                network.train()
                off.append(network(self.batches[0])[0].softmax(0) - shown[WITH_OTHERS])
                assert self.norm.running_mean is not None
                assert self.norm.running_var is not None
                theirs = torch.stack([self.norm.running_mean, self.norm.running_var])
                self.from_torch[0] = float(
                    ((statistics[:, 0, 0] - theirs).abs().amax(1) / theirs.abs().amax(1)).max()
                )
        self.from_torch[1] = float(torch.stack(off).abs().max())


def _some(cohort: Cohort, places: list[int]) -> Cohort:
    """These replicas: copies of them, but where they are all that there are."""
    return cohort if places == list(range(cohort.replicas)) else cohort.select(places)


def _unknown(*shape: int) -> Floats:
    return np.full(shape, np.nan, np.float32)


def _shuffled(samples: int, seed: int) -> Tensor:
    return torch.randperm(samples, generator=torch.Generator().manual_seed(seed))
