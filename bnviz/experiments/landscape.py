"""How rough the ground is along the gradient: the loss where the next steps could lead."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bnviz.engine.training import recording_steps
from bnviz.engine.walks import losses_along
from bnviz.experiments.bounds import bounded
from bnviz.experiments.pair import (
    ALIKE,
    SUBJECTS,
    TREATMENTS,
    Comparison,
    compare,
    count,
    diverged_at,
    fell,
    no_comparison,
    not_compared,
    power,
    stacked,
    times,
    train_pair,
)
from bnviz.experiments.running import Report, silent
from bnviz.experiments.settings import (
    NORMALIZED,
    REACHES,
    Depth,
    NormalizedLayers,
    Reach,
    Settings,
    Skip,
    in_rates,
)

RECORDS = 12  # moments of training at which the walk is made; each costs as much as three steps
FIRST_BATCHES = 3  # mini-batches on which the step curve is measured
LENGTHS = np.logspace(-4, 2, 19)  # step lengths of the step curve
TENFOLD = 10.0
MOVED = 1e-8  # seconds, for a weight to be somewhere else on the way
SAME = 0.02  # of test accuracy: a smaller difference is none


class LandscapeConfig(Settings):
    """The shared settings, which layers have BN, skip connections, and how far to walk."""

    depth: Depth = 6
    normalized_layers: NormalizedLayers = "all"
    reach: Reach = "½ to 4"
    skip: Skip = "off"

    def work(self) -> float:
        """Training, and forward passes at each record and for the step curve."""
        records = len(recording_steps(self.steps, RECORDS))
        passes = records * len(REACHES[self.reach]) + FIRST_BATCHES * len(LENGTHS)
        cost = self.cost()
        walked = cost.look(self.seeds, self.in_batch()) + MOVED * cost.weights * self.seeds
        return 2 * (self.training_work(records) + passes * walked)

    def held(self) -> float:
        """As Settings.held, with the networks on the way."""
        skip = self.skip == "on"
        walked = self.cost().displaced(self.seeds, len(LENGTHS), self.in_batch(), gradient=False)
        return self.training_memory(walked, skip=skip)


@dataclass(frozen=True)
class LandscapeResult:
    """Both treatments (plain, BN) on the first axis. NaN: after a divergence."""

    config: LandscapeConfig
    steps: NDArray[np.int64]  # (T,)
    reach: NDArray[np.float64]  # (A,) lengths of the walk, in learning rates
    loss_here: NDArray[np.float32]  # (2, seeds, T) mini-batch loss before the update
    loss_there: NDArray[np.float32]  # (2, seeds, T, A) L(theta - a g), same mini-batch; may be inf
    lengths: NDArray[np.float64]  # (L,) step lengths of the step curve
    growth: NDArray[np.float32]  # (2, seeds, batches, L) L(theta - a g) / L(theta), first batches
    test_accuracy: NDArray[np.float32]  # (2, seeds, T) inference mode, 0 to 1
    diverged_at: NDArray[np.int64]  # (2, seeds) step, or NEVER
    fell: NDArray[np.bool_]  # (2, seeds) whether the training loss fell to less than half

    def variation(self) -> NDArray[np.float32]:
        """The loss-variation band, lowest and highest loss over a: (2, 2, seeds, T)."""
        return np.stack([self.loss_there.min(-1), self.loss_there.max(-1)])

    def counts(self) -> NDArray[np.bool_]:
        """The seeds in which both losses fell: only there is smooth against rough a comparison."""
        return self.fell[0] & self.fell[1]

    def comparison(self) -> Comparison:
        """The width of the band in the seeds that count, of which there must be one."""
        low, high = self.variation().astype(np.float64)
        with np.errstate(invalid="ignore"):
            return compare(high - low, self.steps, self.counts())

    def too_long(self) -> NDArray[np.float64]:
        """The step length at which the loss is tenfold, (2, seeds); inf: at none of LENGTHS.

        Median over the first mini-batches; between two lengths, on a line in log and log.
        """
        batches = np.array(
            [[[_crossing(g) for g in seed] for seed in rows] for rows in self.growth]
        )
        known = ~np.isnan(batches).all(axis=-1)
        lengths = np.full(known.shape, LENGTHS[0])  # diverged before its first loss: any step was
        lengths[known] = np.nanmedian(batches[known], axis=-1)
        return lengths


def _crossing(growth: NDArray[np.float32]) -> float:
    """Where L / L_0, (LENGTHS,), first reaches TENFOLD; inf: never; NaN: there was no L_0."""
    if np.isnan(growth[0]):
        return np.nan
    grown = np.where(np.isnan(growth), np.inf, growth.astype(np.float64))
    beyond = np.flatnonzero(grown >= TENFOLD)
    if not len(beyond):
        return np.inf
    place = int(beyond[0])
    if place == 0 or not np.isfinite(grown[place]):
        return float(LENGTHS[place])
    low, high = np.log(np.maximum(grown[place - 1 : place + 1], 1e-12))
    share = (np.log(TENFOLD) - low) / (high - low)
    return float(np.exp(np.interp(share, [0, 1], np.log(LENGTHS[place - 1 : place + 1]))))


@bounded
def run(config: LandscapeConfig, report: Report = silent, workers: int = 2) -> LandscapeResult:
    """Train the pairs and walk along the gradient at each record. Pure: same config, same bits."""
    reach = np.array(REACHES[config.reach])
    probes = [
        losses_along([float(length) for length in reach * config.learning_rate]),
        losses_along([float(length) for length in LENGTHS], until=FIRST_BATCHES - 1),
    ]
    normalized, skip = NORMALIZED[config.normalized_layers](config.depth), config.skip == "on"
    record_at = recording_steps(config.steps, RECORDS)
    histories = train_pair(
        config, normalized, probes, report, workers, record_at=record_at, skip=skip
    )
    here = stacked(histories, "loss_here", ())
    early_here = stacked(histories, "early_here", ())[:, :, :FIRST_BATCHES]
    early_there = stacked(histories, "early_there", LENGTHS.shape)[:, :, :FIRST_BATCHES]
    return LandscapeResult(
        config,
        histories["plain"].steps,
        reach,
        here,
        _overflowed(here, stacked(histories, "loss_there", reach.shape)),
        LENGTHS,
        _growth(early_here, _overflowed(early_here, early_there)),
        np.stack([histories[t].test_accuracies for t in TREATMENTS]),
        np.stack([diverged_at(histories[t]) for t in TREATMENTS]),
        np.stack([fell(histories[t]) for t in TREATMENTS]),
    )


def _overflowed(here: NDArray[np.float32], there: NDArray[np.float32]) -> NDArray[np.float32]:
    """The losses of walks, inf where numbers overflowed on the way; NaN: there was no walk."""
    return np.where(np.isfinite(here)[..., None] & np.isnan(there), np.float32(np.inf), there)


def _growth(here: NDArray[np.float32], there: NDArray[np.float32]) -> NDArray[np.float32]:
    """L(theta - a g) / L(theta), (…, L), from (…,) and (…, L)."""
    with np.errstate(over="ignore"):
        return (there / np.maximum(here, 1e-12)[..., None]).astype(np.float32)


def findings(result: LandscapeResult) -> list[str]:
    """What this run shows, in sentences, each computed from it."""
    first = _roughness(result) if result.counts().any() else no_comparison(result.fell)
    lost = not_compared(result.diverged_at, result.fell)
    return [first, *_worst(result), longest_step(result), *lost]


def _roughness(result: LandscapeResult) -> str:
    varied, where = result.comparison(), f"Within {in_rates(result.reach[-1])} along the gradient"
    if varied.rougher == "plain":
        return (
            f"{where}, **plain's loss varies {varied.factor} as much as BN's** (averaged over"
            f" training; more in {count(varied.larger, varied.seeds)})."
        )
    if varied.rougher == "batch":
        meaning = "at this setting BN's ground is the rougher one."
        if _rougher(result) != "batch":
            meaning = (
                "it falls further; its walks hardly ever lead upwards, so that is not roughness."
            )
        return f"{where}, **BN's loss varies {varied.factor} as much as plain's**: {meaning}"
    return f"{where}, **both losses vary about as much** (averaged over training)."


def _rougher(result: LandscapeResult) -> str:
    """Whose ground is the rougher one, or "": a loss that only falls varies, but is not rough."""
    rougher = result.comparison().rougher
    if not rougher:
        return ""
    chosen = TREATMENTS.index(rougher), result.counts()
    high, here = result.variation()[1][chosen], result.loss_here[chosen]
    rises = np.median(high.astype(np.float64), axis=0) > np.median(here, axis=0)
    return rougher if rises.any() else ""


def _worst(result: LandscapeResult) -> list[str]:
    """Where the walk led up the most in each network, by the median of the seeds."""
    sentences = []
    for treatment, name in enumerate(TREATMENTS):
        here = np.median(result.loss_here[treatment].astype(np.float64), axis=0)
        high = np.median(result.variation()[1, treatment].astype(np.float64), axis=0)
        known = np.isfinite(here)
        if not known.any():
            continue
        rise = np.where(known, high / np.maximum(here, 1e-12), 0.0)
        column = int(np.argmax(rise))
        start, end = in_words(float(here[column])), in_words(float(high[column]))
        if rise[column] <= 1 or start == end:
            ever = "hardly ever" if _any_rise(result, treatment) else "never"
            sentences.append(f"{SUBJECTS[name]}'s walks {ever} lead above where they start.")
        else:
            sentences.append(
                f"{SUBJECTS[name]}'s steepest walk is at step {result.steps[column]}: its loss goes"
                f" from {start} up to {end}."
            )
    return sentences


def _any_rise(result: LandscapeResult, treatment: int) -> bool:
    """Whether a walk of any seed ends above its start, be the median below it or not."""
    return bool((result.variation()[1, treatment] > result.loss_here[treatment]).any())


def percent(share: float) -> str:
    """A share in words; one that is not zero does not read as zero."""
    return "less than 1 %" if 0 < share < 0.005 else f"{100 * share:.0f} %"


def in_words(loss: float) -> str:
    """A loss of any size: 0.032, 7.1, 1,143, some 10¹²."""
    if not np.isfinite(loss):
        return "more than a 32-bit float can hold"
    if loss >= 1e6:
        return f"some {power(loss)}"
    return f"{loss:.2g}" if loss < 100 else f"{loss:,.0f}"


_WHERE = {"without BN": 0, "with BN": 1}


def longest_step(result: LandscapeResult) -> str:
    """From which step length on the loss of the first mini-batches is tenfold."""
    plain, batch = np.median(result.too_long(), axis=1)
    begin = "On the first mini-batches, a step along the gradient makes the loss tenfold "
    at_once = [where for where, at in _WHERE.items() if (plain, batch)[at] <= LENGTHS[0]]
    if at_once:
        return begin + f"already at {LENGTHS[0]:g}, the shortest we tried, {' and '.join(at_once)}."
    if np.isinf(plain) and np.isinf(batch):
        return begin + f"at no length up to {LENGTHS[-1]:g}, with BN or without."
    if np.isinf(batch):
        return begin + f"from a length of {plain:.2g} on without BN; with it, at none we tried."
    if np.isinf(plain):
        return begin + f"from a length of {batch:.2g} on with BN; without it, at none we tried."
    longer, who = (batch / plain, "BN") if batch > plain else (plain / batch, "plain")
    allowed = f"{who} bears steps {times(longer)} as long"
    if longer <= ALIKE:
        allowed = "both bear about as much"
    return begin + f"from a length of {plain:.2g} on without BN and {batch:.2g} with it: {allowed}."


def misconceptions(result: LandscapeResult) -> dict[str, str]:
    """What is often believed, and what this run says of it."""
    return {
        "Along the negative gradient the loss falls": _falls(result),
        "On smoother ground a network learns faster": _faster(result),
    }


def rises(result: LandscapeResult) -> NDArray[np.float64]:
    """How often one learning rate along the gradient raises the loss, share of the records, (2,).

    On the same mini-batch; NaN where a treatment has no record.
    """
    one = int(np.flatnonzero(result.reach == 1.0)[0])
    here, there = result.loss_here, result.loss_there[..., one]
    known = np.isfinite(here)
    up = known & ~(there <= here)  # what overflowed has risen, too
    count = known.sum(axis=(1, 2))
    return np.where(count > 0, up.sum(axis=(1, 2)) / np.maximum(count, 1), np.nan)


def _falls(result: LandscapeResult) -> str:
    plain, batch = rises(result)
    known = [
        f"{percent(share)} of {name}'s recorded steps"
        for name, share in (("plain", plain), ("BN", batch))
        if np.isfinite(share)
    ]
    said = " and in ".join(known)
    if not known:
        return "This run cannot tell: both networks diverged before their first record."
    if np.nanmax([plain, batch, 0.0]) == 0:
        return "At this learning rate it always did. Take a larger one and it will not."
    return (
        "Only if the step is short enough. Here one learning rate along the gradient raised the"
        f" loss of its own mini-batch in {said}."
    )


def _faster(result: LandscapeResult) -> str:
    if not result.counts().any():
        return "This run cannot tell: there is no pair in which both losses fell."
    plain, batch = np.median(result.test_accuracy[:, result.counts(), -1], axis=1)
    smoother = {"plain": "BN", "batch": "plain", "": ""}[_rougher(result)]
    ahead = "BN" if batch > plain else "plain"
    ends = f"plain ends at {100 * plain:.0f} %, BN at {100 * batch:.0f} % test accuracy"
    if not smoother:
        return f"This run cannot tell: neither network has clearly the smoother ground; {ends}."
    if abs(plain - batch) < SAME:
        return (
            f"Not by itself: {smoother} has the smoother ground, and at the same rate, {ends}."
            " What smooth ground allows is a larger rate."
        )
    if ahead == smoother:
        return f"Here it goes together: {smoother} has the smoother ground, and {ends}."
    return f"Not here: {smoother} has the smoother ground, but {ends}."


LONGER = ("a shorter one", "about as long", "about 3 times as long", "10 times as long or more")


def how_long(result: LandscapeResult) -> tuple[str, str]:
    """How long a step BN bears, beside plain's, as the nearest of LONGER; and the sentence."""
    plain, batch = np.median(result.too_long(), axis=1)
    ratio = 1.0 if plain == batch else batch / plain
    place = int(ratio > 1 / 2) + int(ratio >= 2) + int(ratio >= 7)
    return LONGER[place], longest_step(result)
