"""One trained network, and mini-batches drawn again and again: how far their statistics stray."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from bnviz.engine.batchnorm import Options
from bnviz.engine.data import Dataset
from bnviz.engine.networks import Cohort
from bnviz.engine.threads import one_thread
from bnviz.engine.training import recording_steps
from bnviz.experiments.bounds import FLOAT, SECONDS_PER_OPERATION, bounded
from bnviz.experiments.jobs import Report, side_by_side, silent
from bnviz.experiments.noise import RECORDS, NoiseConfig, one_training
from bnviz.experiments.result import Axes, Floats, Result, Whole
from bnviz.experiments.settings import OTHERWISE

SIZES = (2, 4, 8, 16, 32, 64, 128, 256, 512)  # of mini-batches that are only measured
LAW_DRAWS = 400  # mini-batches of each size, for the law
SAMPLE_DRAWS = 200  # mini-batches of each size around the one sample, at most …
FEWEST_DRAWS = 16  # … and at least, where the network is large
SAMPLE_WORK = 1e8  # products for one size
SECONDS_PER_PLACE = 4e-7  # of one training sample, in an order from which batches are taken
LAW_SEED, SAMPLE_SEED = 1, 2

PARTS = ("both", "the mean alone", "the standard deviation alone")
"""What a mini-batch may redraw of the statistics that normalize the one sample."""


@dataclass(frozen=True, kw_only=True, repr=False)
class SamplingNoise(Result):
    """How the statistics of mini-batches spread: first hidden layer, before BN, first seed.

    Drawn without replacement from the training set; s: the standard deviation of a unit over
    that set. NaN: a unit that is constant.
    """

    samples: Annotated[int, Axes("", "N, those of the training set")]
    sizes: Annotated[Whole, Axes("size", "m")]
    mean: Annotated[Floats, Axes("size=sizes unit", "deviation of the batch mean, in s")]
    variance: Annotated[
        Floats, Axes("size=sizes unit", "deviation of the biased batch variance, in s^2")
    ]
    std: Annotated[
        Floats, Axes("size=sizes unit", "deviation of the batch's standard deviation, in s")
    ]
    mean_theory: Annotated[Floats, Axes("size=sizes", "what theory says of `mean`, for every unit")]
    variance_theory: Annotated[Floats, Axes("size=sizes unit", "what theory says of `variance`")]
    kurtosis: Annotated[Floats, Axes("unit")]


@dataclass(frozen=True, kw_only=True, repr=False)
class SampleInBatches(Result):
    """One test sample in many mini-batches, first seed; NaN: that batch was not drawn."""

    image: Annotated[
        Floats, Axes("feature", "the sample, above the smallest value of each feature", drawn=True)
    ]
    label: Annotated[int, Axes()]
    unit: Annotated[int, Axes("", "of the first hidden layer, from 0")]
    sizes: Annotated[Whole, Axes("size", "m, the sample included")]
    activation: Annotated[
        dict[str, Floats], Axes("part size=sizes draw", "normalized, before gamma and beta")
    ]
    probability: Annotated[Floats, Axes("size=sizes draw", "of the true class")]
    steady: Annotated[float, Axes("", "the activation with mean and variance of the training set")]
    inference: Annotated[float, Axes("", "the probability with the running statistics")]


class AloneConfig(NoiseConfig):
    """A question of its own: one trained network, BN over the whole batch, and many batches."""

    def work(self) -> float:
        """One network of the first seed, the law, and the sample in batches of every size."""
        sampled = sum(self.cost().look(1, samples) for samples in self._looked_at())
        available = len(self.data().train_labels)
        ordered = SECONDS_PER_PLACE * (LAW_DRAWS + SAMPLE_DRAWS) * available
        sampling = 2 * len(SIZES) * 2 * SECONDS_PER_OPERATION * LAW_DRAWS * available * self.width
        trained = self._alone().training_work(len(recording_steps(self.steps, RECORDS)))
        return trained + sampled + ordered + sampling

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

    def draws(self, size: int) -> int:
        """Batches of this size in which the one sample is looked at."""
        return affordable_draws(self.cost().weights, size)

    def _looked_at(self) -> list[int]:
        """The samples of all batches of each size that there is, with the one sample in them."""
        available = len(self.data().train_labels) + 1
        return [size * self.draws(size) for size in SIZES if size <= available]

    def _alone(self) -> AloneConfig:
        return self.model_copy(update={"seeds": 1})


@dataclass(frozen=True, kw_only=True, repr=False)
class AloneResult(Result):
    """What one network makes of redrawn mini-batches; first seed, BN over the whole batch."""

    config: AloneConfig
    sampling: SamplingNoise
    in_batches: SampleInBatches


@bounded
def run(config: AloneConfig, report: Report = silent, workers: int = 1) -> AloneResult:
    """Train the one network, which comes out as among the others, and redraw its batches."""
    data = config.data()
    one = one_training(config._alone(), config.chunks()[-1], kept=[0])
    trained = side_by_side({"": one}, config.steps, report, workers)[""].cohort
    with one_thread():
        sampling, in_batches = (
            sampling_noise(trained, data),
            one_sample(trained, data, config.sample),
        )
    return AloneResult(config=config, sampling=sampling, in_batches=in_batches)


def _permutations(draws: int, samples: int, seed: int) -> Tensor:
    """As many random orders of the samples, (draws, samples): the first m are a mini-batch."""
    generator = torch.Generator().manual_seed(seed)
    return torch.rand(draws, samples, generator=generator, dtype=torch.float64).argsort(1)


def sampling_noise(alone: Cohort, data: Dataset, draws: int = LAW_DRAWS) -> SamplingNoise:
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
    mean, variance, std = np.stack(spreads, axis=1).astype(np.float32)
    kurtosis = (values**4).mean(0).numpy()
    squares = np.array([variance_theory(size, samples, kurtosis) for size in sizes], np.float32)
    return SamplingNoise(
        samples=samples,
        sizes=np.array(sizes),
        mean=mean,
        variance=variance,
        std=std,
        mean_theory=np.array([mean_theory(size, samples) for size in sizes], np.float32),
        variance_theory=squares**0.5,
        kurtosis=kurtosis.astype(np.float32),
    )


def _without_constants(centred: Tensor) -> Tensor:
    """Each unit's values in its standard deviations, (width, N); NaN where it has none."""
    std = centred.square().mean(1, keepdim=True).sqrt()
    return centred / torch.where(std > 0, std, torch.nan)


def _spreads(values: Tensor, batches: Tensor) -> NDArray[np.float64]:
    """Deviation over the batches of their mean, variance and standard deviation, (3, width)."""
    size = batches.shape[1]
    members = torch.zeros(len(batches), len(values), dtype=torch.float64)
    members.scatter_(1, batches, 1.0)
    mean = members @ values / size
    variance = (members @ values.square() / size - mean.square()).clamp(min=0)
    return np.stack([x.std(0).numpy() for x in (mean, variance, variance.sqrt())])


def mean_theory(size: int, samples: int) -> float:
    """std(mu_B) / s = sqrt((N - m) / (N - 1) / m), drawn without replacement; exact."""
    return float(np.sqrt((samples - size) / (samples - 1) / size))


def variance_theory(size: int, samples: int, kurtosis: NDArray[np.float64]) -> NDArray[np.float64]:
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


def one_sample(
    alone: Cohort, data: Dataset, number: int, among: Sequence[int] = SIZES
) -> SampleInBatches:
    """Put one test sample into many mini-batches of training samples, and see what it becomes.

    Its unit is the one of the first hidden layer in which it lies closest to one standard
    deviation from the mean: there, redrawing the mean and redrawing the deviation both show.
    """
    place = data.place_of(number)
    sample, label = torch.tensor(data.test_inputs[place]), int(data.test_labels[place])
    mates = torch.tensor(data.train_inputs)
    weight = alone.layers[0].weight[0].detach().double()
    mine, theirs = weight @ sample.double(), weight @ mates.T.double()
    mean, std = theirs.mean(1), theirs.std(1, correction=0)
    away = torch.nan_to_num(((mine - mean) / std).abs() - 1, nan=torch.inf, posinf=torch.inf)
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
        for part, drawing in _normalized(values, mean[unit], std[unit]).items():
            activation[part][row, :drawn] = drawing
        members = torch.cat([sample.expand(drawn, 1, -1), mates[batches]], dim=1)
        probability[row, :drawn] = _probability(alone, members, label)
    steady = float((mine[unit] - mean[unit]) / (std[unit] ** 2 + Options().epsilon) ** 0.5)
    with torch.no_grad():
        logits = alone.forward(sample[None, :, None], "inference")
    inference = float(logits.softmax(dim=1)[0, label, 0])
    return SampleInBatches(
        image=data.test_inputs[place] - data.train_inputs.min(0),
        label=label,
        unit=unit,
        sizes=np.array(sizes),
        activation=activation,
        probability=probability,
        steady=steady,
        inference=inference,
    )


def affordable_draws(weights: int, size: int) -> int:
    """Batches of this size in which one sample is looked at, by the weights of the network."""
    return int(np.clip(SAMPLE_WORK / (weights * size), FEWEST_DRAWS, SAMPLE_DRAWS))


def _normalized(values: Tensor, mean: Tensor, std: Tensor) -> dict[str, NDArray[np.float64]]:
    """The first value of each batch, normalized, (draws,), for each of PARTS.

    Both: (x - mu_B) / s_B; the mean alone: (x - mu_B) / s; the deviation alone: (x - mu) / s_B,
    with mu and s of the whole training set.
    """
    first, here = values[:, 0], values.mean(1)
    spread = (values.var(1, correction=0) + Options().epsilon).sqrt()
    steady = (std**2 + Options().epsilon).sqrt()
    parts = [(first - here) / spread, (first - here) / steady, (first - mean) / spread]
    return {name: part.numpy() for name, part in zip(PARTS, parts, strict=True)}


def _probability(alone: Cohort, batches: Tensor, label: int) -> NDArray[np.float32]:
    """Of this class, for the first of each batch; batches: (draws, m, features)."""
    draws, size, features = batches.shape
    before = alone.architecture
    alone.architecture = replace(before, options=replace(before.options, ghost_batch_size=size))
    try:
        with torch.no_grad():
            logits = alone.forward(batches.view(1, draws * size, features).transpose(1, 2), "batch")
    finally:
        alone.architecture = before
    probability: NDArray[np.float32] = logits[0, :, ::size].softmax(dim=0)[label].numpy()
    return probability
