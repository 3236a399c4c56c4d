"""The lab: one run of any network, any diagnostic on it, and what tells two runs apart."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from math import gcd
from typing import Annotated, Any, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import field_validator, model_validator

from bnviz.engine.distributions import QUANTILES, distance
from bnviz.engine.networks import Architecture, Cohort
from bnviz.engine.normalization import Options
from bnviz.engine.probes import decisions
from bnviz.engine.training import History, Plan, Probe, recording_steps, train
from bnviz.experiments.activations import common_range, densities, shown_layers
from bnviz.experiments.bounds import FLOAT, SECONDS_PER_DRAW, Cost, TooLargeError, bounded
from bnviz.experiments.diagnostics import DIAGNOSTICS, Diagnostic, looking
from bnviz.experiments.pair import (
    ALIKE,
    NEVER,
    OVERFLOWED,
    at_steps,
    count,
    diverged_at,
    median,
    over_training,
    portion,
    smoothed,
    stacked,
    times,
)
from bnviz.experiments.plane import GRID, as_bytes, plane_axis, plane_points
from bnviz.experiments.quoting import quoted
from bnviz.experiments.running import Report, side_by_side, silent
from bnviz.experiments.settings import (
    FEWEST_STEPS,
    LEARNING_RATES,
    MEMORY_LIMIT,
    NORMALIZED,
    OTHERWISE,
    WORK_LIMIT,
    Knob,
    Settings,
    Value,
    knobs,
    number,
)

Floats = NDArray[np.float32]

NAMES = {
    "none": "plain",
    "batch": "BN",
    "layer": "layer norm",
    "group": "group norm",
    "instance": "instance norm",
    "renorm": "renorm",
    "switchable": "switchable",
    "noisy": "noisy BN",
}
"""What a reader calls the normalizers."""

SHARED = ("dataset", "steps", "seeds", "diagnostic")
"""Set once for both arms."""

ARMS: dict[str, dict[str, Any]] = {"a": {"normalizer": "none"}, "b": {"normalizer": "batch"}}
"""What the two arms are before anybody has touched a knob."""

NOTHING = "none"
"""The diagnostic that measures nothing."""

PIECES, LONGEST = 4, 5000  # continuations, and steps of all of them together with the first
LENGTH = 40  # characters of a name
CONTINUED = 12  # records of a continuation, about

DEARER = {
    "batch": 1.7,
    "noisy": 1.7,
    "instance": 1.8,
    "group": 2.6,
    "layer": 2.8,
    "renorm": 3.0,
    "switchable": 8.0,
}
"""Times a step of plain, as measured."""
MEASURING = 5.0  # seconds of one slow core that the diagnostic of one run may take


def _bound() -> float:
    """Seconds that the training of one run may take, as if there were two."""
    return WORK_LIMIT - 2 * MEASURING


def _whole(value: Value) -> str:
    return "whole batch" if value == 0 else str(value)


class LabConfig(Settings):
    """One run: everything a network of the lab can be, how it trains, and what is measured."""

    learning_rate: Annotated[
        float,
        Knob(
            "Learning rate",
            LEARNING_RATES,
            "How far each update goes along the gradient.",
            1e-6,
            1e3,
        ),
    ] = 0.32
    normalizer: Annotated[
        str,
        Knob(
            "Normalizer",
            tuple(NAMES),
            "What keeps the values of a layer in range.",
            show=lambda value: NAMES[str(value)],
        ),
    ] = "none"
    normalized_layers: Annotated[
        str, Knob("Normalized layers", tuple(NORMALIZED), "Which hidden layers are normalized.")
    ] = "all"
    placement: Annotated[
        str,
        Knob("Placement", ("before", "after"), "Before or after the activation function."),
    ] = "before"
    groups: Annotated[int, Knob("Groups", (1, 2, 4, 8), "Of group norm.")] = 2
    chunk: Annotated[
        int,
        Knob(
            "Ghost batches",
            (0, 4, 8, 16, 32),
            "How many samples share one mean and variance.",
            show=_whole,
        ),
    ] = 0
    momentum: Annotated[
        float,
        Knob(
            "Momentum of the averages",
            (0.01, 0.1, 0.5),
            "The weight of the new mini-batch in the running averages.",
            1e-3,
            1.0,
        ),
    ] = 0.1
    affine: Annotated[
        str, Knob("Gamma and beta", ("trained", "frozen"), "Frozen: they stay at 1 and 0.")
    ] = "trained"
    gamma_start: Annotated[
        float,
        Knob("Gamma starts at", (1.0, 0.0), "In the branches that have a skip beside them."),
    ] = 1.0
    bias_before: Annotated[
        str, Knob("Bias before the normalizer", ("dropped", "kept"), "Beta replaces it.")
    ] = "dropped"
    normalize_inputs: Annotated[
        str, Knob("Normalize the inputs", ("off", "on"), "BN in front of the first layer.")
    ] = "off"
    skip: Annotated[
        str,
        Knob(
            "Skip connections", ("off", "on"), "On: each hidden layer but the first adds its input."
        ),
    ] = "off"
    dropout: Annotated[
        float,
        Knob("Dropout", (0.0, 0.1, 0.3, 0.5), "The share of outputs set to zero.", 0.0, 0.9),
    ] = 0.0
    schedule: Annotated[
        str,
        Knob("Schedule", ("constant", "cosine"), "Cosine: the rate falls to zero."),
    ] = "constant"
    weight_decay: Annotated[
        float,
        Knob("Weight decay", (0.0, 1e-4, 1e-3, 1e-2), "Pulls parameters towards zero.", 0.0, 1.0),
    ] = 0.0
    diagnostic: Annotated[
        str,
        Knob(
            "Measure",
            (NOTHING, *DIAGNOSTICS),
            "What is measured while the networks train. Measuring never changes the training.",
        ),
    ] = NOTHING
    then: str = ""

    @field_validator("then")
    @classmethod
    def _readable(cls, text: str) -> str:
        pieces_of(text)
        return text

    @model_validator(mode="after")
    def _not_too_long(self) -> Self:
        if self.total_steps > LONGEST:
            raise ValueError(
                f"steps and then together make {self.total_steps} steps; at most {LONGEST}"
            )
        return self

    @property
    def pieces(self) -> list[tuple[float, int]]:
        """(learning rate, steps) of the run's beginning and of each continuation."""
        return [(self.learning_rate, self.steps), *pieces_of(self.then)]

    @property
    def starts(self) -> list[int]:
        """The first step of each piece."""
        return [0, *accumulate(steps for _, steps in self.pieces[:-1])]

    @property
    def total_steps(self) -> int:
        return sum(steps for _, steps in self.pieces)

    @property
    def treatment(self) -> str:
        """This run in figures.theme, which has its colour; "plain": it normalizes nothing."""
        layers = NORMALIZED[self.normalized_layers](self.depth)
        return self.normalizer if self.normalizer != "none" and layers else "plain"

    def rate(self, step: int) -> float:
        """The learning rate of the piece that this step belongs to, without its schedule."""
        return self.pieces[bisect_right(self.starts, step) - 1][0]

    def batch(self) -> int:
        """How many samples a mini-batch really has."""
        return min(self.batch_size, len(self.data().train_labels))

    def options(self) -> Options:
        """What the normalizer is told; what does not fit is left out, and findings say so."""
        chunk = self.chunk if self.chunk and self.batch() % self.chunk == 0 else None
        return Options(momentum=self.momentum, chunk=chunk, groups=gcd(self.groups, self.width))

    def architecture(self, **changes: Any) -> Architecture:
        """The network of this run."""
        described = {
            "normalizer": "batch" if self.normalizer == "noisy" else self.normalizer,
            "normalized": NORMALIZED[self.normalized_layers](self.depth),
            "noise_after": self.normalizer == "noisy",
            "placement": self.placement,
            "options": self.options(),
            "skip": self.skip == "on",
            "dropout": self.dropout,
            "normalize_inputs": self.normalize_inputs == "on",
            "bias_before": self.bias_before,
            "affine": self.affine,
            "gamma_start": self.gamma_start,
        }
        return super().architecture(**(described | changes))

    def plan(self, replicas: int) -> Plan:
        """The run with its continuations: at each, the rate turns and the rest goes on."""
        rates = [rate / self.learning_rate for rate, _ in self.pieces]
        return replace(
            super().plan(replicas),
            steps=self.total_steps,
            schedule=self.schedule,  # type: ignore[arg-type]  # the knob allows no other
            weight_decay=self.weight_decay,
            turns=tuple(zip(self.starts[1:], rates[1:], strict=True)),
        )

    def records(self) -> list[int]:
        """The steps that are recorded. Those of the beginning do not depend on what follows."""
        found = set(recording_steps(self.steps))
        for start, (_, steps) in zip(self.starts[1:], self.pieces[1:], strict=True):
            evenly = np.linspace(0, steps, min(steps, CONTINUED) + 1)
            found |= {start + round(float(step)) for step in evenly}
        return sorted(found)

    def moments(self) -> list[int]:
        """The records at which the diagnostic is measured, the first and the last among them.

        As many as MEASURING allows; where not even two are affordable, or one takes too much
        memory, none.
        """
        records = self.records()
        if self.diagnostic == NOTHING:
            return []
        told = DIAGNOSTICS[self.diagnostic]
        affordable = int(MEASURING / max(told.cost(self), 1e-6))
        if affordable < 2 or self.kept() + self._held(told) > MEMORY_LIMIT:
            return []
        places = np.linspace(0, len(records) - 1, min(len(records), told.most, affordable))
        return [records[place] for place in np.rint(places).astype(int)]

    def work(self) -> float:
        """As Settings.work, for two runs like this one, with what is drawn and measured."""
        measured = 0.0
        if self.diagnostic != NOTHING:
            measured = DIAGNOSTICS[self.diagnostic].cost(self) * len(self.moments())
        return self._training() + 2 * measured

    def cost(self, **changes: Any) -> Cost:
        """What this network costs."""
        return Cost(self.architecture(**changes), self.optimizer)

    def held(self) -> float:
        """As Settings.held, with what is measured."""
        return self._held(DIAGNOSTICS[self.diagnostic] if self.moments() else None)

    def _held(self, told: Diagnostic | None) -> float:
        drawn = self.cost().passing(1, GRID * GRID) * (self.data().features == 2)
        looking = 0.0 if told is None else told.memory(self)
        return self.training_memory(max(drawn, looking))

    def kept(self) -> float:
        """This network, and what is recorded."""
        records = FLOAT * self.seeds * len(self.records())
        plane = 3 * GRID * GRID * (self.data().features == 2)
        measured = 0
        if self.diagnostic != NOTHING:
            ridges = DIAGNOSTICS[self.diagnostic].shape == "ridges"
            measured = 3 * (self.depth + 1) * (QUANTILES if ridges else 1)
        taken = records * (plane + measured)
        return self.cost().parameters(self.seeds) + taken + OTHERWISE

    def abreast(self, workers: int) -> int:
        """One network, whatever there is room for."""
        return 1

    def _training(self) -> float:
        """The same without what the diagnostic takes."""
        network, total = self.architecture(), self.total_steps
        step = self.cost().step(self.seeds, self.batch()) * DEARER.get(self.treatment, 1.0)
        training = self.cost().start(self.seeds) + total * step
        noisy = 3 * network.noise_after + (self.dropout > 0)
        drawn = total * self.batch() * self.width * self.depth * self.seeds
        on_a_plane = looking(self, GRID * GRID) / self.seeds * (self.data().features == 2)
        tested = looking(self, len(self.data().test_labels)) + on_a_plane
        return 2 * (training + noisy * SECONDS_PER_DRAW * drawn + tested * len(self.records()))

    def affordable(self) -> Self:
        """These settings as far as one run may go: what is continued is cut first.

        As Settings.affordable: fewer steps, then fewer seeds; TooLargeError where nothing fits.

        What is measured has a bound of its own, so a run has the same steps whatever is measured.
        The beginning of a run that is affordable stays as it is, however often it is continued.
        """
        for seeds in range(self.seeds, 0, -1):
            granted = (self if seeds == self.seeds else self._with(seeds)).shortened()
            enough = seeds == 1 or granted.total_steps >= min(self.total_steps, FEWEST_STEPS)
            if enough and granted._training() <= _bound() and granted.memory() <= MEMORY_LIMIT:
                return granted
        raise TooLargeError(self.too_large())

    def _with(self, seeds: int) -> Self:
        return self.model_copy(update={"seeds": seeds})

    def shortened(self) -> Self:
        """The beginning of this run, as far as it is affordable, but one step at least."""
        granted, total = self, self.total_steps
        while granted._training() > _bound() and total > 1:
            total = max(1, min(total - 1, int(total * _bound() / granted._training())))
            granted = self.first(total)
        return granted

    def first(self, steps: int) -> Self:
        """The first so many steps of the run."""
        left, kept = steps, []
        for rate, length in self.pieces:
            kept.append((rate, min(length, left)))
            left -= kept[-1][1]
        then = written([piece for piece in kept[1:] if piece[1]])
        return self.model_copy(update={"steps": kept[0][1], "then": then})


def pieces_of(then: str) -> list[tuple[float, int]]:
    """(learning rate, steps) of each continuation in "0.01x100_0.001x50"; "" is none.

    Raises ValueError, with a sentence, for anything else.
    """
    found = []
    for piece in filter(None, then.split("_")):
        match = re.fullmatch(r"([0-9]{0,4}\.?[0-9]{1,8})x([0-9]{1,4})", piece)
        if match is None:
            raise ValueError(
                f"{quoted(piece)} is no continuation; one is rate x steps, such as 0.01x100"
            )
        rate, steps = float(match[1]), int(match[2])
        if not (1e-6 <= rate <= 1e3 and 1 <= steps <= LONGEST):
            raise ValueError(
                f"{quoted(piece)} is no continuation; its rate is from 0.000001 to 1000, its steps"
                f" from 1 to {LONGEST}"
            )
        found.append((rate, steps))
    if len(found) > PIECES:
        raise ValueError(f"{len(found)} continuations; at most {PIECES}")
    return found


def written(pieces: Sequence[tuple[float, int]]) -> str:
    """The text of continuations that pieces_of reads."""
    plain = (np.format_float_positional(rate, trim="-") for rate, _ in pieces)
    return "_".join(f"{rate}x{n}" for rate, (_, n) in zip(plain, pieces, strict=True))


@dataclass(frozen=True)
class LabResult:
    """One run. NaN: after a divergence."""

    config: LabConfig
    steps: NDArray[np.int64]  # (T,)
    losses: Floats  # (seeds, T) mini-batch loss, mean since the last record
    test_losses: Floats  # (seeds, T) inference mode
    test_accuracies: Floats  # (seeds, T) inference mode, 0 to 1
    diverged_at: NDArray[np.int64]  # (seeds,) step, or NEVER
    overflowed: NDArray[np.int64]  # (seeds,) the first layer to overflow, or NEVER
    seconds: float  # of one core, for one step of one network; measured here
    parameters: int  # trainable numbers of one network
    moments: NDArray[np.int64]  # (M,) at which the diagnostic was measured
    measured: Mapping[str, Floats]  # the diagnostic: name -> (seeds, M, …), see Diagnostic
    decision: NDArray[np.uint8] | None  # (T, GRID, GRID) first seed, P(class 1) x 250; y, x
    axis: Floats | None  # (2, GRID) coordinates of the map, x and y
    points: Floats | None  # (test samples, 2)
    labels: NDArray[np.int64] | None  # (test samples,)

    @property
    def segments(self) -> tuple[tuple[int, float], ...]:
        """(first step, learning rate) of each piece of the run."""
        rates = [rate for rate, _ in self.config.pieces]
        return tuple(zip(self.config.starts, rates, strict=True))

    def final(self) -> NDArray[np.float64]:
        """Test accuracy at the end, (seeds,); 0 where it diverged."""
        end = np.nan_to_num(self.test_accuracies[:, -1].astype(np.float64), nan=0.0)
        return np.where(self.diverged_at == NEVER, end, 0.0)

    @property
    def diagnostic(self) -> Diagnostic:
        """What was measured; KeyError where nothing was."""
        return DIAGNOSTICS[self.config.diagnostic]

    def layers(self) -> tuple[int, ...]:
        """The layers (from 1; depth + 1 is the output layer) that were measured."""
        return self.diagnostic.layers(self.config)

    def why_not(self) -> str:
        """Why the diagnostic was not measured on this run; "" where it was."""
        if not len(self.moments):
            return "it takes too long in networks this many and this large"
        return self.diagnostic.why_not(self.config)

    def ridges_with(self, other: LabResult) -> tuple[Ridges, Ridges]:
        """Both runs' distributions as densities on one axis, with those of the other."""
        return ridges(self, other)


@dataclass(frozen=True)
class Ridges:
    """One run's distributions, layer by layer, on an axis that it shares with another run."""

    layers: NDArray[np.int64]  # (L,) from 1
    low: float  # the ends of the axis
    high: float
    density: NDArray[np.uint8]  # (M, L, BINS) each with a scale of its own
    zeros: NDArray[np.float64]  # (M, L) share of exact zeros, not in the density; NaN: diverged
    outside: NDArray[np.float64]  # (M, L) share beyond the axis


def ridges(a: LabResult, b: LabResult) -> tuple[Ridges, Ridges]:
    """The distributions of both first seeds on one axis, on which the narrower one can be seen."""
    runs, values, zeros = (a, b), [], []
    layers = [shown_layers(run.config.depth) for run in runs]
    for run, shown in zip(runs, layers, strict=True):
        empty = np.full((max(1, len(run.moments)), run.config.depth, QUANTILES), np.nan)
        found = run.measured["value"][0].astype(np.float64) if run.measured else empty
        gone = run.measured["zeros"][0] if run.measured else empty[..., 0]
        gone = np.where(np.isnan(found).all(-1) & (gone < 1), np.nan, gone.astype(np.float64))
        values.append(found[:, shown - 1])
        zeros.append(gone[:, shown - 1])
    shares = (0.03, 1.0) if a.config.diagnostic == "gradient entries" else (0.002, 0.998)
    low, high = _shared_range(values, *shares)
    made = []
    for shown, found, gone in zip(layers, values, zeros, strict=True):
        with np.errstate(invalid="ignore"):
            beyond = ((found < low) | (found > high)).mean(-1) * (1 - gone)
        made.append(Ridges(shown, low, high, densities(found, low, high), gone, beyond))
    return made[0], made[1]


def _shared_range(values: Sequence[NDArray[np.float64]], *shares: float) -> tuple[float, float]:
    """activations.common_range, with the run of the smaller extent as the one that must be seen."""

    def extent(one: NDArray[np.float64]) -> float:
        known = one[np.isfinite(one)]
        return float(np.ptp(np.quantile(known, shares))) if known.size else np.inf

    ordered = sorted((one.ravel() for one in values), key=extent, reverse=True)
    return common_range(ordered, *shares)


@dataclass(frozen=True)
class Run:
    """A run as a picture shows it: under a letter (the arms) or a number (those kept)."""

    label: str  # "A", "B", "1", "2", …
    name: str
    result: LabResult


def clock_steps(*results: LabResult) -> NDArray[np.int64]:
    """The moments of the page's clock: all that one of the results has recorded."""
    return np.unique(np.concatenate([result.steps for result in results]))


@bounded
def run(config: LabConfig, report: Report = silent, workers: int = 2) -> LabResult:
    """Train one arm. The same config gives the same bits, but for `seconds`.

    A continuation replays what came before it: that is the same to the bit.
    """
    data = config.data()
    axis = plane_axis(data.train_inputs) if data.features == 2 else None
    probes = [] if axis is None else [decisions(plane_points(axis))]
    moments = config.moments()
    if moments:
        probes.append(_at(moments, DIAGNOSTICS[config.diagnostic].probe(config)))
    seeds = range(config.first_seed, config.first_seed + config.seeds)

    def job(progress: Callable[[int], None]) -> History:
        cohort = Cohort(config.architecture(), seeds, [config.gain] * config.seeds)
        plan, records = config.plan(config.seeds), config.records()
        return train(cohort, seeds, data, plan, record_at=records, probes=probes, progress=progress)

    history = side_by_side({"run": job}, config.total_steps, report, workers)["run"]
    plane = axis is not None
    places = np.searchsorted(history.steps, moments)
    decided = stacked({"run": history}, "decision", (GRID * GRID,), ["run"]) if plane else None
    return LabResult(
        config,
        history.steps,
        smoothed(history),
        history.test_losses,
        history.test_accuracies,
        diverged_at(history),
        np.array([NEVER if one is None else one.layer for one in history.divergences]),
        history.training_seconds / (config.total_steps * config.seeds),
        history.cohort.parameter_count(),
        np.array(moments, np.int64),
        _kept(history, config, places),
        None if decided is None else as_bytes(decided[:, 0])[0],
        axis,
        data.test_inputs if plane else None,
        data.test_labels if plane else None,
    )


def _kept(
    history: History, config: LabConfig, places: NDArray[np.int64]
) -> dict[str, NDArray[np.float32]]:
    """What the diagnostic found at its moments; of whole distributions, the first seed's alone."""
    first = config.diagnostic != NOTHING and DIAGNOSTICS[config.diagnostic].shape == "ridges"
    return {
        name: values[:1, places] if first else values[:, places]
        for name, values in history.probes.items()
        if name in ("value", "low", "high", "zeros")
    }


def cut(config: LabConfig) -> str:
    """That a run would take too long for one visitor, and what is run instead; "" where not."""
    granted = config.affordable()
    if granted == config:
        return ""
    fewer = f" and {granted.seeds} of {config.seeds} seeds" * (granted.seeds < config.seeds)
    return (
        f"{config.total_steps} steps of this many and this large networks, with what is measured,"
        " would take too long, or too much memory, for one visitor: trained for"
        f" {granted.total_steps} steps{fewer} instead."
    )


def _at(moments: Sequence[int], probe: Probe) -> Probe:
    """The probe, at these steps alone."""
    return lambda moment: probe(moment) if moment.step in moments else {}


# ---------------------------------------------------------------------------- names


def _many(number: int, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def _plain(value: object) -> str:
    return number(value) if isinstance(value, int | float) else str(value)


SHORT: dict[str, Callable[[Any], str]] = {
    "learning_rate": lambda rate: f"rate {rate:g}",
    "then": lambda then: "then " + ", ".join(f"{rate:g}" for rate, _ in pieces_of(then)),
    "activation": _plain,
    "optimizer": _plain,
    "depth": lambda depth: _many(depth, "layer"),
    "width": lambda width: f"width {width}",
    "batch_size": lambda size: f"batch {size}",
    "dataset": _plain,
    "placement": _plain,
    "normalized_layers": lambda some: f"in {some}",
    "groups": lambda groups: _many(groups, "group"),
    "chunk": lambda chunk: f"chunks of {chunk}",
    "skip": lambda _: "skips",
    "dropout": lambda share: f"dropout {share:g}",
    "gain": lambda gain: f"gain {gain:g}",
    "initialization": _plain,
    "affine": lambda how: f"{how} γ, β",
    "gamma_start": lambda start: f"γ from {start:g}",
    "bias_before": lambda how: f"bias {how}",
    "normalize_inputs": lambda _: "BN on inputs",
    "schedule": _plain,
    "weight_decay": lambda decay: f"decay {decay:g}",
    "momentum": lambda momentum: f"momentum {momentum:g}",
    "steps": lambda steps: _many(steps, "step"),
    "first_seed": lambda seed: f"seeds from {seed}",
}
"""What differs from the defaults, in a few letters, the most telling first."""

USED = ("batch", "layer", "group", "instance", "renorm", "switchable", "noisy")
USED_BY = {
    "groups": ("group",),
    "chunk": ("batch", "renorm", "noisy"),
    "momentum": ("batch", "renorm", "switchable", "noisy"),
    **dict.fromkeys(
        ("normalized_layers", "placement", "affine", "bias_before", "gamma_start"), USED
    ),
}
"""Knobs that mean something to some normalizers only."""


def _uses(config: LabConfig, name: str) -> bool:
    """Whether turning this knob would change the run."""
    if name == "gamma_start" and config.skip == "off":
        return False
    if name == "bias_before" and config.placement == "after":
        return False
    return name not in USED_BY or config.treatment in USED_BY[name]


def described(config: LabConfig) -> str:
    """A short name of a run, from what differs from the defaults; at most 40 characters."""
    parts = [NAMES.get(config.treatment, NAMES["none"])]
    for name, short in SHORT.items():
        value = getattr(config, name)
        if value != LabConfig.model_fields[name].default and _uses(config, name):
            parts.append(short(value))
    said = ", ".join(parts)
    while len(said) > LENGTH:
        parts = parts[:-1]
        said = ", ".join(parts) + ", …"
    return said


# ---------------------------------------------------------------------------- in what they differ

COUNTS = ("no", "one", "two", "three", "four", "five", "six")


def _apart(a: LabConfig, b: LabConfig) -> dict[str, tuple[str, str]]:
    """The knobs in which the arms differ, by what the reader calls them, and their values."""
    declared, found = knobs(LabConfig), {}
    if a.treatment != b.treatment:
        found["the normalizer"] = (_name(a), _name(b))
    for name, knob in declared.items():
        one, two = getattr(a, name), getattr(b, name)
        shared = name in ("diagnostic", "normalizer")
        if not shared and one != two and _uses(a, name) and _uses(b, name):
            found[f"the {knob.label[0].lower()}{knob.label[1:]}"] = (knob.show(one), knob.show(two))
    if a.then != b.then:
        found["how they go on"] = (_goes_on(a), _goes_on(b))
    return found


def _name(config: LabConfig) -> str:
    return NAMES.get(config.treatment, NAMES["none"])


def _goes_on(config: LabConfig) -> str:
    pieces = [f"{rate:g} for {steps} steps" for rate, steps in pieces_of(config.then)]
    return ", then ".join(pieces) or "not at all"


def differences(a: LabConfig, b: LabConfig) -> str:
    """In what the two arms differ, and what they share all the same."""
    apart = _apart(a, b)
    if not apart:
        return "**The arms are the same**: turn a knob of one of them."
    said = [f"{name} ({one}, {two})" for name, (one, two) in apart.items()]
    if len(said) == 1:
        start = f"The arms differ in **{said[0].split(' (')[0]} alone**"
        start += f" ({', '.join(next(iter(apart.values())))})."
    else:
        count = COUNTS[len(said)] if len(said) < len(COUNTS) else str(len(said))
        blamed = "neither" if len(said) == 2 else "none of them"
        start = (
            f"The arms differ in **{count} things**: {', '.join(said[:-1])} and {said[-1]}, so"
            f" {blamed} can be blamed alone."
        )
    return f"{start} {_shared(a, b)}"


def _shared(a: LabConfig, b: LabConfig) -> str:
    """Whether they start from the same weights and see the same mini-batches."""
    weights, batches = same_weights(a, b), same_batches(a, b)
    if weights and batches:
        return "Both start from the same weights and see the same mini-batches."
    if weights:
        return "Both start from the same weights, but see different mini-batches."
    if batches:
        return "They start from different weights, but see the same mini-batches."
    return "They start from different weights and see different mini-batches."


def same_weights(a: LabConfig, b: LabConfig) -> bool:
    """Whether the initial weights of each seed are the same in both."""

    def drawn(config: LabConfig) -> list[tuple[int, int, float]]:
        network = config.architecture()
        return [(*one, config.gain * network.initial_deviation(*one)) for one in network.sizes()]

    return a.first_seed == b.first_seed and drawn(a) == drawn(b)


def same_batches(a: LabConfig, b: LabConfig) -> bool:
    """Whether each seed's mini-batches are the same in both."""
    whose = [(one.dataset, one.batch(), one.first_seed) for one in (a, b)]
    return whose[0] == whose[1]


# ---------------------------------------------------------------------------- findings

SMALL = 0.01  # of test accuracy: closer than this is about the same
NOTHING_LEARNED = 0.15  # of accuracy above guessing: a network within it has learned nothing


def findings(a: LabResult, b: LabResult) -> list[str]:
    """What the two runs show, in sentences; the first is the headline."""
    arms = {"A": a, "B": b}
    said = [_headline(a, b), *_measured(a, b), *_on_the_way(a, b)]
    for letter, arm in arms.items():
        said += _diverged(letter, arm) + _turned(letter, arm) + _odd(letter, arm.config)
    return [*said, _cost(a, b)]


def _who(letter: str, result: LabResult) -> str:
    return f"{letter} ({_name(result.config)})"


def _headline(a: LabResult, b: LabResult) -> str:
    who, ends = (_who("A", a), _who("B", b)), (a.final(), b.final())
    lost = [bool((arm.diverged_at != NEVER).all()) for arm in (a, b)]
    middles = [float(np.median(end)) for end in ends]
    if not _apart(a.config, b.config):
        end = "both diverged" if all(lost) else f"{portion(middles[0])} test accuracy"
        return f"**Both arms are the same**, to the bit: {end}."
    if all(lost):
        return "**Both arms diverged in every seed**: their losses stopped being numbers."
    if any(lost):
        gone, left = (0, 1) if lost[0] else (1, 0)
        return (
            f"**{who[gone]} diverged in every seed; {who[left]}"
            f" {_how_well((a, b)[left], middles[left])}**:"
            f" {portion(middles[left])} test accuracy at the end (median).{_no_help(a, b, gone)}"
        )
    if not any(_learned(arm, middle) for arm, middle in zip((a, b), middles, strict=True)):
        much = "" if max(middles) < _guessing(a) + NOTHING_LEARNED else " much"
        return (
            f"**Neither arm learned{much}**: {portion(middles[0])} and {portion(middles[1])} test"
            f" accuracy at the end (medians), and guessing gets {portion(_guessing(a))}."
        )
    return _closer(a, b, who, middles)


def _how_well(result: LabResult, accuracy: float) -> str:
    if _learned(result, accuracy):
        return "got through"
    little = accuracy >= _guessing(result) + NOTHING_LEARNED
    return "learned little" if little else "learned nothing"


def _closer(a: LabResult, b: LabResult, who: tuple[str, str], middles: list[float]) -> str:
    paired = min(len(a.diverged_at), len(b.diverged_at))
    ends = a.final()[:paired], b.final()[:paired]
    wins = [int((ends[0] > ends[1]).sum()), int((ends[1] > ends[0]).sum())]
    if abs(middles[0] - middles[1]) <= SMALL:
        return (
            f"**About the same**: {portion(middles[0])} test accuracy at the end for {who[0]},"
            f" {portion(middles[1])} for {who[1]} (medians; B is ahead in"
            f" {count(wins[1], paired)}, A in {count(wins[0], paired)}).{_no_help(a, b, None)}"
        )
    best = 0 if middles[0] > middles[1] else 1
    return (
        f"**{who[best]} ends ahead in {count(wins[best], paired)}**: {portion(middles[best])}"
        f" test accuracy, {who[1 - best]} {portion(middles[1 - best])}, by the median"
        f" seed.{_no_help(a, b, 1 - best)}"
    )


def _no_help(a: LabResult, b: LabResult, behind: int | None) -> str:
    """That normalizing does not help, where one arm does not and is not behind (None: neither)."""
    kinds = [arm.config.treatment for arm in (a, b)]
    if kinds.count("plain") != 1 or len(_apart(a.config, b.config)) != 1:
        return ""
    other = 1 - kinds.index("plain")
    if behind is not None and behind != other:
        return ""
    return f" Here {_name((a, b)[other].config)} does not help."


def _guessing(result: LabResult) -> float:
    return 1 / result.config.data().classes


def _learned(result: LabResult, accuracy: float) -> bool:
    """Whether this is closer to being always right than to guessing."""
    return accuracy >= (1 + _guessing(result)) / 2


def _on_the_way(a: LabResult, b: LabResult) -> list[str]:
    """Who was ahead over all of training, in seeds that did not diverge."""
    ends = [float(np.median(arm.final())) for arm in (a, b)]
    if not any(_learned(arm, end) for arm, end in zip((a, b), ends, strict=True)):
        return []
    if not _apart(a.config, b.config) or a.steps[-1] != b.steps[-1]:
        return []
    paces = []
    for arm in (a, b):
        alive = arm.diverged_at == NEVER
        if not alive.any():
            return []
        paces.append(median(over_training(arm.test_accuracies[alive].astype(float), arm.steps)))
    start = f"Averaged over training, test accuracy is {portion(paces[0])} in A and"
    start += f" {portion(paces[1])} in B"
    if any((arm.diverged_at != NEVER).any() for arm in (a, b)):
        start += ", in the seeds that did not diverge"
    if abs(paces[0] - paces[1]) <= SMALL:
        return [f"{start}: both learn at about the same pace."]
    return [f"{start}: {'A' if paces[0] > paces[1] else 'B'} learns faster."]


def _diverged(letter: str, result: LabResult) -> list[str]:
    lost = result.diverged_at[result.diverged_at != NEVER]
    if not len(lost):
        return []
    layers = {int(layer) for layer in result.overflowed if layer != NEVER}
    depth = result.config.depth
    named = ["the output layer" if one > depth else f"layer {one}" for one in sorted(layers)]
    where = f" The numbers overflowed first in {named[0]}." if len(named) == 1 else ""
    return [
        f"{letter} diverged in {count(len(lost), result.config.seeds)}, at {at_steps(lost)}:"
        f" its loss or its gradient stopped being a number.{where}"
    ]


def _turned(letter: str, result: LabResult) -> list[str]:
    """What each continuation changed."""
    said, config = [], result.config
    ends = [*config.starts[1:], config.total_steps]
    for (start, rate), before, end in zip(
        result.segments[1:], result.segments, ends[1:], strict=False
    ):
        columns = np.searchsorted(result.steps, [start, end])
        was, became = (median(result.test_accuracies[:, column]) for column in columns)
        if not np.isfinite([was, became]).all():
            continue
        verb = "is still" if abs(was - became) < 0.005 else "goes"
        change = (
            f"{verb} {portion(was)}"
            if verb == "is still"
            else (f"goes from {portion(was)} to {portion(became)}")
        )
        said.append(
            f"{letter} goes on from step {start} with a rate of {rate:g} after {before[1]:g}: its"
            f" test accuracy {change} by step {end} (medians)."
        )
    return said


def _odd(letter: str, config: LabConfig) -> list[str]:
    """What a reader might not expect of these settings."""
    said, kind = [], config.treatment
    passed = config.skip == "on" and 1 not in NORMALIZED[config.normalized_layers](config.depth)
    if kind == "instance":
        through = (
            "the input gets by on the skip connections alone"
            if passed
            else ("nothing of the input gets through")
        )
        said.append(
            f"{letter}: instance norm takes mean and deviation over the space of one feature, which"
            f" here is a single value. It becomes zero, whatever it was, and {through}."
        )
    if _uses(config, "chunk") and config.chunk and config.batch() % config.chunk:
        said.append(
            f"{letter}: ghost batches of {config.chunk} do not divide a mini-batch of"
            f" {config.batch()}, so its statistics are those of the whole batch."
        )
    alone = config.options().chunk == 1 or config.batch() == 1
    if kind in ("batch", "noisy") and alone:
        apart = (
            "inputs differ on the skip connections alone"
            if passed
            else ("the network cannot tell them apart")
        )
        said.append(
            f"{letter}: a single sample is its own mean, so in training its BN gives β for every"
            f" input and {apart}."
        )
    if kind == "group" and config.width % config.groups:
        said.append(
            f"{letter}: {config.groups} groups do not divide {config.width} units, so there are"
            f" {config.options().groups}."
        )
    return said


def _cost(a: LabResult, b: LabResult) -> str:
    counts = f"A has {a.parameters:,} parameters, B {b.parameters:,}"
    lost = any((arm.diverged_at != NEVER).any() for arm in (a, b))  # on the way, others got dearer
    if lost or min(a.seconds, b.seconds) <= 0:
        return f"{counts}."
    ratio = b.seconds / a.seconds
    if max(ratio, 1 / ratio) < ALIKE:
        return f"{counts}; a step takes about the same time."
    letter, other = ("B", "A") if ratio >= 1 else ("A", "B")
    return (
        f"{counts}; one step of {letter} took {times(max(ratio, 1 / ratio))} as long as of {other}."
    )


# ---------------------------------------------------------------------------- the diagnostic


def _measured(a: LabResult, b: LabResult) -> list[str]:
    """What the diagnostic says of both arms."""
    if a.config.diagnostic == NOTHING or a.config.diagnostic != b.config.diagnostic:
        return []
    arms, said = {"A": a, "B": b}, []
    there = {letter: arm for letter, arm in arms.items() if not arm.why_not()}
    for letter, arm in arms.items():
        if letter not in there:
            said.append(f"{letter} is not measured: {arm.why_not()}.")
        elif not np.isfinite(arm.measured.get("value", np.array(np.nan))).any():
            said.append(f"{letter} diverged before anything could be measured.")
            del there[letter]
    if not there:
        return said
    tell = {"layers": _by_layer, "run": _by_run, "ridges": _by_drift}[a.diagnostic.shape]
    return [tell(there), *said]


def _by_layer(arms: Mapping[str, LabResult]) -> str:
    typical, found, told = {}, {}, next(iter(arms.values())).diagnostic
    for letter, arm in arms.items():
        values, step = _last(arm)
        layers = arm.layers()
        ends = {0: _layer(arm, layers[0]), len(layers) - 1: _layer(arm, layers[-1])}
        inside = [f"{_said(told, median(values[:, row]))} in {end}" for row, end in ends.items()]
        found[letter] = (f"{' and '.join(inside)} of {letter}", step)
        typical[letter] = median(arm.measured["value"].astype(np.float64))
    steps = {step for _, step in found.values()}
    if len(steps) == 1:
        when, parts = f" at step {steps.pop()}", [said for said, _ in found.values()]
    else:
        when, parts = "", [f"{said} (step {step})" for said, step in found.values()]
    start = f"The {told.noun}{when}: {'; '.join(parts)}."
    return start + _compared(told, typical, "layers and training")


def _said(told: Diagnostic, value: float) -> str:
    return told.say(value) if np.isfinite(value) else "no number"


def _layer(result: LabResult, layer: int) -> str:
    return "the output layer" if layer > result.config.depth else f"layer {layer}"


def _last(result: LabResult) -> tuple[NDArray[np.float64], int]:
    """The values at the last moment that has a number, (seeds, …), and its step."""
    values = result.measured["value"].astype(np.float64)
    known = np.isfinite(values).any(axis=tuple(i for i in range(values.ndim) if i != 1))
    place = int(np.flatnonzero(known)[-1])
    return values[:, place], int(result.moments[place])


def _by_run(arms: Mapping[str, LabResult]) -> str:
    told, typical = next(iter(arms.values())).diagnostic, {}
    for letter, arm in arms.items():
        values = arm.measured["value"].astype(np.float64)
        alive = values[np.isfinite(values).all(1)]
        over = over_training(alive, arm.moments) if len(alive) else values[np.isfinite(values)]
        typical[letter] = median(np.clip(over, -OVERFLOWED, OVERFLOWED))
    parts = [f"{_said(told, value)} in {letter}" for letter, value in typical.items()]
    start = f"Averaged over training, the {told.noun} is {' and '.join(parts)}"
    return f"{start}.{_compared(told, typical, '')}"


def _compared(told: Diagnostic, typical: Mapping[str, float], over: str) -> str:
    """How many times the one is the other, where both are above zero and it can be said so."""
    if len(typical) < 2 or not told.log:
        return ""
    a, b = (float(np.clip(value, 1 / OVERFLOWED, OVERFLOWED)) for value in typical.values())
    if not np.isfinite([a, b]).all():
        return ""
    where = f" (median over {over})" if over else ""
    if max(a / b, b / a) < ALIKE:
        return f" Both are about the same{where}."
    larger, smaller = ("A", "B") if a > b else ("B", "A")
    return f" {larger}'s is {times(max(a / b, b / a))} {smaller}'s{where}."


def _by_drift(arms: Mapping[str, LabResult]) -> str:
    """How far the distributions moved from where they were at the start; first seed."""
    told, parts = next(iter(arms.values())).diagnostic, []
    for letter, arm in arms.items():
        values = arm.measured["value"][:1].astype(np.float64)
        if not np.isfinite(values[0, 0]).any():
            parts.append(f"{letter} has none")
            continue
        end, step = _last(arm)
        start = values[0, 0]
        with np.errstate(all="ignore"):
            deviation = np.maximum(start.std(-1), 1e-12)
            moved = median(distance(end[0], start) / deviation)
        parts.append(f"by {_said(told, moved)} in {letter} (step {step})")
    return (
        f"From the start to the end, the {told.noun} of a typical layer moved"
        f" {' and '.join(parts)}, in their deviations at the start (first seed)."
    )
