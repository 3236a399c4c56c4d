"""The class board: where the runs of many readers ended, and no more of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

import numpy as np
from numpy.typing import NDArray

from bnviz.axes import NEVER
from bnviz.experiments.bounds import TooLargeError, bounded
from bnviz.experiments.jobs import Report, side_by_side, silent
from bnviz.experiments.kept import Kept
from bnviz.experiments.lab_config import LabConfig
from bnviz.experiments.lab_knobs import NOTHING
from bnviz.experiments.pair import diverged_at
from bnviz.experiments.result import Axes, Floats, Result, Whole
from bnviz.experiments.settings import WORK_LIMIT
from bnviz.experiments.training import training

TOGETHER = 10 * WORK_LIMIT
"""Seconds of one slow core that a whole board may take; sixty runs as the lab opens are a third."""


@dataclass(frozen=True, kw_only=True, repr=False)
class EndResult(Result):
    """Where one run ended."""

    config: LabConfig
    accuracies: Annotated[Floats, Axes("seed", "test accuracy at the end, inference mode")]
    diverged_at: Annotated[Whole, Axes("seed", "step; empty: never", maybe=True)]

    def final(self) -> NDArray[np.float64]:
        """Test accuracy at the end, (seeds,); NaN where it diverged."""
        end = self.accuracies.astype(np.float64)
        return np.where(self.diverged_at == NEVER, end, np.nan)


@dataclass(frozen=True)
class Entry:
    """One run on the board: its number in the list, the name it has there, and where it ended."""

    number: int  # from 1
    name: str  # "": none
    result: EndResult


@dataclass(frozen=True)
class Piece:
    """One run that is to be trained for the board."""

    number: int  # in the list, from 1
    name: str
    config: LabConfig  # as far as one run may go, and nothing is measured on the way
    shortened: bool


@dataclass(frozen=True)
class Work:
    """What a board has to train."""

    pieces: list[Piece]
    left_out: int  # runs: too large, or all together would take too long

    def entries(self, results: Sequence[EndResult]) -> list[Entry]:
        """Those of the first pieces, of which there are results."""
        done = zip(self.pieces, results, strict=False)
        return [Entry(piece.number, piece.name, result) for piece, result in done]


def work(kept: Sequence[Kept]) -> Work:
    """The runs of the list that are shown, in its order, as many as may be trained together.

    A run that several readers have is trained once.
    """
    seconds, pieces, shown, known = 0.0, list[Piece](), 0, set[LabConfig]()
    for number, one in enumerate(kept, start=1):
        if not one.shown:
            continue
        shown += 1
        piece = _piece(number, one)
        if piece is None:
            continue
        more = 0.0 if piece.config in known else piece.config.work() / 2  # of two runs like it
        if seconds + more <= TOGETHER:
            seconds += more
            known.add(piece.config)
            pieces.append(piece)
    return Work(pieces, shown - len(pieces))


def _piece(number: int, one: Kept) -> Piece | None:
    """None: not even one step of one seed fits."""
    wanted = one.config.model_copy(update={"diagnostic": NOTHING})
    try:
        config = wanted.affordable()
    except TooLargeError:
        return None
    return Piece(number, one.name, config, config != wanted)


@bounded
def run(config: LabConfig, report: Report = silent, workers: int = 2) -> EndResult:
    """Train one run and look at its end alone: the numbers are those of the lab's run, bit by bit.

    Between, nothing is recorded, so that sixty runs hold sixty numbers a seed.
    """
    end = [config.total_steps]
    jobs = {"run": training(config, record_at=end)}
    history = side_by_side(jobs, config.total_steps, report, workers)["run"]
    return EndResult(
        config=config,
        accuracies=history.test_accuracies[:, -1],
        diverged_at=diverged_at(history),
    )
