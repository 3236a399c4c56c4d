"""The statistics BN uses in inference: running averages, precise ones, and what they predict.

Statistics of all hidden layers of a cohort are one tensor (2, R, depth, width): means, then
variances.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn

from bnviz.engine.batchnorm import Mode, RunningStatistics
from bnviz.engine.networks import Cohort, Intermediates
from bnviz.engine.training import Probe, Snapshot

MODULES: dict[str, Callable[[], nn.Module]] = {
    "relu": nn.ReLU,
    "leaky relu": nn.LeakyReLU,
    "gelu": nn.GELU,
    "tanh": nn.Tanh,
    "sigmoid": nn.Sigmoid,
    "identity": nn.Identity,
}


def of_buffers(cohort: Cohort) -> Tensor:
    """The running statistics a cohort holds, (2, R, depth, width).

    With Options(momentum=1) they are those of the last mini-batch: its mean and its unbiased
    variance, for PyTorch's running_var averages the unbiased one.
    """
    held = [layer.running for layer in cohort.layers if layer.running is not None]
    rows = [[one.mean for one in held], [one.variance for one in held]]
    return torch.stack(
        [torch.stack([v.view(cohort.replicas, -1) for v in row], dim=1) for row in rows]
    )


@contextmanager
def normalizing_with(cohort: Cohort, statistics: Tensor) -> Iterator[None]:
    """Inside, inference uses these statistics, (2, R, depth, width); afterwards its own again."""
    layers = [layer for layer in cohort.layers if layer.running is not None]
    before = [layer.running for layer in layers]
    try:
        for place, layer in enumerate(layers):
            mean, variance = (part[:, place].reshape(-1) for part in statistics)
            layer.running = RunningStatistics(mean, variance)
        yield
    finally:
        for layer, own in zip(layers, before, strict=True):
            layer.running = own


@contextmanager
def _in_chunks(cohort: Cohort, ghost_batch_size: int) -> Iterator[None]:
    """Inside, so many samples are a mini-batch of their own."""
    before = cohort.architecture
    cohort.architecture = replace(
        before, options=replace(before.options, ghost_batch_size=ghost_batch_size)
    )
    try:
        yield
    finally:
        cohort.architecture = before


def predicted(cohort: Cohort, inputs: Tensor, statistics: Tensor) -> Tensor:
    """The outputs in inference mode with these statistics, (R, classes, samples).

    inputs: (samples, features); statistics: (2, R, depth, width).
    """
    with torch.no_grad(), normalizing_with(cohort, statistics):
        return cohort.forward(_shared(cohort, inputs), "inference")


def predicted_in_batches(cohort: Cohort, inputs: Tensor, size: int) -> Tensor:
    """The outputs in training mode, in batches of `size`, (R, classes, samples).

    The samples, (samples, features), are taken in their order. Where they do not fill the last
    batch, the first of them fill it up; no batch is larger than all of them together.
    """
    samples = len(inputs)
    size = min(size, samples)
    filled = torch.arange(-(-samples // size) * size) % samples
    with torch.no_grad(), _in_chunks(cohort, size):
        return cohort.forward(_shared(cohort, inputs[filled]), "batch")[:, :, :samples]


def _shared(cohort: Cohort, inputs: Tensor) -> Tensor:
    return inputs.T.expand(cohort.replicas, inputs.shape[1], inputs.shape[0])


class _Moments(list[Tensor]):
    """Takes the values of each layer and keeps their mean and variance alone, (R, width)."""

    def append(self, values: Tensor) -> None:
        centre = values.mean(2, keepdim=True)
        super().append(centre[:, :, 0])
        super().append((values - centre).square_().mean(2))


class _Nothing(list[Tensor | None]):
    """Takes values and lets them go."""

    def append(self, values: Tensor | None) -> None:
        pass


def precise(cohort: Cohort, inputs: Tensor, size: int) -> Tensor:
    """Precise BN: mu = E[mu_B], var = E[mu_B^2 + v_B] - E[mu_B]^2 (Wu & Johnson 2021).

    Over the mini-batches of `size` that the samples (samples, features) make in their order, with
    the weights of now; a last one that is not full is left out. v_B is biased. Together the two
    lines are the mean and the variance of all values of a layer, as they are while each
    mini-batch is normalized by itself: that is what is computed. Returns (2, R, depth, width).
    """
    size = min(size, len(inputs))
    whole = inputs[: len(inputs) // size * size]
    moments = _Moments()
    intermediates = Intermediates(True, moments, _Nothing(), _Nothing(), _Nothing())  # type: ignore[arg-type]
    with torch.no_grad(), _in_chunks(cohort, size):
        cohort.forward(_shared(cohort, whole), "batch", intermediates)
    hidden = moments[: 2 * (len(cohort.layers) - 1)]
    return torch.stack([torch.stack(hidden[0::2], dim=1), torch.stack(hidden[1::2], dim=1)])


@dataclass
class Averages:
    """Running averages of the same mini-batches, with several momenta at once.

    r <- r + momentum (batch - r), from mean 0 and variance 1, as torch.nn.BatchNorm1d does:
    its momentum is the weight of the NEW value. None, as there: all mini-batches weigh the same,
    momentum = 1 / (mini-batches so far). Momentum does not touch the training, so one training
    serves all.
    """

    momenta: tuple[float | None, ...]  # (M,)
    values: Tensor  # (M, 2, R, depth, width)
    taken: int = 0

    @classmethod
    def started(
        cls, momenta: Sequence[float | None], replicas: int, depth: int, width: int
    ) -> Averages:
        values = torch.zeros(len(momenta), 2, replicas, depth, width)
        values[:, 1] = 1.0
        return cls(tuple(momenta), values)

    def take(self, batch: Tensor, kept: Sequence[int]) -> None:
        """Add the statistics of one mini-batch, (2, kept, depth, width), of these replicas.

        All replicas take part from the start; one that is left out once is left out for good.
        """
        self.taken += 1
        weights = [1 / self.taken if m is None else m for m in self.momenta]
        weight = torch.tensor(weights, dtype=self.values.dtype).view(-1, 1, 1, 1, 1)
        if len(kept) == self.values.shape[2]:
            self.values.lerp_(batch.expand_as(self.values), weight)
        else:
            mine = self.values[:, :, kept]
            self.values[:, :, kept] = mine + weight * (batch - mine)


def following(averages: Averages, look: Callable[[Snapshot, Tensor], None], last: int) -> Probe:
    """A probe for every step from 0 to `last`, for a cohort with Options(momentum=1).

    `look(moment, batch)` sees the averages of all mini-batches before this one, as code in
    PyTorch would after that many updates, and this mini-batch's own statistics.
    """

    def probe(snapshot: Snapshot) -> Mapping[str, Tensor]:
        with snapshot.after_batch():
            batch = of_buffers(snapshot.cohort)
        look(snapshot, batch)
        if snapshot.step < last:
            averages.take(batch, snapshot.kept)
        return {}

    return probe


class LeftInInference(Cohort):
    """A cohort whose model.train() was forgotten: in inference mode from step `since` on, for good.

    From then on each training pass uses the running statistics, as numbers that do not depend on
    the mini-batch, and no longer updates them.
    """

    since = 0
    passes = 0

    def forward(
        self, inputs: Tensor, mode: Mode, intermediates: Intermediates | None = None
    ) -> Tensor:
        if mode == "train":
            self.passes += 1
            mode = "train" if self.passes <= self.since else "inference"
        return super().forward(inputs, mode, intermediates)

    def select(self, keep: Sequence[int], parameters: Sequence[Tensor] | None = None) -> Cohort:
        part = super().select(keep, parameters)
        part.__class__ = LeftInInference
        assert isinstance(part, LeftInInference)
        part.since, part.passes = self.since, self.passes
        return part


def as_modules(cohort: Cohort, statistics: Tensor, momentum: float | None) -> nn.Sequential:
    """The one replica of a cohort, BN before the activation, as ordinary torch.nn modules."""
    modules: list[nn.Module] = []
    for place, layer in enumerate(cohort.layers):
        outputs, inputs = layer.weight.shape[1:]
        kind = layer.weight.dtype
        linear = nn.Linear(inputs, outputs, bias=layer.bias is not None, dtype=kind)
        with torch.no_grad():
            linear.weight.copy_(layer.weight[0])
            if layer.bias is not None:
                linear.bias.copy_(layer.bias[0, :, 0])
        modules.append(linear)
        if layer.gamma is not None and layer.beta is not None:
            epsilon = cohort.architecture.options.epsilon
            norm = nn.BatchNorm1d(outputs, epsilon, momentum, dtype=kind)
            with torch.no_grad():
                norm.weight.copy_(layer.gamma)
                norm.bias.copy_(layer.beta)
                assert norm.running_mean is not None
                assert norm.running_var is not None
                norm.running_mean.copy_(statistics[0, 0, place])
                norm.running_var.copy_(statistics[1, 0, place])
            modules += [norm, MODULES[cohort.architecture.activation]()]
    return nn.Sequential(*modules)
