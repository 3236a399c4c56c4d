"""When BN breaks: small mini-batches, mini-batches of few classes, and one sample's company."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from bnviz.engine.data import Dataset
from bnviz.engine.networks import Cohort, accuracies
from bnviz.engine.normalization import Options
from bnviz.engine.statistics import precise, predicted, predicted_in_batches
from bnviz.engine.training import History, Moment, Plan, Probe, one_thread, train
from bnviz.experiments.bounds import FLOAT, PASSING, STATISTICS, bounded
from bnviz.experiments.pair import (
    NEVER,
    count,
    diverged_at,
    in_points,
    keeping,
    median,
    portion,
    sample_name,
)
from bnviz.experiments.redrawn_batches import SAMPLE_DRAWS, Jitter, affordable_draws, one_sample
from bnviz.experiments.running import Job, Report, side_by_side, silent
from bnviz.experiments.settings import (
    LEARNING_RATES,
    OTHERWISE,
    BatchSize,
    Depth,
    Knob,
    Settings,
)

Floats = NDArray[np.float32]

SIZES = (2, 4, 8, 16, 32)
REFERENCE = 32  # the batch size to which the learning rate belongs; the size of sorted batches
SWEPT = ("plain", "batch", "layer")
SORTED = ("plain", "batch", "renorm", "layer")
MIXED = "mixed"  # BN on mini-batches of all classes, beside the sorted ones
NORMALIZER = {"plain": "none", MIXED: "batch"}  # all others are called what they are
NAMES = {"plain": "plain", "batch": "BN", "renorm": "renormalization", "layer": "layer norm"}

WITH_COMPANY = ("batch", "renorm", MIXED)  # to the others, training mode is inference mode

PERCENTS = (0, 5, 10, 20, 30, 50, 75, 100)  # of a training, at which it is tested
MOMENTS = tuple(f"{percent} % of training" for percent in PERCENTS)
"""What the clock shows."""
SORTED_SHARE = 2  # one update on sorted batches for so many at batch 2
RAMP = 0.5  # of the updates, over which renormalization leaves BN
PRECISE = 512  # samples behind the precise statistics
FEWEST_TESTED, FEWEST_PRECISE = 60, 256  # samples; large networks are measured on fewer
MEASURING = 1e11  # operations that measuring may take, otherwise
DEARER = 1.35  # times a step of BN: layer norm, ghost batches of two, a batch of few classes
WITH_PRECISE = "precise"  # among the probes: (seeds, 1)
EPOCHS = 4  # in the section
SAMPLE, COMPANIES = 8, (2, 4, 8, 16, 32, 64, 128)  # the test sample, and its batches

SMALL = 0.02  # of test accuracy: below this, two networks are about as good
MENDED = 0.5  # of what BN is behind by: precise statistics that give so much back mend it


class BatchesConfig(Settings):
    """The shared settings, and how many classes a mini-batch holds where they are sorted."""

    depth: Depth = 4
    batch_size: BatchSize = 4
    learning_rate: Annotated[
        float,
        Knob(
            "Learning rate",
            LEARNING_RATES,
            "That of mini-batches of 32. Smaller and larger ones get a rate in"
            " proportion: half the batch, half the rate.",
            1e-6,
            1e3,
        ),
    ] = 0.32
    steps: Annotated[
        int,
        Knob(
            "Steps at batch 2",
            (50, 100, 200, 400, 800),
            "Updates of the networks with mini-batches of 2. The others see as many samples, in"
            " fewer updates.",
            1,
            5000,
        ),
    ] = 100
    classes: Annotated[
        int,
        Knob(
            "Classes in a sorted batch",
            (1, 2, 3, 5),
            "For the part on sorted batches: how many classes each of them holds.",
            1,
            10,
        ),
    ] = 2

    def data(self) -> Dataset:
        """The data; where a network is large, with fewer samples in the test set."""
        data = super().data()
        tested = self._affordable(FEWEST_TESTED, len(data.test_labels))
        kept = np.linspace(0, len(data.test_labels) - 1, tested).round().astype(np.int64)
        return replace(data, test_inputs=data.test_inputs[kept], test_labels=data.test_labels[kept])

    def _affordable(self, fewest: int, all_of_them: int) -> int:
        """How many samples a network is measured on."""
        many = MEASURING / (len(PERCENTS) * 2 * self._weights() * self.seeds * self._runs())
        return int(np.clip(many, min(fewest, all_of_them), all_of_them))

    def _weights(self) -> int:
        data = super().data()
        return self.width * (data.features + (self.depth - 1) * self.width + data.classes)

    def _runs(self) -> int:
        """How many trainings are measured."""
        return len(SWEPT) * len(self.sizes())

    def sizes(self) -> tuple[int, ...]:
        """The batch sizes that are compared, in increasing order."""
        available = len(super().data().train_labels)
        return tuple(sorted({*SIZES, min(self.batch_size, available)}))

    def focus(self) -> int:
        """Where the batch size of the knob stands among the sizes."""
        return self.sizes().index(min(self.batch_size, len(super().data().train_labels)))

    def updates(self, size: int) -> int:
        """Updates in a run with this batch size, so that all see as many samples."""
        return max(1, round(2 * self.steps / size))

    def rate(self, size: int) -> float:
        """The learning rate, in proportion to the batch size."""
        return self.learning_rate * size / REFERENCE

    def sorted_updates(self) -> int:
        """Updates in a run on sorted batches."""
        return max(1, self.steps // SORTED_SHARE)

    def in_a_batch(self) -> int:
        """Classes in a sorted batch: no more than there are."""
        return min(self.classes, super().data().classes)

    def precise_samples(self) -> int:
        """Training samples behind the precise statistics."""
        return self._affordable(FEWEST_PRECISE, min(PRECISE, len(super().data().train_labels)))

    def plan_for(self, size: int, updates: int, classes: int | None = None) -> Plan:
        """How a run with this batch size trains."""
        return replace(
            self.plan(self.seeds),
            learning_rates=(self.rate(size),) * self.seeds,
            steps=updates,
            batch_size=size,
            classes_per_batch=classes,
        )

    def work(self) -> float:
        """As Settings.work, for all runs, and the measuring."""
        swept = sum(self.one(size, self.updates(size)) for size in self.sizes())
        return len(SWEPT) * DEARER * swept + len(self.sizes()) * self.mending()

    def one(self, size: int, updates: int, looked_at: int = 0) -> float:
        """Seconds of one training, with its records."""
        changed = self.model_copy(update={"batch_size": size, "steps": updates})
        return changed.training_work(len(PERCENTS), looked_at)

    def mending(self) -> float:
        """Seconds of the precise statistics of one training, and of a test with them."""
        return self.cost().look(self.seeds, self.precise_samples() + len(self.data().test_labels))

    def held(self) -> float:
        """Of the dearest training: the largest batches, layer norm, or the precise statistics."""
        samples = len(self.data().test_labels) + self.precise_samples()
        return self.one_held(max(self.sizes()), samples)

    def one_held(self, size: int, samples: int) -> float:
        """Bytes of one training with layer norm, which holds most; so many samples looked at.

        Where these are in batches of two, every two of them have statistics of their own.
        """
        changed = self.model_copy(update={"batch_size": size})
        looking = (1 + STATISTICS / 2 / PASSING) * self.cost().passing(self.seeds, samples)
        return changed.training_memory(looking, normalizer="layer")

    def kept(self) -> float:
        """The records, and what each of two threads does not give back from training to training.

        Of large networks that was, as measured, about one.
        """
        return 2 * self.cost().parameters(1) + OTHERWISE


@dataclass(frozen=True)
class BatchesResult:
    """Test accuracies are from 0 to 1, NaN after a divergence; T: the records, as PERCENTS."""

    config: BatchesConfig
    steps: NDArray[np.int64]  # (T,) percent of each training
    sizes: NDArray[np.int64]  # (S,) samples in a mini-batch
    accuracy: dict[str, Floats]  # SWEPT -> (S, seeds, T) inference mode
    precise: Floats  # (S, seeds) BN at the end, with precise statistics
    diverged_at: dict[str, NDArray[np.int64]]  # SWEPT -> (S, seeds) update, or NEVER
    test_samples: int

    def ends(self, treatment: str) -> NDArray[np.float64]:
        """Median test accuracy at the end by batch size, (S,); NaN where all diverged."""
        return np.array([median(row) for row in self.accuracy[treatment][:, :, -1]])

    def learned(self, accuracy: float) -> bool:
        """Whether this is closer to being always right than to guessing."""
        return bool(accuracy >= (1 + 1 / self.config.data().classes) / 2)

    def behind(self) -> NDArray[np.float64]:
        """How much less accurate BN is than layer norm, by batch size, (S,)."""
        batch = np.nan_to_num(self.ends("batch"), nan=1 / self.config.data().classes)
        return self.ends("layer") - batch

    def breaks_up_to(self) -> int | None:
        """The largest place in the sizes up to which BN is clearly behind; None: not at all."""
        clearly = self.behind() >= SMALL
        return None if not clearly[0] else int(np.argmin([*clearly, False])) - 1


@bounded
def run(config: BatchesConfig, report: Report = silent, workers: int = 2) -> BatchesResult:
    """Train every treatment at every batch size, then measure. Same config, same bits."""
    data, sizes = config.data(), config.sizes()
    jobs = {
        f"{kind} {size}": _thinned(
            _training(config, data, kind, size, config.updates(size)),
            _mending(config, data, size) if kind == "batch" else None,
        )
        for size in sizes
        for kind in SWEPT
    }
    histories = side_by_side(jobs, len(PERCENTS), report, workers)
    rows = {kind: [histories[f"{kind} {size}"] for size in sizes] for kind in SWEPT}
    return BatchesResult(
        config,
        np.array(PERCENTS),
        np.array(sizes),
        {
            kind: np.stack(
                [
                    _at_records(history.test_accuracies, history, config.updates(size))
                    for history, size in zip(of, sizes, strict=True)
                ]
            )
            for kind, of in rows.items()
        },
        np.stack([_probed(history, WITH_PRECISE)[:, -1] for history in rows["batch"]]),
        {kind: np.stack([diverged_at(history) for history in of]) for kind, of in rows.items()},
        len(data.test_labels),
    )


class SortedConfig(BatchesConfig):
    """A question of its own: the same networks on sorted batches."""

    def _runs(self) -> int:
        return len(SORTED) + 1

    def work(self) -> float:
        """As Settings.work, for all treatments, tested in company as well."""
        company = 2 * len(self.data().test_labels)
        return self._runs() * DEARER * self.one(REFERENCE, self.sorted_updates(), company)

    def held(self) -> float:
        """Of layer norm, or of a look at the test set in company."""
        return self.one_held(REFERENCE, 2 * len(self.data().test_labels))


def few_classes(config: BatchesConfig, classes: int) -> SortedConfig:
    """These settings on sorted batches, which have a size of their own."""
    return SortedConfig.like(config, batch_size=REFERENCE, classes=classes)


@dataclass(frozen=True)
class SortedResult:
    """Test accuracies are from 0 to 1, NaN after a divergence; T: the records, as PERCENTS."""

    config: SortedConfig
    steps: NDArray[np.int64]  # (T,) percent of each training
    accuracy: dict[str, Floats]  # SORTED and MIXED -> (seeds, T) inference mode
    in_company: dict[str, Floats]  # the same -> (seeds, T) training mode, test batches alike
    among: Floats  # (seeds, T) for BN, if only the classes of the batch could be named
    diverged_at: dict[str, NDArray[np.int64]]  # the same -> (seeds,) update, or NEVER

    def learned(self, accuracy: float) -> bool:
        """Whether this is closer to being always right than to guessing."""
        return bool(accuracy >= (1 + 1 / self.config.data().classes) / 2)


@bounded
def run_sorted(config: SortedConfig, report: Report = silent, workers: int = 2) -> SortedResult:
    """Train every treatment on sorted batches, and BN on mixed ones. Same config, same bits."""
    data, updates = config.data(), config.sorted_updates()
    company = in_training_mode(data, config.in_a_batch())
    classes: dict[str, int | None] = dict.fromkeys(SORTED, config.in_a_batch()) | {MIXED: None}
    jobs = {
        kind: _thinned(
            _training(
                config,
                data,
                kind,
                REFERENCE,
                updates,
                few,
                [company] if kind in WITH_COMPANY else [],
            )
        )
        for kind, few in classes.items()
    }
    last = side_by_side(jobs, len(PERCENTS), report, workers)
    last = {kind: last[kind] for kind in classes}
    return SortedResult(
        config,
        np.array(PERCENTS),
        {k: _at_records(h.test_accuracies, h, updates) for k, h in last.items()},
        {k: _at_records(_in_company(k, h), h, updates) for k, h in last.items()},
        _at_records(_probed(last["batch"], "among"), last["batch"], updates),
        {kind: diverged_at(history) for kind, history in last.items()},
    )


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


@dataclass(frozen=True)
class SampleResult:
    """One test sample, and the first seed of two networks."""

    config: SampleConfig
    jitter: Jitter  # BN
    by_layer: float  # the probability layer norm gives the same sample, in any company
    lost: bool  # whether BN diverged: then it is as it was before


@bounded
def run_sample(config: SampleConfig, report: Report = silent, workers: int = 2) -> SampleResult:
    """Train BN and layer norm at one batch size, put one sample in many batches. Same bits."""
    data, size = config.data(), config.sizes()[config.focus()]
    alone = config.model_copy(update={"seeds": 1})  # trains, to the bit, as among the others
    jobs = {
        kind: _training(alone, data, kind, size, config.updates(size))
        for kind in ("batch", "layer")
    }
    trained = side_by_side(jobs, len(PERCENTS), report, workers)
    with one_thread():
        jitter = one_sample(trained["batch"].cohort, data, SAMPLE, COMPANIES)
        by_layer = _of_the_sample(trained["layer"].cohort, data, jitter)
    lost = bool(diverged_at(trained["batch"])[0] != NEVER)
    return SampleResult(config, jitter, by_layer, lost)


def records(updates: int) -> list[int]:
    """The updates at which a training of so many is tested, (T,); some may be the same."""
    return [round(percent / 100 * updates) for percent in PERCENTS]


def _training(
    config: BatchesConfig,
    data: Dataset,
    kind: str,
    size: int,
    updates: int,
    classes: int | None = None,
    probes: Sequence[Probe] = (),
) -> Job[History]:
    """Training of all seeds with this treatment and batch size; progress in PERCENTS passed."""
    seeds = range(config.first_seed, config.first_seed + config.seeds)
    options = Options(ramp=max(1, round(RAMP * updates)))
    architecture = config.architecture(normalizer=NORMALIZER.get(kind, kind), options=options)
    plan = config.plan_for(size, updates, classes)

    def job(progress: Callable[[int], None]) -> History:
        return train(
            Cohort(architecture, seeds, [config.gain] * config.seeds),
            seeds,
            data,
            plan,
            record_at=records(updates),
            probes=probes,
            progress=lambda step: progress(step * len(PERCENTS) // updates),
        )

    return job


def _thinned(
    training: Job[History], mended: Callable[[History], Floats] | None = None
) -> Job[History]:
    """The training, of whose networks none stays; before, what mends them is measured."""

    def job(progress: Callable[[int], None]) -> History:
        history = training(progress)
        if mended is not None:
            history.probes[WITH_PRECISE] = mended(history)[:, None]
        return keeping(history)

    return job


def _mending(config: BatchesConfig, data: Dataset, size: int) -> Callable[[History], Floats]:
    """Test accuracy with precise statistics at the end of a training, (seeds,)."""

    def mended(history: History) -> Floats:
        with one_thread():
            return _with_precise(history, data, size, config.precise_samples())

    return mended


def _at_records(values: Floats, history: History, updates: int) -> Floats:
    """Values at the recorded steps, (seeds, …), as (seeds, T)."""
    return values[:, np.searchsorted(history.steps, records(updates))]


def _in_company(kind: str, history: History) -> Floats:
    """Test accuracy in training mode, in test batches as sorted as those of the training."""
    return _probed(history, "in company") if kind in WITH_COMPANY else history.test_accuracies


def _probed(history: History, name: str) -> Floats:
    """What a probe measured; NaN where everybody diverged before the first record."""
    nothing = np.full_like(history.test_accuracies, np.nan)
    return history.probes.get(name, nothing)


def sorted_batches(labels: NDArray[np.int64], classes: int, size: int) -> NDArray[np.int64]:
    """Mini-batches that hold so many classes each, (batches, size), of all samples.

    Neighbouring classes stand together, their samples in a fixed random order; where they do not
    fill the last batch, the first of them fill it up.
    """
    random, rows = np.random.default_rng(7), []
    for first in range(0, int(labels.max()) + 1, classes):
        members = np.flatnonzero((labels >= first) & (labels < first + classes))
        if len(members):
            batches = -(-len(members) // size)
            rows.append(np.resize(random.permutation(members), (batches, size)))
    return np.concatenate(rows)


def in_training_mode(data: Dataset, classes: int) -> Probe:
    """A probe: accuracy on the test set in training mode, in batches of so many classes, (R,).

    "in company": in the usual way; "among": where only the classes of its batch may be named. A
    sample that fills up a batch a second time does not count again.
    """
    batches = sorted_batches(data.test_labels, classes, REFERENCE)
    order = batches.flatten()
    _, first = np.unique(order, return_index=True)
    inputs, labels = torch.tensor(data.test_inputs[order]), torch.tensor(data.test_labels)
    groups = torch.arange(data.classes)[:, None] // classes  # those that stand together
    elsewhere = torch.where(groups == labels // classes, 0.0, -torch.inf)

    def probe(moment: Moment) -> Mapping[str, Tensor]:
        cohort = moment.cohort
        outputs = predicted_in_batches(cohort, inputs, REFERENCE)[:, :, first]
        right = labels.expand(cohort.replicas, -1)
        return {
            "in company": accuracies(outputs, right),
            "among": accuracies(outputs + elsewhere, right),
        }

    return probe


def _with_precise(history: History, data: Dataset, size: int, samples: int) -> Floats:
    """Test accuracy with precise statistics of mini-batches of this size, (seeds,)."""
    cohort = history.cohort
    statistics = precise(cohort, torch.tensor(data.train_inputs[:samples]), size)
    outputs = predicted(cohort, torch.tensor(data.test_inputs), statistics)
    labels = torch.tensor(data.test_labels).expand(cohort.replicas, -1)
    accuracy: Floats = accuracies(outputs, labels).numpy()
    return np.where(diverged_at(history) == NEVER, accuracy, np.float32(np.nan))


def _of_the_sample(alone: Cohort, data: Dataset, jitter: Jitter) -> float:
    """The probability of its class that this network gives the sample of `jitter`."""
    image = torch.tensor(jitter.image + data.train_inputs.min(0))
    with torch.no_grad():
        logits = alone.forward(image[None, :, None], "inference")
    return float(logits.softmax(dim=1)[0, jitter.label, 0])


class FullConfig(BatchesConfig):
    """One batch size of the section: its own number of updates, on all training samples."""

    def work(self) -> float:
        """All treatments at this size, and the precise statistics."""
        return len(SORTED) * DEARER * self.one(self.batch_size, self.steps) + self.mending()

    def held(self) -> float:
        """As in the lesson, at this size alone."""
        return self.one_held(self.batch_size, self.precise_samples())


@dataclass(frozen=True)
class FullResult:
    """One batch size, at the end; NaN: diverged."""

    config: FullConfig
    accuracy: dict[str, Floats]  # SORTED -> (seeds,) test accuracy
    precise: Floats  # (seeds,) BN with precise statistics


def full(config: BatchesConfig) -> list[FullConfig]:
    """EPOCHS epochs at each batch size, the small batches, which take longest, last."""
    samples = EPOCHS * len(config.data().train_labels)
    return [
        FullConfig.like(config, batch_size=size, steps=min(5000, samples // size))
        for size in reversed(SIZES)
    ]


@bounded
def run_full(config: FullConfig, report: Report = silent, workers: int = 2) -> FullResult:
    """Train all treatments at one batch size. Pure: the same config, the same bits."""
    data, size = config.data(), config.batch_size
    mending = _mending(config, data, size)
    jobs = {
        kind: _thinned(
            _training(config, data, kind, size, config.steps),
            mending if kind == "batch" else None,
        )
        for kind in SORTED
    }
    histories = side_by_side(jobs, len(PERCENTS), report, workers)
    ends = {kind: history.test_accuracies[:, -1] for kind, history in histories.items()}
    return FullResult(config, ends, _probed(histories["batch"], WITH_PRECISE)[:, -1])


# ------------------------------------------------------------------ what it shows


def findings(result: BatchesResult) -> list[str]:
    """What this run shows of the batch sizes, in sentences, each computed from it."""
    said = [
        _headline(result),
        _seeds(result),
        _noise_alone(result),
        _helps(result),
        _precise(result),
        _lost(result.diverged_at),
    ]
    return [sentence for sentence in said if sentence]


def _wrong(accuracy: float) -> str:
    """The test error, in words."""
    return portion(1 - accuracy)


def _no_reference(result: BatchesResult) -> str:
    """Why there is nothing to hold BN against; empty: there is."""
    layer = result.ends("layer")[[0, -1]]
    if np.isfinite(layer).all() and any(result.learned(one) for one in layer):
        return ""
    return (
        "**No comparison here**: layer normalization, against which BN is held, does not learn at"
        f" these settings (test error {_wrong(layer[0])} in batches of {result.sizes[0]},"
        f" {_wrong(layer[1])} in batches of {result.sizes[-1]})."
    )


def _headline(result: BatchesResult) -> str:
    if unknown := _no_reference(result):
        return unknown
    told, up_to = _both_ends(result), result.breaks_up_to()
    if up_to is None:
        return (
            "**BN does not break here**: even in the smallest batches it keeps up with layer"
            f" norm. {told}."
        )
    if up_to == len(result.sizes) - 1:
        return f"**BN is behind at every batch size**: {told}."
    return f"**BN breaks in small batches**: {told}."


def _both_ends(result: BatchesResult) -> str:
    """The test error of BN and layer norm in the smallest and in the largest batches."""
    batch, layer, sizes = result.ends("batch"), result.ends("layer"), result.sizes
    if not np.isfinite(batch[[0, -1]]).all():
        told = [
            f"in batches of {sizes[place]}, BN"
            f" {_wrong(batch[place]) if np.isfinite(batch[place]) else 'diverged'}, layer norm"
            f" {_wrong(layer[place])}"
            for place in (0, -1)
        ]
        return f"Test error {'; '.join(told)}"
    return (
        f"BN gets {_wrong(batch[0])} of the test samples wrong in batches of {sizes[0]}, layer norm"
        f" {_wrong(layer[0])}; {_wrong(batch[-1])} in batches of {sizes[-1]}, layer norm"
        f" {_wrong(layer[-1])}"
    )


def _seeds(result: BatchesResult) -> str:
    """Up to which size BN is behind, and in how many seeds at the smallest."""
    up_to = result.breaks_up_to()
    if _no_reference(result) or up_to is None:
        return ""
    layer, batch = (result.accuracy[kind][0, :, -1] for kind in ("layer", "batch"))
    worse = int((np.nan_to_num(batch) < layer).sum())
    where = f"At batch size {result.sizes[0]}"
    if up_to:
        where = f"BN is clearly behind up to batch size {result.sizes[up_to]}; at the smallest"
        return f"{where}, in {count(worse, result.config.seeds)}."
    return f"{where} alone BN is clearly behind, in {count(worse, result.config.seeds)}."


def _noise_alone(result: BatchesResult) -> str:
    """Networks without batch statistics feel the noise of small batches in the gradient alone."""
    if _no_reference(result):
        return ""
    lost = {kind: float(result.ends(kind)[-1] - result.ends(kind)[0]) for kind in SWEPT}
    if not np.isfinite(list(lost.values())).all():
        return ""
    learned = {kind: result.learned(float(result.ends(kind)[[0, -1]].max())) for kind in SWEPT}
    if not learned["batch"]:
        return ""
    told = ", ".join(
        f"{NAMES[kind]} {_points(lost[kind]) if learned[kind] else 'learns in neither'}"
        for kind in ("plain", "layer")
    )
    said = (
        f"From batches of {result.sizes[-1]} down to {result.sizes[0]}, with as many samples seen:"
        f" BN {_points(lost['batch'])}, {told}."
    )
    others = max(lost[kind] for kind in ("plain", "layer") if learned[kind])
    if lost["batch"] < others + SMALL:
        return f"{said} Small batches cost BN no more than the others."
    if others < SMALL:
        felt = "by all three" if learned["plain"] else "without BN as well"
        return (
            f"{said} A noisy gradient is felt {felt}: what breaks BN is the noise of its"
            " statistics."
        )
    return f"{said} The part that only BN pays is the noise of its statistics."


def _helps(result: BatchesResult) -> str:
    """Where BN is clearly ahead of plain, if anywhere."""
    plain, batch, sizes = result.ends("plain"), result.ends("batch"), result.sizes
    ahead = np.nan_to_num(batch) - np.nan_to_num(plain)
    place = int(np.argmax(ahead))
    if _no_reference(result):
        return ""
    if ahead[place] < SMALL:
        why = ", because the network trains without it" if result.learned(plain.max()) else ""
        return (
            "At no batch size is BN clearly ahead of plain: at these settings it does not help"
            f"{why}."
        )
    return (
        f"BN helps most at batch size {sizes[place]}: {_wrong(batch[place])} test error, plain"
        f" {_wrong(plain[place])}."
    )


def _points(lost: float) -> str:
    points = in_points(lost)
    if points == "0 points":
        return "loses nothing"
    return f"{'loses' if lost > 0 else 'gains'} {points}"


def _precise(result: BatchesResult) -> str:
    """What precise statistics give back, at the size where BN is behind that they help most."""
    up_to = result.breaks_up_to()
    if _no_reference(result) or up_to is None:
        return ""
    mended = np.array([median(row) for row in result.precise])[: up_to + 1]
    gained = mended - result.ends("batch")[: up_to + 1]
    if not np.isfinite(gained).any():
        return ""
    place = int(np.nanargmax(gained))
    before, after = result.ends("batch")[place], mended[place]
    size, most = result.sizes[place], gained[place]
    told = (
        f"at batch size {size} they take BN's test error from {_wrong(before)} to {_wrong(after)}"
    )
    if most >= MENDED * result.behind()[place]:
        return f"Precise statistics for inference mend much of it: {told}."
    if most >= SMALL:
        return f"Precise statistics for inference are a partial cure: {told}."
    return (
        f"Precise statistics for inference do not mend it: {told}. The harm is in the training, not"
        " in the running averages."
    )


def _lost(diverged: Mapping[str, NDArray[np.int64]]) -> str:
    """Who diverged; of the batch sizes, how many runs of all."""
    of = next(iter(diverged.values())).size
    gone = {kind: int((at != NEVER).sum()) for kind, at in diverged.items()}
    told = [f"{NAMES.get(kind, 'BN')}, {many} of {of}" for kind, many in gone.items() if many]
    return f"Runs that diverged, and are left out: {'; '.join(told)}." if told else ""


def of_sorted(result: SortedResult, mixed: BatchesResult) -> list[str]:
    """What mini-batches of few classes do, in sentences; beside the batch sizes on mixed ones."""
    if result.config.in_a_batch() >= result.config.data().classes:
        return [
            f"These data have {result.config.data().classes} classes, so here a sorted batch holds"
            " all of them and nothing is skewed. Choose fewer classes."
        ]
    ends = {kind: median(values[:, -1]) for kind, values in result.accuracy.items()}
    own = {kind: median(values[:, -1]) for kind, values in result.in_company.items()}
    said = [_skewed(result, ends), _own_company(result, ends["batch"], own["batch"])]
    said += [_cure(result, mixed, ends, kind) for kind in ("plain", "renorm", "layer")]
    lost = {k: at for k, at in result.diverged_at.items() if k != MIXED}
    return [one for one in (*said, _lost(lost)) if one]


def _classes(many: int) -> str:
    return "one class" if many == 1 else f"{many} classes"


def _skewed(result: SortedResult, ends: Mapping[str, float]) -> str:
    """BN on sorted batches beside BN on mixed ones."""
    few, mixed = ends["batch"], ends[MIXED]
    told = f"trained on batches of {_classes(result.config.in_a_batch())} BN "
    if np.isfinite(few):
        right = "of the test samples right at inference"
        told += f"gets {portion(few)} {right}, on mixed batches {portion(mixed)}"
    else:
        told += f"diverged; test accuracy after mixed batches: {portion(mixed)}"
    if not np.isfinite(mixed) or not result.learned(mixed):
        return f"**No comparison here**: {told}."
    if np.isfinite(few) and few > mixed - SMALL:
        return f"**Sorted batches do no harm here**: {told}."
    worse = result.accuracy["batch"][:, -1], result.accuracy[MIXED][:, -1]
    seeds = count(int((np.nan_to_num(worse[0]) < worse[1]).sum()), result.config.seeds)
    return f"**Sorted batches hurt BN**: {told}; worse in {seeds}."


def _own_company(result: SortedResult, inference: float, own: float) -> str:
    """BN in training mode, among the classes it was trained with, beside inference."""
    if not np.isfinite([inference, own]).all():
        return ""
    few = result.config.in_a_batch()
    said = (
        f"In training mode, in test batches of {_classes(few)} as well, the same network gets"
        f" {portion(own)}"
    )
    if own > inference + SMALL:
        good = "good" if result.learned(own) else "better"
        return f"{said}: {good} in the company it knows, worse where that is gone."
    if own > inference - SMALL:
        return f"{said}, about the same."
    among = median(result.among[:, -1])
    if few > 1 and among >= (1 + 1 / few) / 2 and among > own + SMALL:
        return (
            f"{said}. Asked only which of the {few} classes of the batch it is, it gets"
            f" {portion(among)}: it tells them apart, but the mean that BN subtracts takes with it"
            " what tells them from all others."
        )
    return f"{said}."


def _cure(result: SortedResult, mixed: BatchesResult, ends: Mapping[str, float], kind: str) -> str:
    """What another treatment reaches on the same sorted batches."""
    other, batch = ends[kind], ends["batch"]
    name = {"plain": "Plain", "renorm": "Batch renormalization", "layer": "Layer norm"}[kind]
    if not np.isfinite(other):
        return f"{name} diverged on these batches."
    said = f"{name}, on the same batches: {portion(other)}"
    if not np.isfinite(batch):
        return f"{said}; BN diverged."
    if other > batch + SMALL:
        if not result.learned(other):
            return f"{said}, better than BN, but it does not learn them either."
        why = {
            "renorm": "it normalizes with running statistics, which remember other classes",
            "layer": "it never looks at the other samples",
            "plain": "it has no statistics that could be skewed",
        }[kind]
        return f"{said}; {why}."
    said += ", no better than BN" if other > batch - SMALL else ", worse than BN"
    plain = float(mixed.ends("plain")[mixed.sizes == REFERENCE][0])
    if kind != "plain" or not (result.learned(plain) and plain > other + SMALL):
        return f"{said}."
    return (
        f"{said}: such batches are hard on SGD itself, with or without statistics. On mixed batches"
        f" of {REFERENCE}, in no more updates, plain gets {portion(plain)}."
    )


def of_the_sample(result: SampleResult) -> str:
    """How much the prediction for one sample depends on its batch-mates."""
    jitter = result.jitter
    told = []
    for place in (0, len(jitter.sizes) - 1):
        known = jitter.probability[place][np.isfinite(jitter.probability[place])]
        if not known.size:
            return "No prediction to show: the network diverged."
        low, high = np.quantile(known, [0.1, 0.9])
        told.append(f"{100 * low:.0f} to {portion(high)} in batches of {jitter.sizes[place]}")
    name = sample_name(result.config, jitter.label).removeprefix("the ")
    trained = str(result.config.sizes()[result.config.focus()])
    if result.lost:
        trained += ", as it was before it diverged"
    said = (
        f"One {name}, one network (BN, trained in batches of {trained}), other"
        f" batch-mates: the probability of its class goes from {', from '.join(told)} (10th to 90th"
        " percentile)."
    )
    if np.isfinite(result.by_layer):
        said += f" Layer norm says {portion(result.by_layer)} in any company."
    return said


def of_full(results: Sequence[FullResult]) -> str:
    """The whole training, by batch size, in a sentence."""
    ordered = sorted(results, key=lambda one: one.config.batch_size)
    small = ordered[0]
    error = {kind: median(values) for kind, values in small.accuracy.items()}
    told = ", ".join(f"{NAMES[kind]} {_wrong(error[kind])}" for kind in SORTED)
    said = (
        f"Test error in batches of {small.config.batch_size}: {told}; BN with precise statistics"
        f" {_wrong(median(small.precise))}."
    )
    behind = [
        str(one.config.batch_size)
        for one in ordered
        if median(one.accuracy["layer"]) - np.nan_to_num(median(one.accuracy["batch"])) >= SMALL
    ]
    if behind:
        return f"{said} BN is clearly behind layer norm at batch size {', '.join(behind)}."
    return f"{said} BN is not clearly behind layer norm at any batch size here."


def misconceptions(result: BatchesResult) -> dict[str, str]:
    """Common beliefs, each with what this run says of it."""
    return {
        "There is no reason not to use BN.": _no_reason(result),
        "A smaller batch only means more noise in the gradient.": _only_noise(result),
        "Layer norm is always the safer choice.": _safer(result),
        "Better statistics at inference mend what small batches break.": _better_statistics(result),
    }


CANNOT_TELL = "This run cannot tell: layer norm does not learn at these settings."


def _no_reason(result: BatchesResult) -> str:
    if _no_reference(result):
        return CANNOT_TELL
    batch, plain, sizes = result.ends("batch"), result.ends("plain"), result.sizes
    places = np.flatnonzero(plain - np.nan_to_num(batch) >= SMALL)
    if not len(places):
        none = "at no batch size does the network without it do clearly better"
        behind = np.nan_to_num(result.behind())
        most = int(np.argmax(behind))
        if behind[most] < SMALL:
            return f"In this run there is none: {none}."
        layer = _wrong(result.ends("layer")[most])
        return (
            f"Plain is no reason here, {none}. Layer norm is one: at batch size {sizes[most]} it"
            f" has {layer} test error, BN {_wrong(batch[most])}."
        )
    few = ", ".join(str(sizes[place]) for place in places)
    worst = int(places[np.argmax((plain - np.nan_to_num(batch))[places])])
    return (
        f"Here the network without it does clearly better at batch size {few}: at"
        f" {sizes[worst]}, {_wrong(plain[worst])} test error against {_wrong(batch[worst])}."
    )


def _only_noise(result: BatchesResult) -> str:
    if _no_reference(result):
        return CANNOT_TELL
    return _noise_alone(result) or "This run cannot tell: a network diverged or does not learn."


def _safer(result: BatchesResult) -> str:
    if _no_reference(result):
        return CANNOT_TELL
    ahead, sizes = -result.behind(), result.sizes
    place = int(np.argmax(ahead))
    published = (
        " On ImageNet, with batches of 32 per worker, it has 25.3 % error and BN 23.6 % (Wu & He"
        " 2018)."
    )
    if ahead[place] >= SMALL:
        batch, layer = result.ends("batch")[place], result.ends("layer")[place]
        return (
            f"Not here: at batch size {sizes[place]} BN has {_wrong(batch)} test error, layer norm"
            f" {_wrong(layer)}.{published}"
        )
    return f"In this run it is nowhere clearly worse than BN. That is not so everywhere.{published}"


def _better_statistics(result: BatchesResult) -> str:
    if _no_reference(result):
        return CANNOT_TELL
    return _precise(result) or "There is nothing to mend here: BN is not clearly behind layer norm."


NOT_AT_ALL, EVERYWHERE = "at no batch size", "at every batch size"
GUESSES = ("only at 2", "at 4 and below", "at 8 and below", EVERYWHERE, NOT_AT_ALL)


def where_it_breaks(result: BatchesResult) -> tuple[str, str]:
    """Where BN is clearly behind layer norm, as one of GUESSES or in other words, and why."""
    up_to, why = result.breaks_up_to(), _headline(result)
    if _no_reference(result) or up_to is None:
        return NOT_AT_ALL, why
    if up_to == len(result.sizes) - 1:
        return EVERYWHERE, why
    size = int(result.sizes[up_to])
    return (f"at {size} and below" if up_to else f"only at {size}"), why
