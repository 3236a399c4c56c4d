"""The knobs of one run of the lab, and in which of them two runs differ."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from itertools import accumulate
from typing import Annotated, Any, Self

from pydantic import Field, field_validator, model_validator

from bnviz.axes import SHORT
from bnviz.experiments import drawn_points
from bnviz.experiments.continuations import LONGEST, Piece, pieces_of
from bnviz.experiments.data_knobs import DATA_KNOBS, DRAWN, POINTS, why_idle
from bnviz.experiments.diagnostics import DIAGNOSTICS
from bnviz.experiments.own_samples import OwnDataSettings
from bnviz.experiments.settings import LEARNING_RATES, NORMALIZED, Knob, Value, knobs

NORMALIZERS = ("batch", "layer", "group", "instance", "renorm", "switchable", "noisy")
NAMES = {"none": SHORT["plain"]} | {name: SHORT[name] for name in NORMALIZERS}
"""What a reader calls the normalizers."""

SHARED = (*DATA_KNOBS, "steps", "seeds", "diagnostic")
"""The knobs that are set once for both arms."""
IN_COMMON = (*SHARED, POINTS)
"""All that is."""

ARMS: dict[str, dict[str, Any]] = {"a": {"normalizer": "none"}, "b": {"normalizer": "batch"}}
"""What the two arms are before anybody has touched a knob."""

DRAWN_POINTS = "Drawn points"
"""What they are called where two runs are compared."""

NOTHING = "none"
"""The diagnostic that measures nothing."""

USED_BY = {
    "groups": ("group",),
    "chunk": ("batch", "renorm", "noisy"),
    "momentum": ("batch", "renorm", "switchable", "noisy"),
    **dict.fromkeys(
        ("normalized_layers", "placement", "affine", "bias_before", "gamma_start"), NORMALIZERS
    ),
}
"""Knobs that mean something to some normalizers only."""


def _whole(value: Value) -> str:
    return "whole batch" if value == 0 else str(value)


class LabKnobs(OwnDataSettings):
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
            "What keeps the values of a layer in range. Noisy BN is BN with random noise after it.",
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
    then: Annotated[
        str, Field(description="How the run goes on: rate x steps, joined by _: 0.01x100_0.1x50.")
    ] = ""

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
    def pieces(self) -> list[Piece]:
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
        return self.normalizer if self.normalizer != "none" and self.normalized() else "plain"

    def normalized(self) -> tuple[int, ...]:
        """The hidden layers that are normalized, from 1, where anything is."""
        return NORMALIZED[self.normalized_layers](self.depth)

    def leads_around(self) -> bool:
        """Whether what a normalized layer blocks goes on beside it, on the skip connections."""
        return self.skip == "on" and 1 not in self.normalized()

    def rate(self, step: int) -> float:
        """The learning rate of the piece that this step belongs to, without its schedule."""
        return self.pieces[bisect_right(self.starts, step) - 1][0]

    def uses(self, name: str) -> bool:
        """Whether turning this knob would change the run."""
        if name in ("skip", "gamma_start") and self.depth == 1:
            return False
        if name == "gamma_start" and self.skip == "off":
            return False
        if name == "bias_before" and self.placement == "after":
            return False
        if why_idle(name, {"dataset": self.dataset}):
            return False
        return name not in USED_BY or self.treatment in USED_BY[name]

    def unusual(self) -> dict[str, Value]:
        """The knobs that are not at their defaults, and change the run, by field."""
        return {
            name: value
            for name, value in self.model_dump().items()
            if value != type(self).model_fields[name].default and self.uses(name)
        }

    def set_to(self) -> dict[str, tuple[float, str]]:
        """What describes this run: label -> where it stands among the settings, as shown.

        The normalizer as it acts, every knob that would change the run, and how it goes on.
        """
        acting = "none" if self.treatment == "plain" else self.treatment
        found = {"Normalizer": (float(list(NAMES).index(acting)), NAMES[acting])}
        for name, knob in knobs(LabKnobs).items():
            if name not in ("diagnostic", "normalizer") and self.uses(name):
                value = getattr(self, name)
                place = knob.options.index(value) if isinstance(value, str) else value
                found[knob.label] = (float(place), knob.show(value))
        if self.dataset == DRAWN:
            shown = drawn_points.told(self.points)
            found[DRAWN_POINTS] = (float(drawn_points.number(self.points)), shown)
        onward = self.then.replace("_", ", ").replace("x", " for ")
        found["Continuations"] = (float(len(pieces_of(self.then))), onward or "none")
        return found

    def apart(self, other: LabKnobs, names: Iterable[str]) -> dict[str, tuple[str, str]]:
        """Those knobs that stand elsewhere in another run: label -> both values, as shown."""
        declared, found = knobs(LabKnobs), {}
        for name in names:
            one, two = getattr(self, name), getattr(other, name)
            if one != two:
                found[declared[name].label] = (declared[name].show(one), declared[name].show(two))
        return found

    def unshared(self, arm: LabKnobs) -> dict[str, tuple[str, str]]:
        """The same for what both arms of the page share, where this run has it otherwise."""
        known = [name for name in SHARED if name != "diagnostic"]
        found = self.apart(arm, [name for name in known if self.uses(name) or arm.uses(name)])
        if self.dataset == arm.dataset == DRAWN and self.points != arm.points:
            found[DRAWN_POINTS] = (drawn_points.told(self.points), drawn_points.told(arm.points))
        return found

    def turned(self, other: LabKnobs) -> dict[str, tuple[str, str]]:
        """The same for all knobs that change both runs, but for what normalizes them."""
        shared = [
            name
            for name in knobs(LabKnobs)
            if name not in ("diagnostic", "normalizer") and self.uses(name) and other.uses(name)
        ]
        return self.apart(other, shared)
