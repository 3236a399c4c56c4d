"""Why depth is hard: the signal on its way up and the gradient on its way down, layer by layer."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from bnviz.engine.networks import Trace, losses
from bnviz.engine.training import History, Moment, Probe, recording_steps
from bnviz.experiments.bounds import bounded
from bnviz.experiments.pair import (
    NAMES,
    NEVER,
    SUBJECTS,
    TREATMENTS,
    at_steps,
    count,
    diverged_at,
    in_steps,
    power,
    stacked,
    train_pair,
)
from bnviz.experiments.running import Report, silent
from bnviz.experiments.settings import Depth, Gain, Settings, Skip, Steps

PROBE_SAMPLES = 96  # the first training samples, on which signal and gradient are measured
TEST_SAMPLES = 500  # at most, which only go forward
RECORDS = 8  # moments of training; at this depth each costs as much as four steps
RESOLVED = 1e-6  # of an output's size: what 32-bit arithmetic can still tell apart
CLEAR = 10.0  # times, over all layers: less has about stayed
TURNED = 2.0  # times: less is about the same
TORN = 1000.0  # times: a gradient that differs more than this between its two ends
SOONER = 1.5  # times: who needs this many times the steps is the slower one
AHEAD = 0.1  # test accuracy: this much more is on the way
GROWS = 1.05  # times per layer: a gradient that grows by less hardly grows
KEPT = 0.8  # times per layer: weights that pass on less do not make up for ReLU's zeros
DEEPEST = 50  # layers, to which a factor per layer is carried on
WIDE_RELU = math.sqrt(math.pi / (math.pi - 1))  # 1.21 times per layer; see the page's notes

WINDOW = 10  # steps over which the training loss is averaged
HALF = 0.5  # of what guessing costs: a network with less has learned something

CHAINS = (1, 5, 20)  # factors of the products, beside as many as the networks have layers
RATES = np.logspace(-3, 0, 61)  # for the products

REMEDY = {"depth": 10, "steps": 200, "seeds": 3, "gain": 1.0, "optimizer": "sgd", "skip": "off"}
LARGE, SMALL = 0.56, 0.056  # learning rates
REMEDIES: dict[str, dict[str, Any]] = {
    "nothing": {"activation": "sigmoid", "initialization": "normal", "learning_rate": LARGE},
    "a tenth of the rate": {
        "activation": "sigmoid", "initialization": "normal", "learning_rate": SMALL,
    },
    "Glorot weights": {
        "activation": "sigmoid", "initialization": "glorot", "learning_rate": LARGE,
    },
    "ReLU": {"activation": "relu", "initialization": "normal", "learning_rate": LARGE},
    "ReLU, He weights": {"activation": "relu", "initialization": "he", "learning_rate": LARGE},
    "ReLU, He, tenth of rate": {
        "activation": "relu", "initialization": "he", "learning_rate": SMALL,
    },
}  # fmt: skip
"""What one did before BN, beside small normal weights, sigmoids and a large rate."""


Direction = Literal["signal", "gradient"]


class SignalsConfig(Settings):
    """The shared settings of a deep network with weights half as large as they should be."""

    depth: Depth = 16
    gain: Gain = 0.5
    steps: Steps = 50
    skip: Skip = "off"

    def work(self) -> float:
        """Training, and at each record a pass there and back; a look at the first step."""
        records = len(recording_steps(self.steps, RECORDS))
        looked_at = 4 * PROBE_SAMPLES + self.in_batch()
        return 2 * (self.training_work(records, looked_at) + self.cost().layers * records)

    def held(self) -> float:
        """As Settings.held, with a pass there and back, and a copy of the weights."""
        cost = self.cost(skip=self.skip == "on")
        look = cost.graph(self.seeds, PROBE_SAMPLES) + cost.traced(self.seeds, PROBE_SAMPLES, 3)
        step = cost.parameters(self.seeds) + cost.passing(self.seeds, self.in_batch())
        return self.training_memory(max(look, step), skip=self.skip == "on")


@dataclass(frozen=True)
class SignalsResult:
    """Both treatments (plain, BN) on the first axis. NaN: after a divergence."""

    config: SignalsConfig
    steps: NDArray[np.int64]  # (T,)
    signal: NDArray[np.float32]  # (2, seeds, T, depth) std of an output over samples; 0: unresolved
    gradient: NDArray[np.float32]  # (2, seeds, T, depth) std of dL/d(output), samples and units
    promised: NDArray[np.float32]  # (2, seeds) change of the loss by the first step, to first order
    delivered: NDArray[np.float32]  # (2, seeds) its true change, same mini-batch; may be inf
    test_accuracy: NDArray[np.float32]  # (2, seeds, T) inference mode, 0 to 1
    last_loss: NDArray[np.float64]  # (2, seeds) mini-batch loss, mean of the last WINDOW steps
    learned_at: NDArray[np.int64]  # (2, seeds) step at which that mean was below HALF, or NEVER
    diverged_at: NDArray[np.int64]  # (2, seeds) step, or NEVER
    chains: NDArray[np.int64]  # (K,) factors of the products w1 w2 ... wL
    rates: NDArray[np.float64]  # (E,) learning rates for them
    chain_promised: NDArray[np.float64]  # (K, E) change of their loss, to first order
    chain_delivered: NDArray[np.float64]  # (K, E) its true change

    def travelled(self, which: Direction, column: int = 0) -> NDArray[np.float64]:
        """How much arrives of what set out, (2, seeds): 0 where nothing can be told apart.

        Of the signal: last layer / first layer; of the gradient: first layer / last layer.
        """
        values = self._values(which)[:, :, column].astype(np.float64)
        start, end = (0, -1) if which == "signal" else (-1, 0)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            ratio = values[..., end] / values[..., start]
        return np.where(values[..., start] == 0, 0.0, ratio)

    def per_layer(self, which: Direction, column: int = 0) -> NDArray[np.float64]:
        """The factor from one layer to the next on the way, (2, seeds).

        From a straight line through the logarithms, over the layers that have a number; NaN
        with fewer than two of them.
        """
        values = self._values(which)[:, :, column].astype(np.float64)
        way = values if which == "signal" else values[..., ::-1]
        return np.array([[factor(seed) for seed in rows] for rows in way])

    def _values(self, which: Direction) -> NDArray[np.float32]:
        return self.signal if which == "signal" else self.gradient


def factor(values: NDArray[np.float64]) -> float:
    """The factor from one entry to the next, by least squares on the logarithms.

    Entries that are zero or no number are left out; NaN with fewer than two others.
    """
    there = np.flatnonzero(np.isfinite(values) & (values > 0))
    if len(there) < 2:
        return math.nan
    centred = there - there.mean()
    return math.exp(float(centred @ np.log(values[there]) / (centred @ centred)))


def travel(samples: Tensor, labels: Tensor) -> Probe:
    """Each layer's signal and gradient on (samples, features) and their labels, (samples,).

    signal (R, depth): the standard deviation of a unit's output h over the samples, as the root
    mean square over the units; zero below RESOLVED of the outputs' own size. gradient (R, depth):
    the standard deviation of dL/dh over samples and units, L the mean cross entropy. One forward
    pass, normalized with the samples' own statistics as in training, and one backward pass.
    """

    def probe(moment: Moment) -> Mapping[str, Tensor]:
        cohort, trace = moment.cohort, Trace(inner=False)
        shared = samples.T.expand(cohort.replicas, samples.shape[1], samples.shape[0])
        loss = losses(cohort.forward(shared, "batch", trace), labels.expand(cohort.replicas, -1))
        slopes = torch.autograd.grad(loss.sum(), trace.outputs)
        measured = {
            "signal": [_spread(h.detach()) for h in trace.outputs],
            "gradient": [_size(g - g.mean((1, 2), keepdim=True)) for g in slopes],
        }
        return {  # no number: it overflowed on these samples, though not on the mini-batch
            name: torch.stack(layers, dim=1).nan_to_num(nan=torch.inf, posinf=torch.inf)
            for name, layers in measured.items()
        }

    return probe


def _spread(outputs: Tensor) -> Tensor:
    """The standard deviation over the samples, (R,), of outputs (R, units, samples)."""
    spread, size = _size(outputs - outputs.mean(2, keepdim=True)), _size(outputs)
    return torch.where(spread < RESOLVED * size, torch.zeros_like(spread), spread)


def _size(values: Tensor) -> Tensor:
    """The root mean square of each replica, (R,); in float64, which holds the squares."""
    norm = torch.linalg.vector_norm(values, dim=(1, 2), dtype=torch.float64)
    return norm / math.sqrt(values[0].numel())


def first_step(rate: float) -> Probe:
    """What the gradient promises of the first step, and what comes of it; NaN afterwards.

    promised (R,): -rate ||g||^2; delivered (R,): L(theta - rate g) - L(theta), same mini-batch.
    """

    def probe(moment: Moment) -> Mapping[str, Tensor]:
        missing = torch.full_like(moment.losses, torch.nan)
        if moment.step > 0:
            return {"promised": missing, "delivered": missing}
        cohort, replicas = moment.cohort, moment.cohort.replicas
        squares = [g.reshape(replicas, -1).square().sum(1) for g in moment.gradients]
        with torch.no_grad(), cohort.untouched():
            for parameter, gradient in zip(cohort.parameters(), moment.gradients, strict=True):
                parameter.sub_(gradient, alpha=rate)
            after = losses(cohort.forward(moment.inputs, "batch"), moment.labels)
        change = torch.nan_to_num(after - moment.losses, nan=torch.inf)
        return {"promised": -rate * torch.stack(squares).sum(0), "delivered": change}

    return probe


@bounded
def run(config: SignalsConfig, report: Report = silent, workers: int = 2) -> SignalsResult:
    """Train the pairs and look at every layer. Pure: the same config, the same bits."""
    data = config.data()
    samples = torch.tensor(data.train_inputs[:PROBE_SAMPLES])
    labels = torch.tensor(data.train_labels[:PROBE_SAMPLES])
    everywhere = tuple(range(1, config.depth + 1))
    histories = train_pair(
        config,
        everywhere,
        [travel(samples, labels), first_step(config.learning_rate)],
        report,
        workers,
        record_at=recording_steps(config.steps, RECORDS),
        skip=config.skip == "on",
    )
    chains = np.array(chain_lengths(config.depth))
    promised, delivered = chain(chains[:, None], RATES)
    return SignalsResult(
        config,
        histories["plain"].steps,
        stacked(histories, "signal", (config.depth,)),
        stacked(histories, "gradient", (config.depth,)),
        stacked(histories, "promised", ())[:, :, 0],
        stacked(histories, "delivered", ())[:, :, 0],
        np.stack([histories[t].test_accuracies for t in TREATMENTS]),
        np.stack([_last_loss(histories[t]) for t in TREATMENTS]),
        np.stack([learned_at(histories[t], data.classes) for t in TREATMENTS]),
        np.stack([diverged_at(histories[t]) for t in TREATMENTS]),
        chains,
        RATES,
        promised,
        delivered,
    )


def _last_loss(history: History) -> NDArray[np.float64]:
    return history.batch_losses[:, -WINDOW:].mean(axis=1, dtype=np.float64)


def learned_at(history: History, classes: int) -> NDArray[np.int64]:
    """The step after which the mean loss of the last WINDOW steps was first below HALF.

    HALF of what guessing costs, ln(classes). (seeds,), or NEVER; also where a seed diverged later.
    """
    window = min(WINDOW, history.batch_losses.shape[1])
    wide = history.batch_losses.astype(np.float64)
    means = np.lib.stride_tricks.sliding_window_view(wide, window, axis=1).mean(-1)
    below = means < HALF * math.log(classes)
    stayed = diverged_at(history) == NEVER
    return np.where(below.any(1) & stayed, below.argmax(1) + window, NEVER)


def chain_lengths(depth: int) -> list[int]:
    """How many factors the products have: as many as the network has layers, and some others."""
    others = [length for length in CHAINS if not 0.6 < length / depth < 1.7]
    return sorted({depth, *others})


def chain(
    lengths: NDArray[np.int64] | int, rates: NDArray[np.float64] | float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Promised and true change of the loss of a product after one step, exactly.

    y = w1 w2 ... wL with all w = 1, loss (y - 2)^2 / 2. Every dL/dw is -1, so each factor becomes
    1 + rate, and y becomes (1 + rate)^L. Promised: -rate L, the sum of what each step alone would
    change, to first order.
    """
    delivered = 0.5 * ((1 + np.asarray(rates)) ** lengths - 2) ** 2 - 0.5
    return np.asarray(-1.0 * np.asarray(rates) * lengths), np.asarray(delivered)


def chain_limit(length: int) -> float:
    """The largest rate at which a step still lowers the loss of a product: 3^(1/L) - 1."""
    return float(3 ** (1 / length) - 1)


def findings(result: SignalsResult) -> list[str]:
    """What this run shows, in sentences, each computed from it."""
    return [
        _signal(result),
        *_gradient(result),
        _trained(result),
        *_both_sides(result),
        *_unresolved(result),
        *_lost(result),
        *_single(result),
    ]


def _middle(values: NDArray[np.floating]) -> float:
    """The median of what is a number; NaN if nothing is."""
    known = values[~np.isnan(values)]
    return float(np.median(known)) if known.size else math.nan


def fate(ratio: float, clear: float = CLEAR) -> str:
    """What becomes of something of which so much arrives: fades, stays, grows."""
    if ratio < 1 / clear:
        return "fades"
    return "grows" if ratio > clear else "stays"


def share(ratio: float) -> str:
    """A part in words: 45 %, 0.38 %, 1/60,000, some 10⁻¹³."""
    if ratio >= 0.1:
        return f"{100 * ratio:.0f} %"
    if ratio >= 1e-3:
        return f"{100 * ratio:.2g} %"
    if ratio >= 1e-9:
        return f"1/{rounded(1 / ratio)}"
    return f"some {power(ratio)}" if ratio > 0 else "nothing"


def rounded(ratio: float) -> str:
    """A number of 2 or more, to two digits: 4.8, 21, 16,000, 10¹²."""
    if ratio >= 1e9:
        return power(ratio) if np.isfinite(ratio) else "infinitely many"
    two = float(f"{ratio:.2g}")
    return f"{two:,.0f}" if two >= 10 else f"{two:g}"


def _arrives(ratio: float) -> str:
    if np.isnan(ratio):
        return "overflows before it can be measured"
    if np.isinf(ratio):
        return "grows beyond all numbers"
    if ratio > TURNED:
        return f"grows {rounded(ratio)} times"
    return f"fades to {share(ratio)}" if ratio < 1 / TURNED else f"arrives at {share(ratio)}"


def _signal(result: SignalsResult) -> str:
    depth, ratios = result.config.depth, [_middle(r) for r in result.travelled("signal")]
    if depth == 1:
        return "**One hidden layer: on so short a way nothing can fade.** Choose more layers."
    plain, batch = (_arrives(ratio) for ratio in ratios)
    begin = f"At the start, over {depth} layers, "
    if not np.isnan(ratios).any() and all(fate(ratio) == "stays" for ratio in ratios):
        return begin + f"**both signals get through**: plain's {plain}, BN's {batch}."
    return begin + f"**plain's signal {plain}; BN's {batch}.**"


def _gradient(result: SignalsResult) -> list[str]:
    if result.config.depth == 1:
        return []
    said = []
    for treatment, name in enumerate(TREATMENTS):
        ratio = _middle(result.travelled("gradient")[treatment])
        each = _middle(result.per_layer("gradient")[treatment])
        step = f" ({each:.2f} times per layer)" if np.isfinite(each) else ""
        said.append(f"{NAMES[name]}'s gradient {_arrives(ratio)}{step}")
    return [f"On the way back, from the last hidden layer to the first, {said[0]}; {said[1]}."]


def learned(result: SignalsResult) -> NDArray[np.int64]:
    """In how many seeds each network has learned something, (2,)."""
    counted: NDArray[np.int64] = (result.learned_at != NEVER).sum(axis=1)
    return counted


def _trained(result: SignalsResult) -> str:
    steps, seeds = result.config.steps, result.config.seeds
    plain, batch = (int(number) for number in learned(result))
    begin = (
        f"In {in_steps(steps)} the training loss fell below half of what"
        f" guessing costs in {count(plain, seeds)} without BN and in {count(batch, seeds)} with it"
    )
    known = [
        f"{NAMES[name]} {100 * _final_accuracy(result, treatment):.0f} %"
        for treatment, name in enumerate(TREATMENTS)
        if np.isfinite(_final_accuracy(result, treatment))
    ]
    begin += f" (test accuracy in the end: {', '.join(known)})." if known else "."
    return begin if batch > plain else f"{begin} {_without_help(result)}"


def _final_accuracy(result: SignalsResult, treatment: int) -> float:
    """The median of the seeds that are left at the end."""
    return _middle(result.test_accuracy[treatment, :, -1])


def _without_help(result: SignalsResult) -> str:
    """That BN does not help, or not yet, and why, as far as this run can tell."""
    if learned(result)[0]:
        return _both_learn(result)
    plain, batch = (_final_accuracy(result, treatment) for treatment in range(2))
    guessed = 1 / result.config.data().classes
    if batch - np.nan_to_num(plain, nan=guessed) > AHEAD:
        return "Neither is there yet, but BN is on its way."
    ratio = _middle(result.travelled("gradient")[1])
    if result.config.depth > 1 and ratio > TORN:
        return (
            f"**Here BN does not help either**: its gradient is {rounded(ratio)} times as large at"
            " the first layer as at the last, and one learning rate has to suit both."
        )
    steps = result.config.steps
    return f"**Here BN does not help**: neither of them learns in {_after(steps)}."


def _both_learn(result: SignalsResult) -> str:
    """Where plain learns in as many seeds as BN, or more: how much sooner BN does, if at all."""
    plain, batch = (typical_step(result, treatment) for treatment in range(2))
    ends = f"the typical seed after {_after(plain)} without BN, after {_after(batch)} with it"
    if plain > SOONER * batch:
        return f"But BN learns sooner: {ends}."
    through = fate(_middle(result.travelled("signal")[0])) == "stays"
    why = "; the plain signal gets through by itself" if through else ""
    much = " much" if plain > batch else ""
    return f"**Here BN does not help{much}**: {ends}{why}."


def _after(steps: float) -> str:
    if not np.isfinite(steps):
        return "more than there were"
    return in_steps(round(steps))


def _both_sides(result: SignalsResult) -> list[str]:
    """That BN fixes the signal and not the gradient, where it is so.

    With skip connections the growth is not geometric, and a factor per layer says little.
    """
    if result.config.depth == 1 or result.config.skip == "on":
        return []
    each = _middle(result.per_layer("gradient")[1])
    if not each > GROWS or fate(_middle(result.travelled("signal")[1])) != "stays":
        return []
    relu = result.config.activation == "relu"
    theory = f" (theory for wide ReLU layers: {WIDE_RELU:.2f})" if relu else ""
    deeper = f" Over {DEEPEST} layers that would make {rounded(each ** (DEEPEST - 1))} times."
    return [
        f"BN fixes the signal, **not the gradient**, which grows {each:.2f} times at every layer"
        f" towards the input{theory}." + (deeper if result.config.depth < DEEPEST else "")
    ]


def _unresolved(result: SignalsResult) -> list[str]:
    """From which layer on a network's outputs are all alike."""
    sentences = []
    for treatment, name in enumerate(TREATMENTS):
        gone = (result.signal[treatment, :, 0] == 0).all(0)
        if gone.any():
            sentences.append(
                f"{SUBJECTS[name]}: from layer {int(gone.argmax()) + 1} on, 32-bit numbers cannot"
                " tell the outputs for different inputs apart."
            )
    return sentences


def _lost(result: SignalsResult) -> list[str]:
    sentences = []
    for row, name in zip(result.diverged_at, TREATMENTS, strict=True):
        lost = row[row != NEVER]
        if len(lost):
            sentences.append(
                f"{SUBJECTS[name]} diverged in {count(len(lost), len(row))}, at {at_steps(lost)}."
            )
    return sentences


def _single(result: SignalsResult) -> list[str]:
    if result.config.batch_size > 1:
        return []
    return [
        "A mini-batch of one sample is its own mean: in training BN then hands on β alone, and"
        f" nothing of the input. The curves are measured on {PROBE_SAMPLES} samples together."
    ]


def of_chain(result: SignalsResult) -> str:
    """What the product of as many factors as the network has layers does in one step."""
    depth, rate = result.config.depth, result.config.learning_rate
    promised, delivered = (float(value) for value in chain(depth, rate))
    product = f"the product of {depth} factors" if depth > 1 else "a single factor"
    said = (
        f"At rate {rate:g}, the gradient of {product} promises a change of the loss by"
        f" {signed(promised)}; the step makes it {signed(delivered)}."
    )
    if promised < -0.5:
        said += " (The loss starts at 0.5: there is no more to lose.)"
    return said + f" Above a rate of {chain_limit(depth):.2g} such a step makes it worse."


def of_first_step(result: SignalsResult) -> list[str]:
    """The same for the networks of this run."""
    said = []
    for treatment, name in enumerate(TREATMENTS):
        promised = _middle(result.promised[treatment])
        delivered = _middle(result.delivered[treatment])
        if np.isnan(promised) or np.isnan(delivered):
            continue
        said.append(f"{NAMES[name]}'s gradient promises {signed(promised)}, the step makes it")
        said[-1] += f" {signed(delivered)}"
    return [f"In the networks' own first step, {'; '.join(said)}."] if said else []


def signed(change: float) -> str:
    """A change in words: -0.12, +6,600, +10¹², next to nothing."""
    if not np.isfinite(change):
        return "beyond all numbers"
    size = abs(change)
    if size < 1e-6:
        return "next to nothing"
    sign = "+" if change > 0 else "−"
    if size >= 1e7:
        return f"{sign}{power(size)}"
    return f"{sign}{float(f'{size:.2g}'):,.0f}" if size >= 100 else f"{sign}{size:.2g}"


DIRECTIONS = {"fades": "it fades", "stays": "it stays about the same", "grows": "it grows"}


def direction(result: SignalsResult) -> tuple[str, str]:
    """What BN's gradient does on its way to the input, as one of DIRECTIONS; and the sentence."""
    said = _gradient(result)
    if not said:
        return DIRECTIONS["stays"], "There is no way between layers on which it could change."
    ratio = _middle(result.travelled("gradient")[1])
    if np.isnan(ratio):
        return DIRECTIONS["grows"], "It overflows before it can be measured."
    return DIRECTIONS[way_back(result)], said[0]


def way_back(result: SignalsResult) -> str:
    """What becomes of BN's gradient: fades, stays, grows; over few layers the factor counts.

    Two layers cannot double it. With skip connections a factor per layer says little.
    """
    kind = fate(_middle(result.travelled("gradient")[1]), TURNED)
    each = _middle(result.per_layer("gradient")[1])
    if kind == "stays" and result.config.skip == "off" and each > GROWS:
        return "grows"
    return kind


def misconceptions(result: SignalsResult) -> dict[str, str]:
    """What is often believed, and what this run says of it."""
    return {
        "ReLU is linear where it is on, so nothing vanishes": _relu(result),
        "With BN gradients neither vanish nor explode": _neither(result),
        "What explodes at the start explodes for good": _for_good(result),
        "Deep networks fail because they overfit": _overfit(result),
    }


def relu_factor(config: SignalsConfig) -> float:
    """By what a layer of wide ReLU units multiplies the size of its input: std(w) sqrt(n / 2)."""
    deviation = config.architecture().initial_deviation(config.width, config.width)
    return config.gain * deviation * math.sqrt(config.width / 2)


def _relu(result: SignalsResult) -> str:
    config, each = result.config, relu_factor(result.config)
    why = "It sets half of the values to zero, and the weights must make up for that"
    if config.activation != "relu":
        return (
            f"{why}: with these weights a layer of ReLU units would pass on {each:.2f} times the"
            " size of its input, over"
            f" {config.depth} layers {_left(each**config.depth)}. (This run has other units.)"
        )
    measured = _middle(result.per_layer("signal")[0])
    if not np.isfinite(measured):
        return f"{why}: these weights pass on {each:.2f} times the size of the input, each layer."
    if config.skip == "on":
        return (
            f"{why}. Here the skip connections carry the signal past that: plain's is"
            f" {measured:.2f} times as large after each layer."
        )
    kind = fate(_middle(result.travelled("signal")[0]))
    if kind == "fades" or measured < KEPT:
        return f"{why}. Here they do not: plain's signal shrinks to {measured:.2f} at each layer."
    if kind == "grows" or measured > 1 / KEPT:
        return f"{why}. Here they do too much: plain's signal grows {measured:.2f} times per layer."
    return f"{why}. Here they do, {measured:.2f} times per layer. Turn the gain to see it fail."


def _left(ratio: float) -> str:
    return f"{rounded(ratio)} times" if ratio > TURNED else share(ratio)


def _neither(result: SignalsResult) -> str:
    ratio = _middle(result.travelled("gradient")[1])
    if result.config.depth == 1 or np.isnan(ratio):
        return "This run cannot tell: it takes a way of several layers."
    kind, each = way_back(result), _middle(result.per_layer("gradient")[1])
    if kind == "grows" and ratio <= TURNED:
        return (
            f"It takes more layers to see it: here BN's gradient arrives at {share(ratio)}, but it"
            f" grows {each:.2f} times per layer."
        )
    if kind == "grows":
        return (
            f"Not so at the start: here BN's gradient is {rounded(ratio)} times as large at the"
            f" first layer as at the last ({each:.2f} times per layer)."
        )
    if kind == "fades":
        return f"Not so at the start: here {share(ratio)} of BN's gradient reaches the first layer."
    return "In this run they do neither. Take ReLU and more layers, and they grow."


def _for_good(result: SignalsResult) -> str:
    first, last = (_middle(result.per_layer("gradient", column)[1]) for column in (0, -1))
    if result.config.depth == 1:
        return "This run cannot tell: it takes a way of several layers."
    if (result.diverged_at[1] != NEVER).all() or np.isnan(first):
        return "This run cannot tell: there is no BN network left to compare."
    if np.isnan(last):
        return "This run cannot tell: no gradient reaches BN's layers in the end."
    if not first > GROWS:
        return f"Nothing explodes here: BN's gradient changes {first:.2f} times per layer."
    numbers = f"{first:.2f} times per layer at the start, {last:.2f} after"
    numbers += f" {_after(result.config.steps)}"
    if last - 1 < 0.7 * (first - 1):
        return f"Not in this run: BN's gradient grows {numbers}. Training itself evens it out."
    return f"It may look so here: BN's gradient grows {numbers}."


def _overfit(result: SignalsResult) -> str:
    plain, guessing = _middle(result.last_loss[0]), math.log(result.config.data().classes)
    accuracy = _final_accuracy(result, 0)
    if np.isnan(plain) or np.isnan(accuracy):
        return "Not here: plain diverged before it could fit anything."
    numbers = f"plain's training loss ends at {plain:.2f}, and guessing costs {guessing:.2f}"
    if plain > HALF * guessing:
        return f"Not here: {numbers}. It does not even fit the training data."
    ends = f"it ends at {100 * accuracy:.0f} % test accuracy"
    return f"This one does not fail at all: {numbers}; {ends}."


def remedies(config: SignalsConfig) -> list[SignalsConfig]:
    """The pairs of REMEDIES, on the data, width, batch size and first seed of this run."""
    kept = config.model_dump()
    return [SignalsConfig(**kept | REMEDY | changes) for changes in REMEDIES.values()]


def over_remedies(results: list[SignalsResult]) -> str:
    """Which of the remedies are enough, without BN and with it."""
    names = list(REMEDIES)[: len(results)]
    enough = [
        [f"“{name}”" for name, r in zip(names, results, strict=True) if _most(r)[treatment]]
        for treatment in range(2)
    ]
    said = [
        f"Without BN most seeds learn with {_listed(enough[0], len(names))};"
        f" with BN, with {_listed(enough[1], len(names))}."
    ]
    if enough[1] and _most(results[0])[1]:
        fast = _speed(results[0], 1)
        said.append(f"BN alone, with sigmoids, small weights and the large rate: {fast}.")
    return " ".join(said)


def _most(result: SignalsResult) -> list[bool]:
    """Whether more than half of the seeds of each network have learned."""
    return [2 * int(number) > result.config.seeds for number in learned(result)]


def _listed(names: list[str], of: int) -> str:
    if len(names) == of:
        return f"all {of}" if of > 1 else names[0]
    return ", ".join(names) if names else ("none of them" if of > 1 else "nothing")


def _speed(result: SignalsResult, treatment: int) -> str:
    """After how many steps the typical seed has learned; inf if fewer than half have."""
    middle = typical_step(result, treatment)
    return f"after {middle:.0f} steps" if np.isfinite(middle) else "never"


def typical_step(result: SignalsResult, treatment: int) -> float:
    """The median step at which the seeds have learned; who never does counts as infinitely late."""
    reached = result.learned_at[treatment].astype(np.float64)
    late = np.sort(np.where(reached == NEVER, np.inf, reached))
    return float(late[len(late) // 2])
