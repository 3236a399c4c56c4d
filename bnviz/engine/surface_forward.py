"""The forward pass at many points of a plane together: what `surface` spends its time in.

The same function as Cohort.forward, for one replica and without a gradient, with fewer looks at
large arrays: what multiplies a unit, or is added to it, is folded into the weights on either side.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from bnviz.engine.architecture import ACTIVATIONS, OVERWRITING
from bnviz.engine.checkpoint import checkpoint
from bnviz.engine.layers import Layer, LayerTensors
from bnviz.engine.networks import Cohort

CACHE = 2**20  # bytes of one layer's values at the points that are computed together
MOST = 64  # points computed together, however small they are
LEAST = 1e-12  # stands in for a gamma of zero


class Plane:
    """Everything about a plane that does not change from point to point."""

    def __init__(
        self,
        cohort: Cohort,
        directions: Sequence[Sequence[Tensor]],
        inputs: Tensor,
        labels: Tensor,
        mode: Literal["batch", "inference"],
        points: int,
    ) -> None:
        self.architecture, self.mode = cohort.architecture, mode
        dtype = cohort.layers[0].weight.dtype
        values = inputs.detach().to(dtype).T
        self.samples = values.shape[1]
        size = self.samples * self.architecture.width * values.element_size()
        self.together = max(1, min(CACHE // size, MOST, points))
        self.inputs = torch.cat([values, torch.ones(1, self.samples, dtype=dtype)])[None]
        hot = F.one_hot(labels.long(), self.architecture.outputs)
        self.picked = hot.T.flatten().to(dtype) / -self.samples
        self.layers = cohort.select([0]).layers
        steps = [cohort.by_layer(direction) for direction in directions]
        self.matrices: list[Tensor] = []
        self.vectors: list[Tensor] = []
        for layer, *moves in zip(cohort.layers, *steps, strict=True):
            here = layer.held()  # one after another: large networks leave no room for two
            corners = [_matrix_and_vectors(here, one) for one in (here, *moves)]
            self.matrices.append(torch.stack([matrix for matrix, _ in corners]))
            if layer.running is not None:
                self.vectors.append(torch.stack([vectors for _, vectors in corners]))


def _matrix_and_vectors(here: LayerTensors, one: LayerTensors) -> tuple[Tensor, Tensor]:
    """One layer of theta, or of a step: (W, b) as one flat matrix, and (gamma, beta).

    A step is zero where nothing is trained.
    """
    weight = one.of_weight.detach()[0]
    bias = torch.zeros_like(weight[:, :1]) if one.bias is None else one.bias.detach()[0]
    matrix = torch.cat([weight, bias], dim=1).flatten()
    vectors = [
        torch.zeros_like(held) if value is None else value.detach()
        for held, value in ((here.gamma, one.gamma), (here.beta, one.beta))
        if held is not None
    ]
    return matrix, torch.cat([matrix[:0], *vectors])


class _Signal:
    """The values of one layer at C points: h = scale * values + shift, unit by unit.

    Scale and shift are left to the weights of the layer that comes next.
    """

    def __init__(self, padded: Tensor) -> None:
        together, rows, samples = padded.shape
        self.padded = padded  # (C, units + 1, samples); below the values, a row of ones
        self.values = padded[:, :-1]
        self.array = self.values.numpy()
        self.weights = np.full(samples, -1 / samples, self.array.dtype)
        self.minus_mean = np.zeros((together, rows - 1), self.array.dtype)
        self.minus_mean_row = self.minus_mean[:, None]
        self.scale: Tensor | None = None  # (C, units, 1)
        self.shift: Tensor | None = None  # (C, units, 1)

    def average(self) -> None:
        """The mean of the values; vecdot, because torch's sum takes half as long again."""
        np.vecdot(self.array, self.weights, out=self.minus_mean)


class _Weights:
    """(W, b) of one layer at C points, written anew when it is its turn.

    All layers share one piece of memory: it is still in the cache when the next one needs it.
    """

    def __init__(self, basis: Tensor, inputs: int, memory: Tensor) -> None:
        together, size = len(memory), basis.shape[1]
        self.basis = basis
        self.flat = memory.flatten()[: together * size].view(together, size)
        self.padded = self.flat.view(together, -1, inputs + 1)
        self.weight, self.bias = self.padded[:, :, :-1], self.padded[:, :, -1:]
        self.weight_array, self.bias_array = self.weight.numpy(), self.bias[:, :, 0].numpy()

    def move(self, points: Tensor) -> None:
        torch.mm(points, self.basis, out=self.flat)

    def take_in(self, h: _Signal) -> None:
        """Let W and b act on the values as they are, before scale and shift."""
        if h.shift is not None:
            self.bias += torch.bmm(self.weight, h.shift)
        if h.scale is not None:
            self.weight *= h.scale.mT

    def take_in_centred(self, h: _Signal) -> None:
        """Give W h - mean(W h), that is W (h - mean(h)): shifts make no difference."""
        if h.scale is not None:
            torch.mul(self.weight, h.scale.mT, out=self.weight)
        np.vecdot(self.weight_array, h.minus_mean_row, out=self.bias_array)


class _Norms:
    """gamma and beta of the normalized layers at C points, and what they divide by there.

    A root sum is sqrt(sum (z - mean)^2 + samples * epsilon): sqrt(samples) times the standard
    deviation.
    """

    def __init__(self, plane: Plane, *, folded: bool) -> None:
        self.folded, self.root = folded, plane.samples**0.5
        self.basis = torch.cat(plane.vectors, dim=1)
        self.flat = self.basis.new_zeros(plane.together, self.basis.shape[1])
        shape = (len(plane.vectors), 2, plane.architecture.width, 1)
        self.gammas, self.betas = self.flat.unflatten(1, shape).unbind(2)
        like = torch.zeros_like(self.gammas)
        self.sizes, self.bounds, self.signs = like, like.clone(), like.clone()
        self.root_sums = like.clone()
        self.root_sums_array, self.flipped = self.root_sums.numpy(), False
        self.fixed = not self.basis[1:].any()
        self._place(self.basis[:1].expand(plane.together, -1))

    def move(self, points: Tensor) -> None:
        if not self.fixed:
            self._place(torch.mm(points, self.basis))

    def _place(self, flat: Tensor) -> None:
        self.flat.copy_(flat)
        if not self.folded:
            torch.mul(self.gammas, self.root, out=self.sizes)
            return
        torch.abs(self.gammas, out=self.sizes).clamp_min_(LEAST).mul_(self.root)
        torch.div(self.betas, self.sizes, out=self.bounds).neg_()
        torch.copysign(torch.ones_like(self.signs), self.gammas, out=self.signs)
        self.flipped = bool((self.signs < 0).any())

    def alarm(self, losses: Tensor) -> Tensor:
        """The losses, NaN where a root sum overflowed, which would pass for a unit of zero."""
        if np.isfinite(self.root_sums_array.sum()):
            return losses
        return losses + (self.root_sums - self.root_sums).sum((1, 2, 3))


class _Norm:
    """The normalization of one layer: its part of _Norms, all (C, units, 1).

    Small arrays are numpy's, whose operations cost a third of torch's.
    """

    def __init__(self, norms: _Norms, index: int, layer: Layer, samples: int, eps: float) -> None:
        assert layer.running is not None
        self.norms = norms
        self.gamma, self.beta = norms.gammas[:, index], norms.betas[:, index]
        self.sign = norms.signs[:, index]
        self.size, self.bound, self.root_sum = (
            of[:, index].squeeze(2).numpy() for of in (norms.sizes, norms.bounds, norms.root_sums)
        )
        self.scale, self.limit = (torch.zeros_like(self.gamma) for _ in range(2))
        self.scale_array, self.limit_array = (
            of.squeeze(2).numpy() for of in (self.scale, self.limit)
        )
        self.floor = np.asarray(samples * eps, self.size.dtype)
        self.mean = layer.running.mean.view(1, -1, 1)
        self.root = (layer.running.variance.view(1, -1, 1) + eps).sqrt()

    def measure(self, centred: _Signal) -> None:
        """gamma / standard deviation, and for a folded ReLU what bounds the values from below."""
        np.vecdot(centred.array, centred.array, out=self.root_sum)
        np.add(self.root_sum, self.floor, out=self.root_sum)
        np.sqrt(self.root_sum, out=self.root_sum)
        np.divide(self.size, self.root_sum, out=self.scale_array)
        if self.norms.folded:
            np.multiply(self.bound, self.root_sum, out=self.limit_array)


class Evaluator:
    """The losses of C points of a plane, computed together."""

    def __init__(self, plane: Plane) -> None:
        self.architecture = architecture = plane.architecture
        together, depth = plane.together, architecture.depth
        self.batch = plane.mode == "batch"
        self.before = architecture.placement == "before"
        relu = architecture.activation == "relu"
        self.folded = relu and self.before and self.batch and not architecture.skip
        sizes = [inputs for inputs, _ in architecture.sizes()]
        memory = plane.inputs.new_empty(together, max(m.shape[1] for m in plane.matrices))
        self.weights = [
            _Weights(matrix, inputs, memory)
            for matrix, inputs in zip(plane.matrices, sizes, strict=True)
        ]
        self.norms = _Norms(plane, folded=self.folded) if plane.vectors else None
        self.by_layer = self._norms_by_layer(plane)
        self.inputs = _Signal(plane.inputs.expand(together, -1, -1))
        self.inputs.average()
        ones = plane.inputs.new_ones(2, together, architecture.width + 1, plane.samples)
        turns = [_Signal(padded) for padded in ones]
        self.signals = [turns[index % 2] for index in range(depth)]
        self.logits = plane.inputs.new_empty(together, architecture.outputs, plane.samples)
        self.picked = plane.picked

    def _norms_by_layer(self, plane: Plane) -> list[_Norm | None]:
        found: list[_Norm | None] = []
        epsilon = self.architecture.options.epsilon
        for layer in plane.layers[:-1]:
            if self.norms is None or layer.running is None:
                found.append(None)
            else:
                index = sum(norm is not None for norm in found)
                found.append(_Norm(self.norms, index, layer, plane.samples, epsilon))
        return found

    def __call__(self, points: Tensor) -> Tensor:
        """The mean cross entropy at each point, (C,), for points (C, 3): 1, x and y."""
        h = self.inputs
        if self.norms is not None:
            self.norms.move(points)
        for weights, norm, out in zip(self.weights, self.by_layer, self.signals, strict=False):
            checkpoint()
            weights.move(points)
            self._hidden(weights, norm, h, out)
            if self.architecture.skip:
                _add(out, None if h is self.inputs else h)
            h = out
        last = self.weights[-1]
        last.move(points)
        last.take_in(h)
        torch.bmm(last.padded, h.padded, out=self.logits)
        found = torch.mv(self.logits.log_softmax(1).flatten(1), self.picked)
        return found if self.norms is None else self.norms.alarm(found)

    def _hidden(self, weights: _Weights, norm: _Norm | None, h: _Signal, out: _Signal) -> None:
        if norm is None:
            self._affine(weights, h, out)
        elif self.before and not self.batch:
            self._fixed_before(weights, norm, h, out)
        elif self.before:
            self._normalized_before(weights, norm, h, out)
        else:
            self._affine(weights, h, out)
            self._normalize_after(norm, out)

    def _affine(self, weights: _Weights, h: _Signal, out: _Signal) -> None:
        """activation(W h + b)."""
        weights.take_in(h)
        torch.bmm(weights.padded, h.padded, out=out.values)
        out.scale = out.shift = None
        self._activate(out.values)

    def _fixed_before(self, weights: _Weights, norm: _Norm, h: _Signal, out: _Signal) -> None:
        """activation(a (W h - mean) + beta), where a and the mean are known beforehand."""
        weights.take_in(h)
        weights.bias -= norm.mean
        weights.padded *= norm.gamma / norm.root
        weights.bias += norm.beta
        torch.bmm(weights.padded, h.padded, out=out.values)
        out.scale = out.shift = None
        self._activate(out.values)

    def _normalized_before(self, weights: _Weights, norm: _Norm, h: _Signal, out: _Signal) -> None:
        """activation(a z + beta) for z = W h - mean(W h) and a = gamma / std.

        For ReLU, that is a max(z, -beta / a) + beta with a > 0; where gamma is negative, it and
        W change their signs.
        """
        if h is not self.inputs:
            h.average()
        weights.take_in_centred(h)
        if self.folded and norm.norms.flipped:
            weights.padded *= norm.sign
        torch.bmm(weights.padded, h.padded, out=out.values)
        norm.measure(out)
        values = out.values
        out.scale, out.shift = None, None
        if self.folded:
            torch.maximum(values, norm.limit, out=values)
            out.scale, out.shift = norm.scale, norm.beta
            return
        values *= norm.scale
        if self.architecture.activation == "relu":
            torch.maximum(values, -norm.beta, out=values)
            out.shift = norm.beta
            return
        values += norm.beta
        self._activate(values)

    def _normalize_after(self, norm: _Norm, out: _Signal) -> None:
        if self.batch:
            out.average()
            out.values += torch.from_numpy(out.minus_mean)[:, :, None]
            norm.measure(out)
            out.scale, out.shift = norm.scale, norm.beta
        else:
            a = norm.gamma / norm.root
            out.scale, out.shift = a, norm.beta - a * norm.mean

    def _activate(self, values: Tensor) -> None:
        name = self.architecture.activation
        if name in OVERWRITING:
            OVERWRITING[name](values)
        elif name != "identity":
            values.copy_(ACTIVATIONS[name](values))


def _add(out: _Signal, skipped: _Signal | None) -> None:
    """A hidden layer's output plus its input, in the place of the output."""
    if out.scale is not None:
        out.values *= out.scale
        out.scale = None
    if skipped is None:
        return
    out.values += skipped.values
    if skipped.shift is not None:
        out.shift = skipped.shift if out.shift is None else out.shift + skipped.shift
