"""The loss on a plane, or along lines, through the space of all parameters."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from bnviz.engine.checkpoint import controlled, controlling
from bnviz.engine.layers import by_replica
from bnviz.engine.networks import Cohort
from bnviz.engine.surface_forward import Evaluator, Plane
from bnviz.engine.threads import one_thread

Direction = list[Tensor]
"""A step in the space of all parameters; pairs with `cohort.parameters()`, shape by shape."""

FLAT = 1e-12  # of the first eigenvalue: a second one below it is rounding


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
    with torch.no_grad():
        moved = [
            _moved(parameter, steps, direction)
            for parameter, direction in zip(cohort.parameters(), directions, strict=True)
        ]
    return cohort.select([r for r in range(replicas) for _ in range(points)], moved)


def _moved(parameter: Tensor, steps: Tensor, direction: Tensor) -> Tensor:
    """A parameter of R * A replicas, each so many steps, (R, A), from its own."""
    here, way = (by_replica(t, len(steps))[:, None] for t in (parameter.detach(), direction))
    there = torch.addcmul(here, steps[:, :, None], way)
    shape = parameter.shape[1:] if parameter.dim() > 1 else ()
    return there.view(-1, *shape)


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
        plane = Plane(
            cohort=cohort,
            directions=directions,
            inputs=values,
            labels=classes,
            mode=mode,
            points=len(points),
        )
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


class _Grid:
    """The chunks of a grid, computed by several threads that take the next one in turn."""

    def __init__(
        self,
        plane: Plane,
        points: NDArray[np.floating],
        progress: Callable[[int], None] | None,
    ) -> None:
        self.plane, self.progress = plane, progress
        dtype = plane.inputs.dtype
        full = np.column_stack([np.ones(len(points)), points])  # theta, d1 and d2
        self.points = torch.tensor(full, dtype=dtype)
        self.losses = np.empty(len(points), np.float32)
        self.starts = iter(range(0, len(points), plane.together))
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
            evaluate = Evaluator(self.plane)
            while True:
                with self.lock:
                    start = next(self.starts, None)
                if start is None:
                    return
                self._compute(start, evaluate)
                if progress is not None:
                    progress(self.finished)

    def _compute(self, start: int, evaluate: Callable[[Tensor], Tensor]) -> None:
        stop = min(start + self.plane.together, len(self.points))
        first = stop - self.plane.together  # the last chunk is filled up with points before it
        found = evaluate(self.points[first:stop])[start - first :]
        self.losses[start:stop] = found.float().numpy()
        with self.lock:
            self.finished += stop - start
