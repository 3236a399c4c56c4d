"""Every diagnostic of the other lessons that can be measured while any network trains."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, Protocol

import numpy as np
import torch
from torch import Tensor

from bnviz.engine.data import Dataset
from bnviz.engine.distributions import distributions
from bnviz.engine.networks import Architecture, Cohort, Trace, accuracies, by_replica, losses
from bnviz.engine.placement import bias_gradients, constant_share, moved_gammas, variance_ratios
from bnviz.engine.probes import as_training_sees, health
from bnviz.engine.scales import growth
from bnviz.engine.shifts import movement, shift
from bnviz.engine.statistics import predicted_in_batches
from bnviz.engine.training import Moment, Probe
from bnviz.engine.walks import losses_along, walk
from bnviz.experiments.activations import amount, share
from bnviz.experiments.bounds import SECONDS_PER_LAYER, SECONDS_PER_OPERATION, STATES, Cost
from bnviz.experiments.settings import REACHES

PROBED = 192  # training samples that are looked at; every chunk divides it
BATCHES, SPREAD_OVER = 8, 512  # mini-batches whose statistics are compared, or of how many samples
SHIFTED = 6  # layers whose shift is measured, at most
REACH = REACHES["½ to 4"]  # of the walks, in learning rates
ONE = REACH.index(1.0)
LEAST = 1e-30  # of a variance: below it, there is none
WITH_STATISTICS = ("batch", "renorm", "switchable", "noisy")
"""The normalizers that use other samples in training, and running statistics in inference."""

Values = Mapping[str, Tensor]


class Measured(Protocol):
    """What a diagnostic must know of a run."""

    @property
    def depth(self) -> int: ...
    @property
    def width(self) -> int: ...
    @property
    def seeds(self) -> int: ...
    @property
    def activation(self) -> str: ...
    @property
    def dropout(self) -> float: ...
    @property
    def normalizer(self) -> str: ...
    @property
    def treatment(self) -> str: ...
    @property
    def optimizer(self) -> str: ...
    def cost(self) -> Cost: ...
    def batch(self) -> int: ...
    def rate(self, step: int) -> float: ...
    def data(self) -> Dataset: ...
    def architecture(self) -> Architecture: ...


@dataclass(frozen=True)
class Diagnostic:
    """One thing to measure during training, and how it is told and drawn.

    The probe returns `value`, (R,) in the shape "run", (R, layers) in the shape "layers", and
    (R, layers, QUANTILES) in the shape "ridges", there with `zeros`, (R, layers). A run may have
    a `low` and a `high` beside it.
    """

    about: str  # one sentence: what is measured
    noun: str  # in a computed sentence: "the … of A is"
    lesson: str  # where it is explained
    shape: Literal["layers", "run", "ridges"]
    unit: str  # the title of its axis
    probe: Callable[[Any], Probe]
    log: bool = False
    most: int = 28  # moments at which it is measured
    cost: Callable[[Any], float] = lambda config: looking(config, PROBED)  # seconds of one moment
    memory: Callable[[Any], float] = lambda config: remembering(config, PROBED)  # bytes of one
    layers: Callable[[Any], tuple[int, ...]] = lambda config: hidden(config)
    say: Callable[[float], str] = amount
    why_not: Callable[[Any], str] = lambda config: ""  # why it means nothing for this run; "": does


def degrees(value: float) -> str:
    return f"{value:.0f}°"


def points(value: float) -> str:
    """A difference of two accuracies."""
    return f"{100 * value + 0.0:+.1f} points of a hundred".replace("-", "−")


def hidden(config: Measured) -> tuple[int, ...]:
    """The hidden layers, from 1."""
    return tuple(range(1, config.depth + 1))


def everyone(config: Measured) -> tuple[int, ...]:
    """All layers; the output layer is depth + 1."""
    return tuple(range(1, config.depth + 2))


def moving(config: Measured) -> tuple[int, ...]:
    """At most SHIFTED layers, evenly chosen from the second, below which something moves."""
    count = min(SHIFTED, config.depth)
    places = np.rint(np.linspace(2, config.depth + 1, count)).astype(int)
    return tuple(int(place) for place in places)


# ---------------------------------------------------------------------------- what it costs


def weights_of(config: Measured) -> int:
    data = config.data()
    return config.width * (data.features + (config.depth - 1) * config.width + data.classes)


def looking(config: Measured, samples: int, copies: int = 1, passes: int = 1) -> float:
    """Seconds of one slow core for so many forward passes of all seeds (a backward one is two)."""
    operations = 2 * weights_of(config) * (samples + 8) * copies * config.seeds
    layers = SECONDS_PER_LAYER / 3 * (config.depth + 1)
    return passes * (layers + SECONDS_PER_OPERATION * operations)


def _walking(config: Measured) -> float:
    return looking(config, config.batch(), len(REACH), passes=6)


def _shifting(config: Measured) -> float:
    return looking(config, config.batch(), len(moving(config)), passes=4)


def remembering(config: Measured, samples: int) -> float:
    """Bytes of a copy of all seeds, and of two passes of which every layer's values are kept."""
    cost = config.cost()
    return cost.parameters(config.seeds) + 2 * cost.traced(config.seeds, samples)


def _walking_memory(config: Measured) -> float:
    cost, batch = config.cost(), config.batch()
    walked = cost.displaced(config.seeds, len(REACH), batch, gradient=True)
    return cost.parameters(config.seeds) + walked


def _shifting_memory(config: Measured) -> float:
    cost, batch = config.cost(), config.batch()
    copies = (2 + STATES[config.optimizer]) * cost.parameters(config.seeds)
    return copies + cost.halved(config.seeds, len(moving(config)), batch)


def _scattering_memory(config: Measured) -> float:
    available = len(config.data().train_labels)
    return remembering(config, min(available, max(SPREAD_OVER, BATCHES * config.batch())))


# ---------------------------------------------------------------------------- probes


def _samples(config: Measured) -> Tensor:
    return torch.tensor(config.data().train_inputs[:PROBED])


def _picked(probe: Probe, pick: Callable[[Values], Values]) -> Probe:
    return lambda moment: pick(probe(moment))


def _health(name: str) -> Callable[[Measured], Probe]:
    def values(found: Values) -> Values:
        value = found[name]
        return {"value": value.square().mean(2).sqrt() if name == "unit_signal" else value}

    return lambda config: _picked(health(_samples(config)), values)


def _looking_closely(config: Measured) -> float:
    """Seconds of a moment at which distributions are taken."""
    return looking(config, PROBED, passes=4)


def _distribution(name: str) -> Callable[[Measured], Probe]:
    """A distribution as quantiles, of the first seed alone; or one of its moments."""

    def values(found: Values) -> Values:
        value = found[name]
        if value.dim() == 2:
            return {"value": value}
        if name == "slope":
            value = value.log10()
        zeros = found.get(f"{name}_zeros", torch.zeros(value.shape[:2]))
        return {"value": value, "zeros": zeros}

    return lambda config: _picked(distributions(_samples(config), 1.0), values)


def _updates(config: Measured) -> Probe:
    """std(W' - W) / std(W) of every layer, W' after the coming update."""

    def probe(moment: Moment) -> Values:
        cohort, ratios = moment.cohort, []
        for layer, coming in zip(cohort.layers, cohort.by_layer(moment.coming()), strict=True):
            now = by_replica(layer.weight.detach(), cohort.replicas)
            then = by_replica(coming.weight, cohort.replicas)
            ratios.append((then - now).std(1) / now.std(1))
        return {"value": torch.stack(ratios, dim=1)}

    return probe


def _quiet(moment: Moment) -> Moment:
    """The moment with the gradient of a pass that draws and updates nothing.

    Along the way the walks go, dropout and noise are silent and running statistics stand still;
    against a gradient taken otherwise, the walk would measure that.
    """
    cohort = moment.cohort
    loss = losses(cohort.forward(moment.inputs, "batch"), moment.labels)
    gradients = list(torch.autograd.grad(loss.sum(), cohort.parameters()))
    return replace(moment, losses=loss.detach(), gradients=gradients)


def _walk(name: str) -> Callable[[Measured], Probe]:
    """Along the gradient of this moment, in steps of the learning rate of this moment."""

    def make(config: Measured) -> Probe:
        def probe(moment: Moment) -> Values:
            lengths = [length * config.rate(moment.step) for length in REACH]
            quiet = _quiet(moment)
            if name == "loss":
                found = losses_along(lengths)(quiet)
                return _banded(found["loss_there"], found["loss_here"])
            return _along(name, walk(lengths)(quiet), lengths)

        return probe

    return make


def _banded(there: Tensor, value: Tensor) -> Values:
    return {"value": value, "low": there.amin(1), "high": there.amax(1)}


def _along(name: str, found: Values, lengths: list[float]) -> Values:
    distance = found["distance"]
    if name == "change":
        return _banded(distance, distance[:, ONE])
    if name == "turn":
        return {"value": torch.rad2deg(found["cosine"][:, ONE].arccos())}
    per_length = distance / torch.tensor(lengths) / found["gradient_norm"][:, None]
    return {"value": torch.where(distance == 0, 0.0, per_length).amax(1)}


def _again(moment: Moment) -> Moment:
    """The moment with its gradient computed once more, on statistics that were updated since.

    For batch renormalization alone, whose training pass depends on its running statistics.
    """
    part = moment.cohort.select(range(moment.cohort.replicas))
    for generator, state in zip(part.generators, moment.random, strict=False):
        generator.set_state(state)
    loss = losses(part.forward(moment.inputs, "train"), moment.labels)
    gradients = list(torch.autograd.grad(loss.sum(), part.parameters()))
    return replace(moment, gradients=gradients)


def _shift(name: str) -> Callable[[Measured], Probe]:
    def values(found: Values) -> Values:
        if name == "cosine":
            return {"value": torch.rad2deg(found["cosine"].arccos())}
        size = found["size"]
        return {"value": found["distance"] / torch.where(size > 0, size, torch.nan)}

    def make(config: Measured) -> Probe:
        measure = _picked(shift(moving(config)), values)
        renormalized = config.treatment == "renorm"
        return lambda moment: measure(_again(moment) if renormalized else moment)

    return make


def _movement(config: Measured) -> Probe:
    return _picked(movement(_samples(config)), lambda found: {"value": found["moved"]})


def _growth(name: str) -> Callable[[Measured], Probe]:
    def make(config: Measured) -> Probe:
        def probe(moment: Moment) -> Values:
            found = growth({moment.step} if name == "angle" else ())(moment)
            if name == "angle":
                return {"value": found["angle"][:, :, 1]}
            if name == "rate":
                return {"value": config.rate(moment.step) / found["square"]}
            return {"value": found["square"].sqrt()}

        return probe

    return make


def _constant(config: Measured) -> Probe:
    return _picked(constant_share(_samples(config)), lambda found: {"value": found["constant"]})


def _bias(place: int) -> Callable[[Measured], Probe]:
    def probe(moment: Moment) -> Values:
        return {"value": bias_gradients(moment)["bias"][:, place]}

    return lambda config: probe


def _gamma(config: Measured) -> Probe:
    return lambda moment: {"value": moved_gammas(moment)["moved"]}


def _variance(config: Measured) -> Probe:
    return _picked(variance_ratios(_samples(config)), lambda found: {"value": found["ratio"]})


def _normalized_values(cohort: Cohort, trace: Trace) -> list[Tensor]:
    """What the normalizer of each hidden layer is given, or would be given, (R, units, samples)."""
    before = cohort.architecture.placement == "before"
    return trace.pre_activations[:-1] if before else trace.activated


def _noise(config: Measured) -> Probe:
    """How much the means of mini-batches scatter, in the deviation of single values.

    value (R, depth): the median over the units of std(mu_B) / std(x), mu_B the mean of x over a
    mini-batch; 1 / sqrt(m) where the m samples of one are independent. The network as it is, on
    BATCHES mini-batches of the training set, or on SPREAD_OVER samples together.
    """
    data, size = config.data(), config.batch()
    count = min(max(BATCHES, SPREAD_OVER // size), len(data.train_labels) // size)
    order = mixed(len(data.train_labels))[: count * size]
    samples = torch.tensor(data.train_inputs)[order]

    def probe(moment: Moment) -> Values:
        if count < 2:
            return {"value": torch.full((moment.cohort.replicas, config.depth), torch.nan)}
        cohort = _in_batches(moment.cohort, size)
        trace, spreads = as_training_sees(cohort, samples, Trace()), []
        for x in _normalized_values(cohort, trace):
            means = x.reshape(*x.shape[:2], count, size).mean(3)
            whole = x.std(2)
            ratio = means.std(2) / torch.where(whole > LEAST, whole, torch.nan)
            spreads.append(ratio.nanmedian(1).values)
        return {"value": torch.stack(spreads, dim=1)}

    return probe


def mixed(count: int) -> Tensor:
    """An order of so many samples, always the same one.

    The digits stand in the order of their writers: neighbours are alike, and mini-batches of them
    would scatter more than those that training draws.
    """
    return torch.randperm(count, generator=torch.Generator().manual_seed(0))


def _in_batches(cohort: Cohort, size: int) -> Cohort:
    """A copy that takes every `size` samples as a mini-batch of its own, or its own chunks."""
    part = cohort.select(range(cohort.replicas))
    options = cohort.architecture.options
    chunk = options.chunk if options.chunk else size
    part.architecture = replace(cohort.architecture, options=replace(options, chunk=chunk))
    return part


def _lag(config: Measured) -> Probe:
    """How far the running statistics are from what they stand for.

    value (R, depth): sqrt(sum (mu - mu')^2 + (s - s')^2) / sqrt(sum s'^2) over the units, mu and s
    the running mean and deviation, mu' and s' those of the samples with the weights of now.
    """
    samples = _samples(config)

    def probe(moment: Moment) -> Values:
        cohort = moment.cohort
        trace, values = as_training_sees(cohort, samples, Trace()), []
        for layer, x in zip(cohort.layers, _normalized_values(cohort, trace), strict=False):
            if layer.running is None:
                values.append(torch.full((cohort.replicas,), torch.nan))
                continue
            mean, deviation = x.mean(2), x.std(2)
            running = by_replica(layer.running.mean, cohort.replicas)
            spread = by_replica(layer.running.variance, cohort.replicas).sqrt()
            way = (running - mean).square() + (spread - deviation).square()
            size = deviation.square().sum(1)
            values.append((way.sum(1) / torch.where(size > LEAST, size, torch.nan)).sqrt())
        return {"value": torch.stack(values, dim=1)}

    return probe


def _gap(config: Measured) -> Probe:
    """Test accuracy with the statistics of each test batch, less that of inference, (R,)."""
    data, size = config.data(), config.batch()
    order = mixed(len(data.test_labels))
    inputs, labels = torch.tensor(data.test_inputs)[order], torch.tensor(data.test_labels)[order]

    def probe(moment: Moment) -> Values:
        cohort, targets = moment.cohort, labels.expand(moment.cohort.replicas, -1)
        shared = inputs.T.expand(cohort.replicas, *inputs.T.shape)
        with torch.no_grad():
            inference = accuracies(cohort.forward(shared, "inference"), targets)
            own = accuracies(predicted_in_batches(cohort, inputs, size), targets)
        return {"value": own - inference}

    return probe


# ---------------------------------------------------------------------------- what means nothing


def _needs_statistics(config: Measured) -> str:
    if config.treatment in WITH_STATISTICS:
        return ""
    return "it has no running statistics and computes the same in training and in inference"


def _needs_gamma(config: Measured) -> str:
    if config.treatment == "plain":
        return "it has no gamma"
    return "its gamma is frozen" if config.architecture().affine == "frozen" else ""


def _needs_dropout(config: Measured) -> str:
    return "" if config.dropout else "it has no dropout, so both variances are the same"


def _needs_idle(config: Measured) -> str:
    if config.activation in ("relu", "tanh", "sigmoid"):
        return ""
    return f"a unit of {config.activation} is never dead or saturated"


def _needs_batches(config: Measured) -> str:
    if len(config.data().train_labels) // config.batch() < 2:
        return "its mini-batch is all there is, so nothing scatters"
    return ""


def _needs_bias(config: Measured) -> str:
    network = config.architecture()
    kept = network.placement == "after" or network.bias_before == "kept"
    if kept or not all(network.is_normalized(layer) for layer in hidden(config)):
        return ""
    return "its hidden layers have no bias, because beta replaces it"


# ---------------------------------------------------------------------------- the list

_TEST = 450  # samples of the test set, about

DIAGNOSTICS: dict[str, Diagnostic] = {
    "signal size": Diagnostic(
        "How much each layer's outputs differ from sample to sample (standard deviation).",
        "signal", "signals", "layers", "deviation of the outputs",
        _health("unit_signal"), log=True,
    ),
    "gradient size": Diagnostic(
        "The length of each layer's gradient dL/dW on the mini-batch of this step.",
        "gradient", "signals", "layers", "length of dL/dW",
        _health("gradient"), log=True, layers=everyone,
    ),
    "idle units": Diagnostic(
        "The share of each layer that is dead (ReLU) or saturated (tanh, sigmoid).",
        "idle share", "activations", "layers", "share of the layer",
        _health("idle"), why_not=_needs_idle, say=share,
    ),
    "values entering": Diagnostic(
        "The distribution of what enters each activation function, in the first seed.",
        "values", "activations", "ridges", "what enters the activation function",
        _distribution("entering"), cost=_looking_closely,
    ),
    "values inside": Diagnostic(
        "The distribution of each layer's weighted sums W h (+ b), in the first seed.",
        "weighted sums", "activations", "ridges", "W h (+ b)",
        _distribution("inner"), cost=_looking_closely,
    ),
    "values leaving": Diagnostic(
        "The distribution of what each activation function gives, in the first seed.",
        "outputs", "activations", "ridges", "what the activation function gives",
        _distribution("output"), cost=_looking_closely,
    ),
    "gradient entries": Diagnostic(
        "The distribution of the sizes of the entries of dL/dW, in powers of ten; first seed.",
        "gradient entries", "activations", "ridges", "size of the entries of dL/dW",
        _distribution("slope"), cost=_looking_closely,
    ),
    "mean entering": Diagnostic(
        "The mean, over samples and units, of what enters each activation function.",
        "mean", "activations", "layers", "mean",
        _distribution("mean"), cost=_looking_closely,
    ),
    "deviation entering": Diagnostic(
        "How much what enters each activation function differs from sample to sample.",
        "deviation", "activations", "layers", "deviation", _distribution("deviation"), log=True,
        cost=_looking_closely,
    ),
    "constant share": Diagnostic(
        "How much of what each layer hands on is the same for every sample.",
        "constant share", "placement", "layers", "share of the mean square", _constant, say=share,
    ),
    "update size": Diagnostic(
        "The spread of each update over the spread of the weights it changes; about 0.001 is"
        " thought healthy.",
        "update over weights", "activations", "layers", "std of update / std of weights",
        _updates, log=True, layers=everyone,
    ),
    "length of weights": Diagnostic(
        "The length of each layer's weight matrix.",
        "length of the weights", "scale", "layers", "‖W‖",
        _growth("square"), log=True, layers=everyone,
    ),
    "effective rate": Diagnostic(
        "The learning rate over ‖W‖²: how fast weights turn whose length does not matter.",
        "effective rate", "scale", "layers", "rate / ‖W‖²",
        _growth("rate"), log=True, layers=everyone,
    ),
    "angle of weights": Diagnostic(
        "The angle between a unit's weights and their gradient: 90° where their length does not"
        " matter.",
        "angle", "scale", "layers", "degrees (median unit)",
        _growth("angle"), layers=everyone, say=degrees,
    ),
    "shift, turn": Diagnostic(
        "How far a layer's gradient turns when the layers below take their update"
        " (internal covariate shift).",
        "turn by the layers below", "shift", "layers", "degrees",
        _shift("cosine"), most=12, cost=_shifting, memory=_shifting_memory, layers=moving,
        say=degrees,
    ),
    "shift, change": Diagnostic(
        "How much a layer's gradient changes when the layers below take their update, in its own"
        " length.",
        "change by the layers below", "shift", "layers", "‖G − G'‖ / ‖G‖",
        _shift("distance"), log=True, most=12, cost=_shifting, memory=_shifting_memory,
        layers=moving,
    ),
    "shift of moments": Diagnostic(
        "How far mean and deviation of what enters each activation function move in one update.",
        "movement", "shift", "layers", "distance, in deviations", _movement, log=True,
        cost=lambda config: looking(config, PROBED, passes=3),
    ),
    "loss along the gradient": Diagnostic(
        "The loss of this step, and its range ½ to 4 learning rates further along the gradient.",
        "loss along the gradient", "landscape", "run", "loss",
        _walk("loss"), log=True, most=12, memory=_walking_memory,
        cost=lambda config: looking(config, config.batch(), 3 + len(REACH)),
    ),
    "change of the gradient": Diagnostic(
        "How much the gradient has changed after ½ to 4 learning rates along itself; the line:"
        " after one.",
        "change of the gradient", "gradients", "run", "‖Δg‖",
        _walk("change"), log=True, most=12, cost=_walking, memory=_walking_memory,
    ),
    "beta-smoothness": Diagnostic(
        "The largest change of the gradient per step length and length of the gradient.",
        "effective β-smoothness", "gradients", "run", "effective β",
        _walk("smoothness"), log=True, most=12, cost=_walking, memory=_walking_memory,
    ),
    "turn of the gradient": Diagnostic(
        "How far the gradient has turned after one learning rate along itself.",
        "turn", "gradients", "run", "degrees", _walk("turn"), most=12, cost=_walking,
        memory=_walking_memory, say=degrees,
    ),
    "noise of the means": Diagnostic(
        "How much the means of mini-batches scatter around one another, in the deviation of the"
        " values.",
        "scatter of the means", "noise", "layers", "std of means / std of values",
        _noise, why_not=_needs_batches, memory=_scattering_memory,
        cost=lambda config: looking(config, max(SPREAD_OVER, BATCHES * config.batch()), passes=3),
    ),
    "running against batch": Diagnostic(
        "How far the running mean and deviation are from those that the samples have now.",
        "lag of the running statistics", "modes", "layers", "distance, in deviations",
        _lag, log=True, why_not=_needs_statistics,
    ),
    "two modes": Diagnostic(
        "Test accuracy with the statistics of each test batch, less that of inference.",
        "advantage of batch statistics", "modes", "run", "difference in test accuracy",
        _gap, why_not=_needs_statistics,
        cost=lambda config: looking(config, _TEST, passes=3), say=points,
    ),
    "bias gradient": Diagnostic(
        "The root mean square of the gradients of the hidden layers' biases.",
        "gradient of the biases", "placement", "run", "rms of dL/db",
        _bias(0), log=True, why_not=_needs_bias, cost=lambda config: 0.0,
    ),
    "way of gamma": Diagnostic(
        "How far gamma is from where it started, in each layer.",
        "way of gamma", "placement", "layers", "root mean square", _gamma,
        why_not=_needs_gamma, cost=lambda config: 0.0,
    ),
    "variance shift": Diagnostic(
        "With dropout: variance of a layer's weighted sums in training over that in inference.",
        "variance ratio", "placement", "layers", "training / inference", _variance,
        why_not=_needs_dropout, cost=lambda config: looking(config, PROBED, passes=5),
    ),
}  # fmt: skip
"""The reader's choice -> what is measured. Everything is measured on the first PROBED training
samples, normalized as a mini-batch is in training, unless it says otherwise."""
