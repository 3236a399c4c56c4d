"""How far the values of each layer moved, and what became of them, plain against BN."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from bnviz.axes import BATCH, PLAIN, TREATMENTS, Treatment
from bnviz.verdicts import criteria
from bnviz.verdicts.criteria import OVERFLOWED, Comparison, Fate, Standing

if TYPE_CHECKING:
    from bnviz.experiments.activations import ActivationsResult

Idle = Literal["dead", "saturated"]
Outcome = Literal[
    "at once", "diverged", "BN not at all", "plain farther", "BN farther", "as far", "unclear"
]
Farther = Literal["plain", "batch", "neither", "unclear"]
Stopped = Literal["unknown", "contrary", "unclear", "as far", "does", "nearly", "slows"]
OnlyPlain = Literal["unknown", "neither", "so", "contrary", "no"]

LOST = 0.05  # of the first layer's initial signal: a layer with less has lost it
NEARLY = 0.05  # of a deviation: closer than this to 0 and 1 is nearly there
FEW_ZEROS = 0.01  # of the values: fewer are not worth a word
NEAR_KURTOSIS = 0.3  # in excess: closer to 0 is nearly that of a Gaussian


@dataclass(frozen=True, kw_only=True)
class Moved:
    """How far one layer did, the median of the seeds, in its initial standard deviations."""

    layer: int
    by: float


@dataclass(frozen=True, kw_only=True)
class Worst:
    """The largest dead or saturated share of any layer, seed and record."""

    share: float
    layer: int
    step: int


@dataclass(frozen=True, kw_only=True)
class SignalLost:
    """In the seeds that ever lose it; the step and the layer are those of the middle one."""

    seeds: int
    layer: int
    step: int
    back: int  # of these seeds, in which it was back at the end


@dataclass(frozen=True, kw_only=True)
class Network:
    """One treatment. At the end: at each seed's last record, before it diverged."""

    treatment: Treatment
    moved: float  # the typical layer, in its initial standard deviations; NaN: no record but one
    most: float  # the layer that moved most
    farthest: Moved | None  # None: they could not be followed
    least: Moved | None
    accuracy: float  # on test data, the median of the seeds; NaN: most diverged
    fate: Fate
    diverged: tuple[int, ...]  # steps at which seeds did
    most_lost: bool  # whether most seeds did
    idle: float  # share that is dead or saturated at the end
    worst: Worst
    signal: SignalLost | None
    update: float  # std(learning rate x gradient) / std(weights), in the typical layer; NaN: none


@dataclass(frozen=True, kw_only=True)
class Shape:
    """Of what BN gives to a typical unit, at the end."""

    skewness: float
    of_a_gaussian: float  # the skewness of as many samples
    kurtosis: float  # in excess
    nearly_gaussian: bool
    zeros: float | None  # share after the activation function, in the first seed; None: few


@dataclass(frozen=True, kw_only=True)
class Standard:
    """Mean and deviation of the units with BN."""

    mean: tuple[float, float]  # between which nine units in ten are, at the end
    std: tuple[float, float]
    hardly_moved: bool  # whether all of them are nearly 0 and 1
    least_at_start: float | None  # the smallest deviation of a layer there; None: nearly 1


@dataclass(frozen=True, kw_only=True)
class Thirds:
    """Where in the plain networks the values moved farthest."""

    seeds: int
    stood: tuple[int, int, int]  # in how many seeds: the first third, the middle, the last third
    most: int | None  # the third it was in more than half of the seeds
    farthest: Moved | None  # the median of the seeds; None: nothing was measured
    first: float  # how far the first layer moved
    last: float
    depth: int


@dataclass(frozen=True, kw_only=True)
class ActivationsVerdict:
    outcome: Outcome
    seeds: int
    activation: str
    optimizer: str
    plain: Network
    batch: Network
    compared: Comparison | None  # how far plain moved over how far BN did; None: not known
    standing: Standing  # in test accuracy; plain first
    kind: Idle | None  # what an idle unit is; None: there is none
    signal_known: bool
    shape: Shape | None  # None: no unit with BN is left
    standard: Standard | None
    stopped: Stopped
    only_plain: OnlyPlain
    thirds: tuple[Thirds, Thirds]  # of plain, of BN: where the values moved farthest
    drawn: tuple[int | None, int | None]  # the third in which they did in the seed that is drawn

    @property
    def networks(self) -> tuple[Network, Network]:
        return self.plain, self.batch


def judge(result: ActivationsResult) -> ActivationsVerdict:
    """Whose distributions moved farther, and what else became of the layers."""
    config = result.config
    plain, batch = (_network(result, treatment) for treatment in (PLAIN, BATCH))
    compared = _compared(result)
    ends = result.test_accuracy[..., -1]
    idle_known = bool(np.isfinite(result.map("idle")).any(axis=(1, 2, 3)).all())
    return ActivationsVerdict(
        outcome=_outcome(plain, batch, compared),
        seeds=config.seeds,
        activation=config.activation,
        optimizer=config.optimizer,
        plain=plain,
        batch=batch,
        compared=compared,
        standing=criteria.standing(ends[PLAIN], ends[BATCH]),
        kind=idle_kind(config.activation),
        signal_known=bool(np.isfinite(result.map("signal")).any(axis=(1, 2, 3)).all()),
        shape=_shape(result),
        standard=_standard(result),
        stopped=_stopped(batch, compared),
        only_plain=_only_plain(plain.worst.share, batch.worst.share, idle_known),
        thirds=(thirds(result, PLAIN), thirds(result, BATCH)),
        drawn=(_drawn(result, PLAIN), _drawn(result, BATCH)),
    )


def _drawn(result: ActivationsResult, treatment: int) -> int | None:
    """In which third the values of the first seed moved farthest; None: they diverged."""
    moved = result.final("moved")[treatment, 0]
    if not np.isfinite(moved).all():
        return None
    return criteria.third_of(int(moved.argmax()) + 1, len(moved))


def idle_kind(activation: str) -> Idle | None:
    """What a unit of this activation function is when it does nothing; None: no such state."""
    if activation == "relu":
        return "dead"
    return "saturated" if activation in ("tanh", "sigmoid") else None


def typical(result: ActivationsResult) -> NDArray[np.float64]:
    """How far the middle layer of each seed had moved at the end, (2, seeds)."""
    middle: NDArray[np.float64] = np.median(result.final("moved"), axis=-1)
    return middle


def on_the_way(result: ActivationsResult) -> NDArray[np.float64]:
    """How far the middle layer of the median seed had moved by each record, (2, T).

    Of a seed that has diverged by then: by its last record before.
    """
    moved = np.median(result.map("moved").astype(np.float64), axis=-1)
    known = np.isfinite(result.map("signal")).all(-1)
    moved = np.where(known.sum(-1, keepdims=True) > 1, moved, np.nan)
    latest = np.maximum.accumulate(np.where(known, np.arange(moved.shape[-1]), 0), axis=-1)
    return criteria.medians(np.take_along_axis(moved, latest, axis=-1).swapaxes(1, 2))


def _network(result: ActivationsResult, treatment: int) -> Network:
    moved = result.final("moved")[treatment]
    accuracy = criteria.usual(result.test_accuracy[treatment, :, -1])
    lost = result.diverged_at[treatment]
    gone = lost[criteria.diverged(lost)]
    farthest, least = _extremes(moved)
    return Network(
        treatment=TREATMENTS[treatment],
        moved=criteria.median(np.median(moved, axis=-1)),
        most=criteria.median(moved.max(-1)),
        farthest=farthest,
        least=least,
        accuracy=accuracy,
        fate=criteria.fate(accuracy, result.config.data().classes),
        diverged=tuple(int(step) for step in gone),
        most_lost=criteria.majority(len(gone), len(lost)),
        idle=criteria.median(result.final("idle")[treatment].mean(-1)),
        worst=_worst(result, treatment),
        signal=_signal_lost(result, treatment),
        update=criteria.median(np.median(result.final("update")[treatment], axis=-1)),
    )


def _extremes(moved: NDArray[np.float64]) -> tuple[Moved | None, Moved | None]:
    """The layers that moved most and least, of (seeds, depth)."""
    by_layer = np.array([criteria.median(layer) for layer in moved.T])
    if not np.isfinite(by_layer).all():
        return None, None
    far, near = int(by_layer.argmax()), int(by_layer.argmin())
    return (
        Moved(layer=far + 1, by=float(by_layer[far])),
        Moved(layer=near + 1, by=float(by_layer[near])),
    )


def _worst(result: ActivationsResult, treatment: int) -> Worst:
    idle = np.nan_to_num(result.map("idle")[treatment], nan=0.0).max(0)
    column, layer = np.unravel_index(int(idle.argmax()), idle.shape)
    step = int(result.steps[column])
    return Worst(share=float(idle.max()), layer=int(layer) + 1, step=step)


def losses_of_signal(result: ActivationsResult, treatment: int) -> list[tuple[int, int, bool]]:
    """Of each seed that ever loses it: the first record's step, the first layer there, for good?

    A layer has lost the signal when the deviation of its outputs over the samples is below LOST
    of the first layer's at the start.
    """
    found = []
    for values in result.map("signal")[treatment].astype(np.float64):
        faint = values < LOST * values[0, 0]
        if faint.any():
            column = int(faint.any(1).argmax())
            known = np.flatnonzero(np.isfinite(values).all(1))
            for_good = bool(faint[known[-1]].any())
            found.append((int(result.steps[column]), int(faint[column].argmax()) + 1, for_good))
    return sorted(found)


def _signal_lost(result: ActivationsResult, treatment: int) -> SignalLost | None:
    lost = losses_of_signal(result, treatment)
    if not lost:
        return None
    step, layer, _ = lost[len(lost) // 2]
    back = sum(not for_good for *_, for_good in lost)
    return SignalLost(seeds=len(lost), layer=layer, step=step, back=back)


def _compared(result: ActivationsResult) -> Comparison | None:
    """Over the seeds where both can be followed."""
    each = typical(result)
    plain, batch = each[:, np.isfinite(each).all(0)]
    if not plain.size:
        return None
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = np.where(plain == batch, 1.0, np.minimum(plain / batch, OVERFLOWED))
    return Comparison(ratio=criteria.over_seeds(ratios), larger=int((ratios > 1).sum()))


def _outcome(plain: Network, batch: Network, compared: Comparison | None) -> Outcome:
    if compared is None:
        return "at once"
    if plain.most_lost or batch.most_lost:
        return "diverged"
    if batch.moved == 0 < plain.moved:
        return "BN not at all"
    outcomes: dict[Farther, Outcome] = {
        "plain": "plain farther", "batch": "BN farther", "neither": "as far", "unclear": "unclear"
    }  # fmt: skip
    return outcomes[_farther(compared)]


def _farther(compared: Comparison) -> Farther:
    """Whose distributions moved clearly farther, in the median seed and in most seeds."""
    if compared.rougher is None:
        return "neither"
    agree = criteria.majority(compared.agree, compared.ratio.seeds)
    return compared.rougher if agree else "unclear"


def _shape(result: ActivationsResult) -> Shape | None:
    skewness, kurtosis = (float(result.units[name][BATCH, 1]) for name in ("skewness", "kurtosis"))
    if not np.isfinite([skewness, kurtosis]).all():
        return None
    chance = gaussian_skewness(result.config.probed())
    zeros = criteria.median(result.zeros[result.entry("output"), BATCH, -1])
    return Shape(
        skewness=skewness,
        of_a_gaussian=chance,
        kurtosis=kurtosis,
        nearly_gaussian=skewness < 2 * chance and abs(kurtosis) < NEAR_KURTOSIS,
        zeros=zeros if zeros >= FEW_ZEROS else None,
    )


def gaussian_skewness(samples: int) -> float:
    """The median size of the skewness of so many samples of a Gaussian: 0.674 sqrt(6 / n)."""
    return 0.674 * float((6 / samples) ** 0.5)


def _standard(result: ActivationsResult) -> Standard | None:
    mean, std = result.units["mean"][BATCH], result.units["deviation"][BATCH]
    if not (np.isfinite(mean).all() and np.isfinite(std).all()):
        return None
    off = max(np.abs(mean[[0, 2]]).max(), np.abs(std[[0, 2]] - 1).max())
    with_bn = np.array(result.config.with_bn()) - 1
    at_start = result.map("deviation")[BATCH, :, 0][:, with_bn]
    least = float(np.nanmin(at_start)) if np.isfinite(at_start).any() else 1.0
    return Standard(
        mean=(float(mean[0]), float(mean[2])),
        std=(float(std[0]), float(std[2])),
        hardly_moved=bool(off < NEARLY),
        least_at_start=least if least < 1 - NEARLY else None,
    )


def _stopped(batch: Network, compared: Comparison | None) -> Stopped:
    """Whether BN stopped its distributions from moving."""
    if compared is None:
        return "unknown"
    if batch.most == 0:
        return "does"
    match _farther(compared):
        case "batch":
            return "contrary"
        case "neither":
            return "as far"
        case "unclear":
            return "unclear"
    return "nearly" if batch.most < NEARLY else "slows"


def _only_plain(plain: float, batch: float, known: bool) -> OnlyPlain:
    """Whether plain alone has dead or saturated units, by the worst share of each."""
    if not known:
        return "unknown"
    if batch == 0:
        return "so" if plain else "neither"
    return "no" if plain else "contrary"


def thirds(result: ActivationsResult, treatment: int) -> Thirds:
    """In which third of a network the values moved farthest, seed by seed."""
    moved = result.final("moved")[treatment]
    depth = moved.shape[-1]
    stood = [0, 0, 0]
    for layers in moved[np.isfinite(moved).all(-1)]:
        stood[criteria.third_of(int(layers.argmax()) + 1, depth)] += 1
    ends = [criteria.median(layer) for layer in moved.T]
    return Thirds(
        seeds=len(moved),
        stood=(stood[0], stood[1], stood[2]),
        most=criteria.rule(stood, len(moved)),
        farthest=_extremes(moved)[0],
        first=ends[0],
        last=ends[-1],
        depth=depth,
    )


@dataclass(frozen=True, kw_only=True)
class Wandered:
    """Between what the median input of one unit went, over training, in the first seed."""

    unit: int
    layer: int
    plain: tuple[float, float] | None  # None: nothing was measured
    batch: tuple[float, float] | None


def judge_unit(result: ActivationsResult, unit: int) -> Wandered:
    """How far the inputs of a unit, from 1, of the last layer wandered."""
    plain, batch = (_span(values) for values in result.percentiles[:, :, unit - 1, 1])
    return Wandered(unit=unit, layer=result.config.depth, plain=plain, batch=batch)


def _span(values: NDArray[np.float32]) -> tuple[float, float] | None:
    known = values[np.isfinite(values)].astype(np.float64)
    return (float(known.min()), float(known.max())) if known.size else None
