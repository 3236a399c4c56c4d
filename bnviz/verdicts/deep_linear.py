"""The deep linear networks that are done: where their loss ends, and whose gradient turns more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bnviz.axes import TREATMENTS, Treatment
from bnviz.verdicts import criteria
from bnviz.verdicts.shift import ARMS, Arm

if TYPE_CHECKING:
    from bnviz.experiments.deep_linear import LinearResult


@dataclass(frozen=True, kw_only=True)
class End:
    """One network. NaN: it diverged in all seeds."""

    arm: Arm
    loss: float  # relative, the median of the seeds that lasted
    turn: float  # of the gradient over training, in degrees; the same
    diverged: int
    seeds: int


@dataclass(frozen=True, kw_only=True)
class Turns:
    """Plain against BN, in the seeds in which both lasted: whose gradient turns more."""

    overall: Treatment | None  # in most seeds; None: neither's
    at_the_end: Treatment | None


@dataclass(frozen=True, kw_only=True)
class LinearVerdict:
    steps: int
    ends: tuple[End, ...]  # of those that are done
    both_done: bool  # plain and BN
    turns: Turns | None  # None: there is nothing to compare


def judge(results: Sequence[LinearResult]) -> LinearVerdict:
    """Where those that are done end, and whose gradient turns more."""
    pair = [result for result in results if result.config.arm in TREATMENTS]
    both_done = len(pair) == len(TREATMENTS)
    return LinearVerdict(
        steps=results[0].config.steps,
        ends=tuple(map(_end, results)),
        both_done=both_done,
        turns=_turns(pair) if both_done else None,
    )


def _end(result: LinearResult) -> End:
    alive = np.isfinite(result.loss[:, -1])
    turns = criteria.over_training(result.angle[alive], result.steps)
    return End(
        arm=next(arm for arm in ARMS if arm == result.config.arm),
        loss=criteria.median(result.loss[alive, -1]),
        turn=criteria.median(turns),
        diverged=int((~alive).sum()),
        seeds=len(alive),
    )


def _turns(pair: Sequence[LinearResult]) -> Turns | None:
    both = np.all([np.isfinite(result.loss[:, -1]) for result in pair], axis=0)
    if not both.any():
        return None
    angles, steps = np.stack([result.angle for result in pair]), pair[0].steps
    return Turns(
        overall=criteria.compare(angles, steps, both).more,
        at_the_end=criteria.compare(angles[..., -1:], steps[-1:], both).more,
    )
