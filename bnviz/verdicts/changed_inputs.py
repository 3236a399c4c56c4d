"""Whether BN protects from inputs of another kind, and whether new statistics do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from bnviz.axes import BATCH, PLAIN
from bnviz.verdicts import criteria

if TYPE_CHECKING:
    from bnviz.experiments.changed_inputs import Inputs

Protects = Literal[
    "lost", "neither learned", "BN not learned", "hardly hurt", "by half", "somewhat", "no"
]

ADAPTED = 2
"""The judge that takes mean and deviation from the inputs it is tested on; after plain and BN."""
HALF = 0.5
"""Of what plain loses: BN that loses less keeps more than half of it."""


@dataclass(frozen=True, kw_only=True)
class World:
    """One test set, and who is right on it: test accuracy, the median seed."""

    name: str
    plain: float
    batch: float
    adapted: float  # BN with the statistics of these inputs
    restored: bool  # whether that is about as good as BN on the test set as it was


@dataclass(frozen=True, kw_only=True)
class InputsVerdict:
    protects: Protects
    plain_learned: bool
    worlds: tuple[World, ...]  # the first: as it was
    worst: World  # the change that is told of
    less: int  # in how many seeds BN loses less there than plain
    seeds: int


def judge(of: Inputs) -> InputsVerdict:
    """What changed inputs do to the trained networks."""
    accuracy = of.accuracy.astype(np.float64)
    worlds = tuple(_world(of, accuracy, place) for place in range(len(of.worlds)))
    classes = of.config.data().classes
    plain, batch = (criteria.learned(x, classes) for x in (worlds[0].plain, worlds[0].batch))
    protects, place = _protects(accuracy, worlds, plain=plain, batch=batch)
    losses = accuracy[:ADAPTED, 0] - accuracy[:ADAPTED, place]
    return InputsVerdict(
        protects=protects,
        plain_learned=plain,
        worlds=worlds,
        worst=worlds[place],
        less=criteria.score(losses[BATCH], losses[PLAIN], lowest=True).first,
        seeds=accuracy.shape[-1],
    )


def _world(of: Inputs, accuracy: NDArray[np.float64], place: int) -> World:
    plain, batch, adapted = (criteria.usual(judge[place]) for judge in accuracy)
    as_it_was = accuracy[BATCH, 0]
    return World(
        name=of.worlds[place],
        plain=plain,
        batch=batch,
        adapted=adapted,
        restored=criteria.clearly(as_it_was, accuracy[ADAPTED, place]) != "first",
    )


def _protects(
    accuracy: NDArray[np.float64], worlds: tuple[World, ...], *, plain: bool, batch: bool
) -> tuple[Protects, int]:
    """Whether BN keeps more than plain, and in which world that is told: where it loses most."""
    if np.isnan([(one.plain, one.batch, one.adapted) for one in worlds]).any():
        return "lost", 0
    if not batch:
        return ("BN not learned" if plain else "neither learned"), 0
    rows = (PLAIN, BATCH) if plain else (BATCH,)
    if not any(_hurt(accuracy[row]) for row in rows):
        return "hardly hurt", 0
    falls = np.array([[w.plain, w.batch] for w in worlds]).T
    falls = falls[:, :1] - falls
    if not plain:
        return "no", int(falls[BATCH].argmax())
    place = int(falls[PLAIN].argmax())
    if falls[BATCH].max() <= HALF * falls[PLAIN].max() and _less(accuracy, place):
        return "by half", place
    place = int(falls[BATCH].argmax())
    return ("somewhat" if _less(accuracy, place) else "no"), place


def _hurt(accuracy: NDArray[np.float64]) -> bool:
    """Whether a network, (worlds, seeds), is clearly worse in any changed world."""
    usual, *changed = accuracy
    return any(criteria.clearly(usual, some) == "first" for some in changed)


def _less(accuracy: NDArray[np.float64], place: int) -> bool:
    """Whether BN clearly loses less than plain in this world, and not about as much."""
    plain, batch = accuracy[:ADAPTED, 0] - accuracy[:ADAPTED, place]
    clearly = criteria.clearly(-batch, -plain) == "first"
    return clearly and criteria.usual(plain) > criteria.ALIKE * criteria.usual(batch)
