"""The one builder of a training: seeds, cohort, plan, train.

    jobs = {
        name: training(config, changes, record_at=records) for name, changes in arms.items()
    }
    histories = side_by_side(jobs, config.steps, report, workers)

A job builds its network only when it is its turn, so that what waits holds no memory. What else a
question varies goes into the options of `training`; what is to be done with a trained network
before its memory is given back goes through `then`; a training that has other steps than its
neighbours reports through `in_parts`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, TypeVar

from bnviz.engine.networks import Cohort
from bnviz.engine.plan import Plan
from bnviz.engine.training import History, Probe, train
from bnviz.experiments.jobs import Job
from bnviz.experiments.settings import Settings

Before = TypeVar("Before")
After = TypeVar("After")

Build = Callable[[Sequence[int], Sequence[float]], Cohort]
"""Makes the networks from the seeds and the initial gains of the replicas."""


def seeds_of(config: Settings) -> range:
    """The seeds of these settings: so many, from the first one."""
    return range(config.first_seed, config.first_seed + config.seeds)


def training(
    config: Settings,
    changes: Mapping[str, Any] | None = None,
    *,
    seeds: Sequence[int] | None = None,
    gains: Sequence[float] | None = None,
    plan: Plan | None = None,
    build: Build | None = None,
    record_at: Sequence[int] | None = None,
    probes: Sequence[Probe] = (),
    tested: bool = True,
) -> Job[History]:
    """A job that builds the networks these settings describe, and trains them.

    Trainings with the same seeds and gains start from the same weights and see the same
    mini-batches in the same order, whatever else differs.

    changes: of the architecture, by the names of `Architecture`; not with `build`.
    seeds, gains: one of each a replica; None: those of the config, and its one gain for all.
    plan: how to train; None: that of the config, `config.plan`, for as many replicas.
    build: makes another kind of network (recurrent, convolutional, one that is changed before it
    trains); it is called in the job, with seeds and gains.
    record_at, probes, tested: as in `engine.training.train`.

    Raises ValueError where there are both `changes` and `build`, and where Architecture does; the
    job, where `train` does.
    """
    if changes and build is not None:
        raise ValueError("changes are of the architecture of the config; `build` makes its own")
    replicas = seeds_of(config) if seeds is None else seeds
    starts = [config.gain] * len(replicas) if gains is None else gains

    made = build or partial(Cohort, config.architecture(**changes or {}))

    def job(progress: Callable[[int], None]) -> History:
        return train(
            made(replicas, starts),
            replicas,
            config.data(),
            config.plan(len(replicas)) if plan is None else plan,
            record_at=record_at,
            probes=probes,
            tested=tested,
            progress=progress,
        )

    return job


def then(job: Job[Before], look: Callable[[Before], After]) -> Job[After]:
    """The job, and after it, on its thread, `look` at what it returns; that result stays alone."""
    return lambda progress: look(job(progress))


def in_parts(job: Job[After], steps: int, parts: int) -> Job[After]:
    """A job of `steps` steps that tells how many of `parts` equal parts of them are passed.

    For trainings of different lengths side by side, whose shares of the progress are alike.
    """
    return lambda progress: job(lambda step: progress(step * parts // steps))
