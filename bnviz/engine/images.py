"""A small convolutional network, and what its layers may do to keep their values in range.

Images have channels and space, which instance and group normalization need. Values here have the
shape (samples, R * channels, height, width): the channels of all replicas stand side by side, and
a grouped convolution keeps them apart.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from bnviz.engine.data import Array, Dataset, load
from bnviz.engine.networks import ACTIVATIONS, Architecture, Cohort, Layer, Trace
from bnviz.engine.normalization import (
    Mode,
    Options,
    Running,
    batch_norm,
    batch_renorm,
    shares_of,
    take_in,
)

SIDE = 8  # pixels of an image, each way
HALF = SIDE // 2  # pixels, each way, that are left behind the first convolution
SIDES = (1, 2, HALF)  # of the images that all later convolutions see
KERNEL = 3  # of a convolution, each way; on a single pixel, 1
REACH = 2.2  # of the drawn plane, from its middle, in deviations of the training points
SPOT = 0.35  # the radius of a drawn point, in the same unit


def as_images(data: Dataset) -> Dataset:
    """The data as images of SIDE x SIDE pixels, standardized like all data.

    Digits are images already. A point of the plane is drawn as a soft spot at its place:
    exp(-distance² / (2 SPOT²)) in each pixel.
    """
    if data.features == SIDE * SIDE:
        return data
    train, test = _drawn(data.train_inputs), _drawn(data.test_inputs)
    mean = train.mean(axis=0)
    deviation = (train - mean).std()
    scaled = [((images - mean) / deviation).astype(np.float32) for images in (train, test)]
    return replace(data, train_inputs=scaled[0], test_inputs=scaled[1])


@cache
def images(name: str) -> Dataset:
    """The data set of this name as images. Raises ValueError for an unknown name."""
    data = as_images(load(name))
    for array in (data.train_inputs, data.test_inputs):
        array.flags.writeable = False  # shared by every run of the process
    return data


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

    Each computes activation(normalize(conv(h))), or activation(conv(h) + b) without normalization.
    After the first, the mean over squares of 2 x 2 makes the images half as large; then squares
    of pixels are folded into channels until `side` x `side` are left: less space, and nothing
    lost (torch's pixel_unshuffle). On a single pixel a convolution is 1 x 1. What else a fully
    connected Architecture can vary is not for this one: ValueError.
    """

    side: int = HALF  # pixels of the images that all later convolutions see, each way

    def __post_init__(self) -> None:
        super().__post_init__()
        as_it_is = self.placement == "before" and self.bias_before == "dropped"
        if not as_it_is or self.skip or self.dropout or self.noise_after or self.normalize_inputs:
            raise ValueError("placement, bias, skip, dropout and noise are not for convolutions")
        if self.side not in SIDES:
            raise ValueError(f"side is {self.side}; it must be one of {SIDES}")
        if self.inputs != SIDE * SIDE:
            raise ValueError(f"inputs is {self.inputs}; an image has {SIDE * SIDE} pixels")

    def normalizers(self) -> Iterable[str]:
        """The names of those this network can have."""
        return ("none", *IMAGE_NORMALIZERS)

    def sizes(self) -> list[tuple[int, int]]:
        """(inputs, outputs) of every layer at one place of the image, the output layer last."""
        folded = (HALF // self.side) ** 2
        into = [1, folded * self.width, *[self.width] * (self.depth - 1)]
        hidden = [
            (channels * self.kernel(index) ** 2, self.width)
            for index, channels in enumerate(into[: self.depth], start=1)
        ]
        return [*hidden, (into[self.depth] * self.side**2, self.outputs)]

    def kernel(self, layer: int) -> int:
        """The size, each way, of the kernel of a convolution, from 1."""
        return 1 if layer > 1 and self.side == 1 else KERNEL

    def initial_deviation(self, inputs: int, outputs: int) -> float:
        """Glorot counts, as torch.nn.init does, the places that an output of a kernel reaches."""
        last = (inputs, outputs) == self.sizes()[-1]
        around = 1 if last else (KERNEL if inputs == KERNEL**2 else self.kernel(2)) ** 2
        return super().initial_deviation(inputs, outputs * around)


class ConvolutionalCohort(Cohort):
    """R replicas of one convolutional network, trained together like any other Cohort.

    Inputs are (R, pixels, samples). A layer's weights are (R, channels, channels before * 9).
    """

    mixed = 3  # kinds of statistics in switchable normalization: instance, layer, batch

    @property
    def network(self) -> ConvolutionalArchitecture:
        """The architecture."""
        assert isinstance(self.architecture, ConvolutionalArchitecture)
        return self.architecture

    def forward(self, inputs: Tensor, mode: Mode, trace: Trace | None = None) -> Tensor:
        """The outputs before the softmax, (R, classes, samples), for inputs (R, pixels, samples).

        A trace holds (samples, R * channels, height, width) for each convolution.
        """
        samples = inputs.shape[2]
        h = inputs.permute(2, 0, 1).reshape(samples, self.replicas, SIDE, SIDE)
        for index, layer in enumerate(self.layers[:-1], start=1):
            h = self._convolved(index, layer, h, mode, trace)
            if index == 1:
                h = F.avg_pool2d(h, SIDE // HALF)
                h = (
                    h
                    if self.network.side == HALF
                    else F.pixel_unshuffle(h, HALF // self.network.side)
                )
        flat = h.reshape(samples, self.replicas, -1).permute(1, 2, 0)
        last = self.layers[-1]
        assert last.bias is not None
        z = torch.baddbmm(last.bias, last.weight, flat)
        if trace is not None:
            trace.pre_activations.append(z)
        return z

    def _convolved(
        self, index: int, layer: Layer, h: Tensor, mode: Mode, trace: Trace | None
    ) -> Tensor:
        z = self._weighted(index, layer, h)
        normalized = z if layer.running is None else self._normalized(layer, z, mode)
        # as one array: there are too few numbers to a sample to go through them one by one
        activated = ACTIVATIONS[self.architecture.activation](normalized[None])[0]
        if trace is not None and trace.inner:
            trace.pre_activations.append(z)
            trace.normalized.append(None if layer.running is None else normalized)
            trace.activated.append(activated)
            trace.outputs.append(activated)
        return activated

    def _weighted(self, index: int, layer: Layer, h: Tensor) -> Tensor:
        """The convolution, with its bias if it has one."""
        replicas, size, side = self.replicas, self.network.kernel(index), h.shape[3]
        bias = None if layer.bias is None else layer.bias.view(-1)
        if index > 1 and size > 1:
            kernel = layer.weight.view(-1, layer.weight.shape[2] // size**2, size, size)
            return F.conv2d(h, kernel, bias, padding=size // 2, groups=replicas)
        # a matrix product is quicker where a kernel has one place, or where no gradient goes on
        patches = F.unfold(h, size, padding=size // 2) if size > 1 else h.flatten(2)
        columns = patches.view(len(h), replicas, -1, side * side).permute(1, 2, 0, 3)
        z = torch.bmm(layer.weight, columns.reshape(replicas, layer.weight.shape[2], -1))
        z = z if layer.bias is None else z + layer.bias
        return z.view(-1, len(h), side, side).transpose(0, 1).contiguous()

    def _normalized(self, layer: Layer, z: Tensor, mode: Mode) -> Tensor:
        assert layer.gamma is not None
        assert layer.beta is not None
        assert layer.running is not None
        maps = Maps(z, self.replicas, layer.gamma, layer.beta, layer.running, layer.mix)
        return IMAGE_NORMALIZERS[self.architecture.normalizer](
            maps, mode, self.architecture.options
        )


@dataclass(frozen=True)
class Maps:
    """A layer's values before they are normalized, and what the layer has to normalize them."""

    values: Tensor  # (samples, R * channels, height, width)
    replicas: int
    gamma: Tensor  # (R * channels,)
    beta: Tensor  # (R * channels,)
    running: Running  # each (R * channels,)
    mix: Tensor | None = None  # (R * 6,) of switchable normalization


def batch_norm_of_maps(maps: Maps, mode: Mode, options: Options) -> Tensor:
    """Batch normalization: a channel's statistics are over samples and space.

    The same as torch.nn.BatchNorm2d.
    """
    seen, train = maps.running, mode == "train"
    samples, channels, *space = maps.values.shape
    if samples * math.prod(space) == 1:  # torch has no statistics of a single number
        alone = maps.values.view(maps.replicas, channels // maps.replicas, 1)
        y = batch_norm(alone, maps.gamma, maps.beta, seen, mode, options)
        return y.reshape(maps.values.shape)
    mean, variance = (None, None) if mode == "batch" else (seen.mean, seen.variance)
    return torch.batch_norm(
        maps.values,
        maps.gamma,
        maps.beta,
        mean,
        variance,
        mode != "inference",
        options.momentum if train else 0.0,
        options.epsilon,
        False,
    )


def renorm_of_maps(maps: Maps, mode: Mode, options: Options) -> Tensor:
    """Batch renormalization of a channel over samples and space (normalization.batch_renorm)."""
    samples, channels, *space = maps.values.shape
    rows = maps.values.transpose(0, 1).reshape(maps.replicas, channels // maps.replicas, -1)
    y = batch_renorm(rows, maps.gamma, maps.beta, maps.running, mode, options)
    return y.reshape(channels, samples, *space).transpose(0, 1)


def layer_norm_of_maps(maps: Maps, mode: Mode, options: Options) -> Tensor:
    """Layer normalization: statistics of a sample over all channels and space.

    gamma and beta are those of the channels, as in Wu & He 2018: group normalization with one
    group. (torch.nn.LayerNorm over channels and space has a gamma for each pixel instead.)
    """
    return _in_groups(maps, 1, options)


def group_norm_of_maps(maps: Maps, mode: Mode, options: Options) -> Tensor:
    """Group normalization: statistics of a sample over a group of channels and space.

    Raises ValueError where `options.groups` does not divide the channels.
    """
    channels = maps.values.shape[1] // maps.replicas
    if channels % options.groups:
        raise ValueError(f"groups is {options.groups}; it must divide the {channels} channels")
    return _in_groups(maps, options.groups, options)


def instance_norm_of_maps(maps: Maps, mode: Mode, options: Options) -> Tensor:
    """Instance normalization: statistics of one channel of one sample over space.

    (Ulyanov et al. 2016.) With gamma and beta, as torch.nn.InstanceNorm2d(affine=True).
    """
    return _in_groups(maps, maps.values.shape[1] // maps.replicas, options)


def _in_groups(maps: Maps, groups: int, options: Options) -> Tensor:
    # without the checks of torch.nn.functional, which refuses a single pixel of a single sample
    many = maps.replicas * groups
    return torch.group_norm(maps.values, many, maps.gamma, maps.beta, options.epsilon, False)


def switchable_norm_of_maps(maps: Maps, mode: Mode, options: Options) -> Tensor:
    """Switchable normalization (Luo et al. 2018): a learned mixture of three kinds of statistics.

    mu = sum_k w_k mu_k and v = sum_k w'_k v_k, k over instance, layer, batch; w and w' are
    softmaxes of the layer's six numbers `mix`, which begin equal. In inference, the batch's part
    comes from the running statistics.
    """
    x, replicas, running = maps.values, maps.replicas, maps.running
    samples, channels = x.shape[:2]
    rows, by_layer, by_batch = _three(maps, mode)
    if mode == "train":
        numbers = x.numel() // channels
        take_in(running, by_batch[0].flatten(), by_batch[1].flatten(), numbers, options.momentum)
    mean, variance = _mixed(maps, rows, by_layer, by_batch)
    scale = maps.gamma.view(1, replicas, -1) / (variance + options.epsilon).sqrt()
    shift = maps.beta.view(1, replicas, -1) - mean * scale
    across = (samples, channels, 1, 1)
    return x * scale.view(across) + shift.view(across)


Moments = tuple[Tensor, Tensor]
"""Mean and biased variance."""


def _three(maps: Maps, mode: Mode) -> tuple[Moments, Moments, Moments]:
    """Of each instance, layer and batch; (samples, R, channels), with 1 where they are shared."""
    samples = len(maps.values)
    mean, variance = _moments(maps.values)
    rows = mean.view(samples, maps.replicas, -1), variance.view(samples, maps.replicas, -1)
    if mode == "inference":
        seen = maps.running.mean, maps.running.variance
        return rows, _pooled(rows, 2), (seen[0].view_as(rows[0][:1]), seen[1].view_as(rows[0][:1]))
    return rows, _pooled(rows, 2), _pooled(rows, 0)


def _mixed(maps: Maps, *kinds: Moments) -> Moments:
    """The learned mixture of means, and that of variances."""
    mix = maps.values.new_zeros(6 * maps.replicas) if maps.mix is None else maps.mix
    shares = shares_of(mix, maps.replicas, len(kinds))
    mean, variance = (
        sum(
            (shares[None, :, which, kind, None] * one[which] for kind, one in enumerate(kinds)),
            start=maps.values.new_zeros(()),
        )
        for which in range(2)
    )
    return mean, variance


def _moments(values: Tensor) -> Moments:
    """Over space, (samples, R * channels)."""
    mean = values.mean((2, 3), keepdim=True)
    return mean.flatten(1), (values - mean).square().mean((2, 3))


def _pooled(parts: Moments, over: int) -> Moments:
    """Of many equally large parts together; the axis stays."""
    mean = parts[0].mean(over, keepdim=True)
    return mean, (parts[1] + (parts[0] - mean).square()).mean(over, keepdim=True)


def statistics_of(maps: Maps, normalizer: str, options: Options) -> Moments:
    """The mean that is subtracted and the variance that is divided by, in mode "batch".

    y = gamma (x - mean) / sqrt(variance + eps) + beta with them, for every normalizer. Batch
    renormalization's are those of the mini-batch, moved by r and d: the running statistics where
    nothing is clipped. Each (samples, R, channels).
    """
    rows, by_layer, by_batch = _three(maps, "batch")
    if normalizer == "group":
        parts = tuple(one.unflatten(2, (options.groups, -1)) for one in rows)
        size = rows[0].shape[2] // options.groups
        mean, variance = (
            one.expand(-1, -1, -1, size).flatten(2) for one in _pooled((parts[0], parts[1]), 3)
        )
    elif normalizer == "switchable":
        mean, variance = _mixed(maps, rows, by_layer, by_batch)
    elif normalizer == "renorm":
        mean, variance = _renormalized(maps, by_batch, options)
    else:
        mean, variance = {"instance": rows, "layer": by_layer, "batch": by_batch}[normalizer]
    return mean.expand_as(rows[0]), variance.expand_as(rows[0])


def _renormalized(maps: Maps, by_batch: Moments, options: Options) -> Moments:
    """(x - mu_B) / s_B * r + d = (x - mean) / s: what r and d make of the mini-batch's."""
    rmax, dmax = options.bounds(maps.running.updates)
    mean, epsilon = by_batch[0], options.epsilon
    of_batch = (by_batch[1] + epsilon).sqrt()
    old = (maps.running.variance + epsilon).sqrt().view_as(mean)
    r = (of_batch / old).clamp(1 / rmax, rmax)
    d = ((mean - maps.running.mean.view_as(mean)) / old).clamp(-dmax, dmax)
    deviation = of_batch / r
    return mean - d * deviation, deviation.square() - epsilon


IMAGE_NORMALIZERS: dict[str, Callable[[Maps, Mode, Options], Tensor]] = {
    "batch": batch_norm_of_maps,
    "renorm": renorm_of_maps,
    "layer": layer_norm_of_maps,
    "instance": instance_norm_of_maps,
    "group": group_norm_of_maps,
    "switchable": switchable_norm_of_maps,
}
"""What a convolution's output may go through, by name."""
