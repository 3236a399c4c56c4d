"""The front door: break a deep network with a large learning rate, then mend it with BN."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Self

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import Field, StrictInt, model_validator

from bnviz.axes import NEVER, TREATMENTS
from bnviz.engine.probes import health
from bnviz.engine.training import History, recording_steps
from bnviz.experiments.bounds import FLOAT, bounded
from bnviz.experiments.jobs import Report, silent
from bnviz.experiments.links import Asked, toggles
from bnviz.experiments.pair import diverged_at, stacked, train_pair, typical_seed
from bnviz.experiments.refusals import shortened
from bnviz.experiments.result import Axes, Floats, Result, Whole
from bnviz.experiments.settings import Settings

RECORDS = 20
PROBE_SAMPLES = 192  # the first training samples, on which the layers' health is measured


class HomeConfig(Settings):
    """The shared settings, and the hidden layers (from 1) that have BN in the second network."""

    normalized: Annotated[
        tuple[StrictInt, ...] | None,
        Field(description="The layers of the second network that have BN, from 1; None: all."),
    ] = None

    @model_validator(mode="after")
    def _check_normalized(self) -> Self:
        wrong = [layer for layer in self.normalized or () if not 1 <= layer <= self.depth]
        if wrong:
            raise ValueError(f"normalized has {wrong}; allowed are layers 1 to {self.depth}")
        return self

    @classmethod
    def of_link(cls, asked: Asked) -> dict[str, Any]:
        """As Config.of_link, with the toggles on the layers of this depth."""
        found = super().of_link(asked)
        texts = asked.get(toggles(found.get("depth", cls.model_fields["depth"].default)))
        if texts is None:
            return found
        wrong = [text for text in texts if text and not text.isdecimal()]
        if wrong:
            raise ValueError(f"BN in layer: {shortened(wrong[0])} is no layer")
        return found | {"normalized": tuple(int(text) for text in texts if text)}

    def in_link(self) -> Iterator[tuple[str, str]]:
        """As Config.in_link, with the toggles; without BN in any layer, one that is empty."""
        yield from super().in_link()
        if self.normalized is not None and self.with_bn() != tuple(range(1, self.depth + 1)):
            for layer in self.with_bn() or ("",):
                yield toggles(self.depth), str(layer)

    def with_bn(self) -> tuple[int, ...]:
        """The hidden layers of the second network that have BN, in order."""
        everyone = range(1, self.depth + 1)
        return tuple(everyone if self.normalized is None else sorted(set(self.normalized)))

    def weights_by_layer(self) -> tuple[int, ...]:
        """How many weights each hidden layer has."""
        sizes = self.architecture().sizes()[: self.depth]
        return tuple(entering * leaving for entering, leaving in sizes)

    def work(self) -> float:
        """As Settings.work, with what looking at the layers costs."""
        return 2 * self.training_work(len(recording_steps(self.steps, RECORDS)), 2 * PROBE_SAMPLES)

    def held(self) -> float:
        """As Settings.held, with one look and what it found."""
        cost = self.cost()
        return self.training_memory(cost.traced(self.seeds, PROBE_SAMPLES, 2)) + self._found()

    def kept(self) -> float:
        """As Settings.kept, with the signal of every unit: by treatment, and then together."""
        return super().kept() + 4 * self._found()

    def _found(self) -> float:
        """Bytes of the signal of every unit of one treatment."""
        records = len(recording_steps(self.steps, RECORDS))
        return FLOAT * self.seeds * records * self.depth * self.width


@dataclass(frozen=True, kw_only=True, repr=False)
class HomeResult(Result):
    """Both treatments (plain, BN) on the first axis. NaN: after a divergence."""

    config: HomeConfig
    steps: Annotated[Whole, Axes("step")]
    test_accuracy: Annotated[Floats, Axes("treatment seed step", "inference mode, 0 to 1")]
    typical: Annotated[
        int, Axes("", "the place of the seed whose networks are drawn: see typical_seed")
    ]
    unit_signal: Annotated[
        Floats,
        Axes(
            "treatment step layer unit",
            "deviation of an output over samples; of the seed that is drawn",
        ),
    ]
    signal: Annotated[
        Floats, Axes("treatment seed step layer", "root mean square of that over the units")
    ]
    gradient: Annotated[Floats, Axes("treatment seed step layer", "||dL/dW||")]
    weight: Annotated[Floats, Axes("treatment seed step layer", "||W||")]
    idle: Annotated[Floats, Axes("treatment seed step layer", "dead or saturated share, 0 to 1")]
    diverged_at: Annotated[Whole, Axes("treatment seed", "step; empty: never", maybe=True)]
    overflowed: Annotated[
        Whole, Axes("treatment seed", "the first layer to overflow; empty: never", maybe=True)
    ]
    classes: Annotated[int, Axes()]


@bounded
def run(config: HomeConfig, report: Report = silent, workers: int = 2) -> HomeResult:
    """Train the pairs and measure every layer's health. Pure: the same config, the same bits."""
    data = config.data()
    probe = health(torch.tensor(data.train_inputs[:PROBE_SAMPLES]))
    records = recording_steps(config.steps, RECORDS)
    histories = train_pair(config, config.with_bn(), [probe], report, workers, record_at=records)
    unit_signal = stacked(histories, "unit_signal", (config.depth, config.width))
    hidden = slice(0, config.depth)
    accuracy = np.stack([histories[t].test_accuracies for t in TREATMENTS])
    typical = typical_seed(accuracy[..., -1])
    both = [histories[treatment] for treatment in TREATMENTS]
    return HomeResult(
        config=config,
        steps=both[0].steps,
        test_accuracy=accuracy,
        typical=typical,
        unit_signal=unit_signal[:, typical],
        signal=np.stack([[_signal(seed) for seed in treatment] for treatment in unit_signal]),
        gradient=stacked(histories, "gradient", (config.depth + 1,))[..., hidden],
        weight=stacked(histories, "weight", (config.depth + 1,))[..., hidden],
        idle=stacked(histories, "idle", (config.depth,)),
        diverged_at=np.stack([diverged_at(history) for history in both]),
        overflowed=np.stack([_overflowed(history) for history in both]),
        classes=data.classes,
    )


def _signal(of_units: NDArray[np.float32]) -> NDArray[np.float32]:
    """The root mean square over the units, (…), of (…, units); in 64 bits."""
    signal: NDArray[np.float32] = np.sqrt((of_units.astype(np.float64) ** 2).mean(-1))
    return signal.astype(np.float32)


def _overflowed(history: History) -> NDArray[np.int64]:
    return np.array([NEVER if d is None else d.layer for d in history.divergences])
