"""How forgiving is it?: a map of which settings train, without BN and with it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from bnviz.axes import NEVER, TREATMENTS
from bnviz.experiments import sweep
from bnviz.experiments.bounds import bounded
from bnviz.experiments.jobs import Report, silent
from bnviz.experiments.race import RaceConfig
from bnviz.experiments.result import Axes, Doubles, Floats, Result, Whole
from bnviz.experiments.settings import (
    GAINS,
    LEARNING_RATES,
    MEMORY_LIMIT,
    OTHERWISE,
    WORK_LIMIT,
    Activation,
    BatchSize,
    Knob,
    LearningRate,
    Settings,
    Value,
    knobs,
    percent,
)
from bnviz.experiments.sweep import Start, train_sweep

Part = Literal["coarse", "rest", "all"]

ROWS: dict[str, tuple[str, tuple[Value, ...]]] = {
    "initial gain": ("gain", GAINS),
    "depth": ("depth", (1, 2, 3, 4, 6, 8, 10, 12, 16, 20)),
    "batch size": ("batch_size", (1, 2, 4, 8, 16, 32, 64, 128, 256, 512)),
}
"""What the learning rates are crossed with: its knob, and the values of the rows."""
RATES = LEARNING_RATES
COARSE = 2  # every second rate and row make the first, coarse picture
AT_A_TIME = 2  # seeds, where each row trains by itself: more networks at once are faster
MAP = 1.5  # runs: what a map may take, which is trained in several
RECORDS = 7  # steps at which all networks are tested

Against = Annotated[
    str, Knob("Rows of the map", tuple(ROWS), "What the rows of the map differ in.")
]
Layers = Annotated[int, Knob("Hidden layers", ROWS["depth"][1], "How deep.", 1, 50)]
Width = Annotated[int, Knob("Width", (8, 16, 32, 64), "Units per layer.", 4, 256)]
Steps = Annotated[int, Knob("Steps", (50, 100, 200, 400), "Updates in one run.", 1, 5000)]
Seeds = Annotated[
    int,
    Knob(
        "Seeds",
        (1, 3, 5),
        "How many pairs are trained in every cell. A seed sets the initial weights and the order"
        " of the batches; both networks of a pair share it.",
        1,
        32,
    ),
]
Trained = Annotated[
    float,
    Knob(
        "Trained means",
        (0.5, 0.7, 0.8, 0.9, 0.95),
        "The test accuracy from which on a network counts as trained.",
        0.0,
        1.0,
        percent,
    ),
]


class ForgivenessConfig(Settings):
    """The shared settings, what the learning rate is crossed with, and what counts as trained.

    The rate, and what the rows differ in, mark one cell; the map has all of them.
    """

    read_later: ClassVar[tuple[str, ...]] = ("target",)

    against: Against = "initial gain"
    depth: Layers = 4
    width: Width = 32
    activation: Activation = "relu"
    learning_rate: LearningRate = 0.1
    batch_size: BatchSize = 32
    steps: Steps = 100
    seeds: Seeds = 3
    target: Trained = 0.8

    @property
    def bar(self) -> float:
        """The accuracy of a trained network: the target, if that is more than guessing gives.

        If not, halfway between guessing and being always right.
        """
        guessing = 1 / self.data().classes
        return self.target if self.target > guessing else (1 + guessing) / 2

    @property
    def row_knob(self) -> str:
        """The field that the rows differ in."""
        return ROWS[self.against][0]

    @property
    def rows(self) -> tuple[Value, ...]:
        return ROWS[self.against][1]

    @property
    def marked(self) -> tuple[int, int]:
        """The row and the column of the map that lie nearest to these settings."""
        own = getattr(self, self.row_knob)
        return _nearest(self.rows, own), _nearest(RATES, self.learning_rate)

    def whole_map(self) -> Self:
        """These settings without their mark: all cells of one map have this one Config."""
        fields = type(self).model_fields
        anywhere = {name: fields[name].default for name in ("learning_rate", self.row_knob)}
        return self.model_copy(update=anywhere)

    def with_row(self, row: int) -> Self:
        """The settings of one row of the map."""
        return self.model_copy(update={self.row_knob: self.rows[row]})

    def recorded(self) -> list[int]:
        """The steps at which all networks are tested: more of them early."""
        spread = np.linspace(0, 1, RECORDS) ** 1.7
        return sorted({round(self.steps * float(x)) for x in spread})

    def work(self) -> float:
        """Training of every cell, with and without BN."""
        records, columns = len(self.recorded()), len(RATES)
        if self.row_knob == "gain":
            return sweep.work(self, columns * len(self.rows) * self.seeds, records)
        rows = [self.with_row(row) for row in range(len(self.rows))]
        return sum(sweep.work(row, columns * row.seeds, records) for row in rows)

    def held(self) -> float:
        if self.row_knob == "gain":
            return sweep.largest(self, len(RATES) * len(self.rows) * self.seeds)
        rows = [self.with_row(row) for row in range(len(self.rows))]
        return max(sweep.largest(row, len(RATES) * row.seeds) for row in rows)

    def kept(self) -> float:
        """The records alone."""
        return OTHERWISE

    def fits(self) -> bool:
        """Whether each piece keeps within the bounds of a run, and the map within MAP of them."""
        together = min(self.seeds, AT_A_TIME) / self.seeds
        longest = max(together, 1 / MAP)
        return self.work() * longest <= WORK_LIMIT and self.memory() <= MEMORY_LIMIT

    def affordable(self) -> Self:
        """With fewer seeds where they cost too much, and only then with fewer steps."""
        granted = self
        while granted.seeds > 1 and not granted.fits():
            granted = granted.model_copy(update={"seeds": granted.seeds - 1})
        return super(ForgivenessConfig, granted).affordable()


class PieceConfig(ForgivenessConfig):
    """A part of the map that is trained by itself: some of its cells, some of its seeds."""

    part: Annotated[Part, Field(description="Which cells of the map are trained.")] = "all"

    def cells(self) -> list[tuple[int, int]]:
        """Row and column of each cell of this piece."""
        every = [(y, x) for y in range(len(self.rows)) for x in range(len(RATES))]
        first = 0 if self.row_knob == "batch_size" else 1  # cheap rows, the default's if possible
        coarse = {(y, x) for y, x in every if y % COARSE == first and x % COARSE == 0}
        if self.part == "all":
            return every
        return [cell for cell in every if (cell in coarse) == (self.part == "coarse")]

    def each_seed(self) -> range:
        return range(self.first_seed, self.first_seed + self.seeds)

    def affordable(self) -> Self:
        """As it is: what the whole map may cost was decided before it was cut."""
        return self


def pieces(config: ForgivenessConfig) -> list[PieceConfig]:
    """The map in the order in which it appears: coarse, the rest of one seed, further seeds."""
    common, first = config.whole_map().model_dump(), config.first_seed
    more = config.seeds - 1
    together = 1 if config.row_knob == "gain" else AT_A_TIME
    parts: list[tuple[Part, int, int]] = [("coarse", first, 1), ("rest", first, 1)]
    parts += [
        ("all", first + 1 + done, min(together, more - done)) for done in range(0, more, together)
    ]
    return [
        PieceConfig(**common | {"part": part, "first_seed": start, "seeds": seeds})
        for part, start, seeds in parts
    ]


@dataclass(frozen=True, kw_only=True, repr=False)
class PieceResult(Result):
    """Some cells of the map; plain and BN on the first axis. NaN: after a divergence."""

    config: PieceConfig
    test_accuracy: Annotated[Floats, Axes("treatment cell seed step", "inference mode, 0 to 1")]
    diverged_at: Annotated[Whole, Axes("treatment cell seed", "step; empty: never", maybe=True)]
    seconds: Annotated[float, Axes("", "it took here")]


@bounded
def run_piece(config: PieceConfig, report: Report = silent, workers: int = 2) -> PieceResult:
    """Train the networks of one piece. The same config gives the same bits, but for `seconds`."""
    started = time.perf_counter()
    cells, changes = config.cells(), {"plain": {}, "batch": {"normalizer": "batch"}}
    if config.row_knob == "gain":  # all rows are replicas of the same cohorts
        groups = [(config, cells)]
    else:
        rows = sorted({row for row, _ in cells})
        groups = [(config.with_row(row), [one for one in cells if one[0] == row]) for row in rows]
    accuracy, lost = [], []
    for place, (settings, some) in enumerate(groups):
        starts = [_start(config, cell, seed) for cell in some for seed in config.each_seed()]
        share = _share(report, place, len(groups))
        trained = train_sweep(
            settings, starts, changes, share, workers, record_at=config.recorded()
        )
        accuracy.append(np.stack([trained[name].test_accuracies for name in TREATMENTS]))
        lost.append(np.stack([trained[name].diverged_at for name in TREATMENTS]))
    shape = (2, len(cells), config.seeds)
    return PieceResult(
        config=config,
        test_accuracy=np.concatenate(accuracy, axis=1).reshape(*shape, -1),
        diverged_at=np.concatenate(lost, axis=1).reshape(shape),
        seconds=time.perf_counter() - started,
    )


def _start(config: PieceConfig, cell: tuple[int, int], seed: int) -> Start:
    row, column = cell
    gain = config.rows[row] if config.row_knob == "gain" else config.gain
    return Start(learning_rate=RATES[column], gain=float(gain), seed=seed)


def _share(report: Report, place: int, of: int) -> Report:
    return lambda share: report((place + share) / of)


@dataclass(frozen=True, kw_only=True, repr=False)
class ForgivenessResult(Result):
    """The map as far as it is trained; plain and BN on the first axis.

    A network that diverged counts as guessing. NaN: not trained yet.
    """

    config: ForgivenessConfig
    steps: Annotated[Whole, Axes("step")]
    rates: Annotated[Doubles, Axes("learning_rate", "learning rates")]
    accuracy: Annotated[
        Floats,
        Axes("treatment seed step row=rows learning_rate=rates", "test, inference mode, 0 to 1"),
    ]
    diverged_at: Annotated[
        Whole, Axes("treatment seed row=rows learning_rate=rates", "step; empty: never", maybe=True)
    ]
    seconds: Annotated[float, Axes("", "it took here")]

    @property
    def there(self) -> NDArray[np.bool_]:
        """Which networks are trained, (seeds, rows, columns); the same with and without BN."""
        return np.isfinite(self.accuracy[0, :, -1])

    def known(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The rows and the columns of which something is trained."""
        there = self.there
        rows = np.flatnonzero(there.any(axis=(0, 2)))
        return rows, np.flatnonzero(there.any(axis=(0, 1)))

    @property
    def runs(self) -> int:
        """Networks trained so far, of each treatment."""
        return int(self.there.sum())

    @property
    def complete(self) -> bool:
        return bool(self.there.all())

    def mean(self) -> NDArray[np.float64]:
        """Accuracy over the seeds that are there, (2, T, rows, columns); NaN without any."""
        seeds = self.there.sum(axis=0)
        total = np.nansum(self.accuracy, axis=1, dtype=np.float64)
        return np.where(seeds > 0, total / np.maximum(seeds, 1), np.nan)

    def trains(self) -> NDArray[np.bool_]:
        """Where more than half of the seeds reach the target, (2, T, rows, columns)."""
        reached = (self.accuracy >= np.float32(self.config.bar)).sum(axis=1)
        return 2 * reached > self.there.sum(axis=0)

    def cells(self) -> int:
        """The cells with at least one seed."""
        return int(self.there.any(axis=0).sum())

    def diverged(self) -> NDArray[np.bool_]:
        """Where more than half of the seeds have diverged by each record, (2, T, rows, columns)."""
        at = np.where(self.diverged_at == NEVER, np.iinfo(np.int64).max, self.diverged_at)
        gone = (at[:, :, None] <= self.steps[:, None, None]).sum(axis=1)
        return 2 * gone > self.there.sum(axis=0)


def assemble(config: ForgivenessConfig, parts: Sequence[PieceResult]) -> ForgivenessResult:
    """The map that these pieces make."""
    config, steps = config.whole_map(), np.array(config.recorded())
    shape = (len(config.rows), len(RATES))
    accuracy = np.full((2, config.seeds, len(steps), *shape), np.nan, np.float32)
    lost = np.full((2, config.seeds, *shape), NEVER)
    guessing = 1 / config.data().classes
    for part in parts:
        rows, columns = np.array(part.config.cells()).T
        reached = np.nan_to_num(part.test_accuracy, nan=guessing)
        for place, seed in enumerate(part.config.each_seed()):
            for treatment in range(2):
                there = treatment, seed - config.first_seed
                accuracy[there][:, rows, columns] = reached[treatment, :, place].T
                lost[there][rows, columns] = part.diverged_at[treatment, :, place]
    return ForgivenessResult(
        config=config,
        steps=steps,
        rates=np.array(RATES),
        accuracy=accuracy,
        diverged_at=lost,
        seconds=sum(part.seconds for part in parts),
    )


def run(config: ForgivenessConfig, report: Report = silent, workers: int = 2) -> ForgivenessResult:
    """The whole map at once, piece after piece."""
    todo = pieces(config)
    parts = [
        run_piece(piece, _share(report, place, len(todo)), workers)
        for place, piece in enumerate(todo)
    ]
    return assemble(config, parts)


def _nearest(values: Sequence[Value], own: float) -> int:
    """The place of the nearest value, in ratios."""
    return int(np.argmin(np.abs(np.log(np.array(values, float)) - np.log(own))))


def setting(config: ForgivenessConfig, at: Sequence[Any]) -> dict[str, Any]:
    """The knobs' values of the cell at [column, row], which a click in the map names.

    Anything may come from a browser: what is no cell sets nothing.
    """
    if len(at) != 2 or any(isinstance(p, bool) or not isinstance(p, int | float) for p in at):
        return {}
    x, y = at
    if not (0 <= x < len(RATES) and 0 <= y < len(config.rows)):
        return {}
    return {"learning_rate": RATES[int(x)], config.row_knob: config.rows[int(y)]}


def onward(config: ForgivenessConfig) -> dict[str, str]:
    """The link to the race at exactly these settings: every knob that the two share."""
    known = knobs(RaceConfig)
    return {
        f"race-{name}": known[name].show(value)
        for name, value in config.model_dump().items()
        if name in known and value in known[name].options and len(known[name].options) > 1
    }
