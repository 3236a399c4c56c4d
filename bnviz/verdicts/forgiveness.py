"""Which settings train, without BN and with it: what a map shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from bnviz.axes import BATCH, NEVER, PLAIN, TREATMENTS, Treatment
from bnviz.verdicts import criteria

if TYPE_CHECKING:
    from bnviz.experiments.forgiveness import ForgivenessConfig, ForgivenessResult

Outcome = Literal["nothing trains", "BN", "BN a little", "same", "no help"]

AHEAD = 0.05
"""Of test accuracy. A cell is the mean of a few seeds only: a smaller difference is none."""
PLENTY = 1.5
"""Times: with BN so many more settings train, or it helps little."""
SAME_SHARE = 0.01
"""Of the settings. Shares no farther apart are about the same: both may read 20 %."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """One row of the map, by what it differs in."""

    knob: str  # gain, depth, batch_size
    value: float


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One cell, as far as it is trained."""

    row: Row
    rate: float
    plain: float  # mean test accuracy of the seeds that are there; NaN: none is
    batch: float
    lost: tuple[int, int]  # networks that diverged, plain and BN
    seeds: int


@dataclass(frozen=True, kw_only=True)
class Ahead:
    """Where one treatment is clearly ahead: by more than AHEAD, and has learned something.

    How far two guesses lie apart says nothing.
    """

    cells: int
    low: int  # of them, in the lower half of the rows
    most: Cell  # where by most


@dataclass(frozen=True, kw_only=True)
class Windows:
    """In how many rows some learning rate trains, and at how many rates where at most."""

    treatment: Treatment
    rows: int
    widest: int  # rates
    where: tuple[Row, ...]  # the rows with as many

    @property
    def there(self) -> Row:
        """One of these rows."""
        return self.where[0]

    @property
    def alone(self) -> bool:
        """Whether no other row has as many."""
        return len(self.where) == 1


@dataclass(frozen=True, kw_only=True)
class Spread:
    """How far BN's accuracies differ from gain to gain, at the rate where they differ by most.

    Of the rates at which BN learns something with some gain.
    """

    rate: float
    low: float
    low_gain: float
    high: float
    high_gain: float

    @property
    def matters(self) -> bool:
        """Whether the gain makes a difference."""
        return self.high - self.low > AHEAD


@dataclass(frozen=True, kw_only=True)
class ForgivenessVerdict:
    """Of the cells that are trained so far."""

    outcome: Outcome
    complete: bool
    cells: int
    rows: int
    rates: int
    bar: float  # the accuracy from which on a network counts as trained
    seeds: int  # of every cell
    steps: int
    width: int
    activation: str
    optimizer: str
    runs: int  # networks of each treatment
    seconds: float
    plain: float  # share of the cells that train
    batch: float
    both: int  # cells
    only_plain: int
    only_batch: int
    neither: int
    nothing_above: float | None  # the largest rate that trains, where it is not the last
    ahead: Ahead | None  # BN
    behind: Ahead | None  # plain
    turned_less: bool  # where plain is ahead by most: large weights, for which BN's rate is larger
    lost: tuple[int, int]  # networks, plain and BN
    windows: tuple[Windows, Windows]
    gains: bool  # whether the rows differ in the gain
    spread: Spread | None  # None: they do not, or BN learns nothing in any
    idle_rates: int  # at which nothing trains with BN
    idle_above: float | None  # the largest at which something does, where it is not the last
    mended: tuple[Row, ...]  # where BN trains at some rate and plain at none
    last: Row  # of the map
    in_last: tuple[int, int]  # rates that train there, plain and BN
    farthest: tuple[Row | None, Row | None]  # the last row in which any does; None: in none


def judge(result: ForgivenessResult) -> ForgivenessVerdict:
    """What the map shows, as far as it is trained."""
    config, cells = result.config, result.cells()
    plain, batch = trains = result.trains()[:, -1]
    rows, columns = result.known()
    shares = trains.sum(axis=(1, 2)) / cells
    good = np.flatnonzero(batch.any(axis=0))
    behind = _ahead(result, PLAIN)
    return ForgivenessVerdict(
        outcome=_outcome(*map(float, shares)),
        complete=result.complete,
        cells=cells,
        rows=len(rows),
        rates=len(columns),
        bar=config.bar,
        seeds=config.seeds,
        steps=config.steps,
        width=config.width,
        activation=config.activation,
        optimizer=config.optimizer,
        runs=result.runs,
        seconds=result.seconds,
        plain=float(shares[PLAIN]),
        batch=float(shares[BATCH]),
        both=int((plain & batch).sum()),
        only_plain=int((plain & ~batch).sum()),
        only_batch=int((batch & ~plain).sum()),
        neither=cells - int((plain | batch).sum()),
        nothing_above=_last(result, (plain | batch).any(axis=0)),
        ahead=_ahead(result, BATCH),
        behind=behind,
        turned_less=behind is not None and _turned_less(result),
        lost=_lost(result),
        windows=(_windows(result, PLAIN), _windows(result, BATCH)),
        gains=config.row_knob == "gain",
        spread=_spread(result) if config.row_knob == "gain" else None,
        idle_rates=len(columns) - len(good),
        idle_above=_last(result, batch.any(axis=0)),
        mended=_mended(result),
        last=row(config, int(rows[-1])),
        in_last=(_in_row(result, PLAIN, int(rows[-1])), _in_row(result, BATCH, int(rows[-1]))),
        farthest=(_farthest(result, PLAIN), _farthest(result, BATCH)),
    )


def _outcome(plain: float, batch: float) -> Outcome:
    if not plain and not batch:
        return "nothing trains"
    if batch > PLENTY * plain:
        return "BN"
    if abs(batch - plain) <= SAME_SHARE:
        return "same"
    return "no help" if plain > batch else "BN a little"


def _last(result: ForgivenessResult, good: NDArray[np.bool_]) -> float | None:
    """The largest rate that is good, (columns,), if it is not the largest of those trained."""
    columns, there = result.known()[1], np.flatnonzero(good)
    if not len(there) or there[-1] == columns[-1]:
        return None
    return float(result.rates[there[-1]])


def _lost(result: ForgivenessResult) -> tuple[int, int]:
    plain, batch = (result.diverged_at != NEVER).sum(axis=(1, 2, 3))
    return int(plain), int(batch)


def row(config: ForgivenessConfig, place: int) -> Row:
    return Row(knob=config.row_knob, value=float(config.rows[place]))


def cell(result: ForgivenessResult, place: tuple[int, int]) -> Cell:
    """What the map says of one cell, at (row, column)."""
    there = result.there[(slice(None), *place)]
    lost = (result.diverged_at[(slice(None), there, *place)] != NEVER).sum(axis=1)
    plain, batch = result.mean()[(slice(None), -1, *place)]
    return Cell(
        row=row(result.config, place[0]),
        rate=float(result.rates[place[1]]),
        plain=float(plain),
        batch=float(batch),
        lost=(int(lost[PLAIN]), int(lost[BATCH])),
        seeds=int(there.sum()),
    )


def _lead(result: ForgivenessResult, treatment: int) -> NDArray[np.float64]:
    """By how much it is ahead at the end, (rows, columns); 0 where it has learned nothing."""
    own, other = result.mean()[[treatment, 1 - treatment], -1]
    learned = own > 1 / result.config.data().classes + criteria.NOTHING
    return np.where(learned, np.nan_to_num(own - other), 0.0)


def _ahead(result: ForgivenessResult, treatment: int) -> Ahead | None:
    by = _lead(result, treatment)
    cells = int((by > AHEAD).sum())
    if not cells:
        return None
    low = int((by[: len(by) // 2] > AHEAD).sum())
    return Ahead(cells=cells, low=low, most=cell(result, _most(by)))


def _most(by: NDArray[np.float64]) -> tuple[int, int]:
    place, column = np.unravel_index(by.argmax(), by.shape)
    return int(place), int(column)


def _turned_less(result: ForgivenessResult) -> bool:
    """Whether, in the row where plain is ahead by most, BN's best rate is a larger one.

    With BN a step turns large weights less: a cause that is named only where the map bears it out.
    """
    place, column = _most(_lead(result, PLAIN))
    best = criteria.plateau(result.mean()[BATCH, -1, place])
    large = result.config.row_knob == "gain" and float(result.config.rows[place]) > 1
    return bool(large and best.size and best.min() > column)


def windows(result: ForgivenessResult) -> NDArray[np.int64]:
    """How many learning rates train, (2, T, rows)."""
    counted: NDArray[np.int64] = result.trains().sum(axis=-1)
    return counted


def _windows(result: ForgivenessResult, treatment: int) -> Windows:
    counts = windows(result)[treatment, -1]
    widest = int(counts.max())
    return Windows(
        treatment=TREATMENTS[treatment],
        rows=int((counts > 0).sum()),
        widest=widest,
        where=tuple(row(result.config, int(one)) for one in np.flatnonzero(counts == widest)),
    )


def _spread(result: ForgivenessResult) -> Spread | None:
    gains, columns = result.known()
    known = result.mean()[BATCH, -1][gains][:, columns]
    classes = result.config.data().classes
    best = np.nanmax(known, axis=0)
    learning = np.array([criteria.fate(one, classes) in ("learned", "little") for one in best])
    if not learning.any():
        return None  # how far guesses lie apart says nothing of the gain
    known, columns = known[:, learning], columns[learning]
    column = int(np.nanargmax(np.nanmax(known, axis=0) - np.nanmin(known, axis=0)))
    low, high = int(np.nanargmin(known[:, column])), int(np.nanargmax(known[:, column]))
    rows = result.config.rows
    return Spread(
        rate=float(result.rates[columns[column]]),
        low=float(known[low, column]),
        low_gain=float(rows[gains[low]]),
        high=float(known[high, column]),
        high_gain=float(rows[gains[high]]),
    )


def _mended(result: ForgivenessResult) -> tuple[Row, ...]:
    plain, batch = windows(result)[:, -1] > 0
    return tuple(row(result.config, int(place)) for place in np.flatnonzero(batch & ~plain))


def _in_row(result: ForgivenessResult, treatment: int, place: int) -> int:
    return int(windows(result)[treatment, -1, place])


def _farthest(result: ForgivenessResult, treatment: int) -> Row | None:
    there = np.flatnonzero(windows(result)[treatment, -1])
    return row(result.config, int(there[-1])) if len(there) else None
