"""BN on the network's input: features of different scales, made up or measured, and without it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray

from bnviz.engine.data import AT_HAND, Dataset
from bnviz.engine.samples import KINDS
from bnviz.experiments.bounds import bounded
from bnviz.experiments.data_knobs import EVERYTHING
from bnviz.experiments.jobs import Report, silent
from bnviz.experiments.result import Axes, Doubles, Floats, Result
from bnviz.experiments.settings import LEARNING_RATES, OTHERWISE, Knob, Settings
from bnviz.experiments.sweep import grid, train_sweep, work
from bnviz.experiments.sweep import largest as largest_cohort

SPOILING_SEED = 2015
DECADES = 2.0  # a feature is multiplied by 10 to the power of U(-2, 2)
RATIO, CORRELATION = 6.0, 0.4  # of the two features whose ground is drawn, as nearly as there are
SHARE = 0.75  # of the largest stable rate, at which the walk goes
RATES = LEARNING_RATES[::2]  # half decades
SWEPT_SEEDS = 3  # at most

FEATURES = Knob(
    "Features",
    ("scaled", "wild"),
    "wild: each feature is spread by sinh, which gives heavy tails, and then multiplied by a"
    " factor of its own between 0.01 and 100.",
)


@lru_cache(maxsize=AT_HAND)
def wild(data: Dataset) -> Dataset:
    """Standardized data with features of heavy tails and wildly different scales.

    x_j becomes s_j sinh(x_j) with log10(s_j) ~ U(-2, 2), drawn once.
    """
    random = np.random.default_rng(SPOILING_SEED)
    factors = 10.0 ** random.uniform(-DECADES, DECADES, data.features)
    train, test = (factors * np.sinh(x) for x in _inputs(data))
    return _with_inputs(data, "wild", train, test)


@lru_cache(maxsize=AT_HAND)
def rescaled(data: Dataset) -> Dataset:
    """The data, scaled beforehand: each feature has mean 0 and deviation 1 in training."""
    train, test = _inputs(data)
    mean, std = train.mean(0), train.std(0)
    std[std == 0] = 1.0  # a constant feature stays at zero
    return _with_inputs(data, "rescaled", (train - mean) / std, (test - mean) / std)


def wild_of(config: Settings) -> Dataset:
    """The wild features of the data that these settings describe, however those are scaled."""
    standardized = config.model_copy(update={"scaling": "standardized"})
    return wild(Settings.data(standardized))


def _inputs(data: Dataset) -> tuple[Doubles, Doubles]:
    return data.train_inputs.astype(np.float64), data.test_inputs.astype(np.float64)


def _with_inputs(data: Dataset, kind: str, train: Doubles, test: Doubles) -> Dataset:
    held = [x.astype(np.float32) for x in (train, test)]
    name = f"{data.name}, {kind}"
    return replace(data, name=name, train_inputs=held[0], test_inputs=held[1])


# ------------------------------------------------------------------ the ground


GROUNDS = ("as they are", "normalized")


@dataclass(frozen=True, kw_only=True, repr=False)
class Ground(Result):
    """The loss of a linear unit, L(w) = E[(w.x - y)^2] / 2, y = 1 or -1: odd or even label.

    First axis of arrays: the features as they are, and the same normalized one by one (BN over all
    training samples). Its curvature is E[x x^T] everywhere.
    """

    curvature: Annotated[Doubles, Axes("inputs=GROUNDS row column", "of two features")]
    middle: Annotated[
        Doubles, Axes("inputs=GROUNDS weight", "the two weights with the lowest loss")
    ]
    start: Annotated[
        Doubles,
        Axes("inputs=GROUNDS weight", "where the walk starts; both have the same distance in loss"),
    ]
    rate: Annotated[
        Doubles,
        Axes("inputs=GROUNDS", "the largest stable rate for these two, 2 / the largest curvature"),
    ]
    condition: Annotated[
        Doubles, Axes("inputs=GROUNDS", "largest / smallest curvature for these two")
    ]
    all_rate: Annotated[Doubles, Axes("inputs=GROUNDS", "the same with all features that vary …")]
    all_condition: Annotated[
        Doubles, Axes("inputs=GROUNDS", "… and their largest / smallest curvature")
    ]
    features: Annotated[int, Axes("", "those that vary")]

    def walk(self, steps: NDArray[np.int64]) -> Doubles:
        """Weights after so many steps of gradient descent, (2, T, 2), at SHARE of the rate.

        w_t = w* + (1 - rate H)^t (w_0 - w*).
        """
        walks = []
        for kind in range(2):
            values, vectors = np.linalg.eigh(self.curvature[kind])
            away = vectors.T @ (self.start[kind] - self.middle[kind])
            left = (1 - SHARE * self.rate[kind] * values) ** steps[:, None]
            walks.append(self.middle[kind] + (left * away) @ vectors.T)
        return np.stack(walks)

    def patience(self, closer: float) -> Doubles:
        """Steps until the slowest of the two directions is so many times closer, (2,).

        At SHARE of the rate.
        """
        slowest = 1 - 2 * SHARE / self.condition
        crossing = abs(1 - 2 * SHARE)  # the steepest direction goes to and fro
        remains = np.maximum(np.abs(slowest), crossing)
        steps: Doubles = np.ceil(np.log(closer) / -np.log(remains))
        return steps


@lru_cache(maxsize=AT_HAND)
def ground(data: Dataset) -> Ground:
    """The ground under the features of these data, before and after normalizing them."""
    x, y = data.train_inputs.astype(np.float64), np.where(data.train_labels % 2, 1.0, -1.0)
    x = x[:, np.ptp(x, axis=0) > 0]
    normalized = (x - x.mean(0)) / x.std(0)
    pair = list(_telling_pair(x))
    both = [_bowl(kind[:, pair], y) for kind in (x, normalized)]
    curvature, middle = (np.stack([one[part] for one in both]) for part in range(2))
    steepness = np.linalg.eigvalsh(curvature)
    every = np.stack([np.linalg.eigvalsh(k.T @ k / len(k)) for k in (x, normalized)])
    return Ground(
        curvature=curvature,
        middle=middle,
        start=np.stack([_on_the_slope(*one) for one in both]),
        rate=2 / steepness[:, -1],
        condition=steepness[:, -1] / steepness[:, 0],
        all_rate=2 / every[:, -1],
        all_condition=every[:, -1] / every[:, 0],
        features=x.shape[1],
    )


def _telling_pair(x: Doubles) -> tuple[int, int]:
    """Two features whose ground shows both a stretch and a tilt, and still fits into a picture."""
    logs, related = np.log(x.std(0)), np.abs(np.corrcoef(x.T))
    off = np.abs(np.abs(logs[:, None] - logs) - np.log(RATIO))
    off += np.abs(related - CORRELATION)
    off[np.tril_indices(len(off))] = np.inf
    first, second = np.unravel_index(int(off.argmin()), off.shape)
    return int(first), int(second)


def _bowl(x: Doubles, y: Doubles) -> tuple[Doubles, Doubles]:
    """Curvature and lowest point of E[(w.x - y)^2] / 2."""
    curvature = x.T @ x / len(x)
    lowest = np.linalg.solve(curvature, x.T @ y / len(x))
    return curvature, lowest.astype(np.float64)


def _on_the_slope(curvature: Doubles, middle: Doubles) -> Doubles:
    """A loss of 1 above the lowest, half of it along the steepest direction, half the flattest."""
    values, vectors = np.linalg.eigh(curvature)
    start: Doubles = middle + vectors @ (1 / np.sqrt(values))
    return start


# ------------------------------------------------------------------ the sweep

BN: dict[str, Any] = {"normalizer": "batch"}
WILD = "wild"
TABLES = tuple(name for name, kind in KINDS.items() if kind == "table")
CASES = (WILD, *TABLES)
"""The features that the arms are compared on: made up, and measured."""

ARMS: dict[str, dict[str, Any]] = {
    "plain": {},
    "hidden": BN,
    "input only": {"normalize_inputs": True},
    "scaled data": {},
}
"""Networks on wild features: where BN stands, or that the data are scaled beforehand."""

Arm = Annotated[str, Knob("Network", tuple(ARMS), "Where BN stands.")]


class InputConfig(Settings):
    """The same networks at many learning rates, on wild features; one arm at a time."""

    arm: Arm = "plain"

    def data(self) -> Dataset:
        data = self.unscaled()
        return rescaled(data) if self.arm == "scaled data" else data

    def unscaled(self) -> Dataset:
        """The features of all arms but one."""
        return wild_of(self)

    def work(self) -> float:
        return work(self, len(RATES) * self.seeds, 1) / 2

    def held(self) -> float:
        return largest_cohort(self, len(RATES) * self.seeds)

    def kept(self) -> float:
        """The records alone."""
        return OTHERWISE


class TableConfig(InputConfig):
    """The same on a real table, as it was measured."""

    dataset: Annotated[str, Knob("Table", TABLES, "Real measurements, each in its unit.")] = "wine"

    def unscaled(self) -> Dataset:
        return Settings.data(self.model_copy(update={"scaling": "raw"}))


@dataclass(frozen=True, kw_only=True, repr=False)
class InputResult(Result):
    """One arm at the end of training. NaN: diverged."""

    config: InputConfig
    rates: Annotated[Doubles, Axes("learning_rate")]
    accuracy: Annotated[
        Floats, Axes("learning_rate=rates seed", "test accuracy, inference mode, 0 to 1")
    ]
    stable: Annotated[
        Doubles,
        Axes("inputs=GROUNDS", "largest stable rate of a linear unit"),
    ]

    @property
    def case(self) -> str:
        """Which features these are: of CASES."""
        return self.config.dataset if isinstance(self.config, TableConfig) else WILD


@bounded
def run(config: InputConfig, report: Report = silent, workers: int = 2) -> InputResult:
    """Train one arm at every rate. Pure: the same config, the same bits."""
    starts = grid(config, RATES, [config.gain])
    arms = {config.arm: ARMS[config.arm]}
    runs = train_sweep(config, starts, arms, report, workers, record_at=[config.steps])
    ends = runs[config.arm].test_accuracies[:, -1].reshape(len(RATES), config.seeds)
    stable = ground(config.unscaled()).all_rate
    return InputResult(config=config, rates=np.array(RATES), accuracy=ends, stable=stable)


def pieces(config: Settings) -> list[InputConfig]:
    """Every arm at these settings; the learning rate and the features are the section's own."""
    seeds = min(config.seeds, SWEPT_SEEDS)
    return [InputConfig.like(config, seeds=seeds, arm=arm) for arm in ARMS]


def of_case(config: Settings, case: str) -> Sequence[InputConfig]:
    """The same, or every arm on a table, at these settings but for the data."""
    if case == WILD:
        return pieces(config)
    own = {"dataset": case, "train_size": EVERYTHING, "wrong_labels": 0.0}
    return [TableConfig.like(config, arm=arm, **own) for arm in ARMS]
