"""The loss on a plane, or along lines, through the space of all parameters."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Literal

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from bnviz.engine.architecture import ACTIVATIONS, OVERWRITING
from bnviz.engine.checkpoint import checkpoint, controlled, controlling
from bnviz.engine.networks import Cohort, Layer, LayerTensors, by_replica
from bnviz.engine.training import one_thread

Direction = list[Tensor]
"""A step in the space of all parameters; pairs with `cohort.parameters()`, shape by shape."""

CACHE = 2**20  # bytes of one layer's values at the points that are computed together
FLAT = 1e-12  # of the first eigenvalue: a second one below it is rounding
MOST = 64  # points computed together, however small they are
LEAST = 1e-12  # stands in for a gamma of zero


def random_directions(
    cohort: Cohort, source: int | torch.Generator, count: int = 2
) -> list[Direction]:
    """Gaussian directions, filter-normalized: d_i <- d_i ||theta_i|| / ||d_i|| (Li et al. 2018).

    A filter of a fully connected layer is a row of W, the incoming weights of one unit. A row
    whose weights, or whose draw, are all zero gets a zero direction. Biases, gamma and beta stay
    where they are: zero, too. The raw draws depend on `source`, a seed or a generator, and on
    the sizes of the layers alone: the plain and the normalized network get the same ones.

    The cohort has one replica, or ValueError is raised. See section 4 of the paper.
    """
    _one_replica(cohort)
    generator = torch.Generator().manual_seed(source) if isinstance(source, int) else source
    return [_random_direction(cohort, generator) for _ in range(count)]


def _random_direction(cohort: Cohort, generator: torch.Generator) -> Direction:
    direction = []
    for layer in cohort.layers:
        weight = layer.weight.detach()
        draw = torch.randn(weight.shape, dtype=torch.float64, generator=generator)
        wanted = torch.linalg.vector_norm(weight, dim=2, keepdim=True, dtype=torch.float64)
        drawn = torch.linalg.vector_norm(draw, dim=2, keepdim=True)
        scale = torch.where(drawn > 0, wanted / drawn, 0.0)
        still = [torch.zeros_like(p, requires_grad=False) for p in layer.parameters()[1:]]
        direction += [(draw * scale).to(weight.dtype), *still]  # W is the first of a layer
    return direction


def path_directions(
    snapshots: Sequence[Sequence[Tensor]],
) -> tuple[list[Direction], NDArray[np.float64], NDArray[np.float64]]:
    """The plane through the end of a path that shows most of it (Li et al. 2018, section 7).

    The principal components of theta_t - theta_end: the two directions, orthonormal over ALL
    parameters, that keep most of the summed squared distance to the end. The differences are
    not centred, because the plane is drawn through theta_end and not through their mean.

    `snapshots[t]` holds the parameters of one replica at recorded step t. Returns the
    directions, in the kind of the parameters; where each snapshot lies in the plane, (T, 2),
    the last one at (0, 0); and the share of the squared distance each direction explains, (2,).
    A path that does not move, or stays on one line, has zero directions in place of those that
    are missing. Signs: in each direction, the largest coordinate is positive. Raises ValueError
    where a snapshot is not finite, or there is none.
    """
    if not snapshots:
        raise ValueError("there is no snapshot; at least one is needed")
    with one_thread():
        path = torch.stack([_flat(snapshot) for snapshot in snapshots])
        if not torch.isfinite(path).all():
            raise ValueError("a snapshot is not finite; no plane goes through it")
        path -= path[-1].clone()
        values, vectors = torch.linalg.eigh(path @ path.T)  # T x T, however many parameters
        axes = _axes(path, values.flip(0), vectors.flip(1))
        coordinates = path @ axes.T
        total = path.square().sum().clamp_min(torch.finfo(torch.float64).tiny)
        explained = coordinates.square().sum(0) / total
    return [_shaped(axis, snapshots[-1]) for axis in axes], coordinates.numpy(), explained.numpy()


def _axes(path: Tensor, values: Tensor, vectors: Tensor) -> Tensor:
    """Two orthonormal directions, (2, P), from the eigenvectors of the Gram matrix, in order."""
    axes = torch.zeros(2, path.shape[1], dtype=path.dtype)
    for k in range(min(2, len(values))):
        if values[k] <= FLAT * values[0] or values[k] <= 0:
            break
        axis = vectors[:, k] @ path
        axis = axis - (axes[0] @ axis) * axes[0]  # rounding, where the second is small
        along = path @ axis
        axes[k] = axis / torch.linalg.vector_norm(axis) * along[along.abs().argmax()].sign()
    return axes


def _flat(tensors: Sequence[Tensor]) -> Tensor:
    return torch.cat([t.detach().flatten().double() for t in tensors])


def _shaped(flat: Tensor, like: Sequence[Tensor]) -> Direction:
    parts = flat.split([t.numel() for t in like])
    return [part.view(t.shape).to(t.dtype) for part, t in zip(parts, like, strict=True)]


def along(cohort: Cohort, directions: Direction, lengths: NDArray[np.floating] | Tensor) -> Cohort:
    """theta_r + lengths[r, a] d_r: a new cohort of R * A replicas, in the order r * A + a.

    `directions` holds one direction for each replica, in tensors shaped like
    `cohort.parameters()` (a gradient is one); `lengths` is (R, A). Running statistics and random
    states are copies of those of replica r. Raises ValueError where the shapes do not fit.
    """
    steps = torch.as_tensor(lengths, dtype=cohort.layers[0].weight.dtype)
    if steps.dim() != 2 or len(steps) != cohort.replicas:
        raise ValueError(
            f"lengths have the shape {tuple(steps.shape)}; it must be ({cohort.replicas}, A)"
        )
    _fits(cohort, directions)
    replicas, points = steps.shape
    moved = cohort.select([r for r in range(replicas) for _ in range(points)])
    with torch.no_grad():
        for parameter, direction in zip(moved.parameters(), directions, strict=True):
            here = by_replica(parameter, replicas * points).view(replicas, points, -1)
            here.addcmul_(steps[:, :, None], by_replica(direction, replicas)[:, None])
    return moved


def surface(
    cohort: Cohort,
    directions: Sequence[Direction],
    xs: Sequence[float] | NDArray[np.floating],
    ys: Sequence[float] | NDArray[np.floating],
    inputs: Tensor | NDArray[np.floating],
    labels: Tensor | NDArray[np.integer],
    mode: Literal["batch", "inference"],
    progress: Callable[[int], None] | None = None,
    workers: int = 1,
) -> NDArray[np.float32]:
    """L(theta + x d1 + y d2): the mean cross entropy on a grid, (len(ys), len(xs)).

    The cohort has one replica; `inputs` are (samples, features), `labels` (samples,). In mode
    "batch", a normalized layer uses at each point the statistics of all these samples (no ghost
    batches); in "inference" the cohort's running statistics, which stay as they are from point
    to point. Where the loss is not finite it comes back as it is, inf or NaN; where the squares of
    a normalized layer overflow (values beyond 1e19 in float32), NaN.

    `progress` is called in this thread with the number of finished points and may raise. The
    numbers are the same, to the bit, whatever `workers`, the number of threads. Raises ValueError
    where the shapes do not fit.
    """
    _one_replica(cohort)
    if len(directions) != 2:
        raise ValueError(f"{len(directions)} directions; a plane has 2")
    for direction in directions:
        _fits(cohort, direction)
    if mode not in ("batch", "inference"):
        raise ValueError(f"mode is {mode!r}; it must be batch or inference")
    points = np.stack(np.meshgrid(xs, ys), axis=-1).reshape(-1, 2)
    values, classes = _own(inputs), _own(labels)
    if values.shape != (len(classes), cohort.architecture.inputs) or not len(classes):
        raise ValueError(
            f"inputs have the shape {tuple(values.shape)}; it must be"
            f" ({len(classes)}, {cohort.architecture.inputs}) with one or more samples"
        )
    with one_thread():
        plane = _Plane(cohort, directions, values, classes, mode, len(points))
        return _Grid(plane, points, progress).values(workers).reshape(len(ys), len(xs))


def _own(values: Tensor | NDArray[np.generic]) -> Tensor:
    """A tensor; torch wants to own what it gets, and a data set's arrays are read-only."""
    return values if isinstance(values, Tensor) else torch.from_numpy(values.copy())


def _one_replica(cohort: Cohort) -> None:
    if cohort.replicas != 1:
        raise ValueError(f"the cohort has {cohort.replicas} replicas; it must have 1")


def _fits(cohort: Cohort, direction: Direction) -> None:
    shapes = [tuple(p.shape) for p in cohort.parameters()]
    if [tuple(d.shape) for d in direction] != shapes:
        raise ValueError("a direction must have the shapes of the cohort's parameters")


class _Plane:
    """Everything about a plane that does not change from point to point."""

    def __init__(
        self,
        cohort: Cohort,
        directions: Sequence[Direction],
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
        self.chunk = max(1, min(CACHE // size, MOST, points))
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
    weight = one.weight.detach()[0]
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
        chunk, rows, samples = padded.shape
        self.padded = padded  # (C, units + 1, samples); below the values, a row of ones
        self.values = padded[:, :-1]
        self.array = self.values.numpy()
        self.weights = np.full(samples, -1 / samples, self.array.dtype)
        self.minus_mean = np.zeros((chunk, rows - 1), self.array.dtype)
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
        chunk, size = len(memory), basis.shape[1]
        self.basis = basis
        self.flat = memory.flatten()[: chunk * size].view(chunk, size)
        self.padded = self.flat.view(chunk, -1, inputs + 1)
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
    """gamma and beta of the normalized layers at C points, and the deviations found there."""

    def __init__(self, plane: _Plane, *, folded: bool) -> None:
        self.folded, self.root = folded, plane.samples**0.5
        self.basis = torch.cat(plane.vectors, dim=1)
        self.flat = self.basis.new_zeros(plane.chunk, self.basis.shape[1])
        shape = (len(plane.vectors), 2, plane.architecture.width, 1)
        self.gammas, self.betas = self.flat.unflatten(1, shape).unbind(2)
        like = torch.zeros_like(self.gammas)
        self.sizes, self.bounds, self.signs = like, like.clone(), like.clone()
        self.deviations = like.clone()
        self.deviations_array, self.flipped = self.deviations.numpy(), False
        self.fixed = not self.basis[1:].any()
        self._place(self.basis[:1].expand(plane.chunk, -1))

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
        """The losses, NaN where a deviation overflowed, which would pass for a unit of zero."""
        if np.isfinite(self.deviations_array.sum()):
            return losses
        return losses + (self.deviations - self.deviations).sum((1, 2, 3))


class _Norm:
    """The normalization of one layer: its part of _Norms, all (C, units, 1).

    Small arrays are numpy's, whose operations cost a third of torch's.
    """

    def __init__(self, norms: _Norms, index: int, layer: Layer, samples: int, eps: float) -> None:
        assert layer.running is not None
        self.norms = norms
        self.gamma, self.beta = norms.gammas[:, index], norms.betas[:, index]
        self.sign = norms.signs[:, index]
        self.size, self.bound, self.deviation = (
            of[:, index].squeeze(2).numpy() for of in (norms.sizes, norms.bounds, norms.deviations)
        )
        self.scale, self.limit = (torch.zeros_like(self.gamma) for _ in range(2))
        self.scale_array, self.limit_array = (
            of.squeeze(2).numpy() for of in (self.scale, self.limit)
        )
        self.floor = np.asarray(samples * eps, self.size.dtype)
        self.mean = layer.running.mean.view(1, -1, 1)
        self.root = (layer.running.variance.view(1, -1, 1) + eps).sqrt()

    def measure(self, centred: _Signal) -> None:
        """gamma / deviation, and for a folded ReLU what bounds the values from below."""
        np.vecdot(centred.array, centred.array, out=self.deviation)
        np.add(self.deviation, self.floor, out=self.deviation)
        np.sqrt(self.deviation, out=self.deviation)
        np.divide(self.size, self.deviation, out=self.scale_array)
        if self.norms.folded:
            np.multiply(self.bound, self.deviation, out=self.limit_array)


class _Evaluator:
    """The losses of C points of a plane, computed together.

    The same function as Cohort.forward, with fewer looks at large arrays: what multiplies a
    unit, or is added to it, goes into the weights on either side of it.
    """

    def __init__(self, plane: _Plane) -> None:
        self.architecture = architecture = plane.architecture
        chunk, depth = plane.chunk, architecture.depth
        self.batch = plane.mode == "batch"
        self.before = architecture.placement == "before"
        relu = architecture.activation == "relu"
        self.folded = relu and self.before and self.batch and not architecture.skip
        sizes = [inputs for inputs, _ in architecture.sizes()]
        memory = plane.inputs.new_empty(chunk, max(m.shape[1] for m in plane.matrices))
        self.weights = [
            _Weights(matrix, inputs, memory)
            for matrix, inputs in zip(plane.matrices, sizes, strict=True)
        ]
        self.norms = _Norms(plane, folded=self.folded) if plane.vectors else None
        self.by_layer = self._norms_by_layer(plane)
        self.inputs = _Signal(plane.inputs.expand(chunk, -1, -1))
        self.inputs.average()
        ones = plane.inputs.new_ones(2, chunk, architecture.width + 1, plane.samples)
        turns = [_Signal(padded) for padded in ones]
        self.signals = [turns[index % 2] for index in range(depth)]
        self.logits = plane.inputs.new_empty(chunk, architecture.outputs, plane.samples)
        self.picked = plane.picked

    def _norms_by_layer(self, plane: _Plane) -> list[_Norm | None]:
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
        """activation(a z + beta) for z = W h - mean(W h) and a = gamma / deviation.

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


class _Grid:
    """The chunks of a grid, computed by several threads that take the next one in turn."""

    def __init__(
        self,
        plane: _Plane,
        points: NDArray[np.floating],
        progress: Callable[[int], None] | None,
    ) -> None:
        self.plane, self.progress = plane, progress
        dtype = plane.inputs.dtype
        full = np.column_stack([np.ones(len(points)), points])  # theta, d1 and d2
        self.points = torch.tensor(full, dtype=dtype)
        self.losses = np.empty(len(points), np.float32)
        self.starts = iter(range(0, len(points), plane.chunk))
        self.finished = 0
        self.lock = threading.Lock()
        self.errors: list[BaseException] = []
        self.control, self.seats = controlling(), list[object]()

    def values(self, workers: int) -> NDArray[np.float32]:
        helpers = [threading.Thread(target=self._help) for _ in range(workers - 1)]
        for helper in helpers:
            helper.start()
        try:
            self._work(self.progress)
        finally:
            self._stop()
            for helper in helpers:
                helper.join()
        if self.errors:
            raise self.errors[0]
        if self.progress is not None and workers > 1:  # what the helpers finished last
            self.progress(self.finished)
        return self.losses

    def _stop(self) -> None:
        with self.lock:
            self.starts = iter(range(0))

    def _help(self) -> None:
        try:
            self._work(None)
        except BaseException as error:  # noqa: BLE001 - comes out in the thread that asked
            self.errors.append(error)
            self._stop()

    def _work(self, progress: Callable[[int], None] | None) -> None:
        obeying = controlled(self.control, self.seats)
        with obeying, one_thread(), torch.no_grad(), np.errstate(all="ignore"):
            evaluate = _Evaluator(self.plane)
            while True:
                with self.lock:
                    start = next(self.starts, None)
                if start is None:
                    return
                self._compute(start, evaluate)
                if progress is not None:
                    progress(self.finished)

    def _compute(self, start: int, evaluate: Callable[[Tensor], Tensor]) -> None:
        stop = min(start + self.plane.chunk, len(self.points))
        first = stop - self.plane.chunk  # the last chunk is filled up with points before it
        found = evaluate(self.points[first:stop])[start - first :]
        self.losses[start:stop] = found.float().numpy()
        with self.lock:
            self.finished += stop - start
