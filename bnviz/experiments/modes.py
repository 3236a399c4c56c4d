"""Training mode and inference mode: the same weights, other statistics, and what follows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from bnviz.engine.networks import Cohort, accuracies, losses
from bnviz.engine.normalization import Options
from bnviz.engine.statistics import (
    Averages,
    Forgetful,
    as_modules,
    following,
    precise,
    predicted,
    predicted_in_batches,
)
from bnviz.engine.training import History, Moment, recording_steps, train
from bnviz.experiments.bounds import FLOAT, SECONDS_PER_OPERATION, bounded
from bnviz.experiments.pair import (
    NEVER,
    count,
    diverged_at,
    in_points,
    medians,
    portion,
    sample_name,
)
from bnviz.experiments.running import Job, Report, side_by_side, silent
from bnviz.experiments.settings import (
    OTHERWISE,
    BatchSize,
    Depth,
    Knob,
    LearningRate,
    Settings,
    Steps,
    Width,
    number,
)
from bnviz.experiments.transform import number as written

Floats = NDArray[np.float32]

MOMENTA = (0.01, 0.03, 0.1, 0.3, 0.9)
OWN, PRECISE, ALL = 0, 1, 2  # rows of a result; the momenta follow
FIRST_MOMENTUM = 3
RECORDS, FEWEST_RECORDS = 12, 5
MEASURING = 2.5e11  # operations that measuring may take; large networks: fewer records and seeds
PER_STATISTIC = 600  # operations' worth of time, for a mean and variance of their own
AVERAGED = 2e-8  # seconds of one unit, one momentum, one step
UNITS = 6  # of the first and of the last hidden layer, to look at one by one
SINCE = 20  # the step from which one network is left in inference mode, or half of the run
ORDER_SEED, MATES_SEED = 7, 8

SITUATIONS = ("alone", "with others", "with yet others", "with its own class", "inference")
ALONE, INFERENCE = 0, 4  # places in SITUATIONS
EVALUATED = (1, 2, 4, 8, 16, 32, 64, 128, 256)  # samples in a batch of the test set
SMALL = 0.02  # of test accuracy: below this, two ways of predicting are about the same
FLAT = 1.1  # times the lowest test loss: momenta below it are about as good
APART = 0.05  # between the layers' ratios of variances, to be mentioned
HELPED = 0.9  # of the test loss: precise statistics that go below it help
STARTED = 0.2  # of the weight: more than that on the start values counts for something


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
            "Momentum of the averages",
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

    def whole(self) -> int:
        """The samples of one mini-batch."""
        return min(self.batch_size, len(self.data().train_labels))

    def since(self) -> int:
        """The step from which one of the forgetful networks stays in inference mode."""
        return min(SINCE, self.steps // 2)

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


@dataclass(frozen=True)
class Unit:
    """One unit's statistics in the first seed: of each mini-batch, and of the population."""

    layer: int  # from 1
    number: int  # in its layer, from 1
    size: int  # samples in a mini-batch
    batch: Floats  # (2, steps) mean and unbiased variance of every mini-batch, by its step
    population: Floats  # (2, T) mean and variance over the training set, at the records

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


@dataclass(frozen=True)
class Sample:
    """One test sample in the first seed, predicted in several situations."""

    image: Floats  # (features,) the sample, above the smallest value of each feature
    label: int
    probability: Floats  # (T, situations, classes), in the order of SITUATIONS
    in_company: float  # largest change of its probabilities if inference gets it alone; or NaN


@dataclass(frozen=True)
class ModesResult:
    """What was measured; NaN: after a divergence, or a seed that was not measured."""

    config: ModesConfig
    steps: NDArray[np.int64]  # (T,)
    test_loss: Floats  # (ways, seeds, T) by the way to normalize: ways()
    test_accuracy: Floats  # (ways, seeds, T) 0 to 1
    plain_loss: Floats  # (seeds, T) the network without BN
    plain_accuracy: Floats  # (seeds, T) 0 to 1
    changed: Floats  # (seeds,) share of test samples to which the modes give two classes, at last
    evaluated: Floats  # (2, sizes, seeds) last accuracy in training mode: shuffled, by class
    sizes: NDArray[np.int64]  # (sizes,) samples in a batch of the test set
    diverged_at: NDArray[np.int64]  # (2, seeds) step or NEVER: BN, plain
    units: tuple[Unit, ...]
    sample: Sample
    from_torch: Floats  # (2,) largest difference to torch.nn: running statistics, probabilities

    def ways(self) -> tuple[str, ...]:
        """What each row of test_loss is normalized with."""
        named = (f"momentum {number(m)}" for m in self.config.momenta())
        return ("own batch", "precise", "average of all", *named)

    def running(self) -> int:
        """The row of the running averages with the chosen momentum."""
        return FIRST_MOMENTUM + self.config.momenta().index(self.config.momentum)

    def final(self, values: Floats) -> NDArray[np.float64]:
        """The median over the seeds at the last step, of values (…, seeds, T)."""
        return medians(values[..., -1])

    def learned(self, accuracy: float) -> bool:
        """Whether this is closer to being always right than to guessing."""
        return bool(accuracy >= (1 + 1 / self.config.data().classes) / 2)


@bounded
def run(config: ModesConfig, report: Report = silent, workers: int = 2) -> ModesResult:
    """Train BN and plain of each seed; measure the ways to normalize. Same config, same bits."""
    records = recording_steps(config.steps, config.measured()[0])
    watch = _Watch(config, records)
    jobs = {"BN": watch.training(), "plain": _training(config, records, None)}
    histories = side_by_side(jobs, config.steps, report, workers)
    plain = histories["plain"]
    return ModesResult(
        config,
        np.array(records),
        watch.test_loss,
        watch.test_accuracy,
        plain.test_losses,
        plain.test_accuracies,
        watch.changed,
        watch.evaluated,
        np.array(watch.sizes),
        np.stack([diverged_at(histories[name]) for name in jobs]),
        watch.units(),
        Sample(watch.image, watch.label, watch.probability, watch.in_company),
        np.array(watch.from_torch, np.float32),
    )


class ForgetfulConfig(ModesConfig):
    """A question of its own: the same training by somebody who forgets `model.train()`."""

    def work(self) -> float:
        """As Settings.work: two networks of each seed."""
        return Settings.work(self)

    def held(self) -> float:
        return Settings.held(self)

    def kept(self) -> float:
        return Settings.kept(self)


@dataclass(frozen=True)
class ForgetfulResult:
    """Always in inference mode, and from since() on. NaN: after a divergence."""

    config: ForgetfulConfig
    steps: NDArray[np.int64]  # (T,)
    accuracy: Floats  # (2, seeds, T) 0 to 1
    diverged_at: NDArray[np.int64]  # (2, seeds) step or NEVER


@bounded
def run_forgetful(
    config: ForgetfulConfig, report: Report = silent, workers: int = 2
) -> ForgetfulResult:
    """Train both forgetful networks of each seed. Pure: the same config, the same bits."""
    records = recording_steps(config.steps, config.measured()[0])
    jobs = {str(since): _training(config, records, since) for since in (0, config.since())}
    histories = side_by_side(jobs, config.steps, report, workers)
    both = [histories["0"], histories[str(config.since())]]
    return ForgetfulResult(
        config,
        np.array(records),
        np.stack([history.test_accuracies for history in both]),
        np.stack([diverged_at(history) for history in both]),
    )


def _training(config: ModesConfig, records: list[int], since: int | None) -> Job[History]:
    """Training in inference mode from the step `since` on; None: a network without BN."""
    seeds = range(config.first_seed, config.first_seed + config.seeds)
    kind = "none" if since is None else "batch"
    options = Options(momentum=config.momentum)
    architecture = config.architecture(normalizer=kind, options=options)

    def job(progress: Callable[[int], None]) -> History:
        gains = [config.gain] * config.seeds
        cohort: Cohort
        if since is None:
            cohort = Cohort(architecture, seeds, gains)
        else:
            cohort = Forgetful(architecture, seeds, gains)
            cohort.since = since
        plan = config.plan(config.seeds)
        return train(cohort, seeds, config.data(), plan, record_at=records, progress=progress)

    return job


def _shuffled(samples: int, seed: int) -> Tensor:
    return torch.randperm(samples, generator=torch.Generator().manual_seed(seed))


class _Watch:
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
        config, data = self.config, self.data
        seeds = range(config.first_seed, config.first_seed + config.seeds)
        architecture = config.architecture(normalizer="batch", options=Options(momentum=1.0))

        def job(progress: Callable[[int], None]) -> History:
            cohort = Cohort(architecture, seeds, [config.gain] * config.seeds)
            return train(
                cohort,
                seeds,
                data,
                config.plan(config.seeds),
                record_at=range(config.steps + 1),  # so that the probe sees every mini-batch
                probes=[following(self.averages, self.look, config.steps)],
                tested=False,
                progress=progress,
            )

        return job

    def look(self, moment: Moment, batch: Tensor) -> None:
        if 0 in moment.kept and moment.step < self.config.steps:
            self._follow_units(moment, batch)
        if moment.step in self.records:
            self._measure(moment, self.records.index(moment.step))

    def _measure(self, moment: Moment, column: int) -> None:
        """Loss and accuracy on the test set for all ways to normalize."""
        seeds = [seed for seed in moment.kept if seed < self.config.measured()[1]]
        if not seeds:
            return
        cohort = moment.cohort.select([moment.kept.index(seed) for seed in seeds])
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
        if 0 in seeds:
            running = self.averages.values[chosen][:, :1]
            self._predict_sample(cohort.select([0]), running, column)
            self.unit_population[:, :, column] = self._of_units(exact).T
        if moment.step == self.config.steps:
            running_outputs = outputs[FIRST_MOMENTUM + chosen]
            other = own.argmax(1) != running_outputs.argmax(1)
            self.changed[seeds] = other.float().mean(1).numpy()
            self._evaluate_in_training_mode(cohort, seeds)
            if 0 in seeds:
                self._compare_with_torch(cohort.select([0]), chosen)

    def _evaluate_in_training_mode(self, cohort: Cohort, seeds: list[int]) -> None:
        """Accuracy in batches of several sizes: test set shuffled, and sorted by class."""
        orders = (torch.arange(len(self.labels)), self.sorted)
        for row, order in enumerate(orders):
            labels = self.labels[order].expand(len(seeds), -1)
            for place, size in enumerate(self.sizes):
                logits = predicted_in_batches(cohort, self.inputs[order], size)
                self.evaluated[row, place, seeds] = accuracies(logits, labels).numpy()

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

    def _follow_units(self, moment: Moment, batch: Tensor) -> None:
        self.unit_batch[:, :, moment.step] = self._of_units(batch).T
        if self.config.whole() > 1:  # torch.nn refuses a single sample in training mode
            with torch.no_grad():
                self.norm((moment.cohort.layers[0].weight[0] @ moment.inputs[0]).T)

    def units(self) -> tuple[Unit, ...]:
        size = self.config.whole()
        pieces = zip(self.places, self.unit_batch, self.unit_population, strict=True)
        return tuple(Unit(*place, size, batch, there) for place, batch, there in pieces)

    # --- one sample

    def _prepare_sample(self, times: int) -> None:
        data, config = self.data, self.config
        label, turn = config.sample % data.classes, config.sample // data.classes
        place = int(np.flatnonzero(data.test_labels == label)[turn])
        self.label, self.alone = label, torch.tensor(data.test_inputs[[place]])
        self.image = data.test_inputs[place] - data.train_inputs.min(0)
        mates, others = torch.tensor(data.train_inputs), config.whole() - 1
        order = _shuffled(len(mates), MATES_SEED).repeat(2)
        own = order[torch.tensor(data.train_labels)[order] == label]
        own = own.repeat(-(-others // max(1, len(own))))
        companies = (order[:others], order[others : 2 * others], own[:others])
        self.batches = [torch.cat([self.alone, mates[company]]) for company in companies]
        self.probability = _unknown(times, len(SITUATIONS), data.classes)
        self.in_company = float("nan")

    def _predict_sample(self, cohort: Cohort, running: Tensor, column: int) -> None:
        outputs = [
            predicted_in_batches(cohort, self.alone, 1),
            *(predicted_in_batches(cohort, batch, len(batch)) for batch in self.batches),
            predicted(cohort, self.alone, running),
        ]
        rows = torch.stack([logits[0, :, 0].softmax(0) for logits in outputs])
        self.probability[column] = rows.numpy()
        among = predicted(cohort, torch.cat([self.alone, self.inputs]), running)[0, :, 0]
        self.in_company = float((among.softmax(0) - rows[INFERENCE]).abs().max())

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
                off.append(network(self.batches[0])[0].softmax(0) - shown[1])
                assert self.norm.running_mean is not None
                assert self.norm.running_var is not None
                theirs = torch.stack([self.norm.running_mean, self.norm.running_var])
                self.from_torch[0] = float(
                    ((statistics[:, 0, 0] - theirs).abs().amax(1) / theirs.abs().amax(1)).max()
                )
        self.from_torch[1] = float(torch.stack(off).abs().max())


def _unknown(*shape: int) -> Floats:
    return np.full(shape, np.nan, np.float32)


def findings(result: ModesResult) -> list[str]:
    """What this run shows of the modes, in sentences, each computed from it."""
    sentences = [
        _headline(result),
        _statistics(result),
        _momenta(result),
        _variances(result),
        _reference(result),
        _lost(result),
        _left_out(result),
    ]
    return [sentence for sentence in sentences if sentence]


def _loss(value: float) -> str:
    if not np.isfinite(value):
        return "no number"
    return f"{value:.3g}" if value < 1000 else "more than 1000"


def _samples(share: float, of: int) -> str:
    many = round(abs(share) * of)
    return f"{many} test sample{'' if many == 1 else 's'} of {of}"


def _accuracies(result: ModesResult) -> tuple[float, float]:
    """(training mode, inference mode): the last test accuracy."""
    accuracy = result.final(result.test_accuracy)
    return float(accuracy[OWN]), float(accuracy[result.running()])


def _learned(result: ModesResult) -> bool:
    """Whether the weights have learned: in one of the modes, or with precise statistics."""
    exact = float(result.final(result.test_accuracy)[PRECISE])
    return any(result.learned(one) for one in (*_accuracies(result), exact))


def _cannot_tell(result: ModesResult) -> str:
    """Why this run says nothing of the modes; empty: it does."""
    own, running = _accuracies(result)
    if not np.isfinite([own, running]).all():
        return "This run cannot tell: BN diverged."
    if not _learned(result):
        return "This run cannot tell: BN learned too little in either mode."
    return ""


def _headline(result: ModesResult) -> str:
    own, running = _accuracies(result)
    size = result.config.whole()
    if not np.isfinite([own, running]).all():
        return "**BN diverged**: there is no trained network on which to compare the modes."
    both = (
        f"inference mode gets {portion(running)} of the test set right, training mode, in"
        f" batches of {size}, {portion(own)}"
    )
    if not _learned(result):
        plain = float(medians(result.plain_accuracy[:, -1]))
        if max(own, running) > (0 if np.isnan(plain) else plain) + SMALL:
            return f"**BN learned too little to compare the modes**: {both}."
        return f"**BN does not help here, in either mode**: {both}."
    ends = result.test_accuracy[:, :, -1]
    known = np.isfinite(ends[OWN])
    better = int((ends[result.running()] > ends[OWN])[known].sum())
    worse = int((ends[result.running()] < ends[OWN])[known].sum())
    if running - own >= SMALL:
        return (
            f"**Same weights, two answers**: {both}. Inference is better in"
            f" {count(better, int(known.sum()))}."
        )
    if own - running >= SMALL:
        return (
            f"**Same weights, two answers, and the running averages give the worse one**: {both}."
            f" Inference is worse in {count(worse, int(known.sum()))}."
        )
    apart = _samples(running - own, len_of_test(result))
    return f"**Here both modes are about equally good**: {both}, {apart} apart."


def len_of_test(result: ModesResult) -> int:
    """How many test samples there are."""
    return int(result.sizes[-1])


def conventions(momentum: float) -> str:
    """The momentum in both conventions."""
    return f"momentum {number(momentum)} in PyTorch, {number(round(1 - momentum, 6))} in many texts"


def _statistics(result: ModesResult) -> str:
    loss = result.final(result.test_loss)
    own, exact, running = loss[OWN], loss[PRECISE], loss[result.running()]
    if not np.isfinite([own, exact, running]).all():
        return ""
    said = (
        f"Test loss is {_loss(own)} with the statistics of each batch, {_loss(running)} with the"
        f" running averages ({conventions(result.config.momentum)}) and {_loss(exact)} with"
        " precise statistics (of the whole training set, with the weights of now)"
    )
    if result.config.whole() == 1:
        return f"{said}. A mini-batch of one sample has no variance: nothing can be averaged."
    learned = result.learned(float(result.final(result.test_accuracy)[PRECISE]))
    if exact < HELPED * running and not learned:
        return f"{said}: these are better, but with none of them has BN learned much."
    if exact < HELPED * running:
        return f"{said}: the averages were the weak point, not the weights."
    if running < HELPED * exact:
        return f"{said}: here they are no cure, the averages do better."
    return f"{said}: these do not help here, the averages are about as good."


def _losses_of_momenta(result: ModesResult) -> NDArray[np.float64]:
    return result.final(result.test_loss)[FIRST_MOMENTUM:]


def _momenta(result: ModesResult) -> str:
    loss, momenta = _losses_of_momenta(result), result.config.momenta()
    if _cannot_tell(result) or not np.isfinite(loss).all():
        return ""
    best, worst = int(loss.argmin()), int(loss.argmax())
    said = (
        f"Of the momenta, {number(momenta[best])} ends with the lowest test loss,"
        f" {_loss(loss[best])}, and {number(momenta[worst])}"
        f" ({_memory(momenta[worst], result.config.steps)}) with the"
        f" highest, {_loss(loss[worst])}."
    )
    good = [
        momentum for momentum, one in zip(momenta, loss, strict=True) if one < FLAT * loss[best]
    ]
    if len(good) == len(momenta):
        return f"{said} All of them are within 10 % of the best."
    if len(good) > 1:
        named = ", ".join(map(number, good[:-1])) + f" and {number(good[-1])}"
        return f"{said} Within 10 % of the best are {named}."
    return said


def half_life(momentum: float) -> int:
    """How many of the newest mini-batches have half of the weight, at least."""
    if momentum >= 0.5:
        return 1
    return int(np.ceil(np.log(0.5) / np.log(1 - momentum)))


def _of_start(momentum: float, steps: int) -> float:
    """The weight that the start values, mean 0 and variance 1, still have."""
    return float((1 - momentum) ** steps)


def _memory(momentum: float, steps: int) -> str:
    half = half_life(momentum)
    if half > steps:
        share = 100 * _of_start(momentum, steps)
        return f"the start values, mean 0 and variance 1, still have {share:.0f} % of the weight"
    if half == 1:
        return f"the newest mini-batch alone has {100 * momentum:g} % of the weight"
    return f"half of the weight lies on the newest {half} mini-batches"


def shortfall(result: ModesResult, layer: int) -> float:
    """The unbiased variance of mini-batches, over that of the population; in the second half.

    The median over the units of this layer of both averages over the steps; NaN where that
    cannot be said.
    """
    late = result.steps >= result.steps[-1] / 2
    ratios = []
    for unit in result.units:
        population = unit.population[1, late].astype(np.float64)
        batch = unit.batch[1, int(result.steps[-1]) // 2 :].astype(np.float64)
        population, batch = (x[np.isfinite(x)] for x in (population, batch))
        if unit.layer == layer and population.size and batch.size and population.mean() > 0:
            ratios.append(float(batch.mean() / population.mean()))
    return float(np.median(ratios)) if ratios else float("nan")


def _variances(result: ModesResult) -> str:
    """Biased and unbiased variance: first layer, and the last one where it differs."""
    size, last = result.config.whole(), result.config.depth
    first, deep = shortfall(result, 1), shortfall(result, last)
    if size == 1 or not np.isfinite(first):
        return ""
    said = (
        f"In layer 1 the variance that normalizes a mini-batch of {size} is on average"
        f" {first * (size - 1) / size:.2f} times that of the population (the whole training set);"
        f" the unbiased one, {size}/{size - 1} of it, which PyTorch's running_var averages,"
        f" {first:.2f} times."
    )
    if np.isfinite(deep) and deep - max(first, 1) > APART:
        return (
            f"{said} In layer {last} the unbiased one is {deep:.2f} times the population's: there"
            " the samples of a mini-batch are no longer independent, for BN before it has tied them"
            " together."
        )
    return said


def _reference(result: ModesResult) -> str:
    plain = float(medians(result.plain_accuracy[:, -1]))
    best = max(_accuracies(result))  # NaN in one mode: in both
    if not np.isfinite(plain):
        return "Plain, which has one mode only, diverged."
    said = f"Plain, which has one mode only, reaches {portion(plain)}"
    if np.isfinite(best) and plain > best + SMALL:
        return f"{said}: at this setting BN does not help, in whatever mode."
    return f"{said}."


RUNS = ("BN", "plain")
"""The rows of diverged_at."""


def _lost(result: ModesResult) -> str:
    lost = [int((row != NEVER).sum()) for row in result.diverged_at]
    if not any(lost):
        return ""
    seeds = result.config.seeds
    listed = [f"{name}, {count(n, seeds)}" for name, n in zip(RUNS, lost, strict=True) if n]
    return f"Diverged, and left out of the medians from then on: {'; '.join(listed)}."


def _left_out(result: ModesResult) -> str:
    measured, seeds = result.config.measured()[1], result.config.seeds
    if measured == seeds:
        return ""
    many = "seed" if measured == 1 else f"{measured} seeds"
    return f"Networks this large take long to measure: BN's modes in the first {many} alone."


def names_of_units(config: ModesConfig) -> list[str]:
    """What the single units are called, in the order of a result's units."""
    layers = dict.fromkeys((config.depth, 1))
    numbers = range(1, min(UNITS, config.width) + 1)
    return [f"layer {layer}, unit {unit}" for layer in layers for unit in numbers]


def of_unit(result: ModesResult, unit: Unit) -> str:
    """How far the running averages and the last mini-batch are off, in a sentence."""
    said = f"Layer {unit.layer}, unit {unit.number}"
    mean, variance = unit.population[:, -1].astype(np.float64)
    averages = unit.averages(result.config.momentum)[:, -1]
    newest = unit.batch[:, -1].astype(np.float64)
    if not np.isfinite([mean, variance, *averages, *newest]).all() or variance <= 0:
        return f"{said}: at the last step it has no statistics to compare."
    off = [
        f"{abs(of[0] - mean) / np.sqrt(variance):.2f} standard deviations and its variance"
        f" {100 * abs(of[1] / variance - 1):.0f} %"
        for of in (averages, newest)
    ]
    return (
        f"{said}, at the last step: the running mean is {off[0]} away from the population's."
        f" For the last mini-batch alone, the mean is {off[1]} away."
    )


def of_sample(result: ModesResult) -> str:
    """What the network makes of the one sample, alone and in company, in a sentence."""
    probability = result.sample.probability[-1]
    name = sample_name(result.config, result.sample.label).capitalize()
    if not np.isfinite(probability).all():
        return f"{name}: BN diverged in the first seed, there is no prediction to compare."
    said = [_answer(row) for row in probability]
    if result.config.whole() == 1:
        company = "in mini-batches of one there is no company"
    else:
        company = (
            f"with {others(result.config)} **{said[1]}**, with yet others **{said[2]}**,"
            f" among samples of its own class **{said[3]}**"
        )
    return (
        f"{name}. In training mode, alone, the answer is **{said[0]}**: every value is its own"
        f" mean, only β is left, and any other sample would get the same answer; {company}. In"
        f" inference mode, alone, it is **{said[INFERENCE]}**."
    )


def others(config: ModesConfig) -> str:
    """7 others; 1 other."""
    mates = config.whole() - 1
    return f"{mates} other{'' if mates == 1 else 's'}"


def _answer(probability: Floats) -> str:
    best = int(probability.argmax())
    return f"{best} ({100 * float(probability[best]):.0f} %)"


def of_torch(result: ModesResult) -> str:
    """How far all this is from torch.nn, in a sentence."""
    statistics, probabilities = (float(one) for one in result.from_torch)
    off, apart = written(statistics, 1), written(probabilities, 1)
    if not np.isfinite(probabilities):
        return "No comparison with torch.nn: BN diverged in the first seed."
    if not np.isfinite(statistics):
        return (
            "The same network in torch.nn, after eval(), gives this sample the same probabilities"
            f" (largest difference {apart}). In training mode torch.nn refuses a batch of one"
            " sample with an error."
        )
    return (
        "Checked against PyTorch: torch.nn.BatchNorm1d, fed with what layer 1 gets, ends with"
        f" the same running statistics (largest relative difference {off}), and the same network in"
        " torch.nn gives this sample the same probabilities, after train() and after eval()"
        f" (largest difference {apart})."
    )


def of_evaluation(result: ModesResult) -> str:
    """Forgetting to switch to inference mode, in a sentence."""
    shuffled, by_class = medians(result.evaluated)
    running = _accuracies(result)[1]
    if not np.isfinite([*shuffled, *by_class, running]).all():
        return "BN diverged: there is nothing to evaluate."
    place = int(np.abs(np.log2(result.sizes / 16)).argmin())
    size = result.sizes[place]
    return (
        f"**Evaluated in training mode**: {portion(shuffled[0])} one sample at a time,"
        f" {portion(shuffled[place])} in batches of {size}, and {portion(by_class[place])} in"
        f" batches of {size} if the test set is sorted by class. In inference mode"
        f" {portion(running)}, in whatever company."
    )


def of_forgetting(result: ModesResult, forgetful: ForgetfulResult) -> str:
    """Forgetting to switch back to training mode, in a sentence."""
    right = _accuracies(result)[1]
    ends = medians(forgetful.accuracy[:, :, -1])
    if not np.isfinite(right):
        return "BN diverged, even when it was trained the right way."
    said = []
    names = (
        "always in inference mode",
        f"left in inference mode after step {result.config.since()}",
    )
    for name, end, lost in zip(names, ends, forgetful.diverged_at, strict=True):
        gone = int((lost != NEVER).sum())
        fate = f"diverged in {count(gone, result.config.seeds)}" if gone else ""
        if np.isfinite(end):
            fate = f"{portion(end)}{', and ' + fate if gone else ''}"
        said.append(f"{name}, {fate}")
    fates = "; ".join(said)
    shown = f"**Trained in inference mode**: {fates}. Trained the right way, {portion(right)}."
    if np.isfinite(ends[0]) and ends[0] > right + SMALL:
        exact = float(result.final(result.test_accuracy)[PRECISE])
        if exact > ends[0]:
            return f"{shown} Here the mistake does better than these running averages."
        return f"{shown} Here the mistake does better: nothing in it depends on such mini-batches."
    harmless = result.learned(right) and bool((ends > right - SMALL).all())  # NaN: no
    if harmless and not (forgetful.diverged_at != NEVER).any():
        return f"{shown} At this setting the mistake does no harm, which makes it hard to find."
    return shown


def misconceptions(result: ModesResult) -> dict[str, str]:
    """Common beliefs, each with what this run says of it."""
    return {
        "Inference mode only switches off dropout.": _only_dropout(result),
        "The running average is the average over all of training.": _all_of_training(result),
        "A larger momentum is always more accurate.": _larger_momentum(result),
        "In inference, too, every sample needs a batch.": _needs_a_batch(result),
    }


def _only_dropout(result: ModesResult) -> str:
    changed = float(medians(result.changed))
    if not np.isfinite(changed):
        return "This run cannot tell: BN diverged."
    many = len_of_test(result)
    if round(changed * many) == 0:
        return (
            f"There is no dropout here. In this run none of {many} test samples changes its class."
        )
    get = "gets" if round(changed * many) == 1 else "get"
    said = (
        f"There is no dropout here, and still {_samples(changed, many)} {get} another"
        " class when the mode is switched (median of the seeds)."
    )
    if changed < SMALL and _cannot_tell(result):
        return f"{said} That is little, because BN hardly tells the samples apart."
    if changed < SMALL:
        return f"{said} That is little, because mini-batches of this size know their population."
    return said


def _all_of_training(result: ModesResult) -> str:
    momentum = result.config.momentum
    said = f"With momentum {number(momentum)}, {_memory(momentum, result.config.steps)}."
    loss = result.final(result.test_loss)
    everything, running = loss[ALL], loss[result.running()]
    if _cannot_tell(result) or not np.isfinite([everything, running]).all():
        return said
    verdict = "about the same"
    if everything > FLAT * running:
        verdict = "worse, for most of these mini-batches were seen by other weights"
    elif running > FLAT * everything:
        verdict = "better: here the longer memory pays"
        start = _of_start(momentum, result.config.steps)
        if start > STARTED:
            verdict = f"better: the running averages are still {100 * start:.0f} % start values"
    return (
        f"{said} The average over all {result.config.steps} mini-batches (PyTorch's"
        f" momentum=None) gives a test loss of {_loss(everything)} in place of {_loss(running)}:"
        f" {verdict}."
    )


def _larger_momentum(result: ModesResult) -> str:
    loss, momenta = _losses_of_momenta(result), result.config.momenta()
    if _cannot_tell(result) or not np.isfinite(loss).all():
        return _cannot_tell(result) or "This run cannot tell: not every momentum gave a number."
    best = int(loss.argmin())
    if best == len(momenta) - 1:
        return (
            f"In this run it is: {number(momenta[-1])}, the largest, gives the lowest test loss,"
            f" {_loss(loss[-1])}. The statistics move faster here than they scatter."
        )
    said = (
        f"PyTorch's momentum is the weight of the new mini-batch: {number(momenta[-1])}, the"
        f" largest, gives a test loss of {_loss(loss[-1])}, {number(momenta[best])} one of"
        f" {_loss(loss[best])}."
    )
    if best == 0:
        return f"{said} In the other convention larger means a longer memory: there it is so here."
    return (
        f"{said} In the other convention larger means a longer memory, and the"
        f" smallest here, {number(momenta[0])}, gives {_loss(loss[0])}."
    )


def _needs_a_batch(result: ModesResult) -> str:
    change = result.sample.in_company
    if not np.isfinite(change):
        return "This run cannot tell: BN diverged in the first seed."
    moved = (
        f"changes by more than {written(change, 1)}, which is rounding"
        if change
        else "changes at all"
    )
    name = sample_name(result.config, result.sample.label).capitalize()
    return (
        f"{name}, in inference mode alone and together with all {len_of_test(result)} of the test"
        f" set: no probability {moved}."
    )


LONG, MIDDLE, SHORT = "the smallest: a long memory", "one between", "the largest: hardly a memory"
NONE = "none: BN did not learn"
GUESSES = (LONG, MIDDLE, SHORT, NONE)


def best_momentum(result: ModesResult) -> tuple[str, str]:
    """Which momentum ends with the lowest test loss, as one of GUESSES, and why."""
    loss = _losses_of_momenta(result)
    if _cannot_tell(result) or not np.isfinite(loss).all():
        return NONE, _headline(result)
    best = int(loss.argmin())
    group = LONG if best == 0 else SHORT if best == len(loss) - 1 else MIDDLE
    return group, _momenta(result)


SWEPT = (2, 4, 8, 16, 32, 64, 128, 256)


def batch_sizes(config: ModesConfig) -> list[ModesConfig]:
    """The same training, for as many steps, at other batch sizes."""
    return [config.model_copy(update={"batch_size": size}) for size in SWEPT]


def of_batch_sizes(results: list[ModesResult]) -> str:
    """The gap between the modes by batch size, in a sentence."""
    sizes = [result.config.batch_size for result in results]
    accuracy = np.array([_accuracies(result) for result in results])
    gaps = accuracy[:, 1] - accuracy[:, 0]
    if not np.isfinite(gaps).any():
        return "BN diverged at every batch size."
    widest = int(np.nanargmax(np.abs(gaps)))
    if abs(gaps[widest]) < SMALL:
        apart = f"The two modes are {in_points(gaps[widest])} apart at most, in batches of"
        reach = f"{sizes[0]}" if len(sizes) == 1 else f"{sizes[0]} to {sizes[-1]}"
        return f"{apart} {reach}. {_cure(results, sizes)}".strip()
    said = (
        f"The two modes are furthest apart in batches of {sizes[widest]}:"
        f" {portion(accuracy[widest, 0])} in training mode, {portion(accuracy[widest, 1])} in"
        " inference mode."
    )
    last = int(np.flatnonzero(np.isfinite(gaps))[-1])
    if last != widest:
        apart = in_points(gaps[last])
        said += f" In batches of {sizes[last]} it is {apart}."
    return f"{said} {_cure(results, sizes)}".strip()


def _cure(results: list[ModesResult], sizes: list[int]) -> str:
    """Where precise statistics lower the test loss most."""
    loss = np.stack([result.final(result.test_loss) for result in results])
    running = np.array([loss[i, result.running()] for i, result in enumerate(results)])
    with np.errstate(divide="ignore", invalid="ignore"):
        share = loss[:, PRECISE] / running
    if not np.isfinite(share).any():
        return ""
    place = int(np.nanargmin(share))
    if share[place] > HELPED:
        return "Precise statistics lower the test loss by no more than 10 % at any of these sizes."
    return (
        f"Precise statistics help most in batches of {sizes[place]}: test loss"
        f" {_loss(loss[place, PRECISE])} in place of {_loss(running[place])}."
    )
