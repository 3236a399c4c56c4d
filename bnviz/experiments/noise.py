"""The noise of batch statistics: how large it is, what one sample feels, what it is good for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Annotated

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from bnviz.engine.data import Dataset, load
from bnviz.engine.networks import Cohort
from bnviz.engine.normalization import Options
from bnviz.engine.training import History, Plan, one_thread, recording_steps, train
from bnviz.experiments.bounds import FLOAT, SECONDS_PER_DRAW, SECONDS_PER_OPERATION, bounded
from bnviz.experiments.pair import (
    NEVER,
    TREATMENTS,
    count,
    diverged_at,
    in_points,
    keeping,
    median,
    portion,
    sample_name,
    train_pair,
)
from bnviz.experiments.running import Job, Report, side_by_side, silent
from bnviz.experiments.settings import (
    OTHERWISE,
    BatchSize,
    Depth,
    Knob,
    LearningRate,
    Optimizer,
    Settings,
    number,
    percent,
)

Floats = NDArray[np.float32]

EVERYTHING = 1347  # training samples: all digits
RECORDS = 14
PLAIN = 0  # the row of the network without BN; the chunks follow

SIZES = (2, 4, 8, 16, 32, 64, 128, 256, 512)  # of mini-batches that are only measured
LAW_DRAWS = 400  # mini-batches of each size, for the law
SAMPLE_DRAWS = 200  # mini-batches of each size around the one sample, at most …
FEWEST_DRAWS = 16  # … and at least, where the network is large
SAMPLE_WORK = 1e8  # products for one size
SECONDS_PER_PLACE = 4e-7  # of one training sample, in an order from which batches are taken
SECONDS_PER_STATISTIC = 1e-7  # a mean and variance of their own, forward and backward
TRAIN_SEED, LAW_SEED, SAMPLE_SEED = 0, 1, 2

PARTS = ("both", "the mean alone", "the deviation alone")
"""What a mini-batch may redraw of the statistics that normalize the one sample."""

SMALL = 0.02  # of test accuracy: below this, chunks made little difference
AGREED = 0.75  # of the seeds, for a difference of losses to be told as one
OVERFITTED = 2.0  # times its training loss: a test loss above it
COLLAPSE = 0.05  # of test accuracy below that of the whole batch
DROPOUTS = (0.1, 0.2, 0.35, 0.5, 0.7)
SWEPT = (4, 8, 16, 32, 64, 128, 256, 512)
RATES = ("in proportion to the batch", "the same for all")
"""How the learning rate goes with the batch size in the sweep over it."""


def _samples(value: str | int | float) -> str:
    return "all" if value == EVERYTHING else number(value)


class NoiseConfig(Settings):
    """The shared settings, how much there is to learn from and how much of it is wrong."""

    depth: Depth = 2
    learning_rate: LearningRate = 0.1
    batch_size: BatchSize = 32
    optimizer: Optimizer = "momentum"
    steps: Annotated[
        int,
        Knob("Steps", (50, 100, 150, 200, 400, 800), "Updates in one run.", 1, 5000),
    ] = 100
    train_size: Annotated[
        int,
        Knob(
            "Training samples",
            (128, 256, 512, EVERYTHING),
            "How many samples there are to learn from. The fewer, the easier to learn by heart.",
            16,
            EVERYTHING,
            _samples,
        ),
    ] = 256
    wrong_labels: Annotated[
        float,
        Knob(
            "Wrong labels",
            (0.0, 0.1, 0.2, 0.4),
            "The share of training samples that carry the label of another class. The test set"
            " is never touched.",
            0.0,
            1.0,
            percent,
        ),
    ] = 0.2
    sample: Annotated[
        int,
        Knob(
            "The one sample",
            (0, 1, 2, 3, 4, 5, 6, 7, 8, 9),
            "Which test sample to put into many batches: among digits, an image of this digit.",
            0,
            40,
        ),
    ] = 7

    def data(self) -> Dataset:
        available = len(load(self.dataset).train_labels)
        return load(self.dataset, min(self.train_size, available), self.wrong_labels)

    def plan(self, replicas: int) -> Plan:
        """As in the other lessons, with a rate that falls to zero along a cosine."""
        return replace(super().plan(replicas), schedule="cosine")

    def whole(self) -> int:
        """The samples of one update."""
        return min(self.batch_size, len(self.data().train_labels))

    def chunks(self) -> tuple[int, ...]:
        """How many samples share their statistics: powers of two, and the whole batch, last."""
        whole = self.whole()
        powers = (2**k for k in range(1, whole.bit_length()))
        return (*(chunk for chunk in powers if chunk < whole and whole % chunk == 0), whole)

    def work(self) -> float:
        """As Settings.work, for all chunk sizes and plain; small chunks need many statistics."""
        chunks, whole = self.chunks(), self.whole()
        statistics = sum(whole / chunk for chunk in chunks) * self.depth * self.width * self.seeds
        trained = self.training_work(len(recording_steps(self.steps, RECORDS)))
        return trained * (1 + len(chunks)) + SECONDS_PER_STATISTIC * self.steps * statistics

    def held(self) -> float:
        """As Settings.held, with the smallest chunks, which have the most statistics."""
        return self.training_memory(options=Options(chunk=self.chunks()[0]))

    def kept(self) -> float:
        """The records alone, and what two threads hold for themselves."""
        return 2 * OTHERWISE

    def draws(self, size: int) -> int:
        """Batches of this size in which the one sample is looked at."""
        return affordable_draws(self.cost().weights, size)


@dataclass(frozen=True)
class Law:
    """How the statistics of mini-batches spread: first hidden layer, before BN, first seed.

    Drawn without replacement from the training set; s: the standard deviation of a unit over
    that set. NaN: a unit that is constant.
    """

    samples: int  # N, those of the training set
    sizes: NDArray[np.int64]  # (S,) m
    mean: Floats  # (S, width) deviation of the batch mean, in s
    variance: Floats  # (S, width) deviation of the biased batch variance, in s^2
    deviation: Floats  # (S, width) deviation of the batch's standard deviation, in s
    mean_law: Floats  # (S,) what theory says of `mean`, for every unit
    variance_law: Floats  # (S, width) what theory says of `variance`
    kurtosis: Floats  # (width,)


@dataclass(frozen=True)
class Jitter:
    """One test sample in many mini-batches, first seed; NaN: that batch was not drawn."""

    image: Floats  # (features,) the sample, above the smallest value of each feature
    label: int
    unit: int  # of the first hidden layer, from 0
    sizes: NDArray[np.int64]  # (S,) m, the sample included
    activation: dict[str, Floats]  # PARTS -> (S, draws) normalized, before gamma and beta
    probability: Floats  # (S, draws) of the true class
    steady: float  # the activation with mean and variance of the training set
    inference: float  # the probability with the running statistics


@dataclass(frozen=True)
class NoiseResult:
    """Networks on the first axis: plain, then BN by chunk size. NaN: after a divergence."""

    config: NoiseConfig
    steps: NDArray[np.int64]  # (T,)
    chunks: NDArray[np.int64]  # (C,) samples that share their statistics; last: the whole batch
    train_loss: Floats  # (1 + C, seeds, T) on mini-batches, their statistics; mean since a record
    test_loss: Floats  # (1 + C, seeds, T) inference mode
    test_accuracy: Floats  # (1 + C, seeds, T) inference mode, 0 to 1
    diverged_at: NDArray[np.int64]  # (1 + C, seeds) step, or NEVER
    test_samples: int

    def final(self, values: Floats) -> NDArray[np.float64]:
        """The median over the seeds at the last step, (1 + C,); NaN where all diverged."""
        return np.array([median(row) for row in values[:, :, -1]])

    def learned(self, accuracy: float) -> bool:
        """Whether this is closer to being always right than to guessing."""
        return bool(accuracy >= (1 + 1 / self.config.data().classes) / 2)

    def best(self) -> int | None:
        """The row of the BN network with the highest test accuracy; None: all diverged.

        Of equals, the one with the largest chunks, which has the least noise.
        """
        accuracy = self.final(self.test_accuracy)[1:]
        if not np.isfinite(accuracy).any():
            return None
        return len(accuracy) - int(np.nanargmax(accuracy[::-1]))


@bounded
def run(config: NoiseConfig, report: Report = silent, workers: int = 2) -> NoiseResult:
    """Train plain and every chunk size from the same weights on the same batches. Same bits."""
    data, chunks = config.data(), config.chunks()
    jobs = {str(chunk): _training(config, data, chunk) for chunk in chunks}
    histories = side_by_side(
        jobs | {"plain": _training(config, data)}, config.steps, report, workers
    )
    rows = [histories["plain"], *(histories[str(chunk)] for chunk in chunks)]
    return NoiseResult(
        config,
        rows[0].steps,
        np.array(chunks),
        np.stack([_since_the_last(row) for row in rows]),
        np.stack([row.test_losses for row in rows]),
        np.stack([row.test_accuracies for row in rows]),
        np.stack([diverged_at(row) for row in rows]),
        len(data.test_labels),
    )


class AloneConfig(NoiseConfig):
    """A question of its own: one trained network, BN over the whole batch, and many batches."""

    def work(self) -> float:
        """One network of the first seed, the law, and the sample in batches of every size."""
        sampled = sum(self.cost().look(1, samples) for samples in self._looked_at())
        available = len(self.data().train_labels)
        ordered = SECONDS_PER_PLACE * (LAW_DRAWS + SAMPLE_DRAWS) * available
        law = 2 * len(SIZES) * 2 * SECONDS_PER_OPERATION * LAW_DRAWS * available * self.width
        trained = self._alone().training_work(len(recording_steps(self.steps, RECORDS)))
        return trained + sampled + ordered + law

    def held(self) -> float:
        return self._alone().training_memory()

    def kept(self) -> float:
        """The one network."""
        return self.cost().parameters(1) + OTHERWISE

    def after(self) -> float:
        """The one sample in its largest batches, and the orders from which batches are taken."""
        drawn, data = max(self._looked_at()), self.data()
        orders = 8 * 3 * (LAW_DRAWS + SAMPLE_DRAWS) * len(data.train_labels)
        return self.cost().passing(1, drawn) + 2 * FLOAT * drawn * data.features + orders

    def _looked_at(self) -> list[int]:
        """The samples of all batches of each size that there is, with the one sample in them."""
        available = len(self.data().train_labels) + 1
        return [size * self.draws(size) for size in SIZES if size <= available]

    def _alone(self) -> AloneConfig:
        return self.model_copy(update={"seeds": 1})


@dataclass(frozen=True)
class AloneResult:
    """What one network makes of redrawn mini-batches; first seed, BN over the whole batch."""

    config: AloneConfig
    law: Law
    jitter: Jitter


@bounded
def run_alone(config: AloneConfig, report: Report = silent, workers: int = 1) -> AloneResult:
    """Train the one network, which comes out as among the others, and redraw its batches."""
    data = config.data()
    one = _training(config._alone(), data, config.chunks()[-1], kept=[0])
    trained = side_by_side({"": one}, config.steps, report, workers)[""].cohort
    with one_thread():
        law, jitter = statistics_law(trained, data), one_sample(trained, data, config.sample)
    return AloneResult(config, law, jitter)


def _training(
    config: NoiseConfig, data: Dataset, chunk: int | None = None, kept: Sequence[int] = ()
) -> Job[History]:
    """Training with statistics over this many samples; None: without BN. These seeds stay."""
    seeds = range(config.first_seed, config.first_seed + config.seeds)
    kind = "none" if chunk is None else "batch"
    architecture = config.architecture(normalizer=kind, options=Options(chunk=chunk))

    def job(progress: Callable[[int], None]) -> History:
        cohort = Cohort(architecture, seeds, [config.gain] * config.seeds)
        records = recording_steps(config.steps, RECORDS)
        plan = config.plan(config.seeds)
        history = train(cohort, seeds, data, plan, record_at=records, progress=progress)
        return keeping(history, kept)

    return job


def _since_the_last(history: History) -> Floats:
    """The mini-batch loss at each record: its mean over the steps since the one before."""
    loss, ends = history.batch_losses, history.steps
    starts = [0, *ends[:-1]]
    means = [
        loss[:, a:b].mean(1) if b > a else loss[:, a] for a, b in zip(starts, ends, strict=True)
    ]
    return np.stack(means, axis=1)


def _permutations(draws: int, samples: int, seed: int) -> Tensor:
    """As many random orders of the samples, (draws, samples): the first m are a mini-batch."""
    generator = torch.Generator().manual_seed(seed)
    return torch.rand(draws, samples, generator=generator, dtype=torch.float64).argsort(1)


def statistics_law(alone: Cohort, data: Dataset, draws: int = LAW_DRAWS) -> Law:
    """Redraw mini-batches and measure the spread of mean and variance, beside the theory.

    `alone` is a cohort of one replica. A batch is a row of zeros and ones: its mean and variance
    over all units are matrix products.
    """
    values = (
        alone.layers[0].weight[0].detach().double() @ torch.tensor(data.train_inputs).T.double()
    )
    values = _without_constants(values - values.mean(1, keepdim=True)).T  # (N, width), in s
    samples = len(values)
    sizes = [size for size in SIZES if size <= samples // 2]
    orders = _permutations(draws, samples, LAW_SEED)
    spreads = [_spreads(values, orders[:, :size]) for size in sizes]
    mean, variance, deviation = np.stack(spreads, axis=1).astype(np.float32)
    kurtosis = (values**4).mean(0).numpy()
    return Law(
        samples,
        np.array(sizes),
        mean,
        variance,
        deviation,
        np.array([mean_law(size, samples) for size in sizes], np.float32),
        np.array([variance_law(size, samples, kurtosis) for size in sizes], np.float32) ** 0.5,
        kurtosis.astype(np.float32),
    )


def _without_constants(centred: Tensor) -> Tensor:
    """Each unit's values in its standard deviations, (width, N); NaN where it has none."""
    deviation = centred.square().mean(1, keepdim=True).sqrt()
    return centred / torch.where(deviation > 0, deviation, torch.nan)


def _spreads(values: Tensor, batches: Tensor) -> NDArray[np.float64]:
    """Deviation over the batches of their mean, variance and standard deviation, (3, width)."""
    size = batches.shape[1]
    members = torch.zeros(len(batches), len(values), dtype=torch.float64)
    members.scatter_(1, batches, 1.0)
    mean = members @ values / size
    variance = (members @ values.square() / size - mean.square()).clamp(min=0)
    return np.stack([x.std(0).numpy() for x in (mean, variance, variance.sqrt())])


def mean_law(size: int, samples: int) -> float:
    """std(mu_B) / s = sqrt((N - m) / (N - 1) / m), drawn without replacement; exact."""
    return float(np.sqrt((samples - size) / (samples - 1) / size))


def variance_law(size: int, samples: int, kurtosis: NDArray[np.float64]) -> NDArray[np.float64]:
    """Var(v_B) / s^4 of the biased variance of m of N values, drawn without replacement; exact.

    ((m-1)/m)^2 ((1/m - 1/N) K + 2 (1/(m-1) - 1/(N-1)) Q) with K = N^2 ((N+1) k - 3 (N-1)) /
    ((N-1)(N-2)(N-3)) and Q = (N-1)/(N+1) (N^2/(N-1)^2 - K/N). For N -> infinity, where K -> k - 3
    and Q -> 1, it is the law for independent draws, ((m-1)/m)^2 (k - (m-3)/(m-1)) / m.
    """
    m, N = size, samples
    fourth = N**2 * ((N + 1) * kurtosis - 3 * (N - 1)) / ((N - 1) * (N - 2) * (N - 3))
    square = (N - 1) / (N + 1) * ((N / (N - 1)) ** 2 - fourth / N)
    spread = (1 / m - 1 / N) * fourth + 2 * (1 / (m - 1) - 1 / (N - 1)) * square
    return np.maximum(((m - 1) / m) ** 2 * spread, 0.0)


def one_sample(alone: Cohort, data: Dataset, number: int, among: Sequence[int] = SIZES) -> Jitter:
    """Put one test sample into many mini-batches of training samples, and see what it becomes.

    Its unit is the one of the first hidden layer in which it lies closest to one standard
    deviation from the mean: there, redrawing the mean and redrawing the deviation both show.
    """
    place = _place(data, number)
    sample, label = torch.tensor(data.test_inputs[place]), int(data.test_labels[place])
    mates = torch.tensor(data.train_inputs)
    weight = alone.layers[0].weight[0].detach().double()
    mine, theirs = weight @ sample.double(), weight @ mates.T.double()
    mean, deviation = theirs.mean(1), theirs.std(1, correction=0)
    away = torch.nan_to_num(((mine - mean) / deviation).abs() - 1, nan=torch.inf, posinf=torch.inf)
    unit = int(away.abs().argmin())
    orders = _permutations(SAMPLE_DRAWS, len(mates), SAMPLE_SEED)
    sizes = [size for size in among if size <= len(mates) + 1]
    nothing = np.full((len(sizes), SAMPLE_DRAWS), np.nan, np.float32)
    activation, probability = {part: nothing.copy() for part in PARTS}, nothing.copy()
    for row, size in enumerate(sizes):
        weights = sum(layer.weight.numel() for layer in alone.layers)
        batches = orders[: affordable_draws(weights, size), : size - 1]
        drawn = len(batches)
        values = torch.cat([mine[unit].expand(drawn, 1), theirs[unit][batches]], dim=1)
        for part, drawing in _normalized(values, mean[unit], deviation[unit]).items():
            activation[part][row, :drawn] = drawing
        members = torch.cat([sample.expand(drawn, 1, -1), mates[batches]], dim=1)
        probability[row, :drawn] = _probability(alone, members, label)
    steady = float((mine[unit] - mean[unit]) / (deviation[unit] ** 2 + Options().epsilon) ** 0.5)
    with torch.no_grad():
        logits = alone.forward(sample[None, :, None], "inference")
    inference = float(logits.softmax(dim=1)[0, label, 0])
    return Jitter(
        data.test_inputs[place] - data.train_inputs.min(0),
        label,
        unit,
        np.array(sizes),
        activation,
        probability,
        steady,
        inference,
    )


def _place(data: Dataset, number: int) -> int:
    """Where in the test set sample `number` is: the classes take turns."""
    label, turn = number % data.classes, number // data.classes
    return int(np.flatnonzero(data.test_labels == label)[turn])


def affordable_draws(weights: int, size: int) -> int:
    """Batches of this size in which one sample is looked at, by the weights of the network."""
    return int(np.clip(SAMPLE_WORK / (weights * size), FEWEST_DRAWS, SAMPLE_DRAWS))


def _normalized(values: Tensor, mean: Tensor, deviation: Tensor) -> dict[str, NDArray[np.float64]]:
    """The first value of each batch, normalized, (draws,), for each of PARTS.

    Both: (x - mu_B) / s_B; the mean alone: (x - mu_B) / s; the deviation alone: (x - mu) / s_B,
    with mu and s of the whole training set.
    """
    first, here = values[:, 0], values.mean(1)
    spread = (values.var(1, correction=0) + Options().epsilon).sqrt()
    steady = (deviation**2 + Options().epsilon).sqrt()
    parts = [(first - here) / spread, (first - here) / steady, (first - mean) / spread]
    return {name: part.numpy() for name, part in zip(PARTS, parts, strict=True)}


def _probability(alone: Cohort, batches: Tensor, label: int) -> NDArray[np.float32]:
    """Of this class, for the first of each batch; batches: (draws, m, features)."""
    draws, size, features = batches.shape
    before = alone.architecture
    alone.architecture = replace(before, options=replace(before.options, chunk=size))
    try:
        with torch.no_grad():
            logits = alone.forward(batches.view(1, draws * size, features).transpose(1, 2), "batch")
    finally:
        alone.architecture = before
    probability: NDArray[np.float32] = logits[0, :, ::size].softmax(dim=0)[label].numpy()
    return probability


class PairConfig(NoiseConfig):
    """A pair beside the main run: plain and BN over the whole batch, both with dropout."""

    dropout: Annotated[
        float,
        Knob("Dropout", (0.0, *DROPOUTS), "The share of outputs that are set to zero.", 0.0, 0.9),
    ] = 0.0

    def work(self) -> float:
        """The pair, and what is drawn for its dropout."""
        drawn = self.depth * self.width * self.in_batch() * self.seeds * self.steps
        return 2 * (self.training_work(1) + SECONDS_PER_DRAW * drawn * (self.dropout > 0))

    def held(self) -> float:
        return self.training_memory(dropout=self.dropout)

    def kept(self) -> float:
        return Settings.kept(self)


@dataclass(frozen=True)
class PairResult:
    """Plain and BN on the first axis, at the end of training. NaN: diverged."""

    config: PairConfig
    test_loss: Floats  # (2, seeds) inference mode
    test_accuracy: Floats  # (2, seeds) inference mode, 0 to 1


@bounded
def run_pair(config: PairConfig, report: Report = silent, workers: int = 2) -> PairResult:
    """Train plain and BN, both with the dropout of this config. Pure: same config, same bits."""
    layers = tuple(range(1, config.depth + 1))
    histories = train_pair(
        config, layers, (), report, workers, record_at=[config.steps], dropout=config.dropout
    )
    return PairResult(
        config,
        np.stack([histories[t].test_losses[:, -1] for t in TREATMENTS]),
        np.stack([histories[t].test_accuracies[:, -1] for t in TREATMENTS]),
    )


def dropouts(config: NoiseConfig) -> list[PairConfig]:
    """The same training with dropout at several rates."""
    return [PairConfig.like(config, dropout=rate) for rate in DROPOUTS]


def batch_sizes(config: NoiseConfig, rates: str) -> list[PairConfig]:
    """The same number of epochs at other batch sizes; `rates`: one of RATES.

    No more than 5000 steps, so that small batches of a long training see fewer epochs.
    """
    available, whole = len(config.data().train_labels), config.whole()
    pieces = []
    for size in (size for size in SWEPT if size <= available):
        rate = config.learning_rate * (size / whole if rates == RATES[0] else 1.0)
        steps = round(config.steps * whole / size)
        pieces.append(
            PairConfig.like(
                config,
                batch_size=size,
                steps=min(5000, max(1, steps)),
                learning_rate=min(1e3, max(1e-6, rate)),
            )
        )
    return pieces


def findings(result: NoiseResult) -> list[str]:
    """What this run shows of the chunk sizes, in sentences, each computed from it."""
    sentences = [
        _headline(result),
        _signature(result),
        _turning(result),
        _pairs_of_values(result),
        _reference(result),
    ]
    return [sentence for sentence in [*sentences, _lost(result)] if sentence]


def _headline(result: NoiseResult) -> str:
    accuracy, best, whole = result.final(result.test_accuracy), result.best(), result.config.whole()
    if best is None:
        return "**Every network with BN diverged**: there is nothing to compare."
    if len(result.chunks) == 1:
        return f"**Nothing to compare**: a batch of {whole} has no smaller chunks with a variance."
    if not result.learned(accuracy[best]):
        return (
            f"**No network with BN learned much here**: the best, in chunks of"
            f" {result.chunks[best - 1]}, reached {portion(accuracy[best])} test accuracy."
        )
    if not np.isfinite(accuracy[-1]):
        return (
            f"**BN over the whole batch of {whole} diverged**; chunks of"
            f" {result.chunks[best - 1]} reached {portion(accuracy[best])}."
        )
    if not result.learned(accuracy[-1]):
        return (
            f"**Only smaller chunks learned much here**: chunks of {result.chunks[best - 1]}"
            f" reached {portion(accuracy[best])} test accuracy, the whole batch of {whole}"
            f" {portion(accuracy[-1])}."
        )
    if best == len(result.chunks):
        return _no_help(result)
    ends = result.test_accuracy[:, :, -1]
    won = int((ends[best] > ends[-1]).sum())
    compared = (
        f"{portion(accuracy[best])} test accuracy with chunks of {result.chunks[best - 1]},"
        f" {portion(accuracy[-1])} with the whole batch of {whole}"
    )
    if accuracy[best] - accuracy[-1] < SMALL:
        near = _images(accuracy[best] - accuracy[-1], result.test_samples)
        near = near if near.startswith("less") else f"about {near}"
        return f"**The noise makes little difference here**: {compared}, {near}."
    return f"**BN's noise helps**: {compared}. Better in {count(won, result.config.seeds)}."


def _no_help(result: NoiseResult) -> str:
    accuracy, row = result.final(result.test_accuracy), _compared(result)
    said = (
        "**Here the noise does not help**: no smaller chunk beats the whole batch of"
        f" {result.config.whole()}, {portion(accuracy[-1])} test accuracy."
    )
    if row is None or not np.isfinite(accuracy[row]):
        return said
    behind = accuracy[-1] - accuracy[row]
    chunks = f"chunks of {result.chunks[row - 1]}"
    if behind == 0:
        return f"{said} At best, with {chunks}, it is a draw."
    if behind < SMALL:
        return f"{said} Closest are {chunks}, {_images(behind, result.test_samples)} behind."
    return f"{said} Closest are {chunks}, with {portion(accuracy[row])}."


def _images(difference: float, samples: int) -> str:
    many = round(difference * samples)
    if not many:  # between two seeds of an even number
        return f"less than one test sample of {samples}"
    return f"{many} test sample{'' if many == 1 else 's'} of {samples}"


def _loss(value: float) -> str:
    return f"{value:.3g}" if np.isfinite(value) else "no number"


def _compared(result: NoiseResult) -> int | None:
    """The row to hold against the whole batch: the most accurate of the smaller chunks."""
    accuracy = result.final(result.test_accuracy)[1:-1]
    if not np.isfinite(accuracy).any():
        return None
    return len(accuracy) - int(np.nanargmax(accuracy[::-1]))


def _signature(result: NoiseResult) -> str:
    """Whether training loss and test loss move against each other, as with a regularizer."""
    row = _compared(result)
    if row is None or _cannot_tell(result):
        return ""
    train_loss, test_loss = result.final(result.train_loss), result.final(result.test_loss)
    if not np.isfinite([train_loss[row], train_loss[-1], test_loss[row], test_loss[-1]]).all():
        return ""
    harder, better = train_loss[row] > train_loss[-1], test_loss[row] < test_loss[-1]
    ends = result.test_loss[:, :, -1]
    lower = int((ends[row] < ends[-1]).sum())
    seeds = count(lower, result.config.seeds)
    losses = (
        f"From the whole batch to chunks of {result.chunks[row - 1]}, training loss goes from"
        f" {_loss(train_loss[-1])} to {_loss(train_loss[row])} and test loss from"
        f" {_loss(test_loss[-1])} to {_loss(test_loss[row])} (lower in {seeds})"
    )
    if better and lower < AGREED * result.config.seeds:
        return f"{losses}: on new data the seeds disagree."
    if harder and better:
        return f"{losses}: harder to fit, better on new data. That is what a regularizer does."
    if better:
        return f"{losses}: better on both, so this is not the work of a regularizer."
    ease = "harder" if harder else "easier"
    return f"{losses}: {ease} to fit, and no better on new data. {_why_not(result)}".strip()


def _turning(result: NoiseResult) -> str:
    """Up to when the least noise was better, where in the end it was not."""
    best = result.best()
    if best is None or best == len(result.chunks) or _cannot_tell(result):
        return ""
    chunked, whole = (
        np.array([median(column) for column in result.test_accuracy[row].T]) for row in (best, -1)
    )
    behind = np.flatnonzero(np.round(100 * chunked) < np.round(100 * whole))  # as it is written
    if not len(behind) or result.steps[behind[-1]] == 0:
        return ""
    last = behind[-1]
    return (
        f"The noise costs first: at step {result.steps[last]} the whole batch was still ahead of"
        f" chunks of {result.chunks[best - 1]}, {portion(whole[last])} against"
        f" {portion(chunked[last])}. Move the clock to see it turn."
    )


def _why_not(result: NoiseResult) -> str:
    """Whether the whole batch had anything to regularize."""
    learned = float(result.final(result.train_loss)[-1])
    new = float(result.final(result.test_loss)[-1])
    if new > OVERFITTED * learned:
        return ""
    where = "not far above" if new > learned else "below"
    return (
        f"With the whole batch, test loss ({_loss(new)}) is {where} training loss"
        f" ({_loss(learned)}): there is little overfitting to prevent."
    )


def _pairs_of_values(result: NoiseResult) -> str:
    """What became of chunks of 2, in which a value can only be the larger or the smaller."""
    if len(result.chunks) < 2 or result.chunks[0] != 2:
        return ""
    accuracy = result.final(result.test_accuracy)
    if not np.isfinite(accuracy[[1, -1]]).all() or _cannot_tell(result):
        return ""
    said = "In chunks of 2 nearly every normalized value is +1 or −1, whatever it was: "
    if accuracy[1] < accuracy[-1] - COLLAPSE:
        return said + f"that is too much noise, and test accuracy falls to {portion(accuracy[1])}."
    return said + f"even so, test accuracy is {portion(accuracy[1])}."


def _reference(result: NoiseResult) -> str:
    accuracy, row = result.final(result.test_accuracy), _compared(result)
    if row is None or not np.isfinite(accuracy[[PLAIN, -1]]).all():
        return ""
    whole, chunked = (_points(accuracy[r] - accuracy[PLAIN]) for r in (-1, row))
    return (
        f"Plain, on the same batches, reaches {portion(accuracy[PLAIN])}; BN reaches {whole} with"
        f" the whole batch, {chunked} with chunks of {result.chunks[row - 1]}."
    )


def _points(difference: float) -> str:
    points = in_points(difference)
    if points == "0 points":
        return "the same"
    return f"{points} {'more' if difference > 0 else 'less'}"


def of_the_law(law: Law) -> str:
    """How far measurement and theory are apart, over all sizes, for the typical unit."""
    there = np.isfinite(law.variance).any(0) & np.isfinite(law.mean).any(0)
    if not there.any():
        return "No unit of the first layer varies over the training set: there is no noise."
    off = [
        float(np.max(np.abs(np.median(m[:, there], axis=1) / theory - 1)))
        for m, theory in (
            (law.mean, law.mean_law),
            (law.variance, np.median(law.variance_law[:, there], axis=1)),
        )
    ]
    place = int(np.argmin(np.abs(law.sizes - 16)))
    mean = float(np.median(law.mean[place, there]))
    return (
        f"In mini-batches of {law.sizes[place]} the mean of a unit strays by {mean:.3f} of its"
        f" standard deviation; theory says {law.mean_law[place]:.3f}. Over all sizes, measurement"
        f" and theory differ by at most {100 * off[0]:.0f} % for the mean and"
        f" {100 * off[1]:.0f} % for the variance."
    )


def of_the_sample(result: NoiseResult, alone: AloneResult) -> str:
    """How much the prediction for the one sample depends on its batch-mates."""
    jitter, row = alone.jitter, _compared(result)
    wanted = [4 if row is None else result.chunks[row - 1], max(result.config.whole(), 2)]
    places = [int(np.argmin(np.abs(jitter.sizes - size))) for size in wanted]
    ranges, name = [], sample_name(result.config, jitter.label).capitalize()
    for place in dict.fromkeys(places):
        known = jitter.probability[place][np.isfinite(jitter.probability[place])]
        if not known.size:
            return f"{name}: the numbers of the network are no longer finite; it has no answer."
        low, high = np.quantile(known, [0.1, 0.9])
        ends = f"{100 * low:.0f}", f"{100 * high:.0f}"
        span = f"from {ends[0]} to" if ends[0] != ends[1] else "of"
        ranges.append(f"{span} {ends[1]} % in batches of {jitter.sizes[place]}")
    return (
        f"{name}, in the company of different batch-mates: the network"
        f" gives its class a probability {', '.join(ranges)} (10th to 90th percentile)."
    )


def _lost(result: NoiseResult) -> str:
    names = ["plain", *(f"chunks of {chunk}" for chunk in result.chunks)]
    lost = [int((row != NEVER).sum()) for row in result.diverged_at]
    if not any(lost):
        return ""
    seeds = result.config.seeds
    listed = [f"{name}, {count(n, seeds)}" for name, n in zip(names, lost, strict=True) if n]
    return f"Diverged, and left out of the medians: {'; '.join(listed)}."


def misconceptions(result: NoiseResult) -> dict[str, str]:
    """Common beliefs, each with what this run says of it."""
    return {
        "Larger batches are always better with BN.": _larger_is_better(result),
        "BN's noise is a nuisance that training would be better without.": _nuisance(result),
        "The smaller the batch, the stronger the regularization, without end.": _no_end(result),
        "Batch size only changes speed.": _only_speed(result),
    }


NO_CHUNKS = "This run cannot tell: it has no two chunk sizes to compare."
NOT_LEARNED = "This run cannot tell: BN over the whole batch did not learn much."


def _cannot_tell(result: NoiseResult) -> str:
    """Why this run says nothing of the belief; empty: it does."""
    if _compared(result) is None:
        return NO_CHUNKS
    whole = result.final(result.test_accuracy)[-1]
    return "" if result.learned(whole) else NOT_LEARNED


def _larger_is_better(result: NoiseResult) -> str:
    row, accuracy = _compared(result), result.final(result.test_accuracy)
    if row is None or _cannot_tell(result):
        return _cannot_tell(result)
    if result.best() == len(result.chunks):
        return (
            "In this run they are: no smaller chunk beats the whole batch."
            f" {_why_not(result)}".rstrip()
        )
    best = f"statistics over {result.chunks[row - 1]} samples"
    if accuracy[row] - accuracy[-1] < SMALL:
        return (
            f"Not here, but by little: {best} and over all {result.chunks[-1]} differ by"
            f" {_images(accuracy[row] - accuracy[-1], result.test_samples)}."
        )
    said = (
        f"Here {best} give {portion(accuracy[row])} test accuracy, statistics over all"
        f" {result.chunks[-1]} give {portion(accuracy[-1])}"
    )
    fit = result.final(result.train_loss)
    if fit[row] > fit[-1]:
        return f"{said}: the noise keeps the network from learning its samples by heart."
    return f"{said}."


def _nuisance(result: NoiseResult) -> str:
    test_loss = result.final(result.test_loss)
    if _cannot_tell(result):
        return _cannot_tell(result)
    quietest, lowest = test_loss[-1], 1 + int(np.nanargmin(test_loss[1:]))
    if lowest == len(result.chunks):
        return (
            "At this setting it is one: the least noise gives the lowest test loss,"
            f" {_loss(quietest)}."
        )
    return (
        f"Here test loss is lowest with chunks of {result.chunks[lowest - 1]},"
        f" {_loss(test_loss[lowest])}; with the least noise it is {_loss(quietest)}."
    )


def _no_end(result: NoiseResult) -> str:
    accuracy, best = result.final(result.test_accuracy), result.best()
    if _cannot_tell(result) or not np.isfinite(accuracy[1]):
        return (
            _cannot_tell(result) or f"Here all networks in chunks of {result.chunks[0]} diverged."
        )
    if best == 1:
        return (
            f"In this run the smallest chunks, of {result.chunks[0]}, are the best. Where there"
            " is an end depends on the problem: change a knob and see."
        )
    return (
        f"The noise grows without end, its use does not: chunks of {result.chunks[0]} reach"
        f" {portion(accuracy[1])}, chunks of {result.chunks[(best or 1) - 1]} reach"
        f" {portion(accuracy[best or 1])}. With 2 samples only the sign of a difference is left."
    )


def _only_speed(result: NoiseResult) -> str:
    accuracy = result.final(result.test_accuracy)[1:]
    known = accuracy[np.isfinite(accuracy)]
    if _cannot_tell(result):
        return _cannot_tell(result)
    span = f"from {portion(known.min())} to {portion(known.max())}"
    same = "All these networks made the same steps on the same batches at the same rate"
    if known.max() - known.min() < SMALL:
        return f"{same}; here their test accuracies, {span}, hardly differ."
    return (
        f"{same}. Only the number of samples that share their statistics differs, and test"
        f" accuracy goes {span}."
    )


MOST, BETWEEN, LEAST = "2, the most noise", "something between", "the whole batch"
NOWHERE = "none of them learns much"
GUESSES = (MOST, BETWEEN, LEAST, NOWHERE)


def best_guess(result: NoiseResult) -> tuple[str, str]:
    """Where test accuracy is highest, as one of GUESSES, and why."""
    best = result.best()
    if best is None or not result.learned(result.final(result.test_accuracy)[best]):
        return NOWHERE, _headline(result)
    if best == len(result.chunks):
        return LEAST, _headline(result)
    return (MOST if result.chunks[best - 1] == 2 else BETWEEN), _headline(result)


def of_dropout(result: NoiseResult, pairs: list[PairResult]) -> str:
    """Dropout beside ghost batches, in a sentence."""
    accuracy, best = result.final(result.test_accuracy), result.best()
    said = []
    for treatment, (row, name) in enumerate(((PLAIN, "Plain"), (-1, "BN over the whole batch"))):
        ends = [median(pair.test_accuracy[treatment]) for pair in pairs]
        if not np.isfinite(ends).any():
            said.append(f"{name} diverged with dropout in every seed.")
            continue
        top = int(np.nanargmax(ends))
        more = ends[top] - accuracy[row]
        moved = f", {_points(more)} than without" if np.isfinite(more) else ""
        said.append(
            f"{name} does best with dropout {pairs[top].config.dropout:g}:"
            f" {portion(ends[top])}{moved}."
        )
    if best is not None:
        said.append(
            f"BN without dropout, in chunks of {result.chunks[best - 1]}:"
            f" {portion(accuracy[best])}."
        )
    return " ".join(said)


def of_batch_sizes(result: NoiseResult, pairs: list[PairResult]) -> str:
    """BN by batch size beside BN by chunk size, in a sentence."""
    plain, batch = ([median(pair.test_accuracy[t]) for pair in pairs] for t in range(2))
    if not np.isfinite(batch).any():
        return "BN diverged at every batch size."
    accuracy, top = result.final(result.test_accuracy), int(np.nanargmax(batch))
    said = f"By batch size, BN does best at {pairs[top].config.batch_size}: {portion(batch[top])}."
    if np.isfinite(plain).any():
        said += (
            f" Plain, which feels the noise of SGD alone, moves between"
            f" {portion(np.nanmin(plain))} and {portion(np.nanmax(plain))}."
        )
    shared = {
        pair.config.batch_size: abs(by_size - accuracy[row])
        for pair, by_size in zip(pairs, batch, strict=True)
        for row, chunk in enumerate(result.chunks, start=1)
        if chunk == pair.config.batch_size and np.isfinite(by_size - accuracy[row])
    }
    if shared:
        size = max(shared, key=lambda one: shared[one])
        said += (
            " Batches and chunks of the same size differ in test accuracy by"
            f" {in_points(shared[size])} at most, at {size}."
        )
    return said
