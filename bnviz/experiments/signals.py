"""Why depth is hard: the signal on its way up and the gradient on its way down, layer by layer."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from bnviz.axes import NEVER, TREATMENTS
from bnviz.engine.networks import Intermediates, losses
from bnviz.engine.training import History, Probe, Snapshot, recording_steps
from bnviz.experiments.bounds import bounded
from bnviz.experiments.jobs import Report, silent
from bnviz.experiments.pair import diverged_at, stacked, train_pair
from bnviz.experiments.result import Axes, Doubles, Floats, Result, Whole
from bnviz.experiments.settings import Depth, Gain, Settings, Skip, Steps

PROBE_SAMPLES = 96  # the first training samples, on which signal and gradient are measured
RECORDS = 8  # moments of training; at this depth each costs as much as four steps
RESOLVED = 1e-6  # of an output's size: what 32-bit arithmetic can still tell apart

WINDOW = 10  # steps over which the training loss is averaged
HALF = 0.5  # of what guessing costs: a network with less has learned something

CHAINS = (1, 5, 20)  # factors of the products, beside as many as the networks have layers
RATES = np.logspace(-3, 0, 61)  # for the products

REMEDY = {"depth": 10, "steps": 200, "seeds": 3, "gain": 1.0, "optimizer": "sgd", "skip": "off"}
LARGE, SMALL = 0.56, 0.056  # learning rates
REMEDIES: dict[str, dict[str, Any]] = {
    "nothing": {"activation": "sigmoid", "initialization": "normal", "learning_rate": LARGE},
    "a tenth of the rate": {
        "activation": "sigmoid", "initialization": "normal", "learning_rate": SMALL,
    },
    "Glorot weights": {
        "activation": "sigmoid", "initialization": "glorot", "learning_rate": LARGE,
    },
    "ReLU": {"activation": "relu", "initialization": "normal", "learning_rate": LARGE},
    "ReLU, He weights": {"activation": "relu", "initialization": "he", "learning_rate": LARGE},
    "ReLU, He, tenth of rate": {
        "activation": "relu", "initialization": "he", "learning_rate": SMALL,
    },
}  # fmt: skip
"""What one did before BN, beside small normal weights, sigmoids and a large rate."""


Direction = Literal["signal", "gradient"]


class SignalsConfig(Settings):
    """The shared settings of a deep network with weights half as large as they should be."""

    depth: Depth = 16
    gain: Gain = 0.5
    steps: Steps = 50
    skip: Skip = "off"

    def learned_below(self) -> float:
        """The training loss below which a network has learned something."""
        return HALF * math.log(self.data().classes)

    def relu_factor(self) -> float:
        """By what a wide layer of ReLU units multiplies its input's size: std(w) sqrt(n / 2)."""
        std = self.architecture().initial_std(self.width, self.width)
        return self.gain * std * math.sqrt(self.width / 2)

    def product(self) -> tuple[float, float, float]:
        """What a product of `depth` factors promises, does in one step, and its largest rate."""
        promised, delivered = chain(self.depth, self.learning_rate)
        return float(promised), float(delivered), chain_limit(self.depth)

    def work(self) -> float:
        """Training, and at each record a pass there and back; a look at the first step."""
        records = len(recording_steps(self.steps, RECORDS))
        looked_at = 4 * PROBE_SAMPLES + self.in_batch()
        return 2 * (self.training_work(records, looked_at) + self.cost().layers * records)

    def held(self) -> float:
        """As Settings.held, with a pass there and back, and a copy of the weights."""
        cost = self.cost(skip=self.skip == "on")
        look = cost.graph(self.seeds, PROBE_SAMPLES) + cost.traced(self.seeds, PROBE_SAMPLES, 3)
        step = cost.parameters(self.seeds) + cost.passing(self.seeds, self.in_batch())
        return self.training_memory(max(look, step), skip=self.skip == "on")


@dataclass(frozen=True, kw_only=True, repr=False)
class SignalsResult(Result):
    """Both treatments (plain, BN) on the first axis. NaN: after a divergence."""

    config: SignalsConfig
    steps: Annotated[Whole, Axes("step")]
    signal: Annotated[
        Floats, Axes("treatment seed step layer", "std of an output over samples; 0: unresolved")
    ]
    gradient: Annotated[
        Floats, Axes("treatment seed step layer", "std of dL/d(output), samples and units")
    ]
    promised: Annotated[
        Floats, Axes("treatment seed", "change of the loss by the first step, to first order")
    ]
    delivered: Annotated[
        Floats, Axes("treatment seed", "its true change, same mini-batch; may be inf")
    ]
    test_accuracy: Annotated[Floats, Axes("treatment seed step", "inference mode, 0 to 1")]
    last_loss: Annotated[
        Doubles, Axes("treatment seed", "mini-batch loss, mean of the last WINDOW steps")
    ]
    learned_at: Annotated[
        Whole,
        Axes("treatment seed", "step at which that mean was below HALF; empty: never", maybe=True),
    ]
    diverged_at: Annotated[Whole, Axes("treatment seed", "step; empty: never", maybe=True)]
    chains: Annotated[Whole, Axes("factors", "factors of the products w1 w2 ... wL")]
    rates: Annotated[Doubles, Axes("learning_rate", "learning rates for them")]
    chain_promised: Annotated[
        Doubles, Axes("factors=chains learning_rate=rates", "change of their loss, to first order")
    ]
    chain_delivered: Annotated[
        Doubles, Axes("factors=chains learning_rate=rates", "its true change")
    ]

    @property
    def probe_samples(self) -> int:
        return PROBE_SAMPLES

    def travelled(self, which: Direction, column: int = 0) -> NDArray[np.float64]:
        """How much arrives of what set out, (2, seeds): 0 where nothing can be told apart.

        Of the signal: last layer / first layer; of the gradient: first layer / last layer.
        """
        values = self._values(which)[:, :, column].astype(np.float64)
        start, end = (0, -1) if which == "signal" else (-1, 0)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            ratio = values[..., end] / values[..., start]
        return np.where(values[..., start] == 0, 0.0, ratio)

    def per_layer(self, which: Direction, column: int = 0) -> NDArray[np.float64]:
        """The factor from one layer to the next on the way, (2, seeds).

        From a straight line through the logarithms, over the layers that have a number; NaN
        with fewer than two of them.
        """
        values = self._values(which)[:, :, column].astype(np.float64)
        way = values if which == "signal" else values[..., ::-1]
        return np.array([[factor(seed) for seed in rows] for rows in way])

    def _values(self, which: Direction) -> NDArray[np.float32]:
        return self.signal if which == "signal" else self.gradient


def factor(values: NDArray[np.float64]) -> float:
    """The factor from one entry to the next, by least squares on the logarithms.

    Entries that are zero or no number are left out; NaN with fewer than two others.
    """
    there = np.flatnonzero(np.isfinite(values) & (values > 0))
    if len(there) < 2:
        return math.nan
    centred = there - there.mean()
    return math.exp(float(centred @ np.log(values[there]) / (centred @ centred)))


def travel(samples: Tensor, labels: Tensor) -> Probe:
    """Each layer's signal and gradient on (samples, features) and their labels, (samples,).

    signal (R, depth): the standard deviation of a unit's output h over the samples, as the root
    mean square over the units; zero below RESOLVED of the outputs' own size. gradient (R, depth):
    the standard deviation of dL/dh over samples and units, L the mean cross entropy. One forward
    pass, normalized with the samples' own statistics as in training, and one backward pass.
    """

    def probe(snapshot: Snapshot) -> Mapping[str, Tensor]:
        cohort, intermediates = snapshot.cohort, Intermediates(inner=False)
        shared = samples.T.expand(cohort.replicas, samples.shape[1], samples.shape[0])
        loss = losses(
            cohort.forward(shared, "batch", intermediates), labels.expand(cohort.replicas, -1)
        )
        slopes = torch.autograd.grad(loss.sum(), intermediates.outputs)
        measured = {
            "signal": [_spread(h.detach()) for h in intermediates.outputs],
            "gradient": [_size(g - g.mean((1, 2), keepdim=True)) for g in slopes],
        }
        return {  # no number: it overflowed on these samples, though not on the mini-batch
            name: torch.stack(layers, dim=1).nan_to_num(nan=torch.inf, posinf=torch.inf)
            for name, layers in measured.items()
        }

    return probe


def _spread(outputs: Tensor) -> Tensor:
    """The standard deviation over the samples, (R,), of outputs (R, units, samples)."""
    spread, size = _size(outputs - outputs.mean(2, keepdim=True)), _size(outputs)
    return torch.where(spread < RESOLVED * size, torch.zeros_like(spread), spread)


def _size(values: Tensor) -> Tensor:
    """The root mean square of each replica, (R,); in float64, which holds the squares."""
    norm = torch.linalg.vector_norm(values, dim=(1, 2), dtype=torch.float64)
    return norm / math.sqrt(values[0].numel())


def first_step(rate: float) -> Probe:
    """What the gradient promises of the first step, and what comes of it; NaN afterwards.

    promised (R,): -rate ||g||^2; delivered (R,): L(theta - rate g) - L(theta), same mini-batch.
    """

    def probe(snapshot: Snapshot) -> Mapping[str, Tensor]:
        missing = torch.full_like(snapshot.losses, torch.nan)
        if snapshot.step > 0:
            return {"promised": missing, "delivered": missing}
        cohort, replicas = snapshot.cohort, snapshot.cohort.replicas
        squares = [g.reshape(replicas, -1).square().sum(1) for g in snapshot.gradients]
        with torch.no_grad(), cohort.untouched():
            for parameter, gradient in zip(cohort.parameters(), snapshot.gradients, strict=True):
                parameter.sub_(gradient, alpha=rate)
            after = losses(cohort.forward(snapshot.inputs, "batch"), snapshot.labels)
        change = torch.nan_to_num(after - snapshot.losses, nan=torch.inf)
        return {"promised": -rate * torch.stack(squares).sum(0), "delivered": change}

    return probe


@bounded
def run(config: SignalsConfig, report: Report = silent, workers: int = 2) -> SignalsResult:
    """Train the pairs and look at every layer. Pure: the same config, the same bits."""
    data = config.data()
    samples = torch.tensor(data.train_inputs[:PROBE_SAMPLES])
    labels = torch.tensor(data.train_labels[:PROBE_SAMPLES])
    everywhere = tuple(range(1, config.depth + 1))
    histories = train_pair(
        config,
        everywhere,
        [travel(samples, labels), first_step(config.learning_rate)],
        report,
        workers,
        record_at=recording_steps(config.steps, RECORDS),
        skip=config.skip == "on",
    )
    chains = np.array(chain_lengths(config.depth))
    promised, delivered = chain(chains[:, None], RATES)
    both = [histories[treatment] for treatment in TREATMENTS]
    return SignalsResult(
        config=config,
        steps=both[0].steps,
        signal=stacked(histories, "signal", (config.depth,)),
        gradient=stacked(histories, "gradient", (config.depth,)),
        promised=stacked(histories, "promised", ())[:, :, 0],
        delivered=stacked(histories, "delivered", ())[:, :, 0],
        test_accuracy=np.stack([history.test_accuracies for history in both]),
        last_loss=np.stack([_last_loss(history) for history in both]),
        learned_at=np.stack([learned_at(history, data.classes) for history in both]),
        diverged_at=np.stack([diverged_at(history) for history in both]),
        chains=chains,
        rates=RATES,
        chain_promised=promised,
        chain_delivered=delivered,
    )


def _last_loss(history: History) -> NDArray[np.float64]:
    return history.batch_losses[:, -WINDOW:].mean(axis=1, dtype=np.float64)


def learned_at(history: History, classes: int) -> NDArray[np.int64]:
    """The step after which the mean loss of the last WINDOW steps was first below HALF.

    HALF of what guessing costs, ln(classes). (seeds,), or NEVER; also where a seed diverged later.
    """
    window = min(WINDOW, history.batch_losses.shape[1])
    wide = history.batch_losses.astype(np.float64)
    means = np.lib.stride_tricks.sliding_window_view(wide, window, axis=1).mean(-1)
    below = means < HALF * math.log(classes)
    stayed = diverged_at(history) == NEVER
    return np.where(below.any(1) & stayed, below.argmax(1) + window, NEVER)


def chain_lengths(depth: int) -> list[int]:
    """How many factors the products have: as many as the network has layers, and some others."""
    others = [length for length in CHAINS if not 0.6 < length / depth < 1.7]
    return sorted({depth, *others})


def chain(
    lengths: NDArray[np.int64] | int, rates: NDArray[np.float64] | float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Promised and true change of the loss of a product after one step, exactly.

    y = w1 w2 ... wL with all w = 1, loss (y - 2)^2 / 2. Every dL/dw is -1, so each factor becomes
    1 + rate, and y becomes (1 + rate)^L. Promised: -rate L, the sum of what each step alone would
    change, to first order.
    """
    delivered = 0.5 * ((1 + np.asarray(rates)) ** lengths - 2) ** 2 - 0.5
    return np.asarray(-1.0 * np.asarray(rates) * lengths), np.asarray(delivered)


def chain_limit(length: int) -> float:
    """The largest rate at which a step still lowers the loss of a product: 3^(1/L) - 1."""
    return float(3 ** (1 / length) - 1)


def remedies(config: SignalsConfig) -> list[SignalsConfig]:
    """The pairs of REMEDIES, on the data, width, batch size and first seed of this run."""
    kept = config.model_dump()
    return [SignalsConfig(**kept | REMEDY | changes) for changes in REMEDIES.values()]
