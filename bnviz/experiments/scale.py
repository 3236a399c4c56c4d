"""Scale: BN makes the length of the weights no part of the function. What is it then?"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Annotated, Any

import numpy as np
import torch
from numpy.typing import NDArray

from bnviz.engine.data import Dataset
from bnviz.engine.networks import Cohort
from bnviz.engine.scales import PERCENTILES, Rescaled, growth, inference_accuracy, rescaled
from bnviz.engine.training import History, Plan, one_thread, recording_steps, train
from bnviz.experiments.bounds import FLOAT, bounded
from bnviz.experiments.pair import (
    NAMES,
    NEVER,
    SUBJECTS,
    TREATMENTS,
    diverged_at,
    median,
    portion,
    stacked,
    times,
    train_pair,
)
from bnviz.experiments.running import Job, Report, side_by_side, silent
from bnviz.experiments.settings import (
    GAINS,
    MEMORY_LIMIT,
    NORMALIZED,
    OTHERWISE,
    Depth,
    Knob,
    LearningRate,
    Seeds,
    Settings,
    Steps,
    knobs,
    percent,
)

FACTORS = tuple(sorted({0.7, 1.4, *(float(f"{10 ** (k / 2):.2g}") for k in range(-8, 9))}))
"""What the weights are multiplied by: half decades from 1e-4 to 1e4, and two steps beside 1."""
TENFOLD, TENTH = FACTORS.index(10.0), FACTORS.index(0.1)
RECORDS = 20  # steps that are shown
SAMPLES = 64  # training samples on which multiplied weights are compared
MEASURED = 1e-8  # seconds of a weight at every step, for the lengths of W and its gradient
ANGLE = 6e-8  # seconds of a weight, for the angle to its gradient
ENDS = (0.01, 100.0)  # initial gains at which every run starts, besides the reader's own
EPSILON = 1e-5  # of BN
LEARNED = 0.8  # test accuracy of a network that "trains"
BROKEN = 0.01  # of the outputs: where they change by more, the identity no longer holds
UPRIGHT = 1.0  # degrees: an angle this close to 90 is a right one
NOISE = 1e-5  # of ||W||^2: a smaller decrease is rounding
COUNTED = 1e12  # times: ratios up to here are written out
STILL = 0.002  # of ||W||^2: a smaller change is called none
TUNED = 1.5  # times: an effective rate that changed by less has hardly moved
SAME = 0.05  # of test accuracy: a smaller difference is none

Gain = Annotated[
    float,
    Knob("Initial gain", (*GAINS, 30.0, 100.0), "Multiplies all initial weights.", 1e-4, 1e4),
]
SCALED: dict[str, Callable[[int], tuple[int, ...]]] = {
    "all hidden layers": lambda depth: tuple(range(1, depth + 1)),
    "the first layer": lambda depth: (1,),
    "the last hidden layer": lambda depth: (depth,),
}
Scaled = Annotated[
    str,
    Knob("Multiply the weights of", tuple(SCALED), "Whose trained weights are multiplied by a."),
]
Decay = Annotated[
    float,
    Knob(
        "Weight decay",
        (0.0, 0.0005, 0.002, 0.005, 0.01, 0.02, 0.05),
        "Pulls all parameters towards zero: the gradient gets this times the parameter added.",
        0.0,
        1.0,
    ),
]


LAYERS: dict[str, Callable[[int], int]] = {
    "first hidden layer": lambda depth: 0,
    "middle hidden layer": lambda depth: (depth - 1) // 2,
    "last hidden layer": lambda depth: depth - 1,
    "output layer (no BN)": lambda depth: depth,
}
"""Which layer is drawn over training: its place, from the depth."""


class ScaleConfig(Settings):
    """The shared settings, weight decay, and which layers' weights are multiplied afterwards."""

    depth: Depth = 4
    learning_rate: LearningRate = 1.0
    gain: Gain = 0.3
    steps: Steps = 100
    seeds: Seeds = 3
    decay: Decay = 0.0
    scaled: Scaled = "all hidden layers"

    def starts(self) -> tuple[float, ...]:
        """The initial gains that are trained: this one and both ENDS, in increasing order."""
        return tuple(sorted({self.gain, *ENDS}))

    def plan(self, replicas: int) -> Plan:
        return replace(super().plan(replicas), weight_decay=self.decay)

    def blocks(self) -> list[list[float]]:
        """The gains that train as one cohort: all, or each by itself where they do not fit.

        After the starts comes ENDS[1] once more, with the output layer spared.
        """
        gains = [*self.starts(), ENDS[1]]
        fit = self._kept() + self._held(len(gains)) <= MEMORY_LIMIT
        return [gains] if fit else [[gain] for gain in gains]

    def work(self) -> float:
        """Training from every start, and one look in float64 for each factor."""
        cost, gains = self.cost(), len(self.starts()) + 1
        networks, cohorts = gains * self.seeds, len(self.blocks())
        measured = MEASURED * cost.weights * networks + cohorts * cost.layers
        step = cost.step(networks, self.in_batch()) + (cohorts - 1) * cost.layers + measured
        angles = len(self.shown()) * ANGLE * cost.weights * networks
        multiplied = 2 * cost.step(self.seeds, SAMPLES) + ANGLE * cost.weights * self.seeds
        tested = cost.look(networks, len(self.data().test_labels))
        looks = (len(FACTORS) + 1) * multiplied + 2 * cost.start(self.seeds)  # float64
        return 2 * (cost.start(networks) + self.steps * step + angles + tested + looks)

    def held(self) -> float:
        return self._held(len(self.blocks()[0]))

    def _held(self, gains: int) -> float:
        """Bytes of a cohort from so many starts, while it trains or while it is multiplied."""
        cost, networks = self.cost(), gains * self.seeds
        tested = cost.passing(networks, len(self.data().test_labels))
        trained = cost.own(networks) + max(cost.graph(networks, self.in_batch()), tested)
        copies = 7 * cost.parameters(self.seeds) + 2 * cost.traced(self.seeds, SAMPLES, 5)
        angles = 3 * self._records() / (len(self.starts()) + 1) * gains
        return max(trained, cost.parameters(networks) + copies) + angles

    def kept(self) -> float:
        """What is recorded at every step, in 32 and in 64 bits; no networks."""
        return self._kept()

    def _kept(self) -> float:
        return OTHERWISE + 24 * self._records()

    def _records(self) -> float:
        """Bytes of one number for each layer of each network of one treatment, at every step."""
        return FLOAT * (len(self.starts()) + 1) * self.seeds * (self.steps + 1) * (self.depth + 1)

    def shown(self) -> list[int]:
        """The steps that are shown."""
        return recording_steps(self.steps, RECORDS)

    def spared(self) -> float:
        """The gain of the output layer where the hidden layers alone start from ENDS[1]."""
        return min(self.gain, 1.0)


@dataclass(frozen=True)
class ScaleResult:
    """Both treatments (plain, BN) on the first axis. NaN: after a divergence.

    Layers are counted as usual; the output layer, which has no BN, is the last one.
    """

    config: ScaleConfig
    starts: NDArray[np.float64]  # (G,) initial gains, increasing; the reader's is one of them
    steps: NDArray[np.int64]  # (T,)
    factors: NDArray[np.float64]  # (A,) what the trained weights are multiplied by
    output_change: NDArray[np.float64]  # (2, seeds, A) ||f(aW)-f(W)||/||f(W)||, trained weights
    gradient_ratio: NDArray[np.float64]  # (2, seeds, A) ||dL/d(aW)|| / ||dL/dW||
    variance: NDArray[np.float64]  # (2, seeds) of W u, the median unit of the multiplied layers
    square: NDArray[np.float64]  # (2, G, seeds, T, layers) ||W||^2
    predicted: NDArray[np.float64]  # (2, G, seeds, T, layers) the same; all NaN but for SGD
    shrank: NDArray[np.int64]  # (2, G, seeds, layers) steps at which ||W||^2 became smaller
    angle: NDArray[np.float32]  # (2, G, seeds, T, layers, 3) degrees; 10, 50, 90 % of the units
    accuracy: NDArray[np.float64]  # (2, G, seeds) on the test set at the end; 0: diverged
    diverged_at: NDArray[np.int64]  # (2, G, seeds) step, or NEVER
    spared: NDArray[np.float64]  # (2, seeds) accuracy from ENDS[1] in the hidden layers alone

    @property
    def own(self) -> int:
        """The place of the reader's gain among the starts."""
        return self.config.starts().index(self.config.gain)

    def at_epsilon(self) -> float:
        """The factor that makes the variance of a typical unit of BN's equal to epsilon."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return median(np.sqrt(EPSILON / self.variance[1]))

    def place(self, layer: str) -> int:
        """Where a layer of LAYERS stands on the axis of layers."""
        return LAYERS[layer](self.config.depth)

    def rate(self) -> NDArray[np.float64]:
        """The effective learning rate lr / ||W||^2, (2, G, seeds, T, layers)."""
        with np.errstate(divide="ignore"):
            return self.config.learning_rate / self.square

    def trained(self) -> NDArray[np.bool_]:
        """Whether the median seed ends at LEARNED or more, (2, G)."""
        reached: NDArray[np.bool_] = np.median(self.accuracy, axis=2) >= LEARNED
        return reached


@bounded
def run(config: ScaleConfig, report: Report = silent, workers: int = 2) -> ScaleResult:
    """Train from every start, then multiply the trained weights. Pure: same config, same bits."""
    starts, shown, data = config.starts(), config.shown(), config.data()
    seeds = range(config.first_seed, config.first_seed + config.seeds)
    blocks = config.blocks()

    def job(treatment: str, place: int) -> Job[_Trained]:
        normalizer = "batch" if treatment == "batch" else "none"
        architecture = config.architecture(normalizer=normalizer)
        replicas = [(gain, seed) for gain in blocks[place] for seed in seeds]
        own = starts.index(config.gain) - sum(map(len, blocks[:place]))  # in this block

        def train_all(progress: Callable[[int], None]) -> _Trained:
            cohort = Cohort(architecture, [s for _, s in replicas], [g for g, _ in replicas])
            if place == len(blocks) - 1:
                with torch.no_grad():  # the last ones: too large in the hidden layers alone
                    cohort.layers[-1].weight[-config.seeds :] *= config.spared() / ENDS[1]
            history = train(
                cohort,
                [seed for _, seed in replicas],
                data,
                config.plan(len(replicas)),
                record_at=range(config.steps + 1),  # the prediction is a sum over all of them
                probes=[growth(shown)],
                tested=False,
                progress=progress,
            )
            mine = 0 <= own < len(blocks[place])
            return _Trained(
                _recorded(history, "square"),
                _recorded(history, "gradient_square"),
                _recorded(history, "angle", (len(PERCENTILES),))[:, shown],
                diverged_at(history),
                _final(history.cohort, data),
                _multiplied(history.cohort, config, own) if mine else None,
            )

        return train_all

    jobs = {f"{t} {place}": job(t, place) for t in TREATMENTS for place in range(len(blocks))}
    trained = side_by_side(jobs, config.steps, report, workers)
    parts = [[trained[f"{t} {place}"] for place in range(len(blocks))] for t in TREATMENTS]

    def joined(values: Callable[[_Trained], NDArray[Any]]) -> NDArray[Any]:
        return np.stack([np.concatenate([values(one) for one in row]) for row in parts])

    square = _by_start(joined(lambda one: one.square).astype(np.float64), config)
    slope = _by_start(joined(lambda one: one.slope).astype(np.float64), config)
    lost = joined(lambda one: one.diverged_at)
    accuracy = np.where(lost == NEVER, joined(lambda one: one.accuracy), 0.0)
    multiplied = [one.multiplied for row in parts for one in row if one.multiplied is not None]
    return ScaleResult(
        config,
        np.array(starts),
        np.array(shown),
        np.array(FACTORS),
        np.stack([one.output_change.numpy() for one in multiplied]),
        np.stack([one.gradient_ratio.numpy() for one in multiplied]),
        np.stack([one.variance.numpy() for one in multiplied]),
        square[:, :, :, shown],
        _predicted(square, slope, config)[:, :, :, shown],
        (square[:, :, :, 1:] < (1 - NOISE) * square[:, :, :, :-1]).sum(axis=3),
        _by_start(joined(lambda one: one.angle), config),
        _by_start(accuracy, config),
        _by_start(lost, config),
        accuracy[:, -config.seeds :],
    )


@dataclass(frozen=True)
class _Trained:
    """What is left of the networks that trained as one cohort."""

    square: NDArray[np.float32]  # (R, steps + 1, layers)
    slope: NDArray[np.float32]  # the same of the gradient
    angle: NDArray[np.float32]  # (R, T, layers, 3)
    diverged_at: NDArray[np.int64]  # (R,)
    accuracy: NDArray[np.float64]  # (R,)
    multiplied: Rescaled | None  # of the reader's own start, where it is among them


def _recorded(history: History, name: str, more: tuple[int, ...] = ()) -> NDArray[np.float32]:
    shape = (len(history.cohort.layers), *more)
    return stacked({"alone": history}, name, shape, ["alone"])[0]


def _final(cohort: Cohort, data: Dataset) -> NDArray[np.float64]:
    with one_thread():
        return inference_accuracy(cohort, data).double().numpy()


def _by_start(values: NDArray[Any], config: ScaleConfig) -> NDArray[Any]:
    """(2, replicas, …) as (2, starts, seeds, …), without those of the spared output layer."""
    starts = len(config.starts())
    return values.reshape(2, starts + 1, config.seeds, *values.shape[2:])[:, :starts]


def _predicted(
    square: NDArray[np.float64], slope: NDArray[np.float64], config: ScaleConfig
) -> NDArray[np.float64]:
    """||W||^2 at every step from its first value and the gradients alone.

    If the gradient stands at right angles to W, then
    ||W'||^2 = (1 - lr decay)^2 ||W||^2 + lr^2 ||g||^2 (Pythagoras). For SGD without momentum:
    the others do not step along the gradient. Both arguments: (2, G, seeds, steps + 1, layers).
    """
    predicted = np.full_like(square, np.nan)
    if config.optimizer == "sgd":
        kept = (1 - config.learning_rate * config.decay) ** 2
        predicted[:, :, :, 0] = square[:, :, :, 0]
        with np.errstate(over="ignore", invalid="ignore"):  # of what is about to diverge
            for step in range(config.steps):
                grown = config.learning_rate**2 * slope[:, :, :, step]
                predicted[:, :, :, step + 1] = kept * predicted[:, :, :, step] + grown
    return predicted


def _multiplied(cohort: Cohort, config: ScaleConfig, start: int) -> Rescaled:
    """The networks of this start, at the end of training, with multiplied weights."""
    own = cohort.select(range(start * config.seeds, (start + 1) * config.seeds))
    data = config.data()
    inputs = torch.tensor(data.train_inputs[:SAMPLES])
    labels = torch.tensor(data.train_labels[:SAMPLES])
    with one_thread():
        return rescaled(own, SCALED[config.scaled](config.depth), FACTORS, inputs, labels)


def findings(result: ScaleResult) -> list[str]:
    """What this run shows, in sentences, each computed from it."""
    return [
        _unchanged(result),
        _gradients(result),
        _breaks(result),
        *_right_angles(result),
        *_growth(result),
        *_tuning(result),
        _accuracies(result),
        _spared(result),
    ]


def _share(value: float) -> str:
    """A part of something, in percent to two figures: 0.00065 %, 34 %."""
    if value < 1e-8:
        return "less than 0.000001 %"
    return f"{_written(100 * value)} %"


def _written(value: float) -> str:
    """A number to two figures, without an exponent where it has a readable size."""
    short = f"{value:.2g}"
    if not 1e-9 < value < 1e6:
        return short
    return f"{float(short):.12f}".rstrip("0").rstrip(".")


def _much(change: float) -> str:
    """A relative change of outputs: 34 %; 99 times their size."""
    return _share(change) if change < 1 else f"{_factor(change)} their size"


def _factor(ratio: float) -> str:
    """A ratio in words: 9.98 times; 41,000 times; more than a million times."""
    if not 100 <= ratio < COUNTED:
        return f"{ratio:.3g} times" if ratio < 100 else times(ratio)
    return f"{float(f'{ratio:.2g}'):,.0f} times"


def _unchanged(result: ScaleResult) -> str:
    """The headline."""
    plain, batch = (median(change) for change in result.output_change[:, :, TENFOLD])
    what = f"Multiply the trained weights of {result.config.scaled} by 10"
    others = "plain's cannot be compared"
    if np.isfinite(plain):
        others = f"plain's change by {_much(plain)}"
        if plain < BROKEN:
            others = f"plain's, which hardly depend on these weights any more, by {_much(plain)}"
    if np.isnan(batch):
        return f"{what}, and **BN's outputs cannot be compared**; {others}."
    if batch < BROKEN:
        return f"{what}, and **BN's outputs change by {_much(batch)}**; {others}."
    return (
        f"{what}, and **even BN's outputs change by {_much(batch)}**, because these weights are so"
        f" small that ε matters; {others}."
    )


def _gradients(result: ScaleResult) -> str:
    plain, batch = (_longer(median(ratio)) for ratio in result.gradient_ratio[:, :, TENFOLD])
    return f"With these weights ten times as large, BN's gradient is {batch}, plain's {plain}."


def _longer(ratio: float) -> str:
    if np.isnan(ratio):
        return "too small or too large to compare"
    if ratio == 0:
        return "zero"
    if ratio < 1:
        return f"{_factor(1 / ratio)} shorter"
    return f"{_factor(ratio)} longer" if ratio > 1 else "as long as before"


def _breaks(result: ScaleResult) -> str:
    """Where epsilon breaks BN's identity."""
    changes = np.array([median(result.output_change[1, :, k]) for k in range(len(FACTORS))])
    if np.isnan(changes).any():
        return "Where BN's identity breaks cannot be said: its outputs are not all numbers."
    broken = np.flatnonzero(changes >= BROKEN)
    variance = median(result.variance[1])
    if not broken.size:
        return "Nowhere in this sweep does ε show: BN's outputs change by less than 1 %."
    unit = "the variance of what a typical unit adds up"
    if FACTORS[broken[-1]] > 1:
        return (
            f"BN's identity does not even hold for these weights as they are: {unit} is"
            f" {_written(variance)}, and in some units it is not far above ε = {_written(EPSILON)}."
        )
    factor, change = FACTORS[broken[-1]], changes[broken[-1]]
    return (
        f"BN's identity breaks at a = {factor:g}, where its outputs change by {_much(change)}:"
        f" {unit} is only {_written(variance * factor**2)} there, and ε = {_written(EPSILON)}"
        " begins to count."
    )


def _hidden(values: NDArray[Any], result: ScaleResult) -> NDArray[Any]:
    """The hidden layers alone, from the reader's own start: (2, seeds, T, depth, …)."""
    own: NDArray[Any] = values[:, result.own, :, :, :-1]
    return own


def _over_seeds(values: NDArray[np.floating]) -> NDArray[np.float64]:
    """The median over the first axis, of what are numbers there; NaN where none is."""
    alive = np.ma.masked_invalid(values.astype(np.float64))
    return np.ma.filled(np.ma.median(alive, axis=0).astype(np.float64), np.nan)


def _right_angles(result: ScaleResult) -> list[str]:
    spans = [_span(angles) for angles in _hidden(result.angle, result)]
    said = [
        f"{_between(*spans[t])} {('without', 'with')[t]} BN"
        for t in (1, 0)
        if np.isfinite(spans[t]).all()
    ]
    if not said:
        return []
    if not np.isfinite(spans[1]).all():
        meaning = "With BN no unit of a hidden layer has a gradient in this run"
    elif np.abs(np.array(spans[1]) - 90).max() < UPRIGHT:
        meaning = "With BN a unit's gradient stands **at right angles** to its weights"
    else:
        meaning = "With BN a unit's gradient is **not quite at right angles** to its weights"
    return [
        f"{meaning}: over all hidden layers and the whole training, 80 % of the units lie"
        f" {' and '.join(said)}."
    ]


def _span(angles: NDArray[np.float32]) -> tuple[float, float]:
    """The lowest 10th and the highest 90th percentile of (seeds, T, layers, 3), median seed."""
    middle = _over_seeds(angles)
    known = middle[np.isfinite(middle).all(axis=-1)]
    if not known.size:
        return float("nan"), float("nan")
    return float(known[:, 0].min()), float(known[:, 2].max())


def _size(ratio: float) -> str:
    """A ratio to three figures, without an exponent: 0.0000000977, 4.87, 144,000."""
    if not 1e-9 < ratio < COUNTED:
        return f"{ratio:.3g}"
    short = float(f"{ratio:.3g}")
    return f"{short:,.0f}" if short >= 100 else f"{short:.12f}".rstrip("0").rstrip(".")


def _between(low: float, high: float) -> str:
    one, other = f"{low:.1f}°", f"{high:.1f}°"
    return f"at {one}" if one == other else f"between {one} and {other}"


def _growth(result: ScaleResult) -> list[str]:
    """The norm that was measured against the one that was predicted."""
    square, predicted = (
        [_over_seeds(one) for one in _hidden(values, result)]
        for values in (result.square, result.predicted)
    )
    parts = []
    for t in (1, 0):
        ended = _ended_at(square[t])
        if ended and result.config.optimizer == "sgd":
            off = np.abs(predicted[t][-1] / square[t][-1] - 1).max()
            by = f"off by {_share(off)} at most" if np.isfinite(off) else "beyond all numbers"
            ended += f" (predicted from the gradients alone: {by})"
        if ended:
            parts.append(f"{NAMES[TREATMENTS[t]]}'s {ended}")
    if not parts:
        return []
    said = f"‖W‖² of the hidden layers: {', '.join(parts)}."
    if result.config.optimizer != "sgd":
        said += " The prediction is for SGD: momentum and Adam do not step along the gradient."
    return [said]


def _ended_at(square: NDArray[np.float64]) -> str:
    """Where ||W||^2, (T, layers), went, in words; "" where it is no number in the end."""
    if not (np.isfinite(square[[0, -1]]).all() and (square[[0, -1]] > 0).all()):
        return ""
    low, high = (float(of(square[-1] / square[0])) for of in (np.min, np.max))
    if max(abs(low - 1), abs(high - 1)) < STILL:
        return f"stayed where it was, within {_share(max(abs(low - 1), abs(high - 1)))}"
    one, other = _size(low), _size(high)
    return f"ended at {one if one == other else f'{one} to {other}'} times its first value"


def _rates(result: ScaleResult, treatment: int) -> list[tuple[float, float, float]]:
    """(gain, first, last) effective rate of each start that has both: median layer and seed."""
    rates = result.rate()[treatment, ..., :-1]  # (G, seeds, T, hidden layers)
    ends = [(median(rates[g, :, 0]), median(rates[g, :, -1])) for g in range(len(rates))]
    return [
        (float(gain), *pair)
        for gain, pair in zip(result.starts, ends, strict=True)
        if np.isfinite(pair).all() and min(pair) > 0
    ]


ADAMS = (
    "For Adam this is only a number: a shorter gradient does not shorten its steps, so that what"
    " counts there is lr/‖W‖."
)


def _tuning(result: ScaleResult) -> list[str]:
    """What became of BN's effective rates."""
    rates = _rates(result, 1)
    if len(rates) < 2:
        return []
    parts = [
        f"from {_written(first)} to {_written(last)} (gain {gain:g})" for gain, first, last in rates
    ]
    fell = max(first / last for _, first, last in rates) > TUNED
    highest = max(last / first for _, first, last in rates)
    rose, alone = highest > TUNED, highest < 1 + STILL
    verdict = {
        (False, False): "hardly moves in this run",
        (True, False): f"tunes itself, {'and' if alone else 'but not'} downwards alone",
        (False, True): "rises",
        (True, True): "tunes itself, downwards and upwards",
    }[fell, rose]
    name, meaning = "the effective rate lr/‖W‖²", ""
    if result.config.optimizer == "adam":
        name, meaning = "lr/‖W‖²", f" {ADAMS}"
        verdict = verdict.replace("tunes itself", "moves")
    return [
        f"With BN {name} **{verdict}**: {_listed(parts)}, in the median hidden"
        f" layer. The starts were {_factor(_apart(rates, 1))} apart, the ends are"
        f" {_factor(_apart(rates, 2))}.{meaning}"
    ]


def _apart(rates: list[tuple[float, float, float]], moment: int) -> float:
    """The largest effective rate over the smallest, at the first (1) or last (2) step."""
    return max(r[moment] for r in rates) / min(r[moment] for r in rates)


def _listed(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else ", ".join(parts[:-1]) + " and " + parts[-1]


def _accuracies(result: ScaleResult) -> str:
    """How each start ended."""
    starts = range(len(result.starts))
    return f"In test accuracy, BN {_fates(result, 1, starts)}; plain {_fates(result, 0, starts)}."


def _spared(result: ScaleResult) -> str:
    """Whose fault it is where BN does not train from the largest gain."""
    place = result.config.starts().index(ENDS[1])
    large, spared = (float(np.median(a)) for a in (result.accuracy[1, place], result.spared[1]))
    best = float(np.median(result.accuracy[1], axis=1).max())
    numbers = (
        f"From gain {ENDS[1]:g} in the hidden layers and {result.config.spared():g} in the output"
        f" layer, BN {_ended(spared)}"
    )
    guessing = 1 / result.config.data().classes
    if spared - max(large, guessing) < SAME:
        if large == 0:
            return f"{numbers}; from {ENDS[1]:g} in all of them it diverged."
        return f"{numbers}, against {portion(large)} from {ENDS[1]:g} in all of them."
    said = (
        f"{numbers}: most of what goes wrong from {ENDS[1]:g} goes wrong in the output layer, which"
        " no BN follows."
    )
    if best - spared < spared - large:
        return said
    return said.replace("most of what", "only a part of what")


def _ended(accuracy: float) -> str:
    """How the median seed ended: at 90 %, or diverged, which counts as 0."""
    return f"ended at {portion(accuracy)}" if accuracy > 0 else "diverged"


def _fates(result: ScaleResult, treatment: int, starts: Iterable[int]) -> str:
    """What became of these starts: ended at 95 % from gain 0.01 and diverged from gain 100."""
    parts: list[str] = []
    for g in starts:
        lost, seeds = int((result.diverged_at[treatment, g] != NEVER).sum()), result.config.seeds
        fate = "diverged" if lost == seeds else f"diverged in {lost} of {seeds} seeds"
        if 2 * lost < seeds:
            accuracy = portion(float(np.median(result.accuracy[treatment, g])))
            again = bool(parts) and not parts[-1].startswith("diverged")
            fate = f"{'at' if again else 'ended at'} {accuracy}"
        parts.append(f"{fate} from gain {result.starts[g]:g}")
    return _listed(parts)


def misconceptions(result: ScaleResult) -> dict[str, str]:
    """What is often believed, and what this run says of it."""
    return {
        "Weight decay keeps BN's weights small, and so the function simple": _decay(result),
        "With BN the initialization does not matter at all": _initialization(result),
        "BN makes the learning rate irrelevant": _learning_rate(result),
        "BN keeps the weights themselves from growing": _keeps_small(result),
    }


def _decay(result: ScaleResult) -> str:
    change = median(result.output_change[1, :, TENTH])
    ratio = median(result.gradient_ratio[1, :, TENTH])
    whose = f"the weights of {result.config.scaled}"
    if not (np.isfinite(change) and np.isfinite(ratio)):
        return "This run cannot tell: BN's outputs cannot be compared."
    if change >= BROKEN:
        return (
            f"At weights this small there is something in it: with {whose} a tenth as large, BN's"
            f" outputs change by {_much(change)}. That is ε's doing, and not what decay is for."
        )
    return (
        f"With {whose} a tenth as large, BN computes the same: its outputs change by"
        f" {_share(change)}. Its gradient, though, is {_factor(ratio)} as long, and that on weights"
        " a tenth as long: decay on these weights sets how fast they turn, not what can be"
        " computed. (γ, β and the output layer are another matter: their size does count.)"
    )


def _initialization(result: ScaleResult) -> str:
    small, large = result.trained()[1, [0, -1]]
    numbers = f"BN {_fates(result, 1, (0, len(result.starts) - 1))}"
    ends = np.median(result.accuracy[1, [0, -1]], axis=1)
    alike = abs(float(ends[1] - ends[0])) < SAME or ends.max() < LEARNED / 2
    if small and large and alike:
        return f"In this run it hardly did: {numbers}. Take fewer steps or a smaller rate."
    if small and large:
        return f"It did in this run, though BN trained from both ends: {numbers}."
    if not small:
        return f"{'This run cannot tell' if alike else 'It did in this run'}: {numbers}."
    said = f"Not at all is too much: {numbers}."
    spared = float(np.median(result.spared[1]))
    if spared - float(np.median(result.accuracy[1, -1])) >= SAME:
        said += f" With the output layer spared, which no BN follows, it {_ended(spared)}."
    return said


def _learning_rate(result: ScaleResult) -> str:
    """A gain times a is a rate divided by a^2, for the normalized layers; with Adam, by a.

    Adam's steps do not shrink with the gradient, so that only the longer W counts. The output
    layer starts alike on both sides, unless its gain was larger than 1.
    """
    gain, small = result.config.gain, result.config.spared()
    if gain == ENDS[1]:
        return "Choose a gain other than 100 to compare: a smaller W is a larger rate for it."
    spared, own = (float(np.median(a)) for a in (result.spared[1], result.accuracy[1, result.own]))
    slower = (ENDS[1] / gain) ** (1 if result.config.optimizer == "adam" else 2)
    how = f"{_factor(slower)} {'smaller' if slower > 1 else 'as large'}"
    said = (
        f"For the layers before BN, a gain of {ENDS[1]:g} instead of {gain:g} is a rate {how}."
        f" With only these changed, BN {_ended(spared)}"
    )
    if own == 0:
        return f"{said}; from gain {gain:g} it diverged{' too' if spared == 0 else ''}."
    said += f" instead of {'ending at ' if spared == 0 else ''}{portion(own)}"
    if gain != small:
        said += f" (and with an output layer from {small:g})"
    if abs(spared - own) < SAME:
        return f"{said}: here it made little difference."
    if spared > own:
        return f"{said}: here the smaller rate was the better one."
    if spared < LEARNED or result.config.decay:
        return f"{said}."
    return f"{said}: what is left is the work of γ, β and the output layer."


def _keeps_small(result: ScaleResult) -> str:
    square = _over_seeds(_hidden(result.square, result)[1])
    ended, shrank = _ended_at(square), result.shrank[1, result.own, :, :-1].any()
    if not ended:
        return "This run cannot tell: ‖W‖² of BN's hidden layers was not a number to the end."
    said = f"‖W‖² of BN's hidden layers {ended}"
    if result.config.decay:
        return f"What can pull them back is weight decay, not BN: {said}."
    if ended.startswith("stayed"):
        return f"In this run they hardly grew: {said}. lr²‖g‖² is little beside ‖W‖² here."
    if result.config.optimizer == "sgd" and not shrank:
        return (
            f"The opposite: {said}, and became smaller in not one step, layer or seed. BN"
            " normalizes what the weights compute, not the weights."
        )
    return f"It normalizes what the weights compute, not the weights: {said}."


GUESSES = ("only from 0.01", "only from 100", "from both", "from neither")


def which_end(result: ScaleResult) -> tuple[str, str]:
    """From which of ENDS BN still trains, and what came of every start."""
    small, large = (bool(result.trained()[1, list(result.starts).index(gain)]) for gain in ENDS)
    place = {(True, False): 0, (False, True): 1, (True, True): 2, (False, False): 3}
    return GUESSES[place[small, large]], _accuracies(result)


@dataclass(frozen=True)
class GainResult:
    """Both treatments (plain, BN) from one initial gain."""

    config: ScaleConfig
    accuracy: NDArray[np.float32]  # (2, seeds) on the test set at the end; 0: diverged


@bounded
def run_gain(config: ScaleConfig, report: Report = silent, workers: int = 2) -> GainResult:
    """Train the pairs from this initial gain alone."""
    every = NORMALIZED["all"](config.depth)
    histories = train_pair(config, every, (), report, workers, record_at=[config.steps])
    final = np.stack([histories[t].test_accuracies[:, -1] for t in TREATMENTS])
    return GainResult(config, np.nan_to_num(final, nan=0.0))


def gains(config: ScaleConfig) -> list[ScaleConfig]:
    """The same networks from every initial gain of the knob."""
    options = knobs(ScaleConfig)["gain"].options
    return [config.model_copy(update={"gain": float(gain)}) for gain in options]


def who_trains(results: list[GainResult]) -> str:
    """From which gains each treatment reaches LEARNED, in a sentence."""
    parts = []
    for t in (1, 0):
        there = [r.config.gain for r in results if np.median(r.accuracy[t]) >= LEARNED]
        name = SUBJECTS[TREATMENTS[t]] if t else NAMES[TREATMENTS[t]]
        where = "from none of them"
        if there:
            where = f"from {len(there)} of them, {min(there):g} to {max(there):g}"
        if len(there) == 1:
            where = f"from {there[0]:g} alone"
        parts.append(f"{name} reaches {percent(LEARNED)} {where}")
    return f"Of {len(results)} initial gains, {'; '.join(parts)} (median seed)."
