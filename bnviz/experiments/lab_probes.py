"""The probes of the lab: what each diagnostic measures at one moment of a training."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import torch
from torch import Tensor

from bnviz.engine.distributions import distributions
from bnviz.engine.layers import by_replica
from bnviz.engine.networks import Cohort, Intermediates, accuracies, losses
from bnviz.engine.placement import bias_gradients, constant_share, moved_gammas, variance_ratios
from bnviz.engine.probes import as_training_sees, health
from bnviz.engine.scales import growth
from bnviz.engine.shifts import movement, shift
from bnviz.engine.statistics import predicted_in_batches
from bnviz.engine.training import Probe, Snapshot
from bnviz.engine.walks import losses_along, walk
from bnviz.experiments.measuring import (
    BATCHES,
    PROBED,
    REACH,
    SPREAD_OVER,
    Measured,
    in_chunks,
    moving,
)

ONE = REACH.index(1.0)
LEAST = 1e-30  # of a variance: below it, there is none

Values = Mapping[str, Tensor]


def _samples(config: Measured) -> Tensor:
    return torch.tensor(config.data().train_inputs[: in_chunks(config, PROBED)])


def _picked(probe: Probe, pick: Callable[[Values], Values]) -> Probe:
    return lambda snapshot: pick(probe(snapshot))


def sizes(name: str) -> Callable[[Measured], Probe]:
    """One of the sizes of engine.probes.health, of all layers; a signal over its units."""

    def values(found: Values) -> Values:
        value = found[name]
        return {"value": value.square().mean(2).sqrt() if name == "unit_signal" else value}

    return lambda config: _picked(health(_samples(config)), values)


def distribution(name: str) -> Callable[[Measured], Probe]:
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


def updates(config: Measured) -> Probe:
    """std(W' - W) / std(W) of every layer, W' after the coming update."""

    def probe(snapshot: Snapshot) -> Values:
        cohort, ratios = snapshot.cohort, []
        for layer, coming in zip(cohort.layers, cohort.by_layer(snapshot.coming()), strict=True):
            now = by_replica(layer.weight.detach(), cohort.replicas)
            then = by_replica(coming.of_weight, cohort.replicas)
            ratios.append((then - now).std(1) / now.std(1))
        return {"value": torch.stack(ratios, dim=1)}

    return probe


def _quiet(snapshot: Snapshot) -> Snapshot:
    """The moment with the gradient of a pass that draws and updates nothing.

    Along the way the walks go, dropout and noise are silent and running statistics stand still;
    against a gradient taken otherwise, the walk would measure that.
    """
    cohort = snapshot.cohort
    loss = losses(cohort.forward(snapshot.inputs, "batch"), snapshot.labels)
    gradients = list(torch.autograd.grad(loss.sum(), cohort.parameters()))
    return replace(snapshot, losses=loss.detach(), gradients=gradients)


def walked(name: str) -> Callable[[Measured], Probe]:
    """Along the gradient of this moment, in steps of the learning rate of this moment."""

    def make(config: Measured) -> Probe:
        def probe(snapshot: Snapshot) -> Values:
            lengths = [length * config.rate(snapshot.step) for length in REACH]
            quiet = _quiet(snapshot)
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


def _again(snapshot: Snapshot) -> Snapshot:
    """The moment with its gradient computed once more, on statistics that were updated since.

    For batch renormalization alone, whose training pass depends on its running statistics.
    """
    part = snapshot.cohort.select(range(snapshot.cohort.replicas))
    for generator, state in zip(part.generators, snapshot.random, strict=False):
        generator.set_state(state)
    loss = losses(part.forward(snapshot.inputs, "train"), snapshot.labels)
    gradients = list(torch.autograd.grad(loss.sum(), part.parameters()))
    return replace(snapshot, gradients=gradients)


def shifted(name: str) -> Callable[[Measured], Probe]:
    """Internal covariate shift, as a change of direction ("cosine") or of everything."""

    def values(found: Values) -> Values:
        if name == "cosine":
            return {"value": torch.rad2deg(found["cosine"].arccos())}
        size = found["size"]
        return {"value": found["distance"] / torch.where(size > 0, size, torch.nan)}

    def make(config: Measured) -> Probe:
        measure = _picked(shift(moving(config)), values)
        renormalized = config.treatment == "renorm"
        return lambda snapshot: measure(_again(snapshot) if renormalized else snapshot)

    return make


def moments_moved(config: Measured) -> Probe:
    """How far mean and deviation of what enters an activation function move in one update."""
    return _picked(movement(_samples(config)), lambda found: {"value": found["moved"]})


def grown(name: str) -> Callable[[Measured], Probe]:
    """The length of the weights, or what follows from it: their "rate", or their "angle"."""

    def make(config: Measured) -> Probe:
        def probe(snapshot: Snapshot) -> Values:
            found = growth({snapshot.step} if name == "angle" else ())(snapshot)
            if name == "angle":
                return {"value": found["angle"][:, :, 1]}
            if name == "rate":
                return {"value": config.rate(snapshot.step) / found["square"]}
            return {"value": found["square"].sqrt()}

        return probe

    return make


def constant(config: Measured) -> Probe:
    """How much of what each layer hands on is the same for every sample."""
    return _picked(constant_share(_samples(config)), lambda found: {"value": found["constant"]})


def bias(config: Measured) -> Probe:
    """The root mean square of the gradients of the hidden layers' biases, (R,)."""
    return lambda snapshot: {"value": bias_gradients(snapshot)["bias"][:, 0]}


def gamma(config: Measured) -> Probe:
    """How far gamma is from where it started, in each layer."""
    return lambda snapshot: {"value": moved_gammas(snapshot)["moved"]}


def variance(config: Measured) -> Probe:
    """With dropout: the variance of weighted sums in training over that in inference."""
    return _picked(variance_ratios(_samples(config)), lambda found: {"value": found["ratio"]})


def _normalized_values(cohort: Cohort, intermediates: Intermediates) -> list[Tensor]:
    """What the normalizer of each hidden layer is given, or would be given, (R, units, samples)."""
    before = cohort.architecture.placement == "before"
    return intermediates.pre_activations[:-1] if before else intermediates.activated


def scatter(config: Measured) -> Probe:
    """How much the means of mini-batches scatter, in the deviation of single values.

    value (R, depth): the median over the units of std(mu_B) / std(x), mu_B the mean of x over a
    mini-batch; 1 / sqrt(m) where the m samples of one are independent. The network as it is, on
    BATCHES mini-batches of the training set, or on SPREAD_OVER samples together.
    """
    data, size = config.data(), config.batch()
    count = min(max(BATCHES, SPREAD_OVER // size), len(data.train_labels) // size)
    order = mixed(len(data.train_labels))[: count * size]
    samples = torch.tensor(data.train_inputs)[order]

    def probe(snapshot: Snapshot) -> Values:
        if count < 2:
            return {"value": torch.full((snapshot.cohort.replicas, config.depth), torch.nan)}
        cohort = _in_batches(snapshot.cohort, size)
        intermediates, spreads = as_training_sees(cohort, samples, Intermediates()), []
        for x in _normalized_values(cohort, intermediates):
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
    chunk = options.ghost_batch_size if options.ghost_batch_size else size
    part.architecture = replace(
        cohort.architecture, options=replace(options, ghost_batch_size=chunk)
    )
    return part


def lag(config: Measured) -> Probe:
    """How far the running statistics are from what they stand for.

    value (R, depth): sqrt(sum (mu - mu')^2 + (s - s')^2) / sqrt(sum s'^2) over the units, mu and s
    the running mean and deviation, mu' and s' those of the samples with the weights of now.
    """
    samples = _samples(config)

    def probe(snapshot: Snapshot) -> Values:
        cohort = snapshot.cohort
        intermediates, values = as_training_sees(cohort, samples, Intermediates()), []
        for layer, x in zip(cohort.layers, _normalized_values(cohort, intermediates), strict=False):
            if layer.running is None:
                values.append(torch.full((cohort.replicas,), torch.nan))
                continue
            mean, std = x.mean(2), x.std(2)
            running = by_replica(layer.running.mean, cohort.replicas)
            spread = by_replica(layer.running.variance, cohort.replicas).sqrt()
            way = (running - mean).square() + (spread - std).square()
            size = std.square().sum(1)
            values.append((way.sum(1) / torch.where(size > LEAST, size, torch.nan)).sqrt())
        return {"value": torch.stack(values, dim=1)}

    return probe


def gap(config: Measured) -> Probe:
    """Test accuracy with the statistics of each test batch, less that of inference, (R,)."""
    data, size = config.data(), config.batch()
    order = mixed(len(data.test_labels))
    inputs, labels = torch.tensor(data.test_inputs)[order], torch.tensor(data.test_labels)[order]

    def probe(snapshot: Snapshot) -> Values:
        cohort, targets = snapshot.cohort, labels.expand(snapshot.cohort.replicas, -1)
        shared = inputs.T.expand(cohort.replicas, *inputs.T.shape)
        with torch.no_grad():
            inference = accuracies(cohort.forward(shared, "inference"), targets)
            own = accuracies(predicted_in_batches(cohort, inputs, size), targets)
        return {"value": own - inference}

    return probe
