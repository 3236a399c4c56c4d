"""Scale: BN makes the length of the weights no part of the function. What is it then?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any

import numpy as np
import torch
from numpy.typing import NDArray

from bnviz.axes import NEVER, TREATMENTS
from bnviz.engine.data import Dataset
from bnviz.engine.networks import Cohort
from bnviz.engine.plan import Plan
from bnviz.engine.scales import PERCENTILES, Rescaled, growth, inference_accuracy, rescaled
from bnviz.engine.threads import one_thread
from bnviz.engine.training import History, recording_steps
from bnviz.experiments.bounds import FLOAT, bounded
from bnviz.experiments.jobs import Job, Report, side_by_side, silent
from bnviz.experiments.pair import diverged_at, stacked, train_pair
from bnviz.experiments.result import Axes, Doubles, Floats, Result, Whole
from bnviz.experiments.settings import (
    GAINS,
    MEMORY_LIMIT,
    NORMALIZED,
    OTHERWISE,
    Depth,
    Knob,
    LearningRate,
    Seeds,
    Settings,
    Steps,
    knobs,
)
from bnviz.experiments.training import seeds_of, then, training

FACTORS = tuple(sorted({0.7, 1.4, *(float(f"{10 ** (k / 2):.2g}") for k in range(-8, 9))}))
"""What the weights are multiplied by: half decades from 1e-4 to 1e4, and two steps beside 1."""
RECORDS = 20  # steps that are shown
SAMPLES = 64  # training samples on which multiplied weights are compared
MEASURED = 1e-8  # seconds of a weight at every step, for the lengths of W and its gradient
ANGLE = 6e-8  # seconds of a weight, for the angle to its gradient
ENDS = (0.01, 100.0)  # initial gains at which every run starts, besides the reader's own
NOISE = 1e-5  # of ||W||^2: a smaller decrease is rounding

Gain = Annotated[
    float,
    Knob("Initial gain", (*GAINS, 30.0, 100.0), "Multiplies all initial weights.", 1e-4, 1e4),
]
SCALED: dict[str, Callable[[int], tuple[int, ...]]] = {
    "all hidden layers": lambda depth: tuple(range(1, depth + 1)),
    "the first layer": lambda depth: (1,),
    "the last hidden layer": lambda depth: (depth,),
}
Scaled = Annotated[
    str,
    Knob("Multiply the weights of", tuple(SCALED), "Whose trained weights are multiplied by a."),
]
Decay = Annotated[
    float,
    Knob(
        "Weight decay",
        (0.0, 0.0005, 0.002, 0.005, 0.01, 0.02, 0.05),
        "An L2 penalty: the gradient gets this times the parameter added, with Adam too (whose"
        " decoupled decay, AdamW, is another thing).",
        0.0,
        1.0,
    ),
]


LAYERS: dict[str, Callable[[int], int]] = {
    "first hidden layer": lambda depth: 0,
    "middle hidden layer": lambda depth: (depth - 1) // 2,
    "last hidden layer": lambda depth: depth - 1,
    "output layer (no BN)": lambda depth: depth,
}
"""Which layer is drawn over training: its place, from the depth."""


class ScaleConfig(Settings):
    """The shared settings, weight decay, and which layers' weights are multiplied afterwards."""

    depth: Depth = 4
    learning_rate: LearningRate = 1.0
    gain: Gain = 0.3
    steps: Steps = 100
    seeds: Seeds = 3
    decay: Decay = 0.0
    scaled: Scaled = "all hidden layers"

    def starts(self) -> tuple[float, ...]:
        """The initial gains that are trained: this one and both ENDS, in increasing order."""
        return tuple(sorted({self.gain, *ENDS}))

    def plan(self, replicas: int) -> Plan:
        return replace(super().plan(replicas), weight_decay=self.decay)

    def blocks(self) -> list[list[float]]:
        """The gains that train as one cohort: all, or each by itself where they do not fit.

        After the starts comes ENDS[1] once more, with the output layer spared.
        """
        gains = [*self.starts(), ENDS[1]]
        fit = self._kept() + self._held(len(gains)) <= MEMORY_LIMIT
        return [gains] if fit else [[gain] for gain in gains]

    def work(self) -> float:
        """Training from every start, and one look in float64 for each factor."""
        cost, gains = self.cost(), len(self.starts()) + 1
        networks, cohorts = gains * self.seeds, len(self.blocks())
        measured = MEASURED * cost.weights * networks + cohorts * cost.layers
        step = cost.step(networks, self.in_batch()) + (cohorts - 1) * cost.layers + measured
        angles = len(self.shown()) * ANGLE * cost.weights * networks
        multiplied = 2 * cost.step(self.seeds, SAMPLES) + ANGLE * cost.weights * self.seeds
        tested = cost.look(networks, len(self.data().test_labels))
        looks = (len(FACTORS) + 1) * multiplied + 2 * cost.start(self.seeds)  # float64
        return 2 * (cost.start(networks) + self.steps * step + angles + tested + looks)

    def held(self) -> float:
        return self._held(len(self.blocks()[0]))

    def _held(self, gains: int) -> float:
        """Bytes of a cohort from so many starts, while it trains or while it is multiplied."""
        cost, networks = self.cost(), gains * self.seeds
        tested = cost.passing(networks, len(self.data().test_labels))
        trained = cost.own(networks) + max(cost.graph(networks, self.in_batch()), tested)
        copies = 7 * cost.parameters(self.seeds) + 2 * cost.traced(self.seeds, SAMPLES, 5)
        angles = 3 * self._records() / (len(self.starts()) + 1) * gains
        return max(trained, cost.parameters(networks) + copies) + angles

    def kept(self) -> float:
        """What is recorded at every step, in 32 and in 64 bits; no networks."""
        return self._kept()

    def _kept(self) -> float:
        return OTHERWISE + 24 * self._records()

    def _records(self) -> float:
        """Bytes of one number for each layer of each network of one treatment, at every step."""
        return FLOAT * (len(self.starts()) + 1) * self.seeds * (self.steps + 1) * (self.depth + 1)

    def shown(self) -> list[int]:
        """The steps that are shown."""
        return recording_steps(self.steps, RECORDS)

    def spared(self) -> float:
        """The gain of the output layer where the hidden layers alone start from ENDS[1]."""
        return min(self.gain, 1.0)


@dataclass(frozen=True, kw_only=True, repr=False)
class ScaleResult(Result):
    """Both treatments (plain, BN) on the first axis. NaN: after a divergence.

    Layers are counted as usual; the output layer, which has no BN, is the last one.
    """

    config: ScaleConfig
    starts: Annotated[
        Doubles, Axes("gain", "initial gains, increasing; the reader's is one of them")
    ]
    steps: Annotated[Whole, Axes("step")]
    factors: Annotated[Doubles, Axes("factor", "what the trained weights are multiplied by")]
    output_change: Annotated[
        Doubles, Axes("treatment seed factor=factors", "||f(aW)-f(W)||/||f(W)||, trained weights")
    ]
    gradient_ratio: Annotated[
        Doubles, Axes("treatment seed factor=factors", "||dL/d(aW)|| / ||dL/dW||")
    ]
    variance: Annotated[
        Doubles, Axes("treatment seed", "of W u, the median unit of the multiplied layers")
    ]
    square: Annotated[Doubles, Axes("treatment gain=starts seed step layer", "||W||^2")]
    predicted: Annotated[
        Doubles, Axes("treatment gain=starts seed step layer", "the same by theory; for SGD")
    ]
    shrank: Annotated[
        Whole, Axes("treatment gain=starts seed layer", "steps at which ||W||^2 became smaller")
    ]
    angle: Annotated[
        Floats,
        Axes(
            "treatment gain=starts seed step layer share=PERCENTILES",
            "degrees between W and its gradient; share: of the units",
        ),
    ]
    accuracy: Annotated[
        Doubles, Axes("treatment gain=starts seed", "on the test set at the end, 0 to 1")
    ]
    diverged_at: Annotated[
        Whole, Axes("treatment gain=starts seed", "step; empty: never", maybe=True)
    ]
    spared: Annotated[
        Doubles, Axes("treatment seed", "accuracy from ENDS[1] in the hidden layers alone")
    ]
    spared_growth: Annotated[
        Doubles, Axes("treatment seed layer", "their ||W||^2 at the end over the first")
    ]

    @property
    def own(self) -> int:
        """The place of the reader's gain among the starts."""
        return self.config.starts().index(self.config.gain)

    @property
    def ends(self) -> tuple[int, int]:
        """The places of ENDS among the starts: too small, too large."""
        small, large = (self.config.starts().index(gain) for gain in ENDS)
        return small, large

    def place(self, layer: str) -> int:
        """Where a layer of LAYERS stands on the axis of layers."""
        return LAYERS[layer](self.config.depth)

    def rate(self) -> NDArray[np.float64]:
        """The effective learning rate lr / ||W||^2, (2, G, seeds, T, layers)."""
        with np.errstate(divide="ignore"):
            return self.config.learning_rate / self.square


@bounded
def run(config: ScaleConfig, report: Report = silent, workers: int = 2) -> ScaleResult:
    """Train from every start, then multiply the trained weights. Pure: same config, same bits."""
    places = range(len(config.blocks()))
    jobs = {f"{t} {place}": _training(config, t, place) for t in TREATMENTS for place in places}
    trained = side_by_side(jobs, config.steps, report, workers)
    return _result(config, [[trained[f"{t} {place}"] for place in places] for t in TREATMENTS])


@dataclass(frozen=True, kw_only=True)
class _Trained:
    """What is left of the networks that trained as one cohort."""

    square: NDArray[np.float32]  # (R, steps + 1, layers)
    slope: NDArray[np.float32]  # the same of the gradient
    angle: NDArray[np.float32]  # (R, T, layers, 3)
    diverged_at: NDArray[np.int64]  # (R,)
    accuracy: NDArray[np.float64]  # (R,)
    multiplied: Rescaled | None  # of the reader's own start, where it is among them


def _training(config: ScaleConfig, treatment: str, place: int) -> Job[_Trained]:
    """The networks of one block of starts, trained as one cohort."""
    blocks, data = config.blocks(), config.data()
    replicas = [(gain, seed) for gain in blocks[place] for seed in seeds_of(config)]
    own = config.starts().index(config.gain) - sum(map(len, blocks[:place]))  # in this block
    architecture = config.architecture(normalizer="batch" if treatment == "batch" else "none")

    def build(seeds: Sequence[int], gains: Sequence[float]) -> Cohort:
        cohort = Cohort(architecture, seeds, gains)
        if place == len(blocks) - 1:
            with torch.no_grad():  # the last ones: too large in the hidden layers alone
                cohort.layers[-1].weight[-config.seeds :] *= config.spared() / ENDS[1]
        return cohort

    def kept(history: History) -> _Trained:
        mine = 0 <= own < len(blocks[place])
        return _Trained(
            square=_recorded(history, "square"),
            slope=_recorded(history, "gradient_square"),
            angle=_recorded(history, "angle", (len(PERCENTILES),))[:, config.shown()],
            diverged_at=diverged_at(history),
            accuracy=_final(history.cohort, data),
            multiplied=_multiplied(history.cohort, config, own) if mine else None,
        )

    job = training(
        config,
        seeds=[seed for _, seed in replicas],
        gains=[gain for gain, _ in replicas],
        build=build,
        record_at=range(config.steps + 1),  # the prediction is a sum over all of them
        probes=[growth(config.shown())],
        tested=False,
    )
    return then(job, kept)


def _recorded(history: History, name: str, more: tuple[int, ...] = ()) -> NDArray[np.float32]:
    shape = (len(history.cohort.layers), *more)
    return stacked({"alone": history}, name, shape, ["alone"])[0]


def _final(cohort: Cohort, data: Dataset) -> NDArray[np.float64]:
    with one_thread():
        return inference_accuracy(cohort, data).double().numpy()


def _multiplied(cohort: Cohort, config: ScaleConfig, start: int) -> Rescaled:
    """The networks of this start, at the end of training, with multiplied weights."""
    own = cohort.select(range(start * config.seeds, (start + 1) * config.seeds))
    data = config.data()
    inputs = torch.tensor(data.train_inputs[:SAMPLES])
    labels = torch.tensor(data.train_labels[:SAMPLES])
    with one_thread():
        return rescaled(own, SCALED[config.scaled](config.depth), FACTORS, inputs, labels)


def _result(config: ScaleConfig, rows: list[list[_Trained]]) -> ScaleResult:
    """The blocks of both treatments, side by side."""

    def joined(values: Callable[[_Trained], NDArray[Any]]) -> NDArray[Any]:
        return np.stack([np.concatenate([values(one) for one in row]) for row in rows])

    shown = config.shown()
    every = joined(lambda one: one.square).astype(np.float64)
    square, spared = _by_start(every, config), every[:, -config.seeds :]
    slope = _by_start(joined(lambda one: one.slope).astype(np.float64), config)
    lost = joined(lambda one: one.diverged_at)
    accuracy = np.where(lost == NEVER, joined(lambda one: one.accuracy), np.nan)
    multiplied = [one.multiplied for row in rows for one in row if one.multiplied is not None]
    return ScaleResult(
        config=config,
        starts=np.array(config.starts()),
        steps=np.array(shown),
        factors=np.array(FACTORS),
        output_change=np.stack([one.output_change.numpy() for one in multiplied]),
        gradient_ratio=np.stack([one.gradient_ratio.numpy() for one in multiplied]),
        variance=np.stack([one.variance.numpy() for one in multiplied]),
        square=square[:, :, :, shown],
        predicted=_predicted(square, slope, config)[:, :, :, shown],
        shrank=(square[:, :, :, 1:] < (1 - NOISE) * square[:, :, :, :-1]).sum(axis=3),
        angle=_by_start(joined(lambda one: one.angle), config),
        accuracy=_by_start(accuracy, config),
        diverged_at=_by_start(lost, config),
        spared=accuracy[:, -config.seeds :],
        spared_growth=spared[:, :, -1] / spared[:, :, 0],
    )


def _by_start(values: NDArray[Any], config: ScaleConfig) -> NDArray[Any]:
    """(2, replicas, …) as (2, starts, seeds, …), without those of the spared output layer."""
    starts = len(config.starts())
    return values.reshape(2, starts + 1, config.seeds, *values.shape[2:])[:, :starts]


def _predicted(
    square: NDArray[np.float64], slope: NDArray[np.float64], config: ScaleConfig
) -> NDArray[np.float64]:
    """||W||^2 at every step from its first value and the gradients alone.

    If the gradient stands at right angles to W, then
    ||W'||^2 = (1 - lr decay)^2 ||W||^2 + lr^2 ||g||^2 (Pythagoras). For SGD without momentum:
    the others do not step along the gradient. Both arguments: (2, G, seeds, steps + 1, layers).
    """
    predicted = np.full_like(square, np.nan)
    if config.optimizer == "sgd":
        kept = (1 - config.learning_rate * config.decay) ** 2
        predicted[:, :, :, 0] = square[:, :, :, 0]
        with np.errstate(over="ignore", invalid="ignore"):  # of what is about to diverge
            for step in range(config.steps):
                grown = config.learning_rate**2 * slope[:, :, :, step]
                predicted[:, :, :, step + 1] = kept * predicted[:, :, :, step] + grown
    return predicted


@dataclass(frozen=True, kw_only=True, repr=False)
class GainResult(Result):
    """Both treatments (plain, BN) from one initial gain. NaN: after a divergence."""

    config: ScaleConfig
    accuracy: Annotated[Floats, Axes("treatment seed", "on the test set at the end, 0 to 1")]


@bounded
def run_gain(config: ScaleConfig, report: Report = silent, workers: int = 2) -> GainResult:
    """Train the pairs from this initial gain alone."""
    every = NORMALIZED["all"](config.depth)
    histories = train_pair(config, every, (), report, workers, record_at=[config.steps])
    final = np.stack([histories[t].test_accuracies[:, -1] for t in TREATMENTS])
    return GainResult(config=config, accuracy=final)


def gains(config: ScaleConfig) -> list[ScaleConfig]:
    """The same networks from every initial gain of the knob."""
    options = knobs(ScaleConfig)["gain"].options
    return [config.model_copy(update={"gain": float(gain)}) for gain in options]
