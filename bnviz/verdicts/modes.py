"""How far both modes are apart, and which statistics serve inference best."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from bnviz.axes import (
    AVERAGE_OF_ALL,
    BATCH,
    FIRST_MOMENTUM,
    NEVER,
    OWN_BATCH,
    PLAIN,
    PRECISE,
)
from bnviz.verdicts import criteria
from bnviz.verdicts.one_sample import SampleVerdict, judge_sample

if TYPE_CHECKING:
    from bnviz.experiments.modes import ModesConfig, ModesResult

Outcome = Literal["diverged", "no help", "little", "inference", "training", "equal", "mixed"]

CLOSE = 1.1
"""Times. Test losses closer than this are about as good: momenta within 10 % of the best one lie
on the flat floor of their curve, where the order changes from seed to seed."""
APART = 0.05  # between the layers' ratios of variances, to be mentioned
STARTED = 0.2  # of the weight: more than that on the start values counts for something
FEW = 0.02  # of the test samples: so few that change their class are called few
USUAL = 0.1  # momentum, PyTorch's default
MANY = 32  # samples: from here on the statistics of a mini-batch are near those of its population


@dataclass(frozen=True, kw_only=True)
class Memory:
    """On what the running averages of one momentum rest at the last step."""

    momentum: float
    half_life: int  # how many of the newest mini-batches have half of the weight, at least
    of_start: float  # the weight that the start values, mean 0 and variance 1, still have
    rests_on: Literal["start", "newest", "several"]

    @property
    def counts_start(self) -> bool:
        """Whether the start values still have a say."""
        return self.of_start > STARTED


def memory(momentum: float, steps: int) -> Memory:
    """After so many steps: weights momentum (1 - momentum)^k, and (1 - momentum)^steps."""
    half = 1 if momentum >= 0.5 else math.ceil(math.log(0.5) / math.log(1 - momentum))
    return Memory(
        momentum=momentum,
        half_life=half,
        of_start=(1 - momentum) ** steps,
        rests_on="start" if half > steps else "newest" if half == 1 else "several",
    )


@dataclass(frozen=True, kw_only=True)
class Statistics:
    """The last test loss by what it is normalized with; medians over the seeds."""

    own: float
    running: float
    precise: float
    better: Literal["precise", "running", "alike", "mixed"]  # clearly, in most seeds
    agree: int  # the seeds in which the better one is clearly better


@dataclass(frozen=True, kw_only=True)
class Momenta:
    """The last test loss by momentum, medians over the seeds."""

    values: tuple[float, ...]  # increasing
    losses: tuple[float, ...]
    good: tuple[float, ...]  # those within CLOSE of the best: the best one is a range
    worst_memory: Memory

    @property
    def best(self) -> int:
        """The place of the lowest loss."""
        return self.losses.index(min(self.losses))

    @property
    def worst(self) -> int:
        return self.losses.index(max(self.losses))

    @property
    def kind(self) -> Literal["smallest", "between", "largest", "several"]:
        """Where on the axis all the good ones lie."""
        if self.good == self.values[:1]:
            return "smallest"
        if self.good == self.values[-1:]:
            return "largest"
        outer = {self.values[0], self.values[-1]}
        return "several" if outer & set(self.good) else "between"


@dataclass(frozen=True, kw_only=True)
class EvenAverage:
    """The average over all mini-batches in place of the running averages."""

    loss: float  # median over the seeds
    running: float
    better: Literal["even", "running", "alike", "mixed"]  # clearly, in most seeds


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """The chosen momentum beside PyTorch's usual one; test losses, medians over the seeds."""

    loss: float
    usual: float
    better: Literal["chosen", "usual", "alike", "mixed"]  # clearly, in most seeds
    agree: int  # the seeds in which the better one is clearly better


@dataclass(frozen=True, kw_only=True)
class Variances:
    """The unbiased variance of mini-batches over that of the population, in the first seed."""

    first: float  # of layer 1
    deep: float | None  # of the last layer, where it is clearly the larger one
    layer: int  # the last one


@dataclass(frozen=True, kw_only=True)
class ModesVerdict:
    """Training mode against inference mode on the test set, after the last step."""

    outcome: Outcome
    batch_size: int
    momentum: float
    steps: int
    seeds: int  # that were trained
    measured: int  # of them
    test_samples: int
    own: float  # test accuracy, median over the seeds: training mode
    running: float  # inference mode
    score: criteria.Score  # training mode first, inference mode second
    learned: bool  # the BN networks, with one of the ways to normalize
    statistics: Statistics | None  # None: not every way gave a number
    momenta: Momenta | None
    even: EvenAverage | None
    chosen: Chosen | None  # None: it is the usual one, or there are no numbers
    memory: Memory
    variances: Variances | None
    plain: float  # test accuracy, median over the seeds
    plain_ahead: bool  # of both modes
    lost: tuple[int, int]  # seeds that diverged: plain, BN
    changed: float  # median share of test samples to which the modes give two classes
    in_company: float  # largest change of a probability if inference gets the sample alone
    sample: SampleVerdict
    places: tuple[tuple[int, int], ...]  # of the single units: layer and number, from 1

    @property
    def tells(self) -> bool:
        """Whether this run says something of the modes."""
        return self.learned and self.outcome != "diverged"

    @property
    def why_few(self) -> Literal["alike", "many", "unknown"] | None:
        """Why few samples change their class; None: they are not few."""
        if self.changed >= FEW:
            return None
        if not self.tells:
            return "alike"
        return "many" if self.batch_size >= MANY else "unknown"


def judge(result: ModesResult) -> ModesVerdict:
    """Which mode is better on the test set, in how many seeds, and by which statistics."""
    config = result.config
    own, running = (float(last_accuracy(result)[way]) for way in (OWN_BATCH, result.running))
    learned = any(
        criteria.learned(one, config.data().classes)
        for one in (own, running, float(last_accuracy(result)[PRECISE]))
    )
    score = _score(result)
    return ModesVerdict(
        outcome=_outcome(own, running, learned, score, criteria.median(_plain(result))),
        batch_size=config.whole(),
        momentum=config.momentum,
        steps=config.steps,
        seeds=config.seeds,
        measured=config.measured()[1],
        test_samples=result.test_samples,
        own=own,
        running=running,
        score=score,
        learned=learned,
        statistics=_statistics(result),
        momenta=_momenta(result),
        even=_even(result),
        chosen=_chosen(result),
        memory=memory(config.momentum, config.steps),
        variances=_variances(result),
        plain=criteria.median(_plain(result)),
        plain_ahead=_plain_ahead(result, max(own, running)),
        lost=(_lost(result, PLAIN), _lost(result, BATCH)),
        changed=criteria.median(result.changed),
        in_company=result.sample.in_company,
        sample=judge_sample(result),
        places=tuple((unit.layer, unit.number) for unit in result.units),
    )


def last_accuracy(result: ModesResult) -> NDArray[np.float64]:
    """The median over the seeds of the last test accuracy, by way to normalize."""
    return criteria.medians(result.test_accuracy[..., -1])


def _plain(result: ModesResult) -> NDArray[np.float32]:
    last: NDArray[np.float32] = result.plain_accuracy[:, -1]
    return last


def _lost(result: ModesResult, row: int) -> int:
    return int((result.diverged_at[row] != NEVER).sum())


def _known(values: NDArray[np.float32], ways: Sequence[int]) -> NDArray[np.float64]:
    """The last of values (ways, seeds, T) for these ways, where all of them have a number."""
    last = values[list(ways), :, -1].astype(np.float64)
    known: NDArray[np.float64] = last[:, np.isfinite(last).all(axis=0)]
    return known


def _score(result: ModesResult) -> criteria.Score:
    own, running = _known(result.test_accuracy, (OWN_BATCH, result.running))
    return criteria.score(own, running)


def _outcome(
    own: float, running: float, learned: bool, score: criteria.Score, plain: float
) -> Outcome:
    if not np.isfinite([own, running]).all():
        return "diverged"
    if not learned:
        helps = criteria.better(max(own, running), plain) == "first"
        return "little" if helps else "no help"
    ahead = criteria.better(own, running)
    if ahead == "neither":
        return "equal"
    if ahead != score.leader:
        return "mixed"
    return "training" if ahead == "first" else "inference"


def _plain_ahead(result: ModesResult, best: float) -> bool:
    """Clearly above both modes, by the medians and in more than half of the seeds."""
    last = result.test_accuracy[..., -1].astype(np.float64)
    both = np.maximum(last[OWN_BATCH], last[result.running])
    known = np.isfinite(both)
    plain = _plain(result).astype(np.float64)
    ahead = criteria.score(plain[known], both[known], within=criteria.SAME).leader == "first"
    return ahead and criteria.better(criteria.median(plain), best) == "first"


def _clearly_lower(first: NDArray[np.float64], second: NDArray[np.float64]) -> criteria.Score:
    """Whose test loss, (seeds,), is lower by a factor of CLOSE."""
    with np.errstate(divide="ignore"):
        one, other = np.log(first), np.log(second)
    return criteria.score(one, other, lowest=True, within=math.log(CLOSE))


def _compared(
    first: NDArray[np.float64], second: NDArray[np.float64]
) -> tuple[Literal["first", "second", "alike", "mixed"], criteria.Score]:
    """Whose test loss is clearly lower in more than half of the seeds, and by the medians."""
    score = _clearly_lower(first, second)
    one, other = float(np.median(first)), float(np.median(second))
    if score.leader == ("first" if one < other else "second"):
        return score.leader, score
    close = max(one, other) < CLOSE * min(one, other)
    return ("alike" if close and criteria.majority(score.even, score.seeds) else "mixed"), score


def _statistics(result: ModesResult) -> Statistics | None:
    own, exact, running = _known(result.test_loss, (OWN_BATCH, PRECISE, result.running))
    if not own.size:
        return None
    found, score = _compared(exact, running)
    return Statistics(
        own=float(np.median(own)),
        running=float(np.median(running)),
        precise=float(np.median(exact)),
        better="precise" if found == "first" else "running" if found == "second" else found,
        agree=max(score.first, score.second),
    )


def _momenta(result: ModesResult) -> Momenta | None:
    momenta = result.config.momenta()
    last = _known(result.test_loss, range(FIRST_MOMENTUM, FIRST_MOMENTUM + len(momenta)))
    if not last.size:
        return None
    losses = np.median(last, axis=1)
    worst = momenta[int(losses.argmax())]
    good = np.flatnonzero(losses < CLOSE * losses.min())
    return Momenta(
        values=momenta,
        losses=tuple(losses.tolist()),
        good=tuple(momenta[place] for place in good),
        worst_memory=memory(worst, result.config.steps),
    )


def _even(result: ModesResult) -> EvenAverage | None:
    everything, running = _known(result.test_loss, (AVERAGE_OF_ALL, result.running))
    if not running.size:
        return None
    found, _ = _compared(everything, running)
    return EvenAverage(
        loss=float(np.median(everything)),
        running=float(np.median(running)),
        better="even" if found == "first" else "running" if found == "second" else found,
    )


def _chosen(result: ModesResult) -> Chosen | None:
    """Whether the chosen momentum serves better than the usual one."""
    momenta = result.config.momenta()
    usual = FIRST_MOMENTUM + momenta.index(USUAL)
    one, other = _known(result.test_loss, (result.running, usual))
    if not one.size or result.running == usual:
        return None
    found, score = _compared(one, other)
    return Chosen(
        loss=float(np.median(one)),
        usual=float(np.median(other)),
        better="chosen" if found == "first" else "usual" if found == "second" else found,
        agree=max(score.first, score.second),
    )


def unbiased_over_population(result: ModesResult, layer: int) -> float:
    """The unbiased variance of mini-batches, over that of the population; in the second half.

    The median over the units of this layer of both averages over the steps; NaN where that
    cannot be said.
    """
    late = result.steps >= result.steps[-1] / 2
    ratios = []
    for unit in result.units:
        population = unit.population[1, late].astype(np.float64)
        batch = unit.batch[1, int(result.steps[-1]) // 2 :].astype(np.float64)
        population, batch = (x[np.isfinite(x)] for x in (population, batch))
        if unit.layer == layer and population.size and batch.size and population.mean() > 0:
            ratios.append(float(batch.mean() / population.mean()))
    return float(np.median(ratios)) if ratios else float("nan")


def _variances(result: ModesResult) -> Variances | None:
    """Of the first layer, and of the last one where it differs; None: nothing can be said."""
    config: ModesConfig = result.config
    first, deep = (unbiased_over_population(result, layer) for layer in (1, config.depth))
    if config.whole() == 1 or not np.isfinite(first):
        return None
    larger = np.isfinite(deep) and deep - max(first, 1) > APART
    return Variances(first=first, deep=deep if larger else None, layer=config.depth)
