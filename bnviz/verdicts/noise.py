"""Whether the noise of batch statistics helps: small chunks held against the whole batch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from bnviz.axes import PLAIN
from bnviz.verdicts import criteria

if TYPE_CHECKING:
    from bnviz.experiments.noise import NoiseResult

Outcome = Literal[
    "lost", "one size", "nobody", "whole lost", "only smaller", "helps", "little", "no help"
]
Tells = Literal["yes", "no chunks", "not learned"]
Change = Literal["lower", "higher", "same", "open"]
Where = Literal["two", "between", "whole", "several", "nowhere"]
Numbers = NDArray[np.floating]

WHOLE = -1
"""The row of BN with statistics over the whole batch."""
PAIR = 2
"""A chunk in which a normalized value can only say which of two was the larger."""
FOUR = 4
"""The ghost batch size that is best at the page's own settings."""
OVERFITTED = 2.0
"""Times its training loss: a test loss above it."""
LEVEL = 0.01
"""Of a loss: two that are closer, by their medians, are the same."""


@dataclass(frozen=True, kw_only=True)
class Chunks:
    """BN in chunks of one size. NaN: in most seeds it diverged."""

    size: int  # samples that share their statistics
    accuracy: float  # test, the median of the seeds


@dataclass(frozen=True, kw_only=True)
class Contrast:
    """A loss in chunks of one size, beside that of the whole batch; medians of the seeds."""

    size: int
    here: float
    whole: float
    lower: int  # in how many seeds it is lower than that of the whole batch
    change: Change  # from the whole batch to here; open: medians and most seeds disagree


@dataclass(frozen=True, kw_only=True)
class Turning:
    """The last record at which the whole batch was clearly ahead of what won in the end."""

    step: int
    chunked: float  # test accuracy
    whole: float


@dataclass(frozen=True, kw_only=True)
class Lost:
    """Networks that diverged."""

    size: int | None  # of their chunks; None: plain
    seeds: int


@dataclass(frozen=True, kw_only=True)
class NoiseVerdict:
    """BN by chunk size. Accuracies are those at the end, of the median seed."""

    outcome: Outcome
    wrong: float  # share of the training labels
    tells: Tells  # whether chunk sizes can be compared, and with a whole batch that learned
    seeds: int
    plain: float
    chunks: tuple[Chunks, ...]  # the last is the whole batch
    best: Chunks | None  # of equals, the largest; None: all diverged
    level: tuple[int, ...]  # the sizes that are about as accurate as the best
    where: Where  # these are
    smaller: Chunks | None  # the most accurate of the smaller chunks
    score: criteria.Score  # these, and the whole batch
    close: bool  # whether these two are about the same, by their medians
    fit: Contrast | None  # training loss of these
    new: Contrast | None  # test loss of these
    lowest: Contrast | None  # test loss of the smaller chunks in which it is lowest
    turning: Turning | None  # where the noise helps in the end
    learned_loss: float  # training loss of the whole batch
    new_loss: float  # its test loss
    pairs: Literal["falls", "stands"] | None  # test accuracy in chunks of two
    below: tuple[int, ...] | None  # sizes whose accuracy is below plain's; None: plain diverged
    four: criteria.Leader | None  # ghost batches of 4, first, and the whole batch; None: not there
    span: tuple[float, float]  # the lowest and the highest accuracy of BN
    spread: bool  # whether these two clearly differ
    lost: tuple[Lost, ...]

    @property
    def whole(self) -> Chunks:
        return self.chunks[-1]

    @property
    def overfitted(self) -> bool:
        """Whether the whole batch had anything to regularize."""
        return self.new_loss > OVERFITTED * self.learned_loss


def judge(result: NoiseResult) -> NoiseVerdict:
    """Whether a smaller chunk beats the whole batch, and by what: fitting less, or more."""
    ends, middle = result.test_accuracy[..., -1], _usual(result.test_accuracy[..., -1])
    row, tells = _smaller(middle), _tells(result, middle)
    outcome, top = _outcome(result, ends, middle), best(ends)
    known = np.flatnonzero(np.isfinite(middle[1:])) + 1
    order = known[np.argsort(middle[known])] if len(known) else [WHOLE]
    level_ = level(ends)
    return NoiseVerdict(
        outcome=outcome,
        wrong=result.config.wrong_labels,
        tells=tells,
        seeds=result.config.seeds,
        plain=float(middle[PLAIN]),
        chunks=tuple(_chunks(result, middle, place) for place in range(1, len(middle))),
        best=None if top is None else _chunks(result, middle, top),
        level=tuple(int(result.chunks[place - 1]) for place in level_),
        where=_where(result, middle, level_),
        smaller=None if row is None else _chunks(result, middle, row),
        score=criteria.score(ends[row or WHOLE], ends[WHOLE]),
        close=criteria.same_accuracy(float(middle[row or WHOLE]), float(middle[WHOLE])),
        fit=_contrast(result, result.train_loss, row),
        new=_contrast(result, result.test_loss, row),
        lowest=_contrast(result, result.test_loss, _lowest(result)),
        turning=_turning(result, row) if outcome == "helps" else None,
        learned_loss=criteria.usual(result.train_loss[WHOLE, :, -1]),
        new_loss=criteria.usual(result.test_loss[WHOLE, :, -1]),
        pairs=_pairs(result, ends) if tells == "yes" else None,
        below=_below(result, middle),
        four=_four(result, ends),
        span=(float(middle[order[0]]), float(middle[order[-1]])),
        spread=criteria.clearly(ends[order[-1]], ends[order[0]]) == "first",
        lost=tuple(_lost(result)),
    )


def _usual(values: Numbers) -> NDArray[np.float64]:
    """Of values (rows, seeds), the usual one of each row."""
    return np.array([criteria.usual(row) for row in values])


def _chunks(result: NoiseResult, middle: Numbers, row: int) -> Chunks:
    return Chunks(size=int(result.chunks[row - 1]), accuracy=float(middle[row]))


def best(accuracy: Numbers) -> int | None:
    """The row of the most accurate BN network, of (1 + C, seeds); None: all diverged.

    Of equals, the one with the largest chunks, which has the least noise.
    """
    return _highest(_usual(accuracy)[1:])


def _highest(middle: Numbers) -> int | None:
    """The row, from 1, of the last of the highest of BN's accuracies, (C,)."""
    if not np.isfinite(middle).any():
        return None
    return len(middle) - int(np.nanargmax(middle[::-1]))


def level(accuracy: Numbers) -> tuple[int, ...]:
    """The rows, of (1 + C, seeds), than which the best BN network is not clearly better."""
    top = best(accuracy)
    if top is None:
        return ()
    rows = range(1, len(accuracy))
    return tuple(r for r in rows if criteria.clearly(accuracy[top], accuracy[r]) == "neither")


def _smaller(middle: Numbers) -> int | None:
    """The row to hold against the whole batch: the most accurate of the smaller chunks."""
    return _highest(middle[1:WHOLE])


def _tells(result: NoiseResult, middle: Numbers) -> Tells:
    if _smaller(middle) is None:
        return "no chunks"
    return "yes" if _learned(result, middle[WHOLE]) else "not learned"


def _learned(result: NoiseResult, accuracy: float) -> bool:
    return criteria.learned(accuracy, result.config.data().classes)


def _outcome(result: NoiseResult, ends: Numbers, middle: Numbers) -> Outcome:
    top, row = best(ends), _smaller(middle)
    if top is None:
        return "lost"
    if len(result.chunks) == 1:
        return "one size"
    if not _learned(result, middle[top]):
        return "nobody"
    if np.isnan(middle[WHOLE]):
        return "whole lost"
    if row is None:
        return "no help"
    leader = criteria.clearly(ends[row], ends[WHOLE])
    if leader == "first":
        return "helps" if _learned(result, middle[WHOLE]) else "only smaller"
    return "little" if leader == "neither" and middle[row] > middle[WHOLE] else "no help"


def _where(result: NoiseResult, middle: Numbers, rows: tuple[int, ...]) -> Where:
    """What kind of chunks the most accurate ones are; several: of more than one kind."""
    if not rows or not _learned(result, float(np.nanmax(middle[1:]))):
        return "nowhere"
    whole = len(result.chunks)
    kinds: set[Where] = {
        "whole" if row == whole else "two" if result.chunks[row - 1] == PAIR else "between"
        for row in rows
    }
    return kinds.pop() if len(kinds) == 1 else "several"


def _lowest(result: NoiseResult) -> int | None:
    """The row of the smaller chunks with the lowest test loss."""
    return _highest(-_usual(result.test_loss[1:WHOLE, :, -1]))


def _contrast(result: NoiseResult, loss: Numbers, row: int | None) -> Contrast | None:
    """A loss, (1 + C, seeds, T), of this row at the end, beside that of the whole batch."""
    if row is None:
        return None
    here, whole = loss[row, :, -1], loss[WHOLE, :, -1]
    middle = criteria.usual(here), criteria.usual(whole)
    if not np.isfinite(middle).all():
        return None
    score = criteria.score(here, whole, lowest=True)
    return Contrast(
        size=int(result.chunks[row - 1]),
        here=middle[0],
        whole=middle[1],
        lower=score.first,
        change=_change(*middle, score),
    )


def _change(here: float, whole: float, score: criteria.Score) -> Change:
    """By the medians and in most seeds."""
    if abs(here - whole) <= LEVEL * whole:
        return "same"
    if here < whole:
        return "lower" if score.leader == "first" else "open"
    return "higher" if score.leader == "second" else "open"


def _turning(result: NoiseResult, row: int | None) -> Turning | None:
    """Not at step 0, where nobody has learned."""
    accuracy = result.test_accuracy
    for column in range(len(result.steps) - 1, 0, -1):
        chunked, whole = accuracy[row or WHOLE, :, column], accuracy[WHOLE, :, column]
        if criteria.clearly(whole, chunked) == "first":
            return Turning(
                step=int(result.steps[column]),
                chunked=criteria.usual(chunked),
                whole=criteria.usual(whole),
            )
    return None


def _pairs(result: NoiseResult, ends: Numbers) -> Literal["falls", "stands"] | None:
    """What became of chunks of 2, beside the whole batch."""
    if result.chunks[0] != PAIR or np.isnan(criteria.usual(ends[1])):
        return None
    return "falls" if criteria.clearly(ends[WHOLE], ends[1]) == "first" else "stands"


def _below(result: NoiseResult, middle: Numbers) -> tuple[int, ...] | None:
    if np.isnan(middle[PLAIN]):
        return None
    return tuple(int(size) for size in result.chunks[middle[1:] < middle[PLAIN]])


def _four(result: NoiseResult, ends: Numbers) -> criteria.Leader | None:
    """Who is clearly better: ghost batches of 4, or the whole batch."""
    rows = np.flatnonzero(result.chunks[:WHOLE] == FOUR) + 1
    if not len(rows) or np.isnan(_usual(ends[[rows[0], WHOLE]])).any():
        return None
    return criteria.clearly(ends[rows[0]], ends[WHOLE])


def _lost(result: NoiseResult) -> list[Lost]:
    numbers = criteria.diverged(result.diverged_at).sum(axis=1)
    sizes = (None, *(int(size) for size in result.chunks))
    return [Lost(size=size, seeds=int(n)) for size, n in zip(sizes, numbers, strict=True) if n]
