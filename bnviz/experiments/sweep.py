"""Many settings at once: rates, gains and seeds are replicas of one cohort."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any


from bnviz.engine.networks import Cohort
from bnviz.engine.training import History, train
from bnviz.experiments.running import Job, Report, side_by_side, silent
from bnviz.experiments.settings import Settings


@dataclass(frozen=True)
class Start:
    """One run of a sweep: what it differs in from its neighbours."""

    learning_rate: float
    gain: float
    seed: int


def grid(config: Settings, rates: Sequence[float], gains: Sequence[float]) -> list[Start]:
    """Every rate with every gain and every seed of the settings, the seeds innermost."""
    seeds = range(config.first_seed, config.first_seed + config.seeds)
    return [Start(rate, gain, seed) for rate in rates for gain in gains for seed in seeds]


def train_sweep(
    config: Settings,
    starts: Sequence[Start],
    treatments: Mapping[str, Mapping[str, Any]],
    report: Report = silent,
    workers: int = 2,
    *,
    record_at: Sequence[int] | None = None,
) -> dict[str, History]:
    """Train every start with every treatment; a treatment is what it changes in the architecture.

    Runs of one seed share weights (times their gain) and batches, whatever the treatment. A
    History's replicas are the starts, in order. `config`'s own rate, gain and seeds play no role.
    """

    def job(changes: Mapping[str, Any]) -> Job[History]:
        architecture, seeds = config.architecture(**changes), [one.seed for one in starts]
        rates = tuple(one.learning_rate for one in starts)

        def run(progress: Callable[[int], None]) -> History:
            cohort = Cohort(architecture, seeds, [one.gain for one in starts])
            plan = replace(config.plan(len(starts)), learning_rates=rates)
            return train(cohort, seeds, config.data(), plan, record_at=record_at, progress=progress)

        return run

    jobs = {name: job(changes) for name, changes in treatments.items()}
    return side_by_side(jobs, config.steps, report, workers)
