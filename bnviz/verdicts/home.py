"""Who learns at this rate, with BN and without; and which layer went first where one does not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from bnviz.axes import BATCH, NEVER, PLAIN, TREATMENTS, Treatment
from bnviz.verdicts import criteria

if TYPE_CHECKING:
    from bnviz.experiments.home import HomeResult

Fate = Literal["learned", "failed", "diverged"]
Sign = Literal["exploded", "idle", "faint", "overflowed"]
Cause = Literal["alone", "collapse", "too slow", "rising", "never above", "restless"]
Outcome = Literal["no BN", "both", "BN helps", "BN does not help", "neither"]
Neither = Literal["alone", "too slow", "not far", "too few layers", "torn", "unknown"]

EXPLODED = 100.0  # times its signal at the start: a layer counts as exploded
IDLE = 0.5  # share of its units that are dead, or of its values that are saturated
FAINT = 1e-3  # the signal of a layer that says (nearly) the same for every sample
SMALL_UPDATE = 3e-3  # of a layer's length, the largest update of a run that hardly moves
FELL_BACK = 0.1  # of accuracy, from the best to the last: less is no restlessness


@dataclass(frozen=True, kw_only=True)
class Collapse:
    """The first sign that a layer of one network left the range in which it can learn."""

    step: int
    at_the_latest: bool  # whether steps just before it went unrecorded: it may have been earlier
    layer: int  # from 1; one more than the hidden ones: the output layer
    together: tuple[int, ...]  # it, and all layers that had left by the same record
    sign: Sign
    amount: float  # exploded: times its signal at the start; idle: share; faint: signal
    moved: float  # the largest ||update|| / ||W|| of that layer up to then; NaN: not known


@dataclass(frozen=True, kw_only=True)
class Group:
    """The seeds of one treatment."""

    fates: tuple[Fate, ...]
    learned: tuple[float, ...]  # the last accuracy of those that learned
    failed: tuple[float, ...]  # of those that did not, and did not diverge either
    diverged: tuple[int, ...]  # the steps at which the others did


@dataclass(frozen=True, kw_only=True)
class Story:
    """Why one network did not learn."""

    treatment: Treatment
    seed: int
    cause: Cause
    collapse: Collapse | None  # with the cause "collapse" only
    others: tuple[tuple[int, ...], ...]  # which went first in the other seeds that did not learn
    in_range: int  # of these other seeds those in which no layer did
    largest_update: float  # share of a layer's length; NaN: not known
    best: float  # accuracy
    last: float


@dataclass(frozen=True, kw_only=True)
class Halves:
    """Where in the plain networks the layers that went first stood."""

    gone: tuple[int, int]  # in how many seeds: all in the half at the input, at the output
    both: int  # in how many they stood in both
    seeds: int
    most: int | None  # the half it was in more than half of the seeds


@dataclass(frozen=True, kw_only=True)
class HomeVerdict:
    outcome: Outcome
    neither: Neither | None  # why, where neither network learns
    rate: float
    steps: int
    seeds: int
    depth: int
    activation: str
    with_bn: tuple[int, ...]  # the layers with BN in the second network
    plain: Group
    batch: Group
    gap: float  # BN's median last accuracy less plain's; NaN: most networks of one diverged
    standing: criteria.Standing  # of the last accuracies, plain first
    stories: tuple[Story, ...]  # of plain, of BN: each where a network did not learn
    halves: Halves
    dark: tuple[int, int]  # layers of plain, of BN: dark at the end, in the seed that is drawn

    @property
    def mostly(self) -> tuple[bool, bool]:
        """Whether plain, and BN, learned in most seeds."""
        learned = (len(group.learned) for group in (self.plain, self.batch))
        plain, batch = (criteria.majority(number, self.seeds) for number in learned)
        return plain, batch

    @property
    def gained(self) -> bool:
        """Whether, in most seeds, the network with BN learned and plain did not."""
        pairs = list(zip(self.plain.fates, self.batch.fates, strict=True))
        won = sum(batch == "learned" != plain for plain, batch in pairs)
        return criteria.majority(won, len(pairs))

    @property
    def first_to_go(self) -> Collapse | None:
        """The collapse told of plain; None: all learned, or no layer left its range."""
        return next((one.collapse for one in self.stories if one.treatment == "plain"), None)

    @property
    def hidden_layer_gone(self) -> int | None:
        """The same, where it is a hidden layer: one that BN can mend."""
        gone = self.first_to_go
        return gone.layer if gone and gone.layer <= self.depth else None


def judge(result: HomeResult) -> HomeVerdict:
    """Who learns, in how many seeds, and what became of the others."""
    config = result.config
    plain, batch = (_group(result, treatment) for treatment in (PLAIN, BATCH))
    outcome = _outcome(bool(config.with_bn()), plain, batch)
    final = result.test_accuracy[:, :, -1]
    return HomeVerdict(
        outcome=outcome,
        neither=_why_neither(result) if outcome == "neither" else None,
        rate=config.learning_rate,
        steps=config.steps,
        seeds=config.seeds,
        depth=config.depth,
        activation=config.activation,
        with_bn=config.with_bn(),
        plain=plain,
        batch=batch,
        gap=criteria.usual(final[BATCH]) - criteria.usual(final[PLAIN]),
        standing=criteria.standing(final[PLAIN], final[BATCH]),
        stories=_stories(result),
        halves=halves(result),
        dark=(_dark(result, PLAIN), _dark(result, BATCH)),
    )


def _dark(result: HomeResult, treatment: int) -> int:
    """How many layers have no unit left that tells samples apart, where the picture shows it."""
    units = np.nan_to_num(result.unit_signal[treatment, -1], nan=0.0)
    return int((units.max(-1) < FAINT).sum())


def fates(result: HomeResult, treatment: int) -> list[Fate]:
    """What became of each seed; failed: closer to guessing than to being right."""
    final = result.test_accuracy[treatment, :, -1]
    return [
        "diverged"
        if step != NEVER
        else "learned"
        if criteria.learned(accuracy, result.classes)
        else "failed"
        for step, accuracy in zip(result.diverged_at[treatment], final, strict=True)
    ]


def _group(result: HomeResult, treatment: int) -> Group:
    those, final = fates(result, treatment), result.test_accuracy[treatment, :, -1]
    ended = list(zip(final, those, strict=True))
    lost = result.diverged_at[treatment]
    return Group(
        fates=tuple(those),
        learned=tuple(float(end) for end, fate in ended if fate == "learned"),
        failed=tuple(float(end) for end, fate in ended if fate == "failed"),
        diverged=tuple(int(step) for step in lost[lost != NEVER]),
    )


def _outcome(with_bn: bool, plain: Group, batch: Group) -> Outcome:
    ends, of = (len(plain.learned), len(batch.learned)), len(plain.fates)
    if not with_bn:
        return "no BN"
    if ends == (0, 0):
        return "neither"
    if ends == (of, of):
        return "both"
    return "BN helps" if ends[1] > ends[0] else "BN does not help"


def first_collapse(result: HomeResult, treatment: int, seed: int) -> Collapse | None:
    """Which layer of this network went first, when, and how; None: all stayed in range.

    A layer has exploded when its signal is EXPLODED times what it was at the start, is idle
    when IDLE of it is dead or saturated, and faint when its output hardly depends on the
    sample. Of several at the same step, the worst counts; of faint ones, the first.
    """
    signal, idle = result.signal[treatment, seed], result.idle[treatment, seed]
    growth = signal / np.maximum(signal[0], 1e-12)
    first = np.broadcast_to(-np.arange(signal.shape[1]), signal.shape)
    signs: list[tuple[Sign, NDArray[np.bool_], NDArray, NDArray]] = [
        ("exploded", growth > EXPLODED, growth, growth),
        ("idle", idle >= IDLE, idle, idle),
        ("faint", signal < FAINT, first, signal),
    ]
    for column, step in enumerate(result.steps):
        for sign, out_of_range, badness, amount in signs:
            if out_of_range[column].any():
                layer = int(np.argmax(np.where(out_of_range[column], badness[column], -np.inf)))
                return Collapse(
                    step=int(step),
                    at_the_latest=column > 0 and bool(result.steps[column - 1] < step - 1),
                    layer=layer + 1,
                    together=_together([out for _, out, *_ in signs], column),
                    sign=sign,
                    amount=float(amount[column, layer]),
                    moved=_moved(result, treatment, seed, column, layer),
                )
    return _overflow(result, treatment, seed)


def _together(signs: list[NDArray[np.bool_]], column: int) -> tuple[int, ...]:
    """The layers, from 1, with any of the signs, (T, depth) each, at this record."""
    gone = np.any([sign[column] for sign in signs], axis=0)
    return tuple(int(layer) + 1 for layer in np.flatnonzero(gone))


def _overflow(result: HomeResult, treatment: int, seed: int) -> Collapse | None:
    """A divergence between two records, before which no layer was seen out of its range."""
    step = int(result.diverged_at[treatment, seed])
    if step == NEVER:
        return None
    layer = int(result.overflowed[treatment, seed])
    return Collapse(
        step=step,
        at_the_latest=False,
        layer=layer,
        together=(layer,),
        sign="overflowed",
        amount=np.inf,
        moved=np.nan,
    )


def _moved(result: HomeResult, treatment: int, seed: int, column: int, layer: int) -> float:
    """The largest lr ||g|| / ||W|| up to this record; without momentum that is the update.

    Not known where steps before it went unrecorded: the update that did it may be among them.
    """
    if result.config.optimizer != "sgd" or result.steps[column] != column or column == 0:
        return np.nan
    before = (treatment, seed, slice(0, column), layer)
    return result.config.learning_rate * _largest(result.gradient[before], result.weight[before])


def _largest(gradient: NDArray[np.float32], weight: NDArray[np.float32]) -> float:
    """The largest ||g|| / ||W||; NaN where there is none. Both may have overflowed."""
    with np.errstate(invalid="ignore", over="ignore"):
        ratio = gradient.astype(np.float64) / weight
    known = ratio[~np.isnan(ratio)]
    return float(known.max()) if known.size else np.nan


def _largest_update(result: HomeResult, treatment: int, seed: int) -> float:
    """No update at a record was longer than this share of its layer's weights; NaN: no record.

    Exact without momentum. With momentum 0.9 the update is at most ten times the largest
    gradient's; Adam moves a weight by about the learning rate.
    """
    config = result.config
    gradient, weight = result.gradient[treatment, seed], result.weight[treatment, seed]
    if config.optimizer == "adam":
        gradient = np.broadcast_to(np.sqrt(config.weights_by_layer()), weight.shape)
    factor = 10.0 if config.optimizer == "momentum" else 1.0
    return factor * config.learning_rate * _largest(gradient, weight)


def _stories(result: HomeResult) -> tuple[Story, ...]:
    """One for each treatment with a seed that did not learn: of the one drawn, if it is one."""
    told = []
    for treatment in (PLAIN, BATCH):
        those = fates(result, treatment)
        broken = [seed for seed, fate in enumerate(those) if fate != "learned"]
        broken.sort(key=lambda seed: seed != result.typical)
        if broken and (treatment == PLAIN or result.config.with_bn()):
            told.append(_story(result, treatment, broken))
    return tuple(told)


def _story(result: HomeResult, treatment: int, broken: list[int]) -> Story:
    collapse, *others = (first_collapse(result, treatment, seed) for seed in broken)
    accuracy = result.test_accuracy[treatment, broken[0]]
    known = accuracy[np.isfinite(accuracy)]
    return Story(
        treatment=TREATMENTS[treatment],
        seed=broken[0],
        cause=_cause(result, treatment, broken[0], collapse),
        collapse=collapse,
        others=tuple(other.together for other in others if other),
        in_range=others.count(None),
        largest_update=_largest_update(result, treatment, broken[0]),
        best=float(known.max()) if known.size else np.nan,
        last=float(accuracy[-1]),
    )


def _cause(result: HomeResult, treatment: int, seed: int, collapse: Collapse | None) -> Cause:
    accuracy = result.test_accuracy[treatment, seed]
    if treatment == BATCH and result.config.batch_size == 1:
        return "alone"
    if collapse:
        return "collapse"
    if _largest_update(result, treatment, seed) < SMALL_UPDATE:
        return "too slow"
    if _still_rising(accuracy):
        return "rising"
    return "never above" if np.nanmax(accuracy) < accuracy[-1] + FELL_BACK else "restless"


def _still_rising(accuracy: NDArray[np.float32]) -> bool:
    """Whether the accuracy, (T,), was better in the last quarter of the records than before it.

    And did not fall back from its best.
    """
    quarter = max(1, len(accuracy) // 4)
    before, late = accuracy[-2 * quarter : -quarter], accuracy[-quarter:]
    if not np.mean(late) > np.mean(before) + criteria.SAME:  # nor with a NaN
        return False
    return bool(2 * accuracy[0] < accuracy[-1] > accuracy.max() - FELL_BACK)


def _why_neither(result: HomeResult) -> Neither:
    config = result.config
    everyone = [(treatment, seed) for treatment in range(2) for seed in range(config.seeds)]
    if config.batch_size == 1:
        return "alone"
    in_range = all(first_collapse(result, *one) is None for one in everyone)
    if in_range and all(_largest_update(result, *one) < SMALL_UPDATE for one in everyone):
        return "too slow"
    if any(_still_rising(result.test_accuracy[one]) for one in everyone):
        return "not far"
    collapses = [first_collapse(result, BATCH, seed) for seed in range(config.seeds)]
    gone = [collapse.step for collapse in collapses if collapse]
    if len(config.with_bn()) < config.depth:
        return "too few layers" if criteria.majority(len(gone), config.seeds) else "unknown"
    by_training = sum(step > 0 for step in gone)  # not before the first update
    return "torn" if criteria.majority(by_training, config.seeds) else "unknown"


def halves(result: HomeResult) -> Halves:
    """In which half of the plain network the first layers went, seed by seed."""
    gone, both, seeds = [0, 0], 0, result.config.seeds
    for seed in range(seeds):
        collapse = first_collapse(result, PLAIN, seed)
        where = (
            {2 * layer > result.config.depth for layer in collapse.together} if collapse else set()
        )
        both += len(where) > 1
        if len(where) == 1:
            gone[where.pop()] += 1
    return Halves(gone=(gone[0], gone[1]), both=both, seeds=seeds, most=criteria.rule(gone, seeds))
