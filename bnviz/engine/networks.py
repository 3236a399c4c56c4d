"""The Cohort: R replicas of one architecture that are trained as one computation.

Values are kept as (R, features, batch): a layer is one batched matrix product W h, with W of
shape (R, out, in). Layers are counted from 1; the output layer is depth + 1.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor

from bnviz.engine.architecture import (
    ACTIVATIONS,
    CHOSEN,
    OF_THE_SUM,
    OVERWRITING,
    Architecture,
)
from bnviz.engine.batchnorm import Mode, Seen, batch_norm, take_in_all
from bnviz.engine.checkpoint import checkpoint
from bnviz.engine.layers import Layer, LayerTensors, by_replica, chosen_replicas, unused
from bnviz.engine.normalization import NORMALIZERS, SHIFTLESS, standardized


@dataclass
class Intermediates:
    """What each layer computed in one forward pass, in order; each (R, features, batch).

    Without `inner`, the values before the activation are not kept: the pass is then faster,
    because the activation may write over them.
    """

    inner: bool = True
    pre_activations: list[Tensor] = field(default_factory=list)  # W h + b, the output layer last
    normalized: list[Tensor | None] = field(default_factory=list)  # hidden layers; None: plain,
    # or normalized before the branch only, where the layer hands on what is not normalized
    activated: list[Tensor] = field(default_factory=list)  # what the activation function gave
    outputs: list[Tensor] = field(default_factory=list)  # what a hidden layer hands on


@dataclass(frozen=True)
class RunningState:
    """The running statistics of all layers of a cohort, as they were at one moment."""

    values: list[Tensor]
    updates: list[int]


class Cohort:
    """R replicas of one architecture: seeds, learning rates, gains, whatever a question varies.

    Replica r starts from seed `seeds[r]` with all its weights multiplied by `gains[r]`; its
    biases start at 0, its gammas at 1 (Architecture.first_gamma), its betas at 0, the slopes of
    dynamic tanh at 0.5. The weights
    depend on the seed, the sizes and the initialization alone, so two cohorts that differ in their
    normalization start from the same weights. Nothing mixes replicas: each computes, to the bit,
    what it would compute alone (the one exception, a batch of a single row, is in the tests).

    gains: one a replica; None: 1. dtype: of parameters, running statistics and inputs.
    Raises ValueError where seeds and gains are not as many.
    """

    mixed_kinds = 2  # kinds of statistics in switchable normalization: layer, batch
    first_alpha = 0.5  # of dynamic tanh (Zhu et al. 2025)
    one_a_replica: ClassVar[tuple[str, ...]] = ("generators",)  # lists

    def __init__(
        self,
        architecture: Architecture,
        seeds: Sequence[int],
        gains: Sequence[float] | None = None,
        dtype: torch.dtype = torch.float32,
    ) -> None:
        if gains is not None and len(gains) != len(seeds):
            raise ValueError(f"{len(gains)} gains for {len(seeds)} seeds; one each")
        self.architecture = architecture
        self.generators = [torch.Generator().manual_seed(2 * seed + 1) for seed in seeds]
        draws = [torch.Generator().manual_seed(2 * seed) for seed in seeds]
        scale = torch.tensor(gains or [1.0] * len(seeds), dtype=torch.float64)[:, None, None]
        self.layers = [
            self._layer(index, shape, draws, scale, dtype)
            for index, shape in enumerate(architecture.sizes(), start=1)
        ]
        if architecture.trained == "random":
            self._choose_weights(draws)  # after all weights are drawn, which stay what they are
        self._require_gradients()
        self._join_statistics()

    def _layer(
        self,
        index: int,
        shape: tuple[int, int],
        draws: list[torch.Generator],
        scale: Tensor,
        dtype: torch.dtype,
    ) -> Layer:
        inputs, outputs = shape
        replicas, std = len(draws), self.architecture.initial_std(inputs, outputs)
        normal = [torch.randn(outputs, inputs, dtype=torch.float64, generator=g) for g in draws]
        layer = Layer((torch.stack(normal) * std * scale).to(dtype))
        normalized = self.architecture.is_normalized(index)
        kept = self.architecture.placement != "before" or self.architecture.bias_before == "kept"
        if not normalized or kept:
            layer.bias = torch.zeros(replicas, outputs, 1, dtype=dtype)
        if normalized:
            units = replicas * outputs
            start = self.architecture.first_gamma(index)
            layer.gamma = torch.full((units,), start, dtype=dtype)
            if self.architecture.normalizer not in SHIFTLESS:
                layer.beta = torch.zeros(units, dtype=dtype)
            layer.running = unused(units, dtype)
            if self.architecture.normalizer == "switchable":
                layer.importance_logits = torch.zeros(replicas * 2 * self.mixed_kinds, dtype=dtype)
            if self.architecture.normalizer == "dyt":
                layer.alpha = torch.full((replicas,), self.first_alpha, dtype=dtype)
        if index == 1 and self.architecture.normalize_inputs:
            layer.input_running = unused(replicas * inputs, dtype)
        layer.constant = self.architecture.constants(index)
        return layer

    def _choose_weights(self, draws: list[torch.Generator]) -> None:
        """Which single weights are trained: CHOSEN of those that lead into each hidden unit."""
        for layer in self.layers[:-1]:
            scores = [torch.rand(layer.weight.shape[1:], generator=g) for g in draws]
            chosen = torch.stack(scores).topk(min(CHOSEN, layer.weight.shape[2])).indices
            layer.trainable = torch.zeros_like(layer.weight).scatter_(2, chosen, 1.0)

    def _require_gradients(self) -> None:
        for parameter in self.parameters():
            parameter.requires_grad_(True)

    @property
    def replicas(self) -> int:
        return len(self.generators)

    def parameters(self) -> list[Tensor]:
        """All parameters, layer by layer; in each, replica comes after replica."""
        return [p for layer in self.layers for p in layer.parameters()]

    def by_layer(self, tensors: Sequence[Tensor]) -> list[LayerTensors]:
        """A list that pairs with `parameters()`, such as gradients, with each tensor in its place.

        Raises ValueError where it is longer or shorter.
        """
        if len(tensors) != (wanted := len(self.parameters())):
            raise ValueError(f"{len(tensors)} tensors for {wanted} parameters")
        remaining = iter(tensors)
        return [layer.trained().filled(remaining) for layer in self.layers]

    def buffers(self) -> list[Tensor]:
        """The running statistics, layer by layer; in each, replica comes after replica."""
        return [b for layer in self.layers for b in layer.buffers()]

    def _join_statistics(self) -> None:
        """Put the running statistics of BN side by side, in the order of computation."""
        self.waiting: list[Seen] = []
        self.statistics = torch.empty(2, 0)  # (2, units of all layers): means, variances
        held = [layer.input_running for layer in self.layers if layer.input_running is not None]
        if NORMALIZERS.get(self.architecture.normalizer) is batch_norm:
            held += [layer.running for layer in self.layers if layer.running is not None]
        if held:
            means, variances = [one.mean for one in held], [one.variance for one in held]
            self.statistics = torch.stack([torch.cat(means), torch.cat(variances)])
        parts = self.statistics.split([one.mean.numel() for one in held], dim=1)
        for one, part in zip(held, parts, strict=True):
            one.mean, one.variance = part
            one.waiting = self.waiting
        every = [one for layer in self.layers for one in layer.statistics()]
        alone = [t for one in every if one.waiting is None for t in (one.mean, one.variance)]
        self._stores = [self.statistics, *alone] if held else alone

    def running_state(self) -> RunningState:
        """A copy of all running statistics, to be put back by `set_running_state`."""
        return RunningState([store.clone() for store in self._stores], self._updates())

    def set_running_state(self, state: RunningState) -> None:
        """Bring the running statistics back to what they were; nothing else changes."""
        for store, value in zip(self._stores, state.values, strict=True):
            store.copy_(value)
        self._set_updates(state.updates)

    @contextmanager
    def having(self, state: RunningState) -> Iterator[None]:
        """Inside, the running statistics are these; afterwards, what they were before."""
        own = self.running_state()
        self.set_running_state(state)
        try:
            yield
        finally:
            self.set_running_state(own)

    def parameter_count(self) -> int:
        """Trainable numbers in one replica."""
        masks = self.masks()
        if masks:
            return round(sum(float(mask.sum()) for mask in masks)) // self.replicas
        return sum(p.numel() for p in self.parameters()) // self.replicas

    def masks(self) -> list[Tensor]:
        """Where only single numbers are trained: a list that pairs with `parameters()`, else empty.

        1 where a number is trained, 0 where it is a constant.
        """
        return [layer.trainable for layer in self.layers if layer.trainable is not None]

    def forward(
        self, inputs: Tensor, mode: Mode, intermediates: Intermediates | None = None
    ) -> Tensor:
        """The outputs before the softmax, (R, classes, batch), for inputs (R, features, batch).

        `mode` is the normalizers' (batchnorm.Mode): "train" updates the running statistics, and in
        it alone dropout and the noise after the normalization act. `intermediates` take every
        layer's values. Raises ValueError where a ghost batch does not divide the batch.
        """
        self.waiting.clear()
        h = self._normalized_inputs(inputs, mode)
        for index, layer in enumerate(self.layers[:-1], start=1):
            checkpoint()
            h = self._hidden(index, layer, h, mode, intermediates)
        last = len(self.layers)
        z = self._weighted(last, self.layers[-1], self._entering(last, h, mode))
        if self.waiting:
            take_in_all(self.statistics, self.waiting, self.architecture.options)
            self.waiting.clear()
        if intermediates is not None:
            intermediates.pre_activations.append(z)
        return z

    def _normalized_inputs(self, inputs: Tensor, mode: Mode) -> Tensor:
        running = self.layers[0].input_running
        if running is None:
            return inputs
        one, zero = torch.ones_like(running.mean), torch.zeros_like(running.mean)
        options = self.architecture.options
        # contiguous, because torch adds up another layout in another order
        return batch_norm(inputs.contiguous(), one, zero, running, mode, options).view(inputs.shape)

    def _hidden(
        self, index: int, layer: Layer, h: Tensor, mode: Mode, intermediates: Intermediates | None
    ) -> Tensor:
        name = self.architecture.activation
        kept = intermediates is not None and intermediates.inner
        activate = ACTIVATIONS[name] if kept else OVERWRITING.get(name, ACTIVATIONS[name])
        z = self._weighted(index, layer, self._entering(index, h, mode))
        if layer.running is None or self.architecture.placement in OF_THE_SUM:
            normalized, activated = None, activate(z)
            out = activated
        elif self.architecture.placement == "before":
            normalized = self._normalize(layer, z, mode)
            if name not in OVERWRITING:  # these go replica by replica
                normalized = normalized.view(z.shape)
            activated = activate(normalized)
            if activated.shape != z.shape:
                activated = activated.view(z.shape)
            out = activated
        else:
            activated = activate(z)
            normalized = out = self._normalize(layer, activated, mode).view(z.shape)
        if self.architecture.skip and index > 1:
            out = out + h
        if layer.running is not None and self.architecture.placement == "after the sum":
            normalized = out = self._normalize(layer, out, mode).view(z.shape)
        if self.architecture.dropout and mode == "train":
            keep = 1 - self.architecture.dropout
            out = out * (self._uniform(out) < keep) / keep
        if intermediates is not None:
            if intermediates.inner:
                intermediates.pre_activations.append(z)
                intermediates.normalized.append(
                    None if normalized is None else normalized.view(z.shape)
                )
            intermediates.activated.append(activated)
            intermediates.outputs.append(out)
        return out

    def _entering(self, index: int, h: Tensor, mode: Mode) -> Tensor:
        """What goes into the weights of a layer, from 1, of the sum h that the one before made."""
        if self.architecture.placement != "before the branch" or index == 1:
            return h
        before = self.layers[index - 2]
        return h if before.running is None else self._normalize(before, h, mode).view(h.shape)

    def _weighted(self, index: int, layer: Layer, h: Tensor) -> Tensor:
        """W h + b of a layer, from 1."""
        weight = layer.weight
        if self.architecture.standardize_weights and index < len(self.layers):
            std = self.architecture.initial_std(weight.shape[2], weight.shape[1])
            weight = standardized(weight, std, self.architecture.options.epsilon)
        if layer.bias is None:
            return torch.bmm(weight, h)
        return torch.baddbmm(layer.bias, weight, h)

    def _normalize(self, layer: Layer, x: Tensor, mode: Mode) -> Tensor:
        normalizer = NORMALIZERS[self.architecture.normalizer]
        assert normalizer is not None
        options = self.architecture.options
        y = normalizer(x, layer.gamma, layer.beta, layer.running, mode, options, *layer.extra())
        noisy = self.architecture.noise_after and mode == "train"
        return self._noisy(y.view(x.shape)) if noisy else y

    def _noisy(self, y: Tensor) -> Tensor:
        """a <- s a + m, drawn anew at each step (Santurkar et al. 2018, Alg. 1).

        Per unit mu ~ U(-0.5, 0.5) and sigma ~ U(1, 1.25); per unit and sample
        m ~ U(mu - 0.1, mu + 0.1) and s ~ N(sigma, 0.1).
        """
        unit = y[:, :, :1]
        mu, sigma = self._uniform(unit) - 0.5, 1 + 0.25 * self._uniform(unit)
        m = mu + 0.2 * self._uniform(y) - 0.1
        return y * (sigma + 0.1 * self._drawn(torch.randn, y)) + m

    def _uniform(self, like: Tensor) -> Tensor:
        return self._drawn(torch.rand, like)

    def _drawn(self, draw: Callable[..., Tensor], like: Tensor) -> Tensor:
        """Random numbers in the shape of `like`, each replica from its own generator."""
        shape, dtype = like.shape[1:], like.dtype
        return torch.stack([draw(shape, dtype=dtype, generator=g) for g in self.generators])

    def select(self, keep: Sequence[int], parameters: Sequence[Tensor] | None = None) -> Cohort:
        """A new cohort of copies of the replicas `keep`, in that order, generators included.

        A replica may be named more than once. Parameters of the copies require gradients. They are
        `parameters`, if given: those of the new cohort, as `parameters()` has them.
        """
        chosen = torch.tensor(list(keep), dtype=torch.long)
        given = dict(zip(map(id, self.parameters()), parameters or (), strict=False))

        def copy(tensor: Tensor) -> Tensor:
            if id(tensor) in given:
                return given[id(tensor)]
            return chosen_replicas(tensor.detach(), chosen, self.replicas)

        part = object.__new__(type(self))
        part.architecture = self.architecture
        part.generators = [self.generators[i].clone_state() for i in keep]
        part.layers = [layer.mapped(copy) for layer in self.layers]
        part._require_gradients()
        part._join_statistics()
        return part

    def paste(self, part: Cohort, into: Sequence[int]) -> None:
        """Copy the replicas of `part`, in order, over the replicas `into` of this cohort."""
        chosen = torch.tensor(list(into), dtype=torch.long)
        with torch.no_grad():
            mine = self.parameters() + self.buffers()
            for here, there in zip(mine, part.parameters() + part.buffers(), strict=True):
                by_replica(here, self.replicas)[chosen] = by_replica(there, part.replicas)
        self._set_updates(part._updates())
        for i, generator in zip(into, part.generators, strict=True):
            self.generators[i] = generator.clone_state()

    def _updates(self) -> list[int]:
        return [layer.running.updates for layer in self.layers if layer.running is not None]

    def _set_updates(self, updates: Sequence[int]) -> None:
        normalized = [layer.running for layer in self.layers if layer.running is not None]
        for running, count in zip(normalized, updates, strict=True):
            running.updates = count

    @contextmanager
    def untouched(self) -> Iterator[None]:
        """Whatever happens inside, parameters, running statistics and random state come back."""
        values = [t.detach().clone() for t in self.parameters() + self.buffers()]
        states, updates = [g.get_state() for g in self.generators], self._updates()
        try:
            yield
        finally:
            self._set_updates(updates)
            with torch.no_grad():
                for tensor, value in zip(self.parameters() + self.buffers(), values, strict=True):
                    tensor.copy_(value)
            for generator, state in zip(self.generators, states, strict=True):
                generator.set_state(state)


def losses(logits: Tensor, labels: Tensor) -> Tensor:
    """The mean cross entropy of each replica, (R,), in nats.

    logits: (R, classes, batch), before the softmax; labels: (R, batch), from 0.
    """
    return F.cross_entropy(logits, labels, reduction="none").mean(1)


def accuracies(logits: Tensor, labels: Tensor) -> Tensor:
    """The share of samples each replica gets right, (R,), from 0 to 1; arguments as in losses."""
    # max, because argmax takes seven times as long; both name the first of equals
    return (logits.max(1).indices == labels).to(logits.dtype).mean(1)
