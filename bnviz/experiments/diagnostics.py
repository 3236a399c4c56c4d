"""Every diagnostic of the other lessons that can be measured while any network trains."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from bnviz.engine.training import Probe
from bnviz.experiments import lab_probes as probes
from bnviz.experiments.measuring import (
    BATCHES,
    PROBED,
    REACH,
    SPREAD_OVER,
    Measured,
    everyone,
    hidden,
    looking,
    looking_closely,
    moving,
    remembering,
    scattering_memory,
    shifting,
    shifting_memory,
    walking,
    walking_memory,
)

TESTED = 450  # samples of the test set, about
WITH_STATISTICS = ("batch", "renorm", "switchable", "noisy")
"""The normalizers that use other samples in training, and running statistics in inference."""

Reason = Literal[
    "no running statistics", "no gamma", "gamma is frozen", "no dropout", "never idle",
    "one mini-batch", "no bias",
]  # fmt: skip
"""Why a diagnostic means nothing for a run."""


@dataclass(frozen=True, kw_only=True)
class Diagnostic:
    """One thing to measure during training.

    The probe returns `value`, (R,) in the shape "run", (R, layers) in the shape "layers", and
    (R, layers, QUANTILES) in the shape "ridges", there with `zeros`, (R, layers). A run may have
    a `low` and a `high` beside it.
    """

    shape: Literal["layers", "run", "ridges"]
    probe: Callable[[Any], Probe]
    log: bool = False  # above zero, and compared by how many times it is another
    most: int = 28  # moments at which it is measured
    cost: Callable[[Any], float] = lambda config: looking(config, PROBED)  # seconds of one moment
    memory: Callable[[Any], float] = lambda config: remembering(config, PROBED)  # bytes of one
    layers: Callable[[Any], tuple[int, ...]] = lambda config: hidden(config)
    why_not: Callable[[Any], Reason | None] = lambda config: None  # why it means nothing; None: it
    # does


def _needs_statistics(config: Measured) -> Reason | None:
    if config.treatment in WITH_STATISTICS:
        return None
    return "no running statistics"


def _needs_gamma(config: Measured) -> Reason | None:
    if config.treatment == "plain":
        return "no gamma"
    return "gamma is frozen" if config.architecture().affine == "frozen" else None


def _needs_dropout(config: Measured) -> Reason | None:
    return None if config.dropout else "no dropout"


def _needs_idle(config: Measured) -> Reason | None:
    if config.activation in ("relu", "tanh", "sigmoid"):
        return None
    return "never idle"


def _needs_batches(config: Measured) -> Reason | None:
    if len(config.data().train_labels) // config.batch() < 2:
        return "one mini-batch"
    return None


def _needs_bias(config: Measured) -> Reason | None:
    network = config.architecture()
    kept = network.placement == "after" or network.bias_before == "kept"
    if kept or not all(network.is_normalized(layer) for layer in hidden(config)):
        return None
    return "no bias"


DIAGNOSTICS: dict[str, Diagnostic] = {
    "signal size": Diagnostic(shape="layers", probe=probes.sizes("unit_signal"), log=True),
    "gradient size": Diagnostic(
        shape="layers", probe=probes.sizes("gradient"), log=True, layers=everyone
    ),
    "idle units": Diagnostic(shape="layers", probe=probes.sizes("idle"), why_not=_needs_idle),
    "values entering": Diagnostic(
        shape="ridges", probe=probes.distribution("entering"), cost=looking_closely
    ),
    "values inside": Diagnostic(
        shape="ridges", probe=probes.distribution("inner"), cost=looking_closely
    ),
    "values leaving": Diagnostic(
        shape="ridges", probe=probes.distribution("output"), cost=looking_closely
    ),
    "gradient entries": Diagnostic(
        shape="ridges", probe=probes.distribution("slope"), cost=looking_closely
    ),
    "mean entering": Diagnostic(
        shape="layers", probe=probes.distribution("mean"), cost=looking_closely
    ),
    "deviation entering": Diagnostic(
        shape="layers", probe=probes.distribution("deviation"), log=True, cost=looking_closely
    ),
    "constant share": Diagnostic(shape="layers", probe=probes.constant),
    "update size": Diagnostic(shape="layers", probe=probes.updates, log=True, layers=everyone),
    "length of weights": Diagnostic(
        shape="layers", probe=probes.grown("square"), log=True, layers=everyone
    ),
    "effective rate": Diagnostic(
        shape="layers", probe=probes.grown("rate"), log=True, layers=everyone
    ),
    "angle of weights": Diagnostic(shape="layers", probe=probes.grown("angle"), layers=everyone),
    "shift, turn": Diagnostic(
        shape="layers", probe=probes.shifted("cosine"), most=12, cost=shifting,
        memory=shifting_memory, layers=moving,
    ),
    "shift, change": Diagnostic(
        shape="layers", probe=probes.shifted("distance"), log=True, most=12, cost=shifting,
        memory=shifting_memory, layers=moving,
    ),
    "shift of moments": Diagnostic(
        shape="layers", probe=probes.moments_moved, log=True,
        cost=lambda config: looking(config, PROBED, passes=3),
    ),
    "loss along the gradient": Diagnostic(
        shape="run", probe=probes.walked("loss"), log=True, most=12, memory=walking_memory,
        cost=lambda config: looking(config, config.batch(), 3 + len(REACH)),
    ),
    "change of the gradient": Diagnostic(
        shape="run", probe=probes.walked("change"), log=True, most=12, cost=walking,
        memory=walking_memory,
    ),
    "beta-smoothness": Diagnostic(
        shape="run", probe=probes.walked("smoothness"), log=True, most=12, cost=walking,
        memory=walking_memory,
    ),
    "turn of the gradient": Diagnostic(
        shape="run", probe=probes.walked("turn"), most=12, cost=walking, memory=walking_memory
    ),
    "noise of the means": Diagnostic(
        shape="layers", probe=probes.scatter, why_not=_needs_batches, memory=scattering_memory,
        cost=lambda config: looking(config, max(SPREAD_OVER, BATCHES * config.batch()), passes=3),
    ),
    "running against batch": Diagnostic(
        shape="layers", probe=probes.lag, log=True, why_not=_needs_statistics
    ),
    "two modes": Diagnostic(
        shape="run", probe=probes.gap, why_not=_needs_statistics,
        cost=lambda config: looking(config, TESTED, passes=3),
    ),
    "bias gradient": Diagnostic(
        shape="run", probe=probes.bias, log=True, why_not=_needs_bias, cost=lambda config: 0.0
    ),
    "way of gamma": Diagnostic(
        shape="layers", probe=probes.gamma, why_not=_needs_gamma, cost=lambda config: 0.0
    ),
    "variance shift": Diagnostic(
        shape="layers", probe=probes.variance, why_not=_needs_dropout,
        cost=lambda config: looking(config, PROBED, passes=5),
    ),
}  # fmt: skip
"""The reader's choice -> what is measured. Everything is measured on the first PROBED training
samples, normalized as a mini-batch is in training, unless it says otherwise."""
