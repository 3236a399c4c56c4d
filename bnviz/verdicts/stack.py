"""The lit part of the stack: which numbers share a mean and a variance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from bnviz.experiments.relatives import RelativesResult


@dataclass(frozen=True, kw_only=True)
class Stack:
    """What shares mean and variance with one map of the first convolution, in training mode."""

    kind: str
    sample: int  # from 0
    channel: int  # from 0
    samples: int  # in the stack
    channels: int  # of the network
    in_a_group: int  # channels
    numbers: int  # behind the mean
    mean: float
    variance: float

    @property
    def known(self) -> bool:
        """Whether they are numbers: it did not diverge."""
        return bool(np.isfinite([self.mean, self.variance]).all())


def judge(result: RelativesResult, kind: str, place: Sequence[int]) -> Stack:
    """The lit part of the stack; place: the sample and the channel of one map, from 0."""
    config, (sample, channel) = result.config, place
    maps, pixels = len(result.labels), result.maps[kind][0, 0, 0].size
    behind = {"layer": config.width, "group": config.in_a_group(), "instance": 1}
    return Stack(
        kind=kind,
        sample=sample,
        channel=channel,
        samples=maps,
        channels=config.width,
        in_a_group=config.in_a_group(),
        numbers=pixels * behind.get(kind, maps),
        mean=float(result.mean[kind][-1, sample, channel]),
        variance=float(result.variance[kind][-1, sample, channel]),
    )
