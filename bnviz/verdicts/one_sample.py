"""What a network makes of one sample, alone and in company, in both modes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bnviz.axes import ALONE, INFERENCE

if TYPE_CHECKING:
    from bnviz.experiments.modes import ModesResult


@dataclass(frozen=True, kw_only=True)
class SampleVerdict:
    """One sample at the last step: in the first seed, which is drawn; and counted over the seeds.

    A seed is counted where BN did not diverge and its network was measured.
    """

    dataset: str
    label: int
    mates: int  # in a mini-batch, beside it
    answers: tuple[tuple[int, float], ...] | None  # class and its probability, by company
    seeds: int  # counted
    changing: int  # of them: training mode gives it different classes in different company
    right: int  # of them: inference mode gives it its own class
    alone_right: int  # of them: training mode does so, alone
    alone_alike: int  # of them: alone, every test sample gets the same class
    torch_statistics: float  # largest relative difference to torch.nn's; NaN: it refuses one row
    torch_probabilities: float  # largest difference; NaN: BN diverged

    @property
    def called(self) -> tuple[int, ...]:
        """The classes it gets in training mode, alone and in company, in the seed that is drawn."""
        return tuple(sorted({name for name, _ in (self.answers or ())[:INFERENCE]}))

    @property
    def rows_right(self) -> int:
        """In how many of the drawn situations it gets its own class."""
        return sum(name == self.label for name, _ in self.answers or ())


def judge_sample(result: ModesResult) -> SampleVerdict:
    """What the networks make of it, alone and in company."""
    sample, probability = result.sample, result.sample.probability[-1]
    answers = None
    if np.isfinite(probability).all():
        answers = tuple((int(row.argmax()), float(row.max())) for row in probability)
    known = (sample.answers >= 0).all(axis=0)
    of = sample.answers[:, known]
    company = of[ALONE + 1 : INFERENCE]
    return SampleVerdict(
        dataset=result.config.dataset,
        label=sample.label,
        mates=result.config.whole() - 1,
        answers=answers,
        seeds=int(known.sum()),
        changing=int((company != company[:1]).any(axis=0).sum()),
        right=int((of[INFERENCE] == sample.label).sum()),
        alone_right=int((of[ALONE] == sample.label).sum()),
        alone_alike=int((sample.alone[known] == 1).sum()),
        torch_statistics=float(result.from_torch[0]),
        torch_probabilities=float(result.from_torch[1]),
    )
