"""Is it internal covariate shift? The hypothesis of 2015, tested as Santurkar et al. tested it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray

from bnviz.engine.data import Dataset, changed, changes
from bnviz.engine.networks import Architecture, Cohort, accuracies
from bnviz.engine.normalization import Mode
from bnviz.engine.shifts import compared, gradients_after, movement, shift
from bnviz.engine.training import History, Probe, one_thread, recording_steps
from bnviz.experiments.bounds import SECONDS_PER_DRAW, SECONDS_PER_OPERATION, STATES, Cost, bounded
from bnviz.experiments.pair import (
    ALIKE,
    NEVER,
    Comparison,
    compare,
    count,
    diverged_at,
    fell,
    medians,
    no_comparison,
    not_compared,
    over_training,
    portion,
    smoothed,
    stacked,
    times,
    train_arms,
)
from bnviz.experiments.pair import NAMES as PAIR_NAMES
from bnviz.experiments.running import Report, silent
from bnviz.experiments.settings import (
    OTHERWISE,
    Activation,
    Depth,
    Knob,
    LearningRate,
    Seeds,
    Settings,
    Width,
)

ARMS: dict[str, dict[str, Any]] = {
    "plain": {"normalizer": "none"},
    "batch": {"normalizer": "batch"},
    "noisy": {"normalizer": "batch", "noise_after": True},
}
"""What each network has in its hidden layers (Santurkar et al. 2018, Sec. 2.1 and Alg. 1)."""
NAMES = PAIR_NAMES | {"noisy": "noisy BN"}
PLAIN, BATCH, NOISY = range(len(ARMS))

RECORDS = 9  # moments of training at which the shift is measured
LAYERS = 10  # that are measured, at most …
FEWEST = 3  # … and at least, where each costs much
MEASURING = 8.0  # seconds of one slow core that all measuring may take
COPIED = 2e-8  # seconds of a weight that is copied, updated and compared
SAMPLES = 128  # training samples whose moments are followed

EARLY = 5  # steps that count as the first ones
SAME = 0.02  # of test accuracy: a smaller difference is none
MUCH = 0.05  # of test accuracy: a loss that one notices
BEGUN = 0.25  # of the way from guessing to being right: a network beyond it learns something
BY_FAR = 3.0  # times the next largest movement
BINS, REACH = 40, 4.0  # of what a unit computes, in its deviation on the training set

JUDGES = ("plain", "BN", "BN, own statistics")
"""Who is tested on changed inputs; the last takes mean and deviation from them."""
GUESSES = ("as well as BN", "worse than BN", "not at all")


class ShiftConfig(Settings):
    """The shared settings, at which all three networks learn."""

    depth: Depth = 8
    width: Width = 32
    activation: Activation = "tanh"
    learning_rate: LearningRate = 0.1
    seeds: Seeds = 3

    def measured(self) -> tuple[tuple[int, ...], int]:
        """The layers (from 2; the first has none below it) and the seeds that are measured.

        Evenly chosen, the second and the output layer among them: fewer where a network is large.
        """
        affordable = int(MEASURING / (len(ARMS) * RECORDS * self._look()))
        layers = min(LAYERS, self.depth, max(FEWEST, affordable))
        return _evenly(2, self.depth + 1, layers), max(1, min(self.seeds, affordable // layers))

    def _look(self) -> float:
        """About how many seconds one layer of one network takes to measure."""
        weights = self.width * (74 + (self.depth - 1) * self.width)
        return SECONDS_PER_OPERATION * 6 * weights * self.batch_size

    def work(self) -> float:
        """Three networks of each seed in place of two, the noise, and the measuring."""
        layers, seeds = self.measured()
        cost = self.cost()
        measured = cost.step(len(layers) * seeds, self.in_batch())
        copied = (2 * self.seeds + 2 * len(layers) * seeds) * COPIED * cost.weights
        return self.trained() + len(ARMS) * self.records() * (measured + copied)

    def trained(self, looked_at: int = 0) -> float:
        """Seconds for all three networks, which look at so many samples more at each record."""
        drawn = self.depth * self.width * self.in_batch() * self.seeds * self.steps
        trained = len(ARMS) * self.training_work(self.records(), looked_at)
        return trained + 3 * SECONDS_PER_DRAW * drawn

    def records(self) -> int:
        """The moments of training at which something is measured."""
        return len(recording_steps(self.steps, RECORDS))

    def held(self) -> float:
        """Of the noisy network, with its layers half before and half after the update."""
        layers, seeds = self.measured()
        cost = self.cost(noise_after=True)
        halves = cost.halved(seeds, len(layers), self.in_batch())
        return self.three_held(halves + 2 * cost.parameters(seeds) * (seeds < self.seeds))

    def three_held(self, looking: float) -> float:
        """Bytes of the noisy network, or of the last; the first looks at an update in so many."""
        parameters = self.cost().parameters(self.seeds)
        coming = (3 + STATES[self.optimizer]) * parameters
        noisy = self.training_memory(coming + looking, noise_after=True)
        return max(noisy, self.training_memory() + 2 * parameters)

    def kept(self) -> float:
        """What is recorded; that networks stay counts where the last of the three trains."""
        return OTHERWISE


def _evenly(first: int, last: int, most: int) -> tuple[int, ...]:
    """At most so many layers, evenly chosen, the first and the last among them."""
    places = np.rint(np.linspace(first, last, min(most, last - first + 1))).astype(int)
    return tuple(int(place) for place in places)


@dataclass(frozen=True)
class ShiftResult:
    """Plain, BN and noisy BN (ARMS) on the first axis. NaN: diverged, or not measured."""

    config: ShiftConfig
    steps: NDArray[np.int64]  # (T,)
    layers: NDArray[np.int64]  # (L,) measured, from 2; depth + 1 is the output layer
    train_loss: NDArray[np.float32]  # (3, seeds, T) mini-batch loss, mean since the last record
    test_accuracy: NDArray[np.float32]  # (3, seeds, T) inference mode, 0 to 1
    size: NDArray[np.float32]  # (3, seeds, T, L) ||G||
    distance: NDArray[np.float32]  # (3, seeds, T, L) ||G - G'||
    cosine: NDArray[np.float32]  # (3, seeds, T, L) between G and G'; NaN also: no gradient
    diverged_at: NDArray[np.int64]  # (3, seeds) step, or NEVER
    fell: NDArray[np.bool_]  # (3, seeds) whether the training loss fell to less than half

    def angle(self) -> NDArray[np.float64]:
        """How far G turns to become G', in degrees: the mean over the layers, (3, seeds, T)."""
        return mean_known(np.degrees(np.arccos(self.cosine.astype(np.float64))))

    def counts(self, *arms: int) -> NDArray[np.bool_]:
        """The seeds, (seeds,), in which these networks learned and were measured."""
        known = np.isfinite(self.angle()).all(-1) & self.fell
        return np.logical_and.reduce([known[arm] for arm in arms or (PLAIN, BATCH)])

    def comparison(
        self, measure: Literal["angle", "distance"], when: NDArray[np.bool_] | None = None
    ) -> Comparison:
        """Plain against BN over these records, in the seeds that count; there must be one."""
        chosen = np.ones(len(self.steps), bool) if when is None else when
        values = self.angle() if measure == "angle" else mean_known(self.distance)
        return compare(values[: BATCH + 1][..., chosen], self.steps[chosen], self.counts())

    def turn(self, arm: int, when: NDArray[np.bool_] | None = None) -> float:
        """The angle of one network over these records: median of the seeds that count."""
        chosen = np.ones(len(self.steps), bool) if when is None else when
        counts = self.counts(PLAIN, BATCH, arm)
        values = over_training(self.angle()[arm][counts][:, chosen], self.steps[chosen])
        return float(np.median(values)) if values.size else float("nan")

    def early(self) -> NDArray[np.bool_]:
        """The records of the first steps, (T,)."""
        first: NDArray[np.bool_] = self.steps <= EARLY
        return first

    def late(self) -> NDArray[np.bool_]:
        """The records of the second half, (T,)."""
        second: NDArray[np.bool_] = self.steps >= self.steps[-1] / 2
        return second

    def accuracies(self) -> list[float]:
        """The median test accuracy of each network at the end; a seed that diverged counts as 0."""
        final = np.nan_to_num(self.test_accuracy[:, :, -1].astype(np.float64), nan=0.0)
        final = np.where(self.diverged_at == NEVER, final, 0.0)
        return [float(middle) for middle in np.median(final, axis=1)]


def mean_known(values: NDArray[Any]) -> NDArray[np.float64]:
    """The mean over the last axis of the numbers there are; NaN: none."""
    known = np.isfinite(values)
    total = np.where(known, values, 0).astype(np.float64).sum(-1)
    with np.errstate(invalid="ignore"):
        mean: NDArray[np.float64] = total / np.where(known.any(-1), known.sum(-1), np.nan)
    return mean


@bounded
def run(config: ShiftConfig, report: Report = silent, workers: int = 2) -> ShiftResult:
    """Train all three and measure the shift at each record. Pure: same config, same bits."""
    layers, seeds = config.measured()
    histories = _trained(config, shift(layers, seeds), report, workers)
    rows = [histories[name] for name in ARMS]
    measures = [
        stacked(histories, name, (len(layers),), tuple(ARMS))
        for name in ("size", "distance", "cosine")
    ]
    return ShiftResult(
        config,
        rows[0].steps,
        np.array(layers),
        np.stack([smoothed(row) for row in rows]),
        np.stack([row.test_accuracies for row in rows]),
        measures[0],
        measures[1],
        measures[2],
        np.stack([diverged_at(row) for row in rows]),
        np.stack([fell(row) for row in rows]),
    )


def _trained(config: ShiftConfig, probe: Probe, report: Report, workers: int) -> dict[str, History]:
    """All three, looked at in the same moments."""
    records = recording_steps(config.steps, RECORDS)
    # the noisy network first: drawing makes it the dearest, and what is left should be short
    arms = {name: ARMS[name] for name in reversed(ARMS)}
    return train_arms(config, arms, [probe], report, workers, record_at=records)


class MomentsConfig(ShiftConfig):
    """A question of its own: what BN holds still, in the same three networks."""

    def work(self) -> float:
        """Three networks of each seed, looked at before and after an update."""
        cost = self.cost()
        copied = 2 * self.seeds * COPIED * cost.weights
        return self.trained(4 * SAMPLES) + len(ARMS) * self.records() * (cost.layers + copied)

    def held(self) -> float:
        """Of the noisy network, with its values before and after the update."""
        cost = self.cost(noise_after=True)
        moved = cost.parameters(self.seeds) + 2 * cost.traced(self.seeds, SAMPLES, 4)
        return self.three_held(moved)


@dataclass(frozen=True)
class MomentsResult:
    """How far the moments of a layer move in one update. NaN: diverged."""

    config: MomentsConfig
    steps: NDArray[np.int64]  # (T,)
    moved: NDArray[np.float32]  # (3, seeds, T, depth) in deviations

    def movement(self) -> list[float]:
        """How far the moments of a layer move in one update; median of the seeds, mean of layers.

        Over training; NaN: no seed was followed to the end.
        """
        each = mean_known(self.moved)
        found = []
        for arm in each:
            known = arm[np.isfinite(arm).all(-1)]
            found.append(
                float(np.median(over_training(known, self.steps))) if len(known) else float("nan")
            )
        return found


@bounded
def run_moments(config: MomentsConfig, report: Report = silent, workers: int = 2) -> MomentsResult:
    """Train all three and follow their moments at each record. Pure: same config, same bits."""
    probe = movement(torch.tensor(config.data().train_inputs[:SAMPLES]))
    histories = _trained(config, probe, report, workers)
    moved = stacked(histories, "moved", (config.depth,), tuple(ARMS))
    return MomentsResult(config, next(iter(histories.values())).steps, moved)


class InputsConfig(ShiftConfig):
    """A question of its own: the trained pair on inputs of another kind."""

    def work(self) -> float:
        """As Settings.work, for the pair, and every judge on every test set."""
        looks = 3 * len(JUDGES) * self.cost().look(self.seeds, len(self.data().test_labels))
        return Settings.work(self) + looks

    def held(self) -> float:
        return Settings.held(self)

    def kept(self) -> float:
        return Settings.kept(self)

    def after(self) -> float:
        """One judge on one test set."""
        return self.cost().passing(self.seeds, len(self.data().test_labels))


@dataclass(frozen=True)
class Inputs:
    """Covariate shift of the inputs: the test set as it was, and changed in two ways."""

    config: InputsConfig
    worlds: tuple[str, ...]  # (3,) as it was, and the two changes
    samples: NDArray[np.float32]  # (3, features) one test sample; points: (3, 2 * points)
    seen: NDArray[np.float32]  # (1 + 3, BINS) densities of a unit's W x, training set first
    edges: NDArray[np.float64]  # (BINS + 1,) of the bins, in the deviation on the training set
    moments: NDArray[np.float64]  # (3, 2) root mean square over units: mean; deviation, in the same
    accuracy: NDArray[np.float32]  # (JUDGES, 3, seeds) of the trained networks; NaN: diverged


@bounded
def run_inputs(config: InputsConfig, report: Report = silent, workers: int = 2) -> Inputs:
    """Train plain and BN, and test them on changed inputs. Pure: same config, same bits."""
    arms = {name: ARMS[name] for name in PAIR_NAMES}
    trained = train_arms(config, arms, (), report, workers, record_at=[config.steps])
    with one_thread():
        return _inputs(config, config.data(), trained)


def _inputs(config: InputsConfig, data: Dataset, trained: Mapping[str, History]) -> Inputs:
    """The test set, changed; what a first layer sees of it, and what the networks make of it."""
    worlds = ("as it was", *changes(data.name))
    tests = [data.test_inputs, *(changed(data.name, world) for world in worlds[1:])]
    first = Cohort(config.architecture(), [config.first_seed]).layers[0].weight[0].detach()
    weight = first.double().numpy()
    training = data.train_inputs.astype(np.float64) @ weight.T
    values = [standard(test @ weight.T, training) for test in tests]
    unit = typical_unit(values[1])
    edges = np.linspace(-REACH, REACH, BINS + 1)
    histograms = [
        np.histogram(np.clip(each[:, unit], -REACH, REACH), edges, density=True)[0]
        for each in (standard(training, training), *values)
    ]
    moments = [[rms(each.mean(0)), rms(each.std(0))] for each in values]
    judges: list[tuple[str, Mode]] = [
        ("plain", "inference"), ("batch", "inference"), ("batch", "batch")
    ]  # fmt: skip
    accuracy = [
        [_accuracy(trained[arm], test, data, mode) for test in tests] for arm, mode in judges
    ]
    return Inputs(
        config,
        worlds,
        np.stack([_shown(test, data) for test in tests]),
        np.stack(histograms).astype(np.float32),
        edges,
        np.array(moments),
        np.array(accuracy, np.float32),
    )


def standard(values: NDArray[np.float64], training: NDArray[np.float64]) -> NDArray[np.float64]:
    """Each unit's values (samples, units) in its mean and deviation on the training set."""
    deviation = np.maximum(training.std(0), 1e-12)
    scaled: NDArray[np.float64] = (values - training.mean(0)) / deviation
    return scaled


def typical_unit(values: NDArray[np.float64]) -> int:
    """The unit whose mean lies as far from 0 as is typical: next to the root mean square."""
    means = np.abs(values.mean(0))
    return int(np.abs(means - rms(means)).argmin())


def rms(values: NDArray[np.float64]) -> float:
    return float(np.sqrt(np.square(values).mean()))


POINTS = 150  # of a plane that are drawn


def _shown(test: NDArray[np.float32], data: Dataset) -> NDArray[np.float32]:
    """What is drawn of a test set: its first image, above the darkest pixels; its first points."""
    if data.features == 2:
        return test[:POINTS].ravel()
    image: NDArray[np.float32] = test[0] - data.train_inputs.min(0)
    return image


def _accuracy(
    history: History, test: NDArray[np.float32], data: Dataset, mode: Mode
) -> NDArray[np.float32]:
    """The share of these inputs that each seed gets right, (seeds,); NaN where it diverged."""
    cohort = history.cohort
    inputs, labels = torch.tensor(test).T, torch.tensor(data.test_labels)
    with torch.no_grad():
        logits = cohort.forward(inputs.expand(cohort.replicas, *inputs.shape), mode)
    right = accuracies(logits, labels.expand(cohort.replicas, len(labels))).numpy()
    return np.where(diverged_at(history) == NEVER, right, np.nan).astype(np.float32)


def findings(result: ShiftResult) -> list[str]:
    """What this run shows, in sentences, each computed from it."""
    lost = not_compared(result.diverged_at, result.fell)
    if not result.counts().any():
        return [_uncompared(result), _training(result), *lost]
    return [
        _turning(result),
        _training(result),
        _over_time(result),
        _length(result),
        *lost,
    ]


def _uncompared(result: ShiftResult) -> str:
    measured = result.fell[:NOISY, : result.config.measured()[1]]
    if measured.all(0).any():
        return "**No comparison here**: where both networks learned, a gradient was zero."
    return no_comparison(
        measured, "The gradient of a network that does not learn may turn a lot, or not at all."
    )


def degrees(angle: float) -> str:
    """34°; 0.5°; less than 0.1°."""
    if not np.isfinite(angle):
        return "an unknown angle"
    if angle >= 9.95:
        return f"{angle:.0f}°"
    return f"{angle:.1f}°" if angle >= 0.1 else "less than 0.1°"


def _turning(result: ShiftResult) -> str:
    found = result.comparison("angle")
    if _undecided(found):
        return (
            "**Whether a layer's gradient shifts more with BN is open here**: one update of the"
            f" layers below turns it by {degrees(result.turn(BATCH))} with BN and by"
            f" {degrees(result.turn(PLAIN))} without, and the seeds disagree."
        )
    more = {
        "batch": "**With BN a layer's gradient shifts more, not less**",
        "plain": "**With BN a layer's gradient shifts less here**",
        "": "**With or without BN, a layer's gradient shifts about as much**",
    }[found.rougher]
    larger = found.larger if found.rougher == "plain" else found.seeds - found.larger
    whose = "plain's" if found.rougher == "plain" else "BN's"
    return (
        f"{more}: one update of the layers below turns it by {degrees(result.turn(BATCH))} with BN"
        f" and by {degrees(result.turn(PLAIN))} without ({whose} turns more in"
        f" {count(larger, found.seeds)})."
    )


def _undecided(found: Comparison) -> bool:
    """Whether plain's is the larger one in half of the seeds, and BN's in the other half."""
    return 2 * max(found.larger, found.seeds - found.larger) <= found.seeds


def _training(result: ShiftResult) -> str:
    plain, batch, noisy = (portion(share) for share in result.accuracies())
    said = f"Test accuracy at the end: plain {plain}, BN {batch}, noisy BN {noisy}."
    lost = int((result.diverged_at[NOISY] != NEVER).sum())
    if lost:
        said += f" Noisy BN diverged in {count(lost, result.config.seeds)}."
    verdict = {
        GUESSES[0]: "Noise after every BN layer did no harm.",
        GUESSES[1]: "Here the noise costs accuracy, though the network learns.",
        GUESSES[2]: "Noisy BN hardly learned anything here.",
    }[noisy_trains(result)[0]]
    return f"{said} {verdict}"


def learned(result: ShiftResult, arm: int) -> bool:
    """Whether a network ended clearly better than guessing."""
    guessing = 1 / result.config.data().classes
    return result.accuracies()[arm] >= guessing + BEGUN * (1 - guessing)


def noisy_trains(result: ShiftResult) -> tuple[str, str]:
    """Which of GUESSES is right about the network with noise after BN, and why."""
    _, batch, noisy = result.accuracies()
    why = f"It ended at {portion(noisy)} test accuracy, BN without noise at {portion(batch)}."
    if not learned(result, NOISY):
        return GUESSES[2], why
    return GUESSES[0] if noisy >= batch - SAME else GUESSES[1], why


def in_deviations(value: float) -> str:
    """0.37 of a deviation; 2.4 deviations."""
    return f"{amount(value)} {'of a deviation' if value <= 1 else 'deviations'}"


def amount(value: float) -> str:
    """A share of a deviation, in two digits."""
    if not np.isfinite(value) or value > 1e6:
        return "more than a million" if value > 1e6 else "an unknown amount"
    if value >= 10:
        return f"{value:,.0f}"
    return f"{value:.2g}" if value >= 0.0005 else "less than 0.001"


def _over_time(result: ShiftResult) -> str:
    early, late = (result.comparison("angle", when) for when in (result.early(), result.late()))
    parts = [
        f"BN {degrees(result.turn(BATCH, when))}, plain {degrees(result.turn(PLAIN, when))}"
        for when in (result.early(), result.late())
    ]
    numbers = f"in the first {EARLY} steps {parts[0]}; in the second half {parts[1]}."
    if early.rougher == late.rougher:
        return f"Early and late agree: {numbers}"
    if early.rougher and late.rougher:
        return f"**The order flips in training**: {numbers}"
    return f"Early and late differ: {numbers}"


def _length(result: ShiftResult) -> str:
    angle, found = result.comparison("angle"), result.comparison("distance")
    if not found.rougher:
        return "By its length ‖G − G'‖, the change is about as large with BN as without."
    who = "BN's" if found.rougher == "batch" else "plain's"
    agree = "as well" if found.rougher == angle.rougher else "in contrast to the angle"
    return (
        f"By its length ‖G − G'‖ {agree}, {who} change is the larger one, {found.factor}"
        " as large (a longer gradient also changes by more)."
    )


def of_moments(result: ShiftResult, moments: MomentsResult) -> str:
    """How far one update moves the moments, and what became of the network with noise."""
    moved = moments.movement()
    if not np.isfinite(moved).all():
        return "Not all networks could be followed to the end, so their moments are not compared."
    parts = ", ".join(
        f"{amount(value)} in {name}" for value, name in zip(moved, NAMES.values(), strict=True)
    )
    said = (
        "The moments: one update moves mean and deviation of what enters an activation function by"
        f" {parts} (in deviations)."
    )
    if not learned(result, NOISY):
        return f"{said} Noisy BN hardly learned, so nothing follows from it."
    if max(moved) > moved[NOISY]:
        return f"{said} The noise is not the largest movement here."
    plain, _, noisy = result.accuracies()
    what = "and learns as well as plain or better" if noisy >= plain - SAME else "and learns less"
    far = "by far " if moved[NOISY] >= BY_FAR * max(moved[:NOISY]) else ""
    return f"{said} Noisy BN has {far}the least stable layers, {what}."


def of_inputs(of: Inputs) -> list[str]:
    """What changed inputs do to the trained networks: a headline, and the numbers."""
    accuracy = medians(of.accuracy)  # (JUDGES, 3)
    if not np.isfinite(accuracy).all():
        return ["**One of the networks diverged in all seeds**: there is nothing to test.", ""]
    parts = [
        f"{world}: plain {portion(plain)}, BN {portion(batch)}"
        for world, plain, batch in zip(of.worlds, accuracy[0], accuracy[1], strict=True)
    ]
    said = f"Right on the test set, {'; '.join(parts)}."
    halfway = (1 + 1 / of.config.data().classes) / 2
    if accuracy[:2, 0].max() < halfway:
        return ["**Neither network has learned enough to be tested on other inputs.**", said]
    if accuracy[1, 0] < halfway:
        return ["**BN has not learned enough to be tested on other inputs.**", said]
    said += _adapted(of)
    return [_protection(accuracy, of.worlds, halfway), said]


def _protection(accuracy: NDArray[np.float64], worlds: Sequence[str], halfway: float) -> str:
    """Whether BN, which has learned its task, keeps more than plain on changed inputs."""
    drops = accuracy[:2, :1] - accuracy[:2, 1:]
    learned_both = accuracy[0, 0] >= halfway
    if drops[1 - int(learned_both) :].max() < MUCH:
        either = "either network" if learned_both else "BN; plain has not learned enough to tell"
        return f"**These changes of the inputs hardly hurt {either}.**"
    plain, batch = drops.max(axis=1)
    protects = learned_both and batch <= plain / 2
    worst = 1 + int(drops[0 if protects else 1].argmax())
    falls = [f"from {portion(row[0])} to {portion(row[worst])}" for row in accuracy[:2]]
    beside = f", plain {falls[0]}" if learned_both else " (plain has not learned enough to compare)"
    numbers = f"on {worlds[worst]} ones it goes {falls[1]}{beside}"
    if protects:
        return f"**BN loses less than half as much as plain where the inputs change**: {numbers}."
    return f"**BN does not protect from inputs of another kind**: {numbers}."


def _adapted(of: Inputs) -> str:
    accuracy = medians(of.accuracy)
    usual = accuracy[1, 0]
    parts = []
    for world, before, after in zip(of.worlds[1:], accuracy[1, 1:], accuracy[2, 1:], strict=True):
        back = "as good as before" if after >= usual - SAME else "still worse than before"
        parts.append(f"{portion(before)} becomes {portion(after)} on {world} ones, {back}")
    return (
        " With mean and deviation of the new inputs in place of those from training, BN's"
        f" {'; '.join(parts)}."
    )


def misconceptions(result: ShiftResult) -> dict[str, str]:
    """Common beliefs, each met by what this run says of it."""
    return {
        "BN works because it removes internal covariate shift.": _removes(result),
        "Internal covariate shift is covariate shift of the inputs.": _of_the_inputs(result),
        "A network with more shift trains worse.": _trains_worse(result),
    }


def believed_of_moments(result: ShiftResult, moments: MomentsResult) -> dict[str, str]:
    """The same, of what is believed about the moments."""
    still = "BN holds the distributions still, so the layers need not adapt."
    return {still: _still(result, moments)}


UNCOMPARED = "This run cannot say: there is no pair of networks that both learned."


def _removes(result: ShiftResult) -> str:
    if not result.counts().any():
        return UNCOMPARED
    found = result.comparison("angle")
    angles = (
        f"a layer's gradient turns by {degrees(result.turn(BATCH))} with BN and by"
        f" {degrees(result.turn(PLAIN))} without"
    )
    if _undecided(found):
        return f"This run leaves it open: {angles}, and the seeds disagree."
    if found.rougher == "plain":
        return (
            f"In this run BN has less of it: {angles}. Whether that is why it trains is another"
            " question: noisy BN was made to answer it."
        )
    amount_of = "more of it" if found.rougher == "batch" else "about as much of it"
    return f"Not here: there is {amount_of} with BN ({angles})."


def _of_the_inputs(result: ShiftResult) -> str:
    said = (
        "No: the digits that come in are drawn from the same set at every step. What changes is"
        " what the layers below make of them"
    ).replace("digits", "digits" if result.config.dataset == "digits" else "points")
    angle = mean_known(np.degrees(np.arccos(result.cosine[PLAIN].astype(np.float64))))
    known = angle[np.isfinite(angle)]
    if not known.size:
        return f"{said}."
    up_to = "up to " if known.max() >= 0.1 else ""
    return f"{said}: in plain, a layer's gradient turns by {up_to}{degrees(float(known.max()))}."


def _trains_worse(result: ShiftResult) -> str:
    shared = result.counts(PLAIN, BATCH, NOISY)
    if not shared.any():
        return "This run cannot say: not all three networks learned in one and the same seed."
    turns = [result.turn(arm) for arm in range(len(ARMS))]
    accuracy = result.accuracies()
    most, best = int(np.argmax(turns)), int(np.argmax(accuracy))
    names = list(NAMES.values())
    facts = ", ".join(
        f"{name} {degrees(turn)} and {portion(share)}"
        for name, turn, share in zip(names, turns, accuracy, strict=True)
    )
    if max(turns) <= ALIKE * min(turns):
        return f"This run cannot say: all three shift about as much (turn, accuracy: {facts})."
    if accuracy[most] >= accuracy[best] - SAME:
        return (
            f"Not here: {names[most]} shifts most and is among the best (turn, accuracy: {facts})."
        )
    others = [share for arm, share in enumerate(accuracy) if arm != most]
    if accuracy[most] <= min(others) + SAME:
        worst = "the worst" if accuracy[most] < min(others) - SAME else "among the worst"
        return f"Here {names[most]} shifts most and is {worst} (turn, accuracy: {facts})."
    return f"Not in this order: {names[most]} shifts most (turn, accuracy: {facts})."


def _still(result: ShiftResult, moments: MomentsResult) -> str:
    moved = moments.movement()
    if not (np.isfinite(moved[:NOISY]).all() and result.counts().any()):
        return UNCOMPARED
    plain, batch = moved[:NOISY]
    turn = degrees(result.turn(BATCH))
    if ALIKE * batch >= plain:
        return (
            f"Not even the moments: they move by {in_deviations(batch)} in one update,"
            f" in plain by {amount(plain)}."
        )
    return (
        f"The moments, yes: they move {times(plain / max(batch, 1e-12))} less than in plain,"
        " because BN sets them. But the same update still turns the gradient of a layer by"
        f" {turn}: mean and deviation are not all that a layer depends on."
    )


SAMPLES_SEEN = 1000  # by the deep linear network, all of them at every step
UNITS, LINEAR_LAYERS = 10, 25  # of it, the output layer among them (Santurkar et al. 2018)
LINEAR_STEPS, LINEAR_RECORDS = 100, 10
RATES = ("0.003", "0.01", "0.03")
"""Learning rates of the deep linear network; the first is the one at the start."""


class LinearConfig(Settings):
    """One of the three deep linear networks. The data, its size and its loss are fixed."""

    depth: Depth = LINEAR_LAYERS - 1
    width: Width = UNITS
    activation: Activation = "identity"
    learning_rate: LearningRate = float(RATES[0])
    steps: Annotated[int, Knob("Steps", (LINEAR_STEPS,), "Updates in one run.", 1, 5000)] = (
        LINEAR_STEPS
    )
    seeds: Seeds = 3
    arm: Annotated[str, Knob("Network", tuple(ARMS), "What its hidden layers have.")] = "plain"

    def work(self) -> float:
        """As measured; drawing the noise takes more than all the rest."""
        each = {"plain": 1.5e-4, "batch": 5e-4, "noisy": 1.4e-3}[self.arm]  # seconds
        return each * (self.steps + LINEAR_RECORDS) * self.seeds * (self.depth + 1)

    def held(self) -> float:
        network = Architecture(UNITS, UNITS, self.depth, UNITS, "identity", **ARMS[self.arm])
        cost = Cost(network)
        return cost.own(self.seeds) + cost.halved(self.seeds, LAYERS, SAMPLES_SEEN)

    def kept(self) -> float:
        return OTHERWISE


@dataclass(frozen=True)
class LinearResult:
    """One deep linear network. NaN: after its loss stopped being finite."""

    config: LinearConfig
    steps: NDArray[np.int64]  # (T,)
    loss: NDArray[np.float64]  # (seeds, T) relative: 1 is that of an output of zero
    angle: NDArray[np.float64]  # (seeds, T) between G and G', in degrees, mean over the layers


@bounded
def run_linear(config: LinearConfig, report: Report = silent, workers: int = 1) -> LinearResult:
    """Gradient descent on mean ||W_1 … W_k x - A x||^2 over all samples. Pure: same bits.

    x and A are Gaussian, A divided by sqrt(UNITS). The noise of noisy BN in G' is that of G.
    """
    draw = torch.Generator().manual_seed(2018)
    x = torch.randn(UNITS, SAMPLES_SEEN, generator=draw)
    y = torch.randn(UNITS, UNITS, generator=draw) / UNITS**0.5 @ x
    size = Architecture(UNITS, UNITS, config.depth, UNITS, "identity", **ARMS[config.arm])
    seeds = range(config.first_seed, config.first_seed + config.seeds)
    cohort = Cohort(size, seeds, [config.gain] * config.seeds)
    inputs = x.expand(config.seeds, *x.shape)
    records = recording_steps(config.steps, LINEAR_RECORDS)
    layers = _evenly(2, config.depth + 1, LAYERS)
    losses, angles = [], []

    def loss(outputs: torch.Tensor, copies: int = 1) -> torch.Tensor:
        return (outputs - y).square().sum(1).mean(1)

    with one_thread():
        for step in range(config.steps + 1):
            random = [generator.get_state() for generator in cohort.generators]
            now = loss(cohort.forward(inputs, "train"))
            gradients = torch.autograd.grad(now.sum(), cohort.parameters())
            moves = zip(cohort.parameters(), gradients, strict=True)
            coming = [p.detach() - config.learning_rate * g for p, g in moves]
            if step in records:
                report(step / config.steps)
                of = cohort.by_layer(gradients)
                here = [of[layer - 1].weight for layer in layers]
                there = gradients_after(cohort, coming, layers, inputs, loss, random)
                cosine = compared(here, there)["cosine"].numpy()
                losses.append((now.detach() / y.square().sum(0).mean()).double().numpy())
                angles.append(mean_known(np.degrees(np.arccos(cosine))))
            with torch.no_grad():
                for parameter, value in zip(cohort.parameters(), coming, strict=True):
                    parameter.copy_(value)
    kept = np.stack(losses, axis=1)
    alive = np.isfinite(kept)
    angle = np.where(alive, np.stack(angles, axis=1), np.nan)
    return LinearResult(config, np.array(records), np.where(alive, kept, np.nan), angle)


def linear(rate: str) -> list[LinearConfig]:
    """The three networks at this rate, one a piece."""
    return [LinearConfig(learning_rate=float(rate), arm=arm) for arm in ARMS]


def of_linear(results: list[LinearResult]) -> str:
    """What the deep linear networks that are done show."""
    said = []
    for result in results:
        name = NAMES[result.config.arm]
        alive = np.isfinite(result.loss[:, -1])
        if not alive.any():
            said.append(f"{name}: diverged in {count(len(alive), len(alive))}")
            continue
        end = float(np.median(result.loss[alive, -1]))
        angle = over_training(result.angle[alive], result.steps)
        lost = "" if alive.all() else f", diverged in {count(int((~alive).sum()), len(alive))}"
        said.append(
            f"{name}: loss {end:.2g}, gradient turned by {degrees(float(np.median(angle)))} on"
            f" average{lost}"
        )
    facts = f"After {results[0].config.steps} steps {'; '.join(said)}."
    return f"{facts}{_linear_verdict(results)}"


def _linear_verdict(results: list[LinearResult]) -> str:
    both = [result for result in results if result.config.arm in PAIR_NAMES]
    if len(both) < 2:
        return ""
    alive = np.isfinite(both[0].loss[:, -1]) & np.isfinite(both[1].loss[:, -1])
    if not alive.any():
        return " Where one of the two diverges there is nothing to compare."
    steps = both[0].steps
    angles = np.stack([result.angle[alive] for result in both])
    overall = compare(angles, steps, np.ones(int(alive.sum()), bool))
    late = compare(angles[..., -1:], steps[-1:], np.ones(int(alive.sum()), bool))
    words = {"batch": "BN's turns more", "plain": "plain's turns more", "": "both turn alike"}
    said = f" Over training, {words[overall.rougher]}"
    if overall.rougher == late.rougher:
        return f"{said}, at the end too."
    return f"{said}; at the last step {words[late.rougher]}."
