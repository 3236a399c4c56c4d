"""What arrives of the signal and of the gradient, and who learns."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from bnviz.axes import BATCH, NEVER, PLAIN, TREATMENTS, Treatment
from bnviz.verdicts import criteria

if TYPE_CHECKING:
    from bnviz.experiments.signals import Direction, SignalsResult

Fate = Literal["fades", "stays", "grows"]
Ends = Literal["diverged", "fades", "through", "grows"]
Arrival = Literal["overflows", "grows beyond all numbers", "grows", "fades", "arrives"]
Help = Literal["learns", "sooner", "not much", "no", "on its way", "torn", "neither"]
Relu = Literal["other units", "not measured", "skip", "shrinks", "grows", "keeps"]
Neither = Literal["cannot tell", "slowly", "grows", "fades", "stays"]
Good = Literal[
    "one layer", "nobody left", "no gradient", "nothing explodes", "evens out", "turns", "stays"
]
Overfit = Literal[
    "diverged", "does not fit", "learns before it fits", "does not generalize", "does not fail"
]

CLEAR = 10.0  # times, over all layers: less has about stayed
TURNED = 2.0  # times: less is about the same
TORN = 1000.0  # times: a gradient that differs more than this between its two ends
SOONER = 1.5  # times: who needs this many times the steps is the slower one
AHEAD = 0.1  # test accuracy: this much more is on the way
GROWS = 1.05  # times per layer: a gradient that grows by less hardly grows
KEPT = 0.8  # times per layer: weights that pass on less do not make up for ReLU's zeros
EVENED = 0.7  # of what it grew by per layer at the start: a gradient with less is evened out
TINY = 1e-9  # times per layer: what shrinks by more is not told apart
DEEPEST = 50  # layers, to which a factor per layer is carried on
SHALLOW = 3  # layers: two factors at most, from which nothing is carried on
WIDE_RELU = math.sqrt(math.pi / (math.pi - 1))
"""1.21 times per layer: what BN does to the gradient in wide ReLU layers (see the page's notes)."""


@dataclass(frozen=True, kw_only=True)
class Way:
    """How much arrives of what set out, over all hidden layers, by the median seed."""

    over: tuple[float, ...]  # at each record, of the seeds that are left; NaN: none is
    each: criteria.Range  # the factor from layer to layer, over the seeds; at the start

    @property
    def ratio(self) -> float:
        """At the start; NaN: it overflowed before it could be measured."""
        return self.over[0]

    @property
    def arrival(self) -> Arrival:
        return arrival(self.ratio)

    def fate(self, clear: float = CLEAR) -> Fate:
        """What becomes of it: a factor of `clear` counts. (NaN: stays.)"""
        if self.ratio < 1 / clear:
            return "fades"
        return "grows" if self.ratio > clear else "stays"


def arrival(ratio: float) -> Arrival:
    """What became of it on its way, where a factor of TURNED counts."""
    if np.isnan(ratio):
        return "overflows"
    if np.isinf(ratio):
        return "grows beyond all numbers"
    if ratio > TURNED:
        return "grows"
    return "fades" if ratio < 1 / TURNED else "arrives"


@dataclass(frozen=True, kw_only=True)
class Network:
    """One treatment."""

    treatment: Treatment
    signal: Way
    gradient: Way
    ends: Ends  # what becomes of its signal in the end; diverged: most seeds did
    later: float  # the gradient's factor from layer to layer in the end; NaN: none is left
    unresolved: int | None  # the layer from which on all outputs are alike
    learned: int  # seeds
    typical: float  # the step after which the typical seed has; inf: it has not
    accuracy: float  # the median of the seeds left at the end; NaN: none is
    loss: float  # mini-batch loss in the end; likewise
    diverged: tuple[int, ...]  # steps
    promised: float  # change of the loss by the first step, to first order; NaN: not known
    delivered: float  # its true change


@dataclass(frozen=True, kw_only=True)
class SignalsVerdict:
    depth: int
    seeds: int
    steps: int
    activation: str
    skip: bool
    batch_size: int
    probe_samples: int
    guessing: float  # what guessing costs: ln(classes)
    plain: Network
    batch: Network
    both_through: bool  # both signals get through
    help: Help
    back: Fate  # what becomes of BN's gradient
    not_the_gradient: bool  # BN fixes the signal, and the gradient grows
    relu: Relu
    relu_factor: float  # by what a wide ReLU layer with these weights multiplies its input's size
    neither: Neither  # whether BN's gradients neither vanish nor explode
    for_good: Good  # whether what explodes at the start does so in the end
    overfit: Overfit

    @property
    def networks(self) -> tuple[Network, Network]:
        return self.plain, self.batch


def judge(result: SignalsResult) -> SignalsVerdict:
    """What arrives, and who learns."""
    config = result.config
    plain, batch = (_network(result, treatment) for treatment in (PLAIN, BATCH))
    guessing, skip = math.log(config.data().classes), config.skip == "on"
    back = _way_back(batch.gradient, skip)
    ways = (plain.signal, batch.signal)
    return SignalsVerdict(
        depth=config.depth,
        seeds=config.seeds,
        steps=config.steps,
        activation=config.activation,
        skip=skip,
        batch_size=config.batch_size,
        probe_samples=result.probe_samples,
        guessing=guessing,
        plain=plain,
        batch=batch,
        both_through=all(way.fate() == "stays" and not np.isnan(way.ratio) for way in ways),
        help=_help(result, plain, batch),
        back=back,
        not_the_gradient=_not_the_gradient(config.depth, skip, batch),
        relu=_relu(config.activation, skip, plain.signal),
        relu_factor=config.relu_factor(),
        neither=_neither(config.depth, batch.gradient, back),
        for_good=_for_good(result, batch),
        overfit=_overfit(result, plain),
    )


def _network(result: SignalsResult, treatment: int) -> Network:
    gone = (result.signal[treatment, :, 0] == 0).all(axis=0)
    lost = result.diverged_at[treatment]
    signal, gradient = (_way(result, which, treatment) for which in ("signal", "gradient"))
    left = int((lost == NEVER).sum())
    return Network(
        treatment=TREATMENTS[treatment],
        signal=signal,
        gradient=gradient,
        ends=_ends(signal.over[-1]) if criteria.majority(left, len(lost)) else "diverged",
        later=criteria.median(result.per_layer("gradient", -1)[treatment]),
        unresolved=int(gone.argmax()) + 1 if gone.any() else None,
        learned=int((result.learned_at[treatment] != NEVER).sum()),
        typical=typical_step(result.learned_at[treatment]),
        accuracy=criteria.median(result.test_accuracy[treatment, :, -1]),
        loss=criteria.median(result.last_loss[treatment]),
        diverged=tuple(int(step) for step in lost[lost != NEVER]),
        promised=_middle(result.promised[treatment]),
        delivered=_middle(result.delivered[treatment]),
    )


def _way(result: SignalsResult, which: Direction, treatment: int) -> Way:
    records = range(len(result.steps))
    return Way(
        over=tuple(_middle(result.travelled(which, record)[treatment]) for record in records),
        each=criteria.over_seeds(result.per_layer(which)[treatment]),
    )


def _ends(ratio: float) -> Ends:
    """What becomes of a signal; NaN: of networks that are left, it has overflowed."""
    if 1 / CLEAR <= ratio <= CLEAR:
        return "through"
    return "fades" if ratio < 1 / CLEAR else "grows"


def _middle(values: NDArray[np.floating]) -> float:
    """The median of what is a number, infinity included: what overflowed did grow."""
    known = values[~np.isnan(values)]
    return float(np.median(known)) if known.size else math.nan


def typical_step(learned_at: NDArray[np.int64]) -> float:
    """The median step at which the seeds have learned; who never does counts as infinitely late."""
    late = np.sort(criteria.late(learned_at))
    return float(late[len(late) // 2])


def _help(result: SignalsResult, plain: Network, batch: Network) -> Help:
    """Whether BN helps, as far as this run can tell."""
    if batch.learned > plain.learned:
        return "learns"
    if plain.learned:
        if plain.typical > SOONER * batch.typical:
            return "sooner"
        return "not much" if plain.typical > batch.typical else "no"
    guessed = 1 / result.config.data().classes
    ends = (criteria.usual(accuracy[:, -1]) for accuracy in result.test_accuracy)
    there, beside = (guessed if np.isnan(end) else end for end in ends)
    if beside - there > AHEAD:
        return "on its way"
    return "torn" if result.config.depth > 1 and batch.gradient.ratio > TORN else "neither"


def _not_the_gradient(depth: int, skip: bool, batch: Network) -> bool:
    """With skip connections the growth is not geometric, and a factor per layer says little."""
    if depth == 1 or skip:
        return False
    return batch.gradient.each.middle > GROWS and batch.signal.fate() == "stays"


def _way_back(gradient: Way, skip: bool) -> Fate:
    """What becomes of BN's gradient; over few layers the factor counts: two cannot double it."""
    kind = gradient.fate(TURNED)
    if kind == "stays" and not skip and gradient.each.middle > GROWS:
        return "grows"
    return kind


def _relu(activation: str, skip: bool, signal: Way) -> Relu:
    measured, kind = signal.each.middle, signal.fate()
    if activation != "relu":
        return "other units"
    if not np.isfinite(measured):
        return "not measured"
    if skip:
        return "skip"
    if kind == "fades" or measured < KEPT:
        return "shrinks"
    return "grows" if kind == "grows" or measured > 1 / KEPT else "keeps"


def _neither(depth: int, gradient: Way, back: Fate) -> Neither:
    if depth == 1 or np.isnan(gradient.ratio):
        return "cannot tell"
    if back == "grows":
        return "slowly" if gradient.ratio <= TURNED else "grows"
    return back


def _for_good(result: SignalsResult, batch: Network) -> Good:
    first, later = batch.gradient.each.middle, batch.later
    if result.config.depth == 1:
        return "one layer"
    if len(batch.diverged) == result.config.seeds or np.isnan(first):
        return "nobody left"
    if np.isnan(later):
        return "no gradient"
    if not first > GROWS:
        return "nothing explodes"
    if later < 1 / GROWS and not _evened(first, later):
        return "turns"
    starts, ends = (result.per_layer("gradient", column)[BATCH] for column in (0, -1))
    evened = [_evened(*pair) for pair in zip(starts, ends, strict=True) if not np.isnan(pair[1])]
    return "evens out" if _evened(first, later) and _most(evened) else "stays"


def _evened(first: float, later: float) -> bool:
    """Whether a factor from layer to layer is clearly nearer to 1 than at first, when it grew."""
    return bool(max(later, 1 / max(later, TINY)) - 1 < EVENED * (first - 1))


def _most(held: Sequence[bool]) -> bool:
    return criteria.majority(sum(held), len(held))


def _overfit(result: SignalsResult, plain: Network) -> Overfit:
    lost = criteria.majority(len(plain.diverged), result.config.seeds)
    if lost or np.isnan(plain.loss) or np.isnan(plain.accuracy):
        return "diverged"
    learned = criteria.learned(plain.accuracy, result.config.data().classes)
    if plain.loss > result.config.learned_below():
        return "learns before it fits" if learned else "does not fit"
    return "does not fail" if learned else "does not generalize"


@dataclass(frozen=True, kw_only=True)
class Remedy:
    """One of the remedies, with BN and without: whether most seeds learn, and after how long."""

    name: str
    plain: bool
    batch: bool
    batch_after: float  # steps of the typical seed; inf: it has not learned


def judge_remedies(results: Sequence[SignalsResult], names: Sequence[str]) -> tuple[Remedy, ...]:
    """Of those that have been trained so far."""
    return tuple(
        Remedy(
            name=name,
            plain=_most_learn(result, PLAIN),
            batch=_most_learn(result, BATCH),
            batch_after=typical_step(result.learned_at[BATCH]),
        )
        for name, result in zip(names, results, strict=False)
    )


def _most_learn(result: SignalsResult, treatment: int) -> bool:
    reached = int((result.learned_at[treatment] != NEVER).sum())
    return criteria.majority(reached, result.config.seeds)


@dataclass(frozen=True, kw_only=True)
class Product:
    """One step of a product of weights, at the rate and the depth of the networks."""

    factors: int
    rate: float
    promised: float
    delivered: float
    limit: float  # the largest rate at which a step still lowers the loss


def product(result: SignalsResult) -> Product:
    """What the product of as many factors as the network has layers does in one step."""
    config = result.config
    promised, delivered, limit = config.product()
    return Product(
        factors=config.depth,
        rate=config.learning_rate,
        promised=promised,
        delivered=delivered,
        limit=limit,
    )
