"""Inside the layers: how the values and gradients of every layer are distributed over training."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Annotated, Any

import numpy as np
import torch
from numpy.typing import NDArray

from bnviz.engine.distributions import (
    PERCENTILES,
    QUANTILES,
    distance,
    distributions,
    unit_shapes,
)
from bnviz.engine.networks import Cohort
from bnviz.engine.training import History, one_thread, recording_steps
from bnviz.experiments.bounds import FLOAT, bounded
from bnviz.experiments.pair import (
    NAMES,
    NEVER,
    NOTHING,
    SUBJECTS,
    TREATMENTS,
    at_steps,
    count,
    diverged_at,
    stacked,
    train_pair,
)
from bnviz.experiments.running import Report, silent
from bnviz.experiments.settings import (
    NORMALIZED,
    Depth,
    LearningRate,
    NormalizedLayers,
    Settings,
    knobs,
)

RECORDS = 18
PROBE_SAMPLES = 192  # the first training samples, on which everything is measured
RIDGES = 12  # layers whose distributions are kept, at most
BINS = 48
FINER = 4  # points put between two quantiles, so that no bin stays empty by chance
SMOOTHING = np.array([1, 4, 6, 4, 1]) / 16
HIGHEST = 250  # every density is this high where it is highest

QUANTITIES = ("inner", "entering", "output", "slope")
"""W h + b; what enters the activation function; what it gives; log10 |dL/dW|."""
SHARES = {"slope": (0.03, 1.0)}  # between which an axis holds the values, if not as the others
WITHOUT_ZEROS = ("output", "slope")  # of which exact zeros are counted apart

MAPS = ("moved", "mean", "deviation", "signal", "idle", "gradient", "update")
LOST = 0.05  # of the first layer's initial signal: a layer with less has lost it
SIMILAR = 1.25  # times as far: less is about as far
NEARLY = 0.05  # of a deviation: closer than this to 0 and 1 is nearly there
GAUSSIAN_SKEWNESS = 0.674 * (6 / PROBE_SAMPLES) ** 0.5  # the median |skewness| of such samples

SHARED = knobs(Settings)
PaperWidth = Annotated[
    int, replace(SHARED["width"], options=tuple(sorted({*SHARED["width"].options, 100})))
]
PaperBatch = Annotated[
    int, replace(SHARED["batch_size"], options=tuple(sorted({*SHARED["batch_size"].options, 60})))
]
"""The paper's 100 units and batches of 60 (Ioffe & Szegedy 2015, Fig. 1) beside the usual ones."""


class ActivationsConfig(Settings):
    """The shared settings, and which layers have BN. The pair is that of the race."""

    depth: Depth = 6
    learning_rate: LearningRate = 0.32
    width: PaperWidth = 64
    batch_size: PaperBatch = 64
    normalized_layers: NormalizedLayers = "all"

    def with_bn(self) -> tuple[int, ...]:
        """The hidden layers (from 1) of the second network that have BN."""
        return NORMALIZED[self.normalized_layers](self.depth)

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


@dataclass(frozen=True)
class ActivationsResult:
    """Treatments (plain, BN) on an axis of their own. NaN (density: 0): after a divergence."""

    config: ActivationsConfig
    steps: NDArray[np.int64]  # (T,)
    test_accuracy: NDArray[np.float32]  # (2, seeds, T) inference mode, 0 to 1
    diverged_at: NDArray[np.int64]  # (2, seeds) step, or NEVER
    layers: NDArray[np.int64]  # (L,) the layers (from 1) whose distributions follow; first seed:
    ranges: NDArray[np.float32]  # (QUANTITIES, 2) of the axis; of the last one in powers of ten
    density: NDArray[np.uint8]  # (QUANTITIES, 2, T, L, BINS) 0 to HIGHEST, each its own scale
    zeros: NDArray[np.float32]  # (QUANTITIES, 2, T, L) share of exact zeros, not in the density
    outside: NDArray[np.float32]  # (QUANTITIES, 2, T, L) share beyond the axis
    percentiles: NDArray[np.float32]  # (2, T, width, 3) what enters the last layer's units
    maps: NDArray[np.float32]  # (MAPS, 2, seeds, T, depth); see engine.distributions
    units: dict[str, NDArray[np.float32]]  # name -> (2, 3) 5th, 50th, 95th percentile over the
    # units of all seeds at the end (BN: of its normalized layers): mean, deviation, skewness
    # (its size), kurtosis (excess); NaN: no such unit

    def map(self, name: str) -> NDArray[np.float32]:
        """One of MAPS, (2, seeds, T, depth)."""
        return self.maps[MAPS.index(name)]

    def final(self, name: str) -> NDArray[np.float64]:
        """One of MAPS at each seed's last record, (2, seeds, depth): before it diverged.

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
    ridges = [_ridges(histories, name, layers) for name in QUANTITIES]
    ranges, density, zeros, outside = (np.stack(part) for part in zip(*ridges, strict=True))
    measured = [stacked(histories, name, (config.depth,)) for name in MAPS[1:]]
    return ActivationsResult(
        config,
        histories["plain"].steps,
        np.stack([histories[t].test_accuracies for t in TREATMENTS]),
        np.stack([diverged_at(histories[t]) for t in TREATMENTS]),
        layers,
        ranges,
        density,
        zeros,
        outside,
        stacked(histories, "percentiles", (config.width, len(PERCENTILES)))[:, 0],
        np.stack([_moved(entering), *measured]),
        _units(histories, config, samples),
    )


def shown_layers(depth: int) -> NDArray[np.int64]:
    """At most RIDGES layers (from 1), evenly chosen, the first and the last among them."""
    places = np.linspace(1, depth, min(depth, RIDGES))
    return np.rint(places).astype(np.int64)


def _moved(entering: NDArray[np.float32]) -> NDArray[np.float32]:
    """W1 from the distribution at the start, in its standard deviations: (2, seeds, T, depth)."""
    start = entering[:, :, :1].astype(np.float64)
    with np.errstate(all="ignore"):  # NaN where nothing was recorded, and huge before it
        deviation = np.maximum(start.std(-1), 1e-12)
        return (distance(entering, start) / deviation).astype(np.float32)


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
    """Densities from quantiles on the last axis, (…, BINS), each HIGHEST where it is highest.

    A histogram of the values and of FINER - 1 points between any two, lightly smoothed. NaN and
    what lies outside of the range counts nowhere.
    """
    shares = np.arange(FINER) / FINER
    between = values[..., :-1, None] * (1 - shares) + values[..., 1:, None] * shares
    points = np.concatenate([between.reshape(*values.shape[:-1], -1), values[..., -1:]], axis=-1)
    inside = (points >= low) & (points <= high)
    bins = np.where(inside, (points - low) / (high - low) * BINS, 0).astype(np.int64)
    row = np.arange(points[..., 0].size).reshape(*points.shape[:-1], 1) * BINS
    place = (row + np.minimum(bins, BINS - 1))[inside]
    counts = np.bincount(place, minlength=points[..., 0].size * BINS).reshape(-1, BINS)
    padded = np.pad(counts, ((0, 0), (2, 2)))
    smooth = sum(w * padded[:, k : k + BINS] for k, w in enumerate(SMOOTHING))
    highest = np.maximum(smooth.max(axis=1, keepdims=True), 1e-9)
    heights = np.rint(HIGHEST * smooth / highest).astype(np.uint8)
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
    spread: NDArray[np.float64] = np.clip(np.percentile(known, [5, 50, 95]), -1e30, 1e30)
    return spread


def findings(result: ActivationsResult) -> list[str]:
    """What this run shows, in sentences, each computed from it."""
    return [
        _distance(result),
        *_divergences(result),
        _outcome(result),
        _farthest(result),
        _idle(result),
        *_signals(result),
        _updates(result),
    ]


def typical(result: ActivationsResult) -> NDArray[np.float64]:
    """How far the middle layer of each seed had moved at the end, (2, seeds)."""
    return np.median(result.final("moved"), axis=-1)


def middle(values: NDArray[Any]) -> float:
    """The median of the numbers there are; NaN: none."""
    known = values[np.isfinite(values)]
    return float(np.median(known)) if known.size else float("nan")


def amount(value: float) -> str:
    """A number in two digits, as one reads it aloud."""
    if value == 0:
        return "0"
    if not np.isfinite(value):
        return "an unknown amount"
    if abs(value) >= 1000:
        return "more than 1000" if value > 0 else "less than −1000"
    if abs(value) < 0.0005:
        return "less than 0.001"
    digits = f"{value:.2g}" if abs(value) < 100 else f"{value:.0f}"
    return digits.replace("-", "−")


def hundredths(value: float) -> str:
    """A number near 0 or 1, with two decimals; a large one in two digits."""
    if abs(value) >= 10:
        return amount(float(value))
    return f"{value + 0.0:.2f}".replace("-0.00", "0.00").replace("-", "−")


def share(value: float) -> str:
    """A share in percent, without pretending that little is nothing."""
    if not np.isfinite(value):
        return "an unknown share"
    if value <= 0:
        return "none"
    if value < 1e-4:
        return "less than 0.01 %"
    return f"{100 * value:.0f} %" if value >= 0.01 else f"{100 * value:.1g} %"


def _distance(result: ActivationsResult) -> str:
    each = typical(result)
    plain, batch = middle(each[0]), middle(each[1])
    if not np.isfinite([plain, batch]).all():
        pairs = zip(SUBJECTS.values(), (plain, batch), strict=True)
        names = " and ".join(name for name, value in pairs if not np.isfinite(value))
        return f"**{names} diverged at once**: there was no movement to follow."
    apart = (
        f"typical layer moved by {amount(plain)} of the initial standard deviation, BN's by"
        f" {amount(batch)}"
    )
    lost = [2 * (row != NEVER).sum() > result.config.seeds for row in result.diverged_at]
    if any(lost):
        who = "Both networks" if all(lost) else "Plain" if lost[0] else "BN"
        return f"**{who} diverged in most seeds.** Until then, plain's {apart}."
    if plain >= SIMILAR * batch:
        farther = count(int((each[0] > each[1]).sum()), result.config.seeds)
        ratio = f"{amount(plain / max(batch, 1e-9))} times as far as BN's"
        return f"**Plain's distributions moved {ratio}**: its {apart} ({farther})."
    if batch >= SIMILAR * plain:
        return f"**BN's distributions moved farther than plain's**: plain's {apart}."
    return f"**Both networks' distributions moved about as far**: plain's {apart}."


def _divergences(result: ActivationsResult) -> list[str]:
    said = []
    for row, name in zip(result.diverged_at, SUBJECTS.values(), strict=True):
        lost = row[row != NEVER]
        if len(lost):
            said.append(
                f"{name} diverged in {count(len(lost), result.config.seeds)}, at {at_steps(lost)};"
                " the last record before counts as the end."
            )
    return said


def accuracies(result: ActivationsResult) -> list[float]:
    """The median test accuracy at the end; 0 where at least half of the seeds diverged.

    Any other seed that diverged counts as 0.
    """
    final = np.nan_to_num(result.test_accuracy[:, :, -1].astype(np.float64), nan=0.0)
    gone = 2 * (result.diverged_at != NEVER).sum(axis=1) >= result.config.seeds
    return [0.0 if lost else float(np.median(row)) for row, lost in zip(final, gone, strict=True)]


def learned(result: ActivationsResult) -> list[bool]:
    """Whether each network ended nearer to being right than to guessing."""
    halfway = (1 + 1 / result.config.data().classes) / 2
    return [accuracy >= halfway for accuracy in accuracies(result)]


def _failures(result: ActivationsResult) -> list[str]:
    """Plain has not learned; BN has learned little. Of those that did not end nearer to right."""
    floor = 1 / result.config.data().classes + NOTHING
    return [
        f"{name} has {'learned little' if accuracy > floor else 'not learned'}"
        for name, accuracy, well in zip(
            SUBJECTS.values(), accuracies(result), learned(result), strict=True
        )
        if not well
    ]


def _outcome(result: ActivationsResult) -> str:
    plain, batch = accuracies(result)
    both = ", ".join(
        f"{name} ended at {100 * accuracy:.0f} % test accuracy" if accuracy else f"{name} diverged"
        for name, accuracy in (("plain", plain), ("BN", batch))
    )
    failed = _failures(result)
    if failed:
        some = any("little" in one for one in failed)
        neither = "Neither network has learned" + " much" * some
        return (
            f"{neither if len(failed) == 2 else failed[0]}: {both}. How far a network moves that"
            f" {'hardly learns' if some else 'does not learn'} says nothing of how well its"
            " distributions serve it."
        )
    stiller = middle(typical(result)[1]) * SIMILAR <= middle(typical(result)[0])
    if abs(plain - batch) <= 0.01:
        return f"In accuracy they hardly differ: {both}."
    if stiller and plain > batch:
        return f"Standing stiller did not help here: {both}."
    if stiller:
        return f"The stiller network learned more, which does not prove that it is why: {both}."
    return f"In accuracy: {both}."


def _farthest(result: ActivationsResult) -> str:
    parts = []
    for row, name in zip(result.final("moved"), NAMES.values(), strict=True):
        by_layer = np.array([middle(layer) for layer in row.T])
        if np.isfinite(by_layer).all():
            far, near = int(by_layer.argmax()), int(by_layer.argmin())
            parts.append(
                f"in {name}, layer {far + 1} moved farthest, by {amount(by_layer[far])}"
                + (f", and layer {near + 1} least, by {amount(by_layer[near])}" * (far != near))
            )
    said = "; ".join(parts) or "no layer's distribution could be followed"
    return f"{said[0].upper()}{said[1:]}."


def idle_name(activation: str) -> str | None:
    """What a unit of this activation function is when it does nothing; None: no such state."""
    if activation == "relu":
        return "dead"
    return "saturated" if activation in ("tanh", "sigmoid") else None


def _no_idle(activation: str) -> str:
    if activation == "gelu":
        return "With gelu, no sharp line tells dead or saturated units: none are counted."
    return f"With {activation}, units can be neither dead nor saturated."


def _idle(result: ActivationsResult) -> str:
    kind = idle_name(result.config.activation)
    if kind is None:
        return _no_idle(result.config.activation)
    thing = "units" if kind == "dead" else "values"
    plain, batch = (share(middle(row.mean(-1))) for row in result.final("idle"))
    worst, (layer, step) = _worst(result, 0)
    said = f"At the end {plain} of plain's {thing} are {kind}, and {batch} of BN's."
    if worst == "none":
        return said
    return (
        f"{said} The worst record of plain: {worst} of layer {layer} at step {step}, in one seed."
    )


def _worst(result: ActivationsResult, treatment: int) -> tuple[str, tuple[int, int]]:
    """The largest dead or saturated share of any layer, seed and record."""
    idle = np.nan_to_num(result.map("idle")[treatment], nan=0.0).max(0)
    column, layer = np.unravel_index(int(idle.argmax()), idle.shape)
    return share(float(idle.max())), (int(layer) + 1, int(result.steps[column]))


def losses_of_signal(result: ActivationsResult, treatment: int) -> list[tuple[int, int, bool]]:
    """Of each seed that ever loses it: the first record's step, the first layer there, for good?

    A layer has lost the signal when the deviation of its outputs over the samples is below LOST
    of the first layer's at the start.
    """
    found = []
    for values in result.map("signal")[treatment].astype(np.float64):
        start = values[0, 0]
        faint = values < LOST * start
        if faint.any():
            column = int(faint.any(1).argmax())
            known = np.flatnonzero(np.isfinite(values).all(1))
            for_good = bool(faint[known[-1]].any())
            found.append((int(result.steps[column]), int(faint[column].argmax()) + 1, for_good))
    return sorted(found)


def _signals(result: ActivationsResult) -> list[str]:
    lost = [losses_of_signal(result, treatment) for treatment in range(2)]
    if not any(lost):
        known = np.isfinite(result.map("signal")).any(axis=(1, 2, 3)).all()
        return [f"Both keep their signal: no layer falls below {KEPT}."] if known else []
    return [
        _signal(seeds, result.config.seeds, name)
        for seeds, name in zip(lost, SUBJECTS.values(), strict=True)
    ]


KEPT = f"{100 * LOST:.0f} % of the first one's at the start"


def _signal(lost: list[tuple[int, int, bool]], seeds: int, name: str) -> str:
    if not lost:
        return f"{name} keeps its signal: no layer falls below {KEPT}."
    step, layer, _ = lost[len(lost) // 2]
    when = "at the start" if step == 0 else f"at step {step}"
    back = len(lost) - sum(for_good for *_, for_good in lost)
    return (
        f"{name} loses its signal in {count(len(lost), seeds)}: typically in layer {layer},"
        f" {when}, the outputs vary less than {KEPT}" + _whether_back(back, len(lost))
    )


def _whether_back(back: int, lost: int) -> str:
    if back == lost:
        return "; at the end it was back."
    return f"; in {back} of them it was back at the end." if back else ", and it does not return."


def _updates(result: ActivationsResult) -> str:
    sizes = [middle(np.median(row, axis=-1)) for row in result.final("update")]
    parts = [
        f"{name} {amount(1000 * size)}"
        for name, size in zip(NAMES.values(), sizes, strict=True)
        if np.isfinite(size)
    ]
    if not parts:
        return "No update could be measured."
    other = (
        ""
        if result.config.optimizer == "sgd"
        else f" The optimizer {result.config.optimizer} goes other ways than this."
    )
    return (
        "Learning rate times gradient, at the end and in a typical layer, in thousandths of the"
        f" spread of its weights: {', '.join(parts)}. The rule of thumb is 1.{other}"
    )


def misconceptions(result: ActivationsResult) -> dict[str, str]:
    """Common beliefs, each met by what this run says of it."""
    return {
        "BN makes the activations Gaussian.": _gaussian(result),
        "BN stops the distributions from moving.": _stopped(result),
        "After BN every unit has mean 0 and deviation 1.": _standard(result),
        "Only the plain network has dead or saturated units.": _only_plain(result),
    }


NO_UNIT = "In this run there is no unit with BN whose values could say."


def _gaussian(result: ActivationsResult) -> str:
    skewness, kurtosis = (result.units[name][:, 1] for name in ("skewness", "kurtosis"))
    if not np.isfinite([skewness[1], kurtosis[1]]).all():
        return NO_UNIT
    near = skewness[1] < 2 * GAUSSIAN_SKEWNESS and abs(kurtosis[1]) < 0.3
    said = "In this run nearly, before the activation function." if near else "No."
    said += (
        " BN shifts and stretches the values of a unit and leaves their shape alone: a typical unit"
        f" has a skewness of {amount(float(skewness[1]))} (as many samples of a Gaussian"
        f" have {amount(GAUSSIAN_SKEWNESS)}) and an excess kurtosis of {amount(float(kurtosis[1]))}"
    )
    zeros = middle(result.zeros[QUANTITIES.index("output"), 1, -1])
    if zeros >= 0.01:
        said += f". After the activation function {share(zeros)} of the values are exactly 0"
    return f"{said}."


def _stopped(result: ActivationsResult) -> str:
    plain, batch = (middle(row) for row in typical(result))
    largest = middle(result.final("moved")[1].max(-1))
    if not np.isfinite([plain, batch]).all():
        return "In this run one of the networks diverged before anything could be said."
    moved = (
        f"in its typical layer by {amount(batch)} of the initial deviation, in the one that moved"
        f" most by {amount(largest)}"
    )
    said = f"BN's moved {moved}; plain's by {amount(plain)}."
    said += "".join(f" {failure}." for failure in _failures(result))
    if batch >= SIMILAR * plain:
        return f"On the contrary: {said}"
    if plain < SIMILAR * batch:
        return f"Not here: {said}"
    if largest == 0:
        return f"In this run it does: {said}"
    return f"In this run nearly: {said}" if largest < NEARLY else f"It slows them: {said}"


def _standard(result: ActivationsResult) -> str:
    mean, deviation = result.units["mean"][1], result.units["deviation"][1]
    if not (np.isfinite(mean).all() and np.isfinite(deviation).all()):
        return NO_UNIT
    off = max(np.abs(mean[[0, 2]]).max(), np.abs(deviation[[0, 2]] - 1).max())
    said = "At the start, yes; then γ and β learn."
    said += " They have hardly moved yet" if off < NEARLY else " They have moved"
    return (
        f"{said}: at the end, nine units in ten have a mean between"
        f" {hundredths(mean[0])} and {hundredths(mean[2])} and a deviation between"
        f" {hundredths(deviation[0])} and {hundredths(deviation[2])}."
    )


def _only_plain(result: ActivationsResult) -> str:
    kind = idle_name(result.config.activation)
    if kind is None:
        return f"{_no_idle(result.config.activation)} Choose relu, tanh or sigmoid to see."
    if not np.isfinite(result.map("idle")).any(axis=(1, 2, 3)).all():
        return "In this run one of the networks diverged before anything could be said."
    (plain, _), (batch, (layer, step)) = (_worst(result, t) for t in (0, 1))
    if batch == plain == "none":
        return f"In this run neither network shows any that are {kind}."
    if batch == "none":
        return (
            f"In this run it is so: BN shows none that are {kind}, plain up to {plain} of a layer."
            " BN centres a unit before β shifts it; nothing keeps β from pushing it out."
        )
    if plain == "none":
        return (
            f"On the contrary: BN has some that are {kind}, up to {batch} of layer {layer} at step"
            f" {step}; plain has none."
        )
    return (
        f"No: BN has some that are {kind} too, up to {batch} of layer {layer} at step {step};"
        f" plain has up to {plain}."
    )


def where_farthest(result: ActivationsResult) -> tuple[str, str]:
    """In which third of plain's layers the values moved farthest, and by how much."""
    by_layer = np.array([middle(layer) for layer in result.final("moved")[0].T])
    if not np.isfinite(by_layer).all():
        return THIRDS[2], "Plain diverged before anything could be measured."
    place = (int(by_layer.argmax()) + 0.5) / len(by_layer)
    third = THIRDS[min(2, int(3 * place))]
    if len(by_layer) == 1:
        return third, f"The only layer there is moved by {amount(by_layer[0])}."
    inputs = "A layer's input changes with every layer below it"
    if third != THIRDS[2]:
        inputs += ", but here that did not decide"
    first, last = amount(by_layer[0]), amount(by_layer[-1])
    return third, (
        f"Layer {int(by_layer.argmax()) + 1} moved farthest, by {amount(by_layer.max())} of its"
        f" initial deviation; the first moved by {first}, the last by {last}. {inputs}."
    )


THIRDS = ("the first third", "the middle", "the last third")


TYPICAL = "typical"


def units(config: ActivationsConfig) -> tuple[str, ...]:
    """The names of the units of a layer: a typical one first, then all by number."""
    return (TYPICAL, *(str(unit) for unit in range(1, config.width + 1)))


def unit(result: ActivationsResult, name: str) -> int:
    """The number (from 1) of the unit of this name."""
    return result.typical_unit() if name == TYPICAL else int(name)


def of_unit(result: ActivationsResult, chosen: int) -> str:
    """Over which range the median input of a unit of the last layer wandered."""
    parts = []
    for values, name in zip(result.percentiles[:, :, chosen - 1, 1], NAMES.values(), strict=True):
        known = values[np.isfinite(values)].astype(np.float64)
        if known.size:
            parts.append(f"in {name} {_span(*map(_level, (known.min(), known.max())))}")
    if not parts:
        return f"Unit {chosen} of layer {result.config.depth} could not be measured: both diverged."
    return (
        f"Unit {chosen} of layer {result.config.depth}: the median of what enters it wandered"
        f" {', '.join(parts)}. The band holds the middle 70 % of the samples."
    )


def _level(value: float) -> str:
    return "about 0" if 0 < abs(value) < 0.0005 else amount(float(value))


def _span(low: str, high: str) -> str:
    if low != high:
        return f"between {low} and {high}"
    return f"beyond {low.split()[-1]}" if "than" in low else f"hardly at all (at {low})"
