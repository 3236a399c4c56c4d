"""Inside the layers: how the values and gradients of every layer are distributed over training."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Annotated, Any

import numpy as np
import torch
from numpy.typing import NDArray

from bnviz.axes import ENTRIES, LEVELS, MEASURES, NEVER, TREATMENTS
from bnviz.engine.distributions import (
    PERCENTILES,
    QUANTILES,
    distance,
    distributions,
    unit_shapes,
)
from bnviz.engine.networks import Cohort
from bnviz.engine.threads import one_thread
from bnviz.engine.training import History, recording_steps
from bnviz.experiments.bounds import FLOAT, bounded
from bnviz.experiments.jobs import Report, silent
from bnviz.experiments.own_samples import OwnDataSettings
from bnviz.experiments.pair import diverged_at, stacked, train_pair
from bnviz.experiments.result import Axes, Floats, Levels, Result, Whole
from bnviz.experiments.settings import (
    Depth,
    LayersSettings,
    LearningRate,
    Settings,
    knobs,
)

RECORDS = 18
PROBE_SAMPLES = 192  # the first training samples, on which everything is measured
RIDGES = 12  # layers whose distributions are kept, at most
BINS = 48
FINER = 4  # points put between two quantiles, so that no bin stays empty by chance
SMOOTHING = np.array([1, 4, 6, 4, 1]) / 16

SHARES = {"slope": (0.03, 1.0)}  # between which an axis holds the values, if not as the others
WITHOUT_ZEROS = ("output", "slope")  # of which exact zeros are counted apart

SHARED = knobs(Settings)
PaperWidth = Annotated[
    int, replace(SHARED["width"], options=tuple(sorted({*SHARED["width"].options, 100})))
]
PaperBatch = Annotated[
    int, replace(SHARED["batch_size"], options=tuple(sorted({*SHARED["batch_size"].options, 60})))
]
"""The paper's 100 units and batches of 60 (Ioffe & Szegedy 2015, Fig. 1) beside the usual ones."""


class ActivationsConfig(OwnDataSettings, LayersSettings):
    """The shared settings, and which layers have BN. The pair is that of the race."""

    depth: Depth = 6
    learning_rate: LearningRate = 0.32
    width: PaperWidth = 64
    batch_size: PaperBatch = 64

    def probed(self) -> int:
        """The training samples on which everything is measured."""
        return PROBE_SAMPLES

    def work(self) -> float:
        """As Settings.work, with what looking into the layers costs."""
        return 2 * self.training_work(len(recording_steps(self.steps, RECORDS)), 6 * PROBE_SAMPLES)

    def held(self) -> float:
        """As Settings.held, with one look and what it found."""
        cost = self.cost()
        look = cost.traced(self.seeds, PROBE_SAMPLES, 3) + cost.parameters(1)
        return self.training_memory(look) + 5 * self._found()

    def kept(self) -> float:
        """As Settings.kept, with the distributions of both, and then together."""
        return super().kept() + 20 * self._found()

    def after(self) -> float:
        """The shapes of one network's units, in 64 bits."""
        return self.cost().parameters(1) + self.cost().traced(1, PROBE_SAMPLES, 3)

    def _found(self) -> float:
        """Bytes of the distributions of one quantity in one treatment."""
        records = len(recording_steps(self.steps, RECORDS))
        return FLOAT * self.seeds * records * (self.depth * QUANTILES + 3 * self.width)


SPREAD = (5, 50, 95)


@dataclass(frozen=True, kw_only=True, repr=False)
class ActivationsResult(Result):
    """Treatments (plain, BN) on an axis of their own. NaN (density: 0): after a divergence."""

    config: ActivationsConfig
    steps: Annotated[Whole, Axes("step")]
    test_accuracy: Annotated[Floats, Axes("treatment seed step", "inference mode, 0 to 1")]
    diverged_at: Annotated[Whole, Axes("treatment seed", "step; empty: never", maybe=True)]
    layers: Annotated[
        Whole, Axes("layer", "the layers (from 1) whose distributions follow; first seed")
    ]
    ranges: Annotated[
        Floats,
        Axes("entry=ENTRIES end", "of the axis; of the last one in powers of ten", drawn=True),
    ]
    density: Annotated[
        Levels,
        Axes(
            "entry=ENTRIES treatment step layer=layers bin",
            "0 to LEVELS, each its own scale",
            drawn=True,
        ),
    ]
    zeros: Annotated[
        Floats,
        Axes(
            "entry=ENTRIES treatment step layer=layers", "share of exact zeros, not in the density"
        ),
    ]
    outside: Annotated[
        Floats, Axes("entry=ENTRIES treatment step layer=layers", "share beyond the axis")
    ]
    percentiles: Annotated[
        Floats,
        Axes("treatment step unit percentile=PERCENTILES", "what enters the last layer's units"),
    ]
    maps: Annotated[
        Floats, Axes("measure=MEASURES treatment seed step layer", "see engine.distributions")
    ]
    units: Annotated[
        dict[str, Floats],
        Axes(
            "shape treatment percentile=SPREAD", "of all units and seeds at the end; if they vary"
        ),
    ]  # BN: of its normalized layers; mean, deviation, skewness (its size), excess kurtosis

    def entry(self, name: str) -> int:
        """The place of one of ENTRIES on the first axis of its arrays."""
        return ENTRIES.index(name)

    def map(self, name: str) -> NDArray[np.float32]:
        """One of MEASURES, (2, seeds, T, depth)."""
        return self.maps[MEASURES.index(name)]

    def final(self, name: str) -> NDArray[np.float64]:
        """One of MEASURES at each seed's last record, (2, seeds, depth): before it diverged.

        How far a seed moved is NaN where it has no record but that of the start.
        """
        values = self.map(name).astype(np.float64)
        records = np.isfinite(self.map("signal")).all(-1).sum(-1)  # of each seed
        if name == "moved":
            values = np.where(records[..., None, None] > 1, values, np.nan)
        last = np.maximum(records - 1, 0)[..., None, None]
        picked: NDArray[np.float64] = np.take_along_axis(values, last, axis=2)[:, :, 0]
        return picked

    def typical_unit(self) -> int:
        """The first unit (from 1) of the last layer that is not (nearly) dead in the end."""
        if self.config.activation != "relu":
            return 1
        alive = (self.percentiles[:, -1, :, -1] > 0).all(0)
        return int(alive.argmax()) + 1


@bounded
def run(config: ActivationsConfig, report: Report = silent, workers: int = 2) -> ActivationsResult:
    """Train the pairs and look into every layer. Pure: the same config, the same bits."""
    samples = torch.tensor(config.data().train_inputs[:PROBE_SAMPLES])
    probe = distributions(samples, config.learning_rate)
    records = recording_steps(config.steps, RECORDS)
    histories = train_pair(config, config.with_bn(), [probe], report, workers, record_at=records)
    layers = shown_layers(config.depth)
    entering = stacked(histories, "entering", (config.depth, QUANTILES))
    ridges = [_ridges(histories, name, layers) for name in ENTRIES]
    ranges, density, zeros, outside = (np.stack(part) for part in zip(*ridges, strict=True))
    measured = [stacked(histories, name, (config.depth,)) for name in MEASURES[1:]]
    return ActivationsResult(
        config=config,
        steps=histories["plain"].steps,
        test_accuracy=np.stack([histories[t].test_accuracies for t in TREATMENTS]),
        diverged_at=np.stack([diverged_at(histories[t]) for t in TREATMENTS]),
        layers=layers,
        ranges=ranges,
        density=density,
        zeros=zeros,
        outside=outside,
        percentiles=stacked(histories, "percentiles", (config.width, len(PERCENTILES)))[:, 0],
        maps=np.stack([_moved(entering), *measured]),
        units=_units(histories, config, samples),
    )


def shown_layers(depth: int) -> NDArray[np.int64]:
    """At most RIDGES layers (from 1), evenly chosen, the first and the last among them."""
    places = np.linspace(1, depth, min(depth, RIDGES))
    return np.rint(places).astype(np.int64)


def _moved(entering: NDArray[np.float32]) -> NDArray[np.float32]:
    """W1 from the distribution at the start, in its standard deviations: (2, seeds, T, depth)."""
    start = entering[:, :, :1].astype(np.float64)
    with np.errstate(all="ignore"):  # NaN where nothing was recorded, and huge before it
        std = np.maximum(start.std(-1), 1e-12)
        return (distance(entering, start) / std).astype(np.float32)


def _ridges(
    histories: dict[str, History], name: str, layers: NDArray[np.int64]
) -> tuple[NDArray[Any], ...]:
    """The range of the axis, and the densities on it, of one quantity of the first seed."""
    depth = histories["plain"].cohort.architecture.depth
    values = stacked(histories, name, (depth, QUANTILES))[:, 0].astype(np.float64)
    if name in WITHOUT_ZEROS:
        zeros = stacked(histories, f"{name}_zeros", (depth,))[:, 0]
    else:
        zeros = np.where(np.isnan(values).any(-1), np.nan, 0)
    values, zeros = values[:, :, layers - 1], zeros[:, :, layers - 1].astype(np.float64)
    if name == "slope":
        values = np.log10(values)
    low, high = common_range(values, *SHARES.get(name, (0.002, 0.998)))
    beyond = ((values < low) | (values > high)).mean(-1) * (1 - zeros)  # NaN after a divergence
    return (
        np.array([low, high], np.float32),
        densities(values, low, high),
        zeros.astype(np.float32),
        beyond.astype(np.float32),
    )


def common_range(
    values: Iterable[NDArray[np.float64]], below: float = 0.002, above: float = 0.998
) -> tuple[float, float]:
    """An axis for both networks, (2, …): what lies between the shares `below` and `above` of each.

    It goes no further than BN's own extent beyond BN's ends: a plain network that explodes
    would make a needle of the other.
    """
    ends = []
    for treatment in values:
        known = treatment[np.isfinite(treatment)]
        if known.size:
            ends.append(np.quantile(known, [below, above]))
    if not ends:
        return -1.0, 1.0
    low, high = ends[-1]
    extent = max(high - low, 1e-3 * max(1.0, abs(low), abs(high)))
    lowest, highest = (f(e) for f, e in zip((min, max), zip(*ends, strict=True), strict=True))
    margin = 0.04 * extent
    return (
        float(max(lowest, low - extent) - margin),
        float(min(highest, high + extent) + margin),
    )


def densities(values: NDArray[np.float64], low: float, high: float) -> NDArray[np.uint8]:
    """Densities from quantiles on the last axis, (…, BINS), each LEVELS where it is highest.

    A histogram of the values and of FINER - 1 points between any two, lightly smoothed. NaN and
    what lies outside of the range counts nowhere.
    """
    shares = np.arange(FINER) / FINER
    lower, upper = values[..., :-1, None], values[..., 1:, None]
    with np.errstate(invalid="ignore"):  # between a number and infinity there is none
        between = np.where(shares == 0, lower, lower * (1 - shares) + upper * shares)
    points = np.concatenate([between.reshape(*values.shape[:-1], -1), values[..., -1:]], axis=-1)
    inside = (points >= low) & (points <= high)
    bins = np.where(inside, (points - low) / (high - low) * BINS, 0).astype(np.int64)
    row = np.arange(points[..., 0].size).reshape(*points.shape[:-1], 1) * BINS
    place = (row + np.minimum(bins, BINS - 1))[inside]
    counts = np.bincount(place, minlength=points[..., 0].size * BINS).reshape(-1, BINS)
    padded = np.pad(counts, ((0, 0), (2, 2)))
    smooth = sum(w * padded[:, k : k + BINS] for k, w in enumerate(SMOOTHING))
    highest = np.maximum(smooth.max(axis=1, keepdims=True), 1e-9)
    heights = np.rint(LEVELS * smooth / highest).astype(np.uint8)
    return heights.reshape(*values.shape[:-1], BINS)


def _units(
    histories: dict[str, History], config: ActivationsConfig, samples: torch.Tensor
) -> dict[str, NDArray[np.float32]]:
    """The units at the end, over all seeds that did not diverge; see ActivationsResult."""
    found: dict[str, list[NDArray[np.float64]]] = {}
    with one_thread():
        for treatment in TREATMENTS:
            shapes = _shapes(histories[treatment].cohort, samples)
            alive = np.flatnonzero(diverged_at(histories[treatment]) == NEVER)
            everyone = range(1, config.depth + 1)
            layers = config.with_bn() if treatment == "batch" else everyone
            chosen = np.ix_(alive, np.array([*layers], np.int64) - 1)
            for name, values in shapes.items():
                mine = np.abs(values[chosen]) if name == "skewness" else values[chosen]
                found.setdefault(name, []).append(_spread(mine))
    return {name: np.stack(rows).astype(np.float32) for name, rows in found.items()}


def _shapes(cohort: Cohort, samples: torch.Tensor) -> dict[str, NDArray[Any]]:
    """The same as unit_shapes, in the memory of one network."""
    alone = [unit_shapes(cohort.select([seed]), samples) for seed in range(cohort.replicas)]
    return {name: np.concatenate([one[name] for one in alone]) for name in alone[0]}


def _spread(values: NDArray[Any]) -> NDArray[np.float64]:
    """The 5th, 50th and 95th percentile of the numbers there are."""
    known = values[np.isfinite(values)]
    if not known.size:
        return np.full(3, np.nan)
    spread: NDArray[np.float64] = np.clip(np.percentile(known, SPREAD), -1e30, 1e30)
    return spread


TYPICAL = "typical"


def units(config: ActivationsConfig) -> tuple[str, ...]:
    """The names of the units of a layer: a typical one first, then all by number."""
    return (TYPICAL, *(str(unit) for unit in range(1, config.width + 1)))


def unit(result: ActivationsResult, name: str) -> int:
    """The number (from 1) of the unit of this name."""
    return result.typical_unit() if name == TYPICAL else int(name)
