"""What today's networks use: who learns at how many rates, in front or behind, in what company."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from bnviz.verdicts import criteria
from bnviz.verdicts.criteria import Standing, median, standing, usual

if TYPE_CHECKING:
    from bnviz.experiments.today import TodayResult

BEFORE, AFTER = 0, 1
PLACELESS = ("plain", "weights")
"""Those that normalize no values."""


@dataclass(frozen=True, kw_only=True)
class Placed:
    """One kind of network in one place; NaN: at every rate most seeds diverged."""

    best: float  # test accuracy at its best rate
    rate: int  # the place of that rate; 0 where it diverged at all
    learned: int  # rates at which it learns


@dataclass(frozen=True, kw_only=True)
class Ways:
    """Before the branch at its best rate: the same networks, tested in four ways."""

    inference: float
    batches: float
    padded: float
    alone: float

    @property
    def same(self) -> bool:
        """Whether the accuracy is the same in any company."""
        return self.inference == self.batches == self.padded == self.alone


@dataclass(frozen=True, kw_only=True)
class TodayVerdict:
    """The networks that are trained yet, in the order of their training."""

    rates: int
    seeds: int
    before: dict[str, Placed]
    after: dict[str, Placed]  # of those whose place matters
    leader: str | None  # of the highest accuracy before the branch; None: nobody learns
    beside: dict[str, Standing]  # each of the others beside the leader, who is first
    moved: dict[str, Standing]  # before (first) against after, each at its best rate
    ways: dict[str, Ways]  # of those that learn


def judge(results: Sequence[TodayResult]) -> TodayVerdict:
    """Who is level with the best, who loses after the sum, and whom the company changes."""
    by = {one.config.arm: one for one in results}
    classes = results[0].config.data().classes
    before = {arm: _placed(one, BEFORE, classes) for arm, one in by.items()}
    moving = {arm: one for arm, one in by.items() if arm not in PLACELESS}
    after = {arm: _placed(one, AFTER, classes) for arm, one in moving.items()}
    learned = [arm for arm, one in before.items() if one.learned]
    leader = max(learned, key=lambda arm: before[arm].best, default=None)
    return TodayVerdict(
        rates=results[0].accuracy.shape[1],
        seeds=results[0].accuracy.shape[2],
        before=before,
        after=after,
        leader=leader,
        beside=_beside(by, before, leader),
        moved={
            arm: standing(
                one.accuracy[BEFORE, before[arm].rate], one.accuracy[AFTER, after[arm].rate]
            )
            for arm, one in moving.items()
        },
        ways={arm: _ways(by[arm], before[arm].rate) for arm in learned},
    )


def _placed(result: TodayResult, place: int, classes: int) -> Placed:
    ends = [usual(at_rate) for at_rate in result.accuracy[place]]
    rate = int(np.argmax(np.nan_to_num(ends, nan=-1.0)))
    learned = sum(criteria.learned(end, classes) for end in ends)
    return Placed(best=ends[rate], rate=rate, learned=learned)


def _beside(
    by: Mapping[str, TodayResult], before: Mapping[str, Placed], leader: str | None
) -> dict[str, Standing]:
    if leader is None:
        return {}

    def best(arm: str) -> NDArray[np.float32]:
        return by[arm].accuracy[BEFORE, before[arm].rate]

    return {arm: standing(best(leader), best(arm)) for arm in by if arm != leader}


def _ways(result: TodayResult, rate: int) -> Ways:
    """The medians over the seeds that did not diverge."""
    inference, batches, padded, alone = map(median, result.tested[BEFORE, rate].T)
    return Ways(inference=inference, batches=batches, padded=padded, alone=alone)
