"""Covariate shift of the inputs: the trained pair on a test set that was changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
import torch
from numpy.typing import NDArray

from bnviz.axes import NEVER, SHORT, TREATMENTS
from bnviz.engine.batchnorm import Mode
from bnviz.engine.data import CHANGES, Dataset, changed
from bnviz.engine.networks import Cohort, accuracies
from bnviz.engine.samples import Kind
from bnviz.engine.threads import one_thread
from bnviz.engine.training import History
from bnviz.experiments.bounds import bounded
from bnviz.experiments.data_knobs import as_scaling
from bnviz.experiments.jobs import Report, silent
from bnviz.experiments.pair import diverged_at, train_arms
from bnviz.experiments.result import Axes, Doubles, Floats, Result
from bnviz.experiments.settings import Settings
from bnviz.experiments.shift import ARMS, ShiftConfig

BINS, REACH = 40, 4.0  # of what a unit computes, in its deviation on the training set
POINTS = 150  # of a plane that are drawn
JUDGES: tuple[tuple[str, Mode], ...] = (
    ("plain", "inference"),
    ("batch", "inference"),
    ("batch", "batch"),
)
"""Who is tested on changed inputs; the last takes mean and deviation from them."""


class InputsConfig(ShiftConfig):
    """A question of its own: the trained pair on inputs of another kind."""

    def work(self) -> float:
        """As Settings.work, for the pair, and every judge on every test set."""
        looks = 3 * len(JUDGES) * self.cost().look(self.seeds, len(self.data().test_labels))
        return Settings.work(self) + looks

    def held(self) -> float:
        return Settings.held(self)

    def kept(self) -> float:
        return Settings.kept(self)

    def after(self) -> float:
        """One judge on one test set."""
        return self.cost().passing(self.seeds, len(self.data().test_labels))


@dataclass(frozen=True, kw_only=True, repr=False)
class Inputs(Result):
    """Covariate shift of the inputs: the test set as it was, and changed in two ways."""

    config: InputsConfig
    worlds: Annotated[tuple[str, ...], Axes("world", "as it was, and the two changes")]
    kind: Annotated[Kind, Axes("", "of the samples")]
    samples: Annotated[
        Floats, Axes("world=worlds feature", "one test sample; points: (3, 2 * points)", drawn=True)
    ]
    seen: Annotated[
        Floats, Axes("world bin", "densities of a unit's W x, training set first", drawn=True)
    ]
    edges: Annotated[
        Doubles, Axes("bin", "of the bins, in the deviation on the training set", drawn=True)
    ]
    moments: Annotated[
        Doubles,
        Axes("world=worlds moment", "root mean square over units: mean; deviation, in the same"),
    ]
    accuracy: Annotated[
        Floats, Axes("judge=judges world=worlds seed", "of the trained networks; NaN: diverged")
    ]

    @property
    def judges(self) -> tuple[str, ...]:
        """The networks, and the mode in which each predicts, (JUDGES,)."""
        said = {"inference": "inference", "batch": "training"}
        return tuple(f"{SHORT[name]} in {said[mode]}" for name, mode in JUDGES)


@bounded
def run(config: InputsConfig, report: Report = silent, workers: int = 2) -> Inputs:
    """Train plain and BN, and test them on changed inputs. Pure: same config, same bits."""
    arms: dict[str, dict[str, Any]] = {name: ARMS[name] for name in TREATMENTS}
    trained = train_arms(config, arms, (), report, workers, record_at=[config.steps])
    with one_thread():
        return _inputs(config, config.data(), trained)


def _inputs(config: InputsConfig, data: Dataset, trained: Mapping[str, History]) -> Inputs:
    """The test set, changed; what a first layer sees of it, and what the networks make of it."""
    worlds, samples = ("as it was", *CHANGES[data.kind]), config.raw_samples()
    scaling = as_scaling(config.scaling, data.kind)
    tests = [data.test_inputs, *(changed(samples, world, scaling) for world in worlds[1:])]
    first = Cohort(config.architecture(), [config.first_seed]).layers[0].weight[0].detach()
    weight = first.double().numpy()
    training = data.train_inputs.astype(np.float64) @ weight.T
    values = [standard(test @ weight.T, training) for test in tests]
    unit = typical_unit(values[1])
    edges = np.linspace(-REACH, REACH, BINS + 1)
    histograms = [
        np.histogram(np.clip(each[:, unit], -REACH, REACH), edges, density=True)[0]
        for each in (standard(training, training), *values)
    ]
    moments = [[rms(each.mean(0)), rms(each.std(0))] for each in values]
    accuracy = [
        [_accuracy(trained[arm], test, data, mode) for test in tests] for arm, mode in JUDGES
    ]
    return Inputs(
        config=config,
        worlds=worlds,
        kind=data.kind,
        samples=np.stack([_shown(test, data) for test in tests]),
        seen=np.stack(histograms).astype(np.float32),
        edges=edges,
        moments=np.array(moments),
        accuracy=np.array(accuracy, np.float32),
    )


def standard(values: NDArray[np.float64], training: NDArray[np.float64]) -> NDArray[np.float64]:
    """Each unit's values (samples, units) in its mean and deviation on the training set."""
    std = np.maximum(training.std(0), 1e-12)
    scaled: NDArray[np.float64] = (values - training.mean(0)) / std
    return scaled


def typical_unit(values: NDArray[np.float64]) -> int:
    """The unit whose mean lies as far from 0 as is typical: next to the root mean square."""
    means = np.abs(values.mean(0))
    return int(np.abs(means - rms(means)).argmin())


def rms(values: NDArray[np.float64]) -> float:
    return float(np.sqrt(np.square(values).mean()))


def _shown(test: NDArray[np.float32], data: Dataset) -> NDArray[np.float32]:
    """What is drawn of a test set: its first image, above the darkest pixels; its first points.

    Of a table, its first row, each feature in the mean and deviation of the training set.
    """
    if data.kind == "points":
        return test[:POINTS].ravel()
    if data.kind == "table":
        first, training = test[:1].astype(np.float64), data.train_inputs.astype(np.float64)
        return standard(first, training)[0].astype(np.float32)
    image: NDArray[np.float32] = test[0] - data.train_inputs.min(0)
    return image


def _accuracy(
    history: History, test: NDArray[np.float32], data: Dataset, mode: Mode
) -> NDArray[np.float32]:
    """The share of these inputs that each seed gets right, (seeds,); NaN where it diverged."""
    cohort = history.cohort
    inputs, labels = torch.tensor(test).T, torch.tensor(data.test_labels)
    with torch.no_grad():
        logits = cohort.forward(inputs.expand(cohort.replicas, *inputs.shape), mode)
    right = accuracies(logits, labels.expand(cohort.replicas, len(labels))).numpy()
    return np.where(diverged_at(history) == NEVER, right, np.nan).astype(np.float32)
