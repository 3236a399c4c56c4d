"""How forgiving is it?: a map of which settings train, without BN and with it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Self

import numpy as np
from numpy.typing import NDArray

from bnviz.experiments import sweep
from bnviz.experiments.bounds import bounded
from bnviz.experiments.pair import NEVER, SUBJECTS, TREATMENTS, in_points, portion
from bnviz.experiments.race import RaceConfig
from bnviz.experiments.running import Report, silent
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
    number,
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
UNITS = {"gain": "initial gain {}", "depth": "{} hidden layers", "batch_size": "batch size {}"}
RATES = LEARNING_RATES
COARSE = 2  # every second rate and row make the first, coarse picture
AT_A_TIME = 2  # seeds, where each row trains by itself: more networks at once are faster
MAP = 1.5  # runs: what a map may take, which is trained in several
RECORDS = 7  # steps at which all networks are tested
AHEAD = 0.05  # of test accuracy: a smaller difference between two cells is none
PLENTY = 1.5  # times: shares of trained settings closer than this are called about the same

Against = Annotated[
    str, Knob("Learning rate against", tuple(ROWS), "What the rows of the map differ in.")
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

    part: Part = "all"

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


@dataclass(frozen=True)
class PieceResult:
    """Some cells of the map; plain and BN on the first axis. NaN: after a divergence."""

    config: PieceConfig
    test_accuracy: NDArray[np.float32]  # (2, cells, seeds, T) inference mode, 0 to 1
    diverged_at: NDArray[np.int64]  # (2, cells, seeds) step, or NEVER
    seconds: float  # it took here


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
        config,
        np.concatenate(accuracy, axis=1).reshape(*shape, -1),
        np.concatenate(lost, axis=1).reshape(shape),
        time.perf_counter() - started,
    )


def _start(config: PieceConfig, cell: tuple[int, int], seed: int) -> Start:
    row, column = cell
    gain = config.rows[row] if config.row_knob == "gain" else config.gain
    return Start(learning_rate=RATES[column], gain=float(gain), seed=seed)


def _share(report: Report, place: int, of: int) -> Report:
    return lambda share: report((place + share) / of)


@dataclass(frozen=True)
class ForgivenessResult:
    """The map as far as it is trained; plain and BN on the first axis.

    A network that diverged counts as guessing. NaN: not trained yet.
    """

    config: ForgivenessConfig
    steps: NDArray[np.int64]  # (T,)
    rates: NDArray[np.float64]  # (columns,) learning rates
    accuracy: NDArray[np.float32]  # (2, seeds, T, rows, columns) test, inference mode, 0 to 1
    diverged_at: NDArray[np.int64]  # (2, seeds, rows, columns) step, or NEVER
    seconds: float  # it took here

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
    seconds = sum(part.seconds for part in parts)
    rates = np.array(RATES)
    return ForgivenessResult(config, steps, rates, accuracy, lost, seconds)


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


# --- one cell of the map


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


def _place(result: ForgivenessResult, row: int, column: int) -> str:
    config = result.config
    return f"learning rate {result.rates[column]:g}, {_row_name(config, row)}"


def _row_name(config: ForgivenessConfig, row: int) -> str:
    said = UNITS[config.row_knob].format(number(config.rows[row]))
    return said.replace("1 hidden layers", "1 hidden layer") if said.startswith("1 ") else said


def of_cell(result: ForgivenessResult, config: ForgivenessConfig) -> str:
    """What the map says of the marked cell."""
    row, column = config.marked
    where = f"**Your cell:** {_place(result, row, column)}."
    if not result.there[:, row, column].any():
        return f"{where} Not trained yet."
    fates = []
    for treatment, name in enumerate(TREATMENTS):
        reached = result.mean()[treatment, -1, row, column]
        seeds = result.there[:, row, column]
        lost = int((result.diverged_at[treatment, seeds, row, column] != NEVER).sum())
        gone = f" ({lost} of {int(seeds.sum())} diverged)" if lost else ""
        fates.append(f"{SUBJECTS[name]}: {portion(reached)}{gone}.")
    return " ".join([where, *fates])


# --- what the map shows, in sentences


def _share_that_trains(result: ForgivenessResult) -> tuple[float, float]:
    plain, batch = result.trains()[:, -1].sum(axis=(1, 2)) / result.cells()
    return float(plain), float(batch)


def findings(result: ForgivenessResult) -> list[str]:
    """What the map shows, in sentences, each computed from it."""
    return [
        _headline(result),
        *filter(None, [_largest(result), _behind(result), _nowhere(result), _lost(result)]),
        _cost(result),
    ]


def _headline(result: ForgivenessResult) -> str:
    plain, batch = _share_that_trains(result)
    if not plain and not batch:
        said = (
            f"**No setting trains**: of {result.cells()}, none reaches"
            f" {portion(result.config.bar)} in {result.config.steps} steps."
        )
    elif batch > PLENTY * plain:
        said = (
            f"**With BN {_of_all(batch)} of the settings train, without it {_of_all(plain)}**: they"
            f" reach {portion(result.config.bar)} test accuracy."
        )
    else:
        little = "Here BN does not help" if plain >= batch else "BN helps little here"
        said = (
            f"**{little}**: with it {_of_all(batch)} of the settings train, without it"
            f" {_of_all(plain)}."
        )
    return said if result.complete else f"{said} (So far.)"


def _of_all(part: float) -> str:
    """A share of the settings: 5 %; less than 1 %, where there are some."""
    return "less than 1 %" if 0 < part < 0.01 else portion(part)


def _cells(number: int) -> str:
    return f"{number} cell{'' if number == 1 else 's'}"


def _ahead(result: ForgivenessResult) -> NDArray[np.float64]:
    """BN minus plain at the end, (rows, columns); 0 where nothing is trained yet."""
    plain, batch = result.mean()[:, -1]
    difference: NDArray[np.float64] = np.nan_to_num(batch - plain)
    return difference


def _at(result: ForgivenessResult, place: np.intp) -> str:
    row, column = np.unravel_index(place, _ahead(result).shape)
    plain, batch = result.mean()[:, -1, row, column]
    where = _place(result, int(row), int(column))
    return f"{where}, with BN {portion(batch)} and without it {portion(plain)}"


def _largest(result: ForgivenessResult) -> str:
    ahead = _ahead(result)
    cells = int((ahead > AHEAD).sum())
    if not cells:
        return f"BN is nowhere ahead by more than {in_points(AHEAD)}."
    return (
        f"BN is ahead by more than {in_points(AHEAD)} in {cells} of {result.cells()} cells, most at"
        f" {_at(result, ahead.argmax())}."
    )


def _behind(result: ForgivenessResult) -> str:
    ahead = _ahead(result)
    cells = int((ahead < -AHEAD).sum())
    if not cells:
        return f"Plain is nowhere ahead by more than {in_points(AHEAD)}."
    said = f"**Plain is ahead in {_cells(cells)}**, most at {_at(result, ahead.argmin())}."
    row, column = (int(p) for p in np.unravel_index(ahead.argmin(), ahead.shape))
    better = int(np.nanargmax(result.mean()[1, -1, row]))
    if result.config.row_knob == "gain" and float(result.config.rows[row]) > 1 and better > column:
        return (
            f"{said} With BN a step turns long weights less than short ones: large weights need a"
            " larger learning rate."
        )
    return said


def _nowhere(result: ForgivenessResult) -> str:
    trains = result.trains()[:, -1]
    neither = result.cells() - int(trains.any(axis=0).sum())
    said = f"In {_cells(neither)} neither trains."
    columns = np.flatnonzero(trains.any(axis=(0, 1)))
    if not len(columns) or columns[-1] == len(result.rates) - 1:
        return said
    return f"{said} Above learning rate {result.rates[columns[-1]]:g} nothing does."


def _lost(result: ForgivenessResult) -> str:
    plain, batch = (result.diverged_at != NEVER).sum(axis=(1, 2, 3))
    if not plain and not batch:
        return ""
    return (
        f"Diverged, and counted as guessing: {plain or 'none'} of {result.runs} plain networks,"
        f" {batch or 'none'} with BN."
    )


def _cost(result: ForgivenessResult) -> str:
    return (
        f"Each map is {result.runs} networks of width {result.config.width}, trained for"
        f" {result.config.steps} steps; together the {2 * result.runs} took"
        f" {result.seconds:.1f} s here."
    )


def windows(result: ForgivenessResult) -> NDArray[np.int64]:
    """How many learning rates train, (2, T, rows)."""
    counted: NDArray[np.int64] = result.trains().sum(axis=-1)
    return counted


def of_windows(result: ForgivenessResult) -> str:
    """At how many rows some rate trains, and how wide the widest window is."""
    said = []
    rows, rates = map(len, result.known())
    for treatment, counts in enumerate(windows(result)[:, -1]):
        name = SUBJECTS[TREATMENTS[treatment]]
        some = int((counts > 0).sum())
        if not some:
            said.append(f"{name} trains at none of {rows} rows, whatever the learning rate.")
            continue
        widest = int(counts.argmax())
        said.append(
            f"{name} trains in {some} of {rows} rows, at up to {counts[widest]} of {rates} rates"
            f" ({_row_name(result.config, widest)})."
        )
    return " ".join(said)


# --- what is often believed


def misconceptions(result: ForgivenessResult) -> dict[str, str]:
    """Common beliefs, each with what this map says of it."""
    return {
        "With BN the initialization does not matter.": _initialization(result),
        "BN trains at any learning rate.": _any_rate(result),
        "All that BN mends is a badly chosen learning rate.": _only_the_rate(result),
        "BN can only help.": _only_helps(result),
    }


def _initialization(result: ForgivenessResult) -> str:
    if result.config.row_knob != "gain":
        return (
            "This map cannot tell: all its networks have the same gain. Set the learning rate"
            " against the initial gain."
        )
    reached = result.mean()[1, -1]
    gains, columns = result.known()
    known = reached[gains][:, columns]
    spread = known.max(axis=0) - known.min(axis=0)
    widest = int(spread.argmax())
    column = columns[widest]
    low, high = gains[known[:, widest].argmin()], gains[known[:, widest].argmax()]
    if spread[widest] <= AHEAD:
        return (
            f"In this map it hardly does: at no rate do BN's accuracies differ by more than"
            f" {in_points(AHEAD)} from gain to gain."
        )
    return (
        f"It does: at learning rate {result.rates[column]:g}, BN reaches"
        f" {portion(reached[high, column])} with gain {number(result.config.rows[high])} and"
        f" {portion(reached[low, column])} with gain {number(result.config.rows[low])}. BN"
        " divides the gain out of what the hidden layers pass on (all but ε), not out of how far"
        " one step turns the weights."
    )


def _any_rate(result: ForgivenessResult) -> str:
    trains = result.trains()[1, -1].any(axis=0)
    columns = result.known()[1]
    good = np.flatnonzero(trains)
    if not len(good):
        return "In this map it trains at none."
    missing = len(columns) - len(good)
    if not missing:
        return "In this map there is, at each of the rates, some row where it does."
    above = result.rates[columns[columns > good[-1]]]
    said = f"At {missing} of {len(columns)} rates nothing trains with BN, in no row"
    return f"{said}; above {result.rates[good[-1]]:g} nothing at all." if len(above) else f"{said}."


def _only_the_rate(result: ForgivenessResult) -> str:
    plain, batch = windows(result)[:, -1] > 0
    if not batch.any():
        return "This map cannot tell: nothing trains with BN."
    mended = np.flatnonzero(batch & ~plain)
    if not len(mended):
        return (
            "In this map it could be: wherever BN trains at some rate, plain does at some rate,"
            " too."
        )
    return (
        f"In {_of_rows(len(mended), int(batch.sum()))} where BN trains, plain trains at no"
        f" learning rate at all, for example with {_row_name(result.config, int(mended[0]))}."
    )


def _of_rows(some: int, rows: int) -> str:
    return "the one row" if rows == 1 else f"{some} of the {rows} rows"


def _only_helps(result: ForgivenessResult) -> str:
    ahead = _ahead(result)
    cells = int((ahead < -AHEAD).sum())
    if not cells:
        return f"In this map plain is nowhere ahead by more than {in_points(AHEAD)}."
    return f"In {_cells(cells)} plain is ahead, for example at {_at(result, ahead.argmin())}."


ALL, MOST, FEW, NONE = "all of them", "most of them", "half or fewer", "none trains without BN"
GUESSES = (ALL, MOST, FEW, NONE)


def kept(result: ForgivenessResult) -> tuple[str, str]:
    """How many of the settings that train without BN train with it, as one of GUESSES, and why."""
    plain, batch = result.trains()[:, -1]
    without, both = int(plain.sum()), int((plain & batch).sum())
    if not without:
        return NONE, _headline(result)
    right = ALL if both == without else MOST if 2 * both > without else FEW
    only = int((batch & ~plain).sum())
    return right, (
        f"{without} settings train without BN, {both} of them with it, too. {only} train only with"
        " BN."
    )
