"""What is unusual in one run of the lab, and in what two differ: from their settings alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from bnviz.experiments.lab_config import LabConfig

Pieces = tuple[tuple[float, int], ...]
"""Learning rate and steps of each continuation."""


@dataclass(frozen=True, kw_only=True)
class Traits:
    """What tells a run from the usual one."""

    treatment: str  # what normalizes it, or "plain"
    unusual: Mapping[str, str | int | float]  # field -> value, where it changes the run
    pieces: Pieces


@dataclass(frozen=True, kw_only=True)
class Turned:
    """A knob that two runs have turned otherwise, and how it shows both."""

    label: str
    a: str
    b: str


@dataclass(frozen=True, kw_only=True)
class Differences:
    """In what two runs differ, and what they share all the same."""

    treatments: tuple[str, str] | None  # None: the same
    knobs: tuple[Turned, ...]
    pieces: tuple[Pieces, Pieces] | None  # None: they go on alike
    same_weights: bool  # at the start
    same_batches: bool

    @property
    def count(self) -> int:
        return len(self.knobs) + bool(self.treatments) + bool(self.pieces)


@dataclass(frozen=True, kw_only=True)
class Odd:
    """What a reader might not expect of a run's settings."""

    blocked: Literal["instance", "single sample"] | None  # the normalizer lets nothing through
    around: bool  # … but skip connections lead around it
    chunk: tuple[int, int] | None  # ghost batches that do not divide the mini-batch: both sizes
    groups: tuple[int, int, int] | None  # asked for, units, and how many there are instead


def traits(config: LabConfig) -> Traits:
    """What tells this run from the usual one."""
    unusual = {name: value for name, value in config.unusual().items() if name != "then"}
    return Traits(treatment=config.treatment, unusual=unusual, pieces=_pieces(config))


def differences(a: LabConfig, b: LabConfig) -> Differences:
    """In what two runs differ. A knob that means nothing to one of them is no difference."""
    treatments, pieces = (a.treatment, b.treatment), (_pieces(a), _pieces(b))
    return Differences(
        treatments=treatments if treatments[0] != treatments[1] else None,
        knobs=_turned(a.turned(b)),
        pieces=pieces if pieces[0] != pieces[1] else None,
        same_weights=a.same_weights(b),
        same_batches=a.same_batches(b),
    )


def unshared(config: LabConfig, arm: LabConfig) -> tuple[Turned, ...]:
    """What of a kept run is other than in the arms, though both arms share it.

    The first values are those of the kept run.
    """
    return _turned(config.unshared(arm))


def odd(config: LabConfig) -> Odd:
    """What a reader might not expect of these settings."""
    kind, options, batch = config.treatment, config.options(), config.batch()
    alone = kind in ("batch", "noisy") and (options.ghost_batch_size == 1 or batch == 1)
    undivided = config.uses("chunk") and config.chunk and batch % config.chunk
    ungrouped = kind == "group" and config.width % config.groups
    return Odd(
        blocked="instance" if kind == "instance" else "single sample" if alone else None,
        around=config.leads_around(),
        chunk=(config.chunk, batch) if undivided else None,
        groups=(config.groups, config.width, options.groups) if ungrouped else None,
    )


def _pieces(config: LabConfig) -> Pieces:
    return tuple(config.pieces[1:])


def _turned(shown: Mapping[str, tuple[str, str]]) -> tuple[Turned, ...]:
    return tuple(Turned(label=label, a=one, b=two) for label, (one, two) in shown.items())
