"""A small convolutional network: images have channels and space, which instance norm needs.

Values are kept as everywhere, (R, features, batch), where the features are channels with the
pixels of their maps, row by row. So a convolution is a matrix product with patches, and what
normalization.py does to units it does to channels.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from itertools import groupby

import numpy as np
import torch
from torch import Tensor

from bnviz.engine.architecture import Architecture
from bnviz.engine.batchnorm import Mode, Moments, Options, RunningStatistics
from bnviz.engine.data import AT_HAND, Array, Dataset
from bnviz.engine.layers import Layer
from bnviz.engine.networks import Cohort
from bnviz.engine.normalization import NORMALIZERS, statistics_of

SIDE = 8  # pixels of an image, each way
HALF = SIDE // 2  # pixels, each way, that are left behind the first convolution
SIDES = (1, 2, HALF)  # of the images that all later convolutions see
KERNEL = 3  # of a convolution, each way; on a single pixel, 1
SEVERAL = "several"  # in place of a normalizer's name: each replica of a cohort has its own
KINDS = ("none", "batch", "renorm", "layer", "group", "instance", "switchable")
RUNNING = ("batch", "renorm", "switchable")  # keep running statistics
REACH = 2.2  # of the drawn plane, from its middle, in deviations of the training points
SPOT = 0.35  # the radius of a drawn point, in the same unit


def as_images(data: Dataset) -> Dataset:
    """The data as images of SIDE x SIDE pixels, standardized like all data.

    Digits are images already. A point of the plane is drawn as a soft spot at its place:
    exp(-distance² / (2 SPOT²)) in each pixel. Raises ValueError for a table.
    """
    if data.kind == "images":
        return data
    if data.kind != "points":
        raise ValueError(f"{data.name} is a {data.kind}, which has no neighbouring pixels")
    train, test = _drawn(data.train_inputs), _drawn(data.test_inputs)
    mean = train.mean(axis=0)
    std = (train - mean).std()
    scaled = [((images - mean) / std).astype(np.float32) for images in (train, test)]
    return replace(data, train_inputs=scaled[0], test_inputs=scaled[1])


@lru_cache(maxsize=AT_HAND)
def images(data: Dataset) -> Dataset:
    """`as_images`, kept for all who ask."""
    return as_images(data)


def _drawn(points: Array) -> Array:
    """(samples, 2) -> (samples, pixels), row by row from above."""
    places = np.linspace(-REACH, REACH, SIDE)
    across = np.exp(-((points[:, 0, None] - places) ** 2) / (2 * SPOT**2))
    down = np.exp(-((points[:, 1, None] - places[::-1]) ** 2) / (2 * SPOT**2))
    images: Array = (down[:, :, None] * across[:, None, :]).reshape(len(points), -1)
    return images


@dataclass(frozen=True)
class ConvolutionalArchitecture(Architecture):
    """`depth` convolutions of `width` channels, 3 x 3 with a border of zeros, and an output layer.

    Each computes activation(normalize(conv(h))), or activation(conv(h) + b) without normalization;
    which it is, each replica of a cohort says for itself. After the first, the mean over squares
    of 2 x 2 makes the images half as large; then squares of pixels are folded into channels until
    `side` x `side` are left: less space, and nothing lost (torch's pixel_unshuffle). On a single
    pixel a convolution is 1 x 1. What else a fully connected Architecture can vary is not for
    this one: ValueError.
    """

    normalizer: str = SEVERAL
    side: int = HALF  # pixels of the images that all later convolutions see, each way

    def __post_init__(self) -> None:
        super().__post_init__()
        as_it_is = self.placement == "before" and self.bias_before == "dropped"
        as_it_is = as_it_is and not self.standardize_weights
        if not as_it_is or self.skip or self.dropout or self.noise_after or self.normalize_inputs:
            raise ValueError("placement, bias, skip, dropout and noise are not for convolutions")
        if self.side not in SIDES:
            raise ValueError(f"side is {self.side}; it must be one of {SIDES}")
        if self.inputs != SIDE * SIDE:
            raise ValueError(f"inputs is {self.inputs}; an image has {SIDE * SIDE} pixels")

    def normalizers(self) -> Iterable[str]:
        """No name but this one: the cohort has a list of KINDS."""
        return (SEVERAL,)

    def sizes(self) -> list[tuple[int, int]]:
        """(inputs, outputs) of every layer at one place of the image, the output layer last."""
        folded = (HALF // self.side) ** 2
        into = [1, folded * self.width, *[self.width] * (self.depth - 1)]
        hidden = [
            (channels * self.kernel(index) ** 2, self.width)
            for index, channels in enumerate(into[: self.depth], start=1)
        ]
        return [*hidden, (into[self.depth] * self.side**2, self.outputs)]

    @property
    def widest(self) -> int:
        """Of the first convolution, whose image is still as large as it was."""
        return self.width * SIDE * SIDE

    def kernel(self, layer: int) -> int:
        """The size, each way, of the kernel of a convolution, from 1."""
        return 1 if layer > 1 and self.side == 1 else KERNEL

    def initial_std(self, inputs: int, outputs: int) -> float:
        """Glorot counts, as torch.nn.init does, the places that an output of a kernel reaches."""
        last = (inputs, outputs) == self.sizes()[-1]
        around = 1 if last else (KERNEL if inputs == KERNEL**2 else self.kernel(2)) ** 2
        return super().initial_std(inputs, outputs * around)


class ConvolutionalCohort(Cohort):
    """R replicas of one convolutional network, trained together like any other Cohort.

    `kinds` has one of KINDS for each replica: seven cohorts of one kind each would take several
    times as long. A plain replica has its bias in beta, and a gamma without effect. A layer's
    weights are (R, channels, channels before * places of the kernel).
    """

    mixed_kinds = 3  # kinds of statistics in switchable normalization: instance, layer, batch
    one_a_replica = ("generators", "kinds")

    def __init__(
        self,
        architecture: ConvolutionalArchitecture,
        kinds: Sequence[str],
        seeds: Sequence[int],
        gains: Sequence[float] | None = None,
        dtype: torch.dtype = torch.float32,
    ) -> None:
        if len(kinds) != len(seeds):
            raise ValueError(f"{len(kinds)} kinds for {len(seeds)} seeds; one each")
        for kind in kinds:
            if kind not in KINDS:
                raise ValueError(f"kind is {kind!r}; it must be one of {', '.join(KINDS)}")
        self.kinds = list(kinds)
        super().__init__(architecture, seeds, gains, dtype)

    def _layer(
        self,
        index: int,
        shape: tuple[int, int],
        draws: list[torch.Generator],
        scale: Tensor,
        dtype: torch.dtype,
    ) -> Layer:
        layer = super()._layer(index, shape, draws, scale, dtype)
        if layer.running is not None and "switchable" in self.kinds:
            layer.importance_logits = torch.zeros(len(draws) * 2 * self.mixed_kinds, dtype=dtype)
        return layer

    def select(
        self, keep: Sequence[int], parameters: Sequence[Tensor] | None = None
    ) -> ConvolutionalCohort:
        """A new cohort of copies of the replicas `keep`, in that order, generators included."""
        part = super().select(keep, parameters)
        assert isinstance(part, ConvolutionalCohort)
        part.kinds = [self.kinds[place] for place in keep]
        return part

    @property
    def network(self) -> ConvolutionalArchitecture:
        """The architecture."""
        assert isinstance(self.architecture, ConvolutionalArchitecture)
        return self.architecture

    def first_maps(self, images: Tensor) -> tuple[Tensor, Moments]:
        """What the first convolution makes of images, and what is done to it, in mode "batch".

        images: (R, pixels, samples). Maps: (R, channels * pixels, samples), before they are
        normalized. Mean and variance: (R, channels, samples), see statistics_of; NaN for a plain
        replica.
        """
        layer, options = self.layers[0], self.architecture.options
        maps = self._weighted(1, layer, images)
        nothing = maps.new_full((1, self.architecture.width, images.shape[2]), torch.nan)
        seen = [
            (nothing.expand(len(part.x), -1, -1),) * 2
            if part.kind == "none"
            else statistics_of(part.kind, part.x, part.running, options, part.importance_logits)
            for part in self._parts(layer, maps)
        ]
        mean, variance = (torch.cat(ones) for ones in zip(*seen, strict=True))
        return maps, (mean, variance)

    def _weighted(self, index: int, layer: Layer, h: Tensor) -> Tensor:
        """A convolution, as a product of its weights with patches; or the output layer."""
        if index == 2:
            h = _smaller(h, self.network.side)
        if index == len(self.layers):
            return super()._weighted(index, layer, h)
        samples = h.shape[2]
        if self.network.kernel(index) > 1:
            shared = h.stride(0) == 0  # the test set is: its patches are cut once for all
            patches = _patches(h[:1] if shared else h, SIDE if index == 1 else self.network.side)
            h = patches.expand(self.replicas, -1, -1)
        columns = h.view(self.replicas, layer.weight.shape[2], -1)
        return super()._weighted(index, layer, columns).view(self.replicas, -1, samples)

    def _normalize(self, layer: Layer, x: Tensor, mode: Mode) -> Tensor:
        parts = list(self._parts(layer, x))
        y = torch.cat([part.normalized(mode, self.architecture.options) for part in parts])
        if mode == "train":
            _, running = _there(layer)
            running.mean.copy_(torch.cat([part.running.mean for part in parts]))
            running.variance.copy_(torch.cat([part.running.variance for part in parts]))
            running.updates = max(part.running.updates for part in parts)
        return y

    def _parts(self, layer: Layer, x: Tensor) -> Iterator[_Part]:
        """Neighbouring replicas of one kind, with what is theirs."""
        same = [(kind, len(list(them))) for kind, them in groupby(self.kinds)]
        gamma, running = _there(layer)
        mixes = gamma.new_empty(0) if layer.importance_logits is None else layer.importance_logits

        def split(whole: Tensor) -> Sequence[Tensor]:
            own = len(whole) // self.replicas
            return whole.split([own * many for _, many in same])

        for (kind, _), own, one, other, mean, variance, importance_logits in zip(
            same,
            x.split([many for _, many in same]),
            *map(split, (gamma, self._beta(layer), running.mean, running.variance, mixes)),
            strict=True,
        ):
            seen = RunningStatistics(mean, variance, running.updates)
            if kind in RUNNING:  # a copy: autograd would take its update for one of all parts
                seen = replace(seen, mean=mean.clone(), variance=variance.clone())
            yield _Part(
                kind=kind,
                x=own,
                gamma=one,
                beta=other,
                running=seen,
                importance_logits=importance_logits if kind == "switchable" else None,
            )

    def _beta(self, layer: Layer) -> Tensor:
        """beta, and zero times whatever has no effect here.

        A gradient is asked of every parameter, also where all that use it have diverged.
        """
        assert layer.beta is not None
        without_effect = [layer.gamma] if set(self.kinds) == {"none"} else []
        without_effect += [] if "switchable" in self.kinds else [layer.importance_logits]
        beta = layer.beta.view(self.replicas, -1)
        for one in without_effect:
            if one is not None:
                beta = beta + 0 * one.view(self.replicas, -1).sum(1, keepdim=True)
        return beta.flatten()


@dataclass(frozen=True)
class _Part:
    """What neighbouring replicas of one kind have in a layer."""

    kind: str
    x: Tensor  # (r, features, batch)
    gamma: Tensor  # (r * channels,)
    beta: Tensor  # (r * channels,)
    running: RunningStatistics  # each (r * channels,)
    importance_logits: Tensor | None  # (r * 6,)

    def normalized(self, mode: Mode, options: Options) -> Tensor:
        """(r, features, batch)."""
        normalizer = NORMALIZERS[self.kind] or _plain
        importance_logits = () if self.importance_logits is None else (self.importance_logits,)
        y = normalizer(
            self.x, self.gamma, self.beta, self.running, mode, options, *importance_logits
        )
        return y.view(self.x.shape)


def _there(layer: Layer) -> tuple[Tensor, RunningStatistics]:
    assert layer.gamma is not None
    assert layer.running is not None
    return layer.gamma, layer.running


def _plain(
    x: Tensor, gamma: Tensor, beta: Tensor, running: RunningStatistics, mode: Mode, options: Options
) -> Tensor:
    """x + beta, in the form of a normalizer: an ordinary bias."""
    replicas = len(x)
    return x.view(replicas, gamma.numel() // replicas, -1) + beta.view(replicas, -1, 1)


def _smaller(h: Tensor, side: int) -> Tensor:
    """The mean over squares of 2 x 2, then squares of pixels as channels; (R, features, samples).

    As torch.nn.functional.avg_pool2d and pixel_unshuffle, in a tenth of their time.
    """
    replicas, _, samples = h.shape
    above, below = h.reshape(-1, 2, SIDE * samples).unbind(1)
    left, right = (above + below).view(-1, 2, samples).unbind(1)
    halved = (left + right) / 4
    fold = HALF // side
    squares = halved.view(replicas, -1, side, fold, side, fold, samples)
    return squares.permute(0, 1, 3, 5, 2, 4, 6).reshape(replicas, -1, samples)


def _patches(h: Tensor, side: int) -> Tensor:
    """What each place of a kernel sees at each pixel: (R, channels * 9 * pixels, samples)."""
    replicas, _, samples = h.shape
    maps = h.unflatten(1, (-1, side * side))
    border = maps.new_zeros(()).expand(replicas, maps.shape[1], 1, samples)
    return torch.cat([maps, border], 2).index_select(2, _places(side)).flatten(1, 2)


@cache
def _places(side: int) -> Tensor:
    """The pixel that is at each place of a kernel, at each pixel, (9 * pixels,).

    Outside of the image: the number that no pixel has.
    """
    numbers = np.full((side + 2, side + 2), side * side)
    numbers[1:-1, 1:-1] = np.arange(side * side).reshape(side, side)
    seen = [
        numbers[down : down + side, across : across + side].ravel()
        for down in range(KERNEL)
        for across in range(KERNEL)
    ]
    return torch.tensor(np.concatenate(seen))
