"""The loss around a point: a surface over two directions through the space of all weights."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from bnviz.axes import TREATMENTS
from bnviz.engine.networks import Cohort
from bnviz.engine.surface import Direction, path_directions, random_directions, surface
from bnviz.engine.surface_forward import CACHE
from bnviz.engine.training import Snapshot, recording_steps
from bnviz.experiments.bounds import SECONDS_PER_OPERATION, bounded
from bnviz.experiments.jobs import Report, silent
from bnviz.experiments.landscape import MOVED, RECORDS, LandscapeConfig
from bnviz.experiments.pair import train_pair
from bnviz.experiments.result import Axes, Doubles, Floats, Result, Whole
from bnviz.experiments.settings import OTHERWISE, Knob

SECONDS = 12.0  # of one slow core that the two surfaces may take
ROOM = 8e7  # bytes of the weights that are kept on the way
FEWEST_RECORDS = 2
FEWEST = 7  # points along a side
HOLLOW = 0.1  # of the larger curvature's size: less is nearly flat
FLAT = 1e-5  # of the loss, or of 1: a second difference below it may be rounding
BETTER = 0.9  # of the loss of guessing: a network that has learned nothing is not below it
HIGHEST = 1e6  # losses above are all alike
MARGIN = 1.3  # the plane of the path reaches this much further than the path
TRAINING = 0.3  # of the progress bar

MOMENTS = ("start", "middle", "end")
PLANES = ("random directions", "path of training")
STATISTICS = ("of these samples", "held fixed")


class SurfaceConfig(LandscapeConfig):
    """A landscape's settings, and which surface is drawn: when, in which plane, how finely."""

    moment: Annotated[
        str, Knob("When in training", MOMENTS, "The weights in the middle of the picture.")
    ] = "end"
    plane: Annotated[
        str,
        Knob(
            "Plane",
            PLANES,
            "Two random directions, each row of a weight matrix as long as the row of the network;"
            " or the two directions that show most of the way the training took.",
        ),
    ] = "random directions"
    statistics: Annotated[
        str,
        Knob(
            "BN's statistics",
            STATISTICS,
            "Taken anew at every point, as in training, or the running ones of that moment.",
        ),
    ] = "of these samples"
    grid: Annotated[int, Knob("Points along a side", (21, 31, 41), "41 takes a moment.", 5, 61)] = (
        21
    )
    samples: Annotated[int, Knob("Samples", (256,), "Where the loss is taken.", 2, 1347)] = 256

    @classmethod
    def lesson(cls) -> str:
        """The same page has the knobs of the walk and of the surface."""
        return LandscapeConfig.lesson()

    def along(self) -> LandscapeConfig:
        """The settings of the walk along the gradient, which these share."""
        names = LandscapeConfig.model_fields
        return LandscapeConfig(**{name: getattr(self, name) for name in names})

    def side(self) -> int:
        """Points along a side: `grid`, or fewer where the network is large."""
        affordable = math.isqrt(int(SECONDS / (self.seeds * self._point())))
        return max(FEWEST, min(self.grid, affordable))

    def _point(self) -> float:
        """Seconds of one point, for both networks."""
        return 2 * 2 * SECONDS_PER_OPERATION * self.cost().weights * self.samples

    def records(self) -> list[int]:
        """The steps of which the weights are kept: fewer where the networks are large."""
        most = int(ROOM / (4 * self.cost().parameters(1)))
        return recording_steps(self.steps, int(np.clip(most, FEWEST_RECORDS, RECORDS)))

    def pairs(self) -> list[Self]:
        """These settings for each seed alone: one pair after the other trains."""
        first = self.first_seed
        seeds = range(first, first + self.seeds)
        return [self.model_copy(update={"seeds": 1, "first_seed": seed}) for seed in seeds]

    def work(self) -> float:
        """The pairs, and the points around each."""
        cost, points = self.cost(), self.side() ** 2
        alone = self.pairs()[0]
        trained = alone.training_work(2 * len(self.records()))
        moved = MOVED * cost.weights + cost.layers / 5
        planes = len(self.records()) ** 2 * MOVED * cost.weights
        return self.seeds * (2 * (trained + planes + points * moved) + points * self._point())

    def held(self) -> float:
        alone = self.pairs()[0]
        return alone.training_memory(self.cost().parameters(1), skip=self.skip == "on")

    def kept(self) -> float:
        """Both networks of a seed at every record."""
        return 2 * len(self.records()) * self.cost().parameters(1) + 1.5 * OTHERWISE  # measured

    def after(self) -> float:
        """The path in 64 bits and the plane through it; or, when it is gone, both planes."""
        records = len(self.records())
        path = (4 * records + 6) * (self.plane == PLANES[1])
        return max(path, 12 - 2 * records) * self.cost().parameters(1) + 8 * CACHE


def around(config: LandscapeConfig, chosen: Mapping[str, Any]) -> SurfaceConfig:
    """A walk's settings with the choices for its surface."""
    return SurfaceConfig(**config.model_dump(), **chosen)


@dataclass(frozen=True, kw_only=True, repr=False)
class SurfaceResult(Result):
    """Both treatments (plain, BN) on the first axis, then the seeds, each with its own square."""

    config: SurfaceConfig
    steps: Annotated[Whole, Axes("step", "recorded steps")]
    steps_there: Annotated[
        Whole, Axes("treatment seed", "of the weights in the middle; earlier: diverged")
    ]
    axes: Annotated[
        Doubles,
        Axes("seed axis place", "coordinates along x and y, for both treatments", drawn=True),
    ]
    losses: Annotated[Floats, Axes("treatment seed y x", "y, x; not finite where it overflows")]
    paths: Annotated[
        Doubles | None, Axes("treatment seed step axis", "training in the plane; NaN once diverged")
    ]
    explained: Annotated[
        Doubles | None, Axes("treatment seed axis", "share of the path along x and y")
    ]
    parameters: Annotated[
        Whole, Axes("treatment", "trainable numbers: the dimensions of the whole space")
    ]
    guessing: Annotated[float, Axes("", "the loss of a network that says the same for every class")]

    @property
    def typical(self) -> int:
        """The place of the seed that is drawn: its basins are nearest to the median ones."""
        shares = self.better_than_guessing()
        return int(np.abs(shares - np.median(shares, axis=1, keepdims=True)).sum(axis=0).argmin())

    @property
    def step(self) -> NDArray[np.int64]:
        """Of the seed that is drawn: the step of the weights in the middle, (2,)."""
        return self.steps_there[:, self.typical]

    @property
    def axis(self) -> NDArray[np.float64]:
        """Of the seed that is drawn: the coordinates of its square, (2, side)."""
        return self.axes[self.typical]

    @property
    def loss(self) -> NDArray[np.float32]:
        """Of the seed that is drawn, (2, side, side)."""
        return self.losses[:, self.typical]

    @property
    def path(self) -> NDArray[np.float64] | None:
        """Of the seed that is drawn, (2, T, 2)."""
        return None if self.paths is None else self.paths[:, self.typical]

    def better_than_guessing(self) -> NDArray[np.float64]:
        """The share of the square where the loss is clearly below that of guessing, (2, seeds)."""
        return (self.losses < BETTER * self.guessing).mean(axis=(2, 3))

    def curves_down(self) -> NDArray[np.bool_]:
        """Where the ground clearly curves downwards in some direction, (2, seeds, side - 2, …).

        From the second differences at each inner point: the smaller curvature is negative, and
        more than HOLLOW of the larger one's size, and more than rounding (FLAT).
        """
        z = np.clip(np.nan_to_num(self.losses.astype(np.float64), nan=HIGHEST), 0, HIGHEST)
        middle = z[..., 1:-1, 1:-1]
        xx = z[..., 1:-1, 2:] - 2 * middle + z[..., 1:-1, :-2]
        yy = z[..., 2:, 1:-1] - 2 * middle + z[..., :-2, 1:-1]
        xy = (z[..., 2:, 2:] - z[..., 2:, :-2] - z[..., :-2, 2:] + z[..., :-2, :-2]) / 4
        half, radius = (xx + yy) / 2, np.hypot((xx - yy) / 2, xy)
        least = np.maximum(HOLLOW * np.abs(half + radius), FLAT * np.maximum(middle, 1))
        return half - radius < -least

    def hollow(self) -> NDArray[np.float64]:
        """The share of the basin in which the ground curves downwards, (2, seeds); NaN: no basin.

        Far out, where BN's loss levels off and plain's climbs, it says nothing of the way down.
        """
        basin = self.losses[..., 1:-1, 1:-1] < BETTER * self.guessing
        size = basin.sum(axis=(2, 3))
        down = (basin & self.curves_down()).sum(axis=(2, 3))
        return np.where(size > 0, down / np.maximum(size, 1), np.nan)


@dataclass(frozen=True, kw_only=True)
class _Around:
    """What was found around the pair of one seed; see SurfaceResult."""

    steps: NDArray[np.int64]  # (T,)
    there: NDArray[np.int64]  # (2,)
    axis: NDArray[np.float64]  # (2, side)
    loss: NDArray[np.float32]  # (2, side, side)
    path: NDArray[np.float64] | None  # (2, T, 2)
    explained: NDArray[np.float64] | None  # (2, 2)
    parameters: NDArray[np.int64]  # (2,)


@bounded
def run(config: SurfaceConfig, report: Report = silent, workers: int = 2) -> SurfaceResult:
    """Train the pairs again, one by one, and take the loss around each. Same config, same bits."""
    found = []
    for done, pair in enumerate(config.pairs()):

        def progress(share: float, done: int = done) -> None:
            report((done + share) / config.seeds)

        found.append(_around_pair(pair, config.side(), progress, workers))
    paths = [one.path for one in found if one.path is not None]
    explained = [one.explained for one in found if one.explained is not None]
    return SurfaceResult(
        config=config,
        steps=found[0].steps,
        steps_there=np.stack([one.there for one in found], axis=1),
        axes=np.stack([one.axis for one in found]),
        losses=np.stack([one.loss for one in found], axis=1),
        paths=np.stack(paths, axis=1) if paths else None,
        explained=np.stack(explained, axis=1) if explained else None,
        parameters=found[0].parameters,
        guessing=math.log(config.data().classes),
    )


def _around_pair(config: SurfaceConfig, side: int, report: Report, workers: int) -> _Around:
    """One pair trained, and the loss at side x side points around each of its networks."""
    snapshots = _trained(config, lambda share: report(TRAINING * share), workers)
    steps = snapshots.steps
    places = [_place(config, steps[: len(s)]) for s in snapshots.cohorts]
    centres = [s[p] for s, p in zip(snapshots.cohorts, places, strict=True)]
    planes = [_plane(config, s, p) for s, p in zip(snapshots.cohorts, places, strict=True)]
    del snapshots  # large networks leave no room for them beside the planes
    axis = _axis([plane.path for plane in planes], side)
    losses = []
    for treatment, (centre, plane) in enumerate(zip(centres, planes, strict=True)):

        def progress(points: int, done: int = treatment) -> None:
            share = (done + points / side**2) / 2
            report(TRAINING + (1 - TRAINING) * share)

        losses.append(_losses(config, centre, plane, axis, progress, workers))
    paths = [_padded(plane.path, len(steps)) for plane in planes if plane.path is not None]
    explained = [plane.explained for plane in planes if plane.explained is not None]
    return _Around(
        steps=steps,
        there=steps[places],
        axis=axis,
        loss=np.stack(losses),
        path=np.stack(paths) if paths else None,
        explained=np.stack(explained) if explained else None,
        parameters=np.array([centre.parameter_count() for centre in centres]),
    )


def _losses(
    config: SurfaceConfig,
    centre: Cohort,
    plane: _Plane,
    axis: NDArray[np.float64],
    progress: Callable[[int], None],
    workers: int,
) -> NDArray[np.float32]:
    data = config.data()
    return surface(
        centre,
        plane.directions,
        axis[0],
        axis[1],
        data.train_inputs[: config.samples],
        data.train_labels[: config.samples],
        "batch" if config.statistics == STATISTICS[0] else "inference",
        progress,
        workers,
    )


@dataclass(frozen=True)
class _Snapshots:
    steps: NDArray[np.int64]
    cohorts: list[list[Cohort]]  # for each treatment the network at every record it lived to see,
    # or as it began, where it lived to see none


def _trained(config: SurfaceConfig, report: Report, workers: int) -> _Snapshots:
    """The first pair's weights at each record: the same, to the bit, as among all seeds."""
    # by step: where no layer has BN, both treatments are one network, and write the same
    seen: dict[str, dict[int, Cohort]] = {"none": {}, "batch": {}}

    def keep(snapshot: Snapshot) -> Mapping[str, Tensor]:
        copy = snapshot.cohort.select([0])
        if all(bool(torch.isfinite(p).all()) for p in copy.parameters()):
            seen[copy.architecture.normalizer][snapshot.step] = copy
        return {}

    histories = train_pair(
        config,
        config.with_bn(),
        [keep],
        report,
        workers,
        record_at=config.records(),
        tested=False,
        skip=config.skip == "on",
    )
    ends = [histories[name].cohort for name in TREATMENTS]
    cohorts = [list(seen[c.architecture.normalizer].values()) or [c.select([0])] for c in ends]
    return _Snapshots(histories["plain"].steps, cohorts)


def _place(config: SurfaceConfig, steps: NDArray[np.int64]) -> int:
    """Which of the records a network lived to see is in the middle of the picture."""
    middle = int(np.abs(steps - steps[-1] / 2).argmin())  # records stand closer at the start
    return {"start": 0, "middle": middle, "end": len(steps) - 1}[config.moment]


@dataclass(frozen=True)
class _Plane:
    directions: list[Direction]
    path: NDArray[np.float64] | None = None  # (records, 2), from the middle of the picture
    explained: NDArray[np.float64] | None = None


def _plane(config: SurfaceConfig, cohorts: list[Cohort], place: int) -> _Plane:
    if config.plane == PLANES[0]:
        return _Plane(random_directions(cohorts[place], config.first_seed))
    directions, path, explained = path_directions([c.parameters() for c in cohorts])
    return _Plane(directions, path - path[place], explained)


def _axis(paths: list[NDArray[np.float64] | None], side: int) -> NDArray[np.float64]:
    """The same square for both: one filter norm each way, or what holds both paths."""
    known = [path for path in paths if path is not None]
    ends = np.array([[-1.0, 1.0], [-1.0, 1.0]])
    if known:
        together = np.concatenate(known)
        low, high = together.min(axis=0), together.max(axis=0)
        half = MARGIN * max(float((high - low).max()) / 2, 1e-3)
        middle = (low + high) / 2
        ends = np.stack([middle - half, middle + half], axis=1)
    return np.stack([np.linspace(low, high, side) for low, high in ends])


def _padded(path: NDArray[np.float64], records: int) -> NDArray[np.float64]:
    """The path with a place for every record; NaN once diverged."""
    return np.concatenate([path, np.full((records - len(path), 2), np.nan)])


def with_and_without_skips(config: SurfaceConfig) -> list[SurfaceConfig]:
    """The same surface without and with skip connections."""
    return [config.model_copy(update={"skip": skip}) for skip in ("off", "on")]
