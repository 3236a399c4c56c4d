"""Two units of a network that has really been trained, for the lessons by hand."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Annotated

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from bnviz.engine.architecture import Architecture
from bnviz.engine.data import Dataset, load
from bnviz.engine.networks import Cohort, Intermediates, losses
from bnviz.engine.plan import Plan
from bnviz.engine.threads import one_thread
from bnviz.engine.training import train
from bnviz.experiments.result import Axes, Doubles, Result


@dataclass(frozen=True, kw_only=True, repr=False)
class Units(Result):
    """Two units of one hidden layer of a trained network, on a real mini-batch."""

    layer: Annotated[int, Axes("", "from 1")]
    units: Annotated[tuple[int, ...], Axes("unit", "from 1")]
    inputs: Annotated[Doubles, Axes("row unit=units", "W u: what BN gets")]
    outputs: Annotated[Doubles, Axes("row unit=units", "what BN gives")]
    incoming: Annotated[Doubles, Axes("row unit=units", "dL/dy")]
    outgoing: Annotated[
        Doubles, Axes("row unit=units", "dL/dx, by autograd through the whole network")
    ]
    gamma: Annotated[Doubles, Axes("unit=units", "as learned")]
    beta: Annotated[Doubles, Axes("unit=units")]
    weights: Annotated[Doubles, Axes("unit=units input", "as learned", drawn=True)]
    accuracy: Annotated[float, Axes("", "of the network, on the test set, 0 to 1")]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(f"unit {unit}" for unit in self.units)


DEPTH, WIDTH, STEPS, RATE, SAMPLES, LAYER = 4, 32, 100, 0.32, 16, 2


@cache
def trained_units() -> Units:
    """A small network with BN, trained on the digits for a moment, and two units of its layer 2.

    The ones with the largest |mean| ||dL/dy||: where there is something to see in both
    directions. Inputs and incoming gradients are rounded to six digits, so that they can be typed.
    The same bits every time.
    """
    data = load("digits")
    architecture = Architecture(data.features, data.classes, DEPTH, WIDTH, normalizer="batch")
    cohort = Cohort(architecture, [0])
    history = train(cohort, [0], data, Plan((RATE,), STEPS), record_at=[STEPS])
    x, y, incoming, through = _passed(cohort, data)
    strength = x.mean(1).abs() * incoming.norm(dim=1)
    best = strength.argsort(descending=True, stable=True)[:2]
    layer = cohort.layers[LAYER - 1]
    assert layer.gamma is not None
    assert layer.beta is not None
    return Units(
        layer=LAYER,
        units=tuple(int(unit) + 1 for unit in best),
        inputs=_typed(x[best].T),
        outputs=_kept(y[best].T),
        incoming=_typed(incoming[best].T),
        outgoing=_kept(through[best].T),
        gamma=_kept(layer.gamma[best]),
        beta=_kept(layer.beta[best]),
        weights=_kept(layer.weight[0, best]),
        accuracy=float(history.test_accuracies[0, -1]),
    )


def _passed(cohort: Cohort, data: Dataset) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """What goes through BN of LAYER, there and back: x, y, dL/dy, dL/dx, each (units, SAMPLES)."""
    inputs = torch.tensor(data.train_inputs[:SAMPLES]).T[None]
    labels = torch.tensor(data.train_labels[:SAMPLES])[None]
    with one_thread():
        intermediates = Intermediates()
        loss = losses(cohort.forward(inputs, "batch", intermediates), labels).sum()
        x, out = intermediates.pre_activations[LAYER - 1], intermediates.activated[LAYER - 1]
        along, through = torch.autograd.grad(loss, [out, x])
    y = intermediates.normalized[LAYER - 1]
    assert y is not None
    return x[0], y[0], (along * (y > 0))[0], through[0]  # back through the ReLU


def _kept(values: Tensor) -> NDArray[np.float64]:
    numbers: NDArray[np.float64] = values.detach().double().numpy()
    return numbers


def _typed(values: Tensor) -> NDArray[np.float64]:
    """Rounded to six digits; no minus before a zero."""
    return np.vectorize(lambda value: float(f"{value:.6g}") + 0.0)(_kept(values))
