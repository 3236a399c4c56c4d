"""Some replicas of a cohort at a time, to look at."""

from __future__ import annotations

import copy
from collections.abc import Iterator

from torch import Tensor

from bnviz.engine.networks import Cohort


def in_parts(cohort: Cohort, most: int) -> Iterator[Cohort]:
    """The cohort in parts of at most so many replicas, in order; nothing is copied.

    A part shares its tensors with the cohort and computes the same bits. It is not to be trained:
    the running statistics of BN are taken in by the whole alone.
    """
    if cohort.replicas <= most:
        yield cohort
        return
    for start in range(0, cohort.replicas, most):
        yield _some(cohort, slice(start, min(start + most, cohort.replicas)))


def _some(cohort: Cohort, chosen: slice) -> Cohort:
    part, replicas = copy.copy(cohort), cohort.replicas

    def view(tensor: Tensor) -> Tensor:
        each = len(tensor) // replicas
        return tensor[chosen.start * each : chosen.stop * each]

    for name in cohort.one_a_replica:
        setattr(part, name, getattr(cohort, name)[chosen])
    part.layers = [layer.mapped(view) for layer in cohort.layers]
    part.waiting = []
    return part
