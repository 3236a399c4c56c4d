"""Which samples are in the mini-batch of each step: an order that belongs to the seed alone."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from bnviz.engine.plan import Plan


class BatchOrder:
    """Mini-batches in an order that belongs to the seed alone, so that treatments share it.

    Every epoch is a new permutation of the samples; a last batch that is not full is left out. A
    batch_size above the number of samples is all of them. seeds: one a replica.
    """

    def __init__(self, seeds: Sequence[int], samples: int, batch_size: int) -> None:
        unique = sorted(set(seeds))
        self._which = torch.tensor([unique.index(seed) for seed in seeds])
        self._generators = [torch.Generator().manual_seed(~seed & 0x7FFFFFFF) for seed in unique]
        self._samples, self._size = samples, min(batch_size, samples)
        self._per_epoch = samples // self._size
        self._epoch = torch.empty(0)

    def at(self, step: int) -> Tensor:
        """The samples of each replica at this step, (R, batch). Steps must come in order."""
        position = step % self._per_epoch
        if position == 0:
            permutations = [torch.randperm(self._samples, generator=g) for g in self._generators]
            used = torch.stack(permutations)[self._which, : self._per_epoch * self._size]
            batches = used.view(len(used), self._per_epoch, self._size)
            self._epoch = batches.transpose(0, 1).contiguous()  # batch after batch
        return self._epoch[position]

    def keep(self, kept: Sequence[int]) -> None:
        """Go on with these replicas only."""
        chosen = torch.tensor(list(kept), dtype=torch.long)
        self._which, self._epoch = self._which[chosen], self._epoch[:, chosen]


class FewClasses(BatchOrder):
    """Mini-batches of a few classes each, in an order that belongs to the seed alone.

    At every step the classes are drawn anew, and then the samples among theirs, without
    repeats; all classes come up equally often. Where these classes have too few samples for a
    batch, further classes fill it.
    """

    def __init__(self, seeds: Sequence[int], labels: Tensor, batch_size: int, classes: int) -> None:
        super().__init__(seeds, len(labels), batch_size)
        self._classes = classes
        self._members = [torch.nonzero(labels == c).flatten() for c in labels.unique()]

    def at(self, step: int) -> Tensor:
        """The samples of each replica at this step, (R, batch). Steps must come in order."""
        drawn = torch.stack([self._drawn(generator) for generator in self._generators])
        return drawn[self._which]

    def _drawn(self, generator: torch.Generator) -> Tensor:
        order = torch.randperm(len(self._members), generator=generator).tolist()
        count, available = 0, 0
        while count < min(self._classes, len(order)) or available < self._size:
            available += len(self._members[order[count]])
            count += 1
        pool = torch.cat([self._members[place] for place in order[:count]])
        return pool[torch.randperm(len(pool), generator=generator)[: self._size]]

    def keep(self, kept: Sequence[int]) -> None:
        """Go on with these replicas only."""
        self._which = self._which[torch.tensor(list(kept), dtype=torch.long)]


def batch_order(seeds: Sequence[int], labels: Tensor, plan: Plan) -> BatchOrder:
    """The mini-batches of these seeds, as the plan wants them; labels: (train samples,)."""
    if plan.classes_per_batch is None:
        return BatchOrder(seeds, len(labels), plan.batch_size)
    return FewClasses(seeds, labels, plan.batch_size, plan.classes_per_batch)
