"""A small recurrent network that reads an image row by row, and normalization inside of it.

h_t = activation(normalize(W [x_t; h_(t-1)])), the same W, gamma and beta at every step. BN takes
the statistics of a mini-batch at one step; its running statistics are either each step's own or
shared by all steps.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from bnviz.engine.architecture import ACTIVATIONS, Architecture
from bnviz.engine.batchnorm import Mode, RunningStatistics
from bnviz.engine.checkpoint import checkpoint
from bnviz.engine.layers import Layer, unused
from bnviz.engine.networks import Cohort, Intermediates
from bnviz.engine.normalization import NORMALIZERS

ROW = 8  # numbers read at one step
ROWS = 8  # steps in training


@dataclass(frozen=True)
class RecurrentArchitecture(Architecture):
    """One recurrent layer of `width` units, and an output layer on its last state.

    `statistics` says what BN keeps for inference: running statistics for each of ROWS steps, of
    which the last one's serve all later steps (Cooijmans et al. 2017), or one for all steps.
    What else a fully connected Architecture can vary is not for this one: ValueError.
    """

    depth: int = 1
    statistics: Literal["per step", "shared"] = "per step"

    def __post_init__(self) -> None:
        super().__post_init__()
        as_it_is = self.placement == "before" and self.bias_before == "dropped" and self.depth == 1
        as_it_is = as_it_is and not self.standardize_weights
        if not as_it_is or self.skip or self.dropout or self.noise_after or self.normalize_inputs:
            raise ValueError("placement, bias, depth, skip, dropout, noise are not for recurrence")
        if self.statistics not in ("per step", "shared"):
            raise ValueError(f"statistics is {self.statistics!r}; per step or shared")
        if self.inputs != ROW * ROWS:
            raise ValueError(f"inputs is {self.inputs}; an image has {ROW * ROWS} pixels")

    def normalizers(self) -> Iterable[str]:
        """The names of those this network can have."""
        return ("none", "batch", "layer")

    def sizes(self) -> list[tuple[int, int]]:
        """(inputs, outputs): of the recurrent layer, a row and the state before; the output."""
        return [(ROW + self.width, self.width), (self.width, self.outputs)]

    @property
    def kept(self) -> int:
        """Sets of running statistics."""
        return ROWS if self.statistics == "per step" else 1


class RecurrentCohort(Cohort):
    """R replicas of one recurrent network, trained together like any other Cohort.

    Inputs are (R, steps * ROW, samples), of any number of steps. The running statistics are
    (R * sets * width,): replica after replica, in each, step after step.
    """

    def _layer(
        self,
        index: int,
        shape: tuple[int, int],
        draws: list[torch.Generator],
        scale: Tensor,
        dtype: torch.dtype,
    ) -> Layer:
        layer = super()._layer(index, shape, draws, scale, dtype)
        if layer.running is not None:
            layer.running = unused(layer.running.mean.numel() * self.kept, dtype)
        return layer

    @property
    def kept(self) -> int:
        """Sets of running statistics."""
        assert isinstance(self.architecture, RecurrentArchitecture)
        return self.architecture.kept

    def forward(
        self, inputs: Tensor, mode: Mode, intermediates: Intermediates | None = None
    ) -> Tensor:
        """The outputs before the softmax, (R, classes, samples), after the last row.

        Intermediates hold the values of every step, as if each were a layer.
        """
        replicas, numbers, samples = inputs.shape
        rows = inputs.reshape(replicas, numbers // ROW, ROW, samples)
        cell, last = self.layers
        activate = ACTIVATIONS[self.architecture.activation]
        h = inputs.new_zeros(replicas, self.architecture.width, samples)
        for step in range(rows.shape[1]):
            checkpoint()
            read = torch.cat([rows[:, step], h], dim=1)
            z = torch.bmm(cell.weight, read)
            z = z if cell.bias is None else z + cell.bias
            normalized = z if cell.running is None else self._at(step, cell, z, mode)
            h = activate(normalized)
            if intermediates is not None and intermediates.inner:
                intermediates.pre_activations.append(z)
                intermediates.normalized.append(None if cell.running is None else normalized)
                intermediates.activated.append(h)
                intermediates.outputs.append(h)
        assert last.bias is not None
        z = torch.baddbmm(last.bias, last.weight, h)
        if intermediates is not None:
            intermediates.pre_activations.append(z)
        return z

    def _at(self, step: int, cell: Layer, z: Tensor, mode: Mode) -> Tensor:
        """Normalize with the statistics of this step."""
        normalizer = NORMALIZERS[self.architecture.normalizer]
        assert normalizer is not None
        assert cell.running is not None
        place = min(step, self.kept - 1)
        views = [
            whole.view(self.replicas, self.kept, -1)[:, place]
            for whole in (cell.running.mean, cell.running.variance)
        ]
        own = RunningStatistics(views[0].reshape(-1).clone(), views[1].reshape(-1).clone())
        options = self.architecture.options
        y = normalizer(z, cell.gamma, cell.beta, own, mode, options).view(z.shape)
        if mode == "train":
            for view, now in zip(views, (own.mean, own.variance), strict=True):
                view.copy_(now.view(view.shape))
        return y
