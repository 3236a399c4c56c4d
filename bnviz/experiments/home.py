"""The front door: break a deep network with a large learning rate, then mend it with BN."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Self

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import StrictInt, model_validator

from bnviz.engine.probes import health
from bnviz.engine.training import History, recording_steps
from bnviz.experiments.bounds import FLOAT, bounded
from bnviz.experiments.pair import (
    NAMES,
    NEVER,
    TREATMENTS,
    any_of,
    count,
    diverged_at,
    in_points,
    in_steps,
    power,
    stacked,
    train_pair,
    typical_seed,
)
from bnviz.experiments.running import Report, silent
from bnviz.experiments.settings import Settings

RECORDS = 20
PROBE_SAMPLES = 192  # the first training samples, on which the layers' health is measured

EXPLODED = 100.0  # times its signal at the start: a layer counts as exploded
IDLE = 0.5  # share of its units that are dead, or of its values that are saturated
SMALL_UPDATE = 3e-3  # of a layer's length, the largest update of a run that hardly moves
FAINT = 1e-3  # the signal of a layer that says (nearly) the same for every sample
FELL_BACK = 0.1  # of accuracy, from the best to the last: less is no restlessness


class HomeConfig(Settings):
    """The shared settings, and the hidden layers (from 1) that have BN in the second network."""

    normalized: tuple[StrictInt, ...] | None = None  # None: all of them

    @model_validator(mode="after")
    def _check_normalized(self) -> Self:
        wrong = [layer for layer in self.normalized or () if not 1 <= layer <= self.depth]
        if wrong:
            raise ValueError(f"normalized has {wrong}; allowed are layers 1 to {self.depth}")
        return self

    def with_bn(self) -> tuple[int, ...]:
        """The hidden layers of the second network that have BN, in order."""
        everyone = range(1, self.depth + 1)
        return tuple(everyone if self.normalized is None else sorted(set(self.normalized)))

    def work(self) -> float:
        """As Settings.work, with what looking at the layers costs."""
        return 2 * self.training_work(len(recording_steps(self.steps, RECORDS)), 2 * PROBE_SAMPLES)

    def held(self) -> float:
        """As Settings.held, with one look and what it found."""
        cost = self.cost()
        return self.training_memory(cost.traced(self.seeds, PROBE_SAMPLES, 1)) + self._found()

    def kept(self) -> float:
        """As Settings.kept, with the signal of every unit: by treatment, and then together."""
        return super().kept() + 4 * self._found()

    def _found(self) -> float:
        """Bytes of the signal of every unit of one treatment."""
        records = len(recording_steps(self.steps, RECORDS))
        return FLOAT * self.seeds * records * self.depth * self.width


Fate = Literal["learned", "failed", "diverged"]


@dataclass(frozen=True)
class HomeResult:
    """Both treatments (plain, BN) on the first axis. NaN: after a divergence."""

    config: HomeConfig
    steps: NDArray[np.int64]  # (T,)
    test_accuracy: NDArray[np.float32]  # (2, seeds, T) inference mode, 0 to 1
    typical: int  # the place of the seed whose networks are drawn: see typical_seed
    unit_signal: NDArray[np.float32]  # (2, T, depth, width) of it; deviation of the output
    signal: NDArray[np.float32]  # (2, seeds, T, depth) root mean square of it over the units
    gradient: NDArray[np.float32]  # (2, seeds, T, depth) ||dL/dW||
    weight: NDArray[np.float32]  # (2, seeds, T, depth) ||W||
    idle: NDArray[np.float32]  # (2, seeds, T, depth) dead or saturated share, 0 to 1
    diverged_at: NDArray[np.int64]  # (2, seeds) step, or NEVER
    overflowed: NDArray[np.int64]  # (2, seeds) the first layer to overflow, or NEVER
    classes: int

    def fates(self, treatment: int) -> list[Fate]:
        """What became of each seed; failed: closer to guessing than to being right."""
        halfway = (1 + 1 / self.classes) / 2
        final = self.test_accuracy[treatment, :, -1]
        return [
            "diverged" if step != NEVER else "learned" if accuracy >= halfway else "failed"
            for step, accuracy in zip(self.diverged_at[treatment], final, strict=True)
        ]


@dataclass(frozen=True)
class Collapse:
    """The first sign that a layer of one seed left the range in which it can learn."""

    step: int
    layer: int
    sign: Literal["exploded", "idle", "faint", "overflowed"]
    moved: float  # the largest ||update|| / ||W|| of that layer up to then; NaN: not known


@bounded
def run(config: HomeConfig, report: Report = silent, workers: int = 2) -> HomeResult:
    """Train the pairs and measure every layer's health. Pure: the same config, the same bits."""
    data = config.data()
    probe = health(torch.tensor(data.train_inputs[:PROBE_SAMPLES]))
    records = recording_steps(config.steps, RECORDS)
    histories = train_pair(config, config.with_bn(), [probe], report, workers, record_at=records)
    unit_signal = stacked(histories, "unit_signal", (config.depth, config.width))
    hidden = slice(0, config.depth)
    accuracy = np.stack([histories[t].test_accuracies for t in TREATMENTS])
    typical = typical_seed(accuracy[..., -1])
    return HomeResult(
        config,
        histories["plain"].steps,
        accuracy,
        typical,
        unit_signal[:, typical],
        np.stack([[_signal(seed) for seed in treatment] for treatment in unit_signal]),
        stacked(histories, "gradient", (config.depth + 1,))[..., hidden],
        stacked(histories, "weight", (config.depth + 1,))[..., hidden],
        stacked(histories, "idle", (config.depth,)),
        np.stack([diverged_at(histories[t]) for t in TREATMENTS]),
        np.stack([_overflowed(histories[t]) for t in TREATMENTS]),
        data.classes,
    )


def _signal(of_units: NDArray[np.float32]) -> NDArray[np.float32]:
    """The root mean square over the units, (…), of (…, units); in 64 bits."""
    signal: NDArray[np.float32] = np.sqrt((of_units.astype(np.float64) ** 2).mean(-1))
    return signal.astype(np.float32)


def _overflowed(history: History) -> NDArray[np.int64]:
    return np.array([NEVER if d is None else d.layer for d in history.divergences])


def first_collapse(result: HomeResult, treatment: int, seed: int) -> Collapse | None:
    """Which layer of this network went first, when, and how; None: all stayed in range.

    A layer has exploded when its signal is EXPLODED times what it was at the start, is idle
    when IDLE of it is dead or saturated, and faint when its output hardly depends on the
    sample. Of several at the same step, the worst counts; of faint ones, the first.
    """
    signal, idle = result.signal[treatment, seed], result.idle[treatment, seed]
    growth = signal / np.maximum(signal[0], 1e-12)
    signs: list[tuple[Literal["exploded", "idle", "faint"], NDArray[np.bool_], NDArray]] = [
        ("exploded", growth > EXPLODED, growth),
        ("idle", idle >= IDLE, idle),
        ("faint", signal < FAINT, np.broadcast_to(-np.arange(signal.shape[1]), signal.shape)),
    ]
    for column, step in enumerate(result.steps):
        for sign, out_of_range, badness in signs:
            if out_of_range[column].any():
                layer = int(np.argmax(np.where(out_of_range[column], badness[column], -np.inf)))
                return Collapse(
                    int(step), layer + 1, sign, _moved(result, treatment, seed, column, layer)
                )
    if result.diverged_at[treatment, seed] != NEVER:
        layer = int(result.overflowed[treatment, seed])
        return Collapse(int(result.diverged_at[treatment, seed]), layer, "overflowed", np.nan)
    return None


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


def first_to_go(result: HomeResult) -> Collapse | None:
    """The first collapse of a plain network that did not learn; None: all learned."""
    broken = _broken(result, 0)
    return first_collapse(result, 0, broken[0]) if broken else None


def _broken(result: HomeResult, treatment: int) -> list[int]:
    """The seeds that did not learn; the one that is drawn comes first, if it is among them."""
    fates = result.fates(treatment)
    broken = [seed for seed, fate in enumerate(fates) if fate != "learned"]
    return sorted(broken, key=lambda seed: seed != result.typical)


def which_went_first(result: HomeResult) -> tuple[str, str]:
    """The third of the network in which the first layer went, and what became of it."""
    first = first_to_go(result)
    assert first
    return third_of(first.layer, result.config.depth), findings(result)[2]


def third_of(layer: int, depth: int) -> str:
    """Where a layer stands: in the first, the middle or the last third of the network."""
    return ("the first third", "the middle", "the last third")[min(2, 3 * (layer - 1) // depth)]


def findings(result: HomeResult) -> list[str]:
    """What this run shows, in sentences, each computed from it."""
    return [
        *(_outcome(result, treatment) for treatment in range(2)),
        *_cause(result),
        _comparison(result),
    ]


def _outcome(result: HomeResult, treatment: int) -> str:
    fates = result.fates(treatment)
    name = _subject(result, treatment)
    final = result.test_accuracy[treatment, :, -1]
    learned = [a for a, fate in zip(final, fates, strict=True) if fate == "learned"]
    if len(learned) == len(fates):
        everywhere = count(len(fates), len(fates))
        return f"**{name} learned** in {everywhere}: {_range(learned)} test accuracy."
    parts = []
    if learned:
        parts.append(
            f"learned in {count(len(learned), len(fates))} ({_range(learned)} test accuracy)"
        )
    if fates.count("diverged"):
        steps = result.diverged_at[treatment][result.diverged_at[treatment] != NEVER]
        when = (
            f"at step {steps[0]}"
            if len(set(steps)) == 1
            else f"between steps {min(steps)} and {max(steps)}"
        )
        parts.append(f"diverged in {count(fates.count('diverged'), len(fates))}, {when}")
    if fates.count("failed"):
        stuck = [a for a, fate in zip(final, fates, strict=True) if fate == "failed"]
        parts.append(f"did not learn in {any_of(len(stuck), len(fates))} ({_range(stuck)})")
    return f"**{name}** " + ", ".join(parts) + "."


def _subject(result: HomeResult, treatment: int) -> str:
    if TREATMENTS[treatment] == "plain":
        return "The plain network"
    layers = result.config.with_bn()
    if not layers:
        return "The second network (no layer has BN)"
    if len(layers) == result.config.depth:
        return "The network with BN in every layer"
    return f"The network with BN in {_layers(layers)}"


def _layers(layers: Sequence[int]) -> str:
    if len(layers) == 1:
        return f"layer {layers[0]}"
    return "layers " + ", ".join(map(str, layers[:-1])) + f" and {layers[-1]}"


def _range(accuracies: Sequence[float]) -> str:
    low, high = round(100 * min(accuracies)), round(100 * max(accuracies))
    return f"{low} %" if low == high else f"{low} to {high} %"


def _cause(result: HomeResult) -> list[str]:
    """Why a seed that did not learn did not, for each treatment that has one."""
    sentences = []
    for treatment, name in enumerate(TREATMENTS):
        broken = _broken(result, treatment)
        if broken and (name == "plain" or result.config.with_bn()):
            sentences.append(_story(result, treatment, broken[0], NAMES[name]))
    return sentences


ALONE = "every mini-batch is one sample, its own mean, and BN hands on β alone"


def _story(result: HomeResult, treatment: int, seed: int, name: str) -> str:
    collapse = first_collapse(result, treatment, seed)
    begin = f"In seed {seed + 1} of the {name} network, "
    if treatment == 1 and result.config.batch_size == 1:
        return f"{begin}{ALONE}, so that nothing of the input can be learned."
    if collapse is None:
        return begin + "no layer left its range; " + _without_collapse(result, treatment, seed)
    where = f"**layer {collapse.layer} went first**, at step {collapse.step}"
    if collapse.layer > result.config.depth:
        where = f"**the output layer went first**, at step {collapse.step}"
    return begin + where + ": " + _sign(result, treatment, seed, collapse) + _blame(collapse)


def _sign(result: HomeResult, treatment: int, seed: int, collapse: Collapse) -> str:
    column = int(np.searchsorted(result.steps, collapse.step))
    if collapse.sign == "overflowed":
        return "its numbers grew past what a 32-bit float can hold."
    at = (treatment, seed, column, collapse.layer - 1)
    if collapse.sign == "exploded":
        start = result.signal[treatment, seed, 0, collapse.layer - 1]
        return f"its signal was {_times(result.signal[at] / start)} what it had been at the start."
    if collapse.sign == "faint":
        return (
            f"its output varies by only {result.signal[at]:.1g} from sample to sample,"
            " so nothing can be told apart."
        )
    kind = "units were dead: zero for every sample, so no gradient passes"
    if result.config.activation != "relu":
        kind = "values were saturated: on the flat ends, where hardly any gradient passes"
    return f"{100 * result.idle[at]:.0f} % of its {kind}."


def _blame(collapse: Collapse) -> str:
    if collapse.step == 0:
        return (
            " It was so before the first update: the initialization did it, not the learning rate."
        )
    if not np.isfinite(collapse.moved):
        return ""
    return (
        f" By then one update had moved its weights by {_percent(collapse.moved)} of their length."
    )


def _times(factor: float) -> str:
    if factor < 1e6:
        return f"{factor:,.0f} times"
    return f"some {power(factor)} times" if np.isfinite(factor) else "beyond all bounds of"


def _percent(share: float) -> str:
    return f"{100 * share:,.0f} %" if share >= 0.01 else f"{100 * share:.2g} %"


def _without_collapse(result: HomeResult, treatment: int, seed: int) -> str:
    steps, accuracy = in_steps(result.config.steps), result.test_accuracy[treatment, seed]
    largest = _largest_update(result, treatment, seed)
    if largest < SMALL_UPDATE:
        return (
            f"no recorded update moved a layer by more than {_percent(largest)} of its length:"
            f" the rate is too low for {steps}."
        )
    if _still_rising(accuracy):
        return (
            f"and its accuracy was still rising, at {100 * accuracy[-1]:.0f} %:"
            f" {steps} were not enough."
        )
    best = np.nanmax(accuracy)
    if best < accuracy[-1] + FELL_BACK:
        return f"but its accuracy was never above {100 * best:.0f} % in {steps}."
    return (
        f"but after a best of {100 * best:.0f} % its accuracy ended at"
        f" {100 * accuracy[-1]:.0f} %: it does not settle at this rate."
    )


def _still_rising(accuracy: NDArray[np.float32]) -> bool:
    """Whether the accuracy, (T,), was better in the last quarter of the records than before it."""
    quarter = max(1, len(accuracy) // 4)
    before, late = accuracy[-2 * quarter : -quarter], accuracy[-quarter:]
    return bool(np.mean(late) > np.mean(before) + 0.02 and accuracy[-1] > 2 * accuracy[0])


def _largest_update(result: HomeResult, treatment: int, seed: int) -> float:
    """No update at a record was longer than this share of its layer's weights; NaN: no record.

    Exact without momentum. With momentum 0.9 the update is at most ten times the largest
    gradient's; Adam moves a weight by about the learning rate.
    """
    config = result.config
    gradient, weight = result.gradient[treatment, seed], result.weight[treatment, seed]
    if config.optimizer == "adam":
        sizes = config.architecture().sizes()[: config.depth]
        gradient = np.broadcast_to(np.sqrt([i * o for i, o in sizes]), weight.shape)
    factor = 10.0 if config.optimizer == "momentum" else 1.0
    return factor * config.learning_rate * _largest(gradient, weight)


def _comparison(result: HomeResult) -> str:
    """The one sentence above the picture: who learns at this rate."""
    plain, batch = (result.fates(t).count("learned") for t in range(2))
    seeds, rate = result.config.seeds, f"{result.config.learning_rate:g}"
    if not result.config.with_bn():
        learned = f"at a learning rate of {rate} it learns in {count(plain, seeds)}"
        return f"No layer has BN, so both are the same network: {learned}."
    if plain == batch == 0:
        return _neither(result, rate)
    if plain == batch == seeds:
        means = [float(np.mean(result.test_accuracy[t, :, -1])) for t in range(2)]
        ends = f"ends {_gap(means[1] - means[0])}"
        if "below" in ends:
            ends = f"does not help, it {ends}"
        return f"At a learning rate of {rate} both networks learn; BN {ends}. Turn the rate up."
    outcome = (
        f"the plain network learns in {count(plain, seeds)},"
        f" {_subject(result, 1).lower().replace('bn', 'BN')} in {count(batch, seeds)}"
    )
    if batch > plain:
        return f"At a learning rate of {rate} {outcome}."
    return f"At a learning rate of {rate} BN does not help: {outcome}."


def _neither(result: HomeResult, rate: str) -> str:
    steps = in_steps(result.config.steps)
    everyone = [(t, s) for t in range(2) for s in _seeds(result)]
    begin = f"At a learning rate of {rate} neither network"
    if result.config.batch_size == 1:
        return f"{begin} learns, and the one with BN cannot: {ALONE}."
    if all(_largest_update(result, t, s) < SMALL_UPDATE for t, s in everyone):
        return f"A learning rate of {rate} is too low for {steps}, with BN and without."
    if any(_still_rising(result.test_accuracy[t, s]) for t, s in everyone):
        return f"{begin} gets far in {steps}."
    layers = result.config.with_bn()
    if len(layers) < result.config.depth:
        return f"{begin} learns: BN in {_layers(layers)} is not enough."
    if any(_torn_by_training(result, seed) for seed in _seeds(result)):
        return f"{begin} learns: BN widens the range of rates, it does not remove its end."
    return f"{begin} learns in {steps}."


def _torn_by_training(result: HomeResult, seed: int) -> bool:
    """Whether a layer of the BN network left its range after the first update, not before it."""
    collapse = first_collapse(result, 1, seed)
    return collapse is not None and collapse.step > 0


def _seeds(result: HomeResult) -> range:
    return range(result.config.seeds)


def _gap(gap: float) -> str:
    points = in_points(gap)
    if points == "0 points":
        return "within a point of plain"
    return f"{points} {'above' if gap > 0 else 'below'} plain"
