"""Can the last layer still tell the images apart? Untrained networks, layer by layer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Annotated

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from bnviz.axes import BATCH, CENTRED, DIVIDED, LEVELS, PLAIN, TREATMENTS
from bnviz.engine.architecture import ACTIVATIONS
from bnviz.engine.batches import batch_order
from bnviz.engine.batchnorm import Options
from bnviz.engine.networks import Cohort
from bnviz.engine.threads import one_thread
from bnviz.experiments.bounds import SECONDS_PER_OPERATION, bounded
from bnviz.experiments.jobs import Job, Report, side_by_side, silent
from bnviz.experiments.result import Axes, Doubles, Levels, Result, Whole
from bnviz.experiments.settings import OTHERWISE, Depth, Settings, Skip, Steps
from bnviz.experiments.training import seeds_of

SHOWN = 30  # images of a mini-batch in the picture, at most
DOUBLE = 8  # bytes of a number
SECONDS_PER_ROOT = 2e-9  # of the eigenvalues of a matrix: times the cube of its size
SECONDS_PER_VALUE = 4e-8  # that a layer hands on in 64 bits, compared with the others
SECONDS_PER_LAYER = 5e-4
SECONDS_PER_WEIGHT = 6e-8  # that is put into 64 bits

PARTS = {PLAIN: (False, False), BATCH: (True, True), CENTRED: (True, False), DIVIDED: (False, True)}
"""Row -> whether the mean is subtracted, and whether the standard deviation divides."""


class CollapseConfig(Settings):
    """The shared settings of a network that is shallow to begin with."""

    depth: Depth = 4
    skip: Skip = "off"
    steps: Steps = 200

    def work(self) -> float:
        """Four passes through the layers; in two of them, how many directions are left."""
        images, cost = self.in_batch(), self.cost()
        roots = len(TREATMENTS) * SECONDS_PER_ROOT * min(self.width, images) ** 3
        values = len(PARTS) * SECONDS_PER_VALUE * self.width * images
        product = SECONDS_PER_WEIGHT + 4 * SECONDS_PER_OPERATION * images
        products = len(PARTS) * product * cost.weights
        layers = self.depth * (len(PARTS) * SECONDS_PER_LAYER + self.seeds * (values + roots))
        return cost.start(self.seeds) + layers + self.seeds * products

    def held(self) -> float:
        """A layer's weights in 64 bits, and its values some times over."""
        widest = max(self.width, self.data().features)
        return DOUBLE * self.seeds * widest * (6 * self.in_batch() + 2 * widest)

    def kept(self) -> float:
        """The weights, and the cosines of the picture."""
        return 1.5 * self.cost().parameters(self.seeds) + 2 * self.depth * SHOWN**2 + 2 * OTHERWISE

    def shortened(self) -> CollapseConfig:
        """These settings: steps cost nothing here."""
        return self


PART_NAMES = ("plain", "BN", "mean subtracted", "deviation divided")


@dataclass(frozen=True, kw_only=True, repr=False)
class CollapseResult(Result):
    """Layer 0 is the images themselves. NaN: no two images leave anything in that layer."""

    config: CollapseConfig
    steps: Annotated[Whole, Axes("step", "those of the clock: layer 0 … depth")]
    cosine: Annotated[
        Doubles, Axes("treatment=PART_NAMES seed layer=steps", "mean over all pairs of images")
    ]
    rank: Annotated[
        Doubles, Axes("treatment seed layer=steps", "effective rank of (images, units), 1 … images")
    ]
    matrix: Annotated[
        Levels,
        Axes("treatment layer image other", "first seed: cosine -1 … 1 as 0 … LEVELS", drawn=True),
    ]
    labels: Annotated[Whole, Axes("image", "classes of these images, in order", drawn=True)]


def propagate(
    weights: list[Tensor],
    images: Tensor,
    activation: str,
    *,
    centred: bool,
    divided: bool,
    skip: bool = False,
) -> Iterator[Tensor]:
    """The outputs of each hidden layer, (R, units, images), at the start of training.

    weights: (R, out, in) each; images: (R, features, images), whose precision all is computed in:
    in 64 bits even weak signals keep their direction. Between a layer's products and its
    activation, the mean over the mini-batch is subtracted (`centred`), or the standard deviation
    divides (`divided`); both together are BN as it starts, with γ = 1 and β = 0.
    """
    h = images
    for place, weight in enumerate(weights):
        z = torch.bmm(weight.to(h.dtype), h)
        middle = z.mean(2, keepdim=True)
        spread = ((z - middle).square().mean(2, keepdim=True) + Options().epsilon).sqrt()
        z = (z - middle if centred else z) / (spread if divided else 1.0)
        out = ACTIVATIONS[activation](z)
        h = out + h if skip and place else out
        yield h


def mean_cosine(h: Tensor) -> Tensor:
    """The mean over all pairs of images of cos = h_i · h_j / (‖h_i‖ ‖h_j‖), (R,).

    h: (R, units, images). With unit vectors u it is (‖Σ u‖² − n) / (n (n − 1)): no n x n matrix.
    Images without any output have no direction and are left out; NaN: fewer than two have one.
    """
    directions, some = _directions(h)
    n = some.sum(1).to(h.dtype)
    total = directions.sum(2).square().sum(1)
    return torch.where(n > 1, (total - n) / (n * (n - 1)).clamp_min(1), torch.nan)


def effective_rank(h: Tensor) -> Tensor:
    """exp(−Σ p log p), p the squared singular values of h (R, units, images), to sum 1; (R,).

    How many directions the outputs of the images take, if each counts by its share: 1 where all
    outputs are multiples of one vector. NaN: there are no outputs.
    Source: Roy & Vetterli 2007, with squared singular values.
    """
    scaled = _of_usual_size(h)
    tall = h.shape[1] > h.shape[2]
    gram = scaled.mT @ scaled if tall else scaled @ scaled.mT
    share = torch.linalg.eigvalsh(gram).clamp_min(0)  # the squared singular values
    share = share / share.sum(1, keepdim=True)
    return torch.exp(torch.special.entr(share).sum(1))


def _directions(h: Tensor) -> tuple[Tensor, Tensor]:
    """Each image's outputs at length 1, (R, units, images), and whether it has any, (R, images)."""
    scaled = _of_usual_size(h)
    length = torch.linalg.vector_norm(scaled, dim=1, keepdim=True)
    some = length > 0
    return torch.where(some, scaled / torch.where(some, length, 1.0), 0.0), some[:, 0]


def _of_usual_size(h: Tensor) -> Tensor:
    """Each replica's outputs with 1 as the largest, so that no square is rounded to zero."""
    largest = h.abs().amax((1, 2), keepdim=True)
    return h / torch.where(largest > 0, largest, 1.0)


@bounded
def run(config: CollapseConfig, report: Report = silent, workers: int = 2) -> CollapseResult:
    """Send one mini-batch through untrained networks. The same config gives the same bits."""
    images, labels = first_batches(config)
    order = torch.argsort(labels[0][:SHOWN], stable=True)
    weights = _weights(config)
    jobs = {str(part): _passing(config, weights, images, order, part) for part in PARTS}
    done = side_by_side(jobs, config.depth, report, workers)
    cosine, rank, matrix = zip(*(done[str(part)] for part in PARTS), strict=True)
    return CollapseResult(
        config=config,
        steps=np.arange(config.depth + 1),
        cosine=np.stack(cosine),
        rank=np.stack(rank[: len(TREATMENTS)]),
        matrix=np.stack(matrix[: len(TREATMENTS)]),
        labels=labels[0][order].numpy(),
    )


def first_batches(config: CollapseConfig) -> tuple[Tensor, Tensor]:
    """Each seed's first mini-batch in 64 bits, (R, features, images), and its classes."""
    data, seeds = config.data(), seeds_of(config)
    classes = torch.tensor(data.train_labels)
    chosen = batch_order(seeds, classes, config.plan(len(seeds))).at(0)
    return torch.tensor(data.train_inputs).double()[chosen].mT, classes[chosen]


def _weights(config: CollapseConfig) -> list[Tensor]:
    """Those with which the hidden layers start in every lesson, (R, out, in) each."""
    seeds = seeds_of(config)
    cohort = Cohort(config.architecture(), seeds, [config.gain] * len(seeds))
    return [layer.weight.detach() for layer in cohort.layers[:-1]]


Passed = tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.uint8]]


def _passing(
    config: CollapseConfig, weights: list[Tensor], images: Tensor, order: Tensor, part: int
) -> Job[Passed]:
    """A job that measures every layer of one kind of network."""
    centred, divided = PARTS[part]

    def job(progress: Callable[[int], None]) -> Passed:
        cosine, rank, matrix = [], [], []
        with one_thread(), torch.no_grad():
            layers = propagate(
                weights, images, config.activation,
                centred=centred, divided=divided, skip=config.skip == "on",
            )  # fmt: skip
            for layer, h in enumerate(chain([images], layers)):
                cosine.append(mean_cosine(h))
                if centred == divided:  # plain, or BN
                    rank.append(effective_rank(h))
                    matrix.append(_cells(h[0][:, order]))
                progress(layer)
        measured = [torch.stack(one, 1).numpy() for one in (cosine, rank or cosine)]
        return measured[0], measured[1], np.stack(matrix or [np.zeros(0, np.uint8)])

    return job


def _cells(h: Tensor) -> NDArray[np.uint8]:
    """The cosine of every image with every other, (S, S), as a byte; 0 where one has no output."""
    directions = _directions(h[None])[0][0]
    shares = (1 + directions.T @ directions) / 2
    cells: NDArray[np.uint8] = (LEVELS * shares.clamp(0, 1)).round().to(torch.uint8).numpy()
    return cells
