"""One layer of all replicas: its parameters, its running statistics, and what pairs with them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from typing import Any

import torch
from torch import Tensor

from bnviz.engine.batchnorm import RunningStatistics


@dataclass(frozen=True)
class LayerTensors:
    """What pairs with the trainable parameters of one layer: gradients, a step, later values.

    None stands where the layer has no such parameter, or does not train it.
    """

    weight: Tensor | None = None  # (R, out, in)
    bias: Tensor | None = None  # (R, out, 1)
    gamma: Tensor | None = None  # (R * out,)
    beta: Tensor | None = None  # (R * out,)
    importance_logits: Tensor | None = None  # (R * 2 * kinds of statistics,)
    alpha: Tensor | None = None  # (R,)

    @property
    def of_weight(self) -> Tensor:
        """What pairs with W. Raises ValueError where W is a constant."""
        if self.weight is None:
            raise ValueError("the weights of this layer are not trained: nothing pairs with them")
        return self.weight

    def all(self) -> list[Tensor]:
        """Those that are there, in the order of `Cohort.parameters`."""
        values = (getattr(self, name) for name in NAMES)
        return [value for value in values if value is not None]

    def filled(self, tensors: Iterator[Tensor]) -> LayerTensors:
        """The next tensors, each where this layer has a parameter."""
        names = [name for name in NAMES if getattr(self, name) is not None]
        return LayerTensors(**{name: next(tensors) for name in names})


NAMES = tuple(one.name for one in fields(LayerTensors))


@dataclass
class Layer:
    """One layer of all replicas. Absent parameters are None."""

    weight: Tensor  # (R, out, in)
    bias: Tensor | None = None  # (R, out, 1)
    gamma: Tensor | None = None  # (R * out,)
    beta: Tensor | None = None  # (R * out,)
    running: RunningStatistics | None = None
    input_running: RunningStatistics | None = (
        None  # of its inputs (R * in,), where these are normalized
    )
    constant: tuple[str, ...] = ()  # parameters that are not trained, such as "gamma"
    importance_logits: Tensor | None = (
        None  # (R * 2 * kinds of statistics,) of switchable normalization
    )
    alpha: Tensor | None = None  # (R,) the slope of dynamic tanh
    trainable: Tensor | None = None  # (R, out, in) 1: a weight that is trained, 0: a constant;
    # None: all are alike

    def trained(self) -> LayerTensors:
        trained = (name for name in NAMES if name not in self.constant)
        return LayerTensors(**{name: getattr(self, name) for name in trained})

    def held(self) -> LayerTensors:
        """All parameters, also those that are constants."""
        return LayerTensors(**{name: getattr(self, name) for name in NAMES})

    def extra(self) -> list[Tensor]:
        """What the normalizer learns beside gamma and beta."""
        return [one for one in (self.importance_logits, self.alpha) if one is not None]

    def parameters(self) -> list[Tensor]:
        """Those that are trained."""
        mine, constant = vars(self), self.constant
        every = [mine[name] for name in NAMES if name not in constant]
        return [one for one in every if one is not None]

    def statistics(self) -> list[RunningStatistics]:
        return [one for one in (self.running, self.input_running) if one is not None]

    def buffers(self) -> list[Tensor]:
        return [statistic for one in self.statistics() for statistic in (one.mean, one.variance)]

    def mapped(self, function: Callable[[Tensor], Tensor]) -> Layer:
        """The layer with `function` applied to each of its tensors."""
        return Layer(**{name: _mapped(value, function) for name, value in vars(self).items()})


def _mapped(value: Any, function: Callable[[Tensor], Tensor]) -> Any:
    """The same with `function` applied to its tensors; what has none is handed on."""
    if isinstance(value, Tensor):
        return function(value)
    if not isinstance(value, RunningStatistics):
        return value
    mean, variance = function(value.mean), function(value.variance)
    return RunningStatistics(mean, variance, value.updates, value.waiting)


def by_replica(tensor: Tensor, replicas: int) -> Tensor:
    """A parameter, gradient or running statistic as (R, all its numbers)."""
    return tensor.view(replicas, -1)


def chosen_replicas(tensor: Tensor, chosen: Tensor, replicas: int) -> Tensor:
    """A copy of the same kind of tensor for the replicas `chosen` alone."""
    part = by_replica(tensor, replicas).index_select(0, chosen)
    return part.view(-1, *tensor.shape[1:]) if tensor.dim() > 1 else part.flatten()


def unused(units: int, dtype: torch.dtype) -> RunningStatistics:
    """Running statistics before the first mini-batch: mean 0, variance 1."""
    return RunningStatistics(torch.zeros(units, dtype=dtype), torch.ones(units, dtype=dtype))
