"""One run of the lab: the network that its knobs describe, how it trains, and what that costs."""

from __future__ import annotations

from dataclasses import replace
from math import gcd
from typing import Any, Self

import numpy as np

from bnviz.engine.architecture import Architecture
from bnviz.engine.batchnorm import Options
from bnviz.engine.distributions import QUANTILES
from bnviz.engine.plan import Plan
from bnviz.engine.training import recording_steps
from bnviz.experiments import links
from bnviz.experiments.bounds import FLOAT, SECONDS_PER_DRAW, Cost, TooLargeError
from bnviz.experiments.continuations import written
from bnviz.experiments.diagnostics import DIAGNOSTICS, Diagnostic
from bnviz.experiments.lab_knobs import ARMS, IN_COMMON, NAMES, NOTHING, USED_BY, LabKnobs
from bnviz.experiments.measuring import looking
from bnviz.experiments.plane import GRID
from bnviz.experiments.refusals import shortened
from bnviz.experiments.settings import (
    FEWEST_STEPS,
    MEMORY_LIMIT,
    OTHERWISE,
    WORK_LIMIT,
)

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


def _arm(name: str) -> str:
    if name not in ARMS:
        raise ValueError(f"the lab has arms {' and '.join(ARMS)}, and no {shortened(name)}")
    return name


def _bound() -> float:
    """Seconds that the training of one run may take, as if there were two."""
    return WORK_LIMIT - 2 * MEASURING


class LabConfig(LabKnobs):
    """One run: everything a network of the lab can be, how it trains, and what is measured."""

    @classmethod
    def lesson(cls) -> str:
        return "lab"

    @classmethod
    def from_link(cls, link: str, arm: str = "a") -> Self:
        """As Config.from_link, of one arm of the lab: "a" or "b"."""
        asked, own = links.asked(cls.lesson(), link), f"{_arm(arm)}-"
        said = {name: asked[name] for name in IN_COMMON if name in asked}
        said |= {name.removeprefix(own): asked[name] for name in asked if name.startswith(own)}
        return cls(**ARMS[arm] | cls.of_link(said))

    def link(self, app: str = "", arm: str = "a") -> str:
        """As Config.link, of the lab with this run in one of its arms: "a" or "b"."""
        fields = dict(self.in_link())
        fields["normalizer"] = NAMES[self.normalizer]  # the arms open with one each
        own = f"{_arm(arm)}-"
        said = ((name if name in IN_COMMON else own + name, text) for name, text in fields.items())
        return links.address(self.lesson(), said, app)

    def reduced(self) -> Self:
        """As Settings.reduced, and without what means nothing to this normalizer."""
        same, fields = super().reduced(), type(self).model_fields
        if self.treatment == "plain" and self.normalizer != "none":
            return same  # it normalizes none of the layers, which must stay
        idle = {name: fields[name].default for name in USED_BY if not self.uses(name)}
        alike = all(getattr(same, name) == value for name, value in idle.items())
        return same if alike else same.model_copy(update=idle)

    def batch(self) -> int:
        """How many samples a mini-batch really has."""
        return min(self.batch_size, len(self.data().train_labels))

    def options(self) -> Options:
        """What the normalizer is told; what does not fit is left out, and findings say so."""
        chunk = self.chunk if self.chunk and self.batch() % self.chunk == 0 else None
        return Options(
            momentum=self.momentum, ghost_batch_size=chunk, groups=gcd(self.groups, self.width)
        )

    def architecture(self, **changes: Any) -> Architecture:
        """The network of this run."""
        described = {
            "normalizer": "batch" if self.normalizer == "noisy" else self.normalizer,
            "normalized": self.normalized(),
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
            restarts=tuple(zip(self.starts[1:], rates[1:], strict=True)),
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
        drawn = self.cost().passing(1, GRID * GRID) * self.data().on_a_plane
        looking = 0.0 if told is None else told.memory(self)
        return self.training_memory(max(drawn, looking))

    def kept(self) -> float:
        """This network, and what is recorded."""
        records = FLOAT * self.seeds * len(self.records())
        plane = 3 * GRID * GRID * self.data().on_a_plane
        measured = 0
        if self.diagnostic != NOTHING:
            ridges = DIAGNOSTICS[self.diagnostic].shape == "ridges"
            measured = 3 * (self.depth + 1) * (QUANTILES if ridges else 1)
        taken = records * (plane + measured)
        return self.cost().parameters(self.seeds) + taken + OTHERWISE

    def abreast(self, workers: int) -> int:
        """One network, whatever there is room for."""
        return 1

    def same_weights(self, other: LabConfig) -> bool:
        """Whether the initial weights of each seed are the same in both."""
        return self.first_seed == other.first_seed and self._drawn() == other._drawn()

    def _drawn(self) -> list[tuple[int, int, float]]:
        """Inputs, outputs and standard deviation of each layer's initial weights."""
        network = self.architecture()
        return [(*one, self.gain * network.initial_std(*one)) for one in network.sizes()]

    def same_batches(self, other: LabConfig) -> bool:
        """Whether each seed's mini-batches are the same in both."""
        mine, theirs = ((one.data(), one.batch(), one.first_seed) for one in (self, other))
        return mine == theirs

    def _training(self) -> float:
        """The same without what the diagnostic takes."""
        network, total = self.architecture(), self.total_steps
        step = self.cost().step(self.seeds, self.batch()) * DEARER.get(self.treatment, 1.0)
        training = self.cost().start(self.seeds) + total * step
        noisy = 3 * network.noise_after + (self.dropout > 0)
        drawn = total * self.batch() * self.width * self.depth * self.seeds
        on_a_plane = looking(self, GRID * GRID) / self.seeds * self.data().on_a_plane
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
