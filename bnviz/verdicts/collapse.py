"""Collapse: who is ahead, in how many seeds. To begin with, by the last training loss."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from bnviz.axes import BATCH, PLAIN
from bnviz.verdicts import criteria

if TYPE_CHECKING:
    from bnviz.experiments.collapse import CollapseResult

Outcome = Literal["no BN", "plain", "BN", "draw"]


@dataclass(frozen=True, kw_only=True)
class CollapseVerdict:
    """Whose loss is the lower one in the end."""

    outcome: Outcome
    seeds: int
    score: criteria.Score  # plain first, BN second
    plain: criteria.Range  # the last loss, over the seeds that have one
    batch: criteria.Range  # the same
    diverged: tuple[int, int]  # seeds: plain, BN


def judge(result: CollapseResult) -> CollapseVerdict:
    """Whose last loss is lower, in how many seeds. A diverged network (NaN) is behind."""
    last = result.loss[:, :, -1]
    score = criteria.score(last[PLAIN], last[BATCH], lowest=True)
    plain, batch = criteria.diverged(result.diverged_at).sum(axis=1)
    return CollapseVerdict(
        outcome=_outcome(bool(result.config.with_bn()), score),
        seeds=result.config.seeds,
        score=score,
        plain=criteria.over_seeds(last[PLAIN]),
        batch=criteria.over_seeds(last[BATCH]),
        diverged=(int(plain), int(batch)),
    )


def _outcome(with_bn: bool, score: criteria.Score) -> Outcome:
    if not with_bn:
        return "no BN"
    leaders: dict[criteria.Leader, Outcome] = {"first": "plain", "second": "BN", "neither": "draw"}
    return leaders[score.leader]
