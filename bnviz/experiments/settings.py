"""The knobs that experiments share, each declared once: default, allowed values, label, help.

A Config is a frozen pydantic model. Its fields carry a `Knob`; the widget, the link and the
message for a wrong value all come from that one declaration.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, ClassVar, Self

from bnviz.engine.architecture import ACTIVATIONS, INITIALIZATIONS, MATCHED, Architecture
from bnviz.engine.data import Dataset, Scaling, prepared
from bnviz.engine.optimizers import OPTIMIZERS
from bnviz.engine.plan import Plan
from bnviz.engine.samples import Samples, named
from bnviz.engine.training import recording_steps
from bnviz.experiments.bounds import Cost, TooLargeError
from bnviz.experiments.config import Config
from bnviz.experiments.data_knobs import (
    DATA_KNOBS,
    EVERYTHING,
    DataName,
    PointNoise,
    Scale,
    TrainSize,
    WrongLabels,
    as_scaling,
    why_idle,
)
from bnviz.experiments.knob import Knob, Value, knobs, number, percent

__all__ = ["Knob", "Value", "knobs", "number", "percent"]  # most who declare knobs take them here

WORK_LIMIT = 30.0
"""Seconds of one slow core that a run may take, by the estimate of Settings.work."""
MEMORY_LIMIT = 200e6
"""Bytes that a run may take above what the process holds, by the estimate of Settings.memory."""
OTHERWISE = 8e6  # bytes, for what is recorded and put together
FEWEST_STEPS = 20  # of a run of several seeds: before it gets shorter, seeds are left out


LEARNING_RATES = tuple(float(f"{10 ** (k / 4):.2g}") for k in range(-12, 9))
"""Quarter decades from 0.001 to 100; a sweep runs over the same list."""

GAINS = (0.01, 0.03, 0.1, 0.3, 0.5, 1.0, 1.5, 2.0, 3.0, 10.0)


def _every(step: int, start: int = 1) -> Callable[[int], tuple[int, ...]]:
    return lambda depth: tuple(range(start, depth + 1, step))


NORMALIZED: dict[str, Callable[[int], tuple[int, ...]]] = {
    "all": _every(1),
    "every second": _every(2, start=2),
    "first half": lambda depth: tuple(range(1, (depth + 1) // 2 + 1)),
    "second half": lambda depth: tuple(range((depth + 1) // 2 + 1, depth + 1)),
    "first only": lambda depth: (1,),
    "last only": lambda depth: (depth,),
}
"""Which hidden layers are normalized, from the depth."""

REACHES: dict[str, tuple[float, ...]] = {
    "½ to 4": (0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 3.5, 4.0),
    "1/100 to 30": (0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0),
    "1/10 to 1": (0.1, 0.2, 0.3, 0.4, 0.55, 0.7, 0.85, 1.0),
}
"""How far to walk along the gradient, in learning rates. The first two are the ranges of
Santurkar et al. 2018 for their VGG and for their deep linear network."""


Depth = Annotated[
    int,
    Knob("Hidden layers", (1, 2, 3, 4, 6, 8, 10, 12, 16, 20, 30, 50), "How deep.", 1, 50),
]
Width = Annotated[int, Knob("Width", (8, 16, 32, 64, 128, 256), "Units per layer.", 4, 256)]
Activation = Annotated[
    str,
    Knob("Activation", tuple(ACTIVATIONS), "The nonlinearity after each hidden layer."),
]
LearningRate = Annotated[
    float,
    Knob(
        "Learning rate",
        LEARNING_RATES,
        "How far each update goes along the gradient. Both networks use the same.",
        1e-6,
        1e3,
    ),
]
BatchSize = Annotated[
    int,
    Knob(
        "Batch size",
        (1, 2, 4, 8, 16, 32, 64, 128, 256, 512),
        "Samples per update, and the samples whose mean and variance BN takes.",
        1,
        1347,
    ),
]
Initialization = Annotated[
    str,
    Knob(
        "Initialization",
        ("matched", *INITIALIZATIONS),
        "Where the weights start: matched takes He for the ReLU family and Glorot for the"
        " others; normal draws all weights with a standard deviation of 0.05.",
    ),
]
Gain = Annotated[
    float,
    Knob("Initial gain", GAINS, "Multiplies all initial weights.", 1e-4, 1e4),
]
Optimizer = Annotated[
    str,
    Knob("Optimizer", tuple(OPTIMIZERS), "sgd without momentum, with momentum 0.9, or Adam."),
]
Steps = Annotated[
    int,
    Knob("Steps", (50, 100, 200, 400, 800, 1600), "Updates in one run.", 1, 5000),
]
Seeds = Annotated[
    int,
    Knob(
        "Seeds",
        (1, 3, 5, 8, 10),
        "How many pairs are trained. A seed sets the initial weights and the order of the"
        " batches; both networks of a pair share it.",
        1,
        32,
    ),
]
FirstSeed = Annotated[
    int, Knob("First seed", (0,), "The seeds of a run are numbered from here.", 0, 10_000)
]
NormalizedLayers = Annotated[
    str,
    Knob("Normalized layers", tuple(NORMALIZED), "Which hidden layers of the BN network have BN."),
]
Reach = Annotated[
    str,
    Knob(
        "Walk, in learning rates",
        tuple(REACHES),
        "How far to go along the gradient, in multiples of the learning rate.",
    ),
]
Skip = Annotated[
    str,
    Knob(
        "Skip connections",
        ("off", "on"),
        "On: each hidden layer but the first adds its input to its output, in both networks.",
    ),
]
Target = Annotated[
    float,
    Knob(
        "Target accuracy",
        (0.5, 0.7, 0.8, 0.9, 0.95, 0.97),
        "The race is to this test accuracy.",
        0.0,
        1.0,
        percent,
    ),
]


class Settings(Config):
    """What every experiment on a pair of networks can choose."""

    read_later: ClassVar[tuple[str, ...]] = ()
    """Knobs that no run looks at: they say how what it found is read."""

    dataset: DataName = "digits"
    scaling: Scale = "standardized"
    point_noise: PointNoise = 1.0
    train_size: TrainSize = EVERYTHING
    wrong_labels: WrongLabels = 0.0
    depth: Depth = 8
    width: Width = 64
    activation: Activation = "relu"
    learning_rate: LearningRate = 0.1
    batch_size: BatchSize = 64
    initialization: Initialization = "matched"
    gain: Gain = 1.0
    optimizer: Optimizer = "sgd"
    steps: Steps = 100
    seeds: Seeds = 5
    first_seed: FirstSeed = 0

    @classmethod
    def like(cls, other: Settings, **changes: Any) -> Self:
        """The same settings for another question: what the two have in common, and `changes`."""
        shared = cls.model_fields.keys() & type(other).model_fields.keys()
        return cls(**{name: getattr(other, name) for name in shared} | changes)

    def reduced(self) -> Self:
        """These settings with whatever changes nothing in their run at one value.

        Runs of settings that are the same when reduced give the same arrays, to the bit.
        """
        fields = type(self).model_fields
        chosen = {name: getattr(self, name, None) for name in ("dataset", "features")}
        idle = [name for name in DATA_KNOBS if name in fields and why_idle(name, chosen)]
        same = {name: fields[name].default for name in (*self.read_later, *idle)}
        if self.initialization == MATCHED.get(self.activation, "he"):
            same["initialization"] = "matched"
        if self.train_size >= self.raw_samples().train_count:
            same["train_size"] = EVERYTHING
        alike = all(getattr(self, name) == value for name, value in same.items())
        return self if alike else self.model_copy(update=same)

    def raw_samples(self) -> Samples:
        """What was measured: the one place where a name becomes a set."""
        return named(self.dataset, self.point_noise)

    def data(self) -> Dataset:
        samples = self.raw_samples()
        fewer = self.train_size < min(EVERYTHING, samples.train_count)
        size = self.train_size if fewer else None
        scaling = as_scaling(self.scaling, samples.kind)
        return self.prepare(samples, size, self.wrong_labels, scaling)

    def prepare(
        self, samples: Samples, size: int | None, wrong_labels: float, scaling: Scaling
    ) -> Dataset:
        """As `data.prepared`."""
        return prepared(samples, size, wrong_labels, scaling)

    def architecture(self, **changes: Any) -> Architecture:
        """The network these settings describe, without normalization unless `changes` say so."""
        data = self.data()
        described: dict[str, Any] = {
            "inputs": data.features,
            "outputs": data.classes,
            "depth": self.depth,
            "width": self.width,
            "activation": self.activation,
            "initialization": self.initialization,
        }
        return Architecture(**(described | changes))

    def plan(self, replicas: int) -> Plan:
        """How these settings train, with the one learning rate for all replicas."""
        return Plan(
            (self.learning_rate,) * replicas,
            steps=self.steps,
            batch_size=min(self.batch_size, len(self.data().train_labels)),
            optimizer=self.optimizer,  # type: ignore[arg-type]  # the knob allows no other
        )

    def cost(self, **changes: Any) -> Cost:
        """What a network of these settings costs, with BN unless `changes` say otherwise."""
        return Cost(self.architecture(**{"normalizer": "batch"} | changes), self.optimizer)

    def in_batch(self) -> int:
        """The samples that a mini-batch really has."""
        return min(self.batch_size, len(self.data().train_labels))

    def work(self) -> float:
        """About how many seconds of one slow core a run takes: the pair, tested at each record."""
        return 2 * self.training_work(len(recording_steps(self.steps)))

    def training_work(self, records: int = 0, looked_at: int = 0, **changes: Any) -> float:
        """Seconds for the seeds of one kind of network.

        At so many records it is tested, and so many samples more are looked at.
        """
        cost, samples = self.cost(**changes), len(self.data().test_labels) + looked_at
        trained = self.steps * cost.step(self.seeds, self.in_batch())
        return cost.start(self.seeds) + trained + records * cost.look(self.seeds, samples)

    def held(self) -> float:
        """About how many bytes the training of one kind of network holds, its probes included."""
        return self.training_memory()

    def training_memory(self, looking: float = 0.0, **changes: Any) -> float:
        """Bytes for the seeds of one kind of network while they train and are tested.

        The values of a mini-batch are gone when they are tested, or looked at in so many bytes.
        """
        cost, tested = self.cost(**changes), len(self.data().test_labels)
        values = cost.graph(self.seeds, self.in_batch())
        return cost.own(self.seeds) + max(values, cost.passing(self.seeds, tested), looking)

    def kept(self) -> float:
        """Bytes that stay until the run is over: the trained pair, and what was recorded."""
        return 2 * self.cost().parameters(self.seeds) + OTHERWISE

    def after(self) -> float:
        """Bytes that what is done after the training takes, beside `kept`."""
        return 0.0

    def abreast(self, workers: int) -> int:
        """How many kinds of network may train at a time: `workers`, as far as they fit."""
        room = int((MEMORY_LIMIT - self.kept()) / self.held())
        return max(1, min(workers, room))

    def memory(self) -> float:
        """About how many bytes a run takes, at most, above what the process holds."""
        return self.kept() + max(self.abreast(2) * self.held(), self.after())

    def fits(self) -> bool:
        """Whether a run keeps within WORK_LIMIT and MEMORY_LIMIT."""
        return self.work() <= WORK_LIMIT and self.memory() <= MEMORY_LIMIT

    def affordable(self) -> Self:
        """These settings as far as one run may go: fewer steps, then fewer seeds.

        Fewer than FEWEST_STEPS are taken with one seed alone. Raises TooLargeError where not even
        one seed and one step fit.
        """
        if self.fits():
            return self
        for seeds in range(self.seeds, 0, -1):
            granted = self.model_copy(update={"seeds": seeds}).shortened()
            enough = seeds == 1 or granted.steps >= min(self.steps, FEWEST_STEPS)
            if enough and granted.fits():
                return granted
        raise TooLargeError(self.too_large())

    def shortened(self) -> Self:
        """These settings, with as many steps as WORK_LIMIT allows, but one at least."""
        granted = self
        while granted.work() > WORK_LIMIT and granted.steps > 1:  # more than once where a part
            share = WORK_LIMIT / granted.work()  # of the work does not shrink with the steps
            steps = max(1, min(granted.steps - 1, int(granted.steps * share)))
            granted = granted.model_copy(update={"steps": steps})
        return granted

    def too_large(self) -> str:
        """Why not even one step of one seed is run, and what to do."""
        least = self.model_copy(update={"seeds": 1, "steps": 1})
        much = "too much memory" if least.memory() > MEMORY_LIMIT else "too long"
        return (
            f"Even one step of one seed of networks with {self.depth} layers of {self.width} units"
            f" and mini-batches of {self.in_batch()} would take {much} for one visitor: make the"
            " width, the depth or the batch smaller."
        )


class LayersSettings(Settings):
    """The shared settings, and which hidden layers of the second network have BN."""

    normalized_layers: NormalizedLayers = "all"

    def with_bn(self) -> tuple[int, ...]:
        """These layers, from 1: none, where the depth leaves none, as the second half of one."""
        return NORMALIZED[self.normalized_layers](self.depth)
