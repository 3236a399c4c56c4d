"""The loss around a point: a surface over two directions through the space of all weights."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from bnviz.engine.networks import Cohort
from bnviz.engine.surface import Direction, path_directions, random_directions, surface
from bnviz.engine.surface_forward import CACHE
from bnviz.engine.training import Moment, recording_steps
from bnviz.experiments.bounds import SECONDS_PER_OPERATION, bounded
from bnviz.experiments.landscape import MOVED, RECORDS, LandscapeConfig, in_words, percent
from bnviz.experiments.pair import NAMES, TREATMENTS, train_pair
from bnviz.experiments.running import Report, silent
from bnviz.experiments.settings import NORMALIZED, OTHERWISE, Knob

SECONDS = 12.0  # of one slow core that the two surfaces may take
ROOM = 8e7  # bytes of the weights that are kept on the way
FEWEST_RECORDS = 2
FEWEST = 7  # points along a side
CLEARLY = 0.03  # two shares of a basin further apart than this differ
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

    def along(self) -> LandscapeConfig:
        """The settings of the walk along the gradient, which these share."""
        names = LandscapeConfig.model_fields
        return LandscapeConfig(**{name: getattr(self, name) for name in names})

    def side(self) -> int:
        """Points along a side: `grid`, or fewer where the network is large."""
        affordable = math.isqrt(int(SECONDS / self._point()))
        return max(FEWEST, min(self.grid, affordable))

    def _point(self) -> float:
        """Seconds of one point, for both networks."""
        return 2 * 2 * SECONDS_PER_OPERATION * self.cost().weights * self.samples

    def records(self) -> list[int]:
        """The steps of which the weights are kept: fewer where the networks are large."""
        most = int(ROOM / (4 * self.cost().parameters(1)))
        return recording_steps(self.steps, int(np.clip(most, FEWEST_RECORDS, RECORDS)))

    def alone(self) -> Self:
        """These settings with the first seed alone, which is all that trains."""
        return self.model_copy(update={"seeds": 1})

    def work(self) -> float:
        """The first pair, and the points around it."""
        cost, points = self.cost(), self.side() ** 2
        trained = self.alone().training_work(2 * len(self.records()))
        moved = MOVED * cost.weights + cost.layers / 5
        planes = len(self.records()) ** 2 * MOVED * cost.weights
        return 2 * (trained + planes + points * moved) + points * self._point()

    def held(self) -> float:
        return self.alone().training_memory(self.cost().parameters(1), skip=self.skip == "on")

    def kept(self) -> float:
        """Both networks at every record."""
        return 2 * len(self.records()) * self.cost().parameters(1) + OTHERWISE

    def after(self) -> float:
        """The path in 64 bits and the plane through it; or, when it is gone, both planes."""
        records = len(self.records())
        path = (4 * records + 6) * (self.plane == PLANES[1])
        return max(path, 12 - 2 * records) * self.cost().parameters(1) + 8 * CACHE


def around(config: LandscapeConfig, chosen: Mapping[str, Any]) -> SurfaceConfig:
    """A walk's settings with the choices for its surface."""
    return SurfaceConfig(**config.model_dump(), **chosen)


@dataclass(frozen=True)
class SurfaceResult:
    """Both treatments (plain, BN) on the first axis; the pair of the first seed."""

    config: SurfaceConfig
    steps: NDArray[np.int64]  # (T,) recorded steps
    step: NDArray[np.int64]  # (2,) of the weights in the middle; earlier than asked: diverged
    axis: NDArray[np.float64]  # (2, side) coordinates along x and along y, for both treatments
    loss: NDArray[np.float32]  # (2, side, side) y, x; not finite where it overflows
    path: NDArray[np.float64] | None  # (2, T, 2) the training in the plane; NaN once diverged
    explained: NDArray[np.float64] | None  # (2, 2) share of the path along x and y
    parameters: NDArray[np.int64]  # (2,) trainable numbers: the dimensions of the whole space
    guessing: float  # the loss of a network that says the same for every class

    def better_than_guessing(self) -> NDArray[np.float64]:
        """The share of the square where the loss is clearly below that of guessing, (2,)."""
        return (self.loss < BETTER * self.guessing).mean(axis=(1, 2))

    def curves_down(self) -> NDArray[np.bool_]:
        """Where the ground clearly curves downwards in some direction, (2, side - 2, side - 2).

        From the second differences at each inner point: the smaller curvature is negative, and
        more than HOLLOW of the larger one's size, and more than rounding (FLAT).
        """
        z = np.clip(np.nan_to_num(self.loss.astype(np.float64), nan=HIGHEST), 0, HIGHEST)
        middle = z[:, 1:-1, 1:-1]
        xx = z[:, 1:-1, 2:] - 2 * middle + z[:, 1:-1, :-2]
        yy = z[:, 2:, 1:-1] - 2 * middle + z[:, :-2, 1:-1]
        xy = (z[:, 2:, 2:] - z[:, 2:, :-2] - z[:, :-2, 2:] + z[:, :-2, :-2]) / 4
        half, radius = (xx + yy) / 2, np.hypot((xx - yy) / 2, xy)
        least = np.maximum(HOLLOW * np.abs(half + radius), FLAT * np.maximum(middle, 1))
        return half - radius < -least

    def hollow(self) -> NDArray[np.float64]:
        """The share of the basin in which the ground curves downwards, (2,); NaN: no basin.

        Far out, where BN's loss levels off and plain's climbs, it says nothing of the way down.
        """
        basin = self.loss[:, 1:-1, 1:-1] < BETTER * self.guessing
        size = basin.sum(axis=(1, 2))
        down = (basin & self.curves_down()).sum(axis=(1, 2))
        return np.where(size > 0, down / np.maximum(size, 1), np.nan)


@bounded
def run(config: SurfaceConfig, report: Report = silent, workers: int = 2) -> SurfaceResult:
    """Train the first pair again and take the loss around it. Pure: same config, same bits."""
    snapshots = _trained(config, lambda share: report(TRAINING * share), workers)
    steps = snapshots.steps
    places = [_place(config, steps[: len(s)]) for s in snapshots.cohorts]
    centres = [s[p] for s, p in zip(snapshots.cohorts, places, strict=True)]
    planes = [_plane(config, s, p) for s, p in zip(snapshots.cohorts, places, strict=True)]
    del snapshots  # large networks leave no room for them beside the planes
    axis = _axis(config, [plane.path for plane in planes])
    data, losses = config.data(), []
    for treatment, (centre, plane) in enumerate(zip(centres, planes, strict=True)):

        def progress(points: int, done: int = treatment) -> None:
            share = (done + points / config.side() ** 2) / 2
            report(TRAINING + (1 - TRAINING) * share)

        losses.append(
            surface(
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
        )
    paths = [_padded(plane.path, len(steps)) for plane in planes if plane.path is not None]
    explained = [plane.explained for plane in planes if plane.explained is not None]
    return SurfaceResult(
        config,
        steps,
        steps[places],
        axis,
        np.stack(losses),
        np.stack(paths) if paths else None,
        np.stack(explained) if explained else None,
        np.array([centre.parameter_count() for centre in centres]),
        math.log(data.classes),
    )


@dataclass(frozen=True)
class _Snapshots:
    steps: NDArray[np.int64]
    cohorts: list[list[Cohort]]  # for each treatment the network at every record it lived to see,
    # or as it began, where it lived to see none


def _trained(config: SurfaceConfig, report: Report, workers: int) -> _Snapshots:
    """The first pair's weights at each record: the same, to the bit, as among all seeds."""
    alone = config.alone()
    # by step: where no layer has BN, both treatments are one network, and write the same
    seen: dict[str, dict[int, Cohort]] = {"none": {}, "batch": {}}

    def keep(moment: Moment) -> Mapping[str, Tensor]:
        copy = moment.cohort.select([0])
        if all(bool(torch.isfinite(p).all()) for p in copy.parameters()):
            seen[copy.architecture.normalizer][moment.step] = copy
        return {}

    normalized = NORMALIZED[config.normalized_layers](config.depth)
    histories = train_pair(
        alone,
        normalized,
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


def _axis(config: SurfaceConfig, paths: list[NDArray[np.float64] | None]) -> NDArray[np.float64]:
    """The same square for both: one filter norm each way, or what holds both paths."""
    known = [path for path in paths if path is not None]
    ends = np.array([[-1.0, 1.0], [-1.0, 1.0]])
    if known:
        together = np.concatenate(known)
        low, high = together.min(axis=0), together.max(axis=0)
        half = MARGIN * max(float((high - low).max()) / 2, 1e-3)
        middle = (low + high) / 2
        ends = np.stack([middle - half, middle + half], axis=1)
    return np.stack([np.linspace(low, high, config.side()) for low, high in ends])


def _padded(path: NDArray[np.float64], records: int) -> NDArray[np.float64]:
    """The path with a place for every record; NaN once diverged."""
    return np.concatenate([path, np.full((records - len(path), 2), np.nan)])


def findings(result: SurfaceResult) -> list[str]:
    """What the surfaces show, in sentences, each computed from them."""
    return [_basin(result), _relief(result), *_walked(result), *_coarser(result)]


def _basin(result: SurfaceResult) -> str:
    shares = result.better_than_guessing()
    plain, batch = (round(100 * share) for share in shares)
    verdict = "hardly a difference" if plain != batch else "no difference"
    if abs(shares[1] - shares[0]) > CLEARLY:
        verdict = f"{'BN' if batch > plain else 'plain'} has the wider basin"
    return (
        f"Around {_when(result)}, the loss is clearly better than guessing in {plain} % of plain's"
        f" square and in {batch} % of BN's: {verdict}."
    )


def _when(result: SurfaceResult) -> str:
    plain, batch = result.step
    if plain == batch:
        return f"the weights at step {plain}"
    return f"the weights at step {plain} (plain) and {batch} (BN)"


def _relief(result: SurfaceResult) -> str:
    words = [in_words(float(loss.max())) for loss in result.loss]
    said = f"The highest point of plain's square is {words[0]}, of BN's {words[1]}."
    down = [
        f"in {percent(share)} of {NAMES[name]}'s basin"
        for name, share in zip(TREATMENTS, result.hollow(), strict=True)
        if np.isfinite(share)
    ]
    if down:
        said += f" The ground curves downwards in some direction {' and '.join(down)}."
    return said


def _walked(result: SurfaceResult) -> list[str]:
    if result.explained is None:
        return []
    shares = [
        f"{100 * share:.0f} % of {NAMES[name]}'s"
        for name, share in zip(TREATMENTS, result.explained.sum(axis=1), strict=True)
    ]
    return [
        f"The two directions hold {' and '.join(shares)} way to the end (squared distance); each"
        " network has a plane of its own."
    ]


def _coarser(result: SurfaceResult) -> list[str]:
    side = result.config.side()
    if side == result.config.grid:
        return []
    return [f"For a network this large the picture has {side} points along a side."]


def misconceptions(result: SurfaceResult) -> dict[str, str]:
    """What is often believed, and what these surfaces say of it."""
    share = result.hollow()[1]
    convex = f"In {percent(share)} of its basin the ground curves downwards in some direction."
    if np.isnan(share):
        convex = "Here BN has no basin at all."
    elif share == 0:
        convex = (
            "In this small plane nothing contradicts it; in another one something may. Try another"
            " moment."
        )
    return {
        "With BN the loss is convex": convex,
        "This picture is the landscape": (
            f"It shows 2 of {result.parameters[0]:,} directions (BN: {result.parameters[1]:,})."
            " What looks like a wall here may have a door in the next direction."
        ),
    }


def with_and_without_skips(config: SurfaceConfig) -> list[SurfaceConfig]:
    """The same surface without and with skip connections."""
    return [config.model_copy(update={"skip": skip}) for skip in ("off", "on")]


def skips(results: list[SurfaceResult]) -> str:
    """What skip connections change in the surface of plain and of BN."""
    if len(results) < 2:
        return "Without skip connections; the other half is still to come."
    said = [
        _change(NAMES[name], float(off), float(on))
        for name, off, on in zip(TREATMENTS, *(r.hollow() for r in results), strict=True)
    ]
    return "Where the ground curves downwards inside a basin: " + "; ".join(said) + "."


def _change(name: str, off: float, on: float) -> str:
    """What skip connections do to the hollow share of one network's basin; NaN: no basin."""
    if np.isnan(off) and np.isnan(on):
        return f"{name} has no basin, with skip connections or without"
    if np.isnan(off):
        return f"{name} has a basin only with skip connections, and there it is {percent(on)}"
    if np.isnan(on):
        return f"{name} has a basin only without skip connections, and there it is {percent(off)}"
    verdict = "they change little"
    if abs(on - off) > CLEARLY:
        verdict = "they smooth it" if on < off else "they roughen it"
    return f"{name} {percent(off)} without skip connections, {percent(on)} with them: {verdict}"
